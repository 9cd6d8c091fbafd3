"""Races as a history keeps them."""

from datetime import UTC, datetime
from types import SimpleNamespace

import numpy as np
import pytest

from rnnselect.advice.posterior import NoisePrior, pair_statistics
from rnnselect.advice.record import Circumstances, RaceRecord
from rnnselect.sequences.fingerprint import fingerprint
from rnnselect.sequences.validation import read_sequences


def circumstances(**changes):
    facts = {
        "target": "classification",
        "scorer": "accuracy",
        "score_kind": "bounded",
        "first_cell": "gru",
        "second_cell": "lstm",
        "setting_hash": "abc",
        "settings": "{}",
        "kind": "panel",
        "n_samples": 1000,
        "sequence_length": 50,
        "n_channels": 3,
        "n_outputs": 2,
    }
    return Circumstances(**{**facts, **changes})


def statistics(differences=(0.2, -0.1), sd=0.5):
    return pair_statistics(NoisePrior(sd**2, 10.0), differences, n_folds=5)


def data(seed=0, rows=slice(None)):
    X = np.random.default_rng(seed).normal(size=(120, 12))
    return fingerprint(read_sequences(X[rows]))


def record(seed=0, *, differences=(0.2, -0.1), sd=0.5, verdict="safe", rows=slice(None), **changes):
    return RaceRecord(
        datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC),
        circumstances(**changes),
        1.0,
        statistics(differences, sd),
        verdict,
        12.5,
        '{"rnnselect": "0.1.0"}',
        data(seed, rows),
    )


@pytest.fixture(scope="session")
def make():
    return SimpleNamespace(
        circumstances=circumstances, statistics=statistics, data=data, record=record
    )
