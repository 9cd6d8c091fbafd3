import math
from dataclasses import replace

import pytest

from rnnselect.advice.cost import (
    EARLY_STOPPING,
    PARALLEL_EFFICIENCY,
    SPEED_ERROR,
    CostForecast,
    Interval,
    cheaper_cell,
    forecast_cost,
)
from rnnselect.speed import NOMINAL, TrainingSpeed, Workload

CELLS = ("gru", "lstm")
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
SLOW = TrainingSpeed(
    step_seconds=0.01,
    epoch_seconds=0.002,
    scoring_seconds=0.064,
    compile_seconds=2.0,
    source="arithmetic",
)
CALIBRATED = replace(SLOW, source="calibration")
PROBED = replace(SLOW, compile_seconds=0.0, source="probe")
# Beside the epochs of a fit: its start, and four blocks of 64 for its 200 test rows.
FIXED = NOMINAL.fit_seconds + 4 * 0.064
ALL_EPOCHS = replace(WORK, min_epochs=30)


def forecast(speed=SLOW, *, lstm_speed=None, work=WORK, n_samples=1000, n_folds=5, **kwargs):
    speeds = {"gru": speed, "lstm": lstm_speed or speed}
    return forecast_cost(
        dict.fromkeys(CELLS, work), speeds, n_samples=n_samples, n_folds=n_folds, **kwargs
    )


def test_arithmetic_of_a_fit():
    cost = forecast()
    # 800 training rows, 80 of them for validation: 23 batches and two blocks; 10 to 30 epochs
    epoch = 0.002 + 23 * 0.01 + 2 * 0.064
    epochs = 10 + 20 * EARLY_STOPPING.expected
    assert cost.fits["gru"].expected == pytest.approx(FIXED + epochs * epoch)
    # all 1000 rows, 100 of them for validation: 29 batches and two blocks; nothing is scored
    whole = 0.002 + 29 * 0.01 + 2 * 0.064
    assert cost.refits["lstm"].expected == pytest.approx(NOMINAL.fit_seconds + epochs * whole)
    assert cost.first_epoch == pytest.approx(whole)
    assert cost.source == "arithmetic"


def test_a_training_without_validation_uses_all_rows():
    cost = forecast(work=replace(ALL_EPOCHS, validation_fraction=0.0))
    assert cost.fits["gru"].expected == pytest.approx(FIXED + 30 * (0.002 + 25 * 0.01))


def test_start_up_is_the_import_and_both_compilations():
    error = SPEED_ERROR["arithmetic"]
    assert forecast().startup == Interval.around(NOMINAL.import_seconds + 4.0, error)
    assert forecast(imported=True).startup == Interval.around(4.0, error)
    assert forecast(PROBED).startup == Interval.around(NOMINAL.import_seconds, error)
    calibrated = replace(NOMINAL, import_seconds=20.0, source="calibration")
    startup = forecast(CALIBRATED, machine=calibrated).startup
    assert startup == Interval.around(24.0, SPEED_ERROR["calibration"])


def test_what_is_imported_and_compiled_costs_nothing():
    assert forecast(PROBED, imported=True).startup == Interval.exactly(0.0)


@pytest.mark.parametrize("speed", [SLOW, CALIBRATED, PROBED])
def test_with_known_epochs_only_the_speed_is_open(speed):
    fit = forecast(speed, work=ALL_EPOCHS).fits["gru"]
    assert fit.high / fit.expected == pytest.approx(SPEED_ERROR[speed.source])
    assert fit.expected / fit.low == pytest.approx(SPEED_ERROR[speed.source])


def test_more_knowledge_gives_narrower_intervals():
    fits = [forecast(speed).fits["gru"] for speed in (SLOW, CALIBRATED, PROBED)]
    assert [fit.expected for fit in fits] == [fits[0].expected] * 3
    assert fits[0].high > fits[1].high > fits[2].high
    assert fits[0].low < fits[1].low < fits[2].low


def test_independent_errors_add_up_in_quadrature():
    assert list(Interval.around(5.0, 2.0).blurred(1.0).to_dict().values()) == pytest.approx(
        [2.5, 5.0, 10.0]
    )
    both = Interval(2.0, 4.0, 12.0).blurred(3.0)
    assert math.log(both.high / 4) == pytest.approx(math.hypot(math.log(3), math.log(3)))
    assert math.log(4 / both.low) == pytest.approx(math.hypot(math.log(2), math.log(3)))


