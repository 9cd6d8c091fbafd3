"""Malformed input of the networks: said by name, with its value and a remedy, before any training.

The tables have the columns: what is wrong, the call, the error, and what its text must hold of the
argument, of its value and of the remedy.
"""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GroupKFold, KFold, PredefinedSplit

from rnnselect import RNNClassifier, RNNRegressor

PANEL = np.random.default_rng(0).normal(size=(30, 6, 2))
SERIES = PANEL[:, :, 0]
RAGGED = [sequence[: 4 + i % 3] for i, sequence in enumerate(PANEL)]
TOKENS = [[1, 2, 3], [2, 4]] * 15
LABELS = np.arange(30) % 3
VALUES = PANEL[:, 0, 0]
ONES = np.ones(30)
ARRAYS = "list of arrays"  # all forms of X end so
ENCODE = "Encode text and categories"


def objects(*elements):
    array = np.empty(len(elements), dtype=object)
    array[:] = elements
    return array


def replaced(array, where, value):
    array = array.copy()
    array[where] = value
    return array


def fit(X=PANEL, y=LABELS, *, network=RNNClassifier, sample_weight=None, groups=None, **settings):
    network(**settings).fit(X, y, sample_weight=sample_weight, groups=groups)


def fit_tokens(X, **settings):
    fit(X, embedding_dim=2, **settings)


