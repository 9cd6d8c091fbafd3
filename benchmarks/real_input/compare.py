"""Runs the advisor with one budget on real data sets of different kinds, and prints a table.

    python benchmarks/real_input/compare.py --datasets FOLDER [--budget 60] [NAME ...]

FOLDER holds one ``NAME.npz`` a set: ``X`` (n_samples, n_timesteps, n_channels) with NaN rows as
padding, or ``text_utf8`` and ``text_offsets`` with ``level`` (``word`` or ``char``); ``y``,
``task``; and optionally ``test_mask`` and ``groups``. Each set runs in a process of its own, so
that importing TensorFlow and compiling count every time.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import numpy as np

# Kinds: univariate, multivariate, ragged, text as word ids, symbols as character ids, regression.
DEFAULT_SETS = (
    "ucr_ECG5000",
    "ucr_SwedishLeaf",
    "uea_NATOPS",
    "mv_SpokenDigitsMFCC",
    "text_TREC6",
    "sym_splice",
    "sym_ESOL",
    "fc_SunspotsMonthly",
)
MAX_SAMPLES = 3000
MAX_LENGTH = 400
TEST_SHARE = 0.25
EMBEDDING_DIM = 32
COLUMNS = (
    "set", "kind", "n", "T", "action", "verdict", "cell", "p_gru", "p_equivalent", "p_lstm",
    "pairs", "predicted_s", "actual_s", "refit_s", "call_s", "cv_score", "cv_baseline",
    "test_score",
)  # fmt: skip


def load(folder: Path, name: str) -> dict:
    """Return X, y, task, kind, groups and test_mask of one set, capped in samples and length."""
    with np.load(folder / f"{name}.npz", allow_pickle=False) as archive:
        data = {key: archive[key] for key in archive.files}
    y, task = data["y"], str(data["task"])
    if "text_utf8" in data:
        X, kind = tokens(data), "tokens"
    else:
        X, kind = numbers(data)
    mask = data.get("test_mask")
    if mask is None:
        mask = held_out(len(y), ordered=name.startswith("fc_"))
    # Windows of one series stay in order and are folded in blocks; all else is shuffled.
    groups = data.get("groups")
    if groups is None and name.startswith("fc_"):
        groups = np.arange(len(y)) * 20 // len(y)
    train = capped(np.flatnonzero(~mask))
    return {
        "X": X, "y": y, "task": task, "kind": kind, "groups": groups,
        "train": train, "test": np.flatnonzero(mask),
    }  # fmt: skip


def tokens(data: dict) -> list[np.ndarray]:
    """Return texts as ids of their words or characters, by first appearance; 0 is padding."""
    blob, ends = data["text_utf8"].tobytes(), data["text_offsets"]
    texts = [blob[a:b].decode() for a, b in pairwise(ends)]
    split = list if str(data["level"]) == "char" else str.split
    ids: dict[str, int] = {}
    return [
        np.array([ids.setdefault(token, len(ids) + 1) for token in split(text)[:MAX_LENGTH]] or [1])
        for text in texts
    ]


def numbers(data: dict) -> tuple[object, str]:
    """Return numeric sequences as a 3-D array, or as a list where their lengths differ."""
    X = data["X"][:, :MAX_LENGTH]
    lengths = np.minimum(data.get("lengths", np.full(len(X), X.shape[1])), MAX_LENGTH)
    if (lengths == X.shape[1]).all():
        return X, "univariate" if X.shape[2] == 1 else "multivariate"
    return [x[:length] for x, length in zip(X, lengths, strict=True)], "ragged"


def held_out(n: int, *, ordered: bool) -> np.ndarray:
    """Return a mask of test rows: the last ones of a series, else random ones."""
    if ordered:
        return np.arange(n) >= (1 - TEST_SHARE) * n
    return np.random.default_rng(0).random(n) < TEST_SHARE


def capped(rows: np.ndarray) -> np.ndarray:
    """Return at most `MAX_SAMPLES` rows, in order."""
    if len(rows) <= MAX_SAMPLES:
        return rows
    return np.sort(np.random.default_rng(0).choice(rows, MAX_SAMPLES, replace=False))


def take(X: object, rows: np.ndarray) -> object:
    """Return rows of an array or of a list of arrays."""
    return X[rows] if isinstance(X, np.ndarray) else [X[row] for row in rows]


def run_one(folder: Path, name: str, budget: float) -> dict:
    """Run the advisor on one set and return its row of the table."""
    from rnnselect import RNNAdvisor, RNNClassifier, RNNRegressor

    data = load(folder, name)
    X, y, train, test = data["X"], data["y"], data["train"], data["test"]
    options = {}
    if data["kind"] == "tokens":
        options = {
            "embedding_dim": EMBEDDING_DIM,
            "vocabulary_size": 1 + max(int(x.max()) for x in X),
        }
    network = (RNNClassifier if data["task"] == "classification" else RNNRegressor)(**options)
    advisor = RNNAdvisor(network, budget=budget, random_state=0)
    groups = None if data["groups"] is None else data["groups"][train]
    start = time.perf_counter()
    advisor.fit(take(X, train), y[train], groups=groups)
    call_seconds = time.perf_counter() - start
    advice = advisor.recommendation_
    profile = advice.plan.profile
    mean = {cell: float(np.mean(s)) for cell, s in advice.scores.items() if len(s)}
    baseline = advice.baseline_scores.get(advice.best_baseline, ())
    return {
        "set": name, "kind": data["kind"], "n": profile.n_samples, "T": profile.sequence_length,
        "action": advice.action, "verdict": str(advice.verdict), "cell": advice.cell,
        "p_gru": advice.probabilities["gru"], "p_equivalent": advice.probabilities["equivalent"],
        "p_lstm": advice.probabilities["lstm"], "pairs": len(advice.pairs),
        "predicted_s": advice.predicted_seconds.expected, "actual_s": advice.actual_seconds,
        "refit_s": advisor.refit_seconds_, "call_s": call_seconds,
        "cv_score": mean.get(advice.cell), "cv_baseline": float(np.mean(baseline)),
        "test_score": float(advisor.score(take(X, test), y[test])),
        "baseline": advice.best_baseline, "stop_reason": str(advice.stop_reason),
        "cell_seconds": advice.cell_seconds, "scores": advice.scores,
        "n_epochs": [pair.n_epochs for pair in advice.pairs],
    }  # fmt: skip


def main() -> None:
    """Run every set in a process of its own and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=list(DEFAULT_SETS))
    parser.add_argument("--datasets", type=Path, default=Path("../shared/datasets"))
    parser.add_argument("--budget", type=float, default=60.0)
    parser.add_argument("--out", type=Path, help="write the rows as JSON lines, too")
    parser.add_argument("--one", action="store_true", help="run one set in this process")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(run_one(options.datasets, options.names[0], options.budget)))
        return
    print(f"budget {options.budget:g} s; {platform.machine()}, {os.cpu_count()} cores")
    print("| " + " | ".join(COLUMNS) + " |\n|" + "---|" * len(COLUMNS))
    for name in options.names:
        row = in_own_process(options, name)
        cells = (f"{v:.2f}" if isinstance(v, float) else str(v) for v in map(row.get, COLUMNS))
        print("| " + " | ".join(cells) + " |", flush=True)
        if options.out:
            with options.out.open("a") as file:
                file.write(json.dumps(row) + "\n")


def in_own_process(options: argparse.Namespace, name: str) -> dict:
    """Run one set in a fresh process, without TensorFlow's start-up messages."""
    command = [
        sys.executable, __file__, name, "--one", "--datasets", str(options.datasets),
        "--budget", str(options.budget),
    ]  # fmt: skip
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
