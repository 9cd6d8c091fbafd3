"""Tables out of files, each form by the library for it.

polars ends its process on some damaged Parquet files, so those are read by a child, which runs this
file as a script and hands back a plain table.
"""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["DELIMITED", "TABLES", "Table", "as_table", "read_table", "short", "suffix_of"]

DELIMITED = (".csv", ".tsv", ".txt", ".tab", ".dat", ".data")
PARQUET = (".parquet", ".pq")
SHEET = ".xlsx"
TABLES = (
    *DELIMITED,
    SHEET,
    ".json",
    ".jsonl",
    ".ndjson",
    ".arff",
    ".feather",
    ".arrow",
    *PARQUET,
)
COMPRESSED = (".gz", ".bz2", ".xz", ".zst", ".zip")
MESSAGE_LETTERS = 300
MAX_LETTERS = 60  # of a cell or a name, in a sentence
# The child's exit code where polars has said what is wrong, and what stands before that.
MALFORMED, SAID = 3, "\x1e"


@dataclass(slots=True, eq=False)
class Table:
    """A table, and how it was read.

    Parameters
    ----------
    columns : TypedColumns
        Its columns, and what could not be read in them.
    lines : ndarray of int or None, default=None
        The line of the file on which each row stands; None counts rows from 1.
    has_header : bool, default=True
        Whether the file names the columns.
    damaged : tuple of int, default=()
        Lines that are left out because they have too many cells.
    said : tuple of str, default=()
        What is not common.
    """

    columns: Any
    lines: np.ndarray | None = None
    has_header: bool = True
    damaged: tuple[int, ...] = ()
    said: tuple[str, ...] = ()

    @property
    def frame(self) -> Any:
        """The table as polars has it."""
        return self.columns.frame

    def text(self, name: str) -> Any:
        """Return a column as it stands in the file, for ids and labels."""
        return self.columns.texts.get(name, self.frame[name])

    def lines_of(self, rows: Any) -> list[int]:
        """Return where rows stand in the file."""
        rows = np.asarray(rows, dtype=np.int64)
        return (rows + 1 if self.lines is None else self.lines[rows]).tolist()


def short(text: Any) -> str:
    """Return what a file holds for a sentence: whole, if it is not too long to be read."""
    text = str(text)
    return text if len(text) <= MAX_LETTERS else f"{text[:MAX_LETTERS]}..."


def as_table(frame: Any, **said: Any) -> Table:
    """Return a frame of polars as a table whose texts are read as what they hold."""
    from rnnselect.cli.typed_columns import typed_columns

    return Table(typed_columns(frame, **said))


def suffix_of(path: Path) -> str:
    """Return what a name ends in, without a compression that is seen through."""
    name = path.with_suffix("") if path.suffix.lower() in COMPRESSED else path
    return name.suffix.lower()


def read_table(path: Path, given: Any, groups: str | None = None) -> Table:
    """Read a table.

    Parameters
    ----------
    path : Path
        One of the forms `TABLES`.
    given : Reading
        Of which header, decimal mark and times are used.
    groups : str or None, default=None
        A column that tells which sequences belong together; it is left as it is.

    Returns
    -------
    Table
        With numbers and times where the columns hold them.

    Raises
    ------
    ImportError
        If what reads the form is not installed.
    ValueError
        If the file is damaged, or a column can be read in two ways.
    OSError
        If the file cannot be opened.
    """
    from rnnselect.cli.parts_of_times import join_times
    from rnnselect.cli.typed_columns import typed_columns

    suffix = suffix_of(path)
    how = {"decimal": given.decimal, "time": given.time, "time_format": given.time_format}
    if suffix in (*DELIMITED, SHEET):
        from rnnselect.cli.delimited import read_delimited

        content = _read_by(_sheet_as_text, path) if suffix == SHEET else None
        found = read_delimited(path, given.header, content)
        columns = typed_columns(found.frame, separator=found.separator, **how)
        said = (*found.said, *columns.said)
        table = Table(columns, found.lines, found.has_header, found.damaged, said)
    else:
        frame = _read_by(_READERS[suffix], path)
        if 0 in frame.shape:
            raise ValueError(f"{path} has {frame.height} rows of {frame.width} columns; give more.")
        columns = typed_columns(frame, **how)
        table = Table(columns, np.arange(1, 1 + len(frame)), said=columns.said)
    _join_ids(columns, given.id)
    join_times(columns, given, groups)
    return table


def _read_by(reader: Callable[[Path], Any], path: Path) -> Any:
    """Call a reader, whose library has errors of its own for damaged files."""
    import polars

    try:
        return reader(path)
    except ImportError:
        raise
    except (Exception, polars.exceptions.PanicException) as error:
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise
        what = (str(error) or type(error).__name__).strip().partition("\n")[0].rstrip(".")
        raise ValueError(
            f"{path} cannot be read ({what[:MESSAGE_LETTERS]}); check that it is complete."
        ) from error


