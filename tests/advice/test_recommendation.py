import html
import json
import math
import re
from dataclasses import replace
from itertools import cycle, product

import pytest

from rnnselect.advice.baseline import DUMMY
from rnnselect.advice.cost import CostForecast, Interval, cheaper_cell
from rnnselect.advice.planner import make_plan
from rnnselect.advice.points import ScoreScale
from rnnselect.advice.prior import NoisePrior, Prior
from rnnselect.advice.race import PairOutcome, run_race
from rnnselect.advice.recommendation import conclude
from rnnselect.advice.rules import RaceRules
from rnnselect.advice.verdict import StopReason, Verdict
from rnnselect.report.text import percent_text
from rnnselect.sequences.profile import profile_sizes

CELLS = ("gru", "lstm")
LOW_NOISE, USUAL_NOISE, HOPELESS_NOISE = 0.05, 2.6, 160.0


def pair(index, difference, *, level=80.0, variance=LOW_NOISE, seconds=(1.0, 1.0), dummy=50.0):
    points = {"gru": level, "lstm": level + difference}
    return PairOutcome(
        cells=CELLS,
        repetition=index // 5,
        fold=index % 5,
        scores={cell: value / 100 for cell, value in points.items()},
        points=points,
        dummy_points=dummy,
        noise_variance_points2=variance,
        n_test=300,
        seconds=dict(zip(CELLS, seconds, strict=True)),
        n_epochs=dict.fromkeys(CELLS, 10),
    )


def advise(
    differences=(),
    *,
    affordable=100,
    cut_at=100,
    budget=None,
    left=None,
    linear=0.6,
    baselines=True,
    majority_share=None,
    change=lambda race: race,
    rules=None,
    sd_before=1.8,
    seconds=(1.0, 1.0),
    n_samples=1500,
    **kwargs,
):
    """Race recorded differences, and conclude."""
    rules = rules or RaceRules()
    prior, noise = Prior(0.5, sources=("a trial",)), NoisePrior(sd_before**2, 2)
    plan = make_plan(
        profile_sizes(n_samples=n_samples, sequence_length=50),
        CostForecast(
            startup=Interval.around(6.0, 1.5),
            fits=dict.fromkeys(CELLS, Interval.around(2.0, 1.5)),
            refits=dict.fromkeys(CELLS, Interval.around(3.0, 1.5)),
            first_epoch=0.1,
            baseline_seconds=0.0,
            n_jobs=1,
            source="probe",
        ),
        prior,
        noise,
        rules,
        cells=CELLS,
        cheaper="gru",
        budget_seconds=budget if left is None else left,
        refit=False,
    )

    def run_round(first, n):
        end = min(first + n, cut_at)
        return [pair(i, differences[i], seconds=seconds, **kwargs) for i in range(first, end)]

    race = run_race(
        run_round,
        prior=prior,
        noise_before=noise,
        rules=rules,
        affordable=lambda outcomes: affordable - len(outcomes),
    )
    times = dict(zip(CELLS, seconds, strict=True))
    return conclude(
        change(race),
        plan if majority_share is None else imbalanced(plan, majority_share),
        scoring="accuracy",
        baseline_scores=[{DUMMY: kwargs.get("dummy", 50.0) / 100, "linear": linear}]
        * len(race.outcomes)
        * baselines,
        cheaper=cheaper_cell(CELLS, {"gru": 75, "lstm": 100}, None if budget is None else times),
        actual_seconds=4.5,
        budget_seconds=budget,
        predicted_seconds=Interval.around(5.0, 1.5),
        n_parameters={"gru": 75, "lstm": 100},
    )


def imbalanced(plan, majority_share):
    return replace(plan, profile=replace(plan.profile, majority_share=majority_share))


def codes(found):
    return [reason.code for reason in found.reasons]


def test_not_tested_for_lack_of_time():
    found = advise(budget=5.0, affordable=0)

    assert (found.action, found.verdict) == ("recommend", Verdict.NOT_TESTED)
    assert found.stop_reason is StopReason.BUDGET
    assert found.cell == "gru"
    assert "not tested" in found.headline.lower()
    assert found.what_would_change_this == ("With a budget of 10 s, a first pair would be run.",)
    assert (found.scores, found.pairs) == ({"gru": (), "lstm": ()}, ())
    assert (found.best_baseline, found.worth_it, found.cell_seconds) == (None, None, {})
    assert found.baseline_scores == {}
    assert found.clock_decided
    assert found.expected_regret_points == found.plan.expected_regret_points


