import numpy as np
import pytest

from rnnselect.advice.posterior import (
    GAP_GRID_POINTS,
    NoisePrior,
    Prior,
    log_prior,
    preferred,
)
from rnnselect.advice.race import PairOutcome, race_statistics, run_race
from rnnselect.advice.rules import RaceRules
from rnnselect.advice.verdict import StopReason, Verdict

CELLS = ("gru", "lstm")
MANY = 10**6

pytestmark = pytest.mark.usefixtures("noise_of_the_trial")


def pair(index, difference, *, variance=1.8**2 / 1.25, level=80.0, dummy=50.0, n_test=300):
    points = {"gru": level, "lstm": level + difference}
    return PairOutcome(
        cells=CELLS,
        repetition=index // 5,
        fold=index % 5,
        scores={cell: value / 100 for cell, value in points.items()},
        points=points,
        dummy_points=dummy,
        noise_variance_points2=variance,
        n_test=n_test,
        seconds=dict.fromkeys(CELLS, 1.0),
        n_epochs=dict.fromkeys(CELLS, 10),
    )


class Rounds:
    """A stub of the trainer: serves recorded differences and notes what it was asked for."""

    def __init__(self, differences, *, cut_at=None, interrupt_at=None, **kwargs):
        self.differences, self.kwargs, self.calls = differences, kwargs, []
        self.cut_at, self.interrupt_at = cut_at, interrupt_at

    def __call__(self, first_index, n):
        self.calls.append((first_index, n))
        if self.interrupt_at is not None and first_index >= self.interrupt_at:
            raise KeyboardInterrupt
        end = first_index + n if self.cut_at is None else min(first_index + n, self.cut_at)
        return [pair(i, self.differences[i], **self.kwargs) for i in range(first_index, end)]


def race(rounds, *, affordable=MANY, scale=0.5, sd_before=1.8, rules=None, **kwargs):
    return run_race(
        rounds,
        prior=Prior(scale),
        noise_before=NoisePrior(sd_before**2, 2),
        rules=RaceRules() if rules is None else rules,
        affordable=affordable if callable(affordable) else lambda outcomes: affordable,
        **kwargs,
    )


def left_of(total):
    return lambda outcomes: total - len(outcomes)


