"""The one form in which sequences travel through the package."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from rnnselect.sequences.scaling import Scaling

__all__ = ["PADDING_TOKEN", "Kind", "SequenceBatch"]

Kind = Literal["series", "panel", "ragged", "tokens"]

PADDING_TOKEN = 0  # as keras.layers.Embedding(mask_zero=True) and TextVectorization use it


@dataclass(frozen=True, eq=False, slots=True)
class SequenceBatch:
    """Sequences of any kind, stored end to end without a copy of the user's array.

    Sequence ``i`` is ``steps[starts[i] : starts[i] + lengths[i]]``.

    Parameters
    ----------
    kind : {"series", "panel", "ragged", "tokens"}
        2-D array of univariate series, 3-D array, list of arrays, or token ids.
    steps : ndarray of shape (n_steps, n_channels)
        The time steps of all sequences; may be a view of a memory-mapped file.
    starts : ndarray of shape (n_samples,)
        First step of each sequence.
    lengths : ndarray of shape (n_samples,)
        Number of time steps of each sequence, padding at its end not counted.
    stride : int or None
        Number of stored steps of every sequence where all are stored alike (an array),
        else None.
    columns : tuple of str or None, default=None
        Names of the columns, where a data frame or a collection of frames had them: of the
        channels, or of the time steps of 2-D input.
    scaling : Scaling or None, default=None
        The scale on which `padded` gives the values; None for their own.
    """

    kind: Kind
    steps: np.ndarray[Any, Any]
    starts: np.ndarray[Any, Any]
    lengths: np.ndarray[Any, Any]
    stride: int | None
    columns: tuple[str, ...] | None = None
    scaling: Scaling | None = None

    @property
    def n_samples(self) -> int:
        """Number of sequences."""
        return len(self.starts)

    @property
    def n_channels(self) -> int:
        """Number of values of one time step (1 for token ids)."""
        return int(self.steps.shape[1])

    @property
    def max_length(self) -> int:
        """Number of time steps of the longest sequence."""
        return int(self.lengths.max())

    @property
    def is_tokens(self) -> bool:
        """Whether the steps are token ids."""
        return self.kind == "tokens"

    @property
    def fills_its_array(self) -> bool:
        """Whether no sequence is padded (token ids may hide padding anywhere)."""
        return self.stride is not None and bool((self.lengths == self.stride).all())

    @property
    def fixed_length(self) -> bool:
        """Whether a network for this kind takes one sequence length only."""
        return self.kind == "series"

    def rows(self, indices: np.ndarray[Any, Any]) -> SequenceBatch:
        """Return the sequences at `indices` as a batch that shares the stored steps."""
        return replace(self, starts=self.starts[indices], lengths=self.lengths[indices])

    def padded(self, indices: np.ndarray[Any, Any], n_timesteps: int) -> np.ndarray[Any, Any]:
        """Return sequences as one block, padded at their ends.

        Parameters
        ----------
        indices : ndarray of shape (n_rows,)
            Which sequences.
        n_timesteps : int
            Time steps of the block; longer sequences lose their end.

        Returns
        -------
        ndarray of shape (n_rows, n_timesteps, n_channels) or (n_rows, n_timesteps)
            float32 with NaN as padding, or int32 token ids with 0 as padding.
        """
        if self.is_tokens:
            return self.block(indices, n_timesteps, np.int32)[:, :, 0]
        if self.scaling is None:
            return self.block(indices, n_timesteps, np.float32)
        raw = self.block(indices, n_timesteps, self.scaling.dtype)
        return self.scaling.standardised(raw)

    def block(
        self, indices: np.ndarray[Any, Any], n_timesteps: int, dtype: Any
    ) -> np.ndarray[Any, Any]:
        """Return the values as they are, padded, of shape (n_rows, n_timesteps, n_channels)."""
        if self.stride is not None and n_timesteps <= self.stride:
            stored = self.steps.reshape(-1, self.stride, self.n_channels)
            chosen = stored[self.starts[indices] // self.stride, :n_timesteps]  # a copy
            return chosen.astype(dtype, copy=False)
        padding = PADDING_TOKEN if self.is_tokens else np.nan
        block = np.full((len(indices), n_timesteps, self.n_channels), padding, dtype=dtype)
        step = np.arange(n_timesteps)
        present = step < self.lengths[indices][:, None]
        where = self.starts[indices][:, None] + step
        block[present] = self.steps[where[present]]
        return block
