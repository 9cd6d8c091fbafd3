"""The race: scores of all models on every fold, and what their differences say of the gap."""

from __future__ import annotations

import math
from statistics import mean
from typing import Any

import numpy as np

from rnnselect.cells import shown_name
from rnnselect.report.pictures.canvas import SMALL, tidy, write
from rnnselect.report.pictures.palette import EQUIVALENT, MARKERS, cell_colours
from rnnselect.report.pictures.picture import Picture, Record, Table
from rnnselect.report.text import percent_text, points_text, score_text, signed_text

__all__ = ["RACE", "draw_race"]

# Shares of the height: scores above, differences below, and room for the labels between them.
SCORES_BOX, DIFFERENCES_BOX = (0, 0.54, 1, 0.42), (0, 0, 1, 0.3)
# Few folds get a row each; of many, the rows close up, and only some carry their number.
MAX_NUMBERED_ROWS = 10
MOST_TICKS = 5  # of scores with three digits, on a telephone
APART = 0.13  # of a row, so that both markers of a tie can be seen
MARGIN = 0.08  # of the axis, on either side
MAX_GAP_NAME = 25  # characters of both names that leave room for their unit on the same line
MAX_NAME = 40  # characters of a simple model's name that fit below the axis
# No score of these kinds of scorer is above this.
HIGHEST_SCORES = {"bounded": 1.0, "r2": 1.0, "error": 0.0, "squared_error": 0.0}


def select_race(recommendation: Record) -> dict[str, Any] | None:
    """Return what the picture needs out of a recommendation's dict; None without pairs."""
    pairs, belief = recommendation["pairs"], recommendation["beliefs"][-1]
    if not pairs:
        return None
    first, second = recommendation["cells"]
    rules = recommendation["rules"]
    return {
        "cells": (first, second),
        "scoring": recommendation["scoring"],
        "scores": {cell: tuple(pair["scores"][cell] for pair in pairs) for cell in (first, second)},
        "differences_points": tuple(
            pair["points"][second] - pair["points"][first] for pair in pairs
        ),
        "gap_points": belief["gap_points"],
        "interval_points": (belief["low_points"], belief["high_points"]),
        "confidence": rules["confidence"],
        "rope_points": rules["rope_points"],
        "simple_scores": {
            name: scores[: len(pairs)] for name, scores in recommendation["baseline_scores"].items()
        },
        "highest_score": HIGHEST_SCORES.get(rules["scale"]["kind"]),
    }


def describe_race(data: Record) -> str:
    """Return what there is to see."""
    low, high = map(signed_text, data["interval_points"])
    first, second = map(shown_name, data["cells"])
    rope = data["rope_points"]
    alike = f" Up to {points_text(rope)} either way counts as equivalent." if rope else ""
    best = best_simple_model(data)
    line = f" Dashed: {best}, the best simple model." if best else ""
    return (
        f"{_who_scored_higher(data)} {second} minus {first} is expected to be "
        f"{signed_text(data['gap_points'])} points, {percent_text(data['confidence'])} interval "
        f"{low} to {high}.{alike}{line}"
    )


def _who_scored_higher(data: Record) -> str:
    """Say on how many folds each cell scored higher, those that scored higher on some only."""
    # Points have a floor, so that scores may differ where points do not; nan is the lowest score.
    one, other = (np.nan_to_num(data["scores"][cell], nan=-np.inf) for cell in data["cells"])
    n = len(one)
    counts = (int((one > other).sum()), int((other > one).sum()))
    folds = "the only fold" if n == 1 else f"all {n} folds"
    if not any(counts):
        return f"Both cells scored the same on {folds}."
    for cell, count in zip(data["cells"], counts, strict=True):
        if count == n:
            return f"{shown_name(cell)} scored higher on {folds}."
    ahead = zip(counts, data["cells"], strict=True)
    parts = [f"{shown_name(cell)} on {count}" for count, cell in ahead if count]
    text = f"Of {n} folds, {' and '.join(parts)} scored higher"
    ties = n - sum(counts)
    return f"{text}, {ties} {'was a tie' if ties == 1 else 'were ties'}." if ties else f"{text}."


