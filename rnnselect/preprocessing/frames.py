"""Sequences out of long tables, which have one row per time step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np

from rnnselect.preprocessing.columns import (
    Array,
    Frame,
    check_channels,
    check_present,
    column_array,
    column_matrix,
    existing_columns,
    holds_numbers,
    named_column,
    named_columns,
    read_frame,
)
from rnnselect.preprocessing.times import AmbiguousTimesError, read_durations, read_times
from rnnselect.sequences.ragged import ragged

__all__ = ["FrameSequences", "sequences_from_frame"]

# Columns that are added while sorting; nobody's table has columns of these names.
_ROW, _FIRST_ROW = "rnnselect: row", "rnnselect: first row of its sequence"


class FrameSequences(NamedTuple):
    """Sequences read from a table, ready for `fit`.

    Parameters
    ----------
    X : ndarray of shape (n_samples,)
        One array of shape (n_timesteps_i, n_channels) for each sequence (float64), with NaN for
        missing values; ragged even if all lengths are equal. The array carries the names of the
        channels, by which networks match them with those in `fit`.
    y : ndarray of shape (n_samples,) or None
        One target for each sequence, or one array of shape (n_timesteps_i,) for each.
    ids : ndarray of shape (n_samples,)
        The id of each sequence; a tuple if `by` has several columns.
    channels : tuple of str
        Names of the channels.
    """

    X: Array
    y: Array | None
    ids: Array
    channels: tuple[str, ...]


def sequences_from_frame(
    df: Any,
    *,
    by: str | Sequence[str],
    order: str | None = None,
    values: str | Sequence[str] | None = None,
    target: str | None = None,
    step_target: str | None = None,
    time_format: str | None = None,
) -> FrameSequences:
    """Group the rows of a long table, one row per time step, into sequences.

    Parameters
    ----------
    df : pandas, polars or other frame that narwhals supports
        The table, sorted in any way.
    by : str or list of str
        Columns that tell the sequences apart, such as an id. Sequences come in the order in which
        their ids first appear.
    order : str or None, default=None
        Column of numbers or times by which the rows of a sequence are sorted; they may be text,
        such as ``2024-01-31T13:45:00Z``, ``31.01.2024`` or ``1:30:00``. None keeps the order of
        the table.
    values : str, list of str or None, default=None
        Columns that become the channels. None takes every numeric or Boolean column that has no
        other role here.
    target : str or None, default=None
        Column with the target of a sequence, the same in all of its rows.
    step_target : str or None, default=None
        Column with a label for every time step, for estimators with ``return_sequences=True``.
    time_format : str or None, default=None
        How the times in `order` are written, in the directives of `datetime.strptime`; needed only
        if day and month cannot be told apart: ``"%d/%m/%Y"`` or ``"%m/%d/%Y"``.

    Returns
    -------
    FrameSequences
        ``X``, ``y``, ``ids`` and ``channels``.

    Raises
    ------
    ValueError
        If a column does not exist or does not fit its role, an id, a time or a target is
        missing, or a sequence repeats a time or has several targets.
    TypeError
        If `df` is not a frame.

    See Also
    --------
    sequences_from_wide_frame : For tables with one row per series.

    Notes
    -----
    Labels that are kept in another table are aligned by ``ids``: in pandas,
    ``y = labels.loc[sequences.ids]``.

    Examples
    --------
    >>> import pandas as pd
    >>> from rnnselect.preprocessing.frames import sequences_from_frame
    >>> visits = pd.DataFrame(
    ...     {
    ...         "patient": ["ann", "bob", "ann", "ann"],
    ...         "day": [3, 1, 1, 2],
    ...         "pulse": [70, 66, 72, 75],
    ...         "ill": [True, False, True, True],
    ...     }
    ... )
    >>> X, y, ids, channels = sequences_from_frame(visits, by="patient", order="day", target="ill")
    >>> [x.ravel().tolist() for x in X]
    [[72.0, 75.0, 70.0], [66.0]]
    >>> y.tolist(), ids.tolist(), channels
    ([True, False], ['ann', 'bob'], ('pulse',))
    """
    frame = read_frame(df)
    keys = named_columns(frame, "by", by)
    given = {"order": order, "target": target, "step_target": step_target}
    roles = {role: name for role, name in given.items() if name is not None}
    for role, name in roles.items():
        named_column(frame, role, name)
    if target is not None and step_target is not None:
        raise ValueError(
            f"target={target!r} and step_target={step_target!r}: a network has either one target "
            "for each sequence or one for each time step; give only one of them."
        )
    if values is None:
        channels = _other_numbers(frame, {*keys, *roles.values()})
    else:
        channels = named_columns(frame, "values", values)
    check_channels(frame, channels, {target, step_target})
    for role, name in [*(("by", key) for key in keys), *roles.items()]:
        check_present(frame, role, name)
    if order is not None:
        frame = _with_sortable(frame, order, time_format)

    frame = frame.select(list(dict.fromkeys([*keys, *roles.values(), *channels])))
    frame, starts = _sorted_into_sequences(frame, keys, order)
    ids = _ids(frame[starts], keys)
    if order is not None:
        _check_distinct(column_array(frame, order), order, starts, ids)
    y = None
    if target is not None:
        y = _constant_target(column_array(frame, target), target, starts, ids)
    elif step_target is not None:
        y = ragged(np.split(column_array(frame, step_target), starts[1:]))
    X = ragged(np.split(column_matrix(frame, channels), starts[1:]), tuple(channels))
    return FrameSequences(X, y, ids, tuple(channels))


def _other_numbers(frame: Frame, used: set[str]) -> list[str]:
    types = frame.schema.items()
    names = [name for name, dtype in types if name not in used and holds_numbers(dtype)]
    if not names:
        raise ValueError(
            f"values=None, but df has no numeric column besides {sorted(used)}; it has "
            f"{existing_columns(frame)}. Add a column of numbers."
        )
    return names


def _with_sortable(frame: Frame, order: str, time_format: str | None) -> Frame:
    """Return the table with numbers or times in the column `order`."""
    dtype = frame.schema[order]
    if dtype in (nw.String, nw.Categorical):
        times = _sortable(frame[order].to_list(), order, time_format)
        column = nw.new_series(order, times, backend=frame.implementation)
        return frame.with_columns(column)
    if dtype == nw.Object:
        kinds = {type(time).__name__ for time in frame[order].to_numpy()}
        if len(kinds) > 1:
            raise ValueError(
                f"order={order!r} holds values of several types ({', '.join(sorted(kinds))}), "
                "which have no order; convert them to one type."
            )
    return frame


def _sortable(texts: list[str], order: str, time_format: str | None) -> Array:
    """Return times or durations that are written as text, by their values."""
    try:
        times = read_times(texts, time_format)
    except AmbiguousTimesError as error:
        raise ValueError(
            f"order={order!r} holds times in which day or month may come first: {error}; give "
            f"time_format={error.formats[0]!r} or time_format={error.formats[1]!r}."
        ) from error
    except ValueError as error:
        raise ValueError(
            f"order={order!r}: {error}; give all of them in the same way, e.g. in UTC."
        ) from error
    if times is None and time_format is None:
        times = read_durations(texts)
    unreadable = np.ones(len(texts), bool) if times is None else np.not_equal(times, times)
    if times is None or unreadable.any():
        row = int(np.argmax(unreadable))
        how = "are not of a common form" if time_format is None else f"are not like {time_format!r}"
        raise ValueError(
            f"order={order!r} holds times as text that {how}, such as {texts[row]!r} in row {row}; "
            "say how they are written, e.g. time_format='%d.%m.%Y %H:%M', or convert them to "
            "numbers or times."
        )
    return times


def _sorted_into_sequences(frame: Frame, keys: list[str], order: str | None) -> tuple[Frame, Array]:
    """Return the rows sequence by sequence, sorted by time, and where each sequence starts."""
    try:
        frame = frame.with_row_index(_ROW)
        frame = frame.with_columns(nw.col(_ROW).min().over(*keys).alias(_FIRST_ROW))
        frame = frame.sort(_FIRST_ROW, order or _ROW)
    except TypeError as error:
        raise ValueError(
            f"by={keys!r} and order={order!r} hold values by which rows cannot be grouped and "
            f"sorted ({error}); give columns of numbers, text or times."
        ) from error
    return frame, np.flatnonzero(np.diff(column_array(frame, _FIRST_ROW), prepend=-1))


def _ids(heads: Frame, keys: list[str]) -> Array:
    columns = [column_array(heads, key) for key in keys]
    if len(columns) == 1:
        return columns[0]
    return ragged(zip(*(column.tolist() for column in columns), strict=True))


def _check_distinct(times: Array, order: str, starts: Array, ids: Array) -> None:
    twice = times[1:] == times[:-1]
    twice[starts[1:] - 1] = False  # the last time of one sequence and the first of the next
    if twice.any():
        row = int(np.argmax(twice))
        raise ValueError(
            f"order={order!r} has the value {times[row]!s} more than once in the sequence "
            f"{_id_of(row, starts, ids)}; drop or merge such rows, or set order=None to keep the "
            "order of df."
        )


def _constant_target(column: Array, target: str, starts: Array, ids: Array) -> Array:
    """Return one target per sequence, if all rows of the sequence agree."""
    y: Array = column[starts]
    expected = np.repeat(y, np.diff(starts, append=len(column)))
    changed = column != expected
    if changed.any():
        row = int(np.argmax(changed))
        raise ValueError(
            f"target={target!r} is both {expected[row]!s} and {column[row]!s} in the sequence "
            f"{_id_of(row, starts, ids)}; a sequence has one target. For a label at every time "
            "step, set step_target."
        )
    return y


def _id_of(row: int, starts: Array, ids: Array) -> str:
    return str(ids[np.searchsorted(starts, row, side="right") - 1])
