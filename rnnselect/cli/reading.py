"""How a file is read as sequences, in a record that a saved model keeps."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from dataclasses import fields as dataclass_fields
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from rnnselect.cli.bad_rows import Losses, sound_long, sound_rows
from rnnselect.cli.tables import Table, short

__all__ = ["Reading", "Sequences", "categories_of", "read_sequences_of"]

# What a form cannot do without.
NEEDED = {
    "wide": ("values",), "columns": ("values",), "long": ("id",), "text": ("text",),
    "lists": ("values",), "series": ("target", "window", "horizon"), "arrays": (),
}  # fmt: skip
FORMS = tuple(NEEDED)
MALFORMED = (
    "The model file does not say properly how its data were read; write it again by 'rnnselect "
    "recommend --save'."
)


@dataclass(frozen=True, slots=True)
class Reading:
    """Which columns of a table are what.

    Parameters
    ----------
    form : {"wide", "columns", "long", "text", "lists", "series", "arrays"} or None, default=None
        One row a series, with numbered columns (``t0``, ``t1``, ...) or with columns in the order
        of time; one row a time step; one text a row; one list a cell; one long series; no table.
        None: not known yet.
    target : str or None, default=None
        What is to be predicted.
    id : str or None, default=None
        The column that tells the sequences apart.
    time : str or None, default=None
        The column by which the rows of a sequence are sorted.
    values : tuple of str, default=()
        What is read as numbers: prefixes (``wide``), columns in the order of time (``columns``),
        or channels.
    text : str or None, default=None
        The column with texts.
    header : bool or None, default=None
        Whether the file names its columns.
    decimal, time_format : str or None, default=None
        What stands before decimals, and how times are written.
    categories : dict of str to tuple of str, default={}
        Columns of words that become channels, and the words; empty where they are not known yet.
    window, horizon : int or None, default=None
        Of one long series: time steps that the network sees, and that it predicts.
    """

    form: str | None = None
    target: str | None = None
    id: str | None = None
    time: str | None = None
    values: tuple[str, ...] = ()
    text: str | None = None
    header: bool | None = None
    decimal: str | None = None
    time_format: str | None = None
    categories: dict[str, tuple[str, ...]] = field(default_factory=dict)
    window: int | None = None
    horizon: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values, as JSON has them."""
        words = {name: list(words) for name, words in self.categories.items()}
        return {**asdict(self), "values": list(self.values), "categories": words}

    @classmethod
    def from_dict(cls, fields: Any) -> Reading:
        """Return the record of such fields; they may come out of any file.

        Raises
        ------
        ValueError
            If they are others, or of other types.
        """
        names = {field.name for field in dataclass_fields(cls)}
        if not isinstance(fields, dict) or not set(fields) <= names:
            raise ValueError(MALFORMED)
        given = {**cls().to_dict(), **fields}  # older files have fewer fields
        values, form, categories = given["values"], given["form"], given["categories"]
        if not isinstance(values, list) or form not in FORMS or not isinstance(categories, dict):
            raise ValueError(MALFORMED)
        words = list(categories.values())
        if any(not given[name] for name in NEEDED[form]) or not all(
            isinstance(each, list) for each in words
        ):
            raise ValueError(MALFORMED)
        texts = ("target", "id", "time", "text", "decimal", "time_format")
        others = [given[name] for name in texts if given[name] is not None]
        if not all(
            isinstance(text, str) for text in [*values, *others, *categories, *chain(*words)]
        ):
            raise ValueError(MALFORMED)
        sizes = (given["window"], given["horizon"])
        if not all(size is None or (type(size) is int and size > 0) for size in sizes):
            raise ValueError(MALFORMED)
        if given["header"] not in (None, True, False):
            raise ValueError(MALFORMED)
        categories = {name: tuple(words) for name, words in categories.items()}
        return cls(**{**given, "values": tuple(values), "categories": categories})


