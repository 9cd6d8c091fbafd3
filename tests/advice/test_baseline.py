import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scipy import sparse
from sklearn import config_context
from sklearn.datasets import load_digits
from sklearn.dummy import DummyClassifier
from sklearn.metrics import get_scorer
from threadpoolctl import threadpool_info

from rnnselect.advice import baseline
from rnnselect.advice.baseline import (
    DUMMY,
    Baseline,
    affordable_baselines,
    best_baseline,
    make_baselines,
    score_baseline,
    summary_features,
    token_counts,
)
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


def summary_of(x):
    """The same eight numbers for each channel, in plain NumPy."""
    time = np.arange(len(x))
    columns = []
    for channel in x.T.astype(float):
        slope = np.polyfit(time, channel, 1)[0] if len(x) > 1 else 0.0
        steps = np.abs(np.diff(channel)).mean() if len(x) > 1 else 0.0
        mean, spread = np.mean(channel), np.std(channel)
        ends = channel[0], channel[-1]
        columns.append([mean, spread, channel.min(), channel.max(), *ends, steps, slope])
    return np.append(np.array(columns).T.ravel(), len(x))


def test_summary_features():
    rng = np.random.default_rng(0)
    X = [rng.normal(size=(length, 3)) for length in (1, 2, 7, 30)]
    expected = np.array([summary_of(x) for x in X])
    np.testing.assert_allclose(summary_features(read_sequences(X)), expected, atol=1e-10)


def test_summary_features_leave_padding_out():
    rng = np.random.default_rng(1)
    X = [rng.normal(size=(length, 2)) for length in (3, 9, 5)]
    padded = np.full((3, 9, 2), np.nan)
    for row, x in zip(padded, X, strict=True):
        row[: len(x)] = x
    np.testing.assert_allclose(
        summary_features(read_sequences(padded)), summary_features(read_sequences(X))
    )


def test_summary_features_are_finite_with_missing_values():
    X = np.random.default_rng(2).normal(size=(5, 8, 2))
    X[0, 3] = X[1, 0, 1] = np.nan
    features = summary_features(read_sequences(X, missing="mask"))
    assert features.shape == (5, 17)
    assert np.isfinite(features).all()


def test_token_counts():
    X = [[3, 1, 3], [2], [1, 0, 4, 0, 0]]  # 0 is padding, wherever it stands
    counts = token_counts(read_sequences(X, tokens=True))
    assert sparse.issparse(counts)
    assert counts.toarray().tolist() == [[0, 1, 0, 2, 0], [0, 0, 1, 0, 0], [0, 1, 0, 0, 1]]


def test_token_counts_do_not_depend_on_the_form():
    ragged = token_counts(read_sequences([[3, 1, 3], [2]], tokens=True))
    padded = token_counts(read_sequences(np.array([[3, 1, 3, 0], [2, 0, 0, 0]]), tokens=True))
    np.testing.assert_array_equal(ragged.toarray(), padded.toarray())


PANEL = np.random.default_rng(3).normal(size=(20, 6, 2))
CLASSES = np.arange(20) % 2


def test_the_dummy_comes_first_and_flattening_needs_equal_lengths():
    summary, flat = "linear model on summary features", "linear model on the flattened series"
    assert names(PANEL, CLASSES) == [DUMMY, summary, flat]
    assert names(PANEL[:, :, 0], PANEL[:, 0], target="regression") == [DUMMY, summary, flat]
    assert names(PANEL, CLASSES, equal_lengths=False) == [DUMMY, summary]


def test_tokens_are_counted():
    tokens = [[1, 2], [3], [2, 2]] * 4
    assert names(tokens, CLASSES[:12], tokens=True) == [DUMMY, "linear model on token counts"]


def test_texts_are_weighed_by_tf_idf():
    words = {"analyzer": str.split}
    tokens = [[2, 3], [4, 2], [3, 3], [2, 4]]
    assert names(tokens, CLASSES[:4], tokens=True, texts=words)[1:] == [
        "linear model on TF-IDF of the texts"
    ]
    profile = profile_sequences(read_sequences(tokens, tokens=True), CLASSES[:4], "classification")
    _, model = make_baselines(profile, texts=words)
    train, test = (["good film", "bad film", "good", "bad"], [0, 1, 0, 1]), (["unseen good"], [0])
    assert score_baseline(model, train, test, get_scorer("accuracy")) == 1.0


