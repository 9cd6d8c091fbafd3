"""Pictures of effects over data sets."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from effects import Effect, Summary
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

GRU, LSTM, MEAN, LINE = "#0072b2", "#d55e00", "#222222", "#888888"  # Okabe and Ito's palette
SIZE_INCHES = 7.2, 2.8
# Effects beyond these are drawn at the edge, or one odd set would flatten all others.
LIMIT_POINTS, LIMIT_RATIO = 12.0, math.log(3.0)
STYLE = {"svg.fonttype": "path", "svg.hashsalt": "rnnselect", "font.size": 9}


def draw_strip(
    path: Path, effects: Sequence[Effect], summary: Summary, *, is_ratio: bool, over: str
) -> None:
    """Draw every set and the mean, with their intervals.

    Parameters
    ----------
    path : Path
        Of the SVG file.
    effects : sequence of Effect
        What was measured.
    summary : Summary
        Their mean.
    is_ratio : bool
        Whether effects are logarithms of ratios.
    over : str
        What they are drawn over; empty: in the order of their size.
    """
    limit = LIMIT_RATIO if is_ratio else LIMIT_POINTS
    ordered = sorted(effects, key=lambda e: (e.x, e.value) if over else e.value)
    values = np.array([effect.value for effect in ordered])
    widths = np.nan_to_num([effect.half_width for effect in ordered])
    x = np.array([e.x for e in ordered]) if over else np.arange(1.0, len(values) + 1)
    shown = np.clip(values, -limit, limit)
    with mpl.rc_context(STYLE):
        figure = Figure(SIZE_INCHES, layout="constrained")
        axes = figure.add_subplot()
        axes.axhline(0, color=LINE, lw=0.8)
        if not math.isnan(summary.low):
            axes.axhspan(summary.low, summary.high, color=MEAN, alpha=0.15, lw=0)
        axes.axhline(summary.mean, color=MEAN, lw=1.2)
        axes.vlines(x, np.clip(shown - widths, -limit, limit),
                    np.clip(shown + widths, -limit, limit), color=LINE, lw=0.5)  # fmt: skip
        axes.scatter(x, shown, s=14, c=np.where(values < 0, GRU, LSTM), zorder=3)
        if over:
            axes.set_xscale("log")
        else:
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel(over or "data sets, in order")
        _label_effects(axes, limit, is_ratio=is_ratio)
        figure.savefig(path, metadata={"Date": None})


def _label_effects(axes, limit: float, *, is_ratio: bool) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_ylim(-1.06 * limit, 1.06 * limit)
    if is_ratio:
        ticks = [1 / 3, 1 / 2, 3 / 4, 1, 4 / 3, 2, 3]
        axes.set_yticks(np.log(ticks), [f"{tick:.2g}" for tick in ticks])
        axes.set_ylabel("GRU's share of LSTM's")
        low, high = "GRU cheaper", "LSTM cheaper"
    else:
        axes.set_ylabel("gap (points)")
        low, high = "GRU ahead", "LSTM ahead"
    for text, y, place, colour in ((low, 0.02, "bottom", GRU), (high, 0.98, "top", LSTM)):
        axes.text(0.99, y, text, color=colour, transform=axes.transAxes, ha="right", va=place)
