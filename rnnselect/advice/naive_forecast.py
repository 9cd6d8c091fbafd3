"""Forecasts that repeat a value of the window: the last one, or the one a season before."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from rnnselect.sequences.carried import Windows

__all__ = ["RepeatedValue", "last_value", "seasonal_naive"]


class RepeatedValue(RegressorMixin, BaseEstimator):  # type: ignore[misc]  # has no types
    """Predicts each output by one column of X: the one that comes closest in training.

    Parameters
    ----------
    columns : list of array-like of int
        For each output, the columns to choose from.
    """

    def __init__(self, columns: list[Any]) -> None:
        self.columns = columns

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: Any = None) -> Any:
        """Choose the columns with the least squared errors."""
        X, y = np.asarray(X), np.asarray(y)
        self.flat_ = y.ndim == 1
        chosen = []
        for target, columns in zip(y.reshape(len(y), -1).T, self.columns, strict=True):
            errors = np.square(X[:, columns] - target[:, None])
            chosen.append(columns[np.average(errors, axis=0, weights=sample_weight).argmin()])
        self.chosen_ = chosen
        return self

    def predict(self, X: ArrayLike) -> np.ndarray[Any, Any]:
        """Return the values of the chosen columns."""
        check_is_fitted(self)
        X = np.asarray(X)
        return X[:, self.chosen_[0]] if self.flat_ else X[:, self.chosen_]


def last_value(
    n_timesteps: int, n_channels: int, n_outputs: int, windows: Windows | None
) -> RepeatedValue:
    """Return the model that predicts no change.

    Parameters
    ----------
    n_timesteps, n_channels : int
        Of the windows, which the model reads flattened.
    n_outputs : int
        Values to be predicted.
    windows : Windows or None
        What the windows are; None: the channel that comes closest is taken for the target.
    """
    last = [n_timesteps - 1]
    return RepeatedValue(
        [_columns(last, channels, n_channels)
         for _, channels in _outputs(n_channels, n_outputs, windows)]
    )  # fmt: skip


def seasonal_naive(
    n_timesteps: int, n_channels: int, n_outputs: int, windows: Windows | None
) -> RepeatedValue | None:
    """Return the model that repeats the last season, None where it does not fit into a window.

    The season is what `make_windows` was given or found in the index. Without one, the lag is
    taken at which the series comes closest to the target in training: where its autocorrelation
    is highest.
    """
    period = None if windows is None else windows.period
    if n_timesteps < 2 or (period is not None and not 1 < period <= n_timesteps):
        return None
    columns = []
    for ahead, channels in _outputs(n_channels, n_outputs, windows):
        steps = list(range(n_timesteps - 1))
        if period is not None:
            steps = [n_timesteps - period + (ahead - 1) % period]
        columns.append(_columns(steps, channels, n_channels))
    return RepeatedValue(columns)


def _outputs(n_channels: int, n_outputs: int, windows: Windows | None) -> Any:
    """Yield of each output how many steps ahead it is, and the channels that may continue in it."""
    for i in range(n_outputs):
        if windows is None:
            yield 1, range(n_channels)
        else:
            ahead, target = divmod(i, len(windows.targets))
            yield 1 + ahead, [windows.targets[target]]


def _columns(steps: list[int], channels: Any, n_channels: int) -> list[int]:
    return [step * n_channels + channel for step in steps for channel in channels]
