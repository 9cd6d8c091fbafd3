"""Measures how fast a network trains on the user's own data, with the programs that will train it.

What the probe compiles is not lost: the fits that follow find the same programs again.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from statistics import median
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from sklearn.base import clone
from sklearn.utils import _safe_indexing

from rnnselect.recurrent.base import BaseRNN, load_engine
from rnnselect.recurrent.batches import Chunk
from rnnselect.recurrent.fit_state import Prepared
from rnnselect.sequences.batch import SequenceBatch
from rnnselect.speed import SCORING_ROWS, TrainingSpeed

__all__ = ["measure_speeds", "without_compiling"]

# Times that each program is timed, after one that compiles; the median of three ignores one stall
# of the machine.
TIMED_CALLS = 3
# Where calls are long, fewer are timed.
TIMED_SECONDS = 0.5
# Of `keras.Model.fit`, which costs a few milliseconds a step.
MOST_PLAIN_STEPS = 50
# A prediction takes milliseconds, so that more of them are timed.
TIMED_PREDICTIONS = 20
# Rows to score where no validation part tells how many a fit scores after each epoch.
SCORED_ROWS = 256


def measure_speeds(
    estimators: dict[str, BaseRNN],
    X: Any,
    y: Any,
    *,
    n_jobs: int,
    predict: bool = False,
    may_compile: Callable[[float], bool] = lambda seconds: True,
) -> dict[str, TrainingSpeed] | None:
    """Compile the programs of several estimators for these data, and time them one by one.

    Parameters
    ----------
    estimators : dict of {str: RNNClassifier or RNNRegressor}
        By name, in the order in which they are to be compiled; not changed.
    X, y : array-like
        What the estimators are to be fitted on.
    n_jobs : int
        How many to compile at the same time.
    predict : bool, default=False
        Whether to time `predict` of one sequence, the longest, as well.
    may_compile : callable, default=always
        Asked before the programs of each estimator are compiled, which cannot be interrupted, with
        the seconds that those of another one took, 0 for the first.

    Returns
    -------
    dict of {str: TrainingSpeed}, or None where `may_compile` said no
        Seconds of a step, each length weighted by its steps, and of what an epoch takes beside
        them. The compilation has been paid, so ``compile_seconds`` is 0, except for networks that
        other threads trace where `keras.Model.fit` trains.
    """
    prepared = [(own, own._prepare(X, y)) for own in map(clone, estimators.values())]
    load_engine()  # after what may refuse the data; its import is not to count as compiling
    seconds: list[float] = []

    def compile_in_time(own: BaseRNN, prepared: Prepared) -> Callable[..., TrainingSpeed] | None:
        if not may_compile(max(seconds, default=0.0)):
            return None
        start = time.perf_counter()
        trainer, scored = _compile(own, prepared)
        seconds.append(time.perf_counter() - start)
        if trainer.name == "keras":
            # Each thread traces networks of its own, one after the other as Python does.
            others = (n_jobs - 1) * seconds[-1]
            return partial(_plain_speed, own, prepared, trainer, scored, others)
        return partial(_speed, trainer, scored)

    run = Parallel(n_jobs=min(n_jobs, len(estimators)), require="sharedmem")
    probes = run(delayed(compile_in_time)(*each) for each in prepared)
    if not all(probes):
        return None
    return {
        name: probe(_predict_seconds(own, X) if predict else None)
        for name, probe, (own, _) in zip(estimators, probes, prepared, strict=True)
    }


def without_compiling(estimators: dict[str, BaseRNN], X: Any, y: Any) -> tuple[str, ...]:
    """Name the estimators whose training programs for these data this process has already.

    Parameters
    ----------
    estimators : dict of {str: RNNClassifier or RNNRegressor}
        By name; not changed.
    X, y : array-like
        What the estimators are to be fitted on.

    Returns
    -------
    tuple of str
        In their order.
    """

    def is_ready(own: BaseRNN) -> bool:
        prepared = own._prepare(X, y)
        trainer = own._make_trainer(prepared.state)
        if trainer.name == "keras":
            return bool(trainer.is_compiled())
        trainer.prepare(prepared.training, [], prepared.seed)  # weights are of no concern
        return bool(trainer.is_compiled())

    return tuple(name for name, each in estimators.items() if is_ready(clone(each)))


def _compile(own: BaseRNN, prepared: Prepared) -> tuple[Any, SequenceBatch]:
    """Make an estimator able to predict; return its trainer, compiled, and what an epoch scores."""
    training, validation = prepared.training, prepared.validation
    model, trainer = own._start(prepared)
    own._keep(replace(prepared.state, engine=trainer.name, policy=trainer.policy), model_=model)
    rows = np.arange(min(training.batch.n_samples, SCORED_ROWS))
    scored = training.batch.rows(rows) if validation is None else validation.batch
    if trainer.name == "keras":
        trainer.run_steps(1)
    else:
        for chunks in _chunks_by_length(trainer).values():
            trainer.run_chunk(chunks[0])
    trainer.outputs(scored, trainer.weights())
    return trainer, scored


def _speed(trainer: Any, scored: SequenceBatch, predict_seconds: float | None) -> TrainingSpeed:
    """Time one epoch of a trainer: its steps, what comes beside them, and its scoring."""
    n_steps, in_steps, beside = 0, 0.0, 0.0
    for chunks in _chunks_by_length(trainer).values():
        step, call = _step_and_call_seconds(trainer, max(chunks, key=lambda c: len(c.steps)))
        steps_of_length = sum(len(chunk.steps) for chunk in chunks)
        n_steps, in_steps = n_steps + steps_of_length, in_steps + steps_of_length * step
        beside += len(chunks) * call
    scoring = _median_seconds(lambda: trainer.outputs(scored, trainer.weights()))
    return TrainingSpeed(
        step_seconds=in_steps / n_steps,
        epoch_seconds=beside,
        scoring_seconds=scoring / math.ceil(scored.n_samples / SCORING_ROWS),
        compile_seconds=0.0,
        source="probe",
        predict_seconds=predict_seconds,
    )


def _plain_speed(
    own: BaseRNN,
    prepared: Prepared,
    trainer: Any,
    scored: SequenceBatch,
    compile_seconds: float,
    predict_seconds: float | None,
) -> TrainingSpeed:
    """Time a fit by `keras.Model.fit`, which reuses the traced network that a trainer leaves."""
    trainer.release()
    start = time.perf_counter()
    _, trainer = own._start(prepared)
    trainer.run_steps(1)
    whole = time.perf_counter() - start
    n_steps = max(2, min(trainer.n_steps(), MOST_PLAIN_STEPS))
    once, often, epochs = (
        _median_seconds(lambda size=size: trainer.run_steps(*size))
        for size in ((1, 1), (n_steps, 1), (1, 3))
    )
    step = max(0.0, often - once) / (n_steps - 1)
    epoch = max(0.0, (epochs - once) / 2 - step)
    scoring = _median_seconds(lambda: trainer.outputs(scored, trainer.weights()))
    trainer.release()
    return TrainingSpeed(
        step_seconds=step,
        epoch_seconds=epoch,
        scoring_seconds=scoring / math.ceil(scored.n_samples / SCORING_ROWS),
        compile_seconds=compile_seconds,
        source="probe",
        predict_seconds=predict_seconds,
        fit_seconds=max(0.0, whole - step - epoch),
    )


def _chunks_by_length(trainer: Any) -> dict[int, list[Chunk]]:
    chunks: dict[int, list[Chunk]] = {}
    for chunk in trainer.chunks():
        chunks.setdefault(chunk.n_timesteps, []).append(chunk)
    return chunks


def _step_and_call_seconds(trainer: Any, chunk: Chunk) -> tuple[float, float]:
    """Return the seconds of one step, and of calling the program that takes several."""
    n_steps = len(chunk.steps)
    together = _median_seconds(lambda: trainer.run_chunk(chunk))
    if n_steps == 1:
        return together, 0.0
    first = Chunk(chunk.n_timesteps, chunk.steps[:1])
    alone = _median_seconds(lambda: trainer.run_chunk(first))
    # Both are at least nothing, whatever the machine did meanwhile; their sum is what was timed.
    step = min(max(together - alone, 0.0) / (n_steps - 1), together / n_steps)
    return step, together - n_steps * step


def _median_seconds(run: Callable[[], Any]) -> float:
    seconds: list[float] = []
    while len(seconds) < TIMED_CALLS and sum(seconds) < TIMED_SECONDS:
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return median(seconds)


def _predict_seconds(untrained: BaseRNN, X: Any) -> float:
    """Return the median seconds of `predict` on the longest sequence, once its program is there."""
    longest = int(np.argmax(untrained._state.form.read(X, untrained).lengths))
    one = _safe_indexing(X, [longest])
    untrained.predict(one)
    seconds: list[float] = []
    while len(seconds) < TIMED_PREDICTIONS and sum(seconds) < TIMED_SECONDS:
        start = time.perf_counter()
        untrained.predict(one)
        seconds.append(time.perf_counter() - start)
    return median(seconds)
