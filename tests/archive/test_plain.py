"""Plain values and class labels come back from JSON as they were."""

import io
import json

import numpy as np
import pytest

from rnnselect.archive.npy import npy_header
from rnnselect.archive.plain import from_plain, labels_document, read_labels, to_plain

VALUES = [
    None, True, 3, -0.0, 0.1, float("inf"), float("-inf"), "ü\ud800", [], (), {}, [1, (2, [3])],
    {"a": 1, 2: (3,), None: [4.5], (1, 2): {"b": {}}},
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_plain_values(value):
    read = from_plain(json.loads(json.dumps(to_plain(value), allow_nan=False)))
    assert repr(read) == repr(value)


@pytest.mark.parametrize(
    "scalar", [np.float32(0.1), np.int64(3), np.bool_(True), np.str_("a"), np.float64("nan")]
)
def test_scalars_of_numpy_become_those_of_python(scalar):
    read = from_plain(to_plain(scalar))
    assert type(read) is type(scalar.item())
    assert read == scalar or np.isnan(scalar)


@pytest.mark.parametrize("value", [len, {1, 2}, 1j, b"", np.ones(2), [object()], {"a": range(3)}])
def test_other_values_are_refused(value):
    with pytest.raises(TypeError, match="is not a plain value"):
        to_plain(value)


def test_values_that_hold_themselves_are_refused():
    endless = []
    endless.append(endless)
    with pytest.raises(TypeError, match="nested deeper"):
        to_plain(endless)


LABELS = [
    np.array([0, 1]),
    np.array([-1, 2**63 - 1]),
    np.array([0, 2**64 - 1], "uint64"),
    np.array([0.1, 0.2], "float32"),
    np.array([False, True]),
    np.array(["a", "b"], dtype="U7"),
    np.array(["", "ü"], dtype=object),
]


@pytest.mark.parametrize("labels", LABELS, ids=lambda labels: str(labels.dtype))
def test_class_labels(labels):
    read = read_labels(**json.loads(json.dumps(labels_document(labels))))
    np.testing.assert_array_equal(read, labels, strict=True)


@pytest.mark.parametrize("labels", [np.array([b"a"]), np.array([1, "a"], dtype=object)])
def test_other_class_labels_are_refused(labels):
    with pytest.raises(TypeError, match="neither numbers nor texts"):
        labels_document(labels)


@pytest.mark.parametrize(
    "array",
    [
        np.float32(3), np.ones(7), np.ones((3, 2), "float32"), np.zeros((0, 3), "int64"),
        np.ones((1, 2, 3, 4), "uint32"), np.array([True]),
    ],
    ids=lambda array: f"{array.dtype} {array.shape}",
)  # fmt: skip
def test_headers_are_those_of_numpy(array):
    content = npy_header(array.dtype, array.shape) + array.tobytes()
    read = np.load(io.BytesIO(content), allow_pickle=False)
    np.testing.assert_array_equal(read, array, strict=True)
