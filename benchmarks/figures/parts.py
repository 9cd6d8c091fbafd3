"""What a measurement is and how it is judged; and what is taken over from the speed benchmark."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

HERE = Path(__file__).resolve().parent
SPEED = HERE.parent / "speed"
sys.path.insert(0, str(SPEED))  # its files are scripts: tasks, sides and the journal

Records = dict[str, list[dict]]


@dataclass(frozen=True, eq=False)
class Part:
    """One measurement, in a process of its own.

    Parameters
    ----------
    contender : str
        ``module.function`` of this folder; the function returns a dict.
    settings : dict
        Its arguments.
    quick : dict
        Other arguments, that only show whether the harness works.
    repeats : int
        How often it is taken.
    """

    contender: str
    settings: dict = field(default_factory=dict)
    quick: dict = field(default_factory=dict)
    repeats: int = 1

    @property
    def group(self) -> str:
        """The module, which is a chapter of the page."""
        return self.contender.split(".")[0]

    @property
    def key(self) -> str:
        """A text that is the same for the same measurement."""
        return f"{self.contender} {json.dumps(self.settings)}"

    def made_quick(self) -> Part:
        """Return the measurement with its small settings."""
        return replace(self, settings={**self.settings, **self.quick}, repeats=1)

    def found(self, records: Records) -> list[dict]:
        """Return what has been measured."""
        return records.get(self.key, [])


@dataclass(frozen=True)
class Row:
    """A figure of the table.

    Parameters
    ----------
    name : str
        What is measured.
    target : str
        What it should be; empty where the row only informs.
    value : str
        What it is.
    met : bool or None
        None where there is no target.
    """

    name: str
    target: str
    value: str
    met: bool | None = None