@pytest.mark.parametrize(
    ("rounds", "kwargs", "n_pairs", "reason", "verdict"),
    [
        pytest.param(
            Rounds([0.05] * 5, variance=0.05),
            {},
            2,
            StopReason.NOTHING_MORE_TO_GAIN,
            Verdict.EQUIVALENT,
            id="equal cells, little noise: settled early",
        ),
        pytest.param(
            Rounds([0.3, -0.3, 0.2, -0.2, 0.0]),
            {},
            5,
            StopReason.ALL_PAIRS_RUN,
            Verdict.EQUIVALENT,
            id="near ties at usual noise: all pairs",
        ),
        pytest.param(
            Rounds([1.0, -1.2, 1.1, -1.0, 0.5], variance=3.0**2 / 1.25),
            {"scale": 3.0},
            5,
            StopReason.ALL_PAIRS_RUN,
            Verdict.UNDECIDED,
            id="runs on to all",
        ),
        pytest.param(
            Rounds([-40.0] * 5),
            {},
            2,
            StopReason.NOTHING_MORE_TO_GAIN,
            Verdict.CLEARLY_BETTER,
            id="one cell does not learn: seen on the first fold, confirmed on the second",
        ),
        pytest.param(
            Rounds([-40.0] * 5),
            {"rules": RaceRules(confirm_failure=False)},
            1,
            StopReason.NOTHING_MORE_TO_GAIN,
            Verdict.CLEARLY_BETTER,
            id="one cell does not learn: believed at once",
        ),
        pytest.param(
            Rounds([0.0] * 5, level=50.0),
            {},
            2,
            StopReason.NOTHING_MORE_TO_GAIN,
            Verdict.NEITHER,
            id="both at the floor twice",
        ),
        pytest.param(
            Rounds([0.1, -0.1] * 3),
            {"affordable": left_of(1)},
            1,
            StopReason.BUDGET,
            Verdict.SAFE,
            id="one pair fits",
        ),
        pytest.param(
            Rounds([0.1] * 5),
            {"affordable": 0},
            0,
            StopReason.BUDGET,
            Verdict.NOT_TESTED,
            id="no pair fits",
        ),
        pytest.param(
            Rounds([0.1, -0.1] * 3, cut_at=2),
            {},
            2,
            StopReason.BUDGET,
            Verdict.SAFE,
            id="the clock cut the third pair",
        ),
        pytest.param(
            Rounds([0.1] * 5, cut_at=0),
            {},
            0,
            StopReason.BUDGET,
            Verdict.NOT_TESTED,
            id="the clock cut the first pair",
        ),
        pytest.param(
            Rounds([0.1] * 5),
            {"sd_before": 14.0},
            0,
            StopReason.UNRESOLVABLE,
            Verdict.NOT_TESTED,
            id="hopeless noise: not tested",
        ),
        pytest.param(
            Rounds([3.0] * 5, variance=14.0**2 / 1.25),
            {},
            1,
            StopReason.UNRESOLVABLE,
            Verdict.UNDECIDED,
            id="noise shown hopeless by the first pair",
        ),
        pytest.param(
            Rounds([0.1] * 5),
            {"scale": 0.05, "sd_before": 1.0},
            0,
            StopReason.NOTHING_MORE_TO_GAIN,
            Verdict.NOT_TESTED,
            id="a history that knows: no test needed",
        ),
        pytest.param(
            Rounds([0.1] * 5),
            {"rules": RaceRules(max_pairs=0)},
            0,
            StopReason.NOT_TESTED,
            Verdict.NOT_TESTED,
            id="no pair asked for",
        ),
        pytest.param(
            Rounds([-40.0] * 5),
            {"rules": RaceRules(min_gain_points=0)},
            5,
            StopReason.ALL_PAIRS_RUN,
            Verdict.CLEARLY_BETTER,
            id="full cross-validation",
        ),
        pytest.param(
            Rounds([0.0] * 5, level=50.0),
            {"rules": RaceRules(min_gain_points=0)},
            5,
            StopReason.ALL_PAIRS_RUN,
            Verdict.NEITHER,
            id="full cross-validation at the floor",
        ),
        pytest.param(
            Rounds([0.2, -0.2] * 3, interrupt_at=2),
            {},
            2,
            StopReason.INTERRUPTED,
            Verdict.SAFE,
            id="interrupted",
        ),
        pytest.param(
            Rounds([-40.0] * 5, variance=float("nan")),
            {},
            2,
            StopReason.NOTHING_MORE_TO_GAIN,
            Verdict.CLEARLY_BETTER,
            id="diverged: noise unknown, the earlier guess serves",
        ),
    ],
)
def test_how_races_end(rounds, kwargs, n_pairs, reason, verdict):
    found = race(rounds, **kwargs)

    assert (len(found.outcomes), found.stop_reason, found.verdict) == (n_pairs, reason, verdict)
    assert [p.n_pairs for p in found.posteriors] == list(range(n_pairs + 1))


def test_interruption_before_the_first_pair_propagates():
    with pytest.raises(KeyboardInterrupt):
        race(Rounds([0.1] * 5, interrupt_at=0))


@pytest.mark.parametrize(
    ("while_doing", "at_call", "n_judged"),
    [("on_round", 2, 2), ("affordable", 3, 1), ("_stop_reason", 3, 1)],
)
def test_an_interruption_between_rounds_keeps_the_pairs(
    monkeypatch, while_doing, at_call, n_judged
):
    calls = []

    def interrupting(*args, **kwargs):
        calls.append(args)
        if len(calls) == at_call:
            raise KeyboardInterrupt
        return MANY if while_doing == "affordable" else None

    given = {"affordable": MANY, "scale": 3.0}
    if while_doing == "_stop_reason":
        monkeypatch.setattr("rnnselect.advice.race._stop_reason", interrupting)
    else:
        given[while_doing] = interrupting
    found = race(Rounds([1.0, -1.0] * 3), **given)

    assert found.stop_reason is StopReason.INTERRUPTED
    assert (len(found.outcomes), len(found.posteriors)) == (n_judged, n_judged + 1)


def test_preference_after_real_pairs_is_not_called_unresolvable():
    found = race(Rounds([2.0, 1.0, 0.0, 0.0, 0.0]))

    assert found.stop_reason is StopReason.NOTHING_MORE_TO_GAIN
    assert preferred(found.posteriors[-1]) == "second"


@pytest.mark.parametrize("differences", [[2.5] * 5, [0.3, -0.3, 0.2, -0.2, 0.0], [1, -2, 2, 0, 0]])
def test_the_advice_does_not_depend_on_the_number_of_workers(differences):
    alone = race(Rounds(differences))
    for n_at_once in (2, 3, 5, 8):
        rounds = Rounds(differences)
        wide = race(rounds, pairs_per_round=lambda n=n_at_once: n)
        assert (wide.outcomes, wide.posteriors) == (alone.outcomes, alone.posteriors)
        assert (wide.stop_reason, wide.verdict) == (alone.stop_reason, alone.verdict)
        run = sum(n for _, n in rounds.calls)
        assert len(wide.outcomes) + len(wide.surplus) == run <= 5


