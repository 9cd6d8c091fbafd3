"""Draws score tables, splits, scorers and limits, and checks what must hold of every advice.

    python benchmarks/fuzz/advice.py [--draws N] [--seed S] [--first K]

Draw number i depends on the seed and on i alone: `--first i --draws 1` repeats it. Checked are:
probabilities are finite and sum to one; exchanging the cells mirrors them; a constant factor of
scores and ROPE changes none; a constant added to all gaps never makes the leader less likely; a
pair whose fits have both collapsed says nothing of the gap; an excluded cell is never recommended;
verdict, worth and headline agree; a fold without a score never wins.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
import traceback
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from threadpoolctl import threadpool_limits

from rnnselect.advice.alone import leave_out
from rnnselect.advice.baseline import DUMMY
from rnnselect.advice.cost import CostForecast, Interval
from rnnselect.advice.limits import Exclusion, LimitCheck
from rnnselect.advice.overlap import covariance_of_splits, folds_of_a_repetition
from rnnselect.advice.planner import make_plan
from rnnselect.advice.points import ScoreKind, ScoreScale
from rnnselect.advice.posterior import NoisePrior, Posterior, Prior, three_way
from rnnselect.advice.race import PairOutcome, Race, no_race, posterior_after, run_race
from rnnselect.advice.recommendation import Recommendation, conclude
from rnnselect.advice.rules import RaceRules, race_rules
from rnnselect.advice.value import expected_value_of_pairs
from rnnselect.advice.verdict import StopReason, Verdict
from rnnselect.sequences.profile import profile_sizes

CELLS = ("gru", "lstm")
KINDS: tuple[ScoreKind, ...] = ("bounded", "r2", "error", "squared_error", "raw")
ROUNDING, TOLERANCE = 1e-6, 1e-3


@dataclass(frozen=True)
class Case:
    """One draw: scores of both cells and of the dummy on all splits, and how to judge them."""

    kind: ScoreKind
    unit: float
    splits: list[tuple[np.ndarray, np.ndarray]]
    n_samples: int
    scores: np.ndarray  # (n_splits, 2), on a scale on which the dummy scores as it does
    dummies: np.ndarray
    noise: np.ndarray
    prior: Prior
    rope: float
    min_gain: float | None
    n_affordable: int


def draw(random: np.random.Generator) -> Case:
    kind, n_samples = str(random.choice(KINDS)), int(random.integers(12, 300))
    splits = draw_splits(random, n_samples)
    n, unit = len(splits), float(10 ** random.uniform(-6, 6))
    level, spread = random.uniform(-0.3, 1.0), random.choice([0.0, 0.003, 0.03, 0.3])
    gap = random.choice([0.0, 0.01, 0.1, 1.0]) * random.normal()
    # Shares of the way from the dummy (0) to perfection (1).
    shares = level + np.array([0.0, gap]) + spread * random.normal(size=(n, 2))
    collapsed = random.random((n, 2)) < random.choice([0.0, 0.3, 1.0])
    shares = np.where(collapsed, 0.0, np.minimum(shares, 1.0))
    floors = random.choice([0.0, 0.002]) * random.normal(size=n)
    dummies, scores = scores_of(kind, unit, shares, floors)
    scores = np.where(random.random((n, 2)) < random.choice([0.0, 0.0, 0.2]), np.nan, scores)
    return Case(
        kind, unit, splits, n_samples, scores, dummies,
        noise=100**2 * random.uniform(0, 0.2) / np.array([len(test) for _, test in splits])
        * np.where(random.random(n) < 0.2, np.nan, 1.0),
        prior=Prior(float(random.choice([0.05, 1.0, 4.0])), float(random.choice([0, 1.1, -1.1]))),
        rope=float(random.choice([0.0, 0.001, 0.01, 0.1])),
        min_gain=random.choice([None, 0.0]), n_affordable=int(random.integers(0, n + 1)),
    )  # fmt: skip


def draw_splits(random: np.random.Generator, n_samples: int) -> list[tuple[np.ndarray, np.ndarray]]:
    rows = np.arange(n_samples)
    how = random.choice(["folds", "repeated folds", "halves", "in order of time"])
    if how == "in order of time":
        ends = np.linspace(0, n_samples, int(random.integers(3, 8))).astype(int)[1:]
        return [(rows[:a], rows[a:b]) for a, b in pairwise(ends)]
    if how == "halves":
        orders = [random.permutation(n_samples) for _ in range(int(random.integers(2, 15)))]
        size = int(random.integers(2, n_samples - 2))
        return [(order[size:], order[:size]) for order in orders]
    n_repetitions = 1 if how == "folds" else int(random.integers(2, 4))
    n_folds = int(random.integers(2, min(n_samples, 14)))
    tests = [
        test
        for _ in range(n_repetitions)
        for test in np.array_split(random.permutation(n_samples), n_folds)
    ]
    return [(np.setdiff1d(rows, test), test) for test in tests]


def scores_of(
    kind: str, unit: float, shares: np.ndarray, floors: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return scores of the dummy and of the cells in units of a scorer of some kind."""
    rest = 1 - shares
    if kind == "bounded":
        return 0.5 + floors, 0.5 + floors[:, None] + 0.5 * np.maximum(shares, -1)
    if kind == "r2":
        return -np.abs(floors), 1 - rest**2
    if kind == "raw":
        return unit * (1 + floors), unit * (1 + floors[:, None] + shares)
    power = 2 if kind == "squared_error" else 1
    return np.full(len(shares), -unit), -unit * np.maximum(rest, 0.0) ** power


