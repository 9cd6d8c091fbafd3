"""Windows hold what the series holds there, and y what follows them; bad series are named."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnselect.forecasting.windows import make_windows
from rnnselect.sequences.validation import read_sequences
from rnnselect.sequences.windows import window_shift

SERIES = np.random.default_rng(0).normal(size=60)
CHANNELS = np.random.default_rng(1).normal(size=(60, 3))


@given(
    length=st.integers(1, 8),
    horizon=st.integers(1, 4),
    stride=st.integers(1, 6),
    spare=st.integers(0, 15),
    targets=st.sampled_from([None, 0, 2, [2], [1, 0]]),
)
def test_windows_are_parts_of_the_series(length, horizon, stride, spare, targets):
    series = CHANNELS[: length + horizon + spare]
    chosen = series[:, [0, 1, 2] if targets is None else np.atleast_1d(targets)]
    X, y = make_windows(series, length, horizon, stride, targets=targets)

    assert len(X) == len(y) == 1 + spare // stride
    for i, (window, ahead) in enumerate(zip(X, y.reshape(len(y), horizon, -1), strict=True)):
        end = i * stride + length
        np.testing.assert_array_equal(window, series[i * stride : end])
        np.testing.assert_array_equal(ahead, chosen[end : end + horizon])


@pytest.mark.parametrize(
    ("series", "parameters", "shape_of_X", "shape_of_y"),
    [
        (SERIES, {}, (55, 5), (55,)),
        (SERIES, {"horizon": 3}, (53, 5), (53, 3)),
        (SERIES[:, None], {}, (55, 5, 1), (55,)),
        (CHANNELS, {}, (55, 5, 3), (55, 3)),
        (CHANNELS, {"targets": 1}, (55, 5, 3), (55,)),
        (CHANNELS, {"targets": [1]}, (55, 5, 3), (55,)),
        (CHANNELS, {"targets": [1, 2], "horizon": 4, "stride": 10}, (6, 5, 3), (6, 8)),
    ],
)
def test_shapes(series, parameters, shape_of_X, shape_of_y):
    X, y = make_windows(series, 5, **parameters)
    assert X.shape == shape_of_X
    assert y.shape == shape_of_y


def test_windows_are_a_view_that_cannot_be_written():
    X, y = make_windows(CHANNELS, 5, stride=2)
    assert np.shares_memory(X, CHANNELS)
    assert not X.flags.writeable
    assert not np.shares_memory(y, CHANNELS)
    y[:] = 0


@pytest.mark.parametrize("dtype", ["float32", "float64", "int16"])
def test_dtype_is_kept(dtype):
    X, y = make_windows(np.arange(20, dtype=dtype), 5)
    assert X.dtype == y.dtype == dtype


def test_any_form_of_series():
    X, y = make_windows(SERIES, 5)
    times = pd.date_range("2026-01-01", periods=60, freq="h")
    for series in (list(SERIES), tuple(SERIES), pd.Series(SERIES), pd.Series(SERIES, index=times)):
        of_series = make_windows(series, 5)
        np.testing.assert_array_equal(of_series[0], X)
        np.testing.assert_array_equal(of_series[1], y)


def test_targets_by_column_name():
    frame = pd.DataFrame(CHANNELS, columns=["load", "wind", "sun"])
    X, y = make_windows(frame, 5, targets=["sun", "load"])
    np.testing.assert_array_equal(X, make_windows(CHANNELS, 5)[0])
    np.testing.assert_array_equal(y, CHANNELS[5:, [2, 0]])
    np.testing.assert_array_equal(make_windows(frame, 5, targets="wind")[1], CHANNELS[5:, 1])


@pytest.mark.parametrize("series", [SERIES, CHANNELS])
@pytest.mark.parametrize("stride", [1, 2])
def test_they_are_recognised_as_windows(series, stride):
    assert window_shift(read_sequences(make_windows(series, 6, stride=stride)[0])) == stride


def test_channels_that_are_not_predicted_may_have_gaps():
    series = CHANNELS.copy()
    series[7, 1] = np.nan
    X, y = make_windows(series, 5, targets=[0, 2])
    assert np.isnan(X).sum() == 5
    assert np.isfinite(y).all()
    with pytest.raises(ValueError, match=r"missing \(NaN\) at time step 7 of channel 1, which is"):
        make_windows(series, 5, targets=[2, 1])


def with_value(value):
    return np.where(np.arange(60) == 8, value, SERIES)


UNSORTED = pd.Series(SERIES, index=np.arange(60)[::-1])
REPEATED = pd.Series(SERIES, index=np.arange(60) // 2)
FRAME = pd.DataFrame(CHANNELS, columns=["load", "wind", "sun"])


@pytest.mark.parametrize(
    ("series", "parameters", "message"),
    [
        (SERIES, {"length": 0}, "The 'length' parameter of make_windows must be an int"),
        (SERIES, {"length": 5.0}, "The 'length' parameter .* Got 5.0 instead"),
        (SERIES, {"horizon": 0}, "The 'horizon' parameter .* Got 0 instead"),
        (SERIES, {"stride": -1}, "The 'stride' parameter .* Got -1 instead"),
        (
            SERIES,
            {"length": 59, "horizon": 2},
            r"series has 60 time step\(s\), .* takes 61; give a",
        ),
        (SERIES, {"targets": 1}, "targets=1: 1 is not a channel of series; give positions 0 to 0"),
        (
            CHANNELS,
            {"targets": [0, 3]},
            r"targets=\[0, 3\]: 3 is not a channel .* positions 0 to 2",
        ),
        (CHANNELS, {"targets": -1}, "targets=-1: -1 is not a channel"),
        (CHANNELS, {"targets": "wind"}, "targets='wind': 'wind' is not a channel"),
        (CHANNELS, {"targets": []}, r"targets=\[\] picks no channel; None picks all"),
        (FRAME, {"targets": "rain"}, r"'rain' is not a channel .* names \['load', 'wind', 'sun'\]"),
        (CHANNELS[None], {}, r"series has shape \(1, 60, 3\); give one series: an array"),
        ([], {}, r"series has 0 sample\(s\) \(shape=\(0,\)\)"),
        (CHANNELS[:, :0], {}, r"series has 0 feature\(s\) \(shape=\(60, 0\)\)"),
        (5.0, {}, r"series has shape \(\); give one series"),
        (["a", "b", "c"], {"length": 1}, "series has dtype <U1; .* give numbers"),
        (SERIES + 1j, {}, "Complex data not supported"),
        (SERIES.astype("datetime64[s]"), {}, "series has dtype datetime64.* index"),
        (with_value(np.inf), {}, "series contains infinity"),
        (with_value(np.nan), {}, r"series is missing \(NaN\) at time step 8 of channel 0"),
        (UNSORTED, {}, r"series has an index that is not in ascending order .*sort_index\(\)"),
        (REPEATED, {}, r"or repeats a time; sort it .* or give series.to_numpy\(\)"),
        ([[1.0, 2.0], [3.0]], {"length": 1}, "series is a list of lists of unequal lengths"),
    ],
)
def test_what_is_wrong_is_said(series, parameters, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make_windows(series, **{"length": 5, **parameters})


def test_a_period_is_given_or_stands_in_the_calendar():
    hours = pd.Series(SERIES, index=pd.date_range("2026-01-01", periods=60, freq="h"))
    months = pd.Series(SERIES, index=pd.period_range("2020-01", periods=60, freq="M"))
    for series, period, found in (
        (hours, None, 24), (hours, 5, 5), (months, None, 12), (SERIES, None, None),
        (SERIES, 60, 60),
    ):  # fmt: skip
        X, _ = make_windows(series, 4, period=period)
        assert X.windows.period == X[::2].windows.period == found


@pytest.mark.parametrize(
    ("period", "message"),
    [
        (
            61,
            r"period=61 is longer than series, which has 60 time step\(s\); give the",
        ),
        (0, "'period' parameter"),
        ("1 day", "'period' parameter"),
    ],
)
def test_an_impossible_period_is_named(period, message):
    with pytest.raises(ValueError, match=message):
        make_windows(SERIES, 4, period=period)
