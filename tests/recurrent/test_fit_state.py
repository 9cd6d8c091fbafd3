"""A fit that is refused, fails or is interrupted leaves a fitted estimator as it was."""

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import PredefinedSplit
from sklearn.utils.validation import check_is_fitted

from rnnselect import RNNClassifier, RNNRegressor

IDLE = {"units": 3, "batch_size": 16, "random_state": 0, "epochs": 1, "early_stopping": False}


class Stop(keras.callbacks.Callback):
    """Ends a fit in its first epoch with an error."""

    def __init__(self, error=RuntimeError):
        super().__init__()
        self.error = error

    def on_epoch_end(self, epoch, logs=None):
        raise self.error("stopped by a callback")


@pytest.fixture(scope="module")
def classifier(data):
    frame = pd.DataFrame(data.series, columns=[f"t{i}" for i in range(8)])
    return RNNClassifier(**IDLE).fit(frame, data.classes), frame


@pytest.fixture(scope="module")
def regressor(data):
    return RNNRegressor(**IDLE).partial_fit(data.panel, data.values)


def unchanged(estimator, X, fit):
    """Whether a call that raises leaves every fitted attribute and every prediction."""
    parameters = set(estimator.get_params())
    before = {name: value for name, value in vars(estimator).items() if name not in parameters}
    predicted = estimator.predict(X)
    with pytest.raises((ValueError, RuntimeError, KeyboardInterrupt, MemoryError)):
        fit()
    after = {name: value for name, value in vars(estimator).items() if name not in parameters}
    np.testing.assert_array_equal(estimator.predict(X), predicted)
    return list(before) == list(after) and all(after[name] is before[name] for name in before)


BAD = {
    "X of other columns, y of one class": lambda d: ((d.series[:, :5], np.zeros(60)), {}),
    "X of another kind, y too short": lambda d: ((d.panel, d.classes[:-1]), {}),
    "ragged X with text": lambda d: (([*d.ragged[:-1], ["a"]], d.classes), {}),
    "no X": lambda d: ((None, d.classes), {}),
    "missing values": lambda d: ((np.full((60, 9), np.nan), d.classes), {}),
    "missing label": lambda d: ((d.panel, np.where(d.classes == 1, np.nan, 0.0)), {}),
    "negative weights": lambda d: ((d.panel, d.classes == 1), {"sample_weight": -np.ones(60)}),
    "groups": lambda d: ((d.panel, d.classes == 1), {"groups": [1]}),
}


@pytest.mark.filterwarnings("ignore:X does not have valid feature names")
@pytest.mark.parametrize("warm_start", [False, True])
@pytest.mark.parametrize("name", BAD)
def test_refused_input(classifier, data, name, warm_start):
    clf, frame = classifier
    arguments, options = BAD[name](data)
    clf.set_params(warm_start=warm_start, early_stopping=True)
    assert unchanged(clf, frame, lambda: clf.fit(*arguments, **options))
    clf.set_params(early_stopping=False)
    if not options:
        assert unchanged(clf, frame, lambda: clf.partial_fit(*arguments))


BAD_PARAMETERS = {
    "a parameter": {"units": 0},
    "a splitter": {"early_stopping": True, "validation_fraction": PredefinedSplit([0] * 7)},
    "validation data": {"early_stopping": True, "validation_fraction": (np.zeros((2, 3)), [0, 1])},
    "an optimizer": {"optimizer": "adamm"},
    "an engine": {"optimizer": "lion", "engine": "compiled"},
    "class weights": {"class_weight": {0: -1.0}},
    "an embedding": {"embedding_dim": 2, "vocabulary_size": 2},
    "a callback": {"callbacks": ["none"]},
    "an error of a callback": {"callbacks": [Stop()]},
    "an interruption": {"callbacks": [Stop(KeyboardInterrupt)]},
}


@pytest.mark.parametrize("name", BAD_PARAMETERS)
def test_refused_parameters_and_errors_in_training(classifier, data, name):
    clf, frame = classifier
    before = clf.get_params()
    clf.set_params(**BAD_PARAMETERS[name])
    try:
        assert unchanged(clf, frame, lambda: clf.fit(data.panel, data.classes > 0))
    finally:
        clf.set_params(**before)


def test_partial_fit_that_fails_takes_no_seed(regressor, data):
    seed = regressor._prepare(data.panel, data.values, partial=True).seed
    assert unchanged(
        regressor, data.panel, lambda: regressor.partial_fit(data.panel, [np.nan] * 60)
    )
    regressor.set_params(callbacks=[Stop()])
    assert unchanged(regressor, data.panel, lambda: regressor.partial_fit(data.panel, data.values))
    regressor.set_params(callbacks=None)
    assert regressor._prepare(data.panel, data.values, partial=True).seed == seed


def test_a_first_fit_that_fails_leaves_nothing(data):
    clf = RNNClassifier(**IDLE, callbacks=[Stop()])
    before = set(vars(clf))
    with pytest.raises(RuntimeError, match="stopped by a callback"):
        clf.fit(data.panel, data.classes)
    assert set(vars(clf)) == before
    with pytest.raises(NotFittedError):
        check_is_fitted(clf)


def test_attributes_of_an_earlier_fit_go(classifier, data):
    clf = clone(classifier[0]).set_params(warm_start=False).fit(classifier[1], data.classes)
    assert clf.feature_names_in_.tolist() == [f"t{i}" for i in range(8)]
    clf.set_params(embedding_dim=2).fit(data.tokens, data.classes)
    assert clf.vocabulary_size_ == 7
    clf.set_params(embedding_dim=None).fit(data.panel, data.classes)
    assert not {"feature_names_in_", "vocabulary_size_"} & set(vars(clf))
    assert {"classes_", "history_", "model_", "n_features_in_", "engine_"} <= set(vars(clf))


def test_predictions_follow_the_fit_and_not_later_parameters(data):
    reg = RNNRegressor(**IDLE).fit(data.panel, data.values)
    predicted, score = reg.predict(data.panel), reg.score(data.panel, data.values)
    reg.set_params(return_sequences=True, missing="mask", embedding_dim=3, scale_inputs=False)
    np.testing.assert_array_equal(reg.predict(data.panel), predicted)
    assert reg.score(data.panel, data.values) == score
    with pytest.raises(ValueError, match="is missing"):  # the network cannot show what is missing
        reg.predict(np.where(np.arange(8)[:, None] == 3, np.nan, data.panel))


def test_predictions_have_the_form_of_y_and_not_of_the_validation_data(data):
    y = np.repeat(data.values[:, None], 8, axis=1)
    reg = RNNRegressor(**{**IDLE, "early_stopping": True}, return_sequences=True)
    reg.set_params(validation_fraction=(data.panel[:5], list(y[:5])))
    assert reg.fit(data.panel, y).predict(data.panel).shape == (60, 8)
