import json
import math

import pytest

from rnnselect.advice.cost import CostForecast, Interval
from rnnselect.advice.evidence import matching_evidence
from rnnselect.advice.planner import make_plan, useful_seconds
from rnnselect.advice.posterior import three_way, update
from rnnselect.advice.prior import NoisePrior, Prior
from rnnselect.advice.rules import RaceRules
from rnnselect.sequences.profile import profile_sizes

CELLS = ("gru", "lstm")


def costs(*, startup=6.0, fit=2.0, refit=3.0):
    return CostForecast(
        startup=Interval.around(startup, 1.5),
        fits=dict.fromkeys(CELLS, Interval.around(fit, 1.5)),
        refits=dict.fromkeys(CELLS, Interval.around(refit, 1.5)),
        first_epoch=0.1,
        baseline_seconds=0.0,
        n_jobs=1,
        source="arithmetic",
    )


def plan(budget=None, *, scale=0.5, sd=1.8, rules=None, refit=False, forecast=None, **kwargs):
    return make_plan(
        profile_sizes(n_samples=1500, sequence_length=50, n_channels=3, n_outputs=4),
        costs() if forecast is None else forecast,
        Prior(scale, sources=("a trial",)),
        NoisePrior(sd**2, 2),
        RaceRules() if rules is None else rules,
        cells=CELLS,
        cheaper="gru",
        budget_seconds=budget,
        refit=refit,
        **kwargs,
    )


def codes(found):
    return [reason.code for reason in found.reasons]


@pytest.mark.parametrize(
    ("kwargs", "action", "n_pairs", "why"),
    [
        pytest.param({}, "cross_validate", 2, "value", id="no limit"),
        pytest.param({"budget": 1000.0}, "cross_validate", 2, "value", id="ample budget"),
        pytest.param({"budget": 11.0}, "cross_validate", 1, "value", id="one pair fits"),
        pytest.param({"budget": 9.0}, "recommend", 0, "budget", id="no pair fits"),
        pytest.param({"budget": 0.0}, "recommend", 0, "budget", id="nothing is left"),
        pytest.param({"budget": 12.0, "refit": True}, "recommend", 0, "budget", id="the refit"),
        pytest.param({"sd": 14.0}, "recommend", 0, "value", id="hopeless noise"),
        pytest.param({"scale": 0.05}, "recommend", 0, "value", id="a history that knows"),
        pytest.param(
            {"sd": 14.0, "budget": 1000.0}, "recommend", 0, "value", id="noise, ample budget"
        ),
        pytest.param(
            {"rules": RaceRules(min_gain_points=0)}, "cross_validate", 10, "value", id="all"
        ),
        pytest.param(
            {"rules": RaceRules(min_gain_points=0, n_folds=3, max_pairs=3)},
            "cross_validate",
            3,
            "value",
            id="three folds only",
        ),
        pytest.param({"rules": RaceRules(max_pairs=1)}, "cross_validate", 1, "value", id="one"),
    ],
)
def test_what_is_bought(kwargs, action, n_pairs, why):
    if kwargs.get("rules") == RaceRules(min_gain_points=0):
        n_pairs = 5  # as many as there are
    found = plan(**kwargs)

    assert (found.action, found.n_pairs) == (action, n_pairs)
    assert found.cell == "gru"
    assert codes(found) == ["prior", why]


def test_the_probabilities_are_those_of_the_prior():
    found = plan()
    assert list(found.probabilities) == ["gru", "equivalent", "lstm"]
    assert sum(found.probabilities.values()) == pytest.approx(1)
    assert found.probabilities["gru"] == pytest.approx(found.probabilities["lstm"])
    assert 0 < found.expected_regret_points < 0.5

    prior, noise = Prior(0.5), NoisePrior(1, 2)
    now = update(prior, noise, [3.0, 3.0], n_folds=5, rope_points=1)
    probabilities = three_way(now, ("lstm", "gru"))
    assert probabilities["gru"] == now.q_second_better > probabilities["lstm"]


def test_rows_show_the_alternatives():
    found = plan(11.0)
    assert [row.n_pairs for row in found.rows] == [0, 1, 2, 3, 5, 10]
    assert [row.fits_budget for row in found.rows] == [True, True, False, False, False, False]
    values = [row.value_points for row in found.rows]
    assert values == sorted(values)
    assert values[0] == 0
    assert found.rows[3].seconds == costs().total(3, refit=False)
    assert found.seconds == found.rows[1].seconds


def test_a_ready_made_number_of_splits_is_among_the_rows():
    found = plan(rules=RaceRules(n_folds=4, max_pairs=7))
    assert {4, 7, 8} <= {row.n_pairs for row in found.rows}
    assert found.n_pairs <= 7


