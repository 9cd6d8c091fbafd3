"""Standardisation equals NumPy's, counts weights as repetitions, and survives odd channels."""

import tracemalloc

import numpy as np
import pytest

from rnnselect.sequences.moments import channel_moments, target_moments
from rnnselect.sequences.scaling import Scaling
from rnnselect.sequences.validation import read_sequences


@pytest.fixture
def padded():
    rng = np.random.default_rng(0)
    X = rng.normal([5.0, -3.0, 0.0], [2.0, 0.1, 30.0], size=(40, 12, 3)).astype("float32")
    for row, length in enumerate(rng.integers(3, 13, size=40)):
        X[row, length:] = np.nan
    return X


def scaling_of(X, weights=None, **options):
    batch = read_sequences(X, **options)
    weights = np.ones(batch.n_samples) if weights is None else weights
    return channel_moments(batch, weights).scaling()


def test_equals_numpy(padded):
    scaling = scaling_of(padded)
    X = padded.astype("float64")
    np.testing.assert_allclose(scaling.center, np.nanmean(X, axis=(0, 1)), rtol=1e-5)
    np.testing.assert_allclose(scaling.scale, np.nanstd(X, axis=(0, 1)), rtol=1e-5)
    assert scaling.center.dtype == scaling.scale.dtype == np.float32


def test_missing_values_do_not_count(padded):
    padded[3, 1, 2] = padded[0, 0] = np.nan
    scaling = scaling_of(padded, missing="mask")
    expected = np.nanstd(padded.astype("float64"), axis=(0, 1))
    np.testing.assert_allclose(scaling.scale, expected, rtol=1e-5)


def test_ragged_equals_padded(padded):
    lengths = read_sequences(padded).lengths
    ragged = scaling_of([x[:length] for x, length in zip(padded, lengths, strict=True)])
    np.testing.assert_allclose(ragged.center, scaling_of(padded).center, rtol=1e-6)
    np.testing.assert_allclose(ragged.scale, scaling_of(padded).scale, rtol=1e-6)


def test_several_passes_equal_one(padded, monkeypatch):
    whole = scaling_of(padded)
    monkeypatch.setattr("rnnselect.sequences.moments.ROWS_PER_PASS_BYTES", 1000)
    np.testing.assert_allclose(scaling_of(padded).scale, whole.scale, rtol=1e-6)


def test_memory_follows_the_pass_and_not_the_data(monkeypatch):
    pass_bytes = 2**20
    monkeypatch.setattr("rnnselect.sequences.moments.ROWS_PER_PASS_BYTES", pass_bytes)
    X = np.zeros((40_000, 20, 2), dtype="float32")  # twelve passes of float64
    batch, weights = read_sequences(X), np.ones(len(X))
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        channel_moments(batch, weights)
        assert tracemalloc.get_traced_memory()[1] - before < 3 * pass_bytes + weights.nbytes
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("weights", [1.0, 0.1])
def test_channel_without_values_is_left_alone(padded, weights):
    padded[:, :, 1] = np.nan
    scaling = scaling_of(padded, np.full(40, weights), missing="mask")
    assert scaling.center[1] == 0
    assert scaling.scale[1] == 1


def test_weight_is_repetition(padded):
    counts = np.arange(40) % 4
    repeated = scaling_of(np.repeat(padded, counts, axis=0))
    weighted = scaling_of(padded, weights=counts.astype(float))
    np.testing.assert_allclose(weighted.center, repeated.center, rtol=1e-6)
    np.testing.assert_allclose(weighted.scale, repeated.scale, rtol=1e-6)


@pytest.mark.parametrize("constant", [0.0, 0.1, -1e6, 1e30, 1e-30])
def test_constant_channel_is_only_centred(constant):
    X = np.random.default_rng(0).normal(size=(20, 6, 2))
    X[:, :, 1] = constant
    scaling = scaling_of(X)
    assert scaling.scale[1] == 1.0
    np.testing.assert_allclose(scaling.center[1], constant, rtol=1e-6)
    assert scaling.scale[0] == pytest.approx(1, abs=0.2)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("mean", [0.0, 1e3, 1e6, -1e6])
def test_data_far_from_zero_keep_their_scale(mean, dtype):
    X = np.random.default_rng(0).normal(mean, 1.0, size=(50, 20, 1)).astype(dtype)
    scaling = scaling_of(X)
    assert scaling.center[0] == pytest.approx(mean, abs=0.2)
    assert scaling.scale[0] == pytest.approx(X.astype("float64").std(), rel=1e-3)


@pytest.mark.parametrize("scale", [1e-20, 1e-9, 1e9, 1e20])
def test_any_unit_of_measurement(scale):
    X = scale * np.random.default_rng(0).normal(size=(50, 20, 1))
    assert scaling_of(X).scale[0] == pytest.approx(X.std(), rel=1e-5)


def test_targets():
    y = np.random.default_rng(0).normal([0.0, 1e6], [1e-9, 3.0], size=(30, 2))
    counts = np.arange(30) % 3
    scaling = target_moments(y, counts.astype(float)).scaling()
    repeated = np.repeat(y, counts, axis=0)
    np.testing.assert_allclose(scaling.scale, repeated.std(axis=0), rtol=1e-6)
    np.testing.assert_allclose(scaling.center, repeated.mean(axis=0), rtol=1e-6)
    assert target_moments(np.full((5, 1), 0.1), np.ones(5)).scaling().scale.tolist() == [1.0]


def test_identity():
    scaling = Scaling.identity(3)
    assert scaling.center.tolist() == [0, 0, 0]
    assert scaling.scale.tolist() == [1, 1, 1]
