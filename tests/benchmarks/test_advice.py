import importlib
import json
import math
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from rnnselect.advice.prior import Prior

ADVICE = Path(__file__).parents[2] / "benchmarks" / "advice"
MODULES = (
    "records", "truth", "bootstrap", "budgets", "others", "rules", "prior_model", "prior_fit",
    "settings_fit", "replay", "measures", "simulate", "synthetic", "tables", "page", "live",
)  # fmt: skip
STUDY_MODULES = ("journal", "pairs", "cases", "sets", "reading", "builtin")

pytestmark = pytest.mark.skipif(not ADVICE.exists(), reason="the benchmarks are not shipped")


@pytest.fixture(scope="module")
def advice():
    """The proof's files, which are scripts that find each other by their short names."""
    path = list(sys.path)
    sys.path.insert(0, str(ADVICE))
    yield SimpleNamespace(**{name: importlib.import_module(name) for name in MODULES})
    sys.path[:] = path
    for name in (*MODULES, *STUDY_MODULES):
        sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def known(advice, tmp_path_factory):
    """Recorded sets with their true gaps."""
    path = tmp_path_factory.mktemp("records") / "default-1.jsonl"
    gaps = advice.synthetic.write_records(path, 20, seed=1)
    return advice.records.read_sets([path]), np.array(gaps)


@pytest.fixture(scope="module")
def material(advice, known):
    return advice.replay.prepare(known[0])


def situation(advice, recorded, differences=None, **changes):
    pairs = recorded.repetitions[0]
    if differences is not None:
        pairs = tuple(
            replace(pair, points={"gru": 70.0, "lstm": 70.0 + difference})
            for pair, difference in zip(pairs, differences, strict=True)
        )
    made = advice.others.Situation(recorded, pairs, recorded.repetitions[1], Prior(0.5), seed=0)
    return replace(made, **changes)


def test_records_become_the_pairs_of_complete_repetitions(advice, tmp_path):
    path = tmp_path / "default-1.jsonl"
    advice.synthetic.write_records(path, 1, 3)
    lines = path.read_text().splitlines()
    failed = {"case": "default/set0/default", "repetition": 2, "fold": 4, "error": "diverged"}
    other = {**json.loads(lines[0]), "case": "variants/set0/sgd"}
    path.write_text("\n".join([*lines[:14], json.dumps(failed), json.dumps(other)]) + "\n")
    (recorded,) = advice.records.read_sets([path])
    assert list(recorded.repetitions) == [0, 1]  # the third one lacks a fold
    pair = recorded.repetitions[1][3]
    row = json.loads(lines[8])
    assert pair.difference_points == pytest.approx(row["points"]["lstm"] - row["points"]["gru"])
    assert pair.seconds["gru"] == row["fits"]["gru"]["fit_seconds"] + 0.01
    assert recorded.smaller_cell == "gru"


@pytest.mark.parametrize(
    ("n_repetitions", "replayed", "held_out"),
    [
        (1, (0,), {0: ()}),
        (2, (0, 1), {0: (1,), 1: (0,)}),
        (6, (0, 1), {0: (2, 3, 4, 5), 1: (2, 3, 4, 5)}),
    ],
)
def test_no_repetition_is_truth_to_itself(advice, known, n_repetitions, replayed, held_out):
    first = known[0][0]
    recorded = replace(first, repetitions={r: first.repetitions[r] for r in range(n_repetitions)})
    assert recorded.replayed == replayed
    assert {r: recorded.held_out(r) for r in replayed} == held_out


def test_unused_samples_make_the_truth_surer(advice, known):
    recorded = known[0][0]
    assert recorded.unused
    with_them = advice.truth.measured_gap(recorded, range(6))
    without = advice.truth.measured_gap(replace(recorded, unused={}), range(6))
    assert with_them.variance_points2 < without.variance_points2
    gap = advice.truth.Gap
    both = advice.truth.combined(gap(1.0, 1.0), gap(3.0, 3.0), shared_variance=0.0)
    assert (both.points, both.variance_points2) == (1.5, 0.75)


def test_measured_gaps_are_as_far_off_as_they_say(advice, known):
    sets, gaps = known
    measured = [advice.truth.measured_gap(each, each.repetitions) for each in sets]
    z = [
        (m.points - gap) / math.sqrt(m.variance_points2)
        for m, gap in zip(measured, gaps, strict=True)
    ]
    assert 0.6 < np.std(z) < 1.4


