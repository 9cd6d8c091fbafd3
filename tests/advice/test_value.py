import numpy as np
import pytest

from rnnselect.advice.posterior import GAP_GRID_POINTS, NoisePrior, Prior, update
from rnnselect.advice.value import choose_number_of_pairs, expected_value_of_pairs


def after(differences, *, scale=0.5, sd=1.8):
    return update(Prior(scale), NoisePrior(sd**2, 10), differences, n_folds=5, rope_points=1.0)


@pytest.mark.parametrize(
    ("scale", "sd", "values"),
    [
        (0.5, 1.0, (0.168, 0.198, 0.213, 0.230)),
        (0.5, 1.8, (0.118, 0.147, 0.165, 0.187)),
        (0.5, 10.0, (0.028, 0.038, 0.046, 0.058)),
        (3.0, 1.8, (1.491, 1.557, 1.583, 1.605)),
    ],
)
def test_reference_values_before_the_first_pair(scale, sd, values):
    now = after([], scale=scale, sd=sd)

    found = [expected_value_of_pairs(now, n, n_folds=5) for n in (1, 2, 3, 5)]
    assert found == pytest.approx(values, abs=0.003)


@pytest.mark.parametrize(
    ("differences", "value"),
    [([2], 0.049), ([0], 0.132), ([-8], 0.006), ([2, 1], 0.019), ([2, -1, 0.5], 0.030)],
)
def test_reference_values_up_to_five_pairs(differences, value):
    found = expected_value_of_pairs(after(differences), 5 - len(differences), n_folds=5)

    assert found == pytest.approx(value, abs=0.003)


@pytest.mark.parametrize(
    ("differences", "n_more", "factor"), [([], 1, 1.0), ([2], 4, 1 / 4), ([1, -1], 3, 1 / 3)]
)
def test_close_to_simulation(differences, n_more, factor):
    """Draw the gap, draw the new mean, choose by its posterior: the regret that this removes."""
    now, random = after(differences), np.random.default_rng(0)
    gap = random.choice(GAP_GRID_POINTS, size=200_000, p=now.density)
    error = np.sqrt(now.noise_variance_points2 * factor)
    seen = gap + error * random.standard_normal(gap.size)
    means = np.linspace(-15, 15, 601)
    weights = now.density * np.exp(-(((means[:, None] - GAP_GRID_POINTS) / error) ** 2) / 2)
    choose_second = np.interp(seen, means, weights @ GAP_GRID_POINTS) > 0
    regret = np.where(choose_second, np.maximum(-gap, 0), np.maximum(gap, 0)).mean()
    without = np.maximum(gap if now.mean_points <= 0 else -gap, 0).mean()

    value = expected_value_of_pairs(now, n_more, n_folds=5)
    assert value == pytest.approx(without - regret, abs=0.006)


@pytest.mark.parametrize("sd", [0.3, 1.8, 6.0, 20.0])
@pytest.mark.parametrize("differences", [[], [0], [2], [-8], [2, 1], [0.1] * 5, [1] * 7])
def test_more_pairs_are_worth_more_but_never_more_than_the_regret(differences, sd):
    now = after(differences, sd=sd)

    values = [expected_value_of_pairs(now, n, n_folds=5) for n in range(16)]
    assert values[0] == 0
    assert np.all(np.diff(values) >= -1e-9)
    assert values[-1] <= now.expected_regret_points


def test_value_of_a_known_sign_is_nothing():
    assert expected_value_of_pairs(after([-40]), 4, n_folds=5) < 1e-6


@pytest.mark.parametrize(
    ("values", "min_gain_points", "n_pairs"),
    [
        ({}, 0.05, 0),
        ({1: 0.02, 5: 0.04}, 0.05, 0),
        ({1: 0.118, 2: 0.147, 3: 0.165, 5: 0.187}, 0.05, 2),
        ({1: 0.118, 2: 0.147, 3: 0.165, 5: 0.187}, 0.0, 5),
        ({5: 0.187}, 0.05, 5),
        ({0: 0.0, 1: 0.1, 2: 0.1}, 0.0, 1),
    ],
)
def test_choose_number_of_pairs(values, min_gain_points, n_pairs):
    assert choose_number_of_pairs(values, min_gain_points) == n_pairs


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: expected_value_of_pairs(after([]), -1, n_folds=5), "n_more=-1"),
        (lambda: choose_number_of_pairs({1: 1.0}, -0.1), "min_gain_points=-0.1"),
        (lambda: choose_number_of_pairs({-1: 1.0}, 0.1), "key -1"),
    ],
)
def test_errors_name_argument_and_value(call, named):
    with pytest.raises(ValueError, match=named):
        call()
