"""Calls the advisor with budgets of all sizes on real data, and says how late it came back.

    python benchmarks/budgets/run.py [--datasets FOLDER] [--calls 100] [--resume] [--only PATTERN]
                                     [--hogs 2]

Half of the calls come from a process that has not imported TensorFlow (20 to 60 s), half from one
that has trained on the set before (2 to 60 s); half of each run beside two processes that only
count (`--hogs 0` where the machine is busy anyway; `--only busy` makes these calls alone). `fit`
and `recommend` take turns. Every call is appended to results/calls.jsonl as soon as it is over, so
that `--resume` goes on where a run was stopped. The data are those of
`benchmarks/real_input/compare.py`.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "real_input"))

import compare  # noqa: E402 -- found by the line above

RESULTS = HERE / "results" / "calls.jsonl"
SETS = (*compare.DEFAULT_SETS, "ucr_ItalyPowerDemand", "text_SNIPS")
COLD_SECONDS, WARM_SECONDS = (20.0, 60.0), (2.0, 60.0)
# The promises: late by at most 5 % or half a second, and by 2 % in 99 of 100 calls.
ALLOWED_SHARE, ALLOWED_SECONDS, P99_SHARE = 0.05, 0.5, 0.02
TIMEOUT_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the advisor.

    Parameters
    ----------
    number : int
        Which one.
    name : str
        Of the data set.
    method : {"fit", "recommend"}
    warm : bool
        Whether a race without a budget goes before it in the same process.
    hogs : bool
        Whether two other processes keep the processor busy.
    budget_seconds : float
    """

    number: int
    name: str
    method: str
    warm: bool
    hogs: bool
    budget_seconds: float

    def __str__(self) -> str:
        state = f"{'warm' if self.warm else 'cold'}{', busy' if self.hogs else ''}"
        return f"{self.number:3d} {self.name}, {self.method}, {state}, {self.budget_seconds:.1f} s"


def calls(n: int) -> Iterator[Call]:
    """Draw the calls; the same ones whenever they are asked for."""
    rng = np.random.default_rng(0)
    for number in range(n):
        warm, hogs, fit = (bool(number >> bit & 1) for bit in range(3))
        shortest, longest = WARM_SECONDS if warm else COLD_SECONDS
        seconds = math.exp(rng.uniform(math.log(shortest), math.log(longest)))
        method = "fit" if fit else "recommend"
        yield Call(number, SETS[number % len(SETS)], method, warm, hogs, seconds)


def run_call(folder: Path, call: Call) -> dict:
    """Make one call in this process; return what became of it."""
    from rnnselect import RNNAdvisor, RNNClassifier, RNNRegressor
    from rnnselect.exceptions import BudgetTooSmallError

    data = compare.load(folder, call.name)
    X, y, groups = compare.take(data["X"], data["train"]), data["y"][data["train"]], data["groups"]
    options = {}
    if data["kind"] == "tokens":
        size = 1 + max(int(x.max()) for x in data["X"])
        options = {"embedding_dim": compare.EMBEDDING_DIM, "vocabulary_size": size}
    network = (RNNClassifier if data["task"] == "classification" else RNNRegressor)(**options)
    groups = None if groups is None else groups[data["train"]]
    if call.warm:
        shorter = network.__class__(**options, epochs=2, early_stopping=True)
        RNNAdvisor(shorter, cv=2, random_state=0).fit(X, y, groups=groups)
    advisor = RNNAdvisor(network, budget=call.budget_seconds, random_state=0)
    start, refused = time.perf_counter(), None
    try:
        getattr(advisor, call.method)(X, y, groups=groups)
    except BudgetTooSmallError as error:
        refused = error.smallest_useful_seconds
    seconds = time.perf_counter() - start
    found = getattr(advisor, "recommendation_", None)
    return {
        **asdict(call),
        "seconds": seconds,
        "refused": refused,
        "n_pairs": len(found.pairs) if found else 0,
        "stop_reason": str(found.stop_reason) if found else None,
        "load": os.getloadavg()[0],
    }


@contextmanager
def busy_machine(n_hogs: int) -> Iterator[None]:
    """Keep the processor busy meanwhile."""
    count = [sys.executable, "-c", "while True: pass"]
    hogs = [subprocess.Popen(count) for _ in range(n_hogs)]
    try:
        yield
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()


def in_own_process(folder: Path, call: Call, n_hogs: int) -> dict:
    """Make one call in a fresh process."""
    command = [
        sys.executable,
        __file__,
        "--datasets",
        str(folder),
        "--one",
        json.dumps(asdict(call)),
    ]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    with busy_machine(n_hogs * call.hogs):
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=TIMEOUT_SECONDS,
            check=False,
        )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{call} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def summary(records: list[dict]) -> str:
    """Return a table: how late calls came back, in seconds and as a share of the budget."""
    lines = [
        "| calls | n | refused | late by more than allowed | p99 | latest |",
        "|---|---|---|---|---|---|",
    ]
    kinds = {
        "all": lambda record: True,
        "cold, idle": lambda record: not record["warm"] and not record["hogs"],
        "cold, busy": lambda record: not record["warm"] and record["hogs"],
        "warm, idle": lambda record: record["warm"] and not record["hogs"],
        "warm, busy": lambda record: record["warm"] and record["hogs"],
    }
    for kind, belongs in kinds.items():
        chosen = [record for record in records if belongs(record)]
        if not chosen:
            continue
        budgets = np.array([record["budget_seconds"] for record in chosen])
        late = np.array([record["seconds"] for record in chosen]) - budgets
        allowed = np.maximum(ALLOWED_SHARE * budgets, ALLOWED_SECONDS)
        refused = sum(record["refused"] is not None for record in chosen)
        p99 = 100 * np.quantile(late / budgets, 0.99)
        worst = int(np.argmax(late / budgets))
        lines.append(
            f"| {kind} | {len(chosen)} | {refused} | {int(np.sum(late > allowed))} | {p99:.1f} % | "
            f"{late[worst]:.2f} s of {budgets[worst]:.1f} s |"
        )
    return "\n".join(lines)


def main() -> None:
    """Make the calls that are missing, and print the table of all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--datasets", type=Path, default=Path("../shared/datasets"))
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--resume", action="store_true", help="keep the calls made before")
    parser.add_argument("--only", default="", metavar="PATTERN", help="calls whose line matches")
    parser.add_argument("--hogs", type=int, default=2, help="processes that only count (2)")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(run_call(options.datasets, Call(**json.loads(options.one)))))
        return
    records = []
    if options.resume and RESULTS.exists():
        records = [json.loads(line) for line in RESULTS.read_text().splitlines()]
    else:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text("")
    made = {record["number"] for record in records}
    for call in calls(options.calls):
        if call.number in made or not re.search(options.only, str(call)):
            continue
        record = in_own_process(options.datasets, call, options.hogs)
        records.append(record)
        with RESULTS.open("a") as file:
            file.write(json.dumps(record) + "\n")
        print(f"{call}: {record['seconds']:.2f} s, {record['n_pairs']} pairs", flush=True)
    print(f"\nPromised: late by at most 5 % or 0.5 s, 99 of 100 calls by {P99_SHARE:.0%}.\n")
    print(summary(records))


if __name__ == "__main__":
    main()
