"""What the threads do: fits, races, searches and predictions that come out the same every time."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from rnnselect import RNNAdvisor, RNNClassifier, RNNRegressor, load

__all__ = ["jobs"]

N_SAMPLES, N_TIMESTEPS, N_CHANNELS, N_TOKENS = 120, 20, 2, 9
SMALL = {"units": 8, "epochs": 4, "batch_size": 16, "random_state": 0}
Job = Callable[[], Any]


def jobs(keras_fits: bool = False) -> dict[str, Job]:
    """Return what can be done, by name; each returns numbers or names that never change.

    `keras.Model.fit` itself keeps 18 MB each time (a GRU of 8 units; Keras 3.15, TensorFlow 2.21),
    so that fits by it are left out unless `keras_fits` asks for them.
    """
    X, ragged, tokens, classes, values = _problems()
    deep = {"num_layers": 2, "dropout": 0.2, "bidirectional": True}
    fits = {
        "fit GRU": (RNNClassifier(**SMALL), X, classes),
        "fit LSTM": (RNNClassifier("lstm", **SMALL), X, classes),
        "fit deep LSTM": (RNNClassifier("lstm", **SMALL, **deep), X, classes),
        "fit ragged": (RNNRegressor(**SMALL), ragged, values),
        "fit tokens": (RNNClassifier(**SMALL, embedding_dim=4), tokens, classes),
        "fit by Keras": (RNNClassifier(**{**SMALL, "epochs": 2}, engine="keras"), X, classes),
    }
    shared = {name: clone(estimator).fit(A, y) for name, (estimator, A, y) in fits.items()}
    found: dict[str, Job] = {
        name: lambda estimator=estimator, A=A, y=y: _fitted(estimator, A, y)
        for name, (estimator, A, y) in fits.items()
        if keras_fits or estimator.engine != "keras"
    }
    found |= {
        name.replace("fit", "predict"): lambda name=name: _outputs(shared[name], fits[name][1])
        for name in fits
    }
    found["save and load"] = lambda: _outputs(_loaded(shared["fit GRU"]), X)
    found["race"] = lambda: _race(X, classes)
    found["grid search"] = lambda: _search(X, classes)
    return found


def _problems() -> tuple[Any, ...]:
    random = np.random.default_rng(0)
    X = random.normal(size=(N_SAMPLES, N_TIMESTEPS, N_CHANNELS)).astype("float32")
    values = X[:, :, 0].mean(axis=1)
    lengths = random.integers(N_TIMESTEPS // 2, N_TIMESTEPS + 1, N_SAMPLES)
    ragged = [series[:length] for series, length in zip(X, lengths, strict=True)]
    tokens = [random.integers(1, N_TOKENS, length).tolist() for length in lengths]
    return X, ragged, tokens, np.where(values > 0, "up", "down"), values


def _outputs(estimator: Any, X: Any) -> Any:
    return getattr(estimator, "predict_proba", estimator.predict)(X)


def _fitted(estimator: Any, X: Any, y: Any) -> Any:
    return _outputs(clone(estimator).fit(X, y), X)


def _loaded(estimator: Any) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.rnnselect"
        estimator.save(path)
        return load(path)


def _race(X: Any, y: Any) -> Any:
    found = RNNAdvisor(RNNClassifier(**SMALL), cv=3, random_state=0).recommend(X, y)
    return [found.cell, found.gap_points, *(score for of in found.scores.values() for score in of)]


def _search(X: Any, y: Any) -> Any:
    grid = {"cell": ["gru", "lstm"], "learning_rate": [0.001, 0.01]}
    found = GridSearchCV(RNNClassifier(**SMALL), grid, cv=2).fit(X, y)
    return found.cv_results_["mean_test_score"]
