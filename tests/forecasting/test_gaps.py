"""No window runs from one series into the next, nor across a gap in the times of an index."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.linear_model import LinearRegression

from rnnselect.forecasting.forecast import forecast
from rnnselect.forecasting.gaps import parts_of_index
from rnnselect.forecasting.windows import make_windows

HOURS = pd.date_range("2026-03-01", periods=40, freq="h")
LINE = np.arange(40.0)


def starts_of(series, length=3, horizon=1, stride=1):
    return make_windows(series, length, horizon, stride)[0][:, 0].ravel()[:].tolist()


def without(index, *rows):
    keep = np.setdiff1d(np.arange(len(index)), rows)
    return pd.Series(LINE[: len(index)], index=index).iloc[keep]


def several(n_series=3, length=6, times=None):
    times = pd.date_range("2026", periods=length, freq="D") if times is None else times
    index = pd.MultiIndex.from_product([[f"s{i}" for i in range(n_series)], times])
    return pd.Series(np.arange(len(index), dtype=float), index=index)


def test_windows_stay_within_one_series_of_a_multiindex():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert starts_of(several()) == [0, 1, 2, 6, 7, 8, 12, 13, 14]
        assert starts_of(several(), horizon=2, stride=2) == [0, 6, 12]
        assert starts_of(several().to_frame("a")) == starts_of(several())
        assert starts_of(several(times=range(6))) == starts_of(several())
    X, y = make_windows(several(), 3)
    np.testing.assert_array_equal(y, X[:, -1] + 1)
    two_levels = several().to_frame("a").set_index(pd.Index([7] * 18), append=True)
    two_levels = two_levels.reorder_levels([0, 2, 1])
    assert starts_of(two_levels) == starts_of(several())


def test_series_may_come_in_any_order_and_length_but_not_in_pieces():
    parts = several()
    assert starts_of(pd.concat([parts.loc[["s2"]], parts.loc[["s0"]].iloc[:4]])) == [12, 13, 14, 0]
    with pytest.raises(ValueError, match="rows of one series are apart; sort it"):
        make_windows(pd.concat([parts.iloc[:3], parts.loc[["s1"]], parts.iloc[3:6]]), 2)
    with pytest.raises(ValueError, match="not in ascending order or repeats a time"):
        make_windows(parts.iloc[::-1], 2)
    with pytest.raises(ValueError, match=r"series has 3 parts .* none of more than 6 time step"):
        make_windows(parts, 6)


INDICES = {
    "hours": HOURS,
    "hours of another zone": HOURS.tz_localize("UTC").tz_convert("Europe/Berlin"),
    "days across the change of clocks": pd.date_range(
        "2026-03-10", periods=40, freq="D", tz="Europe/Berlin"
    ),
    "months": pd.date_range("2026-01-31", periods=40, freq="ME"),
    "quarters": pd.date_range("2026", periods=40, freq="QS"),
    "years": pd.date_range("1990", periods=40, freq="YE"),
    "periods of months": pd.period_range("2026-01", periods=40, freq="M"),
    "spans of time": pd.timedelta_range(0, periods=40, freq="15min"),
    "numbers": pd.RangeIndex(40),
    "every second number": pd.RangeIndex(0, 80, 2),
    "seconds": pd.Index(LINE / 10),
}


@pytest.mark.parametrize("name", INDICES)
def test_a_missing_step_is_a_gap(name):
    index = INDICES[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert starts_of(without(index)) == LINE[:37].tolist()
    with pytest.warns(UserWarning, match=r"1 gap\(s\).* before row 10; 3 of 36 windows .*left out"):
        made = starts_of(without(index, 10))
    assert made == [*range(7), *range(11, 37)]


def test_weekends_and_holidays_are_no_gaps_among_working_days():
    days = pd.bdate_range("2026-01-01", periods=40)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(starts_of(without(days, 7, 20, 21, 22, 23, 24))) == 31
    with pytest.warns(UserWarning, match=r"1 gap\(s\)"):
        starts_of(without(days, *range(20, 26)))


def test_what_has_no_times_has_no_gaps():
    for series in (LINE, list(LINE), pl.Series(LINE), pd.Series(LINE, index=list(map(str, HOURS)))):
        assert len(make_windows(series, 3)[0]) == 37
    assert len(make_windows(without(HOURS, 10).to_numpy(), 3)[0]) == 36
    assert parts_of_index(pd.RangeIndex(0), "series") == ([0], [])
    assert parts_of_index(HOURS[:2], "series") == ([0], [])


def test_gaps_within_the_series_of_a_multiindex():
    with pytest.warns(UserWarning, match=r"1 gap\(s\).* before row 8; 2 of 11 windows"):
        assert starts_of(several().drop(("s1", pd.Timestamp("2026-01-03"))), 2) == [
            *range(4), 9, 12, 13, 14, 15,
        ]  # fmt: skip


def test_forecasts_start_from_one_series_without_a_gap():
    model = LinearRegression().fit(*make_windows(LINE, 3))
    np.testing.assert_allclose(forecast(model, without(HOURS, 36), 1), [40])
    for history, row in ((without(HOURS, 37), 37), (several(), 12)):
        if row == 12:
            history = history.iloc[:14]
        with pytest.raises(
            ValueError, match=f"history has a gap .* before row {row}, within the last"
        ):
            forecast(model, history, 1)
