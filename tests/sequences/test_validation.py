"""Every accepted form is read as meant; everything else is refused with a remedy."""

import warnings

import numpy as np
import pytest
from scipy.sparse import csr_array

from rnnselect.sequences.validation import read_sequences

NAN = np.nan


def objects(*elements):
    array = np.empty(len(elements), dtype=object)
    array[:] = list(elements)
    return array


class OnlyArray:
    """Something that can become an array, and can do nothing else."""

    def __init__(self, values):
        self.values = np.asarray(values)

    def __array__(self, dtype=None, copy=None):
        return self.values


PADDED = np.array([[[1.0, NAN], [2.0, 3.0]], [[4.0, 5.0], [NAN, NAN]]])
PADDED[0, 0, 1] = 7.0

# name: (X, kind, lengths, channels)
ACCEPTED = {
    "2-D": (np.ones((3, 5)), "series", [5, 5, 5], 1),
    "2-D of integers": (np.ones((3, 5), "uint8"), "series", [5, 5, 5], 1),
    "3-D": (np.ones((3, 5, 2)), "panel", [5, 5, 5], 2),
    "3-D, Fortran order": (np.asfortranarray(np.ones((3, 5, 2))), "panel", [5, 5, 5], 2),
    "3-D padded by NaN": (PADDED, "panel", [2, 1], 2),
    "arrays, unequal": ([np.ones((3, 2)), np.ones((5, 2))], "ragged", [3, 5], 2),
    "arrays, equal": ([np.ones((4, 2)), np.ones((4, 2))], "ragged", [4, 4], 2),
    "arrays of one dimension": ([np.ones(3), np.ones(5)], "ragged", [3, 5], 1),
    "tuple of arrays": ((np.ones(3), np.ones(5)), "ragged", [3, 5], 1),
    "object array": (objects(np.ones((3, 2)), np.ones((5, 2))), "ragged", [3, 5], 2),
    "object array, equal": (objects(np.ones((3, 2)), np.ones((3, 2))), "ragged", [3, 3], 2),
    "object array of lists": (objects([1, 2], [3]), "ragged", [2, 1], 1),
    "list of lists": ([[1.0, 2.0], [3.0, 4.0]], "series", [2, 2], 1),
    "lists of lists of lists": ([[[1.0], [2.0]], [[3.0], [4.0]]], "panel", [2, 2], 1),
    "array-like": (OnlyArray(np.ones((3, 5))), "series", [5, 5, 5], 1),
    "one sample": (np.ones((1, 1, 1)), "panel", [1], 1),
}

ACCEPTED_TOKENS = {
    "array": (np.array([[1, 2, 3], [4, 5, 6]]), [3, 3]),
    "array of whole floats": (np.array([[1.0, 2.0], [4.0, 5.0]]), [2, 2]),
    "array with zeros at the end": (np.array([[1, 0, 3, 0], [4, 0, 0, 0]]), [3, 1]),
    "array padded by NaN": (np.array([[1, 2, NAN], [4, NAN, NAN]]), [2, 1]),
    "lists": ([[1, 2], [3, 4, 5]], [2, 3]),
    "lists with zeros at the end": ([[1, 2, 0], [3, 0]], [2, 1]),
    "arrays": ([np.array([1, 2]), np.array([3])], [2, 1]),
    "object array of lists": (objects([1, 2], [3]), [2, 1]),
}

