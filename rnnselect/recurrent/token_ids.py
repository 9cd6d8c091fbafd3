"""Token ids: padding among them, ids that were numbered without end, and ids taken for numbers."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np

from rnnselect.cells import BYTES_PER_FLOAT
from rnnselect.recurrent.memory import WEIGHT_COPIES, available_bytes
from rnnselect.recurrent.steps import StepLayout
from rnnselect.sequences.batch import PADDING_TOKEN, SequenceBatch

__all__ = ["refuse_huge_embedding", "warn_of_ids_as_numbers", "without_inner_padding"]

# Whole numbers of a table look like token ids where there are so many different ones, and
# neighbours in time have this little in common. A text of 500 words has both. Of the study's 13
# univariate sets of whole numbers (counts, loads, sensors) 5 have as many different ones, and none
# has neighbours that unrelated.
MANY_IDS = 500
UNRELATED = 0.2
STEPS_LOOKED_AT = 100_000


def without_inner_padding(batch: SequenceBatch, *, labelled: bool) -> SequenceBatch:
    """Drop padding (id 0) before and between token ids, which says nothing.

    Keras' layers skip such steps on a processor, with the same result, and fail on a GPU.

    Parameters
    ----------
    batch : SequenceBatch
        Token ids.
    labelled : bool
        Whether every time step has a target, which a step that is dropped could not have.

    Returns
    -------
    SequenceBatch
        The same one where there is no such padding.

    Raises
    ------
    ValueError
        If there is some and the steps have targets.
    """
    layout = StepLayout(batch.lengths)
    where = np.repeat(batch.starts - layout.starts, batch.lengths) + np.arange(batch.lengths.sum())
    real = batch.steps[where, 0] != PADDING_TOKEN
    if real.all():
        return batch
    if labelled:
        first = int(np.argmin(real))
        row = int(np.searchsorted(layout.starts, first, side="right")) - 1
        raise ValueError(
            f"X[{row}] has the token id {PADDING_TOKEN} at time step {first - layout.starts[row]}, "
            "before the sequence ends: this id is padding, and return_sequences=True asks for a "
            "target at each time step. Pad at the end, or give this token an id of its own."
        )
    lengths = np.add.reduceat(real, layout.starts, dtype=batch.lengths.dtype)
    starts = np.cumsum(lengths) - lengths
    steps = batch.steps[where[real]]
    return replace(batch, steps=steps, starts=starts, lengths=lengths, stride=None)


def refuse_huge_embedding(batch: SequenceBatch, n_rows: int, size: int) -> None:
    """Raise where an embedding of all ids takes more memory than there is.

    Parameters
    ----------
    batch : SequenceBatch
        Token ids.
    n_rows, size : int
        Shape of the embedding.

    Raises
    ------
    ValueError
        If training would not fit; the message says how to number the ids.
    """
    available, n_bytes = available_bytes(), WEIGHT_COPIES * BYTES_PER_FLOAT * n_rows * size
    if available is None or n_bytes <= available:
        return
    raise ValueError(
        f"X holds token ids up to {int(batch.steps.max())}, and {len(np.unique(batch.steps))} "
        f"different ones. An embedding of {n_rows:,} rows would take about {n_bytes / 1e9:,.0f} GB "
        f"in training, and {available / 1e9:,.0f} GB are available: renumber the ids 1, 2, ... "
        "without gaps, the same way in all data, e.g. by np.searchsorted(np.unique(ids), ids) + 1 "
        "with the ids of the training data, or set a smaller embedding_dim."
    )


def warn_of_ids_as_numbers(batch: SequenceBatch) -> None:
    """Warn where sequences that are to be read as numbers look like token ids.

    Parameters
    ----------
    batch : SequenceBatch
        Numeric sequences.
    """
    if batch.n_channels != 1 or batch.steps.dtype.kind not in "iu":
        return
    if batch.kind != "ragged" and not _are_unrelated(batch.steps[:STEPS_LOOKED_AT, 0]):
        return
    warnings.warn(
        "X holds whole numbers that look like token ids, and they are taken for amounts because "
        "embedding_dim=None. If they are ids, set embedding_dim (32, say); if they are amounts, "
        "give them as floats.",
        UserWarning,
        stacklevel=2,
    )


def _are_unrelated(values: np.ndarray) -> bool:
    """Whether whole numbers are many different ones without any order in time."""
    if values.min() < 0 or len(np.unique(values)) < MANY_IDS:
        return False
    logs = np.log1p(values.astype(np.float64))
    return bool(abs(np.corrcoef(logs[:-1], logs[1:])[0, 1]) < UNRELATED)
