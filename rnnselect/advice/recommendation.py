"""What we say, and why: the result of a comparison as one record."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import mean
from typing import Any

from rnnselect.advice.baseline import best_baseline
from rnnselect.advice.cost import Interval, is_worthwhile_saving
from rnnselect.advice.plan import Plan, Reason, first_pairs, three_way, useful_pairs
from rnnselect.advice.posterior import Posterior, preferred
from rnnselect.advice.race import PairOutcome, Race
from rnnselect.advice.verdict import StopReason, Verdict, choose_cell, probability_text
from rnnselect.report.text import json_text, points_text, recommendation_text

__all__ = ["Recommendation", "conclude"]

# Standard errors of a 95 % interval; used only to say how many samples would be needed.
TWO_SIDED_95 = 1.96
SMALLEST_GAP_SHOWN = 0.005  # points; prints as 0.01


@dataclass(frozen=True, slots=True)
class Recommendation:
    """Which cell to take, how sure that is, what it rests on and what it cost.

    Parameters
    ----------
    action : {"recommend", "cross_validate"}
        What was done: recommended outright, or pairs were run.
    cell : str
        The cell to take.
    verdict : Verdict
        What the pairs found, apart from the choice.
    stop_reason : StopReason
        Why no more pairs were run.
    cells : tuple of two str
        The two cells.
    probabilities : dict of str to float
        Of each cell being better by more than the ROPE, and of ``"equivalent"``.
    gap_points : float
        Expected advantage of the second cell over the first, in points.
    expected_regret_points : float
        What taking `cell` is expected to lose against the better one.
    scoring : str
        Name of the scorer.
    scores : dict of str to tuple of float
        Score of each cell on each fold, as measured; the chosen one's mean is biased up a
        little by the choice.
    baseline_scores : dict of str to tuple of float
        Scores of simple models on the same folds.
    best_baseline : str or None
        The best of them.
    worth_it : bool or None
        Whether the chosen cell's mean score exceeds the best baseline's; None untested.
    predicted_seconds : Interval
        Cost as planned before the race, refit not included.
    actual_seconds : float
        Wall-clock seconds until the recommendation.
    cell_seconds : dict of str to float
        Measured seconds of one fit of each cell; empty untested.
    budget_seconds : float or None
        The budget.
    clock_decided : bool
        Whether a reading of the clock entered the advice.
    reasons : tuple of Reason
        Why, the most important first.
    what_would_change_this : tuple of str
        Budgets and data with which the advice could differ.
    pairs : tuple of PairOutcome
        All complete pairs that the advice rests on.
    plan : Plan
        The plan that was carried out.
    """

    action: str
    cell: str
    verdict: Verdict
    stop_reason: StopReason
    cells: tuple[str, str]
    probabilities: dict[str, float]
    gap_points: float
    expected_regret_points: float
    scoring: str
    scores: dict[str, tuple[float, ...]]
    baseline_scores: dict[str, tuple[float, ...]]
    best_baseline: str | None
    worth_it: bool | None
    predicted_seconds: Interval
    actual_seconds: float
    cell_seconds: dict[str, float]
    budget_seconds: float | None
    clock_decided: bool
    reasons: tuple[Reason, ...]
    what_would_change_this: tuple[str, ...]
    pairs: tuple[PairOutcome, ...]
    plan: Plan

    @property
    def headline(self) -> str:
        """The advice in one sentence."""
        return self.reasons[0].sentence

    def to_dict(self) -> dict[str, Any]:
        """Return all fields as plain values."""
        return {**asdict(self), "plan": self.plan.to_dict(), "headline": self.headline}

    def to_json(self) -> str:
        """Return all fields as JSON; nan becomes null."""
        return json_text(self.to_dict())

    def __str__(self) -> str:
        return recommendation_text(self.to_dict())


def conclude(
    race: Race,
    plan: Plan,
    *,
    scoring: str,
    baseline_scores: Sequence[Mapping[str, float]],
    cheaper: str,
    actual_seconds: float,
    budget_seconds: float | None,
    predicted_seconds: Interval,
) -> Recommendation:
    """Turn a finished race into advice.

    Parameters
    ----------
    race : Race
        The pairs and what they found.
    plan : Plan
        The plan that was carried out.
    scoring : str
        Name of the scorer.
    baseline_scores : sequence of dict of str to float
        Scores of simple models, by name, on each of the race's folds.
    cheaper : str
        The cell to take where scores do not decide.
    actual_seconds : float
        Wall-clock seconds since the call.
    budget_seconds : float or None
        The budget of the call.
    predicted_seconds : Interval
        Cost as first planned.

    Returns
    -------
    Recommendation
        The advice.
    """
    cells, posterior = plan.cells, race.posteriors[-1]
    first_or_second = choose_cell(
        posterior,
        race.verdict,
        min_gain_points=race.rules.min_gain_points,
        cheaper="first" if cheaper == cells[0] else "second",
    )
    cell = cells[0] if first_or_second == "first" else cells[1]
    scores = {c: tuple(pair.scores[c] for pair in race.outcomes) for c in cells}
    baselines = {
        name: tuple(scores[name] for scores in baseline_scores)
        for name in (baseline_scores[0] if baseline_scores else ())
    }
    best = best_baseline(baselines)
    worth_it = None
    if best is not None:
        worth_it = mean(scores[cell]) > mean(baselines[best])
    regret = posterior.gain_of_second if cell == cells[0] else posterior.gain_of_first
    seconds = {c: mean(pair.seconds[c] for pair in race.outcomes) for c in cells if race.outcomes}
    reasons = [
        _headline(cell, race, posterior, best, worth_it, scores, baselines, scoring),
        *_findings(race, posterior, cell, cells, seconds, cheaper, budget_seconds),
    ]
    return Recommendation(
        action="cross_validate" if race.outcomes else "recommend",
        cell=cell,
        verdict=race.verdict,
        stop_reason=race.stop_reason,
        cells=cells,
        probabilities=three_way(posterior, cells),
        gap_points=posterior.mean_points,
        expected_regret_points=regret,
        scoring=scoring,
        scores=scores,
        baseline_scores=baselines,
        best_baseline=best,
        worth_it=worth_it,
        predicted_seconds=predicted_seconds,
        actual_seconds=actual_seconds,
        cell_seconds=seconds,
        budget_seconds=budget_seconds,
        clock_decided=budget_seconds is not None
        and (race.stop_reason is StopReason.BUDGET or _cost_decided(race, posterior)),
        reasons=tuple(reasons),
        what_would_change_this=tuple(_changes(race, posterior, plan, budget_seconds)),
        pairs=race.outcomes,
        plan=plan,
    )


def _headline(
    cell: str,
    race: Race,
    posterior: Posterior,
    best: str | None,
    worth_it: bool | None,
    scores: dict[str, tuple[float, ...]],
    baseline_scores: dict[str, tuple[float, ...]],
    scoring: str,
) -> Reason:
    name = cell.upper()
    if race.verdict is Verdict.NOT_TESTED:
        return Reason(
            "not_tested",
            f"{name} by default, because it costs less. "
            f"{probability_text(posterior, race.verdict)}",
            "prior",
        )
    if race.verdict is Verdict.NEITHER or worth_it is False:
        assert best is not None
        return Reason(
            "neither",
            f"Neither cell beats a {best}: {scoring} {mean(baseline_scores[best]):.3f} against "
            f"{mean(scores[cell]):.3f} ({name}) on the same folds. If a recurrent network it "
            f"must be, take {name}.",
            "measured",
        )
    return Reason(
        race.verdict.value,
        f"{name}. {race.verdict.sentence.replace('One cell', name)}",
        "measured",
    )


def _findings(
    race: Race,
    posterior: Posterior,
    cell: str,
    cells: tuple[str, str],
    seconds: dict[str, float],
    cheaper: str,
    budget_seconds: float | None,
) -> list[Reason]:
    reasons = []
    if race.outcomes:
        reasons.append(
            Reason(
                "posterior",
                f"After {len(race.outcomes)} of {race.rules.max_pairs} pairs: "
                f"{probability_text(posterior, race.verdict, cells=cells)} "
                f"{_gap_text(posterior, cells)}",
                "posterior of the paired folds",
            )
        )
    stopped = race.stop_reason.sentence
    if not race.outcomes:
        stopped = stopped.replace("Stopped because", "No pair was run, because")
    reasons.append(Reason(race.stop_reason.value, stopped, "stop rule"))
    if race.outcomes and cell == cheaper and _cost_decided(race, posterior):
        # Without a budget no reading of the clock enters the choice, so none is its reason.
        if budget_seconds is not None and is_worthwhile_saving(seconds, cheaper):
            took = ", ".join(f"{c.upper()} {seconds[c]:.1f} s" for c in cells)
            why, source = f"the cheaper cell is taken (a fit took {took})", "measured"
        else:
            why, source = "the cell with fewer parameters is taken", "arithmetic"
        reasons.append(Reason("cheaper", f"The scores do not decide, so {why}.", source))
    return reasons


def _gap_text(posterior: Posterior, cells: tuple[str, str]) -> str:
    gap = abs(posterior.mean_points)
    if gap < SMALLEST_GAP_SHOWN:
        return "No gap is expected."
    leader = cells[int(posterior.mean_points > 0)].upper()
    return f"Expected gap {gap:.2f} points in favour of {leader}."


def _cost_decided(race: Race, posterior: Posterior) -> bool:
    """Whether the cost, not the scores, chose between the cells."""
    lead = abs(posterior.gain_of_second - posterior.gain_of_first)
    small = lead < race.rules.min_gain_points
    if race.verdict in (Verdict.NOT_TESTED, Verdict.NEITHER) or preferred(posterior) == "tie":
        return True
    return small and race.verdict in (Verdict.EQUIVALENT, Verdict.SAFE)


def _changes(
    race: Race, posterior: Posterior, plan: Plan, budget_seconds: float | None
) -> list[str]:
    if not race.outcomes:
        if race.stop_reason is StopReason.BUDGET and budget_seconds is not None:
            return [_useful_budget(race, plan, budget_seconds)]
        return list(plan.what_would_change_this)
    changes = []
    if race.stop_reason is StopReason.BUDGET:
        pair = plan.forecast.pairs(1)
        changes.append(f"About {math.ceil(pair.high)} s more would buy a further pair.")
    if race.verdict in (Verdict.UNDECIDED, Verdict.SAFE) and race.rules.rope_points > 0:
        n_test = mean(pair.n_test for pair in race.outcomes)
        variance = posterior.noise_variance_points2 * n_test
        needed = math.ceil(TWO_SIDED_95**2 * variance / race.rules.rope_points**2)
        n = plan.profile.n_samples
        if needed > n:
            changes.append(
                f"To tell {points_text(race.rules.rope_points)} from none takes about "
                f"{needed:,} samples; there are {n:,}."
            )
    return changes


def _useful_budget(race: Race, plan: Plan, budget_seconds: float) -> str:
    """Say from which budget on the same call would have raced."""
    n_pairs = useful_pairs(plan.rows, race.rules) or 1
    needed = next(row.seconds for row in plan.rows if row.n_pairs == n_pairs)
    # Some of the budget was gone when the plan was made.
    before = budget_seconds - (plan.budget_seconds or 0.0)
    seconds = before + max(needed.expected, plan.forecast.startup.high)
    if plan.n_pairs:  # it was expected to fit, and did not
        seconds = max(before + needed.high, budget_seconds + plan.forecast.pairs(1).expected)
    return f"From {math.ceil(seconds)} s on I would run {first_pairs(n_pairs)}."
