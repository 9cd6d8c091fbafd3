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
from rnnselect.advice.points import POINTS_PER_UNIT
from rnnselect.advice.posterior import Posterior
from rnnselect.advice.race import Race
from rnnselect.advice.study import SMALL_SAMPLES
from rnnselect.advice.verdict import StopReason, Verdict, cost_decides
from rnnselect.advice.words import (
    gap_text,
    imbalance_text,
    lead_text,
    margin_text,
    odds_text,
    stop_sentence,
    untested_text,
    verdict_sentence,
)
from rnnselect.cells import shown_name
from rnnselect.report.text import percent_text, score_text

__all__ = ["cost_decided", "first_reasons", "further_reasons", "mean_score"]

ROUNDING = 1e-6
PAIR = "pair: both cells trained on the same split"
# Scores that cannot be beaten, by the kind of their scale.
PERFECT_SCORES = {"bounded": 1.0, "r2": 1.0, "error": 0.0, "squared_error": 0.0}


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
    name, posterior = shown_name(cell), race.posteriors[-1]
    chosen: Literal["first", "second"] = "first" if cell == cells[0] else "second"
    if race.verdict is Verdict.NOT_TESTED:
        odds = f"Not tested. {untested_text(posterior, cells, chosen)}"
        if cost_decided(race):
            why = "because it costs less" if costs_less else "as the first of the two"
            return [Reason("not_tested", f"{name} by default, {why}. {odds}", "prior")]
        return [Reason("not_tested", f"{name}. {odds}", "earlier races")]
    by_cost, margin = cost_decided(race), margin_text(race)
    found = verdict_sentence(race.verdict, posterior, cells, chosen, margin, by_cost=by_cost)
    verdict = Reason(race.verdict.value, found, "measured")
    if_any = f"If you still want a recurrent network, take {name}."
    if best is None:
        neither = race.verdict is Verdict.NEITHER
        return [replace(verdict, sentence=f"{found} {if_any}" if neither else f"{name}. {found}")]
    own, other = _mean_text(scores[cell]), _mean_text(baseline_scores[best])
    figures = f"{scoring} {own} ({name}) against {other} on the same folds"
    simple = "a prediction without learning" if best == DUMMY else f"the best simple model ({best})"
    lead = lead_text(mean(scores[cell]), mean(baseline_scores[best]), race)
    if race.verdict is Verdict.NEITHER:
        if set(baseline_scores.get(DUMMY, ())) == {PERFECT_SCORES.get(race.rules.scale.kind)}:
            found = (
                f"There is nothing to learn on these folds: a prediction without learning has a "
                f"perfect {scoring} of {other} already."
            )
        elif best == DUMMY or not lead:
            found += f" The scores: {figures}."
        else:
            found += f" But {simple} did, and leads by {lead}: {figures}."
        return [replace(verdict, sentence=f"{found} {if_any}")]
    if worth_it and set(baseline_scores) == {DUMMY}:
        learnt = Reason("learnt", f"The network learnt something: {figures} ({best}).", "measured")
        return [replace(verdict, sentence=f"{name}. {found}"), learnt]
    if worth_it:
        worth = (
            f"{name}. A recurrent network is worth it: {name} leads {simple} by {lead}, {figures}."
        )
        return [Reason("worth_it", worth, "measured"), verdict]
    leads = f"leads by {lead}" if lead else "is as good"
    if math.isnan(mean(scores[cell])):
        leads = "has a score on every fold"
    worth = f"A recurrent network is not worth it here: {simple} {leads}, {figures}. {if_any}"
    return [Reason("not_worth_it", worth, "measured"), verdict]


def mean_score(scores: Sequence[float]) -> float:
    """Return the mean score; a fit that diverged never wins."""
    found = mean(scores)
    return -math.inf if math.isnan(found) else found


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
    several: bool,
) -> list[Reason]:
    """Return what the pairs said, why no more were run, and what cost had to do with it."""
    reasons = []
    n_pairs, unit = len(race.outcomes), "round" if several else "pair"
    if race.outcomes and race.verdict is not Verdict.NEITHER:  # which says nothing of the gap
        odds = f"{odds_text(posterior, cells)}{_equivalent_means(race)}"
        told = f"After {n_pairs} pair{'s' * (n_pairs > 1)} ({PAIR}): {odds}. "
        reasons.append(
            Reason(
                "posterior",
                told + gap_text(posterior, cells, race),
                "posterior of the paired folds",
            )
        )
    reasons.extend(_training_sizes(race))
    reasons.extend(_failures(race, n_samples))
    imbalance = imbalance_text(majority_share, race.rules.scale.name)
    if imbalance:
        reasons.append(Reason("imbalance", imbalance, "measured"))
    stopped = stop_sentence(race.stop_reason, n_pairs, race.rules.max_pairs, unit=unit)
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
        alike = "Neither cell is ahead by enough to choose by scores"
        reasons.append(Reason("cheaper", f"{alike}, so {why}.", source))
    return reasons


def _equivalent_means(race: Race) -> str:
    """Say what counts as equivalent, and what a point is."""
    if race.rules.rope_points == 0:
        return ""
    unit = ""
    if race.rules.scale.kind == "bounded":
        unit = f", {race.rules.rope_points / POINTS_PER_UNIT:g} of {race.rules.scale.name}"
    return f" (equivalent: within {margin_text(race)}{unit})"


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


def _failures(race: Race, n_samples: int) -> list[Reason]:
    """Name the cells whose fits have collapsed, and what may mend that."""
    n_pairs, failed = len(race.outcomes), [cell for pair in race.outcomes for cell in pair.failed]
    if not failed:
        return []
    folds = " and ".join(
        f"{shown_name(cell)} on {failed.count(cell)} of {n_pairs}" for cell in dict.fromkeys(failed)
    )
    sentence = (
        f"{folds} folds learnt nothing: the scores are no better than those of a prediction "
        "without learning. "
    )
    n_silent = sum(pair.at_floor for pair in race.outcomes)
    if n_silent:
        sentence += (
            f"Folds on which both learnt nothing ({n_silent} of {n_pairs}) say nothing about the "
            "gap between the cells, and are left out of it. "
        )
    sentence += "Another learning rate, more epochs or more units may mend that"
    sentence += ", and so would more data." if n_samples < SMALL_SAMPLES else "."
    return [Reason("failed", sentence, "measured")]


def cost_decided(race: Race) -> bool:
    """Whether the cost, not the scores, chose between the cells."""
    if race.stop_reason in (StopReason.EXCLUDED, StopReason.OUT_OF_MEMORY):
        return False
    rules = race.rules
    return cost_decides(race.posteriors[-1], race.verdict, min_gain_points=rules.min_gain_points)
