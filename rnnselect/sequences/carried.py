"""Arrays that carry what stands beside their numbers: names of channels, and what windows were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["SequenceArray", "Windows", "carrying"]


@dataclass(frozen=True, slots=True)
class Windows:
    """What the windows of one long series were.

    Parameters
    ----------
    length : int
        Time steps of a window.
    horizon : int
        Time steps that follow each window and are predicted from it.
    targets : tuple of int
        Positions of the channels that are predicted, in the order of the predictions.
    period : int or None, default=None
        Time steps of a season, where somebody knows.
    """

    length: int
    horizon: int
    targets: tuple[int, ...]
    period: int | None = None


class SequenceArray(np.ndarray):
    """An array of sequences that knows the names of its channels, and what its windows were.

    Whoever takes rows or a copy of it gets the same; whatever else is made of it is a plain array,
    because names that may have become wrong are worse than none.

    Attributes
    ----------
    columns : tuple of str or None
        Names of the channels.
    windows : Windows or None
        Set by `make_windows`.
    """

    columns: tuple[str, ...] | None
    windows: Windows | None

    def __array_finalize__(self, obj: Any) -> None:
        """Begin with nothing: only the methods below know that it still holds."""
        self.columns, self.windows = None, None

    def __getitem__(self, index: Any) -> Any:
        """Return rows with everything that is known of them, and parts of rows without it."""
        taken = super().__getitem__(index)
        if not isinstance(taken, SequenceArray):
            return taken
        rows = index[0] if isinstance(index, tuple) and index[1:] in ((), (Ellipsis,)) else index
        if isinstance(rows, tuple) or taken.shape[1:] != self.shape[1:] or rows is None:
            return taken.view(np.ndarray)
        return carrying(taken, self.columns, self.windows)

    def copy(self, order: Any = "C") -> Any:
        """Return a copy that may be written to."""
        return carrying(super().copy(order), self.columns, self.windows)

    def astype(self, *args: Any, **kwargs: Any) -> Any:
        """Return the same sequences of another type."""
        return carrying(super().astype(*args, **kwargs), self.columns, self.windows)

    def __reduce__(self) -> Any:
        """Say how to make it again from a plain array, as pickle asks."""
        return carrying, (np.asarray(self), self.columns, self.windows)

    def __repr__(self) -> str:
        """Show the values as those of any array."""
        return repr(np.asarray(self))


def carrying(
    values: np.ndarray[Any, Any], columns: tuple[str, ...] | None, windows: Windows | None = None
) -> Any:
    """Return an array as one that carries names of channels and what its windows were.

    Parameters
    ----------
    values : ndarray of shape (n_samples, ...)
        Sequences.
    columns : tuple of str or None
        Names of their channels.
    windows : Windows or None, default=None
        What they are windows of.

    Returns
    -------
    SequenceArray
        A view; `values` itself where nothing is to be carried.
    """
    if columns is None and windows is None:
        return values
    array = values.view(SequenceArray)
    array.columns, array.windows = columns, windows
    return array
