import numpy as np
import polars as pl
import pytest

from rnnselect.cli.guesses import complete, is_regression
from rnnselect.cli.reading import Reading
from rnnselect.cli.tables import as_table

WIDE = {"t0": [1.0, 2.0], "t1": [1, 2], "t2": [3, 4], "kind": ["a", "b"]}
LONG = {
    "case": [1, 1, 2, 2],
    "time": [0, 1, 0, 1],
    "x": [1.0, 2.0, 3.0, 4.0],
    "label": [0, 0, 1, 1],
}
TEXT = {"review": ["it was very good", "not my kind of film"], "stars": [5, 1]}


@pytest.mark.parametrize(
    ("columns", "said", "guessed"),
    [
        pytest.param(
            WIDE, Reading(target="kind"), Reading("wide", "kind", values=("t",)), id="numbered"
        ),
        pytest.param(
            {**WIDE, "u0": [1, 2], "u1": [1, 2], "u2": [3, 4], "v1": [0, 0]},
            Reading(target="kind"),
            Reading("wide", "kind", values=("t", "u")),
            id="two channels",
        ),
        pytest.param(
            {"id": [7, 8], **WIDE},
            Reading(target="kind"),
            Reading("wide", "kind", "id", values=("t",)),
            id="a name for each row",
        ),
        pytest.param(
            {"0": [1, 2], "1": [1, 2], "2": [3, 4], "y": [0, 1]},
            Reading(),
            Reading("wide", "y", values=("",)),
            id="numbers as names, target by its name",
        ),
        pytest.param(
            {"x0": [1, 2], "mon": [1, 2], "tue": [3, 4], "wed": [5, 6], "class": [0, 1]},
            Reading(values=("mon", "tue", "wed")),
            Reading("columns", "class", values=("mon", "tue", "wed")),
            id="named columns",
        ),
        pytest.param(
            {"mon": [1, 2], "tue": [3, 4], "wed": [5, 6], "class": [0, 1]},
            Reading(),
            Reading("columns", "class", values=("mon", "tue", "wed")),
            id="nothing but numbers",
        ),
        pytest.param(LONG, Reading(), Reading("long", "label", "case", "time", ("x",)), id="long"),
        pytest.param(
            {**LONG, "x1": [1] * 4, "x2": [1] * 4, "x3": [1] * 4},
            Reading(),
            Reading("long", "label", "case", "time", ("x", "x1", "x2", "x3")),
            id="long with numbered channels",
        ),
        pytest.param(
            LONG,
            Reading(id="case", values=("x",), target="label"),
            Reading("long", "label", "case", "time", ("x",)),
            id="long, as said",
        ),
        pytest.param(
            {**LONG, "time": ["b", "a", "b", "a"]},
            Reading(),
            Reading("long", "label", "case", values=("x",)),
            id="words are not times",
        ),
        pytest.param(
            LONG,
            Reading(time="time", target="x"),
            Reading("long", "x", "case", "time", ("label",)),
            id="sorted, so long",
        ),
        pytest.param(
            TEXT, Reading(target="stars"), Reading("text", "stars", text="review"), id="text"
        ),
        pytest.param(
            {**TEXT, "reply": TEXT["review"]},
            Reading(target="stars", text="reply"),
            Reading("text", "stars", text="reply"),
            id="one of two texts",
        ),
    ],
)
def test_the_form_of_a_table(columns, said, guessed):
    found = complete(as_table(pl.DataFrame(columns)), said)
    assert found.reading == guessed
    assert "\n" not in found.form


@pytest.mark.parametrize(
    ("columns", "said", "words"),
    [
        (WIDE, Reading(), "--target is missing"),
        (
            WIDE,
            Reading(target="sort"),
            "--target=sort: there is no column of this name; there are t0, ",
        ),
        (WIDE, Reading(target="kind", text="t9"), "--text=t9: there is no column"),
        ({"a": [1, 2], "y": [0, 1]}, Reading(), "--id and --time for a table"),
        ({**TEXT, "reply": TEXT["review"]}, Reading(target="stars"), "--text for texts"),
        ({"when": [1, 2], "y": [0, 1]}, Reading(time="when"), "by --id"),
    ],
)
def test_what_cannot_be_guessed(columns, said, words):
    with pytest.raises(ValueError, match=words):
        complete(as_table(pl.DataFrame(columns)), said)


def test_no_target_is_needed_to_predict():
    table = as_table(pl.DataFrame(WIDE).drop("kind"))
    assert complete(table, Reading(), needs_target=False).reading == Reading("wide", values=("t",))


@pytest.mark.parametrize(
    ("described", "columns"),
    [("t0 to t2", WIDE), ("by 'case', sorted by 'time'", LONG), ("text a row in 'review'", TEXT)],
)
def test_the_guess_is_said(described, columns):
    target = "stars" if columns is TEXT else None if columns is LONG else "kind"
    assert described in complete(as_table(pl.DataFrame(columns)), Reading(target=target)).form


@pytest.mark.parametrize(
    ("y", "expected"),
    [
        (["a", "b"], False),
        (np.array(["a", "b"], dtype=object), False),
        ([True, False], False),
        ([0, 1, 1, 0], False),
        ([0.0, 1.0] * 2, False),
        ([0.5, 1.0], True),
        (np.arange(20), True),
        (np.arange(40) % 20, False),
        (np.arange(42) % 21, True),
    ],
)
def test_classes_or_values(y, expected):
    assert is_regression(np.asarray(y))[0] is expected
