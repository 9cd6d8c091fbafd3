"""Options that several commands have, and their checks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from rnnselect.cli.exits import DEBUG

__all__ = [
    "BudgetOption",
    "DataArgument",
    "DebugOption",
    "JsonOption",
    "QuietOption",
    "TaskOption",
    "UnitsOption",
    "checked_budget",
]


def checked_budget(budget: Any) -> Any:
    """Refuse what is no budget as other options are refused."""
    from rnnselect.budget import Budget

    try:
        Budget.parse(budget)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    return budget


def checked_task(task: str | None) -> str | None:
    """Refuse words for tasks of which nothing is known."""
    from rnnselect.advice.evidence import TASKS

    if task is not None and task not in TASKS:
        raise typer.BadParameter(f"{task!r} is not among {', '.join(sorted(TASKS))}.")
    return task


def remember_debug(ctx: typer.Context, debug: bool) -> bool:
    """Keep the answer where errors are shown."""
    ctx.meta[DEBUG] = debug
    return debug


BudgetOption = Annotated[
    str | None,
    typer.Option(
        "--budget",
        help="Wall-clock time that the advice may take: 90s, 2min, 1h. None: no limit.",
        callback=checked_budget,
        show_default=False,
    ),
]

TaskOption = Annotated[
    str | None,
    typer.Option(
        "--task",
        help="What the data are, to show the published comparisons of it: sentiment, forecasting, "
        "translation, ... (an unknown word is answered by the list).",
        callback=checked_task,
        show_default=False,
    ),
]

UnitsOption = Annotated[int, typer.Option("--units", min=1, help="Units of both networks.")]

DataArgument = Annotated[
    Path,
    typer.Argument(
        exists=True,
        dir_okay=False,
        help="A table (.csv, .tsv, .parquet), arrays X and y (.npz), or a .ts file.",
        show_default=False,
    ),
]

JsonOption = Annotated[
    Path | None,
    typer.Option(
        "--json",
        help="Write JSON to this file; without a path, to standard output and nothing else there.",
        show_default=False,
    ),
]

QuietOption = Annotated[
    bool, typer.Option("--quiet", "-q", help="No progress and no notes, only the result.")
]

DebugOption = Annotated[
    bool,
    typer.Option(
        "--debug",
        help="Show the whole traceback of an error.",
        callback=remember_debug,
        is_eager=True,
    ),
]