def test_the_prior_of_a_family_does_not_see_it(advice, known):
    sets, _ = known
    gaps = [advice.truth.Gap(0.1, 0.01)] * (len(sets) - 2) + [advice.truth.Gap(9.0, 0.01)] * 2
    fit = advice.prior_model.PriorFit(advice.prior_model.BASE, sets, gaps)
    priors = fit.left_out()
    assert sets[-1].family == sets[-2].family
    assert priors[-1].scale_points == priors[-2].scale_points < priors[0].scale_points
    assert all(prior.centre_points == 0 for prior in priors)


def test_a_lone_family_without_a_gap_makes_no_certainty(advice, known):
    sets, _ = known
    gaps = [advice.truth.Gap(1.0, 0.01)] * (len(sets) - 2) + [advice.truth.Gap(0.0, 0.01)] * 2
    lone = advice.prior_model.Candidate("lone", lambda each: each.family == sets[-1].family)
    fit = advice.prior_model.PriorFit(lone, sets, gaps).without(None)
    assert 0.2 < fit.scales_points[True] < fit.scales_points[False]


def test_a_centre_that_predicts_the_sign_wins(advice, known):
    sets, _ = known
    gap, candidate = advice.truth.Gap, advice.prior_model.Candidate
    gaps = [gap(1.0 if each.is_regression else -1.0, 0.01) for each in sets]
    centre = candidate("sign", lambda each: "all", lambda each: 2.0 * each.is_regression - 1)
    with_centre = advice.prior_model.PriorFit(centre, sets, gaps).left_out()
    without = advice.prior_model.PriorFit(advice.prior_model.BASE, sets, gaps).left_out()
    likelihood = advice.prior_model.log_likelihood
    assert sum(map(likelihood, gaps, with_centre)) > sum(map(likelihood, gaps, without)) + 10


@pytest.mark.parametrize(
    ("differences", "choice", "n_pairs"),
    [
        ((-1, -2, -3, -4, -5), 0, 4.5),  # p = 1/16 after the fourth fold of LSTM
        ((1, 2, 3, 4, 5), 1, 5),
        ((-1, -2, -3, 30, 1), 1, 5),
        ((0, 0, 0, 0, 0), 0, 5),
    ],
)
def test_wilcoxon_pruner_cannot_act_before_the_fourth_fold(
    advice, known, differences, choice, n_pairs
):
    decision = advice.others.wilcoxon_pruner(situation(advice, known[0][0], differences))
    assert (decision.choice, decision.n_pairs) == (choice, n_pairs)


@pytest.mark.parametrize(
    ("n_samples", "n_classes", "resources"),
    [(1000, 2, [500, 1000]), (301, None, [150, 300]), (150, 10, [100]), (90, 10, [])],
)
def test_halving_runs_the_rounds_of_scikit_learn(advice, n_samples, n_classes, resources):
    assert advice.others.halving_resources(n_samples, n_classes) == resources


def test_halving_resources_are_those_of_a_real_search():
    from sklearn.experimental import enable_halving_search_cv  # noqa: F401
    from sklearn.model_selection import HalvingGridSearchCV
    from sklearn.tree import DecisionTreeClassifier

    X, y = np.random.default_rng(0).normal(size=(150, 2)), np.arange(150) % 10
    for n, expected in ((150, [100]), (300, [150, 300])):
        X, y = np.resize(X, (n, 2)), np.resize(y, n)
        search = HalvingGridSearchCV(
            DecisionTreeClassifier(), {"max_depth": [1, 2]}, factor=2, cv=5, random_state=0
        )
        assert search.fit(X, y).n_resources_ == expected


@pytest.mark.parametrize(
    ("facts", "lstm"),
    [
        ({"topic": "language_modelling"}, True),
        ({"topic": "sentiment", "n_samples": 3000}, False),
        ({"topic": "forecasting", "n_samples": 3000}, False),
        ({"topic": "long_range", "n_samples": 100}, True),
        ({"topic": "series_classification", "median_length": 400, "n_samples": 100}, True),
        ({"topic": "series_classification", "n_samples": 100}, False),
        ({"topic": "series_classification", "n_samples": 3000}, True),
    ],
)
def test_the_lesson_as_a_decision_list(advice, facts, lstm):
    facts = {"median_length": 50, "n_samples": 500, **facts}
    assert advice.others.lesson_says_lstm(facts) is lstm


