"""The side of SciKeras. Each function prepares, and returns the work that is timed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import joblib
import keras
from documents import padded
from plain_keras import build, n_parameters
from scikeras.wrappers import KerasClassifier
from sklearn.model_selection import GridSearchCV, cross_val_score
from tasks import ADAM_EPSILON, LEARNING_RATE, SEARCH_UNITS, Task, folds


def build_with_units(task: Task, cell: str, units: int) -> keras.Model:
    """Return the network of a task with other units, so that a search can set them."""
    return build(replace(task, units=units), cell)


def classifier(task: Task, cell: str) -> KerasClassifier:
    """Return the estimator of a task, with the settings that all sides share."""
    return KerasClassifier(
        model=build_with_units,
        model__task=task,
        model__cell=cell,
        model__units=task.units,
        loss="sparse_categorical_crossentropy",
        optimizer="adam",
        optimizer__learning_rate=LEARNING_RATE,
        optimizer__epsilon=ADAM_EPSILON,
        batch_size=task.batch_size,
        epochs=task.epochs,
        verbose=0,
    )


def cv(task: Task) -> Callable[[], dict]:
    """Cross-validate each cell as SciKeras' documentation shows; documents are padded."""
    X, y = task.data()
    if task.has_documents:
        X = padded(X, task.n_timesteps)

    def work() -> dict:
        scores = {}
        for cell in task.cells:
            scores[cell] = cross_val_score(
                classifier(task, cell),
                X,
                y,
                cv=folds(task),
                scoring="accuracy",
                error_score="raise",
            ).mean()
        return {"scores": scores, "n_parameters": lambda: n_parameters(task)}

    return work


def search_one_job(task: Task) -> Callable[[], dict]:
    """Search cells and units, one fit after the other."""
    return _search(task, n_jobs=1)


def search_two_processes(task: Task) -> Callable[[], dict]:
    """Search cells and units in two processes, which start inside the clock."""
    return _search(task, n_jobs=2)


def _search(task: Task, n_jobs: int) -> Callable[[], dict]:
    X, y = task.data()
    grid = {"model__cell": task.cells, "model__units": SEARCH_UNITS}

    def work() -> dict:
        search = GridSearchCV(
            classifier(task, task.cells[0]),
            grid,
            cv=folds(task),
            scoring="accuracy",
            n_jobs=n_jobs,
            refit=False,
            error_score="raise",
        )
        with joblib.parallel_config(backend="loky"):
            search.fit(X, y)
        scores = search.cv_results_["mean_test_score"].tolist()
        return {"scores": scores, "n_parameters": lambda: n_parameters(task)}

    return work