# fmt: off
SEQUENCES = {
    "None": (lambda: fit(None), ValueError, "^X ", "NoneType", ARRAYS),
    "number": (lambda: fit(3.5), ValueError, "^X ", "type float", ARRAYS),
    "text": (lambda: fit("a long text"), ValueError, "^X ", "type str", ARRAYS),
    "bytes": (lambda: fit(b"a long text"), ValueError, "^X ", "type bytes", ARRAYS),
    "dict": (lambda: fit({"a": PANEL}), ValueError, "^X ", "type dict", ARRAYS),
    "set": (lambda: fit({1, 2}), ValueError, "^X ", "type set", ARRAYS),
    "generator": (lambda: fit(x for x in PANEL), ValueError, "^X ", "type generator", r"list\(X\)"),
    "map": (lambda: fit(map(np.asarray, RAGGED)), ValueError, "^X ", "type map", r"list\(X\)"),
    "values of a dict": (lambda: fit(dict(enumerate(RAGGED)).values()), ValueError,
        "^X ", "type dict_values", r"list\(X\)"),
    "generator of tokens": (lambda: fit_tokens(x for x in TOKENS), ValueError,
        "^X ", "type generator", r"list\(X\)"),
    "generator among arrays": (lambda: fit([*RAGGED[:29], iter([1.0])]), ValueError,
        r"^X\[29\]", "type list_iterator", r"list\(X\[29\]\)"),
    "class": (lambda: fit(RNNClassifier), ValueError, "^X ", "type type", ARRAYS),
    "empty list": (lambda: fit([], []), ValueError, "^X", r"\[\]", "at least one sequence"),
    "empty object array": (lambda: fit(objects()), ValueError,
        "^X", r"\[\]", "at least one sequence"),
    "no samples": (lambda: fit(PANEL[:0], LABELS[:0]), ValueError,
        "^X", r"\(0, 6, 2\)", "at least one sequence"),
    "no time steps": (lambda: fit(PANEL[:, :0]), ValueError,
        "^X", r"\(30, 0, 2\)", "at least one time step"),
    "no channels": (lambda: fit(PANEL[:, :, :0]), ValueError,
        "^X", r"\(30, 6, 0\)", "one channel"),
    "one dimension": (lambda: fit(VALUES), ValueError,
        "^X", r"1 dimension\(s\)", r"X\.reshape\(1, -1\)"),
    "four dimensions": (lambda: fit(PANEL[None]), ValueError, "^X", r"4 dimension\(s\)", ARRAYS),
    "list of numbers": (lambda: fit([1.0] * 30), ValueError,
        "^X", r"1 dimension\(s\)", r"X\.reshape\(1, -1\)"),
    "texts": (lambda: fit(["good", "bad"] * 15), ValueError, "^X", "dtype <U4", ENCODE),
    "table of texts": (lambda: fit(np.full((30, 6), "a")), ValueError, "^X", "dtype <U1", ENCODE),
    "panel of texts": (lambda: fit(np.full((30, 6, 2), "a")), ValueError,
        "^X", "dtype <U1", ENCODE),
    "records": (lambda: fit(np.zeros((30, 6), [("a", int)])), ValueError,
        "^X", r"dtype \[\('a'", "real numbers"),
    "dates": (lambda: fit(np.zeros((30, 6), "M8[s]")), ValueError,
        "^X", r"datetime64\[s\]", "time that has passed, e.g. in seconds"),
    "spans of time": (lambda: fit(np.zeros((30, 6, 2), "m8[s]")), ValueError,
        "^X", r"timedelta64\[s\]", "time that has passed, e.g. in seconds"),
    "complex": (lambda: fit(PANEL + 1j), ValueError, "^X", "complex128", "two channels"),
    "sparse": (lambda: fit(csr_array(SERIES)), ValueError, "^X", "csr_array", r"X\.toarray\(\)"),
    "list of objects": (lambda: fit([object()] * 30), ValueError, r"^X\[0\]", "object", ARRAYS),
    "list of None": (lambda: fit([None] * 30), ValueError, r"^X\[0\]", "NoneType", ARRAYS),
    "array of dicts": (lambda: fit(objects(*[{}] * 30)), ValueError, r"^X\[0\]", "dict", ARRAYS),
    "None among arrays": (lambda: fit([*RAGGED[:29], None]), ValueError,
        r"^X\[29\]", "object", "Put NaN where a value is missing"),
    "text among arrays": (lambda: fit([*RAGGED[:29], "abc"]), ValueError,
        r"^X\[29\]", "dtype <U3", ENCODE),
    "number among arrays": (lambda: fit([*RAGGED[:29], 3.5]), ValueError,
        r"^X\[29\]", r"shape \(\)", r"of shape \(n_timesteps,\)"),
    "lists of unequal lengths": (lambda: fit([[1, 2], [3]] * 15), ValueError,
        "^X", "unequal lengths", r"np\.asarray\(x\)"),
    "other channels": (lambda: fit([*RAGGED[:29], np.ones((4, 3))]), ValueError,
        r"^X\[29\]", r"3 channel\(s\) and X\[0\] has 2", "must have the same channels"),
    "empty sequence": (lambda: fit([*RAGGED[:29], np.ones((0, 2))]), ValueError,
        r"^X\[29\]", "length 0", "drop empty sequences"),
    "cube among sequences": (lambda: fit([*RAGGED[:29], np.ones((2, 2, 2))]), ValueError,
        r"^X\[29\]", r"\(2, 2, 2\)", r"of shape \(n_timesteps,\)"),
    "missing value": (lambda: fit(replaced(PANEL, (3, 2, 1), np.nan)), ValueError,
        r"^X\[3\]", "NaN.* time step 2, channel 1", 'missing="mask"'),
    "missing value in a table": (lambda: fit(replaced(SERIES, (3, 2), np.nan)), ValueError,
        r"^X\[3\]", "NaN.* time step 2", 'missing="mask"'),
    "None in a frame": (lambda: fit(pd.DataFrame({"a": [None] * 30, "b": ONES})), ValueError,
        r"^X\[0\]", "NaN.* time step 0", 'missing="mask"'),
    "nothing but missing values": (lambda: fit(replaced(PANEL, 4, np.nan), missing="mask"),
        ValueError, r"^X\[4\]", "only missing values", "drop"),
    "infinity": (lambda: fit(replaced(PANEL, (3, 2, 1), np.inf)), ValueError,
        r"^X\[3\]", "infinity.* time step 2, channel 1", "clip or remove"),
    "minus infinity": (lambda: fit([*RAGGED[:29], np.full((4, 2), -np.inf)]), ValueError,
        r"^X\[29\]", "infinity.* time step 0, channel 0", "clip or remove"),
    "huge": (lambda: fit(replaced(PANEL, (3, 2, 1), 1e39)), ValueError,
        r"^X\[3\]", "too large for float32", "clip or remove"),
    "huge whole numbers": (lambda: fit([[10**400] * 6] * 30), ValueError,
        "^X", "dtype object", "real numbers"),
    "negative token": (lambda: fit_tokens([*TOKENS[:29], [-3]]), ValueError,
        "^X", "token id -3", "Shift negative ids.*where they are padding, put 0"),
    "fraction among tokens": (lambda: fit_tokens([*TOKENS[:29], [1.5]]), ValueError,
        "^X", "not whole numbers", "embedding_dim=None"),
    "missing token": (lambda: fit_tokens(replaced(SERIES, (0, 0), np.nan)), ValueError,
        r"^X\[0\]", "NaN.* time step 0", "embedding_dim=None"),
    "huge token": (lambda: fit_tokens([*TOKENS[:29], [2**40]]), ValueError,
        "^X", "token id 1099511627776", "Number the tokens 1, 2"),
    "token beyond the vocabulary": (lambda: fit_tokens(TOKENS, vocabulary_size=4), ValueError,
        "^X", "token id 4, but the vocabulary has 4", "vocabulary_size=5"),
    "texts for tokens": (lambda: fit_tokens(["a b"] * 30), ValueError,
        r"^X\[0\]", "dtype <U3", "integer token ids"),
    "panel for tokens": (lambda: fit_tokens(PANEL), ValueError,
        "^X", r"\(30, 6, 2\)", "embedding_dim=None"),
    "channels of tokens": (lambda: fit_tokens(list(np.ones((30, 4, 2), int))), ValueError,
        "^X", "2 channels", "embedding_dim=None"),
    "nothing but padding": (lambda: fit_tokens([*TOKENS[:29], [0, 0]]), ValueError,
        r"^X\[29\]", "only padding", "drop it"),
    "no token": (lambda: fit_tokens([*TOKENS[:29], []]), ValueError,
        r"^X\[29\]", "length 0", "drop empty sequences"),
}

