"""What is kept of the predictions for the test parts: a matrix of counts, or some of the values."""

from __future__ import annotations

import numpy as np

from rnnselect.advice.predictions import Predictions
from rnnselect.advice.recommendation import Recommendation
from rnnselect.comparison.comparison import Comparison

__all__ = ["MAX_LABELS", "MAX_VALUES", "kept_predictions"]

MAX_LABELS = 30  # a picture with more classes cannot be read
MAX_VALUES = 500  # dots beyond these hide each other, and make reports and JSON long
DIGITS = 6  # of a value; single precision has no more


def kept_predictions(comparison: Comparison, found: Recommendation) -> Predictions | None:
    """Return what the chosen candidate predicted on the folds of the race.

    Parameters
    ----------
    comparison : Comparison
        With the finished fits.
    found : Recommendation
        The advice. Of fits that ran ahead of the race, nothing counts.

    Returns
    -------
    Predictions or None
        None where no fit was scored by its predictions, targets have several classes each,
        predictions are of another kind, or there are more than `MAX_LABELS` classes.
    """
    data, name = comparison.data, found.candidate
    n_folds = min(len(found.scores.get(name, ())), data.splits.n_folds)
    fits = {k: comparison.finished.get((k, name)) for k in range(n_folds)}
    frozen = {k: fit.frozen for k, fit in fits.items() if fit is not None and fit.frozen}
    if not frozen:
        return None
    rows = np.concatenate([data.splits.rows[k][1] for k in frozen])
    predicted = np.concatenate(
        [each.predict(np.arange(len(data.splits.rows[k][1]))) for k, each in frozen.items()]
    )
    true = data.y[rows]
    if data.profile.target == "classification":
        return _counted(name, true, predicted)
    return _thinned(name, true.reshape(len(rows), -1), predicted.reshape(len(rows), -1))


def _counted(name: str, true: np.ndarray, predicted: np.ndarray) -> Predictions | None:
    kinds = {true.dtype.kind, predicted.dtype.kind}
    if true.ndim > 1 or not (len(kinds) == 1 or kinds <= set("biuf")):
        return None
    labels, places = np.unique(np.concatenate([true, predicted]), return_inverse=True)
    if len(labels) > MAX_LABELS:
        return None
    counts = np.zeros((len(labels), len(labels)), dtype=int)
    np.add.at(counts, tuple(places.reshape(2, -1)), 1)
    return Predictions(
        name, len(true), tuple(map(str, labels.tolist())), tuple(map(tuple, counts.tolist()))
    )


def _thinned(name: str, true: np.ndarray, predicted: np.ndarray) -> Predictions | None:
    n_tested, n_outputs = true.shape
    known = np.isfinite(predicted).all(axis=1)
    if not known.any():
        return None
    true, predicted = true[known].astype(float), predicted[known].astype(float)
    if n_outputs > 1:
        centre, spread = true.mean(axis=0), true.std(axis=0)
        varies = spread > 0
        true, predicted = (
            ((each - centre)[:, varies] / spread[varies]) for each in (true, predicted)
        )
    n_shown = min(len(true), max(1, MAX_VALUES // n_outputs))
    shown = np.linspace(0, len(true) - 1, n_shown).astype(int)
    values = [
        tuple(float(f"{value:.{DIGITS}g}") for value in each[shown].ravel())
        for each in (true, predicted)
    ]
    return Predictions(
        name, n_tested, true=values[0], predicted=values[1], standardised=n_outputs > 1
    )
