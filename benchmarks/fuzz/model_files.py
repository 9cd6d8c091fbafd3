"""Loads damaged model files: an estimator or `ModelFileError`, never anything else, and no hang.

    python benchmarks/fuzz/model_files.py [--inputs N] [--seed S] [--resume] [--predictions N]

Input number i depends on the seed and on i alone, so that a run that was stopped goes on with
--resume, and a failure can be repeated: its file is kept in results/. What loads is saved again,
and some of it has to predict, or to say why not.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
from attempts import attempt
from mutations import mutate
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from rnnselect import load, save

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results"
FILES = HERE.parents[1] / "tests" / "persistence" / "files" / "version_1"
INPUTS_PER_ENTRY = 500


def main() -> None:
    options = parse_options()
    originals = {path.stem: path.read_bytes() for path in sorted(FILES.glob("*.rnnselect"))}
    inputs = json.loads((FILES / "expected.json").read_text())
    state = read_state(options)
    warnings.simplefilter("ignore")
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    loaded = []
    start, kilobytes = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with tempfile.TemporaryDirectory() as folder, Progress(*columns) as progress:
        path = Path(folder) / "input.rnnselect"
        bar = progress.add_task("loading", total=options.inputs, completed=state["next"])
        for number in range(state["next"], options.inputs):
            name, kind, content = damaged(originals, options.seed, number)
            path.write_bytes(content)
            outcome = attempt(lambda: save(load(path), path))
            count(state, kind, outcome, number, content)
            if outcome == "loaded":
                loaded.append((number, name))
            if (number + 1) % INPUTS_PER_ENTRY == 0 or number + 1 == options.inputs:
                state["next"] = number + 1
                state["seconds"] += time.monotonic() - start
                start = time.monotonic()
                write_state(state, options)
                progress.update(bar, completed=number + 1)
        growth = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - kilobytes
        predict(loaded, originals, inputs, path, state, options, progress)
    write_state(state, options)
    report(state, growth)


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--inputs", type=int, default=100_000, help="how many files (100,000)")
    parser.add_argument("--seed", type=int, default=0, help="of the damage (0)")
    parser.add_argument("--resume", action="store_true", help="go on where this seed has stopped")
    parser.add_argument("--predictions", type=int, default=100, help="of loaded ones (100)")
    return parser.parse_args()


def damaged(originals: dict[str, bytes], seed: int, number: int) -> tuple[str, str, bytes]:
    """Return the name of a valid file, the kind of damage, and what is left of the file."""
    random = np.random.default_rng([seed, number])
    name = str(random.choice(list(originals)))
    return name, *mutate(originals[name], random)


def count(state: dict, kind: str, outcome: str, number: int, content: bytes) -> None:
    """Note an outcome; a failure's file is kept."""
    if outcome not in ("loaded", "refused"):
        (RESULTS / f"failure-{state['seed']}-{number}.rnnselect").write_bytes(content)
        state["failures"].append([number, kind, outcome])
        outcome = "failed"
    counts = state["counts"].setdefault(kind, {})
    counts[outcome] = counts.get(outcome, 0) + 1


def predict(loaded, originals, inputs, path, state, options, progress) -> None:
    """Let some of the loaded estimators predict; a ValueError says why not."""
    every = max(1, len(loaded) // max(1, options.predictions))
    chosen = loaded[::every][: options.predictions]
    for number, name in progress.track(chosen, description="predicting"):
        _, _, content = damaged(originals, options.seed, number)
        path.write_bytes(content)
        estimator, X = load(path), inputs[name]["X"]
        if not isinstance(X[0], str):
            ragged = len({len(x) for x in X}) > 1
            X = [np.array(x) for x in X] if ragged else np.array(X)
        try:
            estimator.predict(X)
        except ValueError:
            state["predictions"]["refused"] += 1
        except Exception:
            count(state, "prediction", traceback.format_exc(), number, content)
        else:
            state["predictions"]["made"] += 1


def read_state(options: argparse.Namespace) -> dict:
    path = RESULTS / f"model_files-{options.seed}.json"
    if options.resume and path.exists():
        return json.loads(path.read_text())
    RESULTS.mkdir(exist_ok=True)
    predictions = {"made": 0, "refused": 0}
    return {
        "seed": options.seed, "next": 0, "seconds": 0.0, "counts": {}, "failures": [],
        "predictions": predictions,
    }  # fmt: skip


def write_state(state: dict, options: argparse.Namespace) -> None:
    path = RESULTS / f"model_files-{options.seed}.json"
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(state, indent=1))
    os.replace(temporary, path)


def report(state: dict, growth_kilobytes: int) -> None:
    total = Counter()
    print(f"{'damage':14}{'loaded':>9}{'refused':>9}{'failed':>8}")
    for kind, counts in sorted(state["counts"].items()):
        total.update(counts)
        row = [counts.get(outcome, 0) for outcome in ("loaded", "refused", "failed")]
        print(f"{kind:14}{row[0]:9}{row[1]:9}{row[2]:8}")
    print(f"{state['next']} inputs in {state['seconds']:.0f} s, seed {state['seed']}.")
    print(f"Of those that loaded, {state['predictions']['made']} predicted and "
          f"{state['predictions']['refused']} said why not.")  # fmt: skip
    print(f"Loading raised the peak of resident memory by {growth_kilobytes / 1024:.0f} MB.")
    for number, kind, trace in state["failures"][:5]:
        print(f"\ninput {number} ({kind}):\n{trace}")
    if total["failed"]:
        sys.exit(f"error: {total['failed']} inputs ended in something undocumented")


if __name__ == "__main__":
    main()
