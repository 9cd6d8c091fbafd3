import pytest
from sklearn.base import clone

from rnnselect import RNNClassifier
from rnnselect.recurrent import plain, programs
from rnnselect.recurrent.probe import measure_speeds, without_compiling


@pytest.fixture
def problem(data):
    return data.panel, data.classes


@pytest.fixture
def networks(monkeypatch):
    """Two networks, and a process that has compiled nothing."""
    monkeypatch.setattr(programs, "_programs", {})
    monkeypatch.setattr(plain, "_training_networks", plain._IdleNetworks())
    settings = {"units": 3, "batch_size": 16, "epochs": 2, "random_state": 0}
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


def test_what_needs_no_compiling_is_known(networks, problem):
    X, y = problem
    assert without_compiling(networks, X, y) == ()
    networks["lstm"].fit(X, y)
    counts = programs.program_counts()
    assert without_compiling(networks, X, y) == ("lstm",)
    assert without_compiling(networks, X[:30], y[:30]) == ("lstm",)
    assert without_compiling(networks, X[:, :, :1], y) == ()
    for changed in ({"units": 6}, {"optimizer": "sgd"}, {"engine": "keras"}, {"batch_size": 8}):
        others = {name: clone(each).set_params(**changed) for name, each in networks.items()}
        assert without_compiling(others, X, y) == ()
    networks["gru"].fit(X, y)
    assert without_compiling(networks, X, y) == ("gru", "lstm")
    assert programs.program_counts()["train"] == counts["train"] + 1
