"""Deadlines: how late a training ends that was given `max_seconds`."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator

import numpy as np
from parts import Part, Records, Row

SHORTEST_SECONDS, LONGEST_SECONDS = 0.5, 20.0
ALLOWED_SECONDS = 0.3
ALLOWED_SHARE = 0.02
ENDLESS = 10**9
N_DEADLINES = 40  # of each workload
N_OF_A_PART = 10


def short_steps():
    """Take steps of a millisecond, and score nothing."""
    X, y = _numbers(1024, 50)
    return _network(early_stopping=False), X, y


def middle_steps():
    """Take steps of tens of milliseconds, and score each epoch."""
    X, y = _numbers(5000, 200)
    return _network(cell="lstm", units=64, batch_size=64), X, y


def long_steps():
    """Take steps of a second."""
    X, y = _numbers(2048, 400)
    return _network(units=256, batch_size=256, early_stopping=False), X, y


def ragged_tokens():
    """Take steps of several padded lengths, and score each epoch."""
    rng = np.random.default_rng(0)
    X = [rng.integers(1, 5000, size=n) for n in np.exp(rng.uniform(1.6, 6, 3000)).astype(int)]
    y = np.array([np.mean(row % 2 == 0) > 0.5 for row in X]).astype(int)
    return _network(embedding_dim=32, vocabulary_size=5000), X, y


def large_data():
    """Check much data before the first step, and score much after each epoch."""
    X, y = _numbers(100_000, 50)
    return _network(batch_size=256, validation_fraction=0.3), X, y


def plain_engine():
    """Train with keras.Model.fit."""
    X, y = _numbers(1024, 50)
    return _network(engine="keras"), X, y


WORKLOADS: dict[str, Callable] = {
    function.__name__: function
    for function in (short_steps, middle_steps, long_steps, ragged_tokens, large_data, plain_engine)
}
PARTS = [
    Part(
        "deadlines.late",
        {"workload": workload, "part": part, "n_deadlines": N_OF_A_PART},
        {"n_deadlines": 1},
    )
    for part in range(N_DEADLINES // N_OF_A_PART)
    for workload in WORKLOADS
]


def late(workload: str, part: int, n_deadlines: int) -> dict:
    """Return deadlines and how late fits ended, with all programs compiled before."""
    from rnnselect.recurrent.probe import measure_speeds

    estimator, X, y = WORKLOADS[workload]()
    estimator.set_params(max_seconds=None, epochs=1).fit(X, y)
    speeds = measure_speeds({workload: estimator}, X, y, n_jobs=1)
    assert speeds is not None  # only a deadline ends a probe early
    step_seconds = speeds[workload].step_seconds
    estimator.set_params(epochs=ENDLESS)
    rng = np.random.default_rng([part, *workload.encode()])
    logarithms = np.log([SHORTEST_SECONDS, LONGEST_SECONDS])
    deadlines = np.exp(rng.uniform(*logarithms, size=n_deadlines)).tolist()
    ends = [_end(estimator.set_params(max_seconds=deadline), X, y) for deadline in deadlines]
    return {"deadlines": deadlines, "ends": ends, "step_seconds": step_seconds}


def _end(estimator, X, y) -> float:
    """Return the seconds from the call of `fit` to its return."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # too few seconds for an epoch
        start = time.perf_counter()
        estimator.fit(X, y)
        return time.perf_counter() - start


def _network(**changes):
    from rnnselect import RNNClassifier

    return RNNClassifier(**{"n_iter_no_change": ENDLESS, "random_state": 0, **changes})


def _numbers(n_samples: int, n_timesteps: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_samples, n_timesteps, 4), dtype=np.float32)
    return X, (X[:, :, 0].sum(axis=1) > 0).astype(int)


def lateness(workload: str, records: Records) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return deadlines, seconds late and seconds allowed of a workload."""
    found: list[tuple[float, float, float]] = []
    for part in PARTS:
        if part.settings["workload"] == workload:
            for record in part.found(records)[-1:]:
                for deadline, end in zip(record["deadlines"], record["ends"], strict=True):
                    allowed = max(ALLOWED_SECONDS, record["step_seconds"], ALLOWED_SHARE * deadline)
                    found.append((deadline, end - deadline, allowed))
    deadlines, late, allowed = np.array(found).reshape(-1, 3).T
    return deadlines, late, allowed


def rows(records: Records) -> Iterator[Row]:
    """Judge what has been measured."""
    for workload in WORKLOADS:
        _, late, allowed = lateness(workload, records)
        if len(late):
            n_kept = np.count_nonzero(late <= allowed)
            yield Row(
                f"lateness of {len(late)} fits with `max_seconds`, {workload.replace('_', ' ')}",
                f"at most {ALLOWED_SECONDS} s, one step or {ALLOWED_SHARE:.0%}",
                f"{n_kept} of {len(late)} kept; median {np.median(late):.2f} s, most "
                f"{late.max():.2f} s",
                bool(n_kept == len(late)),
            )
