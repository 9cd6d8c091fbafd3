"""Races under what the package believes as it is shipped, drawn from the same belief."""

import numpy as np
import pytest

from rnnselect.advice.posterior import preferred
from rnnselect.advice.prior import noise_before_pairs
from rnnselect.advice.race import PairOutcome, run_race
from rnnselect.advice.rules import RaceRules
from rnnselect.advice.study import prior_for

N_RACES, N_TEST = 400, 600
EXPLAINED_POINTS2 = 1.5  # by the test samples of a pair
# (n_samples, scale, factor, shape): the figures of docs/advice.md, written once more.
KINDS = {
    "many samples": (3000, 1.0, 1.8, 3.0),
    "few samples": (300, 4.0, 1.8, 3.0),
    "regression": (3000, 1.0, 2.5, 3.0),
}


def pair(fold, difference):
    points = {"gru": 60.0, "lstm": 60.0 + difference}
    return PairOutcome(
        cells=("gru", "lstm"),
        repetition=0,
        fold=fold,
        scores={cell: value / 100 for cell, value in points.items()},
        points=points,
        dummy_points=0.0,
        noise_variance_points2=EXPLAINED_POINTS2,
        n_test=N_TEST,
        seconds={"gru": 1.0, "lstm": 1.0},
        n_epochs={"gru": 10, "lstm": 10},
    )


def raced(pairs, n_samples, regression):
    return run_race(
        lambda first, n: pairs[first : first + n],
        prior=prior_for(n_samples=n_samples),
        noise_before=noise_before_pairs(0.6, N_TEST),
        rules=RaceRules(regression=regression),
        affordable=lambda outcomes: len(pairs),
    )


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_stated_comes_true_as_often_as_it_says(kind):
    n_samples, scale, factor, shape = KINDS[kind]
    random = np.random.default_rng(7)
    gaps = scale * random.standard_t(3, N_RACES)
    variances = factor * EXPLAINED_POINTS2 * shape / random.gamma(shape, size=N_RACES)
    stated, seen, regret = np.zeros((3, N_RACES))
    for i, (gap, variance) in enumerate(zip(gaps, variances, strict=True)):
        differences = gap + np.sqrt(variance) * random.normal(size=5)
        pairs = [pair(fold, difference) for fold, difference in enumerate(differences)]
        last = raced(pairs, n_samples, kind == "regression").posteriors[-1]
        stated[i], seen[i] = last.p_second_better, gap > 0
        missed = -gap if preferred(last) == "second" else gap
        regret[i] = last.expected_regret_points - max(missed, 0)

    right = (stated > 0.5) == seen
    for surplus in (stated - seen, np.maximum(stated, 1 - stated) - right, regret):
        assert abs(surplus.mean()) < 3 * surplus.std() / np.sqrt(N_RACES)
