"""What a terminal shows while a race runs; plain lines where there is none."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from rnnselect.cells import shown_name
from rnnselect.cli.console import note, page_width

if TYPE_CHECKING:
    from rnnselect.comparison.progress import Progress

__all__ = ["RaceView", "race_shown"]

REFRESHES_PER_SECOND = 4
BAR_WIDTH = 32
MAX_FOLDS_SHOWN = 5  # more columns than these do not fit beside each other


@contextmanager
def race_shown(budget_seconds: float | None, *, quiet: bool) -> Iterator[None]:
    """Show the progress of the comparisons in this context on standard error.

    Parameters
    ----------
    budget_seconds : float or None
        What they may take.
    quiet : bool
        Show nothing.
    """
    from rich.console import Console
    from rich.live import Live

    from rnnselect.comparison.progress import watching

    console = Console(stderr=True)
    if quiet:
        yield
    elif console.is_terminal and not console.is_dumb_terminal:
        view = RaceView(budget_seconds)
        live = Live(view, console=console, transient=True, refresh_per_second=REFRESHES_PER_SECOND)
        # What the data are is printed above the view, so that it stays when the view goes.
        with live, watching(_telling_data(view, partial(console.print, highlight=False))):
            yield
    else:
        with watching(_telling_data(lambda progress: note(progress.text), note)):
            yield


class RaceView:
    """A race as a terminal shows it, from its newest step and the clock.

    Parameters
    ----------
    budget_seconds : float or None
        What the race may take.
    clock : callable, default=time.monotonic
        Returns seconds.
    """

    def __init__(
        self, budget_seconds: float | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._budget_seconds = budget_seconds
        self._clock, self._started = clock, clock()
        self._progress: Progress | None = None
        self._before: Progress | None = None

    def __call__(self, progress: Progress) -> None:
        """Take a step; a refit, which knows nothing of the race, leaves its pairs in view."""
        self._before, self._progress = self._progress, progress

    def __rich__(self) -> Any:
        from rich.console import Group
        from rich.text import Text

        progress = self._progress
        if progress is None:
            return Group(Text("reading and planning ..."), *self._time())
        race = self._before if progress.stage == "refit" and self._before else progress
        lines: list[Any] = [Text(self._headline(progress), style="bold")]
        if race.plan is not None:
            lines += _outcomes(race)
        return Group(*lines, *_folds(race), *self._time())

    def _headline(self, progress: Progress) -> str:
        n_pairs = len(progress.pairs)
        if progress.stage == "race" and n_pairs < progress.max_pairs:
            return f"{n_pairs} of at most {progress.max_pairs} pairs done"
        return progress.text

    def _time(self) -> Iterator[Any]:
        from rich.progress_bar import ProgressBar

        used = self._clock() - self._started
        bar, left = "", ""
        if self._budget_seconds is not None:
            bar = ProgressBar(self._budget_seconds, used, width=BAR_WIDTH)
            left = f", {max(0.0, self._budget_seconds - used):.0f} s left"
        grid = _grid()
        grid.add_row("time", bar or f"{used:.0f} s used", f"{used:.0f} s used{left}" if bar else "")
        yield grid


def _outcomes(progress: Progress) -> Iterator[Any]:
    """Yield a bar for each of the three outcomes; before the first pair what the prior says."""
    from rich.progress_bar import ProgressBar
    from rich.text import Text

    from rnnselect.report.text import percent_text

    known = progress.probabilities or progress.plan.probabilities
    if progress.probabilities is None:
        yield Text("Expected before the first pair:", style="dim")
    grid = _grid()
    for outcome, probability in known.items():
        if outcome == "equivalent" and progress.plan.rules.rope_points == 0:
            continue
        name = outcome if outcome == "equivalent" else f"{shown_name(outcome)} better"
        bar = ProgressBar(1.0, probability, width=BAR_WIDTH)
        grid.add_row(name, bar, percent_text(probability))
    yield grid


def _folds(progress: Progress) -> Iterator[Any]:
    """Yield the fold scores of both cells, the better one bold."""
    from rich.table import Table

    if not progress.pairs:
        return
    shown = list(enumerate(progress.pairs, start=1))[-MAX_FOLDS_SHOWN:]
    table = Table(box=None, pad_edge=False, header_style="")
    table.add_column(progress.scoring)
    for number, _ in shown:
        table.add_column(f"pair {number}", justify="right")
    for cell in progress.pairs[0].cells:
        scores = []
        for _, pair in shown:
            best = max(pair.scores.values()) == pair.scores[cell]
            scores.append(
                f"[bold]{pair.scores[cell]:.3f}[/]" if best else f"{pair.scores[cell]:.3f}"
            )
        table.add_row(shown_name(cell), *scores)
    yield table


def _grid() -> Any:
    from rich.table import Table

    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(min_width=len("LSTM better"))
    return grid


def _telling_data(
    show: Callable[[Progress], None], tell: Callable[[str], None]
) -> Callable[[Progress], None]:
    """Return what shows each step, after one line about the data."""
    from rnnselect.report.text import profile_text

    told = []

    def step(progress: Progress) -> None:
        if progress.plan is not None and not told:
            tell(profile_text(progress.plan.profile.to_dict(), page_width()))
            told.append(progress)
        show(progress)

    return step
