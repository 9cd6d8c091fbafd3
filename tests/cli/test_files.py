import gzip
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from rnnselect.cli.files import is_table, read_arrays
from rnnselect.cli.tables import read_table


@pytest.mark.parametrize(
    ("name", "table"),
    [("a.csv", True), ("a.CSV", True), ("a.csv.gz", True), ("a.tsv", True), ("a.parquet", True),
     ("a.pq", True), ("a.npz", False), ("a.ts", False)],
)  # fmt: skip
def test_what_kind_of_file(name, table):
    assert is_table(Path(name)) is table


@pytest.mark.parametrize("name", ["a.xlsx", "a", "a.gz"])
def test_other_files_are_refused_by_name(name):
    with pytest.raises(ValueError, match=r"\.csv, \.tsv, \.parquet, \.npz, \.ts"):
        is_table(Path(name))


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


def test_arrays(tables):
    X, y = read_arrays(tables["arrays.npz"])
    assert X.shape == (40, 6)
    assert y.shape == (40,)
    X, y = read_arrays(tables["two.ts"])
    assert X.shape == (40, 6, 1)
    assert set(y) == {"up", "down"}


@pytest.mark.parametrize(
    ("arrays", "target", "words"),
    [
        ({"Z": np.ones(3)}, None, "holds 'Z', but no array X"),
        ({"X": np.ones(3)}, "label", "--target=label: .* holds 'X'"),
        ({"X": np.array([[1], [1, 2]], dtype=object)}, None, "padded with NaN"),
    ],
)
def test_malformed_arrays(tmp_path, arrays, target, words):
    path = tmp_path / "a.npz"
    np.savez(path, **arrays)
    with pytest.raises(ValueError, match=words):
        read_arrays(path, target)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", b"text"])
def test_no_npz_at_all(tmp_path, content):
    path = tmp_path / "a.npz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"a\.npz"):
        read_arrays(path)


def test_a_ts_file_names_its_target_itself(tables):
    with pytest.raises(ValueError, match="says itself"):
        read_arrays(tables["two.ts"], "kind")
