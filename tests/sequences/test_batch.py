"""Blocks are cut from every storage alike, and the user's array is never copied whole."""

import tracemalloc

import numpy as np
import pytest

from rnnselect.sequences.validation import read_sequences

NAN = np.nan
PANEL = np.arange(24.0).reshape(3, 4, 2)
RAGGED = [PANEL[0], PANEL[1, :2], PANEL[2, :3]]
PADDED = PANEL.copy()
PADDED[1, 2:] = NAN
PADDED[2, 3:] = NAN
TOKENS = [[3, 1, 2, 5], [4, 0], [1, 2, 3]]
TOKENS_PADDED = np.array([[3, 1, 2, 5], [4, 0, 0, 0], [1, 2, 3, 0]])


@pytest.mark.parametrize("X", [RAGGED, PADDED], ids=["ragged", "padded"])
@pytest.mark.parametrize("n_timesteps", [2, 4, 6])
def test_numbers_are_padded_with_nan(X, n_timesteps):
    expected = np.full((2, n_timesteps, 2), NAN, "float32")
    kept = min(n_timesteps, 4)
    expected[:, :kept] = PADDED[[2, 0], :kept]
    block = read_sequences(X).padded(np.array([2, 0]), n_timesteps)
    assert block.dtype == np.float32
    np.testing.assert_array_equal(block, expected)


@pytest.mark.parametrize("X", [TOKENS, TOKENS_PADDED], ids=["lists", "array"])
@pytest.mark.parametrize("n_timesteps", [2, 4, 6])
def test_tokens_are_padded_with_zero(X, n_timesteps):
    expected = np.zeros((3, n_timesteps), int)
    kept = min(n_timesteps, 4)
    expected[:, :kept] = TOKENS_PADDED[[1, 2, 0], :kept]
    block = read_sequences(X, tokens=True).padded(np.array([1, 2, 0]), n_timesteps)
    assert block.dtype == np.int32
    np.testing.assert_array_equal(block, expected)


def test_series_have_one_channel():
    series = np.arange(12.0).reshape(3, 4)
    block = read_sequences(series).padded(np.array([1, 1]), 4)
    np.testing.assert_array_equal(block[:, :, 0], series[[1, 1]])


@pytest.mark.parametrize("X", [PANEL, RAGGED, PADDED], ids=["panel", "ragged", "padded"])
def test_rows_is_a_batch_of_its_own(X):
    batch = read_sequences(X)
    part = batch.rows(np.array([2, 1]))
    assert part.n_samples == 2
    np.testing.assert_array_equal(part.lengths, batch.lengths[[2, 1]])
    np.testing.assert_array_equal(
        part.padded(np.array([0, 1]), 4), batch.padded(np.array([2, 1]), 4)
    )
    assert np.shares_memory(part.steps, batch.steps)


@pytest.mark.parametrize("shape", [(6, 5), (6, 5, 2)])
@pytest.mark.parametrize("dtype", ["float32", "float64", "int16"])
def test_memory_mapped_data_is_not_copied(tmp_path, shape, dtype):
    X = np.memmap(tmp_path / "X.dat", dtype=dtype, mode="w+", shape=shape)
    X[:] = np.arange(X.size).reshape(shape)
    batch = read_sequences(X)
    assert np.shares_memory(batch.steps, X)
    np.testing.assert_array_equal(
        batch.padded(np.array([4]), 5), np.asarray(X[[4]]).reshape(1, 5, -1)
    )


def test_a_block_of_the_right_precision_is_copied_once():
    batch = read_sequences(np.zeros((64, 100, 10), np.float32))
    tracemalloc.start()
    block = batch.block(np.arange(64), 100, np.float32)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.5 * block.nbytes
