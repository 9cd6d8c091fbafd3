"""Plans and recommendations as text for a terminal."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Mapping, Sequence
from statistics import mean
from typing import Any

from rnnselect.cells import shown_name
from rnnselect.report.limits import limits_table

__all__ = [
    "cost_text",
    "duration_text",
    "json_text",
    "percent_text",
    "plan_headline",
    "plan_text",
    "points_text",
    "points_value_text",
    "profile_text",
    "recommendation_text",
    "score_text",
    "seconds_text",
    "signed_text",
]

WIDTH = 96  # fits beside a prompt, and on paper
INDENT = "  "  # of tables
# Every condition on size, length, channels and classes that was tried on the study is in
# docs/advice.md; of all of them only texts told which cell was ahead on families left out.
WHY_ALIKE_DO_NOT_COUNT = (
    "They do not change the probabilities: which cell was ahead on data of similar size and length "
    "hardly told the winner on other data, and the networks of the study read only the last state."
)
# What a point is on each kind of scale.
POINTS = {
    "bounded": "0.01 of {scorer}",
    "error": "1 % of the error of a prediction without learning",
    "squared_error": "1 % of the root of the error of a prediction without learning",
    "r2": "1 % of the standard deviation of the targets",
    "raw": "1 % of the score of a prediction without learning",
}
MAX_FOLDS_SHOWN = 5  # more columns than these do not fit


def json_text(record: Mapping[str, Any]) -> str:
    """Render a record as JSON, which has no word for nan and infinity: they become null.

    Examples
    --------
    >>> json_text({"scores": (0.5, float("nan"))}).split()
    ['{', '"scores":', '[', '0.5,', 'null', ']', '}']
    """
    return json.dumps(_with_null(record), indent=2, allow_nan=False)


def plan_text(plan: Mapping[str, Any], width: int = WIDTH) -> str:
    """Render a plan.

    Parameters
    ----------
    plan : dict
        What `Plan.to_dict` returns.
    width : int, default=96
        Columns at most.

    Returns
    -------
    str
        Several lines, ending without a line break.
    """
    from rich.table import Table

    chosen = plan["n_pairs"]
    budget = plan["budget_seconds"]
    is_choice = len(plan["rows"]) > 1
    table = Table(box=None, pad_edge=False, header_style="")
    for heading in ("pairs", "gain (points)", "cost", "fits"):
        table.add_column(heading, justify="right")
    for row in plan["rows"]:
        marker = " <" if row["n_pairs"] == chosen else ""
        table.add_row(
            str(row["n_pairs"]),
            f"{row['value_points']:.3f}",
            seconds_text(row["seconds"]),
            ("yes" if row["fits_budget"] else "no") + marker,
        )
    return _join(
        *_wrapped(f"Plan: {plan_headline(plan)}", width),
        *_wrapped(
            f"Budget: {_budget(budget)}; costs from {plan['forecast']['source']}, with 90 % "
            f"intervals. {_terms(plan)}",
            width,
        ),
        _rendered(table, width) if is_choice else "",
        _limits(plan, width),
        *_bullets([reason["sentence"] for reason in plan["reasons"]], width),
        *_bullets(_most_alike(plan["study"]), width),
        *_bullets(plan["what_would_change_this"], width),
    )


def _most_alike(sets: Sequence[Mapping[str, Any]]) -> list[str]:
    """Name the data sets of the study that are most like these, with their gaps."""
    if not sets:
        return []
    gaps = ", ".join(f"{each['data']} {each['gap_points']:+.1f}" for each in sets)
    told = f"Most similar data sets of the study, LSTM minus GRU in points: {gaps}"
    return [f"{told}. {WHY_ALIKE_DO_NOT_COUNT}"]


def _terms(plan: Mapping[str, Any]) -> str:
    """Say what a pair and a point are."""
    scale = plan["rules"]["scale"]
    unit = "Pair: both cells" if len(plan["cells"]) == 2 else "Round: all candidates"
    point = POINTS[scale["kind"]].format(scorer=scale["name"])
    return f"{unit} trained on the same split. Point: {point}."


def _budget(seconds: float | None) -> str:
    if seconds is None:
        return "none"
    return f"{seconds:.0f} s" if seconds else "too little left after start-up"


def plan_headline(plan: Mapping[str, Any]) -> str:
    """Render what a plan would do, and its cost, in one line."""
    if plan["action"] == "recommend":
        why = "".join(
            f": {shown_name(each['cell'])} "
            + ("ran out of memory" if each["shortage"] else "is excluded by ")
            + " and ".join(limit["name"] for limit in each["broken"])
            for each in plan.get("exclusions", ())[:1]
        )
        return f"recommend {shown_name(plan['cell'])} outright, not tested{why}"
    n_pairs, n_candidates = plan["n_pairs"], len(plan["cells"])
    what, each = "both cells", "pair"
    if n_candidates > 2:
        what, each = f"{n_candidates} candidates", "round"
    return (
        f"cross-validate {what}, about {n_pairs} {each}{'s' * (n_pairs != 1)} of fits, "
        f"{seconds_text(plan['seconds'])}"
    )


def recommendation_text(recommendation: Mapping[str, Any], width: int = WIDTH) -> str:
    """Render a recommendation.

    Parameters
    ----------
    recommendation : dict
        What `Recommendation.to_dict` returns.
    width : int, default=96
        Columns at most.

    Returns
    -------
    str
        Several lines, ending without a line break.
    """
    first, *rest = recommendation["reasons"]
    return _join(
        *_wrapped(f"Recommendation: {first['sentence']}", width),
        *_bullets([reason["sentence"] for reason in rest], width),
        _score_table(recommendation, width),
        _limits(recommendation, width),
        *_wrapped(f"Cost: {cost_text(recommendation)}", width),
        *_bullets(recommendation["what_would_change_this"], width),
    )


def profile_text(profile: Mapping[str, Any], width: int = WIDTH) -> str:
    """Render the profile of a data set in one or two lines."""
    length = f"{profile['sequence_length']} time steps"
    if profile["median_length"] != profile["sequence_length"]:
        length = f"up to {length} (median {profile['median_length']:.0f})"
    if profile["vocabulary_size"]:
        content = f"token ids from a vocabulary of {profile['vocabulary_size']:,}"
    else:
        n_channels = profile["n_channels"]
        content = f"{n_channels} channel{'s' * (n_channels != 1)}"
    if profile["target"] == "classification":
        target = f"{profile['n_outputs']} classes"
        if profile["majority_share"] is not None:
            target += f", the commonest {percent_text(profile['majority_share'])}"
    else:
        target = f"{profile['n_outputs']} output{'s' * (profile['n_outputs'] != 1)}"
    line = f"Data: {profile['n_samples']:,} sequences of {length}, {content}; {target}"
    return "\n".join(_wrapped(line, width))


def percent_text(probability: float) -> str:
    """Render a probability in whole percent, but never as a certainty that no data can give.

    Examples
    --------
    >>> percent_text(0.069), percent_text(0.0001), percent_text(0.9999)
    ('7 %', '< 1 %', '> 99 %')
    """
    if probability < 0.005:
        return "< 1 %"
    return "> 99 %" if probability > 0.995 else f"{100 * probability:.0f} %"


def points_text(points: float) -> str:
    """Render a number of points with its unit.

    Examples
    --------
    >>> points_text(1.0), points_text(0.5)
    ('1 point', '0.5 points')
    """
    return f"{points:g} point{'s' * (points != 1)}"


def points_value_text(points: float) -> str:
    """Render a measured or expected number of points, as precisely as it deserves.

    Examples
    --------
    >>> points_value_text(0.123), points_value_text(0.001), points_value_text(33.3)
    ('0.12 points', 'less than 0.01 points', '33 points')
    """
    digits = 2 if points < 1 else 1 if points < 10 else 0
    return "less than 0.01 points" if 0 < points < 0.005 else f"{points:.{digits}f} points"


def duration_text(seconds: float) -> str:
    """Render an exact number of seconds in the unit that people use for so many.

    Examples
    --------
    >>> [duration_text(seconds) for seconds in (0.5, 90, 120, 1000, 5400)]
    ['0.5 s', '90 s', '2 min', '16.7 min', '1.5 h']
    """
    if seconds < 120:
        return f"{seconds:g} s"
    return f"{seconds / 60:.3g} min" if seconds < 3600 else f"{seconds / 3600:.3g} h"


def signed_text(points: float) -> str:
    """Render a difference, its sign always written and never a hyphen.

    Examples
    --------
    >>> signed_text(0.05), signed_text(-0.814)
    ('+0.05', '−0.81')
    """
    return f"{points:+.2f}".replace("-", "−")


def seconds_text(interval: Mapping[str, float]) -> str:
    """Render an interval of seconds, as precisely as it deserves."""
    unit, seconds_per_unit = ("s", 1) if interval["expected"] < 120 else ("min", 60)
    low, expected, high = (interval[key] / seconds_per_unit for key in ("low", "expected", "high"))
    digits = 1 if expected < 10 else 0
    return f"{expected:.{digits}f} {unit} ({low:.{digits}f} to {high:.{digits}f})"


def _limits(record: Mapping[str, Any], width: int) -> str:
    return _rendered(limits_table(record["limits"]), width) if record.get("limits") else ""


def _score_table(recommendation: Mapping[str, Any], width: int) -> str:
    from rich.table import Table

    shown = {shown_name(name): scores for name, scores in recommendation["scores"].items()}
    rows = {**shown, **recommendation["baseline_scores"]}
    rows = {name: scores for name, scores in rows.items() if scores}
    if not rows:
        return ""
    n_folds = max(map(len, rows.values()))
    table = Table(box=None, pad_edge=False, header_style="")
    table.add_column(recommendation["scoring"], overflow="fold")
    table.add_column("mean", justify="right")
    all_shown = n_folds <= MAX_FOLDS_SHOWN
    headings = [f"fold {k + 1}" for k in range(n_folds)] if all_shown else ["lowest", "highest"]
    seconds = {
        **{shown_name(cell): each for cell, each in recommendation["cell_seconds"].items()},
        **recommendation["baseline_seconds"],
    }
    for heading in (*headings, "seconds"):
        table.add_column(heading, justify="right")
    for name, scores in rows.items():
        figures = scores if all_shown else (min(scores), max(scores))
        took = f"{seconds[name]:.1f}" if name in seconds else ""
        table.add_row(name, *(score_text(score) for score in (mean(scores), *figures)), took)
    return _rendered(table, width)


def score_text(score: float) -> str:
    """Render a score in as many digits as are read."""
    return f"{score:.3f}" if abs(score) < 1000 else f"{score:.4g}"


def cost_text(recommendation: Mapping[str, Any]) -> str:
    """Say what was predicted and what it took."""
    parts = [f"took {recommendation['actual_seconds']:.1f} s"]
    n_pairs = len(recommendation["pairs"])
    if recommendation["plan"] is None:  # read from a finished search, which nobody planned here
        parts[-1] += " of processor time for all its fits"
    elif n_pairs:
        planned = recommendation["plan"]["n_pairs"]
        predicted = seconds_text(recommendation["predicted_seconds"])
        parts.insert(0, f"predicted {predicted} for {planned} pair{'s' * (planned != 1)}")
        parts[-1] += f" for {n_pairs}"
    if recommendation["budget_seconds"] is not None:
        parts[-1] += f", of a budget of {recommendation['budget_seconds']:.0f} s"
    if recommendation["clock_decided"]:
        parts[-1] += "; measured seconds influenced the result"
    return ", ".join(parts)


def _with_null(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _with_null(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_with_null(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _rendered(table: Any, width: int) -> str:
    from rich.console import Console

    console = Console(file=io.StringIO(), width=width - len(INDENT), color_system=None)
    console.print(table)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return "\n".join(INDENT + line.rstrip() for line in text.rstrip().splitlines())


def _bullets(sentences: Any, width: int) -> list[str]:
    return [line for sentence in sentences for line in _wrapped(sentence, width, "- ")]


def _wrapped(sentence: str, width: int, bullet: str = "") -> list[str]:
    import textwrap

    indent = " " * len(bullet)
    whole = sentence.replace(" %", "\xa0%").replace("< ", "<\xa0").replace("> ", ">\xa0")
    lines = textwrap.wrap(whole, width, initial_indent=bullet, subsequent_indent=indent)
    return [line.replace("\xa0", " ") for line in lines]


def _join(*lines: str) -> str:
    return "\n".join(line for line in lines if line)
