"""What must hold of the posterior whatever the pairs are."""

from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from rnnselect.advice.overlap import (
    SHARED_NOISE,
    covariance_of_splits,
    precision_of_pairs,
    sums_of_pairs,
)
from rnnselect.advice.posterior import (
    EXCESS_PER_LOG_ERROR,
    GAP_GRID_POINTS,
    NoisePrior,
    Prior,
    pair_statistics,
    update,
)
from rnnselect.advice.value import expected_value_of_pairs

positive = st.floats(0.05, 50.0)
priors = st.builds(Prior, st.sampled_from([0.05, 0.5, 1.0, 4.0]), st.sampled_from([0.0, 1.1, -1.1]))
noises = st.builds(
    lambda sd, shape: NoisePrior(sd**2, shape), positive, st.sampled_from([1.0, 2.0, 3.0, 10.0])
)


@st.composite
def gaps(draw, fewest=1, most=12):
    n = draw(st.integers(fewest, most))
    centre, spread = draw(st.floats(-200, 200)), draw(st.sampled_from([0.0, 0.3, 3.0, 30.0]))
    seed = draw(st.integers(0, 2**16))
    return centre + spread * np.random.default_rng(seed).normal(size=n)


def probabilities(found):
    return found.q_first_better, found.q_equivalent, found.q_second_better


def leader(found):
    """Probability of the cell that is ahead, and that it is so by more than the ROPE."""
    if found.p_second_better >= 0.5:
        return found.p_second_better, found.q_second_better
    return 1 - found.p_second_better, found.q_first_better


@given(priors, noises, gaps(), st.integers(2, 100), st.sampled_from([0.0, 1.0, 50.0, 5000.0]))
def test_probabilities_are_finite_and_sum_to_one(prior, noise, differences, n_folds, rope):
    found = update(prior, noise, differences, n_folds=n_folds, rope_points=rope)

    assert np.isfinite(astuple(found)[:8]).all()
    assert min(probabilities(found)) >= 0
    assert sum(probabilities(found)) == pytest.approx(1)
    value = expected_value_of_pairs(found, 2 * n_folds, n_folds=n_folds)
    assert 0 <= value <= found.expected_regret_points


@given(priors, noises, gaps(), st.integers(2, 10))
def test_exchanging_the_cells_mirrors_the_posterior(prior, noise, differences, n_folds):
    mirrored = Prior(prior.scale_points, -prior.centre_points)
    one = update(prior, noise, differences, n_folds=n_folds, rope_points=1.0)
    other = update(mirrored, noise, -differences, n_folds=n_folds, rope_points=1.0)

    assert probabilities(one) == pytest.approx(probabilities(other)[::-1], abs=1e-9)
    assert one.p_second_better == pytest.approx(1 - other.p_second_better, abs=1e-9)
    assert one.mean_points == pytest.approx(-other.mean_points, abs=1e-9)


@settings(max_examples=150)
@given(priors, noises, gaps(fewest=2), st.integers(2, 10))
@example(Prior(1.0), NoisePrior(30.0**2, 3.0), np.zeros(2), 5)
@example(Prior(1.0), NoisePrior(4.0**2, 2.0), np.zeros(2), 5)
@example(Prior(0.5), NoisePrior(1.8**2, 1.0), np.zeros(2), 5)
def test_a_constant_added_to_all_gaps_never_lowers_the_leader(prior, noise, differences, n_folds):
    """Up to 1e-3; and far enough away nothing is left to doubt."""
    around = differences - differences.mean()
    unit = np.sqrt(noise.variance_points2) + np.abs(around).max()
    found = [
        update(prior, noise, around + prior.centre_points + shift, n_folds=n_folds, rope_points=1.0)
        for shift in unit * np.concatenate([np.linspace(0, 12, 25), np.geomspace(15, 1e4, 12)])
    ]

    ahead = np.array([leader(each)[0] for each in found[1:]])
    by_more = np.array([each.q_second_better for each in found])
    start = int(np.argmax([each.p_second_better >= 0.5 for each in found[1:]]))
    assert (np.maximum.accumulate(ahead[start:]) - ahead[start:]).max() < 1e-3
    assert (np.maximum.accumulate(by_more) - by_more).max() < 1e-3
    assert ahead[-1] > 0.999


