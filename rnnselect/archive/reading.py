"""Reads a model file as the work of an attacker: sizes first, then names, then contents."""

from __future__ import annotations

import math
import os
import re
import reprlib
import stat
import struct
import zipfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from numbers import Integral
from typing import IO, Any, BinaryIO

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions

from rnnselect.archive import limits
from rnnselect.archive.documents import read_document
from rnnselect.archive.fields import checked_fields
from rnnselect.archive.npy import npy_header
from rnnselect.exceptions import ModelFileError

__all__ = ["Archive", "fill_array", "open_archive", "refusing"]

DAMAGED = (
    "the file is damaged, or rnnselect.save has not written it: get a new copy, or save the model "
    "again"
)
_ARRAY_NAME = re.compile(r"arrays/(?:0|[1-9]\d{0,3})\.npy")
_DOCUMENTS = ("format.json", "estimator.json", "metadata.json")
# The record that ends a zip archive without a comment, and what stands before it where the archive
# uses the 64-bit extension.
_END = struct.Struct("<4s4H2LH")
_END_MARK, _LOCATOR_MARK, _LOCATOR_BYTES = b"PK\5\6", b"PK\6\7", 20
_CHUNK_BYTES = 2**20
_MESSAGE_LETTERS = 400
# What the standard library, NumPy and scikit-learn raise on malformed input.
_MALFORMED = (
    ValueError, OverflowError, EOFError, RuntimeError, struct.error, zipfile.BadZipFile,
)  # fmt: skip


@contextmanager
def refusing(path: str | os.PathLike[str], remedy: str = DAMAGED) -> Iterator[None]:
    """Turn whatever malformed input raises into one error that names the file.

    Parameters
    ----------
    path : path-like
        The file.
    remedy : str
        What helps.

    Raises
    ------
    ModelFileError
        In place of the errors of parsers and checks.
    """
    try:
        yield
    except ModelFileError:
        raise
    except _MALFORMED as error:
        what = (str(error) or type(error).__name__).rstrip(".")
        if len(what) > _MESSAGE_LETTERS:
            what = f"{what[:_MESSAGE_LETTERS]} ..."
        raise ModelFileError(f"{os.fspath(path)}: {what}; {remedy}.") from error


@contextmanager
def open_archive(path: str | os.PathLike[str]) -> Iterator[Archive]:
    """Open a model file whose size, members and version are in order.

    Parameters
    ----------
    path : path-like
        The file.

    Yields
    ------
    Archive
        Its documents and arrays; all arrays must be read before the end.

    Raises
    ------
    ValueError
        If the file is malformed, or too large; or what else `refusing` expects.
    OSError
        If it cannot be read.
    """
    if not stat.S_ISREG(os.stat(path).st_mode):  # a pipe would never answer
        if os.path.isdir(path):
            raise IsADirectoryError(21, "Is a directory", os.fspath(path))
        raise ValueError("it is not an ordinary file")
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        _check_end(file, size)
        with zipfile.ZipFile(file) as members:
            archive = Archive(members, size)
            _check_version(archive.document("format.json"), path)
            archive.check_names()
            yield archive
            archive.check_all_read()


class Archive:
    """The documents and arrays of an opened model file.

    Parameters
    ----------
    members : zipfile.ZipFile
        Opened for reading.
    size : int
        Bytes of the whole file.
    """

    def __init__(self, members: zipfile.ZipFile, size: int) -> None:
        self._members = members
        infos = members.infolist()
        self._infos = {info.filename: info for info in infos}
        if len(self._infos) < len(infos):
            raise ValueError("two of its members have the same name")
        if sum(info.file_size for info in infos) > size:
            raise ValueError("its members are declared to be larger than the file")
        self._unread = {name for name in self._infos if name not in _DOCUMENTS}

    def document(self, name: str) -> Any:
        """Return what a JSON member holds.

        Parameters
        ----------
        name : {"format.json", "estimator.json", "metadata.json"}
            The member.

        Returns
        -------
        None, bool, int, float, str, list or dict
            All numbers are finite.
        """
        info = self._info(name)
        if info.file_size > limits.MAX_JSON_BYTES:
            raise ValueError(
                f"{name} takes {info.file_size} bytes, more than {limits.MAX_JSON_BYTES}"
            )
        return read_document(self._members.read(info), name)

    def array(
        self, document: Any, where: str, dtypes: Collection[str], shape: tuple[int, ...] | None
    ) -> np.ndarray[Any, Any]:
        """Return an array that JSON refers to.

        Parameters
        ----------
        document : object
            What `writing.ArrayStore.add` has returned.
        where : str
            What the array is, for errors.
        dtypes : collection of str
            Names of the dtypes that it may have.
        shape : tuple of int or None
            The shape that it must have. None: any, up to `limits.MAX_ARRAY_AXES` axes.

        Returns
        -------
        ndarray
            A new array in the machine's byte order, all values finite.

        Raises
        ------
        ValueError
            If it has another dtype or shape, or was returned before; nothing is allocated then.
        """
        said = checked_fields(document, _DESCRIPTION, where)
        if said["dtype"] not in dtypes:
            raise ValueError(f"{where} has the dtype {said['dtype']}, not {' or '.join(dtypes)}")
        own_shape = _shape(said["shape"], where)
        if shape is not None and own_shape != shape:
            raise ValueError(f"{where} has the shape {own_shape}, not {shape}")
        name = f"arrays/{said['array']}.npy"
        if name not in self._unread:
            raise ValueError(f"{where} is in {name}, which is missing or used twice")
        self._unread.remove(name)
        dtype = np.dtype(said["dtype"]).newbyteorder("<")
        info = self._info(name)
        with self._members.open(info) as member:
            header = npy_header(dtype, own_shape)
            n_bytes = len(header) + dtype.itemsize * math.prod(own_shape)
            if info.file_size != n_bytes or member.read(len(header)) != header:
                raise ValueError(f"{name} is not a {said['dtype']} array of shape {own_shape}")
            array = np.empty(own_shape, dtype)
            try:
                fill_array(array, member)
            except ValueError as error:
                raise ValueError(f"{name} {error}") from error
        if not np.isfinite(array).all():
            raise ValueError(f"{where} holds NaN or infinity")
        return array.astype(dtype.newbyteorder("="), copy=False)

    def check_names(self) -> None:
        """Refuse members that this version of the format does not have."""
        for name in self._unread:
            if not _ARRAY_NAME.fullmatch(name):
                raise ValueError(f"it has the unknown member {reprlib.repr(name)}")

    def check_all_read(self) -> None:
        """Refuse arrays that nothing has asked for."""
        if self._unread:
            raise ValueError(f"its member {min(self._unread)} is not used")

    def _info(self, name: str) -> zipfile.ZipInfo:
        if name not in self._infos:
            raise ValueError(f"it has no member {name}")
        info = self._infos[name]
        if info.compress_type != zipfile.ZIP_STORED or info.compress_size != info.file_size:
            raise ValueError(f"the member {name} must not be compressed")
        return info


