"""Parameters: misspelt ones get the closest name, validated ones become Python's own types."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from functools import wraps
from numbers import Integral, Real
from typing import Any, TypeVar

import numpy as np

__all__ = ["PlainParametersMixin", "plain_value", "validated"]

Function = TypeVar("Function", bound=Callable[..., Any])


def plain_value(value: Any, constraints: Any = ()) -> Any:
    """Return a NumPy scalar as a number or text of Python, and any real number as asked for.

    Sums of 8-bit sizes overflow, and Keras takes neither NumPy's scalars nor whole numbers for a
    learning rate.

    Parameters
    ----------
    value : object
        A parameter, or a tuple of scalars; anything else is returned as it is.
    constraints : list, default=()
        What scikit-learn checks of it. Where that is an interval of real numbers, a whole number
        becomes a float.

    Returns
    -------
    object
        The same value.

    Examples
    --------
    >>> import numpy as np
    >>> from rnnselect.parameters import plain_value
    >>> plain_value((np.uint8(200), np.float64(0.5), np.str_("gru"), np.bool_(True), None))
    (200, 0.5, 'gru', True, None)
    """
    if isinstance(value, tuple) and any(isinstance(each, np.generic) for each in value):
        return tuple(map(plain_value, value))
    if isinstance(value, np.bool_):
        value = bool(value)
    kinds = {getattr(constraint, "type", None) for constraint in constraints}
    if isinstance(value, bool) and not kinds & {Real, Integral}:
        return value
    if isinstance(value, Integral):
        return float(value) if Real in kinds else int(value)
    if isinstance(value, np.floating):
        return float(value)
    return str(value) if isinstance(value, np.str_) else value


def plain_values(constraints: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters, which have been validated, as values of Python's own types."""
    return {name: plain_value(value, constraints.get(name, ())) for name, value in values.items()}


def validated(**constraints: list[Any]) -> Callable[[Function], Function]:
    """Let scikit-learn check arguments of a function, which then gets them in Python's types.

    Parameters
    ----------
    **constraints : list
        What each argument may be, as in ``_parameter_constraints`` of estimators.

    Returns
    -------
    callable
        A decorator.
    """

    def decorator(function: Function) -> Function:
        signature = inspect.signature(function)
        caller = function.__qualname__.removesuffix(".__init__")

        @wraps(function)
        def checked(*args: Any, **kwargs: Any) -> Any:
            from sklearn.utils._param_validation import validate_parameter_constraints

            try:
                bound = signature.bind(*args, **kwargs)
            except TypeError:
                return function(*args, **kwargs)  # raises, and says what is missing as Python does
            bound.apply_defaults()
            arguments = bound.arguments
            given = {name: arguments[name] for name in constraints if name in arguments}
            validate_parameter_constraints(constraints, given, caller_name=caller)
            arguments.update(plain_values(constraints, given))
            return function(*bound.args, **bound.kwargs)

        return checked  # type: ignore[return-value]

    return decorator


def _closest(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f" Did you mean {close[0]!r}?" if close else ""


def _naming_the_closest(init: Function) -> Function:
    known = inspect.signature(init).parameters
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in known.values()):
        return init

    @wraps(init)
    def checked(self: Any, *args: Any, **kwargs: Any) -> None:
        for name in kwargs:
            if name not in known:
                raise TypeError(
                    f"{init.__qualname__}() got an unexpected keyword argument {name!r}."
                    f"{_closest(name, known)}"
                )
        init(self, *args, **kwargs)

    return checked  # type: ignore[return-value]


class PlainParametersMixin:
    """Names the closest parameter to a misspelt one, and converts those that are validated.

    Stands before `BaseEstimator`.
    """

    def __init_subclass__(cls, **options: Any) -> None:
        """Let the class answer to misspelt arguments; its signature stays as it is."""
        super().__init_subclass__(**options)
        if "__init__" in vars(cls):
            cls.__init__ = _naming_the_closest(cls.__init__)  # type: ignore[method-assign]

    def set_params(self, **params: Any) -> Any:
        """Set parameters, as scikit-learn's estimators do.

        Parameters
        ----------
        **params : dict
            New values by name, those of nested estimators as ``<name>__<parameter>``.

        Returns
        -------
        estimator
            The estimator itself.
        """
        known = self.get_params(deep=False)  # type: ignore[attr-defined]
        for name in (key.partition("__")[0] for key in params):
            if name not in known:
                raise ValueError(
                    f"Invalid parameter {name!r} for estimator {self}.{_closest(name, known)} "
                    f"Valid parameters are: {sorted(known)}."
                )
        return super().set_params(**params)  # type: ignore[misc]  # of BaseEstimator

    def _validate_params(self) -> None:
        super()._validate_params()  # type: ignore[misc]  # of BaseEstimator
        given = self.get_params(deep=False)  # type: ignore[attr-defined]
        for name, value in plain_values(self._parameter_constraints, given).items():  # type: ignore[attr-defined]
            if type(value) is not type(given[name]):
                setattr(self, name, value)
