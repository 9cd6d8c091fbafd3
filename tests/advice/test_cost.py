import math
from dataclasses import replace

import pytest

from rnnselect.advice.cost import (
    EARLY_STOP_EXPECTED,
    EARLY_STOP_HIGH,
    EARLY_STOP_LOW,
    FIT_OVERHEAD_SECONDS,
    NOMINAL_ERROR,
    PARALLEL_EFFICIENCY,
    PROBE_ERROR,
    CostForecast,
    Interval,
    cheaper_cell,
    forecast_cost,
)
from rnnselect.speed import NOMINAL_IMPORT_SECONDS, TrainingSpeed, Workload, nominal_speed

CELLS = ("gru", "lstm")
WORK = Workload(
    flops_per_timestep=10_000,
    n_parameters=1_000,
    n_passes=1,
    batch_size=32,
    padded_length=50.0,
    min_epochs=10,
    max_epochs=30,
    validation_fraction=0.1,
)
SLOW = TrainingSpeed(
    step_seconds=0.01, scored_row_seconds=0.001, compile_seconds=2.0, measured=False
)
PROBED = replace(SLOW, compile_seconds=0.0, measured=True)


def forecast(speed=SLOW, *, lstm_speed=None, work=WORK, n_samples=1000, n_folds=5, **kwargs):
    speeds = {"gru": speed, "lstm": lstm_speed or speed}
    return forecast_cost(
        dict.fromkeys(CELLS, work), speeds, n_samples=n_samples, n_folds=n_folds, **kwargs
    )


def test_arithmetic_of_a_fit():
    cost = forecast()
    # 800 training rows, 80 of them for validation: 23 batches; 200 test rows; 10 to 30 epochs
    low, expected, high = (
        10 + 20 * share for share in (EARLY_STOP_LOW, EARLY_STOP_EXPECTED, EARLY_STOP_HIGH)
    )
    epoch = 23 * 0.01 + 80 * 0.001
    assert cost.fits["gru"].expected == pytest.approx(FIT_OVERHEAD_SECONDS + 0.2 + expected * epoch)
    assert cost.fits["gru"].low == pytest.approx(
        (FIT_OVERHEAD_SECONDS + 0.2 + low * epoch) / NOMINAL_ERROR
    )
    assert cost.fits["gru"].high == pytest.approx(
        (FIT_OVERHEAD_SECONDS + 0.2 + high * epoch) * NOMINAL_ERROR
    )
    # all 1000 rows, 100 of them for validation: 29 batches; nothing is scored
    whole = 29 * 0.01 + 100 * 0.001
    assert cost.refits["lstm"].expected == pytest.approx(FIT_OVERHEAD_SECONDS + expected * whole)
    assert cost.first_epoch == pytest.approx(whole)
    assert cost.source == "arithmetic"


def test_a_training_without_validation_uses_all_rows():
    cost = forecast(work=replace(WORK, validation_fraction=0.0, min_epochs=30))
    epoch = 25 * 0.01
    assert cost.fits["gru"].expected == pytest.approx(FIT_OVERHEAD_SECONDS + 0.2 + 30 * epoch)


def test_start_up_is_the_import_and_both_compilations():
    assert forecast().startup == Interval.around(NOMINAL_IMPORT_SECONDS + 4.0, NOMINAL_ERROR)
    assert forecast(imported=True).startup == Interval.around(4.0, NOMINAL_ERROR)
    assert forecast(PROBED).startup == Interval.around(NOMINAL_IMPORT_SECONDS, NOMINAL_ERROR)


def test_what_is_imported_and_compiled_costs_nothing():
    assert forecast(PROBED, imported=True).startup == Interval.exactly(0.0)


def test_a_probe_is_trusted_more_than_arithmetic():
    guess, probed = forecast(), forecast(PROBED)
    assert probed.source == "probe"
    assert probed.fits["gru"].expected == guess.fits["gru"].expected
    assert probed.fits["gru"].high * NOMINAL_ERROR == pytest.approx(
        guess.fits["gru"].high * PROBE_ERROR
    )
    assert guess.fits["gru"].low < probed.fits["gru"].low


def test_one_probed_cell_is_not_enough():
    assert forecast(PROBED, lstm_speed=SLOW).source == "arithmetic"


def test_finished_fits_replace_the_forecast():
    before = forecast(PROBED)
    cost = forecast(PROBED, finished_seconds={"gru": [2.0, 4.0], "lstm": [30.0]})

    assert cost.source == "finished fits"
    assert cost.fits["gru"].expected == 3.0
    assert cost.fits["gru"].low < 2.0 < 4.0 < cost.fits["gru"].high
    assert cost.fits["lstm"].expected == 30.0
    share = before.refits["gru"].expected / before.fits["gru"].expected
    assert cost.refits["gru"].expected == pytest.approx(3.0 * share)
    assert cost.refit == cost.refits["lstm"]


@pytest.mark.parametrize("finished", [None, {"gru": [1.0, 7.0], "lstm": [2.0]}])
@pytest.mark.parametrize("speed", [SLOW, PROBED])
@pytest.mark.parametrize("n_samples", [2, 37, 10_000])
@pytest.mark.parametrize("max_epochs", [10, 200])
def test_intervals_are_ordered(speed, finished, n_samples, max_epochs):
    cost = forecast(
        speed,
        work=replace(WORK, max_epochs=max_epochs),
        n_samples=n_samples,
        finished_seconds=finished,
    )
    every = [cost.startup, cost.pairs(3), cost.total(5, refit=True)]
    for interval in [*every, *cost.fits.values(), *cost.refits.values()]:
        assert 0 < interval.low <= interval.expected <= interval.high


