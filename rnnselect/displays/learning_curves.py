"""Learning curves as a display."""

from __future__ import annotations

from sklearn.utils.validation import check_is_fitted

from rnnselect.displays.base import RecommendationDisplay
from rnnselect.report.pictures.learning_curves import (
    PARTS,
    draw_learning_curves,
    select_learning_curves,
)

__all__ = ["LearningCurvesDisplay"]


class LearningCurvesDisplay(RecommendationDisplay):
    """Training and validation loss of every fit, epoch by epoch, with a marker at the lowest.

    Make it with `from_recommendation`, `from_advisor` or `from_estimator`.

    Parameters
    ----------
    cells : tuple of two str
        The first and the second cell, in the order of their colours.
    histories : dict of str to sequence of dict
        For each cell and each of its fits the losses of its epochs: ``"loss"`` of the training
        part, and ``"val_loss"`` of the validation part where there was one.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
        The axes.
    figure_ : matplotlib.figure.Figure
        The figure.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from rnnselect import LearningCurvesDisplay
    >>> display = LearningCurvesDisplay(
    ...     cells=("gru", "lstm"),
    ...     histories={
    ...         "gru": [{"loss": (0.9, 0.4, 0.2), "val_loss": (0.9, 0.5, 0.4)}],
    ...         "lstm": [{"loss": (0.9, 0.5, 0.3), "val_loss": (0.9, 0.6, 0.7)}],
    ...     },
    ... ).plot(Figure().subplots())
    >>> display.ax_.get_ylabel()
    'loss'
    """

    _draw = staticmethod(draw_learning_curves)
    _select = staticmethod(select_learning_curves)
    _remedy = (
        "no pair was run, or its fits have left no losses; give a recommendation of RNNAdvisor on "
        "RNNClassifier or RNNRegressor with at least one pair."
    )

    def __init__(self, *, cells, histories):
        self.cells = cells
        self.histories = histories

    @classmethod
    def from_estimator(cls, estimator, *, ax=None):
        """Draw the one fit of an estimator.

        Parameters
        ----------
        estimator : RNNClassifier or RNNRegressor
            Fitted.
        ax : matplotlib.axes.Axes or None, default=None
            Axes to draw in; None makes a new figure.

        Returns
        -------
        LearningCurvesDisplay
            Drawn.
        """
        check_is_fitted(estimator, "history_")
        losses = {
            name: tuple(estimator.history_[name]) for name in PARTS if name in estimator.history_
        }
        return cls(cells=("gru", "lstm"), histories={estimator.cell.lower(): [losses]}).plot(ax)
