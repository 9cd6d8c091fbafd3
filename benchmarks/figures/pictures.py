"""The pictures of docs/figures.md, as SVG."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import deadlines
import matplotlib
import memory
import numpy as np
import scaling
import shapes
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from parts import Records

SIZE_INCHES = (6.4, 3.4)
COLOURS = {"gru": "#1b6ca8", "lstm": "#d1495b"}
GREY = "#808080"
STYLE = {
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e6e6e6",
    "font.size": 9,
    "legend.frameon": False,
    "svg.hashsalt": "rnnselect",  # the same figures, the same file
}


def draw(group: str, records: Records, folder: Path) -> Iterator[tuple[str, str]]:
    """Draw the pictures of a chapter; yield file name and text of each."""
    for name, text, paint in PICTURES.get(group, ()):
        with matplotlib.rc_context(STYLE):
            figure = Figure(SIZE_INCHES, layout="constrained")
            axes = figure.subplots()
            if paint(axes, records):
                figure.savefig(folder / name, metadata={"Date": None})
                yield name, text


def _curve(axis: str):
    def paint(axes: Axes, records: Records) -> bool:
        drawn = False
        for cell in scaling.CELLS:
            for record in scaling.CURVES[axis, cell].found(records)[-1:]:
                drawn = True
                points = np.array(record["points"])
                for i, seconds in enumerate(zip(*record["point_seconds"], strict=True)):
                    label = cell.upper() if i == 0 else None
                    axes.loglog(points, seconds, "o", ms=4, color=COLOURS[cell], label=label)
                constant, exponent, factor = scaling.growth(record)
                n = np.geomspace(points[0], points[-1])
                label = f"{constant:.2g} s + {factor:.2g} s · n^{exponent:.2f}"
                axes.loglog(
                    n, constant + factor * n**exponent, lw=1, color=COLOURS[cell], label=label
                )
        axes.set(xlabel=scaling.WORDS[axis], ylabel="seconds of a fit")
        if drawn:
            axes.legend()
        return drawn

    return paint


def _growth(axes: Axes, records: Records) -> bool:
    drawn = False
    for (engine, part), colour in zip(memory.GROWTH.items(), COLOURS.values(), strict=True):
        for record in part.found(records)[-1:]:
            drawn = True
            resident = np.array(record["resident_bytes"]) / memory.MEBIBYTE
            axes.plot(
                1 + np.arange(len(resident)), resident, color=colour, label=f'engine="{engine}"'
            )
    axes.set(xlabel="fits in one process", ylabel="resident MiB", ylim=(0, None))
    if drawn:
        axes.legend()
    return drawn


def _lateness(axes: Axes, records: Records) -> bool:
    drawn = False
    for workload in deadlines.WORKLOADS:
        seconds, late, _ = deadlines.lateness(workload, records)
        if len(late):
            drawn = True
            axes.plot(seconds, late, "o", ms=4, alpha=0.7, label=workload.replace("_", " "))
    ends = np.geomspace(deadlines.SHORTEST_SECONDS, deadlines.LONGEST_SECONDS)
    allowed = np.maximum(deadlines.ALLOWED_SECONDS, deadlines.ALLOWED_SHARE * ends)
    axes.plot(ends, allowed, "--", color=GREY, lw=1, label="allowed (or one step)")
    axes.set(xlabel="max_seconds", ylabel="seconds late", xscale="log")
    axes.legend(fontsize=7, ncols=2)
    return drawn


def _shapes(axes: Axes, records: Records) -> bool:
    found = shapes.FITS.found(records)[-1:]
    for record in found:
        fits = record["fits"][1:]  # the first one imports TensorFlow
        number = 2 + np.arange(len(fits))
        seconds = [fit["seconds"] for fit in fits]
        axes.semilogy(number, seconds, ".", ms=3, color=COLOURS["gru"], label="seconds of a fit")
        mappings = axes.twinx()
        mappings.grid(False)
        mappings.plot(
            number, [fit["n_mappings"] for fit in fits], color=COLOURS["lstm"], label="mappings"
        )
        mappings.set(ylabel="memory mappings of the process", ylim=(0, None))
        for i, fit in enumerate(fits):
            if fit["warnings"]:
                axes.axvline(number[i], ls="--", lw=1, color=GREY)
        axes.set(xlabel="fits, each of another sequence length (dashed: warning)")
        axes.set(ylabel="seconds of a fit")
        lines = [*axes.get_lines()[:1], *mappings.get_lines()]
        axes.legend(lines, ["seconds of a fit", "memory mappings"], loc="upper left")
    return bool(found)


PICTURES = {
    "memory": [("memory-growth.svg", "Resident memory over many fits in one process", _growth)],
    "scaling": [
        (f"scaling-{axis}.svg", f"Seconds of a fit against {word}", _curve(axis))
        for axis, word in scaling.WORDS.items()
    ],
    "deadlines": [("deadlines.svg", "Seconds late against max_seconds", _lateness)],
    "shapes": [("shapes.svg", "Seconds of a fit and memory mappings of the process", _shapes)],
}
