"""What is known of a comparison before anything is trained, and the plan that follows."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rnnselect.advice.alone import leave_out
from rnnselect.advice.cost import (
    SPEED_ERROR,
    CostForecast,
    Interval,
    cheaper_cell,
    forecast_cost,
)
from rnnselect.advice.evidence import matching_evidence
from rnnselect.advice.limits import LimitCheck, check_limits
from rnnselect.advice.plan import Plan, Reason
from rnnselect.advice.planner import make_plan
from rnnselect.advice.posterior import update
from rnnselect.advice.prior import NoisePrior, Prior, noise_before_pairs
from rnnselect.advice.rules import RaceRules
from rnnselect.advice.study import prior_across_settings, prior_for, sets_like
from rnnselect.advice.value import expected_value_of_pairs
from rnnselect.calibration_file import NOT_CALIBRATED, KnownSpeed
from rnnselect.comparison.footprint import footprints_of_units
from rnnselect.comparison.stored import stored_candidates
from rnnselect.comparison.work import workloads
from rnnselect.sequences.profile import SequenceProfile
from rnnselect.speed import TrainingSpeed, Workload

if TYPE_CHECKING:  # planning does without scikit-learn
    from rnnselect.comparison.candidates import Candidates
    from rnnselect.comparison.memory import Memory

__all__ = ["Problem", "plan_problem"]

# What a network may be expected to reach before anything is known: half of the way from the
# majority class to perfection; and, for a regression, the accuracy whose noise is like that of
# the trial's regression sets.
EXPECTED_SHARE_OF_WAY = 0.5
EXPECTED_LIKE_ACCURACY = 0.8

# Sources of a forecast that rests on no timing of the data at hand.
PREDICTED = ("arithmetic", "calibration")

COST_UNKNOWN = Reason(
    "cost_unknown",
    "The costs shown are those of one network of this package. The cost of this estimator is known "
    "only after one timed fit, and a budget cannot stop its fits.",
    "arithmetic",
)


@dataclass(frozen=True, eq=False, slots=True)
class Problem:
    """What is known of a comparison before anything is trained.

    Parameters
    ----------
    candidates : Candidates
        The estimators.
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
    limits : mapping of str to float, default={}
        What a network may take, as `Budget.network_limits` names it.
    machine : KnownSpeed, default=NOT_CALIBRATED
        What costs are predicted from before anything is timed.
    memory : Memory or None, default=None
        What earlier races say; None where there is no history.
    elsewhere : bool, default=False
        Whether fits run in other processes, which load and compile for themselves.
    compiled : tuple of str, default=()
        Cells whose programs this process has already.
    baseline_seconds : float, default=0.0
        Predicted seconds of the simple models on one split.
    noise_seconds : float, default=0.0
        Predicted seconds of judging how noisy the score of one fit is.
    """

    candidates: Candidates
    profile: SequenceProfile
    rules: RaceRules
    task: str | None
    n_jobs: int
    refit: bool
    limits: Mapping[str, float] = field(default_factory=dict)
    machine: KnownSpeed = NOT_CALIBRATED
    memory: Memory | None = None
    elsewhere: bool = False
    compiled: tuple[str, ...] = ()
    baseline_seconds: float = 0.0
    noise_seconds: float = 0.0

    @property
    def cells(self) -> tuple[str, ...]:
        """Names of the candidates."""
        return self.candidates.cells

    @property
    def prior(self) -> Prior:
        """Belief about the gap before any pair; of several candidates, about the widest."""
        return self.prior_between(self.cells[0], self.cells[-1])

    def prior_between(self, first: str, second: str) -> Prior:
        """Belief about the gap between two candidates before any pair."""
        if not self.candidates.differ_in_cell_only(first, second):
            return prior_across_settings()
        if self.memory is not None:
            return self.memory.similar.prior
        settings, parameter = self.candidates.settings, self.candidates.parameter
        return prior_for(
            n_samples=self.profile.n_samples,
            vocabulary_size=self.profile.vocabulary_size,
            task=self.task,
            cells=(settings[first][parameter], settings[second][parameter]),
            pooled=getattr(self.candidates.network(first), "pooling", None) is not None,
        )

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
            value = expected_value_of_pairs(
                before, rules.max_pairs, n_folds=rules.n_folds, covariance=rules.covariance
            )
            if value >= rules.min_gain_points:
                rules = replace(rules, min_pairs=1)
        return replace(self, memory=memory, rules=rules)

    def work(self) -> dict[str, Workload]:
        """Return what training each cell consists of."""
        return workloads(self.candidates, self.profile)

    def forecast(
        self,
        speeds: dict[str, TrainingSpeed] | None = None,
        baseline_seconds: float | None = None,
        finished_seconds: Mapping[str, Sequence[float]] | None = None,
        cells: tuple[str, ...] | None = None,
    ) -> CostForecast:
        """Predict the cost of all cells or some; without `speeds` from the machine's alone."""
        work = {cell: task for cell, task in self.work().items() if cell in (cells or self.cells)}
        machine = self.machine.speed
        predicted = {cell: machine.training(task) for cell, task in work.items()}
        # Networks of other packages start in their own ways, which nothing here can foresee.
        starts_keras = self.candidates.is_recurrent
        stored = () if speeds else stored_candidates(self.candidates, self.profile)
        for cell, speed in predicted.items():
            if not starts_keras or cell in self.compiled:
                predicted[cell] = replace(speed, compile_seconds=0.0)
            elif cell in stored:
                loading = machine.cells[work[cell].cell].loading_share * speed.compile_seconds
                predicted[cell] = replace(speed, compile_seconds=loading)
        loaded = {"tensorflow", "keras"} <= sys.modules.keys()
        forecast = forecast_cost(
            work,
            speeds or predicted,
            n_samples=self.profile.n_samples,
            n_folds=self.rules.n_folds,
            n_jobs=self.n_jobs,
            machine=machine,
            # A probe leaves the workers ready, wherever they are.
            imported=not starts_keras or (speeds is not None if self.elsewhere else loaded),
            baseline_seconds=(
                self.baseline_seconds if baseline_seconds is None else baseline_seconds
            ),
            noise_seconds=self.noise_seconds,
            finished_seconds=finished_seconds,
            stand_in=not self.candidates.trains_one_network,
        )
        if not (self.elsewhere and starts_keras):
            return forecast
        # The refit runs here, where nothing is compiled, nor perhaps loaded. Neither can be
        # interrupted, so that the upper end is held back.
        own = max(speed.compile_seconds for speed in predicted.values())
        own += 0.0 if loaded else machine.import_seconds
        startup = Interval.exactly(own * SPEED_ERROR[machine.source])
        refits = {cell: refit + startup for cell, refit in forecast.refits.items()}
        return replace(forecast, refits=refits)

    def check_limits(
        self,
        latencies: Mapping[str, float | None] | None = None,
        *,
        leave_open: tuple[str, ...] = (),
    ) -> LimitCheck:
        """Say which cells keep the limits.

        Parameters
        ----------
        latencies : mapping of str to float or None, default=None
            Measured seconds of predicting one sequence; None where arithmetic must do.
        leave_open : tuple of str, default=()
            Limits that are not checked yet.

        Returns
        -------
        LimitCheck
            Without content where there are no limits.

        Raises
        ------
        NoCellFitsError
            If all cells break a limit.
        """
        allowed = {name: most for name, most in self.limits.items() if name not in leave_open}
        if not allowed:
            return LimitCheck()
        units = {cell: self.candidates.network(cell).units for cell in self.cells}
        footprints = footprints_of_units(
            self.candidates, self.profile, self.machine.speed, latencies
        )
        return check_limits(allowed, footprints, units, measured=("max_latency",) * bool(latencies))

    @property
    def n_parameters(self) -> dict[str, int] | None:
        """Parameters of each candidate; None for other packages' networks, whose nobody knows."""
        if not self.candidates.is_recurrent:
            return None
        return {cell: task.n_parameters for cell, task in self.work().items()}

    def cheaper(
        self, seconds: Mapping[str, float] | None, among: tuple[str, ...] | None = None
    ) -> str:
        """Return the candidate to take, of all or of some, where scores do not decide."""
        parameters = self.n_parameters or dict.fromkeys(self.cells, 0)  # then the first one
        return cheaper_cell(among or self.cells, parameters, seconds)


