import numpy as np
import pytest
from scipy.integrate import solve_ivp
from sklearn.linear_model import LogisticRegression, RidgeCV

from rnnselect.datasets import make_mackey_glass, make_no_signal, make_noisy_sines
from rnnselect.datasets.series import STEPS_PER_UNIT, WARM_UP, solve_mackey_glass


def reference(start, end, tau, n_units):
    """Solve delay by delay with SciPy's adaptive Runge-Kutta method of order 8."""

    def past(t):
        return start + (t + tau) / tau * (end - start)

    values, now = [], end
    for interval in range(n_units // tau):
        begin = interval * tau

        def slope(t, x, past=past):
            delayed = past(t - tau)
            return 0.2 * delayed / (1 + delayed**10) - 0.1 * x

        times = np.arange(begin + 1, begin + tau + 1)
        solution = solve_ivp(
            slope,
            (begin, begin + tau),
            [now],
            "DOP853",
            t_eval=times,
            dense_output=True,
            rtol=1e-11,
            atol=1e-11,
        )
        now = solution.y[0, -1]
        values.extend(solution.y[0])

        def past(t, solution=solution):
            return solution.sol(t)[0]

    return np.array(values)


@pytest.mark.parametrize("tau", [17, 30])
def test_mackey_glass_solves_its_equation(tau):
    ends = np.array([[0.6, 1.3], [1.1, 0.9]])
    n_units = 6 * tau
    solved = solve_mackey_glass(ends, tau, n_units)

    for series, (start, end) in zip(solved.T, ends.T, strict=True):
        np.testing.assert_allclose(series, reference(start, end, tau, n_units), rtol=0, atol=1e-7)


def test_mackey_glass_with_half_the_step():
    ends = np.random.default_rng(0).uniform(0.5, 1.5, size=(2, 100))
    n_units = WARM_UP + 50 + 84  # as make_mackey_glass solves it
    whole = solve_mackey_glass(ends, 17, n_units)
    half = solve_mackey_glass(ends, 17, n_units, steps_per_unit=2 * STEPS_PER_UNIT)
    np.testing.assert_allclose(whole, half, rtol=0, atol=1e-5)


def test_mackey_glass_y_is_the_same_series_later():
    X, y = make_mackey_glass(20, length=30, horizon=12, random_state=0)
    X_longer, _ = make_mackey_glass(20, length=42, horizon=1, random_state=0)

    np.testing.assert_array_equal(X, X_longer[:, :30])
    np.testing.assert_array_equal(y, X_longer[:, 41])


def test_mackey_glass_stays_on_its_attractor_and_is_chaotic():
    X, y = make_mackey_glass(500, random_state=0)
    assert 0.2 < min(X.min(), y.min()) < max(X.max(), y.max()) < 1.4

    ends = np.array([[0.6, 0.6], [1.3, 1.3 + 1e-6]])  # two series that begin alike
    gap = np.ptp(solve_mackey_glass(ends, 17, 3000), axis=1)
    assert gap[100:200].max() < 1e-4
    assert gap[-1000:].max() > 0.1
    gap = np.ptp(solve_mackey_glass(ends, 10, 3000), axis=1)  # periodic: they stay together
    assert gap.max() < 1e-4


def test_mackey_glass_is_what_it_says_for_simple_models():
    X, y = make_mackey_glass(2000, random_state=0)
    ridge = RidgeCV(np.logspace(-8, 2, 6)).fit(X[:1000], y[:1000])

    assert ridge.score(X[1000:], y[1000:]) == pytest.approx(0.7, abs=0.05)
    assert np.mean((X[:, -1] - y) ** 2) > y.var()


def most_power(X, n_classes):
    return np.argmax(np.abs(np.fft.rfft(X))[:, 1 : n_classes + 1], axis=1)


@pytest.mark.parametrize("noise", [1.0, 1.5, 2.0])
def test_noisy_sines_are_told_apart_as_well_as_theory_says(noise):
    X, y = make_noisy_sines(20_000, length=32, noise=noise, random_state=0)
    accuracy = 1 - 0.5 * np.exp(-32 / (8 * noise**2))
    sigma = np.sqrt(accuracy * (1 - accuracy) / len(X))

    assert np.mean(most_power(X, 2) == y) == pytest.approx(accuracy, abs=5 * sigma)
    assert y.mean() == pytest.approx(0.5, abs=0.018)  # 5 sigma


def test_sines_without_noise():
    X, y = make_noisy_sines(300, length=11, n_classes=5, noise=0, random_state=0)

    np.testing.assert_array_equal(most_power(X, 5), y)
    assert set(y) == {0, 1, 2, 3, 4}
    np.testing.assert_allclose((X**2).mean(axis=1), 0.5)  # amplitude 1, whole periods


def test_noisy_sines_tell_a_linear_model_nothing():
    X, y = make_noisy_sines(4000, random_state=0)
    linear = LogisticRegression().fit(X[:2000], y[:2000])
    assert linear.score(X[2000:], y[2000:]) == pytest.approx(0.5, abs=0.05)


def test_no_signal_means_that_x_does_not_know_y():
    X, y = make_no_signal(100, length=5, n_channels=3, random_state=0)
    X_same, y_other = make_no_signal(100, length=5, n_channels=3, n_classes=7, random_state=0)

    np.testing.assert_array_equal(X, X_same)  # whatever the classes are
    assert X.shape == (100, 5, 3)
    assert np.bincount(y).tolist() == [50, 50]
    assert sorted(np.bincount(y_other).tolist()) == [14, 14, 14, 14, 14, 15, 15]


def test_no_signal_is_white_and_its_classes_are_in_random_order():
    X, y = make_no_signal(4000, length=4, random_state=0)
    series = X[:, :, 0]

    assert series.mean() == pytest.approx(0, abs=0.04)  # 5 sigma
    np.testing.assert_allclose(np.cov(series.T), np.eye(4), atol=0.12)  # 5 sigma
    gaps = series[y == 1].mean(axis=0) - series[y == 0].mean(axis=0)
    np.testing.assert_allclose(gaps, 0, atol=0.16)  # 5 sigma
    assert np.mean(y[1:] == y[:-1]) == pytest.approx(0.5, abs=0.04)  # 5 sigma
