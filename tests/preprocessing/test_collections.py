"""Every collection that aeon and sktime hold becomes the same sequences, time before channels."""

import re

import numpy as np
import pandas as pd
import pytest

from rnnselect.preprocessing.collections import sequences_from_collection
from rnnselect.sequences.validation import read_sequences

NAN = np.nan
CHANNELS = ["var_0", "var_1"]
# Three series of two channels, channels first, as both libraries hold them.
EQUAL = [np.arange(8.0).reshape(2, 4) + 10 * i for i in range(3)]
UNEQUAL = [EQUAL[0], EQUAL[1][:, :3], EQUAL[2][:, :2]]


def indexed(series, names=CHANNELS):
    """Return sktime's and aeon's pd-multiindex: rows are (series, time)."""
    frames = [pd.DataFrame(x.T, columns=names) for x in series]
    return pd.concat(frames, keys=range(len(frames)), names=["instances", "timepoints"])


def nested(series, cell=pd.Series):
    """Return sktime's nested_univ: each cell is a whole series."""
    cells = {name: [cell(x[c]) for x in series] for c, name in enumerate(CHANNELS)}
    return pd.DataFrame(cells)


def objects(series):
    array = np.empty(len(series), dtype=object)
    array[:] = list(series)
    return array


def sktime_frames(series):
    return [pd.DataFrame(x.T, columns=CHANNELS) for x in series]


def aeon_frames(series):
    return [pd.DataFrame(x) for x in series]


FORMS = {
    "list of arrays": (list, {}),
    "tuple of arrays": (tuple, {}),
    "object array": (objects, {}),
    "frame indexed by series and time": (indexed, {}),
    "frame indexed by series and time, numbered": (lambda x: indexed(x, [0, 1]), {}),
    "nested frame": (nested, {}),
    "nested frame of arrays": (lambda x: nested(x, np.asarray), {}),
    "frames of sktime": (sktime_frames, {}),
    "frames of sktime, numbered": (
        lambda x: [pd.DataFrame(s.T) for s in x],
        {"channels_first": False},
    ),
    "frames of aeon": (aeon_frames, {"channels_first": True}),
}


@pytest.mark.parametrize("form", FORMS)
def test_unequal_lengths(form):
    make, options = FORMS[form]
    X = sequences_from_collection(make(UNEQUAL), **options)

    assert X.shape == (3,)
    assert X.dtype == object
    for x, original in zip(X, UNEQUAL, strict=True):
        np.testing.assert_array_equal(x, original.T)
    assert read_sequences(X).lengths.tolist() == [4, 3, 2]


@pytest.mark.parametrize("form", [*FORMS, "array"])
def test_equal_lengths(form):
    make, options = (np.stack, {}) if form == "array" else FORMS[form]
    X = sequences_from_collection(make(EQUAL), **options)

    np.testing.assert_array_equal(X, np.stack([x.T for x in EQUAL]))
    assert X.dtype == float
    assert X.flags.c_contiguous


def test_one_channel():
    X = sequences_from_collection(np.arange(6).reshape(2, 3))
    np.testing.assert_array_equal(X, np.arange(6.0).reshape(2, 3, 1))
    X = sequences_from_collection([np.arange(3), np.arange(2)])
    assert [x.tolist() for x in X] == [[[0], [1], [2]], [[0], [1]]]


def test_arrays_that_have_time_first():
    X = np.zeros((5, 7, 2))
    assert sequences_from_collection(X, channels_first=False).shape == (5, 7, 2)
    assert sequences_from_collection(X).shape == (5, 2, 7)


def test_types_of_numbers():
    assert sequences_from_collection(np.ones((2, 1, 3), "float32")).dtype == np.float32
    assert sequences_from_collection(np.ones((2, 1, 3), "int16")).dtype == np.float64
    frames = [x.astype("Int64") for x in sktime_frames(EQUAL)]
    assert sequences_from_collection(frames).dtype == np.float64


def test_missing_values_stay():
    frame = indexed(EQUAL).astype("Int64")
    frame.iloc[1, 0] = pd.NA
    X = sequences_from_collection(frame)
    assert np.argwhere(np.isnan(X)).tolist() == [[0, 1, 0]]
    X = sequences_from_collection([frame.loc[i] for i in range(3)])
    assert np.argwhere(np.isnan(X)).tolist() == [[0, 1, 0]]
    X = sequences_from_collection([np.array([[1.0, NAN, 3.0]])])
    np.testing.assert_array_equal(X, [[[1.0], [NAN], [3.0]]])


def test_rows_of_an_indexed_frame_are_sorted_by_time():
    frame = indexed(UNEQUAL)
    X = sequences_from_collection(frame.iloc[[3, 2, 1, 0, 6, 5, 4, 8, 7]])
    np.testing.assert_array_equal(X[0], UNEQUAL[0].T)
    np.testing.assert_array_equal(X[2], UNEQUAL[2].T)


