"""What is said, and where: results go to standard output, all else to standard error."""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import typer

__all__ = ["native_logs_hidden", "note", "page_width", "say", "say_error", "short_warnings"]

MAX_WIDTH = 96  # longer lines of text are hard to read


def say(text: str) -> None:
    """Write a line at once, so that progress is seen where output is piped."""
    typer.echo(text)
    sys.stdout.flush()


def note(text: str) -> None:
    """Write what belongs to no result; only a terminal has lines that end."""
    from rich.console import Console

    console = Console(stderr=True)
    console.print(text, markup=False, highlight=False, soft_wrap=not console.is_terminal)


def say_error(line: str) -> None:
    """Write a line in red, where the terminal has colours; it is never broken."""
    from rich.console import Console

    Console(stderr=True).print(line, style="red", markup=False, highlight=False, soft_wrap=True)


def page_width() -> int:
    """Return the number of columns for text: the terminal's, but not more than can be read."""
    from rich.console import Console

    return min(Console().width, MAX_WIDTH)


@contextlib.contextmanager
def short_warnings() -> Iterator[None]:
    """Show Python's warnings without the line of code that gave them."""

    def show(message: Warning | str, category: type[Warning], *rest: Any) -> None:
        note(f"Warning: {message}")

    with warnings.catch_warnings():
        warnings.showwarning = show  # type: ignore[assignment]
        yield


@contextlib.contextmanager
def native_logs_hidden() -> Iterator[None]:
    """Hide what TensorFlow's native code writes to the terminal; Python's own messages stay."""
    sys.stderr.flush()
    original, python_stderr = os.dup(2), sys.stderr
    try:
        with open(os.devnull, "w") as nowhere, os.fdopen(os.dup(original), "w") as terminal:
            os.dup2(nowhere.fileno(), 2)
            if _descriptor(python_stderr) == 2:  # or it is heard all the same
                sys.stderr = terminal
            yield
    finally:
        sys.stderr = python_stderr
        os.dup2(original, 2)
        os.close(original)


def _descriptor(stream: Any) -> int | None:
    try:
        return int(stream.fileno())
    except (AttributeError, OSError):  # a stream in memory
        return None
