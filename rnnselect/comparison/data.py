"""Reads the user's data for a comparison: checks, profile, splits."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.utils import assert_all_finite, check_array, column_or_1d

from rnnselect.comparison.candidates import Candidates
from rnnselect.comparison.metadata import Metadata
from rnnselect.comparison.splits import Splits, make_splits
from rnnselect.recurrent.inputs import check_length, check_weights, named
from rnnselect.recurrent.labels import ONE_LABEL_EACH, check_kind_of_labels
from rnnselect.sequences.batch import SequenceBatch
from rnnselect.sequences.containers import row_access
from rnnselect.sequences.profile import SequenceProfile, profile_sequences
from rnnselect.sequences.validation import read_sequences

__all__ = ["Data", "read_data", "read_seen"]


@dataclass(frozen=True, eq=False, slots=True)
class Data:
    """The data of one comparison, checked.

    Parameters
    ----------
    X : array-like
        Sequences as the user gave them; rows can be taken from it.
    seen : array-like
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
    seen: Any
    batch: SequenceBatch
    y: np.ndarray
    profile: SequenceProfile
    splits: Splits


def read_data(
    candidates: Candidates,
    X: Any,
    y: Any,
    metadata: Metadata,
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
    metadata : Metadata
        Weights, groups and whatever else comes with them.
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
        If X, y, weights, groups or cv are malformed or do not fit each other.
    """
    if y is None:
        raise ValueError(
            "RNNAdvisor requires y to be passed, but the target y is None: give one target for "
            "each sequence."
        )
    X = row_access(X)
    seen = candidates.before_network(X, y, metadata.fit)
    batch = read_seen(candidates, seen)
    y = np.asarray(check_length(y, batch.n_samples, "RNNAdvisor"))
    with named("y", ONE_LABEL_EACH if classification else "give finite numbers"):
        assert_all_finite(y, input_name="y")
        if not classification:
            y = check_array(y, dtype=np.float64, ensure_2d=False, input_name="y")
    weights = check_weights(metadata.fit_weights, batch.n_samples)
    profile = profile_sequences(batch, y, "regression")
    if classification:
        y = _check_classes(y, weights > 0)
        profile = _profile_classes(batch, y)
    splits = make_splits(
        cv,
        X,
        y,
        metadata.split,
        classification=classification,
        window_shift=profile.window_shift,
        seed=seed,
    )
    return Data(X, seen, batch, y, profile, splits)


def read_seen(candidates: Candidates, seen: Any) -> SequenceBatch:
    """Return what the networks see as sequences."""
    missing = getattr(candidates.network(candidates.cells[0]), "missing", "mask")
    return read_sequences(seen, tokens=candidates.takes_tokens, missing=missing)


def _check_classes(y: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """Return y with one column dropped to a vector; several columns are several outputs."""
    if y.ndim == 2 and y.shape[1] == 1:
        y = column_or_1d(y, warn=True)
    check_kind_of_labels(y)
    y_counted = y[counted]
    if (y_counted == y_counted[0]).all():
        raise ValueError(
            f"y holds one class only ({y_counted[0]!r}, counting samples with a weight above 0); "
            "there is nothing to tell apart."
        )
    return y


def _profile_classes(batch: SequenceBatch, y: np.ndarray) -> SequenceProfile:
    profile = profile_sequences(batch, y, "classification")
    if y.ndim == 1:
        return profile
    # Several outputs are right where all of them are: the commonest class is the commonest row.
    ((_, count),) = Counter(map(tuple, y.tolist())).most_common(1)
    return replace(profile, n_outputs=y.shape[1], majority_share=count / len(y))
