"""The study's recorded pairs as the advisor would have met them, one repetition a race."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnselect import RNNClassifier, RNNRegressor
from rnnselect.advice.points import score_scale
from rnnselect.advice.race import PairOutcome
from rnnselect.advice.rules import RaceRules, race_rules
from rnnselect.comparison.candidates import make_candidates
from rnnselect.comparison.problem import Problem
from rnnselect.sequences.profile import profile_sizes
from rnnselect.speed import NOMINAL

sys.path.append(str(Path(__file__).resolve().parent.parent / "study"))

from journal import newest, read_records
from pairs import unpacked

GRU, LSTM = CELLS = ("gru", "lstm")
N_FOLDS = 5
# A repetition that is replayed must not be its own truth: of six, four are kept as truth.
N_REPLAYED = 2
EMBEDDING_DIM = 32  # of the study's networks that read tokens


@dataclass(frozen=True, eq=False, slots=True)
class UnusedScore:
    """The networks of one pair on the samples that the study's cap left out.

    Parameters
    ----------
    difference_points : float
        Points of LSTM minus points of GRU.
    variance_points2 : float
        Its variance over those samples; nan where a fit diverged.
    by_sample : ndarray of shape (n_unused,), or None
        100 times (LSTM right minus GRU right); None for a regression.
    """

    difference_points: float
    variance_points2: float
    by_sample: NDArray[np.int8] | None


@dataclass(frozen=True, eq=False)
class RecordedSet:
    """All pairs of one data set under the default setting.

    Parameters
    ----------
    name, family : str
        Of the set; sets of one family share their source.
    facts : dict
        What describes the data: kind, topic, task, n_samples, sequence_length, n_classes ...
    repetitions : dict of int to tuple of PairOutcome
        The five pairs of each complete repetition.
    unused : dict of int to tuple of UnusedScore
        The same networks on unused samples; empty where there are none.
    compile_seconds : float
        Of the programs of both cells, from cold.
    epoch_seconds : dict of str to float, or None
        Median seconds of an epoch of each cell.
    """

    name: str
    family: str
    facts: dict[str, Any]
    repetitions: dict[int, tuple[PairOutcome, ...]]
    unused: dict[int, tuple[UnusedScore, ...]]
    compile_seconds: float = 0.0
    epoch_seconds: dict[str, float] | None = None

    @property
    def is_regression(self) -> bool:
        """Whether values are predicted."""
        return self.facts["task"] == "regression"

    @property
    def learns_nothing(self) -> bool:
        """Whether no network of any pair beat the dummy: a gap of 0 by the floor alone."""
        return all(pair.at_floor for pair in self.pairs(self.repetitions))

    @property
    def replayed(self) -> tuple[int, ...]:
        """Repetitions that are replayed: the first two."""
        return tuple(sorted(self.repetitions))[:N_REPLAYED]

    def held_out(self, repetition: int) -> tuple[int, ...]:
        """Return the repetitions that are truth to a replayed one: no rule has seen them.

        With three or more these are the ones that are never replayed; with two, the other one.
        """
        others = tuple(r for r in sorted(self.repetitions) if r not in self.replayed)
        return others or tuple(r for r in self.replayed if r != repetition)

    def pairs(self, repetitions: Iterable[int]) -> tuple[PairOutcome, ...]:
        """Return the pairs of some repetitions."""
        return tuple(pair for r in repetitions for pair in self.repetitions[r])

    def seconds(self, pairs: Iterable[PairOutcome]) -> float:
        """Return the seconds of some pairs from cold: compilation, fits and their scoring."""
        return self.compile_seconds + sum(sum(pair.seconds.values()) for pair in pairs)

    @cached_property
    def rules(self) -> RaceRules:
        """What the advisor's default race is held to on these data."""
        return race_rules(
            score_scale(None, is_classifier=not self.is_regression),
            n_folds=N_FOLDS,
            max_pairs=N_FOLDS,
            rope=0.01,
            min_gain=None,
            confidence=0.95,
            regression=self.is_regression,
        )

    @cached_property
    def problem(self) -> Problem:
        """The comparison as the advisor sees it before anything is trained."""
        facts = self.facts
        kind = RNNRegressor if self.is_regression else RNNClassifier
        size = facts["vocabulary_size"]
        tokens = {"embedding_dim": EMBEDDING_DIM, "vocabulary_size": size} if size else {}
        profile = profile_sizes(
            n_samples=facts["n_samples"],
            sequence_length=max(1, round(facts["median_length"])),
            n_channels=facts["n_channels"],
            n_outputs=facts["n_classes"] or 1,
            target=facts["task"],
            vocabulary_size=size,
        )
        profile = replace(profile, majority_share=facts["majority_share"])
        both = make_candidates(kind(**tokens), CELLS, None, match="units", profile=profile)
        return Problem(both, profile, self.rules, task=None, n_jobs=1, refit=False)

    @cached_property
    def work(self) -> dict[str, Any]:
        """What training each cell consists of."""
        return self.problem.work()

    @cached_property
    def smaller_cell(self) -> str:
        """The cell that the advisor takes where scores do not decide and no clock is read."""
        return self.problem.cheaper(None)


