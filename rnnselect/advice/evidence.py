"""Published comparisons of the two cells: shown for the reader to judge, never part of the prior.

Differences are published more readily than ties, many rows share data and authors, and most are
single runs.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Literal

__all__ = [
    "TASKS",
    "Evidence",
    "check_task",
    "literature",
    "matching_evidence",
    "tally",
]

# The task words that users may name, and the tasks in literature.csv that speak to them. No
# published table separates short sentiment texts from other text classification, and none with
# figures for both cells was found for speech.
TASKS: dict[str, tuple[str, ...]] = {
    "counting": ("formal language",),
    "forecasting": ("forecasting",),
    "language_modelling": ("word language model", "character language model"),
    "long_range": ("pixel sequence classification", "adding problem", "copy memory"),
    "music": ("polyphonic music",),
    "sentiment": ("text classification",),
    "speech": (),
    "text_classification": ("text classification",),
    "time_series": ("forecasting",),
    "translation": ("translation",),
}

# The best possible value of metrics of which larger is better, where there is one.
_PERFECT = {"accuracy": 1.0, "accuracy %": 100.0, "share classified right": 1.0}


@dataclass(frozen=True, slots=True)
class Evidence:
    """One published comparison of both cells on the same data.

    Parameters
    ----------
    study : str
        Authors or name of the benchmark.
    year : int or None
    task, data : str
        Kind of problem, and data set.
    n_train : int or None
        Training sequences.
    sequence_length : int or None
        Time steps.
    metric : str
    larger_is_better : bool
    gru, lstm : float
        Figures in units of the metric.
    protocol : str
        What else is known of the set-up.
    source : str
        Address, or empty.
    """

    study: str
    year: int | None
    task: str
    data: str
    n_train: int | None
    sequence_length: int | None
    metric: str
    larger_is_better: bool
    gru: float
    lstm: float
    protocol: str
    source: str

    @property
    def winner(self) -> Literal["gru", "lstm", "tie"]:
        """The cell with the better figure, however small the difference."""
        if self.gru == self.lstm:
            return "tie"
        return "gru" if (self.gru > self.lstm) == self.larger_is_better else "lstm"

    @property
    def relative_gap(self) -> float:
        """By what share the better cell's loss is smaller, 0 to 1; nan if loss has no meaning.

        The loss is the metric itself, or what is missing to a perfect score.
        """
        if self.larger_is_better:
            perfect = _PERFECT.get(self.metric, math.nan)
            losses = (perfect - self.gru, perfect - self.lstm)
        else:
            losses = (self.gru, self.lstm)
        return 1 - min(losses) / max(losses) if max(losses) > 0 else math.nan


@lru_cache(maxsize=1)
def literature() -> tuple[Evidence, ...]:
    """Read the published comparisons that come with the package.

    Examples
    --------
    >>> literature()[0].data, literature()[0].winner
    ('Sequential MNIST', 'gru')
    """
    table = resources.files("rnnselect.advice") / "data" / "literature.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    return tuple(_evidence(row) for row in csv.DictReader(lines))


def matching_evidence(task: str) -> tuple[Evidence, ...]:
    """Return the published comparisons that speak to a task.

    Parameters
    ----------
    task : str
        One of `TASKS`.

    Returns
    -------
    tuple of Evidence
        In the order of the file; may be empty.

    Raises
    ------
    ValueError
        If the task is not one of `TASKS`.

    Examples
    --------
    >>> [(row.study, row.winner) for row in matching_evidence("translation")]
    [('Britz et al.', 'lstm')]
    """
    check_task(task)
    return tuple(row for row in literature() if row.task in TASKS[task])


def check_task(task: str | None) -> None:
    """Refuse a task that no comparison could be of.

    Parameters
    ----------
    task : str or None
        One of `TASKS`, or None where it is not known.

    Raises
    ------
    ValueError
        If it is anything else.
    """
    if task is not None and task not in TASKS:
        raise ValueError(f"task={task!r}: choose from {sorted(TASKS)}, or leave it out")


def tally(task: str) -> str:
    """Count who was ahead, naming what was compared rather than the word that the user gave.

    Examples
    --------
    >>> tally("forecasting")
    '17 published comparisons of forecasting from 2 sources: GRU ahead in 12, LSTM in 5'
    """
    rows = matching_evidence(task)
    if not rows:
        topic = task.replace("_", " ")
        return f"no published comparison of {topic} with figures for both cells was found"
    studies = {row.study for row in rows}
    winners = [row.winner for row in rows]
    equal = f", equal in {winners.count('tie')}" if "tie" in winners else ""
    return (
        f"{_counted(len(rows), 'published comparison')} of {', '.join(TASKS[task])} from "
        f"{_counted(len(studies), 'source')}: GRU ahead in {winners.count('gru')}, "
        f"LSTM in {winners.count('lstm')}{equal}"
    )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _evidence(row: dict[str, str]) -> Evidence:
    return Evidence(
        study=row["study"],
        year=_integer(row["year"]),
        task=row["task"],
        data=row["data"],
        n_train=_integer(row["n_train"]),
        sequence_length=_integer(row["sequence_length"]),
        metric=row["metric"],
        larger_is_better=row["larger_is_better"] == "1",
        gru=float(row["gru"]),
        lstm=float(row["lstm"]),
        protocol=row["protocol"],
        source=row["source"],
    )


def _integer(text: str) -> int | None:
    return int(text) if text else None
