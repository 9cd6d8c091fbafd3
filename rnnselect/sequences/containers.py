"""The door for every container: out come numbers, NaN where one is missing, and column names.

Frames, Series, Arrow, masked arrays, ragged tensors and lists of any of them are opened here and
nowhere else, so that what stands beside the numbers is either kept or refused.
"""

from __future__ import annotations

import math
import reprlib
import sys
from collections.abc import Iterator, Sequence, ValuesView
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from rnnselect.sequences.carried import SequenceArray
from rnnselect.sequences.lazy import within_reach
from rnnselect.sequences.masks import TIME_REMEDY, unmasked
from rnnselect.sequences.ragged import ragged

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw

__all__ = [
    "Contents",
    "align_columns",
    "open_array",
    "open_container",
    "refuse_iterators",
    "row_access",
]

Array = np.ndarray[Any, Any]

_ENCODE = (
    "Encode text and categories as integer token ids (SequenceTokenizer does so, before a network "
    "in a pipeline) and set embedding_dim."
)
# What pandas and others put where an object is missing; both are known by name without an import.
_MISSING = ("NoneType", "NAType")
MAX_NAMES_SHOWN = 10
_short = reprlib.Repr()


class Contents(NamedTuple):
    """What a container holds.

    Parameters
    ----------
    values : ndarray or list of ndarray
        Real numbers, NaN where one is missing; a list where the container is a collection of
        sequences, which may differ in length.
    columns : tuple of str or None
        Names of the last axis (channels of a collection, time steps of a table), if it has any.
    """

    values: Any
    columns: tuple[str, ...] | None


def open_container(X: Any, *, tokens: bool = False, columns: Sequence[str] | None = None) -> Any:
    """Return what a container of sequences holds.

    Parameters
    ----------
    X : array-like
        Sequences in any accepted form.
    tokens : bool, default=False
        Whether lists of lists are sequences of token ids, which may differ in length.
    columns : sequence of str or None, default=None
        Names, in the order in which the columns of a collection of frames are wanted. None: the
        order of the first frame.

    Returns
    -------
    Contents
        Values and names of columns.

    Raises
    ------
    ValueError
        If there is anything but real numbers, or columns do not match by name.
    TypeError
        If an array of objects holds something that is neither a number nor text.
    """
    X = within_reach(X)
    elements, names = _elements(X, tokens)
    carried = X.columns if isinstance(X, SequenceArray) else None
    if elements is None:
        values, names = open_array(X, "X")
        if carried and columns is not None and {*carried} == {*columns}:
            values = values[..., [carried.index(name) for name in columns]]
            carried = tuple(columns)
        names = carried if names is None else names
        return Contents(values, None if names == _without_names(len(names or ())) else names)
    names = carried if names is None else names
    if names is None and all(map(_is_plain, elements)):  # of which there may be very many
        return Contents(list(elements), None)
    rows = [open_array(x, f"X[{i}]") for i, x in enumerate(elements)]
    if names is not None:
        rows = [Contents(row.values, names) for row in rows]
    return align_columns(rows, None if columns is None else tuple(columns))


def open_array(x: Any, name: str) -> Contents:
    """Return what one array, frame, Series or nested list holds.

    Parameters
    ----------
    x : array-like
        Of any container.
    name : str
        Of `x`, for the errors.

    Returns
    -------
    Contents
        An ndarray of real numbers, a view of the user's array wherever possible, and the names of
        its columns.

    Raises
    ------
    ValueError
        If there is anything but real numbers, or a name comes twice.
    TypeError
        If there are objects that are neither numbers nor text.

    Examples
    --------
    >>> import numpy as np
    >>> from rnnselect.sequences.containers import open_array
    >>> open_array(np.ma.masked_equal([1, 2, 9], 9), "x").values
    array([ 1.,  2., nan])
    """
    if _is_plain(x):
        return Contents(x, None)
    refuse_iterators(x, name, "a list or an array")
    if hasattr(x, "toarray"):
        raise ValueError(
            f"{name} is a sparse matrix ({type(x).__name__}), and sequences are dense: give "
            f"{name}.toarray()."
        )
    if x is None:
        raise ValueError(
            f"{name} is None, an object without values; drop such sequences. Put NaN where a value "
            "is missing."
        )
    table: Any = None if isinstance(x, np.ndarray | list | tuple) else _as_table(x, name)
    if hasattr(table, "columns"):
        return _open_frame(table, name)
    values = _as_array(x if table is None else table.to_numpy(), name)
    return Contents(_real_numbers(values, name), None)


