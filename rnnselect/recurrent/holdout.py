"""The internal validation part, on which early stopping looks."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.model_selection import GroupShuffleSplit, ShuffleSplit, StratifiedShuffleSplit

from rnnselect.recurrent.inputs import named

__all__ = ["hold_out"]

# Below this many samples the part would be one or two samples, on which training stops by
# accident; the training loss is monitored instead.
MIN_SAMPLES = 20


def hold_out(
    y: np.ndarray,
    part: float | Any,
    *,
    stratify: bool,
    groups: np.ndarray | None,
    seed: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Split the rows into a training and a validation part.

    Parameters
    ----------
    y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
        Targets; class numbers where `stratify`.
    part : float or splitter
        Share of the validation part, or an object with ``split``, whose last split is used
        (the last one of a time-ordered splitter trains on the most data).
    stratify : bool
        Whether each class is to keep its share.
    groups : ndarray of shape (n_samples,) or None
        Rows of one group stay on one side.
    seed : int
        Seed of the random choice.

    Returns
    -------
    training, validation : ndarray of int
        Row numbers; the validation part is empty where there are too few samples.
    """
    rows = np.arange(len(y))
    if hasattr(part, "split"):
        with named("validation_fraction", "give another splitter, a share, or (X_val, y_val)"):
            splits = list(part.split(rows, y, groups))
        if not splits:
            raise ValueError(
                f"validation_fraction={part!r} makes no split of {len(rows)} samples; give another "
                "splitter, a share, or (X_val, y_val)."
            )
        training, validation = splits[-1]
        for chosen in (training, validation):
            if len(chosen) and not -1 < min(chosen) <= max(chosen) < len(rows):
                raise ValueError(
                    f"validation_fraction={part!r} names the row {max(chosen)}, but there are "
                    f"{len(rows)} samples; give a splitter of these samples, a share, or (X_val, "
                    "y_val)."
                )
        return np.asarray(training), np.asarray(validation)
    if len(y) < MIN_SAMPLES:
        return rows, rows[:0]
    if groups is not None:
        if len(np.unique(groups)) < 2:
            return rows, rows[:0]
        splitter = GroupShuffleSplit(1, test_size=part, random_state=seed)
        return next(splitter.split(rows, y, groups))
    if not stratify:
        return next(ShuffleSplit(1, test_size=part, random_state=seed).split(rows))
    return _stratified(rows, y, part, seed)


def _stratified(
    rows: np.ndarray, y: np.ndarray, part: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    counts = np.bincount(y)
    # A class with a single sample can only be learnt from the training part.
    single = counts[y] == 1
    movable = rows[~single]
    if len(movable) == 0:
        return rows, rows[:0]
    n_validation = min(int(np.ceil(part * len(movable))), len(movable) - 1)
    enough = min(n_validation, len(movable) - n_validation) >= np.count_nonzero(counts > 1)
    splitter_class = StratifiedShuffleSplit if enough else ShuffleSplit
    splitter = splitter_class(1, test_size=n_validation, random_state=seed)
    training, validation = next(splitter.split(movable, y[movable]))
    return np.concatenate([rows[single], movable[training]]), movable[validation]
