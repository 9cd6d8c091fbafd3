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
        from rnnselect.cli import app

        (command,) = self.arguments
        with mock.patch.dict(os.environ, COLUMNS=WIDTH, TERM="dumb", NO_COLOR="1"):
            result = CliRunner().invoke(app, shlex.split(command), prog_name="rnnselect")
        if result.exit_code:
            raise self.error(f"rnnselect {command}: {result.output}") from result.exception
        lines = [line.rstrip() for line in result.stdout.splitlines()]
        text = "\n".join([f"$ rnnselect {command}", *lines]).rstrip()
        return [nodes.literal_block(text, text, language="console")]


def setup(app):
    """Register the directive."""
    app.add_directive("command-output", CommandOutput)
    return {"version": "1", "parallel_read_safe": True}
