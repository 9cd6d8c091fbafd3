"""What a running comparison is at, for whoever shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal

from rnnselect.advice.plan import Plan
from rnnselect.advice.race import PairOutcome

__all__ = ["Progress", "emit", "watching"]


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of a comparison, told when it begins; a pair when it has ended.

    Parameters
    ----------
    stage : {"checkpoint", "probe", "plan", "race", "refit"}
        Finished fits were found in a folder; compiling and timing; the plan that will be carried
        out; a pair has been judged; the chosen cell is fitted on all data.
    text : str
        The same in one line.
    plan : Plan or None, default=None
        The plan so far; None in the refit.
    pairs : tuple of PairOutcome, default=()
        All pairs that were judged so far.
    probabilities : dict of str to float, or None, default=None
        After these pairs, of each cell being better by more than the ROPE, and of
        ``"equivalent"``; None before the first.
    max_pairs : int, default=0
        Pairs at most.
    scoring : str, default=""
        Name of the scorer.
    """

    stage: Literal["checkpoint", "probe", "plan", "race", "refit"]
    text: str
    plan: Plan | None = None
    pairs: tuple[PairOutcome, ...] = ()
    probabilities: dict[str, float] | None = None
    max_pairs: int = 0
    scoring: str = ""


_watcher: ContextVar[Callable[[Progress], None] | None] = ContextVar("watcher", default=None)


@contextmanager
def watching(watcher: Callable[[Progress], None]) -> Iterator[None]:
    """Have `watcher` called with every `Progress` of the comparisons in this context.

    Parameters
    ----------
    watcher : callable
        Called in the thread of the comparison. What it raises ends the comparison, so a
        `KeyboardInterrupt` in it is one.

    Examples
    --------
    >>> from rnnselect.comparison.progress import Progress, emit, watching
    >>> with watching(lambda progress: print(progress.text)):
    ...     emit(Progress("probe", "compiling and timing both cells ..."))
    compiling and timing both cells ...
    """
    token = _watcher.set(watcher)
    try:
        yield
    finally:
        _watcher.reset(token)


def emit(progress: Progress) -> None:
    """Hand a step to whoever watches."""
    watcher = _watcher.get()
    if watcher is not None:
        watcher(progress)
