import csv
import importlib
import json
import math
import os
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

STUDY = Path(__file__).parents[2] / "benchmarks" / "study"
MODULES = (
    "sets", "reading", "builtin", "cases", "schedule", "pairs", "worker", "workers", "clusters",
    "journal", "table",
)  # fmt: skip
LOADER = """
import numpy as np

def load(name, folder):
    with np.load(folder / f"{name}.npz") as archive:
        return {key: archive[key] for key in archive.files}
"""
N = 420

pytestmark = pytest.mark.skipif(not STUDY.exists(), reason="the benchmarks are not shipped")


@pytest.fixture(scope="module")
def study():
    """The study's files, which are scripts that find each other by their short names."""
    sys.path.insert(0, str(STUDY))
    yield SimpleNamespace(**{name: importlib.import_module(name) for name in MODULES})
    sys.path.remove(str(STUDY))
    for name in MODULES:
        del sys.modules[name]


@pytest.fixture
def folder(tmp_path, monkeypatch, study):
    """Four small sets: plain, grouped, windows of a series, and mostly copies."""
    monkeypatch.setattr(study.reading, "MAX_SAMPLES", 200)
    rng = np.random.default_rng(0)
    X = rng.normal(size=(N, 6, 2)).astype("float32")
    y = np.arange(N) % 3
    y[:2] = 7  # a class of two
    X[-10:] = X[100:110]
    arrays = {
        "plain": {"X": X, "y": y},
        "grouped": {"X": X, "y": y, "groups": np.arange(N) // 20},
        "windows": {"X": X, "y": rng.normal(size=N)},
        "copies": {"X": X, "y": y},
    }
    note = "windows of one series, T=6, horizon=2, stride=4"
    rows = [
        {"name": name, "kind": "multivariate", "task": "classification", "n": N,
         "family": name, "dup_frac": 0.1, "note": ""} for name in arrays
    ]  # fmt: skip
    rows[2] |= {"task": "regression", "note": note}
    rows[3] |= {"dup_frac": 0.9}
    with (tmp_path / "index.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    (tmp_path / "load.py").write_text(LOADER)
    for name, data in arrays.items():
        np.savez(tmp_path / f"{name}.npz", **data)
    return tmp_path


def read(study, folder, name):
    library = study.cases.Library(folder)
    return library.read(study.cases.Case("default", name))


def assert_partition(splits, rows):
    tests = np.concatenate([test for _, test in splits])
    assert sorted(tests) == sorted(rows)
    for train, test in splits:
        assert not set(train) & set(test)


def test_a_plain_set_loses_copies_and_tiny_classes_and_keeps_the_rest_to_score(study, folder):
    plain = read(study, folder, "plain")

    assert len(plain.y) == N - 10 - 2
    assert set(plain.y) == {0, 1, 2}
    assert len(plain.used) == 200
    assert sorted([*plain.used, *plain.unused]) == list(range(N - 12))
    assert np.ptp(np.bincount(plain.y[plain.used])) <= 1, "each class keeps its share"
    assert_partition(plain.splits(0), plain.used)
    assert not np.array_equal(plain.splits(0)[0][1], plain.splits(1)[0][1])


def test_groups_stay_on_one_side(study, folder):
    grouped = read(study, folder, "grouped")

    assert not set(grouped.groups[grouped.used]) & set(grouped.groups[grouped.unused])
    assert_partition(grouped.splits(0), grouped.used)
    for train, test in grouped.splits(3):
        assert not set(grouped.groups[train]) & set(grouped.groups[test])


def test_windows_of_a_series_are_folded_in_blocks_with_gaps(study, folder):
    windows = read(study, folder, "windows")

    assert windows.entry.window_gap == 2  # (6 + 2) time steps, 4 a row
    assert windows.entry.topic == "forecasting"
    assert windows.used.tolist() == list(range(200))
    assert windows.unused[0] == 202, "later rows that share no time step"
    assert_partition(windows.splits(0), windows.used)
    for train, test in windows.splits(0):
        assert np.abs(train[:, None] - test).min() == 3


def test_what_is_left_out_says_why(study, folder):
    entries = {entry.name: entry for entry in study.reading.read_entries(folder)}

    assert entries["copies"].left_out == "90% of the rows are copies of others"
    assert [name for name, entry in entries.items() if not entry.left_out] == [
        "plain", "grouped", "windows",
    ]  # fmt: skip


def test_decisions_are_complete(study):
    decisions = study.reading._decisions()
    assert all(any(decision.values()) for decision in decisions.values())


def test_a_size_curve_keeps_its_test_part(study, folder):
    plain = read(study, folder, "plain")
    parts = [plain.curve_split(n, draw) for n in (50, 150, None) for draw in (0, 1)]

    assert [len(train) for train, _ in parts] == [50, 50, 150, 150, 306, 306]
    for train, test in parts:
        assert np.array_equal(test, parts[0][1])
        assert not set(train) & set(test)
    assert set(parts[0][0]) != set(parts[1][0])


def test_series_are_shortened_by_their_first_steps_or_by_means(study, folder):
    plain = read(study, folder, "plain")
    first = study.sets.shortened(plain, 3, "first").X
    pooled = study.sets.shortened(plain, 3, "pooled").X

    np.testing.assert_array_equal(first, plain.X[:, :3])
    np.testing.assert_allclose(pooled[:, 1], plain.X[:, 2:4].mean(axis=1), rtol=1e-5)


def test_the_default_part_runs_every_set_once_before_any_set_again(study):
    schedule = study.schedule.Schedule(study.cases.Library(None), {"parity", "digits"})
    batches = schedule.batches("default")
    pairs = [(batch.case.data, *fold) for batch in batches for fold in batch.folds]

    assert len(set(pairs)) == len(pairs) == 2 * 6 * 5
    assert [repetition for _, repetition, _ in pairs[:10]] == [0] * 10
    assert all(batch.cost.pair_seconds > 0 for batch in batches)


def test_groups_of_batches_that_do_not_fit_are_passed_over(study):
    def batch(seconds):
        cost = study.cases.Cost(compile_seconds=0, pair_seconds=seconds)
        return study.schedule.Batch(study.cases.Case("sizes", "x"), ((0, 0),), cost)

    groups = [[batch(3), batch(3)], [batch(5)], [batch(4)]]
    assert [b.seconds for b in study.schedule.within(groups, 10)] == [3, 3, 4]


def test_a_case_that_cannot_be_prepared_fails_alone(study):
    case = study.cases.Case("default", "nowhere")
    found = list(study.worker.records(case, [(0, 0), (0, 1)], None))
    assert [(record["repetition"], record["fold"]) for record in found] == [(0, 0), (0, 1)]
    assert all("cannot be prepared" in record["error"] for record in found)


# Answers as a worker does, but dies of the pair (0, 1).
MORTAL = """
import json, os, sys
for line in sys.stdin:
    batch = json.loads(line)
    for repetition, fold in batch["folds"]:
        if fold == 1:
            sys.exit("killed by a pair")
        record = {"repetition": repetition, "fold": fold, "pid": os.getpid(), "n_programs": fold}
        print("a message of a library", json.dumps(record), sep="\\n", flush=True)
"""


def test_a_worker_that_dies_is_replaced_and_its_pair_given_up(study, monkeypatch):
    monkeypatch.setattr(study.workers, "MAX_PROGRAMS", 2)
    worker = study.workers.Worker(0, None)
    worker.command = [sys.executable, "-c", MORTAL]
    cost = study.cases.Cost(compile_seconds=0, pair_seconds=1)
    case = study.cases.Case("default", "x")

    def run(*folds):
        pairs = tuple((0, fold) for fold in folds)
        return list(worker.records(study.schedule.Batch(case, pairs, cost)))

    first, dead, after = run(0, 1, 2)
    assert dead["case"] == case.key
    assert "killed by a pair" in dead["error"]
    assert [first["fold"], dead["fold"], after["fold"]] == [0, 1, 2]
    assert after["pid"] != first["pid"]
    (third,) = run(0)  # the second process held as many programs as one may
    (same,) = run(0)
    assert third["pid"] != after["pid"]
    assert same["pid"] == third["pid"]
    worker.stop()
    assert run(0) == []
    worker.close()


@pytest.mark.parametrize("n_workers", [1, 2])
@pytest.mark.parametrize(("end", "n_kept"), [(math.inf, 9), (0.0, 1)])
def test_batches_are_shared_and_nothing_is_begun_after_the_end(
    study, monkeypatch, end, n_kept, n_workers
):
    class Answering:
        def __init__(self, core, folder):
            self.core, self.is_closed = core, False

        def records(self, batch):
            for repetition, fold in batch.folds:
                assert not self.is_closed
                yield {"worker": self.core, "repetition": repetition, "fold": fold}

        def close(self):
            self.is_closed = True

        stop = close

    monkeypatch.setattr(study.workers, "Worker", Answering)
    cost = study.cases.Cost(compile_seconds=0, pair_seconds=1)
    pairs = tuple((0, fold) for fold in range(3))
    batches = [
        study.schedule.Batch(study.cases.Case("default", name), pairs, cost) for name in "abc"
    ]
    kept = []

    def keep(record, batch):
        kept.append((batch.case.key, record["fold"]))

    study.workers.run_here(batches, None, n_workers, keep, end)
    assert len(kept) == len(set(kept))
    assert n_kept <= len(kept) <= n_kept * n_workers
    assert end < math.inf or len(kept) == n_kept


@pytest.mark.slow
def test_the_study_runs_on_a_cluster(study, monkeypatch):
    distributed = pytest.importorskip("distributed")
    monkeypatch.setenv("PYTHONPATH", f"{STUDY}{os.pathsep}{STUDY.parents[1]}")
    schedule = study.schedule.Schedule(study.cases.Library(None), {"parity", "digits"})
    batches = [replace(batch, folds=batch.folds[:2]) for batch in schedule.batches("default")[:2]]
    kept = []
    options = {"threads_per_worker": 1, "dashboard_address": ":0", "silence_logs": "CRITICAL"}
    with distributed.LocalCluster(n_workers=2, **options) as cluster:
        address = cluster.scheduler_address
        study.clusters.run_there(
            batches, None, address, lambda record, batch: kept.append((batch, record)), math.inf
        )
    expected = {(batch.case.key, fold) for batch in batches for fold in batch.folds}
    found = {(record["case"], (record["repetition"], record["fold"])) for _, record in kept}
    assert found == expected
    assert len(kept) == len(expected)
    for batch, record in kept:
        assert record["case"] == batch.case.key
        assert "error" not in record
        assert record["points"].keys() == {"gru", "lstm"}


@pytest.mark.parametrize("n", [1, 8, 13])
def test_answers_are_packed_without_loss(study, n):
    rng = np.random.default_rng(n)
    right, log_losses = rng.random(n) < 0.5, rng.random(n)
    classes = study.pairs.Answers(0.5, right, log_losses)
    values = study.pairs.Answers(0.5, log_losses, None)

    texts = study.pairs.packed(classes, "test")
    found = study.pairs.unpacked(json.loads(json.dumps(texts)), n)
    np.testing.assert_array_equal(found["right"], right)
    np.testing.assert_allclose(found["log_losses"], log_losses, rtol=1e-3, atol=1e-4)
    found = study.pairs.unpacked(study.pairs.packed(values, "test"), n)
    np.testing.assert_allclose(found["predicted"], log_losses, rtol=1e-6)


def record(study, gru, lstm, fold, **changes):
    fit = {"fit_seconds": 2.0, "score_seconds": 0.0, "n_epochs": 10, "n_compiled": 0}
    fit["n_parameters"] = 100
    return {
        "case": "default/x/default", "repetition": 0, "fold": fold, "task": "classification",
        **dict.fromkeys(set(study.table.FACTS) - {"task"}), "n_fit": 80, "n_test": 20,
        "scores": {"gru": gru, "lstm": lstm}, "points": {"gru": 100 * gru, "lstm": 100 * lstm},
        "noise_variance_points2": 4.0, "baselines": {"dummy": 0.5, "linear": 0.7},
        "fits": {"gru": fit, "lstm": {**fit, "fit_seconds": 4.0}},
        "compile_seconds": {"gru": 1.0, "lstm": 1.0}, "seconds": 6.0, "predicted_seconds": 3.0,
        "when": "2026-01-01T00:00:00", "versions": "rnnselect 0; numpy 2", **changes,
    }  # fmt: skip


def test_a_row_of_the_table_has_the_corrected_standard_error(study):
    records = [record(study, 0.8, 0.8 + gap, k) for k, gap in enumerate((0.0, 0.02, 0.04))]
    again = record(study, 0.8, 0.9, 2)  # an older record of the same pair
    (row,) = study.table.table([again, *records])

    assert set(row) <= set(study.table.COLUMNS)
    assert (row["gap"], row["gap_points"], row["n_splits"]) == ("0.02", "2", 3)
    # variance 0.02**2, times 1/3 + 20/80
    assert float(row["gap_se"]) == pytest.approx(0.02 * (1 / 3 + 1 / 4) ** 0.5, rel=1e-4)
    assert (row["noise_points"], row["baseline"], row["time_ratio"]) == ("2", "linear", "0.5")
    assert row["versions"] == "rnnselect 0"


def test_draws_with_one_test_part_keep_its_noise(study):
    changes = {"case": "sizes/x/default/n=80"}
    records = [record(study, 0.8, 0.8, k, **changes) for k in range(2)]
    (row,) = study.table.table(records)
    assert (row["setting"], row["gap_points_se"], row["gap_se"]) == ("default/n=80", "2", "0.02")


def test_a_journal_goes_on_after_a_crash_and_tries_failures_again(study, tmp_path):
    path = study.journal.journal_path("default", quick=False, resume=True, results=tmp_path)
    journal = study.journal.Journal(path)
    journal.add(record(study, 0.8, 0.8, 0), predicted_seconds=3.0)
    journal.add({"case": "default/x/default", "repetition": 0, "fold": 1, "error": "..."}, 3.0)
    with path.open("a") as file:
        file.write('{"case": "default/x')

    again = study.journal.journal_path("default", quick=False, resume=True, results=tmp_path)
    assert again == path
    resumed = study.journal.Journal(again)
    assert resumed.done == {("default/x/default", 0, 0)}
    assert (resumed.seconds, resumed.predicted_seconds) == (6.0, 3.0)
