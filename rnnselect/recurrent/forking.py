"""Notices a process that was forked after TensorFlow or JAX has run: there, both would hang."""

from __future__ import annotations

import os

from rnnselect.program_store import tensorflow_has_run

__all__ = ["note_use", "refuse_where_forked"]

_used = False  # by this package, in this process or one that it was forked from
_forked = False  # after somebody's use


def note_use() -> None:
    """Remember that Keras' backend is about to run in this process."""
    global _used
    _used = True


def refuse_where_forked() -> None:
    """Raise where the backend would wait for threads that did not come along.

    Raises
    ------
    RuntimeError
        The message names the ways to start a process that work.
    """
    if _forked:
        raise RuntimeError(
            "This process was forked after TensorFlow or JAX has run, and either would hang here "
            "for ever: its threads are not copied. Start processes with multiprocessing.get_context"
            '("spawn") or ("forkserver"), or take joblib\'s backend "loky" (its default) or '
            '"threading" in place of "multiprocessing".'
        )


def _after_fork() -> None:
    global _forked
    _forked = _forked or _used or tensorflow_has_run()


if hasattr(os, "register_at_fork"):  # not on Windows, where nothing is forked
    os.register_at_fork(after_in_child=_after_fork)
