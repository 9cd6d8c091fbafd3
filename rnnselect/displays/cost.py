"""The cost as a display."""

from __future__ import annotations

from rnnselect.displays.base import RecommendationDisplay
from rnnselect.report.pictures.cost import draw_cost, select_cost

__all__ = ["CostDisplay"]


class CostDisplay(RecommendationDisplay):
    """Forecast and measured seconds: of a fit of each cell, and of everything.

    Make it with `from_recommendation` or `from_advisor`.

    Parameters
    ----------
    cells : tuple of two str
        The first and the second cell.
    rows : sequence of dict
        Two for the cells, then others. Each has ``name``; ``forecast``, a dict of the seconds
        ``low``, ``expected`` and ``high``; ``took``, a sequence of seconds; and may have ``note``.
    budget_seconds : float or None, default=None
        The budget.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
        The axes.
    figure_ : matplotlib.figure.Figure
        The figure.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from rnnselect import CostDisplay
    >>> forecast = {"low": 1.0, "expected": 2.0, "high": 4.0}
    >>> rows = [{"name": name, "forecast": forecast, "took": (2.5,)} for name in ("GRU", "LSTM")]
    >>> display = CostDisplay(cells=("gru", "lstm"), rows=rows, budget_seconds=60.0)
    >>> display.plot(Figure().subplots()).ax_.get_xscale()
    'log'
    """

    _draw = staticmethod(draw_cost)
    _select = staticmethod(select_cost)
    _remedy = "a finished search had no forecast; give a recommendation of RNNAdvisor."

    def __init__(self, *, cells, rows, budget_seconds=None):
        self.cells = cells
        self.rows = rows
        self.budget_seconds = budget_seconds
