"""The command ``rnnselect``: one command, one file.

- `demo`, `plan`, `recommend`, `predict`, `cells`, `calibrate`, `cache`: the commands.
- `options`, `outputs`: options that several commands have, and the files that they write.
- `files`, `tables`, `delimited`, `typed_columns`: what is in a file.
- `guesses`, `known_columns`: what its columns most likely are.
- `reading`, `one_series`, `bad_rows`, `problem`: sequences, and what cannot be used of them.
- `again`: the command and the code that give a recommendation again.
- `live`: what a terminal shows while a race runs.
- `console`: what is said, and where.
- `exits`: exit codes, and errors in one line.
"""

from __future__ import annotations

from typing import Annotated

import typer

from rnnselect.cli import cache, calibrate, cells, demo, plan, predict, recommend
from rnnselect.cli.console import say
from rnnselect.cli.exits import EXIT_CODES, CommandGroup
from rnnselect.program_store import keep_by_default

__all__ = ["app"]

app = typer.Typer(
    cls=CommandGroup,
    epilog=EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_show_locals=False,
)

for name, command in {
    "recommend": recommend.recommend_cell,
    "plan": plan.plan_comparison,
    "predict": predict.predict_table,
    "cells": cells.compare_cells,
    "calibrate": calibrate.calibrate_machine,
    "cache": cache.show_cache,
    "demo": demo.run_demo,
}.items():
    app.command(name, epilog=EXIT_CODES)(command)


def say_version(wanted: bool) -> None:
    """Print the version and end."""
    if wanted:
        from rnnselect import __version__

        say(f"rnnselect {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=say_version, is_eager=True),
    ] = False,
) -> None:
    """LSTM or GRU? Compares both within a compute budget and says why."""
    keep_by_default()
