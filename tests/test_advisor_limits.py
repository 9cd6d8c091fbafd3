"""`RNNAdvisor` under limits of the network: who is excluded, what is said, and when."""

import json
from dataclasses import replace

import pytest
from sklearn.datasets import load_digits

from rnnselect import Budget, RNNAdvisor, RNNClassifier
from rnnselect.advice.prior import Prior
from rnnselect.advice.verdict import StopReason, Verdict
from rnnselect.comparison import flow, problem, timing
from rnnselect.exceptions import BudgetTooSmallError, NoCellFitsError
from rnnselect.recurrent.base import BaseRNN

SMALL = {"units": 8, "epochs": 4, "pooling": None}
SIZES = {"n_samples": 5000, "sequence_length": 50, "n_channels": 4}
# A GRU of 8 units on 8 channels with 10 classes has 522 parameters, an LSTM 634.
ONE_CELL = Budget(max_parameters=600)


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    return X[:400].reshape(-1, 8, 8), y[:400]


@pytest.fixture
def fits(monkeypatch):
    """The cells that are fitted."""
    fitted, fit = [], BaseRNN._fit

    def record(self, *args, **kwargs):
        fitted.append(self.cell)
        return fit(self, *args, **kwargs)

    monkeypatch.setattr(BaseRNN, "_fit", record)
    return fitted


def advisor(budget, **parameters):
    return RNNAdvisor(RNNClassifier(**SMALL), budget=budget, cv=3, random_state=0, **parameters)


def words(text):
    return " ".join(str(text).split())


# --- one cell is excluded -------------------------------------------------------------------------


def test_the_other_cell_is_recommended_without_a_race(digits, fits):
    fitted = advisor(ONE_CELL).fit(*digits)
    found = fitted.recommendation_

    assert (found.action, found.cell, found.verdict) == ("recommend", "gru", Verdict.NOT_TESTED)
    assert found.stop_reason is StopReason.EXCLUDED
    assert fits == ["gru"]  # on all data, and nothing before
    assert fitted.best_estimator_.model_.count_params() == 522
    assert fitted.predict(digits[0][:3]).shape == (3,)
    assert found.headline == (
        "GRU. LSTM is excluded: it has 634 parameters, more than max_parameters=600; with 7 units "
        "in place of 8 it would fit."
    )
    for text in (
        "Not tested. Other data sets suggest: GRU better",
        "No pair was run, because only one cell keeps the limits",
    ):
        assert text in words(found)
    assert found.probabilities == advisor(None).plan(*digits).probabilities
    assert found.expected_regret_points == found.plan.expected_regret_points > 0
    assert (found.scores, found.pairs, found.worth_it) == ({"gru": (), "lstm": ()}, (), None)
    assert not found.clock_decided


def test_with_the_proposed_units_both_cells_race(digits):
    network = RNNClassifier(**{**SMALL, "units": 7})
    plan = RNNAdvisor(network, budget=ONE_CELL, cv=3).plan(*digits)
    assert plan.action == "cross_validate"
    assert plan.exclusions == ()
    assert "parameters 437 528 600 yes" in words(plan)


def test_the_first_cell_can_be_the_excluded_one(digits):
    network = RNNClassifier(**SMALL)
    found = RNNAdvisor(network, cells=("lstm", "gru"), budget=ONE_CELL, cv=3).recommend(*digits)
    assert (found.cell, found.plan.exclusions[0].cell) == ("gru", "lstm")
    sums = sum(found.probabilities.values())
    assert sums == pytest.approx(1)


def test_time_is_not_what_decided(digits):
    found = advisor(Budget(seconds=300, max_parameters=600)).recommend(*digits)
    assert (found.stop_reason, found.clock_decided) == (StopReason.EXCLUDED, False)
    assert found.budget_seconds == 300


def test_equal_parameters_are_counted_by_their_own_units():
    network = RNNClassifier(units=32, cell="lstm")
    advisor = RNNAdvisor(network, match="parameters", budget=Budget(max_parameters=4950))
    (exclusion,) = advisor.plan(**SIZES).exclusions
    assert (exclusion.cell, exclusion.units, exclusion.units_that_fit) == ("gru", 37, 36)


# --- plan -----------------------------------------------------------------------------------------


