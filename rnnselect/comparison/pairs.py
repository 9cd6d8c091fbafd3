"""Pairs: both candidates on one split with one seed, and what that says of their difference."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import numpy as np

from rnnselect.advice.race import PairOutcome
from rnnselect.comparison.comparison import Comparison
from rnnselect.comparison.finished_fit import FinishedFit
from rnnselect.comparison.fits import run_fits

__all__ = ["fit_points", "pair_outcome", "run_pairs"]


def run_pairs(
    comparison: Comparison, indices: Sequence[int], deadline: float | None
) -> list[PairOutcome]:
    """Run the pairs at `indices` and return those of them that are complete.

    Parameters
    ----------
    comparison : Comparison
        What is compared.
    indices : sequence of int
        Which splits.
    deadline : float or None
        Reading of `time.perf_counter` at which fits stop, for workers in other processes a
        `timing.Deadline`; a pair with such a fit is not complete.

    Returns
    -------
    list of PairOutcome
        In the order of `indices`, up to the first incomplete one.
    """
    first, second = comparison.candidates.cells
    complete = run_fits(comparison, indices, (first, second), deadline)
    return [pair_outcome(comparison, k, first, second) for k in complete]


def pair_outcome(comparison: Comparison, k: int, first: str, second: str) -> PairOutcome:
    """Return two candidates, both fitted on split `k`, as a pair."""
    pair = {cell: comparison.finished[k, cell] for cell in (first, second)}
    dummy, scale = _dummy_score(comparison, k), comparison.scoring.scale
    return PairOutcome(
        cells=(first, second),
        repetition=k // comparison.data.splits.n_folds,
        fold=k % comparison.data.splits.n_folds,
        scores={cell: fit.score for cell, fit in pair.items()},
        points={cell: fit_points(comparison, k, cell) for cell in pair},
        dummy_points=scale.floor_points(dummy),
        noise_variance_points2=_noise(comparison, k, pair, dummy),
        n_test=len(comparison.data.splits.rows[k][1]),
        seconds={cell: fit.seconds for cell, fit in pair.items()},
        n_epochs={cell: fit.n_epochs for cell, fit in pair.items()},
        histories={cell: fit.history for cell, fit in pair.items() if fit.history},
    )


def fit_points(comparison: Comparison, k: int, cell: str) -> float:
    """Return the points of one fit, floored at those of the dummy."""
    scale, score = comparison.scoring.scale, comparison.finished[k, cell].score
    return scale.floored(score, _dummy_score(comparison, k))


def _dummy_score(comparison: Comparison, k: int) -> float:
    if comparison.scoring.scale.kind in ("error", "squared_error"):
        return median(comparison.simple.dummy_scores)  # one odd fold must not change the unit
    return comparison.simple.dummy_scores[k]


def _noise(comparison: Comparison, k: int, pair: dict[str, FinishedFit], dummy: float) -> float:
    """Return the variance of the pair's difference over test samples; NaN where unknown."""
    if any(fit.frozen is None or not np.isfinite(fit.score) for fit in pair.values()):
        return float("nan")
    test = comparison.data.splits.rows[k][1]
    units = None if comparison.data.splits.units is None else comparison.data.splits.units[test]
    if len(np.unique(test if units is None else units)) < 2:  # one sample, or one group left out
        return float("nan")
    noise = comparison.noise_of_fits
    for cell, fit in pair.items():
        if (k, cell) not in noise:  # every candidate is in many pairs
            noise[k, cell] = comparison.scoring.noise_of_fit(
                fit.frozen,
                comparison.data.y[test],
                dummy,
                units,
                int(comparison.seeds[k]),
                lambda rows: comparison.cut(comparison.metadata.score, test[rows]),
            )
    return comparison.scoring.noise_of_pair(*(noise[k, cell] for cell in pair), units)
