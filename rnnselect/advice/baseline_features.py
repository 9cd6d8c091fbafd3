"""What simple models read of sequences: features of the two parts of a fold."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.preprocessing import MaxAbsScaler, StandardScaler

from rnnselect.advice.baseline_cost import MAX_GRAMS
from rnnselect.advice.interval_quantiles import interval_quantiles
from rnnselect.sequences.batch import SequenceBatch

__all__ = [
    "flattened",
    "interval_features",
    "nothing",
    "scaled_flattened",
    "scaled_summaries",
    "summary_features",
    "token_counts",
    "weighted_grams",
]

# Padded values that features are made of at a time: 32 MB in double precision.
BLOCK_VALUES = 2**22


def nothing(train: Any, test: Any) -> tuple[Any, Any]:
    """Return as many rows, all alike."""
    n_train, n_test = (
        each.n_samples if isinstance(each, SequenceBatch) else len(each) for each in (train, test)
    )
    return np.zeros((n_train, 1)), np.zeros((n_test, 1))


def token_counts(train: SequenceBatch, test: SequenceBatch) -> tuple[Any, Any]:
    """Return how often each token id occurs, as shares of the largest count."""
    counter = CountVectorizer(analyzer=list)
    counts = _transformed(counter, *map(_token_ids, (train, test)))
    return _transformed(MaxAbsScaler(), *counts)


def weighted_grams(analyze: Callable[[Any], list[Any]] | None, train: Any, test: Any) -> Any:
    """Return TF-IDF of the commonest tokens and pairs; `analyze` splits texts, None: token ids."""
    if analyze is None:
        train, test = _token_ids(train), _token_ids(test)

    def grams(document: Any) -> list[tuple[Any, ...]]:
        tokens = document if analyze is None else analyze(document)
        return [*zip(tokens, strict=True), *pairwise(tokens)]

    return _transformed(TfidfVectorizer(analyzer=grams, max_features=MAX_GRAMS), train, test)


def scaled_summaries(train: SequenceBatch, test: SequenceBatch) -> tuple[Any, Any]:
    """Return summary features, standardised."""
    return _transformed(StandardScaler(), summary_features(train), summary_features(test))


def scaled_flattened(train: SequenceBatch, test: SequenceBatch) -> tuple[Any, Any]:
    """Return all values of each series, standardised."""
    return _transformed(StandardScaler(), *flattened(train, test))


def flattened(train: SequenceBatch, test: SequenceBatch) -> tuple[Any, Any]:
    """Return all values of each series, time step by time step, as long as the training series."""
    train_rows, test_rows = (
        _filled(each, np.arange(each.n_samples), train.max_length).reshape(each.n_samples, -1)
        for each in (train, test)
    )
    return train_rows, test_rows


def interval_features(
    n_levels: int, steps_per_quantile: int, train: SequenceBatch, test: SequenceBatch
) -> tuple[Any, Any]:
    """Return quantiles of intervals of series stretched to the median length, and the length."""
    n_timesteps = int(np.median(train.lengths))
    # Trees read single precision, in which nothing would be left of small moves far from zero.
    summaries = summary_features(train)[:, : 2 * train.n_channels]
    means, spreads = np.split(summaries, 2, axis=1)
    center, spread = (
        means.mean(axis=0),
        np.sqrt(np.square(spreads).mean(axis=0) + means.var(axis=0)),
    )
    spread = np.where(spread > 0, spread, 1.0)

    def features(batch: SequenceBatch) -> np.ndarray[Any, Any]:
        found = np.empty(0)
        for rows in _blocks(batch):
            x = (_stretched(batch, rows, n_timesteps) - center) / spread
            block = interval_quantiles(x.transpose(0, 2, 1), n_levels, steps_per_quantile)
            if not found.size:
                found = np.empty((batch.n_samples, block.shape[1] + 1), np.float32)
            found[rows, :-1], found[rows, -1] = block, batch.lengths[rows]
        return found

    return features(train), features(test)


def summary_features(batch: SequenceBatch) -> np.ndarray[Any, Any]:
    """Return eight numbers for each channel of each sequence, and its length.

    They are mean, standard deviation, smallest and largest value, first and last value, mean
    absolute step and linear trend.
    """
    features = np.empty((batch.n_samples, 8 * batch.n_channels + 1))
    for rows in _blocks(batch):
        lengths = batch.lengths[rows]
        features[rows] = _summarise(_filled(batch, rows, int(lengths.max())), lengths)
    return features


def _summarise(x: np.ndarray[Any, Any], lengths: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the summary features of a block of shape (n_rows, n_timesteps, n_channels)."""
    step = np.arange(x.shape[1])
    real = (step < lengths[:, None])[:, :, None]
    n = lengths[:, None].astype(np.float64)
    average = x.sum(axis=1) / n  # the padding is 0
    spread = np.sqrt(np.square(x - average[:, None]).sum(axis=1, where=real) / n)
    low, high = (
        x.min(axis=1, where=real, initial=np.inf),
        x.max(axis=1, where=real, initial=-np.inf),
    )
    ends = x[:, 0], x[np.arange(len(x)), lengths - 1]
    moves = np.abs(np.diff(x, axis=1)).sum(axis=1, where=real[:, 1:]) / np.maximum(n - 1, 1)
    time = np.where(real[:, :, 0], step - (n - 1) / 2, 0.0)
    squares = np.square(time).sum(axis=1, keepdims=True)
    trend = np.einsum("nt,ntc->nc", time, x) / np.where(squares > 0, squares, 1.0)
    return np.concatenate([average, spread, low, high, *ends, moves, trend, n], axis=1)


