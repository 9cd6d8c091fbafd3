"""More than two candidates: all run the same folds, and the hopeless leave one by one.

Every candidate is held against the best one so far, by the posterior and the value of further
pairs that decide a race of two. Pairs with the leader are what the choice depends on, so the
candidates that it has left behind cost nothing more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from statistics import mean

from rnnselect.advice.posterior import Posterior
from rnnselect.advice.prior import NoisePrior, Prior
from rnnselect.advice.race import (
    N_PAIRS_FOR_NEITHER,
    PairOutcome,
    Race,
    RoundFailedError,
    posterior_after,
)
from rnnselect.advice.rules import RaceRules
from rnnselect.advice.value import expected_value_of_pairs
from rnnselect.advice.verdict import StopReason, Verdict, reach_verdict

__all__ = ["Round", "Tournament", "probabilities_of_best", "run_tournament"]

# The best of several is flattered by having been picked, so what needs an unpicked pair is not
# said of it: that the choice is safe is the most.
WITHOUT_CLAIMS = {
    Verdict.CLEARLY_BETTER: Verdict.SAFE,
    Verdict.BETTER_SIZE_OPEN: Verdict.SAFE,
}


@dataclass(frozen=True, eq=False, slots=True)
class Round:
    """All candidates that are left, on one split with one seed.

    Parameters
    ----------
    points : dict of str to float
        Points of each candidate that ran.
    pair : callable
        ``pair(first, second)`` returns any two of them as a `PairOutcome`.
    """

    points: dict[str, float]
    pair: Callable[[str, str], PairOutcome]


@dataclass(frozen=True, slots=True)
class Tournament:
    """A finished tournament.

    Attributes
    ----------
    final : Race
        The leader (second) against the rival (first) that stayed longest and has most to offer,
        on the folds that both have run.
    probabilities : dict of str to float
        Of each candidate being the best; they sum to one.
    points : dict of str to tuple of float
        Points of each candidate in the rounds that it ran.
    """

    final: Race
    probabilities: dict[str, float]
    points: dict[str, tuple[float, ...]]

    @property
    def n_rounds(self) -> int:
        """Complete rounds."""
        return max(len(points) for points in self.points.values())


def run_tournament(
    run_rounds: Callable[[int, int, tuple[str, ...]], Sequence[Round]],
    candidates: tuple[str, ...],
    *,
    prior: Callable[[str, str], Prior],
    noise_before: NoisePrior,
    rules: RaceRules,
    affordable: Callable[[tuple[str, ...]], int],
    rounds_at_once: Callable[[int], int] = lambda n_left: 1,
    on_round: Callable[[Round, dict[str, float]], None] | None = None,
) -> Tournament:
    """Run rounds until one candidate is left, or the rules say stop.

    Parameters
    ----------
    run_rounds : callable
        ``run_rounds(first_index, n, left)`` runs the rounds ``first_index, ..., first_index + n -
        1`` with the candidates that are left and returns the complete ones in that order. Fewer
        than ``n`` mean that the budget cut them.
    candidates : tuple of str
        Their names.
    prior : callable
        ``prior(first, second)`` returns the belief about the gap between two candidates.
    noise_before, rules
        As `run_race` takes them.
    affordable : callable
        ``affordable(left)`` says how many more rounds with these candidates fit the budget.
    rounds_at_once : callable, default=one
        ``rounds_at_once(n_left)`` says how many rounds to run at a time.
    on_round : callable, default=None
        ``on_round(round, probabilities)``, called after each round.

    Returns
    -------
    Tournament

    Notes
    -----
    A candidate leaves when all further rounds together are expected to gain less than its share
    of ``min_gain_points`` by showing it to be better than the leader. The shares add up to
    ``min_gain_points``: what choosing among all of them can gain is at most the sum of what each
    could gain alone.
    """
    share = rules.min_gain_points / (len(candidates) - 1)
    state = _State(candidates, prior, noise_before, rules)
    waiting: list[Round] = []
    try:
        n_fitting = affordable(candidates)
        while True:
            reason = state.stop_reason(share, n_fitting, n_waiting=len(waiting))
            if reason is not None:
                break
            if not waiting:
                n_wanted = min(
                    rounds_at_once(len(state.left)), rules.max_pairs - state.n_rounds, n_fitting
                )
                waiting = list(run_rounds(state.n_rounds, n_wanted, state.left))
                if len(waiting) < n_wanted:
                    n_fitting = 0
                    continue
            state.judge(waiting.pop(0), share)
            if on_round is not None:
                on_round(state.rounds[-1], state.probabilities())
            if not waiting and n_fitting:
                n_fitting = affordable(state.left)
    except KeyboardInterrupt:
        if not state.n_rounds:
            raise
        reason = StopReason.INTERRUPTED
    except RoundFailedError:
        reason = StopReason.FAILED
    return state.conclusion(reason)


class _State:
    """What is known after some rounds."""

    def __init__(
        self,
        candidates: tuple[str, ...],
        prior: Callable[[str, str], Prior],
        noise: NoisePrior,
        rules: RaceRules,
    ) -> None:
        self.left = candidates
        self.rounds: list[Round] = []
        self._prior, self._noise, self._rules = prior, noise, rules
        self._points: dict[str, tuple[float, ...]] = dict.fromkeys(candidates, ())

    @property
    def n_rounds(self) -> int:
        return len(self.rounds)

    @property
    def leader(self) -> str:
        return max(self.left, key=lambda name: mean(self._points[name] or (0.0,)))

    def judge(self, latest: Round, share: float) -> None:
        """Take in a round; who cannot be expected to overtake the leader leaves."""
        self.rounds.append(latest)
        for name in self.left:
            self._points[name] += (latest.points[name],)
        leader = self.leader
        self.left = tuple(
            name for name in self.left if name == leader or self._value(name, leader) >= share
        )

    def stop_reason(self, share: float, n_fitting: int, *, n_waiting: int) -> StopReason | None:
        n_left = self._rules.max_pairs - self.n_rounds
        if self._all_at_floor() and share > 0:
            return StopReason.NOTHING_MORE_TO_GAIN
        if n_left <= 0:
            return StopReason.ALL_PAIRS_RUN if self.rounds else StopReason.NOT_TESTED
        first, second = self.left[0], self.left[-1]
        if first == second or (not self.rounds and self._value(first, second) < share):
            return StopReason.NOTHING_MORE_TO_GAIN
        return None if n_waiting or n_fitting > 0 else StopReason.BUDGET

    def probabilities(self) -> dict[str, float]:
        beats = {}
        for first, second in combinations(self._points, 2):
            beats[second, first] = self._duel(first, second).p_second_better
            beats[first, second] = 1 - beats[second, first]
        return probabilities_of_best({pair: beats[pair] for pair in permutations(self._points, 2)})

    def conclusion(self, reason: StopReason) -> Tournament:
        leader = self.leader
        posteriors = {n: self._duel(n, leader) for n in self._points if n != leader}
        rival = max(  # of those that stayed longest
            posteriors, key=lambda name: (len(self._points[name]), posteriors[name].gain_of_first)
        )
        pairs, prior = self._pairs(rival, leader), self._prior(rival, leader)
        steps = [
            posterior_after(pairs[:k], prior, self._noise, self._rules)
            for k in range(len(pairs) + 1)
        ]
        verdict = reach_verdict(
            steps[-1], confidence=self._rules.confidence, both_at_floor=self._all_at_floor()
        )
        verdict = WITHOUT_CLAIMS.get(verdict, verdict)
        final = Race(pairs, tuple(steps), reason, verdict, self._rules)
        return Tournament(final, self.probabilities(), dict(self._points))

    def _value(self, name: str, leader: str) -> float:
        n_more = self._rules.max_pairs - self.n_rounds
        posterior = self._duel(name, leader)
        return expected_value_of_pairs(
            posterior, n_more, n_folds=self._rules.n_folds, covariance=self._rules.covariance
        )

    def _duel(self, name: str, leader: str) -> Posterior:
        prior = self._prior(name, leader)
        return posterior_after(self._pairs(name, leader), prior, self._noise, self._rules)

    def _pairs(self, name: str, leader: str) -> tuple[PairOutcome, ...]:
        n_both = min(len(self._points[name]), len(self._points[leader]))
        return tuple(each.pair(name, leader) for each in self.rounds[:n_both])

    def _all_at_floor(self) -> bool:
        if self.n_rounds < N_PAIRS_FOR_NEITHER:
            return False
        first, *others = self.left
        rivals = others or [name for name in self._points if name != first][:1]
        return all(pair.at_floor for rival in rivals for pair in self._pairs(rival, first))


def probabilities_of_best(beats: Mapping[tuple[str, str], float]) -> dict[str, float]:
    """Return the probability that each candidate is the best of all, from those of all duels.

    Parameters
    ----------
    beats : dict of (str, str) to float
        Probability that the first candidate is better than the second, for every ordered pair.

    Returns
    -------
    dict of str to float
        They sum to one; of two candidates, the given probabilities.

    Notes
    -----
    Pairwise coupling [1]_: ``1 / (sum over rivals of 1/p - (n_candidates - 2))``, normalised. It
    treats all candidates alike, whichever of them leads.

    References
    ----------
    .. [1] Price, D., Knerr, S., Personnaz, L. and Dreyfus, G. (1994). Pairwise neural network
           classifiers with probabilistic outputs. Advances in Neural Information Processing
           Systems 7.

    Examples
    --------
    >>> even, ahead = 0.5, 0.75
    >>> beats = {("a", "b"): even, ("a", "c"): ahead, ("b", "c"): ahead}
    >>> found = probabilities_of_best(beats | {(j, i): 1 - p for (i, j), p in beats.items()})
    >>> {name: round(probability, 2) for name, probability in found.items()}
    {'a': 0.43, 'b': 0.43, 'c': 0.14}
    """
    names = list(dict.fromkeys(first for first, _ in beats))
    chances = {}
    for name in names:
        odds = [beats[name, rival] for rival in names if rival != name]
        chances[name] = 1 / (sum(1 / p for p in odds) - (len(names) - 2)) if min(odds) > 0 else 0.0
    total = sum(chances.values())
    return {name: chance / total for name, chance in chances.items()}