def test_plan_says_what_is_excluded_and_what_the_race_would_have_cost():
    plan = RNNAdvisor(budget=Budget(max_parameters=4000)).plan(**SIZES)
    free = RNNAdvisor().plan(**SIZES)

    assert (plan.action, plan.cell, plan.n_pairs) == ("recommend", "gru", 0)
    assert [row.n_pairs for row in plan.rows] == [0]
    assert plan.probabilities == free.probabilities
    text = words(plan)
    for part in (
        "Plan: recommend GRU outright, not tested: LSTM is excluded by max_parameters",
        "parameters 3,842 4,930 4,000 not by LSTM",
        "LSTM is excluded: it has 4,930 parameters, more than max_parameters=4,000; with 28 units",
        "taking GRU untested loses",
        "With units=28, or max_parameters=4930, both cells would be cross-validated: about",
        f" {free.n_pairs} pairs of fits, {free.seconds.expected:.0f} s",
    ):
        assert part in text
    assert all(len(line) <= 100 for line in str(plan).splitlines())


def test_plan_where_no_race_would_have_been_run_anyway():
    plan = RNNAdvisor(budget=Budget(seconds=1, max_parameters=4000)).plan(**SIZES)
    assert plan.what_would_change_this == (
        "With units=28, or max_parameters=4930, LSTM would be considered as well.",
    )


def test_plan_with_limits_that_both_keep():
    limits = Budget(memory="2GB", max_parameters=5000, max_latency="10s")
    plan, free = (RNNAdvisor(budget=budget).plan(**SIZES) for budget in (limits, None))
    assert plan.n_pairs == free.n_pairs > 0
    assert plan.rows == free.rows
    assert [limit.source for limit in plan.limits] == ["arithmetic"] * 3
    assert "memory of training" in str(plan)
    assert free.limits == free.exclusions == ()
    assert "limits" not in str(free)


def test_records_carry_the_limits(digits):
    found = advisor(ONE_CELL).recommend(*digits)
    limit = {
        "name": "max_parameters",
        "allowed": 600,
        "values": {"gru": 522, "lstm": 634},
        "source": "arithmetic",
    }
    sizes = {"units": 8, "units_that_fit": 7}
    excluded = {"cell": "lstm", **sizes, "broken": [limit], "shortage": ""}
    for record in (found, found.plan):
        as_read = json.loads(record.to_json())
        assert as_read["limits"] == [limit]
        assert as_read["exclusions"] == [excluded]
    assert json.loads(found.to_json())["stop_reason"] == "excluded"


# --- both cells are excluded ----------------------------------------------------------------------


@pytest.mark.parametrize("budget", [Budget(max_parameters=400), Budget(300, max_parameters=400)])
@pytest.mark.parametrize("call", ["plan", "recommend", "fit"])
def test_nothing_fits(digits, fits, call, budget):
    with pytest.raises(NoCellFitsError, match="For both, set units=") as caught:
        getattr(advisor(budget), call)(*digits)
    for part in ("GRU is excluded: it has 522 parameters", "LSTM is excluded: it has 634 param",
                 "more than max_parameters=400"):  # fmt: skip
        assert part in str(caught.value)
    assert fits == []
    units = min(caught.value.units_that_fit.values())
    network = RNNClassifier(**{**SMALL, "units": units})
    assert not RNNAdvisor(network, budget=budget, cv=3).plan(*digits).exclusions


def test_limits_and_a_budget_of_time_that_is_too_small(digits, fits):
    with pytest.raises(BudgetTooSmallError):
        advisor(Budget(seconds=0.01, max_parameters=600)).fit(*digits)
    assert fits == []


# --- latency: measured where programs are compiled anyway -----------------------------------------


def test_a_latency_that_both_keep_is_measured(digits):
    found = advisor(Budget(max_latency="60s")).recommend(*digits)
    (limit,) = found.plan.limits
    assert found.action == "cross_validate"
    assert limit.source == "measured"
    assert all(0 < seconds < 60 for seconds in limit.values.values())
    assert found.clock_decided
    assert "latency, measured" in str(found)


def measured(monkeypatch, **seconds):
    """Compile and time as usual, but let predictions take other seconds."""
    probe = flow.probe

    def other(comparison, **kwargs):
        speeds = probe(comparison, **kwargs)
        assert all(speed.predict_seconds > 0 for speed in speeds.values())
        return {cell: replace(speeds[cell], predict_seconds=seconds[cell]) for cell in speeds}

    monkeypatch.setattr(flow, "probe", other)


def test_a_measured_latency_excludes_before_any_training(digits, fits, monkeypatch):
    measured(monkeypatch, gru=0.5, lstm=0.1)
    found = advisor(Budget(max_latency="200ms")).recommend(*digits)
    assert (found.cell, found.stop_reason) == ("lstm", StopReason.EXCLUDED)
    assert found.headline.startswith(
        "LSTM. GRU is excluded: predicting one sequence took 500 ms, more than max_latency=200 ms"
    )
    assert found.reasons[0].source == "measured"
    assert found.clock_decided
    assert fits == []


