"""Tables of pandas and polars become the same ragged sequences; malformed ones say what to do."""

import datetime as dt
import re

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnselect.preprocessing.frames import sequences_from_frame
from rnnselect.sequences.ragged import ragged
from rnnselect.sequences.validation import read_sequences

LIBRARIES = {"pandas": pd.DataFrame, "polars": pl.DataFrame}
NAN = np.nan

# Two patients, visits in no order; Ann has three, Bob two.
VISITS = {
    "patient": ["bob", "ann", "ann", "bob", "ann"],
    "day": [2, 3, 1, 1, 2],
    "pulse": [66.0, 70.0, 72.0, None, 75.0],
    "steps": [10, 20, 30, 40, 50],
    "fever": [True, False, False, False, True],
    "ward": ["north", "south", "south", "north", "south"],
}


@pytest.fixture(params=LIBRARIES)
def make(request):
    """Make the table of visits in each library, with some columns replaced or added."""
    return lambda **columns: LIBRARIES[request.param]({**VISITS, **columns})


def as_lists(sequences):
    return [sequence.tolist() for sequence in sequences]


def test_sequences_ids_and_channels(make):
    sequences = sequences_from_frame(
        make(), by="patient", order="day", values=["steps", "pulse"], target="ward"
    )
    bob, ann = sequences.X
    np.testing.assert_array_equal(bob, [[40, NAN], [10, 66]])
    np.testing.assert_array_equal(ann, [[30, 72], [50, 75], [20, 70]])
    assert sequences.ids.tolist() == ["bob", "ann"]  # in the order of their first rows
    assert sequences.y.tolist() == ["north", "south"]
    assert sequences.y.dtype == object
    assert sequences.channels == ("steps", "pulse")


def test_the_result_is_what_estimators_read(make):
    X = sequences_from_frame(make(), by="patient", order="day", values=["steps"]).X
    assert (X.shape, X.dtype, X[0].dtype) == ((2,), object, float)
    batch = read_sequences(X)
    assert (batch.kind, batch.lengths.tolist(), batch.n_channels) == ("ragged", [2, 3], 1)
    assert all(x.flags.writeable and x.flags.c_contiguous for x in X)


def test_equal_lengths_stay_ragged(make):
    X = sequences_from_frame(make(), by="day", values=["steps", "fever"]).X
    assert X.shape == (3,)
    assert read_sequences(X).kind == "ragged"


def test_channels_by_default(make):
    sequences = sequences_from_frame(make(), by="patient", order="day", target="ward")
    assert sequences.channels == ("pulse", "steps", "fever")
    assert sequences.X[0][:, 2].tolist() == [0.0, 1.0]
    sequences = sequences_from_frame(make(), by="patient", order="day", step_target="fever")
    assert sequences.channels == ("pulse", "steps")


def test_without_order_rows_keep_theirs(make):
    sequences = sequences_from_frame(make(), by="patient", values="steps")
    assert as_lists(sequences.X) == [[[10], [40]], [[20], [30], [50]]]
    assert sequences.y is None


def test_the_time_may_be_a_channel(make):
    sequences = sequences_from_frame(make(), by="patient", order="day", values=["day"])
    assert as_lists(sequences.X) == [[[1], [2]], [[1], [2], [3]]]


def test_several_columns_tell_sequences_apart(make):
    sequences = sequences_from_frame(make(), by=["patient", "fever"], values=["steps"])
    assert as_lists(sequences.X) == [[[10]], [[20], [30]], [[40]], [[50]]]
    expected = [("bob", True), ("ann", False), ("bob", False), ("ann", True)]
    assert sequences.ids.tolist() == expected
    assert sequences.ids.shape == (4,)


def test_labels_of_time_steps(make):
    sequences = sequences_from_frame(
        make(), by="patient", order="day", values=["steps"], step_target="fever"
    )
    assert sequences.y.shape == (2,)
    assert as_lists(sequences.y) == [[False, True], [False, True, False]]
    assert [len(y) for y in sequences.y] == [len(x) for x in sequences.X]