def test_columns_are_matched_by_name_and_carried():
    frames = sktime_frames(UNEQUAL)
    names = tuple(frames[0].columns)
    X = sequences_from_collection([frames[0], frames[1][[*names[::-1]]], frames[2]])
    for x, original in zip(X, UNEQUAL, strict=True):
        np.testing.assert_array_equal(x, original.T)
    for form in (indexed(EQUAL), sktime_frames(EQUAL), indexed(UNEQUAL)):
        assert sequences_from_collection(form).columns == names
    turned = sequences_from_collection(indexed(EQUAL)[[*names[::-1]]])
    expected = read_sequences(sequences_from_collection(EQUAL)).steps
    np.testing.assert_array_equal(read_sequences(turned, columns=names).steps, expected)


def test_masks_of_arrays_become_missing_values():
    X = sequences_from_collection(np.ma.masked_equal(np.arange(6).reshape(1, 2, 3), 4))
    assert np.argwhere(np.isnan(X)).tolist() == [[0, 1, 1]]
    X = sequences_from_collection([np.ma.masked_equal([[1, 2]], 2)])
    np.testing.assert_array_equal(X, [[[1.0], [NAN]]])


def test_the_collection_is_not_changed():
    frame = indexed(UNEQUAL)
    before = frame.copy()
    X = sequences_from_collection(frame)
    X[0][:] = 0
    pd.testing.assert_frame_equal(frame, before)


TEXT = pd.DataFrame({"var_0": ["a", "b"]}, index=pd.MultiIndex.from_tuples([(0, 0), (0, 1)]))

# name: (collection, what the message must contain)
REFUSED = {
    "empty list": ([], ["collection is empty", "at least one series"]),
    "no samples": (np.ones((0, 2, 5)), ["collection is empty", "at least one series"]),
    "no time steps": ([np.ones((2, 3)), np.ones((2, 0))], ["collection[1] has no values", "drop"]),
    "one series": (np.ones(5), ["collection[0] has 0 dimension", "(n_samples, n_channels"]),
    "numbers": ([1.0, 2.0], ["collection[0] has 0 dimension", "(n_samples, n_channels"]),
    "four dimensions": (np.ones((2, 2, 2, 2)), ["collection[0] has 3 dimension", "n_timesteps_i"]),
    "time first": (
        [np.ones((5, 2)), np.ones((6, 2))],
        ["collection[1] has 6 channel(s) and collection[0] has 5", "go to the estimators"],
    ),
    "text": ([np.array(["a", "b"])], ["collection[0] has dtype <U1", "Encode text and categories"]),
    "complex": (np.ones((2, 1, 3), complex), ["collection[0] has dtype complex128", "real"]),
    "frame of text": (
        [pd.DataFrame({"a": ["x", "y"]})],
        ["collection[0] has dtype", "column 'a'", "Encode text and categories"],
    ),
    "frames turned either way": (
        aeon_frames(EQUAL),
        ["collection[0] is a frame", "channels_first=False for sktime", "True for aeon"],
    ),
    "plain frame": (
        pd.DataFrame(np.ones((3, 4))),
        ["neither nested", "to the estimators as it is"],
    ),
    "three levels": (
        pd.concat([indexed(EQUAL)], keys=["group"]),
        ["neither nested", "index of two levels"],
    ),
    "cells of numbers": (
        pd.DataFrame({"a": [1.0, 2.0]}, dtype=object),
        ["row 0, column 0 of collection has 0 dimensions", "holds one series"],
    ),
    "frames of other channels": (
        [pd.DataFrame({"a": [1.0], "b": [2.0]}), pd.DataFrame({"a": [1.0], "c": [2.0]})],
        ["collection[1] has no column 'b', and collection[0] has", "[x.to_numpy() for x in coll"],
    ),
    "cells of text": (
        pd.DataFrame({"a": ["x", "y"]}, dtype=object),
        ["row 0, column 0 of collection has dtype <U1", "real numbers"],
    ),
    "cells of unequal lengths": (
        pd.DataFrame({"a": [pd.Series([1.0, 2.0])], "b": [pd.Series([1.0])]}),
        ["row 0, column 1 of collection has 1 time steps and column 0 has 2", "resample"],
    ),
    "duplicate times": (
        pd.concat([indexed(EQUAL), indexed(EQUAL)]),
        ["second level of the index", "more than once in the sequence 0", "drop or merge"],
    ),
    "indexed text": (TEXT, ["values contain 'var_0' of type String", "encode it"]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    collection, fragments = REFUSED[name]
    with pytest.raises(ValueError, match=re.escape(fragments[0])) as caught:
        sequences_from_collection(collection)
    assert [part for part in fragments if part not in str(caught.value)] == []


@pytest.mark.parametrize("collection", [None, 3.0, "text", {"a": 1}])
def test_refused_types(collection):
    with pytest.raises(TypeError, match=f"is of type {type(collection).__name__}; give an array"):
        sequences_from_collection(collection)
