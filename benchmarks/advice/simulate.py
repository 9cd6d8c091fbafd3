"""Races with a known true gap: do the stated probabilities hold, and what happens at fixed gaps?

Averaged over the prior, a stated probability must come true as often as it says. At a fixed gap
it need not, and this shows by how much. The race is the package's own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from page import Section

from rnnselect.advice.posterior import preferred
from rnnselect.advice.prior import (
    NOISE_FACTOR_CLASSIFICATION,
    NOISE_SHAPE_CLASSIFICATION,
    NoisePrior,
    Prior,
)
from rnnselect.advice.race import PairOutcome, Race, run_race
from rnnselect.advice.rules import RaceRules
from rnnselect.advice.verdict import Verdict

N_FOLDS = 5
# Beyond about 2 points, two pairs have a likelihood with thinner tails (posterior.py).
FOLD_SDS_POINTS = (0.5, 1.8, 4.0, 10.0)
FIXED_GAPS_ROPE = (0.0, 0.5, 1.2, 2.0)
PRIOR = Prior(0.5)
BINS = np.linspace(0, 1, 11)
DUMMY_POINTS, BASE_POINTS = 0.0, 50.0


@dataclass(frozen=True, slots=True)
class Share:
    """A mean over simulated races.

    Parameters
    ----------
    value, error : float
        The mean, and its Monte-Carlo standard error.
    """

    value: float
    error: float

    @classmethod
    def of(cls, values: NDArray[np.float64]) -> Share:
        """Return the mean of some values; nan without any."""
        if len(values) == 0:
            return cls(math.nan, math.nan)
        return cls(float(np.mean(values)), float(np.std(values) / math.sqrt(len(values))))

    def text(self, decimals: int = 3) -> str:
        """Return the mean with its error."""
        if not math.isfinite(self.value):
            return "–"
        return f"{self.value:.{decimals}f} ± {self.error:.{decimals}f}"


def simulated_race(
    gap_points: float,
    fold_sd_points: float,
    random: np.random.Generator,
    rules: RaceRules,
    prior: Prior = PRIOR,
) -> Race:
    """Run one race whose pairs are drawn as the package believes them to be.

    The noise that test samples explain is known; what a fold really varies is drawn around it.
    """
    shape = NOISE_SHAPE_CLASSIFICATION
    expected = fold_sd_points**2
    variance = shape * expected / random.gamma(shape)
    gaps = gap_points + math.sqrt(variance) * random.normal(size=rules.max_pairs)
    explained = expected / NOISE_FACTOR_CLASSIFICATION
    n_test = max(10, round(100**2 * 0.2 / explained))  # the cells disagree on a fifth of samples
    pairs = [_pair(fold, gap, explained, n_test) for fold, gap in enumerate(gaps)]
    return run_race(
        lambda first, n: pairs[first : first + n],
        prior=prior,
        noise_before=NoisePrior(expected, 2.0),
        rules=rules,
        affordable=lambda outcomes: rules.max_pairs,
    )


def over_the_prior(n_races: int, fold_sd_points: float, *, seed: int = 0) -> dict[str, Share]:
    """Draw gaps from the prior, and compare what is stated with what is true."""
    gaps, races = zip(*_races(n_races, fold_sd_points, None, seed), strict=True)
    truth = np.array(gaps)
    final = [race.posteriors[-1] for race in races]
    rules = races[0].rules
    stated = np.array([post.p_second_better for post in final])
    equivalent = np.array([race.verdict is Verdict.EQUIVALENT for race in races])
    clear = np.array([race.verdict is Verdict.CLEARLY_BETTER for race in races])
    second = np.array([preferred(post) == "second" for post in final])
    q_equivalent = np.array([post.q_equivalent for post in final])
    return {
        "P(LSTM better) - came true": Share.of(stated - (truth > 0)),
        "P(equivalent) - came true": Share.of(q_equivalent - (np.abs(truth) <= rules.rope_points)),
        "expected regret - regret": Share.of(
            np.array([post.expected_regret_points for post in final]) - _regret(truth, second)
        ),
        "'equivalent' said": Share.of(equivalent.astype(float)),
        "'equivalent' holds": Share.of(
            (np.abs(truth[equivalent]) <= rules.rope_points).astype(float)
        ),
        "'clearly better' holds": Share.of(
            (np.where(second, truth, -truth)[clear] > rules.rope_points).astype(float)
        ),
        "pairs": Share.of(np.array([len(race.outcomes) for race in races], float)),
    }


def calibration(
    n_races: int, fold_sd_points: float, *, seed: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return stated probabilities of LSTM being better, and whether it was."""
    gaps, races = zip(*_races(n_races, fold_sd_points, None, seed), strict=True)
    stated = np.array([race.posteriors[-1].p_second_better for race in races])
    return stated, np.array(gaps) > 0


