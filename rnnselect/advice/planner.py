"""Makes a plan: how many pairs are worth their seconds, before any of them is run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

from rnnselect.advice.cost import CostForecast
from rnnselect.advice.evidence import Evidence
from rnnselect.advice.plan import Plan, PlanRow, Reason
from rnnselect.advice.posterior import Posterior, three_way, update
from rnnselect.advice.prior import NoisePrior, Prior
from rnnselect.advice.rules import RaceRules
from rnnselect.advice.study import StudySet
from rnnselect.advice.value import choose_number_of_pairs, expected_value_of_pairs
from rnnselect.advice.verdict import Verdict, choose_cell, expected_loss
from rnnselect.advice.words import imbalance_text, untested_text
from rnnselect.cells import shown_name
from rnnselect.report.text import points_value_text
from rnnselect.sequences.profile import SequenceProfile

__all__ = ["first_pairs", "make_plan", "pairs_to_buy", "useful_pairs", "useful_seconds"]

# Numbers of pairs that the plan compares, beside one and two full repetitions.
FEW_PAIRS = (1, 2, 3)


def make_plan(
    profile: SequenceProfile,
    forecast: CostForecast,
    prior: Prior,
    noise: NoisePrior,
    rules: RaceRules,
    *,
    cells: tuple[str, ...],
    cheaper: str,
    budget_seconds: float | None,
    refit: bool,
    only: str | None = None,
    evidence: tuple[Evidence, ...] = (),
    study: tuple[StudySet, ...] = (),
) -> Plan:
    """Weigh what pairs would bring against what they cost.

    Parameters
    ----------
    profile : SequenceProfile
        The data.
    forecast : CostForecast
        What is still to be paid.
    prior : Prior
        Belief about the gap.
    noise : NoisePrior
        Noise of a pair.
    rules : RaceRules
        ROPE, smallest worthwhile gain, folds and most pairs.
    cells : tuple of str
        The candidates.
    cheaper : str
        The cell to take untested.
    budget_seconds : float or None
        Seconds left; None for no limit.
    refit : bool
        Whether the chosen cell is to be fitted on all data within the budget.
    only : str or None, default=None
        The one candidate that may be taken, whatever the prior says of the others.
    evidence : tuple of Evidence, default=()
        Published comparisons to show.
    study : tuple of StudySet, default=()
        Data sets of the package's study to show.

    Returns
    -------
    Plan
        Buys the smallest number of pairs whose value comes within ``min_gain_points`` of the
        best that fits.
    """
    before = update(prior, noise, [], n_folds=rules.n_folds, rope_points=rules.rope_points)
    full = rules.n_folds, 2 * rules.n_folds
    counts = sorted({0, *FEW_PAIRS, *full, rules.min_pairs, rules.max_pairs})
    fitting = forecast.affordable_pairs(budget_seconds, counts[-1], refit=refit)
    rows = tuple(_row(n, before, forecast, rules, n <= fitting, refit) for n in counts)
    n_pairs = pairs_to_buy(rows, rules, fitting)
    cell, loss = _untested_choice(before, rules, cells, cheaper, only)
    unit = "pair" if len(cells) == 2 else "round"
    imbalance = imbalance_text(profile.majority_share, rules.scale.name)
    return Plan(
        action="cross_validate" if n_pairs else "recommend",
        cell=cell,
        n_pairs=n_pairs,
        cells=cells,
        probabilities=_before_any_pair(before, cells),
        expected_regret_points=loss,
        rows=rows,
        profile=profile,
        forecast=forecast,
        budget_seconds=budget_seconds,
        reasons=(
            _untested(cell, loss, before, cells, prior),
            _reason_for(n_pairs, rows, loss, rules, budget_seconds, unit),
            *([Reason("imbalance", imbalance, "measured")] if imbalance else []),
        ),
        what_would_change_this=tuple(_changes(n_pairs, rows, forecast, refit, rules, unit)),
        rules=rules,
        refit=refit,
        evidence=evidence,
        study=study,
    )


def _before_any_pair(before: Posterior, cells: tuple[str, ...]) -> dict[str, float]:
    """Return the prior's probabilities; of several candidates, all are as likely to be best."""
    if len(cells) > 2:
        return dict.fromkeys(cells, 1 / len(cells))
    return three_way(before, cells)


def pairs_to_buy(rows: tuple[PlanRow, ...], rules: RaceRules, n_fitting: int) -> int:
    """Return how many pairs are worth their seconds, of those that fit.

    Parameters
    ----------
    rows : tuple of PlanRow
        The numbers of pairs to choose from.
    rules : RaceRules
        What is too little to pay for, and the fewest and the most pairs to run.
    n_fitting : int
        Pairs that fit the budget.

    Returns
    -------
    int
        0 where none is worth it, or the fewest that are asked for do not fit.
    """
    most = min(n_fitting, rules.max_pairs)
    values = {row.n_pairs: row.value_points for row in rows if row.n_pairs <= most}
    n_pairs = choose_number_of_pairs(values, rules.min_gain_points)
    return rules.min_pairs if n_pairs < rules.min_pairs <= most else n_pairs


