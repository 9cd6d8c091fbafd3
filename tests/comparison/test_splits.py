import warnings

import numpy as np
import pytest
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    LeaveOneGroupOut,
    LeaveOneOut,
    PredefinedSplit,
    RepeatedKFold,
    RepeatedStratifiedKFold,
    ShuffleSplit,
    StratifiedKFold,
    TimeSeriesSplit,
)

from rnnselect.advice.noise import time_blocks
from rnnselect.comparison.splits import imagined_splits, make_splits
from rnnselect.exceptions import OverlappingWindowsWarning

Y = np.arange(60) % 3
VALUES = np.linspace(0, 1, 60)


def split(cv=5, y=Y, groups=None, *, classification=True, window_shift=None, seed=0):
    X, metadata = np.zeros((len(y), 1)), {} if groups is None else {"groups": groups}
    return make_splits(
        cv, X, y, metadata, classification=classification, window_shift=window_shift, seed=seed
    )


def parts(splits):
    return [test.tolist() for _, test in splits.rows]


@pytest.mark.parametrize("classification", [True, False])
def test_an_int_means_shuffled_disjoint_folds(classification):
    splits = split(y=Y if classification else VALUES, classification=classification)

    assert (len(splits.rows), splits.n_folds, splits.units) == (5, 5, None)
    tests = np.concatenate([test for _, test in splits.rows])
    assert sorted(tests) == list(range(60))
    for train, test in splits.rows:
        assert sorted([*train, *test]) == list(range(60))
        assert np.ptp(test) > len(test)  # no block of neighbours


def test_folds_are_stratified_for_classes():
    for _, test in split().rows:
        assert np.bincount(Y[test]).tolist() == [4, 4, 4]


def test_the_seed_decides_the_folds():
    assert parts(split(seed=1)) == parts(split(seed=1)) != parts(split(seed=2))
    values = {"y": VALUES, "classification": False}
    assert parts(split(seed=1, **values)) != parts(split(seed=2, **values))
    assert parts(split(np.int64(4))) == parts(split(4))


