"""Runs the pairs of a case: both cells on one split with one seed, and all that is recorded."""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from cases import CELLS, Case, Library, candidates
from sets import StudySet
from sklearn.base import clone
from sklearn.metrics import r2_score

from rnnselect.advice.baseline import (
    Baseline,
    affordable_baselines,
    make_baselines,
    score_baseline,
)
from rnnselect.advice.noise import bootstrap_variance, paired_loss_variance
from rnnselect.advice.points import ScoreScale, score_scale
from rnnselect.comparison.candidates import Candidates
from rnnselect.sequences.profile import SequenceProfile

# The linear models are not cheaper than a fold of a small network: they are fitted once a set.
BASELINE_REPETITIONS = 1
SMALLEST_PROBABILITY = 1e-7


@dataclass(frozen=True, slots=True)
class Answers:
    """What one network said about some rows.

    Parameters
    ----------
    score : float
        Accuracy or R²; NaN where training diverged.
    losses : ndarray of shape (n_rows,)
        Classification: whether a row was right. Regression: what was predicted.
    log_losses : ndarray of shape (n_rows,) or None
        Of the true class.
    """

    score: float
    losses: np.ndarray
    log_losses: np.ndarray | None


@dataclass(frozen=True, eq=False, slots=True)
class Comparison:
    """A case with its data, ready to run pairs.

    Parameters
    ----------
    case : Case
        What is compared.
    study_set : StudySet
        The data.
    profile : SequenceProfile
        Their sizes.
    candidates : Candidates
        Both networks.
    scale : ScoreScale
        How scores become points.
    baselines : list of Baseline
        Simple models, the dummy first.
    compile_seconds : dict of str to float
        A first fit and scoring of one epoch, minus a second one, of each cell.
    """

    case: Case
    study_set: StudySet
    profile: SequenceProfile
    candidates: Candidates
    scale: ScoreScale
    baselines: list[Baseline]
    compile_seconds: dict[str, float]

    def split(self, repetition: int, fold: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the training and test rows of a pair."""
        if self.case.n_train is not None:
            return self.study_set.curve_split(self.case.n_train, repetition)
        return self.study_set.splits(repetition)[fold]

    def run(self, repetition: int, fold: int) -> dict[str, Any]:
        """Train both cells on one split, and return the record of the pair."""
        started = time.perf_counter()
        train, test = self.split(repetition, fold)
        seed = int(np.random.SeedSequence([repetition, fold]).generate_state(1)[0] // 2)
        # Alternating order, so that neither cell always meets the busier machine.
        order = CELLS if (repetition + fold) % 2 == 0 else tuple(reversed(CELLS))
        fits = {cell: self._fit(cell, train, test, seed) for cell in order}
        baselines = self._baseline_scores(train, test, repetition)
        record = {
            "repetition": repetition, "fold": fold, "n_fit": len(train), "n_test": len(test),
            **self._judged(fits, "test", test, baselines["dummy"]),
            "baselines": baselines,
            "fits": {cell: fits[cell]["facts"] for cell in CELLS},
            "compile_seconds": self.compile_seconds,
        }  # fmt: skip
        if len(self._unused()):
            dummy_score = self._dummy_score(train, self._unused())
            judged = self._judged(fits, "unused", self._unused(), dummy_score)
            record["unused"] = {"n": len(self._unused()), **judged}
        return {**record, "seconds": time.perf_counter() - started, "load": os.getloadavg()[0]}

    def facts(self) -> dict[str, Any]:
        """Return what describes the data, for every record."""
        entry, profile = self.study_set.entry, self.profile
        return {
            "kind": entry.kind, "topic": entry.topic, "task": entry.task, "family": entry.family,
            "n_samples": profile.n_samples, "sequence_length": profile.sequence_length,
            "median_length": profile.median_length, "n_channels": profile.n_channels,
            "n_classes": profile.n_classes, "majority_share": profile.majority_share,
            "vocabulary_size": self.study_set.network.get("vocabulary_size"),
        }  # fmt: skip

    def _unused(self) -> np.ndarray:
        # A learning curve trains on rows of all kinds, and has a large test part anyway.
        return self.study_set.unused if self.case.n_train is None else np.arange(0)

    def _fit(self, cell: str, train: np.ndarray, test: np.ndarray, seed: int) -> dict[str, Any]:
        from rnnselect.recurrent.programs import program_counts

        own = clone(self.candidates.estimators[cell]).set_params(random_state=seed)
        n_programs, start = sum(program_counts().values()), time.perf_counter()
        own.fit(*self._rows(train), groups=self.study_set.fit_groups(train))
        fitted = time.perf_counter()
        answers = {"test": self._answers(own, test)}
        scored = time.perf_counter()
        if len(self._unused()):
            answers["unused"] = self._answers(own, self._unused())
        facts = {
            "fit_seconds": fitted - start, "score_seconds": scored - fitted,
            "n_epochs": own.n_epochs_, "stop_reason": own.stop_reason_, "engine": own.engine_,
            "n_parameters": own.model_.count_params(), "units": own.units,
            # In this fit or beside it, after the ones that the preparation has paid for.
            "n_compiled": sum(program_counts().values()) - n_programs,
        }  # fmt: skip
        return {"facts": facts, **answers}

    def _rows(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self.study_set.X[rows], self.study_set.y[rows]

    def _answers(self, fitted: Any, rows: np.ndarray) -> Answers:
        X, y = self._rows(rows)
        if not self.study_set.is_classification:
            predicted = fitted.predict(X)
            score = r2_score(y, predicted) if np.isfinite(predicted).all() else np.nan
            return Answers(float(score), predicted, None)
        probabilities = fitted.predict_proba(X)
        right = fitted.classes_[probabilities.argmax(axis=1)] == y
        of_truth = np.where(y[:, None] == fitted.classes_, probabilities, 0).max(axis=1)
        log_losses = -np.log(np.maximum(of_truth, SMALLEST_PROBABILITY))
        return Answers(float(right.mean()), right, log_losses)

    def _baseline_scores(
        self, train: np.ndarray, test: np.ndarray, repetition: int
    ) -> dict[str, float]:
        """Return the dummy's score on the test part and, at first, those of the linear models."""
        scores = {"dummy": self._dummy_score(train, test)}
        if repetition >= BASELINE_REPETITIONS or self.case.part != "default":
            return scores
        used, batch, y = self.study_set.used, self.study_set.batch(), self.study_set.y
        parts = [(batch.rows(np.searchsorted(used, rows)), y[rows]) for rows in (train, test)]
        for each in self.baselines[1:]:
            own = replace(each, model=clone(each.model))  # threads share the unfitted one
            scores[each.name] = score_baseline(own, *parts, _score)
        return scores

    def _dummy_score(self, train: np.ndarray, rows: np.ndarray) -> float:
        y, dummy = self.study_set.y, self.baselines[0]
        nothing = replace(dummy, model=clone(dummy.model))  # reads no more than how many there are
        return score_baseline(nothing, (train, y[train]), (rows, y[rows]), _score)

    def _judged(
        self, fits: dict[str, Any], part: str, rows: np.ndarray, dummy_score: float
    ) -> dict[str, Any]:
        """Return scores, points, the noise of their difference, and the answers themselves."""
        answers = {cell: fits[cell][part] for cell in CELLS}
        scores = {cell: answers[cell].score for cell in CELLS}
        points = {cell: self.scale.floored(score, dummy_score) for cell, score in scores.items()}
        return {
            "scores": scores, "points": points,
            "dummy_points": self.scale.floor_points(dummy_score),
            "noise_variance_points2": self._noise(answers, part, rows, dummy_score),
            "answers": {cell: packed(answers[cell], part) for cell in CELLS},
        }  # fmt: skip

    def _noise(
        self, answers: dict[str, Answers], part: str, rows: np.ndarray, dummy_score: float
    ) -> float | None:
        """Return the variance of the difference over rows, as the advisor computes it."""
        if not all(np.isfinite(answer.score) for answer in answers.values()):
            return None
        first, second = (answers[cell].losses for cell in CELLS)
        units = self.study_set.units(rows)
        if self.study_set.is_classification:
            return paired_loss_variance(first, second, units)
        y = self.study_set.y[rows]

        def difference(drawn: np.ndarray) -> float:
            scores = [r2_score(y[drawn], losses[drawn]) for losses in (first, second)]
            points = [self.scale.points(score, dummy_score) for score in scores]
            return points[1] - points[0]

        return bootstrap_variance(difference, len(rows), units=units, seed=0)


def prepare(case: Case, library: Library, folds: Iterable[tuple[int, int]]) -> Comparison:
    """Read the data of a case, and compile the programs of both cells by fits of one epoch."""
    study_set = library.read(case)
    profile = study_set.profile()
    batch = study_set.batch()
    equal_lengths = bool((batch.lengths == batch.max_length).all())
    baselines, _ = affordable_baselines(make_baselines(profile, equal_lengths=equal_lengths), None)
    scale = score_scale(None, is_classifier=study_set.is_classification)
    both = candidates(case, study_set, profile)
    comparison = Comparison(case, study_set, profile, both, scale, baselines, {})
    train, test = comparison.split(*next(iter(folds)))
    for cell in CELLS:
        cold, warm = (_one_epoch(comparison, cell, train, test) for _ in range(2))
        comparison.compile_seconds[cell] = max(0.0, cold - warm)
    return comparison


def _one_epoch(comparison: Comparison, cell: str, train: np.ndarray, test: np.ndarray) -> float:
    start = time.perf_counter()
    own = clone(comparison.candidates.estimators[cell]).set_params(epochs=1, random_state=0)
    X, y = comparison.study_set.X, comparison.study_set.y
    own.fit(X[train], y[train], groups=comparison.study_set.fit_groups(train)).predict(X[test])
    return time.perf_counter() - start


def packed(answers: Answers, part: str) -> dict[str, str]:
    """Return answers as short texts; see `unpacked`."""
    if answers.log_losses is None:
        return {"predicted": _text(answers.losses.astype("<f4"))}
    texts = {"right": _text(np.packbits(answers.losses.astype(bool)))}
    if part == "test":
        texts["log_losses"] = _text(answers.log_losses.astype("<f2"))
    return texts


def unpacked(texts: dict[str, str], n: int) -> dict[str, np.ndarray]:
    """Return the arrays of length `n` that `packed` made texts of.

    ``right`` (bool), ``log_losses`` (float16) or ``predicted`` (float32), in the order of the
    rows that `Comparison.split` returns, or of `StudySet.unused`.
    """
    raw = {name: base64.b64decode(text) for name, text in texts.items()}
    arrays = {"log_losses": "<f2", "predicted": "<f4"}
    result = {name: np.frombuffer(raw[name], kind) for name, kind in arrays.items() if name in raw}
    if "right" in raw:
        bits = np.unpackbits(np.frombuffer(raw["right"], np.uint8))[:n]
        result["right"] = bits.astype(bool)
    return result


def _text(array: np.ndarray) -> str:
    return base64.b64encode(array.tobytes()).decode()


def _score(estimator: Any, X: Any, y: Any) -> float:
    return float(estimator.score(X, y))
