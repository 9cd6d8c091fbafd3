import json

import numpy as np
import polars as pl
import pytest

from rnnselect.cli.reading import Reading, read_sequences_of
from rnnselect.cli.tables import as_table

LONG = pl.DataFrame(
    {
        "case": ["p", "p", "q"],
        "time": [1, 0, 0],
        "x": [2.0, 1.0, 3.0],
        "z": [0, 0, 0],
        "y": [1, 1, 0],
    }
)


def lists(X):
    return [np.asarray(x).tolist() for x in X]


def test_a_long_table_names_its_channels_for_later():
    found = read_sequences_of(as_table(LONG), Reading("long", "y", "case", "time", ("x", "z")))
    assert lists(found.X) == [[[1, 0], [2, 0]], [[3, 0]]]
    assert found.y.tolist() == [1, 0]
    assert found.ids.tolist() == ["p", "q"]
    assert found.reading.values == ("x", "z")
    # Without the target nothing else becomes a channel.
    again = read_sequences_of(
        as_table(LONG), Reading(**{**found.reading.to_dict(), "values": ("x", "z"), "target": None})
    )
    assert lists(again.X) == lists(found.X)


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        (Reading("wide", "y", "n", values=("t",)), [[[1.0], [2.0]], [[3.0]]]),
        (Reading("columns", "y", "n", values=("t10", "t9")), [[[2.0], [1.0]], [[np.nan], [3.0]]]),
    ],
)
def test_wide_tables(reading, expected):
    table = pl.DataFrame({"n": [7, 8], "t10": [2.0, None], "t9": [1.0, 3.0], "y": ["a", "b"]})
    found = read_sequences_of(as_table(table), reading)
    for x, steps in zip(found.X, expected, strict=True):
        np.testing.assert_array_equal(x, steps)
    assert found.y.tolist() == ["a", "b"]
    assert found.ids.tolist() == [7, 8]


def test_texts():
    table = pl.DataFrame({"review": ["good", "bad"], "y": [1, 0]})
    found = read_sequences_of(as_table(table), Reading("text", "y", text="review"))
    assert list(found.X) == ["good", "bad"]
    assert found.ids.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"review": [1, 2], "y": [1, 0]}, "has Int64 values; name one with texts"),
        ({"other": ["good"], "y": [1]}, "--text=review: there is no column"),
    ],
)
def test_a_column_that_holds_no_texts(table, words):
    with pytest.raises(ValueError, match=words):
        read_sequences_of(as_table(pl.DataFrame(table)), Reading("text", "y", text="review"))


def test_the_record_survives_json():
    reading = Reading("long", "y", "case", "time", ("x", "z"))
    assert Reading.from_dict(json.loads(json.dumps(reading.to_dict()))) == reading


@pytest.mark.parametrize(
    "changes",
    [{"form": "cube"}, {"form": None}, {"values": "xy"}, {"values": None}, {"values": [1]},
     {"target": 3}, {"more": "x"}, {"id": None}, {"form": "text"}, {"form": "wide"}],
)  # fmt: skip
def test_a_malformed_record_is_refused(changes):
    with pytest.raises(ValueError, match="how its data were read"):
        Reading.from_dict({**Reading("long", id="case").to_dict(), **changes})
    with pytest.raises(ValueError, match="how its data were read"):
        Reading.from_dict(["form"])
