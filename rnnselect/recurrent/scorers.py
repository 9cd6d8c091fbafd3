"""Scores of predictions for every time step; what follows the end of a sequence never counts.

scikit-learn's own scorers take one target for each sequence. These take what an estimator with
``return_sequences=True`` returns, as ``scoring=`` of `cross_validate`, `GridSearchCV` and others:
`per_step_accuracy`, `per_step_f1` (the unweighted mean over classes), `per_step_r2` and
`per_step_neg_mean_squared_error`. All time steps of all sequences count alike, except by the
`sample_weight` of their sequence.

With targets of several lengths, scikit-learn itself has no stratified splits, scorers by name
such as ``"accuracy"``, ensembles or calibration, and `cross_val_predict` returns labels and
values, but no probabilities: it asks for one target, and one row, of each sequence. Searches,
`cross_validate`, `learning_curve` and group or time-ordered splitters take such targets.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.metrics import accuracy_score, f1_score, make_scorer, mean_squared_error, r2_score
from sklearn.utils import check_consistent_length

from rnnselect.recurrent.steps import StepLayout

__all__ = [
    "per_step_accuracy",
    "per_step_f1",
    "per_step_neg_mean_squared_error",
    "per_step_r2",
    "score_steps",
    "step_accuracy",
    "step_r2",
]


def score_steps(
    metric: Callable[..., float],
    y_true: Any,
    y_pred: Any,
    sample_weight: Any = None,
    **options: Any,
) -> float:
    """Apply a metric of scikit-learn to the targets of all time steps.

    Parameters
    ----------
    metric : callable
        Takes true targets, predicted ones and ``sample_weight``.
    y_true, y_pred : list of array-like, or array-like of shape (n_samples, n_timesteps, ...)
        The targets of each sequence.
    sample_weight : array-like of shape (n_samples,) or None, default=None
        Weights of the sequences.
    **options
        Further arguments of the metric.

    Returns
    -------
    float
        What the metric returns.

    Raises
    ------
    ValueError
        If a sequence has more or fewer targets than predictions.

    Examples
    --------
    >>> from sklearn.metrics import accuracy_score
    >>> from rnnselect.recurrent.scorers import score_steps
    >>> score_steps(accuracy_score, [[0, 1, 1], [1]], [[0, 1, 0], [1]])
    0.75
    """
    layout = StepLayout(np.array([len(part) for part in y_pred]))
    check_consistent_length(y_true, y_pred, sample_weight)
    if sample_weight is not None:
        sample_weight = np.repeat(np.asarray(sample_weight), layout.lengths)
    true, predicted = layout.join(y_true, "y"), layout.join(y_pred, "y_pred")
    return metric(true, predicted, sample_weight=sample_weight, **options)


def step_accuracy(y_true: Any, y_pred: Any, sample_weight: Any = None) -> float:
    """Return the share of time steps whose label is right; arguments as for `score_steps`."""
    return score_steps(accuracy_score, y_true, y_pred, sample_weight)


def step_f1(y_true: Any, y_pred: Any, sample_weight: Any = None) -> float:
    """Return the F1 score of all time steps, the mean over classes."""
    return score_steps(f1_score, y_true, y_pred, sample_weight, average="macro")


def step_r2(y_true: Any, y_pred: Any, sample_weight: Any = None) -> float:
    """Return the coefficient of determination of all time steps."""
    return score_steps(r2_score, y_true, y_pred, sample_weight)


def step_mean_squared_error(y_true: Any, y_pred: Any, sample_weight: Any = None) -> float:
    """Return the mean squared error of all time steps."""
    return score_steps(mean_squared_error, y_true, y_pred, sample_weight)


per_step_accuracy = make_scorer(step_accuracy)
per_step_f1 = make_scorer(step_f1)
per_step_r2 = make_scorer(step_r2)
per_step_neg_mean_squared_error = make_scorer(step_mean_squared_error, greater_is_better=False)
