"""The code that asks an advisor for the same recommendation again."""

from __future__ import annotations

import os
from numbers import Integral
from typing import Any

from sklearn import config_context
from sklearn.base import BaseEstimator, clone

from rnnselect.advice.provenance import Provenance

__all__ = ["provenance_of"]


def provenance_of(advisor: Any, *, refit: bool) -> Provenance:
    """Write down what an advisor was asked, without keeping it.

    Parameters
    ----------
    advisor : RNNAdvisor
        With the parameters of the comparison.
    refit : bool
        Whether the chosen cell was to be fitted on all data.

    Returns
    -------
    Provenance
        Its code has all parameters that differ from their defaults, and imports what they need.
    """
    own = advisor.get_params(deep=False)
    paths = {name: os.fspath(each) for name, each in own.items() if isinstance(each, os.PathLike)}
    shown = clone(advisor).set_params(**paths) if paths else advisor  # PosixPath(...) is no code
    with config_context(print_changed_only=True):
        call = shown.__repr__(N_CHAR_MAX=float("inf"))  # the default cuts long ones
    question = "advisor.fit(X, y).recommend()" if refit else "advisor.recommend(X, y)"
    numpy = ["import numpy as np"] if "np." in call else []  # as numpy's own numbers print
    lines = [*numpy, *_imports(advisor), "", f"advisor = {call}", f"recommendation = {question}"]
    return Provenance(code="\n".join(lines), repeatable=isinstance(advisor.random_state, Integral))


def _imports(advisor: Any) -> list[str]:
    """Return the imports of the advisor's class and of all estimator classes inside."""
    parts = (advisor, *advisor.get_params(deep=True).values())
    names: dict[str, set[str]] = {}
    for part in parts:
        if isinstance(part, BaseEstimator):
            names.setdefault(_public(type(part).__module__), set()).add(type(part).__name__)
    return [f"from {module} import {', '.join(sorted(names[module]))}" for module in sorted(names)]


def _public(module: str) -> str:
    """Return the module that users import from: scikit-learn's own have an underscore.

    Examples
    --------
    >>> _public("sklearn.preprocessing._data"), _public("rnnselect.recurrent.classifier")
    ('sklearn.preprocessing', 'rnnselect')
    """
    package, *rest = module.split(".")
    if package == "rnnselect":
        return package
    shown = [package]
    for part in rest:
        if part.startswith("_"):
            break
        shown.append(part)
    return ".".join(shown)