_WHOLE = [Interval(Integral, 0, None, closed="left")]
_DESCRIPTION = {"array": _WHOLE, "dtype": [str], "shape": [list]}
_FORMAT = {
    "format": [StrOptions({limits.FORMAT_NAME})],
    "version": [Interval(Integral, 1, None, closed="left")],
}


def _check_version(document: Any, path: str | os.PathLike[str]) -> None:
    version = document.get("version") if isinstance(document, dict) else None
    if type(version) is int and version > limits.FORMAT_VERSION:
        raise ModelFileError(
            f"{os.fspath(path)}: it is written in version {version} of the format, and this "
            f"rnnselect reads up to version {limits.FORMAT_VERSION}; install a newer release."
        )
    checked_fields(document, _FORMAT, "format.json")
    if type(version) is not int:
        raise ValueError(f"the version {version!r} in format.json is not a whole number")


def _check_end(file: BinaryIO, size: int) -> None:
    """Check what bounds the work of `zipfile`, which reads and unfolds the whole directory."""
    if size > limits.MAX_FILE_BYTES:
        raise ValueError(f"it takes {size} bytes, more than {limits.MAX_FILE_BYTES}")
    file.seek(max(0, size - _END.size - _LOCATOR_BYTES))
    tail = file.read()
    end, before = tail[-_END.size :], tail[: -_END.size]
    if len(end) < _END.size or end[:4] != _END_MARK:
        raise ValueError("it is not a zip archive, or not a complete one")
    _, _, _, _, n_members, directory_bytes, directory_start, comment_bytes = _END.unpack(end)
    if before.startswith(_LOCATOR_MARK) or comment_bytes:
        raise ValueError("it is a zip archive with an extension or a comment")
    if n_members > limits.MAX_MEMBERS or directory_bytes > limits.MAX_DIRECTORY_BYTES:
        raise ValueError(
            f"it has {n_members} members in a directory of {directory_bytes} bytes, "
            f"more than {limits.MAX_MEMBERS} or {limits.MAX_DIRECTORY_BYTES}"
        )
    if directory_start + directory_bytes != size - _END.size:
        raise ValueError("the directory of the zip archive is not where it should be")
    file.seek(0)


def _shape(document: list[Any], where: str) -> tuple[int, ...]:
    sizes = tuple(document)
    if len(sizes) > limits.MAX_ARRAY_AXES or not all(
        type(size) is int and 0 <= size <= limits.MAX_FILE_BYTES for size in sizes
    ):
        raise ValueError(f"the shape {reprlib.repr(document)} of {where} is not possible")
    return sizes


def fill_array(array: np.ndarray[Any, Any], member: IO[bytes]) -> None:
    """Read the values of a C-ordered array, which must be all that is left of a member.

    Raises
    ------
    ValueError
        If there is less or more.
    zipfile.BadZipFile, zlib.error, EOFError
        If the member is damaged.
    """
    buffer = array.reshape(-1).view(np.uint8).data
    done = 0
    while done < len(buffer):
        n_bytes = member.readinto(buffer[done : done + _CHUNK_BYTES])  # type: ignore[attr-defined]
        if not n_bytes:
            raise ValueError("ends early")
        done += n_bytes
    if member.read(1):  # also compares the checksum, of an empty array, too
        raise ValueError("has data after its array")
