"""Plain values as JSON and back: numbers, texts, None, lists, tuples and dicts of them."""

from __future__ import annotations

import math
import re
import reprlib
from itertools import pairwise
from typing import Any

import numpy as np

from rnnselect.archive.limits import MAX_JSON_DEPTH, MAX_LABEL_BYTES

__all__ = ["from_plain", "labels_document", "read_labels", "to_plain"]

# What JSON does not know is an object with one of these keys.
_NOT_FINITE = ("nan", "inf", "-inf")
_NUMERIC_LABELS = {
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16",
    "float32", "float64",
}  # fmt: skip
_TEXT_WIDTH = re.compile(r"U(0|[1-9]\d{0,8})")


def to_plain(value: Any, depth: int = 0) -> Any:
    """Return a value in the form in which JSON can hold it.

    Parameters
    ----------
    value : None, bool, number, str, or list, tuple or dict of such
        NumPy's scalars become Python's.
    depth : int, default=0
        Levels around it.

    Returns
    -------
    None, bool, int, float, str, list or dict
        For `from_plain`.

    Raises
    ------
    TypeError
        If the value, or one within it, is of another type.

    Examples
    --------
    >>> from rnnselect.archive.plain import from_plain, to_plain
    >>> to_plain({0: 1.5, 1: (2, None)})
    {'dict': [[0, 1.5], [1, {'tuple': [2, None]}]]}
    >>> from_plain(_)
    {0: 1.5, 1: (2, None)}
    """
    if depth > MAX_JSON_DEPTH:
        raise TypeError(f"it is nested deeper than {MAX_JSON_DEPTH} levels")
    if isinstance(value, np.generic):
        value = value.item()
    kind = type(value)
    if value is None or kind in (bool, int, str):
        return value
    if kind is float:
        return value if math.isfinite(value) else {"float": repr(value)}
    if kind is list:
        return [to_plain(item, depth + 1) for item in value]
    if kind is tuple:
        return {"tuple": [to_plain(item, depth + 1) for item in value]}
    if kind is dict:
        pairs = value.items()
        return {"dict": [[to_plain(k, depth + 1), to_plain(v, depth + 1)] for k, v in pairs]}
    raise TypeError(
        f"a {kind.__name__} is not a plain value (a number, a text, None, or a list, tuple or dict "
        "of such)"
    )


def from_plain(document: Any) -> Any:
    """Return the value that `to_plain` has made this of.

    Parameters
    ----------
    document : None, bool, int, float, str, list or dict
        From a JSON document.

    Returns
    -------
    None, bool, int, float, str, list, tuple or dict
        The value.

    Raises
    ------
    ValueError
        If `to_plain` makes no such thing.
    """
    if isinstance(document, list):
        return [from_plain(item) for item in document]
    if not isinstance(document, dict):
        return document
    if len(document) == 1:
        [(tag, content)] = document.items()
        if tag == "float" and content in _NOT_FINITE:
            return float(content)
        if tag == "tuple" and isinstance(content, list):
            return tuple(from_plain(item) for item in content)
        if tag == "dict" and isinstance(content, list):
            return _dict_of(content)
    raise ValueError(f"{reprlib.repr(document)} is not a plain value")


def _dict_of(pairs: list[Any]) -> dict[Any, Any]:
    if not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        raise ValueError(f"{reprlib.repr(pairs)} are not pairs of a key and a value")
    try:
        found = {from_plain(key): from_plain(value) for key, value in pairs}
    except TypeError as error:  # a key that is a list
        raise ValueError(f"{reprlib.repr(pairs)} have a list or dict as a key") from error
    if len(found) < len(pairs):
        raise ValueError(f"{reprlib.repr(pairs)} repeat a key")
    return found


def labels_document(labels: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Return class labels, which may be texts, as JSON.

    Parameters
    ----------
    labels : ndarray of shape (n_classes,)
        Numbers, bools or texts.

    Returns
    -------
    dict
        For `read_labels`.

    Raises
    ------
    TypeError
        If the labels are something else.
    """
    dtype, values = labels.dtype, labels.tolist()
    if dtype.kind == "U":
        name = f"U{dtype.itemsize // np.dtype('U1').itemsize}"
    elif dtype.kind == "O" and all(type(value) is str for value in values):
        name = "object"
    elif dtype.name in _NUMERIC_LABELS:
        name = dtype.name
    else:
        raise TypeError(f"class labels of the dtype {dtype!r} are neither numbers nor texts")
    return {"dtype": name, "values": values}


def read_labels(dtype: str, values: list[Any]) -> np.ndarray[Any, Any]:
    """Return the class labels that `labels_document` has recorded.

    Parameters
    ----------
    dtype : str
        Their dtype.
    values : list
        The labels, sorted.

    Returns
    -------
    ndarray of shape (n_classes,)
        The labels.

    Raises
    ------
    ValueError
        If the values are not of this dtype, or not sorted, or not different.
    """
    width = _TEXT_WIDTH.fullmatch(dtype)
    if width and int(width[1]) * 4 * len(values) > MAX_LABEL_BYTES:
        raise ValueError(f"class labels of dtype {dtype} take more than {MAX_LABEL_BYTES} bytes")
    if not width and dtype != "object" and dtype not in _NUMERIC_LABELS:
        raise ValueError(f"{reprlib.repr(dtype)} is not a dtype of class labels")
    is_text = bool(width) or dtype == "object"
    if not all(isinstance(value, str) == is_text and _is_label(value) for value in values):
        raise ValueError(f"class labels {reprlib.repr(values)} are not all of the dtype {dtype}")
    labels = np.array(values, dtype=dtype)
    if labels.tolist() != values:
        raise ValueError(f"class labels {reprlib.repr(values)} do not fit the dtype {dtype}")
    if any(first >= second for first, second in pairwise(values)):
        raise ValueError(f"class labels {reprlib.repr(values)} are not sorted and different")
    return labels


def _is_label(value: Any) -> bool:
    return isinstance(value, bool | int | float | str)
