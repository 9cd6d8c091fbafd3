"""What people type and forget: each is taken as it is meant, or the error names the remedy."""

import warnings

import keras
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, GroupKFold, PredefinedSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from rnnselect import RNNAdvisor, RNNClassifier, RNNRegressor, SequenceScaler, SequenceTokenizer
from rnnselect.recurrent import token_ids
from rnnselect.sequences.validation import read_sequences

SMALL = {"units": 3, "batch_size": 16, "epochs": 2, "random_state": 0}
TOKENS = {**SMALL, "embedding_dim": 2}


# --- the validation part of a splitter ------------------------------------------------------------


def test_a_splitter_knows_all_rows_and_weights_leave_some_out(data):
    fold = np.where(np.arange(60) % 4 == 0, 0, -1)
    weights = np.ones(60)
    weights[[0, 1, 4, 7]] = 0
    clf = RNNClassifier(**SMALL, validation_fraction=PredefinedSplit(fold))
    prepared = clf._prepare(data.panel, data.classes, weights)
    assert prepared.training.batch.n_samples == 45 - 2
    assert prepared.validation.batch.n_samples == 15 - 2
    weights[fold == 0] = 0
    assert clf._prepare(data.panel, data.classes, weights).validation is None


def test_splitters_that_do_not_fit(data):
    clf = RNNClassifier(**SMALL, validation_fraction=PredefinedSplit([-1, 0] * 50))
    with pytest.raises(ValueError, match=r"validation_fraction=.* there are 60 samples"):
        clf.fit(data.panel, data.classes)
    weights = np.arange(60) >= 30
    clf.set_params(validation_fraction=PredefinedSplit([-1] * 30 + [0] * 30))
    with pytest.raises(ValueError, match="leaves no sample with a weight above 0 to train on"):
        clf.fit(data.panel, data.classes, sample_weight=weights)


def test_a_splitter_with_groups_and_weights(data):
    groups, weights = np.arange(60) // 2, (np.arange(60) % 5 > 0).astype(float)
    clf = RNNClassifier(**SMALL, validation_fraction=GroupKFold(3))
    prepared = clf._prepare(data.panel, data.classes, weights, groups)
    assert prepared.training.batch.n_samples + prepared.validation.batch.n_samples == 48


# --- token ids ------------------------------------------------------------------------------------


@pytest.mark.parametrize("bidirectional", [False, True])
def test_padding_says_nothing_wherever_it_stands(data, bidirectional):
    clf = RNNClassifier(**TOKENS, bidirectional=bidirectional).fit(data.tokens, data.classes)
    proba = clf.predict_proba(data.tokens)
    inside = [[0, 0, *x[:2], 0, *x[2:], 0] for x in data.tokens]
    np.testing.assert_array_equal(clf.predict_proba(inside), proba)
    left = np.zeros((60, 12), int)
    for row, x in zip(left, data.tokens, strict=True):
        row[12 - len(x) :] = x
    np.testing.assert_array_equal(clf.predict_proba(left), proba)
    again = clone(clf).fit(left, data.classes)
    np.testing.assert_array_equal(again.predict_proba(data.tokens), proba)
    np.testing.assert_allclose(clf.model_.predict_on_batch(left), proba, atol=1e-6)


def test_no_sequence_reaches_keras_with_padding_inside():
    batch = read_sequences(
        np.array([[0, 3, 0, 4, 0], [5, 0, 0, 0, 6], [1, 2, 3, 0, 0]]), tokens=True
    )
    kept = token_ids.without_inner_padding(batch, labelled=False)
    assert kept.padded(np.arange(3), 3).tolist() == [[3, 4, 0], [5, 6, 0], [1, 2, 3]]
    assert token_ids.without_inner_padding(kept, labelled=True) is kept


def test_padding_inside_has_no_target():
    X, y = [[1, 2, 3], [1, 0, 2]] * 10, [[0, 1, 1], [0, 1, 1]] * 10
    clf = RNNClassifier(**TOKENS, return_sequences=True)
    with pytest.raises(ValueError, match=r"X\[1\] has the token id 0 at time step 1, before"):
        clf.fit(X, y)


@pytest.mark.parametrize("size", [None, 10**9])
def test_ids_without_end(monkeypatch, size):
    monkeypatch.setattr(token_ids, "available_bytes", lambda: 8 * 10**9)
    reg = RNNRegressor(**TOKENS, vocabulary_size=size)
    with pytest.raises(ValueError, match=r"ids up to 900000000, and 3 .* renumber the ids"):
        reg.fit([[1, 2, 900_000_000]] * 30, np.arange(30.0))


ARE_IDS = {
    "arrays": [np.array([5, 9, 3]), np.array([2, 7])] * 10,
    "many different ones": np.random.default_rng(0).zipf(1.2, size=(60, 40)).clip(0, 20_000),
}
ARE_NUMBERS = {
    "counts": np.random.default_rng(0).poisson(20, size=(60, 40)),
    "floats": [np.array([5.0, 9.0]), np.array([2.0])] * 10,
    "a level": np.random.default_rng(0).integers(-50, 50, size=(60, 40)).cumsum(axis=1) + 5000,
    "channels": [np.array([[5, 9]]), np.array([[2, 7], [1, 1]])] * 10,
}


