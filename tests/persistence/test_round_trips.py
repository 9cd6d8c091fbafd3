"""What was saved comes back: predictions to the last bit, parameters, fitted attributes."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import Pipeline, make_pipeline

import rnnselect
from rnnselect import RNNClassifier, RNNRegressor, SequenceScaler, SequenceTokenizer

# Not trained: the initial weights are as good, and no training program is compiled.
IDLE = {
    "units": 3, "batch_size": 16, "random_state": 0, "early_stopping": False, "max_seconds": 1e-9,
}  # fmt: skip
DOCUMENTS = ["the film was good", "the film was bad", "not good", "very, very bad"] * 15
NAMES = np.array(["never", "seldom", "always"])


def in_steps(X, y):
    return [np.resize(label, len(x)) for x, label in zip(X, y, strict=True)]


# How each estimator is made, and what it is fitted on.
ESTIMATORS = {
    "lstm": lambda d: (RNNClassifier("lstm", **IDLE, class_weight="balanced"), d.panel, d.classes),
    "gru": lambda d: (RNNClassifier("gru", **IDLE), d.panel, d.classes),
    "text labels": lambda d: (RNNClassifier(**IDLE), d.panel, NAMES[d.classes]),
    "multilabel": lambda d: (RNNClassifier(**IDLE), d.panel, 1 - np.eye(3, dtype=int)[d.classes]),
    "ragged": lambda d: (RNNClassifier(**IDLE), d.ragged, d.classes),
    "outputs": lambda d: (
        RNNRegressor(**IDLE, missing="mask"),
        [np.where(x > 1.5, np.nan, x) for x in d.ragged],
        np.c_[d.values, 1e6 * d.values],
    ),
    "table": lambda d: (
        RNNRegressor(**IDLE),
        pd.DataFrame(d.series, columns=[f"t{i}" for i in range(8)]),
        d.values,
    ),
    "steps": lambda d: (
        RNNClassifier(**IDLE, return_sequences=True), d.ragged, in_steps(d.ragged, d.classes),
    ),
    "keras": lambda d: (RNNClassifier(**IDLE, engine="keras"), d.panel, d.classes),
    "text": lambda d: (
        make_pipeline(
            SequenceTokenizer(max_tokens=6),
            RNNClassifier(**IDLE, embedding_weights=np.arange(12.0).reshape(6, 2)),
        ),
        DOCUMENTS,
        d.classes,
    ),
    "nested": lambda d: (
        Pipeline(
            [
                ("first", make_pipeline(SequenceScaler("minmax"), "passthrough")),
                ("none", None),
                ("network", RNNRegressor(**IDLE, scale_inputs=False, scale_targets=False)),
            ]
        ),
        d.panel,
        d.values,
    ),
    "standard": lambda d: (SequenceScaler(), np.where(d.panel > 2, np.nan, d.panel), None),
    "robust": lambda d: (SequenceScaler("robust"), d.series, None),
    "ragged scaler": lambda d: (SequenceScaler("minmax"), d.ragged, None),
    "tokenizer": lambda d: (SequenceTokenizer(analyzer="char", lowercase=False), DOCUMENTS, None),
    "vocabulary": lambda d: (SequenceTokenizer(vocabulary=("good", "bad")), DOCUMENTS, None),
}  # fmt: skip


def outputs(estimator, X):
    for name in ("predict_proba", "predict", "transform"):
        if hasattr(estimator, name):
            found = getattr(estimator, name)(X)
            yield from found if isinstance(found, list) or found.dtype == object else [found]


def listed(values):
    return {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in values.items()}


def public(estimator):
    """The fitted attributes, apart from Keras' and scikit-learn's objects."""
    names = [n for n in vars(estimator) if n.endswith("_") and n not in ("model_", "scaler_")]
    return listed({name: getattr(estimator, name) for name in names})


def parameters(estimator):
    """All parameters, also of the steps of a pipeline."""
    plain = listed(estimator.get_params())
    return {
        k: v for k, v in plain.items() if not k.endswith("steps") and not hasattr(v, "get_params")
    }


@pytest.mark.parametrize("name", ESTIMATORS)
def test_round_trip(name, data, tmp_path):
    estimator, X, y = ESTIMATORS[name](data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # IDLE
        estimator.fit(X, y)
    path = tmp_path / "model.rnnselect"
    rnnselect.save(estimator, path)
    loaded = rnnselect.load(path)
    for value, known in zip(outputs(loaded, X), outputs(estimator, X), strict=True):
        np.testing.assert_array_equal(value, known)
        assert value.dtype == known.dtype
    assert public(loaded) == public(estimator)
    assert parameters(loaded) == parameters(estimator)
    if hasattr(estimator, "classes_"):
        assert loaded.classes_.dtype == estimator.classes_.dtype


def test_output_as_a_table(data, tmp_path):
    scaler = SequenceScaler().set_output(transform="pandas").fit(data.series)
    rnnselect.save(scaler, tmp_path / "scaler")
    loaded = rnnselect.load(tmp_path / "scaler")
    pd.testing.assert_frame_equal(loaded.transform(data.series), scaler.transform(data.series))
