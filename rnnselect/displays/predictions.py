"""Predictions for the test parts, as a display."""

from __future__ import annotations

from typing import Any

from rnnselect.displays.base import RecommendationDisplay
from rnnselect.report.pictures.palette import FIRST
from rnnselect.report.pictures.predictions import draw_predictions, select_predictions

__all__ = ["PredictionsDisplay"]


class PredictionsDisplay(RecommendationDisplay):
    """What the chosen cell predicted for sequences that it was not trained on.

    Classes are shown by `sklearn.metrics.ConfusionMatrixDisplay`, coloured by shares of the true
    class; values by `sklearn.metrics.PredictionErrorDisplay`. Make it with `from_recommendation`
    or `from_advisor`.

    Parameters
    ----------
    candidate : str
        Name of what predicted.
    n_tested : int
        Sequences that were tested.
    labels : sequence of str, default=()
        The classes; empty where values are predicted.
    confusion : sequence of sequence of int, default=()
        How many sequences of each class (row) were predicted to be of each class (column).
    true, predicted : sequence of float, default=()
        True and predicted values.
    standardised : bool, default=False
        Whether these are in standard deviations.
    colour : str, default="#0072b2"
        Of the fields or the dots.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
        The axes.
    display_ : ConfusionMatrixDisplay or PredictionErrorDisplay
        What scikit-learn has drawn.
    figure_ : matplotlib.figure.Figure
        The figure.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from rnnselect import PredictionsDisplay
    >>> display = PredictionsDisplay(
    ...     candidate="gru", n_tested=9, labels=("no", "yes"), confusion=((4, 1), (0, 4))
    ... ).plot(Figure().subplots())
    >>> display.ax_.get_xlabel()
    'predicted class'
    """

    _draw = staticmethod(draw_predictions)
    _select = staticmethod(select_predictions)
    _remedy = (
        "no pair was run, a scorer looks at more than predictions, or targets have several classes "
        "each or more than 30; give a recommendation of RNNAdvisor with at least one pair."
    )

    def __init__(
        self,
        *,
        candidate,
        n_tested,
        labels=(),
        confusion=(),
        true=(),
        predicted=(),
        standardised=False,
        colour=FIRST,
    ):
        self.candidate = candidate
        self.n_tested = n_tested
        self.labels = labels
        self.confusion = confusion
        self.true = true
        self.predicted = predicted
        self.standardised = standardised
        self.colour = colour

    def _drawn(self, result: Any) -> None:
        self.display_ = result
