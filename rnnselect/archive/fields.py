"""JSON objects and parameters of estimators, held to their constraints."""

from __future__ import annotations

import inspect
import reprlib
from collections.abc import Callable, Collection, Mapping
from typing import Any

from sklearn.utils._param_validation import validate_parameter_constraints

from rnnselect.archive.plain import from_plain, to_plain

__all__ = ["NEEDED_BY_FIT_ONLY", "checked_fields", "estimator_with", "parameters_document"]

# The remedy for a parameter that cannot be saved and that nothing but `fit` looks at.
NEEDED_BY_FIT_ONLY = "set_params({name}={default}) before saving changes no prediction"


def checked_fields(
    document: Any, constraints: Mapping[str, Any], where: str, optional: Collection[str] = ()
) -> dict[str, Any]:
    """Return a JSON object if it has the fields that it should have, and no others.

    Parameters
    ----------
    document : object
        From a JSON document.
    constraints : dict of str to list
        For each field what scikit-learn's estimators say for each parameter.
    where : str
        What the object is, for errors.
    optional : collection of str, default=()
        Fields that may be missing.

    Returns
    -------
    dict of str to object
        The object itself.

    Raises
    ------
    ValueError
        If it is not an object, or has other fields, or a field breaks its constraint.

    Examples
    --------
    >>> from rnnselect.archive.fields import checked_fields
    >>> checked_fields({"size": -1}, {"size": [None, str]}, "the box")
    Traceback (most recent call last):
    ...
    sklearn.utils._param_validation.InvalidParameterError: The 'size' parameter of the box must be \
None or an instance of 'str'. Got -1 instead.
    """
    if not isinstance(document, dict):
        raise ValueError(f"{where} is {reprlib.repr(document)}, and must be an object")
    unknown = [name for name in document if name not in constraints]
    missing = [name for name in constraints if name not in document and name not in optional]
    if unknown:
        raise ValueError(f"{where} has the unknown field {reprlib.repr(unknown[0])}")
    if missing:
        raise ValueError(f"{where} has no field {missing[0]!r}")
    validate_parameter_constraints(constraints, document, caller_name=where)
    return document


def parameters_document(
    estimator: Any,
    remedy: str,
    path: str = "",
    encoders: Mapping[str, Callable[[Any], Any]] | None = None,
    without: Collection[str] = (),
) -> dict[str, Any]:
    """Return the parameters of an estimator as JSON.

    Parameters
    ----------
    estimator : estimator
        With its parameters.
    remedy : str
        What the user can do about a parameter that cannot be saved; ``{name}`` and ``{default}``
        are filled in.
    path : str, default=""
        Where the estimator is in a pipeline, as in ``get_params``: ``"network__"``.
    encoders : dict of str to callable, default=None
        What makes JSON of parameters that are not plain values.
    without : collection of str, default=()
        Parameters that are recorded elsewhere.

    Returns
    -------
    dict of str to object
        Plain values.

    Raises
    ------
    ValueError
        If a parameter cannot be saved; the message names it.
    """
    defaults = inspect.signature(type(estimator)).parameters
    document = {}
    for name, value in estimator.get_params(deep=False).items():
        if name in without:
            continue
        try:
            document[name] = (encoders or {}).get(name, to_plain)(value)
        except TypeError as error:
            advice = remedy.format(name=name, default=repr(defaults[name].default))
            raise ValueError(
                f"{path}{name}={reprlib.repr(value)} cannot be saved: {error}; {advice}."
            ) from error
    return document


def estimator_with(
    kind: type,
    document: Any,
    decoders: Mapping[str, Callable[[Any], Any]] | None = None,
    **others: Any,
) -> Any:
    """Return an estimator with the parameters that `parameters_document` has recorded.

    Parameters
    ----------
    kind : type
        Class of the estimator.
    document : object
        From a JSON document. A parameter that is missing, because it is newer than the file, has
        its default.
    decoders : dict of str to callable, default=None
        What makes parameters of JSON where these are not plain values.
    **others : dict
        Parameters that are recorded elsewhere.

    Returns
    -------
    estimator
        Not fitted.

    Raises
    ------
    ValueError
        If a parameter is unknown or breaks its constraint.
    """
    names = [name for name in inspect.signature(kind).parameters if name not in others]
    fields = checked_fields(document, dict.fromkeys(names, "no_validation"), "parameters", names)
    decoders = decoders or {}
    values = {name: decoders.get(name, from_plain)(value) for name, value in fields.items()}
    estimator = kind(**values, **others)
    estimator._validate_params()
    return estimator
