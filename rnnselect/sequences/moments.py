"""Mean and standard deviation of channels and outputs, and whether a precision can hold them."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnselect.sequences.batch import SequenceBatch
from rnnselect.sequences.scaling import Scaling

__all__ = ["Moments", "channel_moments", "target_moments"]

# Rows that are read at once; bounds the memory that a memory-mapped array takes.
ROWS_PER_PASS_BYTES = 64 * 2**20
# A channel whose standard deviation is this small beside its mean is constant up to the rounding of
# single or double precision.
SINGLE_CONSTANT, DOUBLE_CONSTANT = 1e-7, 1e-14
# Means of so many standard deviations are subtracted in double precision. Below, rounding to
# float32 moves a value by less than 1e-4 standard deviations.
FAR = 1e3
# So do scales beyond these, because float32 has few digits, or none, near the ends of its range.
SMALLEST_SCALE, LARGEST_SCALE = 1e-30, 1e30
# Steps between neighbouring values, of a standard deviation: with fewer, rounding makes up more
# than 1 % of the variance (1/12 of a step squared).
FEWEST_STEPS = 3.0


@dataclass(frozen=True, eq=False, slots=True)
class Moments:
    """What the values of some channels or outputs are like.

    Parameters
    ----------
    mean, deviation : ndarray of shape (n_channels,)
        Mean and standard deviation (float64).
    dtype : dtype
        In which the values came.
    """

    mean: np.ndarray[Any, Any]
    deviation: np.ndarray[Any, Any]
    dtype: np.dtype[Any]

    def scaling(self) -> Scaling:
        """Return the map that gives mean 0 and variance 1; constant channels are only centred."""
        size = np.abs(self.mean)
        relative = DOUBLE_CONSTANT if self._is_double else SINGLE_CONSTANT
        constant = self.deviation <= relative * np.maximum(size, np.finfo(np.float32).tiny)
        scale = np.where(constant, 1.0, self.deviation)
        far = ~constant & (
            (size > FAR * scale) | (scale < SMALLEST_SCALE) | (scale > LARGEST_SCALE)
        )
        # Values that came in single precision lose nothing there: the difference of two of them
        # that are close to each other is exact.
        precision = np.float64 if self._is_double and far.any() else np.float32
        return Scaling(self.mean.astype(precision), scale.astype(precision))

    def warn_where_lost(self, what: str, part: str, *, single: bool, remedy: str) -> None:
        """Warn of a channel whose values are closer to each other than their precision can tell.

        Parameters
        ----------
        what, part : str
            The argument, and what one of its columns is.
        single : bool
            Whether values in double precision will be rounded to single precision.
        remedy : str
            What to do about that.
        """
        if self._is_double and not single:
            return
        kind: Any = np.float16 if self.dtype.itemsize == 2 else np.float32
        with np.errstate(over="ignore"):
            step = np.spacing(np.abs(self.mean).astype(kind)).astype(np.float64)
        varies = self.deviation > DOUBLE_CONSTANT * np.abs(self.mean)
        lost = np.flatnonzero(varies & (self.deviation < FEWEST_STEPS * step))
        if len(lost) == 0:
            return
        i = lost[0]
        if not self._is_double:
            remedy = (
                f"Give {what} as float64 from the start, or subtract {self.mean[i]:.6g} before."
            )
        warnings.warn(
            f"{what}: {part} {i} lies around {self.mean[i]:.6g} and varies by about "
            f"{self.deviation[i]:.2g}, but {np.dtype(kind).name} holds such values in steps of "
            f"{step[i]:.2g} only, so most of what it says is lost. {remedy}",
            UserWarning,
            stacklevel=2,
        )

    @property
    def _is_double(self) -> bool:
        """Whether the values have more digits than single precision: whole numbers, too."""
        return self.dtype.kind in "iu" or self.dtype.itemsize >= 8


def channel_moments(batch: SequenceBatch, weights: np.ndarray[Any, Any]) -> Moments:
    """Return the moments of every channel of `batch`, in one pass over the data.

    Padding and missing values do not count; a sequence counts by its weight, so that a weight
    of 2 is the same as the sequence twice.

    Parameters
    ----------
    batch : SequenceBatch
        Numeric sequences.
    weights : ndarray of shape (n_samples,)
        Sample weights, not negative, not all zero.

    Returns
    -------
    Moments
        One mean and standard deviation per channel.
    """
    total = np.zeros(batch.n_channels)
    first = np.zeros(batch.n_channels)
    second = np.zeros(batch.n_channels)
    rows = np.flatnonzero(weights > 0)
    # Moments about a typical value, because x*x loses the variance of data far from zero.
    origin = _typical_values(batch, rows[:1])
    for part in _passes(batch, rows):
        block = batch.block(part, batch.max_length, np.float64)
        block -= origin
        weight = weights[part]
        present = ~np.isnan(block)
        if present.all():
            total += weight.sum() * batch.max_length
        else:
            total += _weighted_sums(weight, present)
            block[~present] = 0.0
        first += _weighted_sums(weight, block)
        second += _weighted_sums(weight, np.square(block, out=block))
    mean = first / np.maximum(total, np.finfo(float).tiny)
    variance = second / np.maximum(total, np.finfo(float).tiny) - mean**2
    return Moments(mean + origin, np.sqrt(np.maximum(variance, 0.0)), batch.steps.dtype)


def target_moments(y: np.ndarray[Any, Any], weights: np.ndarray[Any, Any]) -> Moments:
    """Return the moments of every output.

    Parameters
    ----------
    y : ndarray of shape (n_samples, n_outputs)
        Targets.
    weights : ndarray of shape (n_samples,)
        Sample weights.

    Returns
    -------
    Moments
        One mean and standard deviation per output.
    """
    values = y.astype(np.float64, copy=False)
    mean = np.average(values, axis=0, weights=weights)
    variance = np.average((values - mean) ** 2, axis=0, weights=weights)
    return Moments(mean, np.sqrt(variance), y.dtype)


def _weighted_sums(
    weight: np.ndarray[Any, Any], block: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    """Return each channel's weighted sum; unlike ``@``, the same whatever the threads."""
    sums: np.ndarray[Any, Any] = np.einsum("n,nk->k", weight, block.reshape(len(block), -1))
    return np.asarray(sums.reshape(block.shape[1:]).sum(axis=0))


def _typical_values(batch: SequenceBatch, row: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    block = batch.block(row, batch.max_length, np.float64)[0]
    present = ~np.isnan(block)
    total: np.ndarray[Any, Any] = np.where(present, block, 0.0).sum(axis=0)
    count: np.ndarray[Any, Any] = np.maximum(present.sum(axis=0), 1)
    return np.asarray(total / count)


def _passes(batch: SequenceBatch, rows: np.ndarray[Any, Any]) -> list[np.ndarray[Any, Any]]:
    bytes_per_row = 8 * batch.max_length * batch.n_channels
    n_passes = -(-len(rows) * bytes_per_row // ROWS_PER_PASS_BYTES)
    return np.array_split(rows, max(1, n_passes))
