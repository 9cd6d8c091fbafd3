from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import load_digits
from sklearn.dummy import DummyClassifier
from sklearn.metrics import get_scorer
from threadpoolctl import threadpool_info

from rnnselect.advice import baseline
from rnnselect.advice.baseline import (
    DUMMY,
    Baseline,
    best_baseline,
    make_baselines,
    score_baseline,
    summary_features,
    token_counts,
)
from rnnselect.sequences.profile import profile_sequences
from rnnselect.sequences.validation import read_sequences


def names(X, y, *, target="classification", tokens=False, missing="error"):
    batch = read_sequences(X, tokens=tokens, missing=missing)
    return [each.name for each in make_baselines(batch, profile_sequences(batch, y, target))]


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
    unequal = [x[: 5 + i % 2] for i, x in enumerate(PANEL)]
    assert names(unequal, CLASSES) == [DUMMY, summary]
    padded = PANEL.copy()
    padded[0, -1] = np.nan
    assert names(padded, CLASSES) == [DUMMY, summary]


def test_tokens_are_counted():
    tokens = [[1, 2], [3], [2, 2]] * 4
    assert names(tokens, CLASSES[:12], tokens=True) == [DUMMY, "linear model on token counts"]


def test_what_is_too_large_is_left_out(monkeypatch):
    # 20 samples x 2 classes x 12 flattened values, or 17 summary features
    monkeypatch.setattr(baseline, "MAX_VALUES", 20 * 2 * 12)
    assert names(PANEL, CLASSES) == [DUMMY, "linear model on the flattened series"]
    monkeypatch.setattr(baseline, "MAX_VALUES", 20)
    assert names(PANEL, CLASSES) == [DUMMY]


def test_linear_models_beat_the_dummy_on_digits():
    X, y = load_digits(return_X_y=True)
    X, y = X[:600].reshape(-1, 8, 8), y[:600]
    batch = read_sequences(X)
    rows = np.arange(600)
    scores = {
        each.name: score_baseline(each, y, rows[:400], rows[400:], get_scorer("accuracy"))
        for each in make_baselines(batch, profile_sequences(batch, y, "classification"))
    }
    dummy, summary, flat = scores.values()
    assert dummy < 0.2 < 0.5 < summary < flat
    assert best_baseline({name: [score] for name, score in scores.items()}) == list(scores)[2]


def test_a_linear_trend_is_found_by_regression():
    rng = np.random.default_rng(4)
    slopes = rng.normal(size=120)
    X = slopes[:, None] * np.arange(10) + rng.normal(scale=0.1, size=(120, 10))
    batch = read_sequences(X)
    rows = np.arange(120)
    scorer = get_scorer("neg_root_mean_squared_error")
    dummy, summary, flat = (
        score_baseline(each, slopes, rows[:80], rows[80:], scorer)
        for each in make_baselines(batch, profile_sequences(batch, slopes, "regression"))
    )
    assert dummy < -0.5
    assert summary > -0.1
    assert flat > -0.1


def test_several_outputs():
    y = np.column_stack([PANEL.mean(axis=(1, 2)), PANEL[:, -1, 0]])
    batch = read_sequences(PANEL)
    rows = np.arange(20)
    for each in make_baselines(batch, profile_sequences(batch, y, "regression")):
        assert np.isfinite(score_baseline(each, y, rows[:15], rows[15:], get_scorer("r2")))


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

    X, y, rows = np.zeros((20, 1)), np.arange(20) % 2, np.arange(20)
    before = threads()
    with ThreadPoolExecutor(scored_at_once) as pool:
        tasks = [
            pool.submit(
                score_baseline, Baseline("x", Watching(), X), y, rows, rows, get_scorer("accuracy")
            )
            for _ in range(scored_at_once)
        ]
        assert [task.result() for task in tasks] == [0.5] * scored_at_once
    assert set(seen) == {1}
    assert threads() == before
