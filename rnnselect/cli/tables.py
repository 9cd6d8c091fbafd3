"""Reading a table by polars: here, or in a process of its own where the file could be a trap.

A compressed or Parquet file of a few bytes may unfold to all memory there is, and polars ends its
process on some damaged ones. So these are read by a child, which runs this file as a script, with
limits to its memory and its time, and hands back a plain table.
"""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

__all__ = ["read_table"]

# What may stand between the columns; the commonest of them in the first line does.
SEPARATORS = ",;\t|"
# Besides an empty field; R writes it.
MISSING = ["NA"]
INSTALL_POLARS = "Reading tables needs polars: pip install 'rnnselect[tables]'."
# How gzip, zlib and zstandard begin; polars looks for these, whatever a file is called.
COMPRESSED = (b"\x1f\x8b", b"\x78\x01", b"\x78\x9c", b"\x78\xda", b"\x28\xb5\x2f\xfd")
# What reading a file that unfolds may take: this much address space, of which Python, polars and
# its threads take about 1 GB, and for each byte of the file as much as tables are compressed by at
# most (constant columns aside); and these seconds, ten times what a slow machine takes.
CHILD_BYTES = 4 * 2**30
CHILD_BYTES_PER_BYTE = 100
CHILD_SECONDS = 60
CHILD_BYTES_PER_SECOND = 2**20
CHILD_THREADS = "4"  # each reserves address space of its own
MESSAGE_LETTERS = 300
# The child's exit code where polars has said what is wrong, and what stands before that.
MALFORMED, SAID = 3, "\x1e"


def read_table(path: Path) -> Any:
    """Read a table.

    Parameters
    ----------
    path : Path
        Text with a line of headings, or Parquet. Types are inferred from all rows.

    Returns
    -------
    polars.DataFrame
        The table.

    Raises
    ------
    ImportError
        If polars is missing.
    ValueError
        If the file is malformed, or unfolds to more than the limits above.
    OSError
        If it cannot be read.
    """
    try:
        import polars
    except ImportError as error:
        raise ImportError(INSTALL_POLARS) from error
    try:
        if not _unfolds(path):
            return _parsed(path)
        return polars.read_ipc(io.BytesIO(_from_child(path)))
    except (polars.exceptions.PolarsError, polars.exceptions.PanicException, _ChildError) as error:
        what = str(error).strip().partition("\n")[0].rstrip(".")[:MESSAGE_LETTERS]
        raise ValueError(
            f"{path} cannot be read ({what}); check that it is complete, that its first line "
            "names the columns, and that all lines have as many fields."
        ) from error


class _ChildError(Exception):
    """The child could not read a file; the message says why."""


def _unfolds(path: Path) -> bool:
    """Whether a file may hold much more than its size says."""
    with path.open("rb") as file:
        compressed = file.read(4).startswith(COMPRESSED)
    return compressed or _is_parquet(path) or path.suffix.lower() in (".gz", ".zst")


def _is_parquet(path: Path) -> bool:
    return path.suffix.lower() in (".parquet", ".pq")


def _parsed(path: Path) -> Any:
    import polars

    if _is_parquet(path):
        return polars.read_parquet(path, glob=False)
    return polars.read_csv(
        path, separator=_separator(path), infer_schema_length=None, null_values=MISSING, glob=False
    )


def _separator(path: Path) -> str:
    """Return the commonest separator of the first line of a text, decompressed if need be."""
    import polars

    head = polars.read_csv(
        path,
        has_header=False,
        n_rows=1,
        separator="\x1f",
        quote_char=None,
        infer_schema=False,
        glob=False,
    )
    first_line = "".join(text or "" for text in head.row(0))
    return max(SEPARATORS, key=first_line.count)


def _from_child(path: Path) -> bytes:
    """Return a table that a child process has read, in Arrow's format."""
    size = path.stat().st_size
    seconds = CHILD_SECONDS + size // CHILD_BYTES_PER_SECOND
    limit = CHILD_BYTES + CHILD_BYTES_PER_BYTE * size
    try:
        child = subprocess.run(
            # -P: nothing is imported from the folder that this file is in, or the user's.
            [sys.executable, "-P", __file__, os.fspath(path.absolute()), str(limit)],
            env={**os.environ, "RUST_BACKTRACE": "0", "POLARS_MAX_THREADS": CHILD_THREADS},
            capture_output=True,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired as error:
        raise _ChildError(f"that takes more than {seconds} s") from error
    if child.returncode == MALFORMED:
        raise _ChildError(child.stderr.decode(errors="replace").rpartition(SAID)[2])
    if child.returncode == -signal.SIGABRT:
        raise _ChildError(f"it is damaged, or takes more than {limit / 2**30:.0f} GiB of memory")
    if child.returncode:
        raise _ChildError(f"reading it ended with code {child.returncode}")
    return child.stdout


def _in_child(path: Path, limit: int) -> int:
    """Read a file, and write the table or what is wrong."""
    import resource

    import polars

    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        table = _parsed(path)
        # The older layout has every text at its full length, so that the limits hold for it.
        table.write_ipc(sys.stdout.buffer, compat_level=polars.CompatLevel.oldest())
    except (polars.exceptions.PolarsError, MemoryError, OSError) as error:
        said = str(error)
    except polars.exceptions.PanicException as error:
        said = f"it is damaged: {error}"
    else:
        return 0
    sys.stderr.write(SAID + said)
    return MALFORMED


if __name__ == "__main__":
    sys.exit(_in_child(Path(sys.argv[1]), int(sys.argv[2])))
