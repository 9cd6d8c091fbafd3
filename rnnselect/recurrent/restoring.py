"""Makes a fitted network of what a model file says, once all of it fits together."""

from __future__ import annotations

from itertools import pairwise
from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.utils._param_validation import Interval, StrOptions, validate_parameter_constraints

from rnnselect.archive.fields import checked_fields, estimator_with
from rnnselect.archive.limits import MAX_MEMBERS, MAX_TIMESTEPS
from rnnselect.archive.plain import read_labels
from rnnselect.archive.reading import Archive
from rnnselect.cells import CELLS
from rnnselect.recurrent.architecture import Architecture, pooling_of
from rnnselect.recurrent.continuation import OptimizerMemory
from rnnselect.recurrent.fit_state import FitState
from rnnselect.recurrent.inputs import check_callbacks, check_embedding_weights
from rnnselect.recurrent.keras_optimizers import read_optimizer
from rnnselect.recurrent.reader import Vocabulary
from rnnselect.recurrent.target import Target
from rnnselect.sequences.carried import Windows
from rnnselect.sequences.form import InputForm
from rnnselect.sequences.lengths import MAX_BUCKETS
from rnnselect.sequences.scaling import Scaling

__all__ = ["NEWER", "restore_network"]

_COUNT = Interval(Integral, 1, None, closed="left")
_RATE = Interval(Real, 0, 1, closed="left")
_STEPS = Interval(Integral, 1, MAX_TIMESTEPS, closed="both")
_PARTS = dict.fromkeys(
    ("kind", "parameters", "architecture", "shaped_by", "input", "target", "training", "weights"),
    "no_validation",
)
_ARCHITECTURE = {
    "cell": [StrOptions(set(CELLS))],
    "units": [_COUNT],
    "num_layers": [Interval(Integral, 1, MAX_MEMBERS // 3, closed="both")],  # arrays of a layer
    "bidirectional": ["boolean"],
    "dropout": [_RATE],
    "recurrent_dropout": [_RATE],
    "n_channels": [_COUNT],
    "n_timesteps": [None, _STEPS],
    "vocabulary_size": [None, _COUNT],
    "embedding_dim": [None, _COUNT],
    "mask_missing": ["boolean"],
    "n_outputs": [_COUNT],
    "head": [StrOptions({"softmax", "sigmoid", "linear"})],
    "return_sequences": ["boolean"],
    "pooling": [None, StrOptions({"avg", "max", "concat"})],
}
NEWER = ("pooling",)  # than the first files, whose networks read the last state
_INPUT = {
    "kind": [StrOptions({"series", "panel", "ragged", "tokens"})],
    "n_timesteps_in": [_STEPS],
    "feature_names": [None, list],
    "windows": [dict],
    "n_known_ids": [None, _COUNT],
    "padded_lengths": [list],
    "center": [dict],
    "scale": [dict],
}
_WINDOWS = {"length": [_STEPS], "horizon": [_COUNT], "targets": [list], "period": [None, _COUNT]}
_CLASSES = {"steps_in_array": [None, "boolean"], "classes": [dict]}
_LABELS = {"dtype": [str], "values": [list]}
_VALUES = {
    "steps_in_array": [None, "boolean"],
    "flat": ["boolean"],
    "center": [dict],
    "scale": [dict],
}
_TRAINING = {
    "history": [dict],
    "stop_reason": [
        StrOptions({"early_stopping", "max_epochs", "deadline", "diverged", "callback"})
    ],
    "engine": [StrOptions({"compiled", "keras"})],
    "seeds": [None, dict],
    "memory": [None, dict],
}
_HISTORY = {"loss": [list], "val_loss": [list]}
# The state of the Mersenne twister behind `numpy.random.RandomState`.
_TWISTER_WORDS = 624
_SEEDS = {"key": [dict], "position": [Interval(Integral, 0, _TWISTER_WORDS, closed="both")]}
_MEMORY = {"owner": [list], "arrays": [list]}
_MOMENTS = ("float32", "float64", "int32", "int64", "uint8", "uint32", "bool")


def restore_network(kind: type, document: Any, archive: Archive) -> Any:
    """Return the fitted network that a model file describes.

    Parameters
    ----------
    kind : type
        `RNNClassifier` or `RNNRegressor`.
    document : object
        What `record.record_network` has returned, or anything else that JSON can hold.
    archive : Archive
        The file's arrays.

    Returns
    -------
    RNNClassifier or RNNRegressor
        Fitted; its ``model_`` is built when it is first used.

    Raises
    ------
    ValueError
        If anything does not fit together.
    """
    parts = checked_fields(document, _PARTS, "the network")

    def read_vectors(said: Any) -> Any:
        if said is None:
            return None
        vectors = archive.array(said, "embedding_weights", ("float32",), None)
        return check_embedding_weights(vectors, None, None)

    decoders = {"optimizer": read_optimizer, "embedding_weights": read_vectors}
    parameters = parts["parameters"]
    if isinstance(parameters, dict):
        parameters = {**dict.fromkeys(NEWER), **parameters}
    estimator = estimator_with(kind, parameters, decoders)
    check_callbacks(estimator.callbacks)  # which a file cannot hold
    said = checked_fields(parts["architecture"], _ARCHITECTURE, "architecture", NEWER)
    architecture = Architecture(**said)
    shaped_by = _shaping(kind, parts["shaped_by"], architecture)
    inputs = _inputs(parts["input"], architecture, shaped_by["missing"], archive)
    target = _target(parts["target"], is_classifier(estimator), architecture, archive)
    training = _training(parts["training"])
    shapes = dict(architecture.weight_shapes())
    weights = checked_fields(parts["weights"], dict.fromkeys(shapes, "no_validation"), "weights")
    arrays = [
        archive.array(weights[name], name, ("float32",), shape) for name, shape in shapes.items()
    ]
    state = FitState(
        **inputs,
        target=target,
        shaped_by=shaped_by,
        architecture=architecture,
        seeds=_seeds(training.pop("seeds"), archive),
        memory=_memory(training.pop("memory"), list(shapes.values()), archive),
        **training,
    )
    estimator._keep(state, _weights=arrays)
    return estimator


def _shaping(kind: Any, document: Any, architecture: Architecture) -> dict[str, Any]:
    """Return the parameters of `fit` that have made the network."""
    constraints = {name: kind._parameter_constraints[name] for name in kind._shaping}
    shape = checked_fields(document, constraints, "shaped_by", NEWER)
    shape = {**dict.fromkeys(NEWER), **shape}
    tokens = architecture.is_tokens
    agree = all(
        shape[name] == getattr(architecture, name)
        for name in ("cell", "units", "num_layers", "bidirectional", "return_sequences")
    )
    agree &= architecture.pooling == pooling_of(shape["pooling"], shape["return_sequences"])
    agree &= architecture.mask_missing == (shape["missing"] == "mask" and not tokens)
    agree &= tokens == (architecture.vocabulary_size is not None)
    agree &= not tokens or architecture.n_channels == 1
    for name in ("vocabulary_size", "embedding_dim"):
        agree &= shape[name] in (None, getattr(architecture, name))
    if not agree:
        raise ValueError("architecture and shaped_by contradict each other")
    return shape


def _inputs(
    document: Any, architecture: Architecture, missing: str, archive: Archive
) -> dict[str, Any]:
    """Return what a fitted state says of X."""
    said = checked_fields(document, _INPUT, "input", optional=("windows",))
    kind, names = said["kind"], said["feature_names"]
    series, tokens = kind == "series", kind == "tokens"
    lengths, n_timesteps = said["padded_lengths"], said["n_timesteps_in"]
    fits = tokens == architecture.is_tokens
    fits &= architecture.n_timesteps == (n_timesteps if series else None)
    fits &= not series or architecture.n_channels == 1
    fits &= said["n_known_ids"] in (None, architecture.vocabulary_size)
    if not fits:
        raise ValueError("architecture and input contradict each other")
    for length in lengths:
        validate_parameter_constraints({"length": [_STEPS]}, {"length": length}, "padded_lengths")
    if not 1 <= len(lengths) <= MAX_BUCKETS or any(a >= b for a, b in pairwise(lengths)):
        raise ValueError(
            f"padded_lengths are {str(lengths)[:80]}, not one to three ascending lengths"
        )
    if names is not None:
        n_names = architecture.n_channels if kind in ("panel", "ragged") else n_timesteps
        if len(names) != n_names or not all(type(n) is str for n in names):
            raise ValueError("feature_names are not one text for each column of a table")
        names = np.array(names, dtype=object)
    n_channels, vocabulary = architecture.n_channels, None
    windows = _windows(said["windows"], n_channels) if "windows" in said else None
    if tokens:
        n_rows, size = architecture.vocabulary_size, architecture.embedding_dim
        labelled = architecture.return_sequences
        vocabulary = Vocabulary(said["n_known_ids"], n_rows, size, labelled)
    return {
        "form": InputForm(
            kind, n_timesteps if series else n_channels, n_channels, missing, names, windows
        ),
        "n_timesteps": n_timesteps,
        "vocabulary": vocabulary,
        "inputs": _scaling(said, "input", n_channels, archive),
        "lengths": tuple(lengths),
    }


def _windows(document: Any, n_channels: int) -> Windows:
    said = checked_fields(document, _WINDOWS, "windows", optional=("period",))
    targets = tuple(said["targets"])
    known = all(type(target) is int and 0 <= target < n_channels for target in targets)
    if not targets or not known or len(set(targets)) < len(targets):
        raise ValueError("targets of windows are not different channels")
    return Windows(said["length"], said["horizon"], targets, said.get("period"))


def _target(
    document: Any, of_classes: bool, architecture: Architecture, archive: Archive
) -> Target:
    scaling, classes, flat = None, None, False
    n_outputs, head = architecture.n_outputs, architecture.head
    if of_classes:
        said = checked_fields(document, _CLASSES, "target")
        classes = read_labels(**checked_fields(said["classes"], _LABELS, "classes"))
        fits = head != "linear" and len(classes) == n_outputs
        if head == "sigmoid":
            fits &= classes.tolist() == list(range(n_outputs))
    else:
        said = checked_fields(document, _VALUES, "target")
        flat = said["flat"]
        scaling = _scaling(said, "target", n_outputs, archive)
        fits = head == "linear" and (n_outputs == 1 or not said["flat"])
    if not fits or (said["steps_in_array"] is None) == architecture.return_sequences:
        raise ValueError("architecture and target contradict each other")
    return Target(n_outputs, head, scaling, classes, flat, said["steps_in_array"])


def _training(document: Any) -> dict[str, Any]:
    """Return what a fitted state says of its training, once it has been checked."""
    said = checked_fields(document, _TRAINING, "training")
    history = checked_fields(said["history"], _HISTORY, "history", optional=("val_loss",))
    losses = [loss for values in history.values() for loss in values]
    if not all(type(loss) is float for loss in losses):
        raise ValueError("history has values that are not losses")
    return {**said, "history": history}


def _scaling(said: dict[str, Any], where: str, size: int, archive: Archive) -> Scaling:
    center, scale = (
        archive.array(said[name], f"{name} of {where}", ("float32", "float64"), (size,))
        for name in ("center", "scale")
    )
    if center.dtype != scale.dtype:
        raise ValueError(f"center and scale of {where} differ in their precision")
    if not (scale > 0).all():
        raise ValueError(f"scale of {where} has a number that is not positive")
    return Scaling(center, scale)


def _seeds(document: Any, archive: Archive) -> np.random.RandomState | None:
    if document is None:
        return None
    said = checked_fields(document, _SEEDS, "seeds")
    key = archive.array(said["key"], "key of seeds", ("uint32",), (_TWISTER_WORDS,))
    seeds = np.random.RandomState(0)
    seeds.set_state(("MT19937", key, said["position"]))
    return seeds


def _memory(
    document: Any, shapes: list[tuple[int, ...]], archive: Archive
) -> OptimizerMemory | None:
    """Return what the optimizer of `partial_fit` remembers; `shapes` are those of the weights."""
    if document is None:
        return None
    said = checked_fields(document, _MEMORY, "memory")
    owner = said["owner"]
    if len(owner) != 2 or not all(type(name) is str for name in owner):
        raise ValueError("owner of memory is not an engine and an optimizer")
    arrays = [
        archive.array(array, f"array {i} of memory", _MOMENTS, None)
        for i, array in enumerate(said["arrays"])
    ]
    steps, moments = arrays[:1], arrays[1:]
    if owner[0] == "compiled":  # a step count, and the same number of moments for each weight
        n_each = len(moments) // len(shapes)
        expected = [(), *(shape for shape in shapes for _ in range(n_each))]
        if [array.shape for array in steps + moments] != expected:
            raise ValueError("the arrays of memory do not have the shapes of the weights")
    return OptimizerMemory((owner[0], owner[1]), arrays)
