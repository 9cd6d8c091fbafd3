"""The form of sequences of unequal length: a 1-D array of arrays."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from rnnselect.sequences.carried import carrying

__all__ = ["ragged"]


def ragged(
    sequences: Iterable[Any], columns: tuple[str, ...] | None = None
) -> np.ndarray[Any, np.dtype[Any]]:
    """Return sequences as a 1-D object array, even where their lengths are equal.

    Unlike a list it can be indexed by arrays and masks, as scikit-learn's splitters do.

    Parameters
    ----------
    sequences : iterable of ndarray of shape (n_timesteps_i, ...)
        The sequences.
    columns : tuple of str or None, default=None
        Names of their channels, which the array carries.

    Returns
    -------
    ndarray of shape (n_samples,)
        The same arrays.
    """
    sequences = list(sequences)
    array = np.empty(len(sequences), dtype=object)
    array[:] = sequences
    return carrying(array, columns)  # type: ignore[no-any-return]
