"""Learning curves as a display."""

from __future__ import annotations

from sklearn.utils.validation import check_is_fitted

from rnnselect.displays.base import RecommendationDisplay
from rnnselect.report.pictures.learning_curves import (
    LABELS,
    draw_learning_curves,
    select_learning_curves,
)

__all__ = ["LearningCurvesDisplay"]


class LearningCurvesDisplay(RecommendationDisplay):
    """The loss of every fit, epoch by epoch, with a marker at its lowest.

    Make it with `from_recommendation`, `from_advisor` or `from_estimator`.

    Parameters
    ----------
    cells : tuple of two str
        The first and the second cell; they say the colours.
    loss : {"val_loss", "loss"}
        Whether the losses are those of the validation part or of the training part.
    curves : dict of str to sequence of sequence of float
        Losses of the epochs of each cell's fits.

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
    ...     loss="val_loss",
    ...     curves={"gru": [(0.9, 0.5, 0.4)], "lstm": [(0.9, 0.6, 0.7)]},
    ... ).plot(Figure().subplots())
    >>> display.ax_.get_ylabel()
    'loss on the validation part'
    """

    _draw = staticmethod(draw_learning_curves)
    _select = staticmethod(select_learning_curves)
    _remedy = (
        "no pair was run, or its fits have left no losses; give a recommendation of RNNAdvisor on "
        "RNNClassifier or RNNRegressor with at least one pair."
    )

    def __init__(self, *, cells, loss, curves):
        self.cells = cells
        self.loss = loss
        self.curves = curves

    @classmethod
    def from_estimator(cls, estimator, *, ax=None):
        """Draw the one fit of an estimator.

        Parameters
        ----------
        estimator : RNNClassifier or RNNRegressor
            Fitted.
        ax : matplotlib.axes.Axes or None, default=None
            Where; None makes a new figure.

        Returns
        -------
        LearningCurvesDisplay
            Drawn.
        """
        check_is_fitted(estimator, "history_")
        history = estimator.history_
        loss = next(name for name in LABELS if name in history)
        curves = {estimator.cell.lower(): [tuple(history[loss])]}
        return cls(cells=("gru", "lstm"), loss=loss, curves=curves).plot(ax)
