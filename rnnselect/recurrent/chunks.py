"""How much work one call of a compiled program does: rows and steps of a chunk, scoring blocks."""

from __future__ import annotations

import numpy as np

from rnnselect.recurrent.architecture import Architecture
from rnnselect.speed import SCORING_ROWS

__all__ = ["rows_per_step", "scoring_steps", "steps_per_chunk"]

# A chunk should last about a quarter of a second, so that deadlines are kept, and be long enough
# that the few milliseconds of calling a program do not count. Its size must not depend on a
# clock (it is part of a program's shape), so it follows from the arithmetic at a nominal speed.
CHUNK_SECONDS = 0.25
NOMINAL_FLOPS_PER_SECOND = 20e9
MAX_STEPS_PER_CHUNK = 64
SCORING_STEPS = 16


def rows_per_step(batch_size: int, n_samples: int) -> int:
    """Return how many rows a training step takes.

    Parameters
    ----------
    batch_size : int
        Rows of one step, if there are as many samples.
    n_samples : int
        Sequences of the training part.

    Returns
    -------
    int
        A power of two where one step takes all: more rows than there are would only compute
        padding, and the folds, the refit and the probe share one program.

    Examples
    --------
    >>> from rnnselect.recurrent.chunks import rows_per_step
    >>> [rows_per_step(60, n_samples) for n_samples in (20, 54, 60, 61)]
    [32, 64, 64, 60]
    """
    return batch_size if n_samples > batch_size else 2 ** (n_samples - 1).bit_length()


def steps_per_chunk(architecture: Architecture, batch_size: int, n_timesteps: int) -> int:
    """Return how many steps one call of a program runs at most: a power of two.

    Parameters
    ----------
    architecture : Architecture
        Of the network.
    batch_size, n_timesteps : int
        Rows and padded length of one step.

    Returns
    -------
    int
        Between 1 and `MAX_STEPS_PER_CHUNK`.
    """
    flops = 3 * batch_size * n_timesteps * architecture.flops_per_timestep()
    steps = CHUNK_SECONDS * NOMINAL_FLOPS_PER_SECOND / flops
    return int(2 ** np.clip(np.floor(np.log2(steps)), 0, np.log2(MAX_STEPS_PER_CHUNK)))


def scoring_steps(architecture: Architecture, n_timesteps: int) -> int:
    """Return how many steps of `SCORING_ROWS` sequences one call of a scoring program takes.

    Parameters
    ----------
    architecture : Architecture
        Of the network.
    n_timesteps : int
        Padded length.

    Returns
    -------
    int
        Between 1 and `SCORING_STEPS`.
    """
    return min(SCORING_STEPS, steps_per_chunk(architecture, SCORING_ROWS, n_timesteps))