def test_rounds_keep_to_what_fits():
    rounds = Rounds([1.0, -1.0] * 3)
    found = race(rounds, affordable=left_of(3), pairs_per_round=lambda: 2, scale=3.0)

    assert rounds.calls == [(0, 2), (2, 1)]
    assert found.stop_reason is StopReason.BUDGET


def test_pairs_already_paid_for_are_used_when_the_budget_ends():
    found = race(Rounds([0.1, -0.1, 0.1, 0, 0], cut_at=3), pairs_per_round=lambda: 5)

    assert len(found.outcomes) == 3
    assert not found.surplus


def test_on_round_sees_each_pair_that_counts():
    seen = []
    found = race(
        Rounds([2.5] * 5), on_round=lambda *args: seen.append(args), pairs_per_round=lambda: 5
    )

    assert [len(outcomes) for outcomes, _ in seen] == list(range(1, len(found.outcomes) + 1))
    assert seen[-1][1] == found.posteriors[-1]


def test_race_on_simulated_data():
    """Gaps drawn from the prior, fold standard deviation 1.8: against all five pairs."""
    random = np.random.default_rng(20)
    n_races = 1000
    gaps = 0.5 * random.standard_t(3, n_races)
    differences = gaps[:, np.newaxis] + 1.8 * random.standard_normal((n_races, 5))
    extra, n_pairs, equivalent = np.zeros(n_races), np.zeros(n_races), []
    for i in range(n_races):
        found = race(Rounds(differences[i]))
        chosen = preferred(found.posteriors[-1])
        full = "second" if differences[i].mean() > 0 else "first"
        extra[i] = (full != chosen) * (gaps[i] if full == "second" else -gaps[i])
        n_pairs[i] = len(found.outcomes)
        if found.verdict is Verdict.EQUIVALENT:
            equivalent.append(abs(gaps[i]) <= 1)

    assert 1.5 <= n_pairs.mean() <= 2.3
    assert extra.mean() <= 0.06
    assert len(equivalent) > 25
    assert np.mean(equivalent) >= 0.93


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"rope_points": -1}, "rope_points=-1"),
        ({"min_gain_points": float("nan")}, "min_gain_points=nan"),
        ({"confidence": 95}, "confidence=95"),
        ({"n_folds": 1}, "n_folds=1"),
        ({"max_pairs": -1}, "max_pairs=-1"),
        ({"min_pairs": -1}, "min_pairs=-1"),
    ],
)
def test_rules_are_checked(settings, named):
    with pytest.raises(ValueError, match=named):
        RaceRules(**settings)


@pytest.mark.parametrize(
    ("min_pairs", "affordable", "n_pairs", "reason"),
    [
        (0, MANY, 0, StopReason.NOTHING_MORE_TO_GAIN),
        (1, MANY, 1, StopReason.NOTHING_MORE_TO_GAIN),
        (3, MANY, 3, StopReason.NOTHING_MORE_TO_GAIN),
        (1, 0, 0, StopReason.BUDGET),
        (2, left_of(1), 1, StopReason.BUDGET),
    ],
)
def test_pairs_that_are_owed_are_run_whatever_they_are_worth(
    min_pairs, affordable, n_pairs, reason
):
    rules = RaceRules(min_pairs=min_pairs)
    found = race(Rounds([0.1] * 5), scale=0.05, affordable=affordable, rules=rules)

    assert (len(found.outcomes), found.stop_reason) == (n_pairs, reason)


def test_statistics_say_all_that_the_race_said():
    found = race(Rounds([1.0, -1.2, 0.5, 0.1, 0.2]), rules=RaceRules(min_gain_points=0))
    pairs = race_statistics(found.outcomes, NoisePrior(1.8**2, 2), found.rules)
    logs = log_prior(Prior(0.5)) + pairs.log_likelihood(GAP_GRID_POINTS)
    density = np.exp(logs - logs.max())

    assert pairs.n_pairs == 5
    np.testing.assert_allclose(density / density.sum(), found.posteriors[-1].density)
    mirrored = pairs.mirrored()
    assert mirrored.mean_points == -pairs.mean_points
    np.testing.assert_allclose(
        mirrored.log_likelihood(GAP_GRID_POINTS)[::-1], pairs.log_likelihood(GAP_GRID_POINTS)
    )
