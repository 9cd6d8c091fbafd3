"""Writes RESULTS.md of records.csv: what pooling and the newer simple models change, set by set.

python benchmarks/readout/table.py
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from statistics import mean, stdev
from typing import NamedTuple

from scores import FAMILIES, POOLINGS, RECORDS, read

from rnnselect.advice.points import ScoreScale

RESULTS = Path(__file__).with_name("RESULTS.md")
TEXT = Path(__file__).with_name("text.md")
CELLS = ("gru", "lstm")
BEFORE, AFTER = "None", "concat"
# The simple models that networks were judged by before these records.
OLDER = ("prediction without learning", "token counts", "summary features", "flattened series")


class Row(NamedTuple):
    """One set: points of the better cell and of both by pooling, and of the simple models."""

    part: str
    kind: str
    data: str
    networks: dict[str, tuple[float, float, float]]  # better cell, mean of both, seconds of both
    simple: dict[str, tuple[float, float]]  # points, seconds of one fold

    def best_simple(self, *, older: bool) -> tuple[float, float]:
        """Return the points of the best simple model and the seconds of all."""
        found = [v for name, v in self.simple.items() if not older or name.endswith(OLDER)]
        return max(points for points, _ in found), sum(seconds for _, seconds in found)


def main() -> None:
    RESULTS.write_text(page(), encoding="utf-8")


def page() -> str:
    """Return the text by hand, then the tables."""
    rows = read_rows()
    sections = [TEXT.read_text(encoding="utf-8").strip()]
    for part, title in (("choose", "The choosing half"), ("judge", "The judging half")):
        sections.append(f"## {title}\n\n{by_kind([row for row in rows if row.part == part])}")
    sections.append(f"## Networks and simple models, set by set\n\n{by_set(rows)}")
    return "\n\n".join(sections) + "\n"


def read_rows() -> list[Row]:
    scores, seconds = defaultdict(list), defaultdict(list)
    for each in read(RECORDS):
        scores[each["data"], each["model"]].append(float(each["score"]))
        seconds[each["data"], each["model"]].append(float(each["seconds"]))
    rows = []
    for family in read(FAMILIES):
        data = family["data"]
        models = [model for name, model in scores if name == data]
        if not models:
            continue
        classes = family["task"] == "classification"
        points = {model: as_points(scores[data, model], classes) for model in models}
        took = {model: mean(seconds[data, model]) for model in models}
        networks = {}
        for pooling in POOLINGS:
            both = [f"{cell} {pooling}" for cell in CELLS]
            if all(len(scores[data, model]) == 2 for model in both):
                found = [points[model] for model in both]
                networks[pooling] = max(found), mean(found), sum(took[model] for model in both)
        simple = {m: (points[m], took[m]) for m in models if m.split()[0] not in CELLS}
        rows.append(Row(family["part"], family["kind"], data, networks, simple))
    return rows


def as_points(scores: list[float], classes: bool) -> float:
    """Return the mean score in points; R² counts from 0 on."""
    score = mean(scores)
    return ScoreScale("bounded" if classes else "r2").points(score if classes else max(score, 0), 0)


def by_kind(rows: list[Row]) -> str:
    """Return a table of the poolings by kind of data: points of the better cell, and seconds."""
    kinds = sorted({row.kind for row in rows})
    poolings = [p for p in POOLINGS if all(p in row.networks for row in rows)]
    columns = (
        "kind", "sets", *poolings, f"gain of {AFTER}", "wins", "seconds", "linear models",
        "all simple models",
    )  # fmt: skip
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for kind in [*kinds, "all"]:
        own = [row for row in rows if kind in ("all", row.kind)]
        means = " | ".join(f"{mean(row.networks[p][0] for row in own):.1f}" for p in poolings)
        gains = [row.networks[AFTER][0] - row.networks[BEFORE][0] for row in own]
        error = f" ± {stdev(gains) / len(gains) ** 0.5:.1f}" if len(gains) > 1 else ""
        n_better, n_worse = sum(g > 0.5 for g in gains), sum(g < -0.5 for g in gains)
        times = mean(row.networks[AFTER][2] / row.networks[BEFORE][2] for row in own)
        simple = [mean(row.best_simple(older=older)[0] for row in own) for older in (True, False)]
        lines.append(
            f"| {kind} | {len(own)} | {means} | {mean(gains):+.1f}{error} "
            f"| {n_better} to {n_worse} | × {times:.2f} | {simple[0]:.1f} | {simple[1]:.1f} |"
        )
    return "\n".join(lines)


def by_set(rows: list[Row]) -> str:
    """Return a table of all sets: the better cell and the best simple model, before and after."""
    columns = (
        "set", "better cell, last state", "s", "better cell, concat", "s", "best linear model", "s",
        "best of all simple models", "s", "which",
    )  # fmt: skip
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for row in sorted(rows, key=lambda row: (row.kind, row.data)):
        cells = [row.networks[pooling] for pooling in (BEFORE, AFTER) if pooling in row.networks]
        if len(cells) < 2:
            continue
        figures = [f"{points:.1f} | {seconds:.1f}" for points, _, seconds in cells]
        for older in (True, False):
            points, seconds = row.best_simple(older=older)
            figures.append(f"{points:.1f} | {seconds:.1f}")
        which = max(row.simple, key=lambda name: row.simple[name][0])
        lines.append(f"| {row.data} | {' | '.join(figures)} | {which} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
