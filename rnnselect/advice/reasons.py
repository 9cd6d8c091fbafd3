"""Why a recommendation says what it says, in words."""

from __future__ import annotations

from statistics import mean
from typing import Literal

from rnnselect.advice.cost import is_worthwhile_saving
from rnnselect.advice.plan import Reason
from rnnselect.advice.posterior import Posterior
from rnnselect.advice.race import Race
from rnnselect.advice.verdict import StopReason, Verdict, cost_decides, probability_text
from rnnselect.cells import shown_name

__all__ = ["cost_decided", "first_reason", "further_reasons"]

SMALLEST_GAP_SHOWN = 0.005  # points; prints as 0.01


def first_reason(
    cell: str,
    cells: tuple[str, str],
    race: Race,
    best: str | None,
    worth_it: bool | None,
    scores: dict[str, tuple[float, ...]],
    baseline_scores: dict[str, tuple[float, ...]],
    scoring: str,
) -> Reason:
    """Return the advice in one sentence."""
    name = shown_name(cell)
    if race.verdict is Verdict.NOT_TESTED:
        chosen: Literal["first", "second"] = "first" if cell == cells[0] else "second"
        odds = probability_text(race.posteriors[-1], race.verdict, cells=cells, chosen=chosen)
        if cost_decided(race):
            by_default = f"{name} by default, because it costs less. {odds}"
            return Reason("not_tested", by_default, "prior")
        return Reason("not_tested", f"{name}. {odds}", "earlier races")
    if race.verdict is Verdict.NEITHER or worth_it is False:
        assert best is not None
        return Reason(
            "neither",
            f"Neither cell beats a {best}: {scoring} {mean(baseline_scores[best]):.3f} against "
            f"{mean(scores[cell]):.3f} ({name}) on the same folds. If a recurrent network it "
            f"must be, take {name}.",
            "measured",
        )
    return Reason(
        race.verdict.value,
        f"{name}. {race.verdict.sentence.replace('One cell', name)}",
        "measured",
    )


def further_reasons(
    race: Race,
    posterior: Posterior,
    cell: str,
    cells: tuple[str, str],
    seconds: dict[str, float],
    cheaper: str,
    budget_seconds: float | None,
) -> list[Reason]:
    """Return what the pairs said, why no more were run, and what cost had to do with it."""
    reasons = []
    if race.outcomes:
        reasons.append(
            Reason(
                "posterior",
                f"After {len(race.outcomes)} of {race.rules.max_pairs} pairs: "
                f"{probability_text(posterior, race.verdict, cells=cells)} "
                f"{_gap_text(posterior, cells)}",
                "posterior of the paired folds",
            )
        )
    reasons.extend(_failures(race))
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
            why, source = "the cell with fewer parameters is taken", "arithmetic"
        reasons.append(Reason("cheaper", f"The scores do not decide, so {why}.", source))
    return reasons


def _failures(race: Race) -> list[Reason]:
    """Name cells that learnt nothing on some folds, where not all fits failed."""
    n_pairs, failed = len(race.outcomes), [cell for pair in race.outcomes for cell in pair.failed]
    if not failed or len(failed) == n_pairs * len(race.outcomes[0].cells):
        return []
    folds = " and ".join(
        f"{shown_name(cell)} on {failed.count(cell)} of {n_pairs}" for cell in dict.fromkeys(failed)
    )
    return [
        Reason(
            "failed",
            f"{folds} folds learnt nothing: no better than a prediction without learning. Another "
            "learning rate, more epochs or more units may mend that, and change the advice.",
            "measured",
        )
    ]


def _gap_text(posterior: Posterior, cells: tuple[str, str]) -> str:
    gap = abs(posterior.mean_points)
    if gap < SMALLEST_GAP_SHOWN:
        return "No gap is expected."
    leader = shown_name(cells[int(posterior.mean_points > 0)])
    return f"Expected gap {gap:.2f} points in favour of {leader}."


def cost_decided(race: Race) -> bool:
    """Whether the cost, not the scores, chose between the cells."""
    if race.stop_reason in (StopReason.EXCLUDED, StopReason.OUT_OF_MEMORY):
        return False
    rules = race.rules
    return cost_decides(race.posteriors[-1], race.verdict, min_gain_points=rules.min_gain_points)
