"""Forecasts continue a series: exactly where the rule is known, and better than doing nothing
where it is learnt by a network.
"""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from rnnselect import RNNRegressor, load
from rnnselect.forecasting.forecast import forecast
from rnnselect.forecasting.split import WindowSplit
from rnnselect.forecasting.windows import make_windows
from rnnselect.preprocessing.scaler import SequenceScaler
from rnnselect.sequences.carried import Windows

# Sums of sines follow linear rules exactly, so that a linear model continues them without error.
TIME = np.arange(120)
SINE = np.sin(TIME / 3)
PAST, FUTURE = SINE[:100], SINE[100:]
ORBIT = np.column_stack([np.sin(TIME / 3), np.cos(TIME / 3), 2 + np.sin(TIME / 5)])


def flat(X):
    return X.reshape(len(X), -1)


def linear_model_of_channels():
    return make_pipeline(FunctionTransformer(flat), LinearRegression())


@pytest.mark.parametrize("horizon", [1, 2, 7])
@pytest.mark.parametrize("steps", [1, 7, 20])
@pytest.mark.parametrize("told", [True, False])
def test_one_channel(horizon, steps, told):
    model = LinearRegression().fit(*make_windows(PAST, 6, horizon))
    made = forecast(model, PAST, steps, horizon=horizon if told else None)
    assert made.shape == (steps,)
    np.testing.assert_allclose(made, FUTURE[:steps], atol=1e-8)


@pytest.mark.parametrize(("horizon", "told"), [(1, 1), (4, 4)])
def test_several_channels(horizon, told):
    model = linear_model_of_channels().fit(*make_windows(ORBIT[:100], 6, horizon))
    made = forecast(model, ORBIT[:100], 15, length=6, horizon=told)
    np.testing.assert_allclose(made, ORBIT[100:115], atol=1e-8)


def test_one_channel_of_a_table_stays_a_table():
    model = linear_model_of_channels().fit(*make_windows(PAST[:, None], 6))
    made = forecast(model, PAST[:, None], 5, length=6)
    np.testing.assert_allclose(made, FUTURE[:5, None], atol=1e-8)


@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(StandardScaler(), LinearRegression()),
        make_pipeline(SequenceScaler("robust"), LinearRegression()),
        TransformedTargetRegressor(LinearRegression(), transformer=StandardScaler()),
        GridSearchCV(LinearRegression(), {"positive": [True, False]}, cv=WindowSplit(2, length=6)),
    ],
    ids=lambda model: type(model).__name__,
)
def test_length_is_read_from_any_model(model):
    model.fit(*make_windows(PAST, 6))
    np.testing.assert_allclose(forecast(model, PAST, 20), FUTURE, atol=1e-8)


@pytest.mark.parametrize("make", [list, pd.Series, np.float32], ids=["list", "Series", "float32"])
def test_forms_of_history(make):
    model = LinearRegression().fit(*make_windows(PAST, 6))
    np.testing.assert_allclose(forecast(model, make(PAST), 3), FUTURE[:3], atol=1e-4)


def test_the_last_window_is_enough_and_history_stays():
    model = LinearRegression().fit(*make_windows(PAST, 6))
    history = PAST[-6:].copy()
    np.testing.assert_array_equal(forecast(model, history, 9), forecast(model, PAST, 9))
    np.testing.assert_array_equal(history, PAST[-6:])


FITTED = LinearRegression().fit(*make_windows(PAST, 6))
OF_CHANNELS = linear_model_of_channels().fit(*make_windows(ORBIT, 6))
OF_ONE_OF_THEM = linear_model_of_channels().fit(*make_windows(ORBIT, 6, targets=0))


@pytest.mark.parametrize(
    ("model", "history", "parameters", "message"),
    [
        (FITTED, PAST, {"steps": 0}, "The 'steps' parameter of forecast must be an int"),
        (FITTED, PAST, {"steps": 2.5}, "The 'steps' parameter .* Got 2.5 instead"),
        (FITTED, PAST, {"length": 0}, "The 'length' parameter .* Got 0 instead"),
        (FITTED, PAST, {"horizon": 0}, "The 'horizon' parameter .* Got 0 instead"),
        ("ridge", PAST, {}, "The 'model' parameter of forecast must be .* Got 'ridge'"),
        (LinearRegression(), PAST, {}, "This LinearRegression instance is not fitted yet"),
        (FITTED, PAST[:5], {}, r"history has 5 time step\(s\), and .* windows of 6; give at least"),
        (FITTED, PAST, {"horizon": 2}, r"model predicts 1 value\(s\) from a window; 2 step\(s\)"),
        (FITTED, ORBIT[None], {}, r"history has shape \(1, 120, 3\); give one series"),
        (FITTED, PAST + np.inf, {}, "history contains infinity"),
        (FITTED, pd.Series(PAST)[::-1], {}, "history has an index that is not in ascending order"),
        (OF_CHANNELS, ORBIT, {}, "length=None, and Pipeline does not say how long its windows are"),
        (
            OF_ONE_OF_THEM,
            ORBIT,
            {"length": 6, "horizon": 1},
            r"predicts 1 value\(s\) .* all 3 channel\(s\) .* make_windows\(..., targets=None\)",
        ),
    ],
)
def test_what_is_wrong_is_said(model, history, parameters, message):
    with pytest.raises((ValueError, TypeError, NotFittedError), match=message):
        forecast(model, history, **{"steps": 3, **parameters})


