"""Calibration of the advisor: the probabilities that it stated, and what then happened."""

from __future__ import annotations

from typing import Any

from rnnselect.report.pictures.canvas import SMALL, tidy, write
from rnnselect.report.pictures.palette import EQUIVALENT, FIRST
from rnnselect.report.pictures.picture import Record

__all__ = ["draw_calibration"]

# Area of a dot in points², for one decision and for the fullest bin.
SMALLEST_DOT, LARGEST_DOT = 14, 150


def draw_calibration(ax: Any, data: Record) -> None:
    """Draw the observed share against the stated probability, with 95 % intervals.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where.
    data : dict
        ``stated``, ``observed``, ``low``, ``high`` and ``counts``, one value a bin; and
        ``event``, what the probabilities are of.
    """
    counts = data["counts"]
    fullest = max(counts, default=1)
    ax.plot([0, 1], [0, 1], color=EQUIVALENT, linewidth=1, linestyle=(0, (3, 3)))
    ax.vlines(data["stated"], data["low"], data["high"], color=FIRST, linewidth=1.5, alpha=0.6)
    sizes = [SMALLEST_DOT + (LARGEST_DOT - SMALLEST_DOT) * n / fullest for n in counts]
    ax.scatter(data["stated"], data["observed"], s=sizes, color=FIRST, zorder=3)
    ax.set(xlim=(-0.04, 1.04), ylim=(-0.04, 1.04), aspect="equal", box_aspect=1)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_ticks([0, 0.25, 0.5, 0.75, 1])
        axis.set_major_formatter(lambda share, _: f"{100 * share:.0f} %")
    ax.set_xlabel(f"stated probability that {data['event']}", fontsize=SMALL)
    ax.set_ylabel("share of decisions in which it was so", fontsize=SMALL)
    tidy(ax, grid="both")
    total = sum(counts)
    write(ax, 0.0, 1.03, f"{total:,} decisions; bars: 95 % intervals", va="bottom")
    write(ax, 0.03, 0.95, "happened more often", va="top", color=EQUIVALENT)
    write(ax, 0.97, 0.05, "happened less often", ha="right", color=EQUIVALENT)
