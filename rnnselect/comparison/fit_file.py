"""A finished fit as the bytes of a file and back: JSON with a checksum, read as an attacker's."""

from __future__ import annotations

import hashlib
import json
import math
import reprlib
from base64 import b64decode, b64encode
from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions

from rnnselect.archive.documents import document_bytes, read_document
from rnnselect.archive.fields import checked_fields
from rnnselect.archive.plain import from_plain, to_plain
from rnnselect.comparison.finished_fit import FinishedFit
from rnnselect.comparison.scoring import ANSWERS, frozen_answers

__all__ = ["MAX_FIT_BYTES", "fit_bytes", "read_fit"]

FORMAT_NAME = "rnnselect finished fit"
# Raised by every change that an older release would misread.
FORMAT_VERSION = 1
# A million test samples with ten probabilities each, and their labels, take 117 MB in base64.
MAX_FIT_BYTES = 2**27
# No fit takes ten years; a forecast must not be led astray by what a file says.
MAX_SECONDS = 10 * 365 * 24 * 3600.0
NUMBERS = {
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16",
    "float32", "float64",
}  # fmt: skip
TEXTS = {"str", "object"}
MAX_AXES = 2  # samples, and classes or outputs

_WHOLE = [Interval(Integral, 0, 2**63 - 1, closed="both")]
_SECONDS = [Interval(Real, 0, MAX_SECONDS, closed="both")]
_FILE = {
    "format": [StrOptions({FORMAT_NAME})],
    "version": [Interval(Integral, 1, None, closed="left")],
    "sha256": [str],
    "fit": [dict],
}
_FIT = {
    "key": [str],
    "candidate": [str],
    "split": _WHOLE,
    "score": [Real, dict],
    "seconds": _SECONDS,
    "scoring_seconds": _SECONDS,
    "n_epochs": _WHOLE,
    "history": [dict],
    "stop_reason": [str],
    "answers": [None, dict],
    "classes": [None, dict, list],
}


def fit_bytes(key: str, candidate: str, split: int, fit: FinishedFit) -> bytes:
    """Write down a complete fit.

    Parameters
    ----------
    key : str
        Digest of everything that decides it.
    candidate : str
        Its name, for people.
    split : int
        Number of its split, for people.
    fit : FinishedFit
        The fit.

    Returns
    -------
    bytes
        For `read_fit`; an earlier reading of the clock is all that two of one key differ in.

    Raises
    ------
    TypeError, ValueError
        If predictions are neither numbers nor texts, or too many.
    """
    answers, classes = None, None
    if fit.frozen is not None:
        answers = {name: _plain_answer(each) for name, each in fit.frozen.responses.items()}
        classes = _plain_answer(getattr(fit.frozen, "classes_", None))
    document = {
        "key": key,
        "candidate": candidate,
        "split": int(split),
        "score": to_plain(fit.score),
        "seconds": fit.seconds,
        "scoring_seconds": fit.scoring_seconds,
        "n_epochs": fit.n_epochs,
        "history": {name: to_plain(list(losses)) for name, losses in fit.history.items()},
        "stop_reason": fit.stop_reason,
        "answers": answers,
        "classes": classes,
    }
    header = {"format": FORMAT_NAME, "version": FORMAT_VERSION, "sha256": _checksum(document)}
    content = document_bytes({**header, "fit": document})
    read_fit(content, key, None)  # what would be refused later is refused now
    return content


def read_fit(content: bytes, key: str, n_test: int | None) -> FinishedFit:
    """Read what `fit_bytes` has written.

    Parameters
    ----------
    content : bytes
        All of a file.
    key : str
        Digest of everything that decides the fit.
    n_test : int or None
        Test samples of its split; None where that is not checked.

    Returns
    -------
    FinishedFit
        Complete. Its score is the one that was measured then.

    Raises
    ------
    ValueError, RecursionError
        If it is anything else than this fit, whole.
    """
    if len(content) > MAX_FIT_BYTES:
        raise ValueError(f"it takes more than {MAX_FIT_BYTES} bytes")
    try:
        document = read_document(content, "the file")
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not a complete JSON document: {error}") from error
    version = document.get("version") if isinstance(document, dict) else None
    if type(version) is int and version > FORMAT_VERSION:
        raise ValueError(f"its version is {version}, but this rnnselect reads {FORMAT_VERSION}")
    fit = checked_fields(document, _FILE, "the file")["fit"]
    if document["sha256"] != _checksum(fit):
        raise ValueError("its checksum does not match")
    checked_fields(fit, _FIT, "the fit")
    if fit["key"] != key:
        raise ValueError("it is the file of another fit")
    if any(isinstance(value, bool) for value in fit.values()):
        raise ValueError("it has true or false in place of a number")
    score, history = from_plain(fit["score"]), fit["history"]
    losses = {name: tuple(_losses(from_plain(history[name]))) for name in history}
    if type(score) not in (int, float) or math.isinf(score):
        raise ValueError(f"its score {reprlib.repr(score)} is not a finite number")
    return FinishedFit(
        score=float(score),
        frozen=_frozen(fit["answers"], fit["classes"], n_test),
        seconds=float(fit["seconds"]),
        scoring_seconds=float(fit["scoring_seconds"]),
        n_epochs=int(fit["n_epochs"]),
        complete=True,
        history=losses,
        stop_reason=fit["stop_reason"],
    )


