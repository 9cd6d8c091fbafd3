import math
import sys
from pathlib import Path

import pytest

STUDY = Path(__file__).parents[2] / "benchmarks" / "study"
if not STUDY.exists():
    pytest.skip("the benchmarks are not shipped", allow_module_level=True)
sys.path.append(str(STUDY))

from claims import CLAIMS, gaps  # noqa: E402
from effects import Effect, Finding, Summary, judged, summarised  # noqa: E402


def effects(*values, family=None):
    return [Effect(f"set {i}", family or f"f{i}", v, math.nan) for i, v in enumerate(values)]


def test_a_family_of_copies_counts_once():
    found = summarised([*effects(1.0, 1.2, 0.8), *effects(*[9.0] * 20, family="copies")])
    assert found.mean == pytest.approx((1.0 + 1.2 + 0.8 + 9.0) / 4)
    assert (found.n_sets, found.n_families) == (23, 4)


def test_several_values_of_a_set_are_averaged_first():
    twice = [Effect("a", "f", v, math.nan) for v in (1.0, 3.0)]
    assert summarised([*twice, Effect("b", "f", 5.0, math.nan)]).mean == pytest.approx(3.5)


def test_the_interval_is_that_of_a_t_test():
    found = summarised(effects(1.0, 2.0, 3.0))
    assert (found.low, found.high) == pytest.approx((2 - 2.484, 2 + 2.484), abs=1e-3)


def test_two_families_have_no_interval():
    found = summarised(effects(1.0, 2.0))
    assert math.isnan(found.low)
    assert judged(found, 1, 0.5) is Finding.NOT_DECIDABLE
    assert judged(summarised([]), 0, 0.5) is Finding.NOT_DECIDABLE


@pytest.mark.parametrize(
    ("low", "high", "favoured", "finding"),
    [
        (0.1, 0.4, 1, Finding.HOLDS),
        (-0.4, -0.1, -1, Finding.HOLDS),
        (-0.2, 0.4, 1, Finding.DOES_NOT_HOLD),  # too small to matter
        (-9.0, -1.0, 1, Finding.DOES_NOT_HOLD),
        (-0.2, 0.6, 1, Finding.NOT_DECIDABLE),
        (-0.6, 0.2, -1, Finding.NOT_DECIDABLE),
        (-0.4, 0.4, 0, Finding.HOLDS),
        (0.1, 0.4, 0, Finding.HOLDS),  # there is a gap, and it does not matter
        (0.1, 0.9, 0, Finding.DOES_NOT_HOLD),
        (-0.1, 0.9, 0, Finding.NOT_DECIDABLE),
    ],
)
def test_verdicts(low, high, favoured, finding):
    assert judged(Summary((low + high) / 2, low, high, 9, 9), favoured, margin=0.5) is finding


def test_every_claim_finds_its_rows():
    row = {
        "data": "a", "family": "f", "gap_points": "-1.5", "gap_points_se": "", "time_ratio": "0.8",
        "gru_parameters": "75", "lstm_parameters": "100", "median_length": "300", "n_splits": "5",
    }  # fmt: skip
    rows = [
        {**row, "part": "default", "topic": topic, "setting": "default", "n_train": "800"}
        for topic in ("sentiment", "forecasting", "next_event")
    ]
    rows += [
        {**row, "part": "sizes", "topic": "x", "setting": "n", "n_train": size}
        for size in ("50", "8000")
    ]
    found = {claim.key: [effect.value for effect in claim.effects(rows)] for claim in CLAIMS}
    assert all(found.values())
    assert found["faster"] == [pytest.approx(math.log(0.8))] * 3
    assert found["small"] == found["large"] == found["sentiment"] == [-1.5]
    assert math.isnan(gaps(rows)[0].error)
