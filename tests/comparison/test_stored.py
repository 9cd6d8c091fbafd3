"""Plans know which programs are kept on disk."""

import numpy as np
import pytest

from rnnselect import RNNAdvisor, RNNClassifier
from rnnselect import program_store as stores
from rnnselect.comparison import stored
from rnnselect.comparison.default_network import DefaultCandidates
from rnnselect.comparison.stored import stored_candidates
from rnnselect.recurrent.chunks import scoring_steps
from rnnselect.recurrent.programs import ProgramKey
from rnnselect.sequences.profile import profile_sequences
from rnnselect.sequences.validation import read_sequences
from rnnselect.speed import LOADING_SHARE, SCORING_ROWS


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv(stores.KEEP_VARIABLE, str(tmp_path / "programs"))
    monkeypatch.setattr(stored, "program_store", stores.program_store)
    return stores.program_store()


def keep(store, clf, X, y):
    """Keep something under the names of the programs that a fit needs."""
    prepared = clf._prepare(X, y)
    trainer = clf._make_trainer(prepared.state)
    trainer.prepare(prepared.training, [], 0)
    for length in prepared.training.padded_lengths:
        shape = trainer._steps_per_chunk, trainer._rows, length
        block = scoring_steps(trainer.architecture, length), SCORING_ROWS, length
        keys = (
            ProgramKey("train", trainer._traced, trainer.update, shape),
            ProgramKey("score", trainer.architecture, None, block),
        )
        for key in keys:
            store.program(key.name, "settings").write(b"code")


def profile_sequences_of(X, y):
    return profile_sequences(read_sequences(X), y, "classification")


@pytest.mark.parametrize("kind", ["series", "panel", "ragged", "padded", "several lengths"])
def test_the_names_are_those_that_a_fit_looks_for(store, data, kind):
    if kind == "several lengths":
        X, y = [np.ones((length, 2)) for length in [3] * 40 + [100] * 20], data.classes
        assert profile_sequences_of(X, y).padded_lengths == (4, 128)
    else:
        X, y = getattr(data, kind), data.classes
    assert stored_candidates(DefaultCandidates(32), profile_sequences_of(X, y)) == ()
    keep(store, RNNClassifier(cell="lstm"), X, y)
    assert stored_candidates(DefaultCandidates(32), profile_sequences_of(X, y)) == ("lstm",)
    assert stored_candidates(DefaultCandidates(16), profile_sequences_of(X, y)) == ()
    for path in store.folder.iterdir():  # each of them is needed
        content = path.read_bytes()
        path.unlink()
        assert stored_candidates(DefaultCandidates(32), profile_sequences_of(X, y)) == ()
        path.write_bytes(content)


def test_a_plan_with_a_warm_store_starts_sooner(store, data):
    X, y = data.panel, data.classes
    advisor = RNNAdvisor(RNNClassifier())
    cold = advisor.plan(X, y).forecast.startup.expected
    for cell in ("gru", "lstm"):
        keep(store, RNNClassifier(cell=cell, dropout=0), X, y)
    saved = cold - advisor.plan(X, y).forecast.startup.expected
    assert saved == pytest.approx((1 - LOADING_SHARE) * 3.2)