TARGETS_AND_SETTINGS = {
    "no y": (lambda: fit(y=None), ValueError, "target y", "None", "requires y to be passed"),
    "no y of a regression": (lambda: fit(y=None, network=RNNRegressor), ValueError,
        "target y", "None", "requires y to be passed"),
    "short y": (lambda: fit(y=LABELS[:29]), ValueError,
        "^y", r"29 sample\(s\) and X has 30", "one target for each sequence"),
    "empty y": (lambda: fit(y=[]), ValueError,
        "^y", r"0 sample\(s\) and X has 30", "one target for each sequence"),
    "one class": (lambda: fit(y=np.full(30, "a")), ValueError,
        "^y", r"1 class only \(\['a'\]", "at least two classes"),
    "one class with a weight": (lambda: fit(sample_weight=LABELS == 1), ValueError,
        "^y", "1 class only", "at least two classes"),
    "y of NaN": (lambda: fit(y=np.where(LABELS == 1, np.nan, 1.0)), ValueError,
        "^y", "NaN", "one label"),
    "y of infinity": (lambda: fit(y=np.inf * ONES, network=RNNRegressor), ValueError,
        "^y", "infinity", "finite numbers"),
    "y of real values": (lambda: fit(y=VALUES), ValueError, "^y", "continuous", "use RNNRegressor"),
    "cube of y": (lambda: fit(y=np.zeros((30, 2, 2)), network=RNNRegressor), ValueError,
        "^y", "dim 3", "one row of them"),
    "texts for values": (lambda: fit(y=np.full(30, "a"), network=RNNRegressor), ValueError,
        "^y", "'a'", "finite numbers"),
    "None among labels": (lambda: fit(y=objects(*[None, "a", "b"] * 10)), ValueError,
        "^y", "unknown", "none of them missing"),
    "complex y": (lambda: fit(y=LABELS + 1j), ValueError, "^y", "Complex", "one label"),
    "y is a number": (lambda: fit(y=3), ValueError, "^y", "int", "one target for each sequence"),
    "y is a generator": (lambda: fit(y=(label for label in LABELS)), ValueError,
        "^y", "generator", "one target for each sequence"),
    "y is a set": (lambda: fit(y=set(range(30)), network=RNNRegressor), ValueError,
        "^y", "'set'", "finite numbers"),
    "weights as text": (lambda: fit(sample_weight="balanced"), ValueError,
        "^sample_weight", "'balanced'", "30 numbers of at least 0"),
    "weights of NaN": (lambda: fit(sample_weight=np.nan * ONES), ValueError,
        "^sample_weight", "NaN", "30 numbers of at least 0"),
    "weights of infinity": (lambda: fit(sample_weight=np.inf * ONES), ValueError,
        "^sample_weight", "infinity", "30 numbers of at least 0"),
    "table of weights": (lambda: fit(sample_weight=np.ones((30, 2))), ValueError,
        "^sample_weight", "[12]D array", "30 numbers of at least 0"),
    "missing groups": (lambda: fit(groups=[None] * 30), ValueError,
        "^groups", "'NoneType'", "none of them missing"),
    "groups of two types": (lambda: fit(groups=objects(*[1, "a"] * 15)), ValueError,
        "^groups", "'str' and 'int'", "numbers or texts"),
    "splitter without splits": (lambda: fit(validation_fraction=PredefinedSplit(-ONES)),
        ValueError, "^validation_fraction", "no split of 30 samples", "another splitter"),
    "number as callback": (lambda: fit(callbacks=[3]), ValueError,
        r"^callbacks\[0\]", "=3", r"keras\.callbacks\.Callback"),
    "huge targets": (lambda: fit(y=1e40 * ONES, network=RNNRegressor), ValueError,
        "^y", r"1e\+40", "divide the targets"),
    "negative weight": (lambda: fit(sample_weight=replaced(ONES, 3, -1.0)), ValueError,
        "^sample_weight", r"-1\.0", "drop such samples"),
    "no weight at all": (lambda: fit(sample_weight=0 * ONES), ValueError,
        "(?i)sample.weight", "zero", "at least one"),
    "short weights": (lambda: fit(sample_weight=ONES[:29]), ValueError,
        "sample_weight", r"\(29,\)", r"expected \(30,\)"),
    "short groups": (lambda: fit(groups=LABELS[:29]), ValueError,
        "^groups", r"\(29,\)", "one group for each sequence"),
    "table of groups": (lambda: fit(groups=np.c_[LABELS, LABELS]), ValueError,
        "^groups", r"\(30, 2\)", "one group for each sequence"),
    "text for groups": (lambda: fit(groups="abc"), ValueError,
        "^groups", r"\(\)", "one group for each sequence"),
    "unknown cell": (lambda: fit(cell="rnn"), ValueError, "'cell'", "'rnn'", "a str among"),
    "half a unit": (lambda: fit(units=2.5), ValueError, "'units'", r"2\.5", "must be an int"),
    "layers as text": (lambda: fit(num_layers="2"), ValueError,
        "'num_layers'", "'2'", "must be an int"),
    "everything dropped": (lambda: fit(dropout=1.0), ValueError,
        "'dropout'", r"1\.0 instead", r"range \[0\.0, 1\.0\)"),
    "time as text": (lambda: fit(max_seconds="1min"), ValueError,
        "'max_seconds'", "'1min'", "must be None or a float"),
    "seed as text": (lambda: fit(random_state="zero"), ValueError,
        "'random_state'", "'zero'", "must be an int"),
    "class weights as text": (lambda: fit(class_weight="heavy"), ValueError,
        "'class_weight'", "'heavy'", "must be an instance of 'dict'"),
    "negative class weight": (lambda: fit(class_weight={0: -1.0}), ValueError,
        "class_weight", r"\{0: -1\.0\}", "a number of at least 0"),
    "weight of another class": (lambda: fit(class_weight={7: 1.0}), ValueError,
        "class_weight", r"classes, \[0, 1, 2\]", "not in class_weight"),
    "targets half scaled": (lambda: fit(network=RNNRegressor, scale_targets=0.5), ValueError,
        "'scale_targets'", r"0\.5", "must be an instance of 'bool'"),
    "three validation parts": (lambda: fit(validation_fraction=(1, 2, 3)), ValueError,
        "validation_fraction", "tuple of 3", r"\(X_val, y_val\)"),
    "labels unseen in training": (lambda: fit(validation_fraction=(PANEL, LABELS + 2)),
        ValueError, "validation_fraction: y_val", r"\[3, 4\]", r"its classes are \[0, 1, 2\]"),
    "more folds than samples": (lambda: fit(validation_fraction=KFold(31)), ValueError,
        "n_splits", "31", "greater than the number of samples"),
    "folds of groups that are not given": (lambda: fit(validation_fraction=GroupKFold(3)),
        ValueError, "'groups'", "None", "should not be None"),
}
# fmt: on


