"""Runs what README.md shows, and writes what it prints into the blocks under the marks.

    python docs/readme_blocks.py            # shows what would change
    python docs/readme_blocks.py --write

A mark is a comment such as ``<!-- output: examples/three_situations.py, part 2 -->`` above a block
of text. It names what is run: ``the code above``, that is the Python block before it, with the
imports of all blocks before that; a file, of whose output empty lines separate the parts; or a
command of ``rnnselect``. Where it ends with ``the same everywhere``, no clock and no training enter
what is printed, and the tests compare it.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
ABOVE, EVERYWHERE = "the code above", ", the same everywhere"
MARK = re.compile(r"<!-- output: (?P<source>[^\n]+) -->\n```text\n(?P<text>.*?\n)```\n", re.DOTALL)
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """A block of output.

    Parameters
    ----------
    source : str
        What its mark names.
    text : str
        What stands in it.
    code : tuple of str
        The Python blocks above it.
    place : tuple of int
        Where the text begins and ends in the page.
    """

    source: str
    text: str
    code: tuple[str, ...]
    place: tuple[int, int]

    @property
    def is_the_same_everywhere(self) -> bool:
        """Whether neither a clock nor training enters it."""
        return self.source.endswith(EVERYWHERE)


def main() -> None:
    """Compare or write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write README.md")
    options = parser.parse_args()
    page = README.read_text(encoding="utf-8")
    new = page
    for block in reversed(blocks(page)):  # from the end, so that places stay
        begin, end = block.place
        new = new[:begin] + printed(block) + "\n" + new[end:]
    lines = (page.splitlines(keepends=True), new.splitlines(keepends=True))
    sys.stdout.writelines(difflib.unified_diff(*lines, "README.md", "README.md, as printed now"))
    if options.write:
        README.write_text(new, encoding="utf-8")


def blocks(page: str) -> list[Block]:
    """Return the blocks of a page that have a mark."""
    code = [(match.end(), match[1]) for match in PYTHON.finditer(page)]
    return [
        Block(
            match["source"],
            match["text"].rstrip(),
            tuple(text for end, text in code if end <= match.start()),
            match.span("text"),
        )
        for match in MARK.finditer(page)
    ]


def printed(block: Block) -> str:
    """Run what a block shows; return what it prints."""
    source = block.source.removesuffix(EVERYWHERE)
    if source == ABOVE:
        return _output("-c", runnable(block.code))
    if source.startswith("rnnselect "):
        from command_output import printed_by

        return printed_by(source.removeprefix("rnnselect "))
    path, _, part = source.partition(", part ")
    parts = re.split(r"\n\s*\n", _output(str(ROOT / path)))
    return parts[int(part) - 1] if part else "\n\n".join(parts)


def runnable(code: tuple[str, ...]) -> str:
    """Return the last of some blocks, with the imports of the others.

    Its last expression is printed where it prints nothing itself, as a console does.
    """
    *before, last = map(ast.parse, code)
    imports = [
        statement
        for module in before
        for statement in module.body
        if isinstance(statement, ast.Import | ast.ImportFrom)
    ]
    *others, end = last.body
    if isinstance(end, ast.Expr) and "print(" not in code[-1]:
        end = ast.Expr(ast.Call(ast.Name("print"), [end.value], []))
    return ast.unparse(ast.Module([*imports, *others, end], []))


@cache
def _output(*arguments: str) -> str:
    """Return what Python prints, on a machine that was never calibrated and keeps no programs."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={
                **os.environ,
                "RNNSELECT_CACHE_DIR": folder,
                "RNNSELECT_KEEP_PROGRAMS": "0",
            },
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    return "\n".join(line.rstrip() for line in done.stdout.splitlines()).strip("\n")


if __name__ == "__main__":
    main()
