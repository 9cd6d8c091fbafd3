"""Plans and recommendations as HTML: fragments for notebooks. Everything in them is escaped."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from statistics import mean
from typing import TYPE_CHECKING, Any

from rnnselect.cells import shown_name
from rnnselect.report.pictures.palette import EQUIVALENT, FIRST, SECOND, cell_colours
from rnnselect.report.text import (
    cost_text,
    percent_text,
    plan_headline,
    profile_text,
    score_text,
    seconds_text,
)

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["plan_html", "recommendation_html", "rendered"]

SHORTEST_SECONDS = 0.1  # what is shorter costs nothing that anybody would weigh


def plan_html(plan: Mapping[str, Any]) -> str:
    """Render a plan.

    Parameters
    ----------
    plan : dict
        What `Plan.to_dict` returns.

    Returns
    -------
    str
        One ``<div>`` with its style.
    """
    return rendered("plan.html", plan=plan, headline=plan_headline(plan))


def recommendation_html(recommendation: Mapping[str, Any]) -> str:
    """Render a recommendation.

    Parameters
    ----------
    recommendation : dict
        What `Recommendation.to_dict` returns.

    Returns
    -------
    str
        One ``<div>`` with its style.
    """
    return rendered("recommendation.html", found=recommendation)


def rendered(template: str, **values: Any) -> str:
    """Fill a template of this package; values are escaped unless they are marked as markup."""
    return _templates().get_template(template).render(**values)


def outcomes(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the three outcomes of a recommendation, with the colours that they have in pictures.

    Parameters
    ----------
    found : dict
        What `Recommendation.to_dict` returns.

    Returns
    -------
    list of dict
        ``words``, ``probability``, ``colour``, and ``kind``, the colour's name on a page.
    """
    first, second = found["cells"]
    colours = {**cell_colours((first, second)), "equivalent": EQUIVALENT}
    words = {first: f"{shown_name(first)} better", second: f"{shown_name(second)} better"}
    kinds = {FIRST: "first", SECOND: "second", EQUIVALENT: "equivalent"}
    return [
        {
            "words": words.get(name, name),
            "probability": found["beliefs"][-1]["probabilities"][name],
            "colour": colours[name],
            "kind": kinds[colours[name]],
        }
        for name in (first, "equivalent", second)
        if name != "equivalent" or found["rules"]["rope_points"]
    ]


def score_rows(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a row for each model that has scores: both cells, and every simple model.

    Parameters
    ----------
    found : dict
        What `Recommendation.to_dict` returns.

    Returns
    -------
    list of dict
        ``name``, ``mean``, ``lowest``, ``highest``, ``seconds`` (None where nobody knows),
        ``chosen``, and ``best``: whether no other model that ran as many folds has a higher mean.
    """
    cells = {name: scores for name, scores in found["scores"].items() if scores}
    all_scores = {**cells, **found["baseline_scores"]}
    n_folds = max(map(len, all_scores.values()), default=0)
    means = {name: mean(scores) for name, scores in all_scores.items()}
    whole = (means[name] for name, scores in all_scores.items() if len(scores) == n_folds)
    highest = max((each for each in whole if math.isfinite(each)), default=None)
    return [
        {
            "name": shown_name(name) if name in cells else name,
            "mean": means[name],
            "lowest": min(scores),
            "highest": max(scores),
            "seconds": found["cell_seconds" if name in cells else "baseline_seconds"].get(name),
            "chosen": name == found["candidate"],
            "best": means[name] == highest and len(scores) == n_folds,
        }
        for name, scores in all_scores.items()
    ]


def _short_seconds(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{seconds:.1f}" if seconds >= SHORTEST_SECONDS else f"< {SHORTEST_SECONDS}"


@cache
def _templates() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("rnnselect.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "outcomes": outcomes,
        "cost": cost_text,
        "percent": percent_text,
        "profile": lambda profile: " ".join(profile_text(profile).split()),
        "score": score_text,
        "shown": shown_name,
        "seconds": seconds_text,
        "score_rows": score_rows,
        "short_seconds": _short_seconds,
    }
    return environment
