"""Are these rows overlapping windows of one series? Then a shuffled split leaks."""

from __future__ import annotations

import numpy as np

from rnnselect.sequences.batch import SequenceBatch

__all__ = ["window_shift"]

N_NEIGHBOURS = 40  # consecutive pairs of rows looked at, spread over the data
# Windows cut at the edge of a recording break the pattern now and then; unrelated rows
# never repeat each other value by value.
MIN_SHARE = 0.8


def window_shift(batch: SequenceBatch) -> int | None:
    """Return by how many steps each row is shifted against the row before it.

    Parameters
    ----------
    batch : SequenceBatch
        Sequences in the order in which the user gave them.

    Returns
    -------
    int or None
        The shift in time steps, or None where rows do not repeat their neighbours.

    Examples
    --------
    >>> import numpy as np
    >>> from rnnselect.sequences.validation import read_sequences
    >>> from rnnselect.sequences.windows import window_shift
    >>> series = np.random.default_rng(0).normal(size=200)
    >>> windows = np.lib.stride_tricks.sliding_window_view(series, 20)[::2]
    >>> window_shift(read_sequences(windows))
    2
    """
    if batch.is_tokens or batch.n_samples < 4 or batch.stride is None:
        return None
    pairs = np.unique(np.linspace(0, batch.n_samples - 2, N_NEIGHBOURS).astype(int))
    before = batch.padded(pairs, batch.max_length)
    after = batch.padded(pairs + 1, batch.max_length)
    varies = np.ptp(np.nan_to_num(before), axis=1).any(axis=1)
    for shift in range(1, batch.max_length // 2 + 1):
        repeats = (before[:, shift:] == after[:, :-shift]).all(axis=(1, 2)) & varies
        if repeats.mean() >= MIN_SHARE:
            return shift
    return None
