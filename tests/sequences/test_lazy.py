import errno

import h5py
import numpy as np
import pytest

from rnnselect.sequences import lazy
from rnnselect.sequences.lazy import within_reach
from rnnselect.sequences.validation import read_sequences


class Lazy:
    """As little as an array on disk or in a cloud may be: it gives slices of rows."""

    def __init__(self, values, chunks=None):
        self.values, self.chunks, self.read = values, chunks, []
        self.shape, self.dtype = values.shape, values.dtype

    def __getitem__(self, rows):
        self.read.append((rows.start, rows.stop))
        return self.values[rows]

    def __array__(self, dtype=None, copy=None):
        raise AssertionError("all of it was asked for at once")


@pytest.fixture(params=["in memory", "on disk"])
def small_blocks(request, monkeypatch):
    monkeypatch.setattr(lazy, "BLOCK_BYTES", 200)
    if request.param == "on disk":
        monkeypatch.setattr(lazy, "IN_MEMORY_BYTES", 0)


@pytest.mark.parametrize("shape", [(23, 4), (23, 4, 2)])
@pytest.mark.parametrize("dtype", ["float32", "int64", "bool", ">f8"])
def test_all_values_arrive_in_their_order(small_blocks, shape, dtype):
    values = (10 * np.random.default_rng(0).normal(size=shape)).astype(dtype)
    found = within_reach(Lazy(values))
    assert found.dtype == values.dtype
    np.testing.assert_array_equal(found, values)
    np.testing.assert_array_equal(found[[7, 3, 22]], values[[7, 3, 22]])


def test_nothing_is_read_twice_nor_all_at_once(small_blocks):
    X = Lazy(np.zeros((23, 4), "float64"))  # 32 bytes a row
    within_reach(X)
    assert X.read == [(0, 6), (6, 12), (12, 18), (18, 23)]


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        ((4, 4), [(0, 4), (4, 8), (8, 12), (12, 16), (16, 20), (20, 23)]),
        ((15, 4), [(0, 15), (15, 23)]),
        ((2, 4), [(0, 6), (6, 12), (12, 18), (18, 23)]),
        (((10, 12, 1), (4,)), [(0, 10), (10, 22), (22, 23)]),
    ],
    ids=["smaller than a block", "larger", "several in a block", "Dask's"],
)
def test_whole_chunks_are_read(small_blocks, chunks, expected):
    X = Lazy(np.zeros((23, 4), "float64"), chunks)
    within_reach(X)
    assert X.read == expected


@pytest.mark.parametrize(
    "X",
    [np.zeros((3, 4)), np.ma.zeros((3, 4)), [[1.0, 2.0]], Lazy(np.array([["a", "b"]]))],
    ids=["array", "masked", "list", "text"],
)
def test_all_else_stays_as_it_is(X):
    assert within_reach(X) is X


def test_arrays_of_h5py_and_dask(small_blocks, tmp_path):
    dask = pytest.importorskip("dask.array")
    values = np.random.default_rng(0).normal(size=(23, 4, 2))
    with h5py.File(tmp_path / "X.h5", "w") as file:
        stored = file.create_dataset("X", data=values, chunks=(5, 4, 2))
        np.testing.assert_array_equal(within_reach(stored), values)
    np.testing.assert_array_equal(within_reach(dask.from_array(values, chunks=(7, 2, 1))), values)


def test_an_unknown_number_of_rows_is_refused():
    dask = pytest.importorskip("dask.array")
    X = dask.from_array(np.arange(20.0).reshape(10, 2), chunks=5)
    with pytest.raises(ValueError, match="compute_chunk_sizes"):
        within_reach(X[X[:, 0] > 3])


def test_a_full_disk_is_an_error_with_a_remedy(monkeypatch):
    class Full:
        def __enter__(self):
            return self

        def __exit__(self, *raised):
            return None

        def write(self, block):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(lazy, "IN_MEMORY_BYTES", 0)
    monkeypatch.setattr(lazy.tempfile, "TemporaryFile", Full)
    with pytest.raises(OSError, match=r"Lazy of 0.0 GB.*No space left.*TMPDIR") as caught:
        within_reach(Lazy(np.zeros((3, 4))))
    assert caught.value.errno == errno.ENOSPC


def test_a_batch_of_a_lazy_array(small_blocks):
    values = np.random.default_rng(0).normal(size=(23, 4, 2))
    values[5, 2:] = np.nan
    batch, expected = read_sequences(Lazy(values)), read_sequences(values)
    assert batch.kind == "panel"
    np.testing.assert_array_equal(batch.lengths, expected.lengths)
    np.testing.assert_array_equal(batch.padded([5, 0], 4), expected.padded([5, 0], 4))
