"""Simple models on the same folds, to tell whether a recurrent network is worth it at all."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import mean
from typing import Any

import numpy as np
from joblib import parallel_config
from scipy.sparse import csr_array
from sklearn import config_context
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.preprocessing import MaxAbsScaler, StandardScaler
from threadpoolctl import threadpool_limits

from rnnselect.advice.baseline_cost import MAX_SECONDS, seconds_on
from rnnselect.sequences.batch import SequenceBatch
from rnnselect.sequences.profile import SequenceProfile

__all__ = [
    "DUMMY",
    "Baseline",
    "affordable_baselines",
    "best_baseline",
    "make_baselines",
    "score_baseline",
]

DUMMY = "prediction without learning"

# Penalties of the ridge regression; its own leave-one-out score chooses.
RIDGE_PENALTIES = np.logspace(-3, 3, 7)
LOGISTIC_ITERATIONS = 200
# A logistic regression that needs all of its iterations takes that many times the seconds above.
SLOWEST = 3.0
# A budget may be exceeded by half a second; models in closed form that take a fifth of that are
# fitted even where no time is left.
ALWAYS_SECONDS = 0.1
# Padded values that summaries are made of at a time: 32 MB in double precision.
BLOCK_VALUES = 2**22
# Two threads that limited BLAS at the same time would leave it limited.
_BLAS_LOCK = threading.Lock()


@dataclass(frozen=True, eq=False, slots=True)
class Baseline:
    """One simple model, and how it reads the sequences.

    Parameters
    ----------
    name : str
        What it is, in words.
    model : estimator
        An unfitted scikit-learn estimator.
    read : callable
        ``read(train, test)`` returns the features of both parts of a fold; what it learns, it
        learns from the first. Parts are of `SequenceBatch`, or lists of texts.
    seconds : float
        Predicted seconds of its fit on one fold.
    closed_form : bool
        Whether the number of operations is known before the fit.
    """

    name: str
    model: Any
    read: Callable[[Any, Any], tuple[Any, Any]]
    seconds: float = 0.0
    closed_form: bool = True

    @property
    def most_seconds(self) -> float:
        """Seconds that it may take at most, as far as is known before its fit."""
        return self.seconds if self.closed_form else SLOWEST * self.seconds


def make_baselines(
    profile: SequenceProfile,
    *,
    equal_lengths: bool = True,
    texts: Mapping[str, Any] | None = None,
) -> list[Baseline]:
    """Return the baselines that suit the data, the dummy first.

    Parameters
    ----------
    profile : SequenceProfile
        The data as the networks see them.
    equal_lengths : bool, default=True
        Whether all sequences are equally long.
    texts : mapping of str to object or None, default=None
        How texts are split into words, as `TfidfVectorizer` takes it, where the sequences are
        texts; None where they are numbers or token ids.

    Returns
    -------
    list of Baseline
        The dummy (majority class or mean); a linear model on TF-IDF of texts, on token counts, or
        on summary features (mean, spread, extremes, ends, trend and length); and, where all
        lengths are equal, a linear model on the flattened series.
    """
    classification = profile.target == "classification"
    dummy = DummyClassifier(strategy="prior") if classification else DummyRegressor()
    baselines = [Baseline(DUMMY, dummy, _nothing)]
    reads: dict[str, Callable[[Any, Any], tuple[Any, Any]]] = {
        "token counts": _counts,
        "TF-IDF of the texts": partial(_words, texts or {}),
        "summary features": _summaries,
        "the flattened series": _flattened,
    }
    seconds = seconds_on(profile, equal_lengths=equal_lengths, texts=texts is not None)
    for features, each in seconds.items():
        model = LogisticRegression(max_iter=LOGISTIC_ITERATIONS)
        model = model if classification else RidgeCV(RIDGE_PENALTIES)
        name = f"linear model on {features}"
        baselines.append(Baseline(name, model, reads[features], each, not classification))
    return baselines


def affordable_baselines(
    baselines: Iterable[Baseline], seconds: float | None
) -> tuple[list[Baseline], list[Baseline]]:
    """Say which simple models fit into some time, the earlier ones first.

    Parameters
    ----------
    baselines : iterable of Baseline
        The models.
    seconds : float or None
        The time for one fold; None for no limit.

    Returns
    -------
    kept, left_out : list of Baseline
        Models in closed form are kept if they take no time to speak of.
    """
    kept: list[Baseline] = []
    left_out: list[Baseline] = []
    taken = 0.0
    for each in baselines:
        fits = seconds is None or taken + each.most_seconds <= seconds
        at_once = each.closed_form and each.seconds <= ALWAYS_SECONDS
        if at_once or (fits and each.seconds <= MAX_SECONDS):
            kept.append(each)
            taken += each.most_seconds
        else:
            left_out.append(each)
    return kept, left_out


def score_baseline(
    baseline: Baseline,
    train: tuple[Any, np.ndarray[Any, Any]],
    test: tuple[Any, np.ndarray[Any, Any]],
    scorer: Callable[[Any, Any, Any], float],
    sample_weight: np.ndarray[Any, Any] | None = None,
) -> float:
    """Fit a baseline on the training part of a fold and score it on the test part.

    Parameters
    ----------
    baseline : Baseline
        Fitted in place.
    train, test : tuple of (SequenceBatch or list of str, ndarray)
        Sequences and targets of both parts.
    scorer : callable
        ``scorer(estimator, X, y)``, as scikit-learn's are.
    sample_weight : ndarray of shape (n_train,) or None, default=None
        Weights of the training samples.

    Returns
    -------
    float
        The score, in units of the scorer.
    """
    weights = {} if sample_weight is None else {"sample_weight": sample_weight}
    # In this thread: what takes a second is not worth sending, and is not to wait for a cluster
    # whose workers may be gone (scikit-learn 1.6 would send its solver's runs there). BLAS has one
    # thread: threads of BLAS spin while they wait for each other, which on a busy machine turned
    # 0.05 s into seconds. Nothing is routed: the weights are this model's own.
    with (
        parallel_config(backend="sequential"),
        config_context(enable_metadata_routing=False),
        _BLAS_LOCK,
        threadpool_limits(1, "blas"),
        warnings.catch_warnings(),
    ):
        # A linear model that is nearly converged is as good a yardstick as a converged one.
        warnings.simplefilter("ignore", ConvergenceWarning)
        features, test_features = baseline.read(train[0], test[0])
        baseline.model.fit(features, train[1], **weights)
    return float(scorer(baseline.model, test_features, test[1]))


def best_baseline(scores: Mapping[str, Sequence[float]]) -> str | None:
    """Return the name of the baseline with the best mean score, None without any.

    Examples
    --------
    >>> best_baseline({"prediction without learning": [0.1, 0.1], "linear model": [0.9, 0.8]})
    'linear model'
    """
    scored = {name: mean(values) for name, values in scores.items() if values}
    return max(scored, key=lambda name: scored[name]) if scored else None


def summary_features(batch: SequenceBatch) -> np.ndarray[Any, Any]:
    """Return eight numbers for each channel of each sequence, and its length.

    Parameters
    ----------
    batch : SequenceBatch
        Numeric sequences.

    Returns
    -------
    ndarray of shape (n_samples, 8 * n_channels + 1)
        Mean, standard deviation, smallest and largest value, first and last value, mean
        absolute step and linear trend of each channel; length.
    """
    features = np.empty((batch.n_samples, 8 * batch.n_channels + 1))
    by_length = np.argsort(batch.lengths, kind="stable")  # so that a block is hardly padded
    rows_at_once = max(1, BLOCK_VALUES // (batch.max_length * batch.n_channels))
    for first in range(0, batch.n_samples, rows_at_once):
        rows = by_length[first : first + rows_at_once]
        lengths = batch.lengths[rows]
        features[rows] = _summarise(_filled(batch, rows, int(lengths.max())), lengths)
    return features


def token_counts(batch: SequenceBatch, n_ids: int | None = None) -> csr_array:
    """Return how often each token id occurs in each sequence, padding left out.

    Parameters
    ----------
    batch : SequenceBatch
        Token ids.
    n_ids : int or None, default=None
        Larger token ids are not counted. None: one more than the largest.

    Returns
    -------
    sparse array of shape (n_samples, n_ids)
        The counts (float32).
    """
    step = np.arange(batch.max_length)
    rows, columns = np.nonzero(step < batch.lengths[:, None])
    tokens = batch.steps[batch.starts[rows] + columns, 0].astype(np.int64)
    n_ids = int(tokens.max()) + 1 if n_ids is None else n_ids
    counted = (tokens > 0) & (tokens < n_ids)
    ones = np.ones(int(counted.sum()), np.float32)
    counts = csr_array((ones, (rows[counted], tokens[counted])), shape=(batch.n_samples, n_ids))
    counts.sum_duplicates()
    return counts


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


def _filled(
    batch: SequenceBatch, rows: np.ndarray[Any, Any], n_timesteps: int
) -> np.ndarray[Any, Any]:
    """Return sequences as one block in double precision, 0 where they are padded or missing."""
    step = np.arange(n_timesteps)
    present = step < batch.lengths[rows][:, None]
    where = np.where(present, batch.starts[rows][:, None] + step, 0)
    x = batch.steps[where].astype(np.float64)
    x[~present] = 0.0
    x[np.isnan(x)] = 0.0
    return x


def _nothing(train: Any, test: Any) -> tuple[Any, Any]:
    n_train, n_test = (
        each.n_samples if isinstance(each, SequenceBatch) else len(each) for each in (train, test)
    )
    return np.zeros((n_train, 1)), np.zeros((n_test, 1))


def _summaries(train: SequenceBatch, test: SequenceBatch) -> tuple[Any, Any]:
    return _scaled(StandardScaler(), summary_features(train), summary_features(test))


def _flattened(train: SequenceBatch, test: SequenceBatch) -> tuple[Any, Any]:
    n_timesteps = train.max_length
    flat = (
        _filled(each, np.arange(each.n_samples), n_timesteps).reshape(each.n_samples, -1)
        for each in (train, test)
    )
    return _scaled(StandardScaler(), *flat)


def _counts(train: SequenceBatch, test: SequenceBatch) -> tuple[Any, Any]:
    counts = token_counts(train)
    return _scaled(MaxAbsScaler(), counts, token_counts(test, counts.shape[1]))


def _words(splitting: Mapping[str, Any], train: Any, test: Any) -> tuple[Any, Any]:
    return _scaled(TfidfVectorizer(**splitting), train, test)


def _scaled(scaler: Any, train: Any, test: Any) -> tuple[Any, Any]:
    return scaler.fit_transform(train), scaler.transform(test)
