"""What these tests share: handwritten digits as sequences of every kind, and one tiny network."""

import importlib
import re
import warnings
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from rnnselect import RNNClassifier, RNNRegressor
from rnnselect.datasets import load_digits_sequences
from rnnselect.sequences.ragged import ragged

# The sizes that all tests share, with eight time steps and two channels, because every new shape
# compiles for two seconds; the learning rate is not a part of a program, and lets few epochs learn.
TINY = {
    "units": 3,
    "batch_size": 16,
    "epochs": 3,
    "learning_rate": 0.1,
    "early_stopping": False,
    "random_state": 0,
}
N_SAMPLES = 120


@pytest.fixture(scope="session")
def tiny():
    """Makers of the networks that all tests of this folder train."""

    def classifier(**parameters):
        return RNNClassifier(**{**TINY, **parameters})

    def regressor(**parameters):
        return RNNRegressor(**{**TINY, **parameters})

    return SimpleNamespace(classifier=classifier, regressor=regressor, parameters=TINY)


@pytest.fixture(scope="session")
def digits():
    """Images of 0, 1 and 2, read row by row; every other scan has lost its last row.

    The channels are how much ink a row has left of the middle, and how much in the middle.
    """
    X, y = load_digits_sequences()
    rows = np.flatnonzero(y < 3)[:N_SAMPLES]
    pixels = X[rows].astype("float32")
    images = np.stack([pixels[..., :3].mean(axis=2), pixels[..., 3:5].mean(axis=2)], axis=2)
    shortened = [image[: 7 + i % 2] for i, image in enumerate(images)]
    padded = images.copy()
    padded[::2, 7] = np.nan
    series = pixels.mean(axis=2)  # how much ink a row has
    return SimpleNamespace(
        panel=images,
        ragged=ragged(shortened),
        listed=shortened,
        padded=padded,
        series=series,
        frame=pd.DataFrame(series, columns=[f"row{i}" for i in range(8)]),
        tokens=np.digitize(series, [2, 4, 6, 8]) + 1,  # shades of ink, from 1 to 5
        names=np.array(["zero", "one", "two"])[y[rows]],
        is_zero=np.where(y[rows] == 0, "zero", "other"),
        ink=1 + images.sum(axis=(1, 2), dtype="float64"),  # positive, and known from X
        writers=np.arange(N_SAMPLES) // 10,
    )


@pytest.fixture
def refuse(monkeypatch):
    """Call something with malformed input; it must say what is wrong before Keras is needed."""

    def keras_is_needed():
        raise AssertionError("training has begun")

    def check(call, error, *patterns):
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # an error is announced by itself
            with pytest.raises(error) as caught:
                call()
        message = str(caught.value)
        missing = [pattern for pattern in patterns if not re.search(pattern, message)]
        assert not missing, f"the message lacks {missing}: {message}"

    # What imports it must have done so before, or it would keep what takes its place here.
    for module in ("calibration", "probe"):
        importlib.import_module(f"rnnselect.recurrent.{module}")
    monkeypatch.setattr("rnnselect.recurrent.base.load_engine", keras_is_needed)
    return check