def at_a_fixed_gap(
    n_races: int, fold_sd_points: float, gap_points: float, *, seed: int = 0
) -> dict[str, Share]:
    """Return what races say and cost where the true gap is always the same."""
    races = [race for _, race in _races(n_races, fold_sd_points, gap_points, seed)]
    says = {verdict: [race.verdict is verdict for race in races] for verdict in Verdict}
    second = np.array([preferred(race.posteriors[-1]) == "second" for race in races])
    wrong_clear = [
        race.verdict is Verdict.CLEARLY_BETTER and not (chosen and gap_points > 1)
        for race, chosen in zip(races, second, strict=True)
    ]
    return {
        "'equivalent' said": Share.of(np.array(says[Verdict.EQUIVALENT], float)),
        "'clearly better' said": Share.of(np.array(says[Verdict.CLEARLY_BETTER], float)),
        "'clearly better' said wrongly": Share.of(np.array(wrong_clear, float)),
        "better cell chosen": Share.of(second.astype(float)),
        "regret": Share.of(_regret(np.full(len(races), gap_points), second)),
        "pairs": Share.of(np.array([len(race.outcomes) for race in races], float)),
    }


def sections(n_races: int, n_fixed: int) -> list[Section]:
    """Return what simulated races say, on average over the prior and at fixed gaps."""
    averages = {sd: over_the_prior(n_races, sd) for sd in FOLD_SDS_POINTS}
    fixed = {
        (sd, ropes): at_a_fixed_gap(n_fixed, sd, ropes * RaceRules().rope_points)
        for sd in FOLD_SDS_POINTS
        for ropes in FIXED_GAPS_ROPE
    }
    return [
        Section(
            "Simulated races, gaps drawn from the prior",
            f"{n_races} races a line by the default rules, prior scale {PRIOR.scale_points:g} "
            "points; ± is the Monte-Carlo standard error. Where the prior and the noise are what "
            "the package believes, a stated probability less how often it came true is 0.",
            ("a fold's standard deviation, points", *averages[FOLD_SDS_POINTS[0]]),
            [[f"{sd:g}", *(s.text() for s in row.values())] for sd, row in averages.items()],
        ),
        Section(
            "Simulated races at fixed gaps",
            f"{n_fixed} races a line. At a single gap no probability need come true: what a "
            "prior gains on average it loses at gaps that it holds for rare.",
            ("a fold's standard deviation, points", "true gap, ROPE",
             *next(iter(fixed.values()))),
            [
                [f"{sd:g}", f"{ropes:g}", *(share.text() for share in row.values())]
                for (sd, ropes), row in fixed.items()
            ],
        ),
    ]  # fmt: skip


def _races(
    n_races: int, fold_sd_points: float, gap_points: float | None, seed: int
) -> Iterator[tuple[float, Race]]:
    random, rules = np.random.default_rng(seed), RaceRules()
    for _ in range(n_races):
        gap = gap_points
        if gap is None:
            gap = PRIOR.scale_points * random.standard_t(PRIOR.degrees_of_freedom)
        yield gap, simulated_race(gap, fold_sd_points, random, rules)


def _regret(truth: NDArray[np.float64], second: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.where(second, np.maximum(-truth, 0), np.maximum(truth, 0))


def _pair(fold: int, gap: float, variance: float, n_test: int) -> PairOutcome:
    points = {"gru": BASE_POINTS, "lstm": BASE_POINTS + gap}
    return PairOutcome(
        cells=("gru", "lstm"),
        repetition=0,
        fold=fold,
        scores={cell: value / 100 for cell, value in points.items()},
        points=points,
        dummy_points=DUMMY_POINTS,
        noise_variance_points2=variance,
        n_test=n_test,
        seconds={"gru": 1.0, "lstm": 1.0},
        n_epochs={"gru": 1, "lstm": 1},
    )
