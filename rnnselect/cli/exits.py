"""How a command ends: exit codes, and errors in one line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from itertools import pairwise
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from rnnselect.cli.again import ARGUMENTS
from rnnselect.cli.console import say_error

__all__ = ["DEBUG", "EXIT_CODES", "CommandGroup", "ExitCode"]

DEBUG = "rnnselect.debug"  # key of a context's `meta`, which all commands of one call share


class ExitCode(IntEnum):
    """What a script can tell by the exit code."""

    OK = 0
    FAILED = 1
    USAGE = 2
    INTERRUPTED = 130  # 128 and the number of SIGINT, as shells have it


EXIT_CODES = (
    f"Exit codes: {ExitCode.OK:d} done; {ExitCode.FAILED:d} the work failed; {ExitCode.USAGE:d} "
    f"options or data cannot be used, and nothing was trained; {ExitCode.INTERRUPTED:d} "
    "interrupted; the advice from complete pairs is printed first."
)


class CommandGroup(TyperGroup):
    """Ends with one line and an exit code, whatever goes wrong in a command."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Without a command ask for help; a ``--json`` without a path means standard output."""
        ctx.meta[ARGUMENTS] = list(args)
        with _one_line(ctx):
            return super().parse_args(ctx, _with_json_path(args) or ["--help"])

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        with _one_line(ctx):
            return super().invoke(ctx)


def _with_json_path(args: list[str]) -> list[str]:
    """Put ``-`` after a ``--json`` that no path follows; Typer knows no optional values."""
    spelled_out = []
    for arg, following in pairwise([*args, "--"]):
        spelled_out.append(arg)
        if arg == "--json" and following.startswith("-") and following != "-":
            spelled_out.append("-")
    return spelled_out


@contextmanager
def _one_line(ctx: Any) -> Iterator[None]:
    try:
        yield
    except (typer.Exit, typer.Abort, BrokenPipeError):
        raise
    except KeyboardInterrupt:
        _end("Interrupted.", ExitCode.INTERRUPTED)
    except Exception as error:
        if ctx.meta.get(DEBUG):
            raise
        _end(f"Error: {_message(error, ctx)}", _code(error))


def _end(line: str, code: int) -> NoReturn:
    say_error(line)
    raise typer.Exit(code)


def _code(error: Exception) -> int:
    """Typer's errors know theirs; a ValueError says that an input cannot be used."""
    ours = ExitCode.USAGE if isinstance(error, ValueError) else ExitCode.FAILED
    return int(getattr(error, "exit_code", ours))


def _message(error: Exception, ctx: Any) -> str:
    """Return one line that says what is wrong and what helps."""
    if hasattr(error, "format_message"):  # an error of the options, which Typer found
        inner = getattr(error, "ctx", None) or ctx
        return f"{_sentence(error.format_message())} See '{inner.command_path} --help'."
    line = next((line for line in map(str.strip, str(error).splitlines()) if line), "")
    if isinstance(error, OSError) and error.strerror:
        return _sentence(f"{error.filename or 'a file'}: {error.strerror}")
    if isinstance(error, ValueError | ImportError) and line:
        return _in_options(line, ctx)
    what = f"{type(error).__name__}: {line}" if line else type(error).__name__
    return f"{_sentence(what)} Run it again with --debug to see where."


def _in_options(line: str, ctx: Any) -> str:
    """Put the options of the command in place of the parameters that Python code would have."""
    command = getattr(ctx.command, "commands", {}).get(ctx.invoked_subcommand)
    options = {"n_jobs": "--jobs", "random_state": "--seed"}
    for param in getattr(command, "params", ()):
        if param.param_type_name == "option" and param.opts[0].startswith("--"):
            options.setdefault(param.name, param.opts[0])
    line = re.sub(r"\bBudget\(([^()]*)\)", _options_of_budget, line)
    for name, option in options.items():
        line = re.sub(rf"(?<![\w-]){name}=", f"{option}=", line)
        if "_" in name:  # other names are words as well
            line = re.sub(rf"(?<![\w-]){name}\b", option, line)
    return line


def _options_of_budget(limits: re.Match[str]) -> str:
    return limits[1].replace(", ", " ").replace("seconds=", "budget=")


def _sentence(text: str) -> str:
    text = re.sub(r"\s+", " ", text).strip()
    return text if text.endswith((".", "?", "!")) else f"{text}."
