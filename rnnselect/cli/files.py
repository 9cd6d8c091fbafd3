"""Which files are tables, and arrays out of those that are not."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from rnnselect.cli.tables import TABLES, Table, as_table, read_table, suffix_of

__all__ = ["ARRAYS", "Arrays", "read_file"]

ARRAYS = (".npz", ".npy", ".ts")
# What sequences and targets are called in .npz files, by those who write them: this package,
# Keras, scikit-learn and NumPy (where nobody gives names).
NAMES = (
    ("X", "y"), ("X_train", "y_train"), ("data", "target"), ("data", "labels"), ("X", "labels"),
    ("arr_0", "arr_1"),
)  # fmt: skip
OLD_SHEETS = (".xls", ".ods", ".numbers")
MESSAGE_LETTERS = 300
LAST_LETTER = 0x10FFFF  # of Unicode
MAX_NAMES_SHOWN = 30


class Arrays(NamedTuple):
    """Sequences and targets of a file without named columns.

    Parameters
    ----------
    X : ndarray
        Sequences.
    y, groups : ndarray or None
        Targets, and which sequences belong together.
    said : tuple of str
        What is not common.
    """

    X: Any
    y: Any
    groups: Any = None
    said: tuple[str, ...] = ()


def read_file(path: Path, given: Any, groups: str | None = None) -> Table | Arrays:
    """Read a file of any form.

    Parameters
    ----------
    path : Path
        The file.
    given : Reading
        What is said of it.
    groups : str or None, default=None
        The column, or the array of a ``.npz`` file, that tells which sequences belong together.

    Returns
    -------
    Table or Arrays
        What is in the file.

    Raises
    ------
    ValueError
        If the file is damaged, of no form that can be read, or holds Python objects, which are
        never unpickled.
    """
    if path.exists() and not path.is_file():  # reading a pipe might never end
        raise ValueError(f"{path} is not an ordinary file; name another file.")
    suffix = suffix_of(path)
    if suffix in TABLES:
        return read_table(path, given, groups)
    if suffix in OLD_SHEETS:
        raise ValueError(f"{path}: save the sheet as .xlsx or .csv, and give that file.")
    if suffix not in ARRAYS:
        raise ValueError(
            f"{path} ends in {suffix or 'nothing'!r}, which is not a format that can be read; give "
            f"a file that ends in {', '.join(TABLES + ARRAYS)} (.csv.gz as well)."
        )
    if suffix == ".npy":
        return _npy(path, given.target)
    if suffix == ".npz":
        return _npz(path, given.target, groups)
    from rnnselect.datasets.ts_files import load_ts

    for option, value in (("--target", given.target), ("--groups", groups)):
        if value is not None:
            raise ValueError(f"{option}={value}: a .ts file names its target itself; leave it out.")
    problem = load_ts(path)
    return Arrays(problem.X, problem.y)


def _npy(path: Path, target: str | None) -> Table | Arrays:
    """Return an array with targets in another file, or with one row a series as a table."""
    X = _checked(path, path.name, lambda: np.load(path, allow_pickle=False))
    if target is not None and (path.parent / target).is_file():
        y = _checked(path.parent / target, target, lambda: np.load(path.parent / target))
        return _of_shape(path, Arrays(X, y))
    if X.ndim != 2:
        raise ValueError(
            f"{path} has sequences of shape {X.shape} and no targets; name the file that has them, "
            "--target y.npy, in the same folder."
        )
    import polars

    table = as_table(polars.DataFrame(X, schema=[f"c{k + 1}" for k in range(X.shape[1])]))
    table.has_header = False
    return table


def _npz(path: Path, target: str | None, groups: str | None) -> Arrays:
    with path.open("rb") as file:
        archive = _checked(path, path.name, lambda: np.load(file, allow_pickle=False))
        names = getattr(archive, "files", [])
        sequences, targets = _names_of(path, names, target)
        if groups is not None and groups not in names:
            raise ValueError(f"--groups={groups}: {path} has {_shown(names)}; name one of them.")
        X, y, grouping = (
            None if name is None else _checked(path, name, lambda name=name: archive[name])
            for name in (sequences, targets, groups)
        )
    said = []
    if sequences != "X":
        said.append(f"{sequences}" + (f" and {targets}" if targets else ""))
    others = [name for name in names if name.lower() in ("x_test", "x_val", "x_valid")]
    if others:
        said.append(f"{', '.join(others)} not used")
    return _of_shape(path, Arrays(X, y, grouping, tuple(said)))


def _of_shape(path: Path, arrays: Arrays) -> Arrays:
    """Refuse arrays that cannot be sequences and their targets."""
    shapes = [None if each is None else each.shape for each in arrays[:3]]
    if arrays.X.ndim not in (2, 3) or () in shapes:
        raise ValueError(
            f"{path} has sequences of shape {shapes[0]} and targets of shape {shapes[1]}; give "
            "sequences of shape (n, time steps) or (n, time steps, channels), and n targets."
        )
    return arrays


def _names_of(path: Path, names: list[str], target: str | None) -> tuple[str, str | None]:
    by_lower = {name.lower(): name for name in reversed(names)}
    if target is not None and target not in names:
        raise ValueError(f"--target={target}: {path} has {_shown(names)}; name one of them.")
    for sequences, targets in NAMES:
        if sequences.lower() in by_lower and (target or targets.lower() in by_lower):
            return by_lower[sequences.lower()], target or by_lower[targets.lower()]
    if "x" in by_lower:
        return by_lower["x"], None
    raise ValueError(
        f"{path} has {_shown(names)}, but no array X; write it by numpy.savez(path, X=X, y=y)."
    )


def _shown(names: list[str]) -> str:
    return ", ".join(map(repr, names[:MAX_NAMES_SHOWN])) or "nothing"


def _checked(path: Path, name: str, load: Any) -> Any:
    """Load by NumPy, and say of a damaged file what is wrong."""
    try:
        found = load()
        if isinstance(found, bytes):
            raise ValueError("it is not an array")
        if getattr(found, "dtype", np.dtype(int)).kind == "U":
            letters = np.ascontiguousarray(found).view(np.uint32)
            if (letters > LAST_LETTER).any():
                raise ValueError("its texts have invalid characters")
        return found
    except Exception as error:  # NumPy, zipfile and zlib raise most kinds on damaged files
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise
        if "pickle" in str(error).lower():
            raise ValueError(
                f"{path}: {name!r} has Python objects, which only pickle can read, and a pickle "
                "may "
                "run any program. Write texts by y.astype(str), and series of different lengths "
                "as one array, padded with NaN at their ends."
            ) from error
        what = (str(error) or type(error).__name__).partition("\n")[0][:MESSAGE_LETTERS]
        raise ValueError(
            f"{path}: {name!r} cannot be read ({what}); check that the file is complete."
        ) from error
