from types import SimpleNamespace

import numpy as np
import pytest

from rnnselect.advice.experience import EARNED_RISK, EARNED_SCALE_PER_ROPE, Experience, learn
from rnnselect.advice.posterior import NoisePrior, Prior, pair_statistics, preferred
from rnnselect.advice.race import PairOutcome, race_statistics, run_race
from rnnselect.advice.rules import RaceRules
from rnnselect.advice.verdict import risk_of

PACKAGE = Prior(0.5, sources=("a trial",))


def races(gaps, *, sd=0.1):
    return [pair_statistics(NoisePrior(sd**2, 10.0), [gap], n_folds=5) for gap in gaps]


def learnt(gaps, *, sd=0.1, package=PACKAGE, rope_points=1.0):
    return learn(package, races(gaps, sd=sd), rope_points=rope_points)


def small_gaps(n, scale=0.1, seed=0):
    return scale * np.random.default_rng(seed).standard_normal(n)


def test_no_races_leave_the_prior_of_the_package():
    assert learn(PACKAGE, [], rope_points=1.0) == Experience(PACKAGE, 0, 0.0, 1.0)


@pytest.mark.parametrize("scale", [0.5, 3.0])
def test_hopeless_noise_teaches_nothing(scale):
    found = learnt(30 * np.sin(np.arange(40)), sd=500.0, package=Prior(scale)).prior

    assert found.scale_points == pytest.approx(scale, rel=0.1)
    assert found.centre_points == 0


@pytest.mark.parametrize(
    ("gaps", "smallest", "largest"),
    [
        (small_gaps(3), 0.25, 0.4),
        (small_gaps(20), 0.05, 0.2),
        (small_gaps(200), 0.049, 0.12),  # the smallest there is
        (small_gaps(3, 5.0), 0.5, 3.0),
        (small_gaps(50, 5.0), 2.5, 5.0),
        ([*small_gaps(60), 6.0, -5.0, 4.0], 0.25, 0.4),  # makes one in twenty-one as likely
        ([3.0, -3.1, 2.9, -3.0] * 5, 1.5, 4.0),
    ],
    ids=["few", "small", "many small", "few large", "large", "rare large", "always large"],
)
def test_the_scale_follows_the_races_as_far_as_they_go(gaps, smallest, largest):
    found = learnt(gaps).prior

    assert smallest < found.scale_points < largest
    assert found.degrees_of_freedom == 3


def test_more_noise_teaches_less():
    scales = [learnt(small_gaps(25), sd=sd).prior.scale_points for sd in (0.1, 1.0, 4.0)]

    assert scales == sorted(scales)
    assert len(set(scales)) == 3


@pytest.mark.parametrize(
    ("gaps", "smallest", "largest"),
    [
        ([0.4], 0.0, 0.05),
        ([0.4] * 3, 0.0, 0.3),
        (0.3 + small_gaps(60), 0.2, 0.32),
        ([2.0, 2.5], 0.0, 0.2),
        (2.0 + small_gaps(15, 0.3), 1.7, 2.2),
        (small_gaps(60, 0.5), -0.15, 0.15),
    ],
    ids=["one", "three", "many", "two large", "fifteen large", "none"],
)
def test_a_centre_is_believed_as_far_as_it_is_earned(gaps, smallest, largest):
    centre = learnt(gaps).prior.centre_points
    mirrored = learnt(-np.asarray(gaps)).prior.centre_points

    assert smallest <= centre <= largest
    assert mirrored == pytest.approx(-centre)


@pytest.mark.parametrize(
    ("gaps", "rope_points", "earned"),
    [
        (np.zeros(17), 1.0, False),  # none of seventeen does not exclude one in twenty
        (np.zeros(19), 1.0, True),
        (np.zeros(100), 1.0, True),
        (np.zeros(19), 0.1, False),  # of a small ROPE the same scale is a larger share
        ([*np.zeros(24), 5.0], 1.0, False),
        ([*np.zeros(80), 5.0], 1.0, True),
        (small_gaps(100, 1.0), 1.0, False),
        (2.0 + small_gaps(100), 1.0, True),  # always the same cell, by about as much
        (2.0 + small_gaps(15), 1.0, False),
    ],
)
def test_doing_without_a_test_is_earned(gaps, rope_points, earned):
    found = learnt(gaps, rope_points=rope_points)

    assert found.earns_no_test is earned
    assert found.n_races == len(gaps)


