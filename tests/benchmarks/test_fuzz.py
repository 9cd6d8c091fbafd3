"""A short run of the fuzzing benchmark: damage is repeatable, and every outcome is documented."""

import importlib
import sys
from pathlib import Path

import pytest

from rnnselect import load

FUZZ = Path(__file__).parents[2] / "benchmarks" / "fuzz"
MODULES = ("mutations", "model_files")
N_INPUTS = 150

pytestmark = pytest.mark.skipif(not FUZZ.exists(), reason="the benchmarks are not shipped")


@pytest.fixture(scope="module")
def fuzz():
    sys.path.insert(0, str(FUZZ))
    yield importlib.import_module("model_files")
    sys.path.remove(str(FUZZ))
    for name in MODULES:
        del sys.modules[name]


@pytest.fixture(scope="module")
def originals(fuzz):
    return {path.stem: path.read_bytes() for path in sorted(fuzz.FILES.glob("*.rnnselect"))}


def test_damaged_files_load_or_are_refused(fuzz, originals, tmp_path):
    path = tmp_path / "input"
    outcomes = set()
    for number in range(N_INPUTS):
        _, _, content = fuzz.damaged(originals, 0, number)
        path.write_bytes(content)
        outcomes.add(fuzz.attempt(lambda: load(path)))
    assert outcomes == {"loaded", "refused"}


def test_damage_depends_on_seed_and_number(fuzz, originals):
    assert fuzz.damaged(originals, 0, 7) == fuzz.damaged(originals, 0, 7)
    assert fuzz.damaged(originals, 0, 7) != fuzz.damaged(originals, 1, 7)
