"""The header of a ``.npy`` member: written one way only, so that it is compared, never parsed."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["npy_header"]

# NumPy's format 1.0: numpy.lib.format. Its own reader evaluates the header as a Python literal.
_MAGIC = b"\x93NUMPY\x01\x00"
_ALIGNMENT = 64


def npy_header(dtype: np.dtype[Any], shape: tuple[int, ...]) -> bytes:
    """Return what a member with a C-ordered array begins with.

    Parameters
    ----------
    dtype : numpy.dtype
        Numbers, little-endian.
    shape : tuple of int
        The array's.

    Returns
    -------
    bytes
        `numpy.load` reads them.

    Examples
    --------
    >>> import numpy as np
    >>> from rnnselect.archive.npy import npy_header
    >>> header = npy_header(np.dtype("<f4"), (3, 2))
    >>> header[10:70], len(header)
    (b"{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), } ", 128)
    """
    text = f"{{'descr': {dtype.str!r}, 'fortran_order': False, 'shape': {shape!r}, }}"
    used = len(_MAGIC) + 2 + len(text) + 1
    text += " " * (-used % _ALIGNMENT) + "\n"
    return _MAGIC + len(text).to_bytes(2, "little") + text.encode("ascii")
