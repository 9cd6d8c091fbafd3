import html
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin

import rnnselect
from rnnselect import Budget, Recommendation, RNNAdvisor, SequenceTokenizer
from rnnselect.advice.rules import race_rules
from rnnselect.advice.verdict import StopReason
from rnnselect.cli import recommend
from rnnselect.cli.problem import make_estimator, read_problem
from rnnselect.cli.reading import Reading

# Nothing can be trained in so short a time, so the advice comes at once, and is marked as such.
AT_ONCE = ("--budget", "1ms")
SMALL = ("--units", 4, "--epochs", 2, "--cv", 2, "--rope", 0)
PROJECT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def cold(monkeypatch):
    """As in a process of its own: TensorFlow is not there yet, so it would not fit a budget."""
    for name in ("tensorflow", "keras"):
        monkeypatch.delitem(sys.modules, name, raising=False)


@pytest.mark.parametrize(
    ("file", "options", "described", "profile"),
    [
        ("wide.csv", ("--target", "kind"), "(t0 to t5). 'kind' as classes (2", "40 sequences of 6"),
        (
            "long.parquet",
            (),
            "by 'case', sorted by 'time'. Channels: a, b. 'label' as classes",
            "2 channels",
        ),
        ("long.parquet", ("--values", "a", "--id", "case"), "by 'case'", "1 channel;"),
        ("texts.tsv", (), "one text a row in 'review'. 'label' as classes", "4 time steps"),
        ("arrays.npz", (), "arrays. The target as values (it has fractions)", "1 output"),
        ("rows.csv", (), "(a to f)", "6 time steps"),
        ("two.ts", (), "1 channel). The target as classes", "2 classes"),
    ],
)
def test_files_of_every_form(run, tables, file, options, described, profile):
    result = run("recommend", tables[file], *options, *AT_ONCE)
    assert result.exit_code == 0
    assert "Not tested" in result.stdout
    assert described in result.stderr
    assert profile in result.stderr
    assert "plan: recommend GRU outright" in result.stderr


@pytest.mark.parametrize(
    ("file", "options", "words"),
    [
        ("wide.csv", (), "--target is missing"),
        ("wide.csv", ("--target", "kind", "--cells", "gru"), "two different cells"),
        ("wide.csv", ("--target", "kind", "--missing", "ignore"), "missing"),
        ("wide.csv", ("--target", "kind", "--cv", "50"), "--cv=50"),
        ("wide.csv", ("--target", "kind", "--regression"), "--regression: 'kind' has text"),
        ("wide.csv", ("--target", "kind", "--scoring", "beauty"), "beauty"),
        ("arrays.npz", ("--id", "case", "--text", "review"), "--id, --text: "),
        ("arrays.npz", ("--target", "z"), "--target=z"),
        ("arrays.npz", ("--groups", "z"), "--groups=z"),
        ("wide.csv", ("--target", "kind", "--groups", "kind"), "no other role"),
        ("long.parquet", ("--groups", "b"), "--groups=b cannot tell groups of sequences: "),
        ("wide.csv", ("--target", "kind", "--memory", "much"), "--memory='much'"),
        ("wide.csv", ("--target", "kind", "--max-parameters", 9), "more than --max-parameters=9"),
    ],
)
def test_what_cannot_be_used_is_one_line(run, tables, file, options, words):
    result = run("recommend", tables[file], *options, *AT_ONCE, "--quiet")
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: ")
    assert words in line


def test_the_hint_on_options_is_for_guesses_against_odds(run, tables, tmp_path):
    bare = tmp_path / "bare.csv"
    bare.write_text(tables["rows.csv"].read_text().partition("\n")[2])
    assert "Not so?" in run("recommend", bare, *AT_ONCE).stderr
    for named in ((bare, "--target", "c7"), (tables["rows.csv"],), (tables["texts.tsv"],)):
        assert "Not so?" not in run("recommend", *named, *AT_ONCE).stderr


