import re
import sys
from dataclasses import fields, replace

import numpy as np
import pytest
from sklearn.model_selection import RepeatedStratifiedKFold, ShuffleSplit, TimeSeriesSplit

from rnnselect import RNNAdvisor, RNNClassifier
from rnnselect.advice.prior import Prior
from rnnselect.advice.verdict import StopReason, Verdict
from rnnselect.comparison import flow, problem, timing
from rnnselect.comparison.flow import compare
from rnnselect.comparison.timing import refuse_hopeless, under_load
from rnnselect.exceptions import BudgetTooSmallError
from rnnselect.speed import TrainingSpeed

TIMED = {"predicted_seconds", "actual_seconds", "cell_seconds", "baseline_seconds", "plan", "pairs"}


@pytest.fixture
def run(stub, monkeypatch):
    """Compare stubs; nothing needs importing, and networks are known to be slow before fits."""
    monkeypatch.setitem(sys.modules, "tensorflow", sys)
    monkeypatch.setitem(sys.modules, "keras", sys)

    def run(estimator, *, n=400, lines=None, **kwargs):
        told = [] if lines is None else lines
        X, y = stub.data(n)
        return compare(*stub.comparison(estimator, X, y, **kwargs), lambda p: told.append(p.text))

    return run


def test_budget_too_small(run, stub):
    """What other estimators take is unknown, so one fit is timed; its seconds say what fits."""
    lines = []
    found = run(stub.Classifier(seconds=(3.0, 3.0)), budget=5.0, lines=lines)

    assert (found.action, found.verdict) == ("recommend", Verdict.NOT_TESTED)
    assert found.stop_reason is StopReason.BUDGET
    assert len(stub.fits) == 1
    assert found.plan.forecast.source == "finished fits"
    assert found.plan.forecast.fits["lstm"].expected == 3.0
    assert "not tested" in str(found).lower()
    assert found.clock_decided
    (seconds,) = re.findall(r"budget of (\d+) s, a first pair would be run", str(found))
    assert int(seconds) == 9
    assert any("not tested" in line for line in lines)
    assert run(stub.Classifier(seconds=(3.0, 3.0)), budget=9.0).action == "cross_validate"


def test_the_first_fit_of_another_package_is_timed_and_kept(run, stub):
    lines = []
    found = run(stub.Classifier(errors=(0.05, 0.45)), n=3000, budget=100.0, lines=lines)
    assert lines[0] == "timing one fit ..."
    assert len(stub.fits) == 2 * len(found.pairs)
    assert found.cell == "gru"


def test_without_a_budget_nothing_is_timed(run, stub):
    lines = []
    found = run(stub.Classifier(errors=(0.05, 0.45)), n=3000, lines=lines)
    assert lines[0].startswith("plan: ")
    assert found.plan.forecast.source == "arithmetic"
    assert found.plan.reasons[-1].code == "cost_unknown"
    assert "is known only after one timed fit" in " ".join(str(found.plan).split())


def test_settles_early(run, stub):
    found = run(stub.Classifier(errors=(0.05, 0.45)), n=3000)

    assert found.cell == "gru"
    assert found.verdict in (Verdict.CLEARLY_BETTER, Verdict.BETTER_SIZE_OPEN, Verdict.SAFE)
    assert found.stop_reason is StopReason.NOTHING_MORE_TO_GAIN
    assert 1 <= len(found.pairs) < 5
    assert len(stub.fits) == 2 * len(found.pairs)
    assert not found.clock_decided


def test_all_pairs_where_all_are_wanted(run, stub):
    found = run(stub.Classifier(errors=(0.05, 0.45)), min_gain=0.0)

    assert found.stop_reason is StopReason.ALL_PAIRS_RUN
    assert len(found.pairs) == 5
    assert [pair.fold for pair in found.pairs] == [0, 1, 2, 3, 4]
    for name in ("prediction without learning", "linear model on summary features"):
        assert len(found.baseline_scores[name]) == 5