def judged(case: Case, factor: float = 1.0) -> tuple[list[PairOutcome], RaceRules]:
    """Return the pairs and rules of a case, all scores multiplied by a factor."""
    dummies, scores = factor * case.dummies, factor * case.scores
    scale = ScoreScale(case.kind, "own", 1.0).measured(dummies)
    sizes = np.array([len(test) for _, test in case.splits])
    own_unit = factor * case.unit if case.kind == "raw" else 1.0
    n_folds = folds_of_a_repetition(sizes, case.n_samples)
    rules = race_rules(
        scale, n_folds=n_folds, max_pairs=len(sizes), rope=own_unit * case.rope,
        min_gain=case.min_gain, confidence=0.95, regression=case.kind != "bounded",
        covariance=covariance_of_splits(case.splits, case.n_samples),
    )  # fmt: skip
    errors = case.kind in ("error", "squared_error")
    pairs = []
    for k, own in enumerate(scores):
        dummy = float(np.median(dummies) if errors else dummies[k])
        pairs.append(
            PairOutcome(
                cells=CELLS, repetition=k // n_folds, fold=k % n_folds,
                scores=dict(zip(CELLS, map(float, own), strict=True)),
                points={c: scale.floored(float(s), dummy) for c, s in zip(CELLS, own, strict=True)},
                dummy_points=scale.floor_points(dummy),
                noise_variance_points2=float(case.noise[k]), n_test=int(sizes[k]),
                seconds=dict.fromkeys(CELLS, 1.0), n_epochs=dict.fromkeys(CELLS, 5),
            )
        )  # fmt: skip
    return pairs, rules


def raced(case: Case, pairs: list[PairOutcome], rules: RaceRules) -> Race:
    return run_race(
        lambda first, n: pairs[first : first + n],
        prior=case.prior, noise_before=NoisePrior(9.0, 2.0), rules=rules,
        affordable=lambda outcomes: case.n_affordable - len(outcomes),
    )  # fmt: skip


def check(case: Case, random: np.random.Generator) -> None:
    pairs, rules = judged(case)
    race = raced(case, pairs, rules)
    for posterior in (*race.posteriors[:2], race.posteriors[-1]):
        check_posterior(posterior, rules)
    check_mirrored(case, pairs, rules)
    check_factor(case, race, float(10 ** random.uniform(-3, 3)))
    check_collapsed(case, race, rules)
    check_constant(case, pairs, rules)
    check_words(case, race, random)
    check_excluded(case, rules, str(random.choice(CELLS)))


def check_posterior(posterior: Posterior, rules: RaceRules) -> None:
    shares = list(three_way(posterior, CELLS).values())
    assert all(map(math.isfinite, (*shares, posterior.mean_points))), "not finite"
    assert min(shares) >= 0, "negative"
    assert abs(sum(shares) - 1) < ROUNDING, "do not sum to one"
    value = expected_value_of_pairs(
        posterior, 2 * rules.n_folds, n_folds=rules.n_folds, covariance=rules.covariance
    )
    assert 0 <= value <= posterior.expected_regret_points + ROUNDING, f"pairs are worth {value}"


def known(case: Case, pairs: list[PairOutcome], rules: RaceRules, prior: Prior) -> Posterior:
    return posterior_after(tuple(pairs), prior, NoisePrior(9.0, 2.0), rules)


def check_mirrored(case: Case, pairs: list[PairOutcome], rules: RaceRules) -> None:
    exchanged = [
        replace(pair, points=dict(zip(CELLS, reversed(pair.points.values()), strict=True)))
        for pair in pairs
    ]
    one = known(case, pairs, rules, case.prior)
    centre = -case.prior.centre_points
    other = known(case, exchanged, rules, replace(case.prior, centre_points=centre))
    assert abs(one.q_first_better - other.q_second_better) < ROUNDING, "not mirrored"
    assert abs(one.mean_points + other.mean_points) < ROUNDING * max(1, abs(one.mean_points))


def check_factor(case: Case, race: Race, factor: float) -> None:
    if case.kind in ("bounded", "r2"):
        return
    other = raced(case, *judged(case, factor))
    assert (other.verdict, len(other.outcomes)) == (race.verdict, len(race.outcomes)), "a factor"
    ours, theirs = race.posteriors[-1], other.posteriors[-1]
    assert abs(ours.q_first_better - theirs.q_first_better) < ROUNDING, "a factor"
    assert abs(ours.q_second_better - theirs.q_second_better) < ROUNDING, "a factor"


