from types import SimpleNamespace

import numpy as np
import pytest

from rnnselect.comparison.out_of_fold import MAX_LABELS, MAX_VALUES, kept_predictions
from rnnselect.comparison.scoring import frozen_answers

PARTS = (slice(0, None, 2), slice(1, None, 2))  # of two folds


def kept(y, predicted, target="classification", *, n_run=2, finished=(0, 1)):
    y, predicted = np.asarray(y), np.asarray(predicted)
    rows = np.arange(len(y))
    splits = [(None, rows[part]) for part in PARTS] * 2  # the second repetition counts nothing
    frozen = {k: frozen_answers({"predict": predicted[splits[k][1]]}, None) for k in finished}
    fits = {(k, "gru"): SimpleNamespace(frozen=each) for k, each in frozen.items()}
    data = SimpleNamespace(
        y=y,
        splits=SimpleNamespace(rows=splits, n_folds=2),
        profile=SimpleNamespace(target=target),
    )
    comparison = SimpleNamespace(data=data, finished=fits)
    return kept_predictions(
        comparison, SimpleNamespace(candidate="gru", scores={"gru": [1] * n_run})
    )


def test_each_sequence_counts_once_however_often_folds_are_repeated():
    found = kept(["a", "b", "b", "b"], ["a", "a", "b", "c"], n_run=4, finished=range(4))
    assert (found.n_tested, found.labels) == (4, ("a", "b", "c"))
    assert found.confusion == ((1, 0, 0), (1, 1, 1), (0, 0, 0))


def test_fits_that_ran_ahead_of_the_race_do_not_count():
    found = kept([0, 1, 0, 1], [0, 0, 0, 0], n_run=1)
    assert (found.n_tested, found.labels, found.confusion) == (2, ("0",), ((2,),))


@pytest.mark.parametrize(
    ("y", "options"),
    [
        (np.arange(MAX_LABELS + 1), {}),
        (np.zeros((4, 2), dtype=int), {}),
        ([0, 1, 0, 1], {"n_run": 0}),
        ([0, 1, 0, 1], {"finished": ()}),
        ([0.0, 1.0], {"target": "regression", "predicted": [np.nan, np.nan]}),
    ],
    ids=["many classes", "several classes each", "untested", "nothing kept", "diverged"],
)
def test_where_nothing_is_kept(y, options):
    predicted = options.pop("predicted", y)
    assert kept(y, predicted, **options) is None


@pytest.mark.parametrize("n_outputs", [1, 3])
def test_of_many_values_some_are_kept(n_outputs):
    y = np.random.default_rng(0).normal(size=(5000, n_outputs)) * 1e4 + 7
    y = y[:, 0] if n_outputs == 1 else y
    found = kept(y, y, "regression")
    assert (found.n_tested, found.standardised) == (5000, n_outputs > 1)
    assert MAX_VALUES - n_outputs < len(found.true) <= MAX_VALUES
    assert found.true == found.predicted
    assert bool(np.std(found.true) > 100) is (n_outputs == 1)
