"""No time step is on both sides of a split, no window is left out without need, and scikit-learn's
tools and the advisor take the splitter.
"""

import warnings
from copy import deepcopy

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, KFold, TimeSeriesSplit, cross_val_score
from sklearn.neighbors import KNeighborsRegressor

from rnnselect import RNNAdvisor
from rnnselect.exceptions import OverlappingWindowsWarning
from rnnselect.forecasting.split import WindowSplit
from rnnselect.forecasting.windows import make_windows
from rnnselect.recurrent.holdout import hold_out

NOISE = np.random.default_rng(0).normal(size=200)
X, Y = make_windows(NOISE, length=10, horizon=2)


def time_steps(windows, length, horizon, stride):
    """Return the time steps of some windows: inputs and targets."""
    return {i * stride + step for i in windows for step in range(length + horizon)}


SIZES = {"length": st.integers(1, 12), "horizon": st.integers(1, 5), "stride": st.integers(1, 8)}


@given(
    sizes=st.fixed_dictionaries(SIZES),
    n_splits=st.integers(2, 6),
    n_windows=st.integers(3, 80),
    test_size=st.none() | st.integers(1, 10),
    max_train_size=st.none() | st.integers(1, 10),
)
def test_no_time_step_is_on_both_sides(sizes, n_splits, n_windows, test_size, max_train_size):
    splitter = WindowSplit(n_splits, **sizes, test_size=test_size, max_train_size=max_train_size)
    try:
        splits = list(splitter.split(np.zeros(n_windows)))
    except ValueError as error:
        assert "too few for n_splits" in str(error)  # noqa: PT017 -- hypothesis goes on
        assume(False)
    assert len(splits) == splitter.get_n_splits() == n_splits
    for train, test in splits:
        assert 1 <= len(train) <= (max_train_size or n_windows)
        assert len(test) == (test_size or len(splits[0][1]))
        assert not time_steps(train, **sizes) & time_steps(test, **sizes)
        # The first window that was left out does share one.
        left_out = {*range(train[-1] + 1, test[0])}
        assert not left_out or time_steps([min(left_out)], **sizes) & time_steps(test, **sizes)
    tests = np.concatenate([test for _, test in splits])
    np.testing.assert_array_equal(tests, np.arange(tests[0], n_windows))


@pytest.mark.parametrize(
    ("sizes", "gap"),
    [
        ({"length": 1}, 1),
        ({"length": 10, "horizon": 2}, 11),
        ({"length": 10, "horizon": 2, "stride": 4}, 2),
        ({"length": 10, "horizon": 2, "stride": 12}, 0),
        ({"length": 10, "horizon": 2, "stride": 50}, 0),
    ],
)
def test_gap(sizes, gap):
    splitter = WindowSplit(3, **sizes, test_size=7)
    assert splitter.gap == gap
    expected = TimeSeriesSplit(3, test_size=7, gap=gap).split(X)
    for own, of_scikit_learn in zip(splitter.split(X[:, :1, None].repeat(sizes["length"], axis=1)),
                                    expected, strict=True):  # fmt: skip
        np.testing.assert_array_equal(own[0], of_scikit_learn[0])
        np.testing.assert_array_equal(own[1], of_scikit_learn[1])


def test_the_first_training_part_is_as_large_as_a_test_part():
    train, test = next(iter(WindowSplit(4, length=10, horizon=2).split(X)))
    assert len(test) <= len(train) < len(test) + 5


def test_training_part_rolls():
    splits = list(WindowSplit(4, length=10, horizon=2, max_train_size=20).split(X))
    assert [len(train) for train, _ in splits] == [20] * 4
    assert [test[0] - train[-1] - 1 for train, test in splits] == [11] * 4


