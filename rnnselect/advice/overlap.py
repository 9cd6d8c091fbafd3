"""Which noise the pairs of a race share, because their splits test the same rows.

The noise of a pair has two parts: its test rows make `SHARED_NOISE` of the variance, the fits make
the rest. Two pairs share the first part as far as they share test rows, so that their covariance,
as a multiple of one pair's variance, is::

    SHARED_NOISE * n_both / sqrt(n_first * n_second)

with the numbers of test rows that both, the first and the second have. The folds of one repetition
share no test row, so they count in full. Means are those of generalised least squares.

References
----------
.. [1] Bouckaert, R. R. and Frank, E. (2004). Evaluating the replicability of significance tests
       for comparing learning algorithms. PAKDD 2004, 3-12.
.. [2] Nadeau, C. and Bengio, Y. (2003). Inference for the generalization error.
       Machine Learning 52, 239-281.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky, solve_triangular
from scipy.sparse import csr_array, diags_array

__all__ = [
    "PairSums",
    "covariance_of_splits",
    "folds_of_a_repetition",
    "precision_of_pairs",
    "sums_of_pairs",
]

# In a trial on disjoint parts of 8 large data sets, two repetitions of five folds, whose splits
# have a fifth of their test rows in common, shared 0.08 of a pair's variance (standard error 0.02):
# 0.4 +- 0.1 of it for the same test rows.
SHARED_NOISE = 0.5
# A training part with at least this share of the rows of the largest one counts in full: five
# folds whose sizes differ by a row, or groups of unequal size, are still five like folds.
FULL_TRAINING_SHARE = 0.8
# Of overlapping splits, so many are weighed at most: sharing lets further ones bring little, and
# the work grows with the cube of their number.
MOST_WEIGHED = 500

PairSums = tuple[float, float, float]


def sums_of_pairs(
    differences: NDArray[np.float64],
    pairs: Sequence[int],
    n_folds: int,
    covariance: csr_array | None = None,
) -> PairSums:
    """Weigh the differences of pairs by what they share.

    Parameters
    ----------
    differences : ndarray of shape (n_pairs,)
        One for each pair.
    pairs : sequence of int, length n_pairs
        Numbers of their splits, counted from 0.
    n_folds : int
        Folds of one repetition, which test disjoint rows. Splits of two repetitions have ``1 /
        n_folds`` of their test rows in common, on average.
    covariance : sparse array of shape (n_splits, n_splits), default=None
        What the rows of the splits say instead; further splits are taken to be like folds.

    Returns
    -------
    precision : float
        How many pairs without shared noise would tell as much; 0 without pairs.
    mean : float
        Weighted mean difference.
    spread : float
        Sum of squared deviations from it, of pairs freed of what they share.

    Examples
    --------
    >>> gaps = np.array([1.0, 3.0, 2.0, 2.0])
    >>> sums_of_pairs(gaps, [0, 1, 2, 3], n_folds=4)
    (4.0, 2.0, 2.0)
    >>> precision, *_ = sums_of_pairs(np.zeros(10), range(10), n_folds=5)
    >>> round(precision, 2)
    6.67
    """
    if not len(pairs):
        return 0.0, 0.0, 0.0
    numbers = np.asarray(pairs, dtype=int)
    if covariance is None:
        return _sums_of_folds(differences, numbers // n_folds, SHARED_NOISE / n_folds)
    shared = _covariance_of_pairs(numbers, n_folds, covariance)
    factor = cholesky(shared, lower=True)
    columns = np.stack([differences, np.ones(len(numbers))], axis=1)
    freed, ones = solve_triangular(factor, columns, lower=True).T
    precision = float(ones @ ones)
    mean = float(ones @ freed) / precision
    rest = freed - mean * ones
    return precision, mean, float(rest @ rest)


def precision_of_pairs(
    pairs: Sequence[int], n_folds: int, covariance: csr_array | None = None
) -> float:
    """How many pairs without shared noise would tell as much; arguments of `sums_of_pairs`."""
    weighed = pairs if covariance is None else pairs[:MOST_WEIGHED]
    return sums_of_pairs(np.zeros(len(weighed)), weighed, n_folds, covariance)[0]


def covariance_of_splits(
    splits: Sequence[tuple[NDArray[np.intp], NDArray[np.intp]]], n_samples: int
) -> csr_array | None:
    """Covariance of the noise of pairs, by the rows of their splits.

    Parameters
    ----------
    splits : sequence of tuple of ndarray
        Training and test rows of each.
    n_samples : int
        Rows of the data.

    Returns
    -------
    sparse array of shape (n_splits, n_splits) or None
        As a multiple of the variance of a pair with the largest training part. A pair that trains
        on a fraction of that says less about a network that is trained on everything, and its
        variance is divided by the fraction. None where the splits are repetitions of like folds,
        for which `sums_of_pairs` needs no more than their number.

    Examples
    --------
    >>> rows = np.arange(4)
    >>> halves = [(rows[:2], rows[2:]), (rows[2:], rows[:2])]
    >>> covariance_of_splits(halves, 4) is None
    True
    >>> covariance_of_splits([halves[0], halves[0]], 4).toarray().round(2).tolist()
    [[1.0, 0.5], [0.5, 1.0]]
    """
    tests = [np.unique(test) for _, test in splits]
    sizes = np.array([len(test) for test in tests])
    columns, ends = np.concatenate(tests), np.concatenate([[0], np.cumsum(sizes)])
    values = np.repeat(1 / np.sqrt(sizes), sizes)
    members = csr_array((values, columns, ends), shape=(len(splits), n_samples))
    shares = csr_array(members @ members.T)
    weights = np.array([len(train) for train, _ in splits], dtype=float)
    weights /= weights.max()
    weights[weights >= FULL_TRAINING_SHARE] = 1.0
    n_folds = folds_of_a_repetition(sizes, n_samples)
    repetitions = np.arange(len(splits)) // n_folds
    row, column = shares.nonzero()
    disjoint = ((repetitions[row] == repetitions[column]) == (row == column)).all()
    n_repetitions = repetitions[-1] + 1
    whole = n_repetitions == 1 or sizes.sum() == n_repetitions * n_samples
    if disjoint and whole and (weights == 1.0).all():
        return None
    unit = diags_array(np.full(len(splits), 1 - SHARED_NOISE))
    scale = diags_array(1 / np.sqrt(weights))
    return csr_array(scale @ (SHARED_NOISE * shares + unit) @ scale)


def folds_of_a_repetition(test_sizes: NDArray[np.int_], n_samples: int) -> int:
    """Return how many splits of such sizes test all rows once; at least 2, at most all of them.

    Examples
    --------
    >>> folds_of_a_repetition(np.array([20] * 50), 100), folds_of_a_repetition(np.array([50]), 100)
    (5, 2)
    """
    return max(2, min(len(test_sizes), round(n_samples / float(np.mean(test_sizes)))))


def _sums_of_folds(
    differences: NDArray[np.float64], repetitions: NDArray[np.int_], shared: float
) -> PairSums:
    """Weigh the pairs of repeated folds, which share the same with all of other repetitions."""
    _, own = np.unique(repetitions, return_inverse=True)
    sizes = np.bincount(own)
    weights = 1 / (1 - shared * sizes)
    total = float(sizes @ weights)
    mean = float(np.bincount(own, differences) @ weights) / total
    rest = differences - mean
    spread = rest @ rest + shared * (weights @ np.bincount(own, rest) ** 2)
    return total / (1 + shared * total), mean, float(spread)


def _covariance_of_pairs(
    numbers: NDArray[np.int_], n_folds: int, covariance: csr_array
) -> NDArray[np.float64]:
    repetitions = numbers // n_folds
    shared = np.where(repetitions[:, np.newaxis] == repetitions, 0.0, SHARED_NOISE / n_folds)
    np.fill_diagonal(shared, 1.0)
    known = np.flatnonzero(numbers < covariance.shape[0])
    own = numbers[known]
    shared[np.ix_(known, known)] = covariance[own][:, own].toarray()
    return shared
