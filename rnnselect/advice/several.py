"""What a tournament of several candidates says, as a recommendation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from rnnselect.advice.plan import Plan, Reason
from rnnselect.advice.recommendation import Recommendation, conclude
from rnnselect.advice.tournament import Tournament
from rnnselect.advice.verdict import Verdict
from rnnselect.cells import shown_name
from rnnselect.report.text import percent_text

__all__ = ["conclude_tournament"]

ROUND = "round: all candidates that are left, trained on the same split"
# The verdicts of a race of two name one other cell.
SENTENCES = {
    Verdict.NEITHER: "No candidate scored noticeably better than a prediction without learning.",
    Verdict.EQUIVALENT: "The best candidates are practically equivalent.",
    Verdict.SAFE: "It is a safe choice: no other is likely to be better by enough to matter.",
    Verdict.UNDECIDED: (
        "Undecided: it is the best bet, but another may still be better by enough to matter."
    ),
}


def conclude_tournament(
    tournament: Tournament,
    plan: Plan,
    *,
    scores: Mapping[str, tuple[float, ...]],
    cheaper: Callable[[tuple[str, ...]], str],
    **facts: Any,
) -> Recommendation:
    """Turn a finished tournament into advice.

    Parameters
    ----------
    tournament : Tournament
        The rounds and what they found.
    plan : Plan
        The plan that was carried out.
    scores : mapping of str to tuple of float
        Score of each candidate on each fold that it ran.
    cheaper : callable
        ``cheaper(candidates)`` returns the one to take where scores do not decide.
    **facts
        What `conclude` takes beside these.

    Returns
    -------
    Recommendation
        Its `cell` is the candidate's name; its pairs are those of the two candidates that were
        in question last.
    """
    pairs = tournament.final.outcomes
    finalists = pairs[0].cells if pairs else plan.cells
    advice = conclude(tournament.final, plan, cheaper=cheaper(finalists), **facts)
    name = advice.cell
    reasons = list(advice.reasons)
    sentence = SENTENCES.get(advice.verdict)
    told = next((k for k, each in enumerate(reasons) if each.code == advice.verdict.value), None)
    if sentence and told is not None:
        chance = percent_text(tournament.probabilities[name])
        best = f"the best of {len(plan.cells)} candidates with a probability of {chance}"
        headline = f"{shown_name(name)}, {best}. {sentence}"
        reasons[told] = replace(reasons[told], sentence=headline)
    if pairs:
        reasons = [each for each in reasons if each.code != "posterior"]
        reasons[1:1] = [_standing(tournament), _departures(tournament)]
    return replace(
        advice,
        probabilities=tournament.probabilities,
        scores=dict(scores),
        reasons=tuple(reasons),
    )


def _standing(tournament: Tournament) -> Reason:
    """Say how likely each candidate is the best, the likeliest first."""
    ranked = sorted(tournament.probabilities.items(), key=lambda each: -each[1])
    odds = ", ".join(f"{shown_name(name)} {percent_text(p)}" for name, p in ranked)
    n_rounds = tournament.n_rounds
    start = f"After {n_rounds} round{'s' * (n_rounds > 1)} ({ROUND}), probability of being the best"
    return Reason("posterior", f"{start}: {odds}.", "posterior of the paired folds")


def _departures(tournament: Tournament) -> Reason:
    """Say who left when."""
    gone = {name: len(p) for name, p in tournament.points.items() if len(p) < tournament.n_rounds}
    texts = [f"{shown_name(name)} after round {n}" for name, n in gone.items()]
    sentence = "All candidates stayed to the end."
    if texts:
        sentence = f"Left early, because too unlikely to become the best: {'; '.join(texts)}."
    return Reason("eliminated", sentence, "posterior of the paired folds")
