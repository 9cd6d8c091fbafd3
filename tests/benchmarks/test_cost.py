import importlib
import json
import sys
from pathlib import Path

import pytest

from rnnselect.advice.cost import Interval
from rnnselect.speed import NOMINAL, TrainingSpeed, Workload

FOLDER = Path(__file__).parents[2] / "benchmarks" / "advice"

pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="the benchmarks are not shipped")


@pytest.fixture(scope="module")
def races():
    """The file of races; it and those that it imports are scripts without a package."""
    path, modules = list(sys.path), set(sys.modules)
    sys.path.insert(0, str(FOLDER))
    yield importlib.import_module("cost_races")
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        if "benchmarks" in (getattr(sys.modules[name], "__file__", None) or ""):
            del sys.modules[name]


@pytest.fixture
def make(races):
    def make(name="a", family="f", *, epochs=(20, 30), speed=1.0):
        work = {
            cell: Workload(cell, 10_000, 1_000, 1, 32, 50.0, 20, 200, 0.1)
            for cell in ("gru", "lstm")
        }
        step = {"gru": speed, "lstm": 2 * speed}
        return races.CostedRace(
            name=name,
            family=family,
            n_samples=400,
            work=work,
            seconds={cell: [step[cell] * n for n in epochs] for cell in work},
            epochs={cell: list(epochs) for cell in work},
            probed={c: TrainingSpeed(s / 9, 0.0, 0.0, 0.0, "probe") for c, s in step.items()},
            load=1.0,
        )

    return make


def test_a_race_is_kept_as_a_line(races, make):
    race = make()
    assert races.CostedRace.from_json(race.to_json()) == race
    assert "\n" not in race.to_json()
    assert json.loads(race.to_json())["epochs"]["gru"] == [20, 30]


def test_what_is_forecast_is_what_is_left(make):
    race = make(epochs=(20, 30, 40))
    assert race.actual() == 3 * 90
    assert race.actual(1) == 3 * 70
    known, probed = (
        race.forecast(NOMINAL, probed=True, epochs_known=flag, stopping=Interval.exactly(0.1))
        for flag in (True, False)
    )
    # 320 training rows, 32 of them for validation: nine steps an epoch
    assert known.expected == pytest.approx(3 * (30 + 30) + 3 * 30, rel=0.05)
    assert probed.expected == pytest.approx(3 * 3 * 38, rel=0.05)
    after = race.forecast(NOMINAL, probed=True, n_finished=2)
    assert after.expected < race.forecast(NOMINAL, probed=True).expected


def test_the_own_family_says_nothing_about_a_set(races, make):
    many = [make(f"a{i}", "a", epochs=(20, 20)) for i in range(3)] + [make("b", "b", epochs=(200,))]
    assert races.stopping_quantiles(many, without="b") == Interval.exactly(0.0)
    assert races.stopping_quantiles(many, without="a") == Interval.exactly(1.0)
