"""What holds for every input: predictions by row, repeated fits, no traces.

Fits are few and tiny; what hypothesis varies is mostly the input of fitted networks.
"""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from rnnselect import RNNClassifier, RNNRegressor

KINDS = ["series", "panel", "ragged", "tokens"]
ROWS = st.lists(st.integers(0, 119), min_size=1, max_size=50)
of_a_prediction = settings(max_examples=20)
of_a_fit = settings(max_examples=4)


@pytest.fixture(scope="session")
def fitted(digits, tiny):
    """Return for each kind of sequences a network, the sequences and their probabilities."""
    found = {}
    for kind in KINDS:
        X = list(getattr(digits, kind))
        form = np.array if kind == "series" else list
        tokens = {"embedding_dim": 2, "vocabulary_size": 6} if kind == "tokens" else {}
        clf = tiny.classifier(**tokens)
        clf.fit(form(X), digits.names)
        found[kind] = clf, X, form, clf.predict_proba(form(X))
    return found


def weights_of(network):
    return np.concatenate([np.ravel(v) for v in network.model_.trainable_variables])


# --- predictions ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@of_a_prediction
@given(rows=ROWS, n_strangers=st.integers(0, 20), seed=st.integers(0, 9))
def test_a_prediction_depends_on_nothing_but_its_own_row(fitted, kind, rows, n_strangers, seed):
    clf, X, form, probabilities = fitted[kind]
    rng = np.random.default_rng(seed)
    own = [X[i] for i in rows]
    strangers = [rng.permutation(X[i]) for i in rng.integers(120, size=n_strangers)]
    order = rng.permutation(len(rows) + n_strangers)
    together = [(own + strangers)[i] for i in order]
    predicted = clf.predict_proba(form(together))[np.argsort(order)][: len(rows)]
    np.testing.assert_array_equal(predicted, probabilities[rows])


@of_a_prediction
@given(rows=ROWS, extra=st.integers(0, 30))
def test_longer_padding_changes_nothing(fitted, digits, rows, extra):
    clf, _, _, probabilities = fitted["ragged"]
    longer = np.pad(digits.padded[rows], ((0, 0), (0, extra), (0, 0)), constant_values=np.nan)
    np.testing.assert_array_equal(clf.predict_proba(longer), probabilities[rows])


@of_a_prediction
@given(rows=ROWS, extra=st.integers(0, 30))
def test_longer_padding_of_tokens_changes_nothing(fitted, digits, rows, extra):
    clf, _, _, probabilities = fitted["tokens"]
    longer = np.pad(digits.tokens[rows], ((0, 0), (0, extra)))
    np.testing.assert_array_equal(clf.predict_proba(longer), probabilities[rows])


@pytest.mark.parametrize("kind", KINDS)
def test_prediction_is_silent_and_changes_nothing(fitted, kind, capfd):
    clf, X, form, probabilities = fitted[kind]
    before = pickle.dumps({name: v for name, v in vars(clf).items() if name != "model_"})
    weights = weights_of(clf)
    clf.predict(form(X))
    np.testing.assert_array_equal(clf.predict_proba(form(X)), probabilities)
    assert capfd.readouterr() == ("", "")
    after = pickle.dumps({name: v for name, v in vars(clf).items() if name != "model_"})
    assert after == before
    np.testing.assert_array_equal(weights_of(clf), weights)


# --- parameters ----------------------------------------------------------------------------------

SHARES = st.floats(0, 1, exclude_max=True)
PARAMETERS = {
    "cell": st.sampled_from(["gru", "lstm"]),
    "units": st.integers(1, 99),
    "bidirectional": st.booleans(),
    "recurrent_dropout": SHARES,
    "embedding_dim": st.none() | st.integers(1, 9),
    "learning_rate": st.floats(0, exclude_min=True, allow_infinity=False),
    "clipnorm": st.none() | st.floats(0, exclude_min=True),
    "validation_fraction": SHARES | st.tuples(st.lists(st.integers()), st.lists(st.integers())),
    "missing": st.sampled_from(["error", "mask"]),
    "random_state": st.none() | st.integers(0, 2**32 - 1),
    "callbacks": st.none() | st.just([]),
}
OF_CLASSES = {
    "class_weight": st.none()
    | st.just("balanced")
    | st.dictionaries(st.text(), st.floats(0, allow_infinity=False)),
}


