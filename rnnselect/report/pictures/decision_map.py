"""The decision map: what the advisor would do, over data size and budget."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnselect.report.pictures.canvas import SMALL, seconds_axis, tidy, write
from rnnselect.report.pictures.palette import FIRST
from rnnselect.report.pictures.picture import Record

__all__ = ["draw_decision_map"]

# Opacity of blue for one pair; the most pairs are opaque. Without a test: a pale grey.
PALEST = 0.25
OUTRIGHT = (0.5, 0.5, 0.5, 0.15)


def draw_decision_map(ax: Any, data: Record) -> None:
    """Draw a field for each data size and budget, darker for more pairs, regions named.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where.
    data : dict
        ``n_samples`` and ``budgets_seconds``, both ascending, and ``n_pairs`` with one row a
        budget and one column a size; 0 recommends outright.
    """
    from matplotlib.colors import ListedColormap, to_rgba

    sizes, budgets = np.asarray(data["n_samples"]), np.asarray(data["budgets_seconds"])
    n_pairs = np.asarray(data["n_pairs"])
    most = max(int(n_pairs.max()), 1)
    numbers = np.unique(n_pairs)
    colours = [
        to_rgba(FIRST, PALEST + (1 - PALEST) * number / most) if number else OUTRIGHT
        for number in range(most + 1)
    ]
    x, y = _edges(sizes), _edges(budgets)
    ax.pcolormesh(x, y, n_pairs, cmap=ListedColormap(colours), vmin=-0.5, vmax=most + 0.5)
    ax.set(xscale="log", yscale="log", xlim=x[[0, -1]], ylim=y[[0, -1]])
    ax.xaxis.set_major_formatter(lambda n, _: f"{n:,.0f}")
    ax.xaxis.set_minor_formatter("")
    seconds_axis(ax.yaxis)
    ax.set_xlabel("sequences in the data set", fontsize=SMALL)
    ax.set_ylabel("budget", fontsize=SMALL)
    tidy(ax)
    for number in numbers:
        _name_region(ax, sizes, budgets, n_pairs == number, int(number))
    if data.get("title"):
        write(ax, 0.0, 1.03, data["title"], va="bottom")


def _name_region(ax: Any, sizes: Any, budgets: Any, inside: Any, number: int) -> None:
    """Write what is done where the region is widest."""
    widths = [_longest_run(row) for row in inside]
    height = [_longest_run(column)[1] for column in inside.T]
    row = max(range(len(widths)), key=lambda k: (widths[k][1], _room(inside, k, widths[k])))
    start, length = widths[row]
    share = length / inside.shape[1]
    text = "recommend\noutright" if number == 0 else f"{number} pair{'s' * (number != 1)}"
    if share < 0.14 or max(height) < 2:
        text = "0" if number == 0 else str(number)
    middle = float(np.exp(np.log(sizes[start : start + length]).mean()))
    ax.text(middle, budgets[row], text, ha="center", va="center", fontsize=SMALL, weight="bold")


def _room(inside: Any, row: int, run: tuple[int, int]) -> int:
    """Return how many rows a region reaches above and below the middle of a run."""
    column = inside[:, run[0] + run[1] // 2]
    above = next((k for k, each in enumerate(column[row:]) if not each), len(column) - row)
    below = next((k for k, each in enumerate(column[row::-1]) if not each), row + 1)
    return min(above, below)


def _longest_run(inside: Any) -> tuple[int, int]:
    """Return start and length of the longest run of True."""
    best, start = (0, 0), None
    for k, each in enumerate([*inside, False]):
        if each and start is None:
            start = k
        elif not each and start is not None:
            best, start = max(best, (start, k - start), key=lambda run: run[1]), None
    return best


def _edges(values: Any) -> Any:
    """Return the edges of fields around ascending values, on a logarithmic axis."""
    logs = np.log(values)
    middles = (logs[1:] + logs[:-1]) / 2
    ends = (2 * logs[0] - middles[0], 2 * logs[-1] - middles[-1])
    return np.exp(np.concatenate([[ends[0]], middles, [ends[1]]]))
