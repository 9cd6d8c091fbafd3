"""The machine at hand, and what a calibration of it found."""

from __future__ import annotations

import contextlib
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from rnnselect.speed import MachineSpeed

__all__ = ["Calibration", "Machine"]

# Packages that may contain a backend.
DISTRIBUTIONS = {"tensorflow": ("tensorflow", "tensorflow-cpu", "tf-nightly")}


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
        }
        lines = [f"  {name:<27}" + "".join(f"{v:>13}" for v in row) for name, row in rows.items()]
        rest = (
            f"Beside that, an epoch takes {1e3 * speed.epoch_seconds:.1f} ms, a fit "
            f"{1e3 * speed.fit_seconds:.0f} ms, and importing Keras {speed.import_seconds:.1f} s."
        )
        machine = f"{self.machine.processor}, {self.machine.n_cores} cores; {versions}"
        day = f"Calibrated on {self.day}, in {self.seconds:.0f} s:"
        return "\n".join([machine, day, *lines, rest])


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