@pytest.mark.parametrize("option", ["--report", "--save", "--json"])
def test_outputs_are_checked_before_any_work(run, tables, tmp_path, monkeypatch, option):
    monkeypatch.setattr(recommend, "read_problem", None)  # would fail if it were called
    for path, words in (
        (tmp_path / "no" / "file", "does not exist; create it"),
        (tmp_path, "is a folder"),
        (tables["wide.csv"], "is the data, which would be lost"),
    ):
        result = run("recommend", tables["wide.csv"], option, path)
        assert result.exit_code == 2
        assert words in result.stderr
    assert tables["wide.csv"].stat().st_size > 0


@pytest.mark.parametrize("option", ["--report", "--json"])
def test_other_files_are_not_written_over(run, tables, tmp_path, option):
    other = tmp_path / "train.csv"
    other.write_text("precious")
    command = ("recommend", tables["rows.csv"], option, other)
    result = run(*command)
    assert result.exit_code == 2
    assert "exists and does not end in" in result.stderr
    assert "--force" in result.stderr
    assert other.read_text() == "precious"
    assert run(*command, *AT_ONCE, "--force").exit_code == 0
    assert other.read_text() != "precious"


def test_saving_under_a_budget_that_cannot_train_still_gives_the_advice(run, tables, tmp_path):
    model = tmp_path / "model"
    result = run("recommend", tables["rows.csv"], *AT_ONCE, "--save", model)
    assert result.exit_code == 2
    assert "Not tested" in result.stdout
    assert re.search(
        r"Error: No model was written to .*model: a fit needs --budget \d+s or", result.stderr
    )
    assert not model.exists()


def test_what_was_read_is_in_the_json(run, tables, tmp_path):
    path = tmp_path / "a.json"
    lines = tables["wide.csv"].read_text().splitlines()
    lines[3] = lines[3].rpartition(",")[0] + ","
    tables["wide.csv"].write_text("\n".join(lines))
    run("recommend", tables["wide.csv"], "--target", "kind", *AT_ONCE, "--json", path)
    data = json.loads(path.read_text())["data"]
    assert (data["n_sequences"], data["n_left_out"]) == (39, 1)
    assert data["left_out"] == [
        {"what": "row", "why": "without a target", "count": 1, "lines": [4]}
    ]
    assert data["reading"]["form"] == "wide"


@pytest.mark.parametrize("json_first", [True, False])
def test_json_is_all_there_is_on_standard_output(run, tables, json_first):
    options = [tables["rows.csv"], *AT_ONCE]
    options = ["--json", "-", *options] if json_first else [*options, "--json"]
    result = run("recommend", *options)
    assert json.loads(result.stdout)["verdict"] == "not_tested"
    assert "Read as" in result.stderr


@pytest.mark.parametrize(
    ("n_rare", "options", "scoring"),
    [(8, (), "balanced_accuracy"), (16, (), None), (8, ("--scoring", "accuracy"), "accuracy")],
)
def test_few_of_a_class_are_scored_fairly(run, tables, monkeypatch, n_rare, options, scoring):
    kinds = ["rare"] * n_rare + ["usual"] * (40 - n_rare)
    table = pl.read_csv(tables["wide.csv"]).with_columns(kind=pl.Series(kinds))
    table.write_csv(tables["wide.csv"])
    seen = {}

    def keep(*_, **parameters):
        seen.update(parameters)
        raise RuntimeError

    monkeypatch.setattr(rnnselect, "RNNAdvisor", keep)
    result = run("recommend", tables["wide.csv"], "--target", "kind", *options)
    assert seen["scoring"] == scoring
    said = "80 % of the sequences are of one class" in " ".join(result.stderr.split())
    assert said is (scoring == "balanced_accuracy")