def align_columns(
    rows: list[Contents], wanted: tuple[str, ...] | None, name: str = "X"
) -> Contents:
    """Return the sequences of a collection with their columns in one order.

    Parameters
    ----------
    rows : list of Contents
        The sequences.
    wanted : tuple of str or None
        Names in the order that is wanted; None for that of the first frame.
    name : str, default="X"
        Of the collection, for the errors.

    Returns
    -------
    Contents
        A list of arrays, and the names of their columns.

    Raises
    ------
    ValueError
        If columns cannot be matched by name.
    """
    first = next((i for i, row in enumerate(rows) if row.columns is not None), None)
    if first is None:
        return Contents([row.values for row in rows], None)
    there: tuple[str, ...] = rows[first].columns  # type: ignore[assignment]
    numbered = _without_names(len(there))
    if set(there) == set(numbered):
        wanted = numbered
    elif wanted is None or set(wanted) != set(there):  # a fitted estimator refuses other names
        wanted = there
    values = []
    for i, (array, columns) in enumerate(rows):
        if columns is None:
            if wanted != numbered and max(len(wanted), *array.shape[1:], 1) > 1:
                raise ValueError(
                    f"{name}[{i}] has no column names and {name}[{first}] has {_shown(wanted)}, so "
                    "that columns cannot be matched; give all as frames, or all as arrays."
                )
        elif columns != wanted:
            _check_same_names(name, (i, columns), (first, wanted))
            array = array[:, [columns.index(column) for column in wanted]]
        values.append(array)
    return Contents(values, None if wanted == numbered else wanted)


def refuse_iterators(x: Any, name: str, forms: str) -> None:
    """Refuse what can be read only once, or not by position.

    Parameters
    ----------
    x : object
        Perhaps a generator, or the values of a dict.
    name : str
        Of `x`, for the error.
    forms : str
        What to give instead.

    Raises
    ------
    ValueError
        If it is one.
    """
    if isinstance(x, Iterator | ValuesView):
        raise ValueError(
            f"{name} is of type {type(x).__name__}, which cannot be indexed; give list({name}), so "
            f"that it is {forms}."
        )


def row_access(X: Any) -> Any:
    """Return `X` in a form whose rows can be taken by number, and whose values can be hashed.

    Parameters
    ----------
    X : array-like
        Sequences in any accepted form.

    Returns
    -------
    array-like
        `X` itself, or arrays of the same values: in place of masked arrays, of ragged tensors, and
        of tensors and columns that take no array as an index.

    Raises
    ------
    ValueError
        If `X` can be read only once.
    """
    refuse_iterators(X, "X", "a list or an array")
    X = within_reach(X)
    if isinstance(X, list | tuple):
        masked = any(isinstance(x, np.ma.MaskedArray) for x in X)
        return [unmasked(x) if isinstance(x, np.ndarray) else x for x in X] if masked else X
    if isinstance(X, np.ndarray):
        return unmasked(X)
    arrow = hasattr(X, "to_pylist") and not hasattr(X, "schema")
    if arrow or _is_opaque(X):
        elements, _ = _elements(X, tokens=False)
        return np.asanyarray(X) if elements is None else ragged(map(np.asarray, elements))
    if hasattr(X, "columns") or hasattr(X, "iloc"):
        return X
    try:
        X[np.arange(1)]
    except (IndexError, NotImplementedError, TypeError):  # sparse arrays of some formats
        return np.asanyarray(X) if hasattr(X, "__array__") else X
    return X


# --- collections ----------------------------------------------------------------------------------


def _elements(X: Any, tokens: bool) -> tuple[Any, tuple[str, ...] | None]:
    """Return the sequences of a collection and the names that they share; None for an array."""
    if isinstance(X, list | tuple):
        is_collection = tokens or any(_is_array_like(row) for row in X)
        return (X, None) if is_collection else (None, None)
    if isinstance(X, np.ndarray):
        holds_sequences = X.dtype == object and X.ndim == 1 and _holds_sequences(X)
        return (X, None) if holds_sequences else (None, None)
    if _is_opaque(X):
        return _parts(X), None
    table = _as_table(X, "X")
    if table is None:
        return None, None
    if not hasattr(table, "columns"):  # a Series
        cells = _cells(table)
        return cells, None
    nested = {name: _cells(table.get_column(name)) for name in _nested_columns(table)}
    if not nested:
        return None, None
    if len(nested) < len(table.columns):
        other = next(column for column in table.columns if column not in nested)
        raise ValueError(
            f"X has the column {other!r} beside columns whose cells are sequences; give only those "
            f"columns, e.g. X[{list(nested)[:3]}]."
        )
    if len(nested) == 1:
        return next(iter(nested.values())), None
    rows = [_side_by_side(i, cells) for i, cells in enumerate(zip(*nested.values(), strict=True))]
    return rows, tuple(map(str, nested))


