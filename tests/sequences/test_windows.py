"""Overlapping windows of one series are recognised; unrelated and constant rows are not."""

import numpy as np
import pytest

from rnnselect.sequences.validation import read_sequences
from rnnselect.sequences.windows import window_shift


def windows_of(series, length, shift):
    view = np.lib.stride_tricks.sliding_window_view(series, length, axis=0)[::shift]
    return np.moveaxis(view, -1, 1)


@pytest.mark.parametrize("shift", [1, 2, 3, 4, 5])
def test_series(shift):
    series = np.random.default_rng(0).normal(size=300)
    assert window_shift(read_sequences(windows_of(series, 20, shift))) == shift


@pytest.mark.parametrize("shift", [1, 2, 3, 4, 5])
def test_several_channels(shift):
    series = np.random.default_rng(0).normal(size=(300, 3))
    windows = windows_of(series, 20, shift)
    assert windows.shape[1:] == (20, 3)
    assert window_shift(read_sequences(windows)) == shift


def test_windows_of_several_recordings():
    rng = np.random.default_rng(0)
    recordings = [windows_of(rng.normal(size=80), 20, 1) for _ in range(5)]
    assert window_shift(read_sequences(np.concatenate(recordings))) == 1


UNRELATED = {
    "noise": np.random.default_rng(0).normal(size=(60, 20)),
    "noise of two values": np.random.default_rng(0).integers(0, 2, size=(60, 20)),
    "constant rows": np.ones((60, 20)),
    "rows of a constant each": np.repeat(np.arange(60.0)[:, None], 20, axis=1),
    "mostly zero": (np.random.default_rng(0).uniform(size=(60, 20)) > 0.97).astype(float),
    "shuffled windows": np.random.default_rng(1).permutation(
        windows_of(np.random.default_rng(0).normal(size=200), 20, 1)
    ),
    "windows without overlap": np.random.default_rng(0).normal(size=(400,)).reshape(20, 20),
    "one step": np.random.default_rng(0).normal(size=(60, 1)),
    "three samples": windows_of(np.random.default_rng(0).normal(size=22), 20, 1),
}


@pytest.mark.parametrize("name", UNRELATED)
def test_not_windows(name):
    assert window_shift(read_sequences(UNRELATED[name])) is None


def test_tokens_and_ragged_are_never_windows():
    series = np.random.default_rng(0).integers(1, 9, size=100)
    windows = windows_of(series, 20, 1)
    assert window_shift(read_sequences(windows, tokens=True)) is None
    assert window_shift(read_sequences(list(windows.astype(float)))) is None
