"""One long series, cut into windows and what follows each of them."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from itertools import pairwise
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import Interval

from rnnselect.forecasting.gaps import calendar_period, parts_of_index
from rnnselect.parameters import validated
from rnnselect.sequences.carried import Windows, carrying
from rnnselect.sequences.containers import open_array

__all__ = ["SIZE", "Series", "make_windows", "read_series"]

SIZE = [Interval(Integral, 1, None, closed="left")]  # of a window, its horizon or its stride
_IF_NO_GAPS = (
    ", or give series.to_numpy() if its rows follow each other in equal steps all the same"
)


class Series(NamedTuple):
    """One long series, or several in one frame, as read.

    Parameters
    ----------
    values : ndarray of shape (n_timesteps,) or (n_timesteps, n_channels)
        A view of the user's array wherever possible.
    columns : tuple of str or None
        Names of the channels.
    starts : list of int
        Rows at which a part begins that a window must not reach out of, the first included.
    gaps : list of int
        Those of them before which time steps are missing.
    period : int or None
        Time steps of a season, by the calendar.
    """

    values: np.ndarray[Any, Any]
    columns: tuple[str, ...] | None
    starts: list[int]
    gaps: list[int]
    period: int | None


@validated(length=SIZE, horizon=SIZE, stride=SIZE, period=[None, *SIZE])
def make_windows(
    series: ArrayLike,
    length: int,
    horizon: int = 1,
    stride: int = 1,
    *,
    targets: int | str | Sequence[int | str] | None = None,
    period: int | None = None,
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Cut one long series into windows and the time steps that follow each of them.

    Parameters
    ----------
    series : array-like of shape (n_timesteps,) or (n_timesteps, n_channels)
        Equally spaced values in time order: an array, a list, or a series or data frame of
        pandas, polars or Arrow. No window crosses a gap in the index of pandas (more than 1.5
        times the usual step), nor the end of a series of a MultiIndex whose last level is time.
    length : int
        Time steps of a window.
    horizon : int, default=1
        Time steps after a window that are to be predicted from it.
    stride : int, default=1
        Time steps from the start of one window to the start of the next.
    targets : int, str, sequence of them or None, default=None
        The channels to predict: positions, or column names of a data frame. None: all channels.
    period : int or None, default=None
        Time steps of a season. `RNNAdvisor` compares networks with a forecast that repeats the
        last season. None: a day, a week or a year by the times of a pandas index; without times,
        the advisor takes the lag with the highest autocorrelation.

    Returns
    -------
    X : ndarray of shape (n_windows, length) or (n_windows, length, n_channels)
        The windows, with channels if `series` has them: a read-only view, because windows
        share their time steps. Copy it (``X.copy()``) before changing values. It carries the
        names of the channels, and `horizon`, `targets` and `period`, which networks remember.
    y : ndarray of shape (n_windows,) or (n_windows, horizon * n_targets)
        What follows each window, one-dimensional where that is a single value. Columns go step
        by step: ``y.reshape(-1, horizon, n_targets)`` has an axis for each.

    Raises
    ------
    ValueError
        If `series` is malformed, out of time order, shorter than a window and its horizon or than
        `period`, or has missing values (NaN) in a channel to be predicted. Other channels may have
        them, for ``RNNRegressor(missing="mask")``.

    Warns
    -----
    UserWarning
        If windows were left out because they would cross gaps.

    See Also
    --------
    WindowSplit : Cross-validation in which such windows cannot leak.
    forecast : Continues a series with a regressor that was fitted on such windows.

    Examples
    --------
    >>> from rnnselect.forecasting.windows import make_windows
    >>> X, y = make_windows([0, 1, 2, 3, 4, 5], length=3)
    >>> X
    array([[0, 1, 2], [1, 2, 3], [2, 3, 4]])
    >>> y
    array([3, 4, 5])

    Two channels, of which the first is predicted two steps ahead:

    >>> X, y = make_windows([[0, 9], [1, 8], [2, 7], [3, 6], [4, 5]], 2, horizon=2, targets=0)
    >>> X.shape
    (2, 2, 2)
    >>> y
    array([[2, 3], [3, 4]])
    """
    found = read_series(series)
    values, channels = found.values, found.values.reshape(len(found.values), -1)
    season = _season(period, found)
    columns = _target_columns(targets, found.columns or (), channels.shape[1])
    _refuse_missing(channels, columns)
    starts = _window_starts(found, length, horizon, stride)
    windows = sliding_window_view(values[: len(values) - horizon], length, axis=0)[starts]
    ahead = sliding_window_view(channels[length:, columns], horizon, axis=0)[starts]
    y = np.array(np.moveaxis(ahead, -1, 1)).reshape(len(ahead), -1)
    names = None if values.ndim == 1 else found.columns
    X = carrying(
        np.moveaxis(windows, -1, 1), names, Windows(length, horizon, tuple(columns), season)
    )
    return X, y[:, 0] if y.shape[1] == 1 else y


