"""Axes: where they come from, and how all pictures look alike."""

from __future__ import annotations

from typing import Any

from rnnselect.report.text import duration_text

__all__ = ["matplotlib_is_installed", "new_axes", "seconds_axis", "tidy", "write"]

SMALL = "small"  # of rcParams["font.size"], so that who wants larger text gets it everywhere
GRID_OPACITY = 0.25
_MINUTE, _HOUR = 60, 3600
ROUND_SECONDS = (
    *(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20),
    *(n * _MINUTE for n in (0.5, 1, 2, 5, 10, 30)),
    *(n * _HOUR for n in (1, 2, 5, 10, 24, 48, 120, 240)),
)
MOST_TICKS = 5


def matplotlib_is_installed() -> bool:
    """Whether pictures can be drawn."""
    from importlib.util import find_spec

    return find_spec("matplotlib") is not None


def new_axes(ax: Any, caller: str) -> Any:
    """Return `ax`, or the axes of a new figure where it is None.

    Parameters
    ----------
    ax : matplotlib.axes.Axes or None
        Where to draw.
    caller : str
        What is drawn, for the message.

    Raises
    ------
    ImportError
        If matplotlib is not installed; the message says how to install it.
    """
    if ax is not None:
        return ax
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise ImportError(f"{caller} needs matplotlib: pip install matplotlib") from error
    return pyplot.subplots(layout="constrained")[1]


def tidy(ax: Any, *, grid: str | None = None, rows: bool = False) -> None:
    """Take away what carries no information.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        What to tidy.
    grid : {"x", "y", "both"} or None, default=None
        Lines to read values by.
    rows : bool, default=False
        Whether the vertical axis lists things: it then needs neither line nor ticks.
    """
    ax.patch.set_alpha(0)
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(labelsize=SMALL)
    if rows:
        ax.spines["left"].set_visible(False)
        ax.tick_params(axis="y", length=0)
    if grid is not None:
        ax.grid(axis=grid, color="#808080", alpha=GRID_OPACITY, linewidth=0.8)
        ax.set_axisbelow(True)


def write(ax: Any, x: float, y: float, text: str, **style: Any) -> Any:
    """Write a label at a place given in shares of the axes, small unless `style` says otherwise."""
    return ax.text(x, y, text, transform=ax.transAxes, **{"fontsize": SMALL, **style})


def seconds_axis(axis: Any) -> None:
    """Put ticks on a logarithmic axis of seconds where people would put them."""
    from matplotlib.ticker import FixedLocator, NullLocator

    low, high = sorted(axis.get_view_interval())
    shown = [seconds for seconds in ROUND_SECONDS if low <= seconds <= high]
    step = 1 + (len(shown) - 1) // MOST_TICKS
    axis.set_major_locator(FixedLocator(shown[::step]))
    axis.set_major_formatter(lambda seconds, _: duration_text(seconds))
    axis.set_minor_locator(NullLocator())
