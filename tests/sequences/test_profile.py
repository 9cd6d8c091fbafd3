"""A profile holds the sizes and properties of a data set, whatever its kind."""

import json

import numpy as np
import pytest

from rnnselect.sequences.profile import profile_sequences, profile_sizes
from rnnselect.sequences.validation import read_sequences


def test_panel_with_classes():
    X = np.random.default_rng(0).normal(size=(10, 7, 3))
    y = np.array(["a"] * 6 + ["b"] * 3 + ["c"])
    profile = profile_sequences(read_sequences(X), y, "classification")
    assert (profile.kind, profile.target) == ("panel", "classification")
    assert (profile.n_samples, profile.sequence_length, profile.n_channels) == (10, 7, 3)
    assert profile.median_length == profile.padded_length == 7
    assert (profile.n_outputs, profile.n_classes) == (3, 3)
    assert profile.majority_share == pytest.approx(0.6)
    assert profile.vocabulary_size is None
    assert profile.window_shift is None


@pytest.mark.parametrize(("y", "n_outputs"), [(np.zeros(4), 1), (np.zeros((4, 2)), 2)])
def test_ragged_with_values(y, n_outputs):
    X = [np.ones((length, 2)) for length in (10, 10, 10, 100)]
    profile = profile_sequences(read_sequences(X), y, "regression")
    assert profile.kind == "ragged"
    assert (profile.sequence_length, profile.median_length) == (100, 10)
    assert profile.padded_length == pytest.approx((3 * 16 + 128) / 4)
    assert profile.n_lengths == 2
    assert (profile.n_outputs, profile.n_classes, profile.majority_share) == (n_outputs, None, None)


def test_tokens():
    profile = profile_sequences(
        read_sequences([[1, 2, 9], [4]], tokens=True), np.array([0, 1]), "classification"
    )
    assert (profile.kind, profile.vocabulary_size, profile.n_channels) == ("tokens", 10, 1)


def test_windows():
    series = np.random.default_rng(0).normal(size=60)
    X = np.lib.stride_tricks.sliding_window_view(series, 10)
    assert profile_sequences(read_sequences(X), X[:, -1], "regression").window_shift == 1


def test_plain_values_only():
    X = np.random.default_rng(0).normal(size=(10, 7))
    profile = profile_sequences(read_sequences(X), np.arange(10) % 2, "classification")
    assert json.loads(json.dumps(profile.to_dict()))["sequence_length"] == 7


def test_sizes_alone():
    profile = profile_sizes(n_samples=50, sequence_length=20)
    assert (profile.kind, profile.n_samples, profile.padded_length) == ("series", 50, 20)
    assert profile_sizes(n_samples=5, sequence_length=2, n_channels=3).kind == "panel"
    assert profile_sizes(n_samples=5, sequence_length=2, vocabulary_size=9).kind == "tokens"
    assert profile_sizes(n_samples=5, sequence_length=2, target="regression").n_classes is None


@pytest.mark.parametrize("bad", [0, -1, 2.5, "3", None, True])
@pytest.mark.parametrize("name", ["n_samples", "sequence_length", "n_channels", "n_outputs"])
def test_bad_sizes(name, bad):
    sizes = {"n_samples": 5, "sequence_length": 2, name: bad}
    with pytest.raises(ValueError, match=f"{name}={bad!r}"):
        profile_sizes(**sizes)
