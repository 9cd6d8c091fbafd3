from dataclasses import replace

import pytest

from rnnselect.advice.posterior import NoisePrior, Prior, update
from rnnselect.advice.verdict import Verdict, choose_cell, reach_verdict


def after(differences, *, scale=0.5, sd=1.8):
    return update(Prior(scale), NoisePrior(sd**2, 10), differences, n_folds=5, rope_points=1.0)


@pytest.mark.parametrize(
    ("posterior", "at_floor", "verdict"),
    [
        (after([]), False, Verdict.NOT_TESTED),
        (after([]), True, Verdict.NOT_TESTED),
        (after([0, 0], sd=0.3), True, Verdict.NEITHER),
        (after([0.2, 0.1], sd=0.3), False, Verdict.EQUIVALENT),
        (after([0.6, 0.6], sd=0.3), False, Verdict.EQUIVALENT),  # its sign is known as well
        (after([5, 6], sd=0.5), False, Verdict.CLEARLY_BETTER),
        (after([-5, -6], sd=0.5), False, Verdict.CLEARLY_BETTER),
        (after([1.3] * 3, sd=0.5), False, Verdict.BETTER_SIZE_OPEN),
        (after([2]), False, Verdict.SAFE),
        (after([2], scale=3.0), False, Verdict.UNDECIDED),
        (after([0.1], sd=10), False, Verdict.UNDECIDED),
    ],
)
def test_reach_verdict(posterior, at_floor, verdict):
    assert reach_verdict(posterior, confidence=0.95, both_at_floor=at_floor) is verdict


@pytest.mark.parametrize(
    ("differences", "verdict", "expected"),
    [
        ([], Verdict.NOT_TESTED, "cheaper"),
        ([0.1], Verdict.NOT_TESTED, "cheaper"),
        ([0, 0], Verdict.NEITHER, "cheaper"),
        ([0], Verdict.SAFE, "cheaper"),
        ([0], Verdict.UNDECIDED, "cheaper"),  # a tie
        ([0.1], Verdict.EQUIVALENT, "cheaper"),
        ([0.1], Verdict.SAFE, "cheaper"),
        ([0.1], Verdict.UNDECIDED, "second"),
        ([2], Verdict.SAFE, "second"),
        ([-2], Verdict.SAFE, "first"),
        ([-8], Verdict.CLEARLY_BETTER, "first"),
    ],
)
@pytest.mark.parametrize("cheaper", ["first", "second"])
def test_choose_cell(differences, verdict, expected, cheaper):
    found = choose_cell(after(differences), verdict, min_gain_points=0.05, cheaper=cheaper)

    assert found == (cheaper if expected == "cheaper" else expected)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: reach_verdict(after([]), confidence=95, both_at_floor=False), "confidence=95"),
        (
            lambda: choose_cell(after([]), Verdict.SAFE, min_gain_points=0.05, cheaper="gru"),
            "cheaper='gru'",
        ),
    ],
)
def test_errors_name_argument_and_value(call, named):
    with pytest.raises(ValueError, match=named):
        call()


@pytest.mark.parametrize("beyond", [0.96, 0.5])
def test_a_cell_is_called_better_only_where_it_is_the_one_to_take(beyond):
    # Most probability is on the side of the second cell, but the first has the larger gain.
    skewed = replace(
        after([2]),
        p_second_better=0.97,
        q_second_better=beyond,
        q_equivalent=0.97 - beyond,
        q_first_better=0.03,
        gain_of_first=2.0,
        gain_of_second=0.5,
    )
    assert reach_verdict(skewed, confidence=0.95, both_at_floor=False) is Verdict.UNDECIDED
