"""The simple models of a comparison: the dummy, which is the floor, and what is linear."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from statistics import mean
from typing import Any

import numpy as np
from sklearn.multioutput import MultiOutputClassifier
from sklearn.utils import _safe_indexing

from rnnselect.advice.baseline import (
    DUMMY,
    SEASONAL_NAIVE,
    Baseline,
    affordable_baselines,
    best_baseline,
    make_baselines,
    score_baseline,
)
from rnnselect.advice.plan import Reason
from rnnselect.advice.recommendation import Recommendation
from rnnselect.comparison.candidates import Candidates
from rnnselect.comparison.data import Data, read_seen
from rnnselect.comparison.metadata import Metadata
from rnnselect.report.text import score_text
from rnnselect.sequences.carried import Windows
from rnnselect.sequences.validation import read_sequences

__all__ = ["SimpleModels", "make_simple_models", "with_simple_models"]


class SimpleModels:
    """The simple models of one comparison, and what they have scored so far.

    Parameters
    ----------
    models : iterable of Baseline
        Those to run, the dummy first.
    candidates : Candidates
        Whatever stands before their networks is fitted for the simple models as well.
    data : Data
        What is known of the data.
    metadata : Metadata
        Further arguments of fit.
    scorer_on : callable
        Returns the scorer for some test rows.
    cut : callable
        ``cut(arguments, rows)`` cuts arguments with one entry a sample to some rows.
    left_out : dict of str to str
        Why models are not among them, by name.
    """

    def __init__(
        self,
        models: Iterable[Baseline],
        candidates: Candidates,
        data: Data,
        metadata: Metadata,
        scorer_on: Callable[[np.ndarray], Any],
        cut: Callable[[dict[str, Any], np.ndarray], dict[str, Any]],
        left_out: dict[str, str],
    ) -> None:
        self.left_out = left_out
        self._dummy, *self._models = models
        self._candidates, self._data, self._metadata = candidates, data, metadata
        self._scorer_on, self._cut = scorer_on, cut
        self._scores: dict[int, dict[str, float]] = {}
        self._seconds: dict[str, list[float]] = {}
        self._slowest = 0.0  # seconds of one split
        self.dummy_scores: list[float] = []
        self.scorer_seconds = math.inf  # of one call; the first one may have imported something

    @property
    def seconds(self) -> float:
        """Predicted seconds of all of them on one fold."""
        return sum(each.seconds for each in self._models)

    @property
    def fit_seconds(self) -> dict[str, float]:
        """Mean seconds of a fit and its score of each that was run, by name."""
        return {name: mean(seconds) for name, seconds in self._seconds.items()}

    def keep(self, seconds: float | None) -> None:
        """Leave out those that do not fit into the seconds, if none has been run so far."""
        if self._scores:
            return
        self._models, left_out = affordable_baselines(self._models, seconds)
        self.left_out |= {each.name: _why_left_out(each, seconds) for each in left_out}

    def scores(self, k: int) -> dict[str, float]:
        """Return the score of each on one split, by name; computed once."""
        if k not in self._scores:
            own, start = {}, time.perf_counter()
            if self._models:
                parts = {False: self._parts(k)}
                if any(each.repeats_values for each in self._models):
                    parts[True] = self._values_parts(k)
                scorer, weights = self._scorer_on(self._rows(k)[1]), self._weights(self._rows(k)[0])
                for each in self._models:
                    begun = time.perf_counter()
                    own[each.name] = score_baseline(
                        each, *parts[each.repeats_values], scorer, weights
                    )
                    self._seconds.setdefault(each.name, []).append(time.perf_counter() - begun)
            self._scores[k] = {DUMMY: self.dummy_scores[k], **own}
            self._slowest = max(self._slowest, time.perf_counter() - start)
        return self._scores[k]

    def scores_of(
        self, n_pairs: int, seconds_left: Callable[[], float | None]
    ) -> list[dict[str, float]]:
        """Return the scores on the splits of a race; without one, on as many folds as fit."""
        if n_pairs:
            return [self.scores(k) for k in range(n_pairs)]
        self.keep(seconds_left())
        found = [self.scores(0)]
        for k in range(1, min(self._data.splits.n_folds, len(self.dummy_scores))):
            left = seconds_left()
            if left is not None and left < self._slowest:
                break
            found.append(self.scores(k))
        return found

    def score_dummy(self, scoring: str) -> None:
        """Score a prediction without learning on each split, which tries the scorer as well.

        `ValueError` if the scorer fails, or gives no number: nothing has been trained yet.
        """
        y = self._data.y
        for k, (train, test) in enumerate(self._data.splits.rows):
            parts = ([None] * len(train), y[train]), ([None] * len(test), y[test])
            scorer = self._timed(self._scorer_on(test))
            try:
                score = score_baseline(self._dummy, *parts, scorer, self._weights(train))
            except Exception as error:
                raise _unusable(scoring, k, f"fails ({type(error).__name__}: {error})") from error
            if np.isnan(score):
                raise _unusable(scoring, k, "gives nan")
            self.dummy_scores.append(score)

    def _timed(self, scorer: Callable[[Any, Any, Any], float]) -> Callable[..., float]:
        def timed(estimator: Any, X: Any, y: Any) -> float:
            start = time.perf_counter()
            score = scorer(estimator, X, y)
            self.scorer_seconds = min(self.scorer_seconds, time.perf_counter() - start)
            return score

        return timed

    def _rows(self, k: int) -> tuple[np.ndarray, np.ndarray]:
        return self._data.splits.rows[k]

    def _values_parts(self, k: int) -> tuple[tuple[Any, Any], ...]:
        """Return the parts of a fold as the user gave them, with their targets."""
        data = self._data
        batch = read_sequences(data.X, missing="mask") if self._candidates.has_steps else data.batch
        return tuple((batch.rows(rows), data.y[rows]) for rows in self._rows(k))

    def _parts(self, k: int) -> tuple[tuple[Any, Any], ...]:
        """Return what a fold's training and test part are to the models, with their targets."""
        data = self._data
        train, test = self._rows(k)
        if not self._candidates.has_steps:
            read = [data.batch.rows(rows) for rows in (train, test)]
        else:
            texts = self._candidates.tokenizer is not None
            X_train, X_test = (_safe_indexing(data.X, rows) for rows in (train, test))
            seen, transform = self._candidates.fit_before_network(
                X_train, data.y[train], self._cut(self._metadata.fit, train), raw_texts=texts
            )
            read = [seen, transform(X_test)]
            if not texts:
                read = [read_seen(self._candidates, each) for each in read]
        return (read[0], data.y[train]), (read[1], data.y[test])

    def _weights(self, rows: np.ndarray) -> Any:
        weights = self._metadata.fit_weights
        return None if weights is None else np.asarray(weights)[rows]


