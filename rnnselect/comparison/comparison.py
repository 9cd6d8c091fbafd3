"""What all fits of one comparison share: the data, the splits, the seeds, and what has finished."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import takewhile
from typing import Any

import numpy as np
from sklearn.utils.validation import _check_method_params

from rnnselect.advice.noise import N_DRAWS
from rnnselect.advice.race import RoundFailedError
from rnnselect.comparison.baselines import SimpleModels, make_simple_models
from rnnselect.comparison.candidates import Candidates
from rnnselect.comparison.data import Data
from rnnselect.comparison.finished_fit import FinishedFit
from rnnselect.comparison.metadata import Metadata
from rnnselect.comparison.scoring import Scoring
from rnnselect.comparison.shortage import CandidateMemoryError
from rnnselect.comparison.workers import Workers

__all__ = ["Comparison", "make_comparison"]


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
    metadata : Metadata
        Further arguments of fit and of the scorer; per-sample ones are cut to the rows.
    workers : Workers
        Where the fits run.
    finished : dict of (int, str) to FinishedFit
        The fits so far, by split and cell.
    keep : callable, default=None
        ``keep(k, cell, fit)``, called with each fit when it has finished.
    failures : list of Exception
        What has ended a race that had complete pairs.
    noise_of_fits : dict of (int, str) to ndarray
        What the test samples make of each fit, by split and cell, where it was asked for.
    simple : SimpleModels or None
        Simple models to run on the same splits; None where only fits are run.
    """

    candidates: Candidates
    data: Data
    seeds: np.ndarray
    scoring: Scoring
    metadata: Metadata
    workers: Workers | None
    finished: dict[tuple[int, str], FinishedFit] = field(default_factory=dict)
    keep: Callable[[int, str, FinishedFit], None] | None = None
    failures: list[Exception] = field(default_factory=list)
    noise_of_fits: dict[tuple[int, str], np.ndarray] = field(default_factory=dict)
    simple: SimpleModels | None = None

    @property
    def noise_seconds(self) -> float:
        """Predicted seconds of the noise of one fit, by what the scorer takes."""
        exact = self.scoring.is_noise_exact(self.metadata.score)
        unknown = exact or not self.scoring.needs_predictions_only
        return 0.0 if unknown or self.simple is None else N_DRAWS * self.simple.scorer_seconds

    def finish(self, k: int, cell: str, fit: FinishedFit) -> None:
        """Take in a fit."""
        self.finished[k, cell] = fit
        if self.keep is not None:
            self.keep(k, cell, fit)

    @contextmanager
    def ending_the_race(self, n_complete: int) -> Iterator[None]:
        """Turn an error after complete pairs into the end of a race, and remember it."""
        try:
            yield
        except CandidateMemoryError:
            raise
        except Exception as error:
            if not n_complete:
                raise
            pairs = "1 complete pair" if n_complete == 1 else f"{n_complete} complete pairs"
            error.add_note(f"`recommendation_` has the advice from {pairs}.")
            self.failures.append(error)
            raise RoundFailedError from error

    def n_ready(self, first: int, cells: Sequence[str]) -> int:
        """Return on how many splits, from `first` on, all of some cells have been fitted."""
        ready = (
            all((k, cell) in self.finished and self.finished[k, cell].complete for cell in cells)
            for k in range(first, len(self.data.splits.rows))
        )
        return sum(takewhile(bool, ready))

    def complete_fits(self, cell: str) -> list[FinishedFit]:
        """Return the fits of one candidate that ended by themselves."""
        fits = self.finished.items()
        return [fit for (_, own), fit in fits if own == cell and fit.complete]

    def scorer_on(self, rows: np.ndarray) -> Callable[[Any, Any, Any], float]:
        """Return the scorer with its further arguments, cut to `rows`."""
        return partial(self.scoring.scorer, **self.cut(self.metadata.score, rows))

    def cut(self, metadata: dict[str, Any], rows: np.ndarray) -> dict[str, Any]:
        """Return arguments with one entry a sample cut to `rows`, all others as they are."""
        return _check_method_params(self.data.X, metadata, indices=rows)

    def for_workers(self) -> Comparison:
        """Return what fits in other processes need: the data once, and nothing that is finished."""
        data, bare = replace(self.data, seen=None, batch=None), {"workers": None, "keep": None}
        bare |= {"finished": {}, "failures": [], "noise_of_fits": {}, "simple": None}
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
    with_simple: bool,
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
    with_simple : bool
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
    splits = data.splits.rows
    comparison = Comparison(
        candidates=candidates,
        data=data,
        seeds=np.random.SeedSequence(seed).generate_state(len(splits)) // 2,
        scoring=scoring,
        metadata=metadata,
        workers=Workers(n_jobs),
    )
    simple = make_simple_models(
        candidates,
        data,
        metadata,
        comparison.scorer_on,
        comparison.cut,
        with_simple=with_simple,
    )
    simple.score_dummy(scoring.scale.name)
    measured = replace(scoring, scale=scoring.scale.measured(simple.dummy_scores))
    return replace(comparison, simple=simple, scoring=measured)
