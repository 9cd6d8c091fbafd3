"""Malformed input of `RNNAdvisor`: said by name, with its value and a remedy, before any training.

The tables have the columns: what is wrong, the call, the error, and what its text must hold of the
argument, of its value and of the remedy. More of its parameters are in `tests/test_advisor.py`.
"""

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from rnnselect import RNNAdvisor, RNNClassifier, RNNRegressor, SequenceTokenizer
from rnnselect.exceptions import BudgetTooSmallError

PANEL = np.random.default_rng(0).normal(size=(30, 6, 2))
LABELS = np.arange(30) % 3
ONES = np.ones(30)
TOKENS = [[1, 2, 3], [2, 4]] * 15
WORDS = make_pipeline(SequenceTokenizer(), RNNClassifier(embedding_dim=2))


def replaced(array, where, value):
    array = array.copy()
    array[where] = value
    return array


def plan(X=PANEL, y=LABELS, *, groups=None, **settings):
    RNNAdvisor(**settings).plan(X, y, groups=groups)


def recommend(X=PANEL, y=LABELS, *, sample_weight=None, groups=None, **settings):
    RNNAdvisor(**settings).recommend(X, y, sample_weight=sample_weight, groups=groups)


def fit(X=PANEL, y=LABELS, *, sample_weight=None, groups=None, **settings):
    RNNAdvisor(**settings).fit(X, y, sample_weight=sample_weight, groups=groups)


def sizes(n_samples=100, sequence_length=20, **further):
    RNNAdvisor().plan(n_samples=n_samples, sequence_length=sequence_length, **further)


def inside(**settings):
    fit(estimator=RNNClassifier(**settings))


# fmt: off
DATA = {
    "dict": (lambda: plan({"a": PANEL}), ValueError, "^X", "type dict", "list of arrays"),
    "objects": (lambda: recommend([object()] * 30), ValueError,
        r"^X\[0\]", "object", "list of arrays"),
    "unequal lists": (lambda: fit([[1, 2], [3]] * 15), ValueError,
        "^X", "unequal lengths", r"np\.asarray\(x\)"),
    "texts": (lambda: fit(["a text"] * 30), ValueError, "^X", "dtype <U6", "Encode text"),
    "texts without tokens": (lambda: plan(["?!"] * 30, estimator=WORDS), ValueError,
        "^X", "no token", "give other documents or another pattern"),
    "missing value": (lambda: fit(replaced(PANEL, (3, 2, 1), np.nan)), ValueError,
        r"^X\[3\]", "NaN.* time step 2, channel 1", 'missing="mask"'),
    "huge": (lambda: recommend(replaced(PANEL, (3, 2, 1), 1e39)), ValueError,
        r"^X\[3\]", "too large for float32", "clip or remove"),
    "negative token": (lambda: plan([*TOKENS[:29], [-3]],
        estimator=RNNClassifier(embedding_dim=2)), ValueError,
        "^X", "token id -3", "Shift negative ids"),
    "unknown token": (lambda: fit(TOKENS, estimator=RNNClassifier(embedding_dim=2,
        vocabulary_size=3)), ValueError,
        "^X", "token id 4, but the vocabulary has 3", "vocabulary_size=5"),
    "short y": (lambda: recommend(y=LABELS[:9]), ValueError,
        "^y", r"9 sample\(s\) and X has 30", "one target for each sequence"),
    "no y": (lambda: plan(y=None), ValueError, "target y", "None", "give one target"),
    "one class": (lambda: fit(y=np.full(30, 7)), ValueError, "^y", "7", "one class only"),
    "one sample": (lambda: fit(PANEL[:1], LABELS[:1]), ValueError, "^y", "0", "one class only"),
    "negative weight": (lambda: fit(sample_weight=replaced(ONES, 3, -1.0)), ValueError,
        "^sample_weight", r"-1\.0", "drop such samples"),
    "no weight at all": (lambda: recommend(sample_weight=0 * ONES), ValueError,
        "(?i)sample.weight", "zero", "at least one"),
    "short weights": (lambda: recommend(sample_weight=ONES[:9]), ValueError,
        "sample_weight", r"\(9,\)", r"expected \(30,\)"),
    "texts for values": (lambda: plan(y=np.full(30, "a"), estimator=RNNRegressor()), ValueError,
        "^y", "'a'", "give finite numbers"),
    "y of NaN": (lambda: plan(y=np.nan * ONES), ValueError, "^y", "NaN", "one label"),
    "groups as text": (lambda: plan(groups="abc"), ValueError,
        "^groups", r"shape \(\)", "one group for each"),
    "table of groups": (lambda: plan(groups=np.ones((30, 2))), ValueError,
        "^groups", r"\(30, 2\)", "one group for each"),
    "one group": (lambda: plan(groups=ONES), ValueError, "^cv", r"1 group\(s\)", "2 different"),
    "short groups": (lambda: plan(groups=LABELS[:9]), ValueError, "^groups", "9.*30", "give one"),
    "no sample": (lambda: sizes(n_samples=0), ValueError,
        "^n_samples", "=0", "a whole number of at least 1"),
    "half a step": (lambda: sizes(sequence_length=2.5), ValueError,
        "^sequence_length", r"2\.5", "a whole number of at least 1"),
    "no channel": (lambda: sizes(n_channels=0), ValueError,
        "^n_channels", "=0", "a whole number of at least 1"),
    "no output": (lambda: sizes(n_outputs=0), ValueError,
        "^n_outputs", "=0", "a whole number of at least 1"),
    "unknown task": (lambda: sizes(task="chess"), ValueError, "^task", "'chess'", "choose from"),
    "neither data nor sizes": (lambda: RNNAdvisor().plan(y=LABELS), ValueError,
        "X=None", "n_samples=None", "give X and y, or both sizes"),
}