def plan_problem(
    problem: Problem, forecast: CostForecast, seconds_left: float | None, check: LimitCheck
) -> Plan:
    """Weigh what pairs would bring against what they cost.

    Parameters
    ----------
    problem : Problem
        What is compared.
    forecast : CostForecast
        What is still to be paid.
    seconds_left : float or None
        What is left of the budget.
    check : LimitCheck
        Which cells keep the limits of the budget.

    Returns
    -------
    Plan
        What to do.
    """
    left = check.remaining(problem.cells)
    cells = left if len(left) > 1 else problem.cells  # with one, what both would cost is said
    only = left[0] if len(left) == 1 else None
    forecast = forecast.only(cells)
    expected = {cell: fit.expected for cell, fit in forecast.fits.items()}
    plan = make_plan(
        problem.profile,
        forecast,
        problem.prior_between(cells[0], cells[-1]),
        problem.noise,
        problem.rules,
        cells=cells,
        cheaper=only or problem.cheaper(None if seconds_left is None else expected, cells),
        budget_seconds=seconds_left,
        refit=problem.refit,
        only=only,
        evidence=matching_evidence(problem.task) if problem.task else (),
        study=sets_like(problem.profile, problem.task),
    )
    if problem.memory is not None:
        plan = replace(plan, reasons=(*plan.reasons, problem.memory.reason))
    if forecast.source in PREDICTED:
        basis = Reason("cost", problem.machine.sentence, problem.machine.source)
        known = problem.candidates.trains_one_network
        plan = replace(plan, reasons=(*plan.reasons, basis if known else COST_UNKNOWN))
    return leave_out(plan, check)
