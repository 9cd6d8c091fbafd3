"""What a model file says of any estimator that it can hold, pipelines of them included."""

from __future__ import annotations

import reprlib
from collections.abc import Callable
from functools import partial
from typing import Any

from sklearn.pipeline import Pipeline

from rnnselect.archive.fields import (
    NEEDED_BY_FIT_ONLY,
    checked_fields,
    estimator_with,
    parameters_document,
)
from rnnselect.archive.reading import Archive
from rnnselect.archive.writing import ArrayStore
from rnnselect.preprocessing.record import (
    record_scaler,
    record_tokenizer,
    restore_scaler,
    restore_tokenizer,
)
from rnnselect.preprocessing.scaler import SequenceScaler
from rnnselect.preprocessing.tokenizer import SequenceTokenizer
from rnnselect.recurrent.classifier import RNNClassifier
from rnnselect.recurrent.record import record_network
from rnnselect.recurrent.regressor import RNNRegressor
from rnnselect.recurrent.restoring import restore_network

__all__ = ["record", "restore"]

SKIPPED = (None, "passthrough")  # what stands for no step
_PIPELINE = {"kind": "no_validation", "parameters": "no_validation", "steps": [list]}


def record(estimator: Any, arrays: ArrayStore, path: str = "") -> dict[str, Any]:
    """Return a fitted estimator as JSON.

    Parameters
    ----------
    estimator : estimator
        Fitted, of a kind that a model file can hold.
    arrays : ArrayStore
        Takes its arrays.
    path : str, default=""
        Where it is in a pipeline, for errors.

    Returns
    -------
    dict
        For `restore`.

    Raises
    ------
    ValueError
        If it, or something in it, cannot be saved; the message names it and the remedy.
    NotFittedError
        If it is not fitted.
    """
    kind = type(estimator)
    known, recorder, _ = _KINDS.get(kind.__name__, (None, None, None))
    if kind is not known:
        best = hasattr(estimator, "best_estimator_")
        remedy = "give its best_estimator_" if best else "pickle it for yourself, or use skops"
        raise ValueError(
            f"{path.removesuffix('__') or 'the estimator'} is a {kind.__name__}, and a model file "
            f"holds {', '.join(_KINDS)} only; {remedy}."
        )
    return recorder(estimator, arrays, path)


def restore(document: Any, archive: Archive) -> Any:
    """Return the estimator that `record` has recorded.

    Parameters
    ----------
    document : object
        Anything that JSON can hold.
    archive : Archive
        The file's arrays.

    Returns
    -------
    estimator
        Fitted.

    Raises
    ------
    ValueError
        If it is not such a record, or its parts do not fit together.
    """
    kind = document.get("kind") if isinstance(document, dict) else None
    if not isinstance(kind, str) or kind not in _KINDS:
        raise ValueError(f"the kind of estimator {reprlib.repr(kind)} is unknown")
    *_, restorer = _KINDS[kind]
    return restorer(document, archive)


def _record_pipeline(pipeline: Pipeline, arrays: ArrayStore, path: str) -> dict[str, Any]:
    encoders = {"memory": _no_memory}
    return {
        "kind": "Pipeline",
        "parameters": parameters_document(
            pipeline, NEEDED_BY_FIT_ONLY, path, encoders, without=("steps",)
        ),
        "steps": [
            [name, step if step in SKIPPED else record(step, arrays, f"{path}{name}__")]
            for name, step in pipeline.steps
        ],
    }


def _restore_pipeline(document: Any, archive: Archive) -> Pipeline:
    said = checked_fields(document, _PIPELINE, "the pipeline")
    steps: list[tuple[str, Any]] = []
    for pair in said["steps"]:
        if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[0], str):
            raise ValueError(f"{reprlib.repr(pair)} is not a step of a pipeline")
        name, step = pair
        if not name or "__" in name or name in dict(steps):
            raise ValueError(
                f"the name {reprlib.repr(name)} of a step of a pipeline is repeated or not allowed"
            )
        steps.append((name, step if step in SKIPPED else restore(step, archive)))
    before_last = [step for _, step in steps[:-1] if step not in SKIPPED]
    if not steps or not all(hasattr(step, "transform") for step in before_last):
        raise ValueError("a pipeline has no steps, or a step before the last does not transform")
    pipeline: Pipeline = estimator_with(Pipeline, said["parameters"], steps=steps)
    if pipeline.memory is not None:
        raise ValueError("a pipeline has a memory, which would be a folder of pickles")
    return pipeline


def _no_memory(memory: Any) -> None:
    if memory is not None:
        raise TypeError("it is a folder of pickles")


_KINDS: dict[str, tuple[type, Callable[..., dict[str, Any]], Callable[..., Any]]] = {
    "RNNClassifier": (RNNClassifier, record_network, partial(restore_network, RNNClassifier)),
    "RNNRegressor": (RNNRegressor, record_network, partial(restore_network, RNNRegressor)),
    "SequenceTokenizer": (SequenceTokenizer, record_tokenizer, restore_tokenizer),
    "SequenceScaler": (SequenceScaler, record_scaler, restore_scaler),
    "Pipeline": (Pipeline, _record_pipeline, _restore_pipeline),
}
