"""Reads the user's data for a comparison: checks, profile, splits, baselines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnselect.comparison.candidates import Candidates
from rnnselect.comparison.splits import Splits, make_splits
from rnnselect.sequences.batch import SequenceBatch
from rnnselect.sequences.profile import SequenceProfile, profile_sequences
from rnnselect.sequences.validation import read_sequences

__all__ = ["Data", "read_data"]


@dataclass(frozen=True, eq=False, slots=True)
class Data:
    """The data of one comparison, checked.

    Parameters
    ----------
    X : array-like
        What the networks read, after the steps of a pipeline before them.
    batch : SequenceBatch
        The same as sequences.
    y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
        Targets.
    profile : SequenceProfile
        Sizes and properties.
    splits : Splits
        The splits of all pairs.
    """

    X: Any
    batch: SequenceBatch
    y: np.ndarray
    profile: SequenceProfile
    splits: Splits


def read_data(
    candidates: Candidates,
    X: Any,
    y: Any,
    groups: Any,
    *,
    cv: Any,
    classification: bool,
    seed: int,
) -> Data:
    """Check the data and split them, before anything is trained.

    Parameters
    ----------
    candidates : Candidates
        What they are for.
    X, y : array-like
        Sequences and targets.
    groups : array-like of shape (n_samples,) or None
        Samples of one group stay on one side of each split.
    cv : int, splitter or iterable of splits
        How to split.
    classification : bool
        Whether y holds classes.
    seed : int
        Seed of the splits.

    Returns
    -------
    Data
        Ready to be compared on.

    Raises
    ------
    ValueError
        If X, y, groups or cv are malformed or do not fit each other.
    """
    if y is None:
        raise ValueError("y=None: RNNAdvisor needs targets; give one for each sequence.")
    seen = candidates.before_network(X, y)
    network = candidates.network(candidates.cells[0])
    tokens = getattr(network, "embedding_dim", None) is not None
    batch = read_sequences(seen, tokens=tokens, missing=getattr(network, "missing", "mask"))
    y = np.asarray(y)
    if len(y) != batch.n_samples:
        raise ValueError(
            f"y has {len(y)} sample(s) and X has {batch.n_samples}: inconsistent numbers of "
            "samples; give one target for each sequence."
        )
    if classification and len(np.unique(y)) < 2:
        raise ValueError(f"y holds one class only ({y[0]!r}); there is nothing to tell apart.")
    profile = profile_sequences(batch, y, "classification" if classification else "regression")
    splits = make_splits(
        cv,
        y,
        groups,
        classification=classification,
        window_shift=profile.window_shift,
        seed=seed,
    )
    return Data(seen, batch, y, profile, splits)
