"""Padded lengths: few enough to compile few programs, short enough to waste little work."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["assign_buckets", "bucket_lengths", "grid_length", "padded_lengths"]

# Sequences of about one length are padded to a grid with eight points an octave, so that folds,
# refits and similar data sets meet in the same compiled program: at most 12.5 % of the steps are
# wasted, 6 % on average.
GRID_POINTS_PER_OCTAVE = 8
# Lengths that spread wider are put into buckets at powers of two. Over two times five folds of 11
# ragged data sets that took 35 different programs where buckets on the finer grid took 47, because
# these moved from fold to fold; and, with the smaller `MIN_SAVING` that it makes affordable, 4 %
# less padded work.
# Up to this share of short sequences does not make lengths "spread": it would save little, and a
# fold may or may not hold them.
SHARE_OF_OUTLIERS = 0.1
# Every bucket costs the compilation of one more program for each cell (about a second each on a
# laptop core), so there are few, and each must save a good part of the padded work.
MAX_BUCKETS = 3
MIN_SAVING = 0.15


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

    One, if nearly all sequences are longer than half of the longest. Otherwise greedy: split at
    the power of two that saves the most padded steps, as long as that is at least `MIN_SAVING` of
    them.

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
    (16, 512)
    """
    shortest, longest = int(lengths.min()), int(lengths.max())
    if 2 * np.quantile(lengths, SHARE_OF_OUTLIERS) > longest:
        return (grid_length(longest),)
    first, last = ((length - 1).bit_length() for length in (shortest, longest))
    candidates = [2**power for power in range(first, last)]
    chosen: tuple[int, ...] = (2**last,)
    cost = _padded_steps(lengths, chosen)
    while len(chosen) < MAX_BUCKETS and len(chosen) <= len(candidates):
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
