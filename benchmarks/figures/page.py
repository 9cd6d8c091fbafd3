"""Turns measurements into docs/figures.md and its pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import deadlines
import footprint
import memory
import scaling
import shapes
import share
import start
from parts import Part, Records, Row

CHAPTERS = {
    "memory": (memory, "Memory"),
    "footprint": (footprint, "Predicted memory"),
    "start": (start, "Start"),
    "share": (share, "Share of the limit"),
    "scaling": (scaling, "Scaling"),
    "deadlines": (deadlines, "Deadlines"),
    "shapes": (shapes, "Endless shapes"),
}
HEADER = """\
# Figures

Written by `benchmarks/figures/run.py --write`, which anyone can run; each file beside it says what
it measures and how. Speed beside other libraries has a page of its own, written by `make bench`.

Each measurement has a process of its own. Load is what the machine did beside it (1 is one busy
core); a niceness of 19 means that everything else went first.
"""
NOTES = {
    "footprint": """\
Of one fit and its scoring as in a race: resident memory above that of a process that has imported
the libraries and holds the data. Mostly 512 sequences, two epochs.
""",
    "share": """\
Counted are the matrix products of the recurrent layer alone (forward once, backward twice as much),
over the fastest single-precision matrix product of the same machine and as many threads. With two
threads, each trains a network of its own. n=1024, T=100, 4 channels, batch 32.
""",
    "scaling": """\
The seconds of a warm fit are `constant + factor * size ** exponent`, fitted to logarithms; the
constant is what any fit costs: building the Keras model and reading its weights back. Sequences
come from a memory-mapped file (T=10, one epoch, batch 256); time steps: 512 sequences, 5 epochs;
epochs: 1,024 sequences of 50 steps. 4 channels and 32 units.
""",
    "deadlines": """\
Deadlines are log-uniform from 0.5 to 20 s. Late is the return of `fit` after the deadline, so that
setting the final weights counts; programs are warm.
""",
    "shapes": """\
A process cannot free compiled programs, and dies of too many memory mappings. So it warns at 250
programs, and trains with `keras.Model.fit` from 400 on. joblib's worker processes are ended by
joblib when they have grown by 300 MB, if psutil is installed, and fresh ones go on.
""",
}


def all_parts() -> list[Part]:
    """Return all measurements, those of a chapter together."""
    return [part for module, _ in CHAPTERS.values() for part in module.PARTS]


def group_rows(group: str, records: Records) -> list[Row]:
    """Return what has been measured of a chapter."""
    return list(CHAPTERS[group][0].rows(records))


def write(docs: Path, records: Records) -> Iterator[Path]:
    """Write page and pictures, and yield their paths."""
    import pictures  # only this needs matplotlib

    images = docs / "images"
    images.mkdir(exist_ok=True)
    lines = [HEADER]
    for group, (module, title) in CHAPTERS.items():
        lines += [f"## {title}", ""]
        if group in NOTES:
            lines += [NOTES[group]]
        lines += [*_table(group_rows(group, records)), "", _conditions(module.PARTS, records), ""]
        for name, text in pictures.draw(group, records, images):
            yield images / name
            lines += [f"![{text}](images/{name})", ""]
    path = docs / "figures.md"
    path.write_text("\n".join(lines + _environment(records)) + "\n")
    yield path


def _table(rows: list[Row]) -> list[str]:
    words = {True: "yes", False: "no", None: "–"}
    lines = ["| figure | measured | target | met |", "| --- | --- | --- | --- |"]
    for row in rows:
        lines.append(f"| {row.name} | {row.value} | {row.target or '–'} | {words[row.met]} |")
    return lines if rows else ["Not measured."]


def _conditions(parts: list[Part], records: Records) -> str:
    """Say when, at which load and at which niceness a chapter was measured."""
    taken = [record for part in parts for record in part.found(records)]
    if not taken:
        return ""
    loads = [record[end] for record in taken for end in ("load_before", "load_after")]
    days = sorted({record["when"][:10] for record in taken})
    niceness = sorted({record["niceness"] for record in taken})
    return (
        f"Taken on {' and '.join(days)}, load {min(loads):.1f} to {max(loads):.1f}, niceness "
        f"{' and '.join(map(str, niceness))}."
    )


def _environment(records: Records) -> list[str]:
    taken = [record for found in records.values() for record in found]
    if not taken:
        return []
    last = max(taken, key=lambda record: record["when"])["environment"]
    return [f"- {name}: {value}" for name, value in last.items() if name != "date"]
