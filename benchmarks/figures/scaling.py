"""Scaling: two folds on two threads, and cost against samples, time steps and epochs."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import numpy as np
from parts import Part, Records, Row
from scipy.optimize import curve_fit

CELLS = ("gru", "lstm")

LEAST_THROUGHPUT = 1.7
THREADS = {
    (cell, units): Part(
        "scaling.threads",
        {"cell": cell, "units": units, "epochs": 60, "n_repeats": 5},
        {"epochs": 2, "n_repeats": 1},
    )
    for units in (32, 64)
    for cell in CELLS
}

# Beside the constant cost of a fit, the exponent of growth should be about 1.
LARGEST_EXPONENT = 1.1
LEAST_EXPONENT = 0.9
POINTS = {
    "samples": (1_000, 3_160, 10_000, 31_600, 100_000, 316_000, 1_000_000),
    "timesteps": (10, 20, 50, 100, 200, 500, 1000, 2000),
    "epochs": (1, 2, 5, 10, 20, 50, 100, 200),
}
WORDS = {"samples": "sequences", "timesteps": "time steps", "epochs": "epochs"}
CURVES = {
    (axis, cell): Part(
        "scaling.curve",
        {"axis": axis, "cell": cell, "points": points, "n_repeats": 3},
        {"points": points[:3], "n_repeats": 1},
    )
    for axis, points in POINTS.items()
    for cell in CELLS
}
PARTS = [*THREADS.values(), *CURVES.values()]


def threads(cell: str, units: int, epochs: int, n_repeats: int) -> dict:
    """Return the seconds of two folds, one after the other and at a time, in turns."""
    import joblib
    from ours import classifier
    from sklearn.model_selection import cross_val_score
    from tasks import Task

    task = Task(units=units, epochs=epochs)
    X, y = task.data()

    def seconds(n_jobs: int, **changes) -> float:
        start = time.perf_counter()
        with joblib.parallel_config(backend="threading"):
            cross_val_score(classifier(task, cell, **changes), X, y, cv=2, n_jobs=n_jobs)
        return time.perf_counter() - start

    seconds(2, epochs=1)  # compiles
    turns = [(seconds(1), seconds(2)) for _ in range(n_repeats)]
    return {"one_seconds": [one for one, _ in turns], "two_seconds": [two for _, two in turns]}


def curve(axis: str, cell: str, points: list[int], n_repeats: int) -> dict:
    """Return the seconds of warm fits at each point, taken in random order."""
    with tempfile.TemporaryDirectory() as folder:
        fit = FITS[axis](cell, points, Path(folder))
        for point in points if axis == "timesteps" else points[:1]:
            fit(point)  # compiles
        taken: dict[int, list[float]] = {point: [] for point in points}
        order = np.random.default_rng(0)
        for _ in range(n_repeats):
            for point in order.permutation(points).tolist():
                start = time.perf_counter()
                fit(point)
                taken[point].append(time.perf_counter() - start)
    return {"points": points, "point_seconds": [taken[point] for point in points]}


def _samples(cell: str, points: list[int], folder: Path) -> Callable[[int], object]:
    """One epoch of ever more sequences of a memory-mapped file."""
    from ours import classifier
    from tasks import Task

    path = folder / "X.npy"
    task = Task(max(points), n_timesteps=10, batch_size=256, epochs=1)
    X, y = task.data()
    np.save(path, X)
    X = np.load(path, mmap_mode="r")
    return lambda n: classifier(task, cell, scale_inputs=True).fit(X[:n], y[:n])


def _timesteps(cell: str, points: list[int], folder: Path) -> Callable[[int], object]:
    """Few epochs of ever longer sequences."""
    from ours import classifier
    from tasks import Task

    task = Task(n_samples=512, n_timesteps=max(points), epochs=5)
    X, y = task.data()
    cut = {n: np.ascontiguousarray(X[:, :n]) for n in points}
    return lambda n: classifier(task, cell, scale_inputs=True).fit(cut[n], y)


def _epochs(cell: str, points: list[int], folder: Path) -> Callable[[int], object]:
    """Ever more epochs."""
    from ours import classifier
    from tasks import Task

    task = Task(n_samples=1024, n_timesteps=50)
    X, y = task.data()
    return lambda n: classifier(task, cell, scale_inputs=True, epochs=n).fit(X, y)


FITS = {"samples": _samples, "timesteps": _timesteps, "epochs": _epochs}


def growth(record: dict) -> tuple[float, float, float]:
    """Return constant seconds, exponent and factor of ``constant + factor * n ** exponent``.

    Fitted to the logarithms, because the points span decades; the least of the repeats counts,
    for a machine is never too fast.
    """
    points = np.array(record["points"], float)
    seconds = np.array([min(repeats) for repeats in record["point_seconds"]])

    def logarithm(n, constant, exponent, log_factor):
        return np.log(constant + np.exp(log_factor) * n**exponent)

    start = (seconds[0] / 2, 1.0, np.log(seconds[-1] / points[-1]))
    bounds = ([0, 0.1, -np.inf], [seconds.max(), 3.0, np.inf])
    (constant, exponent, log_factor), _ = curve_fit(
        logarithm, points, np.log(seconds), p0=start, bounds=bounds
    )
    return float(constant), float(exponent), float(np.exp(log_factor))


def steepest(record: dict) -> float:
    """Return the largest log-log slope between the ends of any three neighbouring points."""
    points = np.log(record["points"])
    seconds = np.log([min(repeats) for repeats in record["point_seconds"]])
    return float(((seconds[2:] - seconds[:-2]) / (points[2:] - points[:-2])).max())


def rows(records: Records) -> Iterator[Row]:
    """Judge what has been measured."""
    for (cell, units), part in THREADS.items():
        for record in part.found(records)[-1:]:
            ratio = median(record["one_seconds"]) / median(record["two_seconds"])
            turns = [
                a / b for a, b in zip(record["one_seconds"], record["two_seconds"], strict=True)
            ]
            yield Row(
                f"throughput of two folds on two threads over one, {cell.upper()}, {units} units",
                f"at least {LEAST_THROUGHPUT}",
                f"{ratio:.2f} ({min(turns):.2f}–{max(turns):.2f})",
                ratio >= LEAST_THROUGHPUT,
            )
    for (axis, cell), part in CURVES.items():
        for record in part.found(records)[-1:]:
            constant, exponent, _ = growth(record)
            ends = record["points"][0], record["points"][-1]
            yield Row(
                f"exponent of the seconds of a fit in {WORDS[axis]}, {ends[0]:,} to {ends[1]:,}, "
                f"{cell.upper()}",
                f"{LEAST_EXPONENT} to {LARGEST_EXPONENT}",
                f"{exponent:.2f} beside {constant:.2f} s for any fit; log-log slope at most "
                f"{steepest(record):.2f}",
                LEAST_EXPONENT <= exponent <= LARGEST_EXPONENT,
            )