def _blocks(batch: SequenceBatch) -> list[np.ndarray[Any, Any]]:
    """Return the rows in blocks of like lengths, so that a block is hardly padded."""
    rows_at_once = max(1, BLOCK_VALUES // (batch.max_length * batch.n_channels))
    by_length = np.argsort(batch.lengths, kind="stable")
    return [by_length[i : i + rows_at_once] for i in range(0, batch.n_samples, rows_at_once)]


def _stretched(
    batch: SequenceBatch, rows: np.ndarray[Any, Any], n_timesteps: int
) -> np.ndarray[Any, Any]:
    """Return sequences stretched or shrunk to a number of time steps, by interpolation."""
    lengths = batch.lengths[rows, None]
    x = _filled(batch, rows, int(lengths.max()))
    if (lengths == n_timesteps).all():
        return x
    at = np.linspace(0, 1, n_timesteps) * (lengths - 1)
    below, row = at.astype(int), np.arange(len(rows))[:, None]
    share = (at - below)[:, :, None]
    above = np.minimum(below + 1, lengths - 1)
    return np.asarray(x[row, below] * (1 - share) + x[row, above] * share)


def _filled(
    batch: SequenceBatch, rows: np.ndarray[Any, Any], n_timesteps: int
) -> np.ndarray[Any, Any]:
    """Return sequences as one block in double precision, 0 where they are padded.

    A missing value is the one before it, else the one after it, else 0.
    """
    step = np.arange(n_timesteps)
    present = step < batch.lengths[rows][:, None]
    where = np.where(present, batch.starts[rows][:, None] + step, 0)
    x = batch.steps[where].astype(np.float64)
    if np.isnan(x).any():
        x = np.nan_to_num(_carried_forward(_carried_forward(x)[:, ::-1])[:, ::-1])
    x[~present] = 0.0
    return x


def _carried_forward(x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    step = np.arange(x.shape[1])[:, None]
    latest = np.maximum.accumulate(np.where(np.isnan(x), 0, step), axis=1)
    return np.take_along_axis(x, latest, axis=1)


def _token_ids(batch: SequenceBatch) -> list[list[int]]:
    """Return the token ids of each sequence, padding left out."""
    ends = batch.starts + batch.lengths
    documents = (batch.steps[start:end, 0] for start, end in zip(batch.starts, ends, strict=True))
    return [ids[ids > 0].astype(np.int64).tolist() for ids in documents]


def _transformed(transformer: Any, train: Any, test: Iterable[Any]) -> tuple[Any, Any]:
    return transformer.fit_transform(train), transformer.transform(test)