class Sequences(NamedTuple):
    """What was read, and how.

    Parameters
    ----------
    X : array-like of length n_samples
        Sequences, or texts.
    y : ndarray of shape (n_samples,) or None
        Targets.
    ids : ndarray of shape (n_all,)
        Which sequence is which, those that are left out included.
    reading : Reading
        With all columns named that were read.
    kept : ndarray of bool of shape (n_all,) or None, default=None
        Which of them are in `X`; None: all.
    losses : Losses or None, default=None
        What was left out, and which cells are missing.
    """

    X: Any
    y: Any
    ids: Any
    reading: Reading
    kept: Any = None
    losses: Losses | None = None


def read_sequences_of(table: Table, reading: Reading, *, groups: str | None = None) -> Sequences:
    """Read sequences out of a table, without those that cannot be used.

    Parameters
    ----------
    table : Table
        The table.
    reading : Reading
        Its form is known. A target that it names is read.
    groups : str or None, default=None
        A column with one value a sequence, which is read in place of the target.

    Returns
    -------
    Sequences
        What was read, and what was left out.

    Raises
    ------
    ValueError
        If a column does not exist or is of no use in its role.
    """
    for option in ("target", "id", "time", "text"):
        shown = "forecast" if option == "target" and reading.form == "series" else option
        _check_column(table, f"--{shown}", getattr(reading, option))
    if reading.form == "series":
        from rnnselect.cli.one_series import windows_of

        return windows_of(table, reading)
    if reading.form == "long":
        return _long(table, reading, groups)
    losses = Losses(table)
    work = {"_target": _labels(table, reading.target)}
    if reading.form == "text":
        texts = table.text(reading.text)
        if str(texts.dtype) not in ("String", "Categorical", "Enum"):
            raise ValueError(
                f"--text={reading.text}: the column has {texts.dtype} values; name one with texts."
            )
        kept = sound_rows(losses, work["_target"], empty_text=texts)
        X = texts.filter(kept).to_numpy().astype(object)
    elif reading.form == "lists":
        kept, X = _lists(table, reading, losses, work["_target"])
    else:
        kept, X = _wide(table, reading, losses, work["_target"])
    y = None if reading.target is None else _array(work["_target"].filter(kept))
    if groups is not None:
        y = _array(_labels(table, groups).filter(kept))
    ids = np.arange(len(table.frame))
    if reading.id is not None:
        ids = _array(table.text(reading.id))
    losses.count_masked(X, reading)
    return Sequences(X, y, ids, reading, kept, losses)


