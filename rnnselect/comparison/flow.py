"""One comparison, from plan to recommendation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from rnnselect.advice.alone import reason_for_one
from rnnselect.advice.cost import Interval
from rnnselect.advice.limits import LimitCheck
from rnnselect.advice.plan import Plan
from rnnselect.advice.planner import useful_pairs
from rnnselect.advice.posterior import Posterior, three_way
from rnnselect.advice.race import PairOutcome, Race, no_race, race_statistics, run_race
from rnnselect.advice.recommendation import Recommendation, conclude
from rnnselect.advice.verdict import StopReason
from rnnselect.advice.words import odds_text
from rnnselect.cells import shown_name
from rnnselect.comparison.baselines import with_simple_models
from rnnselect.comparison.comparison import Comparison
from rnnselect.comparison.fits import time_one_fit
from rnnselect.comparison.out_of_fold import kept_predictions
from rnnselect.comparison.pairs import run_pairs
from rnnselect.comparison.probe import probe
from rnnselect.comparison.problem import Problem, plan_problem
from rnnselect.comparison.progress import Progress
from rnnselect.comparison.several import compare_several, with_settings
from rnnselect.comparison.shortage import (
    CandidateMemoryError,
    excluding,
    with_finished_scores,
)
from rnnselect.comparison.timing import Clock, Timing, finished_seconds
from rnnselect.comparison.truncation import with_cut_fits
from rnnselect.report.text import plan_headline

__all__ = ["compare"]

MAX_LATENCY = "max_latency"  # the one limit that can be measured


def compare(
    problem: Problem,
    comparison: Comparison,
    clock: Clock,
    tell: Callable[[Progress], None],
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
        Takes each step of the progress.

    Returns
    -------
    Recommendation
        The advice; its race is then in the history, where there is one.
    """
    comparison.simple.keep(Timing(problem, clock).for_simple_models(beside_a_pair=True))
    problem = replace(
        problem,
        baseline_seconds=comparison.simple.seconds,
        noise_seconds=comparison.noise_seconds,
    )
    plan, timing = _settle_plan(problem, comparison, clock, tell)
    predicted = plan.forecast.total(plan.n_pairs, refit=False) + Interval.exactly(clock.elapsed())
    while True:
        tell(Progress("plan", f"plan: {plan_headline(plan.to_dict())}", plan))
        try:
            found = _carry_out(problem, comparison, plan, timing, predicted, tell)
            found = with_cut_fits(found, comparison)
            found = replace(found, predictions=kept_predictions(comparison, found))
            return with_simple_models(found, comparison.simple.left_out)
        except CandidateMemoryError:
            check = excluding(LimitCheck(plan.limits, plan.exclusions), problem, comparison)
            timing = replace(timing, excluded=_excluded(check))
            plan = plan_problem(problem, timing.forecast(), clock.left(), check)


