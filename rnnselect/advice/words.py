"""The sentences of an advice: what the pairs found, how sure that is, and why no more were run.

Each sentence is true and useful in every case in which it can appear; the tests print and check
them for all verdicts, stop reasons and orders of scores.
"""

from __future__ import annotations

from statistics import mean
from typing import Literal

from rnnselect.advice.points import ScoreScale
from rnnselect.advice.posterior import Posterior
from rnnselect.advice.race import Race
from rnnselect.advice.verdict import StopReason, Verdict, expected_loss, risk_of
from rnnselect.cells import shown_name
from rnnselect.report.text import percent_text, points_text, points_value_text

__all__ = [
    "IMBALANCED_SHARE",
    "gap_in_scores",
    "gap_text",
    "imbalance_text",
    "lead_text",
    "margin_text",
    "odds_text",
    "stop_sentence",
    "untested_text",
    "verdict_sentence",
]

# From such a share of the commonest class on, accuracy hardly tells a network from a prediction
# without learning: of the study's 7 sets with a class of 3/4 or more, the better cell was within
# 2.5 points of the dummy on 3 (Earthquakes, Tox21AhR, HIV).
IMBALANCED_SHARE = 0.75
LARGE_GAP = 10.0  # from here on, whole numbers say enough of a gap in units of the scorer
SMALLEST_GAP_SHOWN = 0.005  # points; prints as 0.01

_WHY_STOPPED = {
    StopReason.NOTHING_MORE_TO_GAIN: "more {unit}s would hardly improve the choice",
    StopReason.BUDGET: "the {unit}s that could improve the choice do not fit the budget",
    StopReason.UNRESOLVABLE: (
        "the test folds are too small: even twice as many folds would not show which cell is "
        "better. More data would help; more folds would not"
    ),
    StopReason.INTERRUPTED: "the race was interrupted",
    StopReason.FAILED: "a fit or its scoring failed",
    StopReason.EXCLUDED: "only one cell keeps the limits",
    StopReason.OUT_OF_MEMORY: "only one cell fits in memory",
}


def stop_sentence(reason: StopReason, n_run: int, n_most: int, *, unit: str = "pair") -> str:
    """Say why no further pair was run.

    Examples
    --------
    >>> stop_sentence(StopReason.INTERRUPTED, 2, 5)
    'Stopped after 2 of 5 pairs, because the race was interrupted.'
    >>> stop_sentence(StopReason.EXCLUDED, 0, 5)
    'No pair was run, because only one cell keeps the limits.'
    """
    if reason is StopReason.NOT_TESTED:
        return f"No {unit} was asked for."
    if reason is StopReason.ALL_PAIRS_RUN:
        return f"The one {unit} was run." if n_run == 1 else f"All {n_run} {unit}s were run."
    start = f"Stopped after {n_run} of {n_most} {unit}s" if n_run else f"No {unit} was run"
    return f"{start}, because {_WHY_STOPPED[reason].format(unit=unit)}."


def odds_text(posterior: Posterior, cells: tuple[str, str]) -> str:
    """Say the probabilities of the outcomes: three, or two where no gap is too small to matter.

    Examples
    --------
    >>> from rnnselect.advice.posterior import NoisePrior, Prior, update
    >>> noise = NoisePrior(1.8**2, 10)
    >>> now = update(Prior(0.5), noise, [2.0], n_folds=5, rope_points=1)
    >>> odds_text(now, ("gru", "lstm"))
    'GRU better 2 %, equivalent 86 %, LSTM better 12 %'
    """
    first, second = map(shown_name, cells)
    equivalent = f"equivalent {percent_text(posterior.q_equivalent)}, "
    return (
        f"{first} better {percent_text(posterior.q_first_better)}, "
        f"{equivalent * (posterior.rope_points > 0)}"
        f"{second} better {percent_text(posterior.q_second_better)}"
    )


