"""The files that a command writes: checked before any work, written at its end."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from rnnselect.cli.console import say
from rnnselect.whole_file import whole_file

__all__ = ["STDOUT", "check_output", "write_text"]

STDOUT = Path("-")


def check_output(
    option: str,
    path: Path | None,
    *inputs: Path | None,
    suffixes: tuple[str, ...] = (),
    force: bool = False,
) -> None:
    """Refuse a file that could not be written when the work is done.

    Parameters
    ----------
    option : str
        That names the file, for the error.
    path : Path or None
        The file; None where none is wanted.
    *inputs : Path or None
        Files that must not be written over.
    suffixes : tuple of str, default=()
        How names of such files end; an existing file of another name is not written over.
    force : bool, default=False
        Whether it is.

    Raises
    ------
    typer.BadParameter
        If it is a folder, its folder does not exist or may not be written to, or it is one
        of `inputs` or another file that is not a result.
    """
    if path is None or path == STDOUT:
        return
    problem = None
    if path.is_dir():
        problem = "is a folder; name a file in it"
    elif not path.parent.is_dir():
        problem = f"cannot be written, because the folder {path.parent} does not exist; create it"
    elif not os.access(path if path.exists() else path.parent, os.W_OK):
        problem = "may not be written; choose another place"
    elif path.exists() and any(each and each.exists() and path.samefile(each) for each in inputs):
        problem = "is the data, which would be lost; choose another name"
    elif suffixes and path.exists() and path.suffix.lower() not in suffixes and not force:
        problem = (
            f"exists and does not end in {' or '.join(suffixes)}, so it may be something else; "
            "choose another name, or overwrite it with --force"
        )
    if problem:
        raise typer.BadParameter(f"{path} {problem}.", param_hint=f"'{option}'")


def write_text(text: str, path: Path) -> None:
    """Write text to a file, or to standard output."""
    if path == STDOUT:
        say(text)
    else:
        with whole_file(path) as file:
            file.write(f"{text}\n".encode())
