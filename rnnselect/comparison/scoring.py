"""The user's scorer: scores in its units, in points, and the noise of a pair's difference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, is_classifier
from sklearn.metrics import check_scoring

from rnnselect.advice.noise import bootstrap_variance, paired_loss_variance
from rnnselect.advice.points import ScoreScale, score_scale

__all__ = ["Scoring", "freeze", "make_scoring"]


@dataclass(frozen=True, eq=False, slots=True)
class Scoring:
    """How fits are scored.

    Parameters
    ----------
    scorer : callable
        ``scorer(estimator, X, y)``, larger is better.
    scale : ScoreScale
        How scores become points.
    needs_predictions_only : bool
        Whether predictions can be scored again on resampled rows; a callable of the user's own
        may look at X.
    """

    scorer: Callable[[Any, Any, Any], float]
    scale: ScoreScale
    needs_predictions_only: bool

    def variance_points2(
        self, first: Any, second: Any, y: np.ndarray, dummy: float, units: Any, seed: int
    ) -> float:
        """Return the variance of the difference of two fits over test samples.

        Parameters
        ----------
        first, second : estimator
            Frozen predictions of each fit on the test rows, see `freeze`.
        y : ndarray of shape (n_test,) or (n_test, n_outputs)
            True targets of the test rows.
        dummy : float
            Score of a prediction without learning.
        units : ndarray of shape (n_test,) or None
            Labels of rows that depend on each other.
        seed : int
            Seed of the bootstrap.

        Returns
        -------
        float
            In squared points.
        """
        rows = np.arange(len(y))
        if self.scale.name == "accuracy":
            return paired_loss_variance(first.predict(rows) == y, second.predict(rows) == y, units)

        def difference(drawn: np.ndarray) -> float:
            scores = [self.scorer(frozen, drawn, y[drawn]) for frozen in (first, second)]
            points = [self.scale.points(score, dummy) for score in scores]
            return points[1] - points[0]

        return bootstrap_variance(difference, len(y), units=units, seed=seed)


def make_scoring(scoring: Any, estimator: Any) -> Scoring:
    """Read the advisor's parameter `scoring`.

    Parameters
    ----------
    scoring : str, callable or None
        A scorer; None is accuracy or R2.
    estimator : estimator
        What is scored.

    Returns
    -------
    Scoring
        The scorer and its scale.
    """
    classifier = is_classifier(estimator)
    name = scoring or ("accuracy" if classifier else "r2")
    scorer = check_scoring(estimator, name)
    known = isinstance(name, str) or hasattr(scorer, "_score_func")
    return Scoring(scorer, score_scale(scoring, is_classifier=classifier), known)


def freeze(estimator: Any, X: Any) -> Any:
    """Return an estimator that repeats the predictions for X by row number.

    Scorers take it for the fitted estimator, so that a score can be computed again on resampled
    rows without predicting again.

    Parameters
    ----------
    estimator : estimator
        Fitted.
    X : array-like
        Test rows.

    Returns
    -------
    estimator
        Takes row numbers of X in place of X.
    """
    values = np.asarray(estimator.predict(X))
    if hasattr(estimator, "predict_proba"):
        return _FrozenClassifier(estimator.classes_, values, estimator.predict_proba(X))
    if hasattr(estimator, "classes_"):
        return _FrozenLabels(estimator.classes_, values)
    return _FrozenRegressor(values)


class _FrozenPredictions(BaseEstimator):
    """What `predict` returned; X is row numbers of the test part."""

    def __init__(self, values: np.ndarray) -> None:
        self._values = values

    def predict(self, rows):
        return self._values[rows]


class _FrozenRegressor(RegressorMixin, _FrozenPredictions):
    """Values that were predicted already."""


class _FrozenLabels(ClassifierMixin, _FrozenPredictions):
    """Labels that were predicted already."""

    def __init__(self, classes: np.ndarray, values: np.ndarray) -> None:
        super().__init__(values)
        self.classes_ = classes


class _FrozenClassifier(_FrozenLabels):
    """Labels and probabilities that were predicted already."""

    def __init__(self, classes: np.ndarray, values: np.ndarray, probabilities: Any) -> None:
        super().__init__(classes, values)
        self._probabilities = np.asarray(probabilities)

    def predict_proba(self, rows):
        return self._probabilities[rows]
