"""Start: what importing the package costs, and a plan from sizes alone."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from statistics import median

from parts import Part, Records, Row

LARGEST_RATIO = 1.1
LARGEST_PLAN_SECONDS = 0.020
REFERENCE = "import sklearn.model_selection"
PACKAGE = "import rnnselect"
NAMES = "from rnnselect import RNNAdvisor, RNNClassifier"
PLAN = "RNNAdvisor().plan(n_samples=50_000, sequence_length=400, n_channels=6, task='sentiment')"
IMPORTS = Part("start.imports", {"n_repeats": 15}, {"n_repeats": 2})
PLANS = Part("start.plan", {"n_repeats": 15}, {"n_repeats": 2})
PARTS = [IMPORTS, PLANS]


def imports(n_repeats: int) -> dict:
    """Return the seconds of imports, each in a fresh process, in turns."""
    statements = (REFERENCE, PACKAGE, NAMES)
    found: dict[str, list[float]] = {statement: [] for statement in statements}
    for _ in range(n_repeats + 1):
        for statement in statements:
            found[statement] += timed_statements(statement)
    # The first turn may have read the files from the disk.
    return {"import_seconds": {key: seconds[1:] for key, seconds in found.items()}}


def plan(n_repeats: int) -> dict:
    """Return the seconds of the first and the second plan of fresh processes."""
    found = [timed_statements(NAMES, PLAN, PLAN)[1:] for _ in range(n_repeats)]
    return {"first_seconds": [f for f, _ in found], "second_seconds": [s for _, s in found]}


def timed_statements(*statements: str) -> list[float]:
    """Run statements in a fresh process and return the seconds of each."""
    lines = ["import json, time", "clock = [time.perf_counter()]"]
    for statement in statements:
        lines += [statement, "clock.append(time.perf_counter())"]
    lines.append("print(json.dumps([b - a for a, b in zip(clock, clock[1:])]))")
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def rows(records: Records) -> Iterator[Row]:
    """Judge what has been measured."""
    for record in IMPORTS.found(records)[-1:]:
        seconds = {key: median(values) for key, values in record["import_seconds"].items()}
        ratio = seconds[PACKAGE] / seconds[REFERENCE]
        yield Row(
            f"`{PACKAGE}` over `{REFERENCE}`",
            f"at most {LARGEST_RATIO}",
            f"{ratio:.2f} ({_milliseconds(seconds[PACKAGE])} over "
            f"{_milliseconds(seconds[REFERENCE])})",
            ratio <= LARGEST_RATIO,
        )
        yield Row(
            f"`{NAMES}` over the same",
            "",
            f"{seconds[NAMES] / seconds[REFERENCE]:.2f} ({_milliseconds(seconds[NAMES])})",
        )
    for record in PLANS.found(records)[-1:]:
        first, second = median(record["first_seconds"]), median(record["second_seconds"])
        yield Row(
            "first `plan` from sizes alone, after import",
            f"under {_milliseconds(LARGEST_PLAN_SECONDS)}",
            f"{_milliseconds(first)} (second one: {_milliseconds(second)})",
            first < LARGEST_PLAN_SECONDS,
        )


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.3g} ms"