def test_what_was_spent_before_the_plan_counts_into_the_useful_budget():
    found = advise(budget=20.0, left=3.0, affordable=0)
    assert found.what_would_change_this == ("With a budget of 27 s, a first pair would be run.",)


def test_a_first_pair_that_was_cut_asks_for_more_than_was_given():
    found = advise([0.1] * 5, budget=20.0, cut_at=0)

    assert found.plan.action == "cross_validate"
    assert (found.action, found.stop_reason) == ("recommend", StopReason.BUDGET)
    assert found.verdict is Verdict.NOT_TESTED
    (line,) = found.what_would_change_this
    assert int(line.split("budget of ")[1].split(" s")[0]) > 20


@pytest.mark.parametrize("budget", [None, 60.0])
def test_not_tested_because_of_noise(budget):
    found = advise(budget=budget, sd_before=14.0)

    assert found.stop_reason is StopReason.UNRESOLVABLE
    assert found.verdict is Verdict.NOT_TESTED
    assert "not tested" in found.headline.lower()
    assert not any("From" in line for line in found.what_would_change_this)
    assert found.clock_decided is (budget is not None)


@pytest.mark.parametrize("budget", [None, 5.0])
@pytest.mark.parametrize("affordable", [0, 100])
@pytest.mark.parametrize("sd_before", [1.8, 14.0])
def test_no_cell_is_called_better_untested(budget, affordable, sd_before):
    found = advise([0.1] * 5, budget=budget, affordable=affordable, sd_before=sd_before, cut_at=0)
    assert found.verdict is Verdict.NOT_TESTED
    assert "not tested" in str(found).lower()
    for words in (
        "GRU is",
        "LSTM is",
        "clearly",
        "in favour",
        "ahead",
    ):
        assert words not in str(found)


def test_neither_beats_the_dummy():
    found = advise([0.0] * 5, level=50.0, linear=0.4)

    assert found.verdict is Verdict.NEITHER
    assert found.best_baseline == DUMMY
    assert found.worth_it is False
    assert found.cell == "gru"
    assert found.headline.startswith("Neither cell")
    assert DUMMY in found.headline
    assert codes(found)[0] == "neither"


def test_a_simple_model_wins():
    found = advise([-20.0] * 5, linear=0.85, budget=60.0)

    assert found.verdict is Verdict.CLEARLY_BETTER
    assert found.cell == "gru"
    assert found.best_baseline == "linear"
    assert found.worth_it is False
    assert found.headline.startswith("A recurrent network is not worth it here")
    assert "0.850" in found.headline
    assert "0.800" in found.headline


def test_a_cell_that_learns_at_times():
    found = advise([-40.0, 0.3, -0.2, 0.1, 0.0])

    assert found.cell == "gru"
    (failed,) = (each for each in found.reasons if each.code == "failed")
    assert failed.sentence.startswith("LSTM on 1 of 2 folds learnt nothing")
    assert "failed" not in codes(advise([0.3, -0.2] * 3))


def test_clearly_better():
    found = advise([8.0] * 5, budget=60.0, seconds=(1.0, 9.0))

    assert (found.action, found.verdict) == ("cross_validate", Verdict.CLEARLY_BETTER)
    assert found.cell == "lstm"  # though it costs more
    assert found.reasons[1].sentence.startswith("LSTM is clearly better")
    assert found.worth_it is True
    assert found.gap_points > 5
    assert found.probabilities["lstm"] > 0.95
    assert found.expected_regret_points < 0.05
    assert not found.clock_decided
    assert found.scores["gru"] == (0.8,) * len(found.pairs)
    assert found.baseline_scores["linear"] == (0.6,) * len(found.pairs)


@pytest.mark.parametrize(
    ("seconds", "budget", "cell", "reason"),
    [
        pytest.param((3.0, 1.0), 60.0, "lstm", "GRU 3.0 s, LSTM 1.0 s", id="lstm is faster"),
        pytest.param((1.0, 3.0), 60.0, "gru", "GRU 1.0 s, LSTM 3.0 s", id="gru is faster"),
        pytest.param((1.05, 1.0), 60.0, "gru", "fewer parameters", id="about as fast"),
        pytest.param((3.0, 1.0), None, "gru", "fewer parameters", id="no clock"),
    ],
)
def test_equivalent_cells_the_measured_cheaper_one_is_taken(seconds, budget, cell, reason):
    found = advise([0.01] * 5, budget=budget, seconds=seconds)

    assert found.verdict is Verdict.EQUIVALENT
    assert found.cell == cell
    assert found.cell_seconds == dict(zip(CELLS, seconds, strict=True))
    assert found.clock_decided is (budget is not None)
    (cheaper,) = (each for each in found.reasons if each.code == "cheaper")
    assert reason in cheaper.sentence


