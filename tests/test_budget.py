import math
from dataclasses import FrozenInstanceError
from datetime import timedelta
from fractions import Fraction

import numpy as np
import pytest

from rnnselect import Budget


@pytest.mark.parametrize(
    ("budget", "seconds"),
    [
        (90, 90.0),
        (1.5, 1.5),
        (np.float32(2.5), 2.5),
        (np.int64(3), 3.0),
        (Fraction(1, 2), 0.5),
        ("90", 90.0),
        ("90s", 90.0),
        (" 90 S ", 90.0),
        ("1.5 min", 90.0),
        ("2minutes", 120.0),
        ("1 m", 60.0),
        (".5h", 1800.0),
        ("2. hours", 7200.0),
        ("250ms", 0.25),
        ("3 sec", 3.0),
        (timedelta(minutes=2, milliseconds=500), 120.5),
        (Budget(seconds=7), 7),
    ],
)
def test_forms(budget, seconds):
    parsed = Budget.parse(budget)
    assert parsed.seconds == pytest.approx(seconds)
    assert parsed.limited


@pytest.mark.parametrize("budget", [None, Budget()])
def test_no_limit(budget):
    assert Budget.parse(budget) == Budget(seconds=None)
    assert not Budget.parse(budget).limited


def test_a_budget_is_parsed_to_itself_and_frozen():
    budget = Budget(seconds=5)
    assert Budget.parse(budget) is budget
    with pytest.raises(FrozenInstanceError):
        budget.seconds = 6


@pytest.mark.parametrize(
    "budget",
    [0, -1, -0.5, math.nan, math.inf, -math.inf, "0s", "0 min", timedelta(0), timedelta(-1)],
)
def test_not_positive_or_not_finite(budget):
    with pytest.raises(ValueError, match=r"budget=.* must be a positive, finite number of seconds"):
        Budget.parse(budget)


@pytest.mark.parametrize("seconds", [0, -1, math.nan, math.inf])
def test_the_record_checks_itself(seconds):
    with pytest.raises(ValueError, match=f"budget={seconds}"):
        Budget(seconds=seconds)


@pytest.mark.parametrize(
    "text", ["soon", "", " ", "5 fortnights", "-5s", "nan", "inf", "1,5 min", "1:30", "5s 3", "s"]
)
def test_text_that_is_no_duration(text):
    with pytest.raises(ValueError, match=r"is not a duration; write .*'90s'") as caught:
        Budget.parse(text)
    assert f"budget={text!r}" in str(caught.value)


@pytest.mark.parametrize("budget", [True, False, [60], {"seconds": 60}, b"60s", 1j, object])
def test_wrong_type(budget):
    with pytest.raises(TypeError, match=r"has type \w+; give seconds as a number") as caught:
        Budget.parse(budget)
    assert f"budget={budget!r}" in str(caught.value)


@pytest.mark.parametrize("seconds", [True, "90s", [1]])
def test_wrong_type_in_the_record(seconds):
    with pytest.raises(TypeError, match=r"Budget\.parse"):
        Budget(seconds=seconds)
