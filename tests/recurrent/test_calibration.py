import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

import rnnselect
from rnnselect.calibration_file import known_speed
from rnnselect.recurrent import calibration, programs
from rnnselect.recurrent.calibration import Timed, calibrate, measure
from rnnselect.speed import NOMINAL, SCORING_ROWS

TINY = ((3, 8, 16),)


def timed(units, n_timesteps, batch_size, *, step, timestep, flops_per_second):
    """A shape whose steps take what these figures say, and whose scoring takes half of that."""
    flops = 30 * units**2
    arithmetic = 3 * batch_size * flops / flops_per_second
    seconds = step + n_timesteps * (timestep + arithmetic)
    block = seconds / 2 * SCORING_ROWS / batch_size
    return Timed(
        cell="gru",
        n_timesteps=n_timesteps,
        batch_size=batch_size,
        flops_per_timestep=flops,
        compile_seconds=1.5,
        runs={},
        seconds={"step": seconds, "steps": 4 * seconds, "block": block, "blocks": 8 * block},
        n_steps=4,
    )


@pytest.mark.parametrize(
    "truth",
    [
        {"step": 2e-4, "timestep": 1e-5, "flops_per_second": 5e10},
        {"step": 0.0, "timestep": 3e-5, "flops_per_second": 2e9},
        {"step": 1e-3, "timestep": 0.0, "flops_per_second": 1e11},
    ],
)
def test_the_parts_of_a_step_are_found(truth):
    found = calibration._cell_speed([timed(*shape, **truth) for shape in calibration.SHAPES])
    assert found.step_seconds == pytest.approx(truth["step"], abs=1e-9)
    assert found.timestep_seconds == pytest.approx(truth["timestep"], abs=1e-11)
    assert found.flops_per_second == pytest.approx(truth["flops_per_second"])
    assert found.scoring_share == pytest.approx(0.5)
    assert found.compile_seconds == 1.5


def test_contradictory_times_give_no_negative_part():
    """More units take less time: nothing explains that, and nothing is made up."""
    truth = {"step": 1e-4, "timestep": 1e-5, "flops_per_second": 5e10}
    shapes = [timed(*shape, **truth) for shape in calibration.SHAPES]
    for shape in shapes:
        shape.seconds["steps"] /= shape.flops_per_timestep
    found = calibration._cell_speed(shapes)
    assert found.step_seconds >= 0
    assert found.timestep_seconds >= 0
    assert 0 < found.flops_per_second < np.inf


def test_a_measurement_is_a_speed_that_can_be_stored(monkeypatch):
    monkeypatch.setattr(programs, "_programs", {})  # earlier tests may have compiled the same
    speed = measure(TINY)
    assert speed.source == "calibration"
    assert set(speed.cells) == {"gru", "lstm"}
    for cell in speed.cells.values():
        assert cell.compile_seconds > 0
        assert cell.scoring_share > 0
        assert 0 < cell.flops_per_second < np.inf
    assert calibration.speed_from_dict(calibration.asdict(speed)) == speed


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("RNNSELECT_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_calibrate_stores_what_it_returns(folder, monkeypatch):
    monkeypatch.setattr(calibration, "_measure_in_fresh_process", lambda *_: NOMINAL)
    assert rnnselect.calibrate is calibrate
    found = calibrate()
    assert {each.loading_share for each in found.speed.cells.values()} == {1.0}
    assert known_speed().speed.cells == found.speed.cells
    assert found.day in known_speed().sentence


def test_loading_is_timed_where_programs_are_kept(folder, monkeypatch):
    stores = []

    def measured(shapes, store):
        stores.append(store)
        share = 1.0 if len(shapes) > 1 else 0.1
        cells = {
            name: replace(cell, compile_seconds=share * cell.compile_seconds)
            for name, cell in NOMINAL.cells.items()
        }
        return replace(NOMINAL, cells=cells)

    monkeypatch.setattr(calibration, "_measure_in_fresh_process", measured)
    found = calibrate()
    assert [cell.loading_share for cell in found.speed.cells.values()] == pytest.approx([0.1, 0.1])
    assert stores[0] == stores[1]
    assert "loading it, of compiling" in str(found)
    # Nothing is known of loading where compiling took no time.
    cell = replace(NOMINAL.cells["gru"], compile_seconds=0.0)
    assert calibration._with_loading(cell, cell) == cell


def test_calibrate_returns_its_result_where_nothing_can_be_stored(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("RNNSELECT_CACHE_DIR", str(tmp_path / "file"))
    monkeypatch.setattr(calibration, "_measure_in_fresh_process", lambda *_: NOMINAL)
    with pytest.warns(UserWarning, match="cannot be stored"):
        assert calibrate().speed.source == NOMINAL.source


@pytest.mark.parametrize(
    ("interpreter", "words"),
    [
        ("/nonexistent/python", "No such file"),
        ("", "failed"),
        ("false", "it ended with code 1"),
        ("true", "Expecting value"),
    ],
)
def test_a_measurement_that_fails(folder, monkeypatch, interpreter, words):
    monkeypatch.setattr(sys, "executable", interpreter)
    with pytest.raises(RuntimeError, match=words):
        calibrate()
    assert not folder.exists()


@pytest.mark.slow  # a fresh interpreter imports TensorFlow, and compiles
def test_the_whole_measurement_in_a_process_of_its_own(folder, monkeypatch):
    monkeypatch.setattr(calibration, "SHAPES", TINY)
    monkeypatch.setenv("PYTHONPATH", "")
    found = calibrate()
    assert found.speed.import_seconds > 0.1
    assert known_speed().speed.cells == found.speed.cells


def test_an_interrupt_ends_it(folder, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        calibrate()
    assert not folder.exists()
