"""Checkpoints of processes that are killed, and that share a folder."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rnnselect.comparison import checkpoint

PROJECT = Path(__file__).parents[2]
# Learns nothing, slowly; what it predicts depends on its seed alone.
RACE = """
import json, sys, time, warnings
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from rnnselect import RNNAdvisor

folder, seconds = sys.argv[1] or None, float(sys.argv[2])
n_fits = 0

class Slow(ClassifierMixin, BaseEstimator):
    def __init__(self, cell="gru", random_state=None):
        self.cell, self.random_state = cell, random_state

    def fit(self, X, y):
        global n_fits
        n_fits += 1
        time.sleep(seconds)
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        odds = [0.3, 0.7] if self.cell == "gru" else [0.4, 0.6]
        return np.random.default_rng(self.random_state).choice(self.classes_, len(X), p=odds)

def race(folder):
    y = np.where(np.arange(60) % 3, "yes", "no")
    advisor = RNNAdvisor(
        Slow(), cv=5, min_gain=0.0, baseline=False, random_state=0, checkpoint=folder
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = advisor.recommend(np.random.default_rng(0).normal(size=(60, 4)), y)
    said = found.to_dict()
    names = ("cell", "verdict", "stop_reason", "scores", "beliefs", "probabilities")
    return {name: said[name] for name in names}, [str(each.message) for each in caught]

found, said = race(folder)
result = {"found": found, "said": said, "n_fits": n_fits}
seconds = 0
print(json.dumps({**result, "undisturbed": race(None)[0]}))
"""


def start(folder, seconds=0.0):
    return subprocess.Popen(
        [sys.executable, "-c", RACE, str(folder), str(seconds)],
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process):
    printed, errors = process.communicate(timeout=200)
    assert process.returncode == 0, errors
    return json.loads(printed)


def kept(folder):
    return len(list(folder.glob(f"*{checkpoint.SUFFIX}")))


@pytest.mark.slow
def test_killed_again_and_again_it_says_what_it_would_have_said(tmp_path):
    """Killed at two random moments, each after a further fit."""
    drawn = random.Random(0)
    for n_files in (1, 4):
        process = start(tmp_path, 0.1)
        while kept(tmp_path) < n_files and process.poll() is None:
            time.sleep(0.005)
        time.sleep(drawn.uniform(0, 0.2))
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL
    n_kept = kept(tmp_path)
    assert 4 <= n_kept < 10

    last = finish(start(tmp_path))
    assert last["found"] == last["undisturbed"]
    assert (last["said"], last["n_fits"]) == ([], 10 - n_kept)


def test_two_processes_share_a_folder(tmp_path):
    both = [start(tmp_path, 0.02) for _ in range(2)]
    for process in both:
        result = finish(process)
        assert result["found"] == result["undisturbed"]
        assert result["said"] == []
    assert kept(tmp_path) == len(list(tmp_path.iterdir())) == 10
