"""`.ts` files: the format of the UCR, UEA and TSER archives of time series problems."""

from __future__ import annotations

import os
import reprlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from os import PathLike, fspath
from typing import Any, NamedTuple, TextIO

import numpy as np
from sklearn.utils._param_validation import validate_parameter_constraints

from rnnselect.sequences.ragged import ragged

__all__ = ["TsProblem", "load_ts"]

Array = np.ndarray[Any, Any]

COMMENTS = ("#", "%")
# The longest line of the archives has 2 MB; a file without line ends must not fill the memory.
MAX_LINE_LETTERS = 2**27


class TsProblem(NamedTuple):
    """What a `.ts` file holds.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_timesteps, n_channels) or (n_samples,)
        One array if all series are equally long; else a 1-D object array with one array of shape
        (n_timesteps_i, n_channels) for each series. Missing values are NaN (float64).
    y : ndarray of shape (n_samples,) or None
        Labels (str) or target values (float64); None if the file has neither.
    name : str
        The name of the problem, empty if the file has none.
    classes : tuple of str
        The labels that the file declares; empty for a regression problem.
    """

    X: Array
    y: Array | None
    name: str
    classes: tuple[str, ...]


def load_ts(path: str | PathLike[str]) -> TsProblem:
    r"""Read a problem from a `.ts` file.

    Parameters
    ----------
    path : path-like
        The file, such as ``"JapaneseVowels_TRAIN.ts"``.

    Returns
    -------
    TsProblem
        ``X``, ``y``, ``name`` and ``classes``.

    Raises
    ------
    ValueError
        If the file is malformed, is not an ordinary file, or has a line of more than 134 million
        letters or values with time stamps; the message names the line.
    OSError
        If the file cannot be read.

    Notes
    -----
    Series are ragged if the header says ``@equalLength false``, even if their lengths happen to
    agree, so that the two files of a problem are of one kind.

    References
    ----------
    .. [1] H. A. Dau et al., "The UCR time series archive", IEEE/CAA Journal of Automatica Sinica
       6(6), 2019; A. Bagnall et al., "The UEA multivariate time series classification archive",
       arXiv:1811.00075, 2018; C. W. Tan et al., "Time series extrinsic regression", Data Mining
       and Knowledge Discovery 35, 2021.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from rnnselect.datasets.ts_files import load_ts
    >>> text = "@problemName Two\n@classLabel true up down\n@data\n1,2,3:up\n3,?,1:down\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "Two_TRAIN.ts"
    ...     _ = path.write_text(text)
    ...     X, y, name, classes = load_ts(path)
    >>> X.shape, X[1, :, 0].tolist(), y.tolist()
    ((2, 3, 1), [3.0, nan, 1.0], ['up', 'down'])
    """
    validate_parameter_constraints({"path": [str, PathLike]}, {"path": path}, caller_name="load_ts")
    if os.path.exists(path) and not (os.path.isfile(path) or os.path.isdir(path)):
        raise ValueError(
            f"{fspath(path)} is not an ordinary file; name another file."
        )  # a pipe might never end
    header = _Header()
    series: list[Array] = []
    targets: list[str | float] = []
    # Archives come in several encodings, but only their comments go beyond ASCII.
    with open(path, encoding="utf-8-sig", errors="replace") as file:
        for number, line in enumerate(_lines(file), start=1):
            try:
                if len(line) > MAX_LINE_LETTERS:
                    raise ValueError(f"it has more than {MAX_LINE_LETTERS:,} letters.")
                line = line.strip()
                if not line or line.startswith(COMMENTS):
                    continue
                if header.complete:
                    values, target = _read_series(line, header)
                    _check_shape(values, header, series)
                    series.append(values)
                    targets.append(target)
                else:
                    header.read(line)
            except ValueError as error:
                raise ValueError(f"{fspath(path)}, line {number}: {error}") from error
    if not series:
        what = "series after @data" if header.complete else "line '@data'"
        raise ValueError(f"{fspath(path)} has no {what}; is it a complete .ts file?")
    y = np.array(targets) if header.has_target else None
    return TsProblem(_collect(series, header), y, header.name, tuple(header.classes))


def _lines(file: TextIO) -> Iterator[str]:
    """Return the lines of a file, what goes beyond the limit in pieces."""
    return iter(lambda: file.readline(MAX_LINE_LETTERS + 1), "")


