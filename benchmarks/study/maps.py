"""The map of the atlas: every data set as one point, samples against time steps."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter
from strips import GRU, LIMIT_POINTS, LSTM, STYLE

if TYPE_CHECKING:
    from atlas import Point

# Narrow, because a telephone shows it at two thirds of this size.
SIZE_INCHES = 5.4, 4.4
AREA_POINTS, LEAST_AREA_POINTS = 14.0, 22.0  # of a marker: for each point of gap, and at least
# The page decides on the colours, so that they follow its light and dark scheme.
INK, GRID = "#010203", "#040506"
COLOURS = {
    INK: "currentColor",
    GRID: "var(--atlas-grid)",
    GRU: "var(--atlas-gru)",
    LSTM: "var(--atlas-lstm)",
}
LEGEND = (
    ("v", GRU, "GRU ahead"),
    ("^", LSTM, "LSTM ahead"),
    ("o", INK, "no gap at all"),
)


def draw_map(points: Sequence[Point], description: str) -> str:
    """Return the picture as an SVG element; point k is the group ``atlas-map-k``.

    Parameters
    ----------
    points : sequence of Point
        What was measured on each data set.
    description : str
        Attributes of the element that say what it shows.

    Returns
    -------
    str
        A triangle points to the cell that is ahead; it is filled where the interval excludes 0,
        and as large as the gap.
    """
    ink = dict.fromkeys(("text.color", "axes.edgecolor", "axes.labelcolor"), INK)
    ink |= dict.fromkeys(("xtick.color", "ytick.color"), INK)
    with mpl.rc_context({**STYLE, **ink, "svg.fonttype": "none", "font.size": 10}):
        figure = Figure(SIZE_INCHES, layout="constrained")
        axes = figure.add_subplot()
        for k, point in sorted(enumerate(points), key=lambda pair: -abs(pair[1].effect.value)):
            _mark(axes, point, f"atlas-map-{k}")
        _label(axes)
        file = io.StringIO()
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    return _inline(file.getvalue(), description)


def _mark(axes: Axes, point: Point, name: str) -> None:
    value = point.effect.value
    marker, colour, _ = LEGEND[0 if value < 0 else 1 if value > 0 else 2]
    area = LEAST_AREA_POINTS + AREA_POINTS * min(abs(value), LIMIT_POINTS)
    axes.plot(
        point.n_samples, point.n_timesteps, marker, ms=math.sqrt(area), mec=colour, mew=1.1,
        mfc=colour if point.is_clear else "none", alpha=0.85, gid=name,
    )  # fmt: skip


def _label(axes: Axes) -> None:
    axes.set(xscale="log", yscale="log", xlabel="samples (n)", ylabel="time steps (T)")
    axes.margins(0.06)
    axes.spines[["top", "right"]].set_visible(False)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(10, subs=(1, 2, 5)))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.grid(color=GRID, lw=0.6)
    axes.set_axisbelow(True)
    handles = [
        axes.plot([], [], marker, ms=7, mec=colour, mew=1.1, mfc="none", label=text)[0]
        for marker, colour, text in LEGEND
    ]
    handles += axes.plot([], [], "s", ms=7, color=INK, label="filled: clear of 0")
    axes.figure.legend(
        handles=handles, loc="outside upper center", ncols=2, frameon=False, handletextpad=0.2
    )


def _inline(svg: str, description: str) -> str:
    """Return the element without the file's head, its size and its own colours."""
    svg = svg[svg.index("<svg") :]
    for aside in ("metadata", "style"):  # a style would reach beyond the picture
        svg = re.sub(rf"<{aside}\b.*?</{aside}>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r'<svg[^>]*(viewBox="[^"]*")[^>]*>', rf"<svg \1 {description}>", svg, count=1)
    for own, of_page in COLOURS.items():
        svg = svg.replace(own, of_page)
    return svg.strip()
