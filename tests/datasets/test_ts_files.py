"""`.ts` files are read as the archives write them; malformed ones name the line and the remedy."""

import os
import re

import numpy as np
import pytest

from rnnselect.datasets import ts_files
from rnnselect.datasets.ts_files import load_ts
from rnnselect.sequences.validation import read_sequences

NAN = np.nan


@pytest.fixture
def load(tmp_path):
    """Write a text into a file and read it as a problem."""

    def write_and_load(text, encoding="utf-8"):
        path = tmp_path / "Problem_TRAIN.ts"
        path.write_bytes(text.encode(encoding))
        return load_ts(path)

    return write_and_load


CLASSIFICATION = """\
# A comment: at the top, as everywhere
% Another kind of comment

@problemName Walking or Standing
@timeStamps false
@missing true
@univariate false
@dimensions 2
@equalLength true
@seriesLength 3
@classLabel true Walk stand
@data
1,2,3:4.5,5,-6e-1:Walk

# between the data
7,?,9:10,NaN,12 : stand
0,0,0:1,1,1:Walk
"""


def test_classification(load):
    X, y, name, classes = load(CLASSIFICATION)
    expected = [
        [[1, 4.5], [2, 5], [3, -0.6]],
        [[7, 10], [NAN, NAN], [9, 12]],
        [[0, 1], [0, 1], [0, 1]],
    ]
    np.testing.assert_array_equal(X, expected)
    assert (X.dtype, X.flags.c_contiguous) == (float, True)
    assert y.tolist() == ["Walk", "stand", "Walk"]
    assert y.dtype.kind == "U"
    assert (name, classes) == ("Walking or Standing", ("Walk", "stand"))


def test_unequal_lengths(load):
    text = CLASSIFICATION.replace("@equalLength true", "@equalLength false")
    X = load(text.replace("0,0,0:1,1,1", "0,0:1,1")).X
    assert [x.shape for x in X] == [(3, 2), (3, 2), (2, 2)]
    assert read_sequences(X, missing="mask").kind == "ragged"
    X = load(text).X  # a file whose series happen to be equally long, of a problem whose are not
    assert (X.shape, X.dtype) == ((3,), object)


@pytest.mark.parametrize(("last", "shape"), [("5,6,7:b", (2, 3, 1)), ("5,6:b", (2,))])
def test_without_a_word_on_lengths(load, last, shape):
    assert load(f"@classLabel true a b\n@data\n1,2,3:a\n{last}\n").X.shape == shape


def test_regression(load):
    text = "@problemname Fat\n@targetlabel true\n@univariate true\n@data\n1,2:-3.5\n3,4:1e2\n"
    X, y, name, classes = load(text)
    assert X.tolist() == [[[1], [2]], [[3], [4]]]
    assert (y.tolist(), y.dtype) == ([-3.5, 100.0], float)
    assert (name, classes) == ("Fat", ())


@pytest.mark.parametrize("header", ["@classLabel false", "@targetLabel false"])
def test_without_targets(load, header):
    X, y, name, classes = load(f"{header}\n@data\n1,2:3,4\n5,6:7,8\n")
    assert X.tolist() == [[[1, 3], [2, 4]], [[5, 7], [6, 8]]]
    assert (y, name, classes) == (None, "", ())


@pytest.mark.parametrize(
    "header",
    [
        "@classLabel false\n@targetLabel true",
        "@targetLabel true\n@classLabel false",
    ],
)
def test_one_kind_of_target_denied(load, header):
    assert load(f"{header}\n@data\n1,2:3\n").y.tolist() == [3.0]


def test_tags_in_any_case_and_spacing(load):
    text = "@CLASSLABEL  TRUE   a\tb\n  @EqualLength\tFalse\n@Data\n 1 , 2 : a\r\n1:b\r\n"
    X, y, _, classes = load(text)
    assert ([x.tolist() for x in X], y.tolist()) == ([[[1], [2]], [[1]]], ["a", "b"])
    assert classes == ("a", "b")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_comments_in_any_encoding(load, encoding):
    text = "# É. Über\n@classLabel true a b\n@data\n1:a\n"
    assert load(text, encoding).y.tolist() == ["a"]


