import os
import sys

import pytest
import typer
from typer.testing import CliRunner

from rnnselect.cli import DEMO_BUDGET_SECONDS, app, native_logs_hidden, say


@pytest.fixture
def run(monkeypatch):
    # Colours would stand between the words of the help, and its width is the terminal's.
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "100")
    return lambda *arguments: CliRunner().invoke(app, arguments)


def test_help(run):
    result = run("--help")
    assert result.exit_code == 0
    assert "LSTM or GRU?" in result.output
    assert "demo" in result.output


def test_without_a_command_the_help_is_shown(run):
    result = run()
    assert "Usage" in result.output
    assert "demo" in result.output


def test_help_of_the_demo(run):
    result = run("demo", "--help")
    assert result.exit_code == 0
    for word in ("--budget", "--seed", "handwritten digits", f"{DEMO_BUDGET_SECONDS}"):
        assert word in result.output


def test_unknown_command(run):
    result = run("oracle")
    assert result.exit_code == 2
    assert "oracle" in result.output


def test_a_budget_that_is_too_small_is_one_line(run):
    result = run("demo", "--budget", "1")

    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    errors = [line for line in result.output.splitlines() if "Error" in line]
    assert len(errors) == 1
    assert "budget=1 s is too small" in errors[0]
    assert "Give budget=" in errors[0]
    assert "Traceback" not in result.output
    # What could be said without training was said.
    assert "1,347 sequences of 8 time steps, 8 channels; 10 classes" in result.output
    assert "450 of 1797 images are held out" in result.output
    assert "Plan: recommend" in result.output


@pytest.mark.parametrize("budget", ["0", "-5", "soon", "nan", "inf"])
def test_a_budget_that_is_none(run, budget):
    result = run("demo", "--budget", budget)
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    assert "budget" in result.output
    assert "Traceback" not in result.output


def test_native_logs_are_hidden(capfd):
    with native_logs_hidden():
        os.write(2, b"written by native code\n")
    os.write(2, b"written later\n")
    assert capfd.readouterr().err == "written later\n"


def test_messages_of_python_stay_visible(capfd):
    with native_logs_hidden():
        print("a warning", file=sys.stderr)  # noqa: T201
        sys.stderr.flush()
    assert "a warning" in capfd.readouterr().err


def test_everything_is_restored(capfd):
    stderr, descriptor = sys.stderr, os.fstat(2)
    with native_logs_hidden():
        assert sys.stderr is not stderr
        assert os.fstat(2).st_ino != descriptor.st_ino
    assert sys.stderr is stderr
    assert os.fstat(2).st_ino == descriptor.st_ino

    with pytest.raises(KeyError), native_logs_hidden():
        raise KeyError
    assert sys.stderr is stderr
    assert os.fstat(2).st_ino == descriptor.st_ino
    print("still heard", file=sys.stderr)  # noqa: T201
    assert "still heard" in capfd.readouterr().err


def test_no_file_descriptor_is_lost():
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        with native_logs_hidden():
            pass
    assert len(os.listdir("/proc/self/fd")) == before


def test_lines_are_written_at_once(monkeypatch):
    seen = []
    monkeypatch.setattr(typer, "echo", seen.append)
    monkeypatch.setattr(sys, "stdout", type("Out", (), {"flush": lambda self: seen.append("!")})())
    say("a line")
    assert seen == ["a line", "!"]
