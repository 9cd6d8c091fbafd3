"""Every check of X, and the reading of each accepted form into a `SequenceBatch`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from rnnselect.sequences.batch import PADDING_TOKEN, Kind, SequenceBatch
from rnnselect.sequences.lazy import within_reach

__all__ = ["read_sequences", "sequence_kind"]

_FORMS = (
    "a 2-D array (n_samples, n_timesteps), a 3-D array (n_samples, n_timesteps, n_channels), "
    "or a list of arrays of shape (n_timesteps_i, n_channels)"
)
_TOKEN_FORMS = "a 2-D array (n_samples, n_timesteps) of token ids, or a list of lists of them"
_ENCODE = "Encode text and categories as integer token ids and set embedding_dim."
_REMEDIES = {  # by kind of dtype
    "M": "Give the time that has passed, e.g. in seconds, as a channel.",
    "m": "Give times as numbers, e.g. in seconds.",
    "O": f"Put NaN where a value is missing. {_ENCODE}",
}
_LARGEST_TOKEN = int(np.iinfo(np.int32).max)
VALUES_PER_CHECK = 2**24  # memory-mapped data is checked in blocks of 64 MiB


def sequence_kind(X: Any, *, tokens: bool = False) -> Kind:
    """Decide which kind of sequences `X` is, from its form alone.

    A list or 1-D object array of arrays is always ragged, even where the lengths happen to be
    equal: a fold of a ragged data set must not change its kind.

    Parameters
    ----------
    X : array-like
        The sequences.
    tokens : bool, default=False
        Whether the values are token ids.

    Returns
    -------
    {"series", "panel", "ragged", "tokens"}
        The kind.

    Raises
    ------
    ValueError
        If `X` has no form that holds sequences.
    """
    if hasattr(X, "toarray"):
        raise ValueError(
            f"X is a sparse matrix ({type(X).__name__}), and sequences are dense: give X.toarray()."
        )
    if not isinstance(X, list | tuple) and not hasattr(X, "shape") and not hasattr(X, "__array__"):
        raise ValueError(
            f"X is of type {type(X).__name__} and holds no sequences: give "
            f"{_TOKEN_FORMS if tokens else _FORMS}."
        )
    if tokens:
        return "tokens"
    if _is_collection(X):
        if len(X) == 0:
            raise ValueError(f"X={X!r} is empty: found 0 sample(s); give at least one sequence.")
        if any(hasattr(row, "__array__") for row in X):
            return "ragged"
    values = X if hasattr(X, "shape") else _rectangular(X)
    n_dimensions = np.ndim(values)
    if n_dimensions == 3:
        return "panel"
    if n_dimensions == 2:
        if isinstance(values, np.ndarray) and values.dtype.kind in "SUV":
            _check_numeric(values.dtype)  # says more than scikit-learn does
        return "series"
    if n_dimensions == 1:
        _check_elements(np.asarray(values))
    raise ValueError(
        f"X has {n_dimensions} dimension(s), which holds no sequences: give {_FORMS}. Reshape your "
        "data: a single series of shape (n_timesteps,) becomes one sample with X.reshape(1, -1)."
    )


def read_sequences(X: Any, *, tokens: bool = False, missing: str = "error") -> SequenceBatch:
    """Check `X` and read it into the form that the rest of the package works with.

    Parameters
    ----------
    X : array-like
        Sequences in any accepted form.
    tokens : bool, default=False
        Whether the values are token ids (0 is padding).
    missing : {"error", "mask"}, default="error"
        What to do with missing values (NaN) inside a sequence. NaN rows at the end of a
        sequence of a 3-D array are padding, not missing values.

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
    X = within_reach(X)
    kind = sequence_kind(X, tokens=tokens)
    if kind == "ragged" or (kind == "tokens" and (_is_collection(X) or np.ndim(X) == 1)):
        batch = _from_collection(X, kind)
    else:
        batch = _from_array(np.asanyarray(X) if hasattr(X, "shape") else _rectangular(X), kind)
    if tokens:
        _check_tokens(batch)
    else:
        _check_values(batch, missing)
    return batch


def _is_collection(X: Any) -> bool:
    if isinstance(X, list | tuple):
        return True
    return isinstance(X, np.ndarray) and X.dtype == object and X.ndim == 1


def _check_elements(values: np.ndarray[Any, Any]) -> None:
    """Refuse what a one-dimensional X may hold instead of sequences or numbers."""
    if values.dtype.kind != "O":
        _check_numeric(values.dtype)
        return
    if isinstance(values[0], list | tuple):
        raise ValueError(
            "X is an array of lists; make each sequence an array: X = [np.asarray(x) for x in X]."
        )
    raise ValueError(
        f"X[0] is of type {type(values[0]).__name__}, which is no sequence of numbers: give "
        f"{_FORMS}."
    )


def _rectangular(X: Any) -> np.ndarray[Any, Any]:
    """Turn nested lists of numbers into an array."""
    try:
        return np.asarray(X)
    except ValueError as error:
        raise ValueError(
            "X is a list of lists of unequal lengths; make each sequence an array: "
            "X = [np.asarray(x) for x in X]."
        ) from error


