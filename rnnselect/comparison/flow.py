"""One comparison, from plan to recommendation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from rnnselect.advice.cost import Interval
from rnnselect.advice.plan import Plan, useful_pairs
from rnnselect.advice.posterior import Posterior
from rnnselect.advice.race import PairOutcome, Race, race_statistics, run_race
from rnnselect.advice.recommendation import Recommendation, conclude
from rnnselect.comparison.pairs import Comparison, probe, run_pairs, time_one_fit
from rnnselect.comparison.problem import Problem, plan_problem
from rnnselect.comparison.timing import Clock, Timing
from rnnselect.report.text import percent_text, plan_headline

__all__ = ["compare"]


def compare(
    problem: Problem,
    comparison: Comparison,
    clock: Clock,
    tell: Callable[[str], None],
) -> Recommendation:
    """Plan, probe, plan again, race, and conclude.

    Parameters
    ----------
    problem : Problem
        What is compared.
    comparison : Comparison
        The data, the splits and how to score them.
    clock : Clock
        Of the call.
    tell : callable
        Takes lines of progress.

    Returns
    -------
    Recommendation
        The advice; its race is then in the history, where there is one.
    """
    plan, timing = _settle_plan(problem, comparison, clock, tell)
    predicted = plan.forecast.total(plan.n_pairs, refit=False) + Interval.exactly(clock.elapsed())
    tell(f"plan: {plan_headline(plan.to_dict())}")

    def run_round(first: int, n: int) -> list[PairOutcome]:
        pairs = range(first, first + n)
        outcomes = run_pairs(comparison, pairs, timing.deadline_of_fits())
        for k in pairs[: len(outcomes)]:
            comparison.baseline_scores(k)  # within the budget, and kept for the conclusion
        return outcomes

    race = run_race(
        run_round,
        prior=problem.prior,
        noise_before=problem.noise,
        rules=problem.rules,
        affordable=timing.affordable,
        pairs_per_round=max(1, problem.n_jobs // len(problem.cells)),
        on_round=lambda pairs, posterior: tell(_progress(pairs, posterior, comparison, clock)),
    )
    found = conclude(
        race,
        plan,
        scoring=comparison.scoring.scale.name,
        baseline_scores=[comparison.baseline_scores(k) for k in range(len(race.outcomes))],
        cheaper=problem.cheaper(timing.seconds_per_fit(race.outcomes)),
        actual_seconds=clock.elapsed(),
        budget_seconds=clock.budget_seconds,
        predicted_seconds=predicted,
    )
    if problem.memory is None:
        return found
    _keep(problem, race, found, clock)
    return replace(found, reasons=(*found.reasons, problem.memory.reason))


def _keep(problem: Problem, race: Race, found: Recommendation, clock: Clock) -> None:
    """Add the race to the history; without pairs there is nothing to add."""
    if race.outcomes:
        problem.memory.keep(
            race_statistics(race.outcomes, problem.noise, race.rules),
            rope_points=race.rules.rope_points,
            verdict=race.verdict.value,
            seconds=found.actual_seconds,
            seconds_left=clock.left(),
        )


def _settle_plan(
    problem: Problem, comparison: Comparison, clock: Clock, tell: Callable[[str], None]
) -> tuple[Plan, Timing]:
    """Plan by arithmetic and, if a pair may be worth running, again by what a probe measures."""
    timing = Timing(problem, clock)
    plan = plan_problem(problem, timing.forecast(), clock.left())
    measurable = problem.candidates.trains_one_network
    if useful_pairs(plan.rows, problem.rules) is None or not _may_start(timing):
        return plan, timing
    if not measurable and clock.budget_seconds is None:  # no clock, no costs
        return plan, timing
    speeds, fit_seconds = None, None
    if measurable:
        tell("compiling and timing both cells ...")
        speeds = probe(comparison)
    else:
        tell("timing one fit ...")
        fit_seconds = time_one_fit(comparison)
    start = clock.elapsed()
    comparison.baseline_scores(0)
    timing = Timing(problem, clock, speeds, clock.elapsed() - start, fit_seconds)
    return plan_problem(problem, timing.forecast(), clock.left()), timing


def _may_start(timing: Timing) -> bool:
    """Whether a first pair may fit the budget, by arithmetic."""
    left, problem = timing.clock.left(), timing.problem
    if left is None:
        return True
    forecast = timing.forecast()
    if forecast.startup.high > left:
        return False
    # What other estimators than a single network of ours take, a timed fit must show.
    unknown = not problem.candidates.trains_one_network
    return left > 0 if unknown else forecast.total(1, refit=problem.refit).low <= left


def _progress(
    outcomes: tuple[PairOutcome, ...],
    posterior: Posterior,
    comparison: Comparison,
    clock: Clock,
) -> str:
    pair = outcomes[-1]
    first, second = pair.cells
    left = clock.left()
    return (
        f"pair {len(outcomes)}: {first.upper()} {pair.scores[first]:.3f}, "
        f"{second.upper()} {pair.scores[second]:.3f} ({comparison.scoring.scale.name}); "
        f"{first.upper()} better {percent_text(posterior.q_first_better)}, "
        f"equivalent {percent_text(posterior.q_equivalent)}, "
        f"{second.upper()} better {percent_text(posterior.q_second_better)}; "
        f"{clock.elapsed():.1f} s used" + ("" if left is None else f", {left:.1f} s left")
    )
