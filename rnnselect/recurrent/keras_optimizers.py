"""Optimizers as plain values: a name, or one of Keras' own with its settings."""

from __future__ import annotations

import inspect
from typing import Any

from rnnselect.archive.plain import to_plain

__all__ = ["optimizer_document", "read_optimizer"]

# Only these are ever made from a file, by their constructors and with plain numbers. Those that
# wrap other optimizers are left out.
OPTIMIZERS = (
    "Adadelta", "Adafactor", "Adagrad", "Adam", "Adamax", "AdamW", "Ftrl", "Lamb", "Lion", "Muon",
    "Nadam", "RMSprop", "ScheduleFreeAdamW", "SGD",
)  # fmt: skip
SCHEDULES = (
    "CosineDecay", "CosineDecayRestarts", "ExponentialDecay", "InverseTimeDecay",
    "PiecewiseConstantDecay", "PolynomialDecay",
)  # fmt: skip
_NAMES = {name.lower() for name in OPTIMIZERS}
_KEYS = {"class", "config"}


def optimizer_document(optimizer: Any) -> Any:
    """Return the parameter `optimizer` as JSON.

    Parameters
    ----------
    optimizer : str or keras.Optimizer
        The parameter.

    Returns
    -------
    str or dict
        For `read_optimizer`.

    Raises
    ------
    TypeError
        If it is none of Keras' own optimizers, or has settings that are not plain values.
    """
    if isinstance(optimizer, str):
        if optimizer.lower() in _NAMES:
            return str(optimizer)
        raise TypeError("it is not one of Keras' own optimizers")
    import keras

    schedules = keras.optimizers.schedules
    rate, read = getattr(optimizer, "_learning_rate", None), {}
    if isinstance(rate, schedules.LearningRateSchedule):
        read = {"learning_rate": _document(rate, SCHEDULES, schedules, {})}
    elif callable(rate):
        raise TypeError("a learning rate that is a function is not a plain value")
    return _document(optimizer, OPTIMIZERS, keras.optimizers, read)


def _document(
    thing: Any, names: tuple[str, ...], home: Any, read: dict[str, Any]
) -> dict[str, Any]:
    """Return a class and its settings; `read` are those that are recorded already."""
    name = type(thing).__name__
    if name not in names or getattr(home, name, None) is not type(thing):
        raise TypeError(f"{name} is not one of Keras' own optimizers and schedules")
    config = {key: to_plain(value) for key, value in thing.get_config().items() if key not in read}
    for key, value in config.items():
        if not _is_setting(key, value):
            raise TypeError(f"its setting {key}={value!r} is not a number")
    return {"class": name, "config": config | read}


def read_optimizer(document: Any) -> Any:
    """Return the optimizer that `optimizer_document` has recorded.

    Parameters
    ----------
    document : object
        From a JSON document.

    Returns
    -------
    str or keras.Optimizer
        The parameter `optimizer`.

    Raises
    ------
    ValueError
        If it is anything but one of Keras' own optimizers with numbers for settings.
    """
    if isinstance(document, str):
        if document.lower() not in _NAMES:
            raise ValueError(f"optimizer={document[:80]!r} is not one of Keras' own")
        return document
    if not isinstance(document, dict) or set(document) != _KEYS:
        raise ValueError("the parameter optimizer is neither a name nor a class and its settings")
    config = document["config"]
    rate = config.get("learning_rate") if isinstance(config, dict) else None
    if isinstance(rate, dict):
        _check(rate, SCHEDULES, {})
        _check(document, OPTIMIZERS, {"learning_rate"})
        config = {**config, "learning_rate": _made(rate["class"], rate["config"], "schedules")}
    else:
        _check(document, OPTIMIZERS, {})
    return _made(document["class"], config, "")


def _check(document: dict[str, Any], names: tuple[str, ...], read: Any) -> None:
    """Check a class and its settings, apart from those that have been read."""
    if set(document) != _KEYS or document["class"] not in names:
        raise ValueError(f"{str(document.get('class'))[:80]!r} is not one of Keras' own optimizers")
    config = document["config"]
    if not isinstance(config, dict):
        raise ValueError("the settings of the optimizer are not an object")
    for key, value in config.items():
        if key not in read and not _is_setting(key, value):
            raise ValueError(f"the setting {key[:80]!r} of the optimizer is not a number")


def _made(name: str, config: dict[str, Any], submodule: str) -> Any:
    import keras

    home = getattr(keras.optimizers, submodule) if submodule else keras.optimizers
    kind = getattr(home, name, None)
    if kind is None:
        raise ValueError(f"keras.optimizers of Keras {keras.__version__} has no {name}")
    known = {*inspect.signature(kind).parameters, *inspect.signature(keras.Optimizer).parameters}
    unknown = sorted(set(config) - known)
    if unknown:
        raise ValueError(f"{name} has no setting {unknown[0][:80]!r}")
    try:
        return kind(**config)
    except (ArithmeticError, TypeError, ValueError) as error:
        raise ValueError(f"{name} does not take these settings: {error}") from error


def _is_setting(key: str, value: Any) -> bool:
    if key == "name":
        return value is None or isinstance(value, str)
    if isinstance(value, list):
        return all(isinstance(item, int | float) for item in value)
    return value is None or isinstance(value, bool | int | float)
