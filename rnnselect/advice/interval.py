"""Seconds with an interval, and how intervals are put together."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["NORMAL_95", "Interval"]

# Standard deviations from the middle of a normal distribution to the end of its 90 % interval.
NORMAL_95 = 1.645


@dataclass(frozen=True, slots=True)
class Interval:
    """Seconds that something will take: expected, and a 90 % interval.

    Examples
    --------
    >>> Interval(1.0, 2.0, 4.0) + Interval.exactly(1.0)
    Interval(low=2.0, expected=3.0, high=5.0)
    """

    low: float
    expected: float
    high: float

    @classmethod
    def exactly(cls, seconds: float) -> Interval:
        """Return an interval without width."""
        return cls(seconds, seconds, seconds)

    @classmethod
    def around(cls, seconds: float, error: float) -> Interval:
        """Return the interval from ``seconds / error`` to ``seconds * error``."""
        return cls(seconds / error, seconds, seconds * error)

    @property
    def log_deviation(self) -> float:
        """The standard deviation of the logarithm, as far as the interval is log-normal."""
        return math.log(self.high / self.low) / (2 * NORMAL_95)

    def blurred(self, error: float) -> Interval:
        """Return the interval with a further, independent error of a factor."""
        down, up = (math.log(self.expected / self.low), math.log(self.high / self.expected))
        return Interval(
            self.expected * math.exp(-math.hypot(down, math.log(error))),
            self.expected,
            self.expected * math.exp(math.hypot(up, math.log(error))),
        )

    def __add__(self, other: Interval) -> Interval:
        return Interval(
            self.low + other.low, self.expected + other.expected, self.high + other.high
        )

    def times(self, factor: float) -> Interval:
        """Return the interval of `factor` such things one after the other."""
        return Interval(self.low * factor, self.expected * factor, self.high * factor)

    def to_dict(self) -> dict[str, float]:
        """Return the three numbers by name."""
        return {"low": self.low, "expected": self.expected, "high": self.high}