def check_collapsed(case: Case, race: Race, rules: RaceRules) -> None:
    speaking = [pair for pair in race.outcomes if not pair.at_floor]
    if not speaking:
        assert race.posteriors[-1].mean_points == race.posteriors[0].mean_points, "fits of nothing"
        assert race.verdict is (Verdict.NEITHER if race.outcomes else Verdict.NOT_TESTED)
    elif rules.covariance is None and len(race.outcomes) <= rules.n_folds:
        alone = known(case, speaking, rules, case.prior)
        assert abs(alone.mean_points - race.posteriors[-1].mean_points) < ROUNDING, (
            "fits of nothing"
        )


def check_constant(case: Case, pairs: list[PairOutcome], rules: RaceRules) -> None:
    """Move the second cell ahead by steps; the floors of points stay out of it."""
    if sum(not pair.at_floor for pair in pairs) < 2:
        return
    learnt = [replace(pair, dummy_points=-math.inf) for pair in pairs if not pair.at_floor]
    ahead = []
    for points in (0.0, 0.5, 2.0, 8.0, 30.0, 100.0, 400.0, 1600.0, 1e5):
        moved = [
            replace(pair, points={**pair.points, "lstm": pair.points["lstm"] + points})
            for pair in learnt
        ]
        found = known(case, moved, rules, case.prior)
        if found.p_second_better >= 0.5:
            ahead.append(found.p_second_better)
    fallen = np.maximum.accumulate(ahead) - ahead if ahead else np.zeros(1)
    assert fallen.max() < TOLERANCE, f"a constant lowers the leader by {fallen.max()}"
    assert ahead[-1] > 1 - TOLERANCE, f"far ahead with only {ahead[-1]}"


def advised(case: Case, race: Race, plan=None, cheaper="gru", **baselines) -> Recommendation:
    n = len(race.outcomes)
    of_fold = [{DUMMY: float(case.dummies[k]), **baselines} for k in range(n)]
    return conclude(
        race, plan, scoring="own", baseline_scores=of_fold, cheaper=cheaper, actual_seconds=1.0,
        budget_seconds=None, predicted_seconds=None,
    )  # fmt: skip


def check_words(case: Case, race: Race, random: np.random.Generator) -> None:
    if not race.outcomes:
        return
    linear = float(np.nanmean(case.scores)) if np.isfinite(case.scores).any() else 0.0
    found = advised(case, race, linear=linear + 0.1 * case.unit * random.normal())
    record, text = json.loads(found.to_json()), " ".join(str(found).split())
    assert (record["verdict"], record["worth_it"]) == (found.verdict.value, found.worth_it)
    (told,) = (each.sentence for each in found.reasons if each.code == found.verdict.value)
    assert told in text, "the verdict is not told"
    not_worth_it = found.headline.startswith("A recurrent network is not worth it here")
    assert not_worth_it == (not found.worth_it and found.verdict is not Verdict.NEITHER)
    assert " nan" not in " ".join(each.sentence for each in found.reasons), "nan is told"
    if any(map(math.isnan, found.scores[found.cell])):
        assert found.worth_it is False, "a fold without a score wins"
    told = any(each.code == "failed" for each in found.reasons)
    assert told == any(pair.failed for pair in race.outcomes), "collapsed fits are not told"


def check_excluded(case: Case, rules: RaceRules, excluded: str) -> None:
    seconds = dict.fromkeys(CELLS, Interval.around(2.0, 1.5))
    plan = make_plan(
        profile_sizes(n_samples=case.n_samples, sequence_length=5),
        CostForecast(Interval.exactly(0.0), seconds, seconds, 0.1, 0.0, 1, "probe"),
        case.prior, NoisePrior(9.0, 2.0), rules, cells=CELLS, cheaper="gru", budget_seconds=None,
        refit=False, only=next(cell for cell in CELLS if cell != excluded),
    )  # fmt: skip
    out = Exclusion(excluded, 32, None, (), shortage="a fit ran out of memory")
    plan = leave_out(plan, LimitCheck((), (out,)))
    alone = no_race(case.prior, NoisePrior(9.0, 2.0), rules, StopReason.EXCLUDED)
    found = advised(case, alone, plan, cheaper=plan.cell)
    assert excluded not in (plan.cell, found.cell), f"{excluded} is excluded, and recommended"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=50_000, help="how many (50,000)")
    parser.add_argument("--seed", type=int, default=0, help="of all draws (0)")
    parser.add_argument("--first", type=int, default=0, help="number of the first (0)")
    options = parser.parse_args()
    start, n_failed = time.perf_counter(), 0
    threadpool_limits(1)
    for number in range(options.first, options.first + options.draws):
        random = np.random.default_rng([options.seed, number])
        try:
            check(draw(random), random)
        except Exception:  # whatever it is: the draw and its trace are the finding
            n_failed += 1
            if n_failed <= 5:
                print(f"draw {number}:\n{traceback.format_exc()}", flush=True)
    print(f"{options.draws} draws, {n_failed} failed, {time.perf_counter() - start:.0f} s")
    sys.exit(bool(n_failed))


if __name__ == "__main__":
    main()
