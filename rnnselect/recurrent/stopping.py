"""When one training ends, and with which weights."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

__all__ = ["StoppingRule", "TrainingMonitor", "epochs_before_stopping"]

# On 50 samples an epoch is two steps, and a patience counted in epochs ended training before
# anything was learnt: four small sets scored 65 with it, 80 where training went on (benchmarks/
# defaults). So early stopping waits for this many steps.
MIN_STEPS_BEFORE_STOPPING = 300


def epochs_before_stopping(steps_per_epoch: int, max_epochs: int) -> int:
    """Return the number of epochs before which early stopping does not end a training.

    Parameters
    ----------
    steps_per_epoch : int
        Training steps of one epoch.
    max_epochs : int
        Epochs at most.

    Returns
    -------
    int
        At most `max_epochs`.

    Examples
    --------
    >>> epochs_before_stopping(2, 200), epochs_before_stopping(30, 200)
    (150, 10)
    """
    return min(max_epochs, -(-MIN_STEPS_BEFORE_STOPPING // steps_per_epoch))


@dataclass(frozen=True, slots=True)
class StoppingRule:
    """What ends a training.

    Parameters
    ----------
    max_epochs : int
        Passes over the training part at most.
    early_stopping : bool
        Whether to stop when the monitored loss no longer improves, and to restore the best
        weights.
    n_iter_no_change : int
        Epochs without an improvement of at least `tol` after which training stops.
    tol : float
        Smallest decrease of the loss that counts as an improvement.
    min_epochs : int
        Epochs before which early stopping does not end the training.
    deadline : float or None
        Reading of `time.perf_counter` at which training stops, between two chunks of steps.
    """

    max_epochs: int
    early_stopping: bool
    n_iter_no_change: int
    tol: float
    min_epochs: int = 0
    deadline: float | None = None


@dataclass(slots=True)
class TrainingMonitor:
    """Follows one training, says when to stop, and keeps the weights to restore.

    A trainer calls `time_is_up` between chunks of steps and `epoch_done` after each epoch.

    Parameters
    ----------
    rule : StoppingRule
        What ends the training.
    validation_loss : callable or None
        Takes the current weights and returns the loss on the validation part. None: the
        training loss is monitored instead.
    report : callable or None
        Called with one line of text after each epoch.
    """

    rule: StoppingRule
    validation_loss: Callable[[list[Any]], float] | None = None
    report: Callable[[str], None] | None = None
    history: dict[str, list[float]] = field(default_factory=dict)
    stop_reason: str = "max_epochs"
    _best_loss: float = math.inf
    _bar: float = math.inf
    _best_weights: list[Any] | None = None
    _last_weights: list[Any] | None = None
    _epochs_without_change: int = 0

    @property
    def n_epochs(self) -> int:
        """Number of complete epochs so far."""
        return len(self.history.get("loss", ()))

    def time_is_up(self) -> bool:
        """Whether the deadline has passed."""
        if self.rule.deadline is None or time.perf_counter() < self.rule.deadline:
            return False
        self.stop_reason = "deadline"
        return True

    def epoch_done(self, loss: float, weights: list[Any]) -> bool:
        """Record an epoch and say whether training is to stop.

        Parameters
        ----------
        loss : float
            Mean training loss of the epoch.
        weights : list of array
            The weights after the epoch; they are kept, so they must not change in place.

        Returns
        -------
        bool
            Whether to stop.
        """
        monitored = self.validation_loss(weights) if self.validation_loss else loss
        if not (math.isfinite(loss) and math.isfinite(monitored) and _all_finite(weights)):
            self._diverged(loss, monitored)
            return True
        self.history.setdefault("loss", []).append(loss)
        if self.validation_loss:
            self.history.setdefault("val_loss", []).append(monitored)
        if self.report:
            self.report(self._line())
        self._last_weights = weights
        return self._no_longer_improves(monitored, weights) or self._out_of_epochs()

    def final_weights(self, current: list[Any]) -> list[Any]:
        """Return the weights that the fitted network is to have.

        Parameters
        ----------
        current : list of array
            The trainer's weights at its end, possibly in the middle of an epoch.

        Returns
        -------
        list of array
            The best weights with early stopping; otherwise the current ones, or the last good
            ones where training diverged (perhaps in an epoch that the deadline cut short).
        """
        if self.rule.early_stopping and self._best_weights is not None:
            return self._best_weights
        if self._last_weights is not None and not _all_finite(current):
            return self._last_weights
        return current

    def start(self, weights: list[Any]) -> None:
        """Keep the initial weights, for the case that the very first epoch diverges."""
        self._last_weights = weights

    def _no_longer_improves(self, monitored: float, weights: list[Any]) -> bool:
        if not self.rule.early_stopping:
            return False
        if monitored < self._best_loss:
            self._best_loss, self._best_weights = monitored, weights
        if monitored < self._bar - self.rule.tol:
            self._bar, self._epochs_without_change = monitored, 0
            return False
        self._epochs_without_change += 1
        waited = self._epochs_without_change >= self.rule.n_iter_no_change
        if not waited or self.n_epochs < self.rule.min_epochs:
            return False
        self.stop_reason = "early_stopping"
        return True

    def _out_of_epochs(self) -> bool:
        return self.n_epochs >= self.rule.max_epochs

    def _diverged(self, loss: float, monitored: float) -> None:
        from sklearn.exceptions import ConvergenceWarning  # planning does without scikit-learn

        self.stop_reason = "diverged"
        warnings.warn(
            f"Training diverged in epoch {self.n_epochs + 1} (loss={loss}, monitored loss="
            f"{monitored}); the last good weights are restored. Lower learning_rate, set "
            "clipnorm, or look for extreme values in X or y.",
            ConvergenceWarning,
            stacklevel=2,
        )

    def _line(self) -> str:
        values = "  ".join(f"{name} {series[-1]:.4f}" for name, series in self.history.items())
        return f"epoch {self.n_epochs}/{self.rule.max_epochs}  {values}"


def _all_finite(weights: list[Any]) -> bool:
    return all(bool(np.isfinite(weight).all()) for weight in weights)