def _season(period: int | None, series: Series) -> int | None:
    if period is not None and period > len(series.values):
        raise ValueError(
            f"period={period} is longer than series, which has {len(series.values)} time step(s); "
            "give the time steps of one season, or None."
        )
    return series.period if period is None else period


def _window_starts(series: Series, length: int, horizon: int, stride: int) -> Any:
    """Return where windows begin that lie, with what follows them, within one part."""
    size = length + horizon
    ends = [*series.starts[1:], len(series.values)]
    parts = list(zip(series.starts, ends, strict=True))
    longest = max(end - start for start, end in parts)
    if longest < size:
        what = f"series has {longest} time step(s)"
        if len(parts) > 1:
            what = (
                f"series has {len(parts)} parts between gaps or of different series, none of more "
                f"than {longest} time step(s)"
            )
        raise ValueError(
            f"{what}, and one window of length={length} with horizon={horizon} takes {size}; give "
            "a longer series or smaller sizes" + (_IF_NO_GAPS if len(parts) > 1 else "") + "."
        )
    if len(parts) == 1:
        return slice(None, None, stride)  # a view
    starts = np.concatenate([np.arange(start, end - size + 1, stride) for start, end in parts])
    if len(series.gaps):
        without = [0, *sorted({*series.starts} - {*series.gaps})[1:], len(series.values)]
        n_all = sum(len(range(a, b - size + 1, stride)) for a, b in pairwise(without))
        warnings.warn(
            f"series has {len(series.gaps)} gap(s) in its index, the first before row "
            f"{series.gaps[0]}; {n_all - len(starts)} of {n_all} windows would cross one and were "
            f"left out. To have them, fill the gaps{_IF_NO_GAPS}.",
            UserWarning,
            stacklevel=4,
        )
    return starts


def read_series(series: ArrayLike, name: str = "series") -> Series:
    """Check one long series and return its values.

    Parameters
    ----------
    series : array-like of shape (n_timesteps,) or (n_timesteps, n_channels)
        Values in time order; missing ones (NaN) are let through.
    name : str, default="series"
        Of the argument, for the errors.

    Returns
    -------
    Series
        Its values, the names of its channels and where it has gaps.

    Raises
    ------
    ValueError
        If `series` holds something else, or if its index is not in ascending order.
    """
    form = "an array, list or data frame of shape (n_timesteps,) or (n_timesteps, n_channels)"
    try:
        values, columns = open_array(series, name)
    except (TypeError, ValueError) as error:
        what = str(error).partition(";")[0]
        raise ValueError(
            f"{what}; {name} is one series: give numbers in {form}, NaN where a value is missing, "
            "and times as a data frame's index."
        ) from error
    if values.ndim not in (1, 2):
        raise ValueError(f"{name} has shape {values.shape}; give one series: {form}.")
    if values.size == 0:
        what = "0 feature(s)" if len(values) else "0 sample(s)"
        raise ValueError(
            f"{name} has {what} (shape={values.shape}) while a minimum of 1 is required; give at "
            f"least one time step and one channel: {form}."
        )
    if np.isinf(values).any():
        step = int(np.argwhere(np.isinf(values))[0, 0])
        raise ValueError(
            f"{name} contains infinity at time step {step}; give finite numbers, NaN where a value "
            "is missing."
        )
    index = getattr(series, "index", None)  # of pandas; a method of lists
    index = None if callable(index) else index
    starts, gaps = parts_of_index(index, name)
    return Series(values, columns, starts, gaps, calendar_period(index))


def _target_columns(targets: Any, names: Any, n_channels: int) -> list[int]:
    if targets is None:
        return list(range(n_channels))
    names = [str(name) for name in names]
    columns = []
    for target in [targets] if isinstance(targets, str) or not np.iterable(targets) else targets:
        if isinstance(target, str) and target in names:
            columns.append(names.index(target))
        elif isinstance(target, int | np.integer) and 0 <= target < n_channels:
            columns.append(int(target))
        else:
            known = f"positions 0 to {n_channels - 1}" + (f" or names {names}" if names else "")
            raise ValueError(
                f"targets={targets!r}: {target!r} is not a channel of series; give {known}."
            )
    if len(set(columns)) < len(columns):
        raise ValueError(f"targets={targets!r} names a channel twice; give each once.")
    if not columns:
        raise ValueError(f"targets={targets!r} picks no channel; None picks all of them.")
    return columns


def _refuse_missing(channels: np.ndarray[Any, Any], columns: list[int]) -> None:
    missing = np.isnan(channels[:, columns])
    if missing.any():
        step, column = (int(v) for v in np.argwhere(missing)[0])
        raise ValueError(
            f"series is missing (NaN) at time step {step} of channel {columns[column]}, which is "
            "to be predicted; fill the gap first (pandas: series.interpolate()), or make windows "
            "of the parts before and after it."
        )
