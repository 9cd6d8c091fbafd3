"""Measures how fast this machine trains: `rnnselect.calibrate`.

The measurement runs in a fresh interpreter: importing and compiling are timed as they are met, and
none of its programs stays in the caller's process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from rnnselect.calibration_file import remember, speed_from_dict
from rnnselect.cells import CELLS
from rnnselect.machine import Calibration
from rnnselect.program_store import KEEP_VARIABLE, LOG_LEVEL_VARIABLE
from rnnselect.recurrent.base import load_engine
from rnnselect.recurrent.batches import Chunk
from rnnselect.recurrent.classifier import RNNClassifier
from rnnselect.speed import SCORING_ROWS, TRAINING_TO_FORWARD, CellSpeed, MachineSpeed

__all__ = ["calibrate"]

# (units, time steps, batch size). Four shapes for three unknowns of each cell: few and many time
# steps tell the fixed cost of a step from that of a time step, many units or rows the arithmetic.
SHAPES = ((32, 16, 32), (32, 128, 32), (128, 32, 32), (64, 64, 128))
N_CHANNELS = 2
# All shapes are timed this many times, one after the other, this often in a row: other work that
# comes and goes then meets not all timings of a shape, and the shortest counts.
ROUNDS, REPEATS = 3, 2
# Scoring blocks of one call.
SCORED_BLOCKS = 8
# Ten TFLOP/s: where the arithmetic explains nothing of the seconds, it is said to be that fast.
SMALLEST_SECONDS_PER_FLOP = 1e-13
# The last words of a measurement that failed.
MESSAGE_LINES = 5


def calibrate() -> Calibration:
    """Measure how fast this machine trains, so that plans predict its seconds.

    Compiles and times networks of four shapes with both cells, in a process of its own, which
    takes about half a minute. The result is kept in the user's cache folder, and from then on
    `RNNAdvisor` predicts costs with it until it has timed the user's own data. Without a budget
    only the seconds that are shown depend on it, never the advice.

    The seconds are those of a machine without other work, estimated from processor time even if
    it was busy meanwhile. The advisor measures itself how busy the machine is later.

    Returns
    -------
    Calibration
        What was measured, when, and on which machine; prints as a table.

    Raises
    ------
    RuntimeError
        If the measurement fails; the message ends with its last lines of output.

    Warns
    -----
    UserWarning
        If the result cannot be stored; it is returned all the same.

    Notes
    -----
    A calibration belongs to a processor, a number of cores and the versions of Python, rnnselect,
    Keras and its backend; with others it is not used, and the plan says so. The environment
    variable ``RNNSELECT_CACHE_DIR`` names another folder for it.

    Examples
    --------
    >>> import rnnselect
    >>> calibration = rnnselect.calibrate()  # doctest: +SKIP
    >>> print(calibration)  # doctest: +SKIP
    >>> rnnselect.RNNAdvisor().plan(n_samples=5000, sequence_length=50)  # doctest: +SKIP
    """
    start = time.perf_counter()
    with TemporaryDirectory() as folder:  # an empty store, and then a store with what is needed
        compiled = _measure_in_fresh_process(SHAPES, folder)
        loaded = _measure_in_fresh_process(SHAPES[:1], folder)
    cells = {name: _with_loading(cell, loaded.cells[name]) for name, cell in compiled.cells.items()}
    speed = replace(compiled, cells=cells)
    calibration = Calibration.of_this_machine(speed, seconds=time.perf_counter() - start)
    remember(calibration)
    return calibration


def _with_loading(cell: CellSpeed, loaded: CellSpeed) -> CellSpeed:
    """Say what loading takes of compiling; all of it where programs cannot be kept."""
    if not cell.compile_seconds > 0:
        return cell
    return replace(cell, loading_share=min(1.0, loaded.compile_seconds / cell.compile_seconds))


def _measure_in_fresh_process(shapes: Sequence[Sequence[int]], store: str) -> MachineSpeed:
    paths = [str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
    try:
        finished = subprocess.run(
            # -P: nothing is imported from the folder that the user happens to be in.
            [sys.executable, "-P", "-m", __name__, json.dumps(shapes)],
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(paths),
                LOG_LEVEL_VARIABLE: "3",
                KEEP_VARIABLE: store,
            },
            capture_output=True,
            text=True,
            check=True,
        )
        return speed_from_dict(json.loads(finished.stdout.strip().rpartition("\n")[2]))
    except subprocess.CalledProcessError as error:
        reason = "\n  ".join(error.stderr.strip().splitlines()[-MESSAGE_LINES:])
        reason = f"it ended with code {error.returncode}. {reason}"
    except (OSError, ValueError) as error:
        reason = str(error)
    raise RuntimeError(
        f"The measurement in a process of its own ({sys.executable!r}) failed: {reason}\n"
        "Costs are predicted for one typical machine until calibrate() succeeds."
    )


@dataclass(slots=True)
class Timed:
    """One cell in one shape: how to run its programs, and the shortest times so far."""

    cell: str
    n_timesteps: int
    batch_size: int
    flops_per_timestep: int
    compile_seconds: float
    runs: dict[str, Callable[[], Any]]
    seconds: dict[str, float]
    n_steps: int

    def time(self) -> None:
        """Run each of its programs a few times."""
        for name, run in self.runs.items():
            for _ in range(REPEATS):
                self.seconds[name] = min(self.seconds[name], _seconds(run))

    @property
    def step(self) -> float:
        """Seconds of one of many training steps."""
        return self.seconds["steps"] / self.n_steps

    @property
    def block(self) -> float:
        """Seconds of one of many scoring blocks."""
        return self.seconds["blocks"] / SCORED_BLOCKS

    @property
    def calls(self) -> float:
        """Seconds of calling both programs, beside the step and the block that they run."""
        training = self.seconds["step"] - self.step
        return max(0.0, training) + max(0.0, self.seconds["block"] - self.block)


def measure(shapes: Sequence[Sequence[int]]) -> MachineSpeed:
    """Time both cells in some shapes, in this process.

    Parameters
    ----------
    shapes : list of (int, int, int)
        Units, time steps and batch size of each.

    Returns
    -------
    MachineSpeed
        Least squares of relative errors, no part of it negative.
    """
    import_seconds = _seconds(load_engine)
    timed = [_compiled(cell, *shape) for shape in shapes for cell in CELLS]
    for _ in range(ROUNDS):
        for each in timed:
            each.time()
    return MachineSpeed(
        cells={cell: _cell_speed([t for t in timed if t.cell == cell]) for cell in CELLS},
        epoch_seconds=median(each.calls for each in timed),
        fit_seconds=_fit_seconds(shapes[0], timed[0]),
        import_seconds=import_seconds,
        source="calibration",
    )


def _compiled(cell: str, units: int, n_timesteps: int, batch_size: int) -> Timed:
    """Compile the programs of a network on random data."""
    estimator, X, y = _problem(cell, units, n_timesteps, batch_size)
    prepared = estimator._prepare(X, y)
    training, (_, trainer) = prepared.training, estimator._start(prepared)
    many = max(trainer.chunks(), key=lambda chunk: len(chunk.steps))
    one = Chunk(many.n_timesteps, many.steps[:1])
    weights = trainer.weights()
    block, blocks = (
        training.batch.rows(np.arange(n) % training.batch.n_samples)
        for n in (SCORING_ROWS, SCORED_BLOCKS * SCORING_ROWS)
    )
    runs = {
        "step": lambda: trainer.run_chunk(one),
        "steps": lambda: trainer.run_chunk(many),
        "block": lambda: trainer.outputs(block, weights),
        "blocks": lambda: trainer.outputs(blocks, weights),
    }
    cold, warm = (_seconds(runs["step"]) + _seconds(runs["block"]) for _ in range(2))
    return Timed(
        cell=cell,
        n_timesteps=n_timesteps,
        batch_size=batch_size,
        flops_per_timestep=prepared.state.architecture.flops_per_timestep(),
        compile_seconds=max(0.0, cold - warm),
        runs=runs,
        seconds=dict.fromkeys(runs, np.inf),
        n_steps=len(many.steps),
    )


def _problem(cell: str, units: int, n_timesteps: int, batch_size: int) -> tuple[Any, Any, Any]:
    """Return a network and random data for one full chunk of steps."""
    n_samples = 40 * batch_size
    X = np.random.default_rng(0).normal(size=(n_samples, n_timesteps, N_CHANNELS))
    network = RNNClassifier(cell=cell, units=units, batch_size=batch_size, epochs=1, random_state=0)
    return network, X.astype(np.float32), np.arange(n_samples) % 2


def _cell_speed(timed: list[Timed]) -> CellSpeed:
    """Explain the seconds of a step by its time steps and its arithmetic."""
    from scipy.optimize import nnls

    arithmetic = [TRAINING_TO_FORWARD * t.batch_size * t.flops_per_timestep for t in timed]
    causes = np.array(
        [(1.0, t.n_timesteps, t.n_timesteps * a) for t, a in zip(timed, arithmetic, strict=True)]
    )
    # Divided by what was measured, so that relative errors count; and by the largest of each
    # column, because they differ by ten orders of magnitude.
    causes /= np.array([t.step for t in timed])[:, None]
    largest = causes.max(axis=0)
    per_step, per_timestep, per_flop = nnls(causes / largest, np.ones(len(timed)))[0] / largest
    shares = [t.block / t.step * t.batch_size / SCORING_ROWS for t in timed]
    return CellSpeed(
        step_seconds=float(per_step),
        timestep_seconds=float(per_timestep),
        flops_per_second=float(1 / max(per_flop, SMALLEST_SECONDS_PER_FLOP)),
        scoring_share=float(median(shares)),
        compile_seconds=float(median(t.compile_seconds for t in timed)),
    )


def _fit_seconds(shape: Sequence[int], first: Timed) -> float:
    """Return what a fit and a prediction cost beside the steps of its one epoch."""
    cell = first.cell
    estimator, X, y = _problem(cell, *shape)
    seconds = min(_seconds(lambda: estimator.fit(X, y).predict(X[:1])) for _ in range(ROUNDS))
    validation = 0.1 * len(y)
    steps = (len(y) - validation) / first.batch_size
    blocks = 1 + validation / SCORING_ROWS
    return max(0.0, seconds - steps * first.step - blocks * first.block - first.calls)


def _seconds(run: Callable[[], Any]) -> float:
    """Return what a call takes on a machine without other work.

    Processor time leaves out the waiting for a core, wall-clock time is less where several threads
    share the work; so the smaller one counts.
    """
    start, used = time.perf_counter(), time.process_time()
    run()
    return min(time.perf_counter() - start, time.process_time() - used)


if __name__ == "__main__":
    print(json.dumps(asdict(measure(json.loads(sys.argv[1])))))  # noqa: T201 -- to the parent
