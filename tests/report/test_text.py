"""Texts are made of plain dicts, so that they can be tested without any advice."""

import copy

import pytest

from rnnselect.report.text import (
    plan_headline,
    plan_text,
    points_text,
    profile_text,
    recommendation_text,
    seconds_text,
)

MAX_COLUMNS = 100
LONG = "A sentence that goes on, and on, and on, until it has to be broken into several lines " * 3


def interval(expected):
    return {"low": expected / 2, "expected": expected, "high": 2 * expected}


def reason(sentence, code="value"):
    return {"code": code, "sentence": sentence, "source": "a test"}


PROFILE = {
    "n_samples": 12_345,
    "sequence_length": 50,
    "median_length": 50.0,
    "n_channels": 3,
    "n_outputs": 4,
    "vocabulary_size": None,
    "target": "classification",
    "majority_share": 0.4,
}

PLAN = {
    "action": "cross_validate",
    "cell": "gru",
    "cells": ("gru", "lstm"),
    "n_pairs": 2,
    "budget_seconds": 600.0,
    "seconds": interval(40.0),
    "forecast": {"source": "arithmetic"},
    "rules": {"scale": {"kind": "bounded", "name": "accuracy"}},
    "rows": [
        {
            "n_pairs": n,
            "value_points": 0.05 * n,
            "seconds": interval(20.0 * n),
            "fits_budget": n < 3,
        }
        for n in (0, 1, 2, 3, 5, 10)
    ],
    "reasons": [reason("Because of the prior."), reason(LONG)],
    "study": [{"data": "TREC", "gap_points": 2.63}, {"data": "LIAR", "gap_points": -0.1}],
    "what_would_change_this": ["With a budget of 700 s, the first 3 pairs would be run."],
}

RECOMMENDATION = {
    "cells": ("gru", "lstm"),
    "scoring": "accuracy",
    "reasons": [reason("GRU is a safe choice."), reason(LONG), reason("Stopped early.")],
    "scores": {"gru": (0.9, 0.8), "lstm": (0.85, 0.75)},
    "baseline_scores": {
        "prediction without learning": (0.5, 0.5),
        "linear model on summary features": (0.7, 0.6),
    },
    "cell_seconds": {"gru": 1.24, "lstm": 1.5},
    "baseline_seconds": {"linear model on summary features": 0.01},
    "plan": {"n_pairs": 1},
    "pairs": [{}, {}],
    "predicted_seconds": interval(12.0),
    "actual_seconds": 11.5,
    "budget_seconds": 60.0,
    "clock_decided": True,
    "what_would_change_this": [LONG],
}


def check_layout(text):
    lines = text.splitlines()
    assert max(len(line) for line in lines) <= MAX_COLUMNS
    assert all(line == line.rstrip() for line in lines)
    assert not text.endswith("\n")
    assert "\x1b" not in text  # no colour codes where a file may be written


def words(text):
    return " ".join(text.split())


def test_plan():
    text = plan_text(PLAN)
    check_layout(text)
    assert text.startswith(
        "Plan: cross-validate both cells, about 2 pairs of fits, 40 s (20 to 80)"
    )
    assert "Budget: 600 s; costs from arithmetic" in text
    for row in PLAN["rows"]:
        (line,) = (each for each in text.splitlines() if each.split()[:1] == [str(row["n_pairs"])])
        assert f"{row['value_points']:.3f}" in line
        assert ("yes" in line) is row["fits_budget"]
        assert line.endswith("<") is (row["n_pairs"] == 2)
    for sentence in ("Because of the prior.", LONG, "With a budget of 700 s"):
        assert words(sentence) in words(text)


@pytest.mark.parametrize(
    ("seconds", "shown"), [(None, "none"), (0.0, "too little left after start-up"), (9.4, "9 s")]
)
def test_budget_of_a_plan(seconds, shown):
    text = plan_text({**PLAN, "budget_seconds": seconds})
    check_layout(text)
    assert f"Budget: {shown}; costs" in text


def test_a_plan_names_the_sets_of_the_study_that_are_most_alike():
    text = plan_text(PLAN)
    check_layout(text)
    assert "LSTM minus GRU in points: TREC +2.6, LIAR -0.1." in words(text)
    assert "do not change the probabilities" in " ".join(plan_text(PLAN).split())
    assert "Most similar" not in plan_text({**PLAN, "study": []})


def test_plan_that_recommends_outright():
    plan = {**PLAN, "action": "recommend", "n_pairs": 0}
    assert plan_headline(plan) == "recommend GRU outright, not tested"
    check_layout(plan_text(plan))


