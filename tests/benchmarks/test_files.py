"""Files as people have them: each is read as it should be, or one sentence names the option."""

import runpy
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from rnnselect.cli import app, recommend
from rnnselect.sequences.carried import Windows

FOLDER = Path(__file__).parents[2] / "benchmarks" / "files"
if not FOLDER.exists():
    pytest.skip("the benchmarks are not shipped", allow_module_level=True)
MADE = runpy.run_path(str(FOLDER / "make.py"))
CASES = MADE["CASES"]


class ReadError(Exception):
    """Ends a command when its file has been read."""


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Run the command on a file; return what was read, and what it said in place of that."""
    problems = []

    def read_only(*args, **kwargs):
        problems.append(read_problem(*args, **kwargs))
        raise ReadError

    read_problem = recommend.read_problem
    monkeypatch.setattr(recommend, "read_problem", read_only)

    def read(case):
        path = MADE["make"](tmp_path, case.name)
        result = CliRunner().invoke(app, ["recommend", str(path), *case.options])
        return problems[0] if problems else None, result.stderr

    return read


@pytest.mark.parametrize("name", CASES)
def test_files_as_people_have_them(read, name):
    case = CASES[name]
    problem, error = read(case)
    if case.fails:
        assert problem is None
        (line,) = error.splitlines()
        assert case.fails in line
        return
    assert problem is not None, error
    X = problem.sequences.X
    sizes = (0, 0)
    if problem.record["reading"]["form"] != "text":
        sizes = max(map(len, X)), np.reshape(X[0], (len(X[0]), -1)).shape[1]
    assert (len(X), *sizes) == case.shape
    assert len(problem.sequences.y) == len(X)
    for words in case.says:
        assert words in problem.described
    assert problem.record["n_sequences"] == len(X)


def test_windows_of_a_series_know_the_season_of_its_calendar(read):
    problem, _ = read(CASES["one_series.csv"])
    assert problem.sequences.X.windows == Windows(14, 3, (0,), period=7)


def test_options_that_are_needed_beside_the_target():
    assert np.median([case.n_options for case in CASES.values()]) == 0
