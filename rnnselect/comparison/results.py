"""A race in the form of `GridSearchCV.cv_results_`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import rankdata

from rnnselect.advice.race import PairOutcome
from rnnselect.comparison.pairs import Comparison

__all__ = ["search_results"]


def search_results(comparison: Comparison, pairs: Sequence[PairOutcome]) -> dict[str, np.ndarray]:
    """Return the pairs in the form of `GridSearchCV.cv_results_`.

    Parameters
    ----------
    comparison : Comparison
        What was compared.
    pairs : sequence of PairOutcome
        The complete pairs, in the order of the splits.

    Returns
    -------
    dict of ndarray of shape (2,)
        The keys of `GridSearchCV`, one entry for each cell. There is a ``split<k>_test_score``
        for every split of `cv`; it is NaN for a split that the race did not need. Means and
        standard deviations are over the splits that were run.
    """
    cells, name = comparison.candidates.cells, comparison.candidates.parameter
    n_splits = len(comparison.data.splits.rows)
    seconds, scores, scoring_seconds = (np.full((2, n_splits), np.nan) for _ in range(3))
    for k, pair in enumerate(pairs):
        for i, cell in enumerate(cells):
            seconds[i, k], scores[i, k] = pair.seconds[cell], pair.scores[cell]
            scoring_seconds[i, k] = comparison.finished[k, cell].scoring_seconds
    run = slice(len(pairs))
    results = {
        **_mean_and_std("fit_time", (seconds - scoring_seconds)[:, run]),
        **_mean_and_std("score_time", scoring_seconds[:, run]),
        f"param_{name}": np.ma.MaskedArray(list(cells), mask=False, dtype=object),
        "params": [{name: cell} for cell in cells],
        **{f"split{k}_test_score": scores[:, k] for k in range(n_splits)},
        **_mean_and_std("test_score", scores[:, run]),
    }
    return {**results, "rank_test_score": _ranks(results["mean_test_score"])}


def _mean_and_std(name: str, values: np.ndarray) -> dict[str, np.ndarray]:
    """Return both over the splits; NaN where none was run."""
    if values.shape[1] == 0:
        values = np.full((len(values), 1), np.nan)
    return {f"mean_{name}": values.mean(axis=1), f"std_{name}": values.std(axis=1)}


def _ranks(means: np.ndarray) -> np.ndarray:
    """Rank as `GridSearchCV` does: 1 is best, and what diverged comes last."""
    worst = -np.inf if np.isnan(means).all() else np.nanmin(means) - 1
    return rankdata(-np.nan_to_num(means, nan=worst), method="min").astype(np.int32)
