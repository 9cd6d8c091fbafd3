"""The clock of one call, and what still fits into its budget."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from rnnselect.advice.cost import CostForecast
from rnnselect.advice.race import PairOutcome
from rnnselect.comparison.problem import Problem
from rnnselect.exceptions import BudgetTooSmallError
from rnnselect.machine import measure_load
from rnnselect.speed import TrainingSpeed

__all__ = ["Clock", "Deadline", "Timing", "finished_seconds", "refuse_hopeless", "under_load"]

# Seconds of the finished fits of each candidate.
Finished: TypeAlias = Mapping[str, Sequence[float]]


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


class Deadline(float):
    """A reading of `time.perf_counter` that is right in other processes, too.

    That clock is another one on each machine, so what is sent is the seconds left and the time of
    day at which they end. The way there counts as far as the machines' clocks agree; more than was
    left when it was sent is never granted.
    """

    def __reduce__(self) -> tuple[Callable[[float, float], Deadline], tuple[float, float]]:
        left = self - time.perf_counter()
        return _received, (left, time.time() + left)


def _received(granted_seconds: float, ends_at: float) -> Deadline:
    return Deadline(time.perf_counter() + min(granted_seconds, ends_at - time.time()))


@dataclass(frozen=True, eq=False, slots=True)
class Timing:
    """What still fits into the budget, by all that is known of the costs so far.

    Parameters
    ----------
    problem : Problem
        What is compared.
    clock : Clock
        Of the call.
    speeds : dict of str to TrainingSpeed, or None, default=None
        Measured speeds; None where nothing was measured.
    baseline_seconds : float or None, default=None
        Measured seconds of the simple models on one split; None where they are only predicted.
    fit_seconds : float or None, default=None
        Measured seconds of one fit and its scoring, where nothing else tells what fits cost.
    too_late : bool, default=False
        Whether start-up took so long that its rest no longer fits; then no pair does.
    excluded : tuple of str, default=()
        Candidates that are left out; what they would take is nothing that is still to come.
    """

    problem: Problem
    clock: Clock
    speeds: dict[str, TrainingSpeed] | None = None
    baseline_seconds: float | None = None
    fit_seconds: float | None = None
    too_late: bool = False
    excluded: tuple[str, ...] = ()

    def affordable(self, finished: Finished, left: Collection[str] | None = None) -> int:
        """Return how many more pairs fit, or rounds of the candidates that are left."""
        if self.too_late:
            return 0
        forecast = self.forecast(finished)
        forecast = forecast if left is None else forecast.only(left)
        most = self.problem.rules.max_pairs
        return forecast.affordable_pairs(self.clock.left(), most, refit=self.problem.refit)

    def may_compile(self, seconds_of_another: float) -> bool:
        """Whether one more cell's programs can be compiled in time; it cannot be interrupted.

        Until those of another cell have shown what that takes, the forecast of all start-up that
        is left must fit.
        """
        left = self.clock.left()
        return left is None or (seconds_of_another or self.forecast().startup.high) <= left

    def end(self) -> Deadline | None:
        """Return the reading of the clock at which the budget ends."""
        budget = self.clock.budget_seconds
        return None if budget is None else Deadline(self.clock.started + budget)

    def deadline_of_fits(
        self, left: Collection[str] | None = None, *, n_pairs: int = 1
    ) -> Deadline | None:
        """Return the reading of the clock at which fits must stop, for the rest to fit.

        The rest is what belongs to pairs beside their fits, and a fit on all data of one of the
        candidates that are left.
        """
        if self.clock.budget_seconds is None:
            return None
        forecast = self.forecast() if left is None else self.forecast().only(left)
        rest = n_pairs * forecast.beside_fits
        if self.problem.refit:
            rest += forecast.refit.expected
        return Deadline(self.end() - rest)

    def for_simple_models(self, *, beside_a_pair: bool) -> float | None:
        """Return the seconds left for them on one split, beside a refit; None without a limit.

        A first pair comes before them where one fits.
        """
        left, refit = self.clock.left(), self.problem.refit
        if left is None:
            return None
        forecast = replace(self.forecast(), baseline_seconds=0.0)
        n_pairs = forecast.affordable_pairs(left, int(beside_a_pair), refit=refit)
        return left - forecast.total(n_pairs, refit=refit).expected

    def seconds_per_fit(self, finished: Finished) -> dict[str, float] | None:
        """Return the seconds of a fit of each cell; None where no clock may enter the advice."""
        if self.clock.budget_seconds is None:
            return None
        fits = self.forecast(finished).fits
        return {cell: fit.expected for cell, fit in fits.items()}

    def forecast(self, finished: Finished | None = None) -> CostForecast:
        """Return the forecast of what is still to come, by what finished fits took."""
        if not any((finished or {}).values()):
            finished = None
            if self.fit_seconds is not None:  # the others may be like it
                finished = {cell: [self.fit_seconds] for cell in self.problem.cells}
        cells = tuple(cell for cell in self.problem.cells if cell not in self.excluded)
        if len(cells) == 1:  # what a comparison of both would take is still said
            cells = tuple(self.speeds or self.problem.cells)
        return self.problem.forecast(self.speeds, self.baseline_seconds, finished, cells)


def finished_seconds(pairs: Collection[PairOutcome]) -> Finished:
    """Return what the fits of some pairs took, by cell."""
    cells = next((pair.cells for pair in pairs), ())
    return {cell: [pair.seconds[cell] for pair in pairs] for cell in cells}


def under_load(problem: Problem, clock: Clock) -> Problem:
    """Return the problem with costs as other work on the machine makes them, if time is limited.

    Importing TensorFlow and compiling cannot be interrupted, so a busy machine must be known of
    before they start. Without a limit no clock is read.
    """
    if clock.budget_seconds is None:
        return problem
    return replace(problem, machine=problem.machine.under(measure_load()))


def refuse_hopeless(problem: Problem, clock: Clock) -> None:
    """Raise where no cell keeps the limits, or no short training of a network fits the budget.

    Importing TensorFlow and compiling cannot be interrupted, so this is known before they start.

    Parameters
    ----------
    problem : Problem
        What is compared; nothing is refused where no cell is to be fitted in the end, or where
        nobody knows what that takes.
    clock : Clock
        Of the call.

    Raises
    ------
    NoCellFitsError
        Names the limits, and the units that would fit.
    BudgetTooSmallError
        Names the smallest useful budget.
    """
    cells = problem.check_limits(leave_open=("max_latency",)).remaining(problem.cells)
    if not (problem.refit and problem.candidates.is_recurrent) or clock.budget_seconds is None:
        return
    forecast = problem.forecast(cells=cells)
    needed = clock.elapsed() + forecast.startup.high + forecast.first_epoch
    if needed > clock.budget_seconds:
        needed = float(math.ceil(needed))
        what = "importing TensorFlow, compiling" if forecast.startup.high else "reading the data"
        raise BudgetTooSmallError(
            f"budget={clock.budget_seconds:g} s is too small: {what} and one epoch of training "
            f"take up to {needed:.0f} s here. Give budget={needed:.0f} or more, or call "
            "recommend, which then answers without training.",
            needed,
        )
