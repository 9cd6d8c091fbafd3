"""Compute budgets: what the user is willing to spend on an answer."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import timedelta
from numbers import Real
from typing import TypeAlias

__all__ = ["Budget", "BudgetLike"]

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
}
_DURATION = re.compile(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*([a-z]*)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Budget:
    """What one call of the advisor may cost.

    Parameters
    ----------
    seconds : float or None, default=None
        Wall-clock seconds from call to return. None means no limit.

    Examples
    --------
    >>> from rnnselect import Budget
    >>> Budget.parse("2min")
    Budget(seconds=120.0)
    >>> Budget.parse(None).limited
    False
    """

    seconds: float | None = None

    def __post_init__(self) -> None:
        if self.seconds is None:
            return
        if not isinstance(self.seconds, Real) or isinstance(self.seconds, bool):
            raise TypeError(
                f"Budget(seconds={self.seconds!r}): seconds must be a number or None; "
                "text such as '90s' is read by Budget.parse."
            )
        if not math.isfinite(self.seconds) or self.seconds <= 0:
            raise ValueError(
                f"budget={self.seconds!r} must be a positive, finite number of seconds; "
                "give e.g. budget=60, budget='2min', or budget=None for no limit."
            )

    @property
    def limited(self) -> bool:
        """Whether there is a limit on the wall-clock time."""
        return self.seconds is not None

    @classmethod
    def parse(cls, budget: BudgetLike) -> Budget:
        """Read a budget in any of the forms that users write.

        Parameters
        ----------
        budget : None, float, str, timedelta or Budget
            Seconds as a number; text such as ``"90s"``, ``"1.5 min"`` or ``"2h"``; a
            `datetime.timedelta`; None for no limit.

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


def _seconds_in(text: str) -> float:
    match = _DURATION.fullmatch(text)
    unit = match.group(2).lower() or "s" if match else ""
    if match is None or unit not in _SECONDS_PER_UNIT:
        raise ValueError(
            f"budget={text!r} is not a duration; write a positive number with a unit, "
            "e.g. '90s', '1.5min' or '2h'."
        )
    return float(match.group(1)) * _SECONDS_PER_UNIT[unit]
