"""Measures the rows of the speed table, side by side, and prints them.

    python benchmarks/speed/run.py [--only PATTERN] [--repeats 3] [--quick] [--resume] [--write]

Every measurement is appended to a file of JSON lines in results/; `--resume` goes on with the
newest of these, so that the table can be measured in parts.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.util
import json
import os
import re
import subprocess
import sys
from itertools import groupby
from pathlib import Path

from report import environment, make_row, markdown
from works import Measure, Work, all_works

from rnnselect.program_store import KEEP_VARIABLE

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results"
PAGE = HERE.parents[1] / "docs" / "speed.md"
# Where the rows of kept programs find them; each run fills it before it measures.
PROGRAMS = RESULTS / "programs"
DEFAULT_REPEATS = 3
# What takes longer than these seconds is measured at most so many times.
MOST_REPEATS = {12.0: 2, 120.0: 1}
# A measurement that takes longer than this hangs.
TIMEOUT_SECONDS = 1800
MESSAGE_LINES = 8


class Journal:
    """The measurements so far, in memory and in a file of JSON lines.

    Parameters
    ----------
    path : Path
        The file; what it holds already is read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.records: dict[str, list[dict]] = {}
        if path.exists():
            for line in path.read_text().splitlines():
                record = json.loads(line)
                self.records.setdefault(record["key"], []).append(record)

    @classmethod
    def in_folder(cls, folder: Path, kind: str, *, resume: bool) -> Journal:
        """Return the newest one of a kind to go on with, or a new one."""
        known = sorted(folder.glob(f"{kind}-*.jsonl"))
        if resume and known:
            return cls(known[-1])
        return cls(folder / f"{kind}-{datetime.datetime.now():%Y%m%d-%H%M%S}.jsonl")

    def add(self, measure: Measure, record: dict) -> None:
        """Take a measurement, with all that is needed to judge it later."""
        record = {
            "key": measure.key,
            "contender": measure.contender,
            **record,
            "when": datetime.datetime.now().isoformat(timespec="seconds"),
            "environment": environment(),
        }
        self.records.setdefault(measure.key, []).append(record)
        self.path.parent.mkdir(exist_ok=True)
        with self.path.open("a") as file:
            file.write(json.dumps(record) + "\n")

    def needs(self, measure: Measure, repeats: int) -> bool:
        """Whether a measure has not been taken `repeats` times, or less often if it is slow."""
        done = self.records.get(measure.key, [])
        longest = max((record["wall_seconds"] for record in done), default=0.0)
        allowed = [most for seconds, most in MOST_REPEATS.items() if longest > seconds]
        return len(done) < min([repeats, *allowed])


def main() -> None:
    options = parse_options()
    works = [work for work in all_works() if matches(work, options.only)]
    if not works:
        sys.exit(f"error: no row matches {options.only!r}")
    if options.quick:
        works = [work.quick() for work in works]
    kind = "quick" if options.quick else "speed"
    journal = Journal.in_folder(RESULTS, kind, resume=options.resume)
    print(f"Measurements go to {os.path.relpath(journal.path)}.")
    failed = False
    for _, group in groupby(works, key=lambda work: work.group):
        failed |= run_group(list(group), journal, 1 if options.quick else options.repeats)
    if options.write:
        PAGE.write_text(markdown(all_works(), journal.records))
        print(f"Wrote {os.path.relpath(PAGE)}.")
    if failed:
        sys.exit("error: some measurements failed: their messages are above")


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", metavar="PATTERN", help="rows whose group or text matches this")
    parser.add_argument("--repeats", type=int, default=DEFAULT_REPEATS)
    parser.add_argument("--quick", action="store_true", help="small tasks, to check the harness")
    parser.add_argument("--resume", action="store_true", help="go on with the newest results")
    parser.add_argument("--write", action="store_true", help="write docs/speed.md")
    options = parser.parse_args()
    if options.quick and options.write:
        parser.error("--quick measures nothing that is worth writing; leave out --write")
    if options.repeats < 1:
        parser.error(f"--repeats {options.repeats}: give at least 1")
    return options


def matches(work: Work, pattern: str | None) -> bool:
    """Whether a row is asked for."""
    text = f"{work.group}: {work.name} against {work.against}"
    return pattern is None or re.search(pattern, text) is not None


def run_group(works: list[Work], journal: Journal, repeats: int) -> bool:
    """Measure the sides of a group's rows in turns, print the rows; return whether any failed."""
    measures = list(dict.fromkeys(m for work in works for m in work.measures()))
    print(f"\n{works[0].group}", flush=True)
    skipped = [m for m in measures if lacks_backend(m)]
    for measure in skipped:
        print(f"  {measure.contender} skipped: its backend (a CPU build of it) is not installed.")
    failures = set(skipped)
    failures |= {m for m in measures if m.kept and m not in skipped and take(m) is None}
    for _ in range(repeats):
        for measure in measures:
            if measure in failures or not journal.needs(measure, repeats):
                continue
            record = take(measure)
            if record is None:
                failures.add(measure)
            else:
                journal.add(measure, record)
    for work in works:
        print(f"  {work.name}, against {work.against}")
        print(make_row(work, journal.records).line(), flush=True)
    return bool(failures - set(skipped))


def lacks_backend(measure: Measure) -> bool:
    """Whether a measure needs PyTorch or JAX and there is none."""
    needed = {"skorch_side.": "torch", "ours.six_lines_on_jax": "jax"}
    return any(
        measure.contender.startswith(side) and importlib.util.find_spec(module) is None
        for side, module in needed.items()
    )


def take(measure: Measure) -> dict | None:
    """Take one measurement; None if it failed, with its last words printed."""
    load = os.getloadavg()[0]
    cells = "+".join(measure.task.cells)
    words = ["measure.py", measure.contender, json.dumps(measure.task.to_dict())]
    name = f"{measure.contender} ({cells}{', programs kept' * measure.kept})"
    kept = {KEEP_VARIABLE: str(PROGRAMS) if measure.kept else "0"}
    record = from_fresh_process(words, HERE, name, TIMEOUT_SECONDS, **kept)
    return None if record is None else {**record, "load_before": load}


def from_fresh_process(
    words: list[str], folder: Path, name: str, timeout_seconds: float, **variables: str
) -> dict | None:
    """Run a script and return the JSON that it prints last; None if it failed, and say why."""
    command = [sys.executable, *words]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            timeout=timeout_seconds,
        )
    except subprocess.TimeoutExpired:
        print(f"  {name} failed: no end after {timeout_seconds} s", flush=True)
        return None
    if done.returncode != 0:
        last_words = "\n    ".join(done.stderr.strip().splitlines()[-MESSAGE_LINES:])
        print(f"  {name} failed ({done.returncode}):\n    {last_words}", flush=True)
        return None
    record = json.loads(done.stdout.splitlines()[-1])
    print(f"  {name}: {record['seconds']:.2f} s", flush=True)
    return record


if __name__ == "__main__":
    main()
