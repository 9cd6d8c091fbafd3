"""What is known of a comparison before anything is trained, and the plan that follows."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace

from rnnselect.advice.cost import CostForecast, cheaper_cell, forecast_cost
from rnnselect.advice.evidence import matching_evidence, prior_for
from rnnselect.advice.plan import Plan, Reason, make_plan
from rnnselect.advice.posterior import update
from rnnselect.advice.prior import NoisePrior, Prior, noise_before_pairs
from rnnselect.advice.race import RaceRules
from rnnselect.advice.value import expected_value_of_pairs
from rnnselect.comparison.candidates import Candidates
from rnnselect.comparison.memory import Memory
from rnnselect.comparison.work import workloads
from rnnselect.sequences.profile import SequenceProfile
from rnnselect.speed import TrainingSpeed, Workload, nominal_speed

__all__ = ["Problem", "plan_problem"]

# What a network may be expected to reach before anything is known: half of the way from the
# majority class to perfection; and, for a regression, the accuracy whose noise is like that of
# the trial's regression sets.
EXPECTED_SHARE_OF_WAY = 0.5
EXPECTED_LIKE_ACCURACY = 0.8

COST_UNKNOWN = Reason(
    "cost_unknown",
    "The costs shown are those of one network of this package. What this estimator takes is known "
    "once a fit of it has been timed, and no budget can stop its fits.",
    "arithmetic",
)


@dataclass(frozen=True, eq=False, slots=True)
class Problem:
    """What is known of a comparison before anything is trained.

    Parameters
    ----------
    candidates : Candidates
        The two estimators.
    profile : SequenceProfile
        The data as the networks see them.
    rules : RaceRules
        When the race stops.
    task : str or None
        What the user says the task is.
    n_jobs : int
        Fits at the same time.
    refit : bool
        Whether the chosen cell will be fitted on all data within the same budget.
    memory : Memory or None, default=None
        What earlier races say; None where there is no history.
    """

    candidates: Candidates
    profile: SequenceProfile
    rules: RaceRules
    task: str | None
    n_jobs: int
    refit: bool
    memory: Memory | None = None

    @property
    def cells(self) -> tuple[str, str]:
        """The first and the second cell."""
        return self.candidates.cells

    @property
    def prior(self) -> Prior:
        """Belief about the gap before any pair."""
        if self.memory is not None:
            return self.memory.similar.prior
        return prior_for(n_classes=self.profile.n_classes, task=self.task)

    @property
    def noise(self) -> NoisePrior:
        """Noise of a pair before any pair."""
        majority = self.profile.majority_share or 1 / self.profile.n_outputs
        expected = majority + EXPECTED_SHARE_OF_WAY * (1 - majority)
        if self.profile.target == "regression":
            expected = EXPECTED_LIKE_ACCURACY
        n_test = max(1, self.profile.n_samples // self.rules.n_folds)
        return noise_before_pairs(expected, n_test)

    def remembering(self, memory: Memory) -> Problem:
        """Return the same problem with a history, which must earn doing without a test.

        Until it has, a first pair is run wherever the package's own prior would run one.
        """
        rules, learnt = self.rules, memory.similar.experience
        if learnt.n_races and not learnt.earns_no_test:
            before = update(
                self.prior, self.noise, [], n_folds=rules.n_folds, rope_points=rules.rope_points
            )
            value = expected_value_of_pairs(before, rules.max_pairs, n_folds=rules.n_folds)
            if value >= rules.min_gain_points:
                rules = replace(rules, min_pairs=1)
        return replace(self, memory=memory, rules=rules)

    def work(self) -> dict[str, Workload]:
        """Return what training each cell consists of."""
        return workloads(self.candidates, self.profile)

    def forecast(
        self,
        speeds: dict[str, TrainingSpeed] | None = None,
        baseline_seconds: float = 0.0,
        finished_seconds: dict[str, list[float]] | None = None,
    ) -> CostForecast:
        """Predict the cost; without `speeds` from arithmetic alone."""
        work = self.work()
        nominal = {cell: nominal_speed(task) for cell, task in work.items()}
        # Networks of other packages start in their own ways, which nothing here can foresee.
        starts_keras = self.candidates.is_recurrent
        if not starts_keras:
            nominal = {cell: replace(s, compile_seconds=0.0) for cell, s in nominal.items()}
        return forecast_cost(
            work,
            speeds or nominal,
            n_samples=self.profile.n_samples,
            n_folds=self.rules.n_folds,
            n_jobs=self.n_jobs,
            imported=not starts_keras or {"tensorflow", "keras"} <= sys.modules.keys(),
            baseline_seconds=baseline_seconds,
            finished_seconds=finished_seconds,
        )

    def cheaper(self, seconds: dict[str, float] | None) -> str:
        """Return the cell to take where scores do not decide."""
        parameters = {cell: task.n_parameters for cell, task in self.work().items()}
        return cheaper_cell(self.cells, parameters, seconds)


def plan_problem(problem: Problem, forecast: CostForecast, seconds_left: float | None) -> Plan:
    """Weigh what pairs would bring against what they cost.

    Parameters
    ----------
    problem : Problem
        What is compared.
    forecast : CostForecast
        What is still to be paid.
    seconds_left : float or None
        What is left of the budget.

    Returns
    -------
    Plan
        What to do.
    """
    expected = {cell: fit.expected for cell, fit in forecast.fits.items()}
    plan = make_plan(
        problem.profile,
        forecast,
        problem.prior,
        problem.noise,
        problem.rules,
        cells=problem.cells,
        cheaper=problem.cheaper(None if seconds_left is None else expected),
        budget_seconds=seconds_left,
        refit=problem.refit,
        evidence=matching_evidence(problem.task) if problem.task else (),
    )
    reasons = plan.reasons
    if problem.memory is not None:
        reasons = (*reasons, problem.memory.reason)
    if forecast.source == "arithmetic" and not problem.candidates.trains_one_network:
        reasons = (*reasons, COST_UNKNOWN)
    return replace(plan, reasons=reasons)
