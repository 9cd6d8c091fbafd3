"""The user's scorer: scores in its units, in points, and the noise of a pair's difference."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from inspect import signature
from typing import Any

import numpy as np
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, is_classifier
from sklearn.metrics import check_scoring, make_scorer
from sklearn.utils.metaestimators import available_if

from rnnselect.advice.noise import bootstrap_scores, paired_loss_variance, variance_of_draws
from rnnselect.advice.points import ScoreScale, score_scale

__all__ = ["ANSWERS", "Scoring", "freeze", "frozen_answers", "make_scoring"]

# What scorers ask estimators for.
ANSWERS = ("predict", "predict_proba", "decision_function")


@dataclass(frozen=True, eq=False, slots=True)
class Scoring:
    """How fits are scored.

    Parameters
    ----------
    scorer : callable
        ``scorer(estimator, X, y, **metadata)``, larger is better.
    scale : ScoreScale
        How scores become points.
    needs_predictions_only : bool
        Whether predictions can be scored again on resampled rows; a callable of the user's own
        may look at X.
    """

    scorer: Callable[..., float]
    scale: ScoreScale
    needs_predictions_only: bool

    @property
    def takes_weights(self) -> bool:
        """Whether the scorer takes `sample_weight`."""
        function = getattr(self.scorer, "_score_func", self.scorer)
        return "sample_weight" in signature(function).parameters

    def is_noise_exact(self, metadata: Any = ()) -> bool:
        """Whether the noise of a pair has a closed form, given further arguments of the scorer."""
        return self.scale.name == "accuracy" and not metadata

    def noise_of_fit(
        self,
        frozen: Any,
        y: np.ndarray,
        dummy: float,
        units: Any,
        seed: int,
        metadata: Callable[[np.ndarray], dict[str, Any]] = lambda rows: {},
    ) -> np.ndarray:
        """Return what the test samples make of one fit.

        Parameters
        ----------
        frozen : estimator
            Frozen predictions on the test rows, see `freeze`.
        y : ndarray of shape (n_test,) or (n_test, n_outputs)
            True targets of the test rows.
        dummy : float
            Score of a prediction without learning.
        units : ndarray of shape (n_test,) or None
            Labels of rows that depend on each other.
        seed : int
            Seed of the bootstrap.
        metadata : callable, default=none
            Returns the further arguments of the scorer for some of the test rows.

        Returns
        -------
        ndarray of shape (n_test,) or (n_draws,)
            Whether each sample is predicted rightly; or the points of bootstrap samples.
        """
        rows = np.arange(len(y))
        if self.is_noise_exact(metadata(rows)):
            return _all_right(y, frozen.predict(rows))

        def points(drawn: np.ndarray) -> float:
            return self.scale.points(self.scorer(frozen, drawn, y[drawn], **metadata(drawn)), dummy)

        # scikit-learn has tried the scorer, and warns of draws in which a class is missing.
        with config_context(skip_parameter_validation=True), warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"sklearn\.metrics")
            return bootstrap_scores(points, len(y), units=units, seed=seed)

    def noise_of_pair(self, first: np.ndarray, second: np.ndarray, units: Any) -> float:
        """Return the variance of the difference of two fits, in squared points.

        Both are what `noise_of_fit` returned for the same test samples, units and seed.
        """
        if first.dtype == bool:
            return paired_loss_variance(first, second, units)
        return variance_of_draws(second - first)


def make_scoring(scoring: Any, estimator: Any, *, rope: float = 0.01) -> Scoring:
    """Read the advisor's parameter `scoring`.

    Parameters
    ----------
    scoring : str, callable or None
        A scorer; None is accuracy or R2.
    estimator : estimator
        What is scored.
    rope : float, default=0.01
        The ROPE, see `score_scale`.

    Returns
    -------
    Scoring
        The scorer and its scale.
    """
    classifier = is_classifier(estimator)
    default = make_scorer(_accuracy) if classifier else "r2"
    scorer = _quiet(check_scoring(estimator, default if scoring is None else scoring))
    known = hasattr(scorer, "_score_func")
    scale = score_scale(scoring, is_classifier=classifier, rope=rope)
    return Scoring(scorer, scale, known)


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
    responses = {name: getattr(estimator, name)(X) for name in ANSWERS if hasattr(estimator, name)}
    return frozen_answers(responses, getattr(estimator, "classes_", None))


def frozen_answers(responses: dict[str, Any], classes: Any) -> Any:
    """Return an estimator that gives these answers.

    Parameters
    ----------
    responses : dict of str to array
        What each of `ANSWERS` returned for the test rows, where the estimator has it.
    classes : ndarray or None
        Class labels; None where there are none.

    Returns
    -------
    estimator
        Takes row numbers of the test part in place of X.
    """
    if classes is None:
        return _FrozenRegressor(responses)
    return _FrozenClassifier(responses, classes)


def _quiet(scorer: Any) -> Any:
    """Return a scorer that counts 0/0 as 0, as by default, but does not warn for every fit."""
    function = getattr(scorer, "_score_func", None)
    if function is None or "zero_division" not in signature(function).parameters:
        return scorer
    quiet = copy(scorer)
    quiet._kwargs = {"zero_division": 0.0, **scorer._kwargs}
    return quiet


def _all_right(y: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Return for each sample whether all of its outputs are predicted."""
    right = np.asarray(y) == np.asarray(predicted)
    return right if right.ndim == 1 else right.all(axis=1)


def _accuracy(y, predicted, sample_weight=None):
    """`accuracy_score`, which knows no several outputs of more than two classes."""
    return float(np.average(_all_right(y, predicted), weights=sample_weight))


def _gives(name: str) -> Any:
    return available_if(lambda self: name in self.responses)


class _Frozen(BaseEstimator):
    """What an estimator answered; X is row numbers of the test part."""

    def __init__(self, responses: dict[str, Any]) -> None:
        self.responses = responses

    def predict(self, rows):
        return self._rows("predict", rows)

    @_gives("predict_proba")
    def predict_proba(self, rows):
        return self._rows("predict_proba", rows)

    @_gives("decision_function")
    def decision_function(self, rows):
        return self._rows("decision_function", rows)

    def _rows(self, name, rows):
        response = self.responses[name]
        if isinstance(response, list):  # one array for each of several outputs
            return [np.asarray(each)[rows] for each in response]
        return np.asarray(response)[rows]


class _FrozenRegressor(RegressorMixin, _Frozen):
    """Values that were predicted already."""


class _FrozenClassifier(ClassifierMixin, _Frozen):
    """Labels and probabilities that were predicted already."""

    def __init__(self, responses: dict[str, Any], classes: Any) -> None:
        super().__init__(responses)
        self.classes = self.classes_ = classes
