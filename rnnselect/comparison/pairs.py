"""Runs pairs: both cells on one split with one seed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from scipy.stats import rankdata
from sklearn.utils import _safe_indexing
from sklearn.utils.validation import _check_method_params

from rnnselect.advice.baseline import Baseline, make_baselines, score_baseline
from rnnselect.advice.race import PairOutcome
from rnnselect.comparison.candidates import Candidates
from rnnselect.comparison.data import Data
from rnnselect.comparison.scoring import Scoring, freeze
from rnnselect.seeds import seeded
from rnnselect.speed import TrainingSpeed

__all__ = ["Comparison", "make_comparison", "probe", "run_pairs", "search_results"]


@dataclass(frozen=True, eq=False, slots=True)
class Comparison:
    """Everything that the pairs of one comparison share.

    Parameters
    ----------
    candidates : Candidates
        The two estimators.
    data : Data
        What is known of the data.
    X : array-like
        Sequences as the user gave them.
    seeds : ndarray of shape (n_pairs,)
        One seed for both fits of a pair.
    scoring : Scoring
        How fits are scored.
    baselines : list of Baseline
        Simple models to run on the same splits, the dummy first.
    dummy_scores : list of float
        The dummy's score on each split.
    fit_params : dict
        Further arguments of fit; per-sample ones are cut to the training rows.
    n_jobs : int
        Fits that run at the same time, in threads unless joblib is told otherwise.
    """

    candidates: Candidates
    data: Data
    X: Any
    seeds: np.ndarray
    scoring: Scoring
    baselines: list[Baseline]
    dummy_scores: list[float]
    fit_params: dict[str, Any]
    n_jobs: int
    _baseline_scores: dict[int, dict[str, float]] = field(default_factory=dict)

    def baseline_scores(self, k: int) -> dict[str, float]:
        """Return the score of each baseline on one split, by name; computed once."""
        if k not in self._baseline_scores:
            train, test = self.data.splits.rows[k]
            self._baseline_scores[k] = {
                each.name: score_baseline(each, self.data.y, train, test, self.scoring.scorer)
                for each in self.baselines
            }
        return self._baseline_scores[k]


@dataclass(frozen=True, eq=False, slots=True)
class _FinishedFit:
    """One fit of a pair, scored.

    Parameters
    ----------
    score : float
        In units of the scorer; NaN where training diverged to nothing.
    frozen : estimator or None
        Its predictions on the test rows, as an estimator that scorers accept.
    seconds : float
        Wall-clock seconds of fit and scoring.
    n_epochs : int
        Epochs, 0 where the estimator does not say.
    complete : bool
        Whether training ended by itself, not by the deadline.
    """

    score: float
    frozen: Any
    seconds: float
    n_epochs: int
    complete: bool


def make_comparison(
    candidates: Candidates,
    data: Data,
    X: Any,
    scoring: Scoring,
    *,
    linear_baselines: bool,
    fit_params: dict[str, Any],
    n_jobs: int,
    seed: int,
) -> Comparison:
    """Put together what all pairs share.

    Parameters
    ----------
    candidates : Candidates
        The two estimators.
    data : Data
        What is known of the data.
    X : array-like
        Sequences as the user gave them.
    scoring : Scoring
        How fits are scored.
    linear_baselines : bool
        Whether linear models are scored on the same splits; the dummy always is.
    fit_params : dict
        Further arguments of fit.
    n_jobs : int
        Fits that run at the same time.
    seed : int
        Decides the seeds of all pairs.

    Returns
    -------
    Comparison
        Ready to run.
    """
    baselines = make_baselines(data.batch, data.profile)
    splits = data.splits.rows
    return Comparison(
        candidates=candidates,
        data=data,
        X=X,
        seeds=np.random.SeedSequence(seed).generate_state(len(splits)) // 2,
        scoring=scoring,
        baselines=baselines if linear_baselines else baselines[:1],
        dummy_scores=[
            score_baseline(baselines[0], data.y, train, test, scoring.scorer)
            for train, test in splits
        ],
        fit_params=fit_params,
        n_jobs=n_jobs,
    )


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
        Reading of `time.perf_counter` at which fits stop; a pair with such a fit is not
        complete.

    Returns
    -------
    list of PairOutcome
        In the order of `indices`, up to the first incomplete one.
    """
    cells = comparison.candidates.cells
    # Alternating order, so that neither cell always meets the warmer or the busier machine.
    tasks = [
        (k, cell) for k in indices for cell in (cells if k % 2 == 0 else tuple(reversed(cells)))
    ]
    run = Parallel(n_jobs=comparison.n_jobs, prefer="threads")
    fits = run(delayed(_fit_and_score)(comparison, k, cell, deadline) for k, cell in tasks)
    of_task = dict(zip(tasks, fits, strict=True))
    outcomes = []
    for k in indices:
        pair = {cell: of_task[k, cell] for cell in cells}
        if not all(fit.complete for fit in pair.values()):
            break
        outcomes.append(_outcome(comparison, k, pair))
    return outcomes


