"""Memory: of a fit beside Keras' own, of a fit on mapped data, and of many fits in one process."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import numpy as np
from parts import Part, Records, Row

MEBIBYTE = 2**20
SIDES = ("rnnselect", "rnnselect, defaults", "keras")
LARGEST_RATIO = 1.3
# 5,000 sequences of 100 steps and 4 channels take 8 MB, 400,000 take 640 MB.
SIZES = (5_000, 100_000, 400_000)
N_TIMESTEPS, N_CHANNELS, UNITS, BATCH_SIZE = 100, 4, 16, 256
FITS = {
    (side, n): Part("memory.fit", {"side": side, "n_samples": n}, {"n_samples": 1000}, repeats=2)
    for n in SIZES
    for side in SIDES
}

MAPPED_BYTES = 2**32
MAPPED_UNITS = 8
LARGEST_ANONYMOUS_BYTES = 1.5e9
SAMPLING_SECONDS = 0.01
# The file repeats one block of random values, because making 4 GiB of them takes longer.
BLOCK_BYTES = 2**26
MAPPED = {
    stopping: Part(
        "memory.mapped",
        {"early_stopping": stopping, "n_bytes": MAPPED_BYTES},
        {"n_bytes": 2 * BLOCK_BYTES},
    )
    for stopping in (False, True)
}

SETTLED_FITS = 10
LARGEST_GROWTH = 0.03
GROWTH = {
    engine: Part("memory.growth", {"engine": engine, "n_fits": n_fits}, {"n_fits": 12})
    for engine, n_fits in {"compiled": 200, "keras": 50}.items()
}

PARTS = [*FITS.values(), *MAPPED.values(), *GROWTH.values()]


def fit(side: str, n_samples: int) -> dict:
    """Return the peak resident memory of a process that makes data and fits once."""
    X, y = sequences(n_samples)
    if side == "keras":
        import plain_keras
        from tasks import Task

        task = Task(n_samples, N_TIMESTEPS, N_CHANNELS, ("gru",), units=UNITS)
        before = status("VmRSS")
        model = plain_keras.compiled(task, "gru")
        model.fit(X, y, batch_size=BATCH_SIZE, epochs=1, verbose=0)
    else:
        plain = {"early_stopping": False, "scale_inputs": False}
        estimator = network(UNITS, **({} if side.endswith("defaults") else plain))
        import rnnselect.recurrent.compiled  # noqa: F401 -- in the memory before the fit

        before = status("VmRSS")
        estimator.fit(X, y)
    return {"peak_bytes": status("VmHWM"), "before_bytes": before, "data_bytes": X.nbytes}


def mapped(early_stopping: bool, n_bytes: int) -> dict:
    """Return the most anonymous memory of a fit on a memory-mapped file."""
    with tempfile.TemporaryDirectory() as folder:
        X = mapped_sequences(Path(folder) / "X.npy", n_bytes // (4 * N_TIMESTEPS * N_CHANNELS))
        y = np.random.default_rng(1).integers(0, 2, size=len(X))
        with most_anonymous() as most:
            fitted = network(MAPPED_UNITS, early_stopping=early_stopping).fit(X, y)
        return {
            "most_bytes": most["bytes"],
            "before_bytes": most["before"],
            "data_bytes": X.nbytes,
            "n_epochs": fitted.n_epochs_,
        }


def growth(engine: str, n_fits: int) -> dict:
    """Return the memory after each of many fits of unlike size."""
    X, y = sequences(1200)
    resident, anonymous = [], []
    for i in range(n_fits):
        n = 1000 + i
        network(UNITS, engine=engine, random_state=i).fit(X[:n], y[:n]).predict(X[:n])
        resident.append(status("VmRSS"))
        anonymous.append(status("RssAnon"))
    return {"resident_bytes": resident, "anonymous_bytes": anonymous}


def network(units: int, **changes):
    """Return an estimator for one epoch."""
    from rnnselect import RNNClassifier

    common = {"units": units, "batch_size": BATCH_SIZE, "epochs": 1, "random_state": 0}
    return RNNClassifier(**{**common, **changes})


def sequences(n_samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Return random X and a y that can be learnt, without other arrays of X's size."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_samples, N_TIMESTEPS, N_CHANNELS), dtype=np.float32)
    return X, (X[:, :, 0].sum(axis=1) > 0).astype(np.int64)


def mapped_sequences(path: Path, n_samples: int) -> np.memmap:
    """Write a file of sequences and map it for reading."""
    shape = (n_samples, N_TIMESTEPS, N_CHANNELS)
    written = np.lib.format.open_memmap(path, "w+", dtype=np.float32, shape=shape)
    block, _ = sequences(BLOCK_BYTES // (4 * N_TIMESTEPS * N_CHANNELS))
    for start in range(0, n_samples, len(block)):
        written[start : start + len(block)] = block[: n_samples - start]
    written.flush()
    return np.load(path, mmap_mode="r")


@contextmanager
def most_anonymous() -> Iterator[dict]:
    """Sample RssAnon while the block runs."""
    before = status("RssAnon")
    most = {"before": before, "bytes": before}
    over = threading.Event()

    def sample() -> None:
        while not over.wait(SAMPLING_SECONDS):
            most["bytes"] = max(most["bytes"], status("RssAnon"))

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield most
    finally:
        over.set()
        thread.join()


def status(name: str) -> int:
    """Return a value of this process's memory in bytes, as Linux names it."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return 1024 * int(line.split()[1])
    raise ValueError(f"/proc/self/status has no {name}: this benchmark needs Linux")


