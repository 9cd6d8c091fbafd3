"""Records like the study's, of races with known true gaps: they show that the harness works."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from rnnselect.advice.overlap import SHARED_NOISE

DISAGREEMENT = 0.2  # share of samples on which the cells differ in being right
N_CLASSES = 3


def write_records(path: Path, n_sets: int, n_repetitions: int = 6, *, seed: int = 0) -> list[float]:
    """Write the records of some sets, two to a family, and return their true gaps in points."""
    random = np.random.default_rng(seed)
    gaps = [float(0.8 * random.standard_t(3)) for _ in range(n_sets)]
    with path.open("w", encoding="utf-8") as file:
        for number, gap in enumerate(gaps):
            for row in synthetic_rows(number, gap, n_repetitions, random):
                file.write(json.dumps(row) + "\n")
    return gaps


def synthetic_rows(
    number: int, gap: float, n_repetitions: int, random: np.random.Generator
) -> Iterator[dict]:
    """Yield the records of one set; every third is a regression, every fourth has unused rows."""
    is_regression, n_unused = number % 3 == 2, 2000 if number % 4 == 0 else 0
    n_test = int(random.integers(100, 600))
    explained = 100**2 * DISAGREEMENT / n_test
    sd = np.sqrt(1.2 * explained)
    # As the package believes: a tenth of a pair's variance is shared by all repetitions.
    shared = np.sqrt(SHARED_NOISE / 5) * random.normal()
    for repetition in range(n_repetitions):
        noise = random.normal(size=5)
        own = np.sqrt((1 - SHARED_NOISE) / 5) * random.normal()
        for fold in range(5):
            seen = gap + sd * (shared + own + noise[fold] - noise.mean())
            yield {
                "case": f"default/set{number}/default", "repetition": repetition, "fold": fold,
                "kind": "univariate", "topic": "series_classification",
                "task": "regression" if is_regression else "classification",
                "family": f"family{number // 2}", "n_samples": 5 * n_test,
                "sequence_length": 50, "median_length": 50.0, "n_channels": 1 + number % 4,
                "n_classes": None if is_regression else N_CLASSES,
                "majority_share": None if is_regression else 0.4, "vocabulary_size": None,
                "n_fit": 4 * n_test, "n_test": n_test,
                "scores": {"gru": 0.7, "lstm": 0.7 + seen / 100},
                "points": {"gru": 70.0, "lstm": 70.0 + seen}, "dummy_points": 40.0,
                "noise_variance_points2": explained,
                "fits": {cell: _fit(n_test, random) for cell in ("gru", "lstm")},
                "compile_seconds": {"gru": 2.5, "lstm": 3.0},
                **(_unused(n_unused, gap, random, is_regression) if n_unused else {}),
            }  # fmt: skip


def _fit(n_test: int, random: np.random.Generator) -> dict:
    n_epochs = int(random.integers(30, 80))
    return {
        "fit_seconds": n_epochs * n_test * 1e-4, "score_seconds": 0.01, "n_epochs": n_epochs
    }  # fmt: skip


def _unused(n: int, gap: float, random: np.random.Generator, is_regression: bool) -> dict:
    """Return scores on unused rows, with answers that disagree about as often as they do."""
    draw = random.random(n)
    only_lstm = draw < DISAGREEMENT / 2 + gap / 200
    only_gru = draw > 1 - (DISAGREEMENT / 2 - gap / 200)
    right = {"gru": ~only_lstm, "lstm": ~only_gru}
    difference = 100 * float(right["lstm"].mean() - right["gru"].mean())
    answers = {
        cell: {"right": base64.b64encode(np.packbits(r).tobytes()).decode()}
        for cell, r in right.items()
    }
    return {
        "unused": {
            "n": n, "points": {"gru": 70.0, "lstm": 70.0 + difference},
            "noise_variance_points2": 100**2 * DISAGREEMENT / n,
            "answers": {} if is_regression else answers,
        }
    }  # fmt: skip