SETTINGS = {
    "no cell": (lambda: fit(estimator=LogisticRegression()), ValueError,
        "LogisticRegression", "0 parameters called 'cell'", "cell_param"),
    "cells as text": (lambda: plan(cells="gru"), ValueError, "'cells'", "'gru'", "instance of 't"),
    "three cells": (lambda: plan(cells=("gru", "lstm", "rnn")), ValueError,
        "^cells", r"\('gru', 'lstm', 'rnn'\)", r"\('gru', 'lstm'\)"),
    "unknown cells": (lambda: plan(cells=("GRUs", "LSTM")), ValueError,
        "^cell", "'GRUs' is unknown", "give 'gru' or 'lstm'"),
    "negative folds": (lambda: plan(cv=-3), ValueError, "'cv'", "Got -3", r"range \[2, inf\)"),
    "folds as text": (lambda: fit(cv="five"), ValueError, "'cv'", "'five'", "must be an int"),
    "folds of nothing": (lambda: fit(cv=[]), ValueError, "^cv", r"\[\]", "give a list of splits"),
    "fold without a test": (lambda: recommend(cv=[([0, 1], [])]), ValueError,
        "^cv", "0 test samples", "both need at least one"),
    "rows that are not there": (lambda: plan(cv=[([0, 1], [99])]), ValueError,
        "^cv", r"array\(\[99\]\)", "train, test"),
    "splits of three parts": (lambda: plan(cv=[[1, 2, 3]]), ValueError,
        "^cv", "too many values", "train, test"),
    "rows as texts": (lambda: plan(cv=[(["a"], ["b"])]), ValueError, "^cv", "'a'", "train, test"),
    "class of networks": (lambda: plan(estimator=RNNClassifier), ValueError,
        "^estimator", "=RNNClassifier is a class", r"RNNClassifier\(\)"),
    "plan without units": (lambda: plan(estimator=RNNClassifier(units=0)), ValueError,
        "'units'", "Got 0", r"\[1, inf\)"),
    "labels of every step": (lambda: plan(estimator=RNNClassifier(return_sequences=True)),
        ValueError, "^return_sequences", "=True", "per_step_accuracy"),
    "labels unseen in a fold": (lambda: fit(cv=[([0, 3], [1])]), ValueError,
        "^cv", "split 0 trains on one class only", "shuffle or stratify"),
    "more folds than samples": (lambda: recommend(PANEL[:3], [0, 1, 0]), ValueError,
        "^cv", "3 samples", "between 2 and 3"),
    "negative gain": (lambda: plan(min_gain=-1), ValueError, "'min_gain'", "Got -1", r"\[0\.0,"),
    "rope of NaN": (lambda: plan(rope=np.nan), ValueError, "'rope'", "Got nan", r"\[0\.0, inf\)"),
    "high confidence": (lambda: plan(confidence="high"), ValueError,
        "'confidence'", "'high'", r"\(0\.5, 1\.0\)"),
    "scoring by number": (lambda: plan(scoring=3), ValueError,
        "'scoring'", "Got 3", "'str' or a callable"),
    "refit of nothing": (lambda: fit(refit=None), ValueError, "'refit'", "None", "'bool'"),
    "two jobs": (lambda: fit(n_jobs="two"), ValueError, "'n_jobs'", "'two'", "instance of 'int'"),
    "loud": (lambda: plan(verbose="loud"), ValueError, "'verbose'", "'loud'", "must be an int"),
    "seed as text": (lambda: plan(random_state="x"), ValueError,
        "'random_state'", "'x'", "must be an int"),
    "budget of a dict": (lambda: plan(budget={}), TypeError,
        "^budget", "type dict", "give seconds"),
    "budget of NaN": (lambda: plan(budget=np.nan), ValueError,
        "^budget", "=nan", "None for no limit"),
    "hopeless budget": (lambda: fit(budget=1e-9), BudgetTooSmallError,
        "^budget", "1e-09 s", r"Give budget=\d+ or more"),
    "network without units": (lambda: inside(units=0), ValueError,
        "'units'", "Got 0", r"\[1, inf\)"),
    "network that drops all": (lambda: inside(dropout=2), ValueError,
        "'dropout'", "Got 2", r"\[0\.0, 1\.0\)"),
    "network with half a validation part": (lambda: inside(validation_fraction=(PANEL,)),
        ValueError, "validation_fraction", "tuple of 1", r"\(X_val, y_val\)"),
    "weight of another class": (lambda: inside(class_weight={9: 1}), ValueError,
        "class_weight", r"classes, \[0, 1, 2\]", "not in class_weight"),
    "nothing recommended yet": (lambda: RNNAdvisor().recommend(), NotFittedError,
        "RNNAdvisor", "not fitted", "Call 'fit'"),
    "prediction before fit": (lambda: RNNAdvisor().predict(PANEL), NotFittedError,
        "RNNAdvisor", "not fitted", "Call 'fit'"),
    "score before fit": (lambda: RNNAdvisor(RNNRegressor()).score(PANEL, ONES), NotFittedError,
        "RNNAdvisor", "not fitted", "Call 'fit'"),
}
# fmt: on


@pytest.mark.parametrize("name", DATA)
def test_data_and_sizes(refuse, name):
    refuse(*DATA[name])


@pytest.mark.parametrize("name", SETTINGS)
def test_settings(refuse, name):
    refuse(*SETTINGS[name])
