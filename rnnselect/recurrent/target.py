"""What a network is to predict, and how an estimator reads it from y."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rnnselect.recurrent.architecture import Head
from rnnselect.recurrent.inputs import check_length
from rnnselect.recurrent.reader import SequenceReader
from rnnselect.recurrent.steps import StepLayout, is_array_of_steps, refuse_steps
from rnnselect.sequences.batch import SequenceBatch
from rnnselect.sequences.scaling import Scaling

__all__ = ["Target", "TargetReader"]


@dataclass(frozen=True, eq=False, slots=True)
class Target:
    """What a network of one estimator is to predict, as learnt from y in the first fit.

    Parameters
    ----------
    n_outputs : int
        Width of the output layer.
    head : {"softmax", "sigmoid", "linear"}
        Form of the output layer.
    scaling : Scaling or None, default=None
        The scale to which outputs are brought back.
    """

    n_outputs: int
    head: Head
    scaling: Scaling | None = None


class TargetReader(SequenceReader):
    """Base of `BaseRNN`: reads y, and gives predictions the form that y had."""

    _parameter_constraints: ClassVar[dict] = {
        **SequenceReader._parameter_constraints,
        "return_sequences": ["boolean"],
    }

    @abstractmethod
    def _check_target(self, y: Any, name: str) -> np.ndarray:
        """Return y as an array, if this estimator can predict such targets."""

    @abstractmethod
    def _learn_target(self, y: np.ndarray, weights: np.ndarray, partial: bool) -> Target:
        """Return what the network is to predict; sets fitted attributes of y."""

    @abstractmethod
    def _target_values(self, y: np.ndarray, name: str) -> np.ndarray:
        """Return what the network is trained on, by what `_learn_target` learnt."""

    def _class_weights(self, values: np.ndarray, weights: np.ndarray) -> np.ndarray | float:
        """Return a factor for each target's weight."""
        del values, weights
        return 1.0

    def _read_target(
        self, y: Any, batch: SequenceBatch, name: str
    ) -> tuple[np.ndarray, StepLayout | None]:
        y = check_length(y, batch.n_samples, type(self).__name__)
        if not self.return_sequences:
            try:
                return self._check_target(y, name), None
            except ValueError:
                refuse_steps(y, name)  # says so, if that is why
                raise
        layout = StepLayout(batch.lengths)
        self._steps_in_array = is_array_of_steps(y)
        return self._check_target(layout.join(y, name), name), layout

    def _arranged(self, values: np.ndarray, batch: SequenceBatch) -> np.ndarray:
        """Return what was predicted in the form that y had in fit."""
        if not self._architecture.return_sequences:
            return values
        if self._steps_in_array and (batch.lengths == batch.lengths[0]).all():
            return values.reshape(batch.n_samples, -1, *values.shape[1:])
        return StepLayout(batch.lengths).split(values)
