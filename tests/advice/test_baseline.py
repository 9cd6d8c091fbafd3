import re
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sklearn import config_context
from sklearn.datasets import load_digits
from sklearn.dummy import DummyClassifier
from sklearn.metrics import get_scorer
from threadpoolctl import ThreadpoolController as Controller
from threadpoolctl import threadpool_info

from rnnselect.advice import baseline
from rnnselect.advice.baseline import (
    DUMMY,
    LAST_VALUE,
    SEASONAL_NAIVE,
    Baseline,
    affordable_baselines,
    best_baseline,
    make_baselines,
    score_baseline,
)
from rnnselect.advice.baseline_cost import COUNTS, FLATTENED, N_TREES, SUMMARIES, TF_IDF, TREES
from rnnselect.forecasting.windows import make_windows
from rnnselect.sequences.profile import profile_sequences, profile_sizes
from rnnselect.sequences.validation import read_sequences


def names(X, y, *, target="classification", tokens=False, **kwargs):
    profile = profile_sequences(read_sequences(X, tokens=tokens), y, target)
    return [each.name for each in make_baselines(profile, **kwargs)]


def scores_of(X, y, n_train, scorer, target="classification"):
    """Score all baselines, trained on the first rows and tested on the others."""
    batch, rows = read_sequences(X), np.arange(len(y))
    train, test = ((batch.rows(part), y[part]) for part in np.split(rows, [n_train]))
    return {
        each.name: score_baseline(each, train, test, get_scorer(scorer))
        for each in make_baselines(profile_sequences(batch, y, target))
    }


PANEL = np.random.default_rng(3).normal(size=(20, 6, 2))
CLASSES = np.arange(20) % 2


def test_libraries_of_blas_are_looked_for_once(monkeypatch):
    """It takes milliseconds, beside fits that take one."""
    looked = []
    monkeypatch.setattr(baseline, "ThreadpoolController", lambda: looked.append(1) or Controller())
    baseline._libraries.cache_clear()
    assert DUMMY in scores_of(PANEL, CLASSES, 10, "accuracy")
    assert len(looked) == 1
    baseline._libraries.cache_clear()


def test_the_dummy_comes_first_then_the_cheapest():
    assert names(PANEL, CLASSES) == [DUMMY, FLATTENED, SUMMARIES, TREES]
    assert names(PANEL[:, :, 0], PANEL[:, 0], target="regression") == [
        DUMMY, FLATTENED, SUMMARIES, TREES,
    ]  # fmt: skip
    assert names(PANEL, CLASSES, equal_lengths=False) == [DUMMY, SUMMARIES, TREES]


def test_windows_of_one_series_have_naive_forecasts():
    X, y = make_windows(np.random.default_rng(0).normal(size=60), 8)
    naive = [LAST_VALUE, SEASONAL_NAIVE]
    assert names(X, y, target="regression")[1:3] == naive  # rows that repeat each other are seen
    rows = np.random.default_rng(0).permutation(len(y))
    assert names(X[rows], y[rows], target="regression", windows=X.windows)[1:3] == naive
    assert not {*naive} & {*names(X[rows], y[rows], target="regression")}
    assert not {*naive} & {*names(X, y > 0, windows=X.windows)}  # classes are not continued


def test_tokens_are_counted():
    tokens = [[1, 2], [3], [2, 2]] * 4
    assert names(tokens, CLASSES[:12], tokens=True) == [DUMMY, COUNTS, TF_IDF]


def test_texts_are_weighed_by_tf_idf():
    words = {"analyzer": str.split}
    tokens = [[2, 3], [4, 2], [3, 3], [2, 4]]
    assert names(tokens, CLASSES[:4], tokens=True, texts=words)[1:] == [TF_IDF]
    profile = profile_sequences(read_sequences(tokens, tokens=True), CLASSES[:4], "classification")
    _, model = make_baselines(profile, texts=words)
    train, test = (["good film", "bad film", "good", "bad"], [0, 1, 0, 1]), (["unseen good"], [0])
    assert score_baseline(model, train, test, get_scorer("accuracy")) == 1.0


def forecast(target="classification", **sizes):
    profile = profile_sizes(target=target, **{"sequence_length": 50, "n_samples": 1000, **sizes})
    return {each.name: each for each in make_baselines(profile)}


def test_forecasts_grow_with_the_data():
    for target in ("classification", "regression"):
        small, large = (
            forecast(target)[FLATTENED],
            forecast(target, n_samples=20_000, n_channels=9)[FLATTENED],
        )
        assert 0 < small.seconds < 0.1 < large.seconds
        assert (small.most_seconds == small.seconds) is (target == "regression")
    few, many = (forecast(n_outputs=n)[FLATTENED].seconds for n in (2, 20))
    assert few < many


def test_trees_look_at_fewer_intervals_where_they_would_take_long():
    small = forecast(n_samples=500, sequence_length=100)
    assert TREES in small
    for sizes in ({"sequence_length": 400}, {"n_channels": 30}, {"n_samples": 30_000}):
        found = forecast(**{"n_samples": 3000, **sizes})
        ((name, trees),) = ((name, each) for name, each in found.items() if TREES in name)
        assert re.fullmatch(TREES + r" \([1-5] of 6 levels\)", name)
        assert trees.seconds <= 5.0


