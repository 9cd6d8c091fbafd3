"""Teams that race one data set after the other, by simulation: what their histories are worth.

    python benchmarks/advice/history.py [--teams 40] [--races 100] [--write FILE.md]

Each team draws its true gaps from one population and remembers all of its races. Of every stretch
of its history the table says how many pairs a race took, what the choice lost, and whether the
stated probabilities held: that the chosen cell is the better one, and that the other is better by
more than the ROPE. Nothing is trained: a pair is the true gap and noise, and the package's own race
judges it.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from rnnselect.advice.experience import learn
from rnnselect.advice.posterior import NoisePrior, PairStatistics, Posterior, update
from rnnselect.advice.prior import NOISE_FACTOR_CLASSIFICATION
from rnnselect.advice.race import PairOutcome, race_statistics, run_race
from rnnselect.advice.rules import RaceRules
from rnnselect.advice.study import prior_for
from rnnselect.advice.value import expected_value_of_pairs
from rnnselect.advice.verdict import choose_cell, risk_of

CELLS = ("gru", "lstm")
PACKAGE = prior_for(n_samples=3000)
STRETCHES = ((0, 10), (10, 30), (30, 60), (60, 100))
NOISES_POINTS = (0.6, 1.8)  # of one pair: about 27,000 and 3,000 samples
# How far the noise of one team's data sets differs, and how well a pair's test samples tell it.
SPREAD_OF_NOISE, ERROR_OF_NOISE = 0.15, 0.2

HEADINGS = (
    "| population | noise | races | pairs | regret | right: stated, seen "
    "| missed by > 1 point: stated, seen | scale |"
)

Draw = Callable[[np.random.Generator], float]
POPULATIONS: dict[str, Draw] = {
    "as the package believes: t, scale 1": lambda rng: rng.standard_t(3),
    "small: t, scale 0.1": lambda rng: 0.1 * rng.standard_t(3),
    "small: normal, deviation 0.2": lambda rng: 0.2 * rng.standard_normal(),
    "small, but 1 in 20 of 3 to 7": lambda rng: (
        0.15 * rng.standard_normal()
        if rng.random() > 0.05
        else rng.choice([-1, 1]) * rng.uniform(3, 7)
    ),
    "large: t, scale 3": lambda rng: 3.0 * rng.standard_t(3),
    "LSTM ahead: normal, 0.5 and 0.3": lambda rng: 0.5 + 0.3 * rng.standard_normal(),
    "LSTM ahead: normal, 2 and 0.5": lambda rng: 2.0 + 0.5 * rng.standard_normal(),
}


@dataclass(frozen=True, slots=True)
class Finished:
    """One race of a team, with the truth beside it."""

    n_pairs: int
    regret_points: float
    p_right: float
    right: bool
    risk: float
    missed: bool
    scale_points: float


def simulate_team(
    draw: Draw, noise_points: float, n_races: int, seed: int, *, remembers: bool = True
) -> list[Finished]:
    rng = np.random.default_rng(seed)
    history: list[PairStatistics] = []
    finished = []
    for _ in range(n_races):
        learnt = learn(PACKAGE, history, rope_points=1.0)
        gap = draw(rng)
        sd = noise_points * np.exp(SPREAD_OF_NOISE * rng.standard_normal())
        before = NoisePrior(sd**2, 2.0)
        rules = RaceRules()
        if history and not learnt.earns_no_test and worth_testing(before, rules):
            rules = replace(rules, min_pairs=1)
        pairs = [pair(k, gap, sd, rng) for k in range(rules.max_pairs)]
        race = run_race(
            lambda first, n, pairs=pairs: pairs[first : first + n],
            prior=learnt.prior,
            noise_before=before,
            rules=rules,
            affordable=lambda outcomes: 10**6,
        )
        finished.append(judge(race.posteriors[-1], race.verdict, gap, learnt.prior.scale_points))
        if race.outcomes and remembers:
            history.append(race_statistics(race.outcomes, before, rules))
    return finished


def worth_testing(noise: NoisePrior, rules: RaceRules) -> bool:
    now = update(PACKAGE, noise, [], n_folds=rules.n_folds, rope_points=rules.rope_points)
    value = expected_value_of_pairs(now, rules.max_pairs, n_folds=rules.n_folds)
    return value >= rules.min_gain_points


def pair(index: int, gap: float, sd: float, rng: np.random.Generator) -> PairOutcome:
    points = {"gru": 80.0, "lstm": 80.0 + gap + sd * rng.standard_normal()}
    told = sd**2 / NOISE_FACTOR_CLASSIFICATION * np.exp(ERROR_OF_NOISE * rng.standard_normal())
    nothing = dict.fromkeys(CELLS, 0.0)
    return PairOutcome(CELLS, 0, index, points, points, 0.0, told, 400, nothing, nothing)


def judge(posterior: Posterior, verdict: str, gap: float, scale_points: float) -> Finished:
    chosen = choose_cell(posterior, verdict, min_gain_points=0.05, cheaper="first")
    ahead = gap if chosen == "second" else -gap
    p_second = posterior.p_second_better
    return Finished(
        n_pairs=posterior.n_pairs,
        regret_points=max(0.0, -ahead),
        p_right=p_second if chosen == "second" else 1 - p_second,
        right=ahead > 0,
        risk=risk_of(posterior, chosen),
        missed=ahead < -posterior.rope_points,
        scale_points=scale_points,
    )


def table(n_teams: int, n_races: int) -> str:
    lines = [HEADINGS, "|---" * HEADINGS.count(" | ") + "|---|"]
    for noise in NOISES_POINTS:
        for name, draw in POPULATIONS.items():
            teams = [simulate_team(draw, noise, n_races, seed) for seed in range(n_teams)]
            for start, stop in STRETCHES:
                part = [team[start:stop] for team in teams if team[start:stop]]
                if part:
                    lines.append(f"| {name} | {noise:g} | {start + 1}-{stop} | {row(part)} |")
                    print(lines[-1], flush=True)
    return "\n".join(lines)


def row(teams: list[list[Finished]]) -> str:
    """Means over the races, with the standard error over teams of what was seen."""

    def mean(name: str) -> float:
        return float(np.mean([getattr(race, name) for team in teams for race in team]))

    def error(name: str) -> float:
        means = [np.mean([getattr(race, name) for race in team]) for team in teams]
        return float(np.std(means) / np.sqrt(max(len(means) - 1, 1)))

    return (
        f"{mean('n_pairs'):.2f} | {mean('regret_points'):.3f} ± {error('regret_points'):.3f} | "
        f"{mean('p_right'):.2f}, {mean('right'):.2f} ± {error('right'):.2f} | "
        f"{100 * mean('risk'):.1f} %, {100 * mean('missed'):.1f} ± {100 * error('missed'):.1f} % | "
        f"{np.median([race.scale_points for team in teams for race in team]):.2f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--teams", type=int, default=40, help="teams of each population")
    parser.add_argument("--races", type=int, default=100, help="races of each team")
    parser.add_argument("--write", type=Path, help="a file for the table")
    options = parser.parse_args()
    made = table(options.teams, options.races)
    if options.write is not None:
        options.write.write_text(made + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
