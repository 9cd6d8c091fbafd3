"""The clock of one call, and what still fits into its budget."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from rnnselect.advice.cost import CostForecast
from rnnselect.advice.race import PairOutcome
from rnnselect.comparison.problem import Problem
from rnnselect.exceptions import BudgetTooSmallError
from rnnselect.speed import TrainingSpeed

__all__ = ["Clock", "Timing", "refuse_hopeless"]


@dataclass(frozen=True, slots=True)
class Clock:
    """The wall-clock time of one call.

    Parameters
    ----------
    started : float
        Reading of `time.perf_counter` at the call.
    budget_seconds : float or None
        What the call may take; None for no limit.
    """

    started: float
    budget_seconds: float | None

    def elapsed(self) -> float:
        """Return the seconds since the call."""
        return time.perf_counter() - self.started

    def left(self) -> float | None:
        """Return the seconds left, None without a limit."""
        return None if self.budget_seconds is None else self.budget_seconds - self.elapsed()


@dataclass(frozen=True, eq=False, slots=True)
class Timing:
    """What still fits into the budget, by all that is known of the costs so far.

    Parameters
    ----------
    problem : Problem
        What is compared.
    speeds : dict of str to TrainingSpeed, or None
        Measured speeds; None where nothing was measured.
    clock : Clock
        Of the call.
    """

    problem: Problem
    speeds: dict[str, TrainingSpeed] | None
    clock: Clock

    def affordable(self, outcomes: tuple[PairOutcome, ...]) -> int:
        """Return how many more pairs fit after those that were run."""
        forecast = self._forecast(outcomes)
        most = self.problem.rules.max_pairs
        return forecast.affordable_pairs(self.clock.left(), most, refit=self.problem.refit)

    def seconds_for_fits(self) -> float | None:
        """Return after how many seconds a fit must stop, for the refit to fit."""
        if self.clock.budget_seconds is None:
            return None
        reserve = self._forecast(()).refit.expected if self.problem.refit else 0.0
        return max(self.clock.left() - reserve, 0.0)

    def seconds_per_fit(self, outcomes: tuple[PairOutcome, ...]) -> dict[str, float] | None:
        """Return the seconds of a fit of each cell; None where no clock may enter the advice."""
        if self.clock.budget_seconds is None:
            return None
        fits = self._forecast(outcomes).fits
        return {cell: fit.expected for cell, fit in fits.items()}

    def _forecast(self, outcomes: tuple[PairOutcome, ...]) -> CostForecast:
        finished = {cell: [p.seconds[cell] for p in outcomes] for cell in self.problem.cells}
        return self.problem.forecast(self.speeds, finished if outcomes else None)


def refuse_hopeless(problem: Problem, clock: Clock) -> None:
    """Raise where not even a short training of one network fits the budget.

    Importing TensorFlow and compiling cannot be interrupted, so this is known before they start.

    Parameters
    ----------
    problem : Problem
        What is compared; nothing is refused where no cell is to be fitted in the end.
    clock : Clock
        Of the call.

    Raises
    ------
    BudgetTooSmallError
        Names the smallest useful budget.
    """
    if not problem.refit or clock.budget_seconds is None:
        return
    forecast = problem.forecast()
    needed = float(math.ceil(forecast.startup.high + forecast.first_epoch))
    if needed > clock.left():
        raise BudgetTooSmallError(
            f"budget={clock.budget_seconds:g} s is too small: importing TensorFlow, compiling and "
            f"one epoch of training take up to {needed:.0f} s here. Give budget={needed:.0f} or "
            "more, or call recommend, which then answers without training.",
            needed,
        )
