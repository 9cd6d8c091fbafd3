"""What a budget lets the advisor run, on the clock of recorded pairs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from records import CELLS, N_FOLDS, RecordedSet

from rnnselect.advice.cost import CostForecast, forecast_cost
from rnnselect.advice.race import PairOutcome
from rnnselect.speed import NOMINAL, TrainingSpeed

BUDGET_SHARES = (0.1, 0.3, 1.0, 3.0)  # of the cost of all five pairs from cold
ROUNDING = 1 + 1e-9


@dataclass(eq=False)
class Purse:
    """The clock of one replayed race.

    It forecasts with the package's own code what the pairs will take: by arithmetic, by a probe
    (whose speed is the median one on record), or by the pairs that were run. TensorFlow counts as
    imported.

    Parameters
    ----------
    recorded : RecordedSet
        The data set.
    pairs : sequence of PairOutcome
        The pairs in their order.
    budget_seconds : float or None
        None: no limit, and no clock is read.
    probe : bool, default=True
        Whether costs are measured before the first pair.
    """

    recorded: RecordedSet
    pairs: Sequence[PairOutcome]
    budget_seconds: float | None
    probe: bool = True
    spent_seconds: float = 0.0
    is_compiled: bool = False

    def affordable(self, outcomes: tuple[PairOutcome, ...]) -> int:
        """Return how many more pairs are expected to fit; the first call probes."""
        if self.budget_seconds is None:
            return N_FOLDS
        if self.probe and not self.is_compiled:
            nominal = self.forecast(())
            # As the advisor does: compile if start-up fits for certain and a pair may.
            may_start = nominal.startup.high <= self.budget_seconds
            if not may_start or nominal.total(1, refit=False).low > self.budget_seconds:
                return 0
            self._compile()
        left = self.budget_seconds - self.spent_seconds
        return self.forecast(outcomes).affordable_pairs(left, N_FOLDS, refit=False)

    def run_round(self, first: int, n: int) -> list[PairOutcome]:
        """Return the pairs that end within the budget; one that does not is lost."""
        if not self.is_compiled:
            self._compile()
        done = []
        for pair in self.pairs[first : first + n]:
            self.spent_seconds += sum(pair.seconds.values())
            limit = self.budget_seconds
            if limit is not None and self.spent_seconds > limit * ROUNDING:
                self.spent_seconds = limit
                break
            done.append(pair)
        return done

    def forecast(self, outcomes: Sequence[PairOutcome]) -> CostForecast:
        """Return what is still to come, by what is known."""
        work = self.recorded.work
        speeds = {cell: NOMINAL.training(task) for cell, task in work.items()}
        if self.is_compiled:
            speeds = {cell: replace(speeds[cell], compile_seconds=0.0) for cell in CELLS}
        if self.is_compiled and self.probe:
            speeds = {cell: self._measured(cell) for cell in CELLS}
        finished = {cell: [pair.seconds[cell] for pair in outcomes] for cell in CELLS}
        return forecast_cost(
            work,
            speeds,
            n_samples=self.recorded.facts["n_samples"],
            n_folds=N_FOLDS,
            imported=True,
            finished_seconds=finished if outcomes else None,
        )

    def seconds_per_fit(self, outcomes: Sequence[PairOutcome]) -> dict[str, float] | None:
        """Return the seconds of a fit of each cell; None where no clock enters the advice."""
        if self.budget_seconds is None:
            return None
        return {cell: fit.expected for cell, fit in self.forecast(outcomes).fits.items()}

    def _compile(self) -> None:
        self.is_compiled = True
        self.spent_seconds += self.recorded.compile_seconds

    def _measured(self, cell: str) -> TrainingSpeed:
        work = self.recorded.work[cell]
        n_fit = self.recorded.facts["n_samples"] * (1 - 1 / N_FOLDS)
        steps = math.ceil(n_fit * (1 - work.validation_fraction) / work.batch_size)
        # The scoring of the validation part is within the epoch.
        return TrainingSpeed(
            step_seconds=self.recorded.epoch_seconds[cell] / steps,
            epoch_seconds=0.0,
            scoring_seconds=0.0,
            compile_seconds=0.0,
            source="probe",
        )
