"""Which files are tables, and arrays out of those that are none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

__all__ = ["is_table", "read_arrays"]

TABLES = (".csv", ".tsv", ".parquet")
ARRAYS = (".npz", ".ts")


def is_table(path: Path) -> bool:
    """Whether a file is a table with named columns.

    Raises
    ------
    ValueError
        If it is neither that nor a file of arrays, or no ordinary file.
    """
    if path.exists() and not path.is_file():  # reading a pipe might never end
        raise ValueError(f"{path} is no ordinary file; give one.")
    suffix = _suffix(path)
    if suffix not in TABLES + ARRAYS:
        raise ValueError(
            f"{path} ends in {suffix or 'nothing'!r}, which says of no form that can be read; give "
            f"a file that ends in {', '.join(TABLES + ARRAYS)} (.csv.gz as well)."
        )
    return suffix in TABLES


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
    from rnnselect.cli.npz import read_npz  # takes scikit-learn, which a plan does without

    return read_npz(path, target)


def _suffix(path: Path) -> str:
    """Return what a name ends in, without a compression that is seen through."""
    name = path.with_suffix("") if path.suffix.lower() in (".gz", ".zst") else path
    return name.suffix.lower().replace(".pq", ".parquet")
