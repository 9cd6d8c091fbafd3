"""The prior of the gap, fitted to the recorded sets, each family left out in turn.

The gap of a set is ``D ~ centre * z + scale * t``, where t has 3 degrees of freedom and z is a
property of the data; it was measured with a known error. Sets on which no network learns anything
say nothing about the gap between those that do, and are not fitted to.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from records import RecordedSet
from scipy import stats
from truth import Gap, measured_gap

from rnnselect.advice.posterior import GAP_GRID_POINTS
from rnnselect.advice.prior import Prior
from rnnselect.advice.study import SMALL_SAMPLES, TEXT_VOCABULARY

DEGREES_OF_FREEDOM = 3.0
SCALES_POINTS = np.geomspace(0.1, 12.0, 49)
# Shift of the centre for one standard deviation of z, or for having a property.
CENTRES_POINTS = np.linspace(-2.0, 2.0, 41)
# A group's scale is likely to be within a factor of e of that of all sets together: a group of one
# family with a small gap says little about the next one.
SCALE_DOUBT = 1.0
NO_CENTRE = np.array([0.0])


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to condition the prior.

    Parameters
    ----------
    name : str
        For the table.
    scale_group : callable
        Sets with the same value share a scale.
    centre : callable or None, default=None
        The property z of a set that moves the centre; None: the centre is 0.
    """

    name: str
    scale_group: Callable[[RecordedSet], object]
    centre: Callable[[RecordedSet], float] | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Fit:
    """A candidate's parameters.

    Parameters
    ----------
    scales_points : dict
        Scale of each group.
    centre_points : float
        Coefficient of z.
    """

    scales_points: dict[object, float]
    centre_points: float


def is_small(each: RecordedSet) -> bool:
    """Whether the package's prior is the wide one."""
    return each.facts["n_samples"] < SMALL_SAMPLES


def has_words(each: RecordedSet) -> bool:
    """Whether the package's prior is centred on LSTM."""
    return (each.facts["vocabulary_size"] or 0) > TEXT_VOCABULARY


SIMPLEST = Candidate("one scale, centre 0", lambda each: "all")
BASE = Candidate(
    f"scale by fewer than {SMALL_SAMPLES} samples, centre: more than {TEXT_VOCABULARY} tokens",
    lambda each: "small" if is_small(each) else "not small",
    has_words,
)


class PriorFit:
    """A candidate's likelihood of every set at every value of its parameters.

    Parameters
    ----------
    candidate : Candidate
        What to fit.
    sets : sequence of RecordedSet
        All sets.
    gaps : sequence of Gap
        What was measured on each.
    """

    def __init__(
        self, candidate: Candidate, sets: Sequence[RecordedSet], gaps: Sequence[Gap]
    ) -> None:
        self.sets = sets
        self.groups = [candidate.scale_group(each) for each in sets]
        self.z = _standardised(candidate.centre, sets)
        self.centres = NO_CENTRE if candidate.centre is None else CENTRES_POINTS
        weights = _prior_weights()
        shifts = self.z[:, None] * self.centres
        # Shape (n_sets, n_centres, n_scales).
        self.table = np.stack(
            [np.log(_likelihood(gap, row) @ weights) for gap, row in zip(gaps, shifts, strict=True)]
        )

    def without(self, family: str | None) -> Fit:
        """Return the most likely parameters, leaving a family out."""
        kept = [
            i
            for i, each in enumerate(self.sets)
            if each.family != family and not each.learns_nothing
        ]
        pooled = self.table[kept].sum(axis=0)
        # Few families alone would make a scale of next to nothing likely: see `SCALE_DOUBT`.
        doubt = np.log(SCALES_POINTS / SCALES_POINTS[pooled.argmax(axis=1)][:, None])
        groups = {
            group: self.table[[i for i in kept if self.groups[i] == group]].sum(axis=0)
            - (doubt / SCALE_DOUBT) ** 2 / 2
            for group in set(self.groups)
        }
        best = int(np.argmax(sum(table.max(axis=1) for table in groups.values())))
        scales = {group: float(SCALES_POINTS[t[best].argmax()]) for group, t in groups.items()}
        return Fit(scales, float(self.centres[best]))

    def prior_of(self, number: int, fit: Fit) -> Prior:
        """Return the prior of one set under some parameters."""
        scale = fit.scales_points[self.groups[number]]
        return Prior(scale, fit.centre_points * self.z[number], DEGREES_OF_FREEDOM)

    def left_out(self) -> list[Prior]:
        """Return the prior of each set, fitted without its family."""
        fits = {family: self.without(family) for family in {each.family for each in self.sets}}
        return [self.prior_of(i, fits[each.family]) for i, each in enumerate(self.sets)]


def leave_one_family_out(sets: Sequence[RecordedSet]) -> list[Prior]:
    """Return the package's kind of prior for each set, its scales fitted without the family."""
    return PriorFit(BASE, sets, [measured_gap(s, s.repetitions) for s in sets]).left_out()


def log_likelihood(gap: Gap, prior: Prior) -> float:
    """Return the log of the density of a measured gap under a prior."""
    return float(np.log(_likelihood(gap, np.zeros(1)) @ _density(prior))[0])


def p_positive(prior: Prior) -> float:
    """Return the probability that the second cell is better."""
    return float(stats.t.cdf(prior.centre_points / prior.scale_points, prior.degrees_of_freedom))


def _standardised(
    centre: Callable[[RecordedSet], float] | None, sets: Sequence[RecordedSet]
) -> NDArray[np.float64]:
    """Return z: 0 or 1 as it is, any other number in standard deviations from its mean."""
    if centre is None:
        return np.zeros(len(sets))
    z = np.array([centre(each) for each in sets], dtype=float)
    is_property = set(z) <= {0.0, 1.0}
    return z if is_property or z.std() == 0 else (z - z.mean()) / z.std()


def _likelihood(gap: Gap, shifts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Density of a measurement at every gap of the grid, for some shifts of its centre."""
    error = math.sqrt(gap.variance_points2)
    return stats.norm.pdf(gap.points - shifts[:, None] - GAP_GRID_POINTS, scale=error)


def _density(prior: Prior) -> NDArray[np.float64]:
    density = stats.t.pdf(
        GAP_GRID_POINTS, prior.degrees_of_freedom, prior.centre_points, prior.scale_points
    ) * np.gradient(GAP_GRID_POINTS)
    return density / density.sum()


def _prior_weights() -> NDArray[np.float64]:
    return np.stack([_density(Prior(scale)) for scale in SCALES_POINTS], axis=1)
