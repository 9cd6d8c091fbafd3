import pytest
import typer

import rnnselect
from rnnselect.cli import plan
from rnnselect.cli.exits import ExitCode

COMMANDS = ("recommend", "plan", "predict", "cells", "calibrate", "cache", "demo")


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_the_help_lists_commands_and_exit_codes(run, arguments):
    result = run(*arguments)
    assert result.exit_code == 0
    for word in ("LSTM or GRU?", *COMMANDS):
        assert word in result.output
    for code in ExitCode:
        assert f"{code:d} " in result.output


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_help_page(run, command):
    result = run(command, "--help")
    assert result.exit_code == 0
    assert "Exit codes" in result.output
    assert "--debug" in result.output


def test_version(run):
    assert run("--version").output == f"rnnselect {rnnselect.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("oracle",), "No such command 'oracle'. See 'rnnselect --help'."),
        (("--bogus",), "No such option"),
        (("plan", "--samples", "5"), "Missing option '--length'. See 'rnnselect plan --help'."),
        (("plan", "--samples", "0", "--length", "5"), "'--samples'"),
        (("plan", "--samples", "9", "--length", "5", "--budget", "soon"), "'90s'"),
        (("plan", "--samples", "9", "--length", "5", "--task", "chess"), "sentiment"),
        (("plan", "--samples", "9", "--length", "5", "--json", "no/such/place"), "folder no/such"),
        (("recommend", "nowhere.csv"), "nowhere.csv"),
    ],
)
def test_a_wrong_option_is_one_line_and_exit_code_2(run, arguments, words):
    result = run(*arguments)
    assert result.exit_code == ExitCode.USAGE
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: ")
    assert words in line


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (ValueError("cv=9 folds; give 3.\nDetails"), 2, "Error: --cv=9 folds; give 3."),
        (
            RuntimeError("out of\nluck"),
            1,
            "Error: RuntimeError: out of. Run it again with --debug to see where.",
        ),
        (
            ValueError(
                "max_latency=2; set n_jobs=1, max_parameters or Budget(seconds=3, memory=4)."
            ),
            2,
            "Error: --max-latency=2; set --jobs=1, --max-parameters or --budget=3 --memory=4.",
        ),
        (MemoryError(), 1, "Error: MemoryError. Run it again with --debug to see where."),
        (OSError(28, "No space left on device", "a.json"), 1, "Error: a.json: No space left"),
        (ImportError("Install polars."), 1, "Error: Install polars."),
        (KeyboardInterrupt(), 130, "Interrupted."),
        (typer.Exit(7), 7, ""),
    ],
)
def test_whatever_goes_wrong_is_one_line(run, monkeypatch, error, code, line):
    def fail(**_):
        raise error

    monkeypatch.setattr(plan, "make_default_plan", fail)
    result = run("plan", "--samples", "9", "--length", "5")
    assert result.exit_code == code
    assert result.stderr.startswith(line)
    assert len(result.stderr.splitlines()) == bool(line)


def test_debug_shows_the_error_itself(run, monkeypatch):
    def fail(**_):
        raise RuntimeError("out of luck")

    monkeypatch.setattr(plan, "make_default_plan", fail)
    result = run("plan", "--samples", "9", "--length", "5", "--debug")
    assert isinstance(result.exception, RuntimeError)