@pytest.mark.parametrize("name", ARE_IDS)
def test_ids_that_would_be_taken_for_numbers(name):
    X = ARE_IDS[name]
    with pytest.warns(UserWarning, match="look like token ids.* set embedding_dim"):
        RNNClassifier(**SMALL)._prepare(X, np.arange(len(X)) % 2)


@pytest.mark.parametrize("name", ARE_NUMBERS)
def test_numbers_are_no_ids(name):
    X = ARE_NUMBERS[name]
    RNNClassifier(**SMALL)._prepare(X, np.arange(len(X)) % 2)  # here, warnings are errors


# --- callbacks ------------------------------------------------------------------------------------


class Losses(keras.callbacks.Callback):
    """Keeps what a user reads afterwards."""

    def on_train_begin(self, logs=None):
        self.losses = []

    def on_epoch_end(self, epoch, logs=None):
        self.losses.append(logs["loss"])


def test_callbacks_can_be_read_afterwards(data):
    clf = RNNClassifier(**SMALL, callbacks=[Losses()]).fit(data.panel, data.classes)
    (fitted,) = clf.callbacks_
    assert fitted.losses == pytest.approx(clf.history_["loss"])
    assert fitted.model is clf.model_
    assert not hasattr(clf.callbacks[0], "losses")  # a parameter is left alone
    assert not hasattr(clone(clf).fit(data.panel, data.classes).callbacks[0], "losses")
    clf.set_params(callbacks=None).fit(data.panel, data.classes)
    assert not hasattr(clf, "callbacks_")


# --- targets --------------------------------------------------------------------------------------


def test_labels_of_steps_that_would_be_taken_for_labels_of_sequences(data):
    y = (data.series > 0).astype(int)
    with pytest.warns(UserWarning, match="y has 8 columns .* 8 time steps.* return_sequences=True"):
        RNNClassifier(**SMALL)._prepare(data.panel, y)
    RNNClassifier(**SMALL, return_sequences=True)._prepare(data.panel, y)
    RNNClassifier(**SMALL)._prepare(data.panel, y[:, :5])


@pytest.mark.parametrize("estimator", [RNNAdvisor(), RNNClassifier()])
def test_values_need_a_regressor(data, estimator):
    with pytest.raises(ValueError, match=r"Unknown label type.* RNNAdvisor\(RNNRegressor\(\)\)"):
        estimator.fit(data.panel, data.values)


TEXTS = ["a good film", "a bad film"] * 20


@pytest.mark.parametrize("X", [TEXTS, np.array(TEXTS), [text.split() for text in TEXTS]])
@pytest.mark.parametrize("estimator", [RNNAdvisor(), RNNClassifier(), RNNClassifier(**TOKENS)])
def test_text_needs_a_tokenizer(X, estimator):
    with pytest.raises(ValueError, match="SequenceTokenizer"):
        estimator.fit(X, np.arange(40) % 2)


# --- parameters -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "wrong", "right"),
    [
        (RNNClassifier, "unit", "units"),
        (RNNRegressor, "dropuot", "dropout"),
        (RNNAdvisor, "estimators", "estimator"),
        (SequenceTokenizer, "max_token", "max_tokens"),
        (SequenceScaler, "methods", "method"),
    ],
)
def test_a_misspelt_parameter_gets_the_closest_name(kind, wrong, right):
    with pytest.raises(TypeError, match=f"unexpected keyword argument '{wrong}'.* mean '{right}'"):
        kind(**{wrong: 3})
    with pytest.raises(ValueError, match=f"Invalid parameter '{wrong}' .* mean '{right}'"):
        kind().set_params(**{wrong: 3})
    with pytest.raises(TypeError, match=r"argument 'zzz'\.$"):
        kind(zzz=3)


def test_misspelt_parameters_of_nested_estimators(data):
    pipeline = make_pipeline(FunctionTransformer(), RNNClassifier())
    search = GridSearchCV(pipeline, {"rnnclassifier__unit": [3]}, error_score="raise")
    with pytest.raises(ValueError, match="Did you mean 'units'"):
        search.fit(data.panel, data.classes)
    with pytest.raises(ValueError, match="Did you mean 'units'"):
        RNNAdvisor(RNNClassifier()).set_params(estimator__unit=3)


def test_subclasses_pass_on_what_they_like():
    class Mine(RNNClassifier):
        def __init__(self, cell="gru", units=3):
            super().__init__(cell, units=units)

    assert Mine(units=5).units == 5


def test_cells_in_capital_letters(data):
    expected = RNNClassifier("lstm", **SMALL).fit(data.panel, data.classes)
    clf = RNNClassifier("LSTM", **SMALL, warm_start=True).fit(data.panel, data.classes)
    np.testing.assert_array_equal(clf.predict_proba(data.panel), expected.predict_proba(data.panel))
    assert clf.get_params()["cell"] == "LSTM"
    clf.set_params(cell="lstm").fit(data.panel, data.classes)
    plan = RNNAdvisor(RNNClassifier("GRU"), cells=("GRU", "LSTM")).plan(data.panel, data.classes)
    assert plan.cells == ("gru", "lstm")


def test_no_warning_by_default(data):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        RNNClassifier(**SMALL)._prepare(data.ragged, data.classes)
