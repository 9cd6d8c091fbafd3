"""What is advised where the limits of the budget leave one cell: it, untested, and why."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from rnnselect.advice.limits import Exclusion, LimitCheck, argument_text
from rnnselect.advice.plan import Plan, Reason
from rnnselect.advice.posterior import Posterior
from rnnselect.advice.verdict import StopReason
from rnnselect.advice.words import stop_sentence, untested_text
from rnnselect.cells import shown_name
from rnnselect.report.text import seconds_text

__all__ = ["judged_by_clock", "leave_out", "reason_for_one", "reasons_alone"]


def leave_out(plan: Plan, check: LimitCheck) -> Plan:
    """Say in a plan what limits it keeps and which candidates they leave out.

    Parameters
    ----------
    plan : Plan
        What would be done without limits; of several candidates, with those that keep them. Its
        `cell` keeps them.
    check : LimitCheck
        Which cells keep them.

    Returns
    -------
    Plan
        The same, with its limits. Where they leave a single one, it is recommended outright,
        and what the race would have cost is said.
    """
    plan = replace(plan, limits=check.limits, exclusions=check.exclusions)
    excluded = tuple(map(_excluded, check.exclusions))
    if not plan.is_for_one:
        return replace(plan, reasons=(*excluded, *plan.reasons))
    (cell,) = check.remaining(plan.cells)
    forecast = plan.forecast.only((cell,))
    seconds = forecast.total(0, refit=plan.refit)
    return replace(
        plan,
        action="recommend",
        n_pairs=0,
        forecast=forecast,
        rows=tuple(replace(row, seconds=seconds) for row in plan.rows if row.n_pairs == 0),
        reasons=(*excluded, plan.reasons[0]),
        what_would_change_this=tuple(_with_both(each, plan) for each in check.exclusions),
    )


def reason_for_one(plan: Plan) -> StopReason:
    """Return why a plan that leaves a single candidate asks for no race."""
    if any(exclusion.shortage for exclusion in plan.exclusions):
        return StopReason.OUT_OF_MEMORY
    return StopReason.EXCLUDED


def reasons_alone(
    plan: Plan,
    before: Posterior,
    cells: tuple[str, str],
    chosen: Literal["first", "second"],
) -> list[Reason]:
    """Say why a recommendation without a race takes the cell that it takes.

    Parameters
    ----------
    plan : Plan
        With an exclusion.
    before : Posterior
        What is known without any pair.
    cells : tuple of two str
        The two that `before` speaks of.
    chosen : {"first", "second"}
        Which of them is the one that is left.

    Returns
    -------
    list of Reason
        The most important first.
    """
    first, *others = map(_excluded, plan.exclusions)
    why = reason_for_one(plan)
    return [
        replace(first, sentence=f"{shown_name(plan.cell)}. {first.sentence}"),
        *others,
        Reason("not_tested", f"Not tested. {untested_text(before, cells, chosen)}", "prior"),
        Reason(why.value, stop_sentence(why, 0, plan.rules.max_pairs), "stop rule"),
    ]


def judged_by_clock(plan: Plan | None) -> bool:
    """Whether a limit of the plan is one of seconds, which differ from machine to machine.

    Parameters
    ----------
    plan : Plan or None
        None, where nothing was planned, has no limits.
    """
    return plan is not None and any(limit.name == "max_latency" for limit in plan.limits)


def _excluded(exclusion: Exclusion) -> Reason:
    sources = {limit.source for limit in exclusion.broken} or {"measured"}
    return Reason("excluded", exclusion.sentence, " and ".join(sorted(sources)))


def _with_both(exclusion: Exclusion, plan: Plan) -> str:
    """Say with which units or limits there would be a race, and what it would cost."""
    if exclusion.shortage:
        smaller = "fewer units, a smaller batch_size or shorter sequences"
        return f"With {smaller}, {shown_name(exclusion.cell)} would be considered as well."
    raised = " and ".join(argument_text(limit, exclusion.cell) for limit in exclusion.broken)
    units = exclusion.units_that_fit
    smaller = "" if units is None else f"units={units}, or "
    if plan.n_pairs == 0:
        return f"With {smaller}{raised}, {shown_name(exclusion.cell)} would be considered as well."
    pairs = f"{plan.n_pairs} pair{'s' * (plan.n_pairs != 1)}"
    return (
        f"With {smaller}{raised}, both cells would be cross-validated: about {pairs} of fits, "
        f"{seconds_text(plan.seconds.to_dict())}."
    )
