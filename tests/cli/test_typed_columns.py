"""What a column of text holds is decided for the column as a whole."""

import datetime as dt

import polars as pl
import pytest

from rnnselect.cli.typed_columns import typed_columns


def read(cells, separator=",", **how):
    found = typed_columns(pl.DataFrame({"x": cells}), separator=separator, **how)
    return found.frame["x"].to_list(), found


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1", "-2", None], [1, -2, None]),
        (["1.5", "2e3", "-.5"], [1.5, 2000.0, -0.5]),
        (["1,5", "2", "1.234,25"], [1.5, 2, 1234.25]),
        (["1,234.5", "6"], [1234.5, 6]),
        (["1 234", "5 678 901"], [1234, 5678901]),
        (["1'234.5", "2"], [1234.5, 2]),
        (["−5", "+3"], [-5, 3]),
        (["12 %", "13%"], [12, 13]),
        (["$1,200.50", "$ 3"], [1200.5, 3]),
        (["12 €", "13,5 €"], [12, 13.5]),
        (["12 mmHg", "13 mmHg"], [12, 13]),
        (["true", "False", ""], [True, False, None]),
        (["12A", "13A"], ["12A", "13A"]),
        (["1st", "2nd"], ["1st", "2nd"]),
        (["None", "x"], ["None", "x"]),
        (["-", "+"], ["-", "+"]),
        (["NA", "x"], [None, "x"]),
        (["1.2.3", "1.2.4"], ["1.2.3", "1.2.4"]),
        (["10.0.0.1", "10.0.0.2"], ["10.0.0.1", "10.0.0.2"]),
        (["", None], [None, None]),
        (["2024-01-01", "n/a"], [dt.datetime(2024, 1, 1), None]),
    ],
)  # fmt: skip
def test_columns_as_wholes(cells, expected):
    assert read(cells)[0] == expected


@pytest.mark.parametrize("missing", ["-", "?", "n/a", "null", "None", "", "NaN", "#N/A"])
def test_numbers_with_a_few_holes_are_numbers(missing):
    values, found = read(["1.5"] * 20 + [missing])
    assert values == [1.5] * 20 + [None]
    assert not found.unreadable


def test_a_cell_that_is_not_a_number_is_noted():
    values, found = read(["1.5"] * 20 + ["hot", "12 mmHg"])
    assert values == [1.5] * 20 + [None, 12]
    assert found.unreadable["x"].tolist() == [20]
    assert found.said == ("mmHg in 'x' left out",)


def test_shares_are_not_mixed_with_other_numbers():
    values, found = read(["0.5"] * 20 + ["50 %"])
    assert values[-1] is None
    assert found.unreadable["x"].tolist() == [20]


@pytest.mark.parametrize(
    ("cells", "separator"),
    [(["1.234", "5.678"], ";"), (["1,234", "5,678"], ";"), (["1,234", "5,678"], "\t")],
)
def test_decimals_or_thousands(cells, separator):
    with pytest.raises(ValueError, match=r"'x' has \d.234.*--decimal , or --decimal \."):
        read(cells, separator)
    both = {str(read(cells, separator, decimal=mark)[0]) for mark in ".,"}
    assert both == {"[1.234, 5.678]", "[1234, 5678]"}


@pytest.mark.parametrize(
    ("cells", "separator", "first"),
    [
        (["1.234", "5.678"], ",", 1.234),
        (["1,234", "5,678"], ",", 1234),
        (["1,234", "0,678"], ";", 1.234),
        (["1.234", "0.678"], ";", 1.234),
        (["1.234", "1.234.567"], ";", 1234),
    ],
)
def test_one_cell_or_the_separator_settles_it(cells, separator, first):
    assert read(cells, separator)[0][0] == first


def test_one_column_settles_it_for_the_file():
    frame = pl.DataFrame({"x": ["1.234", "5"], "z": ["0,5", "1"]})
    found = typed_columns(frame, separator=";")
    assert found.frame.rows() == [(1234, 0.5), (5, 1.0)]
    assert (found.decimal, found.said) == (",", ("decimal comma",))


def test_leading_zeros_are_remembered():
    _, found = read(["001", "1"])
    assert found.codes == {"x"}
    assert found.texts["x"].to_list() == ["001", "1"]


def test_times_that_can_be_read_in_two_ways_stay_texts():
    values, found = read(["1/2/2024", "3/4/2024"])
    assert values == ["1/2/2024", "3/4/2024"]
    assert found.unclear["x"].formats == ("%d/%m/%Y", "%m/%d/%Y")
    assert read(["1/2/2024"], time_format="%m/%d/%Y")[0] == [dt.datetime(2024, 1, 2)]
