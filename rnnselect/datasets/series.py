"""Series: a chaotic one to forecast, sines in noise to tell apart, and noise without a signal."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np
from scipy.interpolate import CubicSpline
from sklearn.utils._param_validation import Interval

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

__all__ = ["make_mackey_glass", "make_no_signal", "make_noisy_sines"]

# dx/dt = PRODUCTION x(t - tau) / (1 + x(t - tau)**EXPONENT) - DECAY x(t), with the values of
# Mackey and Glass (1977).
PRODUCTION, DECAY, EXPONENT = 0.2, 0.1, 10
STEPS_PER_UNIT = 10  # of time: after 700 units the error is 1.5e-6 (1000 series, tau = 17)
WARM_UP = 500  # units of time until a series has forgotten its straight beginning
LARGEST_TAU = 1000  # exp(DECAY * tau) must stay a number


@checked(
    length=AT_LEAST_ONE,
    horizon=AT_LEAST_ONE,
    tau=[Interval(Integral, 1, LARGEST_TAU, closed="both")],
)
def make_mackey_glass(
    n_samples: int = 1000,
    *,
    length: int = 50,
    horizon: int = 84,
    tau: int = 17,
    random_state: Any = None,
) -> tuple[Array, Array]:
    """Make pieces of the chaotic Mackey-Glass series, to be continued (forecasting).

    The series solves ``dx/dt = 0.2 x(t - tau) / (1 + x(t - tau)**10) - 0.1 x(t)`` and is read
    once a unit of time. Every sample comes from a solution of its own with a random beginning,
    so that samples do not overlap and may be shuffled. For one long series, take
    ``n_samples=1``.

    Parameters
    ----------
    n_samples : int, default=1000
        Number of series.
    length : int, default=50
        Number of time steps of each series.
    horizon : int, default=84
        How many time steps after the end of the series y lies.
    tau : int, default=17
        The delay, up to 1000. Solutions are periodic below about 17 and chaotic from there on,
        the more so the larger it is.
    random_state : int, RandomState instance or None, default=None
        Seed of the data.

    Returns
    -------
    X : ndarray of shape (n_samples, length)
        The series.
    y : ndarray of shape (n_samples,)
        The value `horizon` time steps later.

    Notes
    -----
    Known answer: there is no noise, so that only the network limits the error, which can come
    close to 0 (R² = 1). The mean of y has R² = 0, ridge regression about 0.7 with the
    defaults, and a repetition of the last value is worse than the mean. The step of integration
    is 0.1; with the default `tau`, halving it changes values by less than 1e-5.

    References
    ----------
    - M. C. Mackey and L. Glass (1977), Oscillation and chaos in physiological control systems,
      Science 197(4300).
    - J.-S. R. Jang (1993), ANFIS: adaptive-network-based fuzzy inference system, IEEE
      Transactions on Systems, Man, and Cybernetics 23(3): six steps ahead.
    - H. Jaeger and H. Haas (2004), Harnessing nonlinearity, Science 304(5667): 84 steps ahead.

    Examples
    --------
    >>> from rnnselect.datasets import make_mackey_glass
    >>> X, y = make_mackey_glass(n_samples=3, length=20, random_state=0)
    >>> X.shape, y.shape
    ((3, 20), (3,))
    """
    ends = new_generator(random_state).uniform(0.5, 1.5, size=(2, n_samples))
    series = solve_mackey_glass(ends, tau, WARM_UP + length + horizon)[WARM_UP:]
    return series[:length].T.copy(), series[length + horizon - 1]


def solve_mackey_glass(
    ends: Array, tau: int, n_units: int, steps_per_unit: int = STEPS_PER_UNIT
) -> Array:
    """Solve the equation delay by delay: the past gives the production during the next one.

    The equation is then linear in x, with the solution
    ``x(t) = exp(-DECAY t) (x(0) + integral of exp(DECAY s) production(s) from 0 to t)``;
    a cubic spline is integrated instead of the production (fourth order).

    Parameters
    ----------
    ends : ndarray of shape (2, n_samples)
        The past, before time 0, is a straight line from the first value to the second.
    tau : int
        The delay.
    n_units : int
        Units of time to solve for.
    steps_per_unit : int
        Steps of integration in each.

    Returns
    -------
    ndarray of shape (n_units, n_samples)
        The values at the times 1, 2, ... `n_units`.
    """
    t = np.arange(tau * steps_per_unit + 1) / steps_per_unit
    growth = np.exp(DECAY * t)[:, None]
    x = ends[0] + np.outer(t / tau, ends[1] - ends[0])
    solved = []
    for _ in range(-(-n_units // tau)):
        production = PRODUCTION * x / (1 + x**EXPONENT)
        x = (x[-1] + CubicSpline(t, growth * production).antiderivative()(t)) / growth
        solved.append(x[steps_per_unit::steps_per_unit])
    return np.concatenate(solved)[:n_units]


@checked(
    length=AT_LEAST_ONE, n_classes=AT_LEAST_TWO, noise=[Interval(Real, 0, None, closed="left")]
)
def make_noisy_sines(
    n_samples: int = 1000,
    *,
    length: int = 32,
    n_classes: int = 2,
    noise: float = 1.0,
    random_state: Any = None,
) -> tuple[Array, Array]:
    """Make sines of a few frequencies in noise, classified by the frequency.

    Sines of class k go through ``k + 1`` whole periods, start at a random phase and have the
    amplitude 1; white Gaussian noise is added.

    Parameters
    ----------
    n_samples : int, default=1000
        Number of series.
    length : int, default=32
        Number of time steps, at least ``2 * n_classes + 1``.
    n_classes : int, default=2
        Number of frequencies.
    noise : float, default=1.0
        Standard deviation of the noise.
    random_state : int, RandomState instance or None, default=None
        Seed of the data.

    Returns
    -------
    X : ndarray of shape (n_samples, length)
        The series.
    y : ndarray of shape (n_samples,)
        The class of each, from 0 to ``n_classes - 1``, each with equal probability.

    Notes
    -----
    Known answer: nothing beats the frequency with the most power, whose accuracy is
    ``1 - 0.5 * exp(-length / (8 * noise**2))`` with two classes (0.991 with the defaults; Proakis,
    noncoherent detection of orthogonal signals). Chance is ``1 / n_classes``, and linear
    models learn nothing, because every class is symmetric about zero.

    References
    ----------
    - J. G. Proakis (2000), Digital communications, fourth edition, section 5.4.

    Examples
    --------
    >>> from rnnselect.datasets import make_noisy_sines
    >>> X, y = make_noisy_sines(n_samples=3, length=16, random_state=0)
    >>> X.shape, y.shape
    ((3, 16), (3,))
    """
    if length < 2 * n_classes + 1:
        raise ValueError(
            f"length={length} is too short to tell n_classes={n_classes} frequencies apart; give "
            f"a length of at least {2 * n_classes + 1}."
        )
    rng = new_generator(random_state)
    y = rng.integers(n_classes, size=n_samples)
    phases = rng.uniform(0, 2 * np.pi, size=(n_samples, 1))
    sines = np.sin(np.outer(y + 1, 2 * np.pi * np.arange(length) / length) + phases)
    return sines + rng.normal(scale=noise, size=sines.shape), y


@checked(length=LENGTH, n_channels=AT_LEAST_ONE, n_classes=AT_LEAST_TWO)
def make_no_signal(
    n_samples: int = 1000,
    *,
    length: int | tuple[int, int] = 50,
    n_channels: int = 1,
    n_classes: int = 2,
    random_state: Any = None,
) -> tuple[Array, Array]:
    """Make noise with unrelated classes: neither cell is worth it.

    Parameters
    ----------
    n_samples : int, default=1000
        Number of sequences.
    length : int or (int, int), default=50
        Number of time steps, or the shortest and the longest one.
    n_channels : int, default=1
        Number of channels.
    n_classes : int, default=2
        Number of classes.
    random_state : int, RandomState instance or None, default=None
        Seed of the data.

    Returns
    -------
    X : ndarray of shape (n_samples, length, n_channels) or (n_samples,)
        White Gaussian noise; where `length` is a pair, an object array of sequences.
    y : ndarray of shape (n_samples,)
        Classes of equal size (to within one sample), in random order.

    Notes
    -----
    Known answer: every model has the expected accuracy ``1 / n_classes`` on new data, and any
    difference between two models is chance. Shuffled labels are what permutation tests compare
    with (Ojala and Garriga, 2010).

    References
    ----------
    - M. Ojala and G. C. Garriga (2010), Permutation tests for studying classifier performance,
      Journal of Machine Learning Research 11.

    Examples
    --------
    >>> from rnnselect.datasets import make_no_signal
    >>> X, y = make_no_signal(n_samples=4, length=5, random_state=0)
    >>> X.shape, sorted(y.tolist())
    ((4, 5, 1), [0, 0, 1, 1])
    """
    rng = new_generator(random_state)
    y = rng.permutation(np.arange(n_samples) % n_classes)
    lengths = draw_lengths(length, n_samples, rng)
    return gather([rng.normal(size=(size, n_channels)) for size in lengths], length), y