@pytest.mark.parametrize("bigger", ["n_samples", "padded_length", "n_passes", "max_epochs"])
def test_more_work_costs_more(bigger):
    if bigger == "n_samples":
        small, large = (forecast(n_samples=n) for n in (1000, 2000))
    else:
        more = replace(WORK, **{bigger: 2 * getattr(WORK, bigger)})
        small, large = (forecast(nominal_speed(work), work=work) for work in (WORK, more))
    assert small.fits["gru"].expected < large.fits["gru"].expected
    assert small.total(1, refit=True).high < large.total(1, refit=True).high


def made(*, startup=0.0, fit=(1.0, 1.0), spread=1.0, refit=2.0, baselines=0.0, n_jobs=1):
    """A forecast whose numbers can be reckoned in one's head."""
    fits = {c: Interval.around(s, spread) for c, s in zip(CELLS, fit, strict=True)}
    return CostForecast(
        startup=Interval.around(startup, spread),
        fits=fits,
        refits=dict.fromkeys(CELLS, Interval.around(refit, spread)),
        first_epoch=0.1,
        baseline_seconds=baselines,
        n_jobs=n_jobs,
        source="probe",
    )


def test_totals_add_up():
    cost = made(startup=10.0, fit=(1.0, 3.0), refit=5.0)
    assert cost.pairs(2).expected == 8.0
    assert cost.total(2, refit=False).expected == 18.0
    assert cost.total(2, refit=True).expected == 23.0
    assert cost.total(0, refit=True).expected == 15.0
    assert cost.total(0, refit=False) == Interval.exactly(0.0)


@pytest.mark.parametrize(
    ("cost", "left", "at_most", "refit", "n_pairs"),
    [
        pytest.param(made(), None, 5, True, 5, id="no limit: all"),
        pytest.param(made(), None, 0, True, 0, id="no limit, no pairs"),
        pytest.param(made(), 100.0, 5, False, 5, id="never more than there are"),
        pytest.param(made(), 100.0, 0, False, 0, id="none left"),
        pytest.param(made(), 6.0, 5, False, 3, id="three fit to the second"),
        pytest.param(made(), 5.9, 5, False, 2, id="the third does not fit quite"),
        pytest.param(made(), 6.0, 5, True, 2, id="the refit is held back"),
        pytest.param(made(startup=4.0), 6.0, 5, False, 1, id="start-up comes first"),
        pytest.param(
            made(startup=4.0, spread=2.0), 7.9, 5, False, 0, id="start-up must fit at its worst"
        ),
        pytest.param(made(startup=4.0, spread=2.0), 8.0, 5, False, 2, id="and then it does"),
        pytest.param(made(), 1.9, 5, False, 0, id="not one"),
        pytest.param(made(), 0.0, 5, False, 0, id="nothing left"),
        pytest.param(made(), -3.0, 5, False, 0, id="overdrawn"),
        pytest.param(made(spread=2.0), 6.0, 5, False, 3, id="what is expected counts"),
        pytest.param(made(baselines=1.0), 6.0, 5, False, 2, id="baselines cost as well"),
        pytest.param(made(n_jobs=2), 6.0, 5, False, 5, id="two at a time"),
    ],
)
def test_affordable_pairs(cost, left, at_most, refit, n_pairs):
    assert cost.affordable_pairs(left, at_most, refit=refit) == n_pairs


def test_baselines_are_paid_for_each_pair():
    cost = made(fit=(1.0, 3.0), baselines=0.5, n_jobs=2)
    without = made(fit=(1.0, 3.0), n_jobs=2)
    assert cost.pairs(3).expected == pytest.approx(without.pairs(3).expected + 1.5)
    assert cost.total(0, refit=True) == without.total(0, refit=True)


def test_parallel_fits_save_time_but_not_all_of_it():
    alone, two, four = (made(n_jobs=n).pairs(4).expected for n in (1, 2, 4))
    assert alone == 8.0
    assert two == pytest.approx(8.0 / (2 * PARALLEL_EFFICIENCY))
    assert alone / 4 < four < two < alone


def test_more_workers_than_fits_do_not_help():
    assert made(n_jobs=64).pairs(1) == made(n_jobs=2).pairs(1)
    assert math.isclose(made(n_jobs=64).pairs(0).expected, 0.0)


@pytest.mark.parametrize(
    ("seconds", "cell"),
    [
        pytest.param(None, "gru", id="no clock: fewer parameters"),
        pytest.param({"gru": 1.0, "lstm": 1.0}, "gru", id="equal: fewer parameters"),
        pytest.param({"gru": 1.09, "lstm": 1.0}, "gru", id="9 % slower: fewer parameters"),
        pytest.param({"gru": 1.11, "lstm": 1.0}, "lstm", id="11 % slower: the faster one"),
        pytest.param({"gru": 1.0, "lstm": 50.0}, "gru", id="faster and smaller"),
        pytest.param({"gru": 50.0, "lstm": 1.0}, "lstm", id="much faster, though larger"),
    ],
)
def test_cheaper_cell(seconds, cell):
    parameters = {"gru": 75, "lstm": 100}
    assert cheaper_cell(CELLS, parameters, seconds) == cell
    assert cheaper_cell(CELLS[::-1], parameters, seconds) == cell


@pytest.mark.parametrize("cells", [CELLS, CELLS[::-1]])
@pytest.mark.parametrize("seconds", [None, {"gru": 1.0, "lstm": 1.0}])
def test_where_nothing_speaks_against_it_the_first_cell_is_taken(cells, seconds):
    assert cheaper_cell(cells, {"gru": 100, "lstm": 100}, seconds) == cells[0]
