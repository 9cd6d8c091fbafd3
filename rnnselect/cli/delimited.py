"""Tables in text files: encoding, separator, header and odd lines are found, and said."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import lzma
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import dropwhile, islice
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["COMPRESSED", "Delimited", "read_delimited"]

COMPRESSED = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open, ".zst": None, ".zip": None}
# In this order, because a decimal comma stands in files with semicolons and tabs.
SEPARATORS = "\t;|,"
ONE_COLUMN = "\x1f"  # what no line holds
# Lines by which the separator and the header are judged, and their share that must agree.
N_JUDGED = 200
MIN_SHARE = 0.9
CELLS_AT_ONCE = 1_000_000  # Python's strings take much memory, so a table is built from parts
MAX_TITLE_CELLS = 3  # fewer stand in a title, such as "Station;North"
MAX_FIELD_LETTERS = 2**27
_NUMBER = re.compile(
    r"[^\w\s]?\s?[+−-]?(\d[\d.,'\s]*|[.,]\d+)([eE][+-]?\d+)?\s?[^\w\s]?|nan|NaN|NA"
)


@dataclass(frozen=True, slots=True, eq=False)
class Delimited:
    """A table of texts.

    Parameters
    ----------
    frame : polars.DataFrame
        Every cell as text; None where it is empty.
    lines : ndarray of int
        The line of the file on which each row begins, from 1.
    has_header : bool
        Whether the file names the columns; they are ``c1``, ``c2``, ... otherwise.
    separator : str
        What stands between cells.
    damaged : tuple of int
        Lines with more cells than there are columns, which are left out.
    said : tuple of str
        What was found that is not common.
    """

    frame: Any
    lines: np.ndarray
    has_header: bool
    separator: str
    damaged: tuple[int, ...] = ()
    said: tuple[str, ...] = ()


def read_delimited(
    path: Path, has_header: bool | None = None, content: bytes | None = None
) -> Delimited:
    """Read a table from a text file.

    Parameters
    ----------
    path : Path
        Text, possibly compressed.
    has_header : bool or None, default=None
        Whether the first line names the columns; None tells it from the cells.
    content : bytes or None, default=None
        The text; None reads the file.

    Returns
    -------
    Delimited
        The table, with one row for each line that is neither empty nor a comment.

    Raises
    ------
    ValueError
        If the file is not text, or has no row.
    """
    text, said = _decoded(_unpacked(path) if content is None else content, path)
    separator, text = _separator(text)
    quoting = csv.QUOTE_MINIMAL if text.count('"') % 2 == 0 else csv.QUOTE_NONE
    if quoting == csv.QUOTE_NONE:
        said.append("quotes taken as letters, because one of them is not closed")
    judged = [row for _, row in islice(_rows(text, separator, quoting), N_JUDGED)]
    if not judged:
        raise ValueError(f"{path} has no row; give a file with data.")
    width = Counter(map(len, judged)).most_common(1)[0][0]
    n_before = next((n for n, row in enumerate(judged) if not _stands_before(row, width)), 0)
    if n_titles := sum(not row[0].startswith("#") for row in judged[:n_before]):
        said.append(f"{n_titles} line{'s' * (n_titles > 1)} before the table left out")
    judged, comment = _names_in_comment(judged, n_before)
    n_before -= comment is not None
    named = comment is not None or (_has_header(judged) if has_header is None else has_header)
    if has_header is None and not named:
        said.append("no line with names of columns")
    rows = _rows(text, separator, quoting)
    for _ in range(n_before):
        next(rows)
    names = _names(next(rows)[1], comment is not None) if named else None
    widths = {len(row) for row in judged[1:]} if named and names else ()
    if widths == {len(names or ()) + 1} and any(row[-1] for row in judged[1:]):
        names = _names(["", *names], comment=False)  # R leaves out what stands above names of rows
    table = _Columns(names)
    for line, row in rows:
        table.add(line, row)
    frame, lines = table.finished()
    if not len(lines):
        raise ValueError(f"{path} has names of columns, but no row; give a file with data.")
    return Delimited(frame, lines, named, separator, tuple(table.damaged), tuple(said))


def _unpacked(path: Path) -> bytes:
    suffix = path.suffix.lower()
    if suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if not name.startswith("__MACOSX/")]
            if len(names) != 1:
                raise ValueError(f"{path} has {len(names)} files in it; unpack it and name one.")
            return archive.read(names[0])
    if suffix == ".zst":
        return _without_zstandard(path)
    unpack = COMPRESSED.get(suffix)
    if unpack is None:
        return path.read_bytes()
    with unpack(path) as file:
        return bytes(file.read())


def _without_zstandard(path: Path) -> bytes:
    import polars

    lines = polars.read_csv(
        path, has_header=False, separator="\x1f", quote_char=None, infer_schema=False, glob=False
    )
    return "\n".join(line or "" for line in lines.to_series()).encode()


def _decoded(content: bytes, path: Path) -> tuple[str, list[str]]:
    """Return a text and what is to be said of its encoding."""
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return content.decode(encoding, errors="replace"), ["UTF-16"]
    head = content[:1000]
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):  # ASCII without a mark
        if head[first::2] and not any(head[first::2]) and all(head[1 - first :: 2]):
            return content.decode(encoding, errors="replace"), ["UTF-16"]
    if b"\0" in head:
        raise ValueError(f"{path} is not text; check that the ending of its name fits its format.")
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace"), ["Windows-1252"]


def _separator(text: str) -> tuple[str, str]:
    """Return what stands between cells, and the text with single spaces where it is spaces."""
    first, _, rest = text.partition("\n")
    if told := re.fullmatch(r"sep=(.)\s*", first):  # a hint that Excel writes and reads
        return told[1], rest
    for separator in SEPARATORS:
        rows = [row for _, row in islice(_rows(text, separator), N_JUDGED)]
        rows = [row for row in rows if not row[0].startswith("#")] or rows
        width = Counter(map(len, rows)).most_common(1)[0][0] if rows else 0
        rows = list(dropwhile(partial(_stands_before, width=width), rows))
        whole = width > 1 and (len(rows[0]) == width or len(rows[0]) == width - 1 > 1)  # as in R
        if whole and sum(len(row) == width for row in rows) >= MIN_SHARE * (len(rows) - 1):
            return separator, text
        if width > 2 and all(map(_NUMBER.fullmatch, (cell for row in rows for cell in row[1:-1]))):
            return separator, text  # series of different lengths
    lines = text.splitlines()
    judged = [line.split() for line in lines[:N_JUDGED] if line.strip() and line[0] != "#"]
    numbers = all(_NUMBER.fullmatch(cell) for row in judged[1:] for cell in row[1:-1])
    if '"' not in text and numbers and len(judged) > 1 and min(map(len, judged)) > 2:
        return " ", "\n".join(" ".join(line.split()) for line in lines)
    counted = {separator: first.count(separator) for separator in SEPARATORS}
    commonest = max(counted, key=counted.__getitem__)
    return (commonest if counted[commonest] else ONE_COLUMN), text


def _rows(
    text: str, separator: str, quoting: int = csv.QUOTE_MINIMAL
) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that hold anything, each with the line on which it begins."""
    old = csv.field_size_limit(MAX_FIELD_LETTERS)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, quoting=quoting)
        end = 0
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                yield end + 1, cells
            end = reader.line_num
    except csv.Error as error:
        raise ValueError(f"line {end + 1} of the file cannot be read: {error}.") from error
    finally:
        csv.field_size_limit(old)


