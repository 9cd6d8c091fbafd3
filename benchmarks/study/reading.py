"""Reads the data sets of a folder in the form in which the study uses them.

The folder holds ``index.csv`` (name, kind, task, family, n, dup_frac, note ...), one ``NAME.npz``
a set, and ``load.py``, whose ``load(name)`` reads one. What was decided about single sets by hand
stands in ``decisions.csv`` beside this file, the rules for all of them here.
"""

from __future__ import annotations

import csv
import re
import runpy
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
from sets import Entry, StudySet, pooled

from rnnselect.preprocessing.tokenizer import SequenceTokenizer
from rnnselect.sequences.ragged import ragged

DECISIONS = Path(__file__).with_name("decisions.csv")
MAX_SAMPLES = 3000  # of a comparison; the rows beyond it score its networks once more
MAX_LENGTH = 400  # time steps
# Samples times their median length: 1,200 series of 100 steps, 300 of 400. Without it a quarter of
# the sets would take half of the time.
MAX_STEPS = 120_000
# Ten times the test part of a fold: more would hardly lower the noise. A few would add to it.
MAX_UNUSED, MIN_UNUSED = 6000, 150
MAX_TOKENS, EMBEDDING_DIM = 5000, 32
# Fewer samples leave test parts of fewer than eight.
MIN_SAMPLES = 40
MIN_CLASS = 5  # samples of a class; smaller classes are dropped
# No split can keep the copies of a row together where most rows are copies.
MAX_DUPLICATES = 0.5
TOPICS = {"text": "text_classification", "symbolic": "symbols"}


def read_entries(folder: Path) -> list[Entry]:
    """Return all sets of the folder's index, with the decisions about them."""
    with (folder / "index.csv").open(newline="", encoding="utf-8") as file:
        return [_entry(row) for row in csv.DictReader(file)]


def read_set(folder: Path, entry: Entry) -> StudySet:
    """Read one set: cut to size, without copies of rows, with what the cap leaves unused."""
    data = _loader(folder)(entry.name, folder)
    y, network = data["y"], {}
    if "texts" in data:
        split = list if data["level"] == "char" else lambda text: text.lower().split()
        tokenizer = SequenceTokenizer(analyzer=split, max_tokens=MAX_TOKENS, max_length=MAX_LENGTH)
        X = tokenizer.fit_transform(data["texts"])
        size = tokenizer.vocabulary_size_
        network = {"embedding_dim": EMBEDDING_DIM, "vocabulary_size": size}
    else:
        X = _pooled_to(data["X"], data.get("lengths"), MAX_LENGTH)
    kept = np.arange(len(y))
    if entry.window_gap is None:
        kept = kept[_first_of_copies(X)]
        kept = kept[_in_classes(y[kept], entry.task)]
    X, y = X[kept], y[kept]
    groups = data["groups"][kept] if "groups" in data else None
    n_used = min(MAX_SAMPLES, int(MAX_STEPS / np.median([len(x) for x in X])))
    used, unused = _within_cap(entry, y, groups, n_used)
    unused = unused if len(unused) >= MIN_UNUSED else unused[:0]
    return StudySet(entry, X, y, used, unused, groups, network)


@cache
def _loader(folder: Path) -> Callable[..., dict]:
    return runpy.run_path(str(folder / "load.py"))["load"]


@cache
def _decisions() -> dict[str, dict[str, str]]:
    with DECISIONS.open(newline="", encoding="utf-8") as file:
        return {row.pop("name"): row for row in csv.DictReader(file)}


def _entry(row: dict[str, str]) -> Entry:
    decided = _decisions().get(row["name"], {})
    window = re.search(r"windows of one series, T=(\d+), horizon=(\d+), stride=(\d+)", row["note"])
    gap = int(decided.get("window_gap") or 0) or None
    if window:
        length, horizon, stride = map(int, window.groups())
        gap = -(-(length + horizon) // stride)
    topic = TOPICS.get(row["kind"], "series_classification")
    return Entry(
        name=row["name"],
        kind=row["kind"],
        task=row["task"],
        family=decided.get("family") or row["family"],
        topic=decided.get("topic") or ("forecasting" if window else topic),
        window_gap=gap,
        left_out=decided.get("left_out") or _left_out_by_rule(row),
    )


def _left_out_by_rule(row: dict[str, str]) -> str:
    if int(row["n"]) < MIN_SAMPLES:
        return f"fewer than {MIN_SAMPLES} samples"
    if float(row["dup_frac"] or 0) > MAX_DUPLICATES:
        return f"{float(row['dup_frac']):.0%} of the rows are copies of others"
    return ""


def _pooled_to(X: np.ndarray, lengths: np.ndarray | None, longest: int) -> np.ndarray:
    """Average neighbouring steps where there are more than `longest`, the same number in all."""
    factor = -(-X.shape[1] // longest)
    if lengths is None or (lengths == X.shape[1]).all():
        return X if factor == 1 else pooled(X, -(-X.shape[1] // factor))
    series = (x[:length] for x, length in zip(X, lengths, strict=True))
    return ragged(pooled(x[None], -(-len(x) // factor))[0] for x in series)


def _first_of_copies(X: np.ndarray) -> np.ndarray:
    seen: set[bytes] = set()
    is_first = [x.tobytes() not in seen and not seen.add(x.tobytes()) for x in X]
    return np.array(is_first, dtype=bool)


def _in_classes(y: np.ndarray, task: str) -> np.ndarray:
    if task != "classification":
        return np.ones(len(y), dtype=bool)
    _, number, counts = np.unique(y, return_inverse=True, return_counts=True)
    return counts[number] >= MIN_CLASS


def _within_cap(
    entry: Entry, y: np.ndarray, groups: np.ndarray | None, n_used: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of the comparison and those left unused: later ones, or random ones."""
    rows, random = np.arange(len(y)), np.random.default_rng(0)
    if len(rows) <= n_used:
        return rows, rows[:0]
    if entry.window_gap is not None:
        return rows[:n_used], rows[n_used + entry.window_gap :][:MAX_UNUSED]
    if groups is not None:
        labels, number = np.unique(groups, return_inverse=True)
        rank = random.permutation(len(labels))[number]
        order = np.argsort(rank, kind="stable")
        n_used = np.flatnonzero(np.diff(rank[order[: n_used + 1]]))[-1] + 1
        return np.sort(order[:n_used]), np.sort(order[n_used:][:MAX_UNUSED])
    order = random.permutation(rows)
    if entry.task == "classification":  # the same share of each class
        order = order[np.argsort(y[order], kind="stable")]
    is_used = np.diff(np.arange(len(rows) + 1) * n_used // len(rows)) > 0
    unused = random.permutation(order[~is_used])[:MAX_UNUSED]
    return np.sort(order[is_used]), np.sort(unused)
