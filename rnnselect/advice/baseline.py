"""Simple models on the same folds, to tell whether a recurrent network is worth it at all."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from statistics import mean
from typing import Any

import numpy as np
from joblib import parallel_config
from sklearn import config_context
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression, RidgeCV
from threadpoolctl import ThreadpoolController

from rnnselect.advice.baseline_cost import (
    COUNTS,
    FLATTENED,
    MAX_SECONDS,
    N_TREES,
    QUANTILE_DETAILS,
    SUMMARIES,
    TF_IDF,
    TREE_FEATURE_SHARE,
    TREES,
    quantile_detail,
    seconds_on,
)
from rnnselect.advice.baseline_features import (
    flattened,
    interval_features,
    nothing,
    scaled_flattened,
    scaled_summaries,
    token_counts,
    weighted_grams,
)
from rnnselect.advice.naive_forecast import last_value, seasonal_naive
from rnnselect.sequences.carried import Windows
from rnnselect.sequences.profile import SequenceProfile

__all__ = [
    "DUMMY",
    "LAST_VALUE",
    "SEASONAL_NAIVE",
    "Baseline",
    "affordable_baselines",
    "best_baseline",
    "make_baselines",
    "score_baseline",
]

DUMMY = "prediction without learning"
LAST_VALUE = "last value"
SEASONAL_NAIVE = "seasonal naive"

# Penalties of the ridge regression; its own leave-one-out score chooses.
RIDGE_PENALTIES = np.logspace(-3, 3, 7)
LOGISTIC_ITERATIONS = 200
# Inverse penalty on TF-IDF, whose rows have length one: of 1, 3, 10, 30 and 100 the best mean on
# the seven sets of tokens in the choosing half of benchmarks/readout (.561 against .537 with 1).
TF_IDF_C = 10.0
# How many times as long as predicted a model may take at most: a logistic regression that needs
# all of its iterations, and trees on random labels.
SLOWEST_LOGISTIC = 3.0
SLOWEST_TREES = 2.0
# A budget may be exceeded by half a second; models in closed form that take a fifth of that are
# fitted even where no time is left.
ALWAYS_SECONDS = 0.1
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
    slowest : float
        How many times as long it may take at most; 1 where the number of operations is known
        before the fit.
    repeats_values : bool
        Whether it predicts values of X, so that it must see them as the user gave them.
    """

    name: str
    model: Any
    read: Callable[[Any, Any], tuple[Any, Any]]
    seconds: float = 0.0
    slowest: float = 1.0
    repeats_values: bool = False

    @property
    def most_seconds(self) -> float:
        """Seconds that it may take at most, as far as is known before its fit."""
        return self.slowest * self.seconds


def make_baselines(
    profile: SequenceProfile,
    *,
    equal_lengths: bool = True,
    texts: Mapping[str, Any] | None = None,
    windows: Windows | None = None,
) -> list[Baseline]:
    """Return the baselines that suit the data, the dummy first, then the cheapest.

    Parameters
    ----------
    profile : SequenceProfile
        The data as the networks see them.
    equal_lengths : bool, default=True
        Whether all sequences are equally long.
    texts : mapping of str to object or None, default=None
        How texts are split into words, as `TfidfVectorizer` takes it, where the sequences are
        texts; None where they are numbers or token ids.
    windows : Windows or None, default=None
        What the sequences are windows of, where that is known.

    Returns
    -------
    list of Baseline
        The dummy (majority class or mean). For numbers: linear models on summary features (mean,
        spread, extremes, ends, trend and length) and, where all lengths are equal, on the
        flattened series; extremely randomised trees on quantiles of intervals; where windows of
        one series are to be continued, its last value and the one a season before. For tokens:
        linear models on their counts and on TF-IDF of single ones and pairs.
    """
    is_classification = profile.target == "classification"
    dummy = DummyClassifier(strategy="prior") if is_classification else DummyRegressor()
    found = []
    if windows is not None or profile.window_shift is not None:
        found = _naive_forecasts(profile, windows) if equal_lengths else []
    seconds = seconds_on(profile, equal_lengths=equal_lengths, texts=texts is not None)
    analyze = None if texts is None else CountVectorizer(**texts).build_analyzer()
    reads: dict[str, Any] = {
        COUNTS: token_counts,
        TF_IDF: partial(weighted_grams, analyze),
        SUMMARIES: scaled_summaries,
        FLATTENED: scaled_flattened,
    }
    for name, each in seconds.items():
        if name == TREES:
            found.append(_trees(profile, each))
            continue
        if is_classification:
            penalty = {"C": TF_IDF_C} if name == TF_IDF else {}
            model = LogisticRegression(max_iter=LOGISTIC_ITERATIONS, **penalty)
            slowest = SLOWEST_LOGISTIC
        else:
            model, slowest = RidgeCV(RIDGE_PENALTIES), 1.0
        found.append(Baseline(name, model, reads[name], each, slowest))
    return [Baseline(DUMMY, dummy, nothing), *sorted(found, key=lambda each: each.seconds)]


def _trees(profile: SequenceProfile, seconds: float) -> Baseline:
    """Return extremely randomised trees, as fine as the seconds allow."""
    model = ExtraTreesRegressor()
    if profile.target == "classification":
        model = ExtraTreesClassifier(criterion="entropy")
    model.set_params(n_estimators=N_TREES, max_features=TREE_FEATURE_SHARE, random_state=0)
    name, detail, finest = TREES, quantile_detail(profile), QUANTILE_DETAILS[0]
    if detail != finest:
        name += f" ({detail[0]} of {finest[0]} levels)"
    return Baseline(name, model, partial(interval_features, *detail), seconds, SLOWEST_TREES)


def _naive_forecasts(profile: SequenceProfile, windows: Windows | None) -> list[Baseline]:
    if profile.target == "classification" or profile.kind == "tokens":
        return []
    sizes = profile.sequence_length, profile.n_channels, profile.n_outputs, windows
    found = {LAST_VALUE: last_value(*sizes), SEASONAL_NAIVE: seasonal_naive(*sizes)}
    return [
        Baseline(name, model, flattened, repeats_values=True)
        for name, model in found.items()
        if model is not None
    ]


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
        at_once = each.slowest == 1 and each.seconds <= ALWAYS_SECONDS
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
        _libraries().limit(limits=1, user_api="blas"),
        warnings.catch_warnings(),
    ):
        # A linear model that is nearly converged is as good a yardstick as a converged one.
        warnings.simplefilter("ignore", ConvergenceWarning)
        features, test_features = baseline.read(train[0], test[0])
        baseline.model.fit(features, train[1], **weights)
    return float(scorer(baseline.model, test_features, test[1]))


@cache  # looking for them takes longer than most of these fits
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()


def best_baseline(scores: Mapping[str, Sequence[float]]) -> str | None:
    """Return the name of the baseline with the best mean score, None without any.

    Examples
    --------
    >>> best_baseline({"prediction without learning": [0.1, 0.1], "linear model": [0.9, 0.8]})
    'linear model'
    """
    scored = {name: mean(values) for name, values in scores.items() if values}
    return max(scored, key=lambda name: scored[name]) if scored else None
