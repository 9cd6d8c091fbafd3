"""What single columns of a table are, by their names, their types and what they hold."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from rnnselect.cli.reading import Reading
from rnnselect.cli.tables import Table

__all__ = ["IDS", "MIN_ROWS_OF_A_CLASS", "MIN_TIME_STEPS", "TARGETS", "KnownColumns"]

# Names by which columns are known for what they are, in lower case.
TARGETS = ("target", "label", "class", "y", "labels")
IDS = (
    "id",
    "series_id",
    "sequence_id",
    "sample_id",
    "case_id",
    "series",
    "sequence",
    "case",
    "unique_id",
)
TIMES = (
    "time", "timestamp", "datetime", "date", "step", "t", "ds", "time_step", "timestep", "frame",
    "epoch", "unixtime", "unix_time", "when", "cycle", "tick",
)  # fmt: skip
# So are called parts of a time as well; one alone is the time if no sequence has it twice.
PARTS_OF_TIMES = ("second", "seconds", "minute", "hour", "day", "week", "month", "quarter", "year")
# Fewer numbered columns are rather variables (x1, x2) than time steps.
MIN_TIME_STEPS = 3
# Numbers of fewer rows than these may follow each other by chance.
MIN_ROWS_COUNTED = 5
# A column of labels or names has one or two words, a column of texts more, on average.
MIN_WORDS = 3
# A class is there several times.
MIN_ROWS_OF_A_CLASS = 2
# Labels at one end of a row; the UCR archive has problems of up to 60 classes.
MAX_LABELS = 100
UNNAMED = re.compile(r"unnamed: ?\d+|index|row|row_?(?:number|nr|id)|nr|no\.?|#|", re.IGNORECASE)


class KnownColumns:
    """The columns of a table.

    Parameters
    ----------
    table : Table
        The table.
    given : Reading
        What is said of it.
    other : str or None
        A column that is used for something else.
    """

    def __init__(self, table: Table, given: Reading, other: str | None) -> None:
        self.table, self.frame, self.given = table, table.frame, given
        self._other = other
        self.row_numbers = [name for name in self.frame.columns if self._is_row_number(name)]

    def roles(self) -> set[str | None]:
        """Return the columns that are used as something that is said."""
        given = self.given
        return {given.target, given.id, given.time, given.text, self._other, *given.categories}

    def numbers(self, time: str | None = None) -> list[str]:
        """Return the columns of numbers that have no other role."""
        return [
            name
            for name, dtype in self.frame.schema.items()
            if (dtype.is_numeric() or str(dtype) == "Boolean")
            and name not in self.roles()
            and name != time
            and name not in self.row_numbers
            and self.frame[name].null_count() < len(self.frame)
        ]

    def named(self, names: tuple[str, ...]) -> str | None:
        """Return the first column that is called one of these names, and is not used otherwise."""
        free = [name for name in reversed(self.frame.columns) if name not in self.roles()]
        lower = {name.lower(): name for name in free}
        return next((lower[name] for name in names if name in lower), None)

    @staticmethod
    def is_called(name: str, names: tuple[str, ...]) -> bool:
        """Whether a column has one of these names."""
        return name.lower() in names

    def repeats(self, name: str) -> bool:
        """Whether a value is there more than once."""
        return bool(self.frame[name].n_unique() < len(self.frame))

    def _is_row_number(self, name: str) -> bool:
        """Whether a column counts the rows of the file."""
        column = self.frame[name]
        if not column.dtype.is_integer() or column.null_count() or len(column) < 2:
            return False
        if name in self.roles() or self.is_called(name, (*TIMES, *IDS, *TARGETS)):
            return False
        if UNNAMED.fullmatch(name) and not self.repeats(name):
            return True  # rows may be in another order now
        steps = np.unique(np.diff(column.to_numpy()))
        counts = steps[0] == 1 and len(column) >= MIN_ROWS_COUNTED
        return len(steps) == 1 and bool(counts)

    def time(self) -> str | None:
        """Return the column of times: the only one of that type, or one that is called so."""
        free = [name for name in self.frame.columns if name not in self.roles()]
        times = [
            name
            for name in free
            if self.frame[name].dtype.is_temporal() or name in self.table.columns.unclear
        ]
        called = [name for name in free if self.is_called(name, TIMES)]
        if len(times) == 1:
            return times[0]
        both = [name for name in called if name in times]
        if times and not both:
            raise ValueError(
                f"The columns {', '.join(times)} have times: say which one, by --time."
            )
        if both:
            return both[0]
        parts = [name for name in free if self.is_called(name, PARTS_OF_TIMES)]
        called += parts if len(parts) == 1 else []
        for name in called:
            column = self.frame[name]
            if column.dtype.is_numeric() and (name not in parts or self._is_unique_part(name)):
                return name
            if str(column.dtype) == "String":
                from rnnselect.preprocessing.times import read_durations

                if read_durations(column.to_list()) is not None:
                    return name
        return None

    def _is_unique_part(self, name: str) -> bool:
        identity = self.given.id or self.named(IDS)
        rows = self.frame.select(name, *([identity] if identity else []))
        return identity is None or not rows.is_duplicated().any()

    def id_of_long(self, time: str | None = None) -> str | None:
        """Return the column whose values have several rows each, one row a time."""
        name = self.named(IDS)
        if name is not None and self.repeats(name):
            return name
        time = time or self.time()
        if time is None:
            fits = [name for name in self.frame.columns if self._has_a_clock(name)]
        elif self.repeats(time):
            fits = [name for name in self.frame.columns if self._tells_apart(name, time)]
        else:
            return None
        words = [name for name in fits if not self.frame[name].dtype.is_numeric()]
        if len(words or fits) > 1:
            raise ValueError(
                f"Sequences could be told apart by {' or by '.join(words or fits)}: say which one, "
                "by --id."
            )
        return (words or fits or [None])[0]

    def _tells_apart(self, name: str, time: str) -> bool:
        dtype = self.frame[name].dtype
        if name in self.roles() or name == time or dtype.is_float() or dtype.is_temporal():
            return False
        if str(dtype) in ("Boolean", "List") or not self.repeats(name):
            return False
        rows = self.frame.select(name, time).drop_nulls()
        if rows.is_duplicated().sum() > len(rows) // 20:  # some rows may stand there twice
            return False
        return self._has_one_target(name)

    def _has_a_clock(self, name: str) -> bool:
        """Whether a column of words tells sequences apart in which another column counts on."""
        if str(self.frame[name].dtype) != "String" or name in self.roles():
            return False
        return self.repeats(name) and bool(self.clocks(name)) and self._has_one_target(name)

    def _has_one_target(self, name: str) -> bool:
        target = self.given.target
        if target is None:
            return True
        several = self.frame.drop_nulls(target).group_by(name).agg(n=_n_unique(target))
        return not (several["n"] > 1).any()

    def clocks(self, identity: str, *, same_start: bool = False) -> list[str]:
        """Return the columns of numbers that grow by the same step in all sequences.

        Where they start from the same number as well, they tell nothing but the position.
        """
        clocks = []
        code = self.frame[identity].rank("dense").fill_null(0).to_numpy()
        order = np.argsort(code, kind="stable")  # rows may come in the order of time
        inside = np.diff(code[order]) == 0
        if inside.sum() < MIN_TIME_STEPS:
            return []
        for name in self.numbers():
            values = self.frame[name].cast(float).fill_null(np.nan).to_numpy()[order]
            steps, starts = np.diff(values)[inside], values[1:][~inside]
            if same_start and not (starts == values[0]).all():
                continue
            if steps[0] > 0 and np.allclose(steps, steps[0], rtol=1e-6, atol=0):
                clocks.append(name)
        return clocks

    def other_names(self, identity: str) -> list[str]:
        """Return columns that number the sequences once more, without a gap: 1, 2, 3, ..."""
        n_sequences = self.frame[identity].n_unique()
        if n_sequences < MIN_ROWS_COUNTED:
            return []
        return [
            name
            for name in self.numbers()
            if self.frame[name].dtype.is_integer()
            and self.frame[name].n_unique() == n_sequences
            and self.frame[name].max() - self.frame[name].min() == n_sequences - 1
            and self.frame.select(name, identity).n_unique() == n_sequences
        ]

    def same_as_target(self, identity: str) -> list[str]:
        """Return columns of which each value goes with one class, and each class with one value."""
        target = self.given.target
        if target is None or target not in self.frame.columns:
            return []
        n_classes = self.frame[target].drop_nulls().n_unique()
        n_sequences = self.frame[identity].n_unique()
        if n_classes * MIN_ROWS_OF_A_CLASS > n_sequences:
            return []
        return [
            name
            for name in self.numbers()
            if self.frame[name].n_unique() == n_classes
            and self.frame.select(name, target).drop_nulls().n_unique() == n_classes
        ]

    def lists(self) -> tuple[str, ...]:
        """Return the columns whose cells are lists of numbers."""
        import polars as pl

        return tuple(
            name
            for name, dtype in self.frame.schema.items()
            if isinstance(dtype, pl.List | pl.Array) and dtype.inner.is_numeric()
        )

    def prefixes(self) -> tuple[str, ...]:
        """Return what numbered columns begin with, of as many time steps as there are."""
        steps: dict[str, set[int]] = {}
        for name in self.numbers():
            match = re.fullmatch(r"(.*?)(\d{1,18})", name)
            if match and not re.search(r"\d[-/.]$", match[1]):  # 2024-01 is a date
                steps.setdefault(match[1], set()).add(int(match[2]))
        longest = max(steps.values(), key=len, default=set())
        if len(longest) < MIN_TIME_STEPS:
            return ()
        return tuple(prefix for prefix, numbers in steps.items() if numbers == longest)

    def columns_of_times(self) -> tuple[str, ...]:
        """Return the columns whose names are times, in their order."""
        from rnnselect.preprocessing.times import read_times

        names = [
            name for name in self.numbers() if re.match(r"\d|[a-z]{3}[a-z]*[ -]\d", name, re.I)
        ]
        times = read_times(names) if len(names) >= MIN_TIME_STEPS else None
        if times is None or np.isnat(times).any():
            return ()
        return tuple(names[k] for k in np.argsort(times, kind="stable"))

    def text(self) -> str | None:
        """Return the column of texts, if there is exactly one."""
        found = [
            name
            for name, dtype in self.frame.schema.items()
            if str(dtype) == "String"
            and name not in self.roles()
            and (self.frame[name].str.split(" ").list.len().mean() or 0) >= MIN_WORDS
        ]
        return found[0] if len(found) == 1 else None

    def ends(self) -> tuple[str, str]:
        """Return the first and the last column."""
        names = [name for name in self.frame.columns if name not in self.row_numbers]
        names = [name for name in names if self.frame[name].null_count() < len(self.frame)]
        if len(names) < 2:
            raise ValueError("The file has one column; give sequences and what is to be predicted.")
        return names[0], names[-1]

    def can_be_labels(self, name: str) -> bool:
        """Whether a column has few different values, each of them several times."""
        column = self.frame[name].drop_nulls()
        n_different = column.n_unique()
        whole = not column.dtype.is_float() or bool((column == column.round()).all())
        repeated = MIN_ROWS_OF_A_CLASS * n_different <= len(column)
        return whole and 2 <= n_different <= MAX_LABELS and repeated


def _n_unique(name: str) -> Any:
    import polars as pl

    return pl.col(name).n_unique()
