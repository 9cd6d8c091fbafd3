"""Seeds from a ``random_state``, without ever touching a global one."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils import check_random_state

__all__ = ["draw_seeds", "seeded"]


def draw_seeds(random_state: Any, n: int) -> np.ndarray:
    """Draw seeds from an int, a `RandomState` or, for None, from the operating system.

    Parameters
    ----------
    random_state : int, RandomState instance or None
        None does not draw from NumPy's global state, which stays as it was.
    n : int
        Number of seeds.

    Returns
    -------
    ndarray of shape (n,)
        Whole numbers from 0 to 2**31 - 2.
    """
    if random_state is None:
        return np.random.SeedSequence().generate_state(n) // 2
    seeds: np.ndarray = check_random_state(random_state).randint(2**31 - 1, size=n)
    return seeds


def seeded(estimator: Any, seed: int) -> Any:
    """Give every ``random_state`` of an estimator its own seed.

    Parameters
    ----------
    estimator : estimator
        Changed in place.
    seed : int
        Decides all of them.

    Returns
    -------
    estimator
        The same one.
    """
    names = sorted(n for n in estimator.get_params() if n.rpartition("__")[2] == "random_state")
    seeds = np.random.SeedSequence(seed).generate_state(len(names)) // 2
    return estimator.set_params(**dict(zip(names, (int(s) for s in seeds), strict=True)))
