"""JSON documents as bytes, and back: finite numbers, nothing twice, not too deep."""

from __future__ import annotations

import json
import math
import reprlib
from typing import Any

from rnnselect.archive.limits import MAX_JSON_DEPTH, MAX_JSON_VALUES

__all__ = ["document_bytes", "read_document"]


def document_bytes(document: Any) -> bytes:
    """Return a document as JSON, in ASCII and with a line for each value.

    Parameters
    ----------
    document : None, bool, int, float, str, list or dict
        All numbers finite.

    Returns
    -------
    bytes
        For `read_document`.

    Raises
    ------
    TypeError, ValueError, RecursionError
        If JSON cannot hold it.
    """
    return json.dumps(document, indent=1, allow_nan=False).encode("ascii")


def read_document(content: bytes, name: str) -> Any:
    """Return what the bytes of a JSON document hold.

    Parameters
    ----------
    content : bytes
        At most `limits.MAX_JSON_BYTES` of them.
    name : str
        Of the document, for errors.

    Returns
    -------
    None, bool, int, float, str, list or dict
        All numbers finite.

    Raises
    ------
    ValueError, RecursionError
        If it is not JSON, ambiguous, or beyond the limits.

    Examples
    --------
    >>> from rnnselect.archive.documents import document_bytes, read_document
    >>> read_document(document_bytes({"a": [1, None, "b"]}), "example")
    {'a': [1, None, 'b']}
    """
    # Each value but the first follows one of these; those within texts make it an upper bound.
    n_values = 1 + sum(content.count(mark) for mark in b",[{:")
    if n_values > MAX_JSON_VALUES:
        raise ValueError(f"{name} holds more than {MAX_JSON_VALUES} values")
    document = json.loads(
        content.decode("ascii"),
        parse_float=_finite,
        parse_constant=_finite,
        object_pairs_hook=_unambiguous,
    )
    _check_depth(document, name)
    return document


def _finite(number: str) -> float:
    value = float(number)
    if not math.isfinite(value):
        raise ValueError(f"it holds the number {reprlib.repr(number)}")
    return value


def _unambiguous(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError(f"an object has a field twice: {reprlib.repr([key for key, _ in pairs])}")
    return found


def _check_depth(document: Any, name: str) -> None:
    level = [document]
    for _ in range(MAX_JSON_DEPTH):
        containers = [value for value in level if isinstance(value, dict | list)]
        if not containers:
            return
        level = [
            item
            for container in containers
            for item in (container.values() if isinstance(container, dict) else container)
        ]
    raise ValueError(f"{name} is nested deeper than {MAX_JSON_DEPTH} levels")
