"""What the pairs found (verdict), why no more were run (stop reason), and which cell to take.

Three separate answers: an early stop is a decision, not a finding, and a cell can be the right
choice without having been shown to be the better one.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from rnnselect.advice.posterior import Posterior, preferred
from rnnselect.cells import shown_name
from rnnselect.report.text import percent_text, points_text

__all__ = [
    "StopReason",
    "Verdict",
    "choose_cell",
    "probability_text",
    "reach_verdict",
    "risk_of_preferred",
]


class Verdict(StrEnum):
    """What the pairs found. The value is the code, `sentence` says it in plain words."""

    NOT_TESTED = "not_tested"
    NEITHER = "neither"
    EQUIVALENT = "equivalent"
    CLEARLY_BETTER = "clearly_better"
    BETTER_SIZE_OPEN = "better_size_open"
    SAFE = "safe"
    UNDECIDED = "undecided"

    @property
    def sentence(self) -> str:
        """The verdict in one sentence, without naming a cell."""
        return _VERDICT_SENTENCES[self]


class StopReason(StrEnum):
    """Why no further pair was run. The value is the code, `sentence` says it in plain words."""

    NOTHING_MORE_TO_GAIN = "nothing_more_to_gain"
    BUDGET = "budget"
    ALL_PAIRS_RUN = "all_pairs_run"
    UNRESOLVABLE = "unresolvable"
    NOT_TESTED = "not_tested"
    INTERRUPTED = "interrupted"
    EXCLUDED = "excluded"

    @property
    def sentence(self) -> str:
        """The reason in one sentence."""
        return _STOP_SENTENCES[self]


_VERDICT_SENTENCES = {
    Verdict.NOT_TESTED: "Not tested: no pair was run, so the data have not spoken for either cell.",
    Verdict.NEITHER: (
        "Neither cell beat the dummy prediction: look at the data and the training set-up "
        "before choosing between cells."
    ),
    Verdict.EQUIVALENT: (
        "The cells are practically equivalent: their difference is very probably too small "
        "to matter."
    ),
    Verdict.CLEARLY_BETTER: "One cell is clearly better, by more than what counts as equivalent.",
    Verdict.BETTER_SIZE_OPEN: (
        "One cell is very probably better, but perhaps by too little to matter."
    ),
    Verdict.SAFE: (
        "The chosen cell is a safe choice: the other is very unlikely to be better by enough "
        "to matter."
    ),
    Verdict.UNDECIDED: (
        "Undecided: the chosen cell is the better bet, but the other may still be better by "
        "enough to matter."
    ),
}

_STOP_SENTENCES = {
    StopReason.NOTHING_MORE_TO_GAIN: (
        "Stopped because further pairs are not expected to improve the choice noticeably."
    ),
    StopReason.BUDGET: "Stopped because the pairs that would still be worth running do not fit "
    "the budget.",
    StopReason.ALL_PAIRS_RUN: "Stopped because all pairs were run.",
    StopReason.UNRESOLVABLE: (
        "Stopped because the noise is too large: even twice the folds could not show a "
        "difference that matters. More data would help, more folds would not."
    ),
    StopReason.NOT_TESTED: "No pair was asked for.",
    StopReason.INTERRUPTED: "Stopped because the race was interrupted; complete pairs are kept.",
    StopReason.EXCLUDED: "Stopped because only one cell keeps the limits.",
}


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
    if max(posterior.q_first_better, posterior.q_second_better) >= confidence:
        return Verdict.CLEARLY_BETTER
    if max(p_second, 1 - p_second) >= confidence:
        return Verdict.BETTER_SIZE_OPEN
    if risk_of_preferred(posterior) <= 1 - confidence:
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
        ``safe``).
    cheaper : {"first", "second"}
        The cell with the lower cost. It is taken on a tie, and whenever the data have not
        spoken (``not_tested``, ``neither``).

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
    if verdict in (Verdict.NOT_TESTED, Verdict.NEITHER):
        return cheaper
    better = preferred(posterior)
    small = abs(posterior.gain_of_second - posterior.gain_of_first) < min_gain_points
    if better == "tie" or (small and verdict in (Verdict.EQUIVALENT, Verdict.SAFE)):
        return cheaper
    return better


def probability_text(
    posterior: Posterior, verdict: Verdict, *, cells: tuple[str, str] = ("gru", "lstm")
) -> str:
    """Say the probabilities in words, and nothing about the better cell if none was tested.

    Parameters
    ----------
    posterior : Posterior
    verdict : Verdict
    cells : tuple of two str, default=("gru", "lstm")
        Names of the first and the second cell.

    Returns
    -------
    str

    Examples
    --------
    >>> from rnnselect.advice.posterior import NoisePrior, Prior, update
    >>> noise = NoisePrior(1.8**2, 10)
    >>> now = update(Prior(0.5), noise, [2.0], n_folds=5, rope_points=1)
    >>> probability_text(now, Verdict.UNDECIDED)
    'GRU 36 %, LSTM 64 % to be ahead; 86 % that they are within 1 point of each other.'
    """
    rope = points_text(posterior.rope_points)
    if verdict is Verdict.NOT_TESTED:
        risk = max(posterior.q_first_better, posterior.q_second_better)
        return (
            f"Not tested: about even. Expected loss {posterior.expected_regret_points:.2f} points, "
            f"{percent_text(risk)} chance that the cell not chosen is better by more than {rope}."
        )
    first, second = map(shown_name, cells)
    p_second = posterior.p_second_better
    return (
        f"{first} {percent_text(1 - p_second)}, {second} {percent_text(p_second)} to be ahead; "
        f"{percent_text(posterior.q_equivalent)} that they are within {rope} of each other."
    )


def risk_of_preferred(posterior: Posterior) -> float:
    """Return the risk that the other cell is better by more than the ROPE; the worst on a tie."""
    better = preferred(posterior)
    if better == "tie":
        return max(posterior.q_first_better, posterior.q_second_better)
    return posterior.q_first_better if better == "second" else posterior.q_second_better
