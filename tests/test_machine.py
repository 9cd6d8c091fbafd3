import json
from dataclasses import replace

import pytest

from rnnselect.machine import Calibration, Machine, measure_load
from rnnselect.speed import NOMINAL


def test_this_machine():
    machine = Machine.this()
    assert machine == Machine.this()
    assert machine.processor
    assert machine.n_cores >= 1
    assert list(machine.versions) == ["python", "rnnselect", "keras", "tensorflow"]
    assert machine.difference(Machine.this()) is None


@pytest.mark.parametrize(
    ("backend", "package"), [("jax", "jax"), ("torch", "torch"), ("", "tensorflow")]
)
def test_the_backend_is_the_one_that_keras_will_take(monkeypatch, backend, package):
    monkeypatch.setenv("KERAS_BACKEND", backend)
    assert list(Machine.this().versions)[-1] == package


def test_a_package_that_is_not_there_has_no_version(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "no_such_backend")
    assert Machine.this().versions["no_such_backend"] == "unknown"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"processor": "Z80"}, "of another machine"),
        ({"n_cores": 99}, "of another machine"),
        ({"versions": {}}, "not of python"),
        ({"versions": Machine.this().versions | {"keras": "1.0"}}, "of keras 1.0"),
    ],
)
def test_in_what_another_one_differs(change, words):
    assert Machine.this().difference(replace(Machine.this(), **change)) == words


class HalfAProcessor:
    """Takes the place of the module `time` where every second reading finds another task."""

    now = 0.0

    def perf_counter(self):
        self.now += 0.001
        return self.now

    def thread_time(self):
        return self.now / 2


def test_load_is_what_other_work_takes(monkeypatch):
    assert measure_load() >= 1.0
    monkeypatch.setattr("rnnselect.machine.time", HalfAProcessor())
    assert measure_load() == pytest.approx(2.0, rel=0.05)


def test_a_calibration_prints_as_a_table():
    calibration = Calibration(Machine.this(), NOMINAL, "2026-11-23", 25.0)
    text = str(calibration)
    assert calibration.machine.processor in text
    assert "Calibrated on 2026-11-23, in 25 s" in text
    assert text.count("70 GFLOP/s") == 2
    assert max(map(len, text.splitlines())) <= 100
    assert json.loads(json.dumps(calibration.to_dict()))["day"] == "2026-11-23"
