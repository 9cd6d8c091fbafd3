"""What a table most likely is, where its reader does not say so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from rnnselect.cli.reading import Reading
from rnnselect.preprocessing.columns import (
    existing_columns,
    holds_numbers,
    named_column,
    read_frame,
)

__all__ = ["complete", "is_regression"]

# Names by which columns are known for what they are, in lower case.
TARGETS = ("target", "label", "class", "y")
IDS = ("id", "series_id", "sequence_id", "sample_id", "case_id", "series", "sequence", "case")
TIMES = ("time", "timestamp", "datetime", "date", "step", "t")
# Fewer numbered columns are rather variables (x1, x2) than time steps.
MIN_TIME_STEPS = 3
# A column of labels or names has one or two words, a column of texts more, on average.
MIN_WORDS = 3
# Whole numbers of more different values than these are rather amounts than names of classes.
MAX_NUMBERED_CLASSES = 20
MAX_SHOWN = 10  # prefixes, in a line

REMEDY = (
    "say so: --id and --time for a table with one row a time step, --text for texts, or --values "
    "for the columns of the time steps, separated by commas"
)


def complete(table: Any, reading: Reading, *, needs_target: bool = True) -> tuple[Reading, str]:
    """Fill in what a reading leaves open.

    Parameters
    ----------
    table : data frame
        The table.
    reading : Reading
        What its reader says.
    needs_target : bool, default=True
        Whether there must be a target.

    Returns
    -------
    reading : Reading
        With a form and, if need be, a target.
    guessed : str
        How the table is read, in one line.

    Raises
    ------
    ValueError
        If a named column does not exist, or no guess is good enough.
    """
    frame = read_frame(table)
    for role in ("target", "id", "time", "text"):
        name = getattr(reading, role)
        if name is not None:
            named_column(frame, f"--{role}", name)
    if needs_target and reading.target is None:
        reading = replace(reading, target=_named(frame, TARGETS))
        if reading.target is None:
            raise ValueError(
                f"--target is missing: name the column to predict, of {existing_columns(frame)}."
            )
    reading = _with_form(frame, reading)
    return reading, _described(frame, reading)


def is_regression(y: np.ndarray[Any, Any]) -> tuple[bool, str]:
    """Tell from the targets whether values are to be predicted, and why.

    Examples
    --------
    >>> is_regression(np.array([0.5, 1.0, 1.5]))
    (True, 'it holds fractions')
    >>> is_regression(np.array([0, 1, 1]))
    (False, '2 different values')
    """
    n_different = len(np.unique(y.astype(str) if y.dtype == object else y))
    if y.dtype.kind not in "iuf":
        return False, f"{n_different} different values"
    if y.dtype.kind == "f" and not np.array_equal(y, np.round(y)):
        return True, "it holds fractions"
    return n_different > MAX_NUMBERED_CLASSES, f"{n_different} different values"


def _with_form(frame: Any, reading: Reading) -> Reading:
    if reading.text is not None:
        return replace(reading, form="text")
    if reading.time is not None or (reading.id is not None and _repeats(frame, reading.id)):
        return _long(frame, reading)
    if reading.values:
        columns = set(reading.values) <= set(frame.columns)
        return replace(reading, form="columns" if columns else "wide")
    name = reading.id or _named(frame, IDS)
    if name is not None and _repeats(frame, name):
        return _long(frame, replace(reading, id=name))
    reading = replace(reading, id=name)
    if prefixes := _prefixes(frame, reading):
        return replace(reading, form="wide", values=prefixes)
    if text := _text(frame, reading):
        return replace(reading, form="text", text=text)
    others = (reading.id, reading.target)
    rest = {name: dtype for name, dtype in frame.schema.items() if name not in others}
    if len(rest) >= MIN_TIME_STEPS and all(map(holds_numbers, rest.values())):
        return replace(reading, form="columns", values=tuple(rest))
    raise ValueError(
        f"The form of the table cannot be told from its columns ({existing_columns(frame)}): "
        f"{REMEDY}."
    )


def _long(frame: Any, reading: Reading) -> Reading:
    identity = reading.id or _named(frame, IDS)
    if identity is None:
        raise ValueError(
            f"--time={reading.time}: name the column that tells the sequences apart as well, by "
            f"--id; there are {existing_columns(frame)}."
        )
    time = reading.time
    if time is None:
        time = next((name for name, dtype in frame.schema.items() if _is_time(name, dtype)), None)
    return replace(reading, form="long", id=identity, time=time)


def _is_time(name: str, dtype: Any) -> bool:
    return name.lower() in TIMES and (holds_numbers(dtype) or dtype.is_temporal())


def _named(frame: Any, names: tuple[str, ...]) -> str | None:
    """Return the first column that is called one of these names."""
    lower = {name.lower(): name for name in reversed(frame.columns)}
    return next((lower[name] for name in names if name in lower), None)


def _repeats(frame: Any, name: str) -> bool:
    return bool(frame[name].n_unique() < len(frame))


def _prefixes(frame: Any, reading: Reading) -> tuple[str, ...]:
    """Return what numbered columns begin with, of as many time steps as there are."""
    steps: dict[str, set[int]] = {}
    for name, dtype in frame.schema.items():
        match = re.fullmatch(r"(.*?)(\d{1,18})", name)
        if match and name not in (reading.target, reading.id) and holds_numbers(dtype):
            steps.setdefault(match[1], set()).add(int(match[2]))
    longest = max(steps.values(), key=len, default=set())
    if len(longest) < MIN_TIME_STEPS:
        return ()
    return tuple(prefix for prefix, numbers in steps.items() if numbers == longest)


def _text(frame: Any, reading: Reading) -> str | None:
    """Return the column of texts, if there is exactly one."""
    found = [
        name
        for name, dtype in frame.schema.items()
        if dtype == nw.String
        and name not in (reading.target, reading.id)
        and (frame[name].str.split(" ").list.len().mean() or 0) >= MIN_WORDS
    ]
    return found[0] if len(found) == 1 else None


def _described(frame: Any, reading: Reading) -> str:
    match reading.form:
        case "text":
            return f"one text a row in {reading.text!r}"
        case "long":
            order = f"sorted by {reading.time!r}" if reading.time else "in the order of the table"
            return f"one row a time step, sequences by {reading.id!r}, {order}"
        case "wide":
            ends = [_ends(_numbered(frame, prefix)) for prefix in reading.values[:MAX_SHOWN]]
            more = len(reading.values) - MAX_SHOWN
            ends += [f"and {more} more"] if more > 0 else []
            return f"one row a series, a time step a column ({', '.join(ends)})"
        case _:
            return f"one row a series, a time step a column ({_ends(reading.values)})"


def _numbered(frame: Any, prefix: str) -> list[str]:
    """Return the columns of a prefix, in the order of time."""
    names = [
        name for name in frame.columns if re.fullmatch(rf"{re.escape(prefix)}\d{{1,18}}", name)
    ]
    return sorted(names, key=lambda name: int(name.removeprefix(prefix)))


def _ends(names: Sequence[str]) -> str:
    return f"{names[0]} to {names[-1]}" if names else "none"
