"""What README.md shows is what is printed, and what it links to is there."""

import re
import runpy
import shlex
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from rnnselect.cli import app

ROOT = Path(__file__).parents[1]
if not (ROOT / "docs").exists():
    pytest.skip("the documentation is not shipped", allow_module_level=True)
README = (ROOT / "README.md").read_text(encoding="utf-8")
SCRIPT = runpy.run_path(str(ROOT / "docs" / "readme_blocks.py"))
BLOCKS = SCRIPT["blocks"](README)
PAGES = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"]


def test_every_block_of_output_is_marked():
    assert len(BLOCKS) == README.count("```text\n") > 0


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.source)
def test_what_a_mark_names_is_there(block):
    source = block.source.removesuffix(SCRIPT["EVERYWHERE"])
    if source == SCRIPT["ABOVE"]:
        compile(SCRIPT["runnable"](block.code), "README.md", "exec")
        return
    path, _, part = source.partition(", part ")
    n_parts = (ROOT / path).read_text(encoding="utf-8").count("print(")
    assert 1 <= int(part or 1) <= n_parts


def test_what_is_the_same_everywhere_is_in_step():
    same = [block for block in BLOCKS if block.is_the_same_everywhere]
    assert same
    for block in same:
        assert block.text == SCRIPT["printed"](block)


def test_blocks_take_the_imports_of_those_before():
    page = (
        "```python\nimport math\nprint(1 / 0)\n```\n"
        "```python\nx = 2\nmath.factorial(x + 1)\n```\n"
        "<!-- output: the code above -->\n```text\nold\n```\n"
    )
    (block,) = SCRIPT["blocks"](page)
    assert block.text == "old"
    assert not block.is_the_same_everywhere
    assert SCRIPT["printed"](block) == "6"


@pytest.mark.parametrize("page", PAGES)
def test_links_to_files_lead_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?://|#)([^)#\s]+)", text):
        assert (ROOT / target).exists(), target


@pytest.mark.slow
def test_its_commands_run_on_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = np.random.default_rng(0).normal(size=(40, 6)).round(2)
    for name in ("data.csv", "new.csv"):
        lines = [f"{','.join(map(str, row))},{'ab'[int(row[0] > 0)]}" for row in rows]
        Path(name).write_text("\n".join(["t0,t1,t2,t3,t4,t5,kind", *lines]))
    commands = re.findall(r"^    rnnselect (.+)$", README, re.MULTILINE)
    assert [command.split()[0] for command in commands] == ["recommend", "predict"]
    for command in commands:
        result = CliRunner().invoke(app, shlex.split(command))
        assert result.exit_code == 0, result.output
    assert Path("advice.html").exists()
    assert len(result.stdout.splitlines()) == 1 + len(rows)
