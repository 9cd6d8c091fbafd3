"""What decides a fit: equal for equal things in every process, different for all else."""

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from rnnselect import RNNClassifier
from rnnselect.comparison.identity import stable


def doubled(x, factor=2):
    return factor * x


def scaled_by(factor):
    return lambda x: factor * x


def recursive(step):
    def fall(x):
        return x if x < 0 else fall(x - step)

    return fall


class Holder:
    def __init__(self, value):
        self.value = value

    def method(self, x):
        return self.value * x


MAKERS = {
    "numbers": lambda: [1, 1.0, True, None, "1", (1,), [1], np.float32(1)],
    "arrays": lambda: [np.arange(3), np.arange(3.0), np.arange(3)[None], np.array(["a"])],
    "mappings": lambda: [{"a": 1, "b": 2}, {"a": 2, "b": 1}, {"a": 1}, {1: "a"}, {"1": "a"}],
    "functions": lambda: [doubled, scaled_by(2), scaled_by(3), partial(doubled, 3), np.exp, len],
    "closures": lambda: [scaled_by(2), scaled_by(3), recursive(1), recursive(2)],
    "codes": lambda: [lambda x: x + 1, lambda x: x + 2, lambda x: x - 1, lambda y: y in {"a", "b"}],
    "objects": lambda: [Holder(1), Holder(2), Holder, Holder(1).method, Holder(2).method],
    "networks": lambda: [
        RNNClassifier(units=8),
        RNNClassifier(units=8, cell="lstm"),
        RNNClassifier(units=8, class_weight={0: 1.0, 1: 2.0}),
        make_pipeline(StandardScaler(), RNNClassifier(units=8)),
        make_pipeline(StandardScaler(with_mean=False), RNNClassifier(units=8)),
        make_pipeline(FunctionTransformer(doubled), RNNClassifier(units=8)),
    ],
}


def digests(kind):
    return [json.dumps(stable(value, kind), sort_keys=True) for value in MAKERS[kind]()]


@pytest.mark.parametrize("kind", MAKERS)
def test_equal_things_are_one_and_others_are_not(kind):
    first = digests(kind)
    assert first == digests(kind)
    assert len(set(first)) == len(first)


@pytest.mark.parametrize("name", ["n_jobs", "random_state", "verbose"])
def test_what_changes_no_fit(name):
    class Estimator(RNNClassifier):
        def __init__(self, n_jobs=None, random_state=None, verbose=0):
            self.n_jobs, self.random_state, self.verbose = n_jobs, random_state, verbose

    assert stable(Estimator(), "") == stable(Estimator(**{name: 3}), "")


def test_the_same_in_another_process():
    """Whatever order it gives to sets and to the letters of texts."""
    code = """
import json, joblib, pandas
from tests.comparison.test_identity import MAKERS, digests
frame = pandas.DataFrame({"text": ["one", "two"], "number": [1.0, 2.0]})
print(json.dumps([*(d for kind in MAKERS for d in digests(kind)), joblib.hash(frame)]))
"""
    project = Path(__file__).parents[2]
    there = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(project), "PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    frame = pd.DataFrame({"text": ["one", "two"], "number": [1.0, 2.0]})
    here = [*(digest for kind in MAKERS for digest in digests(kind)), joblib.hash(frame)]
    assert json.loads(there) == here


def test_what_cannot_be_told_apart():
    with pytest.raises(ValueError, match=r"the same callbacks: .* cannot be pickled"):
        stable((each for each in ()), "callbacks")
