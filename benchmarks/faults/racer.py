"""A race with a checkpoint, in a process that is there to be killed; it tells what it has done."""

from __future__ import annotations

import json
import os
import warnings
from dataclasses import asdict

from sklearn.datasets import load_digits
from sklearn.model_selection import RepeatedStratifiedKFold

from rnnselect import RNNAdvisor, RNNClassifier
from rnnselect.comparison.checkpoint import Checkpoint
from rnnselect.comparison.progress import watching
from rnnselect.exceptions import CheckpointWarning

N_SAMPLES, N_FOLDS, N_REPEATS = 400, 5, 8
N_FITS = 2 * N_FOLDS * N_REPEATS
N_TEST = N_SAMPLES // N_FOLDS


def recommend(folder: str | None, seed: int) -> dict:
    X, y = load_digits(return_X_y=True)
    advisor = RNNAdvisor(
        RNNClassifier(units=8, epochs=8),
        cv=RepeatedStratifiedKFold(n_splits=N_FOLDS, n_repeats=N_REPEATS, random_state=seed),
        min_gain=0.0,
        baseline=False,
        checkpoint=folder,
        random_state=seed,
    )
    found = advisor.recommend(X[:N_SAMPLES].reshape(-1, 8, 8), y[:N_SAMPLES])
    pairs = [asdict(pair) for pair in found.pairs]
    for pair in pairs:
        del pair["seconds"]
    said = found.to_dict()
    names = ("cell", "verdict", "stop_reason", "scores", "beliefs", "probabilities", "gap_points")
    return {**{name: said[name] for name in names}, "pairs": pairs}


def race(folder: str, seed: int, pipe: int) -> None:
    """Race, and write a line of JSON for each step into a pipe.

    "race" when the first fit may begin, "kept" for each fit whose file is in its place, and "done"
    with what the race has found, beside what one without a checkpoint finds.
    """

    def tell(step: str, **facts) -> None:
        os.write(pipe, (json.dumps({"step": step, **facts}) + "\n").encode())

    def keep_and_tell(self, k, cell, fit, *, keep=Checkpoint.keep) -> None:
        keep(self, k, cell, fit)
        tell("kept", fit=[k, cell])

    def watch(progress) -> None:
        if progress.stage == "plan":
            tell("race")

    Checkpoint.keep = keep_and_tell
    with warnings.catch_warnings(record=True) as caught, watching(watch):
        warnings.simplefilter("always", CheckpointWarning)
        found = recommend(folder, seed)
    said = [str(each.message) for each in caught if each.category is CheckpointWarning]
    tell("done", found=found, undisturbed=recommend(None, seed), warnings=said)
