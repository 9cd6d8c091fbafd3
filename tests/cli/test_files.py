import os
from pathlib import Path

import pytest

from rnnselect.cli.files import is_table, read_arrays


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


def test_arrays(tables):
    X, y = read_arrays(tables["arrays.npz"])
    assert X.shape == (40, 6)
    assert y.shape == (40,)
    X, y = read_arrays(tables["two.ts"])
    assert X.shape == (40, 6, 1)
    assert set(y) == {"up", "down"}


def test_a_ts_file_names_its_target_itself(tables):
    with pytest.raises(ValueError, match="says itself"):
        read_arrays(tables["two.ts"], "kind")


def test_a_pipe_is_refused_before_it_can_hang(tmp_path):
    path = tmp_path / "a.csv"
    os.mkfifo(path)
    with pytest.raises(ValueError, match=r"a\.csv is no ordinary file"):
        is_table(path)
