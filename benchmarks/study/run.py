"""Runs the study: both cells on every data set, paired; `schedule.py` says what and in which order.

    python benchmarks/study/run.py --datasets FOLDER [PART ...] [--resume] [--plan] [--quick]
                                   [--hours H] [--only PATTERN] [--jobs N] [--programs N]

Parts: default, variants, sizes, lengths; all of them where none is named. Every pair is appended
to a file of JSON lines in results/; `--resume` goes on with the newest ones, so that the study can
be stopped at any time (also by --hours) and run in pieces. `table.py` makes the table of them.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from cases import Library
from journal import Journal, journal_path
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from schedule import PARTS, Batch, Schedule

HERE = Path(__file__).resolve().parent
# Threads slow each other down: two do 1.7 times the work of one (rnnselect.advice.cost).
PARALLEL_EFFICIENCY = 0.85
# Each compiled program keeps 100 memory mappings; far below the number at which a process dies.
MAX_PROGRAMS = 150
# The quick study shows that everything works, on the smallest built-in problems.
QUICK_SETS = {"parity", "digits", "first_symbol"}
QUICK_BATCHES, QUICK_PAIRS = 3, 2
MESSAGE_LINES = 8
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
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="pairs at the same time")
    parser.add_argument("--programs", type=int, default=MAX_PROGRAMS, help="in a process at most")
    options = parser.parse_args()
    unknown = [part for part in options.parts if part not in PARTS]
    if unknown:
        parser.error(f"{unknown[0]!r} is no part of the study; choose from {', '.join(PARTS)}")
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
        pace = 1.0 if options.jobs == 1 else 1 / PARALLEL_EFFICIENCY
        if journal.done:
            pace = journal.seconds / journal.predicted_seconds
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
    """Run what is left of a part in one worker after the other; return how many pairs failed."""
    attempted = set(journal.done)
    n_failed = 0
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns) as progress:
        n_pairs = sum(len(batch.folds) for batch in batches)
        bar = progress.add_task(part, total=n_pairs)
        while True:
            left = [b for b in (without(b, attempted) for b in batches) if b.folds]
            progress.update(bar, completed=n_pairs - sum(len(b.folds) for b in left))
            if not left or time.monotonic() >= end:
                return n_failed
            predicted = {batch.case.key: batch.cost.pair_seconds for batch in left}
            n_before = len(attempted)
            for record in work(left, end, options):
                key = record["case"], record["repetition"], record["fold"]
                attempted.add(key)
                journal.add(record, predicted[record["case"]])
                n_failed += "error" in record
                progress.update(bar, advance=1, description=record["case"])
            if len(attempted) == n_before and time.monotonic() < end:
                # The worker died of its first pairs: leave them, or it would die of them forever.
                for fold in left[0].folds:
                    attempted.add((left[0].case.key, *fold))
                n_failed += len(left[0].folds)
                progress.console.print(f"{left[0].case.key} is given up: no worker survives it.")


def work(batches: list[Batch], end: float, options: argparse.Namespace) -> Iterator[dict]:
    """Yield the records of one worker process; its last words are printed where it failed."""
    task = {
        "folder": None if options.quick else str(options.datasets.resolve()),
        "batches": [{"case": dataclasses.asdict(b.case), "folds": b.folds} for b in batches],
        "n_jobs": options.jobs,
        "max_programs": options.programs,
        "seconds": min(NO_LIMIT, end - time.monotonic()),
    }
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    errors = HERE / "results" / "worker.log"
    errors.parent.mkdir(exist_ok=True)
    with (
        errors.open("w+") as log,
        subprocess.Popen(
            [sys.executable, str(HERE / "worker.py")], env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
        ) as process,
    ):  # fmt: skip
        try:
            process.stdin.write(json.dumps(task))
            process.stdin.close()
            for line in process.stdout:
                if line.startswith("{"):  # no library's message
                    yield json.loads(line)
        except BaseException:
            process.terminate()
            raise
        if process.wait() != 0:
            log.seek(0)
            print("a worker failed:", *log.read().splitlines()[-MESSAGE_LINES:], sep="\n  ")


if __name__ == "__main__":
    main()