def test_what_was_measured_overrules_the_arithmetic(digits, monkeypatch):
    limit = Budget(max_latency="2us")
    with pytest.raises(NoCellFitsError, match="takes about"):
        advisor(limit).plan(*digits)
    measured(monkeypatch, gru=1e-6, lstm=1e-6)
    assert advisor(limit).recommend(*digits).action == "cross_validate"
    measured(monkeypatch, gru=1.0, lstm=2.0)
    with pytest.raises(NoCellFitsError, match="predicting one sequence took 2 s"):
        advisor(limit).recommend(*digits)


def test_without_a_race_arithmetic_decides(digits, fits):
    with pytest.raises(NoCellFitsError, match="takes about"):
        advisor(Budget(seconds=0.01, max_latency="2us")).recommend(*digits)
    assert fits == []


def test_without_a_latency_none_is_measured(digits):
    found = advisor(Budget(memory="1GB")).recommend(*digits)
    assert not found.clock_decided
    assert [limit.name for limit in found.plan.limits] == ["memory"]


# --- whoever is left out is not recommended, whatever is believed of the gap ----------------------


@pytest.fixture(params=[-9.0, 9.0], ids=["prior for GRU", "prior for LSTM"])
def opinion(monkeypatch, request):
    """Earlier races speak for one cell by nine points."""
    monkeypatch.setattr(problem, "prior_for", lambda **_: Prior(1.0, centre_points=request.param))


@pytest.mark.usefixtures("opinion")
@pytest.mark.parametrize("name", ["max_parameters", "memory", "max_latency"])
@pytest.mark.parametrize("cells", [("gru", "lstm"), ("lstm", "gru")])
@pytest.mark.parametrize("settings", [None, {"dropout": [0.0, 0.1]}])
def test_an_excluded_cell_is_never_recommended(digits, fits, monkeypatch, name, cells, settings):
    monkeypatch.setattr(timing, "measure_load", lambda: 1.0)

    def made(limit, **parameters):
        budget = Budget(seconds=1, **{name: limit})
        return RNNAdvisor(
            RNNClassifier(units=64, pooling=None), cells=cells, budget=budget, cv=3, **parameters
        )

    (limit,) = made(10**10 if name != "max_latency" else 0.9).plan(*digits).limits
    most = sum(limit.values.values()) / 2
    most = most if name == "max_latency" else int(most)
    kept = min(limit.values, key=limit.values.get)
    own = made(most, task="sentiment")
    before, found = own.plan(*digits), own.recommend(*digits)
    for each in (before, found.plan, found):
        assert each.cell == kept
        assert each.expected_regret_points == pytest.approx(before.expected_regret_points)
    for plan in (before, found.plan):
        assert kept not in {each.cell for each in plan.exclusions}
        assert f"taking {kept.upper()} untested loses" in words(plan)
        assert plan.forecast.refits.keys() == {kept}
    if settings:  # both settings of one cell are left
        plan = made(most, param_grid=settings).plan(*digits)
        assert {name.partition(",")[0] for name in (plan.cell, *plan.cells)} == {kept}
    assert fits == []


@pytest.mark.usefixtures("opinion")
def test_of_several_the_one_that_is_left_is_recommended(digits, fits):
    def made(most):
        return RNNAdvisor(
            RNNClassifier(pooling=None),
            param_grid={"units": [8, 16]},
            budget=Budget(seconds=1, max_parameters=most),
            cv=3,
        )

    found = made(600).recommend(*digits)  # an LSTM of 8 units has 634
    assert found.candidate == found.plan.cell == "gru, units=8"
    assert found.stop_reason is StopReason.EXCLUDED
    found = made(700).recommend(*digits)  # both of 8 units are left, and no pair fits
    assert not found.pairs
    assert found.params == {"units": 8}
    better = max(("gru", "lstm"), key=lambda cell: found.plan.probabilities[f"{cell}, units=8"])
    assert found.cell == better
    assert fits == []


def test_only_those_that_keep_the_limits_are_probed(digits, fits, monkeypatch):
    probed = []

    def probe(comparison, *, cells, **kwargs):
        probed.extend(cells)
        raise KeyboardInterrupt

    monkeypatch.setattr(flow, "probe", probe)
    own = RNNAdvisor(
        RNNClassifier(pooling=None),
        param_grid={"units": [8, 16]},
        budget=Budget(seconds=600, max_parameters=700),
        cv=3,
        min_gain=0,
    )
    with pytest.raises(KeyboardInterrupt):
        own.recommend(*digits)
    assert probed == ["gru, units=8", "lstm, units=8"]