def test_quiet(run, tables, tmp_path, monkeypatch):
    monkeypatch.setattr(Recommendation, "report", lambda self, path: None)
    report = tmp_path / "a.html"
    result = run("recommend", tables["rows.csv"], *AT_ONCE, "--quiet", "--report", report)
    assert result.stdout.startswith("Recommendation: ")
    assert result.stderr == ""


@pytest.mark.parametrize(
    ("file", "options", "data"),
    [
        ("wide.csv", ("--target", "kind", "--groups", "id"), "Target: kind, classes"),
        ("long.parquet", ("--values", "a", "--classification"), "Channels: a ·"),
        ("texts.tsv", ("--strict",), "Target: label, classes"),
        ("arrays.npz", ("--scoring", "neg_mean_absolute_error"), "Target: values"),
        ("two.ts", ("--memory", "2GB"), "Target: classes"),
        ("a series.csv", ("--forecast", "b", "--window", 4, "--horizon", 2), "Target: b, values"),
    ],
)
def test_the_report_says_how_to_get_it_again(
    run, tables, tmp_path, monkeypatch, file, options, data
):
    monkeypatch.chdir(tmp_path)
    shutil.copy("rows.csv", "a series.csv")
    result = run(
        "recommend", file, *options, *AT_ONCE, "--report", "advice.html", "--json", "a.json"
    )
    assert result.exit_code == 0
    page = html.unescape(Path("advice.html").read_text(encoding="utf-8"))
    assert f"File: {file} ·" in page
    assert data in page
    command, code = re.findall("<pre[^>]*><code>(.*?)</code></pre>", page, re.DOTALL)

    _name, *arguments = shlex.split(command)
    Path("advice.html").unlink()
    assert run(*arguments).exit_code == 0
    assert Path("advice.html").exists()
    names = {}
    exec(code, names)
    first, again = json.loads(Path("a.json").read_text()), names["recommendation"].to_dict()
    for part in ("cell", "scoring", "baseline_scores"):
        assert json.loads(json.dumps(again[part])) == first[part]


def test_report_and_json_are_written(run, tables, tmp_path, monkeypatch):
    monkeypatch.setattr(Recommendation, "report", lambda self, path: path.write_text(self.cell))
    report, record = tmp_path / "a.html", tmp_path / "a.json"
    result = run("recommend", tables["rows.csv"], *AT_ONCE, "--report", report, "--json", record)
    assert result.exit_code == 0
    assert report.read_text() == "gru"
    assert json.loads(record.read_text())["cell"] == "gru"
    assert "Recommendation: " in result.stdout


def test_published_comparisons_are_counted(run, tables):
    page = run("recommend", tables["texts.tsv"], *AT_ONCE, "--task", "sentiment").stdout
    assert "Published comparisons of this task: 6" in page