def _side_by_side(i: int, cells: tuple[Any, ...]) -> Array:
    """Return the cells of one row of a nested frame as (n_timesteps, n_channels)."""
    channels = [open_array(cell, f"X[{i}]").values for cell in cells]
    shapes = {channel.shape for channel in channels}
    if len(shapes) > 1 or channels[0].ndim != 1:
        raise ValueError(
            f"X[{i}] has cells of the shapes {sorted(shapes)}; where a frame has one column for "
            "each channel, all cells of a row hold equally many numbers, (n_timesteps,)."
        )
    return np.column_stack(channels)


def _is_plain(x: Any) -> bool:
    return type(x) is np.ndarray and x.dtype.kind in "biuf"


def _is_array_like(x: Any) -> bool:
    return (hasattr(x, "__array__") and not isinstance(x, np.generic)) or _is_opaque(x)


def _is_opaque(X: Any) -> bool:
    """Whether a container shows its sequences neither as an array nor as a list."""
    return (
        hasattr(X, "row_splits")  # ragged tensors of TensorFlow
        or getattr(X, "is_nested", False) is True  # nested tensors of PyTorch
        or (hasattr(X, "to_list") and not hasattr(X, "shape") and hasattr(X, "__len__"))
    )


def _parts(X: Any) -> Sequence[Any]:
    if hasattr(X, "row_splits"):
        if getattr(X, "ragged_rank", 1) != 1:
            raise ValueError(
                f"X is a {type(X).__name__} that is ragged in {X.ragged_rank} dimensions; "
                "sequences differ in their number of time steps only."
            )
        values = np.asarray(X.flat_values)
        return np.split(values, np.asarray(X.row_splits)[1:-1])
    if hasattr(X, "unbind"):
        return list(X.unbind())
    return [np.asarray(x) for x in X.to_list()]


def _holds_sequences(values: Array) -> bool:
    return any(isinstance(x, list | tuple) or _is_array_like(x) for x in values)


def _nested_columns(table: Any) -> list[str]:
    types = table.schema.items()  # asked for once: a table may have thousands of columns
    return [
        name
        for name, dtype in types
        if dtype.is_nested()
        or (str(dtype) == "Object" and _holds_sequences(table.get_column(name).to_numpy()))
    ]


def _cells(series: nw.Series[Any]) -> Any:
    """Return the cells of a column that holds sequences, None for any other."""
    if not series.dtype.is_nested():
        values = series.to_numpy()
        return values if values.dtype == object and _holds_sequences(values) else None
    return [cell if hasattr(cell, "__array__") else list(cell or ()) for cell in series.to_list()]


def _without_names(n_columns: int) -> tuple[str, ...]:
    """Return what a frame without names of its own has in their place."""
    return tuple(map(str, range(n_columns)))


def _check_same_names(
    name: str, one: tuple[int, tuple[str, ...]], other: tuple[int, tuple[str, ...]]
) -> None:
    for (i, there), (k, expected) in ((one, other), (other, one)):
        missing = [column for column in expected if column not in there]
        if missing:
            raise ValueError(
                f"{name}[{i}] has no column {_shown(missing)}, and {name}[{k}] has; all sequences "
                "must have the same channels: give every frame the same columns (in any order), or "
                f"arrays if names do not matter: [x.to_numpy() for x in {name}]."
            )


def _shown(names: Sequence[str]) -> str:
    more = len(names) - MAX_NAMES_SHOWN
    return ", ".join(map(repr, names[:MAX_NAMES_SHOWN])) + (f" and {more} more" if more > 0 else "")


# --- tables ---------------------------------------------------------------------------------------


def _as_table(x: Any, name: str) -> Any:
    """Return a frame or a Series of any library through narwhals, None for anything else."""
    if not any(hasattr(x, known) for known in ("__array__", "__arrow_c_stream__", "collect")):
        return None
    if type(x).__module__.partition(".")[0] == "pyarrow" and not hasattr(x, "num_chunks"):
        arrow = sys.modules["pyarrow"]
        x = arrow.table(x) if hasattr(x, "schema") else arrow.chunked_array([x])
    import narwhals.stable.v2 as nw
    from narwhals.exceptions import DuplicateError

    try:
        table = nw.from_native(x, pass_through=True, allow_series=True)
    except DuplicateError as error:
        raise ValueError(
            f"{name} has several columns of one name, so that columns cannot be matched; rename "
            f"them. {' '.join(str(error).split())}"
        ) from error
    if isinstance(table, nw.LazyFrame):
        raise ValueError(
            f"{name} is a lazy frame ({type(x).__name__}), which has no values yet; give "
            f"{name}.collect(), or {name}.compute() of Dask."
        )
    return table if isinstance(table, nw.DataFrame | nw.Series) else None


