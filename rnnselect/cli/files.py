"""From a file to a table, or to arrays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["is_table", "read_arrays", "read_table"]

TABLES = (".csv", ".tsv", ".parquet")
ARRAYS = (".npz", ".ts")
# What may stand between the columns; the commonest of them in the first line does.
SEPARATORS = ",;\t|"
# Besides an empty field; R writes it.
MISSING = ["NA"]
INSTALL_POLARS = "Reading tables needs polars: pip install 'rnnselect[tables]'."


def is_table(path: Path) -> bool:
    """Whether a file is a table with named columns.

    Raises
    ------
    ValueError
        If it is neither that nor a file of arrays.
    """
    suffix = _suffix(path)
    if suffix not in TABLES + ARRAYS:
        raise ValueError(
            f"{path} ends in {suffix or 'nothing'!r}, which says of no form that can be read; give "
            f"a file that ends in {', '.join(TABLES + ARRAYS)} (.csv.gz as well)."
        )
    return suffix in TABLES


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
        If the file is malformed.
    """
    try:
        import polars
    except ImportError as error:
        raise ImportError(INSTALL_POLARS) from error
    try:
        if _suffix(path) == ".parquet":
            return polars.read_parquet(path)
        separator = _separator(path)
        return polars.read_csv(
            path, separator=separator, infer_schema_length=None, null_values=MISSING
        )
    except polars.exceptions.PolarsError as error:
        what = str(error).strip().partition("\n")[0].rstrip(".")
        raise ValueError(
            f"{path} cannot be read ({what}); check that it is complete, that its first line names "
            "the columns, and that all lines have as many fields."
        ) from error


def read_arrays(path: Path, target: str | None = None) -> tuple[Any, Any]:
    """Read sequences and targets from a `.npz` or `.ts` file.

    Parameters
    ----------
    path : Path
        The file.
    target : str or None, default=None
        Name of the targets in a `.npz` file; None is ``"y"``.

    Returns
    -------
    X : ndarray
        As `load_ts` returns them, or the array ``X`` of a `.npz` file.
    y : ndarray or None
        The targets; None where the file has none.

    Raises
    ------
    ValueError
        If the file is malformed, or holds Python objects, which are never unpickled.
    """
    if _suffix(path) == ".ts":
        from rnnselect.datasets.ts_files import load_ts

        if target is not None:
            raise ValueError(f"--target={target}: a .ts file says itself which is its target.")
        problem = load_ts(path)
        return problem.X, problem.y
    return _read_npz(path, target)


def _read_npz(path: Path, target: str | None) -> tuple[Any, Any]:
    from zipfile import BadZipFile

    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except (BadZipFile, EOFError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{path} is no .npz file; write one by numpy.savez(path, X=X, y=y)."
        ) from error
    except ValueError as error:  # NumPy will not unpickle objects
        raise ValueError(
            f"{path} cannot be read ({error}); series of different lengths go into one array, "
            "padded with NaN at their ends."
        ) from error
    names = ", ".join(arrays) or "nothing"
    if "X" not in arrays:
        raise ValueError(
            f"{path} holds {names}, but no array X; write it by numpy.savez(path, X=X, y=y)."
        )
    if target is not None and target not in arrays:
        raise ValueError(f"--target={target}: {path} holds {names}; name one of them.")
    return arrays["X"], arrays.get(target or "y")


def _suffix(path: Path) -> str:
    """Return what a name ends in, without a compression that is seen through."""
    name = path.with_suffix("") if path.suffix.lower() in (".gz", ".zst") else path
    return name.suffix.lower().replace(".pq", ".parquet")


def _separator(path: Path) -> str:
    """Return the commonest separator of the first line of a text, decompressed if need be."""
    import polars

    head = polars.read_csv(
        path, has_header=False, n_rows=1, separator="\x1f", quote_char=None, infer_schema=False
    )
    first_line = head.item() or ""
    return max(SEPARATORS, key=first_line.count)
