"""Simple models on the same folds, to tell whether a recurrent network is worth it at all."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Any

import numpy as np
from joblib import parallel_config
from scipy.sparse import csr_array
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, StandardScaler
from threadpoolctl import threadpool_limits

from rnnselect.sequences.batch import SequenceBatch
from rnnselect.sequences.profile import SequenceProfile

__all__ = ["DUMMY", "Baseline", "best_baseline", "make_baselines", "score_baseline"]

DUMMY = "prediction without learning"

# Values (samples x features x classes, zeros of sparse features not counted) up to which a linear
# model is fitted in a few seconds on one core; larger baselines are left out, and the
# recommendation says so by not naming them.
MAX_VALUES = 5e7
# Penalties of the ridge regression; its own leave-one-out score chooses.
RIDGE_PENALTIES = np.logspace(-3, 3, 7)
LOGISTIC_ITERATIONS = 200
# Two threads that limited BLAS at the same time would leave it limited.
_BLAS_LOCK = threading.Lock()


@dataclass(frozen=True, eq=False, slots=True)
class Baseline:
    """One simple model and the features that it sees.

    Parameters
    ----------
    name : str
        What it is, in words.
    model : estimator
        An unfitted scikit-learn estimator.
    features : ndarray or sparse array of shape (n_samples, n_features)
        What it is fitted on.
    """

    name: str
    model: Any
    features: Any


def make_baselines(batch: SequenceBatch, profile: SequenceProfile) -> list[Baseline]:
    """Return the baselines that suit the data, the dummy first.

    Parameters
    ----------
    batch : SequenceBatch
        All sequences.
    profile : SequenceProfile
        Their profile.

    Returns
    -------
    list of Baseline
        The dummy (majority class or mean); a linear model on token counts, or on summary
        features (mean, spread, extremes, ends, trend and length); and, where all lengths are
        equal, a linear model on the flattened series.
    """
    classification = profile.target == "classification"
    dummy = DummyClassifier(strategy="prior") if classification else DummyRegressor()
    baselines = [Baseline(DUMMY, dummy, np.zeros((batch.n_samples, 1)))]
    features = {}
    if batch.is_tokens:
        features["linear model on token counts"] = token_counts(batch)
    else:
        features["linear model on summary features"] = summary_features(batch)
        equal_lengths = bool((batch.lengths == batch.max_length).all())
        if equal_lengths and batch.max_length * batch.n_channels * batch.n_samples <= MAX_VALUES:
            rows = np.arange(batch.n_samples)
            flat = batch.padded(rows, batch.max_length).reshape(batch.n_samples, -1)
            features["linear model on the flattened series"] = np.nan_to_num(flat)
    for name, values in features.items():
        n_values = values.nnz if isinstance(values, csr_array) else values.size
        if n_values * profile.n_outputs <= MAX_VALUES:
            baselines.append(Baseline(name, _linear_model(classification, values), values))
    return baselines


def score_baseline(
    baseline: Baseline,
    y: np.ndarray[Any, Any],
    train: np.ndarray[Any, Any],
    test: np.ndarray[Any, Any],
    scorer: Callable[[Any, Any, Any], float],
) -> float:
    """Fit a baseline on the training rows of a fold and score it on the test rows.

    Parameters
    ----------
    baseline : Baseline
        Fitted in place.
    y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
        All targets.
    train, test : ndarray of int
        Rows of the fold.
    scorer : callable
        ``scorer(estimator, X, y)``, as scikit-learn's are.

    Returns
    -------
    float
        The score, in units of the scorer.
    """
    # In this thread: what takes a second is not worth sending, and is not to wait for a cluster
    # whose workers may be gone (scikit-learn 1.6 would send its solver's runs there). BLAS has one
    # thread: several wait for each other by counting, on a busy machine seconds in place of 0.05.
    with (
        parallel_config(backend="sequential"),
        _BLAS_LOCK,
        threadpool_limits(1, "blas"),
        warnings.catch_warnings(),
    ):
        # A linear model that is nearly converged is as good a yardstick as a converged one.
        warnings.simplefilter("ignore", ConvergenceWarning)
        baseline.model.fit(baseline.features[train], y[train])
    return float(scorer(baseline.model, baseline.features[test], y[test]))


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
    rows = []
    for i in range(batch.n_samples):
        x = batch.steps[batch.starts[i] : batch.starts[i] + batch.lengths[i]].astype(np.float64)
        x = np.where(np.isnan(x), 0.0, x)
        time = np.arange(len(x)) - (len(x) - 1) / 2
        steps = np.abs(np.diff(x, axis=0)).mean(axis=0) if len(x) > 1 else np.zeros(x.shape[1])
        trend = time @ x / (float(time @ time) or 1.0)
        parts = [x.mean(0), x.std(0), x.min(0), x.max(0), x[0], x[-1], steps, trend, [len(x)]]
        rows.append(np.concatenate(parts))
    return np.array(rows)


def token_counts(batch: SequenceBatch) -> csr_array:
    """Return how often each token id occurs in each sequence, padding left out.

    Parameters
    ----------
    batch : SequenceBatch
        Token ids.

    Returns
    -------
    sparse array of shape (n_samples, vocabulary_size)
        The counts (float32).
    """
    step = np.arange(batch.max_length)
    rows, columns = np.nonzero(step < batch.lengths[:, None])
    tokens = batch.steps[batch.starts[rows] + columns, 0].astype(np.int64)
    real = tokens > 0
    shape = (batch.n_samples, int(batch.steps.max()) + 1)
    ones = np.ones(int(real.sum()), np.float32)
    counts = csr_array((ones, (rows[real], tokens[real])), shape=shape)
    counts.sum_duplicates()
    return counts


def _linear_model(classification: bool, features: Any) -> Any:
    scaler = StandardScaler() if isinstance(features, np.ndarray) else MaxAbsScaler()
    if classification:
        return make_pipeline(scaler, LogisticRegression(max_iter=LOGISTIC_ITERATIONS))
    return make_pipeline(scaler, RidgeCV(RIDGE_PENALTIES))
