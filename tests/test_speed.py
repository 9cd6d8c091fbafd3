from dataclasses import replace

import pytest

from rnnselect.speed import NOMINAL, SCORING_ROWS, Workload

WORK = Workload(
    cell="gru",
    flops_per_timestep=10_000,
    n_parameters=1_000,
    n_passes=1,
    batch_size=32,
    padded_length=50.0,
    min_epochs=10,
    max_epochs=30,
    validation_fraction=0.1,
)


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_what_a_step_consists_of(cell):
    machine = NOMINAL.cells[cell]
    found = NOMINAL.training(replace(WORK, cell=cell))
    arithmetic = 3 * 32 * 10_000 / machine.flops_per_second  # forward and backward
    step = machine.step_seconds + 50 * (machine.timestep_seconds + arithmetic)
    assert found.step_seconds == pytest.approx(step)
    assert found.scoring_seconds == pytest.approx(step * machine.scoring_share * SCORING_ROWS / 32)
    assert found.epoch_seconds == NOMINAL.epoch_seconds
    assert found.source == "arithmetic"


@pytest.mark.parametrize(
    ("change", "times"),
    [({}, 1), ({"n_passes": 4}, 4), ({"n_lengths": 3}, 3), ({"n_passes": 2, "n_lengths": 2}, 4)],
)
def test_each_layer_direction_and_length_is_compiled(change, times):
    found = NOMINAL.training(replace(WORK, **change))
    assert found.compile_seconds == pytest.approx(times * NOMINAL.cells["gru"].compile_seconds)


@pytest.mark.parametrize(
    "change", [{"flops_per_timestep": 20_000}, {"n_passes": 2}, {"padded_length": 99.0}]
)
def test_more_work_takes_longer(change):
    small, large = NOMINAL.training(WORK), NOMINAL.training(replace(WORK, **change))
    assert small.step_seconds < large.step_seconds
    assert small.scoring_seconds < large.scoring_seconds


def test_a_busy_machine_takes_longer_for_everything():
    idle, busy = NOMINAL.training(WORK), NOMINAL.slowed(3.0).training(WORK)
    assert busy.step_seconds == pytest.approx(3 * idle.step_seconds)
    assert busy.scoring_seconds == pytest.approx(3 * idle.scoring_seconds)
    assert busy.compile_seconds == pytest.approx(3 * idle.compile_seconds)
    assert busy.epoch_seconds == pytest.approx(3 * idle.epoch_seconds)
    assert NOMINAL.slowed(3.0).import_seconds == 3 * NOMINAL.import_seconds
