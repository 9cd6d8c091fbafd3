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
PARTS = {VALIDATION: "validation", TRAINING: "training"}  # what early stopping looks at first
LINES: dict[str, dict[str, Any]] = {VALIDATION: {"linewidth": 1.3, "alpha": 0.85},
         TRAINING: {"linewidth": 0.9, "alpha": 0.6, "linestyle": (0, (3, 2))}}  # fmt: skip
# Losses that span more than this factor are drawn on a logarithmic axis.
LOGARITHMIC_FROM = 10.0


def select_learning_curves(recommendation: Record) -> dict[str, Any] | None:
    """Return what the picture needs out of a recommendation's dict; None without losses."""
    cells = tuple(recommendation["cells"])
    fits = [pair["histories"] for pair in recommendation["pairs"]]
    if not fits or any(TRAINING not in fit.get(cell, {}) for fit in fits for cell in cells):
        return None
    return {
        "cells": cells,
        "histories": {cell: tuple(_losses(fit[cell]) for fit in fits) for cell in cells},
    }


def describe_learning_curves(data: Record) -> str:
    """Return what there is to see."""
    judged = _judged(data)
    parts = []
    for cell, histories in data["histories"].items():
        lowest = mean(_lowest(history[judged])[1] for history in histories)
        epochs = mean(len(history[judged]) for history in histories)
        number = f"{lowest:.3g}" if math.isfinite(lowest) else "no number"
        parts.append(f"{shown_name(cell)} reached {number} in {epochs:.0f} epochs")
    several = any(len(histories) > 1 for histories in data["histories"].values())
    dashed = "Dashed: the training part. " if judged == VALIDATION else ""
    return (
        f"Loss on the {PARTS[judged]} part{', mean of the folds' * several}: {', '.join(parts)}. "
        f"{dashed}Markers: the lowest loss."
    )


def tabulate_learning_curves(data: Record) -> Table:
    """Return the best epoch of every fit, and its losses."""
    judged = _judged(data)
    shown = list(dict.fromkeys((judged, TRAINING)))
    rows = []
    for cell, histories in data["histories"].items():
        for k, history in enumerate(histories, 1):
            epoch, _ = _lowest(history[judged])
            fit = f"{shown_name(cell)}, fold {k}" if len(histories) > 1 else shown_name(cell)
            losses = (f"{history[part][epoch - 1]:.4g}" for part in shown)
            rows.append((fit, str(len(history[judged])), str(epoch), *losses))
    headings = (f"{PARTS[part].capitalize()} loss there" for part in shown)
    return Table(("Fit", "Epochs", "Best epoch", *headings), tuple(rows))


def _losses(history: Record) -> dict[str, Any]:
    return {part: tuple(history[part]) for part in PARTS if part in history}


def _judged(data: Record) -> str:
    """Return the loss by which fits are judged: that of the validation part where all have one."""
    fits = [history for histories in data["histories"].values() for history in histories]
    return VALIDATION if all(VALIDATION in fit for fit in fits) else TRAINING


def draw_learning_curves(ax: Any, data: Record) -> None:
    """Draw one line a fit, with a marker at its lowest loss.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where.
    data : dict
        What `select_learning_curves` returns; ``histories`` may have one cell only.
    """
    colours, judged = cell_colours(data["cells"]), _judged(data)
    losses: list[float] = []
    for cell, marker in zip(data["cells"], MARKERS, strict=True):
        for history in data["histories"].get(cell, ()):
            for part, curve in history.items():
                ax.plot(range(1, len(curve) + 1), curve, color=colours[cell], **LINES[part])
                losses += curve
            epoch, lowest = _lowest(history[judged])
            ax.scatter([epoch], [lowest], s=30, marker=marker, color=colours[cell], zorder=3)
    known = [loss for loss in losses if math.isfinite(loss)]
    if known and min(known) > 0 and max(known) / min(known) > LOGARITHMIC_FROM:
        from matplotlib.ticker import LogLocator, NullLocator

        ax.set_yscale("log")
        ax.yaxis.set_major_locator(LogLocator(10, subs=(1, 2, 5)))
        ax.yaxis.set_major_formatter("{x:g}")
        ax.yaxis.set_minor_locator(NullLocator())
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.set_xlim(left=0)
    parts = "—: validation   - -: training" if judged == VALIDATION else "- -: training"
    ax.set_xlabel(f"epoch   ({parts})", fontsize=SMALL)
    ax.set_ylabel("loss", fontsize=SMALL)
    tidy(ax, grid="y")
    _name_lines(ax, data, colours)


def _name_lines(ax: Any, data: Record, colours: dict[str, str]) -> None:
    """Name the lines above the axes, with the markers of their lowest losses."""
    for cell, sign, x, side in zip(
        data["cells"], "●■", (0.0, 1.0), ("left", "right"), strict=True
    ):  # fmt: skip
        if data["histories"].get(cell):
            text = f"{sign} {shown_name(cell)}"
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