@pytest.mark.parametrize("target", ["ward", "code", "score", "flag"])
def test_targets_of_every_type(make, target):
    values = {
        "ward": ["north", "south"],
        "code": [7, 8],
        "score": [0.5, 1.5],
        "flag": [True, False],
    }
    columns = {name: [v[0], v[1], v[1], v[0], v[1]] for name, v in values.items()}
    y = sequences_from_frame(make(**columns), by="patient", values=["steps"], target=target).y
    assert y.tolist() == values[target]
    assert y.flags.writeable


DAYS = [dt.datetime(2024, 1, day) for day in VISITS["day"]]
TIMES = {
    "time stamps": DAYS,
    "time stamps with a zone": [day.replace(tzinfo=dt.UTC) for day in DAYS],
    "dates": [day.date() for day in DAYS],
    "durations": [dt.timedelta(days=day) for day in VISITS["day"]],
    "fractions": [day / 10 for day in VISITS["day"]],
    "text": [f"{day:%Y-%m-%d %H:%M}" for day in DAYS],
    "text with offsets": [f"2024-01-0{day.day}T00:00:00+0{day.day}:00" for day in DAYS],
    "text, day first": [f"1{day.day}/1/2024" for day in DAYS],
    "months": [f"{day.day + 8}-{day:%b}-2024" for day in DAYS],
    "numbers as text": [str(8 + day) for day in VISITS["day"]],
    "durations as text": [f"{day + 8}:30:00" for day in VISITS["day"]],
}


@pytest.mark.parametrize("kind", TIMES)
def test_times_of_every_type(make, kind):
    df = make(time=TIMES[kind])
    X = sequences_from_frame(df, by="patient", order="time", values=["steps"]).X
    assert as_lists(X) == [[[40], [10]], [[30], [50], [20]]]


