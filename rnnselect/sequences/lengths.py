"""Padded lengths: few enough to compile few programs, short enough to waste little work."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["assign_buckets", "bucket_lengths", "grid_length", "padded_lengths"]

# Padded lengths come from a grid with eight points an octave, so that folds, refits and similar
# data sets meet in the same compiled program: at most 12.5 % of the steps are wasted, 6 % on
# average.
GRID_POINTS_PER_OCTAVE = 8
# Every bucket costs the compilation of one more program for each cell (about a second each on a
# laptop core), so there are few, and each must save a good part of the padded work.
MAX_BUCKETS = 3
MIN_SAVING = 0.2


def grid_length(length: int) -> int:
    """Return the smallest length of the grid that is at least `length`.

    Examples
    --------
    >>> from rnnselect.sequences.lengths import grid_length
    >>> [grid_length(t) for t in (5, 16, 17, 100, 400)]
    [5, 16, 18, 104, 416]
    """
    spacing: int = max(1, 2 ** (int(length).bit_length() - 1) // GRID_POINTS_PER_OCTAVE)
    return -(-int(length) // spacing) * spacing


def bucket_lengths(lengths: np.ndarray[Any, Any]) -> tuple[int, ...]:
    """Return up to `MAX_BUCKETS` padded lengths that hold all `lengths`, ascending.

    Greedy: split at the grid length that saves the most padded steps, as long as that is at
    least `MIN_SAVING` of them.

    Parameters
    ----------
    lengths : ndarray of shape (n_samples,)
        Numbers of time steps.

    Returns
    -------
    tuple of int
        Padded lengths; the last one holds the longest sequence.

    Examples
    --------
    >>> import numpy as np
    >>> from rnnselect.sequences.lengths import bucket_lengths
    >>> bucket_lengths(np.array([50] * 10))
    (52,)
    >>> bucket_lengths(np.array([10] * 90 + [400] * 10))
    (10, 416)
    """
    candidates = sorted({grid_length(length) for length in np.unique(lengths)})
    chosen: tuple[int, ...] = (candidates[-1],)
    cost = _padded_steps(lengths, chosen)
    while len(chosen) < MAX_BUCKETS and len(chosen) < len(candidates):
        trials = [tuple(sorted({*chosen, c})) for c in candidates if c not in chosen]
        costs = [_padded_steps(lengths, trial) for trial in trials]
        best = int(np.argmin(costs))
        if costs[best] > (1 - MIN_SAVING) * cost:
            break
        chosen, cost = trials[best], costs[best]
    return chosen


def padded_lengths(lengths: np.ndarray[Any, Any], stride: int | None) -> tuple[int, ...]:
    """Return the lengths at which sequences are trained and scored, ascending.

    Parameters
    ----------
    lengths : ndarray of shape (n_samples,)
        Numbers of time steps.
    stride : int or None
        Time steps that each sequence takes in an array; None where stored end to end.

    Returns
    -------
    tuple of int
        The one length of sequences that fill their array, else the buckets.
    """
    if stride is not None and bool((lengths == stride).all()):
        return (stride,)
    return bucket_lengths(lengths)


def assign_buckets(lengths: np.ndarray[Any, Any], buckets: tuple[int, ...]) -> np.ndarray[Any, Any]:
    """Return for each length the index of the shortest bucket that holds it (the last, if none)."""
    return np.minimum(np.searchsorted(buckets, lengths), len(buckets) - 1)


def _padded_steps(lengths: np.ndarray[Any, Any], buckets: tuple[int, ...]) -> int:
    return int(np.asarray(buckets)[assign_buckets(lengths, buckets)].sum())
