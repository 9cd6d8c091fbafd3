"""The side of rnnselect. Each function prepares, and returns the work that is timed."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable

import joblib
import numpy as np
from sklearn.model_selection import GridSearchCV
from tasks import LEARNING_RATE, SEARCH_UNITS, SEED, Task, folds
from timing import extrapolated

# All libraries are imported before the clock starts, on each side.
import rnnselect.recurrent.compiled
import rnnselect.recurrent.plain
import rnnselect.recurrent.probe  # noqa: F401
from rnnselect import RNNAdvisor, RNNClassifier
from rnnselect.recurrent.programs import program_counts

Work = Callable[[], dict]
# Rows of the small fit that shows the size of the network, or gives `predict` one.
FEW_ROWS = 64


def classifier(task: Task, cell: str, **changes) -> RNNClassifier:
    """Return the estimator of a task, with the settings that all sides share."""
    parameters = {
        "cell": cell,
        "units": task.units,
        "num_layers": task.num_layers,
        "bidirectional": task.bidirectional,
        "pooling": None,  # the other sides read the last state
        "recurrent_dropout": task.recurrent_dropout,
        "vocabulary_size": task.vocabulary_size,
        "embedding_dim": task.embedding_dim,
        "learning_rate": LEARNING_RATE,
        "clipnorm": None,
        "batch_size": task.batch_size,
        "epochs": task.epochs,
        "early_stopping": False,
        "scale_inputs": False,
        "engine": "compiled",
        "random_state": SEED,
    }
    return RNNClassifier(**{**parameters, **changes})


def n_parameters(fitted: RNNClassifier) -> int:
    """Count the trainable parameters of the Keras network itself."""
    return sum(int(np.prod(variable.shape)) for variable in fitted.model_.trainable_variables)


def cv_one_job(task: Task) -> Work:
    """Cross-validate both cells, one fold after the other."""
    return _cross_validation(task, n_jobs=1)


def cv_two_threads(task: Task) -> Work:
    """Cross-validate both cells, two folds at a time in threads."""
    return _cross_validation(task, n_jobs=2)


def _cross_validation(task: Task, n_jobs: int) -> Work:
    """Cross-validate the cells as one search, so that no thread waits at the end of a cell."""
    return _search(task, {"cell": task.cells}, "threading", n_jobs)


def _counts(task: Task, X: np.ndarray, y: np.ndarray) -> list[int]:
    return [
        n_parameters(classifier(task, cell, epochs=1).fit(X[:FEW_ROWS], y[:FEW_ROWS]))
        for cell in task.cells
    ]


def search_one_job(task: Task) -> Work:
    """Search cells and units, one fit after the other."""
    return _search(task, _grid(task), "threading", n_jobs=1)


def search_two_threads(task: Task) -> Work:
    """Search cells and units, two fits at a time in threads."""
    return _search(task, _grid(task), "threading", n_jobs=2)


def search_two_processes(task: Task) -> Work:
    """Search cells and units in two processes, which start inside the clock."""
    return _search(task, _grid(task), "loky", n_jobs=2)


def _grid(task: Task) -> dict:
    return {"cell": task.cells, "units": SEARCH_UNITS}


def _search(task: Task, grid: dict, backend: str, n_jobs: int) -> Work:
    X, y = task.data()

    def work() -> dict:
        estimator = classifier(task, task.cells[0])
        search = GridSearchCV(
            estimator, grid, cv=folds(task), scoring="accuracy", n_jobs=n_jobs, refit=False
        )
        with joblib.parallel_config(backend=backend):
            search.fit(X, y)
        scores = search.cv_results_["mean_test_score"].tolist()
        return {"scores": scores, "n_parameters": lambda: _counts(task, X, y)}

    return work


def fit(task: Task) -> Work:
    """Fit each cell once."""
    X, y = task.data()

    def work() -> dict:
        seconds, fitted = 0.0, {}
        for cell in task.cells:

            def train(epochs: int, first: bool, cell: str = cell) -> None:
                fitted[cell] = classifier(task, cell, epochs=epochs).fit(X, y)

            seconds += extrapolated(task, train)
        counts = [n_parameters(one) for one in fitted.values()]
        return {"seconds": seconds, "n_parameters": counts}

    return work


def predict(task: Task) -> Work:
    """Predict all sequences with a fitted network of each cell."""
    X, y = task.data()
    fitted = [
        classifier(task, cell, epochs=1).fit(X[:FEW_ROWS], y[:FEW_ROWS]) for cell in task.cells
    ]

    def work() -> dict:
        for one in fitted:
            one.predict(X)
        return {"n_parameters": lambda: [n_parameters(one) for one in fitted]}

    return work


def advise(task: Task) -> Work:
    """Ask the advisor which cell to take, and nothing else, as the others do."""
    return _advice(task, baseline=False)


def advise_with_yardsticks(task: Task) -> Work:
    """Ask the advisor whether a network is worth it, too: simple models on the same folds."""
    return _advice(task, baseline=True)


def _advice(task: Task, baseline: bool) -> Work:
    X, y = task.data()

    def work() -> dict:
        advice = _advise(task, X, y, baseline)
        return {
            "cell": advice.cell,
            "pairs": len(advice.pairs),
            "n_parameters": lambda: _counts(task, X, y),
        }

    return work


# README's code up to the answer; it says what importing the backend took.
SIX_LINES = """
import time
from rnnselect import RNNAdvisor
from rnnselect.datasets import load_digits_sequences
from rnnselect.recurrent.base import load_engine

begun = time.process_time()
load_engine()
imported = time.process_time() - begun
X, y = load_digits_sequences()
print(RNNAdvisor(budget="1min", random_state=0).recommend(X, y))
print(imported)
"""


def six_lines_on_tensorflow(task: Task) -> Work:
    """Run README's code in a fresh interpreter."""
    return _six_lines("tensorflow")


def six_lines_on_jax(task: Task) -> Work:
    """Run README's code in a fresh interpreter, on JAX."""
    return _six_lines("jax")


def _six_lines(backend: str) -> Work:
    def work() -> dict:
        before, start = _children_seconds(), time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", SIX_LINES],
            env={**os.environ, "KERAS_BACKEND": backend},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        seconds = time.perf_counter() - start
        used = _children_seconds() - before
        imported = float(done.stdout.splitlines()[-1])
        return {"seconds": seconds, "cpu_seconds": used, "own_seconds": used - imported}

    return work


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _advise(task: Task, X: np.ndarray, y: np.ndarray, baseline: bool):
    advisor = RNNAdvisor(
        classifier(task, task.cells[0], random_state=None),
        cells=task.cells,
        cv=folds(task),
        scoring="accuracy",
        baseline=baseline,
        n_jobs=2,
        random_state=SEED,
    )
    return advisor.recommend(X, y)


def compilations_after_first(task: Task) -> Work:
    """Count what is compiled by a second fold, a fit with other n, and a refit on all data."""
    X, y = task.data()
    first, *others = [train for train, _ in folds(task).split(X, y)]
    tests = [test for _, test in folds(task).split(X, y)]
    shorter = np.arange(len(y) - 3 * task.batch_size // 2)
    everything = np.arange(len(y))

    def work() -> dict:
        for cell in task.cells:
            classifier(task, cell).fit(X[first], y[first]).predict(X[tests[0]])
        before = sum(program_counts().values())
        for cell in task.cells:
            for seed, rows in enumerate([*others, shorter, everything], start=1):
                one = classifier(task, cell, random_state=seed).fit(X[rows], y[rows])
                one.predict(X[tests[1]])
        return {"count": sum(program_counts().values()) - before, "count_first": before}

    return work
