"""The records of the study so far: one file of JSON lines for each part."""

from __future__ import annotations

import datetime
import importlib.metadata
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import rnnselect

RESULTS = Path(__file__).with_name("results")
PACKAGES = ("tensorflow", "keras", "scikit-learn", "numpy")


class Journal:
    """The records of one part, in a file; what it holds already is read.

    Parameters
    ----------
    path : Path
        The file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.done: set[tuple[str, int, int]] = set()
        # Core seconds that pairs took, and that were predicted for them.
        self.seconds, self.predicted_seconds = 0.0, 0.0
        for record in read_records([path]):
            self._take(record)

    def add(self, record: dict[str, Any], predicted_seconds: float) -> None:
        """Keep a record, with all that is needed to judge it later."""
        record = {
            **record,
            "predicted_seconds": predicted_seconds,
            "when": datetime.datetime.now().isoformat(timespec="seconds"),
            "versions": versions(),
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
        self._take(record)

    def _take(self, record: dict[str, Any]) -> None:
        if "error" not in record:  # what failed is tried again
            self.done.add((record["case"], record["repetition"], record["fold"]))
            self.seconds += record["seconds"]
            self.predicted_seconds += record["predicted_seconds"]


def read_records(paths: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """Yield all records of some files; a last line that was cut off by a crash is skipped."""
    for path in paths:
        if not path.exists():
            continue
        with path.open(encoding="utf-8") as file:
            for line in file:
                if line.endswith("\n"):
                    yield json.loads(line)


def journal_path(part: str, *, quick: bool, resume: bool, results: Path = RESULTS) -> Path:
    """Return the newest file of a part, or the name of a new one."""
    kind = f"quick-{part}" if quick else part
    known = newest(kind, results)
    if resume and known:
        return known
    return results / f"{kind}-{datetime.datetime.now():%Y%m%d-%H%M%S}.jsonl"


def newest(kind: str, results: Path = RESULTS) -> Path | None:
    """Return the newest file of a kind."""
    return max(results.glob(f"{kind}-*.jsonl"), default=None)


def versions() -> str:
    """Return the versions of what trains, as one text."""
    others = (f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    return "; ".join([f"rnnselect {rnnselect.__version__}", *others])