def rows(records: Records) -> list[Row]:
    """Judge what has been measured."""
    return [*_fit_rows(records), *_mapped_rows(records), *_growth_rows(records)]


def _fit_rows(records: Records) -> Iterator[Row]:
    for n in SIZES:
        found = {side: FITS[side, n].found(records) for side in SIDES}
        if not all(found.values()):
            continue
        peaks = {side: median(r["peak_bytes"] for r in found[side]) for side in SIDES}
        size = found["keras"][0]["data_bytes"] / MEBIBYTE
        for side in SIDES[:2]:
            ratio = peaks[side] / peaks["keras"]
            yield Row(
                f"peak resident memory of a fit on {size:.0f} MiB ({side}), over keras.Model.fit",
                f"at most {LARGEST_RATIO}",
                f"{ratio:.2f} ({_mebibytes(peaks[side])} over {_mebibytes(peaks['keras'])})",
                ratio <= LARGEST_RATIO,
            )


def _mapped_rows(records: Records) -> Iterator[Row]:
    for stopping, part in MAPPED.items():
        for record in part.found(records)[-1:]:
            most = record["most_bytes"]
            yield Row(
                f"RssAnon while fitting a mapped file of {_mebibytes(record['data_bytes'])}, early "
                f"stopping {'on' if stopping else 'off'}",
                f"under {_mebibytes(LARGEST_ANONYMOUS_BYTES)}",
                f"{_mebibytes(most)} (before: {_mebibytes(record['before_bytes'])})",
                most < LARGEST_ANONYMOUS_BYTES,
            )


def _growth_rows(records: Records) -> Iterator[Row]:
    for engine, part in GROWTH.items():
        for record in part.found(records)[-1:]:
            resident, anonymous = record["resident_bytes"], record["anonymous_bytes"]
            grown = _grown(resident)
            is_judged = engine == "compiled"
            yield Row(
                f"growth of resident memory from fit {SETTLED_FITS} to {len(resident)} in one "
                f'process, engine="{engine}"',
                f"under {LARGEST_GROWTH:.0%}" if is_judged else "",
                f"{grown:.1%} (to {_mebibytes(resident[-1])}); anonymous memory alone "
                f"{_grown(anonymous):.1%} (to {_mebibytes(anonymous[-1])})",
                grown < LARGEST_GROWTH if is_judged else None,
            )


def _grown(n_bytes: list[int]) -> float:
    return max(n_bytes[SETTLED_FITS:]) / n_bytes[SETTLED_FITS - 1] - 1


def _mebibytes(n_bytes: float) -> str:
    return f"{n_bytes / MEBIBYTE:,.0f} MiB"
