"""One unit for all scorers: points, so that one ROPE and one prior fit them all.

A point is one hundredth of the way from useless to perfect. What "useless" is depends on the
scorer: 0 for accuracy and its kin, the dummy prediction's error for errors. Squared errors are
taken to their root first, because a gap in R2 or MSE counts large errors twice.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from statistics import median
from typing import Any, Literal

__all__ = ["ScoreKind", "ScoreScale", "rope_points", "score_scale"]

ScoreKind = Literal["bounded", "error", "squared_error", "r2", "raw"]

POINTS_PER_UNIT = 100.0

# scikit-learn's scorer names and metric functions, without "neg_", "_score" and the kind of
# averaging. Scores of the first group lie in [0, 1] (or have their useful part there), larger is
# better; D2 scores of absolute errors and log loss are already shares of the dummy's error.
_NAMES: dict[ScoreKind, frozenset[str]] = {
    "bounded": frozenset(
        {
            "accuracy",
            "average_precision",
            "balanced_accuracy",
            "cohen_kappa",
            "d2_absolute_error",
            "d2_log_loss",
            "d2_pinball",
            "f1",
            "fbeta",
            "jaccard",
            "matthews_corrcoef",
            "precision",
            "recall",
            "roc_auc",
            "top_k_accuracy",
        }
    ),
    "r2": frozenset({"d2_brier", "d2_tweedie", "explained_variance", "r2"}),
    "error": frozenset(
        {
            "log_loss",
            "max_error",
            "mean_absolute_error",
            "mean_absolute_percentage_error",
            "mean_pinball_loss",
            "median_absolute_error",
            "root_mean_squared_error",
            "root_mean_squared_log_error",
        }
    ),
    "squared_error": frozenset(
        {
            "brier",
            "brier_score_loss",
            "mean_gamma_deviance",
            "mean_poisson_deviance",
            "mean_squared_error",
            "mean_squared_log_error",
            "mean_tweedie_deviance",
        }
    ),
}
_AVERAGES = ("_macro", "_micro", "_samples", "_weighted", "_ovo", "_ovr")


@dataclass(frozen=True, slots=True)
class ScoreScale:
    """How the scores of one scorer become points. Scores are as scorers give them: more is better.

    Parameters
    ----------
    kind : {"bounded", "error", "squared_error", "r2", "raw"}
        ============== ======================================== =================
        kind           points                                   floor
        ============== ======================================== =================
        bounded        100 score                                dummy's points
        error          100 (1 - error / dummy's error)          0
        squared_error  100 (1 - sqrt(error / dummy's error))    0
        r2             100 (1 - sqrt(1 - score))                0 or dummy's points
        raw            100 score / unit                         dummy's points
        ============== ======================================== =================

        Scorers of errors are negative (``error = -score``).
    name : str, default=""
        Name of the scorer, for display.
    unit : float, default=1.0
        How far useless and perfect are apart, in units of the scorer: of errors the dummy's error,
        of ``raw`` scores the size of the dummy's score, because nobody knows what is perfect. See
        `measured`.

    Examples
    --------
    >>> ScoreScale("bounded").points(0.83, dummy_score=0.5)
    83.0
    >>> rmse = ScoreScale("error")
    >>> rmse.points(-0.5, dummy_score=-2.0), rmse.points(-3.0, dummy_score=-2.0)
    (75.0, -50.0)
    >>> rmse.floored(-3.0, dummy_score=-2.0)
    0.0
    """

    kind: ScoreKind
    name: str = ""
    unit: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in (*_NAMES, "raw"):
            raise ValueError(f"kind={self.kind!r}: choose from {[*_NAMES, 'raw']}")

    def points(self, score: float, dummy_score: float) -> float:
        """Convert a score, without a floor.

        Parameters
        ----------
        score : float
            In units of the scorer; nan and -inf are kept.
        dummy_score : float
            The same scorer on the dummy's predictions. For errors give the median over the
            folds, so that one odd fold does not change the unit.

        Returns
        -------
        float
            Points; -inf when the dummy is perfect and the score is not.

        Raises
        ------
        ValueError
            If the scorer of an error gave a positive score, or one of the ``r2`` kind exceeds 1.
        """
        if self.kind in ("bounded", "raw"):
            return POINTS_PER_UNIT * float(score) / self.unit
        if self.kind == "r2":
            if score > 1:
                raise ValueError(f"score={score!r}: scorers like R2 cannot exceed 1")
            return POINTS_PER_UNIT * (1 - math.sqrt(1 - score))
        error, dummy_error = self._error("score", score), self._error("dummy_score", dummy_score)
        ratio = error / dummy_error if dummy_error > 0 else (1.0 if error == 0 else math.inf)
        return POINTS_PER_UNIT * (1 - (math.sqrt(ratio) if self.kind != "error" else ratio))

    def measured(self, dummy_scores: Iterable[float]) -> ScoreScale:
        """Return the same scale with the unit that the dummy's scores give it.

        Parameters
        ----------
        dummy_scores : iterable of float
            Scores of a prediction without learning, one for each split.

        Returns
        -------
        ScoreScale
            Its own unit stays where they say nothing, because all are 0 or undefined.

        Examples
        --------
        >>> ScoreScale("raw", "profit").measured([40.0, 50.0, 60.0]).unit
        50.0
        """
        if self.kind in ("bounded", "r2"):
            return self
        sizes = [abs(score) for score in dummy_scores if math.isfinite(score)]
        size = float(median(sizes)) if sizes else 0.0
        return replace(self, unit=size) if size > 0 else self

    def gap(self, points: float, leader_points: float) -> float:
        """Convert a gap in points to one in units of the scorer, below the score of a leader.

        Examples
        --------
        >>> round(ScoreScale("r2").gap(1.0, leader_points=90.0), 4)
        0.0021
        """
        ends = (1 - (leader_points - points) / POINTS_PER_UNIT, 1 - leader_points / POINTS_PER_UNIT)
        further, nearer = (end**2 if self.kind in ("r2", "squared_error") else end for end in ends)
        return self.unit * (further - nearer)

    def floor_points(self, dummy_score: float) -> float:
        """Return the points below which no score counts: nobody deploys worse than the dummy."""
        if self.kind in ("error", "squared_error"):
            return 0.0
        dummy_points = self.points(dummy_score, dummy_score)
        # A constant prediction has an R2 of at most 0, and below 0 by chance only.
        return max(0.0, dummy_points) if self.kind == "r2" else dummy_points

    def floored(self, score: float, dummy_score: float) -> float:
        """Convert a score, but count nothing below the dummy; diverged fits (nan, -inf) neither.

        Without the floor, one diverged fit would outweigh all other pairs together.
        """
        floor = self.floor_points(dummy_score)
        if math.isnan(score) or score == -math.inf:
            return floor
        return max(floor, self.points(score, dummy_score))

    def _error(self, argument: str, score: float) -> float:
        if score > 0:
            raise ValueError(
                f"{argument}={score!r}: scorers of errors give -error, so at most 0; "
                "build it with make_scorer(..., greater_is_better=False)"
            )
        return -float(score)


def score_scale(scoring: Any, *, is_classifier: bool, rope: float = 0.01) -> ScoreScale:
    """Find the scale of a scorer.

    Parameters
    ----------
    scoring : None, str or callable
        None is the estimator's own score, accuracy or R2; a string is a name that scikit-learn
        knows; an object that ``make_scorer`` built is recognised by its metric function.
        Anything else has the scale ``"raw"``: its ROPE is in score units, and should be given
        explicitly.
    is_classifier : bool
        Says what None means.
    rope : float, default=0.01
        The ROPE, which is a point of a ``"raw"`` scale until the dummy's scores are known.

    Returns
    -------
    ScoreScale

    Examples
    --------
    >>> score_scale(None, is_classifier=True)
    ScoreScale(kind='bounded', name='accuracy', unit=1.0)
    >>> score_scale("neg_mean_squared_error", is_classifier=False).kind
    'squared_error'
    """
    scale = _scale_of_scoring(scoring, is_classifier=is_classifier)
    return replace(scale, unit=POINTS_PER_UNIT * rope) if scale.kind == "raw" and rope else scale


def _scale_of_scoring(scoring: Any, *, is_classifier: bool) -> ScoreScale:
    if scoring is None:
        return ScoreScale("bounded", "accuracy") if is_classifier else ScoreScale("r2", "r2")
    if isinstance(scoring, str):
        sign = -1 if scoring.startswith("neg_") else 1
        return _scale_of(scoring.removeprefix("neg_"), sign, name=scoring)
    metric = getattr(scoring, "_score_func", None)
    name = str(getattr(metric or scoring, "__name__", "custom scorer"))
    if metric is None:  # a bare callable may share a metric's name, but not its meaning
        return ScoreScale("raw", name)
    return _scale_of(name, getattr(scoring, "_sign", 1), name=name)


def rope_points(rope: float, scale: ScoreScale) -> float:
    """Convert the region of practical equivalence to points.

    Parameters
    ----------
    rope : float
        Half-width. Of ``bounded`` and ``raw`` scores in their own unit; of errors as a fraction of
        the dummy's error. Of ``r2`` as a fraction of the spread of the targets, which the root of 1
        - R2 measures: 0.01 is a point, and so 0.01 of R2 where R2 is 0.75, 0.002 where it is 0.99.
    scale : ScoreScale
        Where the rope will be used; named in the error.

    Returns
    -------
    float

    Examples
    --------
    >>> rope_points(0.01, ScoreScale("bounded"))
    1.0
    """
    if not (math.isfinite(rope) and rope >= 0):
        raise ValueError(
            f"rope={rope!r}: give a finite number, 0 or more, for scores of kind {scale.kind!r}"
        )
    return POINTS_PER_UNIT * rope / (scale.unit if scale.kind == "raw" else 1.0)


def _scale_of(metric: str, sign: int, *, name: str) -> ScoreScale:
    root = metric.removesuffix("_score")
    for _ in range(2):  # "roc_auc_ovr_weighted" has two suffixes
        for average in _AVERAGES:
            root = root.removesuffix(average)
    for kind, names in _NAMES.items():
        # A metric used against its own direction means something else: do not guess.
        expected_sign = -1 if kind in ("error", "squared_error") else 1
        if root in names and sign == expected_sign:
            return ScoreScale(kind, name)
    return ScoreScale("raw", name)
