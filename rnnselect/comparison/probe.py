"""Times the programs of all cells, on the workers that will run the fits."""

from __future__ import annotations

from rnnselect.comparison.pairs import Comparison
from rnnselect.speed import TrainingSpeed

__all__ = ["probe"]


def probe(comparison: Comparison, *, predict: bool = False) -> dict[str, TrainingSpeed]:
    """Compile the programs of all cells for the data of a comparison, and time them.

    Other processes share no programs with this one: each of them compiles its own, all at the same
    time, and the slowest counts, since a round of fits waits for it.

    Parameters
    ----------
    comparison : Comparison
        What is compared.
    predict : bool, default=False
        Whether to time `predict` of one sequence as well.

    Returns
    -------
    dict of str to TrainingSpeed
        One for each candidate.
    """
    workers = comparison.workers
    if not workers.elsewhere:
        return _measure(comparison, predict, workers.n_at_once)
    measured = workers.run(_measure, comparison, [(predict, 1)] * workers.n_at_once)
    return {
        cell: max((speeds[cell] for speeds in measured), key=lambda speed: speed.step_seconds)
        for cell in comparison.candidates.cells
    }


def _measure(comparison: Comparison, predict: bool, n_jobs: int) -> dict[str, TrainingSpeed]:
    from rnnselect.recurrent.probe import measure_speeds

    candidates, data = comparison.candidates, comparison.data
    networks = {cell: candidates.network(cell) for cell in candidates.cells}
    seen = candidates.before_network(data.X, data.y) if data.seen is None else data.seen
    return measure_speeds(networks, seen, data.y, n_jobs=n_jobs, predict=predict)
