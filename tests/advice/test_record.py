import math
from dataclasses import astuple, replace

import numpy as np
import pytest

from rnnselect.advice.posterior import GAP_GRID_POINTS, NoisePrior
from rnnselect.advice.record import COLUMNS, RaceRecord, _checksum
from rnnselect.sequences.fingerprint import Fingerprint


def as_row(race, **changes):
    """Return a row with some columns changed and a checksum that says it should be so."""
    row = dict(zip(COLUMNS, race.to_row(), strict=True)) | changes
    *values, _ = row.values()
    return (*values, _checksum(values))


def test_a_row_holds_all_of_a_race(make):
    race = make.record(n_outputs=7)
    again = RaceRecord.from_row(3, race.to_row())

    assert again.number == 3
    assert again.finished == race.finished
    assert again.circumstances == race.circumstances
    assert again.statistics == race.statistics
    assert (again.rope_points, again.verdict, again.seconds) == (1.0, "safe", 12.5)
    assert np.array_equal(again.fingerprint.contents, race.fingerprint.contents)
    assert np.array_equal(again.fingerprint.shapes, race.fingerprint.shapes)
    assert np.array_equal(
        again.statistics.log_likelihood(GAP_GRID_POINTS),
        race.statistics.log_likelihood(GAP_GRID_POINTS),
    )  # to the last bit: a prior must not change by being stored


@pytest.mark.parametrize("column", [name for name in COLUMNS if name != "checksum"])
def test_a_changed_value_is_noticed(make, column):
    row = list(make.record().to_row())
    where = list(COLUMNS).index(column)
    value = row[where]
    row[where] = value + type(value)(1) if isinstance(value, int | float) else value[:-1]

    with pytest.raises(ValueError, match="does not match its checksum"):
        RaceRecord.from_row(1, row)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"n_pairs": 0}, "too small"),
        ({"n_samples": 0}, "too small"),
        ({"spread_points2": -1.0}, "too small"),
        ({"mean_variance_factor": 0.0}, "too small"),
        ({"mean_points": math.nan}, "mean_points=nan"),
        ({"seconds": math.inf}, "seconds=inf"),
        ({"noise_variance_points2": 0.0}, "variance_points2=0"),
        ({"n_channels": 2.0}, "n_channels=2.0"),
        ({"settings": b"{}"}, "settings=b"),
        ({"finished": "yesterday"}, "yesterday"),
        ({"contents": b"1234567"}, "multiple"),
        ({"shapes": bytes(16)}, "ascending"),
        ({"shapes": np.arange(600, dtype="<u8").tobytes()}, "512"),
    ],
)
def test_a_row_that_no_race_can_have_is_refused(make, changes, named):
    with pytest.raises(ValueError, match=named):
        RaceRecord.from_row(1, as_row(make.record(), **changes))


def test_what_could_not_be_read_is_not_written(make):
    race = make.record()
    endless = replace(race, statistics=replace(race.statistics, mean_points=math.nan))
    unsorted = Fingerprint(np.array([2, 1], np.uint64), np.empty(0, np.uint64))

    for wrong in (endless, replace(race, fingerprint=unsorted)):
        with pytest.raises(ValueError, match=r"mean_points=nan|ascending"):
            wrong.to_row()


def test_numbers_of_numpy_are_stored_as_plain_ones(make):
    race = make.record()
    noise = NoisePrior(np.float64(2.0), 10)
    row = replace(race, statistics=replace(race.statistics, noise=noise)).to_row()

    assert {type(value) for value in row} == {str, int, float, bytes}
    assert len(row) == len(COLUMNS)
    assert len(astuple(race.circumstances)) == 12
