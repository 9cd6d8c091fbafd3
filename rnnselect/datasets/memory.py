"""Problems of memory: time steps long ago decide, and all others are noise."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
from sklearn.utils._param_validation import Options

from rnnselect.datasets.drawing import (
    AT_LEAST_ONE,
    LENGTH,
    Array,
    checked,
    draw_lengths,
    gather,
    new_generator,
)

__all__ = ["make_adding_problem", "make_copy_memory", "make_temporal_order"]

# Token ids of the temporal order problem; 0 would be padding.
FIRST_SYMBOL, SECOND_SYMBOL = 1, 2  # X and Y in the paper
FIRST_DISTRACTOR, LAST_DISTRACTOR = 3, 6  # a, b, c, d
START, END = 7, 8  # E and B
# Where the relevant symbols of a sequence begin, as shares of its length, and how far they may
# move: tasks 6a and 6b of Hochreiter and Schmidhuber (1997).
RELEVANT_FROM = {2: (0.1, 0.5), 3: (0.1, 0.33, 0.66)}
RELEVANT_WITHIN = 0.1
SHORTEST_WITH_ORDER = 10  # below it, these parts of a sequence meet


@checked(length=LENGTH)
def make_adding_problem(
    n_samples: int = 1000,
    *,
    length: int | tuple[int, int] = 50,
    random_state: Any = None,
) -> tuple[Array, Array]:
    """Make sequences of random numbers, two of which are marked and to be added (regression).

    Channel 0 holds numbers drawn uniformly from [0, 1), channel 1 is 1 at one time step of the
    first half and at one of the second half, and 0 elsewhere.

    Parameters
    ----------
    n_samples : int, default=1000
        Number of sequences.
    length : int or (int, int), default=50
        Number of time steps, at least 2, or the shortest and the longest one.
    random_state : int, RandomState instance or None, default=None
        Seed of the data.

    Returns
    -------
    X : ndarray of shape (n_samples, length, 2) or (n_samples,)
        Sequences; where `length` is a pair, an object array of them.
    y : ndarray of shape (n_samples,)
        The sum of the two marked numbers.

    Notes
    -----
    Known answer: a perfect network has an error of 0 (R² = 1). The mean of y, 1, has the mean
    squared error 1/6, which is the variance of y (R² = 0); training stays there until the network
    finds the marks. Both cells can solve it. With 600 time steps, Bai et al. (2018, Table 1) report
    a mean squared error of 5.3e-5 with GRU and of 0.164, which is chance, with LSTM.

    References
    ----------
    - S. Hochreiter and J. Schmidhuber (1997), Long short-term memory, Neural Computation 9(8),
      experiment 4.
    - Q. V. Le, N. Jaitly and G. E. Hinton (2015), A simple way to initialize recurrent networks
      of rectified linear units, arXiv:1504.00941: the sum of numbers from [0, 1].
    - M. Arjovsky, A. Shah and Y. Bengio (2016), Unitary evolution recurrent neural networks,
      ICML: one mark in each half.
    - S. Bai, J. Z. Kolter and V. Koltun (2018), An empirical evaluation of generic convolutional
      and recurrent networks for sequence modeling, arXiv:1803.01271.

    Examples
    --------
    >>> from rnnselect.datasets import make_adding_problem
    >>> X, y = make_adding_problem(n_samples=3, length=20, random_state=0)
    >>> X.shape, y.shape
    ((3, 20, 2), (3,))
    """
    rng = new_generator(random_state)
    X, y = [], np.empty(n_samples)
    for i, n_timesteps in enumerate(draw_lengths(length, n_samples, rng, shortest=2)):
        half = n_timesteps // 2
        marked = [rng.integers(half), rng.integers(half, n_timesteps)]
        sequence = np.column_stack([rng.uniform(size=n_timesteps), np.zeros(n_timesteps)])
        sequence[marked, 1] = 1
        X.append(sequence)
        y[i] = sequence[marked, 0].sum()
    return gather(X, length), y


@checked(length=LENGTH, n_relevant=[Options(Integral, set(RELEVANT_FROM))])
def make_temporal_order(
    n_samples: int = 1000,
    *,
    length: int | tuple[int, int] = 50,
    n_relevant: int = 2,
    random_state: Any = None,
) -> tuple[Array, Array]:
    """Make token sequences, classified by the order of a few symbols far apart.

    Two (or three) tokens are 1 or 2, the others are distractors from 3 to 6, between a start
    token 7 and an end token 8. The relevant ones stand from 10 to 20 % and from 50 to 60 % of
    the length (three: from 10 to 20, 33 to 43 and 66 to 76 %).

    Parameters
    ----------
    n_samples : int, default=1000
        Number of sequences.
    length : int or (int, int), default=50
        Number of time steps, at least 10, or the shortest and the longest one; (100, 110) in
        the paper.
    n_relevant : {2, 3}, default=2
        Number of relevant symbols: task 6a or 6b of the paper, with 4 or 8 classes.
    random_state : int, RandomState instance or None, default=None
        Seed of the data.

    Returns
    -------
    X : ndarray of shape (n_samples, length) or (n_samples,)
        Token ids from 1 to 8 (for `embedding_dim`); where `length` is a pair, an object array
        of sequences.
    y : ndarray of shape (n_samples,)
        Classes 0 to 3 for the orders 1-1, 1-2, 2-1, 2-2; 0 to 7 for three symbols alike.

    Notes
    -----
    Known answer: a perfect network has an accuracy of 1, chance is 1/4 (three symbols: 1/8), and
    one that remembers the last relevant symbol only has 1/2 (1/4). Hochreiter and Schmidhuber
    (1997) solved it with LSTM and knew no other network that did; a GRU, which is younger,
    can keep a symbol as well.

    References
    ----------
    - S. Hochreiter and J. Schmidhuber (1997), Long short-term memory, Neural Computation 9(8),
      experiment 6.

    Examples
    --------
    >>> from rnnselect.datasets import make_temporal_order
    >>> X, y = make_temporal_order(n_samples=2, length=12, random_state=0)
    >>> X.shape, y.shape, X[:, 0].tolist(), X[:, -1].tolist()
    ((2, 12), (2,), [7, 7], [8, 8])
    """
    rng = new_generator(random_state)
    X, y = [], np.empty(n_samples, dtype=np.int64)
    shares, place_values = np.array(RELEVANT_FROM[n_relevant]), 2 ** np.arange(n_relevant)[::-1]
    lengths = draw_lengths(length, n_samples, rng, shortest=SHORTEST_WITH_ORDER)
    for i, n_timesteps in enumerate(lengths):
        first = (n_timesteps * shares).astype(int)
        last = (n_timesteps * (shares + RELEVANT_WITHIN)).astype(int)
        symbols = rng.integers(FIRST_SYMBOL, SECOND_SYMBOL, size=n_relevant, endpoint=True)
        sequence = rng.integers(FIRST_DISTRACTOR, LAST_DISTRACTOR, n_timesteps, endpoint=True)
        sequence[rng.integers(first, last, endpoint=True)] = symbols
        sequence[[0, -1]] = START, END
        X.append(sequence)
        y[i] = (symbols - FIRST_SYMBOL) @ place_values
    return gather(X, length), y


@checked(
    length=LENGTH, n_symbols=AT_LEAST_ONE, n_remembered=AT_LEAST_ONE, return_sequences=["boolean"]
)
def make_copy_memory(
    n_samples: int = 1000,
    *,
    length: int | tuple[int, int] = 50,
    n_symbols: int = 8,
    n_remembered: int = 10,
    return_sequences: bool = True,
    random_state: Any = None,
) -> tuple[Array, Array]:
    """Make token sequences whose beginning is to be repeated after a delay.

    A sequence holds `n_remembered` symbols (1 to `n_symbols`), blanks (``n_symbols + 1``), one
    delimiter (``n_symbols + 2``) and `n_remembered` blanks, at which the symbols are to be
    repeated. The delay of the paper, T, is ``length - 2 * n_remembered``.

    Parameters
    ----------
    n_samples : int, default=1000
        Number of sequences.
    length : int or (int, int), default=50
        Number of time steps, at least ``2 * n_remembered + 1``, or the shortest and the longest
        one.
    n_symbols : int, default=8
        Number of different symbols, each drawn with equal probability.
    n_remembered : int, default=10
        Number of symbols to be repeated.
    return_sequences : bool, default=True
        Whether y has a label for every time step, which is the problem of the paper. False asks
        for the first symbol only: an ordinary classification of sequences, where all other
        time steps are noise.
    random_state : int, RandomState instance or None, default=None
        Seed of the data.

    Returns
    -------
    X : ndarray of shape (n_samples, length) or (n_samples,)
        Token ids from 1 to ``n_symbols + 2`` (for `embedding_dim`); where `length` is a pair, an
        object array of sequences.
    y : ndarray of the shape of X, or of shape (n_samples,)
        The blank at each time step but the last `n_remembered` ones, which repeat the symbols;
        or the first symbol.

    Notes
    -----
    Known answer: a perfect network has an accuracy of 1. A network without memory gives blanks,
    then guesses: with the paper's numbers and delay T its cross-entropy per time step is
    ``10 * log(8) / (T + 20)``, and its accuracy at the last `n_remembered` steps is
    ``1 / n_symbols``; its accuracy over all steps is much higher. The first symbol alone is
    guessed with the same probability. In Bai et al. (2018, Table 1), with T = 1000, both cells
    hardly beat that cross-entropy (0.0204): LSTM 0.0204, GRU 0.0197.

    References
    ----------
    - S. Hochreiter and J. Schmidhuber (1997), Long short-term memory, Neural Computation 9(8):
      the kind of problem.
    - M. Arjovsky, A. Shah and Y. Bengio (2016), Unitary evolution recurrent neural networks,
      ICML: this form of it.
    - S. Bai, J. Z. Kolter and V. Koltun (2018), An empirical evaluation of generic convolutional
      and recurrent networks for sequence modeling, arXiv:1803.01271.

    Examples
    --------
    >>> from rnnselect.datasets import make_copy_memory
    >>> X, y = make_copy_memory(n_samples=1, length=8, n_symbols=4, n_remembered=3, random_state=1)
    >>> X[0].tolist()
    [2, 3, 3, 5, 6, 5, 5, 5]
    >>> y[0].tolist()
    [5, 5, 5, 5, 5, 2, 3, 3]
    """
    rng = new_generator(random_state)
    blank, delimiter = n_symbols + 1, n_symbols + 2
    X, y = [], []
    for n_timesteps in draw_lengths(length, n_samples, rng, shortest=2 * n_remembered + 1):
        symbols = rng.integers(1, n_symbols, size=n_remembered, endpoint=True)
        sequence = np.full(n_timesteps, blank)
        labels = sequence.copy()
        sequence[:n_remembered] = labels[-n_remembered:] = symbols
        sequence[-n_remembered - 1] = delimiter
        X.append(sequence)
        y.append(labels if return_sequences else symbols[0])
    return gather(X, length), gather(y, length) if return_sequences else np.array(y)
