"""Reads damaged data of all kinds: what was read or the documented error, nothing else, no hang.

    python benchmarks/fuzz/run.py [--inputs N] [--seed S] [--resume] [--only KIND ...]

Input number i depends on the seed and on i alone, so that a run that was stopped goes on with
--resume, and a failure can be repeated: its file is kept in results/. Model files have a run of
their own, model_files.py.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
from attempts import attempt
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from targets import TARGETS, damaged

RESULTS = Path(__file__).resolve().parent / "results"
INPUTS_PER_ENTRY = 500
# Whoever takes more for files of a few kilobytes has believed what they say of their sizes.
ADDRESS_SPACE_BYTES = 12 * 2**30


def main() -> None:
    options = parse_options()
    state = read_state(options)
    warnings.simplefilter("ignore")
    os.environ["POLARS_MAX_THREADS"] = "1"  # handing three rows to a thread is most of the work
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES))
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder, Progress(*columns) as progress:
        bar = progress.add_task("reading", total=options.inputs, completed=state["next"])
        for number in range(state["next"], options.inputs):
            run_one(state, options, number, Path(folder))
            if (number + 1) % INPUTS_PER_ENTRY == 0 or number + 1 == options.inputs:
                state["next"] = number + 1
                write_state(state, options)
                progress.update(bar, completed=number + 1)
    report(state)


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--inputs", type=int, default=100_000, help="how many files (100,000)")
    parser.add_argument("--seed", type=int, default=0, help="of the damage (0)")
    parser.add_argument("--resume", action="store_true", help="go on where this seed has stopped")
    parser.add_argument(
        "--only", nargs="+", choices=list(TARGETS), default=list(TARGETS), metavar="KIND",
        help=f"of files: {', '.join(TARGETS)}",
    )  # fmt: skip
    return parser.parse_args()


def run_one(state: dict, options: argparse.Namespace, number: int, folder: Path) -> None:
    """Damage and read one file, and note what came of it."""
    random = np.random.default_rng([options.seed, number])
    shares = np.array([TARGETS[name].share for name in options.only])
    name = str(random.choice(options.only, p=shares / shares.sum()))
    target = TARGETS[name]
    if name not in ORIGINALS:
        ORIGINALS[name] = target.originals()
    kind, content = damaged(target, ORIGINALS[name], random)
    path = folder / f"input{target.suffix}"
    path.write_bytes(content)
    start = time.perf_counter()
    outcome = attempt(lambda: target.read(path), target.documented, target.hang_seconds)
    seconds = time.perf_counter() - start
    counts = state["counts"].setdefault(name, {"loaded": 0, "refused": 0, "failed": 0})
    if outcome not in counts:
        (RESULTS / f"failure-{state['seed']}-{number}{target.suffix}").write_bytes(content)
        state["failures"].append([number, name, kind, outcome])
        outcome = "failed"
    counts[outcome] += 1
    counts["seconds"] = counts.get("seconds", 0) + seconds
    counts["slowest"] = max(counts.get("slowest", 0), seconds)


ORIGINALS: dict[str, list[bytes]] = {}


def read_state(options: argparse.Namespace) -> dict:
    path = RESULTS / f"data-{options.seed}.json"
    if options.resume and path.exists():
        return json.loads(path.read_text())
    RESULTS.mkdir(exist_ok=True)
    return {"seed": options.seed, "next": 0, "counts": {}, "failures": []}


def write_state(state: dict, options: argparse.Namespace) -> None:
    path = RESULTS / f"data-{options.seed}.json"
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(state, indent=1))
    os.replace(temporary, path)


def report(state: dict) -> None:
    print(f"{'kind of file':20}{'inputs':>8}{'read':>8}{'refused':>9}{'failed':>8}"
          f"{'seconds':>9}{'slowest':>11}")  # fmt: skip
    total = {"loaded": 0, "refused": 0, "failed": 0, "seconds": 0.0, "slowest": 0.0}
    for name, counts in state["counts"].items():
        print(row(name, counts))
        for key, value in counts.items():
            total[key] = max(total[key], value) if key == "slowest" else total[key] + value
    print(row("all", total))
    for number, name, kind, trace in state["failures"][:5]:
        print(f"\ninput {number} ({name}, {kind}):\n{trace}")
    if total["failed"]:
        sys.exit(f"error: {total['failed']} inputs ended in something undocumented")


def row(name: str, counts: dict) -> str:
    read, refused, failed = (counts[key] for key in ("loaded", "refused", "failed"))
    return (f"{name:20}{read + refused + failed:8}{read:8}{refused:9}{failed:8}"
            f"{counts['seconds']:9.1f}{1000 * counts['slowest']:8.0f} ms")  # fmt: skip


if __name__ == "__main__":
    main()
