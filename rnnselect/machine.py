"""The machine at hand: how busy it is, and what a calibration of it found."""

from __future__ import annotations

import contextlib
import os
import platform
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from rnnselect.speed import MachineSpeed

__all__ = ["Calibration", "Machine", "measure_load"]

# Packages that may contain a backend.
DISTRIBUTIONS = {"tensorflow": ("tensorflow", "tensorflow-cpu", "tf-nightly")}
# Long enough for a scheduler, which changes tasks every few milliseconds, to show its shares; and
# nothing beside the seconds that start-up takes.
MEASURED_SECONDS = 0.05
# An idle machine is interrupted, too; below this it counts as idle.
IDLE_LOAD = 1.15


@dataclass(frozen=True, slots=True)
class Machine:
    """What a calibration belongs to.

    Parameters
    ----------
    processor : str
        Name of its model.
    n_cores : int
        Processors that the system counts.
    versions : mapping of str to str
        Of Python and of the packages that train.
    """

    processor: str
    n_cores: int
    versions: Mapping[str, str]

    @classmethod
    def this(cls) -> Machine:
        """Describe this machine; imports neither Keras nor its backend."""
        backend = os.environ.get("KERAS_BACKEND") or "tensorflow"
        versions = {
            "python": ".".join(platform.python_version_tuple()[:2]),
            "rnnselect": _version("rnnselect"),
            "keras": _version("keras"),
            backend: _version(*DISTRIBUTIONS.get(backend, (backend,))),
        }
        return cls(_processor(), os.cpu_count() or 1, versions)

    def difference(self, other: Machine) -> str | None:
        """Say in what a calibration of `other` is not one of this machine; None where it is."""
        if (other.processor, other.n_cores) != (self.processor, self.n_cores):
            return "of another machine"
        for name, own in self.versions.items():
            theirs = other.versions.get(name)
            if theirs != own:
                return f"of {name} {theirs}" if theirs else f"not of {name}"
        return None


@dataclass(frozen=True, slots=True)
class Calibration:
    """How fast a machine was found to train, and when.

    Parameters
    ----------
    machine : Machine
        Which machine, with which versions.
    speed : MachineSpeed
        Its speed.
    day : str
        When it was measured: year, month and day, as in ``"2026-11-23"``.
    seconds : float
        How long that took.
    """

    machine: Machine
    speed: MachineSpeed
    day: str
    seconds: float

    @classmethod
    def of_this_machine(cls, speed: MachineSpeed, seconds: float) -> Calibration:
        """Return what was measured on this machine today."""
        return cls(Machine.this(), speed, date.today().isoformat(), seconds)

    def to_dict(self) -> dict[str, Any]:
        """Return all fields as plain values."""
        return asdict(self)

    def __str__(self) -> str:
        versions = ", ".join(f"{name} {number}" for name, number in self.machine.versions.items())
        speed, cells = self.speed, self.speed.cells.values()
        rows = {
            "": [cell.upper() for cell in self.speed.cells],
            "a time step": [f"{1e6 * cell.timestep_seconds:.1f} µs" for cell in cells],
            "its arithmetic": [f"{1e-9 * cell.flops_per_second:.0f} GFLOP/s" for cell in cells],
            "a training step beside it": [f"{1e3 * cell.step_seconds:.2f} ms" for cell in cells],
            "scoring, of training": [f"{100 * cell.scoring_share:.0f} %" for cell in cells],
            "compiling a layer": [f"{cell.compile_seconds:.1f} s" for cell in cells],
            "loading it, of compiling": [f"{100 * cell.loading_share:.0f} %" for cell in cells],
        }
        lines = [f"  {name:<27}" + "".join(f"{v:>13}" for v in row) for name, row in rows.items()]
        rest = (
            f"Beside that, an epoch takes {1e3 * speed.epoch_seconds:.1f} ms, a fit "
            f"{1e3 * speed.fit_seconds:.0f} ms, and importing Keras {speed.import_seconds:.1f} s."
        )
        machine = f"{self.machine.processor}, {self.machine.n_cores} cores; {versions}"
        day = f"Calibrated on {self.day}, in {self.seconds:.0f} s:"
        return "\n".join([machine, day, *lines, rest])


def measure_load() -> float:
    """Return how many times as long as on an idle machine a thread's work takes at the moment.

    Returns
    -------
    float
        1.0 where nothing else is running, 2.0 where this thread gets half of a processor.

    Notes
    -----
    The thread counts for a twentieth of a second; its wall-clock time is divided by the processor
    time that it got. Work that starts later, or threads that this process adds, are not foreseen.
    """
    started, cpu_started = time.perf_counter(), time.thread_time()
    while (passed := time.perf_counter() - started) < MEASURED_SECONDS:
        pass
    used = time.thread_time() - cpu_started
    load = passed / used if used > 0 else 1.0  # a coarse clock of the processor says nothing
    return load if load > IDLE_LOAD else 1.0


@cache  # reading the metadata of four packages takes longer than a plan
def _version(*distributions: str) -> str:
    for name in distributions:
        with contextlib.suppress(PackageNotFoundError):
            return version(name)
    return "unknown"


@cache
def _processor() -> str:
    """Return the name of the processor's model, or of its kind where no more is known."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine() or "unknown"
