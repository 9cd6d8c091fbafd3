"""What a comparison will cost: seconds with an interval, before and while it runs.

Three levels of knowledge, each replacing the one before: arithmetic at a nominal machine's speed,
a probe of the compiled programs, and the fits that the race has finished.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import mean

from rnnselect.speed import NOMINAL_IMPORT_SECONDS, TrainingSpeed, Workload

__all__ = ["CostForecast", "Interval", "cheaper_cell", "forecast_cost", "is_worthwhile_saving"]

# Relative error of an unprobed machine: between half and double.
NOMINAL_ERROR = 2.0
# Relative error of a probe of three chunks, on machines that other work shares.
PROBE_ERROR = 1.25
# One finished fit predicts the next one of the same cell this well; the epochs vary.
FINISHED_ERROR = 1.4
# Where early stopping ends a fit, as a share of the way from its earliest possible epoch to its
# last: 36 fits of 18 data sets with the default network (benchmarks/defaults) had mean 0.19, and
# 90 % of them lay between 0 and 0.56.
EARLY_STOP_LOW, EARLY_STOP_EXPECTED, EARLY_STOP_HIGH = 0.0, 0.2, 0.6
# A fit beside its epochs: checking and scaling the data, building the network, scoring.
FIT_OVERHEAD_SECONDS = 0.15
# Two fits on two threads each run at this share of the speed of one alone.
PARALLEL_EFFICIENCY = 0.85
# A smaller difference in seconds is within what the load of a machine makes of it.
WORTHWHILE_SAVING = 0.1


@dataclass(frozen=True, slots=True)
class Interval:
    """Seconds that something will take: expected, and a 90 % interval.

    Examples
    --------
    >>> Interval(1.0, 2.0, 4.0) + Interval.exactly(1.0)
    Interval(low=2.0, expected=3.0, high=5.0)
    """

    low: float
    expected: float
    high: float

    @classmethod
    def exactly(cls, seconds: float) -> Interval:
        """Return an interval without width."""
        return cls(seconds, seconds, seconds)

    @classmethod
    def around(cls, seconds: float, error: float) -> Interval:
        """Return the interval from ``seconds / error`` to ``seconds * error``."""
        return cls(seconds / error, seconds, seconds * error)

    def __add__(self, other: Interval) -> Interval:
        return Interval(
            self.low + other.low, self.expected + other.expected, self.high + other.high
        )

    def times(self, factor: float) -> Interval:
        """Return the interval of `factor` such things one after the other."""
        return Interval(self.low * factor, self.expected * factor, self.high * factor)

    def to_dict(self) -> dict[str, float]:
        """Return the three numbers by name."""
        return {"low": self.low, "expected": self.expected, "high": self.high}


@dataclass(frozen=True, slots=True)
class CostForecast:
    """What is still to be paid, for each cell.

    Parameters
    ----------
    startup : Interval
        Importing TensorFlow and compiling: cannot be interrupted.
    fits : dict of str to Interval
        One fit on the training part of a fold, and its scoring, for each cell.
    refits : dict of str to Interval
        One fit on all data, for each cell.
    first_epoch : float
        Seconds of the shortest useful training: one epoch of the slower cell on all data.
    baseline_seconds : float
        Simple models on one split.
    n_jobs : int
        Fits that run at the same time.
    source : {"arithmetic", "probe", "finished fits"}
        What the forecast rests on.
    """

    startup: Interval
    fits: Mapping[str, Interval]
    refits: Mapping[str, Interval]
    first_epoch: float
    baseline_seconds: float
    n_jobs: int
    source: str

    def pairs(self, n_pairs: int) -> Interval:
        """Return the seconds of `n_pairs` pairs and their baselines, start-up not included."""
        one_pair = Interval.exactly(0.0)
        for fit in self.fits.values():
            one_pair = one_pair + fit
        at_once = min(self.n_jobs, len(self.fits) * max(n_pairs, 1))
        speed_up = 1.0 if at_once == 1 else at_once * PARALLEL_EFFICIENCY
        baselines = Interval.exactly(n_pairs * self.baseline_seconds)
        return one_pair.times(n_pairs / speed_up) + baselines

    def only(self, cells: Collection[str]) -> CostForecast:
        """Return the forecast of what follows with some of the candidates only."""
        return replace(self, fits={c: fit for c, fit in self.fits.items() if c in cells})

    @property
    def refit(self) -> Interval:
        """Seconds of the refit of whichever cell takes longer."""
        return max(self.refits.values(), key=lambda refit: refit.expected)

    def affordable_pairs(self, seconds_left: float | None, at_most: int, *, refit: bool) -> int:
        """Return how many pairs are expected to fit, none where start-up may not.

        Start-up cannot be interrupted, so the upper end of its interval counts. A pair that turns
        out longer is cut off by the deadline of its fits, so a wrong expectation costs seconds of
        the budget, never more than the budget.

        Parameters
        ----------
        seconds_left : float or None
            What is left of the budget; None for no limit.
        at_most : int
            Pairs that there are.
        refit : bool
            Whether the refit must fit as well.
        """
        if seconds_left is None:
            return at_most
        if self.startup.high > seconds_left:
            return 0
        counts = range(1, at_most + 1)
        fits = [n for n in counts if self.total(n, refit=refit).expected <= seconds_left]
        return max(fits, default=0)

    def total(self, n_pairs: int, *, refit: bool) -> Interval:
        """Return the wall-clock seconds of start-up, `n_pairs` pairs and, if wanted, the refit."""
        total = self.startup if n_pairs or refit else Interval.exactly(0.0)
        total = total + self.pairs(n_pairs)
        return total + self.refit if refit else total


def forecast_cost(
    work: Mapping[str, Workload],
    speeds: Mapping[str, TrainingSpeed],
    *,
    n_samples: int,
    n_folds: int,
    n_jobs: int = 1,
    imported: bool = False,
    baseline_seconds: float = 0.0,
    finished_seconds: Mapping[str, Sequence[float]] | None = None,
) -> CostForecast:
    """Predict what a comparison costs.

    Parameters
    ----------
    work : mapping of str to Workload
        The training of each cell.
    speeds : mapping of str to TrainingSpeed
        Nominal or measured speed of each cell.
    n_samples : int
        Number of sequences.
    n_folds : int
        Folds of the cross-validation.
    n_jobs : int, default=1
        Fits that run at the same time.
    imported : bool, default=False
        Whether TensorFlow is loaded already.
    baseline_seconds : float, default=0.0
        Simple models on one split.
    finished_seconds : mapping of str to sequence of float, default=None
        Seconds of the race's fits so far, for each cell; they replace the forecast of the fits.

    Returns
    -------
    CostForecast
        Seconds with 90 % intervals.
    """
    importing = 0.0 if imported else NOMINAL_IMPORT_SECONDS
    compiling = sum(speed.compile_seconds for speed in speeds.values())
    n_train = n_samples * (1 - 1 / n_folds)
    fits, refits, first_epochs = {}, {}, []
    for cell, task in work.items():
        speed, done = speeds[cell], (finished_seconds or {}).get(cell, ())
        fold = _fit_seconds(task, speed, n_train, n_samples - n_train)
        whole = _fit_seconds(task, speed, n_samples, 0)
        if done:
            ratio = whole.expected / fold.expected
            fold = _from_finished(done)
            whole = fold.times(ratio)
        fits[cell], refits[cell] = fold, whole
        first_epochs.append(_epoch_seconds(task, speed, n_samples))
    measured = all(speed.measured for speed in speeds.values())
    return CostForecast(
        startup=Interval.around(importing + compiling, NOMINAL_ERROR),
        fits=fits,
        refits=refits,
        first_epoch=max(first_epochs),
        baseline_seconds=baseline_seconds,
        n_jobs=n_jobs,
        source="finished fits" if finished_seconds else ("probe" if measured else "arithmetic"),
    )


def _fit_seconds(task: Workload, speed: TrainingSpeed, n_train: float, n_scored: float) -> Interval:
    """One fit: how many epochs early stopping leaves is open."""
    epoch = _epoch_seconds(task, speed, n_train)
    fixed = FIT_OVERHEAD_SECONDS + n_scored * speed.scored_row_seconds
    error = PROBE_ERROR if speed.measured else NOMINAL_ERROR
    spread = task.max_epochs - task.min_epochs
    return Interval(
        (fixed + epoch * (task.min_epochs + EARLY_STOP_LOW * spread)) / error,
        fixed + epoch * (task.min_epochs + EARLY_STOP_EXPECTED * spread),
        (fixed + epoch * (task.min_epochs + EARLY_STOP_HIGH * spread)) * error,
    )


def _epoch_seconds(task: Workload, speed: TrainingSpeed, n_train: float) -> float:
    validation = n_train * task.validation_fraction
    steps = math.ceil((n_train - validation) / task.batch_size)
    return steps * speed.step_seconds + validation * speed.scored_row_seconds


def _from_finished(seconds: Sequence[float]) -> Interval:
    return Interval(min(seconds) / FINISHED_ERROR, mean(seconds), max(seconds) * FINISHED_ERROR)


def cheaper_cell(
    cells: tuple[str, ...],
    n_parameters: Mapping[str, int],
    seconds: Mapping[str, float] | None,
) -> str:
    """Return the cell to take where scores do not decide.

    Parameters
    ----------
    cells : tuple of str
        The candidates; the first one is taken where nothing speaks against it.
    n_parameters : mapping of str to int
        Trainable parameters of each cell's network.
    seconds : mapping of str to float, or None
        Seconds of a fit of each cell; None where no clock may enter the choice.

    Returns
    -------
    str
        The faster one if the difference is worth mentioning, else the smaller one.

    Examples
    --------
    >>> cheaper_cell(("gru", "lstm"), {"gru": 75, "lstm": 100}, {"gru": 3.0, "lstm": 2.0})
    'lstm'
    >>> cheaper_cell(("gru", "lstm"), {"gru": 75, "lstm": 100}, {"gru": 2.1, "lstm": 2.0})
    'gru'
    """
    if seconds is not None:
        fast = min(cells, key=lambda cell: seconds[cell])
        if is_worthwhile_saving({cell: seconds[cell] for cell in cells}, fast):
            return fast
    return min(cells, key=lambda cell: n_parameters[cell])


def is_worthwhile_saving(seconds: Mapping[str, float], cell: str) -> bool:
    """Whether `cell` is faster than the other by more than the load of a machine makes of it."""
    return max(seconds.values()) > (1 + WORTHWHILE_SAVING) * seconds[cell]
