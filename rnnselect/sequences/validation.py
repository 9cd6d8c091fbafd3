"""Every check of X, and the reading of each accepted form into a `SequenceBatch`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from rnnselect.sequences.batch import PADDING_TOKEN, Kind, SequenceBatch
from rnnselect.sequences.containers import open_container, refuse_iterators

__all__ = ["read_sequences"]

_FORMS = (
    "a 2-D array (n_samples, n_timesteps), a 3-D array (n_samples, n_timesteps, n_channels), "
    "or a list of arrays of shape (n_timesteps_i, n_channels)"
)
_TOKEN_FORMS = "a 2-D array (n_samples, n_timesteps) of token ids, or a list of lists of them"
_LARGEST_TOKEN = int(np.iinfo(np.int32).max)
VALUES_PER_CHECK = 2**24  # memory-mapped data is checked in blocks of 64 MiB


def read_sequences(
    X: Any,
    *,
    tokens: bool = False,
    missing: str = "error",
    columns: Sequence[str] | None = None,
) -> SequenceBatch:
    """Check `X` and read it into the form that the rest of the package works with.

    A list or 1-D object array of arrays is always ragged, even where the lengths happen to be
    equal: a fold of a ragged data set must not change its kind.

    Parameters
    ----------
    X : array-like
        Sequences in any accepted form.
    tokens : bool, default=False
        Whether the values are token ids (0 is padding).
    missing : {"error", "mask"}, default="error"
        What to do with missing values (NaN) inside a sequence. NaN rows at the end of a
        sequence of a 3-D array are padding, not missing values.
    columns : sequence of str or None, default=None
        Names of the channels in the order that is wanted, for collections of frames. None: the
        order of the first frame.

    Returns
    -------
    SequenceBatch
        Views of the user's arrays wherever possible.

    Raises
    ------
    ValueError
        If X is malformed; the message names the sample, what is wrong and the remedy.

    Examples
    --------
    >>> import numpy as np
    >>> from rnnselect.sequences.validation import read_sequences
    >>> batch = read_sequences([np.zeros((3, 2)), np.zeros((5, 2))])
    >>> batch.kind, batch.lengths.tolist(), batch.n_channels
    ('ragged', [3, 5], 2)
    """
    _check_form(X, tokens)
    values, names = open_container(X, tokens=tokens, columns=columns)
    if tokens and not isinstance(values, list) and values.ndim == 1:
        values = list(values)
    if isinstance(values, list):
        batch = _from_collection(values, "tokens" if tokens else "ragged")
    else:
        batch = _from_array(values, "tokens" if tokens else _kind_of_array(values))
    if tokens:
        batch = _check_tokens(batch)
    else:
        _check_values(batch, missing)
    return batch if names is None else replace(batch, columns=names)


def _check_form(X: Any, tokens: bool) -> None:
    """Refuse what holds no sequences at all."""
    if hasattr(X, "toarray"):
        return  # sparse: refused as any array that is
    refuse_iterators(X, "X", _TOKEN_FORMS if tokens else _FORMS)
    container = isinstance(X, list | tuple) or any(
        hasattr(X, known) for known in ("shape", "__array__", "row_splits", "to_list", "collect")
    )
    if not container or isinstance(X, type):
        raise ValueError(
            f"X is of type {type(X).__name__} and holds no sequences: give "
            f"{_TOKEN_FORMS if tokens else _FORMS}."
        )
    if (isinstance(X, list | tuple) and not X) or getattr(X, "shape", None) == (0,):
        raise ValueError("X=[] is empty: found 0 sample(s); give at least one sequence.")
    holds_objects = isinstance(X, np.ndarray) and X.dtype == object and X.ndim == 1
    if not isinstance(X, list | tuple) and not holds_objects:
        return
    first = X[0]
    known = ("__len__", "__float__", "__array__", "__complex__", "collect", "row_splits")
    if isinstance(first, dict) or not any(hasattr(first, name) for name in known):
        raise ValueError(
            f"X[0] is of type {type(first).__name__}, which is not a sequence of numbers: give "
            f"{_FORMS}."
        )


def _kind_of_array(values: np.ndarray[Any, Any]) -> Kind:
    if values.ndim in (2, 3):
        return "series" if values.ndim == 2 else "panel"
    raise ValueError(
        f"X has {values.ndim} dimension(s), which holds no sequences: give {_FORMS}. Reshape your "
        "data: a single series of shape (n_timesteps,) becomes one sample with X.reshape(1, -1); "
        "of several series, give X[:1] in place of X[0]."
    )


def _from_array(X: np.ndarray[Any, Any], kind: Kind) -> SequenceBatch:
    if kind == "tokens" and X.ndim != 2:
        raise ValueError(
            f"X has shape {X.shape}, but embedding_dim is set: give {_TOKEN_FORMS}, or set "
            "embedding_dim=None for numeric channels."
        )
    _check_not_empty(X.shape)
    n_samples, stride = X.shape[:2]
    steps = X.reshape(n_samples * stride, -1)
    starts = np.arange(n_samples) * stride
    lengths = np.full(n_samples, stride)
    if kind == "tokens":
        lengths = _length_without_padding(_is_token(X))
    elif kind == "panel" and X.dtype.kind == "f":
        lengths = _lengths_of_padded(X)
    return SequenceBatch(kind, steps, starts, lengths, stride)


def _from_collection(X: list[np.ndarray[Any, Any]], kind: Kind) -> SequenceBatch:
    rows = [_one_sequence(i, x) for i, x in enumerate(X)]
    widths = {row.shape[1] for row in rows}
    if len(widths) > 1:
        odd = next(i for i, row in enumerate(rows) if row.shape[1] != rows[0].shape[1])
        raise ValueError(
            f"X[{odd}] has {rows[odd].shape[1]} channel(s) and X[0] has {rows[0].shape[1]}; "
            "all sequences must have the same channels, each of shape (n_timesteps_i, n_channels)."
        )
    lengths = np.array([len(row) for row in rows])
    _check_not_empty((len(rows), int(lengths.max()), widths.pop()))
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    steps = np.concatenate(rows)
    if kind == "tokens":
        real = _is_token(steps[:, 0])
        last_real = np.maximum.reduceat(np.where(real, np.arange(len(steps)), -1), starts)
        lengths = np.maximum(last_real - starts + 1, 0)
    return SequenceBatch(kind, steps, starts, lengths, None)


def _one_sequence(i: int, x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    if x.ndim not in (1, 2):
        one = "; of several sequences, the first is X[:1] and not X[0]" if x.ndim == 0 else ""
        raise ValueError(
            f"X[{i}] has shape {x.shape}; give sequences of shape (n_timesteps,) or "
            f"(n_timesteps, n_channels){one}."
        )
    if len(x) == 0:
        raise ValueError(f"X[{i}] has no time steps (length 0); drop empty sequences.")
    return x[:, None] if x.ndim == 1 else x


def _is_token(ids: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return where ids are neither padding nor missing."""
    real: np.ndarray[Any, Any] = ids != PADDING_TOKEN
    return real & ~np.isnan(ids) if ids.dtype.kind == "f" else real


