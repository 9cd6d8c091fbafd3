import time

import numpy as np
import pytest

from rnnselect.advice import baseline_features
from rnnselect.advice.baseline_features import (
    interval_features,
    scaled_flattened,
    summary_features,
    token_counts,
    weighted_grams,
)
from rnnselect.sequences.validation import read_sequences


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
    monkeypatch.setattr(baseline_features, "BLOCK_VALUES", 20)
    np.testing.assert_allclose(summary_features(batch), whole)


def test_a_missing_value_is_the_one_before_it_else_the_one_after_it():
    X = np.array([[np.nan, 1.0], [2.0, np.nan], [np.nan, np.nan], [4.0, np.nan]])
    batch = read_sequences(X[None], missing="mask")
    filled, _ = baseline_features.flattened(batch, batch)
    np.testing.assert_array_equal(filled.reshape(4, 2).T, [[2, 2, 2, 4], [1, 1, 1, 1]])


def test_sequences_longer_than_those_of_training_lose_their_end():
    batch = read_sequences([np.arange(3.0)] * 6 + [np.arange(9.0)] * 2)
    train, test = scaled_flattened(batch.rows(np.arange(6)), batch.rows(np.arange(6, 8)))
    assert train.shape == (6, 3)
    assert test.shape == (2, 3)


@pytest.mark.parametrize("padded", [False, True])
def test_token_counts(padded):
    X = [[3, 1, 3], [2], [1, 0, 4, 0, 0]]  # 0 is padding, wherever it stands
    if padded:
        X = np.array([row + [0] * (5 - len(row)) for row in X])
    train = read_sequences(X, tokens=True)
    test = read_sequences([[9, 2, 2]], tokens=True)  # 9 was not seen in training
    of_train, of_test = token_counts(train, test)
    expected = [[1, 0, 1, 0], [0, 1, 0, 0], [1, 0, 0, 1]]  # shares of the largest count of each
    np.testing.assert_allclose(of_train.toarray(), expected)
    np.testing.assert_allclose(of_test.toarray(), [[0, 2, 0, 0]])


def test_pairs_of_tokens_are_told_apart_by_their_order():
    train = read_sequences([[1, 2], [2, 1], [3]], tokens=True)
    of_train, of_test = weighted_grams(None, train, read_sequences([[2, 1, 9]], tokens=True))
    assert of_train.shape == (3, 5)  # 1, 2, 3, (1, 2) and (2, 1)
    similar = (of_test @ of_train.T).toarray().ravel()
    assert similar[1] > similar[0] > similar[2] == 0


def test_texts_are_split_by_the_given_analyzer():
    of_train, of_test = weighted_grams(str.split, ["good film", "bad film"], ["bad film"])
    assert of_train.shape == (2, 5)
    np.testing.assert_allclose((of_test @ of_train.T).toarray()[0, 1], 1.0)


def test_interval_features_of_unequal_lengths():
    """A stretched series has the same shape, and another length."""
    long = np.sin(np.linspace(0, 6, 81))[:, None]
    train = read_sequences([long, long[::2], -long, long + 5])
    features, _ = interval_features(3, 4, train, train)
    assert features[:, -1].tolist() == [81, 41, 81, 81]
    near = np.abs(features[0] - features)[:, :-1].max(axis=1)
    assert near[1] < 0.2 < 0.8 < near[2]


def test_interval_features_do_not_depend_on_blocks(monkeypatch):
    rng = np.random.default_rng(9)
    batch = read_sequences([rng.normal(size=(length, 2)) for length in (9, 20, 12, 9, 14)])
    whole, _ = interval_features(3, 4, batch, batch)
    monkeypatch.setattr(baseline_features, "BLOCK_VALUES", 80)
    first = baseline_features._blocks(batch)[0]
    assert len(first) == 2
    in_blocks, _ = interval_features(3, 4, batch, batch)
    np.testing.assert_allclose(in_blocks, whole, atol=1e-5)


def test_trees_see_small_moves_far_from_zero():
    """In single precision nothing of them would be left."""
    signal = np.random.default_rng(6).normal(size=(20, 8))
    far, near = (
        interval_features(2, 4, b, b)[0] for b in map(read_sequences, (signal + 1e8, signal))
    )
    np.testing.assert_allclose(far, near, atol=1e-5)
