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

from rnnselect.advice.posterior import GAP_GRID_POINTS, PairStatistics, log_prior
from rnnselect.advice.prior import Prior

__all__ = ["Experience", "learn"]

# The package's scale counts as much as four races whose gaps are known without noise: one team's
# scale may then differ from it by a factor of 1.65 (one standard deviation). A guess: between the
# two kinds of data that the package's trial tells apart it differs by a factor of 6.
SCALE_PSEUDO_RACES = 4.0
# Its centre of 0 counts as many as it takes to earn a recommendation without a test, because in the
# package's trial nothing predicted the sign. The belief has heavy tails: a centre that a handful of
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
SCALES_POINTS = np.geomspace(0.05, 30.0, 49)
LARGEST_CENTRE_POINTS = 20.0
N_CENTRES = 41  # an odd number, to have 0 among them


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
        With the package's prior where there are no races.

    Examples
    --------
    >>> from rnnselect.advice.posterior import NoisePrior, Prior, pair_statistics
    >>> races = [
    ...     pair_statistics(NoisePrior(0.1, 10), [gap], n_folds=5)
    ...     for gap in (0.1, -0.2, 0.3, 0.1, -0.1, 0.2)
    ... ]
    >>> learnt = learn(Prior(0.5), races, rope_points=1.0)
    >>> round(learnt.prior.scale_points, 2), learnt.prior.centre_points, learnt.earns_no_test
    (0.28, 0.0, False)
    """
    if not races:
        return Experience(package, 0, 0.0, rope_points)
    likelihoods = _likelihoods(races)
    scales, centres, log_densities = _candidates(package.degrees_of_freedom)
    log_posterior = _log_hyperprior(package, scales, centres, log_densities)
    log_posterior += np.log(np.exp(log_densities) @ likelihoods.T).sum(axis=1)
    best = int(np.argmax(log_posterior))
    prior = replace(package, scale_points=float(scales[best]), centre_points=float(centres[best]))
    gaps = likelihoods * np.exp(log_densities[best])
    beyond = np.abs(GAP_GRID_POINTS - prior.centre_points) > rope_points
    shares = gaps[:, beyond].sum(axis=1) / gaps.sum(axis=1)
    return Experience(prior, len(races), float(shares.sum()), rope_points)


def _likelihoods(races: Sequence[PairStatistics]) -> NDArray[np.float64]:
    logs = np.stack([race.log_likelihood() for race in races])
    scaled: NDArray[np.float64] = np.exp(logs - logs.max(axis=1, keepdims=True))
    return scaled


@lru_cache(maxsize=2)
def _candidates(degrees_of_freedom: float) -> tuple[NDArray[np.float64], ...]:
    """Return scales and centres, all with all, and the log-densities that they stand for."""
    half = np.sinh(np.linspace(0.0, 5.0, N_CENTRES // 2 + 1)) * LARGEST_CENTRE_POINTS / np.sinh(5.0)
    scales, centres = np.meshgrid(SCALES_POINTS, np.concatenate([-half[:0:-1], half]))
    scales, centres = scales.ravel(), centres.ravel()
    log_densities = np.stack(
        [
            log_prior(Prior(scale, centre, degrees_of_freedom))
            for scale, centre in zip(scales, centres, strict=True)
        ]
    )
    log_densities -= np.log(np.exp(log_densities).sum(axis=1, keepdims=True))
    return scales, centres, log_densities


def _log_hyperprior(
    package: Prior,
    scales: NDArray[np.float64],
    centres: NDArray[np.float64],
    log_densities: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Weigh scales and centres by the package's own prior, as so many races of known gap."""
    typical = np.exp(log_prior(package))
    typical /= typical.sum()
    at_zero = {
        scale: log_density @ typical
        for scale, centre, log_density in zip(scales, centres, log_densities, strict=True)
        if centre == 0
    }
    width = package.scale_points / math.sqrt(CENTRE_INFORMATION * CENTRE_PSEUDO_RACES)
    tails = package.degrees_of_freedom
    belief = SCALE_PSEUDO_RACES * np.array([at_zero[scale] for scale in scales])
    log_hyperprior: NDArray[np.float64] = belief - (tails + 1) / 2 * np.log1p(
        (centres / width) ** 2 / tails
    )
    return log_hyperprior
