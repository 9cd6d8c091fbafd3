"""What further pairs are worth: the expected value of sample information (EVSI).

A pair is worth running if it may change the choice, times what the change would gain. That is
computed before the pair is run, exactly for any posterior on the grid [1]_.

References
----------
.. [1] Raiffa, H. and Schlaifer, R. (1961). Applied Statistical Decision Theory. Harvard
       Business School. Chapters 4 and 5.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import ndtr

from rnnselect.advice.overlap import precision_of_pairs
from rnnselect.advice.posterior import Posterior

__all__ = ["choose_number_of_pairs", "expected_value_of_pairs"]

# The thresholds tried: beyond 3 standard errors the new pairs could hardly overturn the choice,
# and 25 of them find the best to 0.001 points of value.
N_THRESHOLDS = 25
THRESHOLD_LIMIT = 3.0


def expected_value_of_pairs(
    posterior: Posterior,
    n_more: int,
    *,
    n_folds: int,
    covariance: csr_array | None = None,
) -> float:
    """Regret that `n_more` further pairs are expected to remove, in points.

    The mean of the new pairs is compared with the best threshold. The noise variance is taken
    as known at its current estimate, which is accurate once one pair has been run.

    Parameters
    ----------
    posterior : Posterior
        What is known now.
    n_more : int
        Further pairs; 0 is worth nothing.
    n_folds : int
        Folds of one repetition. Pairs beyond the first repetition reuse the data and are worth
        less.
    covariance : sparse array of shape (n_splits, n_splits), default=None
        Of the noise of all splits, as `update` takes it.

    Returns
    -------
    float
        At least 0, at most ``posterior.expected_regret_points``.

    Examples
    --------
    >>> from rnnselect.advice.posterior import NoisePrior, Prior, update
    >>> now = update(Prior(0.5), NoisePrior(1.8**2, 10), [], n_folds=5, rope_points=1)
    >>> [round(expected_value_of_pairs(now, n, n_folds=5), 2) for n in (0, 1, 2, 5)]
    [0.0, 0.12, 0.15, 0.19]
    """
    if n_more < 0:
        raise ValueError(f"n_more={n_more!r}: give 0 or more further pairs")
    if n_more == 0:
        return 0.0
    further = range(posterior.n_pairs, posterior.n_pairs + n_more)
    precision = precision_of_pairs((*posterior.pairs, *further), n_folds, covariance)
    precision -= precision_of_pairs(posterior.pairs, n_folds, covariance)
    error_points = float(np.sqrt(posterior.noise_variance_points2 / precision))
    thresholds = error_points * np.linspace(-THRESHOLD_LIMIT, THRESHOLD_LIMIT, N_THRESHOLDS)
    regrets = _regret_at_thresholds(posterior, thresholds, error_points)
    # Choosing now is always possible too, which the finite range of thresholds does not include.
    return max(0.0, posterior.expected_regret_points - float(regrets.min()))


def choose_number_of_pairs(values: Mapping[int, float], min_gain_points: float) -> int:
    """Smallest number of pairs whose value comes within `min_gain_points` of the best.

    Parameters
    ----------
    values : mapping from int to float
        Value in points of each affordable number of pairs. None at all, worth nothing, is
        always affordable and need not be listed.
    min_gain_points : float
        What is too little to pay for; 0 chooses the most valuable number.

    Returns
    -------
    int

    Examples
    --------
    >>> choose_number_of_pairs({1: 0.118, 2: 0.147, 5: 0.187}, min_gain_points=0.05)
    2
    >>> choose_number_of_pairs({1: 0.02, 5: 0.04}, min_gain_points=0.05)
    0
    """
    if not min_gain_points >= 0:
        raise ValueError(f"min_gain_points={min_gain_points!r}: give 0 or more points")
    if values and min(values) < 0:
        raise ValueError(f"values has the key {min(values)}: numbers of pairs are 0 or more")
    table = {0: 0.0, **values}
    best = max(table.values())
    return min(n for n, value in table.items() if value == best or best - value < min_gain_points)


def _regret_at_thresholds(
    posterior: Posterior, thresholds: NDArray[np.float64], error_points: float
) -> NDArray[np.float64]:
    """Weigh the rule "second if the new mean exceeds the threshold"; shape (n_thresholds,)."""
    gaps, density = posterior.gaps_points, posterior.density
    # How likely the rule takes the first.
    first = ndtr((thresholds[:, np.newaxis] - gaps) / error_points)
    lost: NDArray[np.float64] = first @ (density * np.maximum(gaps, 0.0))
    lost += (1.0 - first) @ (density * np.maximum(-gaps, 0.0))
    return lost
