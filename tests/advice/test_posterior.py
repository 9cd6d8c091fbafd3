import numpy as np
import pytest
from scipy import integrate, stats

from rnnselect.advice.posterior import (
    GAP_GRID_POINTS,
    NoisePrior,
    Prior,
    preferred,
    update,
)

FOLD_SD_1_8 = NoisePrior(1.8**2, 10)


def after(differences, *, scale=0.5, noise=FOLD_SD_1_8, **kwargs):
    return update(Prior(scale), noise, differences, **{"n_folds": 5, "rope_points": 1.0, **kwargs})


@pytest.mark.parametrize(
    ("scale", "differences", "mean", "p_second", "q_first", "q_equal", "q_second", "regret"),
    [
        (0.5, [2], 0.257, 0.640, 0.021, 0.864, 0.115, 0.137),
        (0.5, [0], 0.0, 0.5, 0.049, 0.902, 0.049, 0.231),
        (0.5, [-8], -3.008, 0.107, 0.624, 0.372, 0.004, 0.035),
        (0.5, [2, 1], 0.321, 0.695, 0.011, 0.865, 0.124, 0.101),
        (0.5, [2, -1, 0.5], 0.130, 0.595, 0.016, 0.931, 0.053, 0.142),
        (3.0, [2], 1.442, 0.821, 0.061, 0.332, 0.607, 0.158),
    ],
)
def test_reference_posteriors(
    scale, differences, mean, p_second, q_first, q_equal, q_second, regret
):
    found = after(differences, scale=scale)

    assert (
        found.mean_points,
        found.p_second_better,
        found.q_first_better,
        found.q_equivalent,
        found.q_second_better,
        found.expected_regret_points,
    ) == pytest.approx((mean, p_second, q_first, q_equal, q_second, regret), abs=0.003)
    assert found.n_pairs == len(differences)


def test_without_pairs_the_posterior_is_the_prior():
    found = after([])

    assert found.expected_regret_points == pytest.approx(0.276, abs=0.003)
    assert found.q_second_better == pytest.approx(0.069, abs=0.003)
    assert found.q_second_better == pytest.approx(stats.t(3, scale=0.5).sf(1.0), abs=5e-4)
    assert found.noise_variance_points2 == pytest.approx(1.8**2)
    assert preferred(found) == "tie"


def test_agrees_with_numerical_integration():
    """The same posterior from the definition: normal pairs, inverse gamma variance, t prior."""
    pairs = np.array([2.0, -1.0, 0.5])
    gaps, variances = np.linspace(-30, 30, 6001), np.geomspace(0.5, 50, 200)
    likelihood = stats.invgamma(10, scale=10 * 1.8**2).pdf(variances) * np.ones((gaps.size, 1))
    for pair in pairs:
        likelihood *= stats.norm(gaps[:, np.newaxis], np.sqrt(variances)).pdf(pair)
    density = stats.t(3, scale=0.5).pdf(gaps) * integrate.trapezoid(likelihood, variances)
    expected = float(gaps @ density / density.sum())

    assert after(pairs).mean_points == pytest.approx(expected, abs=0.005)


@pytest.mark.parametrize("differences", [[], [1.0], [2.0, -1.0], [0.3] * 7])
def test_invariants(differences):
    found = after(differences)

    assert found.density.sum() == pytest.approx(1)
    assert found.density.shape == GAP_GRID_POINTS.shape
    assert not found.density.flags.writeable
    assert "density" not in repr(found)
    probabilities = found.q_first_better, found.q_equivalent, found.q_second_better
    assert sum(probabilities) == pytest.approx(1)
    assert found.mean_points == pytest.approx(found.density @ GAP_GRID_POINTS)
    assert found.expected_regret_points == min(found.gain_of_first, found.gain_of_second)


@pytest.mark.parametrize("differences", [[1.0], [2.0, -1.0], [-8.0, 3.0, 1.0, 0.0, 2.0, 1.0]])
def test_swapping_the_cells_mirrors_everything(differences):
    one, other = after(differences), after([-d for d in differences])

    assert one.mean_points == pytest.approx(-other.mean_points)
    assert one.q_first_better == pytest.approx(other.q_second_better)
    assert {preferred(one), preferred(other)} == {"first", "second"}


def test_wider_rope_holds_more_and_a_centre_moves_the_gap():
    assert after([0.5], rope_points=2).q_equivalent > after([0.5]).q_equivalent
    assert after([0.5], rope_points=0).q_equivalent == 0
    shifted = update(Prior(0.5, centre_points=1.0), FOLD_SD_1_8, [], n_folds=5, rope_points=1)
    assert shifted.mean_points == pytest.approx(1.0, abs=0.003)
    assert preferred(shifted) == "second"


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: after([float("nan")]), "floor the scores"),
        (lambda: after([1.0], rope_points=-1), "rope_points=-1"),
        (lambda: after([1.0], pairs=[0, 1]), "pairs has length 2"),
    ],
)
def test_errors_name_argument_and_value(call, named):
    with pytest.raises(ValueError, match=named):
        call()