def test_our_rule_is_the_packages_race(advice, known):
    recorded = known[0][0]
    clear = situation(advice, recorded, (9.0, 9.5, 9.2, 9.1, 9.4), prior=Prior(3.0))
    decision = advice.rules.advisor()(clear)
    assert decision.choice == 1
    assert decision.n_pairs == len(decision.race.outcomes) == 1
    everything = advice.rules.advisor(change=advice.rules.all_pairs)(clear)
    assert everything.n_pairs == 5
    assert everything.seconds == pytest.approx(recorded.seconds(clear.pairs))
    without_rope = advice.rules.advisor(change=advice.rules.without_rope)(clear)
    assert without_rope.race.posteriors[-1].q_equivalent == pytest.approx(0, abs=1e-9)


def test_the_variance_of_nadeau_and_bengio_is_taken_back(advice, known):
    from rnnselect.advice import posterior

    usual = posterior.sums_of_pairs
    doubtful = situation(advice, known[0][0], (1.0, 2.0, 1.5, 1.0, 2.0))
    change = advice.rules.all_pairs
    ours = advice.rules.advisor(change=change)(doubtful).race.posteriors[-1]
    theirs = advice.rules.advisor(change=change, context=advice.rules.nadeau_bengio)(
        doubtful
    ).race.posteriors[-1]
    assert posterior.sums_of_pairs is usual
    assert theirs.p_second_better < ours.p_second_better


def test_the_scale_between_settings_is_found_again(advice, known):
    """What a change makes is drawn from a t of the scale; a set without its last fold is left."""
    sets, _ = known
    draws = np.random.default_rng(0).standard_t(3, (len(sets), 2))
    for scale in (1.0, 6.0):
        records = [
            {
                "case": f"variants/{each.name}/units_64",
                "repetition": 0,
                "fold": pair.fold,
                "points": {
                    cell: pair.points[cell] + scale * draw
                    for cell, draw in zip(("gru", "lstm"), row, strict=True)
                },
            }
            for each, row in zip(sets, draws, strict=True)
            for pair in each.repetitions[0]
        ]
        effects = advice.settings_fit.effects(sets, records)
        assert len(effects) == 2 * len(sets)
        gaps = [gap.points for *_, gap in effects]
        np.testing.assert_allclose(gaps, scale * draws.ravel())
        assert scale / 2 < advice.settings_fit.fitted_scale(effects) < 2 * scale
        assert len(advice.settings_fit.effects(sets, records[:-1])) == len(effects) - 2


@pytest.mark.parametrize("probe", [True, False])
@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 1.0, 3.0])
def test_a_replayed_budget_is_never_exceeded(advice, known, share, probe):
    for recorded in known[0][:6]:
        own = situation(advice, recorded)
        decision = advice.rules.advisor(budget_share=share, probe=probe)(own)
        assert decision.seconds <= share * recorded.seconds(own.pairs) * (1 + 1e-6)


def test_a_pair_that_the_budget_cuts_off_is_lost(advice, known):
    own = situation(advice, known[0][0])
    paid = own.recorded.seconds(own.pairs[:2])
    share = (paid + 0.01) / own.recorded.seconds(own.pairs)
    decision = advice.others.complete_pairs_within(share)(own)
    assert decision.n_pairs == 2
    assert decision.seconds == pytest.approx(paid + 0.01)


def test_unpaired_seeds_need_another_repetition(advice, known):
    own = situation(advice, known[0][0])
    rule = advice.rules.advisor(paired=False)
    assert rule(replace(own, strangers=())) is None
    noise = rule(own).race.outcomes[0].noise_variance_points2
    assert noise > own.pairs[0].noise_variance_points2


def test_bootstrap_draws_families_and_leaves_out_what_is_not_known(advice):
    bootstrap = advice.bootstrap.Bootstrap(["a", "a", "b", "c"])
    mean = bootstrap.mean([1.0, 2.0, 3.0, math.nan])
    assert (mean.value, mean.n_sets) == (2.0, 3)
    assert 1.5 <= mean.low < mean.value < mean.high <= 3.0
    assert bootstrap.ratio([4.0, 0, 0, 0], 1.0, root=True).value == 1.0
    assert math.isnan(bootstrap.mean([math.nan] * 4).value)


@pytest.fixture(scope="module")
def replays(advice, known, material):
    """What some rules decide; the oracle knows the true gaps."""
    sets, gaps = known
    truth = {each.name: gap for each, gap in zip(sets, gaps, strict=True)}
    rules = {
        name: advice.rules.COMPARED[name]
        for name in (advice.tables.OURS, advice.tables.ALL_PAIRS, advice.tables.FIVE, "a coin")
    }
    rules["oracle"] = lambda s: advice.others.Decision(float(truth[s.recorded.name] > 0), 5, 1.0)
    return advice.replay.replay(rules, material, n_orders=1)


