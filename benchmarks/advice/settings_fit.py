"""Fits the prior of the gap between networks that differ in another setting than the cell.

    python benchmarks/advice/settings_fit.py

The study's part `variants` trained both cells with one setting changed, on the folds and with the
seeds of the first repetition of its default part. The gap of a set and cell is what the change
made; families are counted once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np
from page import Section, show
from prior_model import SCALES_POINTS, log_likelihood
from records import (
    CELLS,
    N_FOLDS,
    RecordedSet,
    default_files,
    newest,
    read_records,
    read_sets,
)
from truth import NOISE_SHAPE, ROPE_POINTS, Gap, fold_variance

from rnnselect.advice.posterior import update
from rnnselect.advice.prior import NoisePrior, Prior

# What a `param_grid` is likely to hold. The others are kinds of training that the study tried.
USUAL = ("units_16", "units_64", "bidirectional")

Effect = tuple[str, str, Gap]  # setting, family, gap


def effects(sets: Iterable[RecordedSet], records: Iterable[dict[str, Any]]) -> list[Effect]:
    """Return what each change made, for each set and cell with all folds."""
    changed: dict[tuple[str, str], dict[int, dict[str, float]]] = defaultdict(dict)
    for record in records:
        _, name, setting = record["case"].split("/")
        if "error" not in record and record["repetition"] == 0:
            changed[name, setting][record["fold"]] = record["points"]
    found = []
    for each in sets:
        if each.learns_nothing or 0 not in each.repetitions:
            continue
        for (name, setting), points in sorted(changed.items()):
            if name == each.name and len(points) == N_FOLDS:
                found += [(setting, each.family, _gap(each, points, cell)) for cell in CELLS]
    return found


def _gap(each: RecordedSet, points: dict[int, dict[str, float]], cell: str) -> Gap:
    """Return the gap, with the noise of its own folds, held as firmly as that of a race."""
    usual = {pair.fold: pair.points[cell] for pair in each.repetitions[0]}
    differences = [points[fold][cell] - usual[fold] for fold in range(N_FOLDS)]
    noise = update(
        Prior(1.0),
        NoisePrior(max(fold_variance(each, [0]), 1e-6), NOISE_SHAPE),
        differences,
        n_folds=N_FOLDS,
        rope_points=ROPE_POINTS,
    ).noise_variance_points2
    return Gap(float(np.mean(differences)), noise / N_FOLDS)


def fitted_scale(found: list[Effect]) -> float:
    """Return the most likely scale of a t with 3 degrees of freedom, each family counted once."""
    n_of_family: dict[str, int] = defaultdict(int)
    for _, family, _ in found:
        n_of_family[family] += 1
    weights = np.array([1 / n_of_family[family] for _, family, _ in found])
    table = [[log_likelihood(gap, Prior(scale)) for scale in SCALES_POINTS] for *_, gap in found]
    return float(SCALES_POINTS[np.argmax(weights @ np.array(table))])


def sections(sets: Iterable[RecordedSet]) -> list[Section]:
    """Return the scale of each change, and of those that a `param_grid` is likely to hold."""
    path = newest("variants")
    found = effects(sets, read_records([path] if path else []))
    if not found:
        return []
    groups = {name: (name,) for name in sorted({effect[0] for effect in found})}
    groups["units and bidirectional together"] = USUAL
    rows = []
    for name, settings in groups.items():
        own = [effect for effect in found if effect[0] in settings]
        median = float(np.median([abs(gap.points) for *_, gap in own]))
        families = len({family for _, family, _ in own})
        rows.append([name, f"{fitted_scale(own):.2f}", f"{median:.2f}", str(len(own)),
                     str(families)])  # fmt: skip
    return [
        Section(
            "Between other settings",
            "What changing one setting made, against the default of the same cell on the same five "
            "folds: scale of a t with 3 degrees of freedom by maximum likelihood, families counted "
            "once, and the median size of the measured gap, noise included.",
            ("changed", "scale, points", "median gap, points", "sets and cells", "families"),
            rows,
        )
    ]


if __name__ == "__main__":
    show(sections(read_sets(default_files())))