def test_one_pair_is_singular():
    assert "about 1 pair of fits" in plan_headline({**PLAN, "n_pairs": 1})


def test_recommendation():
    text = recommendation_text(RECOMMENDATION)
    check_layout(text)
    assert text.startswith("Recommendation: GRU is a safe choice.")
    assert "accuracy" in text
    lines = {line.split("  ")[1]: line.split() for line in text.splitlines() if "  " in line[:3]}
    assert lines["GRU"][-4:] == ["0.850", "0.900", "0.800", "1.2"]
    assert lines["LSTM"][-4:] == ["0.800", "0.850", "0.750", "1.5"]
    assert lines["prediction without learning"][-3:] == ["0.500"] * 3
    assert "fold 2" in text
    assert "fold 3" not in text
    cost = "predicted 12 s (6 to 24) for 1 pair, took 11.5 s for 2, of a budget of 60 s"
    assert cost in " ".join(text.split())
    assert "measured seconds influenced the result" in " ".join(text.split())
    assert words(LONG) in words(text)


def test_recommendation_without_pairs():
    untested = {
        **RECOMMENDATION,
        "reasons": [reason("GRU by default. Not tested.")],
        "scores": {"gru": (), "lstm": ()},
        "baseline_scores": {},
        "pairs": [],
        "budget_seconds": None,
        "clock_decided": False,
        "what_would_change_this": [],
    }
    text = recommendation_text(untested)
    check_layout(text)
    assert "Not tested" in text
    assert "took 11.5 s" in text
    for word in ("fold", "accuracy", "budget", "clock"):
        assert word not in text


@pytest.mark.parametrize("n_pairs", [1, 5, 8, 10, 30])
@pytest.mark.parametrize(("score", "shown"), [(-123.456, "-123.456"), (-9.87654e7, "-9.877e+07")])
def test_any_number_of_folds_fits(n_pairs, score, shown):
    many = copy.deepcopy(RECOMMENDATION)
    many["pairs"] = [{}] * n_pairs
    many["scoring"] = "neg_root_mean_squared_error"
    for name in ("scores", "baseline_scores"):
        many[name] = dict.fromkeys(many[name], (score,) * n_pairs)
    text = recommendation_text(many)
    check_layout(text)
    (line,) = (each for each in text.splitlines() if each.split()[:1] == ["LSTM"])
    assert set(line.split()[1:]) == {shown, "1.5"}
    assert "…" not in text


def test_large_figures_fit():
    large = {
        **RECOMMENDATION,
        "predicted_seconds": interval(1_234_567.0),
        "actual_seconds": 1_234_567.0,
        "budget_seconds": 12_345_678.0,
    }
    check_layout(recommendation_text(large))
    rows = [{**row, "seconds": interval(1e9)} for row in PLAN["rows"]]
    check_layout(plan_text({**PLAN, "rows": rows, "seconds": interval(1e9)}))


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "12,345 sequences of 50 time steps, 3 channels; 4 classes, the commonest 40 %"),
        ({"n_channels": 1}, "50 time steps, 1 channel; "),
        ({"median_length": 20.0}, "of up to 50 time steps (median 20), "),
        ({"vocabulary_size": 5000}, "token ids from a vocabulary of 5,000; "),
        ({"majority_share": None}, "; 4 classes"),
        ({"target": "regression", "n_outputs": 1}, "; 1 output"),
        ({"target": "regression", "n_outputs": 2}, "; 2 outputs"),
    ],
)
def test_profile(changes, text):
    shown = profile_text({**PROFILE, **changes})
    assert shown.startswith("Data: ")
    assert text in words(shown) + " "
    check_layout(shown)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0, "0.0 s (0.0 to 0.0)"), (3.14, "3.1 s (1.6 to 6.3)"), (40.0, "40 s (20 to 80)")],
)
def test_seconds(seconds, text):
    assert seconds_text(interval(seconds)) == text


@pytest.mark.parametrize(
    ("points", "text"), [(1.0, "1 point"), (0.5, "0.5 points"), (0, "0 points")]
)
def test_points(points, text):
    assert points_text(points) == text


@pytest.mark.parametrize("width", [60, 80, 120])
def test_text_keeps_to_the_width_of_the_terminal(width):
    texts = plan_text(PLAN, width), recommendation_text(RECOMMENDATION, width)
    assert max(len(line) for text in texts for line in text.splitlines()) <= width
