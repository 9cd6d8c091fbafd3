"""What holds for every maker: kinds of X, seeds, and errors before any work."""

import numpy as np
import pytest
from sklearn.utils import check_consistent_length

from rnnselect import datasets
from rnnselect.datasets.drawing import draw_lengths, gather
from rnnselect.sequences.validation import read_sequences

MAKERS = {name: getattr(datasets, name) for name in datasets.__all__ if name.startswith("make_")}
TOKENS = {"make_anbn", "make_copy_memory", "make_temporal_order"}
KINDS = {
    "make_adding_problem": "panel",
    "make_anbn": "tokens",
    "make_copy_memory": "tokens",
    "make_mackey_glass": "series",
    "make_no_signal": "panel",
    "make_noisy_sines": "series",
    "make_parity": "series",
    "make_temporal_order": "tokens",
}
OF_ANY_LENGTH = sorted(set(MAKERS) - {"make_anbn", "make_mackey_glass", "make_noisy_sines"})


def assert_same(left, right):
    assert len(left) == len(right)
    for a, b in zip(left, right, strict=True):
        np.testing.assert_array_equal(a, b)


def same(left, right):
    return len(left) == len(right) and all(map(np.array_equal, left, right))


@pytest.mark.parametrize("name", MAKERS)
def test_makes_what_the_estimators_take(name):
    X, y = MAKERS[name](n_samples=7, random_state=0)
    batch = read_sequences(X, tokens=name in TOKENS)

    check_consistent_length(X, y)
    assert batch.n_samples == 7
    assert batch.kind == KINDS[name]
    if name in TOKENS:
        assert batch.steps.min() >= 1  # 0 would be padding


@pytest.mark.parametrize("name", OF_ANY_LENGTH)
def test_a_pair_of_lengths_makes_ragged_sequences(name):
    X, y = MAKERS[name](n_samples=200, length=(22, 25), random_state=0)
    batch = read_sequences(X, tokens=name in TOKENS)

    assert X.shape == (200,)
    assert len(y) == 200
    assert set(batch.lengths) == {22, 23, 24, 25}
    assert batch.kind == ("tokens" if name in TOKENS else "ragged")


@pytest.mark.parametrize("name", MAKERS)
def test_same_seed_same_data(name):
    make = MAKERS[name]
    X, y = make(n_samples=20, random_state=3)
    X_same, y_same = make(n_samples=20, random_state=3)
    X_other, _ = make(n_samples=20, random_state=4)

    assert_same(X, X_same)
    assert_same(y, y_same)
    assert not same(X, X_other)


@pytest.mark.parametrize("name", MAKERS)
def test_no_seed_draws_anew_and_leaves_the_global_state(name):
    before = np.random.get_state()[1].copy()  # noqa: NPY002, it is the global state that is watched
    X, _ = MAKERS[name](n_samples=20)
    X_again, _ = MAKERS[name](n_samples=20)

    assert not same(X, X_again)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@pytest.mark.parametrize("name", MAKERS)
def test_a_random_state_moves_on(name):
    state = np.random.RandomState(0)
    X, _ = MAKERS[name](n_samples=20, random_state=state)
    X_next, _ = MAKERS[name](n_samples=20, random_state=state)
    X_same, _ = MAKERS[name](n_samples=20, random_state=np.random.RandomState(0))

    assert not same(X, X_next)
    assert_same(X, X_same)