def useful_seconds(forecast: CostForecast, *, refit: bool, n_pairs: int = 1) -> int:
    """Return the budget from which on `n_pairs` pairs are run, in whole seconds."""
    expected = forecast.total(n_pairs, refit=refit).expected
    return math.ceil(max(expected, forecast.startup.high))


def useful_pairs(rows: tuple[PlanRow, ...], rules: RaceRules) -> int | None:
    """Return the smallest number of pairs that is worth its seconds; None where none is."""
    useful = [
        row.n_pairs
        for row in rows
        if 0 < row.n_pairs <= rules.max_pairs
        and (0 < row.value_points >= rules.min_gain_points or row.n_pairs == rules.min_pairs)
    ]
    return min(useful, default=None)


def _row(
    n_pairs: int,
    before: Posterior,
    forecast: CostForecast,
    rules: RaceRules,
    fits_budget: bool,
    refit: bool,
) -> PlanRow:
    value = expected_value_of_pairs(
        before, n_pairs, n_folds=rules.n_folds, covariance=rules.covariance
    )
    return PlanRow(n_pairs, value, forecast.total(n_pairs, refit=refit), fits_budget)


def _untested_choice(
    before: Posterior, rules: RaceRules, cells: tuple[str, ...], cheaper: str, only: str | None
) -> tuple[str, float]:
    """Return the candidate to take untested, and what that loses on average."""
    if len(cells) > 2:  # nothing is known that would tell several apart
        return only or cheaper, before.expected_regret_points
    chosen: Literal["first", "second"] = "first" if (only or cheaper) == cells[0] else "second"
    if only is None:
        chosen = choose_cell(
            before, Verdict.NOT_TESTED, min_gain_points=rules.min_gain_points, cheaper=chosen
        )
    cell = cells[0] if chosen == "first" else cells[1]
    return cell, expected_loss(before, chosen)


def _untested(
    cell: str, loss: float, before: Posterior, cells: tuple[str, ...], prior: Prior
) -> Reason:
    if len(cells) == 2:
        first, second = cells
        chosen: Literal["first", "second"] = "first" if cell == first else "second"
        sentence = untested_text(before, (first, second), chosen)
    else:
        sentence = (
            "Nothing is known that would tell the candidates apart. On average, taking "
            f"{shown_name(cell)} untested loses {points_value_text(loss)} against each other one."
        )
    return Reason("prior", sentence, "; ".join(prior.sources))


def _reason_for(
    n_pairs: int,
    rows: tuple[PlanRow, ...],
    loss: float,
    rules: RaceRules,
    budget_seconds: float | None,
    unit: str,
) -> Reason:
    """Say why so many pairs are bought."""
    by_pairs: Mapping[int, PlanRow] = {row.n_pairs: row for row in rows}
    if n_pairs:
        row = by_pairs[n_pairs]
        lost = by_pairs[rules.max_pairs].value_points - row.value_points
        more = f"more {unit}s would add less than {rules.min_gain_points:.2f}"
        if lost > 0 and lost >= rules.min_gain_points:
            more = f"{rules.max_pairs} would save {lost:.2f} more, but do not fit the budget"
        are = "is" if n_pairs == 1 else "are"
        return Reason(
            "value",
            f"{_pairs(n_pairs, unit)} {are} expected to save {row.value_points:.2f} of these "
            f"points; {more}.",
            "expected value of sample information",
        )
    if (useful := useful_pairs(rows, rules)) is not None:
        return Reason(
            "budget",
            f"Not even {'one' if useful == 1 else useful} {unit}{'s' * (useful > 1)} would fit the "
            f"budget: that takes about {by_pairs[useful].seconds.expected:.0f} s, and "
            f"{budget_seconds:.0f} s are left.",
            "predicted cost",
        )
    little = loss < rules.min_gain_points
    why = "either cell will do" if little else "the test folds are too small to measure the gap"
    return Reason(
        "value",
        f"Even {_pairs(rules.max_pairs, unit)} would save only "
        f"{by_pairs[rules.max_pairs].value_points:.2f} points, less than the "
        f"{rules.min_gain_points:.2f} for which the advisor trains: {why}.",
        "expected value of sample information",
    )


def _changes(
    n_pairs: int,
    rows: tuple[PlanRow, ...],
    forecast: CostForecast,
    refit: bool,
    rules: RaceRules,
    unit: str,
) -> list[str]:
    useful = useful_pairs(rows, rules)
    if n_pairs == 0 and useful is not None:
        from_seconds = useful_seconds(forecast, refit=refit, n_pairs=useful)
        return [f"With a budget of {from_seconds} s, {first_pairs(useful, unit)} would be run."]
    if n_pairs < rules.max_pairs:
        full = f"{forecast.total(rules.max_pairs, refit=refit).expected:.0f} s"
        everything = f"the one {unit}" if rules.max_pairs == 1 else f"all {rules.max_pairs} {unit}s"
        return [f"With min_gain=0, {everything} would be run, in about {full}."]
    return []


def first_pairs(n: int, unit: str) -> str:
    """Name the first `n` pairs in words."""
    return f"a first {unit}" if n == 1 else f"the first {n} {unit}s"


def _pairs(n: int, unit: str) -> str:
    return f"1 {unit}" if n == 1 else f"{n} {unit}s"
