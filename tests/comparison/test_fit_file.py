"""A finished fit as a file: what is written is read, and of all else only `ValueError` comes."""

import copy
import hashlib
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnselect.comparison import fit_file
from rnnselect.comparison.finished_fit import FinishedFit
from rnnselect.comparison.fit_file import fit_bytes, read_fit
from rnnselect.comparison.scoring import frozen_answers

KEY = "0123456789abcdef"
LABELS = np.array(["no", "perhaps", "yes"])
PROBABILITIES = np.array([[0.1, 0.2, 0.7], [np.nan, 1 / 3, np.inf]], dtype=np.float32)
ANSWERS = {
    "classes": ({"predict": LABELS[:2], "predict_proba": PROBABILITIES}, LABELS),
    "objects": ({"predict": LABELS[:2].astype(object)}, LABELS.astype(object)),
    "long texts": ({"predict": np.array(["ü" * 50, "\n\0x"])}, np.array(["a", "ü" * 50])),
    "bools": ({"predict": np.array([True, False])}, np.array([False, True])),
    "values": ({"predict": np.array([0.1, -0.0])}, None),
    "several values": ({"predict": np.array([[0.1, 1e-300], [2.0, 3.0]])[:, ::-1]}, None),
    "several outputs": (
        {"predict": np.array([[0, 1], [1, 2]]), "predict_proba": [PROBABILITIES[:, :2]] * 2},
        [np.array([0, 1]), np.array([1, 2])],
    ),
    "big-endian": ({"predict": np.array([1, 2], dtype=">i4")}, np.array([1, 2], dtype=">i4")),
}


def finished(answers=None, score=0.5, **changes):
    frozen = None if answers is None else frozen_answers(*answers)
    facts = {"seconds": 1.25, "scoring_seconds": 0.1, "n_epochs": 2, "complete": True}
    history = {"loss": (0.5, float("nan")), "val_loss": (0.1, 1 / 3)}
    return FinishedFit(score, frozen, **facts, history=history, **changes)


@pytest.mark.parametrize("kind", ANSWERS)
def test_what_is_written_is_read(kind):
    fit = finished(ANSWERS[kind])
    read = read_fit(fit_bytes(KEY, "gru", 3, fit), KEY, 2)

    assert (read.score, read.seconds, read.scoring_seconds) == (0.5, 1.25, 0.1)
    assert (read.n_epochs, read.complete) == (2, True)
    np.testing.assert_equal(read.history, fit.history)
    assert type(read.frozen) is type(fit.frozen)
    for name, answer in fit.frozen.responses.items():
        assert_equal_arrays(read.frozen.responses[name], answer)
    if ANSWERS[kind][1] is not None:
        assert_equal_arrays(read.frozen.classes_, fit.frozen.classes_)


def assert_equal_arrays(read, written):
    if isinstance(written, list):
        for one, other in zip(read, written, strict=True):
            assert_equal_arrays(one, other)
        return
    assert read.dtype == written.dtype.newbyteorder("=")
    np.testing.assert_array_equal(read, written)
    if read.dtype.kind == "f":
        np.testing.assert_array_equal(np.signbit(read), np.signbit(written))


@pytest.mark.parametrize("score", [0.1, -3.0, float("nan"), 1e-320])
def test_a_score_alone(score):
    read = read_fit(fit_bytes(KEY, "gru", 3, finished(score=score)), KEY, 2)
    np.testing.assert_equal(read.score, score)
    assert read.frozen is None


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        (({"predict": np.array(["2026"], "datetime64[D]")}, None), "neither numbers nor texts"),
        (({"predict": np.array([1, "a"], object)}, None), "neither numbers nor texts"),
        (({"predict": np.zeros((2, 2, 2))}, None), "is not possible"),
        (({"predict": np.zeros(10_000)}, None), "takes more than"),
    ],
)
def test_what_no_file_can_hold(answers, message, monkeypatch):
    monkeypatch.setattr(fit_file, "MAX_FIT_BYTES", 50_000)
    with pytest.raises((TypeError, ValueError), match=message):
        fit_bytes(KEY, "gru", 0, finished(answers))


def test_too_large_a_file_is_not_even_parsed(monkeypatch):
    monkeypatch.setattr(fit_file, "MAX_FIT_BYTES", 50_000)
    with pytest.raises(ValueError, match="it takes more than"):
        read_fit(b"[" * 50_001, KEY, 2)


ORIGINAL = fit_bytes(KEY, "gru", 3, finished(ANSWERS["classes"]))
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(-2, 9), st.floats(), st.text(max_size=9),
    st.sampled_from(["float32", "object", "str", "O", "U1", "V9", "predict", {"float": "nan"}]),
)  # fmt: skip
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=4,
)
QUICK = settings(max_examples=150, derandomize=True)


def places(value, way=()):
    """Yield the way to every value in a JSON document."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        yield (*way, key)
        if isinstance(item, dict | list):
            yield from places(item, (*way, key))


PLACES = sorted(places(json.loads(ORIGINAL)["fit"]), key=repr)


def read_or_refuse(content):
    try:
        fit = read_fit(content, KEY, 2)
    except (ValueError, RecursionError):
        return
    assert fit.complete
    assert fit.frozen is None or all(
        len(each) == 2
        for answer in fit.frozen.responses.values()
        for each in (answer if isinstance(answer, list) else [answer])
    )


@QUICK
@given(st.integers(0, len(ORIGINAL) - 1), st.binary(max_size=4), st.booleans())
def test_damaged_bytes(place, put, cut):
    rest = b"" if cut else ORIGINAL[place + len(put) :]
    read_or_refuse(ORIGINAL[:place] + put + rest)


@QUICK
@given(st.sampled_from(PLACES), VALUES, st.booleans())
def test_forged_values_with_a_right_checksum(way, value, remove):
    document = copy.deepcopy(json.loads(ORIGINAL))
    part = document["fit"]
    for key in way[:-1]:
        part = part[key]
    if remove:
        del part[way[-1]]
    else:
        part[way[-1]] = value
    forged = json.dumps(document["fit"], indent=1).encode("ascii")
    document["sha256"] = hashlib.sha256(forged).hexdigest()
    read_or_refuse(json.dumps(document, indent=1).encode("ascii"))
