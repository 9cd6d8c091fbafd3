"""The rules that ours is compared with: each takes one repetition's pairs and decides.

They do what their source says: `HalvingGridSearchCV` of scikit-learn 1.9 and Optuna's
`WilcoxonPruner`, with two candidates and five folds.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from budgets import ROUNDING
from records import GRU, LSTM, N_FOLDS, RecordedSet
from scipy import stats

from rnnselect.advice.prior import Prior
from rnnselect.advice.race import PairOutcome, Race

# The lesson names no numbers for "long" and "large".
LONG_STEPS, LARGE_SAMPLES = 150, 1000
WILCOXON_P = 0.1
HALVING_FACTOR = 2


@dataclass(frozen=True, eq=False, slots=True)
class Situation:
    """One race to be decided.

    Parameters
    ----------
    recorded : RecordedSet
        The data set.
    pairs : tuple of PairOutcome
        The pairs of one repetition, in the order in which they are run.
    strangers : tuple of PairOutcome
        As many pairs of another repetition that is not the truth; empty where there is none.
    prior : Prior
        Fitted without the family.
    seed : int
        Of what a rule draws.
    """

    recorded: RecordedSet
    pairs: tuple[PairOutcome, ...]
    strangers: tuple[PairOutcome, ...]
    prior: Prior
    seed: int


@dataclass(frozen=True, eq=False, slots=True)
class Decision:
    """What a rule chose, and what it paid.

    Parameters
    ----------
    choice : float
        0 for GRU, 1 for LSTM; between them the probability of LSTM.
    n_pairs : float
        Fits on whole training parts, over two.
    seconds : float
        With compilation.
    race : Race or None, default=None
        Where the rule is ours.
    """

    choice: float
    n_pairs: float
    seconds: float
    race: Race | None = None


Rule = Callable[[Situation], Decision | None]


def constant(choice: float) -> Rule:
    """Return a rule that tests nothing: always GRU (0), always LSTM (1), or a coin (0.5)."""
    return lambda situation: Decision(choice, 0.0, 0.0)


def mean_of_pairs(n_pairs: int) -> Rule:
    """Return the rule that takes the better mean of some paired folds; GRU on a tie."""

    def decide(situation: Situation) -> Decision:
        pairs = situation.pairs[:n_pairs]
        mean = np.mean([pair.difference_points for pair in pairs])
        return Decision(float(mean > 0), n_pairs, situation.recorded.seconds(pairs))

    return decide


def complete_pairs_within(budget_share: float) -> Rule:
    """Return the rule that runs pairs until the budget cuts one off; GRU if none is complete."""

    def decide(situation: Situation) -> Decision:
        recorded, pairs = situation.recorded, situation.pairs
        budget = budget_share * recorded.seconds(pairs)
        paid = [recorded.seconds(pairs[: n + 1]) for n in range(len(pairs))]
        n = sum(seconds <= budget * ROUNDING for seconds in paid)
        spent = budget if n < len(pairs) else paid[-1]
        return replace(mean_of_pairs(n)(situation), seconds=spent) if n else Decision(0.0, 0, spent)

    return decide


def wilcoxon_pruner(situation: Situation) -> Decision:
    """Run GRU on all folds, then LSTM until it is probably worse.

    The pruner looks after each fold. With two candidates and few folds it can hardly ever act:
    the smallest p value of k folds is 2**-k. A first fold cannot prune, and SciPy has no p value
    for one fold without a difference.
    """
    recorded, pairs = situation.recorded, situation.pairs
    first = np.array([pair.points[GRU] for pair in pairs])
    second = np.array([pair.points[LSTM] for pair in pairs])
    paid = recorded.compile_seconds + sum(pair.seconds[GRU] for pair in pairs)
    for n in range(1, len(pairs) + 1):
        paid += pairs[n - 1].seconds[LSTM]
        if n == 1:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # few folds, and ties: as Optuna calls it
            p = stats.wilcoxon(
                second[:n] - first[:n], alternative="less", zero_method="zsplit"
            ).pvalue
        if p < WILCOXON_P and not first.mean() <= second[:n].mean():
            return Decision(0.0, (len(pairs) + n) / 2, paid)
    return Decision(float(second.mean() > first.mean()), len(pairs), paid)


def halving(situation: Situation) -> Decision:
    """Search with ``HalvingGridSearchCV(factor=2)``, at its best.

    Both cells run five folds of half of the samples, then the winner five of all. The folds of
    half the samples were not recorded: the recorded networks, trained on twice as much, stand in
    for them, and half of each test part is noisier by as much again as the whole of it.
    """
    recorded, pairs = situation.recorded, situation.pairs
    resources = halving_resources(recorded.facts["n_samples"], recorded.facts["n_classes"])
    if not resources:  # it refuses data with so few samples a class
        return Decision(0.5, 0.0, 0.0)
    share = resources[0] / recorded.facts["n_samples"]
    random = np.random.default_rng(situation.seed)
    noise = np.nan_to_num([pair.noise_variance_points2 for pair in pairs]) * (1 / share - 1)
    seen = [pair.difference_points for pair in pairs] + np.sqrt(noise) * random.normal(size=N_FOLDS)
    ends = len(resources) == 1
    # Of equal means the last one survives a round, and the first one wins in the end.
    lstm = seen.mean() > 0 if ends else seen.mean() >= 0
    both = sum(sum(pair.seconds.values()) for pair in pairs)
    final = 0.0 if ends else sum(pair.seconds[LSTM if lstm else GRU] for pair in pairs)
    n_pairs = N_FOLDS * (share + (0.0 if ends else 0.5))
    return Decision(float(lstm), n_pairs, recorded.compile_seconds + share * both + final)


def halving_resources(n_samples: int, n_classes: int | None) -> list[int]:
    """Return the samples of each round of a search over two candidates; empty where it refuses."""
    smallest = 2 * N_FOLDS * (n_classes or 1)
    if smallest > n_samples:
        return []
    smallest = max(smallest, n_samples // HALVING_FACTOR)
    rounds = min(2, 1 + math.floor(math.log(n_samples // smallest, HALVING_FACTOR)))
    return [min(n_samples, smallest * HALVING_FACTOR**i) for i in range(rounds)]


def lesson(situation: Situation) -> Decision:
    """Read the textbook table as a decision list, the most specific row first."""
    return Decision(float(lesson_says_lstm(situation.recorded.facts)), 0.0, 0.0)


def lesson_says_lstm(facts: dict) -> bool:
    """Return the cell that the first matching row of `rnnselect.cells.LESSON` favours."""
    topic = facts["topic"]
    if topic in ("language_modelling", "translation"):
        return True
    if topic in ("sentiment", "text_classification"):  # GRU can be better; about the same
        return False
    if topic == "forecasting":  # time series: GRU slightly faster
        return False
    if topic == "long_range" or facts["median_length"] > LONG_STEPS:
        return True
    return facts["n_samples"] >= LARGE_SAMPLES  # limited data: GRU; large data: LSTM
