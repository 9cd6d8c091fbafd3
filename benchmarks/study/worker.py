"""Runs pairs in this process and prints a JSON line for each; `run.py` starts it.

The work comes as JSON on standard input. Pairs run in threads, which share compiled programs. A
process can hold only so many of those: beyond the limit the worker takes no new case, and ends.
"""

from __future__ import annotations

import json
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

from cases import Case, Library
from joblib import Parallel, delayed
from pairs import Comparison, prepare
from threadpoolctl import threadpool_limits


class Turn:
    """A case and its pairs; whichever thread comes first prepares it.

    Parameters
    ----------
    case : Case
        What is compared.
    folds : list of (int, int)
        Repetition and fold of each pair.
    library : Library
        The data sets.
    """

    def __init__(self, case: Case, folds: list[tuple[int, int]], library: Library) -> None:
        self.case = case
        self.folds = folds
        self._library = library
        self._lock = threading.Lock()
        self._comparison: Comparison | None = None
        self._failure = ""

    def run(self, repetition: int, fold: int) -> dict[str, Any]:
        """Run one pair and return its record, or what went wrong."""
        record = {"case": self.case.key, "repetition": repetition, "fold": fold}
        try:
            comparison = self._prepared()
            return {**record, **comparison.facts(), **comparison.run(repetition, fold)}
        except Exception:
            return {**record, "error": traceback.format_exc(limit=-3)}

    def _prepared(self) -> Comparison:
        with self._lock:
            if self._failure:
                raise RuntimeError(self._failure)
            if self._comparison is None:
                try:
                    self._comparison = prepare(self.case, self._library, self.folds)
                except Exception as error:
                    self._failure = f"the case cannot be prepared: {error}"
                    raise
            return self._comparison


def pairs_in_turn(
    turns: list[Turn], n_jobs: int, has_room: Callable[[], bool], is_time: Callable[[], bool]
) -> Iterator[tuple[Turn, int, int]]:
    """Yield pairs so that threads begin with different cases: they compile at the same time."""
    for start in range(0, len(turns), n_jobs):
        if not has_room():
            return
        side_by_side = turns[start : start + n_jobs]
        for folds in zip_longest(*(turn.folds for turn in side_by_side)):
            for turn, fold in zip(side_by_side, folds, strict=True):
                if not is_time():
                    return
                if fold is not None:
                    yield turn, *fold


def main() -> None:
    """Read the work, run it and print the records."""
    from rnnselect.recurrent.programs import program_counts

    work = json.load(sys.stdin)
    end = time.monotonic() + work["seconds"]
    library = Library(Path(work["folder"]) if work["folder"] else None)
    turns = [
        Turn(Case(**batch["case"]), [tuple(fold) for fold in batch["folds"]], library)
        for batch in work["batches"]
    ]
    pairs = pairs_in_turn(
        turns,
        work["n_jobs"],
        has_room=lambda: sum(program_counts().values()) < work["max_programs"],
        is_time=lambda: time.monotonic() < end,
    )
    warnings.simplefilter("ignore")  # diverged fits and rare classes show in the records
    run = Parallel(work["n_jobs"], prefer="threads", return_as="generator_unordered")
    with threadpool_limits(1):  # the linear models must not take the other thread's core
        for record in run(delayed(turn.run)(*fold) for turn, *fold in pairs):
            print(json.dumps(record), flush=True)


if __name__ == "__main__":
    main()
