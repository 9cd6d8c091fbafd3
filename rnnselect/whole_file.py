"""Files that are there whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

__all__ = ["whole_file"]


@contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open a new file that takes the place of another when it is complete.

    Parameters
    ----------
    path : str or path-like
        The file; an existing one is replaced, and its permissions and a link to it are kept.
        Whoever reads it meanwhile, or after a kill or on a full disk, finds the old one. A
        terminal or a pipe is written as it is.

    Yields
    ------
    file : binary file
        Open for writing, under another name in the same folder; gone after an error.

    Raises
    ------
    OSError
        If it cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from rnnselect.whole_file import whole_file
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with whole_file(f"{folder}/new.txt") as file:
    ...         n_bytes = file.write(b"whole")
    ...     Path(folder, "new.txt").read_text()
    'whole'
    """
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(path))
    if target.exists() and not target.is_file():  # a terminal, a pipe, /dev/null
        with target.open("wb") as file:
            yield file
        return
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(8)}.tmp")
    try:
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, temporary)
        os.replace(temporary, target)
    finally:
        with suppress(OSError):  # it is not there, or its folder is not: nothing is left behind
            temporary.unlink()
