"""Sequences out of wide tables, which have one row per series and one column per time step."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnselect.preprocessing.columns import (
    Array,
    Frame,
    check_channels,
    check_present,
    column_array,
    column_matrix,
    existing_columns,
    named_column,
    named_columns,
    read_frame,
)
from rnnselect.preprocessing.frames import FrameSequences, ragged

__all__ = ["sequences_from_wide_frame"]

MAX_DIGITS = 18  # of a time step


def sequences_from_wide_frame(
    df: Any,
    *,
    prefix: str | Sequence[str] | None = None,
    values: Sequence[str] | None = None,
    target: str | None = None,
    ids: str | None = None,
) -> FrameSequences:
    """Read a wide table, one row per series and one column per time step.

    Series may differ in length: missing values at the end of a row are the end of its series.

    Parameters
    ----------
    df : pandas, polars or other frame that narwhals supports
        The table.
    prefix : str, list of str or None, default=None
        What the names of the columns begin with; a number follows, by which they are sorted
        (``t2`` before ``t10``). One prefix for each channel.
    values : list of str or None, default=None
        Instead of `prefix`: the columns of a single channel, in the order of time.
    target : str or None, default=None
        Column with the targets.
    ids : str or None, default=None
        Column that names the series. None numbers the rows from 0.

    Returns
    -------
    FrameSequences
        ``X``, ``y``, ``ids`` and ``channels`` (the prefixes).

    Raises
    ------
    ValueError
        If a column does not exist or does not fit its role, channels differ in their time
        steps, a target or an id is missing, or a row has no value at all.
    TypeError
        If `df` is not a frame.

    See Also
    --------
    sequences_from_frame : For tables with one row per time step.

    Examples
    --------
    >>> import pandas as pd
    >>> from rnnselect.preprocessing.wide_frames import sequences_from_wide_frame
    >>> df = pd.DataFrame(
    ...     {"t0": [1.0, 4.0], "t1": [2.0, 5.0], "t2": [3.0, None], "kind": ["a", "b"]}
    ... )
    >>> X, y, ids, channels = sequences_from_wide_frame(df, prefix="t", target="kind")
    >>> [x.ravel().tolist() for x in X], y.tolist()
    ([[1.0, 2.0, 3.0], [4.0, 5.0]], ['a', 'b'])
    """
    frame = read_frame(df)
    if (prefix is None) == (values is None):
        raise ValueError(
            f"prefix={prefix!r} and values={values!r}: give one of them, prefix='t' for columns "
            "t0, t1, ... or values=[...] for columns of any names, in the order of time."
        )
    if prefix is not None:
        channels = _prefixes(prefix)
        blocks = _numbered_columns(frame, channels)
    else:
        channels, blocks = ["values"], [named_columns(frame, "values", values)]
    for role, name in (("target", target), ("ids", ids)):
        if name is not None:
            check_present(frame, role, named_column(frame, role, name))
    check_channels(frame, [name for block in blocks for name in block], {target})
    steps = np.stack([column_matrix(frame, block) for block in blocks], axis=2)
    X = ragged(_without_missing_ends(steps), tuple(channels))
    y = None if target is None else column_array(frame, target)
    names = np.arange(len(frame)) if ids is None else column_array(frame, ids)
    return FrameSequences(X, y, names, tuple(channels))


def _prefixes(prefix: Any) -> list[str]:
    """Return the argument `prefix` as a list of different texts."""
    prefixes = list(prefix) if np.iterable(prefix) and not isinstance(prefix, str) else [prefix]
    texts = {each for each in prefixes if isinstance(each, str)}
    if not prefixes or len(texts) < len(prefixes):
        raise ValueError(
            f"prefix={prefix!r}: give at least one text with which names of columns begin, none of "
            "them twice, e.g. prefix='t' for the columns t0, t1, ..."
        )
    return prefixes


def _numbered_columns(frame: Frame, prefixes: list[str]) -> list[list[str]]:
    """Return the columns of each prefix, sorted by the number that follows it."""
    channels = _columns_by_number(frame, prefixes)
    for prefix, columns in channels.items():
        odd = columns.keys() ^ channels[prefixes[0]].keys()
        if odd:
            raise ValueError(
                f"prefix={prefixes!r}: only one of {prefixes[0]!r} and {prefix!r} has a column for "
                f"time step {min(odd)}; add the other one, filled with NaN if need be."
            )
    return [[columns[step] for step in sorted(columns)] for columns in channels.values()]


def _columns_by_number(frame: Frame, prefixes: list[str]) -> dict[str, dict[int, str]]:
    channels: dict[str, dict[int, str]] = {prefix: {} for prefix in prefixes}
    for name in frame.columns:
        number = re.search(rf"\d{{1,{MAX_DIGITS}}}\Z", name)
        for start in range(number.start(), len(name)) if number else ():
            columns = channels.get(name[:start])
            if columns is None:
                continue
            same = columns.setdefault(int(name[start:]), name)
            if same != name:
                raise ValueError(
                    f"prefix={name[:start]!r}: {same!r} and {name!r} are the same time step; "
                    "rename one."
                )
    for prefix, columns in channels.items():
        if not columns:
            raise ValueError(
                f"prefix={prefix!r}: df has no column {prefix + '0'!r}, {prefix + '1'!r} or the "
                f"like; it has {existing_columns(frame)}."
            )
    return channels


def _without_missing_ends(steps: Array) -> list[Array]:
    """Return each row of (n_samples, n_timesteps, n_channels) up to its last value."""
    present = np.logical_not(np.isnan(steps).all(axis=2))
    empty = ~present.any(axis=1)
    if empty.any():
        raise ValueError(
            f"row {int(np.argmax(empty))} of df has no value at any time step; drop such rows."
        )
    lengths = present.shape[1] - np.argmax(present[:, ::-1], axis=1)
    return [series[:length] for series, length in zip(steps, lengths, strict=True)]
