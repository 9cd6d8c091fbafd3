from itertools import permutations
from statistics import mean

import numpy as np
import pytest

from rnnselect.advice import tournament
from rnnselect.advice.posterior import update
from rnnselect.advice.prior import NoisePrior, Prior
from rnnselect.advice.race import PairOutcome
from rnnselect.advice.rules import RaceRules
from rnnselect.advice.tournament import Round, probabilities_of_best, run_tournament
from rnnselect.advice.verdict import StopReason, Verdict

PRIOR, NOISE = Prior(1.0), NoisePrior(1.8**2, 10)
NAMES = ("a", "b", "c", "d")

pytestmark = pytest.mark.usefixtures("noise_of_the_trial")


def pair_of(points, k, noise):
    def pair(first, second):
        return PairOutcome(
            cells=(first, second),
            repetition=k // 5,
            fold=k % 5,
            scores={name: points[name] / 100 for name in (first, second)},
            points={name: points[name] for name in (first, second)},
            dummy_points=50.0,
            noise_variance_points2=noise**2,
            n_test=400,
            seconds=dict.fromkeys((first, second), 1.0),
            n_epochs=dict.fromkeys((first, second), 3),
        )

    return pair


class Field:
    """Candidates with true points; their rounds are noisy, and counted."""

    def __init__(self, true_points, noise=1.0, seed=0):
        self.true_points, self.noise = true_points, noise
        self.drawn = np.random.default_rng(seed).normal(size=(10, len(true_points)))
        self.fits = []
        self.interrupt_at = None
        self.at_most = 10

    def rounds(self, first, n, left):
        if self.interrupt_at is not None and first >= self.interrupt_at:
            raise KeyboardInterrupt
        made = []
        for k in range(first, min(first + n, self.at_most)):
            self.fits += [(k, name) for name in left]
            noise = dict(zip(self.true_points, self.drawn[k], strict=True))
            points = {n: self.true_points[n] + self.noise / 2**0.5 * noise[n] for n in left}
            made.append(Round(points, pair_of(points, k, self.noise)))
        return made

    def run(self, affordable=lambda left: 99, **rules):
        return run_tournament(
            self.rounds, tuple(self.true_points), prior=lambda *names: PRIOR, noise_before=NOISE,
            rules=RaceRules(**rules), affordable=affordable,
        )  # fmt: skip


def test_the_hopeless_leave_first():
    field = Field({"a": 80.0, "b": 79.8, "c": 70.0, "d": 60.0})
    found = field.run()
    n_fits = {name: sum(own == name for _, own in field.fits) for name in NAMES}
    assert n_fits["c"] == n_fits["d"] == 1 < n_fits["b"]
    assert set(found.final.outcomes[0].cells) == {"a", "b"}
    assert found.n_rounds == n_fits["a"] == len(found.final.outcomes)
    assert found.probabilities["d"] < found.probabilities["c"] < 0.01
    assert sum(found.probabilities.values()) == pytest.approx(1.0)


def test_no_claim_is_made_of_the_best_of_several():
    found = Field({"a": 80.0, "b": 70.0, "c": 60.0}).run()
    assert found.final.verdict is Verdict.SAFE
    assert found.final.stop_reason is StopReason.NOTHING_MORE_TO_GAIN


@pytest.mark.parametrize(
    ("rules", "limits", "reason", "n_rounds"),
    [
        ({"min_gain_points": 0.0}, {}, StopReason.ALL_PAIRS_RUN, 5),
        ({}, {"affordable": lambda left: 0}, StopReason.BUDGET, 0),
        ({"max_pairs": 0}, {}, StopReason.NOT_TESTED, 0),
        ({"min_gain_points": 9.0}, {}, StopReason.NOTHING_MORE_TO_GAIN, 0),
    ],
)
def test_stop_reasons(rules, limits, reason, n_rounds):
    field = Field(dict.fromkeys(NAMES, 80.0))
    found = field.run(**limits, **rules)
    assert (found.final.stop_reason, found.n_rounds) == (reason, n_rounds)
    assert len(field.fits) == n_rounds * len(NAMES)


def test_a_round_that_the_budget_cut_does_not_count():
    field = Field(dict.fromkeys(NAMES, 80.0))
    field.at_most = 2
    found = field.run(min_gain_points=0.0)
    assert (found.final.stop_reason, found.n_rounds) == (StopReason.BUDGET, 2)


def test_interrupted():
    field = Field(dict.fromkeys(NAMES, 80.0))
    field.interrupt_at = 2
    found = field.run(min_gain_points=0.0)
    assert (found.final.stop_reason, found.n_rounds) == (StopReason.INTERRUPTED, 2)
    field.interrupt_at = 0
    with pytest.raises(KeyboardInterrupt):
        field.run()


@pytest.mark.parametrize(("method", "at_call"), [("judge", 2), ("_value", 5), ("stop_reason", 4)])
def test_interrupted_between_rounds(monkeypatch, method, at_call):
    calls, before = [], getattr(tournament._State, method)

    def interrupting(*args, **kwargs):
        calls.append(args)
        if len(calls) == at_call:
            raise KeyboardInterrupt
        return before(*args, **kwargs)

    monkeypatch.setattr(tournament._State, method, interrupting)
    found = Field(dict.fromkeys(NAMES, 80.0)).run(min_gain_points=0.0)
    assert found.final.stop_reason is StopReason.INTERRUPTED
    assert found.n_rounds >= 1
    assert {len(points) for points in found.points.values()} == {found.n_rounds}


def test_neither_where_nothing_is_learnt():
    found = Field(dict.fromkeys(NAMES, 50.0), noise=0.0).run()
    assert found.final.verdict is Verdict.NEITHER
    assert found.n_rounds == 2


def test_nothing_depends_on_the_order_of_names():
    points = {"a": 80.0, "b": 79.0, "c": 78.0}
    pairs = {n: p + 0.1 * i for i, (n, p) in enumerate(points.items())}
    found = {
        Field(dict(order), noise=0.0).run().probabilities["a"]
        for order in permutations(pairs.items())
    }
    assert max(found) - min(found) < 1e-12


def test_two_candidates_have_the_probabilities_of_a_race():
    after = update(PRIOR, NOISE, [1.0], n_folds=5, rope_points=1.0).p_second_better
    found = probabilities_of_best({("a", "b"): 1 - after, ("b", "a"): after})
    assert found == pytest.approx({"a": 1 - after, "b": after})
    assert probabilities_of_best({("a", "b"): 0.0, ("b", "a"): 1.0}) == {"a": 0.0, "b": 1.0}


def test_choosing_among_several_loses_little_against_all_folds():
    """Over many fields: what leaving early costs, and what it saves."""
    rng = np.random.default_rng(0)
    extra, share = [], []
    for seed in range(60):
        truth = dict(zip(NAMES, 80 + rng.standard_t(3, size=4) / 2**0.5, strict=True))
        early, full = (Field(truth, noise=1.8, seed=seed) for _ in range(2))
        chosen = [
            max(found.points, key=lambda name: (len(found.points[name]), mean(found.points[name])))
            for found in (early.run(), full.run(min_gain_points=0.0))
        ]
        extra.append(truth[chosen[1]] - truth[chosen[0]])
        share.append(len(early.fits) / len(full.fits))
    assert mean(extra) < 0.1  # points
    assert mean(share) < 0.8  # it was 0.66 over 200 fields
