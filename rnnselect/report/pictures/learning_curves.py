"""Learning curves: the loss of both cells, epoch by epoch."""

from __future__ import annotations

import math
from statistics import mean
from typing import Any

from rnnselect.cells import shown_name
from rnnselect.report.pictures.canvas import SMALL, tidy, write
from rnnselect.report.pictures.palette import MARKERS, cell_colours
from rnnselect.report.pictures.picture import Picture, Record, Table

__all__ = ["LEARNING_CURVES", "draw_learning_curves"]

VALIDATION, TRAINING = "val_loss", "loss"
LABELS = {VALIDATION: "loss on the validation part", TRAINING: "loss on the training part"}
# Losses that span more than this factor are drawn on a logarithmic axis.
LOGARITHMIC_FROM = 10.0


def select_learning_curves(recommendation: Record) -> dict[str, Any] | None:
    """Return what the picture needs out of a recommendation's dict; None without losses."""
    cells = tuple(recommendation["cells"])
    histories = [pair["histories"] for pair in recommendation["pairs"]]
    if not histories or any(cell not in history for history in histories for cell in cells):
        return None
    all_histories = [history[cell] for history in histories for cell in cells]
    loss = next((name for name in LABELS if all(name in each for each in all_histories)), None)
    if loss is None:
        return None
    return {
        "cells": cells,
        "loss": loss,
        "curves": {cell: tuple(history[cell][loss] for history in histories) for cell in cells},
    }


def describe_learning_curves(data: Record) -> str:
    """Return what there is to see."""
    parts = []
    for cell, curves in data["curves"].items():
        lowest = mean(_lowest(curve)[1] for curve in curves)
        epochs = mean(len(curve) for curve in curves)
        parts.append(f"{shown_name(cell)} reached {lowest:.3g} in {epochs:.0f} epochs")
    return f"{LABELS[data['loss']].capitalize()}, mean of the folds: {', '.join(parts)}."


def tabulate_learning_curves(data: Record) -> Table:
    """Return the best epoch of every fit."""
    rows = []
    for cell, curves in data["curves"].items():
        for k, curve in enumerate(curves, 1):
            epoch, lowest = _lowest(curve)
            fit = f"{shown_name(cell)}, fold {k}" if len(curves) > 1 else shown_name(cell)
            rows.append((fit, str(len(curve)), str(epoch), f"{lowest:.4g}"))
    return Table(("Fit", "Epochs", "Best epoch", "Lowest loss"), tuple(rows))


def draw_learning_curves(ax: Any, data: Record) -> None:
    """Draw one line a fit, with a marker at its lowest loss.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where.
    data : dict
        What `select_learning_curves` returns; ``curves`` may have one cell only.
    """
    colours = cell_colours(data["cells"])
    for cell, marker in zip(data["cells"], MARKERS, strict=True):
        curves = data["curves"].get(cell, ())
        for curve in curves:
            epochs = range(1, len(curve) + 1)
            ax.plot(epochs, curve, color=colours[cell], linewidth=1.3, alpha=0.75)
            epoch, lowest = _lowest(curve)
            ax.scatter([epoch], [lowest], s=30, marker=marker, color=colours[cell], zorder=3)
    losses = [loss for curves in data["curves"].values() for curve in curves for loss in curve]
    known = [loss for loss in losses if math.isfinite(loss)]
    if known and min(known) > 0 and max(known) / min(known) > LOGARITHMIC_FROM:
        from matplotlib.ticker import LogLocator, NullLocator

        ax.set_yscale("log")
        ax.yaxis.set_major_locator(LogLocator(10, subs=(1, 2, 5)))
        ax.yaxis.set_major_formatter("{x:g}")
        ax.yaxis.set_minor_locator(NullLocator())
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.set_xlim(left=0)
    ax.set_xlabel("epoch", fontsize=SMALL)
    ax.set_ylabel(LABELS.get(data["loss"], data["loss"]), fontsize=SMALL)
    tidy(ax, grid="y")
    _name_lines(ax, data, colours)


def _name_lines(ax: Any, data: Record, colours: dict[str, str]) -> None:
    """Name the lines above the axes, with the markers of their lowest losses."""
    for cell, sign, x, side in zip(
        data["cells"], "●■", (0.0, 1.0), ("left", "right"), strict=True
    ):  # fmt: skip
        if data["curves"].get(cell):
            text = f"{sign} {shown_name(cell)}, lowest loss"
            write(ax, x, 1.03, text, ha=side, va="bottom", color=colours[cell], weight="bold")


def _lowest(curve: Any) -> tuple[int, float]:
    """Return the epoch, counted from 1, and the value of the lowest loss that is a number."""
    known = [(loss, epoch) for epoch, loss in enumerate(curve, 1) if math.isfinite(loss)]
    loss, epoch = min(known, default=(math.nan, len(curve)))
    return epoch, loss


LEARNING_CURVES = Picture(
    "learning-curves",
    "How both cells learnt",
    select_learning_curves,
    describe_learning_curves,
    tabulate_learning_curves,
    draw_learning_curves,
)
