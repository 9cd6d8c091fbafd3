"""The splits of a comparison, and which samples depend on each other."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_array
from sklearn.model_selection import (
    BaseShuffleSplit,
    GroupKFold,
    KFold,
    PredefinedSplit,
    StratifiedGroupKFold,
    StratifiedKFold,
    TimeSeriesSplit,
    check_cv,
)

from rnnselect.advice.overlap import covariance_of_splits, folds_of_a_repetition
from rnnselect.exceptions import OverlappingWindowsWarning
from rnnselect.recurrent.inputs import check_groups, named

__all__ = ["Splits", "imagined_splits", "make_splits"]


DEFAULT_FOLDS = 5


@dataclass(frozen=True, eq=False, slots=True)
class Splits:
    """The splits of all pairs.

    Parameters
    ----------
    rows : list of tuple of ndarray
        Training and test rows of each pair.
    n_folds : int
        Splits of one repetition, which test all rows once.
    units : ndarray of shape (n_samples,) or None
        Labels of samples that depend on each other: groups, or blocks of time.
    covariance : sparse array of shape (n_pairs, n_pairs) or None
        What pairs share because their splits test the same rows; None where they are folds.
    """

    rows: list[tuple[np.ndarray, np.ndarray]]
    n_folds: int
    units: np.ndarray | None
    covariance: csr_array | None = None


def make_splits(
    cv: Any,
    X: Any,
    y: np.ndarray,
    metadata: dict[str, Any],
    *,
    classification: bool,
    window_shift: int | None,
    seed: int,
) -> Splits:
    """Split the data for all pairs.

    Parameters
    ----------
    cv : int, splitter or iterable of splits
        An int means shuffled folds, stratified for classes, whole groups where given.
    X : array-like
        Sequences, for splitters that look at them.
    y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
        Targets.
    metadata : dict of str to object
        Further arguments of the splitter; samples of one entry of ``"groups"`` stay on one side.
    classification : bool
        Whether y holds classes.
    window_shift : int or None
        Shift in time steps, where the rows look like overlapping windows of one series.
    seed : int
        Seed of the shuffling.

    Returns
    -------
    Splits
        The splits.

    Raises
    ------
    ValueError
        If there are more folds than samples, or than members of every class, or a split trains
        on a single class or tests nothing.

    Warns
    -----
    OverlappingWindowsWarning
        If overlapping windows would be shuffled.
    """
    n_samples = len(y)
    groups = metadata.get("groups")
    if groups is not None:
        groups = check_groups(groups, n_samples)
        metadata = {**metadata, "groups": groups}
    cv = DEFAULT_FOLDS if cv is None else cv
    if window_shift is not None and groups is None and _may_leak(cv):
        warnings.warn(
            f"The rows of X repeat their neighbours, shifted by {window_shift} time step(s): they "
            f"look like overlapping windows of one series, and cv={cv!r} puts such neighbours on "
            "both sides of a split, which makes every score too good. Give groups, or "
            f"cv=WindowSplit(length=..., stride={window_shift}).",
            OverlappingWindowsWarning,
            stacklevel=4,
        )
    splitter = _splitter(cv, y, groups, classification, seed)
    with named("cv", "give a number of folds, a splitter, or a list of (train, test) row numbers"):
        rows = [
            (_row_numbers(train, n_samples), _row_numbers(test, n_samples))
            for train, test in splitter.split(X, y, **metadata)
        ]
    _check_rows(rows, cv, y if classification else None)
    sizes = np.array([len(test) for _, test in rows])
    return Splits(
        rows,
        folds_of_a_repetition(sizes, n_samples),
        _units(splitter, n_samples, int(sizes.min()), groups, window_shift),
        covariance_of_splits(rows, n_samples),
    )


def imagined_splits(cv: Any, n_samples: int) -> Splits:
    """Return as many splits as `cv` would make, without data: only their number counts.

    Parameters
    ----------
    cv : int, splitter or iterable of splits
        One that needs the data to know its number of splits counts as five folds.
    n_samples : int
        Samples that there would be.

    Returns
    -------
    Splits
        Splits without rows.
    """
    try:
        # A generator can be read once only, by `fit`.
        n_pairs = DEFAULT_FOLDS if hasattr(cv, "__next__") else int(check_cv(cv).get_n_splits())
    except (TypeError, ValueError):  # it needs the data
        n_pairs = DEFAULT_FOLDS
    n_folds = max(2, n_pairs // max(1, getattr(cv, "n_repeats", 1)))
    if isinstance(cv, BaseShuffleSplit):  # of overlapping splits, the size says how many are needed
        blank = np.zeros(n_samples)
        try:
            _, test = next(cv.split(blank, blank))
            n_folds = folds_of_a_repetition(np.array([len(test)] * n_pairs), n_samples)
        except ValueError:  # it needs several groups
            n_folds = DEFAULT_FOLDS
    nothing = np.empty(0, dtype=int)
    return Splits([(nothing, nothing)] * n_pairs, n_folds, None)


def _splitter(cv: Any, y: np.ndarray, groups: Any, classification: bool, seed: int) -> Any:
    if not isinstance(cv, int | np.integer):
        return check_cv(cv, classifier=classification)
    n_samples = len(y)
    if cv < 2 or cv > n_samples:
        raise ValueError(
            f"cv={cv} folds cannot be made of {n_samples} samples; give between 2 and {n_samples}."
        )
    stratified = classification and y.ndim == 1
    if groups is not None:
        n_groups = len(np.unique(groups))
        if cv > n_groups:
            raise ValueError(
                f"cv={cv} folds cannot be made of {n_groups} group(s); give cv={n_groups} or less, "
                "and groups with at least 2 different values."
            )
        if stratified:
            return StratifiedGroupKFold(cv, shuffle=True, random_state=seed)
        return GroupKFold(cv)
    if not stratified:
        return KFold(cv, shuffle=True, random_state=seed)
    most = int(np.unique(y, return_counts=True)[1].max())
    if cv > most:
        raise ValueError(
            f"cv={cv} folds cannot be made of at most {most} sample(s) of each class; give "
            f"cv={most} or less."
        )
    return StratifiedKFold(cv, shuffle=True, random_state=seed)


def _row_numbers(rows: Any, n_samples: int) -> np.ndarray:
    """Return row numbers, also where a splitter gives one truth value for each sample."""
    rows = np.asarray(rows)
    if rows.dtype == bool and len(rows) == n_samples:
        return np.flatnonzero(rows)
    if rows.size and (rows.dtype.kind not in "iu" or rows.min() < 0 or rows.max() >= n_samples):
        raise ValueError(f"a part of a split is {rows!r}, and X has the rows 0 to {n_samples - 1}")
    return rows


def _check_rows(rows: list[tuple[np.ndarray, np.ndarray]], cv: Any, y: np.ndarray | None) -> None:
    if not rows:
        raise ValueError(f"cv={cv!r} gives no splits; give a list of splits, or a splitter.")
    for k, (train, test) in enumerate(rows):
        if len(train) == 0 or len(test) == 0:
            raise ValueError(
                f"cv={cv!r}: split {k} has {len(train)} training and {len(test)} test samples; "
                "both need at least one."
            )
        if y is not None and (y[train] == y[train[0]]).all():
            raise ValueError(
                f"cv={cv!r}: split {k} trains on one class only ({y[train[0]]!r}); shuffle or "
                "stratify the splits, or make fewer of them."
            )


def _may_leak(cv: Any) -> bool:
    """Whether windows next to each other can end up on both sides of a split."""
    if isinstance(cv, TimeSeriesSplit | PredefinedSplit):
        return False
    # A splitter of the user's own, or ready-made splits, were chosen with the data in mind.
    return isinstance(cv, int | np.integer) or type(cv).__module__.startswith("sklearn.")


def _units(
    splitter: Any, n_samples: int, n_test: int, groups: Any, window_shift: int | None
) -> np.ndarray | None:
    if groups is not None:
        return np.asarray(groups)
    if isinstance(splitter, TimeSeriesSplit) or window_shift is not None:
        # Blocks of about the square root of the test part, as `advice.noise.time_blocks`.
        return np.arange(n_samples) // max(1, round(math.sqrt(n_test)))
    return None
