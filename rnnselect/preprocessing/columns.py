"""Reading a table through narwhals, and every check of the columns that a user names."""

from __future__ import annotations

import reprlib
from typing import Any, TypeAlias

import narwhals.stable.v2 as nw
import numpy as np
from narwhals.exceptions import DuplicateError

__all__ = [
    "Array",
    "Frame",
    "check_channels",
    "check_present",
    "column_array",
    "column_matrix",
    "existing_columns",
    "holds_numbers",
    "named_column",
    "named_columns",
    "read_frame",
]

Array = np.ndarray[Any, Any]
Frame: TypeAlias = "nw.DataFrame[Any]"

_TEXT = (nw.String, nw.Categorical, nw.Enum)
MAX_NAMES_SHOWN = 30  # in an error: enough to find a typing error, short enough to be read
_NAMES = reprlib.Repr()
_NAMES.maxstring = 60  # Python 3.12 takes it as an argument


def read_frame(df: Any) -> Frame:
    """Return a table of any supported library with at least one row.

    Raises
    ------
    ValueError
        If the table is empty, or the name of a column is not a text or comes twice.
    TypeError
        If `df` is not a frame.
    """
    try:
        native = nw.from_native(df)
    except TypeError as error:
        raise TypeError(
            f"df is of type {type(df).__name__}, which is not a data frame; give a pandas or "
            "polars frame, e.g. pandas.DataFrame(df)."
        ) from error
    except DuplicateError as error:
        raise ValueError(f"df has several columns of one name; rename them. {error}") from error
    frame: Frame = native.collect() if isinstance(native, nw.LazyFrame) else native
    odd = [name for name in frame.columns if not isinstance(name, str)]
    if odd:
        raise ValueError(
            f"df has the column {odd[0]!r}, whose name is not a text; rename the columns, e.g. "
            "df.columns = [str(name) for name in df.columns]."
        )
    if 0 in frame.shape:
        raise ValueError(
            f"df has shape {frame.shape}, which holds no sequence; give at least one row and one "
            "column."
        )
    return frame


def named_columns(frame: Frame, role: str, names: Any) -> list[str]:
    """Return the names given for the argument `role` as a list, if `frame` has such columns.

    Raises
    ------
    ValueError
        If there are none, one of them does not exist, or one comes twice.
    """
    columns = list(names) if np.iterable(names) and not isinstance(names, str) else [names]
    existing = set(frame.columns)  # asked for once: a table may have thousands of columns
    for name in columns:
        if not isinstance(name, str) or name not in existing:
            named_column(frame, role, name)
    if not columns or len(set(columns)) < len(columns):
        raise ValueError(f"{role}={names!r} must name at least one column, and none of them twice.")
    return columns


def named_column(frame: Frame, role: str, name: Any) -> str:
    """Return the name given for the argument `role`, if `frame` has such a column.

    Raises
    ------
    ValueError
        If there is no such column.
    """
    if isinstance(name, str) and name in frame.columns:
        return name
    index = getattr(frame.to_native(), "index", None)  # of pandas
    if name is not None and name in getattr(index, "names", ()):
        raise ValueError(
            f"{role}: {name!r} is in the index of df and not among its columns; give "
            "df.reset_index()."
        )
    raise ValueError(f"{role}: df has no column {name!r}; it has {existing_columns(frame)}.")


def existing_columns(frame: Frame) -> str:
    """Return the names of the columns as text for an error."""
    more = len(frame.columns) - MAX_NAMES_SHOWN
    shown = ", ".join(_NAMES.repr(name) for name in frame.columns[:MAX_NAMES_SHOWN])
    return shown + (f" and {more} more" if more > 0 else "")


def holds_numbers(dtype: nw.dtypes.DType) -> bool:
    """Return whether a column of this type can be a channel."""
    return dtype.is_numeric() or dtype == nw.Boolean


def check_channels(frame: Frame, channels: list[str], targets: set[str | None]) -> None:
    """Refuse channels that are not numbers, or that hold what is to be predicted.

    Raises
    ------
    ValueError
        If there is such a channel.
    """
    leaked = targets.intersection(channels)
    if leaked:
        raise ValueError(
            f"values contain the target {leaked.pop()!r}, which would tell the network the answer; "
            "take it out of values."
        )
    types = frame.schema
    for name in channels:
        dtype = types[name]
        if not holds_numbers(dtype):
            remedy = "convert it to numbers"
            if dtype.is_temporal():
                remedy = "give the time that has passed, e.g. in seconds"
            elif dtype in _TEXT:
                remedy = "encode it, e.g. by sklearn.preprocessing.OneHotEncoder"
                if any(map(_begins_with_digit, frame[name].drop_nulls().to_list())):
                    remedy = "convert it, e.g. by pandas.to_numeric(..., errors='coerce')"
            raise ValueError(
                f"values contain {name!r} of type {dtype}, and channels hold numbers; {remedy}, or "
                "name other columns: values=[...]."
            )


def _begins_with_digit(text: Any) -> bool:
    return str(text).lstrip(" +-−$€£.")[:1].isdigit()


def check_present(frame: Frame, role: str, name: str) -> None:
    """Refuse a column in which anything is missing.

    Raises
    ------
    ValueError
        If anything is missing.
    """
    missing = frame[name].is_null().to_numpy()
    if frame.schema[name].is_float():
        missing = np.isnan(frame[name].cast(nw.Float64).to_numpy())  # a null becomes NaN as well
    if missing.any():
        raise ValueError(
            f"{role}={name!r} is missing in {int(missing.sum())} row(s) of df, first in row "
            f"{int(np.argmax(missing))}; fill or drop such rows."
        )


def column_array(frame: Frame, name: str) -> Array:
    """Return a column as an array of its own, which may be written to (text as objects)."""
    text = frame.schema[name] in _TEXT
    return np.array(frame[name].to_numpy(), dtype=object if text else None)


def column_matrix(frame: Frame, names: list[str]) -> Array:
    """Return columns of numbers side by side (float64, NaN where a value is missing)."""
    return np.column_stack([frame[name].cast(nw.Float64).to_numpy() for name in names])