def best_simple_model(data: Record) -> str | None:
    """Return the name of the simple model with the highest mean score; None without any."""
    means = {name: mean(scores) for name, scores in data["simple_scores"].items() if scores}
    known = {name: score for name, score in means.items() if math.isfinite(score)}
    return max(known, key=lambda name: known[name], default=None)


def tabulate_race(data: Record) -> Table:
    """Return the numbers."""
    first, second = data["cells"]
    scores = {shown_name(cell): data["scores"][cell] for cell in (first, second)}
    scores |= data["simple_scores"]
    return Table(
        ("Fold", *scores, f"{shown_name(second)} minus {shown_name(first)} (points)"),
        tuple(
            (str(k), *(score_text(score) for score in row), signed_text(difference))
            for k, (*row, difference) in enumerate(
                zip(*scores.values(), data["differences_points"], strict=True), 1
            )
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
    best = best_simple_model(data)
    both = [data["scores"][cell] for cell in data["cells"]]
    places = [[row + shift for row in rows] for shift in (-APART, APART)]
    for points in zip(zip(*both, strict=True), zip(*places, strict=True), strict=True):
        ax.plot(*points, color=EQUIVALENT, linewidth=1.2, zorder=1)
    for cell, scores, y, marker in zip(data["cells"], both, places, MARKERS, strict=True):
        ax.scatter(scores, y, s=36, marker=marker, color=colours[cell], zorder=3, clip_on=False)
    shown = [*both[0], *both[1], *(data["simple_scores"][best] if best else ())]
    ax.set_xlim(*_limits([each for each in shown if math.isfinite(each)], data["highest_score"]))
    for name, scores in data["simple_scores"].items():
        style = {"linewidth": 1.4, "linestyle": (0, (3, 2))} if name == best else {"linewidth": 0.8}
        color = ax.xaxis.label.get_color() if name == best else EQUIVALENT
        ax.plot(scores, rows, color=color, zorder=2, marker="|", markersize=7, **style)
    ax.set_ylim(rows[-1] + 0.6, 0.4)
    step = 1 + (rows[-1] - 1) // MAX_NUMBERED_ROWS
    ax.set_yticks(rows[::step], [f"fold {k}" for k in rows[::step]])
    label = data["scoring"]
    if best:
        label += f"\n┆ {best if len(best) <= MAX_NAME else f'{best[: MAX_NAME - 1]}…'}"
    ax.set_xlabel(label, fontsize=SMALL, parse_math=False)
    ax.locator_params(axis="x", nbins=MOST_TICKS)
    tidy(ax, grid="x", rows=True)
    # The labels stand in the order in which the first fold's markers do.
    order = sorted(data["cells"], key=lambda cell: data["scores"][cell][0])
    signs = dict(zip(data["cells"], "●■", strict=True))
    for cell, x, side in zip(order, (0.0, 1.0), ("left", "right"), strict=True):
        text = f"{signs[cell]} {shown_name(cell)}"
        write(ax, x, 1.03, text, ha=side, va="bottom", color=colours[cell], weight="bold")


def _limits(scores: list[float], highest: float | None) -> tuple[float, float]:
    """Return the ends of the axis: a little beyond the scores, but not beyond the highest."""
    low, high = min(scores, default=0.0), max(scores, default=1.0)
    room = MARGIN * ((high - low) or abs(high) or 1.0)
    return low - room, high + room if highest is None else min(high + room, highest)


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
    band = "; band: equivalent" if rope else ""
    names = f"{second} minus {first}"
    break_or_space = "\n" if len(names) > MAX_GAP_NAME else " "
    ax.set_xlabel(f"{names}{break_or_space}(points{band})", fontsize=SMALL)
    tidy(ax, rows=True)
    for name, x, side, cell in zip(
        (f"◂ {first} better", f"{second} better ▸"), (0.0, 1.0), ("left", "right"), data["cells"],
        strict=True,
    ):  # fmt: skip
        write(ax, x, 1.02, name, ha=side, va="bottom", color=colours[cell])


RACE = Picture("race", "Fold by fold", select_race, describe_race, tabulate_race, draw_race, 4.2)
