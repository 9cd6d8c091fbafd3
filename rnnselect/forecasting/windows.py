"""One long series, cut into windows and what follows each of them."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike
from sklearn.utils import check_array
from sklearn.utils._param_validation import Interval, validate_parameter_constraints

__all__ = ["SIZE", "make_windows", "read_series"]

SIZE = [Interval(Integral, 1, None, closed="left")]  # of a window, its horizon or its stride


def make_windows(
    series: ArrayLike,
    length: int,
    horizon: int = 1,
    stride: int = 1,
    *,
    targets: int | str | Sequence[int | str] | None = None,
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Cut one long series into windows and the time steps that follow each of them.

    Parameters
    ----------
    series : array-like of shape (n_timesteps,) or (n_timesteps, n_channels)
        Equally spaced values in time order: an array, a list, or a series or data frame of
        pandas or polars.
    length : int
        Time steps of a window.
    horizon : int, default=1
        Time steps after a window that are to be predicted from it.
    stride : int, default=1
        Time steps from the start of one window to the start of the next.
    targets : int, str, sequence of them or None, default=None
        The channels to predict: positions, or column names of a data frame. None: all channels.

    Returns
    -------
    X : ndarray of shape (n_windows, length) or (n_windows, length, n_channels)
        The windows, with channels if `series` has them: a read-only view, because windows
        share their time steps. Copy it (``X.copy()``) before changing values.
    y : ndarray of shape (n_windows,) or (n_windows, horizon * n_targets)
        What follows each window, one-dimensional where that is a single value. Columns go step
        by step: ``y.reshape(-1, horizon, n_targets)`` has an axis for each.

    Raises
    ------
    ValueError
        If `series` is malformed, out of time order, shorter than a window and its horizon, or
        has missing values (NaN) in a channel to be predicted. Other channels may have them, for
        ``RNNRegressor(missing="mask")``.

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
    validate_parameter_constraints(
        {"length": SIZE, "horizon": SIZE, "stride": SIZE},
        {"length": length, "horizon": horizon, "stride": stride},
        caller_name="make_windows",
    )
    values = read_series(series)
    if len(values) < length + horizon:
        raise ValueError(
            f"series has {len(values)} time step(s), and one window of length={length} with "
            f"horizon={horizon} takes {length + horizon}; give a longer series or smaller sizes."
        )
    channels = values.reshape(len(values), -1)
    columns = _target_columns(targets, getattr(series, "columns", ()), channels.shape[1])
    _refuse_missing(channels, columns)
    windows = sliding_window_view(values[: len(values) - horizon], length, axis=0)[::stride]
    ahead = sliding_window_view(channels[length:, columns], horizon, axis=0)[::stride]
    y = np.array(np.moveaxis(ahead, -1, 1)).reshape(len(ahead), -1)
    return np.moveaxis(windows, -1, 1), y[:, 0] if y.shape[1] == 1 else y


def read_series(series: ArrayLike, name: str = "series") -> np.ndarray[Any, Any]:
    """Check one long series and return its values.

    Parameters
    ----------
    series : array-like of shape (n_timesteps,) or (n_timesteps, n_channels)
        Values in time order; missing ones (NaN) are let through.
    name : str, default="series"
        Of the argument, for the errors.

    Returns
    -------
    ndarray of shape (n_timesteps,) or (n_timesteps, n_channels)
        A view of the user's array wherever possible.

    Raises
    ------
    ValueError
        If `series` holds something else, or if its index is not in ascending order.
    """
    try:
        values: np.ndarray[Any, Any] = check_array(
            series,
            dtype="numeric",
            ensure_2d=False,
            allow_nd=True,
            ensure_all_finite="allow-nan",
            input_name=name,
        )
    except (TypeError, ValueError) as error:
        what = str(error).partition("\n")[0]  # the next lines may show all values
        raise ValueError(
            f"{name} is no series of finite numbers ({what}); give an array, list or data frame of "
            "shape (n_timesteps,) or (n_timesteps, n_channels), NaN where a value is missing."
        ) from error
    if values.ndim > 2:
        raise ValueError(
            f"{name} has shape {values.shape}; give one series of shape (n_timesteps,) or "
            "(n_timesteps, n_channels)."
        )
    if values.dtype.kind not in "biuf":
        raise ValueError(
            f"{name} has dtype {values.dtype}; give numbers, and times as a data frame's index."
        )
    index = getattr(series, "index", None)  # of pandas; a method of lists
    if not getattr(index, "is_monotonic_increasing", True) or not getattr(index, "is_unique", True):
        raise ValueError(
            f"{name} has an index that is not in ascending order or repeats a time; sort it with "
            f"{name}.sort_index() and drop what is there twice, or give {name}.to_numpy() if its "
            "rows are in time order."
        )
    return values


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
                f"targets={targets!r}: {target!r} is no channel of series; give {known}."
            )
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