@pytest.mark.parametrize("refit", [False, True])
@pytest.mark.parametrize(
    "forecast", [costs(), costs(startup=0.0, fit=0.03), costs(startup=20.0, fit=0.1, refit=0.1)]
)
def test_the_budget_that_is_named_is_one_with_which_a_pair_is_run(refit, forecast):
    useful = useful_seconds(forecast, refit=refit)
    too_small = plan(max(useful - 1.0, 0.01), refit=refit, forecast=forecast)

    assert plan(float(useful), refit=refit, forecast=forecast).action == "cross_validate"
    assert too_small.action == "recommend"
    assert any(f"With a budget of {useful} s," in line for line in too_small.what_would_change_this)


@pytest.mark.parametrize("budget", [None, 1000.0])
def test_more_budget_is_not_promised_to_help_against_noise(budget):
    found = plan(budget, sd=14.0)
    assert found.n_pairs == 0
    assert not any("From" in line for line in found.what_would_change_this)
    assert any("min_gain=0" in line for line in found.what_would_change_this)


def test_what_does_not_fit_is_not_called_worthless():
    """One pair fits and is worth too little; five would be worth it."""
    rules = RaceRules(min_gain_points=0.15)
    assert plan(rules=rules).n_pairs > 0
    found = plan(11.0, rules=rules)

    assert found.n_pairs == 0
    assert codes(found) == ["prior", "budget"]
    (line,) = found.what_would_change_this
    useful = int(line.split("budget of ")[1].split(" s")[0])
    assert plan(float(useful), rules=rules).n_pairs > 0
    assert plan(float(useful - 1), rules=rules).n_pairs == 0


def test_published_comparisons_are_shown_and_change_nothing():
    shown = matching_evidence("translation")
    with_evidence, without = plan(evidence=shown), plan()
    assert with_evidence.evidence == shown != ()
    assert with_evidence.probabilities == without.probabilities
    assert with_evidence.cell == without.cell


@pytest.mark.parametrize("kwargs", [{}, {"budget": 3.0}, {"sd": 14.0}])
def test_plain_values(kwargs):
    found = plan(evidence=matching_evidence("translation"), **kwargs)
    record = found.to_dict()
    assert json.loads(found.to_json()) == json.loads(json.dumps(record))
    assert {*found.__slots__, "seconds"} == set(record)
    assert record["profile"]["n_samples"] == 1500
    assert record["forecast"]["startup"] == {"low": 4.0, "expected": 6.0, "high": 9.0}
    assert math.isclose(sum(record["probabilities"].values()), 1)
    assert record["seconds"]["expected"] == found.seconds.expected


def test_as_text():
    assert "not tested" in str(plan(3.0))
    assert "recommend GRU outright" in str(plan(3.0))
    assert "Budget: 3 s" in str(plan(3.0))
    assert "cross-validate both cells" in str(plan())
    assert "Budget: none" in str(plan())
    for reason in plan().reasons:
        assert reason.sentence.split(",")[0] in str(plan())


def test_more_pairs_are_refused_by_value_or_by_the_budget():
    assert "more pairs would add less than 0.05" in str(plan())
    tight = str(plan(11.0))
    assert "5 would save" in tight
    assert "do not fit the budget" in " ".join(tight.split())


def test_a_pair_that_is_owed_is_planned():
    """A sharp prior would do without; a budget that has no room for it says so."""
    rules = RaceRules(min_pairs=1)
    found, cramped = (plan(budget, scale=0.05, rules=rules) for budget in (None, 9.0))

    assert (found.action, found.n_pairs, codes(found)[-1]) == ("cross_validate", 1, "value")
    assert (cramped.action, codes(cramped)[-1]) == ("recommend", "budget")
    assert "a first pair" in cramped.what_would_change_this[0]


def test_an_untested_cell_is_the_one_that_a_centre_favours():
    leaning = {"first": Prior(0.1, -0.5), "second": Prior(0.1, 0.5), "slightly": Prior(0.1, 0.02)}
    cells = {}
    for name, prior in leaning.items():
        found = make_plan(
            profile_sizes(n_samples=1500, sequence_length=50), costs(), prior, NoisePrior(4.0, 2),
            RaceRules(), cells=CELLS, cheaper="gru", budget_seconds=None, refit=False,
        )  # fmt: skip
        cells[name] = found.cell
        assert f"taking {found.cell.upper()} untested loses" in found.reasons[0].sentence
        assert found.expected_regret_points < 0.1

    assert cells == {"first": "gru", "second": "lstm", "slightly": "gru"}
