"""Runs pairs: both cells on one split with one seed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import product, takewhile
from statistics import median
from typing import Any

import numpy as np
from sklearn.utils import _safe_indexing
from sklearn.utils.validation import _check_method_params

from rnnselect.advice.baseline import Baseline, make_baselines, score_baseline
from rnnselect.advice.race import PairOutcome
from rnnselect.cells import shown_name
from rnnselect.comparison.baselines import dummy_scores, linear_baselines
from rnnselect.comparison.candidates import Candidates
from rnnselect.comparison.data import Data
from rnnselect.comparison.finished_fit import FinishedFit
from rnnselect.comparison.metadata import Metadata
from rnnselect.comparison.scoring import Scoring, freeze
from rnnselect.comparison.shortage import CandidateMemoryError, is_shortage
from rnnselect.comparison.workers import Workers
from rnnselect.recurrent.base import BaseRNN
from rnnselect.seeds import seeded

__all__ = [
    "Comparison",
    "fit_points",
    "make_comparison",
    "pair_outcome",
    "run_fits",
    "run_pairs",
    "time_one_fit",
]


@dataclass(frozen=True, eq=False, slots=True)
class Comparison:
    """Everything that the pairs of one comparison share.

    Parameters
    ----------
    candidates : Candidates
        The estimators.
    data : Data
        What is known of the data.
    seeds : ndarray of shape (n_pairs,)
        One seed for both fits of a pair.
    scoring : Scoring
        How fits are scored.
    baselines : list of Baseline
        Simple models to run on the same splits, the dummy first.
    dummy_scores : list of float
        The dummy's score on each split.
    metadata : Metadata
        Further arguments of fit and of the scorer; per-sample ones are cut to the rows.
    workers : Workers
        Where the fits run.
    finished : dict of (int, str) to FinishedFit
        The fits so far, by split and cell.
    keep : callable, default=None
        ``keep(k, cell, fit)``, called with each fit when it has finished.
    """

    candidates: Candidates
    data: Data
    seeds: np.ndarray
    scoring: Scoring
    baselines: list[Baseline]
    dummy_scores: list[float]
    metadata: Metadata
    workers: Workers | None
    finished: dict[tuple[int, str], FinishedFit] = field(default_factory=dict)
    keep: Callable[[int, str, FinishedFit], None] | None = None
    _baseline_scores: dict[int, dict[str, float]] = field(default_factory=dict)

    def baseline_scores(self, k: int) -> dict[str, float]:
        """Return the score of each baseline on one split, by name; computed once."""
        if k not in self._baseline_scores:
            train, test = self.data.splits.rows[k]
            scorer = self.scorer_on(test)
            self._baseline_scores[k] = {
                each.name: score_baseline(each, self.data.y, train, test, scorer)
                for each in self.baselines
            }
        return self._baseline_scores[k]

    def finish(self, k: int, cell: str, fit: FinishedFit) -> None:
        """Take in a fit."""
        self.finished[k, cell] = fit
        if self.keep is not None:
            self.keep(k, cell, fit)

    def n_ready(self, first: int, cells: Sequence[str]) -> int:
        """Return on how many splits, from `first` on, all of some cells have been fitted."""
        ready = (
            all((k, cell) in self.finished and self.finished[k, cell].complete for cell in cells)
            for k in range(first, len(self.data.splits.rows))
        )
        return sum(takewhile(bool, ready))

    def scorer_on(self, rows: np.ndarray) -> Callable[[Any, Any, Any], float]:
        """Return the scorer with its further arguments, cut to `rows`."""
        return partial(self.scoring.scorer, **self.cut(self.metadata.score, rows))

    def cut(self, metadata: dict[str, Any], rows: np.ndarray) -> dict[str, Any]:
        """Return arguments with one entry a sample cut to `rows`, all others as they are."""
        return _check_method_params(self.data.X, metadata, indices=rows)

    def for_workers(self) -> Comparison:
        """Return what fits in other processes need: the data once, and nothing that is finished."""
        data, bare = replace(self.data, seen=None, batch=None), {"workers": None, "keep": None}
        bare |= {"baselines": [], "dummy_scores": [], "finished": {}, "_baseline_scores": {}}
        return replace(self, data=data, **bare)

    def named_parts(self) -> dict[str, Any]:
        """Return what of the user's goes to other processes, beside the data."""
        estimator = self.candidates.estimators[self.candidates.cells[0]]
        own = {"estimator": estimator, "scoring": self.scoring.scorer}
        return own | self.metadata.fit | self.metadata.score


def make_comparison(
    candidates: Candidates,
    data: Data,
    scoring: Scoring,
    *,
    with_linear: bool,
    metadata: Metadata,
    n_jobs: int,
    seed: int,
) -> Comparison:
    """Put together what all pairs share.

    Parameters
    ----------
    candidates : Candidates
        The estimators.
    data : Data
        What is known of the data.
    scoring : Scoring
        How fits are scored.
    with_linear : bool
        Whether linear models are scored on the same splits; the dummy always is.
    metadata : Metadata
        Further arguments of fit and of the scorer.
    n_jobs : int
        Fits that run at the same time.
    seed : int
        Decides the seeds of all pairs.

    Returns
    -------
    Comparison
        Ready to run.
    """
    dummy, *linear = make_baselines(data.batch, data.profile)
    linear = linear_baselines(linear, data) if with_linear else []
    splits = data.splits.rows
    comparison = Comparison(
        candidates=candidates,
        data=data,
        seeds=np.random.SeedSequence(seed).generate_state(len(splits)) // 2,
        scoring=scoring,
        baselines=[dummy, *linear],
        dummy_scores=[],
        metadata=metadata,
        workers=Workers(n_jobs),
    )
    comparison.dummy_scores.extend(
        dummy_scores(dummy, data, comparison.scorer_on, scoring.scale.name)
    )
    return comparison


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


