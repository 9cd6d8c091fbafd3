import numpy as np
from sklearn.datasets import load_digits

from rnnselect.datasets import load_digits_sequences


def test_rows():
    digits = load_digits()
    X, y = load_digits_sequences()

    assert X.shape == (1797, 8, 8)
    np.testing.assert_array_equal(X, digits.images)  # time step = row, channel = column
    np.testing.assert_array_equal(y, digits.target)


def test_pixels():
    rows, _ = load_digits_sequences()
    X, y = load_digits_sequences(by="pixel")

    assert X.shape == (1797, 64, 1)
    assert len(y) == 1797
    np.testing.assert_array_equal(X[:, 8 * 3 + 5, 0], rows[:, 3, 5])


def test_each_call_gives_its_own_arrays():
    X, y = load_digits_sequences()
    X += 1
    y += 1
    X_again, y_again = load_digits_sequences()
    assert X_again.min() == y_again.min() == 0