def test_repr_and_copies():
    splitter = WindowSplit(3, length=10, stride=2, max_train_size=50)
    assert " ".join(repr(splitter).split()) == (
        "WindowSplit(horizon=1, length=10, max_train_size=50, n_splits=3, stride=2, test_size=None)"
    )
    for copy in (deepcopy(splitter), clone(splitter, safe=False)):
        assert copy is not splitter
        assert repr(copy) == repr(splitter)
        assert [s[0][-1] for s in copy.split(X)] == [s[0][-1] for s in splitter.split(X)]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({}, "missing 1 required keyword-only argument: 'length'"),
        ({"length": 0}, "The 'length' parameter of WindowSplit must be an int .* Got 0"),
        ({"length": 5, "horizon": 1.5}, "The 'horizon' parameter of WindowSplit .* Got 1.5"),
        ({"length": 5, "stride": 0}, "The 'stride' parameter of WindowSplit .* Got 0"),
        ({"length": 5, "test_size": 0}, "The 'test_size' parameter .* Got 0"),
        ({"length": 5, "max_train_size": 0}, "The 'max_train_size' parameter .* Got 0"),
        ({"n_splits": 1, "length": 5}, "n_splits=1"),
    ],
)
def test_parameters(parameters, message):
    with pytest.raises((ValueError, TypeError), match=message):
        WindowSplit(**parameters)


@pytest.mark.parametrize(
    ("n_windows", "parameters"),
    [(16, {}), (30, {"test_size": 4}), (0, {}), (11, {"test_size": 1})],
)
def test_too_few_windows(n_windows, parameters):
    splitter = WindowSplit(5, length=10, horizon=2, **parameters)
    message = rf"X has {n_windows} window\(s\), too few for n_splits=5 test parts .*fewer splits"
    with pytest.raises(ValueError, match=message):
        list(splitter.split(np.zeros(n_windows)))


@pytest.mark.parametrize("windows", [X, make_windows(NOISE[:, None], 10)[0]], ids=["2-D", "3-D"])
def test_windows_of_another_length(windows):
    message = r"X has 10 time steps a window and WindowSplit length=8; give length=10, or"
    with pytest.raises(ValueError, match=message):
        list(WindowSplit(length=8).split(windows))


def test_memorising_pays_only_where_windows_leak():
    """Where a random walk drifts is unpredictable, and nearly the same for neighbours in time."""
    walk = np.cumsum(np.random.default_rng(0).normal(size=1000))
    X, ahead = make_windows(walk, length=20, horizon=20)
    drift = ahead.mean(axis=1) - X[:, -1]
    nearest = KNeighborsRegressor(n_neighbors=1)
    leaking = cross_val_score(nearest, X, drift, cv=KFold(3, shuffle=True, random_state=0))
    clean = cross_val_score(nearest, X, drift, cv=WindowSplit(3, length=20, horizon=20))
    assert leaking.min() > 0.5
    assert clean.max() < 0


def test_in_a_search():
    search = GridSearchCV(Ridge(), {"alpha": [0.1, 10]}, cv=WindowSplit(3, length=10, horizon=2))
    assert search.fit(X, Y).n_splits_ == 3


def test_as_validation_part():
    splitter = WindowSplit(2, length=10, horizon=2, test_size=30)
    training, validation = hold_out(Y, splitter, stratify=False, groups=None, seed=0)
    assert validation.tolist() == list(range(len(Y) - 30, len(Y)))
    assert training[-1] == validation[0] - 12


class RidgeWithCell(RegressorMixin, BaseEstimator):
    """Has a cell, for the advisor, and forgets where it stands in time."""

    def __init__(self, cell="gru"):
        self.cell = cell

    def fit(self, X, y):
        self.ridge_ = Ridge(alpha=1.0 if self.cell == "gru" else 50.0).fit(X, y)
        return self

    def predict(self, X):
        return self.ridge_.predict(X)


def test_the_advisor_takes_it():
    waves = np.sin(np.arange(200) / 3) + 0.1 * NOISE
    X, y = make_windows(waves, length=10)
    advisor = RNNAdvisor(RidgeWithCell(), cv=WindowSplit(3, length=10), min_gain=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error", OverlappingWindowsWarning)
        recommendation = advisor.recommend(X, y)
    assert recommendation.cell in ("gru", "lstm")
    assert len(recommendation.pairs) == 3
    with pytest.warns(OverlappingWindowsWarning, match=r"shifted by 1 time step\(s\)"):
        advisor.set_params(cv=3).recommend(X, y)
