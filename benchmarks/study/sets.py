"""A data set of the study: what it is, how it is split, and which parts of it are taken."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    StratifiedGroupKFold,
    StratifiedKFold,
    train_test_split,
)

from rnnselect import RNNClassifier, RNNRegressor
from rnnselect.advice.noise import time_blocks
from rnnselect.sequences.batch import SequenceBatch
from rnnselect.sequences.profile import SequenceProfile, profile_sequences
from rnnselect.sequences.validation import read_sequences

N_FOLDS = 5
# Overlapping windows of a series are folded in contiguous blocks, four to a fold. Training windows
# that overlap a test block are left out, up to a quarter of a block on each side.
N_BLOCKS = 20
# Of a learning curve: the same test part for all sizes.
TEST_SHARE, MAX_TEST = 0.25, 2000

Splits = list[tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the index, with the decisions about it.

    Parameters
    ----------
    name, kind, task, family, topic : str
        Family: sets that share a source. Topic: what it is about, in the words of
        `rnnselect.advice.evidence.TASKS` where one fits.
    window_gap : int or None
        How many rows overlap, where the rows are windows of one series in order of time.
    left_out : str
        Why the study does not use it; empty where it does.
    """

    name: str
    kind: str
    task: str
    family: str
    topic: str
    window_gap: int | None = None
    left_out: str = ""


@dataclass(frozen=True, eq=False, slots=True)
class StudySet:
    """One data set, ready to be compared on.

    Parameters
    ----------
    entry : Entry
        What it is.
    X : ndarray of shape (n_rows, n_timesteps, n_channels), or of objects
        All sequences.
    y : ndarray of shape (n_rows,)
        Targets.
    used, unused : ndarray of int
        Rows of the comparison, and rows that only score its networks.
    groups : ndarray of shape (n_rows,) or None
        Rows of one group stay on one side of a split.
    network : dict
        Parameters that the kind of data asks for.
    """

    entry: Entry
    X: np.ndarray
    y: np.ndarray
    used: np.ndarray
    unused: np.ndarray
    groups: np.ndarray | None = None
    network: dict[str, Any] = field(default_factory=dict)

    @property
    def is_classification(self) -> bool:
        """Whether y holds classes."""
        return self.entry.task == "classification"

    def estimator(self, **parameters: Any) -> Any:
        """Return the default network for these data, with some parameters changed."""
        kind = RNNClassifier if self.is_classification else RNNRegressor
        return kind(**{**self.network, **parameters})

    def batch(self) -> SequenceBatch:
        """Return the sequences of the comparison as the package reads them."""
        return read_sequences(self.X[self.used], tokens=bool(self.network))

    def profile(self) -> SequenceProfile:
        """Return the sizes of the comparison."""
        return profile_sequences(self.batch(), self.y[self.used], self.entry.task)

    def splits(self, repetition: int) -> Splits:
        """Return the training and test rows of the five folds of a repetition."""
        rows, gap = self.used, self.entry.window_gap
        if gap is not None:
            folds = blocked_folds(len(rows), gap, repetition)
        else:
            groups = None if self.groups is None else self.groups[rows]
            folds = self._splitter(repetition).split(rows, self.y[rows], groups)
        return [(rows[train], rows[test]) for train, test in folds]

    def curve_split(self, n_train: int | None, draw: int) -> tuple[np.ndarray, np.ndarray]:
        """Return `n_train` rows of the pool, others in each draw, and the one test part.

        Windows are taken from the end of the pool, so that draws differ in their seed only.
        """
        pool, test = self._pool_and_test()
        n_train = len(pool) if n_train is None else n_train
        if self.entry.window_gap is not None:
            return pool[-n_train:], test
        if n_train == len(pool) or not self.is_classification:
            return np.random.default_rng(draw).permutation(pool)[:n_train], test
        stratify = self.y[pool] if n_train >= 2 * len(np.unique(self.y)) else None
        train = train_test_split(pool, train_size=n_train, stratify=stratify, random_state=draw)[0]
        return train, test

    def units(self, rows: np.ndarray) -> np.ndarray | None:
        """Label rows that depend on each other: groups, blocks of time; None: rows do not."""
        if self.entry.window_gap is not None:
            return time_blocks(len(rows))
        return None if self.groups is None else self.groups[rows]

    def fit_groups(self, rows: np.ndarray) -> np.ndarray | None:
        """Label rows that the validation part of a fit must keep together."""
        if self.entry.window_gap is not None:
            return np.arange(len(rows)) * N_BLOCKS // len(rows)
        return None if self.groups is None else self.groups[rows]

    def _splitter(self, repetition: int) -> Any:
        if self.groups is not None:
            kind = StratifiedGroupKFold if self.is_classification else GroupKFold
        else:
            kind = StratifiedKFold if self.is_classification else KFold
        return kind(N_FOLDS, shuffle=True, random_state=repetition)

    def _pool_and_test(self) -> tuple[np.ndarray, np.ndarray]:
        rows, gap = np.arange(len(self.y)), self.entry.window_gap
        n_test = min(MAX_TEST, round(TEST_SHARE * len(rows)))
        if gap is not None:
            return rows[: -n_test - gap], rows[-n_test:]
        classes = self.y if self.is_classification else None
        pool, test = train_test_split(rows, test_size=n_test, stratify=classes, random_state=0)
        return pool, test


def blocked_folds(n: int, gap: int, seed: int) -> Splits:
    """Split rows in order of time into folds of contiguous blocks, with a gap around them."""
    block = np.arange(n) * N_BLOCKS // n
    reach = min(gap, n // N_BLOCKS // 4)
    order = np.random.default_rng(seed).permutation(N_BLOCKS)
    folds = []
    for fold in range(N_FOLDS):
        is_test = np.isin(block, order[fold::N_FOLDS])
        is_near = np.convolve(is_test, np.ones(2 * reach + 1), "same") > 0
        folds.append((np.flatnonzero(~is_near), np.flatnonzero(is_test)))
    return folds


def shortened(study_set: StudySet, length: int, view: str) -> StudySet:
    """Return a set of equal lengths with its first `length` time steps, or pooled to as many."""
    X = study_set.X
    return replace(study_set, X=X[:, :length] if view == "first" else pooled(X, length))


def pooled(X: np.ndarray, length: int) -> np.ndarray:
    """Return the means of `length` parts of about equal size of each series."""
    starts = np.arange(length) * X.shape[1] // length
    sums = np.add.reduceat(X.astype(np.float64), starts, axis=1)
    sizes = np.diff(starts, append=X.shape[1])
    return (sums / sizes[:, None]).astype(np.float32)
