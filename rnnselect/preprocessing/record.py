"""What a model file says of a tokenizer and of a scaler, and back."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from rnnselect.archive.fields import checked_fields, estimator_with, parameters_document
from rnnselect.archive.plain import to_plain
from rnnselect.archive.reading import Archive
from rnnselect.archive.writing import ArrayStore
from rnnselect.preprocessing.scaler import SequenceScaler, make_scaler
from rnnselect.preprocessing.tokenizer import SequenceTokenizer, check_vocabulary
from rnnselect.sequences.form import InputForm

__all__ = ["record_scaler", "record_tokenizer", "restore_scaler", "restore_tokenizer"]

TOKENIZER_REMEDY = (
    "a function is code: fit with {name}={default} or another name, and with token_pattern, or "
    "give the network token ids and keep the function in your own program"
)
SCALER_REMEDY = "set_params({name}={default}) and fit again"
# What scikit-learn's scalers learn for each channel, and how often they have seen it.
_LEARNT = {
    "standard": ("mean_", "var_", "scale_"),
    "robust": ("center_", "scale_"),
    "minmax": ("min_", "scale_", "data_min_", "data_max_", "data_range_"),
}
_COUNT = Interval(Integral, 1, None, closed="left")
_TOKENIZER = {"kind": "no_validation", "parameters": "no_validation", "words": [None, list]}
_SCALER = {
    "kind": "no_validation",
    "parameters": "no_validation",
    "input": [StrOptions({"series", "panel", "ragged"})],
    "n_channels_in": [_COUNT],
    "n_features_in": [_COUNT],
    "feature_names": [None, list],
    "output": [None, StrOptions({"default", "pandas", "polars"})],
    "method": [StrOptions(set(_LEARNT))],
    "learnt": [dict],
    "n_samples_seen": [None, dict],
}


def record_tokenizer(
    tokenizer: SequenceTokenizer, arrays: ArrayStore, path: str = ""
) -> dict[str, Any]:
    """Return a fitted tokenizer as JSON; see `recurrent.record.record_network`."""
    del arrays
    check_is_fitted(tokenizer)

    def words_document(words: Any) -> Any:
        return to_plain(words.tolist() if isinstance(words, np.ndarray) else words)

    encoders = {"vocabulary": words_document}
    parameters = parameters_document(tokenizer, TOKENIZER_REMEDY, path, encoders)
    words = list(tokenizer.vocabulary_)
    given = tokenizer.vocabulary is not None and list(tokenizer.vocabulary) == words
    return {
        "kind": "SequenceTokenizer",
        "parameters": parameters,
        "words": None if given else words,
    }


def restore_tokenizer(document: Any, archive: Archive) -> SequenceTokenizer:
    """Return the tokenizer that `record_tokenizer` has recorded."""
    del archive
    said = checked_fields(document, _TOKENIZER, "the tokenizer")
    tokenizer: SequenceTokenizer = estimator_with(SequenceTokenizer, said["parameters"])
    tokenizer._build_analyzer()  # says whether the pattern is one
    words = said["words"] if said["words"] is not None else tokenizer.vocabulary
    if words is None:
        raise ValueError("the tokenizer has no words")
    tokenizer._number(check_vocabulary(words))
    return tokenizer


def record_scaler(scaler: SequenceScaler, arrays: ArrayStore, path: str = "") -> dict[str, Any]:
    """Return a fitted scaler as JSON; see `recurrent.record.record_network`."""
    check_is_fitted(scaler)
    learnt = scaler.scaler_
    method = next(name for name in _LEARNT if type(learnt) is type(make_scaler(name)))
    names = getattr(scaler, "feature_names_in_", None)
    output = getattr(scaler, "_sklearn_output_config", {}).get("transform")
    seen = getattr(learnt, "n_samples_seen_", None)
    return {
        "kind": "SequenceScaler",
        "parameters": parameters_document(scaler, SCALER_REMEDY, path),
        "input": scaler._form.kind,
        "n_channels_in": int(scaler.n_channels_in_),
        "n_features_in": int(scaler.n_features_in_),
        "feature_names": None if names is None else [str(name) for name in names],
        "output": output if scaler._form.kind == "series" else None,
        "method": method,
        "learnt": {name: arrays.add(getattr(learnt, name)) for name in _LEARNT[method]},
        "n_samples_seen": None if seen is None else arrays.add(np.asarray(seen, np.int64)),
    }


def restore_scaler(document: Any, archive: Archive) -> SequenceScaler:
    """Return the scaler that `record_scaler` has recorded."""
    said = checked_fields(document, _SCALER, "the scaler")
    scaler: SequenceScaler = estimator_with(SequenceScaler, said["parameters"])
    n_channels, n_features = said["n_channels_in"], said["n_features_in"]
    series, names = said["input"] == "series", said["feature_names"]
    if n_channels != (1 if series else n_features):
        raise ValueError("n_channels_in and n_features_in of the scaler contradict each other")
    if names is not None:
        fits = len(names) == n_features
        if not fits or not all(type(name) is str for name in names):
            raise ValueError("feature_names are not one text for each column of a table")
        names = np.array(names, dtype=object)
    if said["output"] is not None:
        if not series:
            raise ValueError(f"output={said['output']!r} applies to tables only")
        scaler.set_output(transform=said["output"])
    form = InputForm(said["input"], n_features, n_channels, "mask", names)
    scaler._keep(form, _restore_learnt(said, n_channels, archive))
    return scaler


def _restore_learnt(said: dict[str, Any], n_channels: int, archive: Archive) -> Any:
    """Return scikit-learn's scaler, fitted."""
    learnt = make_scaler(said["method"])
    learnt.n_features_in_ = n_channels
    names = _LEARNT[said["method"]]
    arrays = checked_fields(said["learnt"], dict.fromkeys(names, "no_validation"), "learnt")
    for name in names:
        array = archive.array(arrays[name], name, ("float32", "float64"), (n_channels,))
        setattr(learnt, name, array)
    if (said["n_samples_seen"] is None) != (said["method"] == "robust"):
        raise ValueError("n_samples_seen and the method of the scaler contradict each other")
    if said["n_samples_seen"] is not None:
        shape = () if said["n_samples_seen"].get("shape") == [] else (n_channels,)
        seen = archive.array(said["n_samples_seen"], "n_samples_seen", ("int64",), shape)
        learnt.n_samples_seen_ = seen if seen.shape else seen[()]
    return learnt
