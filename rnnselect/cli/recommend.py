"""``rnnselect recommend``: which cell for the data in a file."""

from __future__ import annotations

from json import dumps, loads
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rnnselect.cells import shown_name
from rnnselect.cli.again import ARGUMENTS, reading_code, with_origin
from rnnselect.cli.console import native_logs_hidden, note, page_width, say, short_warnings
from rnnselect.cli.live import race_shown
from rnnselect.cli.options import (
    ADVICE,
    DATA,
    KINDS,
    NETWORKS,
    OUTPUT,
    BudgetOption,
    DataArgument,
    DebugOption,
    DecimalOption,
    FoldsOption,
    ForceOption,
    JobsOption,
    JsonOption,
    LatencyOption,
    MemoryOption,
    MissingOption,
    ParametersOption,
    QuietOption,
    TaskOption,
    TimeFormatOption,
    UnitsOption,
    checked_cells,
    checked_scoring,
    compute_budget,
    option,
)
from rnnselect.cli.outputs import STDOUT, check_output, write_text
from rnnselect.cli.plan import published
from rnnselect.cli.problem import Problem, make_estimator, read_problem, splitter_of
from rnnselect.cli.reading import Reading
from rnnselect.exceptions import BudgetTooSmallError

if TYPE_CHECKING:
    from rnnselect.advice.recommendation import Recommendation

__all__ = ["recommend_cell"]