def test_options_reach_the_advisor(run, tables, monkeypatch):
    seen = {}

    class Spy(RNNAdvisor):
        def __init__(self, estimator=None, **parameters):
            seen.update(parameters, estimator=estimator)
            raise RuntimeError

    monkeypatch.setattr(rnnselect, "RNNAdvisor", Spy)
    run(
        *("recommend", tables["texts.tsv"], "--cells", "lstm, gru", "--cv", 3, "--seed", 7),
        *("--jobs", 2, "--rope", "0.02", "--scoring", "f1_macro", "--budget", "2min"),
        *("--units", 8, "--epochs", 9, "--embedding-dim", 5, "--checkpoint", "kept"),
        *("--memory", "2GB", "--max-parameters", 5000, "--max-latency", "5ms"),
    )
    tokenizer, network = (step for _, step in seen.pop("estimator").steps)
    assert isinstance(tokenizer, SequenceTokenizer)
    assert (network.units, network.epochs, network.embedding_dim) == (8, 9, 5)
    assert seen == {
        "cells": ("lstm", "gru"), "cv": 3, "random_state": 7, "n_jobs": 2, "rope": 0.02,
        "scoring": "f1_macro", "budget": Budget(120, "2GB", 5000, "5ms"), "task": None,
        "checkpoint": "kept",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("file", "n_channels"), [("wide.csv", 1), ("long.parquet", 2), ("arrays.npz", 1)]
)
def test_groups_are_no_input(run, tables, monkeypatch, file, n_channels):
    tables["arrays.npz"] = tables["arrays.npz"].with_name("grouped.npz")
    patients = np.repeat(np.arange(10), 4)
    if file == "arrays.npz":
        np.savez(tables[file], X=np.ones((40, 6)), y=patients % 2, patient=patients)
    elif file == "long.parquet":
        table = pl.read_parquet(tables[file])
        table.with_columns(patient=patients.repeat(6)).write_parquet(tables[file])
    else:
        pl.read_csv(tables[file]).with_columns(patient=patients).rename(
            {"kind": "label"}
        ).write_csv(tables[file])
    seen = {}
    monkeypatch.setattr(
        RNNAdvisor, "recommend", lambda self, X, y, **given: seen.update(given, X=X)
    )
    run("recommend", tables[file], "--groups", "patient")
    np.testing.assert_array_equal(seen["groups"], patients)
    assert {np.reshape(x, (6, -1)).shape[1] for x in seen["X"]} == {n_channels}


def test_tokens_in_arrays(tmp_path):
    np.savez(tmp_path / "a.npz", X=np.ones((9, 4), dtype=int), y=[0, 1, 1] * 3)
    problem = read_problem(tmp_path / "a.npz", Reading(), None)
    assert make_estimator(problem, 4, None, 6, "error").embedding_dim == 6
    assert make_estimator(problem, 4, None, None, "mask").missing == "mask"


# --- interruption --------------------------------------------------------------------------------


class Interrupting(ClassifierMixin, BaseEstimator):
    """Learns nothing, and is interrupted in one of its fits as by Ctrl-C."""

    fits = 0

    def __init__(self, cell="gru", at=0):
        self.cell = cell
        self.at = at

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        type(self).fits += 1
        if self.fits == self.at:
            signal.raise_signal(signal.SIGINT)
        return self

    def predict(self, X):
        return np.repeat(self.classes_[:1], len(X))


@pytest.fixture
def all_pairs(monkeypatch):
    """All pairs are run, however little they are worth."""
    monkeypatch.setattr(
        "rnnselect.comparison.setting.race_rules",
        lambda *args, **kwargs: replace(race_rules(*args, **kwargs), min_gain_points=0.0),
    )


@pytest.mark.usefixtures("all_pairs")
@pytest.mark.parametrize(
    ("at", "says"),
    [
        (1, "nothing to recommend from"),  # in the first pair
        (4, "Stopped after 1 of 3 pairs"),  # in the second one
        (7, "All 3 pairs were run"),  # in the fit on all data
    ],
)
def test_ctrl_c_gives_the_advice_so_far(run, tables, tmp_path, monkeypatch, at, says):
    monkeypatch.setattr(Interrupting, "fits", 0)
    monkeypatch.setattr(recommend, "make_estimator", lambda *_: Interrupting(at=at))
    model = tmp_path / "model"
    result = run("recommend", tables["rows.csv"], "--cv", 3, "--save", model)
    assert result.exit_code == 130, result.output
    assert says in " ".join(result.output.split())
    assert result.stderr.splitlines()[-1] == "Interrupted."
    assert f"No model was written to {model}." in " ".join(result.stderr.split())
    assert not model.exists()


@pytest.mark.usefixtures("all_pairs")
def test_after_an_interruption_the_same_command_goes_on(run, tables, tmp_path, monkeypatch):
    monkeypatch.setattr(Interrupting, "fits", 0)
    monkeypatch.setattr(recommend, "make_estimator", lambda *_: Interrupting(at=2))
    command = ("recommend", tables["rows.csv"], "--cv", 3, "--checkpoint", tmp_path / "kept")
    assert run(*command).exit_code == 130
    monkeypatch.setattr(Interrupting, "fits", 10)
    result = run(*command)
    assert result.exit_code == 0
    assert "finished fits found in" in " ".join(result.stderr.split())
    assert len(list((tmp_path / "kept").iterdir())) == Interrupting.fits - 10 + 1


