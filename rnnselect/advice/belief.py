"""What is known of the gap, as plain numbers that can be kept, shown and drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnselect.advice.posterior import Posterior, three_way

__all__ = ["Belief", "GapDensity", "read_belief", "thin_density"]

# Enough for a smooth line on any screen, and about 8 kB as JSON.
N_DENSITY_POINTS = 201
# The curve shows all but this much probability at either end: tails of a t distribution have no
# end, and a picture of them would have no middle.
TAIL_PROBABILITY = 0.002
# At least so many times the ROPE is shown on either side, so that its edges are in the picture.
ROPES_SHOWN = 1.5


@dataclass(frozen=True, slots=True)
class Belief:
    """What is known of the gap after some number of pairs.

    Parameters
    ----------
    n_pairs : int
        Pairs that it rests on; 0 is what is known before any of them.
    probabilities : dict of str to float
        Of each cell being better by more than the ROPE, and of ``"equivalent"``.
    gap_points : float
        Expected advantage of the second cell over the first, in points.
    low_points, high_points : float
        Ends of the central interval of the gap that holds the confidence of the race.
    """

    n_pairs: int
    probabilities: dict[str, float]
    gap_points: float
    low_points: float
    high_points: float


@dataclass(frozen=True, slots=True)
class GapDensity:
    """The probability density of the gap on equally spaced points.

    Parameters
    ----------
    gaps_points : tuple of float, length 201
        Advantages of the second cell over the first, in points.
    density_per_point : tuple of float, length 201
        Probability density there, in 1 / points.
    """

    gaps_points: tuple[float, ...]
    density_per_point: tuple[float, ...]


def read_belief(posterior: Posterior, cells: tuple[str, str], confidence: float) -> Belief:
    """Sum up a posterior.

    Parameters
    ----------
    posterior : Posterior
        What is known.
    cells : tuple of two str
        Names of the first and the second cell.
    confidence : float in (0.5, 1)
        Probability of the interval.

    Returns
    -------
    Belief
        In plain numbers.

    Examples
    --------
    >>> from rnnselect.advice.posterior import NoisePrior, Prior, update
    >>> now = update(Prior(0.5), NoisePrior(1.8**2, 10), [2.0], n_folds=5, rope_points=1)
    >>> belief = read_belief(now, ("gru", "lstm"), 0.95)
    >>> round(belief.low_points, 1), round(belief.gap_points, 1), round(belief.high_points, 1)
    (-0.9, 0.3, 1.9)
    """
    tail = (1 - confidence) / 2
    low, high = _quantiles(posterior, (tail, 1 - tail))
    return Belief(
        n_pairs=posterior.n_pairs,
        probabilities=three_way(posterior, cells),
        gap_points=posterior.mean_points,
        low_points=low,
        high_points=high,
    )


def thin_density(posterior: Posterior) -> GapDensity:
    """Return the density of the gap where nearly all of its probability lies."""
    edge = ROPES_SHOWN * posterior.rope_points
    low, high = _quantiles(posterior, (TAIL_PROBABILITY, 1 - TAIL_PROBABILITY))
    gaps = np.linspace(min(low, -edge), max(high, edge), N_DENSITY_POINTS)
    density = np.interp(
        gaps, posterior.gaps_points, posterior.density / np.gradient(posterior.gaps_points)
    )
    return GapDensity(tuple(gaps.tolist()), tuple(density.tolist()))


def _quantiles(posterior: Posterior, probabilities: tuple[float, float]) -> tuple[float, float]:
    # Half of a grid cell lies below its point, as in the probabilities of the posterior.
    cumulative = np.cumsum(posterior.density) - posterior.density / 2
    low, high = np.interp(probabilities, cumulative, posterior.gaps_points)
    return float(low), float(high)
