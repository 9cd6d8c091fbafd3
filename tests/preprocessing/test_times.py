"""Times as people write them: one form for a whole column."""

import numpy as np
import pytest

from rnnselect.preprocessing.times import AmbiguousTimesError, read_durations, read_times


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["2024-01-01 00:00", "2024-01-02 13:05"], ["2024-01-01T00:00", "2024-01-02T13:05"]),
        (["2024-01-01", "2024-01-01 00:00:01"], ["2024-01-01T00:00", "2024-01-01T00:00:01"]),
        (["2024-01-01T00:00:00Z", "2024-01-01T00:00:00.5+02:00", None],
         ["2024-01-01T00:00", "2023-12-31T22:00:00.5", "NaT"]),
        (["2024-01-01 00:00 UTC", "2024-01-01 00:00-0530"],
         ["2024-01-01T00:00", "2024-01-01T05:30"]),
        (["01.02.2024 13:45", "3.2.2024 1:00"], ["2024-02-01T13:45", "2024-02-03T01:00"]),
        (["2024-01-01 00:00 CET", None, "2024-01-01 01:00 CET"],
         ["2024-01-01T00:00", "NaT", "2024-01-01T01:00"]),
        (["2024-01-01 00:00 America/New_York"] * 2, ["2024-01-01T00:00"] * 2),
        (["2024-01-01T00:00+01:00[Europe/Berlin]", "2024-07-01T00:00+02:00[Europe/Berlin]"],
         ["2023-12-31T23:00", "2024-06-30T22:00"]),
        (["1/2/2024", "13/2/2024"], ["2024-02-01", "2024-02-13"]),
        (["2/1/2024", "2/13/2024"], ["2024-02-01", "2024-02-13"]),
        (["1/1/2024", "2/2/2024"], ["2024-01-01", "2024-02-02"]),
        (["1/13/24 1:05 PM", "1/13/24 12:00 a.m."], ["2024-01-13T13:05", "2024-01-13T00:00"]),
        (["5-Jan-2024 10:00", "06 March 2024 11:00"], ["2024-01-05T10:00", "2024-03-06T11:00"]),
        (["Jan 5, 2024", "december 31 2023"], ["2024-01-05", "2023-12-31"]),
        (["Mon, 05 Feb 2024 10:00:00 GMT"], ["2024-02-05T10:00"]),
        (["2024-01", "2024/02"], ["2024-01-01", "2024-02-01"]),
        (["20240101T101010", "20240101T10:10:11"], ["2024-01-01T10:10:10", "2024-01-01T10:10:11"]),
        (["2024/01/31 24:00"], ["2024-02-01"]),
    ],
)  # fmt: skip
def test_forms_of_times(texts, expected):
    np.testing.assert_array_equal(read_times(texts), np.array(expected, "M8[us]"))


@pytest.mark.parametrize(
    "texts",
    [
        ["a", "b"],
        ["1.5", "2.5"],
        ["12", "13"],
        ["2024-02-30"],
        ["2024-01-01 00:00 CET", "2024-01-01 00:00 EST"],
        [None, ""],
        ["12:30"],
        [],
    ],
)
def test_what_is_no_column_of_times(texts):
    assert read_times(texts) is None


@pytest.mark.parametrize(
    ("texts", "formats"),
    [
        (["1/2/2024", "3/4/2024"], ("%d/%m/%Y", "%m/%d/%Y")),
        (["01-02-2024 10:00"], ("%d-%m-%Y", "%m-%d-%Y")),
        (["24/01/05", "24/01/13"], ("%d/%m/%y", "%y/%m/%d")),
    ],
)
def test_both_orders_qualify(texts, formats):
    with pytest.raises(AmbiguousTimesError) as caught:
        read_times(texts)
    assert caught.value.formats == formats
    # Each of them settles it.
    both = [read_times(texts, each) for each in formats]
    assert not np.array_equal(*both)


def test_one_unreadable_time_does_not_change_the_order_of_the_others():
    found = read_times(["2/1/2024"] * 20 + ["2/13/2024", "soon"])
    assert found[0] == np.datetime64("2024-02-01")
    assert np.isnat(found).tolist() == [False] * 21 + [True]


def test_a_format_of_any_kind():
    (found,) = read_times(["10h on 1/2/2024 +0100"], "%Hh on %m/%d/%Y %z")
    assert found == np.datetime64("2024-01-02T09:00")
    assert read_times(["1/2/2024"], "%Y") is None


def test_time_zones_for_some_only():
    with pytest.raises(ValueError, match=r"\('2024-01-01T00:00Z'\) and others do not"):
        read_times(["2024-01-01T00:00Z", "2024-01-01T00:00"])


def test_durations():
    found = read_durations(["1h30m", "90", "1:30:00", "2 min", "1d", "0:45", None])
    np.testing.assert_array_equal(found, [5400, 90, 5400, 120, 86400, 2700, np.nan])
    assert read_durations(["soon", "1h"]) is None
