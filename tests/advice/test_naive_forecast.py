import numpy as np
import pytest
from sklearn.base import clone

from rnnselect.advice.naive_forecast import last_value, seasonal_naive
from rnnselect.forecasting.windows import make_windows

DAY = np.tile([1.0, 5.0, 2.0, 8.0], 12)  # a season of 4 steps
NOISE = np.random.default_rng(0).normal(size=48)
BOTH = np.column_stack([NOISE, DAY])


def predicted(make, X, y, windows):
    sizes = X.shape[1], X[0].size // X.shape[1], y[0].size, windows
    flat = np.asarray(X).reshape(len(X), -1)
    model = make(*sizes)
    return None if model is None else clone(model).fit(flat, y).predict(flat)


def test_the_last_value_of_the_target_is_repeated():
    X, y = make_windows(BOTH, 5, horizon=2, targets=[1])
    found = predicted(last_value, X, y, X.windows)
    np.testing.assert_array_equal(found, np.repeat(X[:, -1, 1:], 2, axis=1))


@pytest.mark.parametrize("horizon", [1, 3, 6])
@pytest.mark.parametrize("known", [True, False])
def test_a_season_is_repeated(horizon, known):
    """Without a period, the lag with the highest autocorrelation is found; it is the season's."""
    X, y = make_windows(BOTH, 9, horizon, targets=[1], period=4 if known else None)
    np.testing.assert_array_equal(predicted(seasonal_naive, X, y, X.windows), y)


def test_what_the_windows_are_need_not_be_known():
    X, y = make_windows(BOTH, 9, targets=[1])
    np.testing.assert_array_equal(predicted(seasonal_naive, X, y, None), y)
    np.testing.assert_array_equal(predicted(last_value, X, X[:, -1, 0] + 0.01, None), X[:, -1, 0])


@pytest.mark.parametrize(("length", "period"), [(3, 4), (9, 1), (1, None)])
def test_a_season_must_fit_into_a_window(length, period):
    X, y = make_windows(DAY, length, period=period)
    assert predicted(seasonal_naive, X, y, X.windows) is None


def test_weights_choose_between_lags():
    x = np.random.default_rng(1).normal(size=(20, 6))
    y = np.where(np.arange(20) < 10, x[:, 0], x[:, 3])
    model = seasonal_naive(6, 1, 1, None)
    for weights, step in ((np.arange(20) < 10, 0), (np.arange(20) >= 10, 3)):
        fitted = clone(model).fit(x, y, sample_weight=weights.astype(float))
        np.testing.assert_array_equal(fitted.predict(x), x[:, step])