# name: (X, what the message must contain: what it got, and the remedy)
REFUSED = {
    "one dimension": (np.ones(5), ["X has 1 dimension", "X.reshape(1, -1)"]),
    "list of numbers": ([1.0, 2.0], ["X has 1 dimension", "X.reshape(1, -1)"]),
    "four dimensions": (np.ones((2, 2, 2, 2)), ["X has 4 dimension", "give a 2-D array"]),
    "a number": (3.0, ["X is of type float", "give a 2-D array"]),
    "None": (None, ["X is of type NoneType", "give a 2-D array"]),
    "list of None": ([None, None], ["X[0] is of type NoneType", "list of arrays"]),
    "dict": ({"a": 1}, ["X is of type dict", "give a 2-D array"]),
    "empty list": ([], ["X=[] is empty", "at least one sequence"]),
    "no samples": (np.ones((0, 5)), ["X has shape (0, 5)", "at least one sequence"]),
    "no steps": (np.ones((3, 0)), ["0 time steps", "at least one time step"]),
    "no steps, 3-D": (np.ones((3, 0, 2)), ["0 time steps", "at least one time step"]),
    "no channels": (np.ones((3, 5, 0)), ["0 channels", "one channel"]),
    "mixed channels": (
        [np.ones((3, 2)), np.ones((3, 2)), np.ones((3, 1))],
        ["X[2] has 1 channel(s) and X[0] has 2", "must have the same channels"],
    ),
    "zero length": ([np.ones((2, 2)), np.ones((0, 2))], ["X[1] has no time steps", "drop"]),
    "zero length, one dimension": ([np.ones(2), np.ones(0)], ["X[1] has no time steps", "drop"]),
    "all NaN": (np.array([[1.0, 2.0], [NAN, NAN]]), ["X[1]", "NaN", "drop"]),
    "all NaN, 3-D": (np.array([[[1.0]], [[NAN]]]), ["X[1]", "NaN", "drop"]),
    "all NaN, ragged": ([np.ones(3), np.full(2, NAN)], ["X[1]", "NaN", "drop"]),
    "NaN inside": (
        np.array([[1.0, 2.0], [NAN, 2.0]]),
        ["X[1]", "NaN", "time step 0, channel 0", 'missing="mask"'],
    ),
    "NaN inside, 3-D": (
        np.array([[[1.0, 2.0], [3.0, NAN], [5.0, 6.0]]]),
        ["X[0]", "NaN", "time step 1, channel 1", 'missing="mask"'],
    ),
    "NaN inside, ragged": (
        [np.ones(4), np.array([1.0, NAN, 2.0])],
        ["X[1]", "NaN", "time step 1", 'missing="mask"'],
    ),
    "infinity": (np.array([[1.0, np.inf]]), ["X[0] holds infinity", "time step 1", "clip"]),
    "minus infinity": ([np.array([-np.inf, 1.0])], ["X[0] holds infinity", "time step 0", "clip"]),
    "too large": (np.array([[1.0, 1e39]]), ["X[0]", "too large for float32", "clip"]),
    "too large, ragged": ([np.array([1.0, -1e39])], ["X[0]", "too large for float32", "clip"]),
    "text": ("a text", ["X is of type str", "give a 2-D array"]),
    "list of texts": (["a text", "b"], ["X has dtype <U", "embedding_dim"]),
    "array of texts": (np.array([["a", "b"]]), ["X has dtype <U", "embedding_dim"]),
    "ragged texts": ([np.array(["a", "b"])], ["X[0] has dtype <U", "embedding_dim"]),
    "junk": ([object(), object()], ["X[0] is of type object", "list of arrays"]),
    "2-D of objects": (np.array([[1, "a"]], object), ["X has dtype object", "real numbers"]),
    "unequal lists": ([[1, 2], [3]], ["list of lists of unequal lengths", "np.asarray(x)"]),
    "three-dimensional sequence": ([np.ones((2, 2, 2))], ["X[0] has shape (2, 2, 2)", "give"]),
    "complex": (np.ones((2, 2), complex), ["X has dtype complex128", "two channels"]),
    "ragged complex": ([np.ones(2, complex)], ["X[0] has dtype complex128", "two channels"]),
    "dates": (np.zeros((2, 2), "M8[s]"), ["X has dtype datetime64[s]", "real numbers"]),
    "sparse": (csr_array(np.eye(3)), ["X is a sparse matrix", "X.toarray()"]),
}

