"""The decision map: what the advisor would do, over data size and budget."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnselect.report.pictures.canvas import SMALL, seconds_axis, tidy, write
from rnnselect.report.pictures.palette import FIRST
from rnnselect.report.pictures.picture import Record

__all__ = ["draw_decision_map"]

# Opacity of blue up to the most pairs, so that labels in the text's colour can be read on it.
# Without a test: a pale grey.
PALEST, DARKEST = 0.2, 0.7
OUTRIGHT = (0.5, 0.5, 0.5, 0.15)
# Half the height that a line of a label takes, as a share of a small picture, and how much less
# high than wide a label is: where the region has less room, the number alone or nothing is said.
ROOM_OF_LONG, ROOM_OF_SHORT = 0.035, 0.018
HEIGHT_TO_WIDTH = 0.35


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
        to_rgba(FIRST, PALEST + (DARKEST - PALEST) * number / most) if number else OUTRIGHT
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
    """Write what is done where the region has most room, as far as there is any."""
    from scipy.ndimage import distance_transform_edt

    n_rows, n_columns = inside.shape
    steps = (1 / n_rows, HEIGHT_TO_WIDTH / n_columns)
    # Distances go to the middle of the nearest field outside, half a field too far.
    room = distance_transform_edt(np.pad(inside, 1), sampling=steps)[1:-1, 1:-1] - steps[0] / 2
    row, column = np.unravel_index(room.argmax(), room.shape)
    long = "recommend\noutright" if number == 0 else f"{number} pair{'s' * (number != 1)}"
    short = "none" if number == 0 else str(number)
    fitting = [text for text, needed in ((long, ROOM_OF_LONG), (short, ROOM_OF_SHORT))
               if room.max() >= needed * (1 + text.count("\n"))]  # fmt: skip
    if fitting:
        style = {"ha": "center", "va": "center", "fontsize": SMALL, "weight": "bold"}
        ax.text(sizes[column], budgets[row], fitting[0], **style)


def _edges(values: Any) -> Any:
    """Return the edges of fields around ascending values, on a logarithmic axis."""
    logs = np.log(values)
    middles = (logs[1:] + logs[:-1]) / 2
    ends = (2 * logs[0] - middles[0], 2 * logs[-1] - middles[-1])
    return np.exp(np.concatenate([[ends[0]], middles, [ends[1]]]))
