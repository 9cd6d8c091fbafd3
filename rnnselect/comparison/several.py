"""More than two candidates: both cells with several settings, in one tournament."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from rnnselect.advice.cost import Interval
from rnnselect.advice.plan import Plan
from rnnselect.advice.race import no_race
from rnnselect.advice.recommendation import Recommendation, untested_cells
from rnnselect.advice.several import conclude_tournament
from rnnselect.advice.tournament import Round, run_tournament
from rnnselect.cells import shown_name
from rnnselect.comparison.candidates import Candidates
from rnnselect.comparison.comparison import Comparison
from rnnselect.comparison.fits import run_fits
from rnnselect.comparison.pairs import fit_points, pair_outcome
from rnnselect.comparison.problem import Problem
from rnnselect.comparison.progress import Progress
from rnnselect.comparison.timing import Timing
from rnnselect.report.text import percent_text

__all__ = ["compare_several", "with_settings"]


def compare_several(
    problem: Problem,
    comparison: Comparison,
    plan: Plan,
    timing: Timing,
    predicted: Interval,
    tell: Callable[[Progress], None],
) -> Recommendation:
    """Run the tournament that a plan asks for, and conclude.

    Parameters
    ----------
    problem : Problem
        What is compared.
    comparison : Comparison
        The data, the splits and how to score them.
    plan : Plan
        What to do.
    timing : Timing
        What fits the budget.
    predicted : Interval
        Seconds that the plan foresees.
    tell : callable
        Takes each step of the progress.

    Returns
    -------
    Recommendation
        The advice.
    """
    clock = timing.clock
    n_run = 0

    def finished() -> dict[str, list[float]]:
        return {
            name: [fit.seconds for fit in comparison.complete_fits(name)] for name in problem.cells
        }

    def affordable(left: tuple[str, ...]) -> int:
        return comparison.n_ready(n_run, left) + timing.affordable(finished(), left)

    def run_rounds(first: int, n: int, left: tuple[str, ...]) -> list[Round]:
        nonlocal n_run
        deadline = timing.deadline_of_fits(left, n_pairs=n)
        with comparison.ending_the_race(first):
            complete = run_fits(comparison, range(first, first + n), left, deadline)
            n_run = first + len(complete)
            for k in complete:
                comparison.simple.scores(k)  # within the budget, and kept for the conclusion
        return [_round(comparison, k, left) for k in complete]

    def on_round(latest: Round, probabilities: dict[str, float]) -> None:
        best = max(probabilities, key=lambda name: probabilities[name])
        points = ", ".join(f"{shown_name(name)} {p:.1f}" for name, p in latest.points.items())
        text = (
            f"round: {points} points; {shown_name(best)} best with "
            f"{percent_text(probabilities[best])}; {clock.elapsed():.1f} s used"
        )
        tell(Progress("race", text, plan, scoring=comparison.scoring.scale.name))

    tournament = run_tournament(
        run_rounds,
        plan.cells,
        prior=problem.prior_between,
        noise_before=problem.noise,
        rules=problem.rules,
        affordable=affordable,
        rounds_at_once=lambda n_left: max(1, comparison.workers.n_at_once // n_left),
        on_round=on_round,
    )
    seconds = timing.seconds_per_fit(finished())
    if not tournament.n_rounds:  # then the candidate to take is that of the plan
        first, second = untested_cells(plan, plan.cell)
        prior, why = problem.prior_between(first, second), tournament.final.stop_reason
        final = no_race(prior, problem.noise, problem.rules, why)
        tournament = replace(tournament, final=final)
    found = conclude_tournament(
        tournament,
        plan,
        scores={
            name: tuple(comparison.finished[k, name].score for k in range(len(points)))
            for name, points in tournament.points.items()
        },
        scoring=comparison.scoring.scale.name,
        baseline_scores=comparison.simple.scores_of(
            tournament.n_rounds, partial(timing.for_simple_models, beside_a_pair=False)
        ),
        baseline_seconds=comparison.simple.fit_seconds,
        cheaper=lambda among: problem.cheaper(seconds, among) if tournament.n_rounds else plan.cell,
        actual_seconds=clock.elapsed(),
        budget_seconds=clock.budget_seconds,
        predicted_seconds=predicted,
        n_parameters=problem.n_parameters,
    )
    return with_settings(found, problem.candidates)


def with_settings(found: Recommendation, candidates: Candidates) -> Recommendation:
    """Return advice that names a candidate as advice that names its cell and its settings."""
    params = candidates.params_of(found.candidate)
    return replace(found, cell=params.pop(candidates.parameter), params=params)


def _round(comparison: Comparison, k: int, left: tuple[str, ...]) -> Round:
    points = {name: fit_points(comparison, k, name) for name in left}
    return Round(points, lambda first, second: pair_outcome(comparison, k, first, second))