def _stands_before(row: list[str], width: int) -> bool:
    """Whether a row above a table is a comment or a title."""
    n_cells = sum(map(bool, row))
    title = n_cells < width - 1 and n_cells < MAX_TITLE_CELLS and len(row) < width
    return row[0].startswith("#") or (title and not all(map(_NUMBER.fullmatch, filter(None, row))))


def _names_in_comment(
    judged: list[list[str]], n_before: int
) -> tuple[list[list[str]], list[str] | None]:
    """Return the rows of the table, and the comment above if it names the columns."""
    rows = judged[n_before:]
    above = judged[n_before - 1] if n_before else []
    names = [above[0].lstrip("# "), *above[1:]] if above else []
    if above and above[0].startswith("#") and len(names) == len(rows[0]) and not _has_header(rows):
        return rows, names
    # A column that is called # is not a comment.
    return rows, None


def _has_header(rows: list[list[str]]) -> bool:
    """Whether the first row names the columns, as the rows below show."""
    first, others = rows[0], rows[1:]
    if not others:
        return not all(map(_NUMBER.fullmatch, filter(None, first)))
    numbers = []
    for number, name in enumerate(first):
        below = [row[number] for row in others if len(row) > number and row[number]]
        if name and name in below and not _NUMBER.fullmatch(name):
            return False
        n_numbers = sum(map(bool, map(_NUMBER.fullmatch, below)))
        if below and n_numbers >= MIN_SHARE * len(below):
            numbers.append(name)
    if not numbers or not all(_NUMBER.fullmatch(name) for name in numbers if name):
        return True
    return _counts_on(list(filter(None, numbers))) and not _counts_on(list(filter(None, others[0])))


def _counts_on(cells: list[str]) -> bool:
    """Whether cells are whole numbers, each one more than the cell before."""
    whole = [int(cell) for cell in cells if re.fullmatch(r"\d{1,9}", cell)]
    return len(whole) > 1 and len(whole) >= len(cells) - 1 and set(np.diff(whole)) == {1}


def _names(row: list[str], comment: bool) -> list[str]:
    """Return names that are all different."""
    cells = [row[0].lstrip("# "), *row[1:]] if comment else row
    names: list[str] = []
    for number, cell in enumerate(cells):
        name, again = cell or f"Unnamed: {number}", 2
        while name in names:
            name, again = f"{cell}_{again}", again + 1
        names.append(name)
    return names


class _Columns:
    """Gathers rows into columns, and notes those that are too long."""

    def __init__(self, names: list[str] | None) -> None:
        self._named, self._names = names is not None, list(names or ())
        self._rows: list[list[str]] = []
        self._parts: list[Any] = []
        self._lines: list[int] = []
        self.damaged: list[int] = []

    def add(self, line: int, row: list[str]) -> None:
        """Take a row."""
        width = len(self._names)
        if len(row) != width and row[0].startswith("#"):
            return
        if len(row) > width:
            if not self._named:
                self._names += [f"c{number + 1}" for number in range(width, len(row))]
            elif not any(row[width:]):
                row = row[:width]
            else:
                self.damaged.append(line)
                return
        self._lines.append(line)
        self._rows.append(row)
        if len(self._rows) * len(self._names) > CELLS_AT_ONCE:
            self._pack()

    def finished(self) -> tuple[Any, np.ndarray]:
        """Return the table and the lines of its rows."""
        import polars as pl

        self._pack()
        frame = pl.concat(self._parts, how="diagonal") if self._parts else pl.DataFrame()
        return frame, np.array(self._lines, dtype=np.int64)

    def _pack(self) -> None:
        import polars as pl

        if not self._rows:
            return
        width = len(self._names)
        full = [row if len(row) == width else row + [""] * (width - len(row)) for row in self._rows]
        columns = dict(zip(self._names, zip(*full, strict=True), strict=True))
        part = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
        self._parts.append(part.with_columns(pl.when(pl.all() != "").then(pl.all())))
        self._rows = []
