"""The race: run complete pairs until more of them cannot be expected to change the advice.

The loop knows neither clock nor network: who calls it supplies the pairs and says how many still
fit. Pairs are judged one by one in their order, however many are run at a time, so that the same
pairs give the same race on any number of workers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from rnnselect.advice.overlap import precision_of_pairs
from rnnselect.advice.points import POINTS_PER_UNIT
from rnnselect.advice.posterior import (
    PairStatistics,
    Posterior,
    pair_statistics,
    update,
)
from rnnselect.advice.prior import NoisePrior, Prior, noise_from_pairs
from rnnselect.advice.rules import RaceRules
from rnnselect.advice.value import expected_value_of_pairs
from rnnselect.advice.verdict import StopReason, Verdict, reach_verdict, risk_of

__all__ = [
    "PairOutcome",
    "Race",
    "RoundFailedError",
    "no_race",
    "posterior_after",
    "race_statistics",
    "run_race",
]

# A network that has learnt nothing twice, on other splits and with other seeds, is not an accident.
N_PAIRS_FOR_NEITHER = 2
# One failed fit can be an accident: in the study's first hundred sets a cell that learnt nothing on
# a fold, where the other learnt, usually learnt on the other folds. The gap of that pair is large,
# and its noise, which is that of the test samples, does not show the accident. Replayed in all
# orders on the 19 sets with such a fold, a second pair cost .19 pairs and saved .024 points, more
# than the race pays for points elsewhere.
N_PAIRS_FOR_FAILURE = 2
# A fit has collapsed if it is no better than a prediction without learning, and nearly so if it is
# better by no more than one test sample, or by half of the usual ROPE. Two collapsed fits predict
# the same on all samples: their gap is 0 and its noise too, whatever the cells can do.
NEARLY_COLLAPSED_SAMPLES, NEARLY_COLLAPSED_POINTS = 1, 0.5
# "More folds would not help" is said only if this many times the usual number would not.
UNRESOLVABLE_REPETITIONS = 2


class RoundFailedError(Exception):
    """Raised where a round fails after others that were complete: the race ends with those."""


@dataclass(frozen=True, slots=True)
class PairOutcome:
    """Both cells on one split with one seed.

    Parameters
    ----------
    cells : tuple of two str
        Names of the first and the second cell; keys of the dicts below.
    repetition, fold : int
        Which split.
    scores : dict of str to float
        In units of the scorer; nan for a diverged fit.
    points : dict of str to float
        Scores in points, floored at `dummy_points`.
    dummy_points : float
        Floor: what a prediction without any learning scores.
    noise_variance_points2 : float
        Variance of `difference_points` over the test samples, in squared points; nan if unknown
        because a fit diverged.
    n_test : int
        Test samples.
    seconds : dict of str to float
        Wall-clock time of each cell's fit and scoring.
    n_epochs : dict of str to int
        Epochs that each cell was trained for.
    histories : dict of str to dict of str to tuple of float, default={}
        Losses of each cell's epochs, by name; empty where the estimator keeps none.
    """

    cells: tuple[str, str]
    repetition: int
    fold: int
    scores: dict[str, float]
    points: dict[str, float]
    dummy_points: float
    noise_variance_points2: float
    n_test: int
    seconds: dict[str, float]
    n_epochs: dict[str, int]
    histories: dict[str, dict[str, tuple[float, ...]]] = field(default_factory=dict)

    @property
    def difference_points(self) -> float:
        """Points of the second cell minus points of the first."""
        first, second = self.cells
        return self.points[second] - self.points[first]

    @property
    def failed(self) -> tuple[str, ...]:
        """The cells whose fits have collapsed, or nearly so."""
        samples = POINTS_PER_UNIT * NEARLY_COLLAPSED_SAMPLES / self.n_test if self.n_test else 0.0
        most = self.dummy_points + max(NEARLY_COLLAPSED_POINTS, samples)
        return tuple(cell for cell in self.cells if self.points[cell] <= most)

    @property
    def at_floor(self) -> bool:
        """Whether the fits of both cells have collapsed, so that they say nothing of the gap."""
        return len(self.failed) == len(self.cells)


@dataclass(frozen=True, slots=True)
class Race:
    """A finished race.

    Attributes
    ----------
    outcomes : tuple of PairOutcome
        The pairs that the advice rests on.
    posteriors : tuple of Posterior
        What was known before the first pair and after each; one more than `outcomes`.
    stop_reason : StopReason
    verdict : Verdict
    rules : RaceRules
    surplus : tuple of PairOutcome, default=()
        Pairs of the last round that came after the one at which the rules stopped. They do not
        enter the advice, or it would depend on the number of workers.
    """

    outcomes: tuple[PairOutcome, ...]
    posteriors: tuple[Posterior, ...]
    stop_reason: StopReason
    verdict: Verdict
    rules: RaceRules
    surplus: tuple[PairOutcome, ...] = ()


def run_race(
    run_round: Callable[[int, int], Sequence[PairOutcome]],
    *,
    prior: Prior,
    noise_before: NoisePrior,
    rules: RaceRules,
    affordable: Callable[[tuple[PairOutcome, ...]], int],
    pairs_per_round: Callable[[], int] = lambda: 1,
    on_round: Callable[[tuple[PairOutcome, ...], Posterior], None] | None = None,
) -> Race:
    """Run pairs until the rules say stop.

    Parameters
    ----------
    run_round : callable
        ``run_round(first_index, n)`` runs the pairs ``first_index, ..., first_index + n - 1`` and
        returns their outcomes in that order, complete pairs only. Fewer than ``n`` mean that the
        budget cut the round: no other is started. `RoundFailedError` ends the race with ``failed``.
    prior : Prior
        Belief about the gap.
    noise_before : NoisePrior
        Noise of a pair before the pairs themselves tell it.
    rules : RaceRules
    affordable : callable
        ``affordable(outcomes)`` says how many more pairs fit the budget, after all that have been
        run so far.
    pairs_per_round : callable, default=one
        ``pairs_per_round()`` says how many pairs to run at a time.
    on_round : callable, default=None
        ``on_round(outcomes, posterior)``, called after each pair that enters the advice.

    Returns
    -------
    Race

    Raises
    ------
    KeyboardInterrupt
        If the race is interrupted before its first complete pair; later it ends the race with
        ``interrupted``.

    Notes
    -----
    The rules, checked before the first pair and after each, in this order:

    1. Both cells at the floor in each pair, two at least: stop (verdict ``neither``), unless
       ``min_gain_points=0`` asks for everything.
    2. ``max_pairs`` run: ``all_pairs_run`` (``not_tested`` if that is 0).
    3. All pairs up to ``max_pairs`` are worth less than ``min_gain_points``, and ``min_pairs``
       have been run (two if one cell learnt nothing in the first): ``unresolvable`` if

       - there is something to gain (the expected regret is at least ``min_gain_points``), and
         neither equivalence nor the safety of the preferred cell is established,
       - two further repetitions would still be worth less than ``min_gain_points``, and
       - their mean would still have a standard error above the ROPE.

       All three together say "the noise is in the way". Low value alone does not: it is small
       after a decided preference as well, and then the reason is ``nothing_more_to_gain``.
    4. No pair fits, or those that fit are worth less than ``min_gain_points`` (more would be
       worth running): ``budget``.
    """
    pairs: tuple[PairOutcome, ...] = ()
    # One before the first pair and one after each that is judged; whenever an interruption comes,
    # they say which those are.
    posteriors = [posterior_after((), prior, noise_before, rules)]
    try:
        n_fitting = affordable(())
        while True:
            n_judged = len(posteriors) - 1
            n_waiting = len(pairs) - n_judged
            reason = _stop_reason(
                pairs[:n_judged], posteriors[-1], rules, n_fitting, n_waiting=n_waiting
            )
            if reason is not None:
                break
            if not n_waiting:
                n_wanted = min(pairs_per_round(), rules.max_pairs - n_judged, n_fitting)
                found = tuple(run_round(n_judged, n_wanted))
                pairs += found
                n_fitting = affordable(pairs) if len(found) >= n_wanted else 0
                continue
            judged = pairs[: n_judged + 1]
            posteriors.append(posterior_after(judged, prior, noise_before, rules))
            if on_round is not None:
                on_round(judged, posteriors[-1])
    except KeyboardInterrupt:
        if len(posteriors) == 1:
            raise
        reason = StopReason.INTERRUPTED
    except RoundFailedError:
        reason = StopReason.FAILED
    judged, waiting = pairs[: len(posteriors) - 1], pairs[len(posteriors) - 1 :]
    verdict = reach_verdict(
        posteriors[-1], confidence=rules.confidence, both_at_floor=_all_at_floor(judged)
    )
    return Race(judged, tuple(posteriors), reason, verdict, rules, surplus=waiting)


def no_race(prior: Prior, noise_before: NoisePrior, rules: RaceRules, why: StopReason) -> Race:
    """Return a race without any pair, for a reason that lies outside it.

    Parameters
    ----------
    prior : Prior
        Belief about the gap.
    noise_before : NoisePrior
        Noise of a pair.
    rules : RaceRules
    why : StopReason

    Returns
    -------
    Race
        Its verdict is ``not_tested``.
    """
    return Race(
        (), (posterior_after((), prior, noise_before, rules),), why, Verdict.NOT_TESTED, rules
    )


def posterior_after(
    outcomes: tuple[PairOutcome, ...], prior: Prior, noise_before: NoisePrior, rules: RaceRules
) -> Posterior:
    """Return what is known of the gap after some pairs, whose noise they tell themselves."""
    numbers, speaking = _speaking(outcomes)
    found = update(
        prior,
        _noise_after(speaking, noise_before, rules),
        [outcome.difference_points for outcome in speaking],
        n_folds=rules.n_folds,
        rope_points=rules.rope_points,
        pairs=numbers,
        covariance=rules.covariance,
    )
    return replace(found, n_pairs=len(outcomes))


def race_statistics(
    outcomes: tuple[PairOutcome, ...], noise_before: NoisePrior, rules: RaceRules
) -> PairStatistics | None:
    """Summarise what pairs say about the gap, without the prior; None where they say nothing."""
    numbers, speaking = _speaking(outcomes)
    if not speaking:
        return None
    return pair_statistics(
        _noise_after(speaking, noise_before, rules),
        [outcome.difference_points for outcome in speaking],
        n_folds=rules.n_folds,
        pairs=numbers,
        covariance=rules.covariance,
    )


def _speaking(
    outcomes: tuple[PairOutcome, ...],
) -> tuple[tuple[int, ...], tuple[PairOutcome, ...]]:
    """Return the pairs that say something of the gap, those in which a cell has learnt."""
    numbers = tuple(k for k, outcome in enumerate(outcomes) if not outcome.at_floor)
    return numbers, tuple(outcomes[k] for k in numbers)


def _noise_after(
    outcomes: tuple[PairOutcome, ...], noise_before: NoisePrior, rules: RaceRules
) -> NoisePrior:
    known = [outcome for outcome in outcomes if math.isfinite(outcome.noise_variance_points2)]
    if not known:
        return noise_before
    return noise_from_pairs(
        [outcome.noise_variance_points2 for outcome in known],
        [outcome.n_test for outcome in known],
        regression=rules.regression,
    )


def _value(posterior: Posterior, n_more: int, rules: RaceRules) -> float:
    return expected_value_of_pairs(
        posterior, n_more, n_folds=rules.n_folds, covariance=rules.covariance
    )


def _all_at_floor(outcomes: tuple[PairOutcome, ...]) -> bool:
    return bool(outcomes) and all(each.at_floor for each in outcomes)


def _stop_reason(
    outcomes: tuple[PairOutcome, ...],
    posterior: Posterior,
    rules: RaceRules,
    n_fitting: int,
    *,
    n_waiting: int,
) -> StopReason | None:
    """Apply the rules in their order; None means go on."""
    n_left = rules.max_pairs - len(outcomes)
    settled = _all_at_floor(outcomes) and len(outcomes) >= N_PAIRS_FOR_NEITHER
    if settled and rules.min_gain_points > 0:
        return StopReason.NOTHING_MORE_TO_GAIN
    if n_left <= 0:
        return StopReason.ALL_PAIRS_RUN if outcomes else StopReason.NOT_TESTED
    owed = len(outcomes) < max(rules.min_pairs, _pairs_owed_by_failure(outcomes, rules))
    value = _value(posterior, n_left, rules)
    if value < rules.min_gain_points and not owed:
        if _noise_is_in_the_way(posterior, rules):
            return StopReason.UNRESOLVABLE
        return StopReason.NOTHING_MORE_TO_GAIN
    if n_waiting:  # already paid for
        return None
    n_next = min(n_left, max(n_fitting, 0))
    value = _value(posterior, n_next, rules)
    too_little = value < rules.min_gain_points and not owed
    return StopReason.BUDGET if n_next == 0 or too_little else None


def _pairs_owed_by_failure(outcomes: tuple[PairOutcome, ...], rules: RaceRules) -> int:
    failed = rules.confirm_failure and outcomes and len(outcomes[0].failed) == 1
    return N_PAIRS_FOR_FAILURE if failed else 0


def _noise_is_in_the_way(posterior: Posterior, rules: RaceRules) -> bool:
    """Whether there is something to gain that no sensible number of pairs would gain."""
    n_more = UNRESOLVABLE_REPETITIONS * rules.n_folds
    further = range(posterior.n_pairs, posterior.n_pairs + n_more)
    precision = precision_of_pairs((*posterior.pairs, *further), rules.n_folds, rules.covariance)
    error_points = math.sqrt(posterior.noise_variance_points2 / precision)
    return (
        posterior.expected_regret_points >= rules.min_gain_points
        and posterior.q_equivalent < rules.confidence
        and risk_of(posterior) > 1 - rules.confidence
        and error_points > rules.rope_points
        and _value(posterior, n_more, rules) < rules.min_gain_points
    )