def _checksum(fit: Any) -> str:
    return hashlib.sha256(document_bytes(fit)).hexdigest()


def _losses(values: Any) -> list[float]:
    if not isinstance(values, list) or not all(type(each) in (int, float) for each in values):
        raise ValueError("its history has values that are not numbers")
    return [float(each) for each in values]


def _frozen(answers: Mapping[str, Any] | None, classes: Any, n_test: int | None) -> Any:
    if answers is None:
        return None
    if not answers.keys() <= set(ANSWERS) or not all(answers.values()):
        raise ValueError(f"its predictions {reprlib.repr(sorted(answers))} are unknown or empty")
    return frozen_answers(
        {name: _answer(each, n_test) for name, each in answers.items()}, _answer(classes, None)
    )


def _plain_answer(answer: Any) -> Any:
    """Return an array, or one for each of several outputs, as JSON."""
    if answer is None:
        return None
    return [_plain_array(e) for e in answer] if isinstance(answer, list) else _plain_array(answer)


def _answer(document: Any, n_rows: int | None) -> Any:
    if document is None:
        return None
    if isinstance(document, list):
        return [_array(each, n_rows) for each in document]
    return _array(document, n_rows)


def _plain_array(array: Any) -> dict[str, Any]:
    array = np.asarray(array)
    document = {"dtype": array.dtype.name, "shape": list(array.shape)}
    if array.dtype.name in NUMBERS:
        raw = array.astype(array.dtype.newbyteorder("<"), order="C").tobytes()
        return {**document, "base64": b64encode(raw).decode("ascii")}
    texts = array.ravel().tolist()
    if array.dtype.kind not in "UO" or not all(type(each) is str for each in texts):
        raise TypeError(
            f"predictions or class labels of dtype {array.dtype} are neither numbers nor texts"
        )
    return {**document, "dtype": "str" if array.dtype.kind == "U" else "object", "texts": texts}


def _array(document: Any, n_rows: int | None) -> np.ndarray[Any, Any]:
    dtype = str(document.get("dtype")) if isinstance(document, dict) else None
    kind = {"base64": [str]} if dtype in NUMBERS else {"texts": [list]}
    said = checked_fields(document, {"dtype": [str], "shape": [list], **kind}, "an array")
    shape = said["shape"]
    sizes_are_right = all(type(size) is int and 0 <= size <= MAX_FIT_BYTES for size in shape)
    if not 1 <= len(shape) <= MAX_AXES or not sizes_are_right:
        raise ValueError(f"the shape {reprlib.repr(shape)} of an array is not possible")
    if n_rows is not None and shape[0] != n_rows:
        raise ValueError(f"it has predictions for {shape[0]} samples in place of {n_rows}")
    if dtype in NUMBERS:
        stored = np.dtype(dtype).newbyteorder("<")
        values = np.frombuffer(b64decode(said["base64"], validate=True), stored)
        return values.astype(stored.newbyteorder("=")).reshape(shape)
    texts = said["texts"]
    if dtype not in TEXTS or not all(type(each) is str for each in texts):
        raise ValueError(
            f"the dtype {reprlib.repr(dtype)} of an array is unknown, or its values differ"
        )
    # NumPy gives every text the room of the longest.
    if dtype == "str" and len(texts) * max(map(len, texts), default=0) > MAX_FIT_BYTES:
        raise ValueError("its texts are too long")
    return np.array(texts, dtype=dtype).reshape(shape)