# Forms in which the same table comes.
VARIANTS = {
    "nullable types": lambda: pd.DataFrame(VISITS).convert_dtypes(),
    "categories": lambda: pd.DataFrame(VISITS).astype({"patient": "category", "ward": "category"}),
    "odd index": lambda: pd.DataFrame(VISITS).set_axis([7, 7, 3, 1, 0]),
    "polars categories": lambda: pl.DataFrame(VISITS).with_columns(
        pl.col("patient").cast(pl.Categorical), pl.col("ward").cast(pl.Enum(["south", "north"]))
    ),
    "lazy": lambda: pl.DataFrame(VISITS).lazy(),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_variants_of_the_table(name):
    X, y, ids, channels = sequences_from_frame(
        VARIANTS[name](), by="patient", order="day", target="ward"
    )
    np.testing.assert_array_equal(X[0], [[NAN, 40, 0], [66, 10, 1]])
    np.testing.assert_array_equal(X[1], [[72, 30, 0], [75, 50, 1], [70, 20, 0]])
    assert (y.tolist(), ids.tolist()) == (["north", "south"], ["bob", "ann"])
    assert channels == ("pulse", "steps", "fever")


def test_missing_values_of_nullable_types_are_nan():
    df = pd.DataFrame({"id": [1, 1, 1], "count": pd.array([1, None, 3], dtype="Int64")})
    df["flag"] = pd.array([None, True, False], dtype="boolean")
    (x,) = sequences_from_frame(df, by="id").X
    np.testing.assert_array_equal(x, [[1, NAN], [NAN, 1], [3, 0]])


@pytest.mark.parametrize("library", LIBRARIES)
@given(data=st.data())
def test_any_order_of_rows_gives_the_same_sequences(library, data):
    lengths = data.draw(st.lists(st.integers(1, 6), min_size=1, max_size=6))
    ids = np.repeat(np.arange(len(lengths)) * 7 % 13, lengths)
    times = np.concatenate([np.arange(length) - 2 for length in lengths])
    values = np.arange(len(ids)) / 4
    rows = np.array(data.draw(st.permutations(range(len(ids)))))
    columns = {"id": ids[rows], "time": times[rows], "value": values[rows], "y": -ids[rows]}
    sequences = sequences_from_frame(LIBRARIES[library](columns), by="id", order="time", target="y")
    first_seen = list(dict.fromkeys(ids[rows].tolist()))
    assert sequences.ids.tolist() == first_seen
    assert sequences.y.tolist() == [-i for i in first_seen]
    assert as_lists(sequences.X) == [values[ids == i][:, None].tolist() for i in first_seen]


def test_the_table_is_not_changed():
    df = pd.DataFrame(VISITS)
    before = df.copy()
    X = sequences_from_frame(df, by="patient", values=["steps"]).X
    X[0][:] = 0
    pd.testing.assert_frame_equal(df, before)


def test_ragged_keeps_equal_lengths_apart():
    array = ragged(np.ones((3, 4, 2)))
    assert (array.shape, array.dtype, array[0].shape) == ((3,), object, (4, 2))


USUAL = {"by": "patient", "order": "day", "values": ["steps"]}
# name: (changed columns, changed arguments, what the message must contain)
REFUSED = {
    "unknown id": ({}, {"by": "patients"}, ["by: df has no column 'patients'", "'patient', 'day'"]),
    "unknown id of several": ({}, {"by": ["patient", "x"]}, ["by: df has no column 'x'"]),
    "no id": ({}, {"by": None}, ["by: df has no column None", "it has 'patient'"]),
    "unknown time": ({}, {"order": "time"}, ["order: df has no column 'time'", "it has"]),
    "list of times": ({}, {"order": ["day"]}, ["order: df has no column ['day']"]),
    "unknown channel": ({}, {"values": ["steps", "x"]}, ["values: df has no column 'x'"]),
    "number as channel": ({}, {"values": 5}, ["values: df has no column 5"]),
    "unknown target": ({}, {"target": "x"}, ["target: df has no column 'x'", "it has"]),
    "unknown step target": ({}, {"step_target": "x"}, ["step_target: df has no column 'x'"]),
    "no channels": ({}, {"values": []}, ["values=[] must name at least one column"]),
    "channel twice": ({}, {"values": ["steps"] * 2}, ["values=['steps', 'steps']", "twice"]),
    "id missing": (
        {"patient": ["bob", None, None, "bob", "ann"]},
        {},
        ["by='patient' is missing in 2 row(s)", "first in row 1", "drop"],
    ),
    "id not a number": (
        {"patient": [1.0, NAN, 2.0, 1.0, 2.0]},
        {},
        ["by='patient' is missing in 1 row(s)", "first in row 1"],
    ),
    "time missing": (
        {"day": [2, 3, 1, None, 2]},
        {},
        ["order='day' is missing in 1 row(s)", "first in row 3", "drop"],
    ),
    "target missing": (
        {"ward": ["north", "south", None, "north", "south"]},
        {"target": "ward"},
        ["target='ward' is missing in 1 row(s)", "first in row 2"],
    ),
    "time twice": (
        {"day": [2, 3, 1, 1, 3]},
        {},
        ["order='day' has the value 3 more than once in the sequence ann", "order=None"],
    ),
    "time stamp twice": (
        {"day": [dt.datetime(2024, 5, d) for d in (2, 3, 1, 2, 4)]},
        {},
        ["the value 2024-05-02", "more than once in the sequence bob", "drop or merge"],
    ),
    "time as text": (
        {"day": ["mon", "tue", "wed", "thu", "fri"]},
        {},
        ["order='day' holds times as text", "'mon' in row 0", "time_format='%d"],
    ),
    "day or month first": (
        {"day": ["1/2/2024", "2/2/2024", "3/2/2024", "4/2/2024", "5/2/2024"]},
        {},
        ["order='day'", "'1/2/2024'", "time_format='%d/%m/%Y' or time_format='%m/%d/%Y'"],
    ),
    "some times with a zone": (
        {"day": [f"2024-01-01T0{k}:00" + "Z" * (k == 2) for k in range(5)]},
        {},
        ["order='day'", "some times have a time zone ('2024-01-01T02:00Z')", "in UTC"],
    ),
    "not of the format": (
        {"day": ["2024-01-01"] * 5},
        {"time_format": "%d.%m.%Y"},
        ["order='day'", "'2024-01-01' in row 0", "time_format"],
    ),
    "target changes": (
        {},
        {"target": "fever", "values": ["steps"]},
        ["target='fever' is both False and True in the sequence bob", "step_target"],
    ),
    "two targets": (
        {},
        {"target": "ward", "step_target": "fever"},
        ["target='ward' and step_target='fever'", "only one"],
    ),
    "target among the channels": (
        {},
        {"target": "steps"},
        ["values contain the target 'steps'", "take it out"],
    ),
    "step target among the channels": (
        {},
        {"step_target": "steps"},
        ["values contain the target 'steps'", "take it out"],
    ),
    "text as channel": (
        {},
        {"values": ["steps", "ward"]},
        ["values contain 'ward' of type String", "OneHotEncoder", "values=[...]"],
    ),
    "numbers as text": (
        {"ward": ["1", "2,5", "3", "-", "12 mmHg"]},
        {"values": ["steps", "ward"]},
        ["values contain 'ward' of type String", "pandas.to_numeric"],
    ),
    "time stamps as channel": (
        {"when": [dt.datetime(2024, 5, d) for d in (1, 2, 3, 4, 5)]},
        {"values": ["when"]},
        ["values contain 'when' of type Datetime", "the time that has passed"],
    ),
    "nothing numeric": (
        {"pulse": list("abcde"), "steps": list("abcde"), "fever": list("abcde")},
        {"values": None},
        ["values=None, but df has no numeric column besides ['day', 'patient']", "it has"],
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(make, name):
    columns, changes, fragments = REFUSED[name]
    with pytest.raises(ValueError, match=re.escape(fragments[0])) as caught:
        sequences_from_frame(make(**columns), **{**USUAL, **changes})
    assert [part for part in fragments if part not in str(caught.value)] == []


def test_empty_table_refused(make):
    with pytest.raises(ValueError, match=r"df has shape \(0, 6\), which holds no sequence; give"):
        sequences_from_frame(make()[:0], by="patient")


PANDAS = pd.DataFrame(VISITS)
REFUSED_TABLES = {
    "id in the index": (
        PANDAS.set_index("patient"),
        ["'patient' is in the index", "reset_index()"],
    ),
    "numbered columns": (pd.DataFrame(np.ones((2, 2))), ["df has the column 0", "df.columns = "]),
    "names twice": (
        pd.DataFrame([[1, 2]], columns=["patient", "patient"]),
        ["df has several columns of one name", "rename", "'patient' 2 times"],
    ),
    "lists as ids": (
        PANDAS.assign(patient=[[1], [2], [1], [2], [2]]),
        ["by=['patient'] and order='day'", "cannot be grouped", "give columns of"],
    ),
    "times of several types": (
        PANDAS.assign(day=[1, "2", 3, "4", 5]),
        ["order='day' holds values of several types (int, str)", "convert"],
    ),
    "objects as channels": (
        PANDAS.assign(steps=[dt.date(2024, 1, 1)] * 5),
        ["values contain 'steps' of type Object", "convert it to numbers"],
    ),
    "many columns": (
        pd.DataFrame(np.ones((1, 40)), columns=[f"c{i}" for i in range(40)]),
        ["by: df has no column 'patient'", "'c29' and 10 more"],
    ),
}


@pytest.mark.parametrize("name", REFUSED_TABLES)
def test_refused_tables(name):
    df, fragments = REFUSED_TABLES[name]
    with pytest.raises(ValueError, match=re.escape(fragments[0])) as caught:
        sequences_from_frame(df, **USUAL)
    assert [part for part in fragments if part not in str(caught.value)] == []


@pytest.mark.parametrize("df", [VISITS, None, np.ones((2, 2)), PANDAS["day"], "text"])
def test_refused_types(df):
    with pytest.raises(
        TypeError, match=f"df is of type {type(df).__name__}, which is not a data fr"
    ):
        sequences_from_frame(df, by="patient")
