"""Runs pairs in this process, on one core: batches come as JSON lines, a record of each pair goes.

    python benchmarks/study/worker.py CORE [FOLDER]

XLA hands parts of every training step to other cores; where those have work of their own, as in a
study, the step waits for them. A process that is kept to one core compiles programs that do not.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cases import Case, Library
from pairs import prepare


def main() -> None:
    """Answer each batch with a record for each of its pairs, until there are no more."""
    core, *folder = sys.argv[1:]
    keep_to(int(core))
    from rnnselect.recurrent.programs import program_counts

    library = Library(Path(folder[0]) if folder else None)
    warnings.simplefilter("ignore")  # diverged fits and rare classes show in the records
    for line in sys.stdin:
        batch = json.loads(line)
        for record in records(Case(**batch["case"]), batch["folds"], library):
            n_programs = sum(program_counts().values())
            print(json.dumps({**record, "n_programs": n_programs}), flush=True)


def keep_to(core: int) -> None:
    """Run on one core alone, where the system can do that: TensorFlow is not imported yet."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[core % len(cores)]})


def records(case: Case, folds: list[tuple[int, int]], library: Library) -> Iterator[dict[str, Any]]:
    """Yield a record for each pair of a case: what was found, or what went wrong."""
    comparison, failure = None, ""
    try:
        comparison = prepare(case, library, folds)
    except Exception:
        failure = f"the case cannot be prepared:\n{traceback.format_exc(limit=-3)}"
    for repetition, fold in folds:
        record = {"case": case.key, "repetition": repetition, "fold": fold}
        try:
            if comparison is None:
                record["error"] = failure
            else:
                record |= {**comparison.facts(), **comparison.run(repetition, fold)}
        except Exception:
            record["error"] = traceback.format_exc(limit=-3)
        yield record


if __name__ == "__main__":
    main()
