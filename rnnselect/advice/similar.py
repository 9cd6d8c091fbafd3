"""Which earlier races speak to a new one: like it, and on data that have nothing in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from rnnselect.advice.experience import EARNED_RISK, Experience, learn
from rnnselect.advice.prior import Prior
from rnnselect.advice.record import Circumstances, RaceRecord
from rnnselect.advice.study import SMALL_SAMPLES
from rnnselect.advice.verdict import Verdict
from rnnselect.report.text import percent_text, points_text
from rnnselect.sequences.fingerprint import Fingerprint, overlaps

__all__ = ["SimilarRaces", "is_similar", "similar_races"]

# Gaps shrink as data grow: in the package's trial those of 700 samples were less than half as large
# at 3,000 on four of eight data sets.
LARGEST_SIZE_RATIO = 3.0
# The latest ones are enough: what more would add is less than a tenth of the scale.
MAX_RACES = 500
SMALLEST_CENTRE_SHOWN = 0.005  # points; prints as 0.01


@dataclass(frozen=True, slots=True)
class SimilarRaces:
    """What earlier races say about a new one.

    Parameters
    ----------
    experience : Experience
        What was learnt from the races that were used.
    numbers : tuple of int
        The rows that were used.
    n_all : int
        Races in the history.
    n_overlapping : int
        Similar ones left out because their data overlap with those of the new race.
    n_repeated : int
        Similar ones left out because their data overlap with those of another that was used.
    package_scale_points : float
        Scale of the prior without them.
    """

    experience: Experience
    numbers: tuple[int, ...]
    n_all: int
    n_overlapping: int
    n_repeated: int
    package_scale_points: float

    @property
    def prior(self) -> Prior:
        """Belief about the gap of the new race."""
        return self.experience.prior

    def sentence(self, cells: tuple[str, str]) -> str:
        """Say in words what was used and learnt, and whether that is enough."""
        n, risk = self.experience.n_races, self.experience.risk
        if self.n_all == 0:
            return "The history has no races yet."
        if n == 0:
            return f"The history has {_races(self.n_all)}; none can be used here{self._left_out()}."
        learnt = (
            f"The history has {_races(self.n_all)}; {n} can be used here{self._left_out()}: "
            f"typical gaps are {self.prior.scale_points:.2f} points "
            f"({self.package_scale_points:.2f} without the history)"
        )
        centre = self.prior.centre_points
        if abs(centre) >= SMALLEST_CENTRE_SHOWN:
            learnt += f" around {abs(centre):.2f} in favour of {cells[int(centre > 0)].upper()}"
        if self.experience.earns_no_test:
            return f"{learnt}. That is enough to skip the comparison."
        if risk <= EARNED_RISK:
            return f"{learnt}. Such gaps are too large to skip the comparison."
        return (
            f"{learnt}. That is not enough to skip the comparison: the risk of a gap more than "
            f"{points_text(self.experience.rope_points)} away from these is {percent_text(risk)}."
        )

    def _left_out(self) -> str:
        reasons = [
            f"{number} {what}"
            for number, what in (
                (self.n_overlapping, "on the same or overlapping data"),
                (self.n_repeated, "on the same data as another race"),
            )
            if number
        ]
        return f" ({', '.join(reasons)} left out)" if reasons else ""


def similar_races(
    races: Sequence[RaceRecord],
    circumstances: Circumstances,
    fingerprint: Fingerprint | None,
    *,
    package: Prior,
    rope_points: float,
    mirrored: bool = False,
) -> SimilarRaces:
    """Choose the races that a new one may learn from, and learn.

    Parameters
    ----------
    races : sequence of RaceRecord
        The history.
    circumstances : Circumstances
        Of the new race.
    fingerprint : Fingerprint or None
        Of its data; None where they are not at hand.
    package : Prior
        What is believed without a history.
    rope_points : float
        Half-width of the region of practical equivalence.
    mirrored : bool, default=False
        Whether the new race has the cells in the other order than its circumstances.

    Returns
    -------
    SimilarRaces
        Rests on one race of each data set, since several on the same data are not independent
        witnesses: the one with the most samples, of these the first.
    """
    similar = [race for race in races if is_similar(race, circumstances)][-MAX_RACES:]
    similar.sort(key=lambda race: (-race.circumstances.n_samples, race.number))
    nothing = np.empty(0, dtype=np.uint64)
    own = Fingerprint(nothing, nothing) if fingerprint is None else fingerprint
    together = overlaps([own, *(race.fingerprint for race in similar)])
    used: list[int] = []
    n_repeated = 0
    for k in np.flatnonzero(~together[0]):
        if together[k, used].any():
            n_repeated += 1
        else:
            used.append(int(k))
    chosen = sorted((similar[k - 1] for k in used), key=lambda race: race.number)
    statistics = [race.statistics for race in chosen]
    if mirrored:
        statistics = [pairs.mirrored() for pairs in statistics]
    experience = learn(package, statistics, rope_points=rope_points)
    numbers = tuple(race.number for race in chosen)
    if numbers:
        rows = f"{_races(len(numbers))} of the history, row{'s' * (len(numbers) > 1)} "
        sources = (*package.sources, rows + _ranges(numbers))
        experience = replace(experience, prior=replace(experience.prior, sources=sources))
    return SimilarRaces(
        experience,
        numbers,
        n_all=len(races),
        n_overlapping=int(together[0].sum()) - 1,
        n_repeated=n_repeated,
        package_scale_points=package.scale_points,
    )


def is_similar(race: RaceRecord, circumstances: Circumstances) -> bool:
    """Whether an earlier race speaks to a new one.

    Same cells, target, scorer and setting, not more than three times as many or few samples, and
    on the same side of the 500 samples at which the package's own prior changes. Scores without a
    common unit cannot be compared, and where neither cell learnt anything there was no gap to see.
    """
    then, now = race.circumstances, circumstances
    ratio = then.n_samples / now.n_samples
    return (
        _kind(then) == _kind(now)
        and now.score_kind != "raw"
        and race.verdict != Verdict.NEITHER
        and 1 / LARGEST_SIZE_RATIO <= ratio <= LARGEST_SIZE_RATIO
    )


def _kind(of: Circumstances) -> tuple[object, ...]:
    is_small = of.n_samples < SMALL_SAMPLES
    cells = of.first_cell, of.second_cell
    return of.target, of.scorer, of.score_kind, cells, of.setting_hash, is_small


def _races(number: int) -> str:
    return "1 race" if number == 1 else f"{number} races"


def _ranges(numbers: Sequence[int]) -> str:
    """Write ascending numbers shortly.

    Examples
    --------
    >>> _ranges([1, 2, 3, 7])
    '1-3, 7'
    """
    breaks = [k for k in range(1, len(numbers)) if numbers[k] != numbers[k - 1] + 1]
    runs = zip([0, *breaks], [*breaks, len(numbers)], strict=True)
    texts = [(numbers[start], numbers[stop - 1]) for start, stop in runs]
    return ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in texts)
