import json
import os
from dataclasses import replace
from pathlib import Path

import platformdirs
import pytest

from rnnselect import RNNAdvisor
from rnnselect.calibration_file import NOT_CALIBRATED, known_speed, remember
from rnnselect.machine import Calibration, Machine
from rnnselect.speed import LOADING_SHARE, NOMINAL

SLOW = replace(
    NOMINAL,
    cells={
        name: replace(cell, flops_per_second=1e9, timestep_seconds=1e-3)
        for name, cell in NOMINAL.cells.items()
    },
    source="calibration",
)
SIZES = {"n_samples": 5000, "sequence_length": 50}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("RNNSELECT_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def calibration():
    return Calibration(Machine.this(), SLOW, "2026-11-23", 25.0)


@pytest.fixture
def file(folder, calibration):
    """The file of a good calibration of this machine."""
    remember(calibration)
    (path,) = folder.iterdir()
    return path


def test_a_machine_that_was_not_calibrated(folder):
    known = known_speed()
    assert known is NOT_CALIBRATED
    assert known.speed is NOMINAL
    assert "this one has not been calibrated; rnnselect.calibrate() takes" in known.sentence
    assert not folder.exists()


def test_other_work_is_reckoned_with():
    busy = NOT_CALIBRATED.under(2.0)
    assert NOT_CALIBRATED.under(1.0) is NOT_CALIBRATED
    assert busy.speed == NOMINAL.slowed(2.0)
    assert "everything takes 2.0 times as long now" in busy.sentence


def test_what_is_remembered_is_known(file):
    known = known_speed()
    assert known.speed == SLOW
    assert known.sentence == "Costs are predicted for this machine, calibrated on 2026-11-23."


def test_the_last_calibration_counts(folder, file, calibration):
    remember(replace(calibration, day="2027-01-02"))
    assert "2027-01-02" in known_speed().sentence
    assert list(folder.iterdir()) == [file]


def test_a_calibration_without_seconds_of_loading_is_used(file):
    stored = json.loads(file.read_text())
    for cell in stored["speed"]["cells"].values():
        del cell["loading_share"]
    file.write_text(json.dumps(stored))
    assert known_speed().speed.source == "calibration"
    assert {cell.loading_share for cell in known_speed().speed.cells.values()} == {LOADING_SHARE}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"tensorflow": "2.19.0"}, "the calibration of 2026-11-23 is of tensorflow 2.19.0;"),
        ({"keras": "3.10.0"}, "is of keras 3.10.0;"),
        ({"python": "3.99"}, "is of python 3.99;"),
        ({"rnnselect": "0.0.1"}, "is of rnnselect 0.0.1;"),
    ],
)
def test_a_calibration_with_other_versions_is_not_used(folder, calibration, changed, words):
    machine = calibration.machine
    remember(replace(calibration, machine=replace(machine, versions=machine.versions | changed)))
    known = known_speed()
    assert known.speed is NOMINAL
    assert words in known.sentence
    assert "rnnselect.calibrate()" in known.sentence


def test_a_calibration_of_another_backend_is_not_used(file, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    assert known_speed().speed is NOMINAL
    assert "is not of torch" in known_speed().sentence


@pytest.mark.parametrize("other", [{"processor": "Z80"}, {"n_cores": 77}])
def test_a_calibration_of_another_machine_is_not_used(file, other):
    stored = json.loads(file.read_text())
    stored["machine"] |= other
    file.write_text(json.dumps(stored))
    assert known_speed().speed is NOMINAL
    assert "is of another machine" in known_speed().sentence


def changed(*path, to):
    """Return a function that writes a good calibration with one value changed."""

    def write(file):
        stored = json.loads(file.read_text())
        *parents, last = path
        part = stored
        for name in parents:
            part = part[name]
        part[last] = to
        file.write_text(json.dumps(stored))

    return write


def holding(content):
    return lambda file: file.write_bytes(content)


def pipe(file):
    file.unlink()
    os.mkfifo(file)


def directory(file):
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(changed("machine", "versions", "keras", to="\x1b[2J"), id="control letters"),
        pytest.param(changed("machine", "versions", "keras", to="9" * 999), id="long version"),
        pytest.param(changed("day", to="9" * 999), id="long day"),
        pytest.param(holding(b""), id="empty"),
        pytest.param(holding(b'{"layout": 1'), id="cut off"),
        pytest.param(holding(b"\xff\xfe\x00"), id="no text"),
        pytest.param(holding(b"null"), id="null"),
        pytest.param(holding(b'{"layout": 1}'), id="nothing in it"),
        pytest.param(holding(b"[" * 16_000), id="deep"),
        pytest.param(holding(b" " * 10_000_000), id="large"),
        pytest.param(changed("layout", to=2), id="another layout"),
        pytest.param(changed("machine", to=None), id="no machine"),
        pytest.param(changed("machine", "versions", to=["keras"]), id="versions in a list"),
        pytest.param(changed("day", to="<script>"), id="no day"),
        pytest.param(changed("seconds", to=None), id="no seconds"),
        pytest.param(changed("speed", to=7), id="no speed"),
        pytest.param(changed("speed", "cells", to={}), id="no cells"),
        pytest.param(changed("speed", "cells", "gru", to={}), id="no GRU"),
        pytest.param(changed("speed", "fit_seconds", to="0.1"), id="a text"),
        pytest.param(changed("speed", "fit_seconds", to=True), id="a truth"),
        pytest.param(changed("speed", "fit_seconds", to=-1.0), id="negative"),
        pytest.param(changed("speed", "fit_seconds", to=float("nan")), id="nan"),
        pytest.param(changed("speed", "import_seconds", to=float("inf")), id="infinite"),
        pytest.param(changed("speed", "import_seconds", to=10**400), id="beyond any float"),
        pytest.param(changed("speed", "import_seconds", to=1e9), id="absurd"),
        pytest.param(changed("speed", "cells", "lstm", "flops_per_second", to=0), id="no FLOP/s"),
        pytest.param(directory, id="a folder"),
        pytest.param(pipe, id="a pipe"),
    ],
)
def test_a_damaged_calibration_is_said_and_not_used(file, damage):
    damage(file)
    known = known_speed()
    assert known.speed is NOMINAL
    assert "the calibration of this machine cannot be read" in known.sentence
    assert len(known.sentence) < 500
    assert known.sentence.isprintable()
    assert len(known.sentence) < 400 + len(str(file))
    assert "rnnselect.calibrate()" in known.sentence


