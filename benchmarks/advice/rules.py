"""Our rule, as it is and with something taken away: the package's own code on recorded pairs."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import replace
from unittest.mock import patch

from budgets import Purse
from others import (
    Decision,
    Rule,
    Situation,
    constant,
    halving,
    lesson,
    mean_of_pairs,
    wilcoxon_pruner,
)
from records import GRU, LSTM

from rnnselect.advice.overlap import sums_of_pairs
from rnnselect.advice.prior import Prior
from rnnselect.advice.race import PairOutcome, RaceRules, run_race
from rnnselect.advice.verdict import choose_cell

TRIAL_NOISE = {
    "FACTOR_CLASSIFICATION": 1.25, "SHAPE_CLASSIFICATION": 10.0,
    "FACTOR_REGRESSION": 2.0, "SHAPE_REGRESSION": 2.0,
}  # fmt: skip
FLAT = Prior(30.0)  # within +-10 points its density changes by less than a tenth


def advisor(
    *,
    prior: Callable[[Situation], Prior] = lambda situation: situation.prior,
    change: Callable[[RaceRules], RaceRules] = lambda rules: rules,
    budget_share: float | None = None,
    probe: bool = True,
    paired: bool = True,
    context: Callable[[], AbstractContextManager] = nullcontext,
) -> Rule:
    """Return the package's race, as it is or with something changed.

    Parameters
    ----------
    prior : callable
        The prior of a situation: the one that was fitted without its family.
    change : callable
        Changes the rules of the race.
    budget_share : float, default=None
        Budget as a share of the cost of all pairs; None: no budget.
    probe : bool, default=True
        Whether costs before the first pair are measured, or arithmetic.
    paired : bool, default=True
        Whether both cells share split and seed.
    context : callable
        Makes a context in which the race is run: the package with one of its constants changed.
    """

    def decide(situation: Situation) -> Decision | None:
        recorded, pairs = situation.recorded, situation.pairs
        if not paired:
            if not situation.strangers:
                return None
            both = zip(pairs, situation.strangers, strict=True)
            pairs = tuple(unpaired(*each, regression=recorded.is_regression) for each in both)
        budget = None if budget_share is None else budget_share * recorded.seconds(pairs)
        purse = Purse(recorded, pairs, budget, probe)
        rules = change(recorded.rules)
        with context():
            race = run_race(
                purse.run_round,
                prior=prior(situation),
                noise_before=recorded.problem.noise,
                rules=rules,
                affordable=purse.affordable,
            )
        cheaper = recorded.problem.cheaper(purse.seconds_per_fit(race.outcomes))
        choice = choose_cell(
            race.posteriors[-1],
            race.verdict,
            min_gain_points=rules.min_gain_points,
            cheaper="first" if cheaper == GRU else "second",
        )
        return Decision(float(choice == "second"), len(race.outcomes), purse.spent_seconds, race)

    return decide


def thorough(rules: RaceRules) -> RaceRules:
    """Stop later."""
    return replace(rules, min_gain_points=rules.rope_points / 50)


def all_pairs(rules: RaceRules) -> RaceRules:
    """Never stop for lack of gain."""
    return replace(rules, min_gain_points=0.0)


def without_rope(rules: RaceRules) -> RaceRules:
    """Call no gap equivalent; stop as before."""
    return replace(rules, rope_points=0.0)


def without_confirmation(rules: RaceRules) -> RaceRules:
    """Believe a first pair in which one cell learnt nothing."""
    return replace(rules, confirm_failure=False)


def unpaired(own: PairOutcome, other: PairOutcome, *, regression: bool) -> PairOutcome:
    """Return a pair whose second cell comes from another split with another seed."""
    mixed = {
        name: {GRU: getattr(own, name)[GRU], LSTM: getattr(other, name)[LSTM]}
        for name in ("scores", "points", "seconds", "n_epochs")
    }
    noise = math.nan  # of a regression: the pairs' own spread must tell
    if not regression:
        shares = [(own.points[GRU] / 100, own.n_test), (other.points[LSTM] / 100, other.n_test)]
        noise = sum(100**2 * share * (1 - share) / n for share, n in shares)
    return replace(own, **mixed, noise_variance_points2=noise)


def nadeau_bengio() -> ExitStack:
    """Give the mean of j pairs the variance of Nadeau and Bengio, wherever the package asks."""

    def sums(differences, pairs, n_folds, covariance=None):
        precision, mean, spread = sums_of_pairs(differences, pairs, n_folds, covariance)
        return precision and 1 / (1 / precision + 1 / (n_folds - 1)), mean, spread

    stack = ExitStack()
    for module in ("posterior", "overlap"):
        stack.enter_context(patch(f"rnnselect.advice.{module}.sums_of_pairs", sums))
    return stack


def noise_of_the_trial() -> ExitStack:
    """Believe of a pair's noise what the trial found that came before the study."""
    stack = ExitStack()
    for name, value in TRIAL_NOISE.items():
        stack.enter_context(patch(f"rnnselect.advice.prior.NOISE_{name}", value))
    return stack


COMPARED: dict[str, Rule] = {
    "RNNAdvisor": advisor(),
    "RNNAdvisor, min_gain=0.0002": advisor(change=thorough),
    "RNNAdvisor, min_gain=0": advisor(change=all_pairs),
    "always GRU": constant(0.0),
    "always LSTM": constant(1.0),
    "a coin": constant(0.5),
    "the lesson's rules": lesson,
    "one hold-out (1 pair)": mean_of_pairs(1),
    "3 of 5 paired folds": mean_of_pairs(3),
    "5 paired folds": mean_of_pairs(5),
    "HalvingGridSearchCV(factor=2), at its best": halving,
    "WilcoxonPruner": wilcoxon_pruner,
}
ABLATIONS: dict[str, Rule] = {
    "no prior (flat)": advisor(prior=lambda situation: FLAT),
    "the package's prior, as shipped": advisor(prior=lambda s: s.recorded.problem.prior),
    "unpaired splits and seeds": advisor(paired=False),
    "with Nadeau-Bengio": advisor(context=nadeau_bengio),
    "noise as in the trial before the study": advisor(context=noise_of_the_trial),
    "no ROPE": advisor(change=without_rope),
    "a first failure believed": advisor(change=without_confirmation),
}
