"""What to buy: how many pairs are worth their seconds, before any of them is run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rnnselect.advice.cost import CostForecast, Interval
from rnnselect.advice.evidence import Evidence
from rnnselect.advice.limits import Exclusion, Limit
from rnnselect.advice.posterior import Posterior, update
from rnnselect.advice.prior import NoisePrior, Prior
from rnnselect.advice.race import RaceRules
from rnnselect.advice.value import choose_number_of_pairs, expected_value_of_pairs
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
        The cell that would be taken without any test, because it costs less.
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
    limits : tuple of Limit
        Limits of the network, and what each cell takes of them.
    exclusions : tuple of Exclusion
        The cell that breaks any of them and is therefore not trained.
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
    limits: tuple[Limit, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()

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
    return Plan(
        action="cross_validate" if n_pairs else "recommend",
        cell=cheaper,
        n_pairs=n_pairs,
        cells=cells,
        probabilities=three_way(before, cells),
        expected_regret_points=before.expected_regret_points,
        rows=rows,
        profile=profile,
        forecast=forecast,
        budget_seconds=budget_seconds,
        reasons=tuple(_reasons(n_pairs, rows, before, rules, prior, cheaper, budget_seconds)),
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
        if 0 < row.n_pairs <= rules.max_pairs and row.value_points >= rules.min_gain_points
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


def _reasons(
    n_pairs: int,
    rows: tuple[PlanRow, ...],
    before: Posterior,
    rules: RaceRules,
    prior: Prior,
    cheaper: str,
    budget_seconds: float | None,
) -> list[Reason]:
    by_pairs: Mapping[int, PlanRow] = {row.n_pairs: row for row in rows}
    risk = max(before.q_first_better, before.q_second_better)
    reasons = [
        Reason(
            "prior",
            f"Untested, {cheaper.upper()} is expected to lose {before.expected_regret_points:.2f} "
            f"points, with a chance of {percent_text(risk)} that the other cell is better by more "
            f"than {points_text(rules.rope_points)}.",
            "; ".join(prior.sources),
        )
    ]
    if n_pairs:
        row = by_pairs[n_pairs]
        lost = by_pairs[rules.max_pairs].value_points - row.value_points
        more = f"more would add less than {rules.min_gain_points:.2f}"
        if lost > 0 and lost >= rules.min_gain_points:
            more = f"{rules.max_pairs} would remove {lost:.2f} more, but do not fit the budget"
        reasons.append(
            Reason(
                "value",
                f"{_pairs(n_pairs)} of fits are expected to remove {row.value_points:.2f} points "
                f"of that; {more}.",
                "expected value of sample information",
            )
        )
    elif (useful := useful_pairs(rows, rules)) is not None:
        reasons.append(
            Reason(
                "budget",
                f"Not even {'one pair is' if useful == 1 else f'{useful} pairs are'} expected to "
                f"fit: that takes about {by_pairs[useful].seconds.expected:.0f} s, and "
                f"{budget_seconds:.0f} s are left.",
                "predicted cost",
            )
        )
    else:
        little = before.expected_regret_points < rules.min_gain_points
        why = "there is little to lose" if little else "the test samples are too few for less noise"
        reasons.append(
            Reason(
                "value",
                f"Even {_pairs(rules.max_pairs)} would be worth only "
                f"{by_pairs[rules.max_pairs].value_points:.2f} points, less than "
                f"{rules.min_gain_points:.2f}: {why}.",
                "expected value of sample information",
            )
        )
    return reasons


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