def verdict_sentence(
    verdict: Verdict,
    posterior: Posterior,
    cells: tuple[str, str],
    chosen: Literal["first", "second"],
    margin: str,
    *,
    by_cost: bool = False,
) -> str:
    """Say what pairs found, of the cell that was chosen.

    Parameters
    ----------
    verdict : Verdict
        Any but ``not_tested``, of which `untested_text` speaks.
    posterior : Posterior
    cells : tuple of two str
        Names of the first and the second cell.
    chosen : {"first", "second"}
        The cell to take.
    margin : str
        The ROPE in words, as `margin_text` gives it.
    by_cost : bool, default=False
        Whether the cost chose the cell, because neither is ahead by enough.

    Returns
    -------
    str
    """
    cell, other = _named(cells, chosen)
    by_more = f" by more than {margin}" if posterior.rope_points else ""
    risk = percent_text(risk_of(posterior, chosen))
    if verdict is Verdict.NEITHER:
        return (
            "Neither cell learnt anything: no network scored noticeably better than a "
            "prediction without learning."
        )
    if verdict is Verdict.EQUIVALENT:
        return (
            f"{cell} and {other} are practically equivalent: with a probability of "
            f"{percent_text(posterior.q_equivalent)} they are within {margin} of each other."
        )
    if verdict is Verdict.CLEARLY_BETTER:
        sure = percent_text(max(posterior.q_first_better, posterior.q_second_better))
        return f"{cell} is clearly better: ahead{by_more} with a probability of {sure}."
    if verdict is Verdict.BETTER_SIZE_OPEN:
        return f"{cell} is very probably better than {other}, but perhaps by less than {margin}."
    known = f"the risk that {other} is better{by_more} is {risk}."
    start = "Undecided: " if verdict is Verdict.UNDECIDED else ""
    if by_cost:
        return f"{start}{'t' if start else 'T'}he scores favour neither cell, and {known}"
    if start:
        return f"{start}{cell} is the better bet, but {known}"
    return f"{cell} is a safe choice: {known}"


def untested_text(
    posterior: Posterior, cells: tuple[str, str], chosen: Literal["first", "second"]
) -> str:
    """Say what is known of a cell that is taken without a test, and what that costs on average.

    Examples
    --------
    >>> from rnnselect.advice.posterior import NoisePrior, Prior, update
    >>> before = update(Prior(0.5), NoisePrior(1.8**2, 10), [], n_folds=5, rope_points=1)
    >>> told, costs = untested_text(before, ("gru", "lstm"), "first").split(". ")
    >>> told
    'Other data sets suggest: GRU better 7 %, equivalent (within 1 point) 86 %, LSTM better 7 %'
    >>> costs
    'On average, taking GRU untested loses 0.28 points against the better cell.'
    """
    within = f"equivalent (within {points_text(posterior.rope_points)}) "
    odds = odds_text(posterior, cells).replace("equivalent ", within)
    return (
        f"Other data sets suggest: {odds}. On average, taking {_named(cells, chosen)[0]} untested "
        f"loses {points_value_text(expected_loss(posterior, chosen))} against the better cell."
    )


def margin_text(race: Race) -> str:
    """Say the ROPE of a race, in the unit of its scores where that is not points."""
    points = race.rules.rope_points
    return gap_in_scores(points, race) or points_text(points)


def gap_in_scores(points: float, race: Race) -> str | None:
    """Say a gap below the better cell in the unit of the scores; None where points say it."""
    scale = race.rules.scale
    if scale.kind == "bounded" or not race.outcomes:
        return None
    leader = max(
        mean(pair.points[cell] for pair in race.outcomes) for cell in race.outcomes[0].cells
    )
    gap = scale.gap(points, leader)
    return _in_unit(gap, scale)


def gap_text(posterior: Posterior, cells: tuple[str, str], race: Race) -> str:
    """Say which cell is expected to be ahead, and by how much."""
    gap = abs(posterior.mean_points)
    if gap < SMALLEST_GAP_SHOWN:
        return "No gap is expected."
    leader = shown_name(cells[int(posterior.mean_points > 0)])
    size = gap_in_scores(gap, race) or points_value_text(gap)
    return f"Expected gap: {size} in favour of {leader}."


def lead_text(score: float, other: float, race: Race) -> str:
    """Say how far two mean scores are apart; nothing where they are equal or one is missing."""
    gap, scale = abs(score - other), race.rules.scale
    if not gap > 0:
        return ""
    if scale.kind == "bounded":
        return points_value_text(scale.points(gap, 0.0))
    return _in_unit(gap, scale)


def imbalance_text(majority_share: float | None, scorer: str) -> str:
    """Propose another scorer where most samples are of one class; nothing elsewhere."""
    if scorer != "accuracy" or (majority_share or 0.0) < IMBALANCED_SHARE:
        return ""
    return (
        f"{percent_text(majority_share or 0.0)} of the samples are of one class, so that always "
        "naming this class has a high accuracy: use scoring='balanced_accuracy' or 'roc_auc', and "
        "class_weight='balanced'."
    )


def _in_unit(gap: float, scale: ScoreScale) -> str:
    figure = f"{gap:.2g}" if gap < LARGE_GAP else f"{gap:,.0f}"
    return f"{figure} of {scale.name.removeprefix('neg_')}"


def _named(cells: tuple[str, str], chosen: Literal["first", "second"]) -> tuple[str, str]:
    """Return the chosen cell and the other one, as people write them."""
    first, second = map(shown_name, cells)
    return (first, second) if chosen == "first" else (second, first)
