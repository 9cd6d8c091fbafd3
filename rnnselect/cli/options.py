"""Options that several commands have, and their checks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rnnselect.cli.exits import DEBUG

if TYPE_CHECKING:
    from rnnselect.budget import Budget

__all__ = [
    "ADVICE",
    "DATA",
    "KINDS",
    "NETWORKS",
    "OUTPUT",
    "BudgetOption",
    "DataArgument",
    "DebugOption",
    "DecimalOption",
    "FoldsOption",
    "ForceOption",
    "JobsOption",
    "JsonOption",
    "LatencyOption",
    "MemoryOption",
    "MissingOption",
    "ParametersOption",
    "QuietOption",
    "TaskOption",
    "TimeFormatOption",
    "UnitsOption",
    "checked_budget",
    "checked_cells",
    "checked_scoring",
    "compute_budget",
    "option",
]


# The panels of a help page.
DATA, NETWORKS, ADVICE, OUTPUT = "What the data are", "The networks", "The advice", "Output"
KINDS = ("classification", "regression")  # of targets; as a task they say what is predicted


def checked_budget(budget: Any) -> Any:
    """Refuse what is not a budget as other options are refused."""
    from rnnselect.budget import Budget

    try:
        Budget.parse(budget)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    return budget


def compute_budget(
    time: str | None, memory: str | None, max_parameters: int | None, max_latency: str | None
) -> Budget:
    """Return the limits of four options as one record.

    Raises
    ------
    ValueError
        If one of them cannot be read, or two contradict each other.
    """
    from rnnselect.budget import Budget

    return Budget(Budget.parse(time).seconds, memory, max_parameters, max_latency)


def checked_task(task: str | None) -> str | None:
    """Refuse words for tasks of which nothing is known."""
    from rnnselect.advice.evidence import TASKS

    known = {*KINDS, *TASKS}
    if task is not None and task not in known:
        raise typer.BadParameter(f"{task!r} is not among {', '.join(sorted(known))}.")
    return task


def checked_decimal(decimal: str | None) -> str | None:
    """Refuse what cannot stand before decimals."""
    if decimal not in (None, ".", ","):
        raise typer.BadParameter(f"{decimal!r} is not a decimal mark; give . or ,")
    return decimal


def checked_missing(missing: str | None) -> str | None:
    """Refuse what networks cannot do with missing cells."""
    if missing not in (None, "mask", "error"):
        raise typer.BadParameter(f"{missing!r} is not one of mask and error.")
    return missing


def checked_cells(cells: str) -> str:
    """Refuse all but two cells."""
    from rnnselect.cells import CELLS

    names = [name.strip() for name in cells.split(",")]
    if len(set(names)) != 2 or not set(names) <= set(CELLS):
        raise typer.BadParameter(f"{cells!r} must name two different cells, as in gru,lstm.")
    return cells


def checked_scoring(scoring: str | None) -> str | None:
    """Refuse what is not a scorer of scikit-learn."""
    if scoring is None:
        return None
    from difflib import get_close_matches

    from sklearn.metrics import get_scorer_names

    names = get_scorer_names()
    if scoring not in names:
        near = get_close_matches(scoring, names, n=3) or ["accuracy", "balanced_accuracy", "r2"]
        raise typer.BadParameter(
            f"{scoring!r} is not a scorer of scikit-learn; give one such as {', '.join(near)}."
        )
    return scoring


def remember_debug(ctx: typer.Context, debug: bool) -> bool:
    """Keep the answer where errors are shown."""
    ctx.meta[DEBUG] = debug
    return debug


def option(name: str, panel: str, text: str, *aliases: str, **settings: Any) -> Any:
    """Return an option of a panel; its default is not shown unless `settings` say so."""
    return typer.Option(
        name, *aliases, help=text, rich_help_panel=panel, **{"show_default": False, **settings}
    )


BudgetOption = Annotated[
    str | None,
    option(
        "--budget",
        ADVICE,
        "Wall-clock time that the advice may take: 90s, 2min, 1h. Default: no limit.",
        callback=checked_budget,
    ),
]

MemoryOption = Annotated[
    str | None,
    option("--memory", ADVICE, "Most memory that training one network may take: 2GB, 512MiB."),
]

ParametersOption = Annotated[
    int | None,
    option("--max-parameters", ADVICE, "Most trainable parameters of a network.", min=1),
]

LatencyOption = Annotated[
    str | None,
    option("--max-latency", ADVICE, "Longest prediction of one sequence: 5ms, 200us."),
]

TaskOption = Annotated[
    str | None,
    option(
        "--task",
        ADVICE,
        "classification or regression; or a task whose published comparisons are counted: "
        "sentiment, forecasting, ... (an unknown word is answered by the list).",
        callback=checked_task,
    ),
]

UnitsOption = Annotated[
    int, option("--units", NETWORKS, "Units of both networks.", min=1, show_default=True)
]

DataArgument = Annotated[
    Path,
    typer.Argument(
        exists=True,
        dir_okay=False,
        help="A table (.csv, .tsv, .txt, .xlsx, .json, .parquet, .arff), arrays X and y (.npz), or "
        "a .ts file.",
        show_default=False,
    ),
]

FoldsOption = Annotated[
    int, option("--cv", ADVICE, "Folds, one pair of fits on each.", min=2, show_default=True)
]

JobsOption = Annotated[
    int, option("--jobs", ADVICE, "Fits at the same time; -1: all cores.", show_default=True)
]

JsonOption = Annotated[
    Path | None,
    option(
        "--json",
        OUTPUT,
        "Write JSON to this .json file; without a path, to standard output and nothing else there.",
    ),
]

DecimalOption = Annotated[
    str | None,
    option(
        "--decimal",
        DATA,
        "Decimal mark: . or , (default: found in the file).",
        callback=checked_decimal,
    ),
]

TimeFormatOption = Annotated[
    str | None,
    option(
        "--time-format",
        DATA,
        "How times are written, where that is not clear: '%d/%m/%Y' if days come first.",
    ),
]

MissingOption = Annotated[
    str | None,
    option(
        "--missing",
        NETWORKS,
        "Missing cells within a sequence: mask shows the networks that they are missing (the "
        "default where there are any), error refuses them.",
        callback=checked_missing,
    ),
]

ForceOption = Annotated[
    bool, option("--force", OUTPUT, "Overwrite files that do not look like an earlier result.")
]

QuietOption = Annotated[
    bool, option("--quiet", OUTPUT, "No progress and no notes, only the result.", "-q")
]

DebugOption = Annotated[
    bool,
    option(
        "--debug",
        OUTPUT,
        "Show the whole traceback of an error.",
        callback=remember_debug,
        is_eager=True,
    ),
]
