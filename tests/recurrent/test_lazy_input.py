"""Networks trained on arrays that are not in memory."""

import h5py
import numpy as np
import pytest

from rnnselect import RNNClassifier
from rnnselect.sequences import lazy


def as_memmap(values, folder):
    np.save(folder / "X.npy", values)
    return np.load(folder / "X.npy", mmap_mode="r")


def as_h5py(values, folder):
    h5py.File(folder / "X.h5", "w").create_dataset("X", data=values, chunks=(7, *values.shape[1:]))
    return h5py.File(folder / "X.h5")["X"]


def as_dask(values, folder):
    dask = pytest.importorskip("dask.array")
    return dask.from_array(values, chunks=(7, *values.shape[1:]))


@pytest.mark.parametrize("stored", [as_memmap, as_h5py, as_dask])
@pytest.mark.parametrize("form", ["series", "padded"])
def test_the_same_network_comes_out(data, tmp_path, monkeypatch, form, stored):
    monkeypatch.setattr(lazy, "IN_MEMORY_BYTES", 0)
    X, y = getattr(data, form), data.classes
    network = RNNClassifier(units=3, epochs=2, batch_size=16, random_state=0)
    expected = network.fit(X, y).predict_proba(X)
    given = stored(X, tmp_path)
    np.testing.assert_array_equal(network.fit(given, y).predict_proba(given), expected)