WRONG_FOR_ALL = {
    "n_samples": [0, -3, 2.5, "many", None],
    "random_state": ["seed", -1, 1.5],
}
WRONG = [
    ("make_adding_problem", {"length": 1}, r"length=1: .* at least 2, .*such as \(2, 4\)"),
    ("make_adding_problem", {"length": (1, 5)}, r"length=\(1, 5\): .* at least 2"),
    ("make_adding_problem", {"length": (9, 5)}, r"length=\(9, 5\): .*\(shortest, longest\)"),
    ("make_adding_problem", {"length": (5, 6, 7)}, r"length=\(5, 6, 7\): .* pair"),
    ("make_adding_problem", {"length": (5.0, 6)}, r"length=\(5.0, 6\): .* whole number"),
    ("make_adding_problem", {"length": "long"}, "'length' parameter of make_adding_problem"),
    ("make_adding_problem", {"length": [5, 6]}, r"'length' parameter .* 'tuple'"),
    ("make_adding_problem", {"length": 0}, r"'length' parameter .* range \[1, inf\)"),
    ("make_temporal_order", {"length": 9}, "length=9: .* at least 10"),
    ("make_temporal_order", {"n_relevant": 4}, "'n_relevant' parameter .* Got 4"),
    ("make_copy_memory", {"length": 20}, "length=20: .* at least 21"),
    ("make_copy_memory", {"length": 6, "n_remembered": 3}, "length=6: .* at least 7"),
    ("make_copy_memory", {"n_symbols": 0}, "'n_symbols' parameter"),
    ("make_copy_memory", {"n_remembered": 0}, "'n_remembered' parameter"),
    ("make_copy_memory", {"return_sequences": "yes"}, "'return_sequences' parameter"),
    ("make_parity", {"length": 0}, "'length' parameter"),
    ("make_parity", {"length": (0, 3)}, r"length=\(0, 3\): .* at least 1"),
    ("make_parity", {"return_sequences": None}, "'return_sequences' parameter"),
    ("make_anbn", {"n_repeats": (0, 4)}, r"n_repeats=\(0, 4\): .* at least 1"),
    ("make_anbn", {"n_repeats": 0}, "'n_repeats' parameter"),
    ("make_anbn", {"n_symbols": 1}, "'n_symbols' parameter"),
    ("make_anbn", {"max_excess": 0}, "'max_excess' parameter"),
    ("make_mackey_glass", {"length": 0}, "'length' parameter"),
    ("make_mackey_glass", {"length": (5, 9)}, "'length' parameter"),
    ("make_mackey_glass", {"horizon": 0}, "'horizon' parameter"),
    ("make_mackey_glass", {"tau": 1.5}, "'tau' parameter"),
    ("make_mackey_glass", {"tau": 1001}, "'tau' parameter"),
    ("make_noisy_sines", {"length": 4}, "length=4 .* n_classes=2 .* at least 5"),
    ("make_noisy_sines", {"n_classes": 1}, "'n_classes' parameter"),
    ("make_noisy_sines", {"noise": -0.1}, "'noise' parameter"),
    ("make_no_signal", {"n_channels": 0}, "'n_channels' parameter"),
    ("make_no_signal", {"n_classes": 1}, "'n_classes' parameter"),
    ("load_digits_sequences", {"by": "column"}, "'by' parameter of load_digits_sequences"),
]


@pytest.mark.parametrize(("name", "arguments", "message"), WRONG)
def test_wrong_arguments(name, arguments, message):
    with pytest.raises(ValueError, match=message):
        getattr(datasets, name)(**arguments)


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize(
    ("argument", "value"), [(a, v) for a, values in WRONG_FOR_ALL.items() for v in values]
)
def test_wrong_shared_arguments(name, argument, value):
    with pytest.raises((ValueError, TypeError)) as caught:
        MAKERS[name](**{argument: value})
    assert f"'{argument}' parameter of {name}" in str(caught.value)
    assert repr(value) in str(caught.value)


def test_lengths_are_uniform_over_the_range_with_both_ends():
    lengths = draw_lengths((3, 6), 40_000, np.random.default_rng(0))

    counts = np.bincount(lengths, minlength=7)
    assert counts[:3].tolist() == [0, 0, 0]
    np.testing.assert_allclose(counts[3:] / len(lengths), 0.25, atol=0.011)  # 5 sigma


def test_the_argument_decides_whether_sequences_are_ragged():
    sequences = [np.zeros(4), np.ones(4)]
    assert gather(sequences, (4, 4)).shape == (2,)
    assert gather(sequences, 4).shape == (2, 4)
