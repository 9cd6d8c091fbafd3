"""The readout's page follows from its records, and its families from their seed."""

import importlib
import sys
from collections import Counter
from pathlib import Path

import pytest

READOUT = Path(__file__).parents[2] / "benchmarks" / "readout"

pytestmark = pytest.mark.skipif(not READOUT.exists(), reason="the benchmarks are not shipped")


@pytest.fixture
def readout(monkeypatch):
    """Import a script of the benchmark, which finds the others by their short names."""
    monkeypatch.syspath_prepend(READOUT)
    known = set(sys.modules)
    yield importlib.import_module
    for name in set(sys.modules) - known:
        if "benchmarks" in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def test_the_page_follows_from_the_records(readout):
    table = readout("table")
    assert table.page() == table.RESULTS.read_text(encoding="utf-8")


def test_the_parts_follow_from_the_seed_and_no_locked_set_was_looked_at(readout):
    families, scores = readout("families"), readout("scores")
    rows = scores.read(families.FAMILIES)
    drawn = families.drawn({row["family"]: row["kind"] for row in rows})
    assert drawn == {row["family"]: row["part"] for row in rows}
    assert Counter(drawn.values()) == {"choose": 41, "judge": 40, "locked": 27}
    seen = {row["data"] for row in scores.read(scores.RECORDS)}
    assert seen == {row["data"] for row in rows if row["part"] != "locked"}
