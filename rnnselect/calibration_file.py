"""The calibration of this machine, as it is kept in the user's cache folder.

One small JSON file for each machine. It is read as something that anybody may have written: what is
not exactly a calibration of this machine with these versions is refused, with words that say why.
"""

from __future__ import annotations

import errno
import json
import os
import re
import warnings
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from rnnselect.machine import Calibration, Machine
from rnnselect.speed import NOMINAL, CellSpeed, MachineSpeed
from rnnselect.whole_file import whole_file

__all__ = [
    "NOT_CALIBRATED",
    "KnownSpeed",
    "cache_folder",
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
MESSAGE_LETTERS = 100
# A version is shown where it is another one; a file could make any text of it.
VERSION = re.compile(r"[\w.+-]{1,40}", re.ASCII)
REMEDY = "rnnselect.calibrate() takes half a minute"


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

    def under(self, load: float) -> KnownSpeed:
        """Return the speed while other work makes everything take `load` times as long."""
        if load == 1.0:
            return self
        sentence = (
            f"{self.sentence} Other work keeps the machine busy: everything takes {load:.1f} times "
            "as long now, and the forecast includes this."
        )
        return KnownSpeed(self.speed.slowed(load), sentence, self.source)


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
        return _typical(f"the calibration of this machine cannot be read ({reason})")
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
            f"it. Make the folder writable, or name another folder in {CACHE_VARIABLE}.",
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
    """Return what a file holds; ValueError where it is not a calibration."""
    if path.exists() and not path.is_file():  # reading a pipe might never end
        raise ValueError(f"{path} is not a file")
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
        if not all(VERSION.fullmatch(str(number)) for number in versions.values()):
            raise ValueError("versions are none")
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
        raise ValueError(f"{path}: {str(error)[:MESSAGE_LETTERS]}") from error


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as file:
        file.write(text.encode())


def _figures(stored: Any, nominal: MachineSpeed | CellSpeed) -> dict[str, float]:
    names = [name for name, value in asdict(nominal).items() if isinstance(value, float)]
    return {name: _number(stored, name, getattr(nominal, name)) for name in names}


def _part(stored: Any, name: str) -> Any:
    part = stored.get(name) if isinstance(stored, dict) else None
    if not isinstance(part, dict):
        raise ValueError(f"{name} is missing")
    return part


def _number(stored: Any, name: str, nominal: float) -> float:
    # Files of 0.1.0 do not have the share.
    value = stored.get(name, nominal if name == "loading_share" else None)
    if isinstance(value, bool) or not isinstance(value, float | int):
        raise ValueError(f"{name} is not a number")
    # The parts of a step's seconds may be nothing, a speed may not.
    smallest = nominal / PLAUSIBLE_FACTOR if name == "flops_per_second" else 0.0
    if not smallest <= value <= nominal * PLAUSIBLE_FACTOR:  # nan is not, either
        raise ValueError(f"{name} is not plausible")
    return float(value)


def _path(machine: Machine) -> Path:
    key = sha256(f"{machine.processor}, {machine.n_cores} cores".encode()).hexdigest()[:12]
    return cache_folder() / f"calibration-{key}.json"


def cache_folder() -> Path:
    """Return the folder of what the package keeps for this user, whether it is there or not.

    Raises
    ------
    FileNotFoundError
        If the user has no home folder.
    """
    named = os.environ.get(CACHE_VARIABLE)
    if named:
        return Path(named).absolute()
    from platformdirs import user_cache_path

    folder = user_cache_path("rnnselect", appauthor=False)
    if not folder.is_absolute():  # "~" stays as it is where there is no home
        raise FileNotFoundError(errno.ENOENT, "there is no home folder", str(folder))
    return folder
