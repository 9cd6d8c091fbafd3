import pytest

from rnnselect.advice.posterior import NoisePrior, Prior, update
from rnnselect.advice.verdict import (
    StopReason,
    Verdict,
    choose_cell,
    probability_text,
    reach_verdict,
)


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


@pytest.mark.parametrize("word", [*Verdict, *StopReason])
def test_every_code_has_a_sentence(word):
    assert word.sentence.endswith(".")
    assert word == word.value
    assert not {"GRU", "LSTM"} & set(word.sentence.split())


def test_untested_text_favours_no_cell():
    text = probability_text(after([]), Verdict.NOT_TESTED)

    assert text == (
        "Not tested: about even. Expected loss 0.28 points, 7 % chance that the cell not chosen "
        "is better by more than 1 point."
    )


@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_prior_that_leans_is_not_said_to_be_a_test(verdict):
    leaning = update(Prior(0.5, 3.0), NoisePrior(1, 2), [], n_folds=5, rope_points=1)

    text = probability_text(leaning, verdict)
    assert "LSTM > 99 % to be ahead" in text
    assert text.startswith("Not tested here. By earlier races") == (verdict is Verdict.NOT_TESTED)


def test_an_untested_choice_follows_a_prior_that_leans_and_states_its_own_risk():
    leaning = update(Prior(0.5, 1.0), NoisePrior(1, 2), [], n_folds=5, rope_points=1)
    chosen = {
        gain: choose_cell(leaning, Verdict.NOT_TESTED, min_gain_points=gain, cheaper="first")
        for gain in (0.05, 5.0)
    }
    texts = [
        probability_text(leaning, Verdict.NOT_TESTED, chosen=cell) for cell in ("first", "second")
    ]

    assert chosen == {0.05: "second", 5.0: "first"}
    assert f"loss {leaning.gain_of_second:.2f} points, 50 % chance" in texts[0]
    assert f"loss {leaning.gain_of_first:.2f} points, 1 % chance" in texts[1]


def test_text_never_claims_certainty():
    text = probability_text(after([50.0] * 3, sd=0.3), Verdict.CLEARLY_BETTER)

    assert text.startswith("GRU < 1 %, LSTM > 99 % to be ahead; < 1 %")


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