def default_files() -> list[Path]:
    """Return the newest file of the study's default part, if there is one."""
    path = newest("default")
    return [path] if path else []


def read_sets(paths: Iterable[Path]) -> list[RecordedSet]:
    """Return all sets with at least one complete repetition under the default setting."""
    found: dict[str, dict[tuple[int, int], dict[str, Any]]] = {}
    for record in read_records(paths):
        part, name, setting = record["case"].split("/", maxsplit=2)
        if "error" not in record and (part, setting) == ("default", "default"):
            found.setdefault(name, {})[record["repetition"], record["fold"]] = record
    return [each for name, records in found.items() for each in _sets(name, records)]


def _sets(name: str, records: dict[tuple[int, int], dict[str, Any]]) -> Iterator[RecordedSet]:
    repetitions = {}
    for repetition in sorted({key[0] for key in records}):
        folds = [records.get((repetition, fold)) for fold in range(N_FOLDS)]
        if all(folds):
            repetitions[repetition] = folds
    if not repetitions:
        return
    rows = [row for folds in repetitions.values() for row in folds]
    fits = {cell: [row["fits"][cell] for row in rows] for cell in CELLS}
    yield RecordedSet(
        name=name,
        family=rows[0]["family"],
        facts=rows[0],
        repetitions={r: tuple(map(pair_outcome, folds)) for r, folds in repetitions.items()},
        unused={
            r: tuple(map(unused_score, folds))
            for r, folds in repetitions.items()
            if all("unused" in row for row in folds)
        },
        # 0 where the process had met the same network before: what it costs from cold is nominal.
        compile_seconds=max(
            float(np.median([sum(row["compile_seconds"].values()) for row in rows])),
            sum(NOMINAL.cells[cell].compile_seconds for cell in CELLS),
        ),
        epoch_seconds={
            cell: float(np.median([f["fit_seconds"] / max(1, f["n_epochs"]) for f in fits[cell]]))
            for cell in CELLS
        },
    )


def pair_outcome(row: dict[str, Any]) -> PairOutcome:
    """Return a record as the outcome that the advisor's own comparison would have made of it."""
    fits = row["fits"]
    return PairOutcome(
        cells=CELLS,
        repetition=row["repetition"],
        fold=row["fold"],
        scores=row["scores"],
        points=row["points"],
        dummy_points=row["dummy_points"],
        noise_variance_points2=_number(row["noise_variance_points2"]),
        n_test=row["n_test"],
        seconds={cell: fits[cell]["fit_seconds"] + fits[cell]["score_seconds"] for cell in CELLS},
        n_epochs={cell: fits[cell]["n_epochs"] for cell in CELLS},
    )


def unused_score(row: dict[str, Any]) -> UnusedScore:
    """Return what a record says about the samples that no split contains."""
    unused = row["unused"]
    by_sample = None
    if row["task"] == "classification":
        right = {c: unpacked(unused["answers"][c], unused["n"])["right"] for c in CELLS}
        by_sample = 100 * (right[LSTM].astype(np.int8) - right[GRU].astype(np.int8))
    difference = unused["points"][LSTM] - unused["points"][GRU]
    return UnusedScore(difference, _number(unused["noise_variance_points2"]), by_sample)


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)
