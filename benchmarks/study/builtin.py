"""The package's own problems as sets of the study: at their usual length, or at any other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from sets import Entry, StudySet

from rnnselect import datasets

KIND = "built-in"
N_USED = 1000
# Rows that are made anyway for nothing: they lower the noise of a score.
N_UNUSED = 4000
EMBEDDING_DIM = 32


@dataclass(frozen=True, slots=True)
class Maker:
    """How one problem is made.

    Parameters
    ----------
    make : callable
        Takes `n_samples`, `random_state` and the argument named `size`.
    length : int or (int, int)
        The usual value of that argument.
    topic : str
        In the words of `rnnselect.advice.evidence.TASKS`, where one fits.
    tokens : bool, default=False
        Whether the values are token ids.
    task : str, default="classification"
        Or regression.
    size : str, default="length"
        The argument that sets the length of sequences.
    """

    make: Callable[..., tuple[np.ndarray, np.ndarray]]
    length: int | tuple[int, int]
    topic: str
    tokens: bool = False
    task: str = "classification"
    size: str = "length"


# One symbol is to be remembered through 44 or more others, which are blank or to be ignored.
first_symbol = partial(datasets.make_copy_memory, n_remembered=4, return_sequences=False)
MAKERS = {
    "adding": Maker(datasets.make_adding_problem, 50, "long_range", task="regression"),
    "temporal_order": Maker(datasets.make_temporal_order, 50, "long_range", tokens=True),
    "first_symbol": Maker(first_symbol, 50, "long_range", tokens=True),
    "parity": Maker(datasets.make_parity, 10, "counting"),
    "anbn": Maker(datasets.make_anbn, (1, 50), "counting", tokens=True, size="n_repeats"),
    "anbncn": Maker(
        partial(datasets.make_anbn, n_symbols=3), (1, 30), "counting", tokens=True, size="n_repeats"
    ),
    "mackey_glass": Maker(datasets.make_mackey_glass, 50, "forecasting", task="regression"),
    "noisy_sines": Maker(datasets.make_noisy_sines, 50, "series_classification"),
    "no_signal": Maker(datasets.make_no_signal, 50, "series_classification"),
}
DIGITS = "digits"
# Length alone is varied in these: what decides stands near the beginning.
LAG_PROBLEMS = ("adding", "temporal_order", "first_symbol")


def builtin_entries() -> list[Entry]:
    """Return all built-in problems; each is a family of its own, counting is one."""
    entries = [
        Entry(name, KIND, maker.task, "anbn" if name == "anbncn" else name, maker.topic)
        for name, maker in MAKERS.items()
    ]
    return [*entries, Entry(DIGITS, KIND, "classification", DIGITS, "images_by_row")]


def make_set(entry: Entry, length: int | None = None) -> StudySet:
    """Make one problem, at its usual length or another one."""
    if entry.name == DIGITS:
        X, y = datasets.load_digits_sequences()
        return StudySet(entry, X, y, np.arange(len(y)), np.arange(0))
    maker = MAKERS[entry.name]
    size = {maker.size: maker.length if length is None else length}
    X, y = maker.make(N_USED + N_UNUSED, random_state=0, **size)
    network = {}
    if maker.tokens:
        largest = max(int(np.max(x)) for x in X)
        network = {"embedding_dim": EMBEDDING_DIM, "vocabulary_size": largest + 1}
    rows = np.arange(len(y))
    return StudySet(entry, X, y, rows[:N_USED], rows[N_USED:], network=network)
