"""The decision map as a display."""

from __future__ import annotations

import numpy as np
from sklearn.base import clone

from rnnselect.advice.alternatives import worthwhile_pairs
from rnnselect.displays.base import DisplayMixin
from rnnselect.report.pictures.decision_map import draw_decision_map

__all__ = ["DecisionMapDisplay"]

# From a laptop's afternoon of labelling to a large collection; from no patience to overnight.
DEFAULT_N_SAMPLES = np.unique(np.geomspace(100, 100_000, 31).round().astype(int))
DEFAULT_BUDGETS_SECONDS = np.geomspace(5, 4 * 3600, 41)


class DecisionMapDisplay(DisplayMixin):
    """What the advisor would do, over data size and budget.

    Make it with `from_advisor`.

    Parameters
    ----------
    n_samples : ndarray of shape (n_sizes,)
        Numbers of sequences, ascending.
    budgets_seconds : ndarray of shape (n_budgets,)
        Budgets, ascending.
    n_pairs : ndarray of shape (n_budgets, n_sizes)
        Pairs that would be planned; 0 recommends outright.
    title : str, default=""
        Title of the picture: the other sizes of the data.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
        The axes.
    figure_ : matplotlib.figure.Figure
        The figure.
    """

    _draw = staticmethod(draw_decision_map)

    def __init__(self, *, n_samples, budgets_seconds, n_pairs, title=""):
        self.n_samples = n_samples
        self.budgets_seconds = budgets_seconds
        self.n_pairs = n_pairs
        self.title = title

    @classmethod
    def from_advisor(
        cls,
        advisor,
        *,
        sequence_length,
        n_channels=1,
        n_outputs=2,
        n_samples=None,
        budgets_seconds=None,
        ax=None,
    ):
        """Draw what an advisor would do; nothing is trained.

        Parameters
        ----------
        advisor : RNNAdvisor
            Its own budget is not used, and it need not be fitted.
        sequence_length : int
            Time steps.
        n_channels : int, default=1
            Values of one time step.
        n_outputs : int, default=2
            Classes, or outputs of a regression.
        n_samples : array-like of int or None, default=None
            Numbers of sequences; None: 31 from 100 to 100,000.
        budgets_seconds : array-like of float or None, default=None
            Budgets; None: 41 from 5 seconds to 4 hours.
        ax : matplotlib.axes.Axes or None, default=None
            Axes to draw in; None makes a new figure.

        Returns
        -------
        DecisionMapDisplay
            Drawn.

        Raises
        ------
        ValueError
            If there are fewer than two sizes or budgets, or they do not ascend.

        Examples
        --------
        >>> from matplotlib.figure import Figure
        >>> from rnnselect import DecisionMapDisplay, RNNAdvisor
        >>> display = DecisionMapDisplay.from_advisor(
        ...     RNNAdvisor(),
        ...     sequence_length=100,
        ...     n_samples=[500, 5000],
        ...     budgets_seconds=[1, 3600],
        ...     ax=Figure().subplots(),
        ... )
        >>> display.n_pairs[0].tolist()  # nothing fits into a second
        [0, 0]
        """
        sizes = _ascending("n_samples", DEFAULT_N_SAMPLES if n_samples is None else n_samples)
        budgets = _ascending(
            "budgets_seconds",
            DEFAULT_BUDGETS_SECONDS if budgets_seconds is None else budgets_seconds,
        )
        unlimited = clone(advisor).set_params(budget=None)
        plans = [
            unlimited.plan(
                n_samples=int(n),
                sequence_length=sequence_length,
                n_channels=n_channels,
                n_outputs=n_outputs,
            )
            for n in sizes
        ]
        n_pairs = np.array([[worthwhile_pairs(p, float(b)) for p in plans] for b in budgets])
        channels = f"{n_channels} channel{'s' * (n_channels != 1)}"
        title = f"sequences of {sequence_length} time steps, {channels}"
        return cls(n_samples=sizes, budgets_seconds=budgets, n_pairs=n_pairs, title=title).plot(ax)


def _ascending(name, values):
    numbers = np.asarray(values)
    if numbers.ndim != 1 or len(numbers) < 2 or numbers[0] <= 0 or (np.diff(numbers) <= 0).any():
        raise ValueError(f"{name}={values!r}: give at least two positive numbers, ascending.")
    return numbers