def make_simple_models(
    candidates: Candidates,
    data: Data,
    metadata: Metadata,
    scorer_on: Callable[[np.ndarray], Any],
    cut: Callable[[dict[str, Any], np.ndarray], dict[str, Any]],
    *,
    with_simple: bool,
) -> SimpleModels:
    """Return the simple models of a comparison; see `SimpleModels` for the arguments."""
    equal_lengths = bool((data.batch.lengths == data.batch.max_length).all())
    tokenizer, texts = candidates.tokenizer, None
    if tokenizer is not None:
        texts = tokenizer.splitting()
    windows = getattr(data.X, "windows", None)
    dummy, *found = make_baselines(
        data.profile, equal_lengths=equal_lengths, texts=texts, windows=windows
    )
    if windows is None and candidates.has_steps:  # they may have changed the values
        found = [each for each in found if not each.repeats_values]
    found, left_out = (found, _seasons_left_out(windows)) if with_simple else ([], {})
    several_classes = data.y.ndim == 2 and data.profile.target == "classification"
    if several_classes:
        y, rows = data.y, data.splits.rows
        if all((y[train] != y[train[0]]).any(axis=0).all() for train, _ in rows):
            found = [replace(each, model=MultiOutputClassifier(each.model)) for each in found]
        else:
            why = "an output has one class only in the training part of a split"
            found, left_out = [], {each.name: why for each in found}
    models = [dummy, *found]
    return SimpleModels(models, candidates, data, metadata, scorer_on, cut, left_out)


def with_simple_models(found: Recommendation, left_out: dict[str, str]) -> Recommendation:
    """Return advice that says what simple models reach alone, and which of them were not run."""
    reasons = list(found.reasons)
    best = best_baseline(found.baseline_scores)
    if best is not None and not found.pairs:
        scores = found.baseline_scores[best]
        folds = "1 fold" if len(scores) == 1 else f"{len(scores)} folds"
        what = "A prediction without learning scores"
        if best != DUMMY:
            what = f"The best simple model ({best}) scores"
        sentence = (
            f"{what} {found.scoring} {score_text(mean(scores))} on {folds}, without a network."
        )
        reasons.append(Reason("simple_models", sentence, "measured"))
    if left_out:
        named = "; ".join(f"{name} ({why})" for name, why in left_out.items())
        sentence = f"Simple models that were not run: {named}."
        reasons.append(Reason("simple_models_left_out", sentence, "predicted cost"))
    return replace(found, reasons=tuple(reasons))


def _seasons_left_out(windows: Windows | None) -> dict[str, str]:
    if windows is None or windows.period is None or windows.period <= windows.length:
        return {}
    why = f"a season of {windows.period} steps is longer than a window of {windows.length}"
    return {SEASONAL_NAIVE: why}


def _why_left_out(model: Baseline, seconds: float | None) -> str:
    takes = f"a fit takes about {max(model.seconds, 0.1):.1f} s"
    if seconds is None:
        return takes
    most, left = max(model.most_seconds, 0.1), max(seconds, 0.0)
    return f"{takes}, up to {most:.1f} s, and {left:.1f} s are left"


def _unusable(scoring: str, k: int, what: str) -> ValueError:
    return ValueError(
        f"scoring={scoring!r} {what} for a prediction without learning on the test part of split "
        f"{k + 1}. A scorer must give a number on every split: does that part lack a class "
        "(stratify, or make fewer splits), or is the scorer undefined for constant predictions?"
    )