REFUSED_TOKENS = {
    "negative": ([[1, -2], [3]], ["token id -2", "Shift negative ids"]),
    "fraction": ([[1.5, 2.0]], ["X holds values that are not whole", "embedding_dim=None"]),
    "NaN": (np.array([[1, NAN, 2]]), ["X[0]", "NaN", "time step 1", "padding at the end"]),
    "infinity": ([[1, np.inf]], ["X holds values that are not whole", "embedding_dim=None"]),
    "too large": ([[1, 2**40]], [f"token id {2**40}", "without gaps"]),
    "texts": (["a text", "b"], ["X[0] has dtype <U", "integer token ids"]),
    "lists of texts": ([["a"], ["b"]], ["X[0] has dtype <U", "integer token ids"]),
    "text": ("a text", ["X is of type str", "list of lists"]),
    "None": (None, ["X is of type NoneType", "list of lists"]),
    "one dimension": (np.arange(1, 4), ["X[0] has shape ()", "give"]),
    "list of numbers": ([1, 2], ["X[0] has shape ()", "give"]),
    "3-D": (np.ones((2, 2, 2), int), ["X has shape (2, 2, 2)", "embedding_dim=None"]),
    "two channels": ([np.ones((3, 2), int)], ["X has 2 channels", "embedding_dim=None"]),
    "unequal lists of lists": ([[[1], [2, 3]]], ["X[0] is a list of lists of unequal", "shape"]),
    "only padding": (np.array([[1, 2], [0, 0]]), ["X[1] holds only padding", "drop it"]),
    "only padding in a list": ([[1], [0, 0]], ["X[1] holds only padding", "drop it"]),
    "empty list": ([], ["X=[] is empty", "at least one sequence"]),
    "zero length": ([[1], []], ["X[1] has no time steps", "drop"]),
    "complex": (np.ones((2, 2), complex), ["X has dtype complex128", "channels"]),
    "sparse": (csr_array(np.eye(3)), ["X is a sparse matrix", "X.toarray()"]),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted_forms(name):
    X, kind, lengths, n_channels = ACCEPTED[name]
    batch = read_sequences(X)
    assert batch.kind == kind
    assert batch.lengths.tolist() == lengths
    assert (batch.n_samples, batch.n_channels) == (len(lengths), n_channels)


@pytest.mark.parametrize("name", ACCEPTED_TOKENS)
def test_accepted_tokens(name):
    X, lengths = ACCEPTED_TOKENS[name]
    batch = read_sequences(X, tokens=True)
    assert batch.is_tokens
    assert batch.n_channels == 1
    assert batch.lengths.tolist() == lengths


def test_data_frame_is_series():
    pandas = pytest.importorskip("pandas")
    batch = read_sequences(pandas.DataFrame({"monday": [1.0, 2.0], "tuesday": [3.0, 4.0]}))
    assert batch.kind == "series"
    assert batch.padded(np.arange(2), 2)[:, :, 0].tolist() == [[1.0, 3.0], [2.0, 4.0]]


def refuse(X, expected, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # an error is announced by itself, not by NumPy as well
        with pytest.raises(ValueError, match=r"^X") as caught:
            read_sequences(X, **options)
    for words in expected:
        assert words in str(caught.value)


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    refuse(*REFUSED[name])


@pytest.mark.parametrize("name", REFUSED_TOKENS)
def test_refused_tokens(name):
    refuse(*REFUSED_TOKENS[name], tokens=True)


@pytest.mark.parametrize("name", ["all NaN", "all NaN, 3-D", "all NaN, ragged", "infinity"])
def test_refused_even_where_missing_values_are_allowed(name):
    X, expected = REFUSED[name]
    refuse(X, expected, missing="mask")


def test_missing_values_are_kept_where_allowed():
    X = np.array([[[1.0], [NAN], [3.0], [NAN]]])
    batch = read_sequences(X, missing="mask")
    assert batch.lengths.tolist() == [3]  # the last step is padding
    np.testing.assert_array_equal(batch.padded(np.array([0]), 4), X)


def test_every_block_of_large_data_is_checked(monkeypatch):
    monkeypatch.setattr("rnnselect.sequences.validation.VALUES_PER_CHECK", 20)
    X = np.ones((30, 5, 2))
    X[23, 3:] = NAN
    assert np.flatnonzero(read_sequences(X).lengths == 3).tolist() == [23]
    X[27, 1, 1] = np.inf
    with pytest.raises(ValueError, match=r"X\[27\] holds infinity .* time step 1, channel 1"):
        read_sequences(X)
