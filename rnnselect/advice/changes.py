"""What would change a recommendation: the budgets and data with which it could differ."""

from __future__ import annotations

import math
from statistics import mean

from rnnselect.advice.plan import Plan
from rnnselect.advice.planner import first_pairs, useful_pairs
from rnnselect.advice.race import Race
from rnnselect.advice.verdict import StopReason, Verdict
from rnnselect.advice.words import gap_in_scores

__all__ = ["what_would_change"]

# Standard errors of a 95 % interval; used only to say which gaps can be measured.
TWO_SIDED_95 = 1.96


def what_would_change(race: Race, plan: Plan | None, budget_seconds: float | None) -> list[str]:
    """Say with which budget or data the advice could differ.

    Parameters
    ----------
    race : Race
        The pairs and what they found.
    plan : Plan or None
        The plan that was carried out; a race without one has pairs.
    budget_seconds : float or None
        The budget of the call.

    Returns
    -------
    list of str
        Sentences; none where nothing is known to matter.
    """
    if not race.outcomes and plan is not None:
        if race.stop_reason is StopReason.BUDGET and budget_seconds is not None:
            return [_useful_budget(race, plan, budget_seconds)]
        return list(plan.what_would_change_this)
    changes = []
    if race.stop_reason is StopReason.BUDGET and plan is not None:
        pair = plan.forecast.pairs(1)
        unit = "pair" if len(plan.cells) == 2 else "round"
        changes.append(f"About {math.ceil(pair.high)} s more would pay for another {unit}.")
    if race.verdict in (Verdict.UNDECIDED, Verdict.SAFE) and race.rules.rope_points > 0:
        n_test = mean(pair.n_test for pair in race.outcomes)  # 0 where nobody said
        n = round(n_test * race.rules.n_folds) if plan is None else plan.profile.n_samples
        variance = race.posteriors[-1].noise_variance_points2 * n_test
        measurable = TWO_SIDED_95 * math.sqrt(variance / n) if n_test else 0.0
        if measurable > max(race.rules.rope_points, abs(race.posteriors[-1].mean_points)):
            size = gap_in_scores(measurable, race) or f"{measurable:.2g} points"
            changes.append(f"With {n:,} samples, gaps below about {size} cannot be measured.")
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
    unit = "pair" if len(plan.cells) == 2 else "round"
    return f"With a budget of {math.ceil(seconds)} s, {first_pairs(n_pairs, unit)} would be run."
