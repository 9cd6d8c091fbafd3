"""What is JAX's own; the other tests of this folder run on it too, with KERAS_BACKEND=jax."""

import gc
from pathlib import Path

import keras
import numpy as np
import pytest
from sklearn.base import clone

from rnnselect import RNNClassifier
from rnnselect.exceptions import ProgramLimitWarning
from rnnselect.recurrent import programs

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "jax", reason="Keras runs on another backend"
)

MAPPINGS = Path("/proc/self/maps")
SMALL = {"units": 4, "batch_size": 16, "epochs": 1, "early_stopping": False, "random_state": 0}

FIT = """
import sys
import numpy as np
from rnnselect import RNNClassifier
X = np.random.default_rng(0).normal(size=(60, 8, 2))
clf = RNNClassifier(units=3, epochs=1, engine="compiled", random_state=0).fit(X, X[:, 0, 0] > 0)
print(clf.predict_proba(X).shape, "tensorflow" in sys.modules)
"""


def test_tensorflow_is_not_needed(run_script):
    assert run_script(FIT) == "(60, 2) False\n"


def test_beyond_the_limit_all_programs_are_dropped(data, monkeypatch):
    clf = RNNClassifier(**SMALL)
    monkeypatch.setattr(programs, "_programs", {})  # earlier tests may have compiled the same
    monkeypatch.setattr(programs, "WARN_AT_PROGRAMS", 1)
    monkeypatch.setattr(programs, "MAX_PROGRAMS", 2)
    with pytest.warns(ProgramLimitWarning, match="all are dropped"):
        clf.fit(data.panel, data.classes)
    monkeypatch.setattr(programs, "WARN_AT_PROGRAMS", 9)
    proba = clf.predict_proba(data.panel)
    assert len(programs._programs) == 2
    compilations = programs.program_counts()
    beyond = clone(clf).set_params(units=5).fit(data.panel, data.classes)
    assert beyond.engine_ == "compiled"
    assert len(programs._programs) == 1
    assert programs.program_counts()["train"] == compilations["train"] + 1  # all are counted
    np.testing.assert_array_equal(clf.predict_proba(data.panel), proba)


@pytest.mark.skipif(not MAPPINGS.exists(), reason="counts memory mappings as Linux shows them")
def test_dropped_programs_are_freed(data, monkeypatch):
    def n_mappings():
        gc.collect()
        return len(MAPPINGS.read_text().splitlines())

    before = n_mappings()
    for units in (6, 7):
        RNNClassifier(**SMALL).set_params(units=units).fit(data.panel, data.classes)
    taken = n_mappings() - before
    assert taken <= 4 * programs.backend.MAPPINGS_PER_PROGRAM  # two networks, two programs each
    monkeypatch.setattr(programs, "MAX_PROGRAMS", 1)
    assert programs.room_for_programs()
    assert n_mappings() <= before
