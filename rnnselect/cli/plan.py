"""``rnnselect plan``: what a comparison would cost and gain, with no data at hand."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Annotated, Any

from rnnselect.cells import shown_name
from rnnselect.cli.console import page_width, say
from rnnselect.cli.options import (
    DATA,
    BudgetOption,
    DebugOption,
    FoldsOption,
    JobsOption,
    JsonOption,
    LatencyOption,
    MemoryOption,
    ParametersOption,
    TaskOption,
    UnitsOption,
    compute_budget,
    option,
)
from rnnselect.cli.outputs import STDOUT, check_output, write_text

if TYPE_CHECKING:
    from rnnselect.advice.plan import Plan
    from rnnselect.budget import Budget

__all__ = ["make_default_plan", "plan_comparison"]

EMBEDDING_DIM = 32  # of tokens, unless told; as wide as the network by default


def plan_comparison(
    samples: Annotated[int, option("--samples", DATA, "Number of sequences.", min=1)],
    length: Annotated[int, option("--length", DATA, "Time steps of each.", min=1)],
    channels: Annotated[
        int, option("--channels", DATA, "Values of one time step.", min=1, show_default=True)
    ] = 1,
    classes: Annotated[
        int, option("--classes", DATA, "Classes to tell apart.", min=2, show_default=True)
    ] = 2,
    regression: Annotated[
        bool, option("--regression", DATA, "Predict a value instead of a class.")
    ] = False,
    vocabulary: Annotated[
        int | None, option("--vocabulary", DATA, "Token ids, where sequences are text.", min=2)
    ] = None,
    units: UnitsOption = 32,
    budget: BudgetOption = None,
    memory: MemoryOption = None,
    max_parameters: ParametersOption = None,
    max_latency: LatencyOption = None,
    task: TaskOption = None,
    cv: FoldsOption = 5,
    jobs: JobsOption = 1,
    json: JsonOption = None,
    debug: DebugOption = False,
) -> None:
    """Say what a comparison would cost and gain; nothing is trained, and no data are needed."""
    check_output("--json", json)
    plan = make_default_plan(
        n_samples=samples,
        sequence_length=length,
        n_channels=channels,
        n_outputs=1 if regression else classes,
        target="regression" if regression else "classification",
        vocabulary_size=vocabulary,
        units=units,
        task=task,
        budget=compute_budget(budget, memory, max_parameters, max_latency),
        cv=cv,
        n_jobs=jobs,
    )
    if json is not None:
        write_text(plan.to_json(), json)
    if json != STDOUT:
        say(plan_page(plan))


def make_default_plan(
    *,
    units: int,
    task: str | None,
    budget: Budget,
    cv: int,
    n_jobs: int,
    **sizes: Any,
) -> Plan:
    """Plan as ``RNNAdvisor(...).plan(...)`` does, without importing scikit-learn.

    Parameters
    ----------
    units, task, budget, cv, n_jobs
        As `RNNAdvisor` and its estimator take them.
    **sizes : dict
        Of the data, as `profile_sizes` takes them.

    Returns
    -------
    Plan
        For networks that are defaults but for their units.
    """
    from rnnselect.advice.baseline_cost import seconds_of_all
    from rnnselect.advice.cost import noise_seconds_of
    from rnnselect.advice.points import score_scale
    from rnnselect.advice.rules import race_rules
    from rnnselect.calibration_file import known_speed
    from rnnselect.comparison.default_network import DefaultCandidates
    from rnnselect.comparison.problem import Problem, plan_problem
    from rnnselect.sequences.profile import profile_sizes

    regression = sizes["target"] == "regression"
    scale = score_scale(None, is_classifier=not regression)
    tokens = sizes.get("vocabulary_size") is not None
    rules = race_rules(
        scale,
        n_folds=cv,
        max_pairs=cv,
        rope=0.01,
        min_gain=None,
        confidence=0.95,
        regression=regression,
    )
    profile = profile_sizes(**sizes)
    problem = Problem(
        candidates=DefaultCandidates(units, EMBEDDING_DIM if tokens else None),
        profile=profile,
        rules=rules,
        task=task,
        n_jobs=_at_once(n_jobs),
        refit=False,
        limits=budget.network_limits,
        machine=known_speed(),
        baseline_seconds=seconds_of_all(profile),
        noise_seconds=noise_seconds_of(scale.name, profile.target, profile.n_samples / cv),
    )
    return plan_problem(problem, problem.forecast(), budget.seconds, problem.check_limits())


def plan_page(plan: Plan) -> str:
    """Render the data, the plan and the published comparisons of the task."""
    from rnnselect.report.text import plan_text, profile_text

    width, record = page_width(), plan.to_dict()
    parts = profile_text(record["profile"], width), plan_text(record, width), published(plan)
    return "\n".join(part for part in parts if part)


def published(plan: Plan) -> str:
    """Count the published comparisons of the task in one line; empty where there are none."""
    if not plan.evidence:
        return ""
    winners = [each.winner for each in plan.evidence]
    ahead = ", ".join(f"{shown_name(cell)} ahead in {winners.count(cell)}" for cell in plan.cells)
    line = f"- Published comparisons of this task: {len(winners)}, {ahead}. They are not used."
    return textwrap.fill(line, page_width(), subsequent_indent="  ")


def _at_once(n_jobs: int) -> int:
    if n_jobs == 1:
        return 1
    from joblib import effective_n_jobs

    return int(effective_n_jobs(n_jobs))
