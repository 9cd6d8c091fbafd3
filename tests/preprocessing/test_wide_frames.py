"""Wide tables: columns in the order of their numbers, series up to their last value."""

import re

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import polars as pl
import pytest

from rnnselect.preprocessing.wide_frames import sequences_from_wide_frame
from rnnselect.sequences.validation import read_sequences

NAN = np.nan
LIBRARIES = {"pandas": pd.DataFrame, "polars": pl.DataFrame}

# Time steps out of order, a gap inside the first series, an early end of the second one.
SENSORS = {
    "t10": [4.0, None, 9.0],
    "t1": [1.0, 5.0, 7.0],
    "t2": [None, 6.0, 8.0],
    "temperature1": [0.0, 0.0, 0.0],
    "u1": [10, 20, 30],
    "u2": [11, 21, 31],
    "u10": [12.0, 22.0, None],
    "name": ["x", "y", "z"],
    "label": ["good", "bad", "good"],
}


@pytest.fixture(params=LIBRARIES)
def make(request):
    """Make the table of sensors in each library, with some columns replaced or added."""
    return lambda **columns: LIBRARIES[request.param]({**SENSORS, **columns})


def test_columns_are_sorted_by_their_numbers(make):
    X, y, ids, channels = sequences_from_wide_frame(make(), prefix="t", target="label", ids="name")
    for x, expected in zip(X, [[1, NAN, 4], [5, 6], [7, 8, 9]], strict=True):
        np.testing.assert_array_equal(x, np.array(expected)[:, None])
    assert y.tolist() == ["good", "bad", "good"]
    assert ids.tolist() == ["x", "y", "z"]
    assert channels == ("t",)
    assert read_sequences(X, missing="mask").lengths.tolist() == [3, 2, 3]


def test_one_prefix_for_each_channel(make):
    X, y, ids, channels = sequences_from_wide_frame(make(), prefix=["t", "u"])
    np.testing.assert_array_equal(X[0], [[1, 10], [NAN, 11], [4, 12]])
    np.testing.assert_array_equal(X[1], [[5, 20], [6, 21], [NAN, 22]])
    np.testing.assert_array_equal(X[2], [[7, 30], [8, 31], [9, NAN]])
    assert (y, ids.tolist(), channels) == (None, [0, 1, 2], ("t", "u"))


def test_columns_of_any_names(make):
    X = sequences_from_wide_frame(make(), values=["u10", "temperature1", "t1"]).X
    assert [x.ravel().tolist() for x in X[:2]] == [[12, 0, 1], [22, 0, 5]]
    np.testing.assert_array_equal(X[2].ravel(), [NAN, 0, 7])


def test_equal_lengths_stay_ragged(make):
    X = sequences_from_wide_frame(make(), values=["u1", "u2"]).X
    assert (X.shape, X.dtype, X[0].shape) == ((3,), object, (2, 1))
    assert read_sequences(X).kind == "ragged"


# name: (changed columns, arguments, what the message must contain)
REFUSED = {
    "neither": ({}, {}, ["prefix=None and values=None", "give one of them"]),
    "both": ({}, {"prefix": "t", "values": ["u1"]}, ["prefix='t' and values=['u1']", "one of"]),
    "unknown prefix": ({}, {"prefix": "x"}, ["prefix='x'", "no column 'x0', 'x1'", "it has 't10'"]),
    "unknown column": ({}, {"values": ["x"]}, ["values: df has no column 'x'", "it has 't10'"]),
    "unknown target": ({}, {"prefix": "t", "target": "x"}, ["target: df has no column 'x'"]),
    "unknown ids": ({}, {"prefix": "t", "ids": "x"}, ["ids: df has no column 'x'"]),
    "no columns": ({}, {"values": []}, ["values=[] must name at least one column"]),
    "no prefixes": ({}, {"prefix": []}, ["prefix=[]", "at least one"]),
    "other time steps": (
        {"u3": [1, 2, 3]},
        {"prefix": ["t", "u"]},
        ["prefix=['t', 'u']", "only one of 't' and 'u' has a column for time step 3", "NaN"],
    ),
    "number twice": (
        {"t01": [1, 2, 3]},
        {"prefix": "t"},
        ["prefix='t'", "'t1' and 't01'", "same time step", "rename"],
    ),
    "text": ({"t3": list("abc")}, {"prefix": "t"}, ["values contain 't3' of type String"]),
    "target among the values": (
        {},
        {"prefix": "u", "target": "u1"},
        ["values contain the target 'u1'"],
    ),
    "target missing": (
        {"label": ["good", None, "bad"]},
        {"prefix": "t", "target": "label"},
        ["target='label' is missing in 1 row(s)", "first in row 1"],
    ),
    "no values in a row": (
        {"t1": [1.0, None, 2.0], "t2": [1.0, None, 2.0]},
        {"prefix": "t"},
        ["row 1 of df has no value at any time step", "drop"],
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(make, name):
    columns, arguments, fragments = REFUSED[name]
    with pytest.raises(ValueError, match=re.escape(fragments[0])) as caught:
        sequences_from_wide_frame(make(**columns), **arguments)
    assert [part for part in fragments if part not in str(caught.value)] == []


def test_empty_table_refused(make):
    with pytest.raises(ValueError, match=r"df has shape \(0, 9\), which holds no sequence; give"):
        sequences_from_wide_frame(make()[:0], prefix="t")


def test_refused_types():
    with pytest.raises(TypeError, match="df is of type list, which is not a data frame"):
        sequences_from_wide_frame([[1.0, 2.0]], prefix="t")


def test_prefixes_that_end_in_digits():
    df = pl.DataFrame({"a1_0": [1.0], "a1_1": [2.0], "a10": [3.0], "a11": [4.0]})
    X, _, _, channels = sequences_from_wide_frame(df, prefix=["a1_", "a1"])
    assert X[0].tolist() == [[1, 3], [2, 4]]
    assert channels == ("a1_", "a1")


def test_numbers_beyond_any_time_step_are_no_numbers():
    df = pl.DataFrame({"t0": [1.0], "t" + "9" * 5000: [2.0]})
    X, *_ = sequences_from_wide_frame(df, prefix="t")
    assert X[0].tolist() == [[1]]


def test_thousands_of_columns_are_looked_at_once(monkeypatch):
    df = pl.DataFrame({f"{letter}{k}": [1.0, 2.0] for letter in "abc" for k in range(1000)})
    asked = []
    columns = nw.DataFrame.columns.fget
    monkeypatch.setattr(
        nw.DataFrame, "columns", property(lambda self: asked.append(1) or columns(self))
    )
    X, *_ = sequences_from_wide_frame(df, prefix=["a", "b", "c"])
    assert X[0].shape == (1000, 3)
    assert 0 < len(asked) < 20  # not once a column: that took minutes
