"""Calibration as a picture: what is stated beside what is true."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from measures import Judge
from replay import Replay
from simulate import FOLD_SDS_POINTS, calibration

SIZE_INCHES = (8.4, 3.8)
OURS, RAW, SIMULATED = "#1b6ca8", "#d1495b", "#808080"
STYLE = {
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e6e6e6",
    "font.size": 9,
    "legend.frameon": False,
    "svg.hashsalt": "rnnselect",  # the same figures, the same file
}
N_BINS = 8
WIDEST_POINTS = 8.0  # of the gaps shown; what lies beyond is drawn at the edge


def draw_calibration(judge: Judge, replay: Replay, path: Path, *, n_simulated: int) -> None:
    """Draw stated probabilities and gaps of a rule against the truth."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(SIZE_INCHES, layout="constrained")
        left, right = figure.subplots(1, 2)
        _probabilities(left, judge, replay, n_simulated)
        _gaps(right, judge, replay)
        figure.savefig(path, metadata={"Date": None})


def _probabilities(axes: Axes, judge: Judge, replay: Replay, n_simulated: int) -> None:
    stated, number, gap = _races(judge, replay)
    axes.plot([0, 1], [0, 1], color="black", lw=0.8, ls=":")
    pooled = [calibration(n_simulated, sd, seed=1) for sd in FOLD_SDS_POINTS]
    simulated, came_true = (np.concatenate(each) for each in zip(*pooled, strict=True))
    _line(axes, simulated, came_true.astype(float), SIMULATED, "simulated races", "s")
    _line(axes, stated, judge.p_second[number], OURS, "recorded races, posterior truth", "o")
    known = np.isfinite(gap)
    if known.any():
        signs = (np.sign(gap[known]) + 1) / 2
        _line(axes, stated[known], signs, RAW, "recorded races, raw sign held out", "^")
    axes.set(xlabel="stated P(LSTM better) at the stop", ylabel="how often it was", ylim=(0, 1))
    axes.legend(fontsize=8)


def _line(
    axes: Axes, stated: np.ndarray, true: np.ndarray, colour: str, label: str, marker: str
) -> None:
    """Draw means of equally full bins."""
    order = np.argsort(stated)
    bins = [part for part in np.array_split(order, N_BINS) if len(part)]
    x, y = ([float(np.mean(values[part])) for part in bins] for values in (stated, true))
    axes.plot(x, y, marker + "-", ms=4, lw=1, color=colour, label=label)


def _gaps(axes: Axes, judge: Judge, replay: Replay) -> None:
    _, number, gap = _races(judge, replay)
    mean = np.array(replay.mean_points)[judge.among[np.array(replay.number)]]
    measured = np.where(np.isfinite(gap), gap, judge.gap[number])
    limits = (-WIDEST_POINTS, WIDEST_POINTS)
    axes.plot(limits, limits, color="black", lw=0.8, ls=":")
    held_out = np.isfinite(gap)
    for which, colour, label in (
        (held_out, OURS, "gap held out"),
        (~held_out, SIMULATED, "posterior truth (nothing held out)"),
    ):
        if which.any():
            axes.plot(
                np.clip(mean[which], *limits), np.clip(measured[which], *limits), ".",
                ms=3, alpha=0.3, color=colour, label=label,
            )  # fmt: skip
    axes.set(xlabel="stated gap at the stop, points", ylabel="true gap, points")
    axes.set(xlim=limits, ylim=limits)
    axes.legend(fontsize=8, markerscale=3)


def _races(judge: Judge, replay: Replay) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Stated probability, number of the set and held-out gap of the races that count."""
    number = np.array(replay.number)
    kept = judge.among[number]
    return np.array(replay.p_second)[kept], number[kept], judge.held_out(replay)[kept]
