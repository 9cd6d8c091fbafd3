import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score

from rnnselect.datasets import make_anbn, make_parity

SEEDS = st.integers(0, 2**31 - 1)


def running_parity(bits):
    odd, labels = False, []
    for bit in bits:
        if bit == 1:
            odd = not odd
        labels.append(int(odd))
    return labels


@settings(max_examples=40)
@given(length=st.integers(1, 30) | st.just((1, 30)), seed=SEEDS)
def test_parity(length, seed):
    X, y = make_parity(5, length=length, return_sequences=True, random_state=seed)
    X_same, last = make_parity(5, length=length, random_state=seed)

    assert y.shape == X.shape
    for bits, labels, label in zip(X, y, last, strict=True):
        assert set(bits) <= {0, 1}
        assert labels.tolist() == running_parity(bits)
        assert label == bits.sum() % 2
    assert all(map(np.array_equal, X, X_same))


def test_parity_draws_all_bit_strings_alike():
    X, y = make_parity(16_000, length=4, random_state=0)

    strings, counts = np.unique(X, axis=0, return_counts=True)
    assert strings.tolist() == [list(bits) for bits in itertools.product([0, 1], repeat=4)]
    np.testing.assert_allclose(counts / len(X), 1 / 16, atol=0.01)  # 5 sigma
    assert y.mean() == pytest.approx(0.5, abs=0.02)  # 5 sigma


def is_in_language(string, n_symbols):
    n = len(string) // n_symbols
    return string.tolist() == [symbol for symbol in range(1, n_symbols + 1) for _ in range(n)]


@settings(max_examples=40)
@given(n_symbols=st.integers(2, 4), max_excess=st.integers(1, 6), seed=SEEDS)
def test_anbn(n_symbols, max_excess, seed):
    X, y = make_anbn(
        21, n_repeats=(1, 9), n_symbols=n_symbols, max_excess=max_excess, random_state=seed
    )

    assert y.sum() == 10  # half, the smaller one
    for string, label in zip(X, y, strict=True):
        assert label == is_in_language(string, n_symbols)
        assert (np.diff(string) >= 0).all()  # the order of symbols never tells
        assert len(string) % n_symbols == 0  # nor does the length
        excess = np.bincount(string, minlength=n_symbols + 1)[1:] - len(string) // n_symbols
        if not label:
            assert sorted(excess[excess != 0]) == [-excess.max(), excess.max()]
            assert 1 <= excess.max() <= max_excess


def test_anbn_repeats_from_one_end_of_the_range_to_the_other():
    X, y = make_anbn(500, n_repeats=(3, 5), random_state=0)
    for label in (0, 1):
        lengths = {len(string) for string, of in zip(X, y, strict=True) if of == label}
        assert lengths == {6, 8, 10}
    X, _ = make_anbn(50, n_repeats=4, random_state=0)
    assert {len(string) for string in X} == {8}


@pytest.mark.parametrize("n_symbols", [2, 3])
def test_anbn_is_not_linear_in_the_counts(n_symbols):
    X, y = make_anbn(1000, n_symbols=n_symbols, random_state=0)
    counts = np.array([np.bincount(string, minlength=n_symbols + 1)[1:] for string in X])
    scores = cross_val_score(LogisticRegression(), counts, y)
    assert scores.mean() == pytest.approx(0.5, abs=0.06)