def _from_array(X: np.ndarray[Any, Any], kind: Kind) -> SequenceBatch:
    if kind == "tokens" and X.ndim != 2:
        raise ValueError(
            f"X has shape {X.shape}, but embedding_dim is set: give {_TOKEN_FORMS}, or set "
            "embedding_dim=None for numeric channels."
        )
    _check_not_empty(X.shape)
    _check_numeric(X.dtype)
    n_samples, stride = X.shape[:2]
    steps = X.reshape(n_samples * stride, -1)
    starts = np.arange(n_samples) * stride
    lengths = np.full(n_samples, stride)
    if kind == "tokens":
        lengths = _length_without_padding(X != PADDING_TOKEN)
    elif kind == "panel" and X.dtype.kind == "f":
        lengths = _lengths_of_padded(X)
    return SequenceBatch(kind, steps, starts, lengths, stride)


def _from_collection(X: Sequence[Any], kind: Kind) -> SequenceBatch:
    if len(X) == 0:
        raise ValueError("X=[] is empty: found 0 sample(s); give at least one sequence.")
    rows = [_one_sequence(i, x) for i, x in enumerate(X)]
    widths = {row.shape[1] for row in rows}
    if len(widths) > 1:
        odd = next(i for i, row in enumerate(rows) if row.shape[1] != rows[0].shape[1])
        raise ValueError(
            f"X[{odd}] has {rows[odd].shape[1]} channel(s) and X[0] has {rows[0].shape[1]}; "
            "all sequences must have the same channels, each of shape (n_timesteps_i, n_channels)."
        )
    lengths = np.array([len(row) for row in rows])
    if (lengths == 0).any():
        raise ValueError(
            f"X[{int(np.argmin(lengths))}] has no time steps (length 0); drop empty sequences."
        )
    _check_not_empty((len(rows), int(lengths.max()), widths.pop()))
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    steps = np.concatenate(rows)
    if kind == "tokens":
        return _strip_token_padding(steps, starts, lengths)
    return SequenceBatch(kind, steps, starts, lengths, None)


def _one_sequence(i: int, x: Any) -> np.ndarray[Any, Any]:
    try:
        row = np.asarray(x)
    except ValueError as error:
        raise ValueError(
            f"X[{i}] is a list of lists of unequal lengths; a sequence has shape (n_timesteps,) "
            "or (n_timesteps, n_channels)."
        ) from error
    if row.size == 0 and row.ndim == 1:  # np.asarray([]) is of floats, whatever was meant
        raise ValueError(f"X[{i}] has no time steps (length 0); drop empty sequences.")
    _check_numeric(row.dtype, name=f"X[{i}]")
    if row.ndim == 1:
        row = row[:, None]
    if row.ndim != 2:
        raise ValueError(
            f"X[{i}] has shape {row.shape}; give sequences of shape (n_timesteps,) or "
            "(n_timesteps, n_channels)."
        )
    return row


def _strip_token_padding(
    steps: np.ndarray[Any, Any], starts: np.ndarray[Any, Any], lengths: np.ndarray[Any, Any]
) -> SequenceBatch:
    real = steps[:, 0] != PADDING_TOKEN
    last_real = np.maximum.reduceat(np.where(real, np.arange(len(steps)), -1), starts)
    lengths = np.maximum(last_real - starts + 1, 0)
    return SequenceBatch("tokens", steps, starts, lengths, None)


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
            f"X has shape {shape}: 0 {what} (0 feature(s)) while a minimum of 1 is required; give "
            "every sequence at least one time step and one channel."
        )


def _check_numeric(dtype: np.dtype[Any], name: str = "X") -> None:
    if dtype.kind == "c":
        raise ValueError(
            f"{name} has dtype {dtype}. Complex data not supported: give real and imaginary parts "
            "as two channels."
        )
    if dtype.kind not in "biuf":
        raise ValueError(
            f"{name} has dtype {dtype}; sequences hold real numbers. "
            + _REMEDIES.get(dtype.kind, _ENCODE)
        )


def _check_tokens(batch: SequenceBatch) -> None:
    if batch.n_channels != 1:
        raise ValueError(
            f"X has {batch.n_channels} channels, but embedding_dim is set, so X must hold one "
            "token id a time step; set embedding_dim=None for numeric channels."
        )
    ids = batch.steps
    if ids.dtype.kind == "f" and not (np.isfinite(ids).all() and (ids == np.floor(ids)).all()):
        raise ValueError(
            "X holds values that are not whole numbers, but embedding_dim is set, so X must be "
            "token ids; set embedding_dim=None for numeric sequences."
        )
    if ids.min() < 0:
        raise ValueError(
            f"X holds the token id {int(ids.min())}; ids are 0 (padding), 1, 2, ... "
            "Shift negative ids or map them to an id of their own."
        )
    if ids.max() > _LARGEST_TOKEN:
        raise ValueError(
            f"X holds the token id {int(ids.max())}; the largest possible id is {_LARGEST_TOKEN}. "
            "Number the tokens 1, 2, ... without gaps."
        )
    _check_lengths(batch, "only padding (token id 0)")


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