@pytest.mark.parametrize(
    ("network_class", "strategies"),
    [(RNNClassifier, PARAMETERS | OF_CLASSES), (RNNRegressor, PARAMETERS)],
)
@settings(max_examples=30)
@given(data=st.data())
def test_clone_keeps_every_parameter(network_class, strategies, data):
    given_ = data.draw(st.fixed_dictionaries({}, optional=strategies))
    network = network_class(**given_)
    expected = network_class().get_params() | given_
    assert network.get_params() == expected
    assert all(network.get_params()[name] is value for name, value in given_.items())
    assert clone(network).get_params() == expected
    assert network_class().set_params(**given_).get_params() == expected
    assert pickle.loads(pickle.dumps(network)).get_params() == expected


@of_a_fit
@given(
    class_weight=st.dictionaries(
        st.sampled_from(["zero", "one", "two"]), st.floats(0.1, 9), min_size=3
    ),
    rate=st.floats(1e-4, 0.5),
    early_stopping=st.booleans(),
    seed=st.integers(0, 9),
)
def test_fit_mutates_nothing(digits, tiny, class_weight, rate, early_stopping, seed):
    clf = tiny.classifier(
        class_weight=class_weight,
        learning_rate=rate,
        early_stopping=early_stopping,
        random_state=np.random.RandomState(seed) if early_stopping else seed,
    )
    arguments = [
        [row.copy() for row in digits.listed],
        digits.names.copy(),
        np.linspace(0, 2, 120),
        digits.writers.copy(),
    ]
    parameters = clf.get_params()
    before = copy.deepcopy((arguments, class_weight))
    clf.fit(*arguments)
    assert all(clf.get_params()[name] is value for name, value in parameters.items())
    np.testing.assert_equal((arguments, class_weight), before)


# --- fits ----------------------------------------------------------------------------------------


@of_a_fit
@given(first=st.sampled_from(["frame", "panel", "ragged"]), seed=st.integers(0, 2**31))
def test_fitting_twice_is_fitting_once(digits, tiny, first, seed):
    """Whatever the first fit was for: other sequences, other labels, another number of epochs."""
    twice = tiny.classifier(random_state=seed, epochs=1, learning_rate=0.5)
    twice.fit(getattr(digits, first), digits.names[::-1])
    twice.set_params(**tiny.parameters, cell="gru").set_params(random_state=seed)
    twice.fit(digits.panel, digits.names)
    once = tiny.classifier(random_state=seed).fit(digits.panel, digits.names)
    np.testing.assert_array_equal(weights_of(twice), weights_of(once))
    assert twice.history_ == once.history_
    assert vars(twice).keys() == vars(once).keys()


@of_a_fit
@given(order=st.permutations(["gru", "lstm"]), seed=st.integers(0, 9))
def test_the_cell_set_last_is_the_cell_fitted(digits, tiny, order, seed):
    clf = tiny.classifier(random_state=seed)
    for cell in order:
        clf.set_params(cell=cell).fit(digits.panel, digits.names)
        layers = {type(layer).__name__ for layer in clf.model_.layers}
        assert layers & {"GRU", "LSTM"} == {cell.upper()}
        fresh = tiny.classifier(random_state=seed, cell=cell).fit(digits.panel, digits.names)
        np.testing.assert_array_equal(weights_of(clf), weights_of(fresh))


# --- no traces -----------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ["compiled", "keras"])
def test_a_fit_is_silent_and_leaves_no_file(digits, tiny, engine, tmp_path, monkeypatch, capfd):
    clf = tiny.classifier(engine=engine, early_stopping=True)
    clf.fit(digits.panel, digits.names)  # the first one in a process may make TensorFlow talk
    capfd.readouterr()
    monkeypatch.chdir(tmp_path)
    pickle.dumps(clf.fit(digits.panel, digits.names))
    clf.predict(digits.panel)
    assert capfd.readouterr() == ("", "")
    assert list(tmp_path.iterdir()) == []
