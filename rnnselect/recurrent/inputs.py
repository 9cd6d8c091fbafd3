"""Checks of what comes with X: targets, weights, groups and token ids."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from rnnselect.sequences.batch import SequenceBatch
from rnnselect.sequences.lengths import grid_length
from rnnselect.sequences.masks import without_mask

__all__ = [
    "check_callbacks",
    "check_embedding_weights",
    "check_groups",
    "check_length",
    "check_vocabulary",
    "check_weights",
    "embedding_shape",
    "named",
]


@contextmanager
def named(argument: str, remedy: str) -> Iterator[None]:
    """Say of scikit-learn's errors about an argument which one it is, and what helps.

    Raises
    ------
    ValueError
        In place of any ValueError or TypeError.
    """
    try:
        yield
    except (TypeError, ValueError) as error:
        what = str(error).partition("\n")[0].rstrip(".")  # further lines may show all values
        raise ValueError(f"{argument}: {what}; {remedy}.") from error


def check_callbacks(callbacks: Any) -> None:
    """Refuse what Keras could not call.

    Raises
    ------
    ValueError
        If there is anything but callbacks.
    """
    for i, callback in enumerate(callbacks or ()):
        if not hasattr(callback, "on_epoch_end"):
            raise ValueError(
                f"callbacks[{i}]={callback!r} is not a callback; give objects of the class "
                "keras.callbacks.Callback."
            )


def check_length(y: Any, n_samples: int, name: str) -> Any:
    """Return `y`, without a mask, if it has one target for each sequence.

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
        `y` itself, or NaN where a masked array hides a target.

    Raises
    ------
    ValueError
        If `y` is None or has another length.
    """
    from sklearn.utils.validation import _num_samples  # planning does without scikit-learn

    if y is None:
        raise ValueError(
            f"{name} requires y to be passed, but the target y is None: give one target for each "
            "sequence."
        )
    y = without_mask(y, "y")
    first = next(iter(y if hasattr(y, "__len__") else ()), None)
    if isinstance(first, bytes):
        raise ValueError(
            f"y holds bytes ({first!r}), which scikit-learn does not take for labels; decode them: "
            "np.char.decode(np.asarray(y))."
        )
    with named("y", "give a list or array with one target for each sequence"):
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
    from sklearn.utils.validation import _check_sample_weight  # as above

    sample_weight = without_mask(sample_weight, "sample_weight")
    with named("sample_weight", f"give {n_samples} numbers of at least 0, or None"):
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
    groups = np.asarray(without_mask(groups, "groups"))
    if groups.shape != (n_samples,):
        raise ValueError(
            f"groups has shape {groups.shape} and X has {n_samples} samples; give one group for "
            "each sequence."
        )
    with named("groups", "give numbers or texts, none of them missing"):
        np.unique(groups)
    return groups


def check_embedding_weights(
    weights: Any, vocabulary_size: int | None, embedding_dim: int | None
) -> np.ndarray:
    """Return the initial vectors of the token ids as an array.

    Parameters
    ----------
    weights : array-like of shape (vocabulary_size, embedding_dim)
        One row for each token id, padding included.
    vocabulary_size, embedding_dim : int or None
        What else is said of this shape.

    Returns
    -------
    ndarray of shape (vocabulary_size, embedding_dim)
        The vectors (float32).

    Raises
    ------
    ValueError
        If the array is malformed, or its shape is another one.
    """
    try:
        vectors = np.asarray(weights, np.float32)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"embedding_weights of type {type(weights).__name__} holds no matrix of numbers; give "
            "one row of numbers for each token id."
        ) from error
    if vectors.ndim != 2 or len(vectors) < 2 or not vectors.size:
        raise ValueError(
            f"embedding_weights has shape {vectors.shape}; give one of shape (vocabulary_size, "
            "embedding_dim): a row for each token id, padding (id 0) included."
        )
    if not np.isfinite(vectors).all():
        row = int(np.argwhere(~np.isfinite(vectors))[0, 0])
        raise ValueError(
            f"embedding_weights[{row}] holds NaN, infinity or a value too large for float32; give "
            "finite vectors."
        )
    for name, value, actual in (
        ("vocabulary_size", vocabulary_size, vectors.shape[0]),
        ("embedding_dim", embedding_dim, vectors.shape[1]),
    ):
        if value is not None and value != actual:
            raise ValueError(
                f"{name}={value}, but embedding_weights has shape {vectors.shape}: leave {name}="
                f"None, or give {actual}."
            )
    return vectors


def embedding_shape(network: Any) -> tuple[int | None, int | None]:
    """Return a network's number of token ids and the size of their vectors.

    Parameters
    ----------
    network : RNNClassifier or RNNRegressor
        Its parameters say so, as far as they do.

    Returns
    -------
    vocabulary_size, embedding_dim : int or None
        None where the parameters leave it open, or there is no embedding.

    Raises
    ------
    ValueError
        If the parameters contradict each other.
    """
    shape = network.vocabulary_size, network.embedding_dim
    if network.embedding_weights is None:
        return shape
    n_ids, size = check_embedding_weights(network.embedding_weights, *shape).shape
    return n_ids, size


def check_vocabulary(batch: SequenceBatch, size: int | None) -> int:
    """Return the number of rows of the embedding: `size`, or enough for all ids and one more.

    Parameters
    ----------
    batch : SequenceBatch
        Token ids.
    size : int or None
        Number of ids that are allowed. None: any; the rows come from a coarse grid, so that folds
        of one data set share a program, and the last row belongs to none of these ids.

    Returns
    -------
    int
        Number of rows.

    Raises
    ------
    ValueError
        If there are ids beyond `size`.

    Examples
    --------
    >>> from rnnselect.recurrent.inputs import check_vocabulary
    >>> from rnnselect.sequences.validation import read_sequences
    >>> batch = read_sequences([[1, 2, 97], [98]], tokens=True)
    >>> check_vocabulary(batch, None), check_vocabulary(batch, 99)
    (104, 99)
    """
    largest = int(batch.steps.max())
    if size is None:
        return grid_length(largest + 2)
    if largest >= size:
        raise ValueError(
            f"X holds the token id {largest}, but the vocabulary has {size} ids (0 to "
            f"{size - 1}); map unknown tokens to an id of their own, or, before fit, set "
            f"vocabulary_size={largest + 1} or more (or None, to take unknown ids as one token) or "
            "give embedding_weights as many rows."
        )
    return size
