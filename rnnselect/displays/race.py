"""The race as a display."""

from __future__ import annotations

from typing import Any

from rnnselect.displays.base import RecommendationDisplay
from rnnselect.report.pictures.race import draw_race, select_race

__all__ = ["RaceDisplay"]


class RaceDisplay(RecommendationDisplay):
    """The scores of cells and simple models on every fold, and what they say of the gap.

    Make it with `from_recommendation` or `from_advisor`.

    Parameters
    ----------
    cells : tuple of two str
        The first and the second cell.
    scoring : str
        Name of the scorer.
    scores : dict of str to sequence of float
        Score of each cell on each fold.
    differences_points : sequence of float, length n_folds
        Second cell minus first, in points.
    gap_points : float
        Expected advantage of the second cell, in points.
    interval_points : tuple of two float
        Ends of the interval of the gap.
    confidence : float
        Probability of the interval.
    rope_points : float
        Half-width of the region of practical equivalence.
    simple_scores : dict of str to sequence of float, default=None
        Score of each simple model on each fold; the best one is dashed.
    highest_score : float or None, default=None
        Where the axis of scores ends: 1 for accuracy. None: a little beyond the scores.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
        The axes given to `plot`, which the two below share.
    axes_ : tuple of two matplotlib.axes.Axes
        The scores, and their differences.
    figure_ : matplotlib.figure.Figure
        The figure.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from rnnselect import RaceDisplay
    >>> display = RaceDisplay(
    ...     cells=("gru", "lstm"),
    ...     scoring="accuracy",
    ...     scores={"gru": (0.91, 0.93), "lstm": (0.92, 0.96)},
    ...     differences_points=(1.0, 3.0),
    ...     gap_points=1.4,
    ...     interval_points=(-0.2, 3.1),
    ...     confidence=0.95,
    ...     rope_points=1.0,
    ... ).plot(Figure().subplots())
    >>> display.axes_[0].get_xlabel()
    'accuracy'
    """

    _draw = staticmethod(draw_race)
    _select = staticmethod(select_race)
    _remedy = "no pair was run, the cell is recommended untested; give a larger budget."

    def __init__(
        self,
        *,
        cells,
        scoring,
        scores,
        differences_points,
        gap_points,
        interval_points,
        confidence,
        rope_points,
        simple_scores=None,
        highest_score=None,
    ):
        self.cells = cells
        self.scoring = scoring
        self.scores = scores
        self.differences_points = differences_points
        self.gap_points = gap_points
        self.interval_points = interval_points
        self.confidence = confidence
        self.rope_points = rope_points
        self.simple_scores = simple_scores or {}
        self.highest_score = highest_score

    def _drawn(self, result: Any) -> None:
        self.axes_ = result
