import numpy as np
import pytest

from rnnselect import RNNClassifier
from rnnselect.recurrent.probe import measure_speeds


@pytest.fixture
def problem():
    X = np.random.default_rng(0).normal(size=(40, 4, 2))
    return X, X[:, -1, 0] > 0


@pytest.fixture
def networks():
    settings = {"units": 4, "batch_size": 16, "epochs": 2, "random_state": 0}
    return {cell: RNNClassifier(cell=cell, **settings) for cell in ("gru", "lstm")}


def test_both_cells_are_timed(networks, problem):
    asked = []
    speeds = measure_speeds(
        networks, *problem, n_jobs=1, may_compile=lambda seconds: asked.append(seconds) or True
    )
    assert list(speeds) == ["gru", "lstm"]
    for speed in speeds.values():
        # Noise may hide a step of so small a network within the call that takes several, or that
        # call within its steps; together they are what was timed.
        assert min(speed.step_seconds, speed.epoch_seconds) >= 0
        assert speed.step_seconds + speed.epoch_seconds > 0
        assert speed.source == "probe"
    first, second = asked
    assert first == 0.0
    assert second > 0.0


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_no_programs_are_compiled_without_leave(networks, problem, n_jobs):
    assert measure_speeds(networks, *problem, n_jobs=n_jobs, may_compile=lambda _: False) is None
