"""The seconds of a long fit, from fewer of its epochs: the same arithmetic for every side."""

from __future__ import annotations

import time
from collections.abc import Callable

from tasks import Task


def extrapolated(task: Task, train: Callable[[int, bool], object]) -> float:
    """Return the seconds that all epochs of a fit take.

    Compilation falls into the first epochs, and every later epoch costs the same. So as many
    epochs as are timed run twice: cold, and warm for each time that they are still to come.

    Parameters
    ----------
    task : Task
        Its `epochs` are counted, its `timed_epochs` are run.
    train : callable
        Trains for a number of epochs; told whether this is the first time.

    Returns
    -------
    float
        Measured where `timed_epochs` is None.
    """
    n_timed = task.timed_epochs or task.epochs
    seconds = _seconds(train, n_timed, True)
    if n_timed < task.epochs:
        seconds += (task.epochs / n_timed - 1) * _seconds(train, n_timed, False)
    return seconds


def _seconds(train: Callable[[int, bool], object], epochs: int, first: bool) -> float:
    start = time.perf_counter()
    train(epochs, first)
    return time.perf_counter() - start