def categories_of(table: Table, names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Return the words of columns that become channels."""
    words = {}
    for name in names:
        _check_column(table, "--categories", name)
        words[name] = tuple(table.text(name).drop_nulls().unique().cast(str).sort().to_list())
        if len(words[name]) > MAX_WORDS:
            raise ValueError(
                f"--categories={name}: the column has {len(words[name])} different values, and "
                f"each would become a channel; name columns of at most {MAX_WORDS}."
            )
    return words


MAX_WORDS = 50  # channels of one column of words; networks of more learn slowly and little


def _check_column(table: Table, option: str, name: str | None) -> None:
    if name is not None and name not in table.frame.columns:
        from rnnselect.cli.guesses import no_such_column

        raise no_such_column(table, option, name)


def _labels(table: Table, name: str | None) -> Any:
    """Return a column of targets: numbers where it holds numbers only, otherwise as it stands."""
    from rnnselect.cli.typed_columns import MISSING

    if name is None:
        return None
    column, texts = table.frame[name], table.text(name)
    n_unreadable = len(table.columns.unreadable.get(name, ()))
    few = column.n_unique() <= MAX_WORDS
    if name in table.columns.codes or (n_unreadable and few):
        lower = texts.str.to_lowercase()
        return texts.set(lower.is_in(list(MISSING)).fill_null(True), None)
    if str(column.dtype).startswith(("Datetime", "Date")):
        return texts
    return column.fill_nan(None) if column.dtype.is_float() else column


def _array(column: Any) -> np.ndarray:
    """Return a column as an array of its own (texts as objects)."""
    text = str(column.dtype) in ("String", "Categorical", "Enum")
    return np.array(column.to_numpy(), dtype=object if text else None)


def _wide(table: Table, reading: Reading, losses: Losses, target: Any) -> tuple[Any, Any]:
    from rnnselect.preprocessing.wide_frames import sequences_from_wide_frame

    names = _columns_of(table, reading)
    _check_numbers(table, reading, names)
    empty = np.all([_is_missing(table.frame[name]) for name in names], axis=0)
    kept = sound_rows(losses, target, empty=empty)
    role = "prefix" if reading.form == "wide" else "values"
    columns: Any = {role: list(reading.values)}
    found = sequences_from_wide_frame(table.frame.filter(kept), **columns)
    return kept, found.X


def _columns_of(table: Table, reading: Reading) -> list[str]:
    from rnnselect.cli.guesses import numbered

    if reading.form == "columns":
        for name in reading.values:
            _check_column(table, "--values", name)
        return list(reading.values)
    taken = (reading.target, reading.id)
    names = [name for each in reading.values for name in numbered(table.frame, each)]
    if not names:
        _check_column(table, "--values", reading.values[0])
    return [name for name in names if name not in taken]


def _lists(table: Table, reading: Reading, losses: Losses, target: Any) -> tuple[Any, Any]:
    from rnnselect.sequences.ragged import ragged

    for name in reading.values:
        _check_column(table, "--values", name)
    columns = [table.frame[name] for name in reading.values]
    lengths = np.column_stack([column.list.len().fill_null(0).to_numpy() for column in columns])
    uneven = (lengths != lengths[:, :1]).any(axis=1)
    kept = sound_rows(losses, target, empty=lengths.max(axis=1) == 0, uneven=uneven)
    rows = zip(*(column.filter(kept).to_list() for column in columns), strict=True)
    X = [
        np.array([[np.nan if v is None else v for v in cell] for cell in row], float).T
        for row in rows
    ]
    return kept, ragged(X, tuple(reading.values))


def _long(table: Table, reading: Reading, groups: str | None) -> Sequences:
    from rnnselect.preprocessing.frames import sequences_from_frame

    losses = Losses(table)
    for name in (*reading.values, *reading.categories):
        _check_column(table, "--values", name)
    _check_numbers(table, reading, list(reading.values))
    frame, reading = _with_words(table, reading)
    roles = {"target": _labels(table, groups or reading.target)}
    frame, ids, kept = sound_long(losses, frame, reading, roles["target"])
    channels = [*reading.values, *_word_channels(reading)]
    found = sequences_from_frame(
        frame,
        by=losses.ID,
        order=None if reading.time is None else losses.TIME,
        values=channels,
        target=None if roles["target"] is None else losses.TARGET,
    )
    losses.count_masked(found.X, reading)
    return Sequences(found.X, found.y, ids, reading, kept, losses)


def _with_words(table: Table, reading: Reading) -> tuple[Any, Reading]:
    """Return the table with a channel for each word of its categories."""
    import polars as pl

    new = categories_of(table, tuple(n for n, words in reading.categories.items() if not words))
    reading = replace(reading, categories={**reading.categories, **new})
    columns = [
        (table.text(name).cast(pl.String) == word).fill_null(False).rename(f"{name}={word}")
        for name, words in reading.categories.items()
        for word in words
    ]
    return table.frame.with_columns(columns), reading


def _word_channels(reading: Reading) -> list[str]:
    return [f"{name}={word}" for name, words in reading.categories.items() for word in words]


def _check_numbers(table: Table, reading: Reading, names: list[str]) -> None:
    for name in names:
        dtype = table.frame[name].dtype
        if name in (reading.target, reading.id):
            raise ValueError(f"--values={name}: the column has another role already; leave it out.")
        if not dtype.is_numeric() and str(dtype) != "Boolean":
            example = table.text(name).drop_nulls()
            shown = f", such as {short(example[0])!r}" if len(example) else ""
            raise ValueError(
                f"--values={name}: the column does not have numbers{shown}; leave it out, or "
                "name it by --categories if its words are to be channels."
            )


def _is_missing(column: Any) -> np.ndarray:
    missing = column.is_null()
    if column.dtype.is_float():
        missing |= column.is_nan().fill_null(True)
    return missing.to_numpy()