def test_the_chosen_cell_counts_against_the_baseline(run, stub):
    good = run(stub.Classifier(errors=(0.0, 0.0)))
    assert good.worth_it is False  # the answer stands in X, for linear models as well
    assert good.best_baseline.startswith("linear")


def test_equal_cells_the_measured_cheaper_one_is_taken(run, stub):
    for seconds, cell in [((9.0, 1.0), "lstm"), ((1.0, 9.0), "gru")]:
        found = run(stub.Classifier(seconds=seconds), budget=10_000.0)
        assert found.verdict in (Verdict.EQUIVALENT, Verdict.SAFE)
        assert found.cell == cell
        assert found.cell_seconds == dict(zip(("gru", "lstm"), seconds, strict=True))
        assert found.clock_decided


@pytest.mark.parametrize("budget", [None, 1e5])
@pytest.mark.parametrize("min_gain", [0.0, 50.0])
def test_what_nobody_has_counted_is_not_called_smaller(run, stub, budget, min_gain):
    """The parameters of another package's networks are not those of a default network."""
    text = str(run(stub.Classifier(errors=(0.1, 0.1)), budget=budget, min_gain=min_gain))
    assert "fewer parameters" not in text
    assert "costs less" not in text
    assert "the first of the two" in " ".join(text.split())


def test_of_other_networks_the_first_is_taken(stub):
    X, y = stub.data(400)
    for cells in (("gru", "lstm"), ("lstm", "gru")):
        found = RNNAdvisor(stub.Classifier(), cells=cells, random_state=0).recommend(X, y)
        assert found.cell == cells[0]
        own = RNNAdvisor(RNNClassifier(), cells=cells, budget=1).recommend(X, y)
        assert "by default, because it costs less" in str(own)
        assert own.cell == "gru"


def test_without_a_budget_the_smaller_cell_is_taken(run, stub):
    found = run(stub.Classifier(seconds=(9.0, 1.0)))
    assert found.cell == "gru"
    assert not found.clock_decided


def test_the_budget_ends_the_race(run, stub):
    """Near ties at high noise go on until the clock stops them."""
    first = run(stub.Classifier(errors=(0.45, 0.44)), min_gain=0.0)
    assert len(first.pairs) == 5
    found = run(
        stub.Classifier(errors=(0.45, 0.44), seconds=(30.0, 30.0)), budget=150.0, min_gain=0.0
    )
    assert found.stop_reason is StopReason.BUDGET
    assert 1 <= len(found.pairs) <= 2
    assert found.actual_seconds <= 150.0
    assert found.clock_decided
    assert any("would pay for another pair" in line for line in found.what_would_change_this)


def test_a_first_pair_that_the_deadline_cuts(run, stub):
    found = run(stub.Classifier(stop_reason="deadline"), budget=10_000.0)
    assert (found.action, found.verdict) == ("recommend", Verdict.NOT_TESTED)
    (seconds,) = re.findall(r"With a budget of (\d+) s", str(found))
    assert int(seconds) > 10_000


def same_but_for_seconds(first, second):
    for field in fields(first):
        if field.name not in TIMED:
            assert getattr(first, field.name) == getattr(second, field.name), field.name
    zero = dict.fromkeys(first.cells, 0.0)
    assert [replace(pair, seconds=zero) for pair in first.pairs] == [
        replace(pair, seconds=zero) for pair in second.pairs
    ]


@pytest.mark.parametrize("errors", [(0.1, 0.1), (0.3, 0.25), (0.1, 0.4)])
@pytest.mark.parametrize(
    "cv", [5, RepeatedStratifiedKFold(n_splits=3, random_state=0, n_repeats=2)]
)
def test_the_advice_does_not_depend_on_the_number_of_workers(run, stub, errors, cv):
    alone, two, six = (
        run(stub.Classifier(errors=errors), n_jobs=n_jobs, cv=cv) for n_jobs in (1, 2, 6)
    )
    same_but_for_seconds(alone, two)
    same_but_for_seconds(alone, six)


