"""The simple models of a comparison: the dummy, which is the floor, and what is linear."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.multioutput import MultiOutputClassifier

from rnnselect.advice.baseline import Baseline, score_baseline
from rnnselect.comparison.data import Data

__all__ = ["dummy_scores", "linear_baselines"]


def dummy_scores(
    dummy: Baseline, data: Data, scorer_on: Callable[[np.ndarray], Any], scoring: str
) -> list[float]:
    """Score a prediction without learning on each split, which tries the scorer as well.

    Parameters
    ----------
    dummy : Baseline
        The prediction.
    data : Data
        Targets and splits.
    scorer_on : callable
        Returns the scorer for some test rows.
    scoring : str
        Its name, for the error.

    Returns
    -------
    list of float
        One for each split.

    Raises
    ------
    ValueError
        If the scorer fails, or gives no number: nothing has been trained yet.
    """
    scores = []
    for k, (train, test) in enumerate(data.splits.rows):
        try:
            score = score_baseline(dummy, data.y, train, test, scorer_on(test))
        except Exception as error:
            raise _unusable(scoring, k, f"fails ({type(error).__name__}: {error})") from error
        if np.isnan(score):
            raise _unusable(scoring, k, "gives nan")
        scores.append(score)
    return scores


def linear_baselines(linear: list[Baseline], data: Data) -> list[Baseline]:
    """Return linear models for one or several outputs; none where one cannot be fitted."""
    y = data.y
    if y.ndim == 1 or data.profile.target == "regression":
        return linear
    if not all((y[train] != y[train[0]]).any(axis=0).all() for train, _ in data.splits.rows):
        return []  # an output with one class only in some training part
    return [replace(each, model=MultiOutputClassifier(each.model)) for each in linear]


def _unusable(scoring: str, k: int, what: str) -> ValueError:
    return ValueError(
        f"scoring={scoring!r} {what} for a prediction without learning on the test part of split "
        f"{k + 1}. A scorer must give a number on every split: does that part lack a class "
        "(stratify, or make fewer splits), or is the scorer undefined for constant predictions?"
    )
