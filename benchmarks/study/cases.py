"""What is compared: a data set under a setting, and what a pair on it will cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from builtin import builtin_entries, make_set
from reading import read_entries, read_set
from sets import MAX_TEST, N_FOLDS, Entry, StudySet, shortened

from rnnselect.advice.cost import Interval, forecast_cost
from rnnselect.comparison.candidates import Candidates, make_candidates
from rnnselect.comparison.work import workloads
from rnnselect.sequences.profile import SequenceProfile
from rnnselect.speed import SCORING_ROWS, CellSpeed, MachineSpeed

CELLS = ("gru", "lstm")
# Eleven sets of unequal lengths: ten folds had one to three times as many padded lengths as one.
RAGGED_PROGRAMS = 2
# Reading a set, four fits of one epoch and, once a set, the linear models of five folds.
PREPARE_SECONDS = 5.0
# What the schedule reckons with. The package's own figures get better, partly by this study, which
# must choose the same sets all the time.
MACHINE = MachineSpeed(
    cells={cell: CellSpeed(0.2e-3, 20e-6, 90e9, 1 / 3, 1.6) for cell in CELLS},
    epoch_seconds=0.0,
    fit_seconds=0.15,
    import_seconds=6.0,
    source="arithmetic",
)
STOPPING = Interval(0.0, 0.2, 0.6)


@dataclass(frozen=True, slots=True)
class Setting:
    """How the networks differ from the default ones.

    Parameters
    ----------
    parameters : mapping
        Of the estimator.
    match : str, default="units"
        What the cells have in common; the other choice is "parameters".
    """

    parameters: Mapping[str, Any]
    match: str = "units"


# Plain SGD at Keras' own rate of 0.01 hardly moves a network within 200 epochs of small data; ten
# times that is the regime of the published comparisons, slower than Adam but under way.
SETTINGS = {
    "default": Setting({}),
    "units_16": Setting({"units": 16}),
    "units_64": Setting({"units": 64}),
    "sgd": Setting({"optimizer": "sgd", "learning_rate": 0.1}),
    "few_epochs": Setting({"epochs": 10}),
    "bidirectional": Setting({"bidirectional": True}),
    "equal_parameters": Setting({}, match="parameters"),
}
VARIANTS = tuple(name for name in SETTINGS if name != "default")


@dataclass(frozen=True, slots=True)
class Case:
    """One comparison of both cells.

    Parameters
    ----------
    part : {"default", "variants", "sizes", "lengths"}
        Of the study.
    data : str
        Name of the set.
    setting : str, default="default"
        Key of `SETTINGS`.
    n_train : int or None, default=None
        Training samples of a learning curve; None: five folds of all samples.
    length : int or None, default=None
        Time steps of a length curve.
    view : {"first", "pooled", "made"} or None, default=None
        How a series got this length: its first steps, means of its parts, or made so.
    """

    part: str
    data: str
    setting: str = "default"
    n_train: int | None = None
    length: int | None = None
    view: str | None = None

    @property
    def key(self) -> str:
        """A text that is the same for the same case."""
        size = "" if self.n_train is None else f"n={self.n_train}"
        length = "" if self.length is None else f"{self.view}={self.length}"
        return "/".join(filter(None, (self.part, self.data, self.setting, size, length)))


@dataclass(frozen=True, eq=False)
class Library:
    """All sets of a folder and the built-in ones, read when they are needed.

    Parameters
    ----------
    folder : Path or None
        Of the data sets; None: only the built-in ones.
    """

    folder: Path | None

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """All sets by name, those left out as well."""
        found = read_entries(self.folder) if self.folder else []
        return {entry.name: entry for entry in [*builtin_entries(), *found]}

    def read(self, case: Case) -> StudySet:
        """Return the data of a case."""
        entry = self.entries[case.data]
        if entry.kind == "built-in":
            return make_set(entry, case.length)
        study_set = read_set(self.folder, entry)
        if case.length is None:
            return study_set
        return shortened(study_set, case.length, case.view)


def candidates(case: Case, study_set: StudySet, profile: SequenceProfile) -> Candidates:
    """Return the networks of a case."""
    setting = SETTINGS[case.setting]
    network = study_set.estimator(**setting.parameters)
    return make_candidates(network, CELLS, None, match=setting.match, profile=profile)


@dataclass(frozen=True, slots=True)
class Cost:
    """Predicted seconds of one core, by arithmetic at a nominal machine's speed.

    Parameters
    ----------
    compile_seconds : float
        Once a process, with reading the data.
    pair_seconds : float
        Both cells on one split, scored on its test part and on the unused samples.
    """

    compile_seconds: float
    pair_seconds: float

    def of(self, n_pairs: int) -> float:
        """Return the seconds of some pairs in one process."""
        return self.compile_seconds + n_pairs * self.pair_seconds


def predict_cost(case: Case, study_set: StudySet, profile: SequenceProfile) -> Cost:
    """Predict the cost of a case."""
    if case.n_train is not None:
        profile = replace(profile, n_samples=round(case.n_train * N_FOLDS / (N_FOLDS - 1)))
    work = workloads(candidates(case, study_set, profile), profile)
    speeds = {cell: MACHINE.training(task) for cell, task in work.items()}
    forecast = forecast_cost(
        work, speeds, n_samples=profile.n_samples, n_folds=N_FOLDS, machine=MACHINE,
        stopping=STOPPING,
    )  # fmt: skip
    scored = len(study_set.unused) if case.n_train is None else MAX_TEST
    scoring = sum(speed.scoring_seconds for speed in speeds.values()) * scored / SCORING_ROWS
    fits = sum(fit.expected for fit in forecast.fits.values())
    # The buckets of unequal lengths differ a little from fold to fold.
    times = 1 if study_set.batch().fills_its_array else RAGGED_PROGRAMS
    compiling = times * sum(speed.compile_seconds for speed in speeds.values())
    return Cost(compiling + PREPARE_SECONDS, fits + scoring)
