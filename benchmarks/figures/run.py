"""Measures the figures beside the speed table, and writes docs/figures.md.

    python benchmarks/figures/run.py [--only PATTERN] [--quick] [--resume] [--write]

Every measurement is appended to a file of JSON lines in results/; `--resume` goes on with the
newest of these, so that the figures can be measured in parts. `--write` writes the page from what
has been measured so far, with `--only nothing` without measuring more.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from itertools import groupby

import page
from parts import HERE, Part

RESULTS = HERE / "results"
DOCS = HERE.parents[1] / "docs"
# Endless shapes take an hour on a busy machine.
TIMEOUT_SECONDS = 4 * 3600


def main() -> None:
    options = parse_options()
    from run import Journal  # of the speed benchmark

    wanted = [part for part in page.all_parts() if matches(part, options.only)]
    if options.quick:
        wanted = [part.made_quick() for part in wanted]
    kind = "quick" if options.quick else "figures"
    journal = Journal.in_folder(RESULTS, kind, resume=options.resume)
    print(f"Measurements go to {os.path.relpath(journal.path)}.")
    failed = False
    for group, parts in groupby(wanted, key=lambda part: part.group):
        print(f"\n{group}", flush=True)
        for part in parts:
            failed |= run_part(part, journal)
        if not options.quick:
            for row in page.group_rows(group, journal.records):
                print(f"  {row.name}: {row.value} | target {row.target or '–'} | met {row.met}")
    if options.write:
        for path in page.write(DOCS, journal.records):
            print(f"Wrote {os.path.relpath(path)}.")
    if failed:
        sys.exit("error: some measurements failed: their messages are above")


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", metavar="PATTERN", help="measurements whose text matches this")
    parser.add_argument("--quick", action="store_true", help="small tasks, to check the harness")
    parser.add_argument("--resume", action="store_true", help="go on with the newest results")
    parser.add_argument("--write", action="store_true", help="write docs/figures.md")
    options = parser.parse_args()
    if options.quick and options.write:
        parser.error("--quick measures nothing that is worth writing; leave out --write")
    return options


def matches(part: Part, pattern: str | None) -> bool:
    """Whether a measurement is asked for."""
    return pattern is None or re.search(pattern, part.key) is not None


def run_part(part: Part, journal) -> bool:
    """Take a measurement as often as it is still needed; return whether it failed."""
    while len(part.found(journal.records)) < part.repeats:
        record = take(part)
        if record is None:
            return True
        journal.add(part, record)
    return False


def take(part: Part) -> dict | None:
    """Take a measurement in a fresh process; None if it failed, with its last words printed."""
    from run import from_fresh_process  # of the speed benchmark

    load = os.getloadavg()[0]
    words = ["worker.py", part.contender, json.dumps(part.settings)]
    record = from_fresh_process(words, HERE, part.key, TIMEOUT_SECONDS)
    if record is None:
        return None
    conditions = {"load_before": load, "load_after": os.getloadavg()[0], "niceness": os.nice(0)}
    return {**record, **conditions}


if __name__ == "__main__":
    main()
