"""What a model file says of a network: parameters, architecture, fitted attributes, weights."""

from __future__ import annotations

from dataclasses import asdict
from os import PathLike
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from rnnselect.archive.fields import NEEDED_BY_FIT_ONLY, parameters_document
from rnnselect.archive.plain import labels_document, to_plain
from rnnselect.archive.writing import ArrayStore, write_archive
from rnnselect.recurrent.fit_state import FitState
from rnnselect.recurrent.inputs import check_embedding_weights
from rnnselect.recurrent.keras_optimizers import optimizer_document
from rnnselect.recurrent.restoring import NEWER, restore_network
from rnnselect.recurrent.target import Target

__all__ = ["record_network", "save_network"]

# Everything that cannot be saved matters in `fit` only.
HOMES = ("rnnselect.recurrent.classifier", "rnnselect.recurrent.regressor")


def record_network(estimator: Any, arrays: ArrayStore, path: str = "") -> dict[str, Any]:
    """Return a fitted network as JSON.

    Parameters
    ----------
    estimator : RNNClassifier or RNNRegressor
        Fitted.
    arrays : ArrayStore
        Takes its arrays.
    path : str, default=""
        Where it is in a pipeline, for errors.

    Returns
    -------
    dict
        For `restoring.restore_network`.

    Raises
    ------
    ValueError
        If a parameter is not a plain value, or the network is not the one of `fit`.
    NotFittedError
        If there is no network.
    """
    kind = type(estimator)
    if kind.__module__ not in HOMES:
        raise ValueError(
            f"{path}{kind.__name__} cannot be saved: load makes estimators of rnnselect's own "
            "classes only; save an RNNClassifier or RNNRegressor."
        )
    check_is_fitted(estimator)

    def vectors_document(vectors: Any) -> Any:
        return (
            vectors if vectors is None else arrays.add(check_embedding_weights(vectors, None, None))
        )

    encoders = {"optimizer": optimizer_document, "embedding_weights": vectors_document}
    state = estimator._state
    architecture = state.architecture
    parameters = parameters_document(estimator, NEEDED_BY_FIT_ONLY, path, encoders)
    return {
        "kind": kind.__name__,
        "parameters": _as_of_old(parameters),
        "architecture": _as_of_old({n: to_plain(v) for n, v in asdict(architecture).items()}),
        "shaped_by": _as_of_old({n: to_plain(v) for n, v in state.shaped_by.items()}),
        "input": _input_document(state, arrays),
        "target": _target_document(state.target, arrays),
        "training": _training_document(state, arrays),
        "weights": {
            name: arrays.add(weight)
            for (name, _), weight in zip(
                architecture.weight_shapes(), _checked_weights(estimator, path), strict=True
            )
        },
    }


def _as_of_old(values: dict[str, Any]) -> dict[str, Any]:
    """Leave out what says nothing that the first files could not say."""
    return {name: value for name, value in values.items() if value is not None or name not in NEWER}


def save_network(
    estimator: Any, path: str | PathLike[str], metadata: dict[str, Any] | None
) -> None:
    """Write a fitted network to a file; see `rnnselect.save`."""
    arrays = ArrayStore()
    document = record_network(estimator, arrays)
    kind = type(estimator)
    write_archive(path, document, arrays, metadata, lambda *read: restore_network(kind, *read))


def _checked_weights(estimator: Any, path: str) -> list[np.ndarray]:
    weights = estimator._weight_arrays()
    shapes = [shape for _, shape in estimator._state.architecture.weight_shapes()]
    what = f"{path}model_"
    if [weight.shape for weight in weights] != shapes or estimator._state.policy != "float32":
        raise ValueError(
            f"{what} is not the network that fit has made, in single precision; save it with "
            "model_.save, or fit again with Keras' dtype policy 'float32'."
        )
    if not all(np.isfinite(weight).all() for weight in weights):
        raise ValueError(f"{what} has weights that are NaN or infinite; fit again.")
    return weights


def _input_document(state: FitState, arrays: ArrayStore) -> dict[str, Any]:
    names, windows = state.form.feature_names, state.form.windows
    known = (
        {} if windows is None else {"windows": {**asdict(windows), "targets": [*windows.targets]}}
    )
    return {
        **known,
        "kind": state.form.kind,
        "n_timesteps_in": int(state.n_timesteps),
        "feature_names": None if names is None else [str(name) for name in names],
        "n_known_ids": state.vocabulary and to_plain(state.vocabulary.n_known),
        "padded_lengths": [int(length) for length in state.lengths],
        "center": arrays.add(state.inputs.center),
        "scale": arrays.add(state.inputs.scale),
    }


def _target_document(target: Target, arrays: ArrayStore) -> dict[str, Any]:
    document: dict[str, Any] = {"steps_in_array": target.steps_in_array}
    if target.scaling is None:
        try:
            return {**document, "classes": labels_document(target.classes)}
        except TypeError as error:
            raise ValueError(f"classes_: {error}; fit with numbers or str as labels.") from error
    scales = {name: arrays.add(getattr(target.scaling, name)) for name in ("center", "scale")}
    return {**document, "flat": target.flat, **scales}


def _training_document(state: FitState, arrays: ArrayStore) -> dict[str, Any]:
    seeds, memory = state.seeds, state.memory
    document = {
        "history": {name: [float(v) for v in losses] for name, losses in state.history.items()},
        "stop_reason": state.stop_reason,
        "engine": state.engine,
        "seeds": None,
        "memory": None,
    }
    if seeds is not None:
        generator = seeds.get_state(legacy=False)["state"]
        document["seeds"] = {"key": arrays.add(generator["key"]), "position": int(generator["pos"])}
    if memory is not None:
        moments = [arrays.add(array) for array in memory.arrays]
        document["memory"] = {"owner": list(memory.owner), "arrays": moments}
    return document
