"""One finished race, as it is kept: what was compared, and what the pairs say about the gap."""

from __future__ import annotations

import hashlib
import math
import reprlib
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnselect.advice.posterior import NoisePrior, PairStatistics
from rnnselect.sequences.fingerprint import SKETCH_SIZE, Fingerprint

__all__ = ["COLUMNS", "Circumstances", "RaceRecord"]

# Columns of a table of races, in their order, and their types in SQLite.
COLUMNS = {
    "finished": "TEXT",
    "target": "TEXT",
    "scorer": "TEXT",
    "score_kind": "TEXT",
    "first_cell": "TEXT",
    "second_cell": "TEXT",
    "setting_hash": "TEXT",
    "settings": "TEXT",
    "kind": "TEXT",
    "n_samples": "INTEGER",
    "sequence_length": "INTEGER",
    "n_channels": "INTEGER",
    "n_outputs": "INTEGER",
    "rope_points": "REAL",
    "n_pairs": "INTEGER",
    "mean_points": "REAL",
    "spread_points2": "REAL",
    "degrees_of_freedom": "INTEGER",
    "mean_variance_factor": "REAL",
    "noise_variance_points2": "REAL",
    "noise_shape": "REAL",
    "verdict": "TEXT",
    "seconds": "REAL",
    "versions": "TEXT",
    "contents": "BLOB",
    "shapes": "BLOB",
    "checksum": "BLOB",
}
_PYTHON_TYPES = {"TEXT": str, "INTEGER": int, "REAL": float, "BLOB": bytes}


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What was compared, on what kind of data.

    Parameters
    ----------
    target : {"classification", "regression"}
        What is predicted.
    scorer, score_kind : str
        Name of the scorer, and how its scores become points.
    first_cell, second_cell : str
        The cells.
    setting_hash : str
        Equal for estimators that differ in nothing but the cell and what does not change results.
    settings : str
        The parameters of both estimators, as JSON.
    kind : {"series", "panel", "ragged", "tokens"}
        How the sequences were given; token ids are embedded, all others are raw.
    n_samples, sequence_length, n_channels, n_outputs : int
        Sizes; `n_outputs` counts the classes of a classification.
    """

    target: str
    scorer: str
    score_kind: str
    first_cell: str
    second_cell: str
    setting_hash: str
    settings: str
    kind: str
    n_samples: int
    sequence_length: int
    n_channels: int
    n_outputs: int


@dataclass(frozen=True, eq=False, slots=True)
class RaceRecord:
    """A finished race: what is kept of it.

    Parameters
    ----------
    finished : datetime
        In UTC.
    circumstances : Circumstances
        What was compared.
    rope_points : float
        Half-width of the region of practical equivalence.
    statistics : PairStatistics
        What the pairs say about the gap, first cell to second.
    verdict : str
        What the race found.
    seconds : float
        Wall-clock time of the comparison.
    versions : str
        Of the packages that took part, as JSON.
    fingerprint : Fingerprint
        Of the data.
    number : int, default=0
        Number of its row; 0 before it is added.
    """

    finished: datetime
    circumstances: Circumstances
    rope_points: float
    statistics: PairStatistics
    verdict: str
    seconds: float
    versions: str
    fingerprint: Fingerprint
    number: int = 0

    def to_row(self) -> tuple[Any, ...]:
        """Return the values of `COLUMNS`, the last of which is a checksum of the others."""
        pairs, sketches = self.statistics, self.fingerprint
        values = (
            self.finished.isoformat(timespec="seconds"),
            *astuple(self.circumstances),
            float(self.rope_points),
            pairs.n_pairs,
            float(pairs.mean_points),
            float(pairs.spread_points2),
            pairs.degrees_of_freedom,
            float(pairs.mean_variance_factor),
            float(pairs.noise.variance_points2),
            float(pairs.noise.shape),
            self.verdict,
            float(self.seconds),
            self.versions,
            sketches.contents.astype("<u8").tobytes(),
            sketches.shapes.astype("<u8").tobytes(),
        )
        row = (*values, _checksum(values))
        self.from_row(0, row)  # what could not be read again must not be written
        return row

    @classmethod
    def from_row(cls, number: int, row: Sequence[Any]) -> RaceRecord:
        """Return the race of a row.

        Raises
        ------
        ValueError
            If the row does not match its checksum, or has values that no race can have.
        """
        *values, checksum = row
        if checksum != _checksum(values):
            raise ValueError("does not match its checksum")
        for value, (name, kind) in zip(row, COLUMNS.items(), strict=True):
            wrong = type(value) is not _PYTHON_TYPES[kind]
            if wrong or (isinstance(value, float) and not math.isfinite(value)):
                raise ValueError(f"has {name}={reprlib.repr(value)}, which is not a finite {kind}")
        finished, circumstances, rope = values[0], Circumstances(*values[1:13]), values[13]
        n_pairs, mean, spread, freedom, factor, variance, shape = values[14:21]
        verdict, seconds, versions, contents, shapes = values[21:]
        noise = NoisePrior(variance, shape)
        pairs = PairStatistics(n_pairs, mean, spread, freedom, factor, noise)
        if (
            min(pairs.n_pairs, circumstances.n_samples) < 1
            or min(pairs.spread_points2, pairs.degrees_of_freedom, rope) < 0
            or pairs.mean_variance_factor <= 0
        ):
            raise ValueError("has counts or variances that are too small")
        return cls(
            datetime.fromisoformat(finished),
            circumstances,
            rope,
            pairs,
            verdict,
            seconds,
            versions,
            Fingerprint(_sketch(contents), _sketch(shapes)),
            number,
        )


def _sketch(blob: bytes) -> NDArray[np.uint64]:
    sketch = np.frombuffer(blob, dtype="<u8").astype(np.uint64)
    if len(sketch) > SKETCH_SIZE or (sketch[1:] <= sketch[:-1]).any():
        raise ValueError(f"has a sketch that is not at most {SKETCH_SIZE} ascending hashes")
    return sketch


def _checksum(values: Sequence[Any]) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for value in values:
        part = value if isinstance(value, bytes) else repr(value).encode()
        digest.update(b"%d:" % len(part) + part)
    return digest.digest()
