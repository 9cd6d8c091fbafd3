"""How a file is read as sequences, in a record that a saved model keeps."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from dataclasses import fields as dataclass_fields
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Reading", "Sequences", "read_sequences_of"]

# What a form cannot do without.
NEEDED = {
    "wide": ("values",), "columns": ("values",), "long": ("id",), "text": ("text",), "arrays": ()
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
    form : {"wide", "columns", "long", "text", "arrays"} or None, default=None
        One row a series, with numbered columns (``t0``, ``t1``, ...) or with columns in the order
        of time; one row a time step; one text a row; no table. None: not known yet.
    target : str or None, default=None
        What is to be predicted.
    id : str or None, default=None
        The column that tells the sequences apart.
    time : str or None, default=None
        The column by which the rows of a sequence are sorted.
    values : tuple of str, default=()
        What is read as numbers: prefixes (``wide``), columns in the order of time (``columns``),
        or channels (``long``).
    text : str or None, default=None
        The column with texts.
    """

    form: str | None = None
    target: str | None = None
    id: str | None = None
    time: str | None = None
    values: tuple[str, ...] = ()
    text: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values, as JSON has them."""
        return {**asdict(self), "values": list(self.values)}

    @classmethod
    def from_dict(cls, fields: Any) -> Reading:
        """Return the record of such fields; they may come out of any file.

        Raises
        ------
        ValueError
            If they are others, or of other types.
        """
        names = {field.name for field in dataclass_fields(cls)}
        if not isinstance(fields, dict) or set(fields) != names:
            raise ValueError(MALFORMED)
        values, form = fields["values"], fields["form"]
        if not isinstance(values, list) or form not in FORMS:
            raise ValueError(MALFORMED)
        if any(not fields[name] for name in NEEDED[form]):
            raise ValueError(MALFORMED)
        others = [fields[name] for name in names - {"values"} if fields[name] is not None]
        if not all(isinstance(text, str) for text in [*values, *others]):
            raise ValueError(MALFORMED)
        return cls(**{**fields, "values": tuple(values)})


class Sequences(NamedTuple):
    """What was read, and how.

    Parameters
    ----------
    X : array-like of length n_samples
        Sequences, or texts.
    y : ndarray of shape (n_samples,) or None
        Targets.
    ids : ndarray of shape (n_samples,)
        Which sequence is which.
    reading : Reading
        With all columns named that were read.
    """

    X: Any
    y: Any
    ids: Any
    reading: Reading


def read_sequences_of(table: Any, reading: Reading) -> Sequences:
    """Read sequences out of a table.

    Parameters
    ----------
    table : data frame
        The table.
    reading : Reading
        Its form is known. A target that it names is read.

    Returns
    -------
    Sequences
        What was read.

    Raises
    ------
    ValueError
        If a column does not exist or is of no use in its role.
    """
    if reading.form == "text":
        return _read_text(table, reading)
    if reading.form == "long":
        from rnnselect.preprocessing.frames import sequences_from_frame

        found = sequences_from_frame(
            table,
            by=reading.id,
            order=reading.time,
            values=list(reading.values) or None,
            target=reading.target,
        )
        # A table to predict on may have more columns; the channels must be the same.
        return Sequences(found.X, found.y, found.ids, replace(reading, values=found.channels))
    from rnnselect.preprocessing.wide_frames import sequences_from_wide_frame

    role = "prefix" if reading.form == "wide" else "values"
    columns: Any = {role: list(reading.values)}
    found = sequences_from_wide_frame(table, **columns, target=reading.target, ids=reading.id)
    return Sequences(found.X, found.y, found.ids, reading)


def _read_text(table: Any, reading: Reading) -> Sequences:
    import narwhals.stable.v2 as nw

    from rnnselect.preprocessing.columns import (
        check_present,
        column_array,
        named_column,
        read_frame,
    )

    frame = read_frame(table)
    for role, name in (("text", reading.text), ("target", reading.target), ("id", reading.id)):
        if name is not None:
            check_present(frame, role, named_column(frame, role, name))
    if frame.schema[reading.text] not in (nw.String, nw.Categorical, nw.Enum):
        raise ValueError(
            f"--text={reading.text}: the column holds {frame.schema[reading.text]}; name one with "
            "texts."
        )
    y = None if reading.target is None else column_array(frame, reading.target)
    ids = np.arange(len(frame)) if reading.id is None else column_array(frame, reading.id)
    return Sequences(column_array(frame, reading.text), y, ids, reading)
