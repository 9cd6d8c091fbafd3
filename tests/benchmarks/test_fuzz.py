"""Short runs of the fuzzing benchmarks: damage is repeatable, and every outcome is documented."""

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

from rnnselect import load

FUZZ = Path(__file__).parents[2] / "benchmarks" / "fuzz"
MODULES = ("advice", "attempts", "data_mutations", "model_files", "mutations", "targets")
N_INPUTS = 150
N_DATA_INPUTS = 60  # of each kind
N_DRAWS = 60
# Each of these is read by a process of its own; tests/cli/test_tables.py has some of them.
SLOW_KINDS = {"tables, Parquet"}

pytestmark = pytest.mark.skipif(not FUZZ.exists(), reason="the benchmarks are not shipped")


@pytest.fixture(scope="module")
def fuzz():
    """The modules of the benchmarks, which are scripts."""
    sys.path.insert(0, str(FUZZ))
    yield importlib.import_module
    sys.path.remove(str(FUZZ))
    for name in MODULES:
        sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def originals(fuzz):
    files = sorted(fuzz("model_files").FILES.glob("*.rnnselect"))
    return {path.stem: path.read_bytes() for path in files}


def test_damaged_files_load_or_are_refused(fuzz, originals, tmp_path):
    path = tmp_path / "input"
    outcomes = set()
    for number in range(N_INPUTS):
        _, _, content = fuzz("model_files").damaged(originals, 0, number)
        path.write_bytes(content)
        outcomes.add(fuzz("attempts").attempt(lambda: load(path)))
    assert outcomes == {"loaded", "refused"}


def test_damage_depends_on_seed_and_number(fuzz, originals):
    damaged = fuzz("model_files").damaged
    assert damaged(originals, 0, 7) == damaged(originals, 0, 7)
    assert damaged(originals, 0, 7) != damaged(originals, 1, 7)


def test_damaged_data_are_read_or_refused(fuzz, tmp_path, monkeypatch):
    monkeypatch.setenv("RNNSELECT_CACHE_DIR", str(tmp_path))
    attempt, targets = fuzz("attempts").attempt, fuzz("targets")
    for kind in targets.TARGETS.keys() - SLOW_KINDS:
        target = targets.TARGETS[kind]
        path = tmp_path / f"input{target.suffix}"
        originals = target.originals()
        for number in range(N_DATA_INPUTS):
            _, content = targets.damaged(target, originals, np.random.default_rng([1, number]))
            path.write_bytes(content)
            outcome = attempt(lambda t=target, p=path: t.read(p), target.documented)
            assert outcome in {"loaded", "refused"}, f"{kind}, input {number}: {outcome}"


def test_good_data_are_read(fuzz, tmp_path, monkeypatch):
    monkeypatch.setenv("RNNSELECT_CACHE_DIR", str(tmp_path))
    targets = fuzz("targets").TARGETS
    for kind in targets.keys() - {"environment"}:
        for content in targets[kind].originals():
            path = tmp_path / f"input{targets[kind].suffix}"
            path.write_bytes(content)
            targets[kind].read(path)  # else the benchmark would damage what is refused anyway


def test_what_must_hold_of_every_advice(fuzz):
    advice = fuzz("advice")
    for number in range(N_DRAWS):
        random = np.random.default_rng([1, number])
        advice.check(advice.draw(random), random)
