"""``rnnselect recommend``: which cell for the data in a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from rnnselect.cells import shown_name
from rnnselect.cli.console import native_logs_hidden, note, page_width, say, short_warnings
from rnnselect.cli.live import race_shown
from rnnselect.cli.options import (
    ADVICE,
    DATA,
    NETWORKS,
    OUTPUT,
    BudgetOption,
    DataArgument,
    DebugOption,
    FoldsOption,
    JobsOption,
    JsonOption,
    LatencyOption,
    MemoryOption,
    ParametersOption,
    QuietOption,
    TaskOption,
    UnitsOption,
    compute_budget,
    option,
)
from rnnselect.cli.outputs import STDOUT, check_output, write_text
from rnnselect.cli.plan import published
from rnnselect.cli.problem import Problem, make_estimator, read_problem
from rnnselect.cli.reading import Reading

if TYPE_CHECKING:
    from rnnselect.advice.recommendation import Recommendation

__all__ = ["recommend_cell"]


def recommend_cell(
    data: DataArgument,
    target: Annotated[
        str | None, option("--target", DATA, "Column to predict (.npz: array; default y).")
    ] = None,
    id: Annotated[
        str | None, option("--id", DATA, "Column that tells the sequences apart.")
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
    missing: Annotated[
        str,
        option(
            "--missing",
            NETWORKS,
            "Missing values within a series: error, or mask to show them to the network.",
            show_default=True,
        ),
    ] = "error",
    cells: Annotated[
        str, option("--cells", ADVICE, "The two cells to compare.", show_default=True)
    ] = "gru,lstm",
    budget: BudgetOption = None,
    memory: MemoryOption = None,
    max_parameters: ParametersOption = None,
    max_latency: LatencyOption = None,
    scoring: Annotated[
        str | None,
        option("--scoring", ADVICE, "A scorer of scikit-learn. Default: accuracy, or r2."),
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
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """Recommend LSTM or GRU for the data in a file.

    Both cells are trained on the same folds until more of them are not
    expected to change the advice, or the budget is spent. Ctrl-C ends this
    with the advice from the folds so far.
    """
    for name, path in (("--report", report), ("--save", save), ("--json", json)):
        check_output(name, path, data)
    limits = compute_budget(budget, memory, max_parameters, max_latency)
    given = Reading(target=target, id=id, time=time, values=_names(values), text=text)
    problem = read_problem(data, given, regression, groups)
    if not quiet:
        note(problem.described)
    from rnnselect import RNNAdvisor

    advisor = RNNAdvisor(
        make_estimator(problem, units, epochs, embedding_dim, missing),
        cells=_names(cells),
        budget=limits,
        cv=cv,
        scoring=scoring,
        rope=rope,
        task=task,
        checkpoint=None if checkpoint is None else str(checkpoint),
        n_jobs=jobs,
        random_state=seed,
    )
    ended_by = compare_watched(advisor, problem, fit=save is not None, quiet=quiet)
    if hasattr(advisor, "recommendation_"):
        show(advisor.recommendation_, report, json)
        if report is not None and not quiet:
            note(f"Report: {report}")
    elif isinstance(ended_by, KeyboardInterrupt):
        note("No pair of fits was complete, so there is nothing to recommend from.")
    if ended_by is not None:
        raise ended_by
    if save is not None:
        save_model(advisor, problem, save)
        if not quiet:
            note(f"{shown_name(advisor.best_cell_)}, fitted on all data: {save}")


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

    metadata = {"reading": problem.sequences.reading.to_dict()}
    rnnselect.save(advisor.best_estimator_, path, metadata=metadata)


def show(recommendation: Recommendation, report: Path | None, json: Path | None) -> None:
    """Print the recommendation and write it to the files that were asked for."""
    from rnnselect.report.text import recommendation_text

    if json != STDOUT:
        say(recommendation_text(recommendation.to_dict(), page_width()))
        if recommendation.plan.evidence:
            say(published(recommendation.plan))
    if json is not None:
        write_text(recommendation.to_json(), json)
    if report is not None:
        recommendation.report(report)


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",")) if text else ()