def test_interrupted_in_the_second_pair(run, stub, monkeypatch):
    monkeypatch.setattr(stub.Base, "interrupt_at", 3)
    found = run(stub.Classifier(errors=(0.3, 0.28)), min_gain=0.0)

    assert found.stop_reason is StopReason.INTERRUPTED
    assert len(found.pairs) == 1
    assert found.verdict is not Verdict.NOT_TESTED
    assert all(len(scores) == 1 for scores in found.scores.values())
    assert all(len(scores) == 1 for scores in found.baseline_scores.values())


def test_interrupted_in_the_first_pair(run, stub, monkeypatch):
    monkeypatch.setattr(stub.Base, "interrupt_at", 1)
    with pytest.raises(KeyboardInterrupt):
        run(stub.Classifier())


def test_progress_is_told(run, stub):
    lines = []
    found = run(stub.Classifier(errors=(0.1, 0.4)), lines=lines, budget=10_000.0)
    pairs = [line for line in lines if line.startswith("pair ")]
    assert lines[1].startswith("plan: cross-validate")
    assert len(pairs) == len(found.pairs)
    assert f"GRU {found.pairs[0].scores['gru']:.3f}" in pairs[0]
    assert "s left" in pairs[0]


def network_comparison(stub, **kwargs):
    X, y = stub.data(kwargs.pop("n", 2000))
    return stub.comparison(RNNClassifier(units=4, epochs=5), X, y, **kwargs)


def test_the_probe_revises_the_plan(stub, monkeypatch):
    """Measured to be a thousand times slower than typical, nothing fits any more."""

    def slow(comparison, **_):
        stub.time.now += 10.0
        speed = TrainingSpeed(100.0, 0.0, 64.0, compile_seconds=0.0, source="probe")
        return dict.fromkeys(comparison.candidates.cells, speed)

    monkeypatch.setattr(flow, "probe", slow)
    monkeypatch.setitem(sys.modules, "tensorflow", sys)
    monkeypatch.setitem(sys.modules, "keras", sys)
    found = compare(*network_comparison(stub, budget=120.0), lambda line: None)

    assert found.action == "recommend"
    assert found.plan.forecast.source == "probe"
    assert found.plan.budget_seconds == 110.0
    (seconds,) = re.findall(r"With a budget of (\d+) s", str(found))
    assert int(seconds) > 1000


def test_start_up_that_takes_too_long_is_not_gone_on_with(stub, monkeypatch):
    """The second cell is not compiled after a first one that took more than what is left."""
    asked = []

    def slow_start(comparison, *, cells, first, predict, may_compile, end):
        assert first == "gru"
        asked.append(may_compile(0.0))
        stub.time.now += 20.0
        asked.append(may_compile(20.0))
        return

    monkeypatch.setattr(flow, "probe", slow_start)
    found = compare(*network_comparison(stub, budget=35.0), lambda line: None)
    assert asked == [True, False]
    assert found.stop_reason is StopReason.BUDGET
    assert not found.pairs
    assert found.actual_seconds == 20.0


@pytest.mark.parametrize(("budget", "load"), [(60.0, 3.0), (None, 1.0)])
def test_other_work_makes_the_forecast_longer(stub, monkeypatch, budget, load):
    monkeypatch.setattr(timing, "measure_load", lambda: 3.0)
    problem, _, clock = network_comparison(stub, budget=budget)
    startup = under_load(problem, clock).forecast().startup
    assert startup.expected == pytest.approx(load * problem.forecast().startup.expected)


@pytest.mark.parametrize(
    "kwargs",
    [
        pytest.param({"budget": 3.0}, id="budget too small"),
        pytest.param({"n": 12, "cv": 3}, id="noise, no limit"),
        pytest.param({"n": 12, "cv": 3, "budget": 600.0}, id="noise, ample budget"),
    ],
)
def test_nothing_is_probed_where_no_pair_would_be_run(stub, monkeypatch, kwargs):
    def never(comparison, cell):
        raise AssertionError("probed in vain")

    monkeypatch.setattr(flow, "probe", never)
    monkeypatch.setattr(problem, "prior_for", lambda **_: Prior(0.5))
    found = compare(*network_comparison(stub, **kwargs), lambda line: None)
    assert found.verdict is Verdict.NOT_TESTED
    assert found.stop_reason is (
        StopReason.BUDGET if kwargs.get("budget") == 3.0 else StopReason.UNRESOLVABLE
    )