def test_a_tie_is_decided_by_cost_whatever_the_verdict():
    found = advise(
        [0.0] * 5,
        budget=60.0,
        seconds=(3.0, 1.0),
        variance=30.0,
        rules=RaceRules(min_gain_points=0),
    )
    assert found.verdict not in (Verdict.EQUIVALENT, Verdict.NEITHER)
    assert found.cell == "lstm"
    assert found.clock_decided
    assert "cheaper" in codes(found)


def test_stopped_by_the_budget():
    found = advise([0.5, -0.5] * 3, budget=12.0, affordable=1, variance=USUAL_NOISE)

    assert (found.action, found.stop_reason) == ("cross_validate", StopReason.BUDGET)
    assert len(found.pairs) == 1
    assert found.clock_decided
    assert "budget" in codes(found)
    assert any("s more would pay" in line for line in found.what_would_change_this)


def test_too_few_samples_are_named():
    found = advise([3.0] * 5, variance=HOPELESS_NOISE)
    assert found.verdict is Verdict.UNDECIDED
    assert any(
        "With 1,500 samples, gaps below about 15 points" in line
        for line in found.what_would_change_this
    )


def test_enough_samples_are_not_asked_for_again():
    found = advise([3.0] * 5, variance=HOPELESS_NOISE, n_samples=10**9)
    assert not any("samples" in line for line in found.what_would_change_this)


def test_without_a_budget_no_seconds_enter_the_reasons():
    quick, slow = (advise([0.01] * 5, seconds=seconds) for seconds in [(1.0, 2.0), (9.0, 2.0)])
    assert quick.reasons == slow.reasons
    assert quick.what_would_change_this == slow.what_would_change_this
    assert not quick.clock_decided


def test_no_baselines():
    found = advise([2.0] * 5, linear=0.4)
    assert found.best_baseline == DUMMY
    assert found.worth_it is True


SITUATIONS = [
    pytest.param({"budget": 5.0, "affordable": 0}, id="not tested"),
    pytest.param({"differences": [0.0] * 5, "level": 50.0}, id="neither"),
    pytest.param({"differences": [8.0] * 5, "budget": 60.0}, id="better"),
    pytest.param({"differences": [0.01] * 5}, id="equivalent"),
    pytest.param({"differences": [0.1] * 5, "variance": float("nan")}, id="unknown noise"),
]


@pytest.mark.parametrize("situation", SITUATIONS)
def test_plain_values(situation):
    found = advise(**situation)
    record = found.to_dict()
    assert {*found.__slots__, "candidate", "limits", "exclusions", "headline"} == set(record)

    def refuse(name):
        raise ValueError(f"{name} is not JSON")

    read = json.loads(found.to_json(), parse_constant=refuse)
    assert read["cell"] == found.cell
    assert read["verdict"] == found.verdict.value
    assert read["stop_reason"] == found.stop_reason.value
    assert read["headline"] == found.headline
    assert read["plan"]["rows"][0]["n_pairs"] == 0
    assert len(read["pairs"]) == len(found.pairs)


@pytest.mark.parametrize("situation", SITUATIONS)
def test_as_text(situation):
    found = advise(**situation)
    text = str(found)
    assert " ".join(text.split()).startswith(f"Recommendation: {found.headline}")
    assert "took 4.5 s" in text
    assert ("predicted 5.0 s (3.3 to 7.5)" in text) is bool(found.pairs)
    assert ("measured seconds influenced the result" in text) is found.clock_decided
    assert max(len(line) for line in text.splitlines()) <= 100


def one_line(text):
    return " ".join(text.split())


TOLD = [v for v in Verdict if v is not Verdict.NOT_TESTED]
REASONS = [r for r in StopReason if r is not StopReason.NOT_TESTED]


@pytest.mark.parametrize("linear", [0.4, 0.8, 0.9, None])
@pytest.mark.parametrize("difference", [-8.0, 0.0, 0.04, 8.0])
def test_every_sentence_is_true_in_every_case(difference, linear):
    """Over all verdicts, stop reasons, orders of the scores and kinds of scales."""
    scales = [ScoreScale("bounded", "accuracy"), ScoreScale("error", "neg_max_error", 5.0)]
    kinds = cycle(product([0.0, 1.0], scales))
    for (verdict, reason), (rope, scale) in zip(product(TOLD, REASONS), kinds, strict=False):
        found = advise(
            [difference] * 5,
            linear=linear or 0.4,
            baselines=linear is not None,
            variance=USUAL_NOISE,
            rules=RaceRules(rope_points=rope, scale=scale),
            change=lambda race, v=verdict, r=reason: replace(race, verdict=v, stop_reason=r),
        )
        check_sentences(found, rope)


