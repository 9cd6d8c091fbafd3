import pytest

from rnnselect.cli.demo import DEMO_BUDGET_SECONDS


def test_help_of_the_demo(run):
    result = run("demo", "--help")
    assert result.exit_code == 0
    for word in ("--budget", "--seed", "handwritten digits", f"{DEMO_BUDGET_SECONDS}"):
        assert word in result.output


def test_a_budget_that_is_too_small_is_one_line(run, monkeypatch):
    # As in a process that has compiled nothing yet.
    monkeypatch.setattr("rnnselect.advisor.knowing_programs", lambda problem, *known: problem)
    result = run("demo", "--budget", "1")

    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    errors = [line for line in result.output.splitlines() if "Error" in line]
    assert len(errors) == 1
    assert "--budget=1 s is too small" in errors[0]
    assert "Give --budget=" in errors[0]
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
