"""What the advisor would have done with other budgets; nothing is trained to say so."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnselect.advice.cost import Interval
from rnnselect.advice.plan import Plan
from rnnselect.advice.planner import pairs_to_buy

__all__ = ["Alternative", "other_budgets", "worthwhile_pairs"]

N_BUDGETS = 12
# From half of what the first pair takes to half more than all that were considered take.
SHARE_OF_FIRST_PAIR, SHARE_OF_ALL_PAIRS = 0.5, 1.5
SIGNIFICANT_DIGITS = 2  # of the budgets shown, so that they read like budgets


@dataclass(frozen=True, slots=True)
class Alternative:
    """What would have been done with one budget.

    Parameters
    ----------
    budget_seconds : float or None
        The budget; None for no limit.
    action : {"recommend", "cross_validate"}
        Recommend a cell outright, or run pairs.
    cell : str
        The cell that would be taken untested.
    n_pairs : int
        Pairs that would be worth their seconds; the race may stop earlier.
    seconds : Interval
        Predicted wall-clock seconds, with those that were spent before the plan.
    removed_points : float
        Regret that these pairs are expected to remove, in points.
    left_points : float
        Regret that is expected to be left, in points.
    own : bool
        Whether this is the budget of the recommendation itself.
    """

    budget_seconds: float | None
    action: str
    cell: str
    n_pairs: int
    seconds: Interval
    removed_points: float
    left_points: float
    own: bool


def other_budgets(
    plan: Plan, predicted_seconds: Interval, budget_seconds: float | None
) -> list[Alternative]:
    """Plan again for budgets from too small to more than enough.

    Parameters
    ----------
    plan : Plan
        The plan that was carried out.
    predicted_seconds : Interval
        What it was predicted to take, with what had been spent before it.
    budget_seconds : float or None
        The budget that it was made for.

    Returns
    -------
    list of Alternative
        About a dozen, evenly spaced in their logarithm, the smallest first; the last one has no
        limit, and the plan's own budget is among them.
    """
    planned = plan.forecast.total(plan.n_pairs, refit=False)
    spent = max(0.0, predicted_seconds.expected - planned.expected)
    most = max(row.n_pairs for row in plan.rows)
    smallest, largest = (
        share * (spent + plan.forecast.total(n, refit=plan.refit).expected)
        for share, n in ((SHARE_OF_FIRST_PAIR, 1), (SHARE_OF_ALL_PAIRS, most))
    )
    spaced = np.geomspace(smallest, largest, N_BUDGETS)
    budgets = {float(f"{seconds:.{SIGNIFICANT_DIGITS}g}") for seconds in spaced}
    if budget_seconds is not None:
        budgets.add(budget_seconds)
    return [_alternative(plan, spent, each, budget_seconds) for each in (*sorted(budgets), None)]


def worthwhile_pairs(plan: Plan, seconds_left: float | None) -> int:
    """Return how many pairs the plan would buy with another budget."""
    most = max(row.n_pairs for row in plan.rows)
    fitting = plan.forecast.affordable_pairs(seconds_left, most, refit=plan.refit)
    return pairs_to_buy(plan.rows, plan.rules, fitting)


def _alternative(
    plan: Plan, spent: float, budget_seconds: float | None, own_budget: float | None
) -> Alternative:
    left = None if budget_seconds is None else budget_seconds - spent
    own = budget_seconds == own_budget
    # The plan's own answer stands: it was made when the clock was read, not reckoned afterwards.
    n_pairs = plan.n_pairs if own else worthwhile_pairs(plan, left)
    removed = next(row.value_points for row in plan.rows if row.n_pairs == n_pairs)
    return Alternative(
        budget_seconds=budget_seconds,
        action="cross_validate" if n_pairs else "recommend",
        cell=plan.cell,
        n_pairs=n_pairs,
        seconds=plan.forecast.total(n_pairs, refit=plan.refit) + Interval.exactly(spent),
        removed_points=removed,
        left_points=max(0.0, plan.expected_regret_points - removed),
        own=own,
    )
