"""Scores both cells under each pooling, and the simple models, on one set of each family.

    python benchmarks/readout/scores.py PART [--datasets FOLDER] [--poolings None max ...]
                                     [--simple-only] [--core N --of M]

PART is a part of families.csv. Every score becomes a line of records.csv beside this file, which is
committed; what stands there is not run again. Seconds are those of the processor, on one core:
`--core 0 --of 2` and `--core 1 --of 2` share the sets between two processes.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "study"))
FAMILIES, RECORDS = (Path(__file__).with_name(name) for name in ("families.csv", "records.csv"))
FIELDS = ("data", "fold", "model", "score", "seconds", "epochs")
POOLINGS = ("None", "avg", "max", "concat")
N_FOLDS = 2  # of the five of the first repetition


def main() -> None:
    options = parse_options()
    if hasattr(os, "sched_setaffinity"):  # before TensorFlow counts the cores
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[options.core % len(cores)]})
    from cases import Library

    warnings.simplefilter("ignore")
    library = Library(options.datasets)
    names = [row["data"] for row in read(FAMILIES) if row["part"] == options.part]
    for i, name in enumerate(names):
        if i % options.of == options.core:
            run_set(library, name, options)


def run_set(library: Any, name: str, options: argparse.Namespace) -> None:
    """Append what is missing of one set."""
    from cases import CELLS, Case

    done = {(row["fold"], row["model"]) for row in read(RECORDS) if row["data"] == name}
    study_set, start = library.read(Case("default", name)), time.perf_counter()
    for fold, rows in enumerate(study_set.splits(0)[:N_FOLDS]):
        run = {model for number, model in done if number == str(fold)}
        for record in simple_records(study_set, rows, run):
            append({"data": name, "fold": fold, **record})
    if not options.simple_only:
        for pooling in options.poolings:
            for cell in CELLS:
                for fold, rows in enumerate(study_set.splits(0)[:N_FOLDS]):
                    model = f"{cell} {pooling}"
                    if (str(fold), model) not in done:
                        record = network_record(study_set, cell, pooling, *rows)
                        append({"data": name, "fold": fold, "model": model, **record})
    print(f"{name}: {time.perf_counter() - start:.0f} s", flush=True)


def network_record(study_set: Any, cell: str, pooling: str, train: Any, test: Any) -> dict:
    """Fit one network and return its score, with the seconds of the fit less what is compiled."""
    own = study_set.estimator(
        cell=cell, pooling=None if pooling == "None" else pooling, random_state=0
    )
    X, y, groups = study_set.X[train], study_set.y[train], study_set.fit_groups(train)
    study_set.estimator(**{**own.get_params(), "epochs": 1}).fit(X, y, groups=groups)
    start = time.process_time()
    own.fit(X, y, groups=groups)
    seconds = time.process_time() - start
    score = own.score(study_set.X[test], study_set.y[test])
    return {"score": f"{score:.5f}", "seconds": f"{seconds:.3f}", "epochs": own.n_epochs_}


def simple_records(study_set: Any, rows: Any, done: set[str]) -> Iterator[dict]:
    """Yield the scores of the simple models on one fold."""
    import numpy as np

    from rnnselect.advice.baseline import affordable_baselines, make_baselines, score_baseline

    batch, y = study_set.batch(), study_set.y
    equal_lengths = bool((batch.lengths == batch.max_length).all())
    models = make_baselines(study_set.profile(), equal_lengths=equal_lengths)
    parts = [(batch.rows(np.searchsorted(study_set.used, part)), y[part]) for part in rows]
    for each in affordable_baselines(models, None)[0]:
        if each.name not in done:
            start = time.process_time()
            score = score_baseline(each, *parts, lambda model, X, y: model.score(X, y))
            seconds = time.process_time() - start
            yield {"model": each.name, "score": f"{score:.5f}", "seconds": f"{seconds:.3f}"}


def read(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def append(record: dict[str, Any]) -> None:
    is_new = not RECORDS.exists()
    with RECORDS.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
        if is_new:
            writer.writeheader()
        writer.writerow(record)


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", choices=("choose", "judge", "locked"))
    parser.add_argument("--datasets", type=Path, default=Path("../shared/datasets"))
    parser.add_argument("--poolings", nargs="+", choices=POOLINGS, default=POOLINGS)
    parser.add_argument("--simple-only", action="store_true")
    parser.add_argument("--core", type=int, default=0)
    parser.add_argument("--of", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
