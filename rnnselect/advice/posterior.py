"""What the pairs say about the true gap between two cells: prior in, posterior out.

The gap is ``D = score(second) - score(first)`` in points, for data of the same source; one
pair (both cells on one split with one seed) shows ``d = D + noise``. The prior of ``D`` is a
Student t, the unknown variance of the noise has an inverse gamma prior and is integrated out,
and everything lives on a grid of gaps that reaches as far as the prior and the pairs do: no
sampling, about 0.2 ms an update.

References
----------
.. [1] Kruschke, J. K. (2018). Rejecting or accepting parameter values in Bayesian estimation.
       Advances in Methods and Practices in Psychological Science 1(2), 270-280.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from rnnselect.advice.overlap import sums_of_pairs
from rnnselect.advice.prior import NoisePrior, Prior, noise_before_pairs, noise_from_pairs

__all__ = [
    "GAP_GRID_POINTS",
    "NoisePrior",
    "PairStatistics",
    "Posterior",
    "Prior",
    "gap_grid",
    "log_prior",
    "noise_before_pairs",
    "noise_from_pairs",
    "pair_statistics",
    "preferred",
    "three_way",
    "update",
]

# Half-width of the usual grid, which is extended where prior or pairs reach further.
GRID_LIMIT_POINTS = 60.0
# Spacing grows with the gap: 0.0013 points at 0, 0.026 at the usual ROPE of 1 point.
GRID_CORE_POINTS = 0.05
N_HALF_GRID = 300
_GRID_STEP = math.asinh(GRID_LIMIT_POINTS / GRID_CORE_POINTS) / N_HALF_GRID
# The grid reaches so many scales beyond the centre of the prior (8e-4 of its t lie outside), and so
# many standard errors beyond the mean of the pairs (less than 1e-5, and the prior makes it less).
PRIOR_SCALES_COVERED, ERRORS_COVERED = 14.0, 30.0
# Around a mean that is known more finely than the grid is spaced there, points are added: 0.05
# standard errors apart at the mean, 1.5 apart at the 30th.
_FINE_STEPS = np.sinh(np.arange(-82, 83) / 20)
# Where pairs are noisier than gaps are wide, a likelihood with tails as heavy as the prior's takes
# a large mean for an accident, and the more so the larger it is. So from two pairs on, the degrees
# of freedom of the likelihood exceed the prior's by at least 2, and by so many more for each factor
# e of error over scale. These are the smallest with which adding a constant to all pairs lowers no
# leader's probability by more than 1e-3 (errors of 0.25 to 100 scales, centres up to 22 scales).
# Five folds after a test of their noise have 10, which suffice up to an error of 4.8 scales.
LEAST_EXCESS, EXCESS_PER_LOG_ERROR = 2.0, 3.2
ROUNDING = 1e-9
# Below this the two expected gains differ by rounding only.
TIE_TOLERANCE_POINTS = 1e-6


@lru_cache(maxsize=64)
def _symmetric_grid(n_half: int) -> NDArray[np.float64]:
    # Built from one half so that it is symmetric to the last bit: without data neither side wins.
    half = GRID_CORE_POINTS * np.sinh(_GRID_STEP * np.arange(n_half + 1))
    grid: NDArray[np.float64] = np.concatenate([-half[:0:-1], half])
    grid.setflags(write=False)
    return grid


GAP_GRID_POINTS: NDArray[np.float64] = _symmetric_grid(N_HALF_GRID)


def gap_grid(reach_points: float) -> NDArray[np.float64]:
    """Return the grid of gaps that reaches at least so far, with the points of the usual one."""
    steps = math.asinh(reach_points / GRID_CORE_POINTS) / _GRID_STEP
    return _symmetric_grid(max(N_HALF_GRID, math.ceil(steps - ROUNDING)))


@dataclass(frozen=True, slots=True)
class Posterior:
    """What is known of the true gap after ``n_pairs`` pairs. All gaps and gains in points.

    Attributes
    ----------
    mean_points : float
        Expected gap, ``gain_of_second - gain_of_first``.
    p_second_better : float
        Probability that the gap is positive.
    q_first_better, q_equivalent, q_second_better : float
        Probabilities that the gap lies below, inside and above the ROPE; they sum to one.
    gain_of_second, gain_of_first : float
        Expected advantage of each cell where it is the better one: ``E[max(D, 0)]`` and
        ``E[max(-D, 0)]``.
    expected_regret_points : float
        The smaller of the two: what choosing now loses on average.
    noise_variance_points2 : float
        Estimated variance of one pair, in squared points.
    n_pairs : int
        Complete pairs so far.
    pairs : tuple of int
        Which of them say something about the gap.
    rope_points : float
        Half-width of the region of practical equivalence that the probabilities refer to.
    gaps_points : ndarray of shape (n_grid,)
        The grid of gaps, ascending.
    density : ndarray of shape (n_grid,)
        Weights on `gaps_points`; they sum to one.
    """

    mean_points: float
    p_second_better: float
    q_first_better: float
    q_equivalent: float
    q_second_better: float
    gain_of_second: float
    gain_of_first: float
    expected_regret_points: float
    noise_variance_points2: float
    n_pairs: int
    pairs: tuple[int, ...]
    rope_points: float
    gaps_points: NDArray[np.float64] = field(repr=False, compare=False)
    density: NDArray[np.float64] = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class PairStatistics:
    """All that the pairs of a race say about its gap, whatever is believed before them.

    Parameters
    ----------
    n_pairs : int
        Pairs.
    mean_points : float
        Mean difference; pairs that share noise with others count less.
    spread_points2 : float
        Sum of squared deviations from it, of as many pairs as would tell as much without sharing.
    degrees_of_freedom : int
        Of that sum.
    mean_variance_factor : float
        Variance of the mean, as a multiple of one pair's.
    noise : NoisePrior
        What is known of that variance beside the spread of the pairs.
    """

    n_pairs: int
    mean_points: float
    spread_points2: float
    degrees_of_freedom: int
    mean_variance_factor: float
    noise: NoisePrior

    @property
    def error_points(self) -> float:
        """Scale of the t distribution that the mean has around the gap."""
        return math.sqrt(self.mean_variance_factor * self.noise_variance_points2)

    @property
    def noise_variance_points2(self) -> float:
        """Variance of one pair, by what was believed of it and by their spread."""
        belief = self.noise.shape * self.noise.variance_points2 + self.spread_points2 / 2
        return belief / (self.noise.shape + self.degrees_of_freedom / 2)

    def log_likelihood(
        self, gaps_points: NDArray[np.float64], least_degrees_of_freedom: float = 0.0
    ) -> NDArray[np.float64]:
        """Return the log-likelihood of each gap, up to a constant."""
        tails = max(2 * self.noise.shape + self.degrees_of_freedom, least_degrees_of_freedom)
        distance = (self.mean_points - gaps_points) / self.error_points
        log_likelihood: NDArray[np.float64] = -(tails + 1) / 2 * np.log1p(distance**2 / tails)
        return log_likelihood

    def mirrored(self) -> PairStatistics:
        """Return the same pairs with the cells in the other order."""
        return replace(self, mean_points=-self.mean_points)


def update(
    prior: Prior,
    noise: NoisePrior,
    differences: Sequence[float] | NDArray[np.float64],
    *,
    n_folds: int,
    rope_points: float,
    pairs: Sequence[int] | None = None,
    covariance: csr_array | None = None,
) -> Posterior:
    """Posterior of the true gap given the differences of the pairs.

    Parameters
    ----------
    prior : Prior
    noise : NoisePrior
    differences : sequence of float, length n_pairs
        ``score(second) - score(first)`` of each pair, in points; may be empty.
    n_folds : int
        Folds of one repetition of the cross-validation.
    rope_points : float
        Half-width of the region of practical equivalence.
    pairs : sequence of int, length n_pairs, default=None
        The number of each pair's split; None counts from 0.
    covariance : sparse array of shape (n_splits, n_splits), default=None
        Of the noise of all splits, see `covariance_of_splits`; None takes them for folds.

    Returns
    -------
    Posterior

    Raises
    ------
    ValueError
        If a difference is not finite (floor the scores of diverged fits first) or `pairs` has
        another length.

    Examples
    --------
    >>> after_one = update(Prior(0.5), NoisePrior(1.8**2, 10), [2.0], n_folds=5, rope_points=1)
    >>> round(after_one.p_second_better, 2), round(after_one.expected_regret_points, 2)
    (0.64, 0.14)
    """
    if not (np.isfinite(rope_points) and rope_points >= 0):
        raise ValueError(f"rope_points={rope_points!r}: give a finite number, 0 or more")
    numbers = tuple(range(len(differences)) if pairs is None else pairs)
    reach = abs(prior.centre_points) + PRIOR_SCALES_COVERED * prior.scale_points
    if not numbers:
        gaps = gap_grid(reach)
        return _summary(gaps, log_prior(prior, gaps), noise.variance_points2, (), rope_points)
    seen = pair_statistics(
        noise, differences, n_folds=n_folds, pairs=numbers, covariance=covariance
    )
    error = seen.error_points
    gaps = gap_grid(max(reach, abs(seen.mean_points) + ERRORS_COVERED * error))
    if np.hypot(GRID_CORE_POINTS, seen.mean_points) * _GRID_STEP > error:
        gaps = np.union1d(gaps, seen.mean_points + error * _FINE_STEPS)
    tails = 0.0
    if seen.n_pairs > 1:
        excess = EXCESS_PER_LOG_ERROR * math.log(max(1.0, error / prior.scale_points))
        tails = prior.degrees_of_freedom + LEAST_EXCESS + excess
    log_density = log_prior(prior, gaps) + seen.log_likelihood(gaps, tails)
    return _summary(gaps, log_density, seen.noise_variance_points2, numbers, rope_points)


def log_prior(
    prior: Prior, gaps_points: NDArray[np.float64] = GAP_GRID_POINTS
) -> NDArray[np.float64]:
    """Return the log-probability of each gap of a grid, up to a constant."""
    doubt = (gaps_points - prior.centre_points) / prior.scale_points
    tails = prior.degrees_of_freedom
    log_density: NDArray[np.float64] = -(tails + 1) / 2 * np.log1p(doubt**2 / tails)
    return log_density + np.log(np.gradient(gaps_points))


def pair_statistics(
    noise: NoisePrior,
    differences: Sequence[float] | NDArray[np.float64],
    *,
    n_folds: int,
    pairs: Sequence[int] | None = None,
    covariance: csr_array | None = None,
) -> PairStatistics:
    """Summarise the pairs of a race; the arguments are those of `update`.

    Examples
    --------
    >>> pairs = pair_statistics(NoisePrior(1.8**2, 10), [2.0, 1.0], n_folds=5)
    >>> pairs.mean_points, pairs.spread_points2, pairs.mean_variance_factor
    (1.5, 0.5, 0.5)
    """
    gaps = np.asarray(differences, dtype=float).reshape(-1)
    if not np.all(np.isfinite(gaps)):
        raise ValueError(
            f"differences={gaps.tolist()}: all must be finite; floor the scores of diverged fits"
        )
    numbers = range(gaps.size) if pairs is None else pairs
    if len(numbers) != gaps.size or not gaps.size:
        raise ValueError(
            f"pairs has length {len(numbers)}, differences {gaps.size}: give the number of its "
            "split for each difference, and at least one"
        )
    precision, mean, spread = sums_of_pairs(gaps, numbers, n_folds, covariance)
    # Pairs that share rows tell as little of the noise as of the gap.
    freedom = max(0, math.floor(precision - 1 + ROUNDING))
    spread *= freedom / max(1, gaps.size - 1)
    return PairStatistics(gaps.size, mean, spread, freedom, 1 / precision, noise)


def preferred(
    posterior: Posterior, tolerance: float = TIE_TOLERANCE_POINTS
) -> Literal["first", "second", "tie"]:
    """Which cell has the larger expected gain; ``"tie"`` when rounding alone would decide.

    It compares means: the sign of the median, or ``p_second_better > 0.5``, can differ, and
    choosing by them loses more.
    """
    lead = posterior.gain_of_second - posterior.gain_of_first
    if abs(lead) < tolerance:
        return "tie"
    return "second" if lead > 0 else "first"


def three_way(posterior: Posterior, cells: tuple[str, ...]) -> dict[str, float]:
    """Return the probabilities of the three outcomes by name."""
    first, second = cells
    return {
        first: posterior.q_first_better,
        "equivalent": posterior.q_equivalent,
        second: posterior.q_second_better,
    }


def _summary(
    gaps: NDArray[np.float64],
    log_density: NDArray[np.float64],
    variance: float,
    pairs: tuple[int, ...],
    rope_points: float,
) -> Posterior:
    density = np.exp(log_density - log_density.max())
    density /= density.sum()
    density.setflags(write=False)
    # Half of a grid cell lies below its point; interpolating keeps probabilities smooth in rope.
    cumulative = np.cumsum(density) - density / 2
    below, at_zero, above = np.interp([-rope_points, 0.0, rope_points], gaps, cumulative)
    gain_of_second = float(density @ np.maximum(gaps, 0.0))
    gain_of_first = float(density @ np.maximum(-gaps, 0.0))
    return Posterior(
        mean_points=gain_of_second - gain_of_first,
        p_second_better=float(1 - at_zero),
        q_first_better=float(below),
        q_equivalent=float(above - below),
        q_second_better=max(0.0, float(1 - above)),
        gain_of_second=gain_of_second,
        gain_of_first=gain_of_first,
        expected_regret_points=min(gain_of_second, gain_of_first),
        noise_variance_points2=float(variance),
        n_pairs=len(pairs),
        pairs=pairs,
        rope_points=float(rope_points),
        gaps_points=gaps,
        density=density,
    )
