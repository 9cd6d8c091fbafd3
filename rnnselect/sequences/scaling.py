"""Standardisation: an affine map for each channel or output."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Scaling"]


@dataclass(frozen=True, eq=False, slots=True)
class Scaling:
    """An affine map per channel: ``standardised = (raw - center) / scale``.

    The precision of its arrays is the one in which the map must be computed: float64 where values
    lie so far from zero, or are so small, that single precision would lose what tells them apart.

    Parameters
    ----------
    center : ndarray of shape (n_channels,)
        Mean of each channel (float32 or float64).
    scale : ndarray of shape (n_channels,)
        Standard deviation of each channel, 1 for a constant channel; of the same precision.
    """

    center: np.ndarray[Any, Any]
    scale: np.ndarray[Any, Any]

    @classmethod
    def identity(cls, n_channels: int) -> Scaling:
        """Return the map that changes nothing."""
        return cls(np.zeros(n_channels, np.float32), np.ones(n_channels, np.float32))

    @property
    def dtype(self) -> np.dtype[Any]:
        """The precision in which the map must be computed."""
        dtype: np.dtype[Any] = self.center.dtype
        return dtype

    def standardised(self, raw: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Return values on the common scale; may change `raw` in place.

        Parameters
        ----------
        raw : ndarray of shape (..., n_channels)
            Values, as they are.

        Returns
        -------
        ndarray of shape (..., n_channels)
            Single precision; the map is computed in its own.
        """
        with np.errstate(over="ignore"):  # what is far out becomes infinite, as in a network
            values = raw.astype(self.dtype, copy=False)
            values -= self.center
            values /= self.scale
            return values.astype(np.float32, copy=False)
