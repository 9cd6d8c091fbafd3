"""The answers, computed once more from X alone, by slow and plain readers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnselect import RNNClassifier
from rnnselect.datasets import make_adding_problem, make_copy_memory, make_temporal_order

SEEDS = st.integers(0, 2**31 - 1)


def ranges(shortest):
    """Lengths as a user may give them: one, or a pair of them."""
    single = st.integers(shortest, shortest + 30)
    return single | st.tuples(single, single).map(lambda ends: tuple(sorted(ends)))


@settings(max_examples=40)
@given(length=ranges(2), seed=SEEDS)
def test_adding_problem(length, seed):
    X, y = make_adding_problem(n_samples=5, length=length, random_state=seed)

    for sequence, total in zip(X, y, strict=True):
        values, marks = sequence.T
        half = len(sequence) // 2
        assert ((values >= 0) & (values < 1)).all()
        assert set(marks) <= {0, 1}
        assert marks[:half].sum() == marks[half:].sum() == 1
        assert total == sum(value for value, mark in zip(values, marks, strict=True) if mark)


def test_adding_problem_at_chance():
    X, y = make_adding_problem(n_samples=20_000, length=10, random_state=0)

    assert y.mean() == pytest.approx(1, abs=0.015)  # 5 sigma
    assert y.var() == pytest.approx(1 / 6, abs=0.007)  # 5 sigma: the error of always saying 1
    # Marks are as likely anywhere in their half.
    np.testing.assert_allclose(X[:, :, 1].mean(axis=0), 1 / 5, atol=0.015)


@settings(max_examples=40)
@given(length=ranges(10), n_relevant=st.sampled_from([2, 3]), seed=SEEDS)
def test_temporal_order(length, n_relevant, seed):
    X, y = make_temporal_order(5, length=length, n_relevant=n_relevant, random_state=seed)

    for sequence, label in zip(X, y, strict=True):
        relevant = [token for token in sequence.tolist() if token in (1, 2)]
        assert len(relevant) == n_relevant
        assert label == int("".join(str(token - 1) for token in relevant), base=2)
        assert sequence[0] == 7
        assert sequence[-1] == 8
        rest = np.delete(sequence, [0, -1])
        assert set(rest[rest > 2]) <= {3, 4, 5, 6}


@pytest.mark.parametrize(
    ("n_relevant", "parts"), [(2, [(10, 20), (50, 60)]), (3, [(10, 20), (33, 43), (66, 76)])]
)
def test_temporal_order_has_the_positions_and_classes_of_the_paper(n_relevant, parts):
    X, y = make_temporal_order(4000, length=100, n_relevant=n_relevant, random_state=0)

    positions = np.nonzero(np.isin(X, [1, 2]))[1].reshape(len(X), n_relevant)
    assert list(zip(positions.min(axis=0), positions.max(axis=0), strict=True)) == parts
    n_classes = 2**n_relevant
    shares = np.bincount(y, minlength=n_classes) / len(y)
    np.testing.assert_allclose(shares, 1 / n_classes, atol=0.035)  # 5 sigma


def repeat_from_memory(sequence, n_symbols):
    """Read token by token; after the delimiter, say what was seen at the beginning."""
    blank, delimiter = n_symbols + 1, n_symbols + 2
    memory, said, asked = [], [], False
    for token in sequence.tolist():
        said.append(memory.pop(0) if asked else blank)
        if token <= n_symbols:
            memory.append(token)
        asked = asked or token == delimiter
    assert not memory
    return said


@settings(max_examples=40)
@given(n_symbols=st.integers(1, 9), n_remembered=st.integers(1, 8), seed=SEEDS, data=st.data())
def test_copy_memory(n_symbols, n_remembered, seed, data):
    length = data.draw(ranges(2 * n_remembered + 1))
    sizes = {"n_symbols": n_symbols, "n_remembered": n_remembered, "random_state": seed}
    X, y = make_copy_memory(5, length=length, **sizes)
    X_same, firsts = make_copy_memory(5, length=length, return_sequences=False, **sizes)

    assert y.shape == X.shape
    for sequence, labels in zip(X, y, strict=True):
        assert labels.tolist() == repeat_from_memory(sequence, n_symbols)
        blanks = sequence == n_symbols + 1
        assert blanks.sum() == len(sequence) - n_remembered - 1
        assert sequence[-n_remembered - 1] == n_symbols + 2
    assert firsts.tolist() == [sequence[0] for sequence in X_same]
    assert all(map(np.array_equal, X, X_same))


def test_copy_memory_has_the_layout_of_the_paper():
    X, y = make_copy_memory(5000, length=120, random_state=0)  # T = 100

    assert X.shape == y.shape == (5000, 120)
    assert set(X[:, :10].ravel()) == set(range(1, 9))
    assert set(X[:, 10:109].ravel()) == {9}  # T - 1 blanks
    assert set(X[:, 109]) == {10}
    assert set(X[:, 110:].ravel()) == {9}
    shares = np.bincount(X[:, :10].ravel())[1:9] / 50_000
    np.testing.assert_allclose(shares, 1 / 8, atol=0.0075)  # 5 sigma


def test_a_small_network_learns_temporal_order():
    X, y = make_temporal_order(400, length=10, random_state=0)
    X_test, y_test = make_temporal_order(400, length=10, random_state=1)
    clf = RNNClassifier(
        units=8,
        embedding_dim=4,
        epochs=30,
        learning_rate=0.02,
        early_stopping=False,
        random_state=0,
    )
    assert clf.fit(X, y).score(X_test, y_test) > 0.6  # the last symbol alone gives 0.5