@dataclass(slots=True)
class _Header:
    """What the lines before the data say; None is what they leave open."""

    name: str = ""
    n_channels: int | None = None
    equal_length: bool | None = None
    classes: dict[str, None] = field(default_factory=dict)  # a set that keeps the order
    has_target: bool | None = None
    complete: bool = False

    def read(self, line: str) -> None:
        tag, *words = line.split()
        match tag.lower():
            case "@problemname":
                self.name = " ".join(words)
            case "@dimensions" | "@dimension":
                self.n_channels = _count(tag, words)
            case "@univariate" if _boolean(tag, words):
                self.n_channels = 1
            case "@equallength":
                self.equal_length = _boolean(tag, words)
            case "@targetlabel":
                self.has_target = _boolean(tag, words) or bool(self.classes)
            case "@classlabel":
                self._read_classes(tag, words)
            case "@timestamps" if _boolean(tag, words):
                raise ValueError(
                    f"{reprlib.repr(line)}: values with time stamps are not supported; write the "
                    "plain values to a file that says '@timestamps false'."
                )
            case "@data":
                self._complete()
            case _ if not tag.startswith("@"):
                raise ValueError(
                    f"{reprlib.repr(line)} stands before '@data' and is not a tag such as "
                    "'@problemName'; is this a .ts file?"
                )

    def _read_classes(self, tag: str, words: list[str]) -> None:
        if _boolean(tag, words):
            self.classes = dict.fromkeys(words[1:])
            if not self.classes:
                raise ValueError(
                    "'@classLabel true' names no labels; write '@classLabel true a b'."
                )
        self.has_target = bool(self.classes) or bool(self.has_target)

    def _complete(self) -> None:
        if self.has_target is None:
            raise ValueError(
                "the header has neither '@classLabel' nor '@targetLabel', so that the end of a "
                "line may be a target or a channel; add e.g. '@classLabel true a b' or "
                "'@classLabel false'."
            )
        self.complete = True


def _boolean(tag: str, words: list[str]) -> bool:
    if not words or words[0].lower() not in ("true", "false"):
        raise ValueError(
            f"{reprlib.repr(' '.join([tag, *words]))} must say true or false: '{tag} true'."
        )
    return words[0].lower() == "true"


def _count(tag: str, words: list[str]) -> int:
    if not words or not words[0].isdecimal() or not 1 <= int(words[0][:10]) < 10**9:
        raise ValueError(
            f"{reprlib.repr(' '.join([tag, *words]))} must give a whole number: '{tag} 3'."
        )
    return int(words[0])


def _read_series(line: str, header: _Header) -> tuple[Array, str | float]:
    """Return one series as (n_timesteps, n_channels), and its target."""
    *parts, last = [part.strip() for part in line.split(":")]
    target: str | float = ""
    if not header.has_target:
        parts.append(last)
    elif header.classes:
        target = last
        if target not in header.classes:
            raise ValueError(
                f"the label {reprlib.repr(target)} is not among "
                f"{reprlib.repr(tuple(header.classes))}, which '@classLabel' declares; "
                "correct one of them."
            )
    else:
        target = _number(last)
    if not parts:
        raise ValueError(
            f"{reprlib.repr(line)} has no channel before its target, separated by a colon."
        )
    channels = [_numbers(part) for part in parts]
    lengths = [len(channel) for channel in channels]
    if len(set(lengths)) != 1:
        raise ValueError(
            f"the channels have {reprlib.repr(lengths)} time steps; all channels of a series must "
            "be equally long: fill with '?' (missing), or resample."
        )
    return np.array(channels).T, target


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise ValueError(
            f"the target {reprlib.repr(text)} is not a number, as '@targetLabel true' says."
        ) from error


def _numbers(text: str) -> list[float]:
    try:
        return [float(number) for number in text.replace("?", "nan").split(",")]
    except ValueError as error:
        raise ValueError(
            f"{reprlib.repr(text)} is not a list of numbers such as '1.5,?,2' ({str(error)[:80]})."
        ) from error


def _check_shape(values: Array, header: _Header, before: list[Array]) -> None:
    n_channels = header.n_channels or (before or [values])[0].shape[1]
    if values.shape[1] != n_channels:
        who = "the header" if header.n_channels else "the first series"
        raise ValueError(
            f"the series has {values.shape[1]} channel(s), and {who} has {n_channels}; all series "
            "must have the same channels, separated by colons."
        )
    if header.equal_length and before and len(values) != len(before[0]):
        raise ValueError(
            f"the series has {len(values)} time steps and the first one has {len(before[0])}; if "
            "that is right, the header must say '@equalLength false'."
        )


def _collect(series: list[Array], header: _Header) -> Array:
    if header.equal_length is not False and len({len(values) for values in series}) == 1:
        return np.array(series)
    return ragged(series)
