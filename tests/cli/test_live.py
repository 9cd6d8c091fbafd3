import io
import sys
from types import SimpleNamespace

import pytest
from rich.console import Console

from rnnselect import RNNAdvisor
from rnnselect.cli.live import RaceView, race_shown
from rnnselect.comparison.progress import Progress, emit

PLAN = RNNAdvisor().plan(n_samples=600, sequence_length=30)
CHANCES = {"gru": 0.25, "equivalent": 0.5, "lstm": 0.25}


def pair(gru, lstm):
    return SimpleNamespace(cells=("gru", "lstm"), scores={"gru": gru, "lstm": lstm})


def race(n_pairs, max_pairs=5):
    pairs = tuple(pair(0.9 + k / 100, 0.8) for k in range(n_pairs))
    return Progress("race", f"pair {n_pairs}: ...", PLAN, pairs, CHANCES, max_pairs, "accuracy")


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def shown(view, width=80):
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(view)
    return console.file.getvalue()


@pytest.fixture
def clock():
    return Clock()


def test_before_anything_is_known(clock):
    view = RaceView(60.0, clock)
    clock.now = 12.0
    assert "reading and planning" in shown(view)
    assert "12 s used, 48 s left" in shown(view)


def test_without_a_budget_only_the_time_used_is_shown(clock):
    view = RaceView(None, clock)
    clock.now = 12.0
    assert "12 s used" in shown(view)
    assert "left" not in shown(view)


def test_while_compiling(clock):
    view = RaceView(60.0, clock)
    view(Progress("probe", "compiling and timing both cells ...", PLAN))
    page = shown(view)
    for words in ("compiling", "before the first pair"):
        assert words in page
    assert "pair 1" not in page


@pytest.mark.parametrize("width", [80, 120])
def test_after_two_pairs(clock, width):
    view = RaceView(60.0, clock)
    view(race(2))
    page = shown(view, width)
    for words in ("2 of at most 5 pairs done", "GRU better", "50 %", "0.910", "pair 2"):
        assert words in page
    assert max(map(len, page.splitlines())) <= width


def test_no_more_pairs_than_fit(clock):
    view = RaceView(None, clock)
    view(race(20, max_pairs=25))
    page = shown(view)
    assert "pair 20" in page
    assert "pair 15 " not in page


def test_the_refit_leaves_the_race_in_view(clock):
    view = RaceView(None, clock)
    view(race(3))
    view(Progress("refit", "fitting GRU on all data ..."))
    page = shown(view)
    assert "fitting GRU on all data" in page
    assert "pair 3" in page


def test_plain_lines_where_there_is_no_terminal(capsys):
    with race_shown(60.0, quiet=False):
        emit(Progress("plan", "plan: two pairs", PLAN))
        emit(race(1))
    captured = capsys.readouterr()
    assert captured.out == ""
    data, plan, first = captured.err.splitlines()
    assert data.startswith("Data: 600 sequences")
    assert (plan, first) == ("plan: two pairs", "pair 1: ...")


def test_quiet_shows_nothing(capsys):
    with race_shown(60.0, quiet=True):
        emit(race(1))
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("no_color", [False, True])
def test_a_terminal_gets_a_view_that_goes_away(monkeypatch, no_color):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    with race_shown(60.0, quiet=False):
        emit(race(1))
        emit(race(2))
    written = terminal.getvalue()
    assert written.count("Data: 600 sequences") == 1  # above the view, so that it stays
    assert "2 of at most 5 pairs done" in written
    assert "\x1b[2K" in written  # lines are cleared
    assert ("\x1b[38;5;" in written or "\x1b[3" in written) is not no_color
