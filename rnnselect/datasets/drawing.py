"""What the makers share: random numbers, lengths, and the form in which sequences come back."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral
from typing import Any, TypeVar

import numpy as np
from sklearn.utils._param_validation import Interval

from rnnselect.parameters import validated
from rnnselect.seeds import draw_seeds
from rnnselect.sequences.ragged import ragged

__all__ = [
    "AT_LEAST_ONE",
    "AT_LEAST_TWO",
    "LENGTH",
    "Array",
    "checked",
    "draw_lengths",
    "gather",
    "new_generator",
]

Array = np.ndarray[Any, Any]
Maker = TypeVar("Maker", bound=Callable[..., Any])

AT_LEAST_ONE = [Interval(Integral, 1, None, closed="left")]
AT_LEAST_TWO = [Interval(Integral, 2, None, closed="left")]
LENGTH = [*AT_LEAST_ONE, tuple]


def checked(**constraints: list[Any]) -> Callable[[Maker], Maker]:
    """Let scikit-learn check the arguments of a maker, as it does those of its own.

    Parameters
    ----------
    **constraints : list
        What each argument may be; every maker takes `n_samples` and `random_state`.

    Returns
    -------
    callable
        A decorator.
    """
    shared = {"n_samples": AT_LEAST_ONE, "random_state": ["random_state"]}
    return validated(**(shared | constraints))


def new_generator(random_state: Any) -> np.random.Generator:
    """Return a generator of its own, seeded by a ``random_state``; None seeds it anew."""
    return np.random.default_rng(draw_seeds(random_state, 1))


def draw_lengths(
    length: int | tuple[int, int],
    n_samples: int,
    rng: np.random.Generator,
    *,
    shortest: int = 1,
    name: str = "length",
) -> Array:
    """Return one length for all sequences, or lengths drawn from a range.

    Parameters
    ----------
    length : int or (int, int)
        The length, or the shortest and the longest one.
    n_samples : int
        Number of sequences.
    rng : numpy.random.Generator
        Draws the lengths, each of the range with equal probability.
    shortest : int, default=1
        The shortest length at which the problem exists.
    name : str, default="length"
        Of the argument, for the error.

    Returns
    -------
    ndarray of shape (n_samples,)
        Whole numbers.

    Raises
    ------
    ValueError
        If a length is below `shortest`, or the pair is none.

    Examples
    --------
    >>> import numpy as np
    >>> from rnnselect.datasets.drawing import draw_lengths
    >>> draw_lengths(5, 3, np.random.default_rng(0)).tolist()
    [5, 5, 5]
    """
    ends = length if isinstance(length, tuple) else (length, length)
    whole = all(isinstance(end, Integral) for end in ends)
    if not (whole and len(ends) == 2 and shortest <= ends[0] <= ends[1]):
        raise ValueError(
            f"{name}={length!r}: give a whole number of at least {shortest}, or a pair "
            f"(shortest, longest) of them, such as ({shortest}, {2 * shortest})."
        )
    return rng.integers(ends[0], ends[1], size=n_samples, endpoint=True)


def gather(sequences: list[Array], length: int | tuple[int, int]) -> Array:
    """Return sequences of one length as one array, those of a range of lengths ragged.

    The argument decides, and not the lengths that were drawn, so that a small sample of a
    ragged problem is ragged as well.
    """
    return ragged(sequences) if isinstance(length, tuple) else np.stack(sequences)
