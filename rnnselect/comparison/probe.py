"""Times the programs of all cells, on the workers that will run the fits."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace

from rnnselect.comparison.comparison import Comparison
from rnnselect.comparison.data import Data
from rnnselect.comparison.problem import Problem
from rnnselect.comparison.shortage import is_shortage
from rnnselect.comparison.timing import Clock, Deadline
from rnnselect.speed import TrainingSpeed

__all__ = ["knowing_programs", "probe"]


def knowing_programs(problem: Problem, data: Data, clock: Clock) -> Problem:
    """Return the problem with the cells that need no compiling, if time is short.

    Parameters
    ----------
    problem : Problem
        What is compared.
    data : Data
        The sequences and targets.
    clock : Clock
        Of the call.

    Returns
    -------
    Problem
        The same where all that is foreseen fits, programs included, where no time is left, or where
        fits run in other processes.
    """
    left = clock.left()
    if left is None or problem.elsewhere or "rnnselect.recurrent.programs" not in sys.modules:
        return problem
    everything = problem.forecast().total(problem.rules.max_pairs, refit=problem.refit)
    may_matter = 0 < left < everything.high and problem.candidates.trains_one_network
    if not may_matter:
        return problem
    from rnnselect.recurrent.probe import without_compiling

    networks = {cell: problem.candidates.network(cell) for cell in problem.cells}
    try:
        ready = without_compiling(networks, data.seen, data.y)
    except Exception as error:
        if not is_shortage(error):
            raise
        return problem
    return replace(problem, compiled=ready)


def probe(
    comparison: Comparison,
    *,
    cells: tuple[str, ...],
    first: str,
    predict: bool,
    may_compile: Callable[[float], bool],
    end: Deadline | None = None,
) -> dict[str, TrainingSpeed] | None:
    """Compile the programs of all cells for the data of a comparison, and time them.

    Other processes share no programs with this one: each of them compiles its own, all at the same
    time, and the slowest counts, since a round of fits waits for it.

    Parameters
    ----------
    comparison : Comparison
        What is compared.
    cells : tuple of str
        The candidates that keep the limits.
    first : str
        The cell to begin with: where time runs out it is fitted, and must not need compiling then.
    predict : bool
        Whether to time `predict` of one sequence as well.
    may_compile : callable
        As for `measure_speeds`; asked in this process only.
    end : Deadline or None, default=None
        When other processes compile nothing more.

    Returns
    -------
    dict of str to TrainingSpeed, or None where time ran out
        One for each candidate; none where memory is short, because a fit will tell whose.
    """
    workers = comparison.workers
    try:
        if not workers.elsewhere:
            return _measure(comparison, cells, first, predict, workers.n_at_once, may_compile)
        tasks = [(cells, first, predict, end)] * workers.n_at_once
        measured = list(workers.run(_measure_there, comparison, tasks))
    except Exception as error:
        if not is_shortage(error):
            raise
        return {}
    if not all(measured):
        return None
    return {
        cell: max((speeds[cell] for speeds in measured), key=lambda speed: speed.step_seconds)
        for cell in cells
    }


def _measure_there(
    comparison: Comparison,
    cells: tuple[str, ...],
    first: str,
    predict: bool,
    end: Deadline | None,
) -> dict[str, TrainingSpeed] | None:
    def may_compile(seconds_of_another: float) -> bool:
        return end is None or time.perf_counter() + seconds_of_another <= end

    return _measure(comparison, cells, first, predict, 1, may_compile)


def _measure(
    comparison: Comparison,
    cells: tuple[str, ...],
    first: str,
    predict: bool,
    n_jobs: int,
    may_compile: Callable[[float], bool],
) -> dict[str, TrainingSpeed] | None:
    from rnnselect.recurrent.probe import measure_speeds

    candidates, data = comparison.candidates, comparison.data
    seen = data.seen
    if seen is None:
        seen = candidates.before_network(data.X, data.y, comparison.metadata.fit)
    networks = {cell: candidates.network(cell) for cell in cells}
    return measure_speeds(
        {first: networks.pop(first), **networks},
        seen,
        data.y,
        n_jobs=n_jobs,
        predict=predict,
        may_compile=may_compile,
    )
