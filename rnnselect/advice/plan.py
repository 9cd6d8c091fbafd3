"""What further pairs would gain and cost, as one record."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from rnnselect.advice.cost import CostForecast, Interval
from rnnselect.advice.evidence import Evidence
from rnnselect.advice.limits import Exclusion, Limit
from rnnselect.advice.rules import RaceRules
from rnnselect.advice.study import StudySet
from rnnselect.report.html import plan_html
from rnnselect.report.text import json_text, plan_text
from rnnselect.sequences.profile import SequenceProfile

__all__ = ["Plan", "PlanRow", "Reason"]


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
    """What some number of pairs would gain and cost.

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
        The cell that would be taken without any test: the cheaper one, unless the study or
        earlier races favour the other.
    n_pairs : int
        Pairs that are worth their seconds; the race may stop earlier.
    cells : tuple of str
        The two cells, or all candidates.
    probabilities : dict of str to float
        Of each cell being better by more than the ROPE, and of ``"equivalent"``; of several
        candidates, of each being the best.
    expected_regret_points : float
        What taking `cell` untested loses on average against the better cell.
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
    rules : RaceRules
        Rules of a race.
    refit : bool
        Whether the refit has to fit the budget as well.
    evidence : tuple of Evidence
        Published comparisons of the same task; shown, not used.
    study : tuple of StudySet
        The data sets of the package's study that are most like these. The prior rests on them
        and all others.
    limits : tuple of Limit
        Limits of the network, and what each cell takes of them.
    exclusions : tuple of Exclusion
        The candidates that exceed a limit and are therefore not trained.

    Examples
    --------
    >>> from rnnselect import RNNAdvisor
    >>> plan = RNNAdvisor(budget="10min").plan(n_samples=5000, sequence_length=50)
    >>> plan.action
    'cross_validate'
    >>> [row.n_pairs for row in plan.rows]
    [0, 1, 2, 3, 5, 10]
    """

    action: str
    cell: str
    n_pairs: int
    cells: tuple[str, ...]
    probabilities: dict[str, float]
    expected_regret_points: float
    rows: tuple[PlanRow, ...]
    profile: SequenceProfile
    forecast: CostForecast
    budget_seconds: float | None
    reasons: tuple[Reason, ...]
    what_would_change_this: tuple[str, ...]
    rules: RaceRules
    refit: bool
    evidence: tuple[Evidence, ...] = ()
    study: tuple[StudySet, ...] = ()
    limits: tuple[Limit, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()

    @property
    def is_for_one(self) -> bool:
        """Whether the limits leave a single candidate."""
        return len(set(self.cells) - {exclusion.cell for exclusion in self.exclusions}) == 1

    @property
    def seconds(self) -> Interval:
        """Predicted wall-clock seconds of what the plan would do."""
        return next(row.seconds for row in self.rows if row.n_pairs == self.n_pairs)

    def to_dict(self) -> dict[str, Any]:
        """Return all fields as plain values.

        Returns
        -------
        dict
            Numbers, texts, lists and dicts of them.
        """
        return {
            **asdict(self),
            "seconds": self.seconds.to_dict(),
            "rules": self.rules.to_dict(),
        }

    def to_json(self) -> str:
        """Return all fields as JSON.

        Returns
        -------
        str
            What `to_dict` returns; nan becomes null.
        """
        return json_text(self.to_dict())

    def __str__(self) -> str:
        return plan_text(self.to_dict())

    def _repr_html_(self) -> str:
        return plan_html(self.to_dict())
