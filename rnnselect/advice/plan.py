"""What to buy: how many pairs are worth their seconds, before any of them is run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rnnselect.advice.cost import CostForecast, Interval
from rnnselect.advice.evidence import Evidence
from rnnselect.advice.posterior import Posterior, update
from rnnselect.advice.prior import NoisePrior, Prior
from rnnselect.advice.race import RaceRules
from rnnselect.advice.value import choose_number_of_pairs, expected_value_of_pairs
from rnnselect.advice.verdict import Verdict, choose_cell, expected_loss, risk_of
from rnnselect.report.text import json_text, percent_text, plan_text, points_text
from rnnselect.sequences.profile import SequenceProfile

__all__ = [
    "Plan",
    "PlanRow",
    "Reason",
    "first_pairs",
    "make_plan",
    "three_way",
    "useful_pairs",
    "useful_seconds",
]

# Numbers of pairs that the plan compares, beside one and two full repetitions.
FEW_PAIRS = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class Reason:
    """One step of the reasoning.

    Parameters
    ----------
    code : str
        Short and stable, for programs.
    sentence : str
        For people.
    source : str
        Where the figures in it come from: measured, predicted, or a reference.
    """

    code: str
    sentence: str
    source: str


@dataclass(frozen=True, slots=True)
class PlanRow:
    """What some number of pairs would bring and cost.

    Parameters
    ----------
    n_pairs : int
        Pairs, each both cells on one split with one seed.
    value_points : float
        Regret that they are expected to remove, in points (expected value of sample
        information).
    seconds : Interval
        Predicted wall-clock seconds of all that is still to come.
    fits_budget : bool
        Whether they are expected to fit.
    """

    n_pairs: int
    value_points: float
    seconds: Interval
    fits_budget: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What the advisor would do, what it would cost, and why.

    Parameters
    ----------
    action : {"recommend", "cross_validate"}
        Recommend a cell outright, or run pairs.
    cell : str
        The cell that would be taken without any test: the one that costs less, unless earlier
        races speak for the other.
    n_pairs : int
        Pairs that are worth their seconds; the race may stop earlier.
    cells : tuple of two str
        The two cells.
    probabilities : dict of str to float
        Of each cell being better by more than the ROPE, and of ``"equivalent"``.
    expected_regret_points : float
        What taking `cell` untested is expected to lose.
    rows : tuple of PlanRow
        The alternatives.
    profile : SequenceProfile
        The data.
    forecast : CostForecast
        The costs.
    budget_seconds : float or None
        The budget that is left.
    reasons : tuple of Reason
        Why.
    what_would_change_this : tuple of str
        Other budgets or data with which the plan would differ.
    evidence : tuple of Evidence
        Published comparisons of the same task; shown, not used.
    """

    action: str
    cell: str
    n_pairs: int
    cells: tuple[str, str]
    probabilities: dict[str, float]
    expected_regret_points: float
    rows: tuple[PlanRow, ...]
    profile: SequenceProfile
    forecast: CostForecast
    budget_seconds: float | None
    reasons: tuple[Reason, ...]
    what_would_change_this: tuple[str, ...]
    evidence: tuple[Evidence, ...] = ()

    @property
    def seconds(self) -> Interval:
        """Predicted wall-clock seconds of what the plan would do."""
        return next(row.seconds for row in self.rows if row.n_pairs == self.n_pairs)

    def to_dict(self) -> dict[str, Any]:
        """Return all fields as plain values."""
        return {**asdict(self), "seconds": self.seconds.to_dict()}

    def to_json(self) -> str:
        """Return all fields as JSON; nan becomes null."""
        return json_text(self.to_dict())

    def __str__(self) -> str:
        return plan_text(self.to_dict())