@pytest.mark.parametrize("shape", [1.0, 2.0, 3.0, 10.0])
@pytest.mark.parametrize("noise_over_scale", [0.1, 1.0, 4.0, 10.0, 30.0, 100.0])
@pytest.mark.parametrize("n_pairs", [2, 3, 5])
def test_the_leader_only_gains_whatever_the_noise(shape, noise_over_scale, n_pairs):
    noise = NoisePrior(noise_over_scale**2, shape)
    shifts = noise_over_scale * np.concatenate([np.linspace(0, 12, 40), np.geomspace(13, 1e4, 30)])
    ahead = np.array(
        [
            update(Prior(1.0), noise, [shift] * n_pairs, n_folds=5, rope_points=1).p_second_better
            for shift in shifts
        ]
    )

    assert (np.maximum.accumulate(ahead) - ahead).max() < 1e-3
    assert ahead[-1] > 0.999


@given(
    st.sampled_from([1.0, 4.0]),
    st.sampled_from([0.0, 1.1]),
    st.floats(0.7, 6.0),
    st.floats(-6, 6),
    st.integers(2, 10),
    st.integers(0, 10**6),
)
def test_one_repetition_is_judged_as_on_the_usual_grid(scale, centre, sd, gap, n_folds, seed):
    """The study rests on it: a t likelihood on the fixed grid, every fold counted in full."""
    shape = 3.0
    differences = gap + sd * np.random.default_rng(seed).normal(size=n_folds)
    pairs = pair_statistics(NoisePrior(sd**2, shape), differences, n_folds=n_folds)
    # Beyond it the tails of the likelihood are thinner than those of the study's.
    assume(pairs.error_points / scale < np.exp((2 * shape + n_folds - 6) / EXCESS_PER_LOG_ERROR))
    found = update(
        Prior(scale, centre), NoisePrior(sd**2, shape), differences, n_folds=n_folds, rope_points=1
    )

    doubt = (GAP_GRID_POINTS - centre) / scale
    spread = ((differences - differences.mean()) ** 2).sum()
    misfit = spread + n_folds * (differences.mean() - GAP_GRID_POINTS) ** 2
    log_density = np.log(np.gradient(GAP_GRID_POINTS)) - 2 * np.log1p(doubt**2 / 3)
    log_density -= (shape + n_folds / 2) * np.log(shape * sd**2 + misfit / 2)
    density = np.exp(log_density - log_density.max())
    density /= density.sum()
    cumulative = np.cumsum(density) - density / 2
    below, at_zero, above = np.interp([-1, 0, 1], GAP_GRID_POINTS, cumulative)
    assert probabilities(found) == pytest.approx((below, above - below, 1 - above), abs=1e-6)
    assert found.p_second_better == pytest.approx(1 - at_zero, abs=1e-6)
    assert found.mean_points == pytest.approx(density @ GAP_GRID_POINTS, abs=1e-4)


@pytest.mark.parametrize("gap", [90.0, -98.3, 2500.0])
def test_gaps_beyond_the_usual_grid(gap):
    found = update(Prior(1.0), NoisePrior(1.8**2, 3), [gap] * 5, n_folds=5, rope_points=1.0)

    assert leader(found) == pytest.approx((1, 1), abs=1e-3)
    assert found.mean_points == pytest.approx(gap, rel=0.02)


@pytest.mark.parametrize(("gap", "sd"), [(90.0, 0.1), (10.0, 0.01), (0.5, 0.002)])
def test_gaps_known_more_finely_than_the_usual_grid(gap, sd):
    differences = gap + sd * np.array([-1, 1, 0.5, -0.5, 0.0])
    found = update(Prior(4.0), NoisePrior(sd**2, 3), differences, n_folds=5, rope_points=gap)

    assert found.mean_points == pytest.approx(gap, abs=sd / 10)
    assert probabilities(found) == pytest.approx((0, 0.5, 0.5), abs=0.02)


