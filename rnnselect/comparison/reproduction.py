"""The code that asks an advisor for the same recommendation again."""

from __future__ import annotations

import ast
import builtins
import inspect
import math
import os
import sys
from collections.abc import Iterable, Iterator
from numbers import Integral
from typing import Any

from sklearn.base import BaseEstimator

from rnnselect.advice.provenance import Provenance

__all__ = ["provenance_of"]

LINE_LENGTH = 88  # longer calls get a line for each argument


def provenance_of(advisor: Any, *, refit: bool, metadata: Iterable[str] = ()) -> Provenance:
    """Write down what an advisor was asked, without keeping it.

    Parameters
    ----------
    advisor : RNNAdvisor
        With the parameters of the comparison.
    refit : bool
        Whether the chosen cell was to be fitted on all data.
    metadata : iterable of str, default=()
        Names of what was given beside X and y.

    Returns
    -------
    Provenance
        Its code has all parameters that differ from their defaults, and imports what they need.
        What has no code, such as a function defined in a notebook, is named for the reader to
        define.
    """
    code = _Code()
    call = code.of(advisor, "advisor", indent=" " * 4)
    given = "".join(f", {name}={name}" for name in metadata)
    data = f"X, y{given}"
    question = f"advisor.fit({data}).recommend()" if refit else f"advisor.recommend({data})"
    own = ", ".join(dict.fromkeys(["X", "y", *metadata, *code.own]))
    lines = [
        *code.imports(),
        "",
        f"# Yours to define: {own}",
        f"advisor = {call}",
        f"recommendation = {question}",
    ]
    return Provenance(code="\n".join(lines), repeatable=isinstance(advisor.random_state, Integral))


class _Code:
    """Python for values; collects the imports that it needs and the names that are the user's."""

    def __init__(self) -> None:
        self.own: list[str] = []
        self._modules: set[str] = set()
        self._names: dict[str, set[str]] = {}

    def imports(self) -> list[str]:
        """Return the import statements."""
        names = [
            f"from {module} import {', '.join(sorted(self._names[module]))}"
            for module in sorted(self._names)
        ]
        return [*sorted(self._modules), *names]

    def of(self, value: Any, name: str, indent: str = "") -> str:
        """Return code for a value; `name` stands for one that has none."""
        if isinstance(value, BaseEstimator):
            return self._call(value, indent)
        if type(value) in (list, tuple):
            parts = [self.of(each, name) for each in value]
            if type(value) is list:
                return f"[{', '.join(parts)}]"
            return f"({', '.join(parts)}{',' * (len(parts) == 1)})"
        if type(value) is dict:
            return "{" + ", ".join(f"{k!r}: {self.of(v, name)}" for k, v in value.items()) + "}"
        text = repr(os.fspath(value) if isinstance(value, os.PathLike) else value)
        if type(value) is float and not math.isfinite(value):
            text = f"float({text!r})"
        if self._imported(_free_names(text), value):
            return text
        self.own.append(name)
        return name

    def _call(self, estimator: BaseEstimator, indent: str) -> str:
        kind = type(estimator)
        if not self._imported([kind.__name__], estimator):
            self.own.append(kind.__name__)
        values = estimator.get_params(deep=False)
        arguments = [
            f"{name}={self.of(values[name], name)}"
            for name, parameter in inspect.signature(kind).parameters.items()
            if name in values and repr(values[name]) != repr(parameter.default)
        ]
        line = f"{kind.__name__}({', '.join(arguments)})"
        if not indent or len(f"advisor = {line}") <= LINE_LENGTH:
            return line
        return "\n".join([f"{kind.__name__}(", *(f"{indent}{each}," for each in arguments), ")"])

    def _imported(self, names: Iterable[str] | None, value: Any) -> bool:
        """Import all names in the code of a value; False where that cannot be done."""
        if names is None:
            return False
        found: dict[str, str] = {}
        for name in names:
            if name == "np" or (f"{name}." in repr(value) and name in sys.modules):
                self._modules.add("import numpy as np" if name == "np" else f"import {name}")
                continue
            module = next((m for m in _modules_of(value) if _has(m, name)), None)
            if module is None:
                return False
            found[name] = module
        for name, module in found.items():
            self._names.setdefault(module, set()).add(name)
        return True


def _free_names(text: str) -> list[str] | None:
    """Return the names that code needs; None where a text is not code, or is cut."""
    try:
        nodes = list(ast.walk(ast.parse(text, mode="eval")))
    except SyntaxError:
        return None
    if any(isinstance(node, ast.Constant) and node.value is Ellipsis for node in nodes):
        return None
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    return sorted(name for name in names if not hasattr(builtins, name))


def _modules_of(value: Any) -> Iterator[str]:
    """Yield the modules that users import a value, its type, and what it consists of from."""
    for part in (value, *getattr(value, "__dict__", {}).values()):
        for each in (part, type(part)):
            module = getattr(each, "__module__", None)
            if isinstance(module, str):
                yield _public(module)


def _has(module: str, name: str) -> bool:
    return module != "__main__" and hasattr(sys.modules.get(module), name)


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