def _join_ids(columns: Any, names: str | None) -> None:
    """Make one column of several that tell the sequences apart together, such as ``site,run``."""
    import polars as pl

    frame, parts = columns.frame, (names or "").split(",")
    if names in frame.columns or len(parts) < 2 or not set(parts) <= set(frame.columns):
        return
    texts = [columns.texts.get(name, frame[name]).cast(pl.String) for name in parts]
    joined = pl.select(pl.concat_str(texts, separator=", ")).to_series().rename(names)
    columns.frame = frame.drop(parts).insert_column(0, joined)
    columns.texts[names] = joined


class _ReadError(Exception):
    """A file cannot be read; the message says why."""


def _json(path: Path) -> Any:
    import polars

    content = path.read_bytes()
    if content.lstrip()[:1] == b"[":
        return polars.read_json(io.BytesIO(content), infer_schema_length=None)
    try:
        whole = json.loads(content)
    except ValueError:  # one object a line
        return polars.read_ndjson(io.BytesIO(content), infer_schema_length=None)
    if not isinstance(whole, dict):
        raise _ReadError("it has neither a list of rows nor an object with columns")
    return _frame_of_object(whole)


def _frame_of_object(whole: dict[str, Any]) -> Any:
    """Return the table in a JSON object, in the forms that pandas writes."""
    import polars

    rows, values = whole.get("data"), list(whole.values())
    if isinstance(rows, list) and "columns" in whole:
        return polars.DataFrame(
            rows, schema=whole["columns"], orient="row", infer_schema_length=None
        )
    if isinstance(rows, list) and "schema" in whole:
        return polars.DataFrame(rows, infer_schema_length=None)
    if all(isinstance(each, dict) and each.keys() == values[0].keys() for each in values):
        whole = {name: list(cells.values()) for name, cells in whole.items()}
    elif not all(isinstance(each, list) and len(each) == len(values[0]) for each in values):
        whole = {name: [cell] for name, cell in whole.items()}  # a single row
    return polars.DataFrame(whole, strict=False, infer_schema_length=None)


def _sheet_as_text(path: Path) -> bytes:
    """Return the first sheet as a text file of the same lines, which is read as any other."""
    try:
        import openpyxl
    except ImportError as error:
        raise ImportError(
            "Reading .xlsx needs openpyxl: pip install 'rnnselect[excel]'; or save the sheet as "
            "CSV."
        ) from error
    with path.open("rb") as file:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        rows = list(book.worksheets[0].iter_rows(values_only=True))
    text = io.StringIO("sep=,\n")
    text.seek(0, io.SEEK_END)
    writer = csv.writer(text)
    for row in rows:
        cells = ["" if cell is None else " ".join(str(cell).split("\n")) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        writer.writerow(cells)
    return text.getvalue().encode()


def _arff(path: Path) -> Any:
    import polars
    from scipy.io import arff

    with path.open(encoding="utf-8", errors="replace") as file:
        records, attributes = arff.loadarff(file)
    columns = {name: records[name] for name in attributes.names()}
    return polars.DataFrame(
        {
            name: [value.decode() for value in values] if values.dtype.kind == "S" else values
            for name, values in columns.items()
        }
    )


def _feather(path: Path) -> Any:
    import polars

    return polars.read_ipc(path.read_bytes())


def _parquet(path: Path) -> Any:
    import polars

    child = subprocess.run(
        # -P: nothing is imported from the folder that this file is in, or the user's.
        [sys.executable, "-P", __file__, os.fspath(path.absolute())],
        env={**os.environ, "RUST_BACKTRACE": "0"},
        capture_output=True,
    )
    if child.returncode == MALFORMED:
        raise _ReadError(child.stderr.decode(errors="replace").rpartition(SAID)[2])
    if child.returncode:
        raise _ReadError(f"it is damaged: polars ended with code {child.returncode}")
    return polars.read_ipc(io.BytesIO(child.stdout))


_READERS = {
    ".json": _json,
    ".jsonl": _json,
    ".ndjson": _json,
    ".arff": _arff,
    ".feather": _feather,
    ".arrow": _feather,
    **dict.fromkeys(PARQUET, _parquet),
}


def _in_child(path: str) -> int:
    """Read a file, and write the table or what is wrong."""
    import resource

    import polars

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        table = polars.read_parquet(path, glob=False)
        table.write_ipc(sys.stdout.buffer)
    except (polars.exceptions.PolarsError, MemoryError, OSError) as error:
        said = str(error)
    except polars.exceptions.PanicException as error:
        said = f"it is damaged: {error}"
    else:
        return 0
    sys.stderr.write(SAID + said)
    return MALFORMED


if __name__ == "__main__":
    sys.exit(_in_child(sys.argv[1]))