@pytest.mark.parametrize("name", SEQUENCES)
def test_sequences(refuse, name):
    refuse(*SEQUENCES[name])


@pytest.mark.parametrize("name", TARGETS_AND_SETTINGS)
def test_targets_and_settings(refuse, name):
    refuse(*TARGETS_AND_SETTINGS[name])


# --- prediction ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fitted(tiny, digits):
    """Return one network for each kind of sequences; their programs are those of other tests."""
    return {
        "panel": tiny.classifier().fit(digits.panel, digits.names),
        "series": tiny.classifier().fit(digits.series, digits.names),
        "frame": tiny.classifier().fit(digits.frame, digits.names),
        "tokens": tiny.classifier(embedding_dim=2, vocabulary_size=6).fit(
            digits.tokens, digits.names
        ),
        "unknown": tiny.classifier(),
        "regressor": tiny.regressor().fit(digits.panel, digits.ink),
    }


TWO = np.ones((2, 8, 2))
# Columns: what is wrong, the network, X, the error, argument, value, remedy.
# fmt: off
PREDICTIONS = {
    "not fitted": ("unknown", TWO, NotFittedError, "RNNClassifier", "not fitted", "Call 'fit'"),
    "other channels": ("panel", np.ones((2, 8, 3)), ValueError,
        "^X", r"3 channel\(s\)", r"expecting 2 channel\(s\)"),
    "other channels of lists": ("regressor", [np.ones((5, 3))], ValueError,
        "^X", r"3 channel\(s\)", r"expecting 2 channel\(s\)"),
    "other time steps": ("series", np.ones((2, 9)), ValueError, "^X", "9 features", "expecting 8"),
    "table for a panel": ("panel", np.ones((2, 9)), ValueError,
        "^X", "series input", "give X in the same form"),
    "panel for a table": ("series", TWO, ValueError,
        "^X", "panel input", "give X in the same form"),
    "lists for a table": ("series", [np.ones(8)] * 2, ValueError,
        "^X", "ragged input", "give X in the same form"),
    "columns in another order": ("frame",
        pd.DataFrame(np.ones((2, 8)), columns=[f"row{i}" for i in range(8)[::-1]]), ValueError,
        "feature names", "order", "as they were in fit"),
    "one sequence of a panel": ("panel", TWO[0], ValueError,
        "^X", r"\(8, 2\), which looks like one sequence", r"X\[:1\] in place of X\[0\]"),
    "one frame": ("panel", pd.DataFrame(TWO[0]), ValueError,
        "^X", r"\(8, 2\), which looks like one sequence", r"X\[:1\] in place of X\[0\]"),
    "one row of a table": ("series", TWO[0, 0], ValueError,
        "^X", r"1 dimension\(s\)", r"X\[:1\] in place of X\[0\]"),
    "one sequence of tokens": ("tokens", [1, 2, 3], ValueError,
        r"^X\[0\]", r"shape \(\)", r"X\[:1\] and not X\[0\]"),
    "generator": ("panel", (x for x in TWO), ValueError, "^X", "generator", r"list\(X\)"),
    "unknown token": ("tokens", [[1, 99]], ValueError,
        "^X", "token id 99, but the vocabulary has 6", "map unknown tokens"),
    "negative token": ("tokens", [[1, -1]], ValueError, "^X", "token id -1", "Shift negative ids"),
    "panel for tokens": ("tokens", TWO, ValueError, "^X", r"\(2, 8, 2\)", "embedding_dim=None"),
    "None": ("panel", None, ValueError, "^X", "NoneType", ARRAYS),
    "no samples": ("panel", TWO[:0], ValueError, "^X", r"\(0, 8, 2\)", "at least one sequence"),
    "missing value": ("panel", replaced(TWO, (1, 2, 1), np.nan), ValueError,
        r"^X\[1\]", "NaN.* time step 2, channel 1", 'missing="mask"'),
    "infinity": ("regressor", replaced(TWO, (1, 2, 1), np.inf), ValueError,
        r"^X\[1\]", "infinity", "clip or remove"),
    "huge": ("series", np.full((2, 8), -1e39), ValueError,
        r"^X\[0\]", "too large for float32", "clip or remove"),
    "texts": ("panel", np.full((2, 8, 2), "a"), ValueError, "^X", "dtype <U1", ENCODE),
    "sparse": ("series", csr_array(np.eye(8)), ValueError, "^X", "csr_array", r"X\.toarray\(\)"),
}
# fmt: on


@pytest.mark.parametrize("name", PREDICTIONS)
def test_predictions(refuse, fitted, name):
    network, X, *expected = PREDICTIONS[name]
    refuse(lambda: fitted[network].predict(X), *expected)