@pytest.mark.parametrize(
    ("speed", "lstm_speed", "source"),
    [
        (PROBED, PROBED, "probe"),
        (CALIBRATED, CALIBRATED, "calibration"),
        (PROBED, SLOW, "arithmetic"),
        (CALIBRATED, SLOW, "arithmetic"),
    ],
)
def test_both_cells_must_be_known(speed, lstm_speed, source):
    assert forecast(speed, lstm_speed=lstm_speed).source == source


def test_where_early_stopping_ends_fits_can_be_given():
    to_the_end = forecast(stopping=Interval.exactly(1.0)).fits["gru"]
    assert to_the_end == forecast(work=ALL_EPOCHS).fits["gru"]


# --- finished fits -------------------------------------------------------------------------------


def after(*seconds, speed=PROBED, **kwargs):
    return forecast(speed, finished_seconds=dict.fromkeys(CELLS, seconds), **kwargs)


def test_finished_fits_correct_the_forecast_but_do_not_replace_it():
    before = forecast(PROBED).fits["gru"].expected
    one, four = (after(*[3 * before] * n).fits["gru"].expected for n in (1, 4))
    assert before < one < four < 3 * before
    assert after(before).fits["gru"].expected == pytest.approx(before)


def test_each_cell_is_corrected_by_its_own_fits():
    before = forecast(PROBED)
    cost = forecast(PROBED, finished_seconds={"gru": [2.0, 4.0], "lstm": [60.0]})
    assert cost.source == "finished fits"
    assert cost.fits["gru"].expected < before.fits["gru"].expected < cost.fits["lstm"].expected
    share = before.refits["gru"].expected / before.fits["gru"].expected
    for cell in CELLS:
        assert cost.refits[cell].expected == pytest.approx(share * cost.fits[cell].expected)
    assert cost.refit == cost.refits["lstm"]


def test_the_more_fits_have_finished_the_narrower_the_interval():
    before = forecast(PROBED).fits["gru"]
    widths = [
        fit.high / fit.low
        for fit in (before, *(after(5.0, *[5.0] * n).fits["gru"] for n in (0, 3)))
    ]
    assert widths == sorted(widths, reverse=True)


def test_what_was_predicted_well_is_corrected_less():
    """Arithmetic may be wrong by a factor of two, a probe hardly."""
    seconds = 3 * forecast(SLOW).fits["gru"].expected
    by_arithmetic, by_probe = (
        after(seconds, speed=speed, work=ALL_EPOCHS).fits["gru"].expected
        for speed in (SLOW, PROBED)
    )
    assert by_probe < by_arithmetic


def test_what_only_stands_in_is_replaced():
    cost = after(3.0, stand_in=True)
    assert cost.fits["gru"].expected == 3.0
    assert after(2.0, 8.0, stand_in=True).fits["gru"].expected == 5.0


def test_a_clock_that_stood_still():
    fit = after(0.0, stand_in=True).fits["gru"]
    assert 0 < fit.low < fit.expected < fit.high < 1


@pytest.mark.parametrize("finished", [None, {"gru": [1.0, 7.0], "lstm": [2.0]}])
@pytest.mark.parametrize("speed", [SLOW, CALIBRATED, PROBED])
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
        small, large = (forecast(NOMINAL.training(work), work=work) for work in (WORK, more))
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


def test_who_was_dropped_costs_nothing_more():
    slow = replace(SLOW, step_seconds=1.0)
    cost = forecast(lstm_speed=slow)
    left = cost.only(("gru",))
    assert left.fits.keys() == left.refits.keys() == {"gru"}
    assert left.refit == cost.refits["gru"]
    assert cost.refit == cost.refits["lstm"]
    seconds = cost.total(1, refit=False).expected + cost.refits["gru"].expected
    assert cost.affordable_pairs(seconds, 1, refit=True) == 0
    assert left.affordable_pairs(seconds, 1, refit=True) == 1


def test_what_belongs_to_a_pair_beside_its_fits():
    cost = forecast(baseline_seconds=1.0, noise_seconds=0.25)
    assert cost.beside_fits == 1.5
    assert cost.only(("gru",)).beside_fits == 1.25
    assert cost.pairs(3).expected == pytest.approx(forecast().pairs(3).expected + 4.5)
