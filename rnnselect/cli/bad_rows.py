"""Rows and cells that cannot be used: left out or masked, counted, and named by their lines."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnselect.cli.tables import short

if TYPE_CHECKING:
    from rnnselect.cli.reading import Reading
    from rnnselect.cli.tables import Table

__all__ = ["Losses", "n_missing_of", "sortable", "sound_long", "sound_rows"]

# Above this share of the sequences left out, or of the rows with unreadable cells, the file should
# be looked at: what is left may be another population.
MAX_SHARE = 0.05
MAX_LINES_SHOWN = 3


class Losses:
    """What of a file cannot be used.

    Parameters
    ----------
    table : Table
        The file.
    """

    # Columns with which a long table is sorted; nobody's table has columns of these names.
    ID, TIME, TARGET = "rnnselect: id", "rnnselect: time", "rnnselect: target"

    def __init__(self, table: Table | None = None) -> None:
        self._table = table
        self.left_out: list[dict[str, Any]] = []
        self.missing: dict[str, int] = {}
        self.unreadable: dict[str, dict[str, Any]] = {}
        self.n_all = self.n_left_out = 0
        self.n_rows = 0 if table is None else len(table.frame)
        self.vanished: list[Any] = []
        if table is not None and table.damaged:
            self._add("line", "with more cells than columns", list(table.damaged))

    @property
    def n_missing(self) -> int:
        """How many cells within the sequences are missing."""
        return sum(self.missing.values())

    def leave_out(self, what: str, why: str, rows: Any, ids: Any = None) -> None:
        """Note rows that are left out, or the first rows of sequences."""
        if len(rows):
            lines = (np.asarray(rows) + 1).tolist() if self._table is None else None
            self._add(what, why, lines or self._table.lines_of(rows), ids)

    def _add(self, what: str, why: str, lines: list[int], ids: Any = None) -> None:
        note = {"what": what, "why": why, "count": len(lines), "lines": lines[:MAX_LINES_SHOWN]}
        if ids is not None:
            note["ids"] = [short(each) for each in ids[:MAX_LINES_SHOWN]]
        self.left_out.append(note)

    def count_masked(self, X: Any, reading: Reading) -> None:
        """Count the cells that the network must do without."""
        if reading.form == "text":
            return
        counts = sum(n_missing_of(x, padded=np.ndim(X) == 3) for x in X)
        names = set(reading.values)
        if reading.form == "long" and not reading.categories:
            self.missing = dict(zip(reading.values, np.ravel(counts).tolist(), strict=True))
        elif np.sum(counts):
            self.missing = {"": int(np.sum(counts))}
        unreadable = {} if self._table is None else self._table.columns.unreadable
        for name, rows in unreadable.items():
            numbered = (
                any(name.startswith(each) for each in names) if reading.form == "wide" else False
            )
            if name in names or numbered:
                self.unreadable[name] = {
                    "count": len(rows),
                    "lines": self._table.lines_of(rows[:MAX_LINES_SHOWN]),
                    "first": short(self._table.text(name)[int(rows[0])]),
                }

    def check(self, max_share: float, y_before: Any = None) -> None:
        """Stop where more is lost than may be.

        Raises
        ------
        ValueError
            If the share of sequences or of rows is above `max_share`.
        """
        n_rows = self.n_rows
        remedy = "mend the file, or " + (
            "allow it by --max-bad, e.g. --max-bad 0.2" if max_share else "leave out --strict"
        )
        if self.n_left_out > max_share * self.n_all:
            raise ValueError(
                f"{self.n_left_out} of {self.n_all} sequences cannot be used ({self.said()}); "
                f"{remedy}."
            )
        n_damaged = 0 if self._table is None else len(self._table.damaged)
        if n_damaged > max_share * n_rows:
            raise ValueError(f"{self.said()} of {n_rows}; {remedy}.")
        for name, cells in self.unreadable.items():
            if cells["count"] > max_share * n_rows:
                raise ValueError(
                    f"Column {name!r} has cells that are not numbers ({cells['count']} of "
                    f"{n_rows:,}), the first {cells['first']!r} on line {cells['lines'][0]}; "
                    f"{remedy}."
                )
        if self.vanished:
            raise ValueError(
                f"All sequences of the class {self.vanished[0]!r} cannot be used ({self.said()}); "
                "mend the file."
            )

    def said(self) -> str:
        """Return what is left out, in a line; empty if nothing is."""
        parts = []
        for note in self.left_out:
            where = _where("line", note["lines"], note["count"])
            if note.get("ids"):
                where = _where("", note["ids"], note["count"]) + f"; {where}"
            plural = "s" * (note["count"] != 1)
            parts.append(f"{note['count']} {note['what']}{plural} {note['why']} ({where})")
        return ", ".join(parts)

    def said_of_cells(self) -> str:
        """Return what is missing within the sequences, in a line."""
        if not self.n_missing:
            return ""
        named = [f"{n:,} in {short(name)!r}" for name, n in self.missing.items() if n and name]
        parts = named or [f"{self.n_missing:,}"]
        for name, cells in self.unreadable.items():
            where = _where("line", cells["lines"], cells["count"])
            parts.append(
                f"{cells['count']} of them in {name!r} not a number, {cells['first']!r} ({where})"
            )
        return ", ".join(parts)

    def to_dict(self) -> dict[str, Any]:
        """Return the counts as JSON has them."""
        return {
            "n_sequences": self.n_all - self.n_left_out,
            "n_left_out": self.n_left_out,
            "left_out": self.left_out,
            "n_missing_cells": self.n_missing,
            "missing_cells": {name: n for name, n in self.missing.items() if n and name},
            "unreadable": self.unreadable,
        }


def n_missing_of(x: Any, *, padded: bool) -> np.ndarray:
    """Return how many cells of each channel are missing; padding at the end is not."""
    x = np.asarray(x)
    missing = np.zeros((len(x), x[:1].size), dtype=bool)
    if x.dtype.kind == "f":
        missing = np.isnan(x.reshape(missing.shape))
    if padded:
        missing = missing[: 1 + np.flatnonzero(~missing.all(axis=1)).max(initial=-1)]
    return missing.sum(axis=0)


def _where(word: str, places: list[Any], count: int) -> str:
    more = ", ..." if count > len(places) else ""
    plural = "s" * (count > 1)
    return f"{word}{plural} {', '.join(map(str, places))}{more}".strip()


def sound_rows(
    losses: Losses,
    target: Any,
    *,
    empty_text: Any = None,
    empty: Any = None,
    uneven: Any = None,
) -> np.ndarray:
    """Tell which rows can be used, where each is a sequence."""
    n_rows = losses.n_rows
    kept = np.ones(n_rows, dtype=bool)
    checks = {
        "without a target": None if target is None else target.is_null().to_numpy(),
        "without a value": empty,
        "with lists of different lengths": uneven,
    }
    if empty_text is not None:
        checks["without a text"] = (empty_text.is_null() | (empty_text == "")).to_numpy()
    for why, bad in checks.items():
        if bad is not None:
            losses.leave_out("row", why, np.flatnonzero(bad & kept))
            kept &= ~bad
    _count(losses, kept, target)
    return kept


def sound_long(
    losses: Losses, frame: Any, reading: Reading, target: Any
) -> tuple[Any, np.ndarray, np.ndarray]:
    """Tell which sequences can be used, where each row is a time step.

    Returns
    -------
    frame : polars.DataFrame
        The rows of those sequences, with the columns by which they are grouped and sorted.
    ids : ndarray of shape (n_all,)
        All sequences, in the order in which they appear.
    kept : ndarray of bool of shape (n_all,)
        Which of them are in `frame`.
    """
    import polars as pl

    table = losses._table
    columns = {losses.ID: table.text(reading.id).rename(losses.ID)}
    if reading.time is not None:
        columns[losses.TIME] = sortable(table, reading.time).rename(losses.TIME)
    if target is not None:
        columns[losses.TARGET] = target.rename(losses.TARGET)
    whole = table.frame
    frame = frame.with_columns(**columns).with_row_index("rnnselect: row")
    without_id = frame[losses.ID].is_null()
    losses.leave_out("row", "without an id", np.flatnonzero(without_id.to_numpy()))
    frame = frame.filter(~without_id)
    if reading.time is not None:
        first = (
            whole.select(pl.struct(pl.all()).is_first_distinct()).to_series().filter(~without_id)
        )
        again = frame["rnnselect: row"].filter(~first)
        losses.leave_out("row", "identical to an earlier row", again.to_numpy())
        frame = frame.filter(first)
        _refuse_same_times(table, frame, losses, reading)
    heads = frame.group_by(losses.ID, maintain_order=True).agg(
        pl.col("rnnselect: row").first(),
        *([pl.col(losses.TIME).null_count().alias("times")] if reading.time is not None else []),
        *([pl.col(losses.TARGET).drop_nulls().first().alias("first"),
           pl.col(losses.TARGET).drop_nulls().n_unique().alias("targets")]
          if target is not None else []),
    )  # fmt: skip
    ids = np.array(heads[losses.ID].to_numpy())
    kept = np.ones(len(heads), dtype=bool)
    checks = {}
    if target is not None:
        _refuse_changing(table, heads, reading)
        checks["without a target"] = heads["first"].is_null().to_numpy()
        first = pl.col(losses.TARGET).drop_nulls().first().over(losses.ID)
        frame = frame.with_columns(first.alias(losses.TARGET))
    if reading.time is not None:
        checks["with a time that cannot be read"] = (heads["times"] > 0).to_numpy()
    rows = heads["rnnselect: row"].to_numpy()
    for why, bad in checks.items():
        new = bad & kept
        losses.leave_out("sequence", why, rows[new], ids[new])
        kept &= ~bad
    _count(losses, kept, heads["first"] if target is not None else None)
    if not kept.all():
        frame = frame.filter(frame[losses.ID].is_in(ids[kept].tolist()))
    return frame, ids, kept


def _count(losses: Losses, kept: np.ndarray, target: Any) -> None:
    losses.n_all, losses.n_left_out = len(kept), int((~kept).sum())
    if not kept.any():
        raise ValueError(f"No sequence can be used: {losses.said()}.")
    if target is not None and losses.n_left_out and not target.dtype.is_float():
        before, after = set(target.drop_nulls().unique()), set(target.filter(kept).unique())
        few = Counter(target.drop_nulls().to_list())
        losses.vanished = [each for each in before - after if few[each] > 1]


def sortable(table: Table, name: str) -> Any:
    """Return a column of times or numbers; texts that are durations as seconds."""
    import polars as pl

    from rnnselect.preprocessing.times import AmbiguousTimesError, read_durations

    column, unclear = table.frame[name], table.columns.unclear.get(name)
    if isinstance(unclear, AmbiguousTimesError):
        first, second = unclear.formats
        raise ValueError(
            f"--time={name}: {unclear}; say which one it is, --time-format '{first}' or "
            f"--time-format '{second}'."
        )
    if unclear is not None:
        raise ValueError(f"--time={name}: {unclear}; give all of them in the same way.")
    if column.dtype == pl.String:
        seconds = read_durations(column.to_list())
        if seconds is None:
            example = column.drop_nulls()
            shown = f" {short(example[0])!r}" if len(example) else " cells without text"
            raise ValueError(
                f"--time={name}: the column has{shown}, which is not a time; name another "
                "column, or say how times are written, e.g. --time-format '%d.%m.%Y %H:%M'."
            )
        return pl.Series(name, seconds).fill_nan(None)
    return column.fill_nan(None) if column.dtype.is_float() else column


def _refuse_same_times(table: Table, frame: Any, losses: Losses, reading: Reading) -> None:
    again = frame.filter(
        frame.select(losses.ID, losses.TIME).is_duplicated() & frame[losses.TIME].is_not_null()
    )
    if len(again):
        identity, time = again.row(0, named=True)[losses.ID], again[losses.TIME][0]
        same = again.filter((again[losses.ID] == identity) & (again[losses.TIME] == time))
        lines = table.lines_of(same["rnnselect: row"][:MAX_LINES_SHOWN].to_numpy())
        raise ValueError(
            f"--time={reading.time}: {short(identity)!r} has {len(same)} rows of the time {time} "
            f"({_where('line', lines, len(same))}), and it is not clear which one counts; leave "
            "one in the file, or name all columns that tell the sequences apart: --id site,run."
        )


def _refuse_changing(table: Table, heads: Any, reading: Reading) -> None:
    changing = heads.filter(heads["targets"] > 1)
    if len(changing):
        row = changing.row(0, named=True)
        raise ValueError(
            f"--target={reading.target}: {len(changing)} of {len(heads)} sequences have several "
            f"targets, the first {short(row[Losses.ID])!r} (from line "
            f"{table.lines_of([row['rnnselect: row']])[0]}); a sequence has one. Name another "
            "target or --id; to continue one long series use --forecast, --window and --horizon."
        )
