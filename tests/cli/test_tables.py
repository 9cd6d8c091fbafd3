"""Tables out of files: types are decided column by column, and damaged files are one sentence."""

import sys

import numpy as np
import polars as pl
import pytest

from rnnselect.cli import tables
from rnnselect.cli.reading import Reading
from rnnselect.cli.tables import read_table


def read(path, content=None, **given):
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_table(path, Reading(**given))


@pytest.mark.parametrize(
    "name", ["a.parquet", "a.json", "a.jsonl", "a.xlsx", "a.arff", "a.feather"]
)
@pytest.mark.parametrize("content", [b"no such thing", b"", b"PK\x03\x04", b"[{"])
def test_a_damaged_table_is_one_sentence(tmp_path, name, content):
    with pytest.raises(
        ValueError, match=r"(cannot be read \(.*check that it is complete|give more)"
    ):
        read(tmp_path / name, content)


def test_numbers_and_times_in_texts_of_any_form(tmp_path):
    frame = pl.DataFrame({"t": ["2024-01-01", "2024-01-02"], "x": ["1,5", "2"], "n": [1, 2]})
    frame.write_parquet(tmp_path / "a.parquet")
    table = read(tmp_path / "a.parquet")
    assert table.frame.schema == {"t": pl.Datetime("us"), "x": pl.Float64, "n": pl.Int64}
    assert table.text("x").to_list() == ["1,5", "2"]
    assert table.lines_of([1]) == [2]


def test_the_reader_of_sheets_is_named_where_it_is_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(ImportError, match=r"pip install 'rnnselect\[excel\]'; or save .* as CSV"):
        read(tmp_path / "a.xlsx", b"")


# --- Parquet is read by a child -------------------------------------------------------------------


@pytest.fixture
def parquet(tmp_path):
    path = tmp_path / "a.parquet"
    pl.DataFrame({"a": [1, None], "b": ["x", "y"], "c": [0.5, 1.5]}).write_parquet(path)
    return path


def test_parquet(parquet):
    assert read(parquet).frame.to_dicts() == [
        {"a": 1, "b": "x", "c": 0.5}, {"a": None, "b": "y", "c": 1.5}
    ]  # fmt: skip


def test_a_child_that_dies_is_a_damaged_file(parquet, monkeypatch):
    monkeypatch.setattr(tables.sys, "executable", "/bin/false")
    with pytest.raises(ValueError, match="ended with code 1"):
        read(parquet)


def test_damaged_parquet_is_always_one_error(parquet):
    content = bytearray(parquet.read_bytes())
    for seed in range(2):
        random = np.random.default_rng(seed)
        damaged = content.copy()
        damaged[int(random.integers(4, len(content) - 8))] ^= 255
        try:
            assert read(parquet, bytes(damaged)).frame.width > 0
        except ValueError as error:
            assert "cannot be read" in str(error)  # noqa: PT017 -- either is right


def test_nothing_is_imported_from_the_folder_of_the_file(parquet, monkeypatch):
    (parquet.parent / "polars.py").write_text("raise SystemExit(9)")
    monkeypatch.chdir(parquet.parent)
    monkeypatch.delenv("PYTHONPATH", raising=False)  # it may say so
    assert len(read(parquet).frame) == 2


def test_a_part_of_a_time_that_is_used_otherwise_stays(tmp_path):
    path = tmp_path / "days.csv"
    path.write_text("year,month,day,x\n2023,12,31,0.5\n2024,1,1,1.5\n")
    assert read_table(path, Reading()).frame.columns == ["year,month,day", "x"]
    for given, groups in ((Reading(), "year"), (Reading(target="day"), None)):
        assert read_table(path, given, groups).frame.columns == ["year", "month", "day", "x"]


@pytest.mark.parametrize("content", ["5", '"text"', "{}", "null"])
def test_json_without_a_table_is_one_sentence(tmp_path, content):
    path = tmp_path / "data.json"
    path.write_text(content)
    with pytest.raises(
        ValueError, match=r"data\.json (cannot be read \(it has neither|has 0 rows)"
    ):
        read_table(path, Reading())
