import pytest

from rnnselect.advice.alternatives import other_budgets, worthwhile_pairs
from rnnselect.advice.cost import CostForecast, Interval
from rnnselect.advice.planner import make_plan
from rnnselect.advice.prior import NoisePrior, Prior
from rnnselect.advice.rules import RaceRules
from rnnselect.sequences.profile import profile_sizes

CELLS = ("gru", "lstm")
SPENT = 10.0


def plan(budget=None, *, refit=False, startup=6.0, **rules):
    return make_plan(
        profile_sizes(n_samples=1500, sequence_length=50),
        CostForecast(
            startup=Interval.around(startup, 1.5),
            fits=dict.fromkeys(CELLS, Interval.around(2.0, 1.5)),
            refits=dict.fromkeys(CELLS, Interval.around(3.0, 1.5)),
            first_epoch=0.1,
            baseline_seconds=0.0,
            n_jobs=1,
            source="probe",
        ),
        Prior(0.5),
        NoisePrior(1.8**2, 2),
        RaceRules(**rules),
        cells=CELLS,
        cheaper="gru",
        budget_seconds=budget,
        refit=refit,
    )


def alternatives(own_budget=None, *, left=None, **kwargs):
    made = plan(left, **kwargs)
    predicted = made.forecast.total(made.n_pairs, refit=False) + Interval.exactly(SPENT)
    return other_budgets(made, predicted, own_budget)


@pytest.mark.parametrize("refit", [False, True])
@pytest.mark.parametrize(
    "rules",
    [
        {"min_gain_points": 0.0},
        {"min_gain_points": 0.05},
        {"min_gain_points": 5.0, "min_pairs": 1},
        {"min_gain_points": 5.0, "min_pairs": 4},
        {"min_gain_points": 5.0, "min_pairs": 2, "max_pairs": 1},
    ],
)
@pytest.mark.parametrize("budget", [None, 0.0, 5.0, 9.5, 10.0, 14.0, 18.0, 26.0, 1000.0])
def test_it_is_what_a_plan_with_that_budget_would_do(budget, refit, rules):
    without_limit = plan(refit=refit, **rules)
    expected = plan(budget, refit=refit, **rules).n_pairs
    assert worthwhile_pairs(without_limit, budget) == expected


@pytest.mark.parametrize(("own", "left"), [(None, None), (60.0, 50.0), (3.0, 0.0)])
def test_from_too_small_to_more_than_enough(own, left):
    found = alternatives(own, left=left)
    budgets = [each.budget_seconds for each in found]

    assert budgets[-1] is None
    assert budgets[:-1] == sorted(set(budgets[:-1]))
    assert 10 <= len(found) <= 14
    assert [each.budget_seconds for each in found if each.own] == [own]
    assert (found[0].action, found[0].n_pairs) == ("recommend", 0)
    assert found[-1].n_pairs == plan().n_pairs
    assert [each.n_pairs for each in found] == sorted(each.n_pairs for each in found)


def test_what_was_spent_before_the_plan_counts():
    found = alternatives(startup=0.0)
    assert all(each.n_pairs == 0 for each in found[:-1] if each.budget_seconds < SPENT + 4)
    assert any(each.n_pairs for each in found[:-1])
    for each in found:
        left = each.left_points + each.removed_points
        assert left == pytest.approx(plan().expected_regret_points)
        assert each.seconds.expected >= SPENT


def test_the_fewest_pairs_that_are_asked_for_are_bought_where_they_fit():
    rules = {"min_gain_points": 5.0, "min_pairs": 4}
    found = plan(**rules)
    assert (found.n_pairs, found.action) == (4, "cross_validate")
    assert worthwhile_pairs(found, 1000.0) == 4
    assert worthwhile_pairs(found, 15.0) == 0  # two pairs fit
