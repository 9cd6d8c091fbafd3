"""The sizes and properties of a data set that the advice looks at."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from rnnselect.sequences.batch import Kind, SequenceBatch
from rnnselect.sequences.lengths import assign_buckets, padded_lengths
from rnnselect.sequences.windows import window_shift

__all__ = ["SequenceProfile", "profile_sequences", "profile_sizes"]


@dataclass(frozen=True, slots=True)
class SequenceProfile:
    """What kind of data set this is.

    Parameters
    ----------
    kind : {"series", "panel", "ragged", "tokens"}
        How the sequences are given.
    target : {"classification", "regression"}
        What is predicted.
    n_samples : int
        Number of sequences.
    sequence_length : int
        Time steps of the longest sequence.
    median_length : float
        Time steps of the median sequence.
    padded_length : float
        Mean time steps that a sequence is trained at, after padding to its bucket.
    n_channels : int
        Values of one time step (1 for token ids).
    n_outputs : int
        Classes, or outputs of a regression.
    majority_share : float or None
        Share of the commonest class.
    vocabulary_size : int or None
        One more than the largest token id.
    padded_lengths : tuple of int
        Lengths that sequences are trained at, ascending; empty where only sizes are known.
    is_filled : bool
        Whether no sequence is padded, so that a network need not look for padding.
    window_shift : int or None
        Steps by which each row is shifted against the row before it, where the rows look like
        overlapping windows of one series.
    data_bytes : int or None
        Size of the sequences as they are stored; None where that is not known.
    """

    kind: Kind
    target: str
    n_samples: int
    sequence_length: int
    median_length: float
    padded_length: float
    n_channels: int
    n_outputs: int
    majority_share: float | None = None
    vocabulary_size: int | None = None
    padded_lengths: tuple[int, ...] = ()
    is_filled: bool = True
    window_shift: int | None = None
    data_bytes: int | None = None

    @property
    def n_classes(self) -> int | None:
        """Number of classes, None for a regression."""
        return self.n_outputs if self.target == "classification" else None

    @property
    def n_lengths(self) -> int:
        """Number of different lengths that sequences are trained at."""
        return max(1, len(self.padded_lengths))

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as a dict of plain values."""
        return asdict(self)


def profile_sequences(
    batch: SequenceBatch, y: np.ndarray[Any, Any], target: str
) -> SequenceProfile:
    """Describe a data set.

    Parameters
    ----------
    batch : SequenceBatch
        The sequences.
    y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
        The targets.
    target : {"classification", "regression"}
        How `y` is meant.

    Returns
    -------
    SequenceProfile
        Its profile.
    """
    buckets = padded_lengths(batch.lengths, batch.stride)
    padded = float(np.asarray(buckets)[assign_buckets(batch.lengths, buckets)].mean())
    majority = None
    if target == "classification":
        _, counts = np.unique(y, return_counts=True)
        n_outputs, majority = len(counts), float(counts.max() / counts.sum())
    else:
        n_outputs = 1 if np.ndim(y) == 1 else int(np.shape(y)[1])
    return SequenceProfile(
        kind=batch.kind,
        target=target,
        n_samples=batch.n_samples,
        sequence_length=batch.max_length,
        median_length=float(np.median(batch.lengths)),
        padded_length=padded,
        n_channels=batch.n_channels,
        n_outputs=n_outputs,
        majority_share=majority,
        vocabulary_size=int(batch.steps.max()) + 1 if batch.is_tokens else None,
        padded_lengths=buckets,
        is_filled=batch.fills_its_array,
        window_shift=window_shift(batch),
        data_bytes=int(batch.steps.nbytes),
    )


def profile_sizes(
    *,
    n_samples: int,
    sequence_length: int,
    n_channels: int = 1,
    n_outputs: int = 2,
    target: str = "classification",
    vocabulary_size: int | None = None,
) -> SequenceProfile:
    """Describe a data set that is not at hand, by its sizes.

    Parameters
    ----------
    n_samples, sequence_length : int
        Number of sequences, and time steps of each.
    n_channels : int, default=1
        Values of one time step.
    n_outputs : int, default=2
        Classes, or outputs of a regression.
    target : {"classification", "regression"}, default="classification"
        What is predicted.
    vocabulary_size : int or None, default=None
        Number of token ids, where the sequences are tokens.

    Returns
    -------
    SequenceProfile
        The profile of such a data set, all sequences equally long.

    Raises
    ------
    ValueError
        If a size is not a positive whole number.
    """
    sizes = {
        "n_samples": n_samples,
        "sequence_length": sequence_length,
        "n_channels": n_channels,
        "n_outputs": n_outputs,
    }
    for name, size in sizes.items():
        if not isinstance(size, int | np.integer) or isinstance(size, bool) or size < 1:
            raise ValueError(f"{name}={size!r} must be a whole number of at least 1.")
    return SequenceProfile(
        kind="tokens" if vocabulary_size else ("series" if n_channels == 1 else "panel"),
        target=target,
        n_samples=int(n_samples),
        sequence_length=int(sequence_length),
        median_length=float(sequence_length),
        padded_length=float(sequence_length),
        n_channels=int(n_channels),
        n_outputs=int(n_outputs),
        vocabulary_size=vocabulary_size,
    )