HEADER = "@classLabel true a b\n@data\n"
# name: (text, line, what the message must contain)
MALFORMED = {
    "not a .ts file": ("x,y\n1,2\n", 1, ["'x,y' stands before '@data'", "is this a .ts file?"]),
    "no word on targets": (
        "@problemName X\n\n@data\n1,2:a\n",
        3,
        ["neither '@classLabel' nor '@targetLabel'", "add e.g. '@classLabel true a b'"],
    ),
    "no labels": ("@classLabel true\n@data\n1:a\n", 1, ["names no labels", "true a b"]),
    "neither true nor false": (
        "# c\n@equalLength yes\n",
        2,
        ["'@equalLength yes' must say true or false"],
    ),
    "no value": ("@univariate\n", 1, ["'@univariate' must say true or false"]),
    "no count": ("@dimensions two\n", 1, ["'@dimensions two'", "whole number", "'@dimensions 3'"]),
    "time stamps": (
        "@timestamps true\n@classLabel true a b\n@data\n(0,1.5),(1,2.5):a\n",
        1,
        ["'@timestamps true'", "not supported", "'@timestamps false'"],
    ),
    "time stamps unsaid": (HEADER + "(0,1.5),(1,2.5):a\n", 3, ["is not a list of numbers", "'(0'"]),
    "unknown label": (HEADER + "1,2:a\n1,2:c\n", 4, ["the label 'c' is not among ('a', 'b')"]),
    "label in another case": (HEADER + "1,2:A\n", 3, ["the label 'A' is not among", "correct"]),
    "no label": (HEADER + "1,2\n", 3, ["the label '1,2' is not among"]),
    "no number": (HEADER + "1,x,3:a\n", 3, ["'1,x,3' is not a list of numbers", "'x'"]),
    "empty channel": (HEADER + "1,2::a\n", 3, ["'' is not a list of numbers"]),
    "no series": (HEADER + "a\n", 3, ["no channel", "separated by a colon"]),
    "no target value": (
        "@targetLabel true\n@data\n1,2:?\n",
        3,
        ["the target '?' is not a number", "'@targetLabel true'"],
    ),
    "channels of unequal lengths": (
        HEADER + "1,2:1,2,3:a\n",
        3,
        ["the channels have [2, 3] time steps", "'?' (missing)"],
    ),
    "another number of channels": (
        HEADER + "1,2:3,4:a\n\n1,2:a\n",
        5,
        ["the series has 1 channel(s), and the first series has 2"],
    ),
    "other channels than declared": (
        "@dimensions 3\n" + HEADER + "1,2:3,4:a\n",
        4,
        ["the series has 2 channel(s), and the header has 3"],
    ),
    "several channels where one is declared": (
        "@univariate true\n" + HEADER + "1,2:3,4:a\n",
        4,
        ["the series has 2 channel(s), and the header has 1"],
    ),
    "other lengths than declared": (
        "@equalLength true\n" + HEADER + "1,2:a\n1,2,3:b\n",
        5,
        ["the series has 3 time steps and the first one has 2", "'@equalLength false'"],
    ),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed(load, name):
    text, line, fragments = MALFORMED[name]
    with pytest.raises(ValueError, match=rf"Problem_TRAIN\.ts, line {line}: ") as caught:
        load(text)
    assert [part for part in fragments if part not in str(caught.value)] == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "no line '@data'"),
        ("@classLabel true a b\n", "no line '@data'"),
        (HEADER + "# nothing\n", "no series after @data"),
    ],
)
def test_incomplete(load, text, what):
    with pytest.raises(ValueError, match=re.escape(f"Problem_TRAIN.ts has {what}; is it a compl")):
        load(text)


def test_no_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"Missing\.ts"):
        load_ts(tmp_path / "Missing.ts")


# --- files that are traps -------------------------------------------------------------------------

LONG = "9" * 5000


@pytest.mark.parametrize(
    "text",
    [
        HEADER + f"1,{LONG}x:a\n",
        HEADER + f"1,2:{LONG}\n",
        HEADER + f"{LONG}\n",
        HEADER + ":".join("1," * k + "1" for k in range(200)) + ":a\n",
        f"@classLabel true {LONG}\n@data\n1:b\n",
        f"@dimensions {LONG}\n",
        f"@univariate {LONG}\n",
        f"@timestamps true {LONG}\n",
        f"@targetLabel true\n@data\n1,2:{LONG}x\n",
        f"{LONG}\n",
    ],
)
def test_errors_are_short_whatever_the_file_holds(load, text):
    with pytest.raises(ValueError, match=r"line \d: ") as caught:
        load(text)
    assert len(str(caught.value)) < 500


def test_a_line_without_end_is_not_read(load, monkeypatch):
    monkeypatch.setattr(ts_files, "MAX_LINE_LETTERS", 100)
    with pytest.raises(ValueError, match="line 3: it has more than 100 letters"):
        load(HEADER + "1," * 60 + "1:a\n")


def test_many_labels_take_no_quadratic_time(load):
    labels = [f"label{k}" for k in range(20_000)]
    lines = [f"1:{label}" for label in labels]
    problem = load("\n".join([f"@classLabel true {' '.join(labels)}", "@data", *lines]))
    assert problem.y.tolist() == labels


def test_a_pipe_is_refused_before_it_can_hang(tmp_path):
    os.mkfifo(tmp_path / "a.ts")
    with pytest.raises(ValueError, match=r"a\.ts is not an ordinary file"):
        load_ts(tmp_path / "a.ts")