def _carry_out(
    problem: Problem,
    comparison: Comparison,
    plan: Plan,
    timing: Timing,
    predicted: Interval,
    tell: Callable[[Progress], None],
) -> Recommendation:
    """Race as planned, and conclude."""
    clock = timing.clock
    if len(problem.cells) > 2 and not plan.is_for_one:
        return compare_several(problem, comparison, plan, timing, predicted, tell)

    def run_round(first: int, n: int) -> list[PairOutcome]:
        pairs = range(first, first + n)
        with comparison.ending_the_race(first):
            outcomes = run_pairs(comparison, pairs, timing.deadline_of_fits(n_pairs=n))
            for k in pairs[: len(outcomes)]:
                comparison.simple.scores(k)  # within the budget, and kept for the conclusion
        return outcomes

    if plan.is_for_one:
        race = no_race(problem.prior, problem.noise, problem.rules, reason_for_one(plan))
    else:
        race = run_race(
            run_round,
            prior=problem.prior,
            noise_before=problem.noise,
            rules=problem.rules,
            affordable=lambda pairs: (
                comparison.n_ready(len(pairs), problem.cells)
                + timing.affordable(finished_seconds(pairs))
            ),
            pairs_per_round=lambda: max(1, comparison.workers.n_at_once // len(problem.cells)),
            on_round=lambda pairs, posterior: tell(
                _after_pair(plan, problem, pairs, posterior, comparison, clock)
            ),
        )
    cheaper = plan.cell
    if not plan.is_for_one:
        cheaper = problem.cheaper(timing.seconds_per_fit(finished_seconds(race.outcomes)))
    found = conclude(
        race,
        plan,
        scoring=comparison.scoring.scale.name,
        baseline_scores=comparison.simple.scores_of(
            len(race.outcomes), partial(timing.for_simple_models, beside_a_pair=False)
        ),
        baseline_seconds=comparison.simple.fit_seconds,
        cheaper=cheaper,
        actual_seconds=clock.elapsed(),
        budget_seconds=clock.budget_seconds,
        predicted_seconds=predicted,
        n_parameters=problem.n_parameters,
    )
    if race.stop_reason is StopReason.OUT_OF_MEMORY:
        found = with_finished_scores(found, comparison)
    found = with_settings(found, problem.candidates)
    if problem.memory is None:
        return found
    _keep(problem, race, found, clock)
    return replace(found, reasons=(*found.reasons, problem.memory.reason))


def _keep(problem: Problem, race: Race, found: Recommendation, clock: Clock) -> None:
    """Add the race to the history, unless its pairs say nothing of the gap."""
    statistics = race_statistics(race.outcomes, problem.noise, race.rules)
    if statistics is not None:
        problem.memory.keep(
            statistics,
            rope_points=race.rules.rope_points,
            verdict=race.verdict.value,
            seconds=found.actual_seconds,
            seconds_left=clock.left(),
        )


def _settle_plan(
    problem: Problem, comparison: Comparison, clock: Clock, tell: Callable[[Progress], None]
) -> tuple[Plan, Timing]:
    """Plan by arithmetic and, if a pair may be worth running, again by what a probe measures."""
    # A latency is measured where a race may start, and predicted where none will.
    check = problem.check_limits(leave_open=(MAX_LATENCY,))
    timing = Timing(problem, clock, excluded=_excluded(check))
    plan = plan_problem(problem, timing.forecast(), clock.left(), check)
    measurable = problem.candidates.trains_one_network
    idle = useful_pairs(plan.rows, problem.rules) is None or not _may_start(timing)
    # Without a clock costs do not count, and what is compiled here only serves fits that run here.
    prepares = measurable and (not problem.elsewhere or MAX_LATENCY in problem.limits)
    if idle or (not prepares and clock.budget_seconds is None):
        check = problem.check_limits()
        timing = replace(timing, excluded=_excluded(check))
        return plan_problem(problem, timing.forecast(), clock.left(), check), timing
    speeds, fit_seconds = None, None
    if measurable:
        tell(Progress("probe", "compiling and timing both cells ...", plan))
        speeds = probe(
            comparison,
            cells=plan.cells,
            first=plan.cell,
            predict=MAX_LATENCY in problem.limits,
            may_compile=timing.may_compile,
            end=timing.end(),
        )
        if speeds is None:  # start-up took longer than foreseen
            check = problem.check_limits()
            timing = replace(timing, too_late=True, excluded=_excluded(check))
            return plan_problem(problem, timing.forecast(), 0.0, check), timing
        check = problem.check_limits(
            {cell: s.predict_seconds for cell, s in speeds.items()} or None
        )
    else:
        tell(Progress("probe", "timing one fit ...", plan))
        fit_seconds = (
            time_one_fit(comparison, plan.cells[0]) or None
        )  # 0 where its memory was short
    timing = Timing(
        problem, clock, speeds or None, fit_seconds=fit_seconds, excluded=_excluded(check)
    )
    comparison.simple.keep(timing.for_simple_models(beside_a_pair=True))
    start = clock.elapsed()
    comparison.simple.scores(0)
    timing = replace(timing, baseline_seconds=clock.elapsed() - start)
    return plan_problem(problem, timing.forecast(), clock.left(), check), timing


def _excluded(check: LimitCheck) -> tuple[str, ...]:
    return tuple(each.cell for each in check.exclusions)


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


def _after_pair(
    plan: Plan,
    problem: Problem,
    outcomes: tuple[PairOutcome, ...],
    posterior: Posterior,
    comparison: Comparison,
    clock: Clock,
) -> Progress:
    pair, scoring = outcomes[-1], comparison.scoring.scale.name
    first, second = pair.cells
    left = clock.left()
    text = (
        f"pair {len(outcomes)}: {shown_name(first)} {pair.scores[first]:.3f}, "
        f"{shown_name(second)} {pair.scores[second]:.3f} ({scoring}); "
        f"{odds_text(posterior, pair.cells)}; "
        f"{clock.elapsed():.1f} s used" + ("" if left is None else f", {left:.1f} s left")
    )
    return Progress(
        "race",
        text,
        plan,
        outcomes,
        three_way(posterior, pair.cells),
        problem.rules.max_pairs,
        scoring,
    )
