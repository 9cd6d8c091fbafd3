"""Limits of the network: which cells keep them, and with how many units the others would.

Pure arithmetic on numbers that the caller supplies: what a network of so many units takes.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from rnnselect.cells import shown_name
from rnnselect.exceptions import NoCellFitsError
from rnnselect.report.limits import allowed_text, excess_text

__all__ = [
    "Exclusion",
    "Footprint",
    "FootprintOfUnits",
    "Limit",
    "LimitCheck",
    "argument_text",
    "check_limits",
]


@dataclass(frozen=True, slots=True)
class Footprint:
    """What one network takes of what may be limited.

    Parameters
    ----------
    n_parameters : int
        Trainable parameters.
    peak_bytes : float
        Most memory that training it adds to a process.
    latency_seconds : float
        Predicting one sequence of the data's length.
    """

    n_parameters: int
    peak_bytes: float
    latency_seconds: float

    def of(self, limit: str) -> float:
        """Return what it takes of what `limit`, a field of `Budget`, limits."""
        values = {
            "max_parameters": self.n_parameters,
            "memory": self.peak_bytes,
            "max_latency": self.latency_seconds,
        }
        return values[limit]


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit, and what each cell takes of it.

    Parameters
    ----------
    name : {"max_parameters", "memory", "max_latency"}
        The field of `Budget`.
    allowed : float
        Most parameters, bytes or seconds.
    values : dict of str to float
        What each cell takes.
    source : {"arithmetic", "measured"}
        Where the values come from.
    """

    name: str
    allowed: float
    values: dict[str, float]
    source: str


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A cell that is left out: its network breaks a limit, or has run out of memory.

    Parameters
    ----------
    cell : str
        The cell.
    units : int
        Units that it has.
    units_that_fit : int or None
        Most units with which it would keep all limits; None where not even one unit would.
    broken : tuple of Limit
        What it breaks; nothing where it has run out of memory.
    shortage : str, default=""
        How it has run out of memory, and what to reduce.
    """

    cell: str
    units: int
    units_that_fit: int | None
    broken: tuple[Limit, ...]
    shortage: str = ""

    @property
    def sentence(self) -> str:
        """What is excluded, why, and what would fit."""
        if self.shortage:
            return self.shortage
        why = ", and ".join(_breach(limit, self.cell) for limit in self.broken)
        return f"{shown_name(self.cell)} is excluded: {why}; {self._remedy}."

    @property
    def _remedy(self) -> str:
        if self.units_that_fit is None:
            return "not even 1 unit would fit"
        plural = "s" * (self.units_that_fit != 1)
        return f"with {self.units_that_fit} unit{plural} in place of {self.units} it would fit"


@dataclass(frozen=True, slots=True)
class LimitCheck:
    """Which limits there are, and which cells break any.

    Parameters
    ----------
    limits : tuple of Limit, default=()
        All limits.
    exclusions : tuple of Exclusion, default=()
        One for each cell that breaks any; never all cells.
    """

    limits: tuple[Limit, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()

    def remaining(self, cells: tuple[str, ...]) -> tuple[str, ...]:
        """Return those of `cells` that break no limit."""
        excluded = {exclusion.cell for exclusion in self.exclusions}
        return tuple(cell for cell in cells if cell not in excluded)


FootprintOfUnits: TypeAlias = Callable[[int], Footprint]


def check_limits(
    allowed: Mapping[str, float],
    footprints: Mapping[str, FootprintOfUnits],
    units: Mapping[str, int],
    *,
    measured: tuple[str, ...] = (),
) -> LimitCheck:
    """Say which cells keep the limits.

    Parameters
    ----------
    allowed : mapping of str to float
        The limits by name, as `Budget.network_limits` returns them.
    footprints : mapping of str to callable
        For each cell, what its network of a number of units takes.
    units : mapping of str to int
        Units of each cell's network.
    measured : tuple of str, default=()
        The limits whose values were measured; the others follow from arithmetic.

    Returns
    -------
    LimitCheck
        The limits, and the cells that break any.

    Raises
    ------
    NoCellFitsError
        If all cells break a limit; says which, by how much, and what would fit.

    Examples
    --------
    >>> from rnnselect.cells import CELLS
    >>> def footprint(cell):
    ...     return lambda units: Footprint(CELLS[cell].n_parameters(units, 4), 0.0, 0.0)
    >>> found = check_limits(
    ...     {"max_parameters": 4000},
    ...     {cell: footprint(cell) for cell in CELLS},
    ...     dict.fromkeys(CELLS, 32),
    ... )
    >>> found.exclusions[0].cell, found.exclusions[0].units_that_fit
    ('lstm', 29)
    """
    taken = {cell: footprint(units[cell]) for cell, footprint in footprints.items()}
    limits = tuple(
        Limit(
            name,
            most,
            {cell: footprint.of(name) for cell, footprint in taken.items()},
            "measured" if name in measured else "arithmetic",
        )
        for name, most in allowed.items()
    )
    exclusions = tuple(
        Exclusion(
            cell, units[cell], _units_that_fit(footprints[cell], allowed, units[cell]), broken
        )
        for cell in taken
        if (broken := tuple(limit for limit in limits if limit.values[cell] > limit.allowed))
    )
    if exclusions and len(exclusions) == len(taken):
        raise NoCellFitsError(
            _nothing_fits(exclusions), {each.cell: each.units_that_fit for each in exclusions}
        )
    return LimitCheck(limits, exclusions)


def argument_text(limit: Limit, cell: str) -> str:
    """Write a limit that a cell would keep as one gives it to `Budget`.

    Parameters
    ----------
    limit : Limit
        The one that it breaks.
    cell : str
        The cell.

    Returns
    -------
    str
        Rounded up to whole megabytes and tenths of milliseconds.
    """
    value = limit.values[cell]
    if limit.name == "max_parameters":
        return f"max_parameters={value:.0f}"
    if limit.name == "memory":
        return f"memory='{math.ceil(value / 1e6)}MB'"
    return f"max_latency='{math.ceil(value * 1e4) / 10:g}ms'"


def _units_that_fit(
    footprint: FootprintOfUnits, allowed: Mapping[str, float], units: int
) -> int | None:
    """Return the largest number of units below `units` that keeps all limits."""

    def breaks(n: int) -> bool:
        taken = footprint(n)
        return any(taken.of(name) > most for name, most in allowed.items())

    # Halved until it fits, because memory, unlike the rest, does not grow with every single unit.
    too_many, fitting = units, units // 2
    while fitting and breaks(fitting):
        too_many, fitting = fitting, fitting // 2
    if not fitting:
        return None
    return fitting + bisect_left(range(fitting + 1, too_many), True, key=breaks)


def _breach(limit: Limit, cell: str) -> str:
    value = excess_text(limit.name, limit.values[cell], limit.allowed)
    bound = f"more than {limit.name}={allowed_text(limit.name, limit.allowed)}"
    if limit.name == "max_parameters":
        return f"it has {value} parameters, {bound}"
    if limit.name == "memory":
        return f"training it takes about {value}, {bound}"
    about = "took" if limit.source == "measured" else "takes about"
    return f"predicting one sequence {about} {value}, {bound}"


def _nothing_fits(exclusions: tuple[Exclusion, ...]) -> str:
    broken = {limit.name: limit for exclusion in exclusions for limit in exclusion.broken}
    raised = ", ".join(
        argument_text(limit, max(limit.values, key=limit.values.__getitem__))
        for limit in broken.values()
    )
    fitting = [exclusion.units_that_fit for exclusion in exclusions]
    smaller = "" if None in fitting else f"set units={min(n for n in fitting if n)}, or "
    sentences = " ".join(exclusion.sentence for exclusion in exclusions)
    return f"Neither cell keeps the limits. {sentences} For both, {smaller}give Budget({raised})."
