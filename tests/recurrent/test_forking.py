"""A process that was forked after TensorFlow has run says so; it would hang for ever."""

import os
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from rnnselect import RNNClassifier
from rnnselect.recurrent import forking

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is forked here")

FORK = """
import multiprocessing, sys, warnings
import numpy as np
from joblib import Parallel, delayed
from rnnselect import RNNClassifier

warnings.simplefilter("ignore")  # Python itself warns of forks beside threads from 3.12 on
X = np.random.default_rng(0).normal(size=(30, 4, 1))
idle = {"max_seconds": 1e-9, "early_stopping": False}
clf = RNNClassifier(units=2, random_state=0, **idle).fit(X, X[:, 0, 0] > 0)

def attempt(name):
    try:
        getattr(clf, name)(*(X, X[:, 0, 0] > 0)[: 1 + (name == "fit")])
    except RuntimeError as error:
        return "spawn" in str(error) and "loky" in str(error)
    return "no error"

with multiprocessing.get_context("fork").Pool(1) as pool:
    print(pool.map_async(attempt, ["predict", "fit"]).get(timeout=60))
with Parallel(2, backend="multiprocessing", timeout=60) as parallel:
    print(parallel(delayed(attempt)("predict") for _ in range(2)))
print(clf.predict(X[:2]).shape)  # this process goes on
"""


def test_forked_processes_raise_and_do_not_hang(run_script):
    assert run_script(FORK).splitlines() == ["[True, True]", "[True, True]", "(2,)"]


def test_use_by_others_counts(monkeypatch):
    monkeypatch.setattr(forking, "_used", False)
    monkeypatch.setattr(forking, "_forked", False)
    name = "tensorflow.python.eager.context"
    for running in (False, True):
        context = SimpleNamespace(_context=SimpleNamespace(_initialized=running))
        monkeypatch.setitem(sys.modules, name, context)
        forking._after_fork()
        assert forking._forked is running
    with pytest.raises(RuntimeError, match="forked after TensorFlow or JAX has run"):
        RNNClassifier().fit(np.zeros((4, 3)), [0, 1, 0, 1])


def test_forks_before_the_first_use_are_fine(monkeypatch):
    monkeypatch.setattr(forking, "_used", False)
    monkeypatch.setattr(forking, "_forked", False)
    monkeypatch.delitem(sys.modules, "tensorflow.python.eager.context", raising=False)
    forking._after_fork()
    forking.refuse_where_forked()