def forecast(target="classification", **sizes):
    profile = profile_sizes(target=target, **{"sequence_length": 50, "n_samples": 1000, **sizes})
    return {each.name: each for each in make_baselines(profile)}


def test_forecasts_grow_with_the_data():
    name = "linear model on the flattened series"
    for target in ("classification", "regression"):
        small, large = (
            forecast(target)[name],
            forecast(target, n_samples=20_000, n_channels=9)[name],
        )
        assert 0 < small.seconds < 0.1 < large.seconds
        assert small.closed_form is (target == "regression")
    few, many = (forecast(n_outputs=n)[name].seconds for n in (2, 20))
    assert few < many


def test_what_does_not_fit_is_left_out():
    def kept(seconds, target="classification", **sizes):
        found, left_out = affordable_baselines(forecast(target, **sizes).values(), seconds)
        assert len(found) + len(left_out) == 3
        return len(found)

    assert kept(None) == kept(10.0) == 3
    assert kept(None, n_samples=10**6) < 3  # too large, whatever the time
    assert kept(0.01) == 2  # the cheaper of two
    # The dummy and whatever is in closed form and small is fitted where no time is left.
    assert kept(-1.0) == 1
    assert kept(-1.0, "regression") == 3
    assert kept(-1.0, "regression", n_samples=10**5, n_channels=9) == 1


def test_linear_models_beat_the_dummy_on_digits():
    X, y = load_digits(return_X_y=True)
    scores = scores_of(X[:600].reshape(-1, 8, 8), y[:600], 400, "accuracy")
    dummy, summary, flat = scores.values()
    assert dummy < 0.2 < 0.5 < summary < flat
    assert best_baseline({name: [score] for name, score in scores.items()}) == list(scores)[2]


def test_a_linear_trend_is_found_by_regression():
    rng = np.random.default_rng(4)
    slopes = rng.normal(size=120)
    X = slopes[:, None] * np.arange(10) + rng.normal(scale=0.1, size=(120, 10))
    dummy, summary, flat = scores_of(
        X, slopes, 80, "neg_root_mean_squared_error", "regression"
    ).values()
    assert dummy < -0.5
    assert summary > -0.1
    assert flat > -0.1


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
                assert score > 0.9 if first else score < 0.1


def test_features_do_not_lose_what_is_far_from_zero():
    """In single precision nothing of the signal would be left."""
    signal = np.random.default_rng(6).normal(size=(80, 5))
    y = (signal.mean(axis=1) > 0).astype(int)
    scores = scores_of(signal + 1e8, y, 60, "accuracy")
    assert min(list(scores.values())[1:]) > 0.7


def test_sequences_longer_than_those_of_training_lose_their_end():
    batch = read_sequences([np.arange(3.0)] * 6 + [np.arange(9.0)] * 2)
    flat = make_baselines(profile_sequences(batch, CLASSES[:8], "classification"))[2]
    train, test = flat.read(batch.rows(np.arange(6)), batch.rows(np.arange(6, 8)))
    assert train.shape == (6, 3)
    assert test.shape == (2, 3)


def test_token_ids_beyond_those_of_training_are_not_counted():
    batch = read_sequences([[1, 2], [2, 2], [1, 9]], tokens=True)
    counts = token_counts(batch, 3)
    assert counts.toarray().tolist() == [[0, 1, 1], [0, 0, 2], [0, 1, 0]]


def test_many_long_series_are_summarised_at_once():
    """A loop over 20,000 sequences took 5 s; the limit leaves room for a busy machine."""
    batch = read_sequences(np.random.default_rng(7).normal(size=(20_000, 50, 4)))
    start = time.process_time()
    summary_features(batch)
    assert time.process_time() - start < 2.0


def test_summary_features_in_blocks(monkeypatch):
    rng = np.random.default_rng(8)
    batch = read_sequences([rng.normal(size=(length, 2)) for length in (9, 1, 4, 9, 2)])
    whole = summary_features(batch)
    monkeypatch.setattr(baseline, "BLOCK_VALUES", 20)
    np.testing.assert_allclose(summary_features(batch), whole)


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
