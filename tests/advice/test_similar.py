from dataclasses import replace

import numpy as np
import pytest

from rnnselect.advice import similar as module
from rnnselect.advice.experience import learn
from rnnselect.advice.prior import Prior
from rnnselect.advice.similar import is_similar, similar_races

PACKAGE = Prior(0.5, sources=("a trial",))


def numbered(races):
    return [replace(race, number=k) for k, race in enumerate(races, start=1)]


def found(races, make, *, seen=None, mirrored=False, **changes):
    return similar_races(
        numbered(races),
        make.circumstances(**changes),
        seen,
        package=PACKAGE,
        rope_points=1.0,
        mirrored=mirrored,
    )


@pytest.mark.parametrize(
    ("changes", "similar"),
    [
        ({}, True),
        ({"n_samples": 3000}, True),
        ({"n_samples": 3001}, False),
        ({"n_samples": 333}, False),
        ({"sequence_length": 900, "n_channels": 40, "kind": "ragged"}, True),
        ({"n_outputs": 30}, True),
        ({"n_samples": 500}, True),
        ({"n_samples": 499}, False),  # the package's own prior changes there
        ({"target": "regression"}, False),
        ({"scorer": "f1"}, False),
        ({"score_kind": "error"}, False),
        ({"setting_hash": "other"}, False),
        ({"second_cell": "rnn"}, False),
        ({"settings": "described otherwise"}, True),
    ],
)
def test_what_is_similar(make, changes, similar):
    assert is_similar(make.record(**changes), make.circumstances()) is similar
    assert is_similar(make.record(), make.circumstances(**changes)) is similar


def test_scores_without_a_unit_and_races_without_learning_teach_nothing(make):
    assert not is_similar(make.record(score_kind="raw"), make.circumstances(score_kind="raw"))
    assert not is_similar(make.record(verdict="neither"), make.circumstances())


def test_learns_from_other_data_only(make):
    races = [make.record(seed) for seed in range(5)]
    everything = found(races, make)
    without_own = found(races, make, seen=make.data(2))

    assert everything.numbers == (1, 2, 3, 4, 5)
    assert without_own.numbers == (1, 2, 4, 5)
    assert (everything.n_overlapping, without_own.n_overlapping) == (0, 1)
    others = [race.statistics for k, race in enumerate(races) if k != 2]
    expected = learn(PACKAGE, others, rope_points=1.0).prior
    assert without_own.prior.scale_points == expected.scale_points
    assert without_own.prior.sources == ("a trial", "4 races of the history, rows 1-2, 4-5")


@pytest.mark.parametrize("rows", [slice(0, 60), slice(40, 120), slice(None, None, -1)])
def test_parts_of_the_same_data_feed_no_prior(make, rows):
    with_part = found([make.record(1)], make, seen=make.data(1, rows))

    assert with_part.prior == PACKAGE
    assert (with_part.numbers, with_part.n_overlapping, with_part.n_all) == ((), 1, 1)


def test_one_race_of_each_data_set(make):
    """Five outer folds of one data set are not five witnesses."""
    rows = [np.flatnonzero(np.arange(120) % 5 != fold) for fold in range(5)]
    folds = [make.record(0, rows=part, n_samples=900) for part in rows]
    whole = make.record(0, n_samples=1000)

    nested = found([make.record(7), *folds], make)
    assert (nested.numbers, nested.n_repeated) == ((1, 2), 4)
    complete = found([*folds, whole, make.record(7)], make)
    assert (complete.numbers, complete.n_repeated) == ((6, 7), 5)


def test_the_latest_races_count(make, monkeypatch):
    monkeypatch.setattr(module, "MAX_RACES", 3)

    assert found([make.record(seed) for seed in range(6)], make).numbers == (4, 5, 6)


def test_cells_in_the_other_order(make):
    races = [make.record(seed, differences=[2.0, 2.1], sd=0.2) for seed in range(15)]
    straight, mirrored = (found(races, make, mirrored=each) for each in (False, True))

    assert straight.prior.centre_points > 1.5
    assert mirrored.prior.centre_points == pytest.approx(-straight.prior.centre_points)
    cells = ("gru", "lstm")
    assert "in favour of LSTM" in straight.sentence(cells)
    assert "in favour of LSTM" in mirrored.sentence(cells[::-1])


SEEN = "(1 on the same or overlapping data left out)"


@pytest.mark.parametrize(
    ("gaps", "changes", "sentence"),
    [
        ([], {}, "The history has no races yet."),
        ([0.0], {"seed": 0}, f"The history has 1 race; none can be used here {SEEN}."),
        ([0.0] * 2, {"scorer": "f1"}, "The history has 2 races; none can be used here."),
        ([0.0] * 4, {"seed": 0}, f"4 races; 3 can be used here {SEEN}: typical gaps are 0."),
        ([0.0] * 4, {}, "a gap more than 1 point away from these is 17 %."),
        ([0.0] * 40, {}, "That is enough to skip the comparison."),
        ([0.6, -0.6] * 20, {}, "Such gaps are too large to skip the comparison."),
    ],
)
def test_says_what_was_used_and_whether_it_is_enough(make, gaps, changes, sentence):
    races = [make.record(k, differences=[gap] * 2, sd=0.05) for k, gap in enumerate(gaps)]
    seen = make.data(changes.pop("seed")) if "seed" in changes else None

    assert sentence in found(races, make, seen=seen, **changes).sentence(("gru", "lstm"))
