"""Writes a model file: the same bytes for the same model, and all of them or no file."""

from __future__ import annotations

import errno
import json
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from rnnselect.archive.documents import document_bytes
from rnnselect.archive.limits import FORMAT_NAME, FORMAT_VERSION, MAX_FILE_BYTES, MAX_MEMBERS
from rnnselect.archive.npy import npy_header
from rnnselect.archive.reading import Archive, open_archive, refusing
from rnnselect.whole_file import whole_file

__all__ = ["ArrayStore", "write_archive"]

# Nothing in a file says when or where it was written; this is the first date that zip knows.
NO_DATE = (1980, 1, 1, 0, 0, 0)
UNIX, READABLE_BY_ALL = 3, 0o644 << 16
UNREADABLE = "nothing was saved, because load would refuse the file: correct this, or fit again"


class ArrayStore:
    """The arrays of a model that is to be written."""

    def __init__(self) -> None:
        self.arrays: list[np.ndarray[Any, Any]] = []

    def add(self, array: Any) -> dict[str, Any]:
        """Take an array of numbers, and return what JSON says of it.

        Parameters
        ----------
        array : array-like
            Numbers.

        Returns
        -------
        dict
            For `reading.Archive.array`.
        """
        array = np.asarray(array)
        self.arrays.append(array)
        number = len(self.arrays) - 1
        return {"array": number, "dtype": array.dtype.name, "shape": list(array.shape)}


def write_archive(
    path: str | os.PathLike[str],
    estimator: dict[str, Any],
    arrays: ArrayStore,
    metadata: dict[str, Any] | None,
    restore: Callable[[Any, Archive], object],
) -> None:
    """Write a model file, or leave everything as it was.

    Parameters
    ----------
    path : path-like
        The file; an existing one is replaced.
    estimator : dict
        What ``estimator.json`` is to hold.
    arrays : ArrayStore
        The arrays that it refers to.
    metadata : dict or None
        What ``metadata.json`` is to hold; plain JSON.
    restore : callable
        Takes what ``estimator.json`` holds and the opened file, and makes the estimator of it:
        the new file is read before it takes its place.

    Raises
    ------
    ModelFileError
        If what was written could not be loaded.
    ValueError
        If `metadata` is not JSON object, or the model is too large.
    OSError
        If the file cannot be written.
    """
    header = {"format": FORMAT_NAME, "version": FORMAT_VERSION}
    documents = {"format": header, "estimator": estimator, "metadata": checked_metadata(metadata)}
    texts = {f"{name}.json": document_bytes(document) for name, document in documents.items()}
    n_bytes = sum(map(len, texts.values())) + sum(array.nbytes for array in arrays.arrays)
    if n_bytes > MAX_FILE_BYTES or len(arrays.arrays) > MAX_MEMBERS - len(texts):
        raise ValueError(
            f"the model has {len(arrays.arrays)} arrays and takes {n_bytes} bytes; a model file "
            f"holds at most {MAX_MEMBERS - len(texts)} and {MAX_FILE_BYTES}: make the network or "
            "its vocabulary smaller, or save model_ with Keras."
        )
    with _new_file(path) as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for name, text in texts.items():
                archive.writestr(_member(name), text)
            for number, array in enumerate(arrays.arrays):
                stored = np.asarray(array, array.dtype.newbyteorder("<"), order="C")
                with archive.open(_member(f"arrays/{number}.npy"), "w") as member:
                    member.write(npy_header(stored.dtype, stored.shape))
                    member.write(stored.reshape(-1).view(np.uint8).data)
        file.flush()
        with refusing(path, UNREADABLE), open_archive(Path(file.name)) as written:
            restore(written.document("estimator.json"), written)


def checked_metadata(metadata: Any) -> dict[str, Any]:
    """Return what the user says of a model, if JSON gives it back as it is.

    Raises
    ------
    ValueError
        If it is not a dict, or JSON would change it.
    """
    if metadata is None:
        return {}
    try:
        same = isinstance(metadata, dict) and json.loads(document_bytes(metadata)) == metadata
    except (TypeError, ValueError, RecursionError):
        same = False
    if not same:
        raise ValueError(
            f"metadata={metadata!r} does not come back from JSON as it is; give a dict with keys "
            "of type str, and texts, finite numbers, bools, None, lists and such dicts as values."
        )
    return metadata  # type: ignore[no-any-return]


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, NO_DATE)
    info.create_system, info.external_attr = UNIX, READABLE_BY_ALL
    return info


@contextmanager
def _new_file(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    try:
        with whole_file(path) as file:
            if not file.seekable():  # a pipe: what was written cannot be read again
                raise OSError(errno.ESPIPE, os.strerror(errno.ESPIPE))
            yield file
    except OSError as error:
        raise OSError(
            error.errno,
            f"the model cannot be written ({error.strerror}); give a file in a folder that exists, "
            "has room and may be written to",
            os.fspath(path),
        ) from error
