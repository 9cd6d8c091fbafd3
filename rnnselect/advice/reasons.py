"""Why a recommendation says what it says, in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from statistics import mean
from typing import Literal

from rnnselect.advice.baseline import DUMMY
from rnnselect.advice.cost import is_worthwhile_saving
from rnnselect.advice.plan import Reason
from rnnselect.advice.posterior import Posterior
from rnnselect.advice.race import Race
from rnnselect.advice.study import SMALL_SAMPLES
from rnnselect.advice.verdict import StopReason, Verdict, cost_decides, probability_text
from rnnselect.cells import shown_name
from rnnselect.report.text import percent_text, points_text, points_value_text, score_text

__all__ = ["cost_decided", "first_reasons", "further_reasons", "mean_score", "rope_text"]

# From such a share of the commonest class on, fits that score like the dummy are put down to the
# imbalance: of the study's 7 sets with a class of 3/4 or more, the better cell was within 2.5
# points of the dummy on 3 (Earthquakes, Tox21AhR, HIV).
IMBALANCED_SHARE = 0.75
ROUNDING = 1e-6
LARGE_GAP = 10.0  # from here on, whole numbers say enough of a gap in units of the scorer
SMALLEST_GAP_SHOWN = 0.005  # points; prints as 0.01


def first_reasons(
    cell: str,
    cells: tuple[str, str],
    race: Race,
    best: str | None,
    worth_it: bool | None,
    scores: dict[str, tuple[float, ...]],
    baseline_scores: dict[str, tuple[float, ...]],
    scoring: str,
    *,
    costs_less: bool,
) -> list[Reason]:
    """Return the advice: whether a network is worth it, and which cell to take."""
    name = shown_name(cell)
    if race.verdict is Verdict.NOT_TESTED:
        chosen: Literal["first", "second"] = "first" if cell == cells[0] else "second"
        odds = probability_text(race.posteriors[-1], race.verdict, cells=cells, chosen=chosen)
        if cost_decided(race):
            why = "because it costs less" if costs_less else "as the first of the two"
            by_default = f"{name} by default, {why}. {odds}"
            return [Reason("not_tested", by_default, "prior")]
        return [Reason("not_tested", f"{name}. {odds}", "earlier races")]
    verdict = Reason(
        race.verdict.value,
        f"{name}. {race.verdict.sentence.replace('One cell', name)}",
        "measured",
    )
    if_any = f"If you still want a recurrent network, take {name}."
    own = figures = ""
    if best is not None:
        own, of_best = (_mean_text(each) for each in (scores[cell], baseline_scores[best]))
        own, figures = f"{scoring} {own} ({name}) against {of_best}", "on the same folds"
    if race.verdict is Verdict.NEITHER:
        told = f" The scores: {own} ({best}) {figures}." if figures else ""
        return [replace(verdict, sentence=f"{race.verdict.sentence}{told} {if_any}")]
    if worth_it is None:
        return [verdict]
    if worth_it and set(baseline_scores) == {DUMMY}:
        learnt = f"The network has learnt something: {own} ({best}) {figures}."
        return [verdict, Reason("learnt", learnt, "measured")]
    assert best is not None
    simple = f"the best simple model ({best})"
    lead = _lead_text(scores[cell], baseline_scores[best], race)
    if worth_it:
        worth = (
            f"{name}. A recurrent network is worth it: {name} leads {simple} by {lead}, {own} "
            f"{figures}."
        )
        return [Reason("worth_it", worth, "measured"), verdict]
    leads = f"leads by {lead}" if lead else "is as good"
    worth = f"A recurrent network is not worth it here: {simple} {leads}, {own} {figures}. {if_any}"
    return [Reason("not_worth_it", worth, "measured"), verdict]


def mean_score(scores: Sequence[float]) -> float:
    """Return the mean score; a fit that diverged never wins."""
    found = mean(scores)
    return -math.inf if math.isnan(found) else found


def _lead_text(scores: Sequence[float], others: Sequence[float], race: Race) -> str:
    """Say how far two mean scores are apart; nothing where they are equal or one is missing."""
    gap, scale = abs(mean(scores) - mean(others)), race.rules.scale
    if not gap > 0:
        return ""
    if scale.kind == "bounded":
        return points_value_text(scale.points(gap, 0.0))
    return f"{gap:.2g} of {scale.name}"


def _mean_text(scores: Sequence[float]) -> str:
    n_failed = sum(map(math.isnan, scores))
    if n_failed:
        return f"no score on {n_failed} of {len(scores)} folds"
    return score_text(mean(scores))


def further_reasons(
    race: Race,
    posterior: Posterior,
    cell: str,
    cells: tuple[str, str],
    seconds: dict[str, float],
    cheaper: str,
    budget_seconds: float | None,
    majority_share: float | None,
    n_samples: int,
    *,
    smaller: bool,
) -> list[Reason]:
    """Return what the pairs said, why no more were run, and what cost had to do with it."""
    reasons = []
    if race.outcomes:
        reasons.append(
            Reason(
                "posterior",
                f"After {len(race.outcomes)} of {race.rules.max_pairs} pairs: "
                f"{probability_text(posterior, race.verdict, cells=cells, rope=rope_text(race))} "
                f"{_gap_text(posterior, cells, race)}",
                "posterior of the paired folds",
            )
        )
    reasons.extend(_training_sizes(race))
    reasons.extend(_failures(race, majority_share, n_samples))
    stopped = race.stop_reason.sentence
    if not race.outcomes:
        stopped = stopped.replace("Stopped because", "No pair was run, because")
    reasons.append(Reason(race.stop_reason.value, stopped, "stop rule"))
    if race.outcomes and cell == cheaper and cost_decided(race):
        # Without a budget no reading of the clock enters the choice, so none is its reason.
        if budget_seconds is not None and is_worthwhile_saving(seconds, cheaper):
            took = ", ".join(f"{shown_name(c)} {seconds[c]:.1f} s" for c in cells)
            why, source = f"the cheaper cell is taken (a fit took {took})", "measured"
        else:
            why, source = "the first of the two is taken", "arithmetic"
            if smaller:
                why = "the cell with fewer parameters is taken"
        reasons.append(Reason("cheaper", f"The scores do not decide, so {why}.", source))
    return reasons


def _training_sizes(race: Race) -> list[Reason]:
    """Say that pairs count less where they train on a fraction of what others train on."""
    covariance = race.rules.covariance
    if covariance is None or not race.outcomes:
        return []
    least = 1 / float(covariance.diagonal().max())
    if least > 1 - ROUNDING:
        return []
    sentence = (
        f"The splits train on unequal parts, the smallest on {percent_text(least)} of the rows of "
        "the largest. A pair counts by that share, because a gap on little data says less about a "
        "network that is trained on all of it."
    )
    return [Reason("training_sizes", sentence, "arithmetic")]


def _failures(race: Race, majority_share: float | None, n_samples: int) -> list[Reason]:
    """Name the cells whose fits have collapsed, and what may mend that."""
    n_pairs, failed = len(race.outcomes), [cell for pair in race.outcomes for cell in pair.failed]
    if not failed:
        return []
    folds = " and ".join(
        f"{shown_name(cell)} on {failed.count(cell)} of {n_pairs}" for cell in dict.fromkeys(failed)
    )
    sentence = f"{folds} folds learnt nothing: no better than a prediction without learning. "
    n_silent = sum(pair.at_floor for pair in race.outcomes)
    if n_silent:
        sentence += (
            f"Folds on which both learnt nothing ({n_silent} of {n_pairs}) say nothing about the "
            "gap between the cells, and are left out of it. "
        )
    if race.rules.scale.name == "accuracy" and (majority_share or 0.0) >= IMBALANCED_SHARE:
        sentence += (
            f"{percent_text(majority_share or 0.0)} of the samples are of one class, and always "
            "naming that class already scores as well: use scoring='balanced_accuracy' or "
            "'roc_auc', with class_weight='balanced'."
        )
    else:
        sentence += "Another learning rate, more epochs or more units may mend that"
        sentence += ", and so would more data." if n_samples < SMALL_SAMPLES else "."
    return [Reason("failed", sentence, "measured")]


def gap_in_scores(points: float, race: Race) -> str | None:
    """Say a gap below the better cell in the unit of the scores; None where points say it."""
    scale = race.rules.scale
    if scale.kind == "bounded" or not race.outcomes:
        return None
    leader = max(
        mean(pair.points[cell] for pair in race.outcomes) for cell in race.outcomes[0].cells
    )
    gap = scale.gap(points, leader)
    return f"{gap:.2g} of {scale.name}" if gap < LARGE_GAP else f"{gap:,.0f} of {scale.name}"


def rope_text(race: Race) -> str:
    """Say the ROPE of a race, in the unit of its scores where that is not points."""
    points = race.rules.rope_points
    return gap_in_scores(points, race) or points_text(points)


def _gap_text(posterior: Posterior, cells: tuple[str, str], race: Race) -> str:
    gap = abs(posterior.mean_points)
    if gap < SMALLEST_GAP_SHOWN:
        return "No gap is expected."
    leader = shown_name(cells[int(posterior.mean_points > 0)])
    size = gap_in_scores(gap, race) or f"{gap:.2f} points"
    return f"Expected gap {size} in favour of {leader}."


def cost_decided(race: Race) -> bool:
    """Whether the cost, not the scores, chose between the cells."""
    if race.stop_reason in (StopReason.EXCLUDED, StopReason.OUT_OF_MEMORY):
        return False
    rules = race.rules
    return cost_decides(race.posteriors[-1], race.verdict, min_gain_points=rules.min_gain_points)
