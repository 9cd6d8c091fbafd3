"""Programs that an earlier process compiled: the same numbers, whatever became of the store."""

import os
import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from rnnselect import RNNClassifier
from rnnselect import program_store as stores
from rnnselect.recurrent import programs

SMALL = {"units": 3, "batch_size": 16, "epochs": 2, "random_state": 0}


@pytest.fixture
def root(tmp_path, monkeypatch):
    """An empty store, and a process that has compiled nothing."""
    monkeypatch.setenv(stores.KEEP_VARIABLE, str(tmp_path / "programs"))
    monkeypatch.setattr(programs, "_programs", {})
    return tmp_path / "programs"


@pytest.fixture(scope="module")
def clf(data):
    return RNNClassifier(**SMALL).fit(data.panel, data.classes)


def train(X, y, **settings):
    """Fit and predict as a new process would, without what this one has compiled."""
    programs._programs.clear()
    clf = RNNClassifier(**{**SMALL, **settings}).fit(X, y)
    return [*clf.model_.get_weights(), clf.predict_proba(X)]


def predict(clf, X):
    """Predict as a new process would."""
    programs._programs.clear()
    return clf.predict_proba(X)


def assert_identical(one, other):
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


def kept(root):
    return {path: path.read_bytes() for path in root.glob("*/*.program")}


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("panel", {"cell": "gru", "dropout": 0.2}),
        ("tokens", {"cell": "lstm", "embedding_dim": 3, "optimizer": "sgd"}),
    ],
)
def test_the_same_to_the_last_bit(root, data, monkeypatch, kind, settings):
    X = getattr(data, kind)
    cold = train(X, data.classes, **settings)
    stored = kept(root)
    assert stored
    with monkeypatch.context() as patch:
        patch.setattr(programs, "build_network", None)  # nothing is traced again
        assert_identical(train(X, data.classes, **settings), cold)
    assert kept(root) == stored  # they were found, and not written again
    if kind == "panel":
        monkeypatch.setenv(stores.KEEP_VARIABLE, "0")
        assert_identical(train(X, data.classes, **settings), cold)


def forge(path, change):
    """Change what is kept, with a checksum that is right."""
    program = stores.Kept(path)
    dtypes, stored = pickle.loads(program.read())
    program.write(pickle.dumps((dtypes, change(stored))))


BAD = {
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:-100]),
    "foreign": lambda path: stores.Kept(path).write(b"no pickle"),
    "foreign pickle": lambda path: stores.Kept(path).write(pickle.dumps("something else")),
    "foreign program": lambda path: forge(path, lambda stored: "something else"),
}


def test_a_bad_store_costs_time_only(root, data, clf):
    good = predict(clf, data.panel)
    (path,) = kept(root)
    for name, damage in BAD.items():
        damage(path)
        bad = path.read_bytes()
        np.testing.assert_array_equal(predict(clf, data.panel), good, name)
        assert path.read_bytes() != bad, name  # it was replaced


# What TensorFlow itself finds wrong with a file that it reads. Each network is another one, because
# TensorFlow reads a file once a process.
REFUSED = [
    lambda stored: stored,
    lambda stored: replace(stored, content=stored.content[:-1000]),
    lambda stored: replace(stored, content=stored.content[::-1]),
    lambda stored: replace(stored, content=b""),
    lambda stored: replace(stored, file_name="another"),
    lambda stored: replace(stored, graph=stored.graph[:-10]),
    lambda stored: replace(stored, graph=b"", inputs=[]),
    lambda stored: replace(stored, outputs=["none:0"]),
]
SCORES = """
import sys
import numpy as np
from rnnselect.recurrent import architecture, engine, programs
from rnnselect.recurrent.compiled import compiled_outputs
from rnnselect.sequences.validation import read_sequences

def score(units):
    shape = ("gru", units, 1, False, 0, 0, 2, None, None, None, False, 1, "linear")
    shape = architecture.Architecture(*shape)
    network = engine.build_network(shape, seed=units)
    X = np.sin(np.arange(120.0)).reshape(6, 10, 2)
    weights = [variable.value for variable in network.trainable_variables]
    return compiled_outputs(shape, weights, read_sequences(X), (10,)).tobytes().hex()
"""


@pytest.mark.slow
@pytest.mark.skipif(programs.keras.backend.backend() != "tensorflow", reason="TensorFlow's files")
def test_two_processes_at_once_mend_what_tensorflow_refuses(root, run_script):
    here = {}
    exec(SCORES, here)
    good, paths = [], []
    for units, change in enumerate(REFUSED, start=2):
        good.append(here["score"](units))
        (path,) = kept(root).keys() - paths
        forge(path, change)
        paths.append(path)
    before = kept(root)
    script = SCORES + f"print(*map(score, range(2, {len(REFUSED) + 2})))"
    with ThreadPoolExecutor() as pool:
        for printed in pool.map(run_script, [script, script]):
            assert printed.split() == good
    changed = [before[path] != content for path, content in kept(root).items()]
    assert changed.count(False) == 1  # the one that was sound


@pytest.mark.skipif(programs.keras.backend.backend() != "tensorflow", reason="TensorFlow's files")
def test_a_full_disk_costs_time_only(root, data, clf):
    from rnnselect.recurrent import xla_files

    good = predict(clf, data.panel)
    stores.empty_store(root)
    folder = xla_files._folder
    xla_files._remove(folder, os.getpid())
    folder.write_text("TensorFlow cannot write here")
    np.testing.assert_array_equal(predict(clf, data.panel), good)
    assert folder.is_symlink()
    assert len(kept(root)) == 1