def _open_frame(frame: nw.DataFrame[Any], name: str) -> Contents:
    labels = list(frame.columns)
    values = frame.to_native().to_numpy() if frame.implementation.is_pandas() else None
    if values is None or values.dtype.kind not in "iuf":  # of all that pandas has, only numbers
        columns = zip(labels, frame.iter_columns(), strict=True)
        arrays = [_real_numbers(np.asanyarray(c.to_numpy()), name, label) for label, c in columns]
        values = np.column_stack(arrays) if arrays else np.empty(frame.shape)
    return Contents(values, tuple(map(str, labels)))


# --- values ---------------------------------------------------------------------------------------


def _as_array(x: Any, name: str) -> Array:
    try:
        if _holds_masks(x):
            return np.ma.stack([_as_array(each, name) for each in x])
        return np.asanyarray(x)  # `asarray` would drop the mask of what an array-like answers with
    except ValueError as error:
        if not isinstance(x, list | tuple):
            raise
        what = "make each sequence an array: X = [np.asarray(x) for x in X]"
        if name != "X":
            what = "a sequence has shape (n_timesteps,) or (n_timesteps, n_channels)"
        raise ValueError(f"{name} is a list of lists of unequal lengths; {what}.") from error
    except RuntimeError as error:  # PyTorch's, of tensors that carry a gradient
        raise ValueError(f"{name} cannot be read as an array: {error}") from error


def _holds_masks(x: Any) -> bool:
    if not isinstance(x, list | tuple) or not x or not isinstance(x[0], list | tuple | np.ndarray):
        return False  # numbers, of which there may be millions
    return any(isinstance(each, np.ma.MaskedArray) or _holds_masks(each) for each in x)


def _real_numbers(values: Array, name: str, column: Any = None) -> Array:
    """Return an array of any dtype as one of real numbers, if it holds such."""
    where = "" if column is None else f" in its column {column!r}"
    if isinstance(values, np.ma.MaskedArray):
        values = unmasked(values)
    if values.dtype.kind == "O":
        values = _numbers_of_objects(values, name, where)
    dtype = values.dtype
    if dtype.kind == "V" and dtype.names is None and np.can_cast(dtype, np.float32):
        values = values.astype(np.float32)  # the short floats of JAX and TensorFlow
    elif dtype.kind == "c":
        raise ValueError(
            f"{name} has dtype {dtype}{where}. Complex data not supported: give real and imaginary "
            "parts as two channels."
        )
    elif dtype.kind not in "biuf":
        raise ValueError(
            f"{name} has dtype {dtype}{where}; sequences hold real numbers. "
            + (TIME_REMEDY if dtype.kind in "mM" else _ENCODE)
        )
    return values if isinstance(values, np.memmap) else np.asarray(values)


def _numbers_of_objects(values: Array, name: str, where: str) -> Array:
    """Return an array of objects as numbers, missing ones as NaN."""
    objects = values.ravel().tolist()
    kinds = {kind: _is_number(kind) for kind in set(map(type, objects))}
    for value in objects if not all(kinds.values()) else ():
        if not kinds[type(value)]:
            _refuse_object(value, name, where)
    try:
        numbers = [math.nan if type(v).__name__ in _MISSING else float(v) for v in objects]
    except OverflowError as error:
        raise ValueError(
            f"{name} has dtype object and holds a number beyond all floats{where}; sequences hold "
            "real numbers. Clip or remove such values."
        ) from error
    return np.array(numbers, np.float64).reshape(values.shape)


def _is_number(kind: type) -> bool:
    if issubclass(kind, complex | np.complexfloating | np.datetime64 | np.timedelta64 | np.ndarray):
        return False
    return kind.__name__ in _MISSING or hasattr(kind, "__float__")


def _refuse_object(value: Any, name: str, where: str) -> None:
    what = f"{name} has dtype object and holds {_short.repr(value)}{where}"
    if isinstance(value, str | bytes):
        raise ValueError(f"{what}, which is text; sequences hold real numbers. {_ENCODE}")
    if type(value).__module__.partition(".")[0] in ("datetime", "pandas", "numpy"):
        raise ValueError(f"{what}; sequences hold real numbers. {TIME_REMEDY}")
    try:
        float(value)
    except TypeError as error:
        raise TypeError(
            f"{what} ({error}); sequences hold real numbers. Put NaN where a value is missing."
        ) from error
    raise ValueError(f"{what}; sequences hold real numbers. Give them as floats.")
