"""Kills races with kill -9, and counts what is lost, what counts twice, and what is told wrong.

    python benchmarks/faults/kills.py [--kills N] [--seed S]

Races of two tiny networks run with a checkpoint, each in a process of its own, and are killed: most
at a random moment, every fourth as soon as a file is being written. A race that comes to its end
says what it has found, beside what the same race finds undisturbed; then the next one begins. What
was done is kept in results/, and the same command goes on from there.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
import time
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import racer
from racer import N_FITS, N_TEST

import rnnselect.recurrent.compiled
import rnnselect.recurrent.probe  # noqa: F401 -- imported once, for all races
from rnnselect.comparison.checkpoint import SUFFIX
from rnnselect.comparison.fit_file import read_fit

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results"
# A process is killed after at most so many of a race's 80 fits, and a part of the next one.
MOST_FITS = 12
FIRST_FIT_SECONDS = 0.5
AIMED_EVERY = 4
POLL_SECONDS = 2e-4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=50, help="how many (50)")
    parser.add_argument("--seed", type=int, default=0, help="of the moments and of the races (0)")
    options = parser.parse_args()
    state_path = RESULTS / f"kills-{options.seed}.json"
    state = read_state(state_path)
    while state["kills"] < options.kills or state["reported"]:
        race = len(state["races"])
        folder = RESULTS / f"checkpoint-{options.seed}-{race}"
        random = np.random.default_rng([options.seed, state["kills"]])
        killed = run(folder, 1000 * options.seed + race, random, state, options.kills)
        check_files(folder, state)
        write_state(state_path, state)
        print(
            f"{state['kills']} kills, {len(state['races'])} races ended, "
            f"{len(list(folder.glob(f'*{SUFFIX}')))} of {N_FITS} fits kept"
            + (f" ({killed})" if killed else ""),
            flush=True,
        )
    report(state)


def run(folder: Path, seed: int, random, state: dict, n_kills: int) -> str | None:
    """Run one process until it ends or is killed; return how it was killed."""
    kill = state["kills"] < n_kills
    aimed = kill and state["kills"] % AIMED_EVERY == AIMED_EVERY - 1
    reading, writing = os.pipe()
    # A copy of this process has imported TensorFlow already, which takes longer than a race.
    process = get_context("fork").Process(target=racer.race, args=(str(folder), seed, writing))
    process.start()
    os.close(writing)
    told = Told(reading)
    if kill:
        pause = told.wait(int(random.integers(0, MOST_FITS + 1))) * random.uniform()
        told.ended.wait(pause)
        while aimed and process.is_alive() and not any(folder.glob(".*.tmp")):
            time.sleep(POLL_SECONDS)
        process.kill()
    process.join()
    told.listener.join()
    if process.exitcode not in (0, -9):
        sys.exit("error: a race has failed")
    for step in told.steps:
        if step["step"] == "kept":
            state["run_again"] += step["fit"] in state["reported"]
            state["reported"].append(step["fit"])
        elif step["step"] == "done":
            note_end(step, state)
    if process.exitcode == 0:
        return None
    state["kills"] += 1
    state["aimed"] += aimed
    for path in folder.glob(".*.tmp"):  # each is counted once
        state["half_written"] += 1
        path.unlink()
    return "while a file was being written" if aimed else "at a random moment"


class Told:
    """What a process says, from its first line to its end."""

    def __init__(self, pipe: int) -> None:
        self.steps: list[dict] = []
        self.ended = threading.Event()
        self._said = threading.Condition()
        self.listener = threading.Thread(target=self._listen, args=(pipe,))
        self.listener.start()

    def wait(self, n_fits: int) -> float:
        """Wait for some fits, or the end; return about how many seconds a fit takes."""
        with self._said:
            self._said.wait_for(lambda: self.steps or self.ended.is_set())
            start = time.monotonic()
            self._said.wait_for(lambda: len(self.steps) > n_fits or self.ended.is_set())
        return (time.monotonic() - start) / n_fits if n_fits else FIRST_FIT_SECONDS

    def _listen(self, pipe: int) -> None:
        with open(pipe, "rb") as lines:
            for line in lines:
                if line.endswith(b"\n"):  # the last one may have been cut
                    with self._said:
                        self.steps.append(json.loads(line))
                        self._said.notify_all()
        with self._said:
            self.ended.set()
            self._said.notify_all()


def note_end(step: dict, state: dict) -> None:
    found, undisturbed = step["found"], step["undisturbed"]
    splits = [(pair["repetition"], pair["fold"]) for pair in found["pairs"]]
    state["races"].append(
        {
            "equal": found == undisturbed,
            "pairs": len(splits),
            "twice": len(splits) - len(set(splits)),
            "missing": len(undisturbed["pairs"]) - len(set(splits)),
            "warnings": step["warnings"],
        }
    )
    state["reported"] = []


def check_files(folder: Path, state: dict) -> None:
    """Read all files as a race would, and miss those that it had reported."""
    there = []
    for path in folder.glob(f"*{SUFFIX}"):
        content = path.read_bytes()
        try:
            read_fit(content, path.name.removesuffix(SUFFIX), N_TEST)
        except ValueError as error:
            state["damaged"].append(f"{path.name}: {error}")
            continue
        fit = json.loads(content)["fit"]
        there.append([fit["split"], fit["candidate"]])
    state["lost"] += sum(fit not in there for fit in state["reported"])


def read_state(path: Path) -> dict:
    if path.exists():
        return json.loads(path.read_text())
    RESULTS.mkdir(exist_ok=True)
    return {
        "kills": 0, "aimed": 0, "half_written": 0, "lost": 0, "run_again": 0, "damaged": [],
        "reported": [], "races": [],
    }  # fmt: skip


def write_state(path: Path, state: dict) -> None:
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(state, indent=1))
    os.replace(temporary, path)


def report(state: dict) -> None:
    races = state["races"]
    misread = len(state["damaged"]) + sum(len(race["warnings"]) for race in races)
    unequal = sum(not race["equal"] for race in races)
    lost = state["lost"] + sum(race["missing"] for race in races)
    twice = state["run_again"] + sum(race["twice"] for race in races)
    print(
        f"\n{state['kills']} kills ({state['aimed']} while a file was being written) in "
        f"{len(races)} races of {sum(race['pairs'] for race in races)} pairs\n"
        f"finished fits or pairs lost            {lost}\n"
        f"fits or pairs run or counted twice     {twice}\n"
        f"files that a kill left half written    {state['half_written']}\n"
        f"half-written files read                {misread}\n"
        f"recommendations unlike undisturbed     {unequal}"
    )
    if lost or twice or misread or unequal:
        sys.exit("error: the promise is broken")


if __name__ == "__main__":
    main()
