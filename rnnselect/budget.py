"""Compute budgets: limits of what an answer, and the network, may cost."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from numbers import Integral, Real
from typing import Any, TypeAlias

from rnnselect.parameters import plain_value

__all__ = ["Budget", "BudgetLike", "seconds_in"]

_SECONDS_PER_UNIT = {
    "ms": 1e-3,
    "s": 1.0,
    "sec": 1.0,
    "second": 1.0,
    "seconds": 1.0,
    "m": 60.0,
    "min": 60.0,
    "minute": 60.0,
    "minutes": 60.0,
    "h": 3600.0,
    "hour": 3600.0,
    "hours": 3600.0,
    "d": 86400.0,
    "day": 86400.0,
    "days": 86400.0,
}
# Of one prediction: no "m", which would be taken for milliseconds.
_LATENCY_UNITS = {"us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "sec": 1.0}
_BYTES_PER_UNIT = {
    "b": 1,
    **{f"{prefix}b": 1000**power for power, prefix in enumerate("kmgt", start=1)},
    **{f"{prefix}ib": 1024**power for power, prefix in enumerate("kmgt", start=1)},
}
_QUANTITY = re.compile(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*([a-zµ]*)\s*", re.IGNORECASE)
# 1h30m, 1 h 30 min; and hours, minutes and seconds with colons. 1:30 could be either of two.
_COMPOUND = re.compile(r"(?:\s*\d+(?:\.\d*)?\s*[a-z]+){2,}\s*", re.IGNORECASE)
_CLOCK = re.compile(r"\s*(\d+):([0-5]?\d):([0-5]?\d(?:\.\d*)?)\s*")


@dataclass(frozen=True, slots=True, repr=False)
class Budget:
    """Limits of what one call of the advisor, and a network, may cost.

    Parameters
    ----------
    seconds : float or None, default=None
        Wall-clock seconds of one call, from call to return. None means no limit.
    memory : int, str or None, default=None
        Most resident memory, in bytes, that training one candidate may add to a process that has
        the libraries and the data; or text such as ``"2GB"`` (decimal) or ``"512 MiB"`` (binary).
    max_parameters : int or None, default=None
        Most trainable parameters of the network.
    max_latency : float, str, timedelta or None, default=None
        Most seconds for predicting one sequence of the data's length; or text such as ``"5ms"``.

    Raises
    ------
    ValueError
        If a limit is negative, zero, not finite or not readable, or two of them contradict each
        other.
    TypeError
        If a limit is of another type.

    Notes
    -----
    `memory` and `max_latency` are kept in bytes and seconds, whatever form they were given in.
    A cell that exceeds one of the last three limits is not trained.

    Examples
    --------
    >>> from rnnselect import Budget
    >>> Budget.parse("2min")
    Budget(seconds=120.0)
    >>> Budget(seconds=600, memory="2GB", max_parameters=50_000, max_latency="5ms")
    Budget(seconds=600, memory=2000000000, max_parameters=50000, max_latency=0.005)
    >>> Budget.parse(None).limited
    False
    """

    seconds: float | None = None
    memory: int | str | None = None
    max_parameters: int | None = None
    max_latency: float | str | timedelta | None = None

    def __post_init__(self) -> None:
        for name in ("seconds", "max_parameters"):  # the other two are read into Python's types
            object.__setattr__(self, name, plain_value(getattr(self, name)))
        _check_seconds(self.seconds)
        _check_parameters(self.max_parameters)
        if self.memory is not None:
            object.__setattr__(self, "memory", _read_memory(self.memory))
        if self.max_latency is not None:
            latency = _read_latency(self.max_latency)
            object.__setattr__(self, "max_latency", latency)
            if self.seconds is not None and latency >= self.seconds:
                raise ValueError(
                    f"max_latency={latency:g} s is not below seconds={self.seconds:g}: no "
                    "prediction of one sequence can take as long as the whole comparison; give "
                    "max_latency with a unit, e.g. '5ms', or leave one of them out."
                )

    @property
    def limited(self) -> bool:
        """Whether there is a limit on the wall-clock time."""
        return self.seconds is not None

    @property
    def network_limits(self) -> dict[str, float]:
        """The limits that a network must keep, by name; those that there are."""
        limits = {name: getattr(self, name) for name in ("max_parameters", "memory", "max_latency")}
        return {name: limit for name, limit in limits.items() if limit is not None}

    def __repr__(self) -> str:
        given = {} if self.seconds is None else {"seconds": self.seconds}
        fields = ("memory", "max_parameters", "max_latency")
        given |= {name: getattr(self, name) for name in fields if getattr(self, name) is not None}
        return f"Budget({', '.join(f'{name}={value!r}' for name, value in given.items())})"

    @classmethod
    def parse(cls, budget: BudgetLike) -> Budget:
        """Read a budget in any of the forms that users write.

        Parameters
        ----------
        budget : None, float, str, timedelta or Budget
            Seconds as a number; text such as ``"90s"``, ``"1.5 min"``, ``"1h30m"``, ``"1:30:00"``
            or ``"1d"``; a `datetime.timedelta`; None for no limit.

        Returns
        -------
        Budget
            The same budget as a record.

        Raises
        ------
        ValueError
            If the budget is negative, zero, not finite or not readable.
        TypeError
            If it is of another type.
        """
        if isinstance(budget, cls):
            return budget
        if budget is None:
            return cls()
        if isinstance(budget, timedelta):
            return cls(budget.total_seconds())
        if isinstance(budget, str):
            return cls(_seconds_in(budget))
        if isinstance(budget, Real) and not isinstance(budget, bool):
            return cls(float(budget))
        raise TypeError(
            f"budget={budget!r} has type {type(budget).__name__}; give seconds as a number, "
            "text such as '90s' or '5min', a timedelta, a Budget, or None for no limit."
        )


BudgetLike: TypeAlias = "float | str | timedelta | Budget | None"


def _check_seconds(seconds: Any) -> None:
    if seconds is None:
        return
    if not _is_number(seconds):
        raise TypeError(
            f"Budget(seconds={seconds!r}): seconds must be a number or None; "
            "text such as '90s' is read by Budget.parse."
        )
    if not math.isfinite(seconds) or seconds <= 0:
        raise ValueError(
            f"budget={seconds!r} must be a positive, finite number of seconds; "
            "give e.g. budget=60, budget='2min', or budget=None for no limit."
        )


def _check_parameters(max_parameters: Any) -> None:
    if max_parameters is None:
        return
    if not isinstance(max_parameters, Integral) or isinstance(max_parameters, bool):
        raise TypeError(
            f"max_parameters={max_parameters!r} must be a whole number of trainable parameters, "
            "e.g. 50_000, or None for no limit."
        )
    if max_parameters < 1:
        raise ValueError(
            f"max_parameters={max_parameters!r} leaves no network; give a positive number of "
            "trainable parameters, e.g. 50_000, or None for no limit."
        )


def _read_memory(memory: Any) -> int:
    """Return bytes."""
    remedy = "give bytes, or text with a unit, e.g. '2GB' or '512 MiB'"
    if isinstance(memory, str):
        value = _quantity_in(memory, _BYTES_PER_UNIT, "b", f"memory={memory!r}", remedy)
    else:
        value = _number(memory, f"memory={memory!r}", remedy)
    if not math.isfinite(value) or value < 1:
        raise ValueError(f"memory={memory!r} must be a positive, finite size; {remedy}.")
    return int(value)


def _read_latency(latency: Any) -> float:
    """Return seconds."""
    remedy = "give seconds, or text with a unit, e.g. 0.005 or '5ms'"
    name = f"max_latency={latency!r}"
    if isinstance(latency, timedelta):
        value = latency.total_seconds()
    elif isinstance(latency, str):
        value = _quantity_in(latency, _LATENCY_UNITS, "s", name, remedy)
    else:
        value = _number(latency, name, remedy)
    if not math.isfinite(value) or value <= 0:
        raise ValueError(f"{name} must be a positive, finite time; {remedy}.")
    return value


def _seconds_in(text: str) -> float:
    try:
        return seconds_in(text)
    except ValueError as error:
        raise ValueError(f"budget={text!r} is not a duration; {error}.") from error


def seconds_in(text: str) -> float:
    """Read a duration.

    Parameters
    ----------
    text : str
        ``"90"``, ``"90s"``, ``"2 min"``, ``"1h30m"``, ``"1:30:00"`` or ``"1d"``.

    Returns
    -------
    float
        Seconds.

    Raises
    ------
    ValueError
        If it is none of these; the message is the remedy.

    Examples
    --------
    >>> seconds_in("1h30m"), seconds_in("1:30:00"), seconds_in("2 min"), seconds_in("90")
    (5400.0, 5400.0, 120.0, 90.0)
    """
    remedy = "write a positive number with a unit, e.g. '90s', '1.5min', '1h30m' or '1:30:00'"
    if clock := _CLOCK.fullmatch(text):
        hours, minutes, seconds = map(float, clock.groups())
        return hours * 3600 + minutes * 60 + seconds
    parts = _QUANTITY.findall(text) if _COMPOUND.fullmatch(text) else None
    units = [unit.lower() for _, unit in parts or ()]
    if parts and set(units) <= set(_SECONDS_PER_UNIT):
        sizes = [_SECONDS_PER_UNIT[unit] for unit in units]
        if sizes == sorted(set(sizes), reverse=True):  # an hour before its minutes, each once
            return float(
                sum(Decimal(n) * Decimal(repr(s)) for (n, _), s in zip(parts, sizes, strict=True))
            )
    match = _QUANTITY.fullmatch(text)
    unit = match.group(2).lower() or "s" if match else ""
    if match is None or unit not in _SECONDS_PER_UNIT:
        raise ValueError(remedy)
    return float(Decimal(match.group(1)) * Decimal(repr(_SECONDS_PER_UNIT[unit])))


def _quantity_in(text: str, units: Mapping[str, float], bare: str, name: str, remedy: str) -> float:
    """Read a number with a unit; `bare` is the unit of a number without one."""
    match = _QUANTITY.fullmatch(text)
    unit = match.group(2).lower() or bare if match else ""
    if match is None or unit not in units:
        what = "duration" if "s" in units else "size"
        raise ValueError(f"{name} is not a {what}; {remedy}.")
    return float(Decimal(match.group(1)) * Decimal(repr(units[unit])))  # 1.3 * 1e-3 is not 0.0013


def _number(value: Any, name: str, remedy: str) -> float:
    if not _is_number(value):
        raise TypeError(f"{name} has type {type(value).__name__}; {remedy}, or None for no limit.")
    return float(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)
