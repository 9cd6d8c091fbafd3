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
        ("1h30m", 5400.0),
        ("1 h 30 min 5s", 5405.0),
        ("1:30:00", 5400.0),
        ("0:00:01.5", 1.5),
        ("1d", 86400.0),
        ("2 days", 172800.0),
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


# --- limits of the network -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("memory", "n_bytes"),
    [
        (512, 512),
        (2.5e9, 2_500_000_000),
        (np.int64(7), 7),
        ("2GB", 2_000_000_000),
        ("512 MiB", 512 * 2**20),
        (" 1.5 gib ", 3 * 2**29),
        ("100kB", 100_000),
        ("1 TB", 10**12),
        ("1000", 1000),
        ("64 B", 64),
    ],
)
def test_memory(memory, n_bytes):
    assert Budget(memory=memory).memory == n_bytes
    assert Budget(memory=memory).network_limits == {"memory": n_bytes}


@pytest.mark.parametrize(
    ("latency", "seconds"),
    [
        (0.005, 0.005),
        (1, 1.0),
        ("5ms", 0.005),
        ("1.3 ms", 0.0013),
        ("250 us", 0.00025),
        ("250µs", 0.00025),
        ("0.5s", 0.5),
        ("0.01", 0.01),
        (timedelta(milliseconds=3), 0.003),
    ],
)
def test_latency(latency, seconds):
    assert Budget(max_latency=latency).max_latency == seconds


def test_limits_together_and_apart():
    budget = Budget(seconds=60, memory="1GB", max_parameters=5000, max_latency="5ms")
    assert budget.network_limits == {"max_parameters": 5000, "memory": 10**9, "max_latency": 0.005}
    assert Budget.parse(budget) is budget
    assert Budget(60).network_limits == Budget().network_limits == {}
    assert not Budget(max_parameters=5000).limited  # in time


@pytest.mark.parametrize(
    "budget",
    [
        Budget(),
        Budget(seconds=60),
        Budget(memory="1GB", max_parameters=5000),
        Budget(seconds=60, max_latency="1.3ms"),
    ],
)
def test_what_is_printed_can_be_read_again(budget):
    assert eval(repr(budget)) == budget
    assert "None" not in repr(budget)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("memory", 0, "must be a positive, finite size; give bytes, or text"),
        ("memory", -1, "positive, finite size"),
        ("memory", math.inf, "positive, finite size"),
        ("memory", math.nan, "positive, finite size"),
        ("memory", "0 GB", "positive, finite size"),
        ("memory", "0.2B", "positive, finite size"),
        ("memory", "2 gigs", "is not a size; give bytes, or text with a unit, e.g. '2GB'"),
        ("memory", "much", "is not a size"),
        ("memory", "-2GB", "is not a size"),
        ("memory", "5 s", "is not a size"),
        ("max_parameters", 0, "leaves no network; give a positive number"),
        ("max_parameters", -5, "leaves no network"),
        ("max_latency", 0, "must be a positive, finite time; give seconds, or text"),
        ("max_latency", math.nan, "positive, finite time"),
        ("max_latency", timedelta(0), "positive, finite time"),
        ("max_latency", "5m", "is not a duration"),  # minutes, or milliseconds?
        ("max_latency", "fast", "is not a duration; give seconds, or text with a unit"),
        ("max_latency", "5GB", "is not a duration"),
    ],
)
def test_impossible_limits(name, value, said):
    with pytest.raises(ValueError, match=said) as caught:
        Budget(**{name: value})
    assert f"{name}={value!r}" in str(caught.value)


@pytest.mark.parametrize("name", ["memory", "max_parameters", "max_latency"])
@pytest.mark.parametrize("value", [True, [1], b"1", {"GB": 2}, 1j])
def test_limits_of_the_wrong_type(name, value):
    with pytest.raises(TypeError, match="or None for no limit") as caught:
        Budget(**{name: value})
    assert f"{name}={value!r}" in str(caught.value)


@pytest.mark.parametrize("value", [5000.0, "5000"])
def test_parameters_are_counted_in_whole_numbers(value):
    with pytest.raises(TypeError, match="whole number of trainable parameters"):
        Budget(max_parameters=value)


@pytest.mark.parametrize("latency", [2, "5s"])
def test_a_prediction_cannot_outlast_the_comparison(latency):
    with pytest.raises(ValueError, match=r"max_latency=\d s is not below seconds=2"):
        Budget(seconds=2, max_latency=latency)