@given(st.integers(2, 100), st.integers(1, 5), st.integers(0, 100))
def test_a_further_pair_always_tells_something(n_folds, n_repetitions, extra):
    n = n_folds * n_repetitions + extra
    precisions = [precision_of_pairs(range(k), n_folds) for k in (n_folds, n, n + 1)]

    assert precisions[0] == pytest.approx(n_folds)
    assert precisions[1] < precisions[2] < n_folds / SHARED_NOISE


def splits(n_samples, n_splits, test_size, seed=0):
    random = np.random.default_rng(seed)
    orders = [random.permutation(n_samples) for _ in range(n_splits)]
    return [(order[test_size:], order[:test_size]) for order in orders]


def test_overlapping_splits_tell_no_more_than_their_rows():
    """A hundred halves of the rows count as less than four pairs, two of which test all rows."""
    covariance = covariance_of_splits(splits(120, 100, 60), 120)

    precisions = [precision_of_pairs(range(n), 2, covariance) for n in (1, 2, 10, 100)]
    assert precisions[0] == pytest.approx(1)
    assert np.all(np.diff(precisions) > 0)
    assert precisions[-1] < 4
    gaps = np.random.default_rng(0).normal(1.6, 1, size=100)
    found = update(
        Prior(4.0), NoisePrior(4.0**2, 3), gaps, n_folds=2, rope_points=1, covariance=covariance
    )
    assert found.q_second_better < 0.95
    assert update(
        Prior(4.0), NoisePrior(4.0**2, 3), gaps, n_folds=100, rope_points=1
    ).q_second_better > 0.95  # fmt: skip


def repeated_folds(n_samples, n_folds, n_repetitions):
    random = np.random.default_rng(0)
    for _ in range(n_repetitions):
        parts = np.array_split(random.permutation(n_samples), n_folds)
        for test in parts:
            yield np.setdiff1d(np.arange(n_samples), test), test


@pytest.mark.parametrize("n_folds", [2, 5, 10])
def test_repeated_folds_need_no_more_than_their_number(n_folds):
    rows = list(repeated_folds(100, n_folds, 3))

    assert covariance_of_splits(rows, 100) is None
    exact = covariance_of_splits([*rows, (rows[0][0], rows[0][1][:-1])], 100)
    gaps = np.random.default_rng(1).normal(size=3 * n_folds)
    by_rows = sums_of_pairs(gaps, range(3 * n_folds), n_folds, exact)
    by_number = sums_of_pairs(gaps, range(3 * n_folds), n_folds)
    assert by_rows == pytest.approx(by_number, rel=0.1, abs=0.1)


def test_smaller_training_parts_count_less():
    rows = np.arange(60)
    ordered = [(rows[: 10 * k], rows[10 * k : 10 * k + 10]) for k in range(1, 6)]
    covariance = covariance_of_splits(ordered, 60)

    np.testing.assert_allclose(1 / covariance.toarray().diagonal(), [0.2, 0.4, 0.6, 1, 1])
    _, mean, _ = sums_of_pairs(np.array([9.0, 0, 0, 0, 0]), range(5), 5, covariance)
    assert mean == pytest.approx(9 * 0.2 / 3.2)
    uneven = [(np.setdiff1d(rows, rows[k::5]), rows[k::5]) for k in range(5)]
    uneven[0] = (uneven[0][0][1:], uneven[0][1])
    assert covariance_of_splits(uneven, 60) is None


def test_the_mean_is_that_of_generalised_least_squares():
    covariance = covariance_of_splits(splits(40, 4, 20), 40)
    differences, inverse = np.array([2.0, 1.0, 4.0, 2.5]), np.linalg.inv(covariance.toarray())
    precision = inverse.sum()
    mean = inverse.sum(axis=0) @ differences / precision
    rest = differences - mean

    found = sums_of_pairs(differences, range(4), 2, covariance)
    assert found == pytest.approx((precision, mean, rest @ inverse @ rest))
    # What of the spread is counted: one degree of freedom fewer than pairs without sharing.
    pairs = pair_statistics(NoisePrior(4.0, 3), differences, n_folds=2, covariance=covariance)
    assert pairs.degrees_of_freedom == int(precision - 1) < 3
    assert pairs.spread_points2 / pairs.degrees_of_freedom == pytest.approx(found[2] / 3)
