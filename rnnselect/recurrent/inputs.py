"""Checks of what comes with X: targets, weights, groups and token ids."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import _check_sample_weight, _num_samples

from rnnselect.sequences.batch import SequenceBatch

__all__ = ["check_groups", "check_length", "check_vocabulary", "check_weights"]


def check_length(y: Any, n_samples: int, name: str) -> Any:
    """Return `y` if it has one target for each sequence.

    Parameters
    ----------
    y : array-like
        Targets.
    n_samples : int
        Number of sequences.
    name : str
        Of the estimator, for the error.

    Returns
    -------
    array-like
        `y` itself.

    Raises
    ------
    ValueError
        If `y` is None or has another length.
    """
    if y is None:
        raise ValueError(f"{name} requires y to be passed, but the target y is None.")
    n_targets = _num_samples(y)
    if n_targets != n_samples:
        raise ValueError(
            f"y has {n_targets} sample(s) and X has {n_samples}: inconsistent numbers of "
            "samples; give one target for each sequence."
        )
    return y


def check_weights(sample_weight: Any, n_samples: int) -> np.ndarray:
    """Return the weights of the samples, 1 where none are given.

    Parameters
    ----------
    sample_weight : array-like of shape (n_samples,), float or None
        As `fit` takes them.
    n_samples : int
        Number of sequences.

    Returns
    -------
    ndarray of shape (n_samples,)
        Weights (float64), not negative, not all zero.

    Raises
    ------
    ValueError
        If a weight is negative or all are zero.
    """
    weights = _check_sample_weight(sample_weight, np.empty(n_samples), dtype=np.float64)
    if weights.min() < 0:
        raise ValueError(
            f"sample_weight holds {weights.min()}: negative values are not allowed; drop "
            "such samples or give them the weight 0."
        )
    if not weights.any():
        raise ValueError("sample_weight is zero for all samples; give at least one a weight.")
    return weights


def check_groups(groups: Any, n_samples: int) -> np.ndarray:
    """Return the groups as an array, one for each sequence.

    Raises
    ------
    ValueError
        If there are more or fewer of them.
    """
    groups = np.asarray(groups)
    if groups.shape != (n_samples,):
        raise ValueError(
            f"groups has shape {groups.shape} and X has {n_samples} samples; give one group for "
            "each sequence."
        )
    return groups


def check_vocabulary(batch: SequenceBatch, size: int | None) -> int:
    """Return the number of token ids: `size`, or one more than the largest id.

    Raises
    ------
    ValueError
        If there are ids beyond `size`.
    """
    largest = int(batch.steps.max())
    if size is not None and largest >= size:
        raise ValueError(
            f"X holds the token id {largest}, but the vocabulary has {size} ids (0 to "
            f"{size - 1}); set vocabulary_size={largest + 1} or more before fit, or map "
            "unknown tokens to an id of their own."
        )
    return largest + 1 if size is None else size
