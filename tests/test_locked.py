"""The locked versions are of all that is needed, and of nothing that is too old."""

import re
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
LOCKED = PROJECT / ".ci" / "locked.txt"

pytestmark = pytest.mark.skipif(not LOCKED.exists(), reason="the gate is not shipped")


def numbers(version):
    return [int(number) for number in version.split(".")]


def test_all_dependencies_are_locked():
    lines = [line for line in LOCKED.read_text().splitlines() if not line.startswith("#")]
    locked = dict(line.lower().replace("_", "-").split("==") for line in lines)
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    for needed in [*project["project"]["dependencies"], *project["dependency-groups"]["test"]]:
        name, lowest = re.fullmatch(r"([\w-]+)>=([\d.]+)", needed).groups()
        assert numbers(locked[name]) >= numbers(lowest), name