@pytest.mark.parametrize(
    ("scale", "n_races", "n_beyond", "earned"),
    [
        (0.2, 18, 0.0, True),
        (0.2, 17, 0.0, False),
        (0.21, 18, 0.0, False),
        (0.2, 18, 0.1, False),
        (0.2, 38, 1.0, True),
        (0.2, 37, 1.0, False),
    ],
)
def test_the_thresholds(scale, n_races, n_beyond, earned):
    assert (EARNED_SCALE_PER_ROPE, EARNED_RISK) == (0.2, 0.05)
    assert Experience(Prior(scale), n_races, n_beyond, 1.0).earns_no_test is earned


def test_noisy_races_earn_nothing_soon():
    """Forty races, none of which could have shown a gap of a point."""
    assert not learnt(np.zeros(40), sd=3.0).earns_no_test


# --- teams whose histories grow -------------------------------------------------------------------


def outcome(k, gap, sd, rng):
    points = {"gru": 80.0, "lstm": 80.0 + gap + sd * rng.standard_normal()}
    nothing = dict.fromkeys(points, 0.0)
    cells = ("gru", "lstm")
    return PairOutcome(cells, 0, k, points, points, 0.0, sd**2 / 1.25, 10**4, nothing, nothing)


def teams(draw, *, sd, n_teams, n_races=60, learn_every=10):
    """Race after race of several teams; the result has the shape (n_teams, n_races)."""
    columns = {name: np.empty((n_teams, n_races)) for name in ("pairs", "regret", "risk", "missed")}
    for team in range(n_teams):
        rng, history = np.random.default_rng(team), []
        for k in range(n_races):
            if k % learn_every == 0:
                experience = learn(PACKAGE, history, rope_points=1.0)
            gap = draw(rng)
            pairs = [outcome(fold, gap, sd, rng) for fold in range(5)]
            owed = int(bool(history) and not experience.earns_no_test)
            race = run_race(
                lambda first, n, pairs=pairs: pairs[first : first + n],
                prior=experience.prior,
                noise_before=NoisePrior(sd**2, 2.0),
                rules=RaceRules(min_pairs=owed),
                affordable=lambda outcomes: 5,
            )
            posterior = race.posteriors[-1]
            ahead = -gap if preferred(posterior) == "first" else gap
            columns["pairs"][team, k] = len(race.outcomes)
            columns["regret"][team, k] = max(0.0, -ahead)
            columns["risk"][team, k] = risk_of(posterior)
            columns["missed"][team, k] = ahead < -1.0
            if race.outcomes:
                history.append(race_statistics(race.outcomes, NoisePrior(sd**2, 2), race.rules))
    return SimpleNamespace(**columns)


def test_a_team_with_small_gaps_pays_for_less_and_less():
    found = teams(lambda rng: 0.08 * rng.standard_normal(), sd=0.5, n_teams=4)
    pairs = [part.mean() for part in np.split(found.pairs, 3, axis=1)]

    assert pairs[0] > 1.25
    assert pairs[2] < 0.7 * pairs[0]
    assert (found.pairs[:, :18] >= 1).all()  # nothing is recommended untested before that is earned
    assert (found.pairs[:, -10:] == 0).any()
    assert found.regret.mean() < 0.05
    assert found.missed.mean() <= found.risk.mean() + 0.01


@pytest.mark.parametrize(
    "draw",
    [
        pytest.param(lambda rng: 3.0 * rng.standard_t(3), id="large"),
        pytest.param(
            lambda rng: (
                rng.uniform(3, 7) * rng.choice([-1, 1])
                if rng.random() < 0.1
                else 0.15 * rng.standard_normal()
            ),
            id="mostly small",
        ),
    ],
)
def test_a_team_with_large_gaps_does_not_become_overconfident(draw):
    found = teams(draw, sd=1.0, n_teams=3, n_races=40)

    assert (found.pairs >= 1).all()
    assert found.missed.mean() < found.risk.mean() + 2 * np.sqrt(0.01 / found.missed.size)
    assert found.regret[:, 20:].mean() < 0.1


def test_gaps_beyond_the_usual_grid_are_learnt_from():
    races = [pair_statistics(NoisePrior(1.0, 10.0), [gap] * 5, n_folds=5) for gap in (90, 95, 92)]
    learnt = learn(Prior(1.0), races, rope_points=1.0)

    assert learnt.n_beyond_rope == pytest.approx(3, abs=0.01)
    assert learnt.prior.scale_points > 10 or learnt.prior.centre_points > 10