def make_plan(
    profile: SequenceProfile,
    forecast: CostForecast,
    prior: Prior,
    noise: NoisePrior,
    rules: RaceRules,
    *,
    cells: tuple[str, str],
    cheaper: str,
    budget_seconds: float | None,
    refit: bool,
    evidence: tuple[Evidence, ...] = (),
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
    cells : tuple of two str
        The cells.
    cheaper : str
        The cell to take untested.
    budget_seconds : float or None
        Seconds left; None for no limit.
    refit : bool
        Whether the chosen cell is to be fitted on all data within the budget.
    evidence : tuple of Evidence, default=()
        Published comparisons to show.

    Returns
    -------
    Plan
        Buys the smallest number of pairs whose value comes within ``min_gain_points`` of the
        best that fits.
    """
    before = update(prior, noise, [], n_folds=rules.n_folds, rope_points=rules.rope_points)
    counts = sorted({0, *FEW_PAIRS, rules.n_folds, 2 * rules.n_folds, rules.max_pairs})
    fitting = forecast.affordable_pairs(budget_seconds, counts[-1], refit=refit)
    rows = tuple(_row(n, before, forecast, rules, n <= fitting, refit) for n in counts)
    values = {
        row.n_pairs: row.value_points
        for row in rows
        if row.fits_budget and row.n_pairs <= rules.max_pairs
    }
    n_pairs = choose_number_of_pairs(values, rules.min_gain_points)
    if n_pairs < rules.min_pairs and rules.min_pairs in values:
        n_pairs = rules.min_pairs
    chosen = choose_cell(
        before,
        Verdict.NOT_TESTED,
        min_gain_points=rules.min_gain_points,
        cheaper="first" if cheaper == cells[0] else "second",
    )
    cell = cells[0] if chosen == "first" else cells[1]
    loss, risk = expected_loss(before, chosen), risk_of(before, chosen)
    return Plan(
        action="cross_validate" if n_pairs else "recommend",
        cell=cell,
        n_pairs=n_pairs,
        cells=cells,
        probabilities=three_way(before, cells),
        expected_regret_points=loss,
        rows=rows,
        profile=profile,
        forecast=forecast,
        budget_seconds=budget_seconds,
        reasons=(
            _untested(cell, loss, risk, rules, prior),
            _reason_for(n_pairs, rows, loss, rules, budget_seconds),
        ),
        what_would_change_this=tuple(_changes(n_pairs, rows, forecast, refit, rules)),
        evidence=evidence,
    )


def three_way(posterior: Posterior, cells: tuple[str, str]) -> dict[str, float]:
    """Return the probabilities of the three outcomes by name."""
    first, second = cells
    return {
        first: posterior.q_first_better,
        "equivalent": posterior.q_equivalent,
        second: posterior.q_second_better,
    }


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
        and (row.value_points >= rules.min_gain_points or row.n_pairs == rules.min_pairs)
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
    value = expected_value_of_pairs(before, n_pairs, n_folds=rules.n_folds)
    return PlanRow(n_pairs, value, forecast.total(n_pairs, refit=refit), fits_budget)


def _untested(cell: str, loss: float, risk: float, rules: RaceRules, prior: Prior) -> Reason:
    return Reason(
        "prior",
        f"Untested, {cell.upper()} is expected to lose {loss:.2f} points, with a chance of "
        f"{percent_text(risk)} that the other cell is better by more than "
        f"{points_text(rules.rope_points)}.",
        "; ".join(prior.sources),
    )


def _reason_for(
    n_pairs: int,
    rows: tuple[PlanRow, ...],
    loss: float,
    rules: RaceRules,
    budget_seconds: float | None,
) -> Reason:
    """Say why so many pairs are bought."""
    by_pairs: Mapping[int, PlanRow] = {row.n_pairs: row for row in rows}
    if n_pairs:
        row = by_pairs[n_pairs]
        lost = by_pairs[rules.max_pairs].value_points - row.value_points
        more = f"more would add less than {rules.min_gain_points:.2f}"
        if lost > 0 and lost >= rules.min_gain_points:
            more = f"{rules.max_pairs} would remove {lost:.2f} more, but do not fit the budget"
        return Reason(
            "value",
            f"{_pairs(n_pairs)} of fits are expected to remove {row.value_points:.2f} points "
            f"of that; {more}.",
            "expected value of sample information",
        )
    if (useful := useful_pairs(rows, rules)) is not None:
        return Reason(
            "budget",
            f"Not even {'one pair is' if useful == 1 else f'{useful} pairs are'} expected to "
            f"fit: that takes about {by_pairs[useful].seconds.expected:.0f} s, and "
            f"{budget_seconds:.0f} s are left.",
            "predicted cost",
        )
    little = loss < rules.min_gain_points
    why = "there is little to lose" if little else "the test samples are too few for less noise"
    return Reason(
        "value",
        f"Even {_pairs(rules.max_pairs)} would be worth only "
        f"{by_pairs[rules.max_pairs].value_points:.2f} points, less than "
        f"{rules.min_gain_points:.2f}: {why}.",
        "expected value of sample information",
    )


def _changes(
    n_pairs: int, rows: tuple[PlanRow, ...], forecast: CostForecast, refit: bool, rules: RaceRules
) -> list[str]:
    useful = useful_pairs(rows, rules)
    if n_pairs == 0 and useful is not None:
        from_seconds = useful_seconds(forecast, refit=refit, n_pairs=useful)
        return [f"From {from_seconds} s on I would run {first_pairs(useful)}."]
    if n_pairs < rules.max_pairs:
        full = f"{forecast.total(rules.max_pairs, refit=refit).expected:.0f} s"
        return [f"With min_gain=0 I would run all {rules.max_pairs} pairs, in about {full}."]
    return []


def first_pairs(n: int) -> str:
    """Name the first `n` pairs in words."""
    return "a first pair" if n == 1 else f"the first {n} pairs"


def _pairs(n: int) -> str:
    return "1 pair" if n == 1 else f"{n} pairs"
