"""Arrays that are read piece by piece, such as those of zarr, h5py and Dask."""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Iterator
from typing import Any

import numpy as np

from rnnselect.sequences.masks import unmasked

__all__ = ["within_reach"]

# Networks train on rows in random order, for which such arrays are slow: a whole chunk is read,
# unpacked or even computed for each row. So they are read once, in their order. What is small stays
# in memory; the rest goes to disk, where the system keeps in memory what there is room for.
IN_MEMORY_BYTES = 256 * 2**20
BLOCK_BYTES = 64 * 2**20


def within_reach(X: Any) -> Any:
    """Return a lazy array as one whose rows can be taken in any order; anything else as it is.

    Parameters
    ----------
    X : array-like
        Lazy is what has ``shape``, ``dtype`` and slices, and no values in memory.

    Returns
    -------
    array-like
        `X` itself, or an ndarray of its values. Above 256 MiB it is a read-only view of a file in
        the folder for temporary files, which is gone as soon as nobody needs it.

    Raises
    ------
    ValueError
        If the number of rows is not known.
    OSError
        If the folder for temporary files has no room.
    """
    if not _is_lazy(X):
        return X
    shape, dtype = tuple(X.shape), np.dtype(X.dtype)
    if any(size != size for size in shape):  # Dask's nan
        raise ValueError(
            f"X is a {type(X).__name__} of shape {shape}, whose sizes are not known: call "
            "X.compute_chunk_sizes() before."
        )
    n_bytes = dtype.itemsize * int(np.prod(shape))
    if n_bytes <= IN_MEMORY_BYTES:
        blocks = [_values(X, rows) for rows in _blocks(X, n_bytes)]
        dtypes = {block.dtype for block in blocks}
        return np.concatenate(blocks, dtype=dtypes.pop() if len(dtypes) == 1 else None)
    try:
        return _on_disk(X, shape, dtype, n_bytes)
    except OSError as error:
        raise OSError(
            error.errno,
            f"X is a {type(X).__name__} of {n_bytes / 1e9:.1f} GB, and no copy of it fits into "
            f"{tempfile.gettempdir()} ({error.strerror}); set the environment variable TMPDIR to a "
            "folder with more room",
        ) from error


def _is_lazy(X: Any) -> bool:
    if isinstance(X, np.ndarray) or not all(
        hasattr(X, name) for name in ("shape", "dtype", "__getitem__", "__array__")
    ):
        return False
    if hasattr(X, "__array_interface__") or hasattr(X, "__dlpack__"):  # its values are in memory
        return False
    return isinstance(X.dtype, np.dtype) and X.dtype.kind in "biuf" and len(X.shape) in (2, 3)


def _blocks(X: Any, n_bytes: int) -> Iterator[slice]:
    """Yield rows to read at once: whole chunks, so that none is read or computed twice."""
    n_rows = X.shape[0]
    chunk = (getattr(X, "chunks", None) or [1])[0]
    if isinstance(chunk, tuple):  # Dask's may differ from each other
        ends = np.cumsum(chunk).tolist()
    else:
        size = max(1, BLOCK_BYTES * n_rows // max(1, n_bytes))
        ends = range(0, n_rows, max(chunk, size // chunk * chunk))[1:]
        ends = [*ends, n_rows]
    start = 0
    for end in ends:
        yield slice(start, end)
        start = end


def _values(X: Any, rows: slice) -> np.ndarray[Any, Any]:
    """Read some rows. Variables of netCDF4 unpack them, so that `dtype` is not theirs, and mask."""
    return unmasked(np.asanyarray(X[rows]))


def _on_disk(X: Any, shape: tuple[int, ...], dtype: np.dtype[Any], n_bytes: int) -> Any:
    with tempfile.TemporaryFile() as file:
        for rows in _blocks(X, n_bytes):
            block = _values(X, rows)
            if not np.can_cast(block.dtype, dtype):
                return _on_disk(X, shape, block.dtype, n_bytes)
            file.write(np.ascontiguousarray(block, dtype).data)
        file.flush()
        # Written, not mapped: on a full disk that is an error, and not the end of the process.
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return np.frombuffer(mapped, dtype).reshape(shape)
