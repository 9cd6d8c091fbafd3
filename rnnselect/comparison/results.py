"""A race in the form of `GridSearchCV.cv_results_`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.stats import rankdata

from rnnselect.comparison.comparison import Comparison

__all__ = ["search_results"]


def search_results(comparison: Comparison, n_rounds: int) -> dict[str, Any]:
    """Return a race in the form of `GridSearchCV.cv_results_`.

    Parameters
    ----------
    comparison : Comparison
        What was compared.
    n_rounds : int
        On how many splits, from the first one on, the advice rests.

    Returns
    -------
    dict of ndarray of shape (n_candidates,)
        The keys of `GridSearchCV`, one entry for each candidate. There is a
        ``split<k>_test_score`` for every split of `cv`; it is NaN for a split that the race did
        not need, or that a candidate did not live to see. Means and standard deviations are over
        the splits that a candidate ran.
    """
    candidates, n_splits = comparison.candidates, len(comparison.data.splits.rows)
    shape = len(candidates.cells), n_splits
    seconds, scores, scoring_seconds = (np.full(shape, np.nan) for _ in range(3))
    ran = np.zeros(shape, dtype=bool)
    for (k, name), fit in comparison.finished.items():
        if k < n_rounds and fit.complete:
            at = candidates.cells.index(name), k
            ran[at] = True
            seconds[at], scores[at] = fit.seconds, fit.score
            scoring_seconds[at] = fit.scoring_seconds
    settings = [candidates.params_of(name) for name in candidates.cells]
    names = dict.fromkeys(name for each in settings for name in each)
    results = {
        **_mean_and_std("fit_time", seconds - scoring_seconds, ran),
        **_mean_and_std("score_time", scoring_seconds, ran),
        **{f"param_{name}": _column(settings, name) for name in names},
        "params": settings,
        **{f"split{k}_test_score": scores[:, k] for k in range(n_splits)},
        **_mean_and_std("test_score", scores, ran),
    }
    return {**results, "rank_test_score": _ranks(results["mean_test_score"])}


def _column(settings: Sequence[Mapping[str, Any]], name: str) -> np.ma.MaskedArray:
    """Return the values of one parameter, masked where a candidate leaves it alone."""
    values = np.ma.MaskedArray(np.empty(len(settings), dtype=object), mask=True)
    for i, own in enumerate(settings):
        if name in own:
            values[i] = own[name]
    return values


def _mean_and_std(name: str, values: np.ndarray, ran: np.ndarray) -> dict[str, np.ndarray]:
    """Return both over the splits that each candidate ran; NaN where there is none."""
    own = [
        row[of_row] if of_row.any() else np.array([np.nan])
        for row, of_row in zip(values, ran, strict=True)
    ]
    return {
        f"mean_{name}": np.array([row.mean() for row in own]),
        f"std_{name}": np.array([row.std() for row in own]),
    }


def _ranks(means: np.ndarray) -> np.ndarray:
    """Rank as `GridSearchCV` does: 1 is best, and what diverged comes last."""
    worst = -np.inf if np.isnan(means).all() else np.nanmin(means) - 1
    return rankdata(-np.nan_to_num(means, nan=worst), method="min").astype(np.int32)
