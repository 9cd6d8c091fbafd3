"""What a table most likely is, where its reader does not say so.

A wrong guess is worse than a question: where two readings fit, the command stops and names the
option that tells them apart.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from rnnselect.cli.known_columns import (
    IDS,
    MIN_ROWS_OF_A_CLASS,
    MIN_TIME_STEPS,
    TARGETS,
    KnownColumns,
)
from rnnselect.cli.reading import Reading
from rnnselect.cli.tables import Table, short

__all__ = ["Understood", "complete", "is_regression", "no_such_column", "numbered", "shown_columns"]

# Names that tell in which order columns follow each other.
CYCLES = (
    ("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
    tuple("abcdefghijklmnopqrstuvwxyz"),
)
# Whole numbers of more different values than these are rather amounts than names of classes.
MAX_NUMBERED_CLASSES = 20
MAX_SHOWN = 8  # names, in a line
MAX_COLUMNS_SHOWN = 30

REMEDY = (
    "say so: --id and --time for a table with one row a time step, --text for texts, --values for "
    "the columns of the time steps, separated by commas, or --forecast, --window and --horizon for "
    "one long series"
)


class Understood(NamedTuple):
    """How a table is read.

    Parameters
    ----------
    reading : Reading
        With a form and, if need be, a target.
    form : str
        The form, in words.
    ignored : dict of str to str
        Columns that are not used, and why.
    constant : tuple of str
        Channels that do not change within a sequence.
    unsure : bool
        Whether another reading would have been thinkable.
    """

    reading: Reading
    form: str
    ignored: dict[str, str]
    constant: tuple[str, ...] = ()
    unsure: bool = False


def complete(
    table: Table,
    given: Reading,
    *,
    needs_target: bool = True,
    target_first: bool | None = None,
    other: str | None = None,
) -> Understood:
    """Fill in what a reading leaves open.

    Parameters
    ----------
    table : Table
        The table.
    given : Reading
        What its reader says.
    needs_target : bool, default=True
        Whether there must be a target.
    target_first : bool or None, default=None
        Whether the target is the first column or the last one; None: it has a name, or is found.
    other : str or None, default=None
        A column that is used for something else.

    Returns
    -------
    Understood
        The reading, and what is to be said of it.

    Raises
    ------
    ValueError
        If a named column does not exist, or two readings fit.
    """
    for role in ("target", "id", "time", "text"):
        name = getattr(given, role)
        if name is not None and name not in table.frame.columns:
            option = "forecast" if role == "target" and given.window is not None else role
            raise no_such_column(table, f"--{option}", name)
    columns = KnownColumns(table, given, other)
    guess, unsure = _Guess(columns), False
    if target_first is not None and given.target is None:
        given = replace(given, target=columns.ends()[not target_first])
    elif needs_target and given.target is None:
        given = replace(given, target=guess.target())
        unsure = not columns.is_called(given.target, TARGETS)
    columns.given = given
    return guess.understood()._replace(unsure=unsure)


def is_regression(y: np.ndarray[Any, Any]) -> tuple[bool, str]:
    """Tell from the targets whether values are to be predicted, and why.

    Examples
    --------
    >>> is_regression(np.array([0.5, 1.0, 1.5]))
    (True, 'it has fractions')
    >>> is_regression(np.array([0, 1, 1, 0]))
    (False, '2: 0, 1')
    """
    different = np.unique(y.astype(str) if y.dtype == object else y)
    shown = ", ".join(
        f"{each:g}" if y.dtype.kind == "f" else short(each) for each in different[:MAX_SHOWN]
    )
    shown += ", ..." * (len(different) > MAX_SHOWN)
    if y.dtype.kind not in "iuf":
        folded = {str(each).casefold() for each in different}
        odd = "; some differ only in capital letters" * (len(folded) < len(different))
        return False, f"{len(different)}: {shown}{odd}"
    if y.ndim > 1 or (y.dtype.kind == "f" and not np.array_equal(y, np.round(y))):
        return True, "it has fractions" if y.ndim == 1 else "several for each sequence"
    repeated = MIN_ROWS_OF_A_CLASS * len(different) <= len(y)
    if len(different) <= MAX_NUMBERED_CLASSES and repeated:
        return False, f"{len(different)}: {shown}"
    return True, f"{len(different)} different whole numbers"


def no_such_column(table: Table, option: str, name: str) -> ValueError:
    """Return the error of a name that no column has."""
    why = ""
    if not table.has_header:
        why = " (the file seems to have no line with names; --header says that it has one)"
    return ValueError(
        f"{option}={name}: there is no column of this name; there are {shown_columns(table)}{why}."
    )


def shown_columns(table: Table) -> str:
    """Return the names of the columns for an error."""
    names = table.frame.columns
    more = len(names) - MAX_COLUMNS_SHOWN
    shown = ", ".join(map(short, names[:MAX_COLUMNS_SHOWN]))
    return shown + (f" and {more} more" if more > 0 else "")


def numbered(frame: Any, prefix: str) -> list[str]:
    """Return the columns of numbers that begin with a prefix, in the order of their numbers."""
    pattern = re.compile(rf"{re.escape(prefix)}(\d{{1,18}})")
    found = {name: match for name in frame.columns if (match := pattern.fullmatch(name))}
    return sorted(found, key=lambda name: int(found[name][1]))


class _Guess:
    """Finds the form of a table, and the words for it."""

    def __init__(self, columns: KnownColumns) -> None:
        self.columns, self.table, self.frame = columns, columns.table, columns.frame

    @property
    def given(self) -> Reading:
        return self.columns.given

    def understood(self) -> Understood:
        """Return the reading in the first form that fits; explicit names go first."""
        given = self.given
        if given.window is not None:
            return self._series()
        if given.text is not None:
            return self._as(replace(given, form="text"))
        if given.time is not None or (given.id is not None and self.columns.repeats(given.id)):
            return self._long(given.id)
        lists = self.columns.lists()
        if lists and (not given.values or set(given.values) <= set(lists)):
            return self._as(replace(given, form="lists", values=given.values or lists))
        prefixes = self.columns.prefixes()
        identity = None if given.id is not None else self.columns.id_of_long()
        named = identity is not None and self.columns.is_called(identity, IDS)
        if identity is not None and prefixes and not (named and self.columns.time()):
            raise ValueError(
                f"The rows can be the time steps of {identity!r}, and the columns "
                f"{self._ends(numbered(self.frame, prefixes[0]))} can be the time steps of a row: "
                f"say --id {identity}, or --values {prefixes[0] or '0'}."
            )
        if identity is not None:
            return self._long(identity)
        if given.values:
            columns = set(given.values) <= set(self.frame.columns)
            return self._as(replace(given, form="columns" if columns else "wide"))
        named_id = given.id or self.columns.named(IDS)
        given = replace(given, id=named_id)
        if not self.table.has_header:
            rest = tuple(n for n in self.columns.numbers() if n not in (given.target, given.id))
            if len(rest) >= MIN_TIME_STEPS:
                return self._as(replace(given, form="columns", values=rest))
        if prefixes:
            names = numbered(self.frame, prefixes[0])
            steps = tuple(name for name in names if name not in self.columns.roles())
            if len(prefixes) == 1 and len(steps) < len(names):  # the target has a number as well
                return self._as(replace(given, form="columns", values=steps))
            return self._as(replace(given, form="wide", values=prefixes))
        if times := self.columns.columns_of_times():
            return self._as(replace(given, form="columns", values=times))
        if text := self.columns.text():
            return self._as(replace(given, form="text", text=text))
        rest = tuple(name for name in self.columns.numbers() if name != given.id)
        if len(rest) >= MIN_TIME_STEPS and _in_a_cycle(rest):
            return self._as(replace(given, form="columns", values=rest))
        raise self._unknown(rest)

    def target(self) -> str:
        """Return the column of the target, by its name or as the only end that can be labels."""
        name = self.columns.named(TARGETS)
        if name is not None:
            return name
        if self.table.has_header and not all(
            re.fullmatch(r"\d+", n) for n in self.columns.numbers()
        ):
            raise ValueError(
                f"--target is missing: name the column to predict, one of "
                f"{shown_columns(self.table)}."
            )
        ends = [name for name in self.columns.ends() if self.columns.can_be_labels(name)]
        words = [name for name in ends if not self.frame[name].dtype.is_numeric()]
        if len(words or ends) != 1:
            fit = (
                "Both the first and the last column could be"
                if ends
                else ("Neither the first nor the last column looks like")
            )
            raise ValueError(
                f"The file does not name its columns. {fit} the labels: say --target-first or "
                f"--target-last, or name another column, as in --target {self.frame.columns[1]}."
            )
        return (words or ends)[0]

    # --- forms ------------------------------------------------------------------------------------

    def _series(self) -> Understood:
        time = self.given.time or self.columns.time()
        names = self.columns.numbers(time)
        values = self.given.values or tuple(n for n in names if n != self.given.target)
        reading = replace(self.given, form="series", time=time, values=values)
        return self._as(reading)

    def _long(self, identity: str | None) -> Understood:
        time = self.given.time or self.columns.time()
        identity = identity or self.columns.named(IDS) or self.columns.id_of_long(time)
        if identity is None:
            raise ValueError(
                f"--time={time}: name the column that tells the sequences apart as well, by --id; "
                "or, if the table is one long series, say --forecast COLUMN --window 28 "
                "--horizon 7."
            )
        self.columns.given = replace(self.given, form="long", id=identity, time=time)
        reading = self.given
        if time is None and (clocks := self.columns.clocks(identity)):
            time = clocks[0]
            reading = replace(reading, time=time)
        clocks = [n for n in self.columns.clocks(identity, same_start=True) if n != time]
        same = self.columns.same_as_target(identity)
        names = self.columns.other_names(identity)
        ignored = {
            **dict.fromkeys(names, "names the sequence"),
            **dict.fromkeys(clocks, "counts the steps"),
            **dict.fromkeys(same, "tells the target"),
        }
        if not reading.values:
            channels = tuple(
                name
                for name in self.columns.numbers(time)
                if name not in (identity, time, *ignored)
            )
            if not channels and not reading.categories:
                raise ValueError(
                    "No column of numbers is left for the channels: "
                    f"{self._said_ignored(reading, ignored)}. Name them by --values or "
                    "--categories."
                )
            reading = replace(reading, values=channels)
        counts = self.frame.group_by(identity).n_unique()
        constant = tuple(name for name in reading.values if (counts[name] == 1).all())
        return self._as(reading, ignored, constant)

    def _as(
        self,
        reading: Reading,
        ignored: dict[str, str] | None = None,
        constant: tuple[str, ...] = (),
    ) -> Understood:
        return Understood(
            reading,
            self._described(reading),
            self._ignored(reading, ignored or {}),
            constant,
        )

    def _unknown(self, rest: tuple[str, ...]) -> ValueError:
        target, time = self.given.target, self.columns.time()
        if target is not None and self.frame[target].dtype.is_numeric() and time is not None:
            if not self.columns.repeats(time):
                return ValueError(
                    f"The table seems to be one long series, with one row for each {time!r}: to "
                    f"predict the next steps of {target!r}, say --forecast {target} --window 28 "
                    "--horizon 7, where 28 steps predict the next 7."
                )
            self.columns.given = replace(self.given, target=None)
            if (identity := self.columns.id_of_long()) is not None:
                return ValueError(
                    f"--target={target}: the rows of one {identity!r} have different values in "
                    "this column, and a sequence has one target. Name another target or --id."
                )
        if len(rest) >= MIN_TIME_STEPS:
            first = ",".join(map(short, rest[:MIN_TIME_STEPS]))
            return ValueError(
                f"The columns {self._ends(rest)} may be time steps or separate variables: if they "
                f"are the steps of a series, in this order, say --values {first},...; otherwise "
                + REMEDY.replace("say so: ", "say ")
                + "."
            )
        return ValueError(
            f"The form of the table cannot be told from its columns ({shown_columns(self.table)}): "
            f"{REMEDY}."
        )

    # --- words ------------------------------------------------------------------------------------

    @staticmethod
    def _ends(names: Sequence[str]) -> str:
        return f"{short(names[0])} to {short(names[-1])}" if names else "none"

    def _described(self, reading: Reading) -> str:
        match reading.form:
            case "text":
                return f"one text a row in {reading.text!r}"
            case "series":
                order = f", sorted by {reading.time!r}" if reading.time else ""
                return (
                    f"one long series{order}: {reading.window} steps predict the next "
                    f"{reading.horizon} of {reading.target!r}"
                )
            case "long":
                order = (
                    f"sorted by {reading.time!r}" if reading.time else "in the order of the file"
                )
                return f"one row a time step, sequences by {reading.id!r}, {order}"
            case "lists":
                return "one list a series"
            case "wide":
                ends = [self._ends(numbered(self.frame, p)) for p in reading.values[:MAX_SHOWN]]
                more = len(reading.values) - MAX_SHOWN
                ends += [f"and {more} more"] if more > 0 else []
                return f"one row a series, a time step a column ({', '.join(ends)})"
            case _:
                return f"one row a series, a time step a column ({self._ends(reading.values)})"

    def _ignored(self, reading: Reading, ignored: dict[str, str]) -> dict[str, str]:
        """Return the columns that are not used, and why."""
        used = {*self.columns.roles(), reading.target, reading.id, reading.time, reading.text}
        used |= {*reading.values, *reading.categories}
        if reading.form == "wide":
            used |= {name for each in reading.values for name in numbered(self.frame, each)}
        return {
            name: self._why(name, reading, ignored)
            for name in self.frame.columns
            if name not in used
        }

    def _why(self, name: str, reading: Reading, ignored: dict[str, str]) -> str:
        why = {**dict.fromkeys(self.columns.row_numbers, "row number"), **ignored}.get(name)
        column = self.frame[name]
        if why is not None:
            return why
        if column.null_count() == len(column):
            return "empty"
        if column.dtype.is_temporal() or name in self.table.columns.unclear:
            return "time"
        if str(column.dtype) in ("String", "Categorical", "Enum"):
            return self._why_text(name, reading)
        return "not asked for" if reading.form in ("long", "series") else "not a time step"

    def _why_text(self, name: str, reading: Reading) -> str:
        texts = self.table.text(name).drop_nulls()
        n_numbers = int(texts.str.contains(r"^[+-]?\d").sum())
        if n_numbers > len(texts) // 2:
            odd = texts.filter(~texts.str.contains(r"^[+-]?\d+([.,]\d+)?$"))
            return (
                f"{100 * n_numbers // len(texts)} % numbers, also {short(odd[0])!r}"
                if len(odd)
                else "text"
            )
        few = texts.n_unique() <= MAX_NUMBERED_CLASSES and reading.form == "long"
        return "text; --categories would use it" if few else "text"

    def _said_ignored(self, reading: Reading, ignored: dict[str, str]) -> str:
        return ", ".join(f"{n} ({why})" for n, why in self._ignored(reading, ignored).items())


def _in_a_cycle(names: tuple[str, ...]) -> bool:
    """Whether names follow each other as weekdays, months or letters do."""
    short = [name.lower() if len(name) == 1 else name.lower()[:3] for name in names]
    for cycle in CYCLES:
        if short[0] in cycle:
            start = cycle.index(short[0])
            if short == [cycle[(start + k) % len(cycle)] for k in range(len(short))]:
                return True
    return False
