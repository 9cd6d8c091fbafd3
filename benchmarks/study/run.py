"""Runs the study: both cells on every data set, paired; `schedule.py` says what and in which order.

    python benchmarks/study/run.py --datasets FOLDER [PART ...] [--resume] [--plan] [--quick]
                                   [--hours H] [--only PATTERN] [--jobs N | --scheduler ADDRESS]

Parts: default, variants, sizes, lengths; all of them where none is named. Every pair is appended
to a file of JSON lines in results/; `--resume` goes on with the newest ones, so that the study can
be stopped at any time (also by --hours) and run in pieces. `table.py` makes the table of them.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

from cases import Library
from clusters import run_there
from journal import Journal, journal_path
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from schedule import PARTS, Batch, Schedule
from workers import run_here

# The quick study shows that everything works, on the smallest built-in problems.
QUICK_SETS = {"parity", "digits", "first_symbol"}
QUICK_BATCHES, QUICK_PAIRS = 3, 2
NO_LIMIT = 1e9  # seconds


def main() -> None:
    options = parse_options()
    library = Library(None if options.quick else options.datasets)
    schedule = Schedule(library, QUICK_SETS if options.quick else None)
    plans = {part: planned(schedule, part, options) for part in options.parts}
    journals = {
        part: Journal(journal_path(part, quick=options.quick, resume=options.resume))
        for part in options.parts
    }
    print_plan(schedule, plans, journals, options)
    if options.plan:
        return
    end = time.monotonic() + (3600 * options.hours if options.hours else NO_LIMIT)
    n_failed = 0
    try:
        for part, batches in plans.items():
            n_failed += run_part(part, batches, journals[part], end, options)
    except KeyboardInterrupt:
        sys.exit("stopped: all finished pairs are kept, --resume goes on")
    if n_failed:
        sys.exit(
            f"error: {n_failed} pairs failed; their records say why, --resume tries them again"
        )


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--datasets", type=Path, default=Path("../shared/datasets"))
    parser.add_argument("--only", metavar="PATTERN", help="cases whose key matches this")
    parser.add_argument("--resume", action="store_true", help="go on with the newest results")
    parser.add_argument("--plan", action="store_true", help="print what would be run, and stop")
    parser.add_argument("--quick", action="store_true", help="a few small pairs, as a check")
    parser.add_argument("--hours", type=float, help="begin no pair after this time")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--jobs", type=int, default=os.cpu_count(), help="worker processes")
    where.add_argument(
        "--scheduler", metavar="ADDRESS", help="of a Dask cluster that runs the pairs"
    )
    options = parser.parse_args()
    unknown = [part for part in options.parts if part not in PARTS]
    if unknown:
        parser.error(f"{unknown[0]!r} is not a part of the study; choose from {', '.join(PARTS)}")
    options.parts = options.parts or list(PARTS)
    if not options.quick and not (options.datasets / "index.csv").exists():
        parser.error(f"--datasets {options.datasets}: there is no index.csv in it")
    return options


def planned(schedule: Schedule, part: str, options: argparse.Namespace) -> list[Batch]:
    """Return what is to be run of a part."""
    batches = [b for b in schedule.batches(part) if re.search(options.only or "", b.case.key)]
    if options.quick:
        batches = [
            dataclasses.replace(b, folds=b.folds[:QUICK_PAIRS]) for b in batches[:QUICK_BATCHES]
        ]
    return batches


def print_plan(
    schedule: Schedule,
    plans: dict[str, list[Batch]],
    journals: dict[str, Journal],
    options: argparse.Namespace,
) -> None:
    """Print what is left out, what is run, what is done and what the rest is predicted to take."""
    left_out = [entry for entry in schedule.library.entries.values() if entry.left_out]
    print(f"{len(schedule.entries)} data sets; {len(left_out)} are left out:")
    for entry in left_out:
        print(f"  {entry.name}: {entry.left_out}")
    deep = schedule.deep() if "default" in plans else []
    if deep:
        print(f"Six repetitions for {len(deep)} sets: {', '.join(deep)}.")
    print("Predicted hours are arithmetic, corrected by what finished pairs took.")
    for part, batches in plans.items():
        journal = journals[part]
        left = [without(batch, journal.done) for batch in batches]
        pace = journal.seconds / journal.predicted_seconds if journal.done else 1.0
        hours = pace * sum(batch.seconds for batch in left) / options.jobs / 3600
        n_pairs, n_left = (sum(len(b.folds) for b in some) for some in (batches, left))
        print(
            f"  {part}: {len({b.case.key for b in batches})} cases, {n_pairs} pairs, "
            f"{n_pairs - n_left} done, {hours:.1f} h left (pace {pace:.2f}), "
            f"in {os.path.relpath(journal.path)}",
            flush=True,
        )


def without(batch: Batch, keys: set[tuple[str, int, int]]) -> Batch:
    """Return a batch without some of its pairs."""
    folds = tuple(fold for fold in batch.folds if (batch.case.key, *fold) not in keys)
    return dataclasses.replace(batch, folds=folds)


def run_part(
    part: str, batches: list[Batch], journal: Journal, end: float, options: argparse.Namespace
) -> int:
    """Run what is left of a part; return how many pairs failed."""
    left = [b for b in (without(b, journal.done) for b in batches) if b.folds]
    folder = None if options.quick else options.datasets.resolve()
    n_pairs, n_left = (sum(len(b.folds) for b in some) for some in (batches, left))
    n_failed = 0
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns) as progress:
        bar = progress.add_task(part, total=n_pairs, completed=n_pairs - n_left)

        def keep(record: dict[str, Any], batch: Batch) -> None:
            nonlocal n_failed
            journal.add(record, batch.cost.pair_seconds)
            n_failed += "error" in record
            progress.update(bar, advance=1, description=record["case"])

        if options.scheduler:
            run_there(left, folder, options.scheduler, keep, end)
        else:
            run_here(left, folder, options.jobs, keep, end)
    return n_failed


if __name__ == "__main__":
    main()
