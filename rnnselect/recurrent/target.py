"""What a network is to predict, as a record."""

from __future__ import annotations

from dataclasses import dataclass

from rnnselect.recurrent.architecture import Head
from rnnselect.sequences.scaling import Scaling

__all__ = ["Target"]


@dataclass(frozen=True, eq=False, slots=True)
class Target:
    """What a network of one estimator is to predict, as learnt from y in the first fit.

    Parameters
    ----------
    n_outputs : int
        Width of the output layer.
    head : {"softmax", "sigmoid", "linear"}
        Form of the output layer.
    scaling : Scaling or None, default=None
        The scale to which outputs are brought back.
    """

    n_outputs: int
    head: Head
    scaling: Scaling | None = None
