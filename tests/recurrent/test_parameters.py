"""Bad parameters and bad input are refused before any training, by name and with a remedy."""

import warnings

import keras
import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from rnnselect import RNNClassifier, RNNRegressor

SMALL = {"units": 3, "batch_size": 16, "epochs": 3, "random_state": 0}

BAD_PARAMETERS = [
    ("cell", "rnn"),
    ("cell", None),
    ("units", 0),
    ("units", 2.5),
    ("num_layers", 0),
    ("bidirectional", "yes"),
    ("dropout", 1.0),
    ("dropout", -0.1),
    ("recurrent_dropout", 1.0),
    ("embedding_dim", 0),
    ("vocabulary_size", 1),
    ("optimizer", 3),
    ("optimizer", "adamant"),
    ("learning_rate", -1),
    ("learning_rate", 0.0),
    ("learning_rate", np.nan),
    ("clipnorm", -1.0),
    ("batch_size", 0),
    ("epochs", 0),
    ("max_seconds", 0),
    ("max_seconds", "1min"),
    ("early_stopping", None),
    ("validation_fraction", 1.0),
    ("validation_fraction", 0.0),
    ("validation_fraction", (1, 2, 3)),
    ("n_iter_no_change", 0),
    ("tol", -1e-3),
    ("scale_inputs", None),
    ("missing", "ignore"),
    ("engine", "torch"),
    ("callbacks", "stop"),
    ("random_state", "zero"),
]


def refuse(estimator, X, y, message, **fit_parameters):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValueError, match=message):
            estimator.fit(X, y, **fit_parameters)
    assert not hasattr(estimator, "model_")


@pytest.mark.parametrize(("name", "value"), BAD_PARAMETERS)
@pytest.mark.parametrize("estimator_class", [RNNClassifier, RNNRegressor])
def test_bad_parameters_are_named(data, estimator_class, name, value):
    estimator = estimator_class(**{**SMALL, name: value})
    refuse(estimator, data.panel, data.classes, name)


def test_bad_class_weight_and_scale_targets(data):
    refuse(RNNClassifier(class_weight="heavy"), data.panel, data.classes, "class_weight")
    refuse(RNNRegressor(scale_targets="no"), data.panel, data.values, "scale_targets")


BAD_TARGETS = {
    "None": (None, "y.*None"),
    "too short": (np.zeros(59), r"y has 59 sample\(s\) and X has 60"),
    "NaN": (np.where(np.arange(60) == 3, np.nan, 1.0), "Input y contains NaN"),
    "matrix of words": (np.full((60, 2), "a"), "y|convert"),
}


@pytest.mark.parametrize("name", BAD_TARGETS)
@pytest.mark.parametrize("estimator_class", [RNNClassifier, RNNRegressor])
def test_bad_targets(data, estimator_class, name):
    y, message = BAD_TARGETS[name]
    refuse(estimator_class(**SMALL), data.panel, y, message)


BAD_WEIGHTS = {
    "negative": (np.where(np.arange(60) == 3, -1.0, 1.0), r"sample_weight holds -1\.0"),
    "all zero": (np.zeros(60), "[Ss]ample.weights?.*zero"),
    "too short": (np.ones(59), "sample_weight.shape"),
    "NaN": (np.full(60, np.nan), "sample_weight contains NaN"),
}


@pytest.mark.parametrize("name", BAD_WEIGHTS)
def test_bad_sample_weight(data, name):
    weights, message = BAD_WEIGHTS[name]
    refuse(RNNClassifier(**SMALL), data.panel, data.classes, message, sample_weight=weights)


def test_bad_groups(data):
    clf = RNNClassifier(**SMALL)
    refuse(
        clf,
        data.panel,
        data.classes,
        r"groups has shape \(59,\) and X has 60",
        groups=np.arange(59),
    )


BAD_SEQUENCES = {
    "one dimension": (np.ones(60), {}, "X has 1 dimension"),
    "missing": (np.where(np.arange(8) == 3, np.nan, np.ones((60, 8))), {}, 'missing="mask"'),
    "infinity": (np.full((60, 8), np.inf), {}, r"X\[0\] holds infinity"),
    "text": ([["a"] * 8] * 60, {}, "X|strings"),
    "negative token": (np.full((60, 8), -1), {"embedding_dim": 2}, "token id -1"),
    "token beyond vocabulary": (
        np.full((60, 8), 9),
        {"embedding_dim": 2, "vocabulary_size": 5},
        r"token id 9, but the vocabulary has 5 ids .* vocabulary_size=10",
    ),
}


@pytest.mark.parametrize("name", BAD_SEQUENCES)
def test_bad_sequences(data, name):
    X, parameters, message = BAD_SEQUENCES[name]
    refuse(RNNClassifier(**SMALL, **parameters), X, data.classes, message)


BAD_VALIDATION = {
    "unknown label": (np.full(60, 7), r"y_val holds the labels \[7\]"),
    "other length": (np.zeros(3, int), r"y has 3 sample\(s\) and X has 60"),
}


@pytest.mark.parametrize("name", BAD_VALIDATION)
def test_bad_validation_data(data, name):
    y, message = BAD_VALIDATION[name]
    clf = RNNClassifier(**SMALL, validation_fraction=(data.panel, y))
    refuse(clf, data.panel, data.classes, message)


def test_validation_data_of_other_channels(data):
    clf = RNNClassifier(**SMALL, validation_fraction=(data.panel[:, :, :1], data.classes))
    refuse(clf, data.panel, data.classes, r"1 channel\(s\), but RNNClassifier is expecting 2")


OBSTACLES = {
    "optimizer": ({"optimizer": "nadam"}, "Nadam with these settings has no compiled update"),
    "setting": ({"optimizer": keras.optimizers.Adam(amsgrad=True)}, "Adam with these settings"),
    "schedule": (
        {"optimizer": keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(0.1, 100))},
        "SGD with these settings",
    ),
    "callbacks": ({"callbacks": [keras.callbacks.Callback()]}, "callbacks need keras.Model.fit"),
}


@pytest.mark.parametrize("name", OBSTACLES)
def test_what_cannot_be_compiled_goes_to_keras_or_says_why(data, name):
    parameters, reason = OBSTACLES[name]
    clf = RNNClassifier(**SMALL, **parameters, max_seconds=1e-9)
    with pytest.warns(ConvergenceWarning, match="before the first epoch"):  # nor traces anything
        assert clf.fit(data.panel, data.classes).engine_ == "keras"
    compiled = RNNClassifier(**SMALL, **parameters, engine="compiled")
    # Not `refuse`: on JAX, Keras (3.15) warns of its own __array__ when an optimizer is copied.
    with pytest.raises(ValueError, match=f'engine="compiled" cannot be used: {reason}'):
        compiled.fit(data.panel, data.classes)


@pytest.mark.parametrize(
    "optimizer",
    ["sgd", "Adam", keras.optimizers.SGD(0.05, momentum=0.9), keras.optimizers.RMSprop(0.01)],
    ids=["sgd", "Adam", "momentum", "rmsprop"],
)
def test_optimizers_by_name_and_instance(data, optimizer):
    clf = RNNClassifier(**{**SMALL, "epochs": 10}, optimizer=optimizer, engine="compiled")
    clf.fit(data.panel, data.classes)
    assert clf.history_["loss"][-1] < clf.history_["loss"][0]
