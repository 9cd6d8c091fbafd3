"""What tests share: small data sets of every kind, and scripts run in a fresh interpreter."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

PROJECT = Path(__file__).parents[1]

# All tests share these sizes, because every new shape compiles for about a second.
N_SAMPLES, N_TIMESTEPS, N_CHANNELS, N_CLASSES = 60, 8, 2, 3


def make_panel(seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(N_SAMPLES, N_TIMESTEPS, N_CHANNELS)).astype("float32")


def make_ragged(seed=0):
    panel = make_panel(seed)
    lengths = np.random.default_rng(seed + 1).integers(7, N_TIMESTEPS + 1, size=N_SAMPLES)
    lengths[:2] = 7, N_TIMESTEPS
    return [x[:length] for x, length in zip(panel, lengths, strict=True)]


def make_tokens(seed=0):
    rng = np.random.default_rng(seed)
    return [list(rng.integers(1, 6, size=length)) for length in rng.integers(7, 9, N_SAMPLES)]


def pad_with_nan(sequences, n_timesteps):
    block = np.full((len(sequences), n_timesteps, sequences[0].shape[1]), np.nan, "float32")
    for row, sequence in zip(block, sequences, strict=True):
        row[: len(sequence)] = sequence
    return block


@pytest.fixture(scope="session")
def data():
    """Sequences of every kind, with classes and values that can be learnt from them."""
    panel = make_panel()
    score = panel[:, :, 0].mean(axis=1)
    ragged = make_ragged()
    return SimpleNamespace(
        series=panel[:, :, 0].copy(),
        panel=panel,
        ragged=ragged,
        padded=pad_with_nan(ragged, N_TIMESTEPS),
        tokens=make_tokens(),
        classes=np.digitize(score, np.quantile(score, [1 / 3, 2 / 3])),
        values=score.astype("float64"),
    )


@pytest.fixture(scope="session")
def run_script():
    """Run code in a fresh interpreter that sees this very package; return what it printed."""

    def run(code, *arguments):
        finished = subprocess.run(
            [sys.executable, "-c", code, *map(str, arguments)],
            env={**os.environ, "PYTHONPATH": str(PROJECT), "TF_CPP_MIN_LOG_LEVEL": "3"},
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
        assert finished.returncode == 0, finished.stderr
        return finished.stdout

    return run


def pytest_configure(config):
    # TensorFlow's variables (2.21) have an __array__ without NumPy 2's `copy`, and Keras (3.15)
    # asks for a copy when it saves or pickles a network.
    config.addinivalue_line(
        "filterwarnings",
        "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning",
    )
