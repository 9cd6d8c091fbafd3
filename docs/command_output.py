"""The directive ``command-output``: runs a command of rnnselect and shows what it prints."""

import os
import shlex
from unittest import mock

from docutils import nodes
from docutils.parsers.rst import Directive
from typer.testing import CliRunner

WIDTH = "90"  # columns of a block on the page


class CommandOutput(Directive):
    """Its argument is what stands after ``rnnselect``; a command that fails ends the build."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self):
        """Return the block."""
        (command,) = self.arguments
        try:
            text = f"$ rnnselect {command}\n{printed_by(command)}"
        except RuntimeError as error:
            raise self.error(str(error)) from error
        return [nodes.literal_block(text, text, language="console")]


def printed_by(command):
    """Return what a command prints, without colours and spaces at the ends of lines."""
    from rnnselect.cli import app

    with mock.patch.dict(os.environ, COLUMNS=WIDTH, TERM="dumb", NO_COLOR="1"):
        result = CliRunner().invoke(app, shlex.split(command), prog_name="rnnselect")
    if result.exit_code:
        raise RuntimeError(f"rnnselect {command}: {result.output}") from result.exception
    return "\n".join(line.rstrip() for line in result.stdout.splitlines()).rstrip()


def setup(app):
    """Register the directive."""
    app.add_directive("command-output", CommandOutput)
    return {"version": "1", "parallel_read_safe": True}
