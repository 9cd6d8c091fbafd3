"""Estimators with a cell that learn nothing, and a clock that only moves when they are fitted."""

from dataclasses import fields, replace
from types import SimpleNamespace
from typing import ClassVar

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

import rnnselect.advisor
from rnnselect import RNNAdvisor
from rnnselect.advice.rules import race_rules
from rnnselect.comparison import fits, timing
from rnnselect.comparison.candidates import make_candidates
from rnnselect.comparison.comparison import make_comparison
from rnnselect.comparison.data import read_data
from rnnselect.comparison.metadata import route_metadata
from rnnselect.comparison.problem import Problem
from rnnselect.comparison.scoring import make_scoring
from rnnselect.comparison.timing import Clock

CELLS = ("gru", "lstm")


class FakeTime:
    """Takes the place of the module `time`."""

    def __init__(self):
        self.now = 1000.0

    def perf_counter(self):
        return self.now


class StubBase(BaseEstimator):
    """Knows the answer, which stands in the first column of X, and errs as often as it is told."""

    time: ClassVar = FakeTime()
    fits: ClassVar = []
    interrupt_at: ClassVar = None
    interrupt_by: ClassVar = KeyboardInterrupt

    def __init__(
        self, cell="gru", errors=(0.1, 0.1), seconds=(1.0, 1.0), stop_reason="max_epochs", *,
        random_state=None,
    ):  # fmt: skip
        self.cell = cell
        self.errors = errors
        self.seconds = seconds
        self.stop_reason = stop_reason
        self.random_state = random_state

    def fit(self, X, y, sample_weight=None):
        number = len(self.fits)
        self.fits.append((self.cell, self.random_state, X[:, -1].astype(int), sample_weight))
        if number == StubBase.interrupt_at:
            raise StubBase.interrupt_by
        StubBase.time.now += self.seconds[CELLS.index(self.cell)]
        self.n_epochs_ = 7
        self.stop_reason_ = self.stop_reason
        return self

    def error(self):
        return self.errors[CELLS.index(self.cell)]


class StubClassifier(ClassifierMixin, StubBase):
    def fit(self, X, y, sample_weight=None):
        self.classes_ = np.unique(y)
        return super().fit(X, y, sample_weight)

    def predict_proba(self, X):
        right = X[:, 0].astype(int)
        wrong = (right + 1) % len(self.classes_)
        answer = np.where(X[:, 1] < self.error(), wrong, right)
        proba = np.full((len(X), len(self.classes_)), 0.1)
        proba[np.arange(len(X)), answer] = 0.5 + 0.4 * X[:, 1]
        return proba / proba.sum(axis=1, keepdims=True)

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


class StubRegressor(RegressorMixin, StubBase):
    def predict(self, X):
        return X[:, 0] + self.error() * (X[:, 1] - 0.5)


def stub_data(n=200, n_classes=2, seed=0):
    """Column 0: the answer; 1: how hard the sample is; 2: its number."""
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n) % n_classes)
    return np.column_stack([y, rng.random(n), np.arange(n)]), y


def stub_comparison(
    estimator, X, y, *, cv=5, groups=None, scoring=None, n_jobs=1, cell_param=None, budget=None,
    refit=False, min_gain=None, rope=0.01, fit_params=None, seed=0,
):  # fmt: skip
    """Put together what `RNNAdvisor` does before it compares: problem, comparison, clock."""
    classification = hasattr(estimator, "predict_proba")
    candidates = make_candidates(estimator, CELLS, cell_param)
    made = make_scoring(scoring, estimator)
    given = {"groups": groups, **(fit_params or {})}
    metadata = route_metadata(None, candidates, made, given)
    data = read_data(candidates, X, y, metadata, cv=cv, classification=classification, seed=seed)
    rules = race_rules(
        made.scale, n_folds=data.splits.n_folds, max_pairs=len(data.splits.rows), rope=rope,
        min_gain=min_gain, confidence=0.95, regression=not classification,
        covariance=data.splits.covariance,
    )  # fmt: skip
    problem = Problem(candidates, data.profile, rules, None, n_jobs, refit)
    comparison = make_comparison(
        candidates, data, made, with_simple=True, metadata=metadata, n_jobs=n_jobs, seed=seed,
    )  # fmt: skip
    return problem, comparison, Clock(StubBase.time.now, budget)


@pytest.fixture
def stub(monkeypatch):
    """Return the stubs, with a fresh fake clock in the comparison's modules."""
    fake = FakeTime()
    monkeypatch.setattr(StubBase, "time", fake)
    monkeypatch.setattr(StubBase, "fits", [])
    monkeypatch.setattr(StubBase, "interrupt_at", None)
    monkeypatch.setattr(StubBase, "interrupt_by", KeyboardInterrupt)
    monkeypatch.setattr(rnnselect.advisor, "time", fake)
    monkeypatch.setattr(timing, "time", fake)
    monkeypatch.setattr(fits, "time", fake)
    return SimpleNamespace(
        Base=StubBase,
        Classifier=StubClassifier,
        Regressor=StubRegressor,
        data=stub_data,
        comparison=stub_comparison,
        time=fake,
        fits=StubBase.fits,
    )


class Keeper:
    """Makes advisors of stubs that run all of three pairs and keep their fits in one folder."""

    settled: ClassVar = {"random_state": 0, "min_gain": 0.0, "cv": 3, "baseline": False}
    measured: ClassVar = {
        "predicted_seconds", "actual_seconds", "cell_seconds", "baseline_seconds", "plan", "pairs",
    }  # fmt: skip

    def __init__(self, folder):
        self.folder = folder

    def __call__(self, estimator=None, **parameters):
        estimator = StubClassifier(errors=(0.3, 0.28)) if estimator is None else estimator
        return RNNAdvisor(estimator, **{"checkpoint": self.folder, **self.settled, **parameters})

    def files(self):
        return sorted(self.folder.glob("*.fit.json"))

    def same(self, first, second):
        """Compare all of two recommendations but what a clock has measured."""
        for field in fields(first):
            if field.compare and field.name not in self.measured:
                assert getattr(first, field.name) == getattr(second, field.name), field.name
        zero = dict.fromkeys(first.cells, 0.0)
        assert [replace(pair, seconds=zero) for pair in first.pairs] == [
            replace(pair, seconds=zero) for pair in second.pairs
        ]


@pytest.fixture
def keeper(stub, tmp_path):
    return Keeper(tmp_path / "kept")
