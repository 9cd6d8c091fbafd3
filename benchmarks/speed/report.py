"""Turns measurements into rows, for the terminal and for docs/speed.md."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from works import Work

PACKAGES = (
    "rnnselect", "tensorflow", "keras", "scikit-learn", "numpy", "scikeras", "skorch", "torch",
)  # fmt: skip
NOT_MEASURED = "not measured"
HEADER = """\
# Speed

Written by `make bench`, which anyone can run; `benchmarks/speed/` says what each row does.

Each measurement has a process of its own, in which the libraries are imported and the data made
before the clock starts (of README's six lines all counts); tracing and compiling count. Rows of
kept programs find on disk what an earlier process compiled (`rnnselect.keep_programs()`); in all
others nothing was compiled before. The sides take turns. Same network (parameter counts are
compared), folds, batch size, epochs and Adam on every side; no early stopping. The ratio is their
median over ours. Of single fits a few epochs are timed twice, cold and warm, and the warm ones
counted for all that follow, on both sides.
"""
COLUMNS = ("work", "against", "ours s", "theirs s", "ratio", "target", "met")


@dataclass(frozen=True)
class Row:
    """A row of the table as text.

    Parameters
    ----------
    ours, theirs : str
        Median seconds with the smallest and largest.
    ratio : str
        Of the medians.
    target : str
        The least ratio, or the largest count.
    met : str
        ``yes``, ``no``, or ``–`` where there is no target or no measurement.
    """

    ours: str
    theirs: str
    ratio: str
    target: str
    met: str

    def line(self) -> str:
        """Return the row for the terminal."""
        return (
            f"    ours {self.ours} | theirs {self.theirs} | ratio {self.ratio} "
            f"| target {self.target} | met {self.met}"
        )

    def cells(self) -> tuple[str, ...]:
        """Return the columns after work and against."""
        return self.ours, self.theirs, self.ratio, self.target, self.met


def make_row(work: Work, records: dict[str, list[dict]]) -> Row:
    """Judge a work by its measurements.

    Parameters
    ----------
    work : Work
        The row.
    records : dict of list of dict
        What `measure.py` printed, by the measure's key.

    Returns
    -------
    Row
        Its texts.
    """
    ours, figure = records.get(work.ours.key, []), work.figure
    if work.theirs is None:
        if not ours:
            return Row(NOT_MEASURED, "–", "–", f"at most {work.target}", "–")
        count = max(record["count"] for record in ours)
        return Row(f"{count}", "–", "–", f"at most {work.target}", _met(count <= work.target))
    theirs = records.get(work.theirs.key, [])
    target = "–" if work.target is None else f"at least {work.target:g}"
    if not ours or not theirs:
        return Row(_seconds(ours, figure), _seconds(theirs, figure), "–", target, "–")
    counts = [side[0].get("n_parameters") for side in (ours, theirs)]
    if work.ours.contender != work.theirs.contender and counts[0] != counts[1]:
        differ = f"not the same network: parameters {counts[0]} and {counts[1]}"
        return Row(_seconds(ours, figure), _seconds(theirs, figure), differ, target, "no")
    ratio = _median(theirs, figure) / _median(ours, figure)
    met = "–" if work.target is None else _met(ratio >= work.target)
    return Row(_seconds(ours, figure), _seconds(theirs, figure), f"{ratio:.2f}", target, met)


def markdown(works: list[Work], records: dict[str, list[dict]]) -> str:
    """Return the page docs/speed.md."""
    lines = [HEADER, _table_line(COLUMNS), _table_line(["---"] * len(COLUMNS))]
    for work in works:
        row = make_row(work, records)
        lines.append(_table_line((work.name, work.against, *row.cells())))
    lines += ["", "Seconds are medians, with the smallest and largest in brackets.", ""]
    lines += [f"- {name}: {value}" for name, value in environment().items()]
    return "\n".join(lines) + "\n"


def environment() -> dict[str, str]:
    """Return date, processor, cores and versions."""
    return {
        "date": datetime.date.today().isoformat(),
        "processor": processor_name(),
        "cores": str(os.cpu_count()),
        "Python": platform.python_version(),
        "versions": ", ".join(f"{name} {_version(name)}" for name in PACKAGES),
    }


def processor_name() -> str:
    """Return the processor's name as the system knows it."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "absent"


def _median(records: list[dict], figure: str) -> float:
    return median(record[figure] for record in records)


def _seconds(records: list[dict], figure: str) -> str:
    if not records:
        return NOT_MEASURED
    seconds = [record[figure] for record in records]
    return f"{median(seconds):.2f} ({min(seconds):.2f}–{max(seconds):.2f})"


def _met(is_met: bool) -> str:
    return "yes" if is_met else "no"


def _table_line(cells) -> str:
    return "| " + " | ".join(cells) + " |"
