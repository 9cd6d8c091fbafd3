"""Estimates over data sets, each with an interval from a bootstrap of families.

All measures are ratios of two sums over data sets, so that one bootstrap serves them all.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

N_DRAWS = 2000
# The upper end of a 90 % interval is the upper 95 % bound.
QUANTILES = (0.05, 0.95)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A measure with its interval.

    Parameters
    ----------
    value, low, high : float
        The estimate and the ends of its 90 % interval; nan where nothing was measured.
    n_sets : int
        Sets that say something about it.
    """

    value: float
    low: float
    high: float
    n_sets: int

    def text(self, decimals: int = 2, factor: float = 1.0) -> str:
        """Return the value with its interval in brackets."""
        if not math.isfinite(self.value):
            return "–"
        # Adding 0 takes the sign of a rounded zero away.
        ends = (round(factor * each, decimals) + 0 for each in (self.value, self.low, self.high))
        value, low, high = ends
        # The interval stays in one piece where a table is narrow.
        return f"{value:.{decimals}f} [{low:.{decimals}f},\u00a0{high:.{decimals}f}]"


class Bootstrap:
    """Draws whole families of data sets with replacement.

    Parameters
    ----------
    families : sequence of str
        The family of each set.
    seed : int, default=0
        The same seed draws the same families.
    """

    def __init__(self, families: Sequence[str], seed: int = 0) -> None:
        labels, self._family = np.unique(np.asarray(families, dtype=str), return_inverse=True)
        n = len(labels)
        random = np.random.default_rng(seed)
        self._draws = random.multinomial(n, np.full(n, 1 / n), size=N_DRAWS) if n else None

    def ratio(
        self, numerators: ArrayLike, denominators: ArrayLike, *, root: bool = False
    ) -> Estimate:
        """Return the ratio of two sums over sets; nan in either leaves the set out.

        `root` takes the square root of it.
        """
        top, bottom = np.broadcast_arrays(
            np.asarray(numerators, float), np.asarray(denominators, float)
        )
        known = np.isfinite(top) & np.isfinite(bottom)
        n_sets = int((known & (bottom != 0)).sum())
        if n_sets == 0:
            return Estimate(math.nan, math.nan, math.nan, 0)
        tops, bottoms = (self._by_family(np.where(known, each, 0)) for each in (top, bottom))
        with np.errstate(divide="ignore", invalid="ignore"):
            drawn = (self._draws @ tops) / (self._draws @ bottoms)
        values = np.array([tops.sum() / bottoms.sum(), *np.nanquantile(drawn, QUANTILES)])
        if root:
            values = np.sqrt(np.maximum(values, 0))
        return Estimate(*map(float, values), n_sets)

    def mean(self, values: ArrayLike) -> Estimate:
        """Return the mean over sets; nan leaves a set out."""
        return self.ratio(values, 1.0)

    def _by_family(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(self._family, values, minlength=self._draws.shape[1])
