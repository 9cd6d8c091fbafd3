"""Quantiles of the intervals of a series, as features for trees."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

__all__ = ["MAX_LEVELS", "STEPS_PER_QUANTILE", "count_features", "interval_quantiles"]

# Both as in the reference: intervals of 1, 1/2, ... 1/32 of a series, and a quantile for every
# four of their time steps.
MAX_LEVELS = 6
STEPS_PER_QUANTILE = 4
SMOOTHED_STEPS = 5  # over which the first differences are averaged, as in the reference


def interval_quantiles(
    x: np.ndarray[Any, Any],
    n_levels: int = MAX_LEVELS,
    steps_per_quantile: int = STEPS_PER_QUANTILE,
) -> np.ndarray[Any, Any]:
    """Return the quantiles of dyadic intervals of each series.

    Intervals are taken of the series, of the size of its spectrum, of its first differences
    (smoothed) and of its second differences. From every second quantile the mean of the interval is
    subtracted, so that both level and shape are seen.

    Parameters
    ----------
    x : ndarray of shape (n_rows, n_channels, n_timesteps)
        Series of one length, without missing values.
    n_levels : int, default=6
        How often a series is halved, the whole series counted.
    steps_per_quantile : int, default=4
        Time steps of an interval for each of its quantiles.

    Returns
    -------
    ndarray of shape (n_rows, n_features)
        The features (float32).

    References
    ----------
    .. [1] Dempster, A., Schmidt, D. F. and Webb, G. I. (2024). QUANT: a minimalist interval method
           for time series classification. Data Mining and Knowledge Discovery, 38, 2377-2402.

    Examples
    --------
    >>> import numpy as np
    >>> interval_quantiles(np.arange(8.0).reshape(1, 1, 8), n_levels=1)[0, :2]
    array([0. , 3.5], dtype=float32)
    """
    x = x.astype(np.float32)
    views = [x, np.abs(np.fft.rfft(x)).astype(np.float32), _smoothed(np.diff(x)), np.diff(x, 2)]
    features = [
        _quantiles(np.sort(view[..., start:end]), steps_per_quantile)
        for view in views
        for start, end in _intervals(view.shape[-1], n_levels)
    ]
    return np.concatenate(features, axis=-1).reshape(len(x), -1)


def count_features(
    n_timesteps: int, n_channels: int, n_levels: int, steps_per_quantile: int
) -> int:
    """Return how many features `interval_quantiles` makes."""
    sizes = (n_timesteps, n_timesteps // 2 + 1, max(n_timesteps - 1, 0), max(n_timesteps - 2, 0))
    intervals = (each for size in sizes for each in _intervals(size, n_levels))
    return n_channels * sum(
        _count_quantiles(end - start, steps_per_quantile) for start, end in intervals
    )


def _intervals(n_steps: int, n_levels: int) -> list[tuple[int, int]]:
    """Return 1, 2, 4, ... equal parts, and the same shifted by half a part."""
    found: list[tuple[int, int]] = []
    for level in range(min(n_levels, n_steps.bit_length())):
        ends = np.linspace(0, n_steps, 2**level + 1).astype(int).tolist()
        parts = list(pairwise(ends))
        size = n_steps >> level
        if level and size > 1:
            shift = -(-size // 2)
            parts += [(start + shift, end + shift) for start, end in parts[:-1]]
        found += parts
    return found


def _count_quantiles(n_steps: int, steps_per_quantile: int) -> int:
    return 1 + (n_steps - 1) // steps_per_quantile


def _quantiles(ordered: np.ndarray[Any, Any], steps_per_quantile: int) -> np.ndarray[Any, Any]:
    """Return evenly spaced quantiles of sorted values, every second one less their mean."""
    last = ordered.shape[-1] - 1
    n_quantiles = _count_quantiles(last + 1, steps_per_quantile)
    at = np.linspace(0, last, n_quantiles) if n_quantiles > 1 else np.array([last / 2])
    below = at.astype(int)
    share = (at - below).astype(np.float32)
    found: np.ndarray[Any, Any]
    found = ordered[..., below] * (1 - share) + ordered[..., np.minimum(below + 1, last)] * share
    found[..., 1::2] -= ordered.mean(axis=-1, keepdims=True)
    return found


def _smoothed(x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return moving averages, the ends repeated."""
    if not x.shape[-1]:
        return x
    half = SMOOTHED_STEPS // 2
    wide = np.pad(x, ((0, 0), (0, 0), (half, half)), "edge")
    return np.asarray(sliding_window_view(wide, SMOOTHED_STEPS, axis=-1).mean(axis=-1))