@pytest.mark.parametrize("classification", [True, False])
@pytest.mark.parametrize("names", [np.arange(60) // 4, [f"patient {i % 11}" for i in range(60)]])
def test_groups_are_never_split(names, classification):
    splits = split(y=Y if classification else VALUES, groups=names, classification=classification)
    groups = np.asarray(names)

    assert len(splits.rows) == 5
    for train, test in splits.rows:
        assert len(test) > 0
        assert not set(groups[train]) & set(groups[test])
    np.testing.assert_array_equal(splits.units, groups)


@pytest.mark.parametrize("classification", [True, False])
def test_more_folds_than_groups(classification):
    y = Y if classification else VALUES
    with pytest.raises(ValueError, match=r"cv=5 folds cannot be made of 3 group\(s\); give cv=3"):
        split(y=y, groups=np.arange(60) // 20, classification=classification)
    assert len(split(3, y, np.arange(60) // 20, classification=classification).rows) == 3


@pytest.mark.parametrize("cv", [61, 1, 0, -2])
def test_no_such_number_of_folds(cv):
    with pytest.raises(ValueError, match=f"cv={cv} folds cannot be made of 60 samples; give betw"):
        split(cv)


def test_more_folds_than_members_of_every_class():
    with pytest.raises(ValueError, match=r"cv=21 folds .* at most 20 sample\(s\) of each class"):
        split(21)


def test_groups_of_another_length():
    with pytest.raises(ValueError, match=r"groups has shape \(59,\) and X has 60"):
        split(groups=np.arange(59))


@pytest.mark.parametrize(
    ("cv", "n_pairs", "n_folds"),
    [
        (3, 3, 3),
        (KFold(4), 4, 4),
        (StratifiedKFold(6, shuffle=True, random_state=0), 6, 6),
        (RepeatedKFold(n_splits=3, n_repeats=2, random_state=0), 6, 3),
        (RepeatedStratifiedKFold(n_splits=5, n_repeats=3, random_state=0), 15, 5),
        (TimeSeriesSplit(4), 4, 4),
        (ShuffleSplit(7, random_state=0), 7, 7),
        (ShuffleSplit(20, test_size=0.5, random_state=0), 20, 2),
        (PredefinedSplit([-1] * 40 + [0] * 20), 1, 2),
        ([(np.arange(40), np.arange(40, 60))] * 2, 2, 2),
        (None, 5, 5),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, int) else None,
)
def test_numbers_of_pairs_and_folds(cv, n_pairs, n_folds):
    splits = split(cv)
    assert (len(splits.rows), splits.n_folds) == (n_pairs, n_folds)
    imagined = imagined_splits(cv, 60)
    assert (len(imagined.rows), imagined.n_folds) == (n_pairs, n_folds)


@pytest.mark.parametrize("cv", [LeaveOneOut(), LeaveOneGroupOut(), GroupKFold(5)])
def test_what_needs_the_data_is_imagined_as_five_folds(cv):
    imagined = imagined_splits(cv, 60)
    assert (len(imagined.rows), imagined.n_folds) == (5, 5)


def test_a_splitter_gets_the_groups():
    splits = split(LeaveOneGroupOut(), groups=np.arange(60) // 15)
    assert parts(splits) == [list(range(i, i + 15)) for i in (0, 15, 30, 45)]


def test_ready_made_splits_are_taken_as_they_are():
    given = [(np.arange(0, 30), np.arange(30, 45)), (np.arange(30), np.arange(45, 60))]
    for made, own in zip(split(given).rows, given, strict=True):
        np.testing.assert_array_equal(made[0], own[0])
        np.testing.assert_array_equal(made[1], own[1])


@pytest.mark.parametrize(
    "cv", [5, KFold(5, shuffle=True, random_state=0), ShuffleSplit(2, random_state=0)]
)
def test_overlapping_windows_are_warned_of(cv):
    with pytest.warns(OverlappingWindowsWarning, match=r"shifted by 2 .*WindowSplit") as caught:
        splits = split(cv, VALUES, classification=False, window_shift=2)
    assert f"cv={cv!r}" in str(caught[0].message)
    assert splits.units is not None


class OwnSplitter:
    def split(self, X, y=None, groups=None):
        yield np.arange(30), np.arange(30, 60)

    def get_n_splits(self, X=None, y=None, groups=None):
        return 1


@pytest.mark.parametrize(
    ("cv", "kwargs"),
    [
        (5, {"window_shift": None}),
        (TimeSeriesSplit(3, gap=5), {}),
        (PredefinedSplit([0] * 30 + [1] * 30), {}),
        (OwnSplitter(), {}),
        ([(np.arange(30), np.arange(40, 60))], {}),
        (5, {"groups": np.arange(60) // 6}),
        (GroupKFold(3), {"groups": np.arange(60) // 6}),
    ],
    ids=["no windows", "time order", "predefined", "own", "ready-made", "groups", "GroupKFold"],
)
def test_and_not_where_they_do_no_harm(cv, kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        splits = split(cv, VALUES, classification=False, **{"window_shift": 2, **kwargs})
    assert len(splits.rows) > 0


def test_neighbours_in_time_are_units():
    splits = split(TimeSeriesSplit(4), VALUES, classification=False)
    n_test = len(splits.rows[0][1])
    assert splits.units.shape == (60,)
    assert (np.diff(splits.units) >= 0).all()
    in_test = splits.units[splits.rows[0][1]]
    sizes = np.bincount(np.unique(in_test, return_inverse=True)[1])
    assert sizes.max() == np.bincount(time_blocks(n_test)).max()


def test_a_splitter_sees_the_sequences():
    class ByFirstValue(OwnSplitter):
        def split(self, X, y=None, groups=None):
            yield np.flatnonzero(X[:, 0] < 1), np.flatnonzero(X[:, 0] >= 1)

    X = (np.arange(60.0) % 5 == 0)[:, None]
    splits = make_splits(ByFirstValue(), X, Y, {}, classification=True, window_shift=None, seed=0)
    assert parts(splits) == [list(range(0, 60, 5))]


def test_masks_and_lists_become_row_numbers():
    mask = np.arange(60) < 40
    for rows in [(mask, ~mask), (list(range(40)), list(range(40, 60)))]:
        ((train, test),) = split([rows]).rows
        assert (train.tolist(), test.tolist()) == (list(range(40)), list(range(40, 60)))


def test_a_generator_of_splits_is_read_once():
    given = ((np.arange(40), np.arange(40, 60)) for _ in range(2))
    assert len(imagined_splits(given, 60).rows) == 5
    assert len(split(given).rows) == 2
    with pytest.raises(ValueError, match="gives no splits"):
        split(given)


@pytest.mark.parametrize(
    ("cv", "y", "message"),
    [
        ([], Y, r"cv=\[\] gives no splits"),
        ([(np.arange(60), [])], Y, "split 0 has 60 training and 0 test samples"),
        (TimeSeriesSplit(3), np.arange(60) // 30, "split 0 trains on one class only"),
    ],
)
def test_splits_that_cannot_be_used(cv, y, message):
    with pytest.raises(ValueError, match=message):
        split(cv, y)


@pytest.mark.parametrize("groups", [None, np.arange(60) // 4])
def test_several_class_outputs_are_not_stratified(groups):
    splits = split(y=np.column_stack([Y, Y == 0]), groups=groups)
    assert len(splits.rows) == 5
    assert sorted(np.concatenate([test for _, test in splits.rows])) == list(range(60))


@pytest.mark.parametrize(
    ("cv", "is_known"),
    [
        (5, False),
        (RepeatedStratifiedKFold(n_splits=10, n_repeats=2, random_state=0), False),
        (ShuffleSplit(4, test_size=0.5, random_state=0), True),
        (TimeSeriesSplit(5), True),
        ([(np.arange(40), np.arange(40, 60))] * 2, True),
    ],
)
def test_what_pairs_share_follows_from_their_rows(cv, is_known):
    assert (split(cv).covariance is not None) == is_known
