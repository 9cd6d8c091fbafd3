"""The calibration of the advisor as a display."""

from __future__ import annotations

import numpy as np
from scipy.stats import binomtest
from sklearn.utils.validation import check_consistent_length, column_or_1d

from rnnselect.displays.base import DisplayMixin
from rnnselect.report.pictures.calibration import draw_calibration

__all__ = ["AdviceCalibrationDisplay"]

CONFIDENCE = 0.95


class AdviceCalibrationDisplay(DisplayMixin):
    """How often the advisor was right: stated probability against observed share.

    Make it with `from_predictions`.

    Parameters
    ----------
    stated, observed : ndarray of shape (n_bins,)
        Mean stated probability of each bin, and the share of its decisions that came true.
    low, high : ndarray of shape (n_bins,)
        Ends of the shares' 95 % intervals (Wilson).
    counts : ndarray of shape (n_bins,)
        Decisions in each bin.
    event : str, default="it is so"
        What the probabilities are of, for the label of the axis.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
        The axes.
    figure_ : matplotlib.figure.Figure
        The figure.
    """

    _draw = staticmethod(draw_calibration)

    def __init__(self, *, stated, observed, low, high, counts, event="it is so"):
        self.stated = stated
        self.observed = observed
        self.low = low
        self.high = high
        self.counts = counts
        self.event = event

    @classmethod
    def from_predictions(cls, y_true, y_prob, *, n_bins=10, event="it is so", ax=None):
        """Draw a table of outcomes.

        Parameters
        ----------
        y_true : array-like of shape (n_decisions,)
            Whether each decision's event happened: 0 or 1.
        y_prob : array-like of shape (n_decisions,)
            Probability that the advisor stated for it.
        n_bins : int, default=10
            Equally wide bins of stated probabilities; empty ones are left out.
        event : str, default="it is so"
            What the probabilities are of, e.g. ``"GRU is better"``.
        ax : matplotlib.axes.Axes or None, default=None
            Axes to draw in; None makes a new figure.

        Returns
        -------
        AdviceCalibrationDisplay
            Drawn.

        Raises
        ------
        ValueError
            If there are no decisions, or values outside [0, 1].

        Examples
        --------
        >>> from matplotlib.figure import Figure
        >>> from rnnselect import AdviceCalibrationDisplay
        >>> display = AdviceCalibrationDisplay.from_predictions(
        ...     [0, 0, 1, 1], [0.1, 0.3, 0.7, 0.9], n_bins=2, ax=Figure().subplots()
        ... )
        >>> display.observed.tolist(), display.counts.tolist()
        ([0.0, 1.0], [2, 2])
        """
        happened, stated = (_checked(*each) for each in (("y_true", y_true), ("y_prob", y_prob)))
        check_consistent_length(happened, stated)
        if not np.isin(happened, (0, 1)).all():
            raise ValueError("y_true must hold 0 and 1 only: whether each event happened.")
        if n_bins < 1:
            raise ValueError(f"n_bins={n_bins!r}: give 1 or more.")
        bins = np.minimum((stated * n_bins).astype(int), n_bins - 1)
        filled = np.unique(bins)
        tests = [binomtest(int(happened[bins == k].sum()), int((bins == k).sum())) for k in filled]
        intervals = [test.proportion_ci(CONFIDENCE, method="wilson") for test in tests]
        return cls(
            stated=np.array([stated[bins == k].mean() for k in filled]),
            observed=np.array([test.statistic for test in tests]),
            low=np.array([interval.low for interval in intervals]),
            high=np.array([interval.high for interval in intervals]),
            counts=np.array([test.n for test in tests]),
            event=event,
        ).plot(ax)


def _checked(name, values):
    numbers = column_or_1d(np.asarray(values, dtype=float))
    if numbers.size == 0 or not ((numbers >= 0) & (numbers <= 1)).all():
        raise ValueError(f"{name} must hold at least one value, and all between 0 and 1.")
    return numbers
