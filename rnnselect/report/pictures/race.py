"""The race: scores of both cells on every fold, and what their differences say of the gap."""

from __future__ import annotations

from typing import Any

from rnnselect.cells import shown_name
from rnnselect.report.pictures.canvas import SMALL, tidy, write
from rnnselect.report.pictures.palette import EQUIVALENT, MARKERS, cell_colours
from rnnselect.report.pictures.picture import Picture, Record, Table
from rnnselect.report.text import percent_text, points_text, signed_text

__all__ = ["RACE", "draw_race"]

# Shares of the height: scores above, differences below, and room for the labels between them.
SCORES_BOX, DIFFERENCES_BOX = (0, 0.54, 1, 0.42), (0, 0, 1, 0.32)
# Few folds get a row each; of many, the rows close up, and only some carry their number.
MAX_NUMBERED_ROWS = 10
MOST_TICKS = 5  # of scores with three digits, on a telephone


def select_race(recommendation: Record) -> dict[str, Any] | None:
    """Return what the picture needs out of a recommendation's dict; None without pairs."""
    pairs, belief = recommendation["pairs"], recommendation["beliefs"][-1]
    if not pairs:
        return None
    first, second = recommendation["cells"]
    return {
        "cells": (first, second),
        "scoring": recommendation["scoring"],
        "scores": {cell: tuple(pair["scores"][cell] for pair in pairs) for cell in (first, second)},
        "differences_points": tuple(
            pair["points"][second] - pair["points"][first] for pair in pairs
        ),
        "gap_points": belief["gap_points"],
        "interval_points": (belief["low_points"], belief["high_points"]),
        "confidence": recommendation["rules"]["confidence"],
        "rope_points": recommendation["rules"]["rope_points"],
    }


def describe_race(data: Record) -> str:
    """Return what there is to see."""
    n = len(data["differences_points"])
    low, high = data["interval_points"]
    second = shown_name(data["cells"][1])
    ahead = sum(difference > 0 for difference in data["differences_points"])
    return (
        f"{second} scored higher on {ahead} of {n} fold{'s' * (n != 1)}. Its expected advantage "
        f"is {signed_text(data['gap_points'])} points, {percent_text(data['confidence'])} interval "
        f"{signed_text(low)} to {signed_text(high)}; up to {points_text(data['rope_points'])} "
        "either way counts as equivalent."
    )


def tabulate_race(data: Record) -> Table:
    """Return the numbers."""
    first, second = data["cells"]
    rows = zip(data["scores"][first], data["scores"][second], data["differences_points"],
               strict=True)  # fmt: skip
    return Table(
        ("Fold", shown_name(first), shown_name(second), "Difference (points)"),
        tuple(
            (str(k), f"{a:.4f}", f"{b:.4f}", signed_text(d)) for k, (a, b, d) in enumerate(rows, 1)
        ),
    )


def draw_race(ax: Any, data: Record) -> tuple[Any, Any]:
    """Draw on two axes, which share the place of `ax`, and return them.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where; it is taken apart into the scores (above) and their differences (below).
    data : dict
        What `select_race` returns.
    """
    ax.set_axis_off()
    scores, differences = ax.inset_axes(SCORES_BOX), ax.inset_axes(DIFFERENCES_BOX)
    _draw_scores(scores, data)
    _draw_differences(differences, data)
    return scores, differences


def _draw_scores(ax: Any, data: Record) -> None:
    colours = cell_colours(data["cells"])
    rows = range(1, len(data["differences_points"]) + 1)
    both = [data["scores"][cell] for cell in data["cells"]]
    ax.hlines(rows, *both, color=EQUIVALENT, linewidth=1.2, zorder=1)
    for cell, scores, marker in zip(data["cells"], both, MARKERS, strict=True):
        ax.scatter(scores, rows, s=36, marker=marker, color=colours[cell], zorder=2)
    ax.margins(x=0.08)
    ax.set_ylim(rows[-1] + 0.6, 0.4)
    step = 1 + (rows[-1] - 1) // MAX_NUMBERED_ROWS
    ax.set_yticks(rows[::step], [f"fold {k}" for k in rows[::step]])
    ax.set_xlabel(data["scoring"], fontsize=SMALL, parse_math=False)
    ax.locator_params(axis="x", nbins=MOST_TICKS)
    tidy(ax, grid="x", rows=True)
    # The labels stand in the order in which the first fold's markers do.
    order = sorted(data["cells"], key=lambda cell: data["scores"][cell][0])
    signs = dict(zip(data["cells"], "●■", strict=True))
    for cell, x, side in zip(order, (0.0, 1.0), ("left", "right"), strict=True):
        text = f"{signs[cell]} {shown_name(cell)}"
        write(ax, x, 1.03, text, ha=side, va="bottom", color=colours[cell], weight="bold")


def _draw_differences(ax: Any, data: Record) -> None:
    rope, (low, high) = data["rope_points"], data["interval_points"]
    differences, gap = data["differences_points"], data["gap_points"]
    first, second = map(shown_name, data["cells"])
    colours = cell_colours(data["cells"])
    ax.axvspan(-rope, rope, color=EQUIVALENT, alpha=0.2, linewidth=0)
    ax.axvline(0, color=EQUIVALENT, linewidth=1)
    ax.scatter(differences, [1] * len(differences), s=44, marker="|", color=EQUIVALENT, zorder=2)
    ink = ax.xaxis.label.get_color()
    ax.plot([low, high], [0, 0], color=ink, linewidth=2, solid_capstyle="round", zorder=2)
    ax.scatter([gap], [0], s=40, marker="D", color=ink, zorder=3)
    reach = 1.08 * max(1.2 * rope, *(abs(each) for each in (*differences, low, high)))
    ax.set(xlim=(-reach, reach), ylim=(-0.6, 1.6))
    ax.set_yticks([1, 0], ["each\nfold", f"gap,\n{percent_text(data['confidence'])}"])
    ax.set_xlabel(f"{second} minus {first} (points; band: equivalent)", fontsize=SMALL)
    tidy(ax, rows=True)
    for name, x, side, cell in zip(
        (f"◂ {first} better", f"{second} better ▸"), (0.0, 1.0), ("left", "right"), data["cells"],
        strict=True,
    ):  # fmt: skip
        write(ax, x, 1.02, name, ha=side, va="bottom", color=colours[cell])


RACE = Picture("race", "Fold by fold", select_race, describe_race, tabulate_race, draw_race, 3.9)
