"""What is known of the gap, as a display."""

from __future__ import annotations

from rnnselect.displays.base import RecommendationDisplay
from rnnselect.report.pictures.posterior import draw_posterior, select_posterior

__all__ = ["PosteriorDisplay"]


class PosteriorDisplay(RecommendationDisplay):
    """The probability density of the gap, and the probabilities of its three regions.

    Make it with `from_recommendation` or `from_advisor`.

    Parameters
    ----------
    cells : tuple of two str
        The first and the second cell.
    gaps_points : sequence of float, length n_points
        Advantages of the second cell over the first, in points, ascending.
    density_per_point : sequence of float, length n_points
        Probability density there, in 1 / points.
    probabilities : dict of str to float
        Of each cell being better by more than the ROPE, and of ``"equivalent"``.
    rope_points : float
        Half-width of the region of practical equivalence.
    n_pairs : int, default=0
        Number of pairs behind the density.
    history : sequence of dict, default=()
        The probabilities before the first pair and after each.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
        The axes.
    figure_ : matplotlib.figure.Figure
        The figure.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from rnnselect import PosteriorDisplay
    >>> display = PosteriorDisplay(
    ...     cells=("gru", "lstm"),
    ...     gaps_points=(-3, -2, -1, 0, 1, 2, 3),
    ...     density_per_point=(0, 0.05, 0.2, 0.5, 0.2, 0.05, 0),
    ...     probabilities={"gru": 0.12, "equivalent": 0.76, "lstm": 0.12},
    ...     rope_points=1.0,
    ... ).plot(Figure().subplots())
    >>> display.ax_.get_xlabel()
    'gap: LSTM minus GRU (points)'
    """

    _draw = staticmethod(draw_posterior)
    _select = staticmethod(select_posterior)

    def __init__(
        self,
        *,
        cells,
        gaps_points,
        density_per_point,
        probabilities,
        rope_points,
        n_pairs=0,
        history=(),
    ):
        self.cells = cells
        self.gaps_points = gaps_points
        self.density_per_point = density_per_point
        self.probabilities = probabilities
        self.rope_points = rope_points
        self.n_pairs = n_pairs
        self.history = history