@pytest.mark.parametrize("damage", [holding(b"null"), holding(b" " * 10_000_000)])
def test_calibrating_again_mends_it(file, calibration, damage):
    damage(file)
    remember(calibration)
    assert known_speed().speed == SLOW


def test_where_nothing_can_be_stored(tmp_path, monkeypatch, calibration):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("mine")
    monkeypatch.setenv("RNNSELECT_CACHE_DIR", str(in_the_way))
    with pytest.warns(UserWarning, match="cannot be stored .* RNNSELECT_CACHE_DIR"):
        remember(calibration)
    assert in_the_way.read_text() == "mine"
    assert known_speed().speed is NOMINAL


def test_a_full_disk_leaves_the_earlier_one(folder, file, calibration, full_disk):
    with full_disk(), pytest.warns(UserWarning, match="measured, but cannot be stored"):
        remember(replace(calibration, day="2027-01-02"))
    assert "2026-11-23" in known_speed().sentence
    assert list(folder.iterdir()) == [file]


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs Linux")
def test_a_folder_that_takes_no_files(monkeypatch, calibration):
    """Nobody, whatever his rights, can make a file there."""
    monkeypatch.setenv("RNNSELECT_CACHE_DIR", "/proc")
    with pytest.warns(UserWarning, match="Make the folder writable, or name another folder"):
        remember(calibration)
    assert known_speed() is NOT_CALIBRATED


def test_nothing_is_left_where_the_file_cannot_be_replaced(folder, file, calibration):
    directory(file)
    with pytest.warns(UserWarning, match="cannot be stored"):
        remember(calibration)
    assert list(folder.iterdir()) == [file]


def test_without_a_home_folder(tmp_path, monkeypatch, calibration):
    monkeypatch.setenv("RNNSELECT_CACHE_DIR", "")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda *_, **__: Path("~/.cache"))
    with pytest.warns(UserWarning, match="no home folder"):
        remember(calibration)
    assert known_speed() is NOT_CALIBRATED
    assert list(tmp_path.iterdir()) == []


def test_without_the_variable_it_is_the_users_cache(tmp_path, monkeypatch, calibration):
    monkeypatch.delenv("RNNSELECT_CACHE_DIR")
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda name, **_: tmp_path / name)
    remember(calibration)
    assert len(list((tmp_path / "rnnselect").iterdir())) == 1
    assert known_speed().speed == SLOW


# --- in a plan -----------------------------------------------------------------------------------


def test_a_plan_rests_on_the_calibration_and_says_so(folder, calibration):
    typical = RNNAdvisor().plan(**SIZES)
    remember(calibration)
    own = RNNAdvisor().plan(**SIZES)

    assert typical.forecast.source == "arithmetic"
    assert own.forecast.source == "calibration"
    assert own.seconds.expected > 10 * typical.seconds.expected
    assert [plan.reasons[-1].code for plan in (typical, own)] == ["cost", "cost"]
    assert "not been calibrated" in " ".join(str(typical).split())
    assert "calibrated on 2026-11-23" in " ".join(str(own).split())


def test_without_a_budget_the_calibration_never_enters_the_advice(folder, calibration):
    typical = RNNAdvisor().plan(**SIZES)
    cells = {
        "gru": replace(SLOW.cells["gru"], timestep_seconds=5e-3),
        "lstm": replace(SLOW.cells["lstm"], timestep_seconds=0.0),
    }
    remember(replace(calibration, speed=replace(SLOW, cells=cells)))
    own = RNNAdvisor().plan(**SIZES)

    assert own.forecast.fits["gru"].expected > 5 * own.forecast.fits["lstm"].expected
    for name in ("action", "cell", "n_pairs", "probabilities", "expected_regret_points"):
        assert getattr(own, name) == getattr(typical, name)
    values = [[(row.n_pairs, row.value_points) for row in plan.rows] for plan in (own, typical)]
    assert values[0] == values[1]


def test_under_a_budget_it_does(folder, calibration):
    assert RNNAdvisor(budget=200).plan(**SIZES).action == "cross_validate"
    remember(calibration)
    assert RNNAdvisor(budget=200).plan(**SIZES).action == "recommend"
