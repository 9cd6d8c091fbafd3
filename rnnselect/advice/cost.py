"""What a comparison will cost: seconds with an interval, before and while it runs.

Knowledge grows in steps: arithmetic at the speed of a typical machine or, once it was calibrated,
of this one; a probe of the compiled programs; and the fits that the race has finished. Errors are
factors, and logarithms of independent ones add up in quadrature.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from rnnselect.advice.interval import NORMAL_95, Interval
from rnnselect.advice.noise import N_DRAWS
from rnnselect.speed import NOMINAL, SCORING_ROWS, MachineSpeed, TrainingSpeed, Workload

__all__ = [
    "SPEED_ERROR",
    "CostForecast",
    "Interval",
    "cheaper_cell",
    "forecast_cost",
    "is_worthwhile_saving",
    "noise_seconds_of",
]

# Within these factors lie at least 90 % of the seconds of a training of known epochs, by what its
# speed is known from: on races counted in processor time none lay outside; the load of a machine,
# which only a probe sees, comes on top (benchmarks/advice/cost.py).
SPEED_ERROR = {"arithmetic": 2.0, "calibration": 1.5, "probe": 1.25}
# Fits of one set and cell spread by this share of what sets do, in logarithms of their epochs: 69
# sets, five folds.
EARLY_STOP_WITHIN = 0.9
# Standard deviation of the logarithm of a fit's seconds that the load of a machine makes.
LOAD_DEVIATION = 0.1
# Two fits on two threads each run at this share of the speed of one alone.
PARALLEL_EFFICIENCY = 0.85
# Of one call of a scorer on predictions, and of each row: scikit-learn's ROC AUC and log loss, and
# its R2 and RMSE, on 100 to 100,000 rows on the machine of `speed`.
SCORER_SECONDS = {"classification": (1.5e-3, 3e-7), "regression": (3e-4, 5e-9)}
# A clock that did not move between two readings.
SMALLEST_SECONDS = 1e-6
# A smaller difference in seconds is within what the load of a machine makes of it.
WORTHWHILE_SAVING = 0.1


# Where early stopping ends a fit, as a share of the way from its earliest possible epoch to its
# last: the 5 %, 50 % and 95 % quantiles of the means of 69 sets with the default network
# (benchmarks/advice/cost.py). What is known before training hardly tells sets apart.
EARLY_STOPPING = Interval(0.0, 0.13, 0.43)


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
    source : {"arithmetic", "calibration", "probe", "finished fits"}
        What the forecast rests on.
    noise_seconds : float, default=0.0
        Judging how noisy the score of one fit is.
    """

    startup: Interval
    fits: Mapping[str, Interval]
    refits: Mapping[str, Interval]
    first_epoch: float
    baseline_seconds: float
    n_jobs: int
    source: str
    noise_seconds: float = 0.0

    @property
    def beside_fits(self) -> float:
        """Seconds of one pair that are not those of its fits: simple models, and the noise."""
        return self.baseline_seconds + len(self.fits) * self.noise_seconds

    def pairs(self, n_pairs: int) -> Interval:
        """Return the seconds of `n_pairs` pairs with all that belongs to them, but start-up."""
        one_pair = Interval.exactly(0.0)
        for fit in self.fits.values():
            one_pair = one_pair + fit
        at_once = min(self.n_jobs, len(self.fits) * max(n_pairs, 1))
        speed_up = 1.0 if at_once == 1 else at_once * PARALLEL_EFFICIENCY
        beside = Interval.exactly(n_pairs * self.beside_fits)
        return one_pair.times(n_pairs / speed_up) + beside

    def only(self, cells: Collection[str]) -> CostForecast:
        """Return the forecast of what follows with some of the candidates only."""
        fits, refits = (
            {cell: each for cell, each in all_of.items() if cell in cells}
            for all_of in (self.fits, self.refits)
        )
        return replace(self, fits=fits, refits=refits)

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
    machine: MachineSpeed = NOMINAL,
    imported: bool = False,
    baseline_seconds: float = 0.0,
    noise_seconds: float = 0.0,
    finished_seconds: Mapping[str, Sequence[float]] | None = None,
    stand_in: bool = False,
    stopping: Interval = EARLY_STOPPING,
) -> CostForecast:
    """Predict what a comparison costs.

    Parameters
    ----------
    work : mapping of str to Workload
        The training of each cell.
    speeds : mapping of str to TrainingSpeed
        Predicted or measured speed of each cell.
    n_samples : int
        Number of sequences.
    n_folds : int
        Folds of the cross-validation.
    n_jobs : int, default=1
        Fits that run at the same time.
    machine : MachineSpeed, default=NOMINAL
        What fits cost beside their epochs, and start-up.
    imported : bool, default=False
        Whether TensorFlow is loaded already.
    baseline_seconds : float, default=0.0
        Simple models on one split.
    noise_seconds : float, default=0.0
        Judging how noisy the score of one fit is.
    finished_seconds : mapping of str to sequence of float, default=None
        Seconds of the race's fits so far, for each cell; they correct the forecast of the others.
    stand_in : bool, default=False
        Whether `work` only stands in for networks that are not known: then finished fits take the
        place of the forecast altogether.
    stopping : Interval, default=EARLY_STOPPING
        Where early stopping ends fits, as a share of the way from the earliest to the last epoch.

    Returns
    -------
    CostForecast
        Seconds with 90 % intervals.
    """
    importing = 0.0 if imported else machine.import_seconds
    compiling = sum(speed.compile_seconds for speed in speeds.values())
    n_train = n_samples * (1 - 1 / n_folds)
    fits, refits, first_epochs = {}, {}, []
    for cell, task in work.items():
        speed, done = speeds[cell], (finished_seconds or {}).get(cell, ())
        epochs = _epochs(task, stopping)
        by_epochs = _fit_seconds(task, speed, machine, epochs, n_train, n_samples - n_train)
        whole = _fit_seconds(task, speed, machine, epochs, n_samples, 0)
        fold = by_epochs.blurred(SPEED_ERROR[speed.source])
        if done:
            within = math.hypot(EARLY_STOP_WITHIN * by_epochs.log_deviation, LOAD_DEVIATION)
            fold = _corrected(None if stand_in else fold, done, within)
        fits[cell] = fold
        refits[cell] = fold.times(whole.expected / by_epochs.expected)
        first_epochs.append(_epoch_seconds(task, speed, n_samples))
    sources = {speed.source for speed in speeds.values()}
    known_from = sources.pop() if len(sources) == 1 else "arithmetic"
    return CostForecast(
        startup=Interval.around(importing + compiling, SPEED_ERROR[machine.source]),
        fits=fits,
        refits=refits,
        first_epoch=max(first_epochs),
        baseline_seconds=baseline_seconds,
        n_jobs=n_jobs,
        source="finished fits" if finished_seconds else known_from,
        noise_seconds=noise_seconds,
    )