def check_sentences(found, rope):
    first, second = found.cells
    taken, other = (name.upper() for name in (found.cell, second if found.cell == first else first))
    by_code = {reason.code: reason.sentence for reason in found.reasons}
    told = by_code[found.verdict.value]
    neither = found.verdict is Verdict.NEITHER

    # The cell to take, and whether a network is worth it, come first and agree with the record.
    assert f"take {taken}." in found.headline or found.headline.startswith(f"{taken}. ")
    not_worth_it = "A recurrent network is not worth it here: "
    assert found.headline.startswith(not_worth_it) == (found.worth_it is False and not neither)
    assert ("A recurrent network is worth it: " in found.headline) == (
        found.worth_it is True and not neither
    )
    # One set of probabilities: what the verdict says is among the three, or two without a ROPE.
    if not neither:
        odds = by_code["posterior"]
        assert ("equivalent" in odds) == (rope > 0)
        words = "equivalent" if found.verdict is Verdict.EQUIVALENT else f"{other} better"
        if found.verdict is Verdict.CLEARLY_BETTER:
            return  # a verdict that these pairs need not have reached
        shown = percent_text(
            found.probabilities["equivalent" if words == "equivalent" else other.lower()]
        )
        if rope and found.verdict is not Verdict.BETTER_SIZE_OPEN:
            assert shown in told
            assert f"{words} {shown}" in odds
    for sentence in (*(each.sentence for each in found.reasons), *found.what_would_change_this):
        assert sentence.endswith(".")
        assert not re.search(r"nan|None|  |\.\.|\bI\b|neg_|by 0\.00 |0 of \d|ahead by 0", sentence)
    assert told in one_line(str(found))
    assert html.escape(told) in one_line(found._repr_html_())


def test_a_fold_without_a_score_never_wins():
    def diverged(race):
        first = race.outcomes[0]
        scores = {**first.scores, "lstm": math.nan}
        return replace(race, outcomes=(replace(first, scores=scores), *race.outcomes[1:]))

    found = advise([8.0] * 5, linear=0.6, change=diverged)

    assert found.cell == "lstm"
    assert found.worth_it is False
    assert f"no score on 1 of {len(found.pairs)} folds (LSTM) against 0.600" in found.headline
    assert "nan" not in found.headline


@pytest.mark.parametrize(
    ("situation", "told", "remedy"),
    [
        ({}, "GRU on 2 of 2 and LSTM on 2 of 2 folds", "more units may mend that."),
        ({"n_samples": 200}, "learnt nothing", "and so would more data."),
    ],
)
def test_collapsed_fits_are_told_with_their_remedy(situation, told, remedy):
    found = advise([0.1, -0.1, 0.0] * 2, level=50.0, **situation)

    assert found.verdict is Verdict.NEITHER
    (failed,) = (each for each in found.reasons if each.code == "failed")
    assert told in failed.sentence
    assert remedy in failed.sentence
    assert "say nothing about the gap" in failed.sentence
    assert found.probabilities == found.plan.probabilities


def test_gaps_are_told_in_the_unit_of_the_scores():
    r2 = RaceRules(scale=ScoreScale("r2", "r2"), min_gain_points=0.0)
    found = advise([8.0, 7.5, 8.2, 8.1, 8.0], level=60.0, rules=r2)
    (posterior,) = (each.sentence for each in found.reasons if each.code == "posterior")

    assert "(equivalent: within 0.0065 of r2)" in posterior
    assert "Expected gap: 0.057 of r2 in favour of LSTM" in posterior


def test_another_scorer_is_proposed_where_one_class_is_common():
    found = advise([0.2] * 5, majority_share=0.9)
    (sentence,) = (each.sentence for each in found.reasons if each.code == "imbalance")
    assert sentence.startswith("90 % of the samples are of one class")
    assert "scoring='balanced_accuracy'" in sentence

    other = RaceRules(scale=ScoreScale("bounded", "roc_auc"))
    assert "imbalance" not in codes(advise([0.2] * 5, majority_share=0.9, rules=other))
    assert "imbalance" not in codes(advise([0.2] * 5, majority_share=0.5))


def test_nothing_beats_a_prediction_that_is_perfect():
    found = advise([0.0] * 5, level=100.0, dummy=100.0, linear=1.0)

    assert found.verdict is Verdict.NEITHER
    assert found.headline.startswith("There is nothing to learn on these folds")
