"""What it takes to get a recommendation from a file again: the command, and Python code."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import asdict, replace
from inspect import signature
from typing import TYPE_CHECKING, Any

from rnnselect.cli.problem import Problem, read_problem
from rnnselect.cli.reading import Reading
from rnnselect.cli.tables import short

if TYPE_CHECKING:
    from pathlib import Path

    from rnnselect.advice.recommendation import Recommendation

__all__ = ["ARGUMENTS", "reading_code", "with_origin"]

ARGUMENTS = "rnnselect.arguments"  # key of a context's `meta`: what stands after `rnnselect`
IMPORTS = f"""from pathlib import Path

from {read_problem.__module__} import read_problem
from {Reading.__module__} import Reading"""


def reading_code(path: Path, given: Reading, options: Mapping[str, Any]) -> str:
    """Return Python that reads a file as a command has read it; its imports are `IMPORTS`.

    Parameters
    ----------
    path : Path
        The file.
    given : Reading
        What was said of its columns.
    options : dict
        The further arguments of `read_problem`.
    """
    defaults = {name: each.default for name, each in signature(read_problem).parameters.items()}
    reading = f"reading = Reading({', '.join(_changed(asdict(given), asdict(Reading())))})"
    arguments = [f"Path({str(path)!r})", "reading", *_changed(options, defaults)]
    found = ", ".join(f"problem.{name}" for name in ("sequences.X", "sequences.y", "groups"))
    return f"{reading}\nproblem = read_problem({', '.join(arguments)})\nX, y, groups = {found}"


def with_origin(
    recommendation: Recommendation, problem: Problem, arguments: list[str], code: str
) -> Recommendation:
    """Return a recommendation that knows its file and how to get it again.

    Parameters
    ----------
    recommendation : Recommendation
        As the advisor made it.
    problem : Problem
        What was read.
    arguments : list of str
        Those of the command.
    code : str
        What `reading_code` returned.
    """
    provenance, told = recommendation.provenance, problem.record
    data = {"File": told["file"], "Target": told["task"]}
    if target := told["reading"]["target"]:
        data["Target"] = f"{target}, {told['task']}"
    if channels := told.get("channels"):
        data["Channels"] = ", ".join(map(short, channels))
    imports, _, asked = provenance.code.partition("\n\n")
    _yours, _, asked = asked.partition("\n")  # X and y are read above
    known = replace(
        provenance,
        code=f"{IMPORTS}\n{imports}\n\n{code}\n{asked}",
        command=shlex.join(["rnnselect", *arguments]),
        data=data,
    )
    return replace(recommendation, provenance=known)


def _changed(values: Mapping[str, Any], defaults: Mapping[str, Any]) -> list[str]:
    return [f"{name}={value!r}" for name, value in values.items() if value != defaults[name]]