def test_an_interrupted_race_still_writes_json(run, tables, tmp_path, monkeypatch):
    class Interrupted(RNNAdvisor):
        def recommend(self, X, y, **given):
            found = super().recommend(X, y, **given)
            self.recommendation_ = replace(found, stop_reason=StopReason.INTERRUPTED)
            return self.recommendation_

    monkeypatch.setattr(rnnselect, "RNNAdvisor", Interrupted)
    path = tmp_path / "a.json"
    result = run("recommend", tables["rows.csv"], *AT_ONCE, "--json", path)
    assert result.exit_code == 130
    assert json.loads(path.read_text())["stop_reason"] == "interrupted"


class Failing(Interrupting):
    """Learns nothing, and has an error in one of its fits."""

    def fit(self, X, y):
        super().fit(X, y)
        if self.fits == 3:
            raise RuntimeError("no disk left")
        return self


@pytest.mark.usefixtures("all_pairs")
def test_an_error_in_the_second_pair_leaves_the_advice_of_the_first(
    run, tables, tmp_path, monkeypatch
):
    monkeypatch.setattr(Interrupting, "fits", 0)
    monkeypatch.setattr(Failing, "fits", 0)
    monkeypatch.setattr(recommend, "make_estimator", lambda *_: Failing())
    path = tmp_path / "a.json"
    result = run("recommend", tables["rows.csv"], "--cv", 3, "--json", path)
    assert result.exit_code == 1
    assert "no disk left" in result.stderr
    found = json.loads(path.read_text())
    assert (found["stop_reason"], len(found["pairs"])) == ("failed", 1)


@pytest.mark.slow
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_real_race_ends_at_sigint(tmp_path, jobs):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 20))
    path = tmp_path / "a.csv"
    pl.DataFrame({**{f"t{k}": X[:, k] for k in range(20)}, "y": X[:, 0] > 0}).write_csv(path)
    code = "from rnnselect.cli import app; app()"
    command = ["recommend", str(path), "--rope", "0", "--units", "8", "--jobs", jobs, "--cv", "20"]
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", code, *command],
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        for line in process.stderr:
            if line.startswith("pair 1:"):
                break
        time.sleep(0.5)  # into the second pair, whose fits run in threads
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "because the race was interrupted" in out
    assert err.splitlines()[-1] == "Interrupted."


# --- the real thing ------------------------------------------------------------------------------

# As README.md has them.
COMMANDS = re.findall(r"^    rnnselect (.+)$", (PROJECT / "README.md").read_text(), re.MULTILINE)


def test_the_commands_of_the_readme(run, tables, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(tables["wide.csv"], "data.csv")
    shutil.copy(tables["wide.csv"], "new.csv")
    recommend_it, predict_it = (shlex.split(command) for command in COMMANDS)
    result = run(*recommend_it, *SMALL, "--budget", "1h")  # on a busy machine as well
    assert result.exit_code == 0, result.output
    assert "compiling and timing both cells" in result.stderr
    assert "pair 1: GRU" in result.stderr
    assert "After " in result.stdout
    assert "fitted on all data" in result.stderr
    assert "<svg" in (tmp_path / "advice.html").read_text()

    result = run(*predict_it, "--out", "out.csv")
    assert result.exit_code == 0, result.output
    assert "on these 40 sequences" in result.stderr
    table = pl.read_csv("out.csv")
    assert table.columns == ["id", "prediction", "probability_down", "probability_up"]
    assert table["id"].to_list() == list(range(40))
    assert set(table["prediction"]) <= {"up", "down"}
