"""Effects over data sets: their mean over families, its interval, and what that says of a claim."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import stats

# An interval over fewer families would say more about the sets at hand than about the claim.
MIN_FAMILIES = 3
CONFIDENCE = 0.95


class Finding(StrEnum):
    """What the measurements say of a claim."""

    HOLDS = "holds"
    DOES_NOT_HOLD = "does not hold here"
    NOT_DECIDABLE = "not decidable"


@dataclass(frozen=True, slots=True)
class Effect:
    """What was measured on one data set.

    Parameters
    ----------
    data, family : str
        The set, and the source that it shares with others.
    value : float
        The effect; positive speaks for LSTM.
    error : float
        Its standard error; NaN where it is not known.
    x : float, default=nan
        What the effect is drawn over, where it is drawn over something.
    degrees : float, default=inf
        Degrees of freedom of the error: pairs less one, where their spread tells it.
    """

    data: str
    family: str
    value: float
    error: float
    x: float = math.nan
    degrees: float = math.inf

    @property
    def half_width(self) -> float:
        """Half of the 95 % interval of the effect (Student t)."""
        if math.isnan(self.error):
            return math.nan
        return float(stats.t.ppf((1 + CONFIDENCE) / 2, self.degrees)) * self.error


@dataclass(frozen=True, slots=True)
class Summary:
    """The mean effect.

    Parameters
    ----------
    mean, low, high : float
        Mean over families, each the mean of its sets, and its 95 % interval (Student t over
        families); the interval is NaN below `MIN_FAMILIES`.
    n_sets, n_families : int
        How many.
    """

    mean: float
    low: float
    high: float
    n_sets: int
    n_families: int


def summarised(effects: Sequence[Effect]) -> Summary:
    """Return the mean over families: a family of many near-copies counts once."""
    by_family: dict[str, dict[str, list[float]]] = {}
    for effect in effects:
        if math.isfinite(effect.value):
            sets = by_family.setdefault(effect.family, {})
            sets.setdefault(effect.data, []).append(effect.value)
    means = [np.mean([np.mean(values) for values in s.values()]) for s in by_family.values()]
    n_sets = sum(map(len, by_family.values()))
    if not means:
        return Summary(math.nan, math.nan, math.nan, 0, 0)
    mean, low, high = float(np.mean(means)), math.nan, math.nan
    if len(means) >= MIN_FAMILIES:
        error = stats.sem(means)
        low, high = mean, mean
        if error > 0:
            low, high = stats.t.interval(CONFIDENCE, len(means) - 1, mean, error)
    return Summary(mean, float(low), float(high), n_sets, len(means))


def judged(summary: Summary, favoured: int, margin: float) -> Finding:
    """Say what a mean effect says of a claim.

    Parameters
    ----------
    summary : Summary
        The effect.
    favoured : {-1, 0, 1}
        What the claim favours: GRU, neither, LSTM.
    margin : float
        Effect that would matter.

    Returns
    -------
    Finding
        A claim that favours a cell holds if the whole interval is on its side of 0, and does not
        if none of the interval reaches the margin on that side. A claim of equality holds if the
        whole interval lies within the margin on both sides, and does not if 0 is outside it.
    """
    low, high = summary.low, summary.high
    if math.isnan(low):
        return Finding.NOT_DECIDABLE
    if favoured == 0:
        if max(abs(low), abs(high)) <= margin:
            return Finding.HOLDS
        return Finding.DOES_NOT_HOLD if low > 0 or high < 0 else Finding.NOT_DECIDABLE
    low, high = (low, high) if favoured > 0 else (-high, -low)
    if low > 0:
        return Finding.HOLDS
    return Finding.DOES_NOT_HOLD if high < margin else Finding.NOT_DECIDABLE