def noisy_sine(n=260):
    noise = np.random.default_rng(0).normal(scale=0.1, size=n)
    return np.sin(2 * np.pi * np.arange(n) / 20) + noise


def error(made, future):
    return np.sqrt(np.mean((made - future) ** 2))


def test_a_network_beats_the_last_value():
    past, future = np.split(noisy_sine(), [220])
    X, y = make_windows(past, length=20)
    validation = WindowSplit(2, length=20, test_size=30)
    reg = RNNRegressor(
        units=4, epochs=60, learning_rate=0.02, validation_fraction=validation, random_state=0
    )
    made = forecast(reg.fit(X, y), past, 40)
    # On average over the whole cycle the last value is wrong by the size of the sine itself.
    assert error(made, future) < 0.5 * error(past[-1], future)
    assert error(made, future) < 0.5 * error(past.mean(), future)


def test_a_network_of_several_channels_and_steps():
    series = np.column_stack([noisy_sine(), 1000 + 50 * noisy_sine()[::-1]])
    past, future = series[:220], series[220:]
    X, y = make_windows(past, length=20, horizon=5)
    reg = RNNRegressor(units=4, epochs=60, learning_rate=0.02, early_stopping=False, random_state=0)
    model = make_pipeline(SequenceScaler(), reg).fit(X, y)
    made = forecast(model, past, 12)  # the windows are remembered
    assert made.shape == (12, 2)
    for channel in range(2):
        own = future[:12, channel]
        assert error(made[:, channel], own) < 0.7 * error(past[-1, channel], own)
    with pytest.raises(ValueError, match=r"horizon=1, but the model was fitted on .* horizon=5"):
        forecast(model, past, 12, horizon=1)


# --- what windows were ---------------------------------------------------------------------------

NAMES = ["sun", "wind", "load"]
TABLE = pd.DataFrame(ORBIT, columns=NAMES)


def model_that_remembers():
    return make_pipeline(SequenceScaler(), FunctionTransformer(flat), LinearRegression())


@pytest.mark.parametrize("targets", [None, [2, 0, 1], [1, 0, 2]])
@pytest.mark.parametrize("horizon", [1, 3])
def test_horizon_and_order_of_targets_are_remembered(targets, horizon):
    windows = make_windows(ORBIT[:100], 6, horizon, targets=targets)
    made = forecast(model_that_remembers().fit(*windows), ORBIT[:100], 15)
    np.testing.assert_allclose(made, ORBIT[100:115], atol=1e-6)


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame])
def test_columns_of_history_are_matched_by_name(make):
    model = model_that_remembers().fit(*make_windows(TABLE[:100], 6, targets=NAMES[::-1]))
    for names in (NAMES, NAMES[::-1], ["wind", "load", "sun"]):
        history = make({name: TABLE[name].to_numpy()[:100] for name in names})
        made = forecast(model, history, 15)
        np.testing.assert_allclose(made, TABLE[names].to_numpy()[100:115], atol=1e-6)
    with pytest.raises(ValueError, match=r"history has the columns \['sun', 'wind'\].*fitted on"):
        forecast(model, TABLE[["sun", "wind"]], 3)
    with pytest.raises(ValueError, match=r"history has the columns .* give history.to_numpy\(\)"):
        forecast(OF_CHANNELS, TABLE, 3, length=6, horizon=1)


@pytest.mark.parametrize(("targets", "horizon"), [(0, 3), ([0], 3), ([1, 2], 3), (0, 1)])
def test_nothing_is_decided_by_a_coincidence_of_sizes(targets, horizon):
    windows = make_windows(ORBIT, 6, horizon, targets=targets)
    with pytest.raises(
        ValueError, match=r"model predicts the channel\(s\) .* of history, which has 3"
    ):
        forecast(model_that_remembers().fit(*windows), ORBIT, 3)
    with pytest.raises(ValueError, match="horizon=None, and Pipeline does not remember"):
        forecast(linear_model_of_channels().fit(*windows), ORBIT, 3, length=6)


def test_networks_remember_their_windows(tmp_path):
    X, y = make_windows(TABLE, 6, horizon=2, targets=["load", "sun", "wind"])
    tiny = RNNRegressor(units=2, epochs=1, early_stopping=False, random_state=0)
    reg = clone(tiny).fit(X[:90], y[:90])
    assert reg.windows_ == Windows(6, 2, (2, 0, 1))
    reg.save(tmp_path / "model.rnnselect")
    within = TransformedTargetRegressor(tiny, transformer=StandardScaler()).fit(X[:90], y[:90])
    assert within.regressor_.windows_ == reg.windows_
    for kept in (load(tmp_path / "model.rnnselect"), pickle.loads(pickle.dumps(reg))):
        made = forecast(kept, TABLE[NAMES[::-1]], 5)
        np.testing.assert_allclose(made[:, ::-1], forecast(reg, TABLE, 5), rtol=1e-5)
    assert forecast(within, TABLE, 5).shape == (5, 3)
    assert not hasattr(reg.fit(np.asarray(X[:20]), y[:20]), "windows_")


def test_a_channel_is_named_once_as_target():
    with pytest.raises(ValueError, match=r"targets=\[1, 1\] names a channel twice"):
        make_windows(ORBIT, 6, targets=[1, 1])