def test_refusal_names_the_smallest_budget_that_is_not_refused(stub):
    problem, _, clock = network_comparison(stub, refit=True, budget=1.0)
    with pytest.raises(
        BudgetTooSmallError, match=r"budget=1 s is too small.*Give budget="
    ) as caught:
        refuse_hopeless(problem, clock)
    smallest = caught.value.smallest_useful_seconds
    assert f"Give budget={smallest:.0f} or more" in str(caught.value)

    problem, _, clock = network_comparison(stub, refit=True, budget=smallest)
    refuse_hopeless(problem, clock)
    problem, _, clock = network_comparison(stub, refit=True, budget=smallest - 1.0)
    with pytest.raises(BudgetTooSmallError):
        refuse_hopeless(problem, clock)


@pytest.mark.parametrize("kwargs", [{"refit": False, "budget": 1.0}, {"refit": True}])
def test_nothing_is_refused_without_a_limit_or_a_refit(stub, kwargs):
    problem, _, clock = network_comparison(stub, **kwargs)
    refuse_hopeless(problem, clock)
    assert clock.left() == kwargs.get("budget")


def test_a_regression(run, stub):
    estimator = stub.Regressor(errors=(0.1, 0.6))
    X, y = stub.data(400)
    problem, comparison, clock = stub.comparison(estimator, X, y + np.linspace(0, 1, 400))
    found = compare(problem, comparison, clock, lambda line: None)
    assert found.scoring == "r2"
    assert found.plan.profile.target == "regression"
    assert len(found.pairs) >= 1


@pytest.mark.parametrize("n_folds", [10, 20])
def test_more_than_ten_folds_and_repetitions_of_them(run, stub, n_folds):
    cv = RepeatedStratifiedKFold(n_splits=n_folds, n_repeats=2, random_state=0)
    found = run(stub.Classifier(errors=(0.1, 0.12)), n=400, cv=cv, min_gain=0.0)

    assert len(found.pairs) == 2 * n_folds
    assert sum(found.probabilities.values()) == pytest.approx(1)
    assert {pair.repetition for pair in found.pairs} == {0, 1}


def test_many_halves_of_few_samples_prove_nothing(run, stub):
    """The gap is that of the 120 samples, whichever halves of them are tested."""
    cv = ShuffleSplit(40, test_size=0.5, random_state=0)
    estimator = stub.Classifier(errors=(0.2, 0.18))
    halves = run(estimator, n=120, cv=cv, min_gain=0.0, rope=0.001)
    whole = run(estimator, n=120, cv=5, min_gain=0.0, rope=0.001)

    assert halves.verdict not in (Verdict.CLEARLY_BETTER, Verdict.BETTER_SIZE_OPEN)
    assert halves.probabilities["lstm"] == pytest.approx(whole.probabilities["lstm"], abs=0.15)
    assert "covariance" not in halves.to_dict()["rules"]
    assert halves.to_json()


def test_splits_in_order_of_time_are_weighed_and_told(run, stub):
    found = run(stub.Classifier(errors=(0.2, 0.1)), n=300, cv=TimeSeriesSplit(5), min_gain=0.0)

    (told,) = (each.sentence for each in found.reasons if each.code == "training_sizes")
    assert "the smallest on 20 % of the rows of the largest" in told
    leading = [belief.probabilities["lstm"] for belief in found.beliefs]
    assert leading == sorted(leading)  # it wins every fold, the later ones on more rows
    folds = run(stub.Classifier(errors=(0.2, 0.1)), n=300, cv=5, min_gain=0.0)
    assert "training_sizes" not in {each.code for each in folds.reasons}
