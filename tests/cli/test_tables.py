"""Tables out of files: separators, types, and files that are traps."""

import gzip
import sys
import zlib

import numpy as np
import polars as pl
import pytest

from rnnselect.cli import tables
from rnnselect.cli.tables import read_table


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators_are_found(tmp_path, separator):
    path = tmp_path / "a.csv"
    path.write_text(separator.join("ab") + "\n" + separator.join("12") + "\n")
    assert read_table(path).to_dicts() == [{"a": 1, "b": 2}]


def test_types_are_inferred_from_all_rows_and_na_is_missing(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "1,2\n" * 500 + "1.5,NA\n,3\n")
    table = read_table(path)
    assert table.schema == {"a": pl.Float64, "b": pl.Int64}
    assert table.null_count().row(0) == (1, 1)


def test_compressed_text(tmp_path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"a;b\n1;x\n"))
    assert read_table(path).to_dicts() == [{"a": 1, "b": "x"}]


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", b""), ("a.csv", b"a,b\n1,2,3\n"), ("a.parquet", b"no such thing")],
)
def test_a_malformed_table_is_one_clear_error(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"cannot be read \(.*check that it is complete"):
        read_table(path)


def test_polars_is_named_where_it_is_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(ImportError, match=r"pip install 'rnnselect\[tables\]'"):
        read_table(tmp_path / "a.csv")


# --- files that unfold are read by a child --------------------------------------------------------


@pytest.fixture
def parquet(tmp_path):
    path = tmp_path / "a.parquet"
    pl.DataFrame({"a": [1, None], "b": ["x", "y"], "c": [0.5, 1.5]}).write_parquet(path)
    return path


def test_parquet(parquet):
    table = read_table(parquet)
    assert table.to_dicts() == [{"a": 1, "b": "x", "c": 0.5}, {"a": None, "b": "y", "c": 1.5}]


@pytest.mark.parametrize(
    ("limit", "value", "words"),
    [("CHILD_BYTES", 2**26, ""), ("CHILD_SECONDS", 0, "takes more than 0 s")],
)
def test_the_child_has_limits(parquet, monkeypatch, limit, value, words):
    monkeypatch.setattr(tables, limit, value)
    with pytest.raises(ValueError, match=rf"a\.parquet cannot be read \(.*{words}"):
        read_table(parquet)


def test_a_child_that_dies_is_a_malformed_file(parquet, monkeypatch):
    monkeypatch.setattr(tables.sys, "executable", "/bin/false")
    with pytest.raises(ValueError, match=r"ended with code 1"):
        read_table(parquet)


def test_damaged_parquet_is_always_one_error(parquet):
    content = bytearray(parquet.read_bytes())
    for seed in range(2):
        random = np.random.default_rng(seed)
        damaged = content.copy()
        damaged[int(random.integers(4, len(content) - 8))] ^= 255
        parquet.write_bytes(damaged)
        try:
            assert read_table(parquet).shape[1] > 0
        except ValueError as error:
            assert "cannot be read" in str(error)  # noqa: PT017 -- either is right


def test_compressed_text_by_another_name_has_the_same_limits(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "_from_child", lambda path: pytest.fail("seen through"))
    path = tmp_path / "a.csv"
    path.write_bytes(zlib.compress(b"a\n1\n"))
    with pytest.raises(pytest.fail.Exception, match="seen through"):
        read_table(path)


def test_nothing_is_imported_from_the_folder_of_the_file(parquet, monkeypatch):
    (parquet.parent / "polars.py").write_text("raise SystemExit(9)")
    monkeypatch.chdir(parquet.parent)
    monkeypatch.delenv("PYTHONPATH", raising=False)  # it may say so
    assert len(read_table(parquet)) == 2


def test_names_are_no_patterns(tmp_path):
    path = tmp_path / "a[1]*.csv"
    path.write_text("a\n1\n")
    assert read_table(path).to_dicts() == [{"a": 1}]
