"""The rows of the table: which work, against what, and how many times faster it should be."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from tasks import Task


@dataclass(frozen=True)
class Measure:
    """One measurement: a function of a side's module, and the task it is given.

    Parameters
    ----------
    contender : str
        ``module.function``.
    task : Task
        What to train.
    kept : bool
        Whether its process finds the compiled programs of an earlier one on disk.
    """

    contender: str
    task: Task
    kept: bool = False

    @property
    def key(self) -> str:
        """A text that is the same for the same measurement."""
        kept = " kept" * self.kept
        return f"{self.contender}{kept} {json.dumps(self.task.to_dict())}"

    def quick(self) -> Measure:
        """Return the measurement of a small task."""
        return replace(self, task=self.task.quick())


@dataclass(frozen=True)
class Work:
    """A row of the table.

    Parameters
    ----------
    group : str
        Rows of a group are measured together, in turns, and share measurements.
    name : str
        What is done.
    against : str
        What it is compared with.
    target : float or None
        The least ratio of their seconds over ours; None where the row only informs. Where
        there is nothing to compare with: the largest count.
    ours, theirs : Measure
        The two sides; theirs is None where ours is a count.
    figure : str
        Which of the measured figures is compared.
    """

    group: str
    name: str
    against: str
    target: float | None
    ours: Measure
    theirs: Measure | None
    figure: str = "seconds"

    def measures(self) -> list[Measure]:
        """Return what has to be measured for this row, ours first."""
        return [self.ours] if self.theirs is None else [self.ours, self.theirs]

    def quick(self) -> Work:
        """Return the row of a small task."""
        theirs = None if self.theirs is None else self.theirs.quick()
        return replace(self, ours=self.ours.quick(), theirs=theirs)


CV_TASK = Task(n_samples=1024, n_timesteps=50, units=32, epochs=20)
CV_NAME = "5-fold CV of both cells, n=1024, T=50, 4 channels, 32 units, batch 32, 20 epochs"
KEPT = ", programs kept"
OUR_CV = {
    f", two threads{KEPT}": Measure("ours.cv_two_threads", CV_TASK, kept=True),
    ", two threads": Measure("ours.cv_two_threads", CV_TASK),
    ", one thread": Measure("ours.cv_one_job", CV_TASK),
}
# Contender and targets, which are for two threads: the others have both cores as well.
CV_RIVALS = {
    "SciKeras": ("scikeras_side.cv", {f", two threads{KEPT}": 12}),
    "skorch": ("skorch_side.cv", {", two threads": 3.5}),
    "keras.Model.fit, jit_compile, 32 steps per execution": (
        "plain_keras.cv_tuned",
        {", two threads": 4},
    ),
    "keras.Model.fit as above, one model a cell (compiled once)": (
        "plain_keras.cv_tuned_one_model",
        {},
    ),
}
# All fifty epochs of every fit would take Keras an hour.
FIT_EPOCHS = 50
FIT_TASK = Task(n_samples=5000, n_timesteps=100, units=64, epochs=FIT_EPOCHS, timed_epochs=5)
FIT_TARGETS = {"gru": 5, "lstm": 2.5}
TOKEN_TASK = Task(
    n_samples=2048,
    n_timesteps=100,
    cells=("gru",),
    embedding_dim=32,
    vocabulary_size=5000,
    epochs=FIT_EPOCHS,
    timed_epochs=6,
)
TEXT_TASK = Task(
    n_samples=3000,
    n_timesteps=400,
    vocabulary_size=5000,
    embedding_dim=32,
    epochs=3,
    n_folds=3,
    has_documents=True,
)
TEXT_TARGET = 8
TOKEN_TARGETS = {5000: 6, 50000: 3}
LARGEST_GROWTH = 2  # of the seconds, from the smaller vocabulary to the larger
KIND_TASK = Task(epochs=FIT_EPOCHS, timed_epochs=6)
KINDS = {
    "T=50, bidirectional": {"bidirectional": True},
    "T=50, two layers": {"num_layers": 2},
    "T=400": {"n_timesteps": 400, "timed_epochs": 3},
    "T=50, recurrent dropout 0.2": {"recurrent_dropout": 0.2},
}
KIND_TARGET = 3.5
SEARCH_TASK = Task(epochs=CV_TASK.epochs)
SEARCH_SIDES = {
    "one job": ("search_one_job", "search_one_job", "one job", 6),
    "two threads": ("search_two_threads", "search_one_job", "one job", 8),
    f"two processes{KEPT}": ("search_two_processes", "search_two_processes", "two processes", 6),
    "two processes": ("search_two_processes", "search_two_processes", "two processes", None),
}
PREDICT_TASK = Task(n_samples=20000, n_timesteps=100, units=32)
PREDICT_TARGET = 2
ADVICE = (
    ("ours.advise", " (baseline=False)", KEPT, 16),
    ("ours.advise", " (baseline=False)", "", 10),
    ("ours.advise_with_yardsticks", ", with simple models on the same folds", KEPT, None),
)
# README's code needs half of the processor time where programs are kept.
START_TARGET = 2
START_TASK = Task(n_samples=1797, n_timesteps=8, n_channels=8)
BACKENDS = ("tensorflow", "jax")
DEFAULTS = "keras.Model.fit, defaults"


def all_works() -> list[Work]:
    """Return the rows of the table, the most important first."""
    return [
        *_starts(),
        *_cross_validations(),
        *_advice(),
        *_single_fits(),
        *_tokens(),
        _text(),
        *_kinds(),
        *_predictions(),
        _compilations(),
        *_searches(),
    ]


def _starts() -> list[Work]:
    return [
        Work(
            f"start {backend}",
            f"README's six lines on {backend}{KEPT}: {what}",
            "the same, nothing kept",
            target,
            Measure(f"ours.six_lines_on_{backend}", START_TASK, kept=True),
            Measure(f"ours.six_lines_on_{backend}", START_TASK),
            figure,
        )
        for backend in BACKENDS
        for figure, what, target in (
            ("seconds", "from `python` to the answer", None),
            ("own_seconds", "processor time without importing the backend", START_TARGET),
        )
    ]


def _cross_validations() -> list[Work]:
    return [
        Work(
            "cv",
            CV_NAME + jobs,
            rival,
            targets.get(jobs),
            ours,
            Measure(theirs, CV_TASK),
        )
        for rival, (theirs, targets) in CV_RIVALS.items()
        for jobs, ours in OUR_CV.items()
    ]


def _advice() -> list[Work]:
    scikeras = Measure(CV_RIVALS["SciKeras"][0], CV_TASK)
    return [
        Work(
            "cv",
            f"the same question answered by RNNAdvisor.recommend{what}{kept}",
            "SciKeras, all folds",
            target,
            Measure(ours, CV_TASK, kept=kept == KEPT),
            scikeras,
        )
        for ours, what, kept, target in ADVICE
    ]


def _single_fits() -> list[Work]:
    return [
        _fit(
            f"fit {cell}",
            f"one fit of {cell.upper()}, n=5000, T=100, 64 units, {FIT_EPOCHS} epochs",
            target,
            replace(FIT_TASK, cells=(cell,)),
        )
        for cell, target in FIT_TARGETS.items()
    ]


def _tokens() -> list[Work]:
    works = [
        _fit(
            "tokens",
            f"one fit of GRU on token ids, n=2048, T=100, vocabulary {size:,}, {FIT_EPOCHS} epochs",
            target,
            replace(TOKEN_TASK, vocabulary_size=size),
        )
        for size, target in TOKEN_TARGETS.items()
    ]
    small, large = (work.ours for work in works)
    return [
        *works,
        Work(
            "tokens",
            f"the larger vocabulary takes at most {LARGEST_GROWTH} times as long",
            "the smaller vocabulary",
            1 / LARGEST_GROWTH,
            large,
            small,
        ),
    ]


def _text() -> Work:
    return Work(
        "text",
        "3-fold CV of both cells on 3,000 docstrings of 5 to 400 tokens, embedding 32, 3 epochs",
        "SciKeras, padded to the longest",
        TEXT_TARGET,
        Measure("ours.cv_two_threads", TEXT_TASK),
        Measure("scikeras_side.cv", TEXT_TASK),
    )


def _kinds() -> list[Work]:
    return [
        _fit(
            kind,
            f"one fit of each cell, {FIT_EPOCHS} epochs, n=1024, 32 units, {kind}",
            KIND_TARGET,
            replace(KIND_TASK, **changes),
        )
        for kind, changes in KINDS.items()
    ]


def _fit(group: str, name: str, target: float, task: Task) -> Work:
    sides = Measure("ours.fit", task), Measure("plain_keras.fit", task)
    return Work(group, name, DEFAULTS, target, *sides)


def _predictions() -> list[Work]:
    return [
        Work(
            "predict",
            "first predict of 20,000 sequences by each cell, T=100, 32 units",
            "keras.Model.predict, default batch",
            PREDICT_TARGET,
            Measure("ours.predict", PREDICT_TASK),
            Measure("plain_keras.predict", PREDICT_TASK),
        )
    ]


def _compilations() -> Work:
    return Work(
        "compilations",
        "compilations by folds 2 to 5, a fit with other n and a refit, with predict",
        "none",
        0,
        Measure("ours.compilations_after_first", replace(CV_TASK, epochs=2)),
        None,
    )


def _searches() -> list[Work]:
    return [
        Work(
            "search",
            f"GridSearchCV over 2 cells, 3 units and 5 folds, {SEARCH_TASK.epochs} epochs, {jobs}",
            f"SciKeras in the same search, {their_jobs}",
            target,
            Measure(f"ours.{ours}", SEARCH_TASK, kept=jobs.endswith(KEPT)),
            Measure(f"scikeras_side.{theirs}", SEARCH_TASK),
        )
        for jobs, (ours, theirs, their_jobs, target) in SEARCH_SIDES.items()
    ]
