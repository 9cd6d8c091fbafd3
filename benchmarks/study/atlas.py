"""Writes the atlas, which shows every data set of the study as one point; see `pages.py`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from claims import Row, default_rows, gaps
from effects import CONFIDENCE, Effect, summarised
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from maps import draw_map
from strips import LIMIT_POINTS

TEMPLATE = "atlas.md.jinja"


@dataclass(frozen=True, slots=True)
class Point:
    """A data set of the study.

    Parameters
    ----------
    effect : Effect
        LSTM minus GRU in points, with its error.
    kind, topic : str
        What the data are, and what they are about.
    n_samples, n_timesteps, n_channels : int
        Its size; time steps are the median of its sequences.
    """

    effect: Effect
    kind: str
    topic: str
    n_samples: int
    n_timesteps: int
    n_channels: int

    @property
    def interval(self) -> tuple[float, float] | None:
        """Ends of the 95 % interval of the gap; None where one pair alone was run."""
        width = self.effect.half_width
        if math.isnan(width):
            return None
        return self.effect.value - width, self.effect.value + width

    @property
    def is_clear(self) -> bool:
        """Whether the interval excludes 0."""
        return self.interval is not None and self.interval[0] * self.interval[1] > 0


def write_atlas(rows: list[Row], docs: Path) -> None:
    """Write the page; what moves on it is in the folder already (``_static/atlas.js``)."""
    points = points_of(default_rows(rows))
    path = docs / "atlas.md"
    path.write_text(page(points, rows), encoding="utf-8")
    print(f"Wrote {path}, {len(points)} data sets.")


def points_of(rows: Sequence[Row]) -> list[Point]:
    """Return the points, GRU's largest advantage first; a set without a gap has none."""
    points = [
        Point(
            effect, row["kind"], row["topic"].replace("_", " "), int(row["n_samples"]),
            round(float(row["median_length"])), int(row["n_channels"]),
        )
        for row, effect in zip(rows, gaps(rows), strict=True)
        if math.isfinite(effect.value)
    ]  # fmt: skip
    return sorted(points, key=lambda point: (point.effect.value, point.effect.data))


def page(points: Sequence[Point], rows: Sequence[Row]) -> str:
    """Return the page; names are escaped."""
    environment = Environment(
        autoescape=True,
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"signed": signed, "one_line": one_line, "place": place}
    dates = sorted(row["date"] for row in rows)
    return environment.get_template(TEMPLATE).render(
        points=points,
        kinds=[kind_summary(kind, points) for kind in ("", *sorted({p.kind for p in points}))],
        topics=sorted({point.topic for point in points}),
        count=count(points),
        by_chance=(1 - CONFIDENCE) * len(points),
        picture=draw_map(points, 'role="img" aria-labelledby="atlas-caption"'),
        limit=LIMIT_POINTS,
        dates=dates[0] if dates[0] == dates[-1] else f"{dates[0]} to {dates[-1]}",
        versions="; ".join(sorted({row["versions"] for row in rows})),
    )


def kind_summary(kind: str, points: Sequence[Point]) -> dict[str, Any]:
    """Return a line of the overview; no kind is all of them."""
    own = [point for point in points if kind in ("", point.kind)]
    summary = summarised([point.effect for point in own])
    return {"kind": kind or "all", "summary": summary, **count(own)}


def count(points: Sequence[Point]) -> dict[str, int]:
    """Return on how many sets which cell is ahead, and on how many beyond the interval."""
    found = {"n": len(points)}
    for cell, sign in (("gru", -1), ("lstm", 1)):
        ahead = [point for point in points if point.effect.value * sign > 0]
        found |= {cell: len(ahead), f"{cell}_clear": sum(point.is_clear for point in ahead)}
    return found


def signed(value: float, digits: int = 1) -> str:
    """Return a number with its sign, as it is printed."""
    text = f"{value:+.{digits}f}"
    return text[1:] if float(text) == 0 else text.replace("-", "\N{MINUS SIGN}")


def one_line(text: str) -> str:
    """Return a name that cannot end the block of HTML in which it stands."""
    return " ".join(text.split()).replace("`", "'")


def place(value: float) -> float:
    """Return where a gap is drawn in a row, from 0 to 100; beyond the limit at the edge."""
    return round(50 + 50 * max(-1.0, min(1.0, value / LIMIT_POINTS)), 1)
