"""Measures how fast a network trains on the user's own data, with the programs that will train it.

What the probe compiles is not lost: the fits that follow find the same programs again.
"""

from __future__ import annotations

import time
from statistics import median
from typing import Any

import numpy as np
from sklearn.base import clone

from rnnselect.recurrent.base import BaseRNN
from rnnselect.recurrent.batches import TrainingSet
from rnnselect.speed import TrainingSpeed

__all__ = ["measure_speed"]

# Chunks timed for each padded length, after one that compiles; the median of three ignores one
# stall of the machine.
TIMED_CHUNKS = 3
# Where chunks are long, fewer are timed.
TIMED_SECONDS = 0.5
SCORED_ROWS = 256  # enough for a full block of scoring at any length


def measure_speed(estimator: BaseRNN, X: Any, y: Any) -> TrainingSpeed:
    """Compile an estimator's programs for this data and time them.

    Parameters
    ----------
    estimator : RNNClassifier or RNNRegressor
        Not changed.
    X, y : array-like
        What the estimator is to be fitted on.

    Returns
    -------
    TrainingSpeed
        Seconds of a step and of scoring a row, each length weighted by its steps. The
        compilation has been paid, so ``compile_seconds`` is 0.
    """
    own = clone(estimator)
    training, _, seed = own._prepare(X, y)
    _, trainer = own._start(training, seed)
    return TrainingSpeed(
        step_seconds=_step_seconds(trainer),
        scored_row_seconds=_scored_row_seconds(trainer, training),
        compile_seconds=0.0,
        measured=True,
    )


def _step_seconds(trainer: Any) -> float:
    """Return the mean seconds of a step over all padded lengths."""
    chunks: dict[int, list[Any]] = {}
    for chunk in trainer.chunks():
        chunks.setdefault(chunk.n_timesteps, []).append(chunk)
    total = steps = 0.0
    for of_length in chunks.values():
        largest = max(of_length, key=lambda chunk: len(chunk.steps))
        n_steps = sum(len(chunk.steps) for chunk in of_length)
        total += n_steps * _seconds_per_step(trainer, largest)
        steps += n_steps
    return total / steps


def _seconds_per_step(trainer: Any, chunk: Any) -> float:
    trainer.run_chunk(chunk)  # compiles
    seconds: list[float] = []
    while len(seconds) < TIMED_CHUNKS and sum(seconds) < TIMED_SECONDS:
        start = time.perf_counter()
        trainer.run_chunk(chunk)
        seconds.append(time.perf_counter() - start)
    return median(seconds) / len(chunk.steps)


def _scored_row_seconds(trainer: Any, training: TrainingSet) -> float:
    rows = np.arange(min(training.batch.n_samples, SCORED_ROWS))
    batch = training.batch.rows(rows)
    trainer.outputs(batch, trainer.weights())  # compiles
    start = time.perf_counter()
    trainer.outputs(batch, trainer.weights())
    return (time.perf_counter() - start) / len(rows)
