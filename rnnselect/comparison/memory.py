"""What one comparison takes from the history of races, and adds to it."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from sklearn.base import clone

from rnnselect.advice.history import BUSY_SECONDS, History
from rnnselect.advice.plan import Reason
from rnnselect.advice.points import ScoreScale
from rnnselect.advice.posterior import PairStatistics
from rnnselect.advice.prior import Prior
from rnnselect.advice.record import Circumstances, RaceRecord
from rnnselect.advice.similar import SimilarRaces, similar_races
from rnnselect.comparison.candidates import Candidates
from rnnselect.comparison.data import Data
from rnnselect.exceptions import HistoryFileError, HistoryNotKeptWarning
from rnnselect.sequences.fingerprint import Fingerprint, fingerprint
from rnnselect.sequences.profile import SequenceProfile
from rnnselect.sequences.validation import read_sequences

__all__ = ["Memory", "circumstances_of", "fingerprint_of", "recall"]

# Parameters that do not change what a fit learns, or only which data it can take.
NEUTRAL_PARAMETERS = frozenset(
    {"engine", "memory", "n_jobs", "random_state", "verbose", "vocabulary_size"}
)
# A budget may be exceeded by as much in any case; a write takes a fiftieth of it.
SHORTEST_WAIT_SECONDS = 0.5
PACKAGES = ("rnnselect", "keras", "tensorflow", "jax", "numpy", "scikit-learn")


@dataclass(frozen=True, eq=False, slots=True)
class Memory:
    """The history of races, as one comparison sees it.

    Parameters
    ----------
    path : Path
        The file.
    circumstances : Circumstances
        What is compared, with the cells in alphabetical order.
    mirrored : bool
        Whether the comparison has them in the other order.
    fingerprint : Fingerprint or None
        Of the data; None where they are not at hand.
    similar : SimilarRaces
        What earlier races say.
    cells : tuple of two str
        The cells as the comparison has them.
    """

    path: Path
    circumstances: Circumstances
    mirrored: bool
    fingerprint: Fingerprint | None
    similar: SimilarRaces
    cells: tuple[str, str]

    @property
    def reason(self) -> Reason:
        """What a plan or a recommendation says of the history."""
        return Reason("history", self.similar.sentence(self.cells), str(self.path))

    def keep(
        self,
        statistics: PairStatistics,
        *,
        rope_points: float,
        verdict: str,
        seconds: float,
        seconds_left: float | None,
    ) -> None:
        """Add the finished race to the history.

        Parameters
        ----------
        statistics : PairStatistics
            What its pairs say about the gap.
        rope_points : float
            Half-width of the region of practical equivalence.
        verdict : str
            What it found.
        seconds : float
            What it took.
        seconds_left : float or None
            What is left of the budget.

        Warns
        -----
        HistoryNotKeptWarning
            If the race could not be added. The recommendation stands.
        """
        assert self.fingerprint is not None
        record = RaceRecord(
            datetime.now(UTC),
            self.circumstances,
            rope_points,
            statistics.mirrored() if self.mirrored else statistics,
            verdict,
            seconds,
            json.dumps(_versions()),
            self.fingerprint,
        )
        try:
            History(self.path, _wait(seconds_left)).add(record)
        except HistoryFileError as error:
            warnings.warn(
                f"{error} The race that has just finished was not added to the history; its "
                "recommendation is valid, but later calls will not use it.",
                HistoryNotKeptWarning,
                stacklevel=8,
            )


def recall(
    path: Any,
    candidates: Candidates,
    circumstances: Circumstances,
    seen: Fingerprint | None,
    *,
    package: Prior,
    rope_points: float,
    seconds_left: float | None,
) -> Memory:
    """Read the history, and learn from what is like the new race.

    Parameters
    ----------
    path : str or path-like
        The file; need not exist.
    candidates : Candidates
        What is compared.
    circumstances : Circumstances
        See `circumstances_of`.
    seen : Fingerprint or None
        Of the data; None where they are not at hand.
    package : Prior
        Belief without a history.
    rope_points : float
        Half-width of the region of practical equivalence.
    seconds_left : float or None
        What is left of the budget.

    Returns
    -------
    Memory
        Also takes the new race, once it has finished.

    Raises
    ------
    HistoryFileError
        If the file is damaged, another program's, of another version, locked or unreadable.
    """
    path = Path(path)
    cells = tuple(map(candidates.cell_of, candidates.cells))
    mirrored = cells[0] != circumstances.first_cell
    similar = similar_races(
        History(path, _wait(seconds_left)).races(),
        circumstances,
        seen,
        package=package,
        rope_points=rope_points,
        mirrored=mirrored,
    )
    return Memory(path, circumstances, mirrored, seen, similar, cells)


def circumstances_of(
    candidates: Candidates, profile: SequenceProfile, scale: ScoreScale, estimator: Any, match: str
) -> Circumstances:
    """Say what is compared, so that a later call can tell whether it compares the like.

    Parameters
    ----------
    candidates : Candidates
        The two estimators.
    profile : SequenceProfile
        The data.
    scale : ScoreScale
        The scorer.
    estimator : estimator
        From which the candidates were made.
    match : {"units", "parameters"}
        What was made equal.

    Returns
    -------
    Circumstances
        With the cells in alphabetical order.
    """
    by_cell = {candidates.cell_of(name): name for name in candidates.cells}
    first, second = sorted(by_cell)
    shared = {**candidates.settings[by_cell[first]]}
    del shared[candidates.parameter]
    setting = {
        name: value
        for name, value in _settings(clone(estimator).set_params(**shared)).items()
        if name != candidates.parameter and name.rpartition("__")[2] not in NEUTRAL_PARAMETERS
    }
    canonical = json.dumps([match, setting], sort_keys=True)
    both = {cell: _settings(candidates.estimators[by_cell[cell]]) for cell in (first, second)}
    return Circumstances(
        target=profile.target,
        scorer=scale.name,
        score_kind=scale.kind,
        first_cell=first,
        second_cell=second,
        setting_hash=hashlib.blake2b(canonical.encode(), digest_size=16).hexdigest(),
        settings=json.dumps(both, sort_keys=True),
        kind=profile.kind,
        n_samples=profile.n_samples,
        sequence_length=profile.sequence_length,
        n_channels=profile.n_channels,
        n_outputs=profile.n_outputs,
    )


def fingerprint_of(data: Data) -> Fingerprint:
    """Take the fingerprint of the data, if possible as they were before a pipeline changed them."""
    if data.seen is data.X:
        return fingerprint(data.batch)
    if getattr(data.X, "ndim", 1) == 1:
        rows = list(data.X)
        if all(isinstance(row, str) for row in rows):
            texts = [row.encode("utf-8", "surrogatepass") for row in rows]
            return fingerprint(data.batch, texts)
    try:
        return fingerprint(read_sequences(data.X, missing="mask"))
    except (TypeError, ValueError):  # only the pipeline knows how to make sequences of them
        return fingerprint(data.batch)


def _settings(estimator: Any) -> dict[str, Any]:
    parameters = {name: _plain(value) for name, value in estimator.get_params().items()}
    return {"estimator": _name(type(estimator)), **parameters}


def _plain(value: Any) -> Any:
    """Return what stands for a parameter: the same in every process, for equal values."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return f"array {value.shape} {joblib.hash(value)}"
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if hasattr(value, "get_config") and not isinstance(value, type):
        return [_name(type(value)), _plain(value.get_config())]
    return _name(value if hasattr(value, "__qualname__") else type(value))


def _name(named: Any) -> str:
    return f"{named.__module__}.{named.__qualname__}"


def _versions() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # a backend, or this package run without being installed
            continue
    return found


def _wait(seconds_left: float | None) -> float:
    if seconds_left is None:
        return BUSY_SECONDS
    return min(BUSY_SECONDS, max(SHORTEST_WAIT_SECONDS, seconds_left))
