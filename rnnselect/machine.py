"""The machine at hand: what it is, and how fast an earlier calibration found it to be.

One small JSON file for each machine in the user's cache folder. It is read as something that
anybody may have written: what is not exactly a calibration of this machine with these versions is
refused, with words that say why.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import platform
import tempfile
import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from rnnselect.speed import NOMINAL, CellSpeed, MachineSpeed

__all__ = [
    "NOT_CALIBRATED",
    "Calibration",
    "KnownSpeed",
    "Machine",
    "known_speed",
    "remember",
    "speed_from_dict",
]

CACHE_VARIABLE = "RNNSELECT_CACHE_DIR"
# Raised when the figures change their meaning.
LAYOUT = 1
# A calibration is about 1 kB; what is much larger is none.
MAX_BYTES = 16_384
# No machine is this many times as fast or as slow as the typical one.
PLAUSIBLE_FACTOR = 1000.0
# Packages that may contain a backend.
DISTRIBUTIONS = {"tensorflow": ("tensorflow", "tensorflow-cpu", "tf-nightly")}
REMEDY = "rnnselect.calibrate() takes half a minute"


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


@dataclass(frozen=True, slots=True)
class KnownSpeed:
    """The speed to predict costs with, and what it rests on.

    Parameters
    ----------
    speed : MachineSpeed
        Of this machine, or of a typical one.
    sentence : str
        What the costs rest on, for people.
    source : str
        The same in short.
    """

    speed: MachineSpeed
    sentence: str
    source: str


def _typical(why: str) -> KnownSpeed:
    sentence = f"Costs are predicted for one typical machine: {why}; {REMEDY}."
    return KnownSpeed(NOMINAL, sentence, "arithmetic")


NOT_CALIBRATED = _typical("this one has not been calibrated")


def known_speed() -> KnownSpeed:
    """Return the speed of this machine if it was calibrated, else that of a typical one.

    Never raises: what cannot be read or is of something else is named in the sentence.

    Returns
    -------
    KnownSpeed
        Reading takes about a millisecond.
    """
    machine = Machine.this()
    try:
        stored = _read(_path(machine))
    except FileNotFoundError:
        return NOT_CALIBRATED
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        return _typical(f"the calibration of this one cannot be read ({reason})")
    if difference := machine.difference(stored.machine):
        return _typical(f"the calibration of {stored.day} is {difference}")
    return KnownSpeed(
        stored.speed,
        f"Costs are predicted for this machine, calibrated on {stored.day}.",
        f"calibration of {stored.day}",
    )


def remember(calibration: Calibration) -> None:
    """Store a calibration of this machine in place of an earlier one.

    Parameters
    ----------
    calibration : Calibration
        What was measured.

    Warns
    -----
    UserWarning
        If it cannot be stored.
    """
    text = json.dumps({"layout": LAYOUT, **calibration.to_dict()}, indent=2)
    try:
        _write(_path(calibration.machine), text)
    except OSError as error:
        warnings.warn(
            f"The calibration was measured, but cannot be stored ({error}); plans will not use "
            f"it. Make the folder writable, or name another one in {CACHE_VARIABLE}.",
            UserWarning,
            stacklevel=3,
        )


def speed_from_dict(stored: Any) -> MachineSpeed:
    """Make a machine's speed of plain values.

    Parameters
    ----------
    stored : dict
        What `dataclasses.asdict` made of it.

    Returns
    -------
    MachineSpeed
        All figures finite, and none absurd.

    Raises
    ------
    ValueError
        If anything is missing or no speed.
    """
    cells = {
        cell: CellSpeed(**_figures(_part(_part(stored, "cells"), cell), nominal))
        for cell, nominal in NOMINAL.cells.items()
    }
    return MachineSpeed(cells=cells, source="calibration", **_figures(stored, NOMINAL))


def _read(path: Path) -> Calibration:
    """Return what a file holds; ValueError where it is no calibration."""
    if path.exists() and not path.is_file():  # reading a pipe might never end
        raise ValueError(f"{path} is no file")
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    try:
        stored = json.loads(content) if len(content) <= MAX_BYTES else None
    except (ValueError, RecursionError):
        stored = None
    if not isinstance(stored, dict) or stored.get("layout") != LAYOUT:
        raise ValueError(f"{path} holds none")
    try:
        machine, versions = _part(stored, "machine"), _part(_part(stored, "machine"), "versions")
        return Calibration(
            machine=Machine(
                processor=str(machine.get("processor")),
                n_cores=machine.get("n_cores", 0),
                versions={str(name): str(number) for name, number in versions.items()},
            ),
            speed=speed_from_dict(_part(stored, "speed")),
            day=date.fromisoformat(str(stored.get("day"))).isoformat(),
            seconds=_number(stored, "seconds", 1.0),
        )
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def _write(path: Path, text: str) -> None:
    """Write a file under another name first, so that whoever reads finds it whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
        file.write(text)
    try:
        os.replace(file.name, path)
    except OSError:
        os.unlink(file.name)
        raise


def _figures(stored: Any, nominal: MachineSpeed | CellSpeed) -> dict[str, float]:
    names = [name for name, value in asdict(nominal).items() if isinstance(value, float)]
    return {name: _number(stored, name, getattr(nominal, name)) for name in names}


def _part(stored: Any, name: str) -> Any:
    part = stored.get(name) if isinstance(stored, dict) else None
    if not isinstance(part, dict):
        raise ValueError(f"{name} is missing")
    return part


def _number(stored: Any, name: str, nominal: float) -> float:
    value = stored.get(name)
    if isinstance(value, bool) or not isinstance(value, float | int):
        raise ValueError(f"{name} is no number")
    # The parts of a step's seconds may be nothing, a speed may not.
    smallest = nominal / PLAUSIBLE_FACTOR if name == "flops_per_second" else 0.0
    if not smallest <= value <= nominal * PLAUSIBLE_FACTOR:  # nan is not, either
        raise ValueError(f"{name} is not plausible")
    return float(value)


def _path(machine: Machine) -> Path:
    key = sha256(f"{machine.processor}, {machine.n_cores} cores".encode()).hexdigest()[:12]
    return _folder() / f"calibration-{key}.json"


def _folder() -> Path:
    named = os.environ.get(CACHE_VARIABLE)
    if named:
        return Path(named).absolute()
    from platformdirs import user_cache_path

    folder = user_cache_path("rnnselect", appauthor=False)
    if not folder.is_absolute():  # "~" stays as it is where there is no home
        raise FileNotFoundError(errno.ENOENT, "there is no home folder", str(folder))
    return folder


def _version(*distributions: str) -> str:
    for name in distributions:
        with contextlib.suppress(PackageNotFoundError):
            return version(name)
    return "unknown"


@cache
def _processor() -> str:
    """Return the name of the processor's model, or of its kind where no more is known."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine() or "unknown"
