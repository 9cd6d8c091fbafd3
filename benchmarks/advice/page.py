"""Shows the sections of the proof: in the terminal, and as a page of the documentation."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

HEADER = """\
# How good the advice is

Written by `benchmarks/advice/run.py --write` from the pairs that `benchmarks/study/run.py`
recorded; anyone can run both.

A race is replayed: the advisor's own code is shown one repetition of five recorded folds, in many
orders, with a prior that was fitted without the data set's family. Gaps are LSTM minus GRU in
points (a hundredth of accuracy; for regressions a hundredth of the way from the dummy to
perfection). *Held out*: the gap on repetitions that no rule used, unbiased for differences between
rules. *Posterior truth*: the gap by all recorded pairs of the set and the prior. *Raw*: the better
cell is the one that is ahead on the held-out splits, noise included.
"""


@dataclass(frozen=True, slots=True)
class Section:
    """A table with words around it.

    Parameters
    ----------
    title, text : str
        Its heading and what is to be known about it.
    heading : sequence of str
        Names of the columns.
    rows : list of list of str
        The cells.
    notes : list of str, default=[]
        What is to be said after it.
    """

    title: str
    text: str
    heading: Sequence[str]
    rows: list[list[str]]
    notes: list[str] = field(default_factory=list)


def show(sections: Sequence[Section]) -> None:
    """Print all sections."""
    console = Console()
    for section in sections:
        console.rule(section.title)
        console.print(section.text, highlight=False)
        table = Table(*section.heading, padding=(0, 1, 0, 0))
        for row in section.rows:
            table.add_row(*row)
        if section.rows:
            console.print(table)
        for note in section.notes:
            console.print(f"- {note}", highlight=False)


def write(path: Path, sections: Sequence[Section], picture: str, facts: Sequence[str]) -> None:
    """Write the page; the picture follows the first section."""
    lines = [HEADER]
    for number, section in enumerate(sections):
        lines += [f"## {section.title}", "", section.text, "", *_markdown(section), ""]
        lines += [f"- {note}" for note in section.notes]
        if number == 0:
            lines += ["", f"![Stated probabilities and gaps against true ones]({picture})"]
        lines += [""]
    lines += ["## About these figures", "", *(f"- {fact}" for fact in facts), ""]
    text = "\n".join(line for line, _ in itertools.groupby("\n".join(lines).split("\n")))
    path.write_text(text, encoding="utf-8")


def _markdown(section: Section) -> list[str]:
    if not section.rows:
        return ["Not measured."]
    lines = [section.heading, ["---"] * len(section.heading), *section.rows]
    return ["| " + " | ".join(line) + " |" for line in lines]
