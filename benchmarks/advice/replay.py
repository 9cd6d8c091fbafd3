"""Replays rules over the recorded repetitions, each in many orders of its folds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from others import Decision, Rule, Situation
from prior_model import leave_one_family_out
from records import RecordedSet
from truth import is_resolvable, measured_gap, posterior_truth

from rnnselect.advice.posterior import Posterior
from rnnselect.advice.prior import Prior

N_ORDERS = 20


@dataclass(frozen=True, eq=False)
class Material:
    """The sets with all that is known of them, in one order.

    Parameters
    ----------
    sets : list of RecordedSet
        The data sets.
    priors : list of Prior
        Of each set, fitted without its family.
    truths : list of Posterior
        Of each set, by all of its pairs.
    held_out_points : dict of (int, int) to float
        Gap on splits that no rule saw, by number of the set and replayed repetition.
    """

    sets: list[RecordedSet]
    priors: list[Prior]
    truths: list[Posterior]
    held_out_points: dict[tuple[int, int], float]

    @property
    def resolvable(self) -> NDArray[np.bool_]:
        """Which sets have folds of little enough noise."""
        return np.array([is_resolvable(each) for each in self.sets])


def prepare(sets: Sequence[RecordedSet], min_repetitions: int = 2) -> Material:
    """Fit the priors to all sets, and read the truths of those with enough repetitions.

    With one repetition, all recorded pairs are those that are replayed: they would judge
    themselves.
    """
    all_priors = leave_one_family_out(sets)
    kept = [i for i, each in enumerate(sets) if len(each.repetitions) >= min_repetitions]
    sets, priors = [sets[i] for i in kept], [all_priors[i] for i in kept]
    truths = [
        posterior_truth(measured_gap(each, each.repetitions), prior)
        for each, prior in zip(sets, priors, strict=True)
    ]
    held_out = {
        (number, repetition): measured_gap(each, each.held_out(repetition)).points
        for number, each in enumerate(sets)
        for repetition in each.replayed
        if each.held_out(repetition)
    }
    return Material(sets, priors, truths, held_out)


@dataclass(eq=False)
class Replay:
    """All decisions of one rule, one entry a race; nan where a rule states nothing.

    Parameters
    ----------
    number, repetition : list of int
        Of the set, and replayed.
    choice, n_pairs, seconds_share : list of float
        See `rules.Decision`; seconds as a share of those of all five pairs.
    p_second, mean_points : list of float
        Probability that LSTM is better, and expected gap, when the race ended.
    p_second_after_one : list of float
        The same after one pair.
    verdict : list of str
        What was found; empty for other rules.
    """

    number: list[int] = field(default_factory=list)
    repetition: list[int] = field(default_factory=list)
    choice: list[float] = field(default_factory=list)
    n_pairs: list[float] = field(default_factory=list)
    seconds_share: list[float] = field(default_factory=list)
    p_second: list[float] = field(default_factory=list)
    mean_points: list[float] = field(default_factory=list)
    p_second_after_one: list[float] = field(default_factory=list)
    verdict: list[str] = field(default_factory=list)

    def add(self, number: int, situation: Situation, decision: Decision) -> None:
        """Keep a decision."""
        self.number.append(number)
        self.repetition.append(situation.pairs[0].repetition)
        self.choice.append(decision.choice)
        self.n_pairs.append(decision.n_pairs)
        self.seconds_share.append(decision.seconds / situation.recorded.seconds(situation.pairs))
        race = decision.race
        posteriors = race.posteriors if race else ()
        self.p_second.append(posteriors[-1].p_second_better if race else math.nan)
        self.mean_points.append(posteriors[-1].mean_points if race else math.nan)
        after_one = posteriors[1].p_second_better if len(posteriors) > 1 else math.nan
        self.p_second_after_one.append(after_one)
        self.verdict.append(race.verdict.value if race else "")


def situations(material: Material, n_orders: int = N_ORDERS) -> Iterator[tuple[int, Situation]]:
    """Yield each replayed repetition of each set in several orders of its folds."""
    for number, recorded in enumerate(material.sets):
        replayed = recorded.replayed
        for repetition in replayed:
            # The other replayed repetition is truth where there are only two.
            others = [r for r in replayed if r not in (repetition, *recorded.held_out(repetition))]
            random = np.random.default_rng([number, repetition])
            for _ in range(n_orders):
                order = random.permutation(len(recorded.repetitions[repetition]))
                yield (
                    number,
                    Situation(
                        recorded,
                        pairs=tuple(recorded.repetitions[repetition][i] for i in order),
                        strangers=recorded.repetitions[others[0]] if others else (),
                        prior=material.priors[number],
                        seed=int(random.integers(2**31)),
                    ),
                )


def replay(
    rules: Mapping[str, Rule], material: Material, n_orders: int = N_ORDERS
) -> dict[str, Replay]:
    """Let every rule decide every situation; what a rule cannot decide is left out."""
    replays = {name: Replay() for name in rules}
    for number, situation in situations(material, n_orders):
        for name, rule in rules.items():
            decision = rule(situation)
            if decision is not None:
                replays[name].add(number, situation, decision)
    return replays
