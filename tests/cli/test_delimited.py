"""Text files: encoding, separator, header and odd lines."""

import polars as pl
import pytest

from rnnselect.cli.delimited import read_delimited


@pytest.fixture
def read(tmp_path):
    def read(content, has_header=None, name="a.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_delimited(path, has_header)

    return read


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators(read, separator):
    found = read(separator.join("ab") + "\n" + separator.join("12") + "\n")
    assert found.frame.rows() == [("1", "2")]
    assert found.frame.columns == ["a", "b"]


@pytest.mark.parametrize(
    ("content", "columns", "rows", "lines"),
    [
        ("sep=;\na;b\n1;2\n", ["a", "b"], [("1", "2")], [2]),
        ("a;b\n1,5;2\n", ["a", "b"], [("1,5", "2")], [2]),
        ("text\ngood, really\nbad, bad\n", ["text"], [("good, really",), ("bad, bad",)], [2, 3]),
        ('a,b\n"x\ny",1\n\nz,2\n', ["a", "b"], [("x\ny", "1"), ("z", "2")], [2, 5]),
        ("# by x\n# a,b\n1,2\n3,4\n", ["a", "b"], [("1", "2"), ("3", "4")], [3, 4]),
        ("a,b\n1,2\n\n# odd\n3,4\n# end\n", ["a", "b"], [("1", "2"), ("3", "4")], [2, 5]),
        ("a,b\n#love,1\nno,0\n", ["a", "b"], [("#love", "1"), ("no", "0")], [2, 3]),
        ("#,a,b\n1,2,3\n2,3,4\n", ["Unnamed: 0", "a", "b"], [("1", "2", "3"), ("2", "3", "4")],
         [2, 3]),
        ("a,b,a,\n1,2,3,4\n", ["a", "b", "a_2", "Unnamed: 3"], [("1", "2", "3", "4")], [2]),
        ("a,b\nr1,1,2\nr2,3,4\n", ["Unnamed: 0", "a", "b"], [("r1", "1", "2"), ("r2", "3", "4")],
         [2, 3]),
        ("a,b\n1,2,\n3,4,\n", ["a", "b"], [("1", "2"), ("3", "4")], [2, 3]),
        ("a,b\n1\n3,4\n5,6\n", ["a", "b"], [("1", None), ("3", "4"), ("5", "6")], [2, 3, 4]),
    ],
)  # fmt: skip
def test_odd_tables(read, content, columns, rows, lines):
    found = read(content)
    assert found.frame.columns == columns
    assert found.frame.rows() == rows
    assert found.lines.tolist() == lines
    assert set(found.frame.dtypes) == {pl.String}


@pytest.mark.parametrize(
    ("content", "has_header"),
    [
        ("1\t0.5\t0.7\n2\t-0.1\t3\n", False),
        ("walk,0.5,0.7\nrun,-0.1,3\nwalk,1,2\n", False),
        ("  1.0e+00  -7.9e-01   3.2e-01\n  2.0e+00   7.9e-01  -3.2e-01\n", False),
        ("ham\tgo now\nspam\twin\nham\tok\n", False),
        ("0.5;0,7\n1;0,9\n", False),
        ("1,0.5,0.7,0.8\n2,0.4,0.3\n1,0.1,0.2,0.3,0.4,0.5\n", False),
        ("2024-01-01,1\n2024-01-02,2\n", False),
        ("label,0,1,2\n1,0.5,0.5,0.6\n2,3,2,1\n", True),
        (",0,1,2\n0,0.5,0.5,0.6\n1,3,2,1\n", True),
        ("0,1,2\n0.5,0.5,0.6\n3,2,1\n", True),
        ("kind,2019,2020,2021\na,5,6,9\nb,7,7,7\n", True),
        ("review,label\ngood,pos\nbad,neg\n", True),
        ("a,b\n-,?\n", True),
    ],
)
def test_a_header_is_told_from_the_rows_below(read, content, has_header):
    found = read(content)
    assert found.has_header is has_header
    said = any("no line with names" in each for each in found.said)
    assert said is not has_header
    assert read(content, not has_header).has_header is not has_header


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("utf-8", ()), ("utf-8-sig", ()), ("cp1252", ("Windows-1252",)), ("utf-16", ("UTF-16",))],
)
def test_encodings(read, encoding, said):
    found = read("name;größe\nMüller;1\n".encode(encoding))
    assert found.frame.to_dicts() == [{"name": "Müller", "größe": "1"}]
    assert found.said == said


def test_lines_that_do_not_fit_are_named(read):
    assert read("a,b\n1,2\n1,2,3\n" + "5,6\n" * 20).damaged == (3,)


def test_titles_above_the_table(read):
    found = read("Export\nStation;5\n\ntime;temp;x;z\n1;2;3;4\n2;2;3;4\n3;2;3;4\n")
    assert found.frame.columns == ["time", "temp", "x", "z"]
    assert found.lines.tolist() == [5, 6, 7]
    assert found.said == ("2 lines before the table left out",)


def test_quotes_that_are_not_closed_are_letters(read):
    found = read('text\tlabel\n"good\tpos\nbad\tneg\n')
    assert found.frame.rows() == [('"good', "pos"), ("bad", "neg")]
    assert "quotes taken as letters" in found.said[0]


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "has no row"), (b"a,b\n", "but no row"), (b"\x89PNG\0\0\0\0\0", "is not text")],
)
def test_what_is_not_a_table(read, content, words):
    with pytest.raises(ValueError, match=words):
        read(content)
