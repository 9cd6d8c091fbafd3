"""What is known of the gap in the end: its density, and the probabilities of three outcomes."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnselect.cells import shown_name
from rnnselect.report.pictures.canvas import SMALL, tidy, write
from rnnselect.report.pictures.palette import EQUIVALENT, cell_colours
from rnnselect.report.pictures.picture import Picture, Record, Table
from rnnselect.report.text import percent_text, points_text

__all__ = ["POSTERIOR", "draw_posterior"]


def select_posterior(recommendation: Record) -> dict[str, Any]:
    """Return what the picture needs out of a recommendation's dict."""
    return {
        "cells": tuple(recommendation["cells"]),
        "n_pairs": len(recommendation["pairs"]),
        "probabilities": recommendation["beliefs"][-1]["probabilities"],
        "rope_points": recommendation["rules"]["rope_points"],
        **recommendation["gap_density"],
        "history": [belief["probabilities"] for belief in recommendation["beliefs"]],
    }


def describe_posterior(data: Record) -> str:
    """Return what there is to see."""
    p = {name: percent_text(value) for name, value in data["probabilities"].items()}
    first, second = (f"{shown_name(cell)} better {p[cell]}" for cell in data["cells"])
    if not data["rope_points"]:
        return f"{_after(data['n_pairs'])}: {first}, {second}."
    within = f"equivalent (within {points_text(data['rope_points'])}) {p['equivalent']}"
    return f"{_after(data['n_pairs'])}: {first}, {within}, {second}."


def tabulate_posterior(data: Record) -> Table:
    """Return the three probabilities before the first pair and after each."""
    first, second = data["cells"]
    return Table(
        ("Folds", f"{shown_name(first)} better", "Equivalent", f"{shown_name(second)} better"),
        tuple(
            (str(n), *(percent_text(p[name]) for name in (first, "equivalent", second)))
            for n, p in enumerate(data["history"])
        ),
    )


def draw_posterior(ax: Any, data: Record) -> None:
    """Draw the density, its three regions filled, with their probabilities above them.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where.
    data : dict
        What `select_posterior` returns.
    """
    gaps, density = np.asarray(data["gaps_points"]), np.asarray(data["density_per_point"])
    rope, (first, second) = data["rope_points"], data["cells"]
    colours = {**cell_colours(data["cells"]), "equivalent": EQUIVALENT}
    ends = (gaps[0], -rope, rope, gaps[-1])
    places = ((0.0, "left"), (0.5, "center"), (1.0, "right"))
    names = (f"{shown_name(first)} better", "equivalent", f"{shown_name(second)} better")
    for k, region in enumerate((first, "equivalent", second)):
        # The edges of a region lie between points of the curve.
        x = np.union1d(np.clip(gaps, ends[k], ends[k + 1]), ends[k : k + 2])
        x = x[(x >= ends[k]) & (x <= ends[k + 1])]
        ax.fill_between(x, np.interp(x, gaps, density), color=colours[region], alpha=0.75, lw=0)
        if region == "equivalent" and not rope:
            continue
        place, side = places[k]
        share = percent_text(data["probabilities"][region])
        style = {"ha": side, "color": colours[region]}
        write(ax, place, 1.14, share, va="bottom", fontsize="large", weight="bold", **style)
        write(ax, place, 1.03, names[k], va="bottom", **style)
    ax.plot(gaps, density, color=ax.xaxis.label.get_color(), linewidth=1.2)
    for edge in (-rope, rope):
        ax.axvline(edge, color=EQUIVALENT, linewidth=1, linestyle=(0, (3, 3)))
    ax.set(xlim=(gaps[0], gaps[-1]), ylim=(0, None), yticks=[])
    ax.set_xlabel(f"gap: {shown_name(second)} minus {shown_name(first)} (points)", fontsize=SMALL)
    ax.set_ylabel("probability density", fontsize=SMALL)
    tidy(ax)
    ax.spines["left"].set_visible(False)


def _after(n_pairs: int) -> str:
    if n_pairs == 0:
        return "Before the first fold"
    return f"After {n_pairs} fold{'s' * (n_pairs != 1)}"


POSTERIOR = Picture(
    "posterior",
    "How sure that is",
    select_posterior,
    describe_posterior,
    tabulate_posterior,
    draw_posterior,
)