def recommend_cell(
    ctx: typer.Context,
    data: DataArgument,
    target: Annotated[
        str | None, option("--target", DATA, "Column to predict (.npz: array; default y).")
    ] = None,
    id: Annotated[
        str | None,
        option("--id", DATA, "Column that tells the sequences apart, or several: site,run."),
    ] = None,
    time: Annotated[
        str | None, option("--time", DATA, "Column that sorts the rows of a sequence.")
    ] = None,
    values: Annotated[
        str | None,
        option(
            "--values",
            DATA,
            "Columns with the numbers, separated by commas: channels, or time steps (t for t0, "
            "t1, ...).",
        ),
    ] = None,
    text: Annotated[str | None, option("--text", DATA, "Column with texts.")] = None,
    categories: Annotated[
        str | None,
        option(
            "--categories",
            DATA,
            "Columns of words that become channels, one for each word, separated by commas.",
        ),
    ] = None,
    forecast: Annotated[
        str | None,
        option("--forecast", DATA, "Column of one long series whose next steps are predicted."),
    ] = None,
    window: Annotated[
        int | None,
        option("--window", DATA, "Time steps from which --forecast predicts.", min=1),
    ] = None,
    horizon: Annotated[
        int | None, option("--horizon", DATA, "Time steps that --forecast predicts.", min=1)
    ] = None,
    header: Annotated[
        bool | None,
        option(
            "--header/--no-header",
            DATA,
            "Whether the first line names the columns; without names they are c1, c2, ...",
        ),
    ] = None,
    target_first: Annotated[
        bool | None,
        option(
            "--target-first/--target-last",
            DATA,
            "The target is the first or the last column; found where only one can be.",
        ),
    ] = None,
    time_format: TimeFormatOption = None,
    decimal: DecimalOption = None,
    channels_first: Annotated[
        bool, option("--channels-first", DATA, "Arrays have their time steps in the last axis.")
    ] = False,
    max_bad: Annotated[
        float,
        option(
            "--max-bad",
            DATA,
            "Share of the sequences that may be left out, and of rows with unreadable cells.",
            min=0,
            max=1,
            show_default=True,
        ),
    ] = 0.05,
    strict: Annotated[
        bool, option("--strict", DATA, "Refuse a file with anything missing or unreadable.")
    ] = False,
    groups: Annotated[
        str | None,
        option(
            "--groups",
            DATA,
            "Column (.npz: array) of sequences that belong together, such as one patient's: a fold "
            "takes all of them or none.",
        ),
    ] = None,
    regression: Annotated[
        bool | None,
        option(
            "--regression/--classification",
            DATA,
            "Predict values, or classes; guessed from the target.",
        ),
    ] = None,
    units: UnitsOption = 32,
    epochs: Annotated[
        int | None, option("--epochs", NETWORKS, "Passes over the data at most.", min=1)
    ] = None,
    embedding_dim: Annotated[
        int | None,
        option(
            "--embedding-dim",
            NETWORKS,
            "Size of the vectors of tokens; with it, whole numbers in X are token ids.",
            min=1,
        ),
    ] = None,
    missing: MissingOption = None,
    cells: Annotated[
        str,
        option(
            "--cells",
            ADVICE,
            "The two cells to compare.",
            show_default=True,
            callback=checked_cells,
        ),
    ] = "gru,lstm",
    budget: BudgetOption = None,
    memory: MemoryOption = None,
    max_parameters: ParametersOption = None,
    max_latency: LatencyOption = None,
    scoring: Annotated[
        str | None,
        option(
            "--scoring",
            ADVICE,
            "A scorer of scikit-learn. Default: accuracy, balanced_accuracy where most sequences "
            "are of one class, or r2.",
            callback=checked_scoring,
        ),
    ] = None,
    cv: FoldsOption = 5,
    rope: Annotated[
        float,
        option(
            "--rope",
            ADVICE,
            "Difference up to which the cells count as equivalent.",
            min=0,
            show_default=True,
        ),
    ] = 0.01,
    task: TaskOption = None,
    jobs: JobsOption = 1,
    seed: Annotated[
        int, option("--seed", ADVICE, "Of the folds and of the networks.", show_default=True)
    ] = 0,
    checkpoint: Annotated[
        Path | None,
        option(
            "--checkpoint",
            ADVICE,
            "Folder that keeps finished fits: the same command goes on from there.",
            file_okay=False,
        ),
    ] = None,
    report: Annotated[
        Path | None, option("--report", OUTPUT, "Write a report to this .html file.")
    ] = None,
    save: Annotated[
        Path | None,
        option(
            "--save",
            OUTPUT,
            "Fit the recommended cell on all data, and write it here for 'predict'.",
        ),
    ] = None,
    json: JsonOption = None,
    force: ForceOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """Recommend LSTM or GRU for the data in a file.

    Both cells are trained on the same folds until more of them are not
    expected to change the advice, or the budget is spent. Ctrl-C ends this
    with the advice from the folds so far.
    """
    check_output("--json", json, data, suffixes=(".json",), force=force)
    check_output("--report", report, data, suffixes=(".html", ".htm"), force=force)
    check_output("--save", save, data)
    limits = compute_budget(budget, memory, max_parameters, max_latency)
    if forecast is not None:
        target, regression = _forecast_target(forecast, target, window, horizon, groups), True
    elif window is not None or horizon is not None:
        raise ValueError("--window and --horizon go with --forecast: name the column to continue.")
    if task in KINDS:
        regression, task = task == "regression", None
    given = Reading(
        target=target,
        id=id,
        time=time,
        values=_names(values),
        text=text,
        header=header,
        decimal=decimal,
        time_format=time_format,
        categories=dict.fromkeys(_names(categories), ()),
        window=window,
        horizon=horizon,
    )
    how: dict[str, Any] = {
        "regression": regression,
        "groups": groups,
        "target_first": target_first,
        "channels_first": channels_first,
        "max_bad": 0.0 if strict else max_bad,
    }
    problem = read_problem(data, given, **how)
    if problem.has_missing_cells and (strict or missing == "error"):
        raise ValueError(
            f"{'--strict' if strict else '--missing error'}: cells are missing "
            f"({problem.sequences.losses.said_of_cells()}); fill them, or say --missing mask"
            f"{' without --strict' if strict else ''}."
        )
    if not quiet:
        note(problem.described)
    if scoring is None:
        scoring = fair_scoring(problem, quiet=quiet)
    from rnnselect import RNNAdvisor

    advisor = RNNAdvisor(
        make_estimator(problem, units, epochs, embedding_dim, missing),
        cells=_names(cells),
        budget=limits,
        cv=splitter_of(problem.sequences.reading, cv),
        scoring=scoring,
        rope=rope,
        task=task,
        checkpoint=None if checkpoint is None else str(checkpoint),
        n_jobs=jobs,
        random_state=seed,
    )
    ended_by = compare_watched(advisor, problem, fit=save is not None, quiet=quiet)
    if isinstance(ended_by, BudgetTooSmallError) and not hasattr(advisor, "recommendation_"):
        compare_watched(advisor, problem, fit=False, quiet=quiet)
        ended_by = BudgetTooSmallError(
            f"No model was written to {save}: a fit needs --budget "
            f"{ended_by.smallest_useful_seconds:.0f}s or more.",
            ended_by.smallest_useful_seconds,
        )
    if hasattr(advisor, "recommendation_"):
        code = reading_code(data, given, how)
        found = with_origin(advisor.recommendation_, problem, ctx.meta[ARGUMENTS], code)
        show(found, report, json, problem.record)
        if report is not None and not quiet:
            note(f"Report: {report}")
    elif isinstance(ended_by, KeyboardInterrupt):
        note("No pair of fits was complete, so there is nothing to recommend from.")
    if ended_by is not None:
        if save is not None and not isinstance(ended_by, BudgetTooSmallError):
            note(f"No model was written to {save}.")
        raise ended_by
    if save is not None:
        save_model(advisor, problem, save)
        if not quiet:
            note(f"{shown_name(advisor.best_cell_)}, fitted on all data: {save}")


def fair_scoring(problem: Problem, *, quiet: bool) -> str | None:
    """Return a scorer for classes of which one is common, and say so; otherwise the default."""
    from rnnselect.advice.words import IMBALANCED_SHARE

    share = problem.majority_share
    if share < IMBALANCED_SHARE:
        return None
    if not quiet:
        note(
            f"Scored by balanced accuracy, because {100 * share:.0f} % of the sequences are of one "
            "class, and always naming that class has the same accuracy. --scoring accuracy says "
            "otherwise."
        )
    return "balanced_accuracy"


def compare_watched(
    advisor: Any, problem: Problem, *, fit: bool, quiet: bool
) -> BaseException | None:
    """Run the comparison and show it; return what ended it, None where it came to its own end.

    Parameters
    ----------
    advisor : RNNAdvisor
        Has its ``recommendation_`` afterwards, unless it was ended before a pair was complete.
    problem : Problem
        The data.
    fit : bool
        Whether the chosen cell is fitted on all data as well.
    quiet : bool
        Whether nothing is shown.
    """
    from rnnselect.advice.verdict import StopReason
    from rnnselect.budget import Budget

    work = advisor.fit if fit else advisor.recommend
    seconds = Budget.parse(advisor.budget).seconds
    with native_logs_hidden(), short_warnings(), race_shown(seconds, quiet=quiet):
        try:
            work(problem.sequences.X, problem.sequences.y, groups=problem.groups)
        except (KeyboardInterrupt, Exception) as error:
            return error
    interrupted = advisor.recommendation_.stop_reason is StopReason.INTERRUPTED
    return KeyboardInterrupt() if interrupted else None


def save_model(advisor: Any, problem: Problem, path: Path) -> None:
    """Write the fitted cell to a file, with what `predict` must know to read data like these."""
    import rnnselect

    reading = problem.sequences.reading
    if reading.form == "series":  # a splitter cannot be saved, and changes no prediction
        advisor.best_estimator_.set_params(validation_fraction=0.1)
    rnnselect.save(advisor.best_estimator_, path, metadata={"reading": reading.to_dict()})


def show(
    recommendation: Recommendation, report: Path | None, json: Path | None, data: dict[str, Any]
) -> None:
    """Print the recommendation and write it, with what was read, to the files asked for."""
    from rnnselect.report.text import recommendation_text

    if json != STDOUT:
        say(recommendation_text(recommendation.to_dict(), page_width()))
        if recommendation.plan.evidence:
            say(published(recommendation.plan))
    if json is not None:
        write_text(dumps({**loads(recommendation.to_json()), "data": data}, indent=2), json)
    if report is not None:
        recommendation.report(report)


def _forecast_target(
    forecast: str, target: str | None, window: int | None, horizon: int | None, groups: str | None
) -> str:
    """Return the column to continue, if all that goes with it is said."""
    if window is None or horizon is None:
        raise ValueError(
            f"--forecast={forecast}: say how many time steps predict how many, e.g. --window 28 "
            "--horizon 7."
        )
    if groups is not None or target not in (None, forecast):
        raise ValueError(f"--forecast={forecast}: leave out --target and --groups.")
    return forecast


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",")) if text else ()