def run_fits(
    comparison: Comparison, indices: Sequence[int], cells: Sequence[str], deadline: float | None
) -> list[int]:
    """Fit some candidates on the splits at `indices`; return the complete ones up to a first gap.

    What has been fitted before is not fitted again. `CandidateMemoryError` where one has run out
    of memory; all are kept.
    """
    # Alternating order, so that no candidate always meets the warmer or the busier machine.
    tasks = [(k, cell) for k in indices for cell in (cells if k % 2 == 0 else cells[::-1])]
    tasks = [task for task in tasks if task not in comparison.finished]
    fits = comparison.workers.run(_try_fit, comparison, [(*task, deadline) for task in tasks])
    if comparison.workers.elsewhere:
        for k in indices:
            comparison.baseline_scores(k)  # this process has nothing else to do
    for (k, cell), fit in zip(tasks, fits, strict=True):
        comparison.finish(k, cell, fit)
    if any(comparison.finished[task].shortage for task in product(indices, cells)):
        raise CandidateMemoryError
    return list(
        takewhile(lambda k: all(comparison.finished[k, cell].complete for cell in cells), indices)
    )


def time_one_fit(comparison: Comparison) -> float:
    """Fit the first cell on the first split, keep the fit for the race, and return its seconds."""
    task = 0, comparison.candidates.cells[0]
    if task not in comparison.finished:
        (fit,) = comparison.workers.run(_try_fit, comparison, [(*task, None)])
        comparison.finish(*task, fit)
    return comparison.finished[task].seconds


def _try_fit(comparison: Comparison, k: int, cell: str, deadline: float | None) -> FinishedFit:
    try:
        return _fit_and_score(comparison, k, cell, deadline)
    except Exception as error:
        if is_shortage(error):
            what = str(error) or type(error).__name__
            return FinishedFit(np.nan, None, 0.0, 0.0, 0, complete=False, shortage=what)
        n_splits = len(comparison.data.splits.rows)
        error.add_note(f"In the fit of {shown_name(cell)} on split {k + 1} of {n_splits}.")
        raise


def _fit_and_score(
    comparison: Comparison, k: int, cell: str, deadline: float | None
) -> FinishedFit:
    start = time.perf_counter()
    max_seconds = None if deadline is None else deadline - start
    if max_seconds is not None and max_seconds <= 0:
        return FinishedFit(np.nan, None, 0.0, 0.0, 0, complete=False)
    train, test = comparison.data.splits.rows[k]
    estimator = comparison.candidates.limited(cell, max_seconds)
    seeded(estimator, int(comparison.seeds[k]))
    X_train, X_test = (_safe_indexing(comparison.data.X, rows) for rows in (train, test))
    parameters = comparison.cut(comparison.metadata.fit, train)
    estimator.fit(X_train, comparison.data.y[train], **parameters)
    fitted = time.perf_counter()
    scorer, y_test = comparison.scorer_on(test), comparison.data.y[test]
    frozen = freeze(estimator, X_test) if comparison.scoring.needs_predictions_only else None
    if frozen is None:
        score = scorer(estimator, X_test, y_test)
    else:
        score = scorer(frozen, np.arange(len(test)), y_test)
    network = comparison.candidates.fitted_network(estimator)
    end = time.perf_counter()
    return FinishedFit(
        score=float(score),
        frozen=frozen,
        seconds=end - start,
        scoring_seconds=end - fitted,
        n_epochs=int(getattr(network, "n_epochs_", 0)),
        complete=not comparison.candidates.was_cut_short(cell, network),
        history=_losses(network),
    )


def _losses(network: Any) -> dict[str, tuple[float, ...]]:
    """Return the losses of the epochs, where a fitted network of this package was found."""
    history = getattr(network, "history_", {}) if isinstance(network, BaseRNN) else {}
    return {name: tuple(map(float, values)) for name, values in history.items()}


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
        return median(comparison.dummy_scores)  # one odd fold must not change the unit
    return comparison.dummy_scores[k]


def _noise(comparison: Comparison, k: int, pair: dict[str, FinishedFit], dummy: float) -> float:
    """Return the variance of the pair's difference over test samples; NaN where unknown."""
    first, second = (fit.frozen for fit in pair.values())
    if first is None or not all(np.isfinite(fit.score) for fit in pair.values()):
        return float("nan")
    test = comparison.data.splits.rows[k][1]
    units = None if comparison.data.splits.units is None else comparison.data.splits.units[test]
    if len(np.unique(test if units is None else units)) < 2:  # one sample, or one group left out
        return float("nan")
    return comparison.scoring.variance_points2(
        first,
        second,
        comparison.data.y[test],
        dummy,
        units,
        int(comparison.seeds[k]),
        lambda rows: comparison.cut(comparison.metadata.score, test[rows]),
    )
