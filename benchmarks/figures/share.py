"""Share of the limit: GFLOP/s of training over the machine's own sgemm, on one and two threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from parts import Part, Records, Row

UNITS = (16, 32, 64, 128, 256)
CELLS = ("gru", "lstm")
LEAST_SHARE = {32: 0.25, 128: 0.45}
N_REPEATS = 3
FIT_SECONDS = 1.5
RATES = {
    (n_threads, cell, units): Part(
        "share.rate",
        {"n_threads": n_threads, "cell": cell, "units": units, "batch_size": 32},
        {"units": 16},
    )
    for n_threads in (1, 2)
    for units in UNITS
    for cell in CELLS
}
PARTS = list(RATES.values())


def rate(n_threads: int, cell: str, units: int, batch_size: int) -> dict:
    """Return the operations a second of fits, one to a thread, and of sgemm beside them."""
    import gflops

    if n_threads == 1:
        gflops.keep_to_one_core()
    task = replace(gflops.TASK, cells=(cell,), units=units, batch_size=batch_size)
    peak = sgemm_peak(n_threads)
    achieved = gflops.training_rate(task) if n_threads == 1 else training_rate(task, n_threads)
    # The machine may have been busy the first time.
    return {"rate": achieved, "peak": max(peak, sgemm_peak(n_threads))}


def sgemm_peak(n_threads: int) -> float:
    """Return the operations a second of matrix products, each thread with its own."""
    import gflops
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1), ThreadPoolExecutor(n_threads) as pool:
        return sum(pool.map(lambda _: gflops.sgemm_peak(), range(n_threads)))


def training_rate(task, n_threads: int) -> float:
    """Return the operations a second of the best of a few turns of simultaneous fits."""
    import numpy as np
    from gflops import LARGEST_EPOCHS, epoch_operations
    from ours import classifier

    X, y = task.data()
    (cell,) = task.cells
    together = threading.Barrier(n_threads)

    def fit(epochs: int) -> None:
        together.wait()
        classifier(task, cell, epochs=epochs).fit(X, y)

    def seconds(epochs: int) -> float:
        start = time.perf_counter()
        list(pool.map(fit, [epochs] * n_threads))
        return time.perf_counter() - start

    with ThreadPoolExecutor(n_threads) as pool:
        seconds(1)  # compiles
        epochs = int(np.clip(np.ceil(FIT_SECONDS / seconds(1)), 1, LARGEST_EPOCHS))
        best = min(seconds(epochs) for _ in range(N_REPEATS))
    return n_threads * epoch_operations(task) * epochs / best


def rows(records: Records) -> Iterator[Row]:
    """Judge what has been measured: the peak is the best that any process of a kind has seen."""
    found = {key: part.found(records) for key, part in RATES.items()}
    for (n_threads, cell, units), taken in found.items():
        if not taken:
            continue
        peaks = [r["peak"] for key, rs in found.items() if key[0] == n_threads for r in rs]
        achieved, peak = max(record["rate"] for record in taken), max(peaks)
        least = LEAST_SHARE.get(units)
        yield Row(
            f"share of sgemm, {cell.upper()}, {units} units, {n_threads} thread"
            + ("s" if n_threads > 1 else ""),
            "" if least is None else f"at least {least:.0%}",
            f"{achieved / peak:.0%} ({achieved / 1e9:.1f} of {peak / 1e9:.0f} GFLOP/s)",
            None if least is None else achieved / peak >= least,
        )