def probe(comparison: Comparison, cell: str) -> TrainingSpeed:
    """Compile the programs of a cell for these data, and time them."""
    from rnnselect.recurrent.probe import measure_speed

    network = comparison.candidates.network(cell)
    return measure_speed(network, comparison.data.X, comparison.data.y)


def _fit_and_score(
    comparison: Comparison, k: int, cell: str, deadline: float | None
) -> _FinishedFit:
    start = time.perf_counter()
    max_seconds = None if deadline is None else deadline - start
    if max_seconds is not None and max_seconds <= 0:
        return _FinishedFit(np.nan, None, 0.0, 0, complete=False)
    train, test = comparison.data.splits.rows[k]
    estimator = comparison.candidates.limited(cell, max_seconds)
    seeded(estimator, int(comparison.seeds[k]))
    parameters = _check_method_params(comparison.X, comparison.fit_params, indices=train)
    X_train, X_test = (_safe_indexing(comparison.X, rows) for rows in (train, test))
    estimator.fit(X_train, _safe_indexing(comparison.data.y, train), **parameters)
    frozen = freeze(estimator, X_test) if comparison.scoring.needs_predictions_only else None
    if frozen is None:
        score = comparison.scoring.scorer(estimator, X_test, comparison.data.y[test])
    else:
        score = comparison.scoring.scorer(frozen, np.arange(len(test)), comparison.data.y[test])
    network = comparison.candidates.fitted_network(estimator)
    return _FinishedFit(
        score=float(score),
        frozen=frozen,
        seconds=time.perf_counter() - start,
        n_epochs=int(getattr(network, "n_epochs_", 0)),
        complete=not comparison.candidates.was_cut_short(cell, network),
    )


def _outcome(comparison: Comparison, k: int, pair: dict[str, _FinishedFit]) -> PairOutcome:
    scale = comparison.scoring.scale
    dummy = comparison.dummy_scores[k]
    if scale.kind in ("error", "squared_error"):
        dummy = median(comparison.dummy_scores)  # one odd fold must not change the unit
    test = comparison.data.splits.rows[k][1]
    return PairOutcome(
        cells=comparison.candidates.cells,
        repetition=k // comparison.data.splits.n_folds,
        fold=k % comparison.data.splits.n_folds,
        scores={cell: fit.score for cell, fit in pair.items()},
        points={cell: scale.floored(fit.score, dummy) for cell, fit in pair.items()},
        dummy_points=scale.floor_points(dummy),
        noise_variance_points2=_noise(comparison, k, pair, dummy),
        n_test=len(test),
        seconds={cell: fit.seconds for cell, fit in pair.items()},
        n_epochs={cell: fit.n_epochs for cell, fit in pair.items()},
    )


def _noise(comparison: Comparison, k: int, pair: dict[str, _FinishedFit], dummy: float) -> float:
    """Return the variance of the pair's difference over test samples; NaN where unknown."""
    first, second = (pair[cell].frozen for cell in comparison.candidates.cells)
    if first is None or not all(np.isfinite(fit.score) for fit in pair.values()):
        return float("nan")
    test = comparison.data.splits.rows[k][1]
    units = None if comparison.data.splits.units is None else comparison.data.splits.units[test]
    if len(np.unique(test if units is None else units)) < 2:  # one sample, or one group left out
        return float("nan")
    seed = int(comparison.seeds[k])
    y = comparison.data.y[test]
    return comparison.scoring.variance_points2(first, second, y, dummy, units, seed)


def search_results(candidates: Candidates, pairs: Sequence[PairOutcome]) -> dict[str, np.ndarray]:
    """Return the pairs in the form of `GridSearchCV.cv_results_`.

    Parameters
    ----------
    candidates : Candidates
        The candidates, in this order.
    pairs : sequence of PairOutcome
        The complete pairs, one for each split.

    Returns
    -------
    dict of ndarray of shape (2,)
        Parameters, scores of each split, mean, standard deviation, rank, and seconds.
    """
    cells = candidates.cells
    name = candidates.parameter
    results = {
        f"param_{name}": np.ma.MaskedArray(list(cells), mask=False, dtype=object),
        "params": [{name: cell} for cell in cells],
        "mean_fit_time": np.array([[p.seconds[c] for p in pairs] for c in cells]).mean(axis=1)
        if pairs
        else np.full(len(cells), np.nan),
    }
    scores = np.array([[pair.scores[cell] for pair in pairs] for cell in cells])
    for k in range(len(pairs)):
        results[f"split{k}_test_score"] = scores[:, k]
    if not pairs:
        scores = np.full((len(cells), 1), np.nan)
    results["mean_test_score"] = scores.mean(axis=1)
    results["std_test_score"] = scores.std(axis=1)
    means = results["mean_test_score"]
    worst = -np.inf if np.isnan(means).all() else np.nanmin(means) - 1
    ranks = rankdata(-np.nan_to_num(means, nan=worst), method="min")
    results["rank_test_score"] = ranks.astype(np.int32)
    return results