def test_measures_against_known_truth(advice, known, material, replays):
    gaps, names = known[1], advice.tables
    judge = advice.measures.Judge(material, np.ones(len(gaps), bool))
    measured = {name: judge.choices(each, replays[names.FIVE]) for name, each in replays.items()}
    assert measured[names.FIVE]["extra regret, held out"].value == 0
    assert measured["a coin"]["gain kept, posterior truth"].value == pytest.approx(0, abs=1e-9)
    assert measured["oracle"]["regret, posterior truth"].value < 0.3
    assert measured["oracle"]["same choice, gap > ROPE"].value == 1
    assert measured["a coin"]["same choice, gap > ROPE"].value == 0.5
    # The mean of always GRU and always LSTM, in expectation: half of the mean absolute gap.
    coin = measured["a coin"]["regret, raw"].value
    assert coin == pytest.approx(np.abs(gaps).mean() / 2, abs=0.3)
    said = judge.statements(replays[names.OURS], replays[names.ALL_PAIRS])
    assert said["Brier, prior"].value == 0.25
    assert said["Brier, all recorded pairs"].value < said["Brier, stop"].value < 0.25


def test_the_page_shows_every_target_and_rule(advice, material, replays, tmp_path):
    tables, every = advice.tables, material.resolvable | True
    judge = advice.measures.Judge(material, every)
    five, ours = replays[tables.FIVE], {tables.OURS: replays[tables.OURS]}
    sections = [
        tables.target_section(replays, judge, judge),
        tables.rules_section("Rules", "", tables.CHOICE_COLUMNS, replays, judge, five),
        tables.ablation_section(ours, judge, replays),
        tables.budget_section({(0.3, "ours"): replays[tables.OURS]}, judge, five),
    ]
    for section in sections:
        assert {len(row) for row in section.rows} == {len(section.heading)}
    assert len(sections[0].rows) == len(tables.TARGETS) + 2
    missed = [row[0] for row in sections[0].rows if row[3] == "no"]
    assert [note.split(": missed by ")[0] for note in sections[0].notes] == missed
    page = tmp_path / "advice.md"
    advice.page.write(page, sections, "images/calibration.svg", ["20 data sets"])
    text = page.read_text()
    assert all(f"| {name} |" in text for name in replays)


def test_probabilities_hold_on_average_over_the_prior_of_simulated_races(advice):
    shares = advice.simulate.over_the_prior(150, 1.8, seed=2)
    for name in ("P(LSTM better) - came true", "P(equivalent) - came true"):
        assert abs(shares[name].value) < 3.5 * shares[name].error
    small, large = (advice.simulate.at_a_fixed_gap(40, 0.5, gap, seed=0) for gap in (0.0, 2.0))
    assert small["'equivalent' said"].value > 0.5 > large["'equivalent' said"].value
    assert large["better cell chosen"].value == 1


def test_a_target_says_whether_and_by_how_much_it_is_missed(advice):
    estimate, target = advice.bootstrap.Estimate, advice.tables.Target
    kept = target("gain", "gain kept, %", 0.9, math.inf, 1, 100.0, why="Because.")
    assert kept.goal == "at least 90.0"
    assert kept.is_met(estimate(0.92, 0.8, 1.0, 60))
    assert kept.shortfall(estimate(0.85, 0.8, 0.9, 60)) == "gain kept, %: missed by 5.0. Because."
    bound = target("extra", "extra regret", -math.inf, 0.05, 2, high_of_interval=0.1)
    assert bound.goal == "at most 0.05, upper bound 0.10"
    assert not bound.is_met(estimate(0.04, 0.0, 0.15, 60))
    assert bound.shortfall(estimate(0.04, 0.0, 0.15, 60)) == "extra regret: missed by 0.05."


def test_live_figures_name_what_was_missed(advice, monkeypatch):
    full = {"what": "recommend", "share": None, "budget_seconds": None, "load": 0.5, "data": "a"}
    predicted = {"low": 8.0, "expected": 10.0, "high": 12.0}
    rows = [
        {**full, "seconds": 10.5, "predicted": predicted, "n_pairs": 5},
        {**full, "share": 1.0, "budget_seconds": 10.0, "seconds": 11.0, "n_pairs": 3},
    ]
    monkeypatch.setattr(advice.live, "read", lambda: rows)
    (section,) = advice.live.sections()
    met = {row[0]: (row[1], row[3]) for row in section.rows}
    assert met["budget overrun, largest"] == ("10.0% (1.00 s)", "no")
    assert met["cost forecast, median error"] == ("4.8%", "yes")
