"""Arrays out of a `.npz` file, read as an attacker's: sizes first, never a pickle."""

from __future__ import annotations

import errno
import math
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any

import numpy as np

from rnnselect.archive.reading import fill_array

__all__ = ["read_npz"]

# The arrays that are read may take this many bytes, or this many times the bytes of the file,
# whichever is more. Zip can make a thousand bytes of one, but not of measurements.
ARRAY_BYTES = 2**30
ARRAY_BYTES_PER_BYTE = 100
# What can be told from headers, without reading any array.
NUMBERS_TEXTS_AND_TIMES = "biufcSUmM"
# NumPy writes one header, or the other where a header is long.
HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
MESSAGE_LETTERS = 300
# What zipfile, zlib and NumPy raise on damaged files; OSError, because they seek to any place.
_MALFORMED = (
    ValueError, EOFError, RuntimeError, OSError, zipfile.BadZipFile, zlib.error
)  # fmt: skip
MAX_NAMES_SHOWN = 30


def read_npz(path: Path, target: str | None) -> tuple[Any, Any]:
    """Read sequences and targets from a `.npz` file.

    Parameters
    ----------
    path : Path
        The file.
    target : str or None
        Name of the targets; None is ``"y"``, which need not be there.

    Returns
    -------
    X : ndarray
        The array ``X``.
    y : ndarray or None
        The targets.

    Raises
    ------
    ValueError
        If the file is malformed, lacks an array, or holds Python objects or more than allowed.
    OSError
        If it cannot be read.
    """
    with path.open("rb") as file:
        try:
            archive = zipfile.ZipFile(file)
        except OSError as error:
            if error.errno != errno.EINVAL:  # that is a place before the file's beginning
                raise
            raise _no_npz(path) from error
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise _no_npz(path) from error
        members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
        wanted = _wanted(path, members, target)
        size = sum(members[name].file_size for name in wanted)
        if size > max(ARRAY_BYTES, ARRAY_BYTES_PER_BYTE * path.stat().st_size):
            raise ValueError(
                f"{path} says that its arrays take {size} bytes, more than {ARRAY_BYTES} and more "
                f"than {ARRAY_BYTES_PER_BYTE} times the file; if that is right, write it by "
                "numpy.savez, which does not compress."
            )
        arrays = [_read(path, archive, name, members[name]) for name in wanted]
    return arrays[0], arrays[1] if len(arrays) > 1 else None


def _no_npz(path: Path) -> ValueError:
    return ValueError(f"{path} is no .npz file; write one by numpy.savez(path, X=X, y=y).")


def _wanted(path: Path, members: dict[str, Any], target: str | None) -> list[str]:
    shown = ", ".join(map(repr, list(members)[:MAX_NAMES_SHOWN])) or "nothing"
    if "X" not in members:
        raise ValueError(
            f"{path} holds {shown}, but no array X; write it by numpy.savez(path, X=X, y=y)."
        )
    if target is not None and target not in members:
        raise ValueError(f"--target={target}: {path} holds {shown}; name one of them.")
    return [name for name in ("X", target or "y") if name in members]


def _read(path: Path, archive: zipfile.ZipFile, name: str, info: zipfile.ZipInfo) -> Any:
    try:
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError("it is compressed in a way that NumPy does not use")
        with archive.open(info) as member:
            return _array(member, info.file_size)
    except _MALFORMED as error:
        what = (str(error) or type(error).__name__).partition("\n")[0][:MESSAGE_LETTERS]
        raise ValueError(
            f"{path}: the array {name!r} cannot be read ({what}); series of different lengths go "
            "into one array, padded with NaN at their ends."
        ) from error


def _array(member: IO[bytes], size: int) -> Any:
    version = np.lib.format.read_magic(member)
    try:
        shape, fortran_order, dtype = HEADERS[version](member)
    except Exception as error:  # NumPy evaluates it as a Python literal, which fails in many ways
        raise ValueError("its header is malformed") from error
    shape = tuple(map(int, shape))  # True counts as one in a header
    if dtype.kind not in NUMBERS_TEXTS_AND_TIMES:
        raise ValueError(f"it holds {dtype}, and not numbers or texts")
    if not shape or not dtype.itemsize:
        raise ValueError("it is a single value, or its texts have no letters")
    if min(shape) < 0 or math.prod(shape) * dtype.itemsize != size - member.tell():
        raise ValueError(f"it has not the size of an array of shape {shape}")
    array = np.empty(shape[::-1] if fortran_order else shape, dtype)
    fill_array(array, member)
    return array.T if fortran_order else array
