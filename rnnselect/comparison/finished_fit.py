"""One fit of a pair, scored: what a race remembers of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["FinishedFit"]


@dataclass(frozen=True, eq=False, slots=True)
class FinishedFit:
    """One fit of a pair, scored.

    Parameters
    ----------
    score : float
        In units of the scorer; NaN where training diverged to nothing.
    frozen : estimator or None
        Its predictions on the test rows, as an estimator that scorers accept.
    seconds : float
        Wall-clock seconds of fit and scoring.
    scoring_seconds : float
        Those of scoring alone.
    n_epochs : int
        Epochs, 0 where the estimator does not say.
    complete : bool
        Whether training ended by itself, not by the deadline.
    history : dict of str to tuple of float
        Losses of its epochs, by name; empty where the estimator keeps none.
    stop_reason : str, default=""
        What ended training, where the estimator says it as this package's do.
    shortage : str, default=""
        What the error said with which it ran out of memory.
    """

    score: float
    frozen: Any
    seconds: float
    scoring_seconds: float
    n_epochs: int
    complete: bool
    history: dict[str, tuple[float, ...]] = field(default_factory=dict)
    stop_reason: str = ""
    shortage: str = ""
