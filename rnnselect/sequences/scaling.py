"""Standardisation: mean and scale per channel, in one pass over the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnselect.sequences.batch import SequenceBatch

__all__ = ["Scaling", "channel_scaling", "target_scaling"]

# Rows that are read at once; bounds the memory that a memory-mapped array takes.
ROWS_PER_PASS_BYTES = 64 * 2**20
# A channel whose standard deviation is this small beside its mean is constant up to the rounding
# of float32.
RELATIVE_CONSTANT = 1e-7


@dataclass(frozen=True, eq=False, slots=True)
class Scaling:
    """An affine map per channel: ``standardised = (raw - center) / scale``.

    Parameters
    ----------
    center : ndarray of shape (n_channels,)
        Mean of each channel (float32).
    scale : ndarray of shape (n_channels,)
        Standard deviation of each channel; 1 for a constant channel (float32).
    """

    center: np.ndarray[Any, Any]
    scale: np.ndarray[Any, Any]

    @classmethod
    def identity(cls, n_channels: int) -> Scaling:
        """Return the map that changes nothing."""
        return cls(np.zeros(n_channels, np.float32), np.ones(n_channels, np.float32))

    @classmethod
    def from_moments(cls, mean: np.ndarray[Any, Any], variance: np.ndarray[Any, Any]) -> Scaling:
        """Return the map that gives mean 0 and variance 1; constant channels are only centred."""
        scale = np.sqrt(np.maximum(variance, 0.0))
        constant = scale <= RELATIVE_CONSTANT * np.maximum(np.abs(mean), np.finfo(np.float32).tiny)
        return cls(mean.astype(np.float32), np.where(constant, 1.0, scale).astype(np.float32))


def channel_scaling(batch: SequenceBatch, weights: np.ndarray[Any, Any]) -> Scaling:
    """Return the scaling that standardises every channel of `batch`.

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
    Scaling
        One centre and scale per channel.
    """
    total = np.zeros(batch.n_channels)
    first = np.zeros(batch.n_channels)
    second = np.zeros(batch.n_channels)
    rows = np.flatnonzero(weights > 0)
    # Moments about a typical value, because x*x loses the variance of data far from zero.
    origin = _typical_values(batch, rows[:1])
    for part in _passes(batch, rows):
        block = batch.padded(part, batch.max_length) - origin
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
    return Scaling.from_moments(mean + origin, variance)


def target_scaling(y: np.ndarray[Any, Any], weights: np.ndarray[Any, Any]) -> Scaling:
    """Return the scaling that standardises every output.

    Parameters
    ----------
    y : ndarray of shape (n_samples, n_outputs)
        Targets.
    weights : ndarray of shape (n_samples,)
        Sample weights.

    Returns
    -------
    Scaling
        One centre and scale per output.
    """
    mean = np.average(y, axis=0, weights=weights)
    return Scaling.from_moments(mean, np.average((y - mean) ** 2, axis=0, weights=weights))


def _weighted_sums(
    weight: np.ndarray[Any, Any], block: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    """Return each channel's weighted sum; unlike ``@``, the same whatever the threads."""
    sums: np.ndarray[Any, Any] = np.einsum("n,nk->k", weight, block.reshape(len(block), -1))
    return np.asarray(sums.reshape(block.shape[1:]).sum(axis=0))


def _typical_values(batch: SequenceBatch, row: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    block = batch.padded(row, batch.max_length)[0].astype(np.float64)
    present = ~np.isnan(block)
    total: np.ndarray[Any, Any] = np.where(present, block, 0.0).sum(axis=0)
    count: np.ndarray[Any, Any] = np.maximum(present.sum(axis=0), 1)
    return np.asarray(total / count)


def _passes(batch: SequenceBatch, rows: np.ndarray[Any, Any]) -> list[np.ndarray[Any, Any]]:
    bytes_per_row = 8 * batch.max_length * batch.n_channels
    n_passes = -(-len(rows) * bytes_per_row // ROWS_PER_PASS_BYTES)
    return np.array_split(rows, max(1, n_passes))
