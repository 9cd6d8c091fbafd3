"""What decides a fit, as a digest: the same in every process, another one if anything differs."""

from __future__ import annotations

import hashlib
import json
import os
import reprlib
from collections.abc import Iterator, Mapping
from functools import partial
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any

import joblib
import numpy as np

from rnnselect.advice.provenance import installed_versions
from rnnselect.sequences.batch import SequenceBatch

if TYPE_CHECKING:
    from rnnselect.comparison.comparison import Comparison

__all__ = ["fit_keys"]

# Raised when a fit of the same parameters becomes another one.
LAYOUT = 1
# Parameters that never change what is learnt; the seeds are those of the pairs.
NEUTRAL_PARAMETERS = frozenset({"memory", "n_jobs", "random_state", "verbose"})
STEPS_PER_BLOCK = 2**18


def fit_keys(comparison: Comparison) -> dict[tuple[int, str], str]:
    """Return the digest of everything that decides a fit, for every split and candidate.

    Parameters
    ----------
    comparison : Comparison
        What is compared.

    Returns
    -------
    dict of (int, str) to str
        By split and candidate: 40 hexadecimal digits.

    Raises
    ------
    ValueError
        If something cannot be told apart from others, because it cannot be pickled.

    Notes
    -----
    Data and targets, their rows in the training and test part, the seed, all parameters of the
    candidate, further arguments of `fit`, the versions of Python and the packages that train. Of
    functions their code counts, of classes only their name. A scorer counts only where it may
    look at more than predictions: others score kept predictions anew.
    """
    data = comparison.data
    common = [
        LAYOUT,
        installed_versions(),
        os.environ.get("KERAS_BACKEND", ""),
        _digest_of_data(comparison),
        stable(comparison.metadata.fit, "an argument of fit"),
    ]
    if not comparison.scoring.needs_predictions_only:
        further = stable(comparison.metadata.score, "an argument of the scorer")
        common += [stable(comparison.scoring.scorer, "scoring"), further]
    candidates = {
        name: _parameters(comparison.candidates.estimators[name])
        for name in comparison.candidates.cells
    }
    keys = {}
    for k, (train, test) in enumerate(data.splits.rows):
        rows = [joblib.hash(np.asarray(part, dtype=np.int64)) for part in (train, test)]
        for name, parameters in candidates.items():
            decisive = [common, rows, int(comparison.seeds[k]), parameters]
            text = json.dumps(decisive, sort_keys=True)
            keys[k, name] = hashlib.blake2b(text.encode(), digest_size=20).hexdigest()
    return keys


def stable(value: Any, what: str) -> Any:
    """Return what stands for a value: plain, the same in every process, another one for others.

    Parameters
    ----------
    value : object
        Anything.
    what : str
        Its name, for the error.

    Returns
    -------
    None, bool, int, float, str or list
        For JSON.

    Raises
    ------
    ValueError
        If it cannot be told apart from others of its type.
    """
    again = partial(stable, what=what)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic):
        return [type(value).__name__, again(value.item())]
    if isinstance(value, Mapping):
        return ["mapping", *sorted([repr(key), again(each)] for key, each in value.items())]
    if isinstance(value, list | tuple):
        return [type(value).__name__, *map(again, value)]
    if isinstance(value, type | ModuleType):
        return _name(value)
    if isinstance(value, partial):
        return ["partial", *map(again, (value.func, value.args, value.keywords))]
    if isinstance(value, MethodType):
        return ["method", again(value.__func__), again(value.__self__)]
    if isinstance(value, FunctionType):
        inner = [cell.cell_contents for cell in value.__closure__ or ()]
        # Not what those enclose in turn: it may be this very function.
        codes = [list(_code(f.__code__)) for f in (value, *inner) if isinstance(f, FunctionType)]
        others = [each for each in inner if not isinstance(each, FunctionType)]
        return [_name(value), codes, again([value.__defaults__, value.__kwdefaults__, others])]
    if hasattr(value, "get_params"):  # an estimator's own, wherever it is nested
        return _parameters(value)
    if hasattr(value, "get_config"):  # Keras' way
        return [_name(type(value)), again(value.get_config())]
    return [_name(type(value)), _hash(value, what)]


def _parameters(estimator: Any) -> Any:
    found = {
        name: stable(value, name)
        for name, value in estimator.get_params(deep=False).items()
        if name not in NEUTRAL_PARAMETERS
    }
    return [_name(type(estimator)), sorted(found.items())]


def _digest_of_data(comparison: Comparison) -> list[str]:
    data = comparison.data
    digests = [_digest_of_sequences(data.batch), _hash(data.y, "y")]
    # Networks of this package read the sequences alone; of all others nobody knows.
    if data.seen is not data.X or not comparison.candidates.is_recurrent:
        digests.append(_hash(data.X, "X"))
    return digests


def _digest_of_sequences(batch: SequenceBatch) -> str:
    """Read the sequences in blocks: they may be in a file that is larger than memory."""
    digest = hashlib.blake2b(digest_size=20)
    digest.update(f"{batch.kind} {batch.stride} {batch.steps.dtype} {batch.steps.shape}".encode())
    for places in (batch.starts, batch.lengths):
        digest.update(np.asarray(places, dtype=np.int64).tobytes())
    for start in range(0, len(batch.steps), STEPS_PER_BLOCK):
        digest.update(np.ascontiguousarray(batch.steps[start : start + STEPS_PER_BLOCK]).data)
    return digest.hexdigest()


def _hash(value: Any, what: str) -> str:
    """Hash a value by its pickle, in which equal values are equal."""
    try:
        return str(joblib.hash(value, hash_name="sha1"))
    except Exception as error:  # whatever pickling some object raises
        raise ValueError(
            f"checkpoint cannot tell whether a later call has the same {what}: "
            f"{reprlib.repr(value)} cannot be pickled ({error}). Give a value that can, such as "
            "a function with a name, or checkpoint=None."
        ) from error


def _code(code: CodeType) -> Iterator[str]:
    """Yield what a function does, apart from where it is written."""
    yield code.co_code.hex()
    yield from (*code.co_names, *code.co_varnames, *code.co_freevars)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _code(constant)
        elif isinstance(constant, frozenset):  # in an order of the process
            yield repr(sorted(map(repr, constant)))
        else:
            yield repr(constant)


def _name(named: Any) -> str:
    home = getattr(named, "__module__", "")
    return f"{home}.{getattr(named, '__qualname__', getattr(named, '__name__', ''))}"
