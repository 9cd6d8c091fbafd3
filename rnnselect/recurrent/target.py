"""What a network is to predict, as a record."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnselect.recurrent.architecture import Head
from rnnselect.sequences.scaling import Scaling

__all__ = ["Target"]


@dataclass(frozen=True, eq=False, slots=True)
class Target:
    """What a network of one estimator is to predict.

    Parameters
    ----------
    values : ndarray of shape (n_samples,) or (n_samples, n_outputs)
        Class numbers (int32) or standardised values (float32).
    n_outputs : int
        Width of the output layer.
    head : {"softmax", "linear"}
        Form of the output layer.
    scaling : Scaling or None
        The scale to which outputs are brought back.
    """

    values: np.ndarray
    n_outputs: int
    head: Head
    scaling: Scaling | None
