"""Draws which families of data sets may choose a default, which judge it, and which stay locked.

    python benchmarks/readout/families.py --datasets FOLDER

Writes families.csv beside this file, which is committed: a quarter of the families, stratified by
kind of data, chooses nothing before the study is repeated; the others are two halves. Each family
has one set: the cheapest one with enough samples, by rows times time steps.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "study"))
from cases import Library
from reading import MAX_LENGTH
from sets import Entry

FAMILIES = Path(__file__).with_name("families.csv")
SEED = 20261130
# Dealt in turn to the shuffled families of each kind: a quarter locked, the rest in halves.
TURNS = ("locked", "choose", "judge", "choose", "locked", "judge", "choose", "judge")
MIN_SAMPLES = 150  # a smaller set is taken only where its family has no larger one


def kind_of(entry: Entry) -> str:
    """Return the stratum of a set: what a rule for a default may look at."""
    if entry.kind in ("text", "symbolic", "built-in"):
        return entry.kind
    if entry.topic == "forecasting":
        return "forecast"
    return f"{entry.kind} {entry.task}"


def drawn(families: dict[str, str], seed: int = SEED) -> dict[str, str]:
    """Return the part of each family, by its kind."""
    by_kind = defaultdict(list)
    for family, kind in sorted(families.items()):
        by_kind[kind].append(family)
    random = np.random.default_rng(seed)
    dealt = [family for kind in sorted(by_kind) for family in random.permutation(by_kind[kind])]
    return {str(family): TURNS[i % len(TURNS)] for i, family in enumerate(dealt)}


def cheapest(entries: list[Entry], steps: dict[str, tuple[int, int]]) -> Entry:
    """Return the set of a family with the fewest time steps in all, among those large enough."""
    large = [entry for entry in entries if steps[entry.name][0] >= MIN_SAMPLES]
    if not large:
        return max(entries, key=lambda entry: steps[entry.name])
    return min(large, key=lambda entry: (np.prod(steps[entry.name]), entry.name))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--datasets", type=Path, default=Path("../shared/datasets"))
    folder = parser.parse_args().datasets
    with (folder / "index.csv").open(newline="", encoding="utf-8") as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    steps = {
        name: (int(row["n"]), min(int(row["T_median"]), MAX_LENGTH)) for name, row in rows.items()
    }
    members = defaultdict(list)
    for entry in Library(folder).entries.values():
        if not entry.left_out:
            members[entry.family].append(entry)
            steps.setdefault(entry.name, (1000, 50))  # the built-in ones are made of this size
    kinds = {family: kind_of(entries[0]) for family, entries in members.items()}
    parts = drawn(kinds)
    with FAMILIES.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("family", "kind", "part", "data", "task"))
        for family in sorted(parts, key=lambda family: (parts[family], kinds[family], family)):
            entry = cheapest(members[family], steps)
            writer.writerow((family, kinds[family], parts[family], entry.name, entry.task))


if __name__ == "__main__":
    main()
