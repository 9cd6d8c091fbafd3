"""Fits one candidate on one split, and scores it there."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import product, takewhile
from typing import Any

import numpy as np
from sklearn.utils import _safe_indexing

from rnnselect.cells import shown_name
from rnnselect.comparison.comparison import Comparison
from rnnselect.comparison.finished_fit import FinishedFit
from rnnselect.comparison.scoring import freeze
from rnnselect.comparison.shortage import CandidateMemoryError, is_shortage
from rnnselect.recurrent.base import BaseRNN
from rnnselect.seeds import seeded

__all__ = ["run_fits", "time_one_fit"]


def run_fits(
    comparison: Comparison, indices: Sequence[int], cells: Sequence[str], deadline: float | None
) -> list[int]:
    """Fit some candidates on the splits at `indices`; return the complete ones up to a first gap.

    What has been fitted before is not fitted again. `CandidateMemoryError` where one has run out
    of memory; all are kept.
    """
    # Alternating order, so that no candidate always meets the warmer or the busier machine.
    tasks = [(k, cell) for k in indices for cell in (cells if k % 2 == 0 else cells[::-1])]
    tasks = [task for task in tasks if task not in comparison.finished]
    fits = comparison.workers.run(_try_fit, comparison, [(*task, deadline) for task in tasks])
    if comparison.workers.elsewhere:
        for k in indices:
            comparison.simple.scores(k)  # this process has nothing else to do
    for (k, cell), fit in zip(tasks, fits, strict=True):
        comparison.finish(k, cell, fit)
    if any(comparison.finished[task].shortage for task in product(indices, cells)):
        raise CandidateMemoryError
    return list(
        takewhile(lambda k: all(comparison.finished[k, cell].complete for cell in cells), indices)
    )


def time_one_fit(comparison: Comparison, cell: str) -> float:
    """Fit one cell on the first split, keep the fit for the race, and return its seconds."""
    task = 0, cell
    if task not in comparison.finished:
        (fit,) = comparison.workers.run(_try_fit, comparison, [(*task, None)])
        comparison.finish(*task, fit)
    return comparison.finished[task].seconds


def _try_fit(comparison: Comparison, k: int, cell: str, deadline: float | None) -> FinishedFit:
    try:
        return _fit_and_score(comparison, k, cell, deadline)
    except Exception as error:
        if is_shortage(error):
            what = str(error) or type(error).__name__
            return FinishedFit(np.nan, None, 0.0, 0.0, 0, complete=False, shortage=what)
        n_splits = len(comparison.data.splits.rows)
        error.add_note(f"In the fit of {shown_name(cell)} on split {k + 1} of {n_splits}.")
        raise


def _fit_and_score(
    comparison: Comparison, k: int, cell: str, deadline: float | None
) -> FinishedFit:
    start = time.perf_counter()
    max_seconds = None if deadline is None else deadline - start
    if max_seconds is not None and max_seconds <= 0:
        return FinishedFit(np.nan, None, 0.0, 0.0, 0, complete=False)
    train, test = comparison.data.splits.rows[k]
    estimator = comparison.candidates.limited(cell, max_seconds)
    seeded(estimator, int(comparison.seeds[k]))
    X_train, X_test = (_safe_indexing(comparison.data.X, rows) for rows in (train, test))
    parameters = comparison.cut(comparison.metadata.fit, train)
    estimator.fit(X_train, comparison.data.y[train], **parameters)
    fitted = time.perf_counter()
    scorer, y_test = comparison.scorer_on(test), comparison.data.y[test]
    frozen = freeze(estimator, X_test) if comparison.scoring.needs_predictions_only else None
    if frozen is None:
        score = scorer(estimator, X_test, y_test)
    else:
        score = scorer(frozen, np.arange(len(test)), y_test)
    network = comparison.candidates.fitted_network(estimator)
    end = time.perf_counter()
    return FinishedFit(
        score=float(score),
        frozen=frozen,
        seconds=end - start,
        scoring_seconds=end - fitted,
        n_epochs=int(getattr(network, "n_epochs_", 0)),
        complete=not comparison.candidates.was_cut_short(cell, network),
        history=_losses(network),
        stop_reason=str(getattr(network, "stop_reason_", "")),
    )


def _losses(network: Any) -> dict[str, tuple[float, ...]]:
    """Return the losses of the epochs, where a fitted network of this package was found."""
    history = getattr(network, "history_", {}) if isinstance(network, BaseRNN) else {}
    return {name: tuple(map(float, values)) for name, values in history.items()}
