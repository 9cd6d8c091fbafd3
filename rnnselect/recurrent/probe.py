"""Measures how fast a network trains on the user's own data, with the programs that will train it.

What the probe compiles is not lost: the fits that follow find the same programs again.
"""

from __future__ import annotations

import time
from statistics import median
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from sklearn.base import clone
from sklearn.utils import _safe_indexing

from rnnselect.recurrent.base import BaseRNN
from rnnselect.sequences.batch import SequenceBatch
from rnnselect.speed import TrainingSpeed

__all__ = ["measure_speeds"]

# Chunks timed for each padded length, after one that compiles; the median of three ignores one
# stall of the machine.
TIMED_CHUNKS = 3
# Where chunks are long, fewer are timed.
TIMED_SECONDS = 0.5
# A prediction takes milliseconds, so that more of them are timed.
TIMED_PREDICTIONS = 20
SCORED_ROWS = 256  # enough for a full block of scoring at any length


def measure_speeds(
    estimators: dict[str, BaseRNN], X: Any, y: Any, *, n_jobs: int, predict: bool = False
) -> dict[str, TrainingSpeed]:
    """Compile the programs of several estimators for these data, and time them one by one.

    Parameters
    ----------
    estimators : dict of {str: RNNClassifier or RNNRegressor}
        By name; not changed.
    X, y : array-like
        What the estimators are to be fitted on.
    n_jobs : int
        How many to compile at the same time.
    predict : bool, default=False
        Whether to time `predict` of one sequence, the longest, as well.

    Returns
    -------
    dict of {str: TrainingSpeed}
        Seconds of a step and of scoring a row, each length weighted by its steps. The
        compilation has been paid, so ``compile_seconds`` is 0.
    """
    run = Parallel(n_jobs=min(n_jobs, len(estimators)), require="sharedmem")
    probes = run(delayed(_compile)(estimator, X, y) for estimator in estimators.values())
    return {
        name: TrainingSpeed(
            step_seconds=_step_seconds(trainer),
            scored_row_seconds=_scored_row_seconds(trainer, sample),
            compile_seconds=0.0,
            measured=True,
            predict_seconds=_predict_seconds(own, X) if predict else None,
        )
        for name, (own, trainer, sample) in zip(estimators, probes, strict=True)
    }


def _compile(estimator: BaseRNN, X: Any, y: Any) -> tuple[BaseRNN, Any, SequenceBatch]:
    """Return an estimator that can predict, its trainer, compiled, and sequences to score."""
    own = clone(estimator)
    training, _, seed = own._prepare(X, y)
    own.model_, trainer = own._start(training, seed)
    own.engine_ = trainer.name
    rows = np.arange(min(training.batch.n_samples, SCORED_ROWS))
    sample = training.batch.rows(rows)
    for chunks in _chunks_by_length(trainer).values():
        trainer.run_chunk(chunks[0])
    trainer.outputs(sample, trainer.weights())
    return own, trainer, sample


def _chunks_by_length(trainer: Any) -> dict[int, list[Any]]:
    chunks: dict[int, list[Any]] = {}
    for chunk in trainer.chunks():
        chunks.setdefault(chunk.n_timesteps, []).append(chunk)
    return chunks


def _step_seconds(trainer: Any) -> float:
    """Return the mean seconds of a step over all padded lengths."""
    total = steps = 0.0
    for of_length in _chunks_by_length(trainer).values():
        largest = max(of_length, key=lambda chunk: len(chunk.steps))
        n_steps = sum(len(chunk.steps) for chunk in of_length)
        total += n_steps * _seconds_per_step(trainer, largest)
        steps += n_steps
    return total / steps


def _seconds_per_step(trainer: Any, chunk: Any) -> float:
    seconds: list[float] = []
    while len(seconds) < TIMED_CHUNKS and sum(seconds) < TIMED_SECONDS:
        start = time.perf_counter()
        trainer.run_chunk(chunk)
        seconds.append(time.perf_counter() - start)
    return median(seconds) / len(chunk.steps)


def _scored_row_seconds(trainer: Any, sample: SequenceBatch) -> float:
    start = time.perf_counter()
    trainer.outputs(sample, trainer.weights())
    return (time.perf_counter() - start) / sample.n_samples


def _predict_seconds(untrained: BaseRNN, X: Any) -> float:
    """Return the median seconds of `predict` on the longest sequence, once its program is there."""
    longest = int(np.argmax(untrained._read(X, reset=False).lengths))
    one = _safe_indexing(X, [longest])
    untrained.predict(one)
    seconds: list[float] = []
    while len(seconds) < TIMED_PREDICTIONS and sum(seconds) < TIMED_SECONDS:
        start = time.perf_counter()
        untrained.predict(one)
        seconds.append(time.perf_counter() - start)
    return median(seconds)
