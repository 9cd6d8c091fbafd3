"""How noisy one pair is: variance of its difference over the test samples, in squared points.

It is known from the first pair on, since the test samples are most of a pair's noise. Rows that
belong together (groups, neighbours in time) are resampled together: counted one by one they would
promise more than they know.

References
----------
.. [1] Cochran, W. G. (1977). Sampling Techniques, 3rd edition. Wiley. Chapter 9A (clusters of
       unequal size).
.. [2] Efron, B. and Tibshirani, R. J. (1993). An Introduction to the Bootstrap. Chapman & Hall.
       Chapters 6 and 8.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rnnselect.advice.points import POINTS_PER_UNIT

__all__ = [
    "N_DRAWS",
    "bootstrap_scores",
    "bootstrap_variance",
    "paired_loss_variance",
    "time_blocks",
    "variance_of_draws",
]

# Relative standard error of a variance from 200 draws: 10 %, below the spread between pairs.
N_DRAWS = 200
# With fewer defined draws the variance describes the exceptions, not the score.
MIN_DEFINED_SHARE = 0.5


def paired_loss_variance(
    correct_first: ArrayLike, correct_second: ArrayLike, units: ArrayLike | None = None
) -> float:
    """Variance of a difference of accuracies, in closed form.

    Parameters
    ----------
    correct_first, correct_second : array-like of shape (n_test,)
        Whether each cell predicted each test sample rightly; for sequences of labels, the
        share of rightly predicted steps.
    units : array-like of shape (n_test,), default=None
        Labels of rows that belong together (groups, `time_blocks`); None: rows are independent.

    Returns
    -------
    float
        Variance in squared points; 0 if the cells agree on every sample.

    Raises
    ------
    ValueError
        If the lengths differ or there are fewer than two independent units.

    Examples
    --------
    >>> round(paired_loss_variance([1, 1, 0, 1], [1, 0, 0, 1]), 1)
    625.0
    """
    first = np.asarray(correct_first, dtype=float)
    second = np.asarray(correct_second, dtype=float)
    if first.ndim != 1 or first.shape != second.shape:
        raise ValueError(
            f"correct_first has shape {first.shape} and correct_second {second.shape}: "
            "both must be (n_test,), for the same samples"
        )
    n_test = first.size
    rows_of_unit = _positions(units, n_test)
    n_units = int(rows_of_unit.max()) + 1 if n_test else 0
    if n_units < 2:
        raise ValueError(
            f"units: {n_units} independent units among {n_test} test samples, needs 2; "
            "use fewer folds or smaller groups"
        )
    difference = POINTS_PER_UNIT * (second - first)
    centred = difference - difference.mean()
    sums = np.bincount(rows_of_unit, weights=centred)
    return float(n_units / (n_units - 1) * (sums @ sums) / n_test**2)


def bootstrap_variance(
    score_difference: Callable[[NDArray[np.intp]], float],
    n_test: int,
    *,
    units: ArrayLike | None = None,
    n_draws: int = N_DRAWS,
    seed: int,
) -> float:
    """Variance of the difference of any score, from a paired bootstrap of the test samples.

    Parameters
    ----------
    score_difference : callable
        Takes row numbers, an integer array (rows repeat), and returns
        ``score(second) - score(first)`` on them, in points. A ValueError or a result that is
        not finite means that the score is undefined on these rows (one class only, say): the
        draw is skipped.
    n_test : int
        Test samples.
    units : array-like of shape (n_test,), default=None
        Labels of rows that are drawn together; None draws single rows.
    n_draws : int, default=200
        Bootstrap samples.
    seed : int
        The same seed gives the same variance.

    Returns
    -------
    float
        Variance in squared points.

    Raises
    ------
    ValueError
        If there are fewer than two units, or the score is defined on fewer than half of the
        draws.

    Examples
    --------
    >>> import numpy as np
    >>> gaps = np.random.default_rng(0).normal(size=500)
    >>> variance = bootstrap_variance(lambda rows: gaps[rows].mean(), 500, seed=0)
    >>> bool(0.7 < variance / (gaps.var() / 500) < 1.4)
    True
    """
    drawn = bootstrap_scores(score_difference, n_test, units=units, n_draws=n_draws, seed=seed)
    return variance_of_draws(drawn)


def bootstrap_scores(
    score: Callable[[NDArray[np.intp]], float],
    n_test: int,
    *,
    units: ArrayLike | None = None,
    n_draws: int = N_DRAWS,
    seed: int,
) -> NDArray[np.float64]:
    """Scores of bootstrap samples; those of several fits of one seed are paired.

    Parameters
    ----------
    score : callable
        Takes row numbers and returns a score in points; as `score_difference` of
        `bootstrap_variance`.
    n_test, units, n_draws, seed
        As for `bootstrap_variance`.

    Returns
    -------
    ndarray of shape (n_draws,)
        NaN where the score is undefined.
    """
    if n_draws < 2:
        raise ValueError(f"n_draws={n_draws!r}: a variance needs at least 2 draws")
    members = _members(_positions(units, n_test))
    if len(members) < 2:
        raise ValueError(
            f"units: {len(members)} independent units among {n_test} test samples, needs 2; "
            "use fewer folds or smaller groups"
        )
    random = np.random.default_rng(seed)
    scores = np.full(n_draws, np.nan)
    for i in range(n_draws):
        drawn = random.integers(len(members), size=len(members))
        rows = drawn if units is None else np.concatenate([members[unit] for unit in drawn])
        try:
            scores[i] = score(rows)
        except ValueError:
            continue
    return scores


def variance_of_draws(differences: NDArray[np.float64]) -> float:
    """Variance of the differences of bootstrap samples, as far as they are defined."""
    defined = differences[np.isfinite(differences)]
    if len(defined) < max(2.0, MIN_DEFINED_SHARE * len(differences)):
        raise ValueError(
            f"score_difference is defined on {len(defined)} of {len(differences)} bootstrap "
            "samples, needs half: use fewer folds, or a scorer that is defined with one class only"
        )
    return float(np.var(defined, ddof=1))


def time_blocks(n_test: int) -> NDArray[np.intp]:
    """Label contiguous blocks of about ``sqrt(n_test)`` rows, for rows in order of time.

    Blocks of that length grow with the sample, so that most neighbours share a block, and still
    leave many blocks to draw from.

    Parameters
    ----------
    n_test : int
        Test samples, at least 1.

    Returns
    -------
    ndarray of shape (n_test,)
        0, 0, ..., 1, 1, ...

    Examples
    --------
    >>> time_blocks(10).tolist()
    [0, 0, 0, 0, 1, 1, 1, 2, 2, 2]
    """
    if n_test < 1:
        raise ValueError(f"n_test={n_test!r}: give at least one test sample")
    n_blocks = round(n_test / round(math.sqrt(n_test)))
    return np.arange(n_test) * n_blocks // n_test


def _positions(units: ArrayLike | None, n_test: int) -> NDArray[np.intp]:
    """Return the number of each row's unit, counted from 0."""
    if units is None:
        return np.arange(n_test)
    labels = np.asarray(units)
    if labels.shape != (n_test,):
        raise ValueError(
            f"units has shape {labels.shape}, needs ({n_test},): one label for each test sample"
        )
    return np.unique(labels, return_inverse=True)[1].reshape(-1)


def _members(positions: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Rows of each unit; every unit has at least one."""
    in_order = np.argsort(positions, kind="stable")
    return (
        np.split(in_order, np.flatnonzero(np.diff(positions[in_order])) + 1)
        if len(positions)
        else []
    )
