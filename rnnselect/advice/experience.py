"""What earlier races teach about the gap: the prior of the next race.

Each earlier race enters with its own likelihood, so that few or noisy pairs weigh little. The gaps
of similar races are taken to come from one Student t; its scale and centre are those that are most
probable given the races and the package's own prior (maximum a posteriori, on a grid) [1]_.

References
----------
.. [1] Efron, B. (2010). Large-Scale Inference: Empirical Bayes Methods for Estimation, Testing, and
       Prediction. Cambridge University Press. Chapter 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from rnnselect.advice.posterior import GAP_GRID_POINTS, PairStatistics, gap_grid, log_prior
from rnnselect.advice.prior import Prior

__all__ = ["Experience", "learn"]

# The package's scale counts as much as four races whose gaps are known without noise: one team's
# scale may then differ from it by a factor of 1.65 (one standard deviation). A guess: between the
# two kinds of data that the package's study tells apart it differs by a factor of 4.
SCALE_PSEUDO_RACES = 4.0
# Its centre counts as many as it takes to earn a recommendation without a test, because in the
# package's study little predicted the sign. The belief has heavy tails: a centre that a handful of
# races show beyond doubt is accepted.
CENTRE_PSEUDO_RACES = 18.0
# Fisher information that one gap of a t with 3 degrees of freedom and scale 1 has on its centre.
CENTRE_INFORMATION = 2 / 3

# Recommending a cell without a test must be earned: at the usual noise and ROPE (1.8 points and 1
# point), a first pair is worth its price down to a scale of 0.2 points, and fewer than 18 races
# cannot exclude, even if none had a gap beyond the ROPE, that one in twenty does.
EARNED_SCALE_PER_ROPE = 0.2
EARNED_RISK = 0.05

# Scales below a twentieth of the usual ROPE, and above the range of the grid of gaps, mean nothing.
SCALES_POINTS = np.geomspace(0.05, 30.0, 41)
# Centres less the package's own; closest around it, which is one of them.
SHIFTS_POINTS = 20.0 * np.sinh(np.arange(-20, 21) / 4) / math.sinh(5.0)
N_FINER = 13  # steps between the neighbours of the best on the coarse grid


@dataclass(frozen=True, slots=True)
class Experience:
    """What a history of similar races is worth.

    Parameters
    ----------
    prior : Prior
        Belief about the gap of the next one; its sources are those of the package's prior.
    n_races : int
        Races that it rests on.
    n_beyond_rope : float
        Expected number of them whose gap is further than the ROPE from the centre.
    rope_points : float
        The ROPE.
    """

    prior: Prior
    n_races: int
    n_beyond_rope: float
    rope_points: float

    @property
    def risk(self) -> float:
        """Probability that the next gap is further than the ROPE from the centre, by counting.

        It is the rule of succession: one such race more, and one of the other kind, are added.
        """
        return (self.n_beyond_rope + 1) / (self.n_races + 2)

    @property
    def earns_no_test(self) -> bool:
        """Whether the history suffices to recommend a cell without any pair."""
        narrow = self.prior.scale_points <= EARNED_SCALE_PER_ROPE * self.rope_points
        return narrow and self.risk <= EARNED_RISK


def learn(package: Prior, races: Sequence[PairStatistics], *, rope_points: float) -> Experience:
    """Learn the prior of the gap from earlier races on independent, similar data.

    Parameters
    ----------
    package : Prior
        What is believed without them.
    races : sequence of PairStatistics
        One for each earlier race.
    rope_points : float
        Half-width of the region of practical equivalence.

    Returns
    -------
    Experience
        Where there are no races, it has the package's prior.

    Examples
    --------
    >>> from rnnselect.advice.posterior import NoisePrior, Prior, pair_statistics
    >>> races = [
    ...     pair_statistics(NoisePrior(0.1, 10), [gap], n_folds=5)
    ...     for gap in (0.1, -0.2, 0.3, 0.1, -0.1, 0.2)
    ... ]
    >>> learnt = learn(Prior(0.5), races, rope_points=1.0)
    >>> round(learnt.prior.scale_points, 2), learnt.earns_no_test
    (0.28, False)
    """
    if not races:
        return Experience(package, 0, 0.0, rope_points)
    gaps = gap_grid(max(abs(race.mean_points) + race.error_points for race in races))
    likelihoods = _likelihoods(races, gaps)
    scale, centre = _most_probable(package, likelihoods, gaps)
    tails = package.degrees_of_freedom
    density = _densities(np.array([scale]), np.array([centre]), tails, gaps)[0, 0]
    posteriors = likelihoods * density
    beyond = np.abs(gaps - centre) > rope_points
    n_beyond = float((posteriors[:, beyond].sum(axis=1) / posteriors.sum(axis=1)).sum())
    # Many small gaps and a few large ones are not Student t. Below the package's scale, the prior
    # must not make a gap beyond the ROPE rarer than it was.
    with np.errstate(divide="ignore"):
        as_often = rope_points / -stdtrit(tails, n_beyond / len(races) / 2)
    scale = max(scale, min(float(as_often), package.scale_points))
    prior = replace(package, scale_points=scale, centre_points=centre)
    return Experience(prior, len(races), n_beyond, rope_points)


def _likelihoods(races: Sequence[PairStatistics], gaps: NDArray[np.float64]) -> NDArray[np.float64]:
    logs = np.stack([race.log_likelihood(gaps) for race in races])
    scaled: NDArray[np.float64] = np.exp(logs - logs.max(axis=1, keepdims=True))
    return scaled


def _most_probable(
    package: Prior, likelihoods: NDArray[np.float64], gaps: NDArray[np.float64]
) -> tuple[float, float]:
    """Return the most probable scale and centre, from a grid and then from a finer one."""
    centres = package.centre_points + SHIFTS_POINTS
    densities = _coarse_densities(
        package.degrees_of_freedom, package.centre_points, float(gaps[-1])
    )
    row, column = _best(package, SCALES_POINTS, centres, densities, likelihoods)
    narrow, wide = SCALES_POINTS[_neighbours(row, SCALES_POINTS.size)]
    scales = np.geomspace(narrow, wide, N_FINER)
    left, right = centres[_neighbours(column, centres.size)]
    middle, half = centres[column], np.linspace(0.0, 1.0, N_FINER // 2 + 1)
    centres = np.concatenate(  # the middle is one of them, so that the package's centre stays it
        [middle + (left - middle) * half[:0:-1], middle + (right - middle) * half]
    )
    densities = _densities(scales, centres, package.degrees_of_freedom, gaps)
    row, column = _best(package, scales, centres, densities, likelihoods)
    return float(scales[row]), float(centres[column])


def _neighbours(position: int, size: int) -> list[int]:
    return [max(position - 1, 0), min(position + 1, size - 1)]


def _best(
    package: Prior,
    scales: NDArray[np.float64],
    centres: NDArray[np.float64],
    densities: NDArray[np.float64],
    likelihoods: NDArray[np.float64],
) -> tuple[int, int]:
    """Return the positions of the most probable scale and centre."""
    log_posterior = _log_hyperprior(package, scales, centres)
    log_posterior += np.log(densities @ likelihoods.T).sum(axis=-1)
    row, column = np.unravel_index(int(np.argmax(log_posterior)), log_posterior.shape)
    return int(row), int(column)


@lru_cache(maxsize=4)
def _coarse_densities(
    degrees_of_freedom: float, centre_points: float, reach_points: float
) -> NDArray[np.float64]:
    centres = centre_points + SHIFTS_POINTS
    return _densities(SCALES_POINTS, centres, degrees_of_freedom, gap_grid(reach_points))


def _densities(
    scales: NDArray[np.float64],
    centres: NDArray[np.float64],
    degrees_of_freedom: float,
    gaps: NDArray[np.float64] = GAP_GRID_POINTS,
) -> NDArray[np.float64]:
    """Return priors as weights on a grid of gaps, of shape (n_scales, n_centres, n_grid)."""
    weights = np.empty((scales.size, centres.size, gaps.size))
    for row, scale in enumerate(scales):
        for column, centre in enumerate(centres):
            logs = log_prior(Prior(scale, centre, degrees_of_freedom), gaps)
            weights[row, column] = np.exp(logs - logs.max())
    weights /= weights.sum(axis=-1, keepdims=True)
    return weights


def _log_hyperprior(
    package: Prior, scales: NDArray[np.float64], centres: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Weigh scales and centres by the package's own prior, as so many races of known gap."""
    tails = package.degrees_of_freedom
    at_zero = np.zeros(1)
    typical = _densities(np.array([package.scale_points]), at_zero, tails)[0, 0]
    of_scale = np.log(_densities(scales, at_zero, tails)[:, 0]) @ typical
    width = package.scale_points / math.sqrt(CENTRE_INFORMATION * CENTRE_PSEUDO_RACES)
    shifts = centres - package.centre_points
    of_centre = -(tails + 1) / 2 * np.log1p((shifts / width) ** 2 / tails)
    log_hyperprior: NDArray[np.float64] = SCALE_PSEUDO_RACES * of_scale[:, np.newaxis] + of_centre
    return log_hyperprior