def test_what_does_not_fit_is_left_out():
    def kept(seconds, target="classification", **sizes):
        found, left_out = affordable_baselines(forecast(target, **sizes).values(), seconds)
        assert len(found) + len(left_out) == 4
        return len(found)

    assert kept(None) == kept(10.0) == 4
    assert kept(None, n_samples=10**6) < 4  # too large, whatever the time
    assert kept(0.01) == 2  # the cheapest one
    # The dummy and whatever is in closed form and small is fitted where no time is left.
    assert kept(-1.0) == 1
    assert kept(-1.0, "regression") == 3
    assert kept(-1.0, "regression", n_samples=10**5, n_channels=9) == 1


def test_simple_models_beat_the_dummy_on_digits(monkeypatch):
    monkeypatch.setattr("rnnselect.advice.baseline.N_TREES", N_TREES)
    X, y = load_digits(return_X_y=True)
    rows = np.random.default_rng(0).permutation(len(y))[:600]
    scores = scores_of(X[rows].reshape(-1, 8, 8), y[rows], 400, "accuracy")
    assert list(scores) == [DUMMY, FLATTENED, SUMMARIES, TREES]
    assert scores[DUMMY] < 0.2 < 0.5 < scores[SUMMARIES] < scores[FLATTENED] < scores[TREES]
    assert best_baseline({name: [score] for name, score in scores.items()}) == TREES


def test_trees_find_a_burst_of_random_signs_early_or_late(monkeypatch):
    """No linear model can, and a network is not worth it for that alone."""
    monkeypatch.setattr("rnnselect.advice.baseline.N_TREES", 20)
    rng = np.random.default_rng(0)
    X, y = rng.normal(scale=0.1, size=(300, 100)), rng.integers(0, 2, 300)
    starts = rng.integers(0, 30, 300) + 60 * y
    X[np.arange(300)[:, None], starts[:, None] + np.arange(10)] += rng.choice([-1, 1], (300, 10))
    scores = scores_of(X, y, 200, "accuracy")
    assert max(scores[DUMMY], scores[SUMMARIES], scores[FLATTENED]) < 0.7 < 0.95 < scores[TREES]


def test_a_linear_trend_is_found_by_regression():
    rng = np.random.default_rng(4)
    slopes = rng.normal(size=120)
    X = slopes[:, None] * np.arange(10) + rng.normal(scale=0.1, size=(120, 10))
    scores = scores_of(X, slopes, 80, "neg_root_mean_squared_error", "regression")
    dummy = scores.pop(DUMMY)
    assert dummy < -0.5
    assert min(scores.values()) > -0.2


def test_several_outputs():
    y = np.column_stack([PANEL.mean(axis=(1, 2)), PANEL[:, -1, 0]])
    assert np.isfinite(list(scores_of(PANEL, y, 15, "r2", "regression").values())).all()


def test_weights_count():
    """The second half says the opposite of the first; weights choose between them."""
    x = np.random.default_rng(5).normal(size=(100, 6))
    y = (x[:, 0] > 0).astype(int)
    told = np.where(np.arange(100) < 50, y, 1 - y)
    batch, scorer = read_sequences(x), get_scorer("accuracy")
    with config_context(enable_metadata_routing=True):
        for each in make_baselines(profile_sequences(batch, y, "classification"))[1:]:
            for first in (True, False):
                weights = np.where((np.arange(100) < 50) == first, 1.0, 0.0)
                score = score_baseline(each, (batch, told), (batch, y), scorer, weights)
                assert score > 0.8 if first else score < 0.2


def test_features_do_not_lose_what_is_far_from_zero():
    """In single precision nothing of the signal would be left."""
    signal = np.random.default_rng(6).normal(size=(80, 5))
    y = (signal.mean(axis=1) > 0).astype(int)
    scores = scores_of(signal + 1e8, y, 60, "accuracy")
    assert min(list(scores.values())[1:]) > 0.7


@pytest.mark.parametrize(
    ("scores", "best"),
    [
        ({}, None),
        ({"a": []}, None),
        ({"a": [0.5], "b": []}, "a"),
        ({"a": [0.0, 1.0], "b": [0.6, 0.6]}, "b"),
        ({"a": [-3.0], "b": [-2.0]}, "b"),
    ],
)
def test_best_baseline(scores, best):
    assert best_baseline(scores) == best


def test_blas_has_one_thread_meanwhile_and_its_own_number_after():
    scored_at_once = 3

    def threads():
        return [each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"]

    seen = []

    class Watching(DummyClassifier):
        def fit(self, X, y):
            seen.extend(threads())
            return super().fit(X, y)

    def as_they_are(train, test):
        return train, test

    part = np.zeros((20, 1)), np.arange(20) % 2
    before = threads()
    with ThreadPoolExecutor(scored_at_once) as pool:
        tasks = [
            pool.submit(
                score_baseline,
                Baseline("x", Watching(), as_they_are),
                part,
                part,
                get_scorer("accuracy"),
            )
            for _ in range(scored_at_once)
        ]
        assert [task.result() for task in tasks] == [0.5] * scored_at_once
    assert set(seen) == {1}
    assert threads() == before
