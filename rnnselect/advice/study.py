"""The package's own study: both cells on many data sets, and the prior of the gap that follows."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from rnnselect.advice.evidence import check_task, tally
from rnnselect.advice.prior import Prior
from rnnselect.cells import shown_name
from rnnselect.sequences.profile import SequenceProfile

__all__ = [
    "SMALL_SAMPLES",
    "TEXT_VOCABULARY",
    "StudySet",
    "prior_across_settings",
    "prior_for",
    "sets_like",
    "study_sets",
]

# All four by maximum likelihood on the study's data sets, as docs/advice.md says beside what else
# was tried; better on families that were left out than one scale and no centre.
USUAL_SCALE_POINTS = 1.0
# Networks that see few samples differ by luck, and by whether they learn anything at all.
SMALL_SAMPLES, SMALL_SCALE_POINTS = 500, 4.0
TEXT_CENTRE_POINTS = 1.1
# Between the most tokens of a set of symbols (376) and the fewest of a set of texts (949).
TEXT_VOCABULARY = 500
TEXT_TASKS = ("sentiment", "text_classification")
# What other settings than the cell make: in the study 0.7 points for units and direction, 4 for the
# optimizer, 8 for too few epochs. A grid may hold any of them, and pairs soon tell how much it is.
OTHER_SETTINGS_SCALE_POINTS = 4.0
# How many of the most similar data sets are shown.
N_SHOWN = 5


@dataclass(frozen=True, slots=True)
class StudySet:
    """What the study found on one data set, with default networks.

    Parameters
    ----------
    data, family, kind : str
        Name, source that it may share with others, and what its sequences are.
    n_samples : int
        Sequences that were used.
    median_length : float
        Time steps of the median sequence.
    vocabulary_size : int or None
        Tokens; None where sequences are of numbers.
    gap_points : float
        Points of LSTM minus points of GRU.
    gap_points_se : float
        Standard error; nan where too little was run to tell.
    """

    data: str
    family: str
    kind: str
    n_samples: int
    median_length: float
    vocabulary_size: int | None
    gap_points: float
    gap_points_se: float


@lru_cache(maxsize=1)
def study_sets() -> tuple[StudySet, ...]:
    """Read the table that comes with the package.

    Examples
    --------
    >>> len(study_sets()) > 150
    True
    """
    table = resources.files("rnnselect.advice") / "data" / "evidence.csv"
    rows = csv.DictReader(table.read_text(encoding="utf-8").splitlines())
    return tuple(_study_set(row) for row in rows if row["part"] == "default")


def sets_like(profile: SequenceProfile, task: str | None = None) -> tuple[StudySet, ...]:
    """Return the data sets of the study that are most like another one, the nearest first.

    Parameters
    ----------
    profile : SequenceProfile
        Of the other one.
    task : str or None, default=None
        One of `TASKS`.

    Returns
    -------
    tuple of StudySet
        Texts for texts, tokens for tokens and numbers for numbers; of these the nearest in size
        and length, on logarithmic scales. One of the very same sizes is taken for the same data,
        which are not evidence for themselves.
    """
    is_text = _is_text(profile.vocabulary_size, task)
    is_tokens = is_text or profile.kind == "tokens"

    def distance(each: StudySet) -> float:
        return math.hypot(
            math.log(each.n_samples / profile.n_samples),
            math.log(each.median_length / profile.median_length),
        )

    alike = [
        each
        for each in study_sets()
        if _is_text(each.vocabulary_size, None) == is_text
        and (each.vocabulary_size is not None) == is_tokens
        and distance(each) > 0
    ]
    return tuple(sorted(alike, key=distance)[:N_SHOWN])


def prior_for(
    *,
    n_samples: int,
    vocabulary_size: int | None = None,
    task: str | None = None,
    cells: tuple[str, str] = ("gru", "lstm"),
    pooled: bool = False,
) -> Prior:
    """Prior of the gap for data of this kind.

    Parameters
    ----------
    n_samples : int
        Sequences.
    vocabulary_size : int or None, default=None
        Tokens; None where sequences are of numbers, or where it is not known.
    task : str or None, default=None
        One of `TASKS`.
    cells : tuple of str, default=("gru", "lstm")
        Values of the parameter that names the cell, of the first and the second candidate.
    pooled : bool, default=False
        Whether the networks read the states of all time steps. Those of the study read the last
        state, and do not say which cell is ahead elsewhere.

    Returns
    -------
    Prior
        Student t with 3 degrees of freedom. Its scale depends on whether there are few samples,
        its centre on whether the sequences are texts.

    Raises
    ------
    ValueError
        If the task is not one of `TASKS`.

    Examples
    --------
    >>> prior_for(n_samples=2000).scale_points
    1.0
    >>> prior_for(n_samples=2000, task="sentiment").centre_points
    1.1
    """
    check_task(task)
    is_small = n_samples < SMALL_SAMPLES
    scale_points = SMALL_SCALE_POINTS if is_small else USUAL_SCALE_POINTS
    known = [each for each in study_sets() if (each.n_samples < SMALL_SAMPLES) == is_small]
    amount = f"{'fewer than' if is_small else 'at least'} {SMALL_SAMPLES} samples"
    sources = [
        f"gaps of about {scale_points:g} points with {amount}: {_counted(known)} of our study"
    ]
    centre_points = 0.0
    lstm_sign = (cells == ("gru", "lstm")) - (cells == ("lstm", "gru"))
    if pooled:
        sources.append("the networks of our study read the last state, these pool all states")
    elif _is_text(vocabulary_size, task) and lstm_sign:
        texts = [each for each in study_sets() if _is_text(each.vocabulary_size, None)]
        n_ahead = sum(each.gap_points > 0 for each in texts)
        sources.append(
            f"{shown_name('lstm')} ahead by about {TEXT_CENTRE_POINTS:g} points on texts: "
            f"so in {n_ahead} of {_counted(texts)} of our study"
        )
        centre_points = lstm_sign * TEXT_CENTRE_POINTS
    if task is not None:
        sources.append(tally(task))
    return Prior(scale_points, centre_points, sources=tuple(sources))


def prior_across_settings() -> Prior:
    """Prior of the gap between networks that differ in more than their cell.

    Examples
    --------
    >>> prior_across_settings().scale_points
    4.0
    """
    source = f"gaps of about {OTHER_SETTINGS_SCALE_POINTS:g} points between other settings"
    return Prior(OTHER_SETTINGS_SCALE_POINTS, sources=(source,))


def _is_text(vocabulary_size: int | None, task: str | None) -> bool:
    return (vocabulary_size or 0) > TEXT_VOCABULARY or task in TEXT_TASKS


def _counted(sets: Sequence[StudySet]) -> str:
    n_families = len({each.family for each in sets})
    return f"{len(sets)} data sets ({n_families} families)"


def _study_set(row: dict[str, str]) -> StudySet:
    return StudySet(
        data=row["data"],
        family=row["family"],
        kind=row["kind"],
        n_samples=int(row["n_samples"]),
        median_length=float(row["median_length"]),
        vocabulary_size=int(row["vocabulary_size"]) if row["vocabulary_size"] else None,
        gap_points=float(row["gap_points"]),
        gap_points_se=float(row["gap_points_se"] or "nan"),
    )
