"""Problems of counting: modulo two, which any cell can do, and without a bound."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnselect.datasets.drawing import (
    AT_LEAST_ONE,
    AT_LEAST_TWO,
    LENGTH,
    Array,
    checked,
    draw_lengths,
    gather,
    new_generator,
)
from rnnselect.sequences.ragged import ragged

__all__ = ["make_anbn", "make_parity"]


@checked(length=LENGTH, return_sequences=["boolean"])
def make_parity(
    n_samples: int = 1000,
    *,
    length: int | tuple[int, int] = 10,
    return_sequences: bool = False,
    random_state: Any = None,
) -> tuple[Array, Array]:
    """Make sequences of bits, classified by whether the number of ones is odd.

    Parameters
    ----------
    n_samples : int, default=1000
        Number of sequences.
    length : int or (int, int), default=10
        Number of bits, or the shortest and the longest one.
    return_sequences : bool, default=False
        Whether y has a label for every time step: whether the ones up to there are odd.
    random_state : int, RandomState instance or None, default=None
        Seed of the data.

    Returns
    -------
    X : ndarray of shape (n_samples, length) or (n_samples,)
        Bits, each 0 or 1 with equal probability; where `length` is a pair, an object array of
        sequences.
    y : ndarray of shape (n_samples,), or of the shape of X
        1 where the number of ones is odd, else 0.

    Notes
    -----
    Known answer: a perfect network has an accuracy of 1. Chance is 1/2, also for a network that
    misses a single bit. Two states are enough, so that both cells can represent parity at any
    length; but it is hard to find by gradients, which tell next to nothing about it
    (Shalev-Shwartz et al., 2017). Short sequences, or a label for every time step, make it easier.

    References
    ----------
    - Y. Bengio, P. Simard and P. Frasconi (1994), Learning long-term dependencies with gradient
      descent is difficult, IEEE Transactions on Neural Networks 5(2).
    - S. Shalev-Shwartz, O. Shamir and S. Shammah (2017), Failures of gradient-based deep
      learning, ICML.

    Examples
    --------
    >>> from rnnselect.datasets import make_parity
    >>> X, y = make_parity(n_samples=1, length=6, return_sequences=True, random_state=5)
    >>> X[0].tolist(), y[0].tolist()
    ([0, 0, 1, 1, 1, 0], [0, 0, 1, 0, 1, 1])
    """
    rng = new_generator(random_state)
    X = [rng.integers(2, size=size) for size in draw_lengths(length, n_samples, rng)]
    parities = [np.bitwise_xor.accumulate(bits) for bits in X]
    if return_sequences:
        return gather(X, length), gather(parities, length)
    return gather(X, length), np.array([labels[-1] for labels in parities])


@checked(n_repeats=LENGTH, n_symbols=AT_LEAST_TWO, max_excess=AT_LEAST_ONE)
def make_anbn(
    n_samples: int = 1000,
    *,
    n_repeats: int | tuple[int, int] = (1, 50),
    n_symbols: int = 2,
    max_excess: int = 3,
    random_state: Any = None,
) -> tuple[Array, Array]:
    """Make strings that are in the language aⁿbⁿ, or nearly (classification).

    Half of the strings repeat each symbol n times. In the others, one symbol stands up to
    `max_excess` times more often and another one less often, so that order and length do not
    help: the network must count.

    Parameters
    ----------
    n_samples : int, default=1000
        Number of strings.
    n_repeats : int or (int, int), default=(1, 50)
        Number n, or the smallest and the largest n, drawn with equal probability. To see whether a
        network has learnt to count, train on one range and test beyond it.
    n_symbols : int, default=2
        2 for aⁿbⁿ, which is context-free, 3 for aⁿbⁿcⁿ, which is not, and so on.
    max_excess : int, default=3
        Largest number of symbols too many in a string that is not in the language.
    random_state : int, RandomState instance or None, default=None
        Seed of the data.

    Returns
    -------
    X : ndarray of shape (n_samples,)
        Object array of strings of shape (n_symbols * n_i,). Token ids (for `embedding_dim`): 1 is
        a, 2 is b, and so on.
    y : ndarray of shape (n_samples,)
        1 in the language (half of the strings, the smaller one), else 0.

    Notes
    -----
    Known answer: a perfect network has an accuracy of 1, chance is 1/2. An LSTM can count in its
    cell state, which has no bound, so that it can be right for any n. The state of a GRU stays
    between -1 and 1 and cannot, with finite precision (Weiss et al., 2018): their LSTM, trained
    with n up to 100, accepted n = 1000, their GRU did not. ``RNNClassifier(embedding_dim=8)``,
    trained on this function's defaults and tested with n from 51 to 100, had an accuracy of 0.86
    to 1.00 with LSTM and of 0.50 to 0.67 with GRU (four seeds). Training may still fail to find
    this: El-Naggar et al. (2022) saw LSTMs fail far beyond the lengths of training.

    References
    ----------
    - F. A. Gers and J. Schmidhuber (2001), LSTM recurrent networks learn simple context-free and
      context-sensitive languages, IEEE Transactions on Neural Networks 12(6).
    - G. Weiss, Y. Goldberg and E. Yahav (2018), On the practical computational power of finite
      precision RNNs for language recognition, ACL; figures from their notebook,
      github.com/tech-srl/counting_dimensions.
    - N. El-Naggar, P. Madhyastha and T. Weyde (2022), Exploring the long-term generalization of
      counting behavior in RNNs, arXiv:2211.16429.

    Examples
    --------
    >>> from rnnselect.datasets import make_anbn
    >>> X, y = make_anbn(n_samples=3, n_repeats=(2, 4), random_state=6)
    >>> ["".join(" ab"[token] for token in string) for string in X], y.tolist()
    (['aaaabbbb', 'aabbbb', 'aaabbbbb'], [1, 0, 0])
    """
    rng = new_generator(random_state)
    y = rng.permutation(np.arange(n_samples) % 2)
    repeats = draw_lengths(n_repeats, n_samples, rng, name="n_repeats")
    X = []
    for n, in_language in zip(repeats, y, strict=True):
        counts = np.full(n_symbols, n)
        if not in_language:
            more, less = rng.choice(n_symbols, size=2, replace=False)
            excess = rng.integers(1, min(max_excess, n), endpoint=True)
            counts[[more, less]] += [excess, -excess]
        X.append(np.repeat(np.arange(1, n_symbols + 1), counts))
    return ragged(X), y
