"""How much of one core's arithmetic training uses: its GFLOP/s over the peak of sgemm.

    python benchmarks/speed/gflops.py [--units 16 32 64 128 256] [--batch 32] [--timesteps 100]

Counted are the matrix products of the recurrent layer alone, forward once and backward twice as
much. The process keeps to one core. A fit is timed whole, with its checks of the input, but after
a first fit has compiled.
"""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import replace

import numpy as np
from report import environment
from tasks import Task
from threadpoolctl import threadpool_limits

UNITS = (16, 32, 64, 128, 256)
TASK = Task(n_samples=1024, n_timesteps=100)
FORWARD_AND_BACKWARD = 3  # times the operations of forward alone
# Matrices that fit the caches differently; the peak is the best of all.
SGEMM_SIZES = (512, 1024, 2048)
SGEMM_REPEATS = 10
FIT_SECONDS = 1.5  # a timed fit has as many epochs as fill this
FIT_REPEATS = 3
LARGEST_EPOCHS = 100
GIGA = 1e9


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--units", type=int, nargs="+", default=UNITS)
    parser.add_argument("--batch", type=int, default=TASK.batch_size)
    parser.add_argument("--timesteps", type=int, default=TASK.n_timesteps)
    options = parser.parse_args()
    keep_to_one_core()
    for name, value in environment().items():
        print(f"{name}: {value}")
    task = replace(TASK, batch_size=options.batch, n_timesteps=options.timesteps)
    peak = sgemm_peak()
    rates = {
        (cell, units): training_rate(replace(task, cells=(cell,), units=units))
        for units in options.units
        for cell in task.cells
    }
    peak = max(peak, sgemm_peak())  # the machine may have been busy the first time
    print(f"sgemm, one thread: {peak / GIGA:.0f} GFLOP/s")
    print(f"n={task.n_samples}, T={task.n_timesteps}, batch {task.batch_size}\n")
    print("| cell | units | GFLOP/s | share of sgemm |\n| --- | --- | --- | --- |")
    for (cell, units), rate in rates.items():
        print(f"| {cell} | {units} | {rate / GIGA:.1f} | {rate / peak:.0%} |")


def keep_to_one_core() -> None:
    """Keep this process, and every thread that it starts, on one core."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)


def sgemm_peak() -> float:
    """Return the most operations a second that numpy's matrix product reaches."""
    best = 0.0
    rng = np.random.default_rng(0)
    with threadpool_limits(1):
        for size in SGEMM_SIZES:
            left, right = rng.random((2, size, size), dtype=np.float32)
            for _ in range(SGEMM_REPEATS):
                start = time.perf_counter()
                left @ right
                best = max(best, 2 * size**3 / (time.perf_counter() - start))
    return best


def training_rate(task: Task) -> float:
    """Return the operations a second of the best of a few fits."""
    from ours import classifier

    X, y = task.data()
    (cell,) = task.cells

    def seconds(epochs: int) -> float:
        start = time.perf_counter()
        classifier(task, cell, epochs=epochs).fit(X, y)
        return time.perf_counter() - start

    seconds(1)  # compiles
    epochs = int(np.clip(np.ceil(FIT_SECONDS / seconds(1)), 1, LARGEST_EPOCHS))
    return epoch_operations(task) * epochs / min(seconds(epochs) for _ in range(FIT_REPEATS))


def epoch_operations(task: Task) -> int:
    """Return the operations of the matrix products of one epoch."""
    from rnnselect.cells import find_cell

    (cell,) = task.cells
    products = find_cell(cell).n_blocks * task.units * (task.units + task.n_channels)
    return FORWARD_AND_BACKWARD * 2 * products * task.n_timesteps * task.n_samples


if __name__ == "__main__":
    main()
