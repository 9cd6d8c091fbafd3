"""What the pairs found (verdict), why no more were run (stop reason), and which cell to take.

Three separate answers: an early stop is a decision, not a finding, and a cell can be the right
choice without having been shown to be the better one.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from rnnselect.advice.posterior import Posterior, preferred

__all__ = [
    "StopReason",
    "Verdict",
    "choose_cell",
    "cost_decides",
    "expected_loss",
    "reach_verdict",
    "risk_of",
]


class Verdict(StrEnum):
    """What the pairs found. The value is the code."""

    NOT_TESTED = "not_tested"
    NEITHER = "neither"
    EQUIVALENT = "equivalent"
    CLEARLY_BETTER = "clearly_better"
    BETTER_SIZE_OPEN = "better_size_open"
    SAFE = "safe"
    UNDECIDED = "undecided"


class StopReason(StrEnum):
    """Why no further pair was run. The value is the code."""

    NOTHING_MORE_TO_GAIN = "nothing_more_to_gain"
    BUDGET = "budget"
    ALL_PAIRS_RUN = "all_pairs_run"
    UNRESOLVABLE = "unresolvable"
    NOT_TESTED = "not_tested"
    INTERRUPTED = "interrupted"
    FAILED = "failed"
    EXCLUDED = "excluded"
    OUT_OF_MEMORY = "out_of_memory"


def reach_verdict(posterior: Posterior, *, confidence: float, both_at_floor: bool) -> Verdict:
    """Read the verdict out of a posterior: the first of the verdicts that applies.

    Parameters
    ----------
    posterior : Posterior
    confidence : float in (0.5, 1)
        Probability that a finding must reach.
    both_at_floor : bool
        Whether both cells scored no better than the dummy in the pairs so far.

    Returns
    -------
    Verdict
        ``not_tested`` without pairs. Then, in this order: ``neither``; ``equivalent`` (the gap
        lies within the ROPE); ``clearly_better`` (beyond it, on one side); ``better_size_open``
        (the sign is known); ``safe`` (the cell not preferred is better by more than the ROPE
        with probability at most ``1 - confidence``); ``undecided``.

    Examples
    --------
    >>> from rnnselect.advice.posterior import NoisePrior, Prior, update
    >>> now = update(Prior(0.5), NoisePrior(1.8**2, 10), [-8.0], n_folds=5, rope_points=1)
    >>> reach_verdict(now, confidence=0.95, both_at_floor=False).value
    'safe'
    """
    if not 0.5 < confidence < 1:
        raise ValueError(f"confidence={confidence!r}: give a probability between 0.5 and 1")
    p_second = posterior.p_second_better
    if posterior.n_pairs == 0:
        return Verdict.NOT_TESTED
    if both_at_floor:
        return Verdict.NEITHER
    if posterior.q_equivalent >= confidence:
        return Verdict.EQUIVALENT
    # The cell that is taken has the larger expected gain, which the sign alone does not tell.
    takes_second = preferred(posterior) == "second"
    beyond = posterior.q_second_better if takes_second else posterior.q_first_better
    if beyond >= confidence:
        return Verdict.CLEARLY_BETTER
    if (p_second if takes_second else 1 - p_second) >= confidence:
        return Verdict.BETTER_SIZE_OPEN
    if risk_of(posterior) <= 1 - confidence:
        return Verdict.SAFE
    return Verdict.UNDECIDED


def choose_cell(
    posterior: Posterior,
    verdict: Verdict,
    *,
    min_gain_points: float,
    cheaper: Literal["first", "second"],
) -> Literal["first", "second"]:
    """Choose the cell to recommend.

    Parameters
    ----------
    posterior : Posterior
    verdict : Verdict
        From `reach_verdict` on the same posterior.
    min_gain_points : float
        Expected gain below which cost decides, if the verdict allows it (``equivalent``,
        ``safe``, ``not_tested``).
    cheaper : {"first", "second"}
        The cell with the lower cost. It is taken on a tie, which every prior without a centre
        is, and whenever no cell has learnt anything (``neither``).

    Returns
    -------
    {"first", "second"}

    Examples
    --------
    >>> from rnnselect.advice.posterior import NoisePrior, Prior, update
    >>> now = update(Prior(0.5), NoisePrior(1.8**2, 10), [2.0, 1.0], n_folds=5, rope_points=1)
    >>> choose_cell(now, Verdict.SAFE, min_gain_points=0.05, cheaper="first")
    'second'
    """
    if cheaper not in ("first", "second"):
        raise ValueError(f"cheaper={cheaper!r}: choose from ['first', 'second']")
    better = preferred(posterior)
    if better == "tie" or cost_decides(posterior, verdict, min_gain_points=min_gain_points):
        return cheaper
    return better


def cost_decides(posterior: Posterior, verdict: Verdict, *, min_gain_points: float) -> bool:
    """Return whether the cost, not the expected scores, chooses between the cells."""
    if verdict is Verdict.NEITHER or preferred(posterior) == "tie":
        return True
    small = abs(posterior.gain_of_second - posterior.gain_of_first) < min_gain_points
    return small and verdict in (Verdict.EQUIVALENT, Verdict.SAFE, Verdict.NOT_TESTED)


def risk_of(posterior: Posterior, chosen: Literal["first", "second"] | None = None) -> float:
    """Return the risk that the cell not chosen is better by more than the ROPE.

    None stands for the preferred cell; on a tie, for the riskier one.
    """
    if chosen is None:
        better = preferred(posterior)
        if better == "tie":
            return max(posterior.q_first_better, posterior.q_second_better)
        chosen = better
    return posterior.q_first_better if chosen == "second" else posterior.q_second_better


def expected_loss(posterior: Posterior, chosen: Literal["first", "second"] | None = None) -> float:
    """Return what the chosen cell loses on average, in points; None: the preferred one."""
    if chosen is None:
        return posterior.expected_regret_points
    return posterior.gain_of_second if chosen == "first" else posterior.gain_of_first