def noise_seconds_of(scorer: str, target: str, n_test: float) -> float:
    """Predict the seconds of judging how noisy the score of one fit is.

    Parameters
    ----------
    scorer : str
        Its name; accuracy has a closed form, all others are bootstrapped.
    target : {"classification", "regression"}
        What is predicted.
    n_test : float
        Test samples of a fold.

    Returns
    -------
    float
        Seconds.

    Examples
    --------
    >>> noise_seconds_of("accuracy", "classification", 1000)
    0.0
    >>> round(noise_seconds_of("roc_auc", "classification", 1000), 2)
    0.36
    """
    once, each_row = SCORER_SECONDS[target]
    return 0.0 if scorer == "accuracy" else N_DRAWS * (once + each_row * n_test)


def _epochs(task: Workload, stopping: Interval) -> Interval:
    """Return after how many epochs early stopping ends a fit."""
    spread = task.max_epochs - task.min_epochs
    shares = stopping.low, stopping.expected, stopping.high
    return Interval(*(task.min_epochs + share * spread for share in shares))


def _fit_seconds(
    task: Workload,
    speed: TrainingSpeed,
    machine: MachineSpeed,
    epochs: Interval,
    n_train: float,
    n_scored: float,
) -> Interval:
    """Return the seconds of one fit, as far as its epochs leave them open."""
    scoring = math.ceil(n_scored / SCORING_ROWS) * speed.scoring_seconds
    own = machine.fit_seconds if speed.fit_seconds is None else speed.fit_seconds
    fixed = Interval.exactly(own + scoring)
    return fixed + epochs.times(_epoch_seconds(task, speed, n_train))


def _epoch_seconds(task: Workload, speed: TrainingSpeed, n_train: float) -> float:
    n_validation = n_train * task.validation_fraction
    steps = math.ceil((n_train - n_validation) / task.batch_size)
    scoring = math.ceil(n_validation / SCORING_ROWS) * speed.scoring_seconds
    return speed.epoch_seconds + steps * speed.step_seconds + scoring


def _corrected(forecast: Interval | None, seconds: Sequence[float], within: float) -> Interval:
    """Return what a fit takes, by the forecast and by what the last ones took.

    The mean of the logarithms, with the weights that make its error smallest: the forecast has its
    own deviation, each finished fit deviates from the set's mean by `within`. So will the next
    ones; the two of a pair make up for half of that.
    """
    seconds = [max(each, SMALLEST_SECONDS) for each in seconds]
    noise, own = within**2 / len(seconds), within**2 / 2
    if forecast is None:
        return Interval.around(fmean(seconds), math.exp(NORMAL_95 * math.sqrt(noise + own)))
    weight = forecast.log_deviation**2 / (forecast.log_deviation**2 + noise)
    mean_log = fmean(math.log(each) for each in seconds)
    centre = weight * mean_log + (1 - weight) * math.log(forecast.expected)
    return Interval.around(math.exp(centre), math.exp(NORMAL_95 * math.sqrt(weight * noise + own)))


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