def _lengths_of_padded(X: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    rows_per_block = max(1, VALUES_PER_CHECK // (X.shape[1] * X.shape[2]))
    blocks = range(0, len(X), rows_per_block)
    return np.concatenate(
        [_length_without_padding(~np.isnan(X[i : i + rows_per_block]).all(axis=2)) for i in blocks]
    )


def _length_without_padding(present: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the number of steps up to the last present one, for each row."""
    trailing = np.argmax(present[:, ::-1], axis=1)
    return np.where(present.any(axis=1), present.shape[1] - trailing, 0)


def _check_not_empty(shape: tuple[int, ...]) -> None:
    if shape[0] == 0:
        raise ValueError(f"X has shape {shape}: found 0 sample(s); give at least one sequence.")
    if 0 in shape:
        what = "time steps" if shape[1] == 0 else "channels"
        raise ValueError(
            f"X has 0 {what}: 0 feature(s) (shape={shape}) while a minimum of 1 is required; give "
            "every sequence at least one time step and one channel."
        )


def _check_tokens(batch: SequenceBatch) -> SequenceBatch:
    """Return token ids with 0 in place of missing values at the ends, if they are token ids."""
    if batch.n_channels != 1:
        raise ValueError(
            f"X has {batch.n_channels} channels, but embedding_dim is set, so X must hold one "
            "token id a time step; set embedding_dim=None for numeric channels."
        )
    ids = batch.steps
    if ids.dtype.kind == "f" and np.isnan(ids).any():
        _refuse_missing_tokens(batch)
        ids = np.where(np.isnan(ids), PADDING_TOKEN, ids)
        batch = replace(batch, steps=ids)
    if ids.dtype.kind == "f" and not (np.isfinite(ids).all() and (ids == np.floor(ids)).all()):
        raise ValueError(
            "X holds values that are not whole numbers, but embedding_dim is set, so X must be "
            "token ids; set embedding_dim=None for numeric sequences."
        )
    if ids.min() < 0:
        raise ValueError(
            f"X holds the token id {int(ids.min())}; ids are 0 (padding), 1, 2, ... "
            "Shift negative ids or map them to an id of their own; where they are padding, put 0."
        )
    if ids.max() > _LARGEST_TOKEN:
        raise ValueError(
            f"X holds the token id {int(ids.max())}; the largest possible id is {_LARGEST_TOKEN}. "
            "Number the tokens 1, 2, ... without gaps."
        )
    _check_lengths(batch, "only padding (token id 0)")
    return batch


def _refuse_missing_tokens(batch: SequenceBatch) -> None:
    """Refuse a missing id that has others behind it; at the end of a sequence it is padding."""
    steps = np.flatnonzero(np.isnan(batch.steps[:, 0]))
    rows = np.searchsorted(batch.starts, steps, side="right") - 1
    inside = steps - batch.starts[rows] < batch.lengths[rows]
    if inside.any():
        step, row = steps[inside][0], rows[inside][0]
        raise ValueError(
            f"X[{row}] is missing (NaN) at time step {step - batch.starts[row]}, with token ids "
            "behind it; missing ids are padding at the end of a sequence only. Drop them, or give "
            "them an id of their own. If these are not token ids, set embedding_dim=None."
        )


def _check_values(batch: SequenceBatch, missing: str) -> None:
    _check_lengths(batch, "only missing values (NaN)")
    if batch.steps.dtype.kind != "f":
        return
    for rows in _blocks(batch):
        with np.errstate(over="ignore"):  # float64 beyond float32 becomes infinite, reported below
            block = batch.padded(rows, batch.max_length)
        unknown = np.isnan(block)
        hopeless = unknown.all(axis=(1, 2))
        if hopeless.any():
            raise ValueError(
                f"X[{rows[np.argmax(hopeless)]}] holds only missing values (NaN); drop such "
                "sequences."
            )
        if np.isinf(block).any():
            row, step, channel = (int(v) for v in np.argwhere(np.isinf(block))[0])
            raise ValueError(
                f"X[{rows[row]}] holds infinity or a value too large for float32 at time step "
                f"{step}, channel {channel}; clip or remove such values."
            )
        if missing == "error":
            inside = np.arange(batch.max_length) < batch.lengths[rows][:, None]
            _refuse_missing(unknown & inside[:, :, None], rows)


def _refuse_missing(unknown: np.ndarray[Any, Any], rows: np.ndarray[Any, Any]) -> None:
    if unknown.any():
        row, step, channel = (int(v) for v in np.argwhere(unknown)[0])
        raise ValueError(
            f"X[{rows[row]}] is missing (NaN) at time step {step}, channel {channel}, before the "
            'sequence ends; fill it, or set missing="mask" to let the network see what is missing.'
        )


def _check_lengths(batch: SequenceBatch, what: str) -> None:
    if (batch.lengths == 0).any():
        raise ValueError(
            f"X[{int(np.argmin(batch.lengths))}] holds {what}: a sequence of length 0; drop it."
        )


def _blocks(batch: SequenceBatch) -> Iterator[np.ndarray[Any, Any]]:
    size = max(1, VALUES_PER_CHECK // (batch.max_length * batch.n_channels))
    for start in range(0, batch.n_samples, size):
        yield np.arange(start, min(start + size, batch.n_samples))
