"""What the chosen candidate predicted for sequences that it was not trained on."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Predictions"]


@dataclass(frozen=True, slots=True)
class Predictions:
    """Predictions for the test parts of the folds, each sequence once, in a compact form.

    Parameters
    ----------
    candidate : str
        Name of the candidate that predicted.
    n_tested : int
        Sequences in these test parts.
    labels : tuple of str, default=()
        The classes; empty where values are predicted.
    confusion : tuple of tuple of int, default=()
        How many sequences of each class (row) were predicted to be of each class (column).
    true, predicted : tuple of float, default=()
        True and predicted values, of some sequences spread evenly where there are many.
    standardised : bool, default=False
        Whether these are in standard deviations of each output, because there are several.

    Examples
    --------
    >>> from rnnselect.advice.predictions import Predictions
    >>> found = Predictions("gru", 9, ("no", "yes"), ((4, 1), (0, 4)))
    >>> found.confusion[found.labels.index("no")]  # four were predicted rightly
    (4, 1)
    """

    candidate: str
    n_tested: int
    labels: tuple[str, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()
    true: tuple[float, ...] = ()
    predicted: tuple[float, ...] = ()
    standardised: bool = False
