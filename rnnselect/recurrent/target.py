"""What a network is to predict, and how an estimator reads it from y."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rnnselect.recurrent.architecture import Head
from rnnselect.recurrent.inputs import check_length
from rnnselect.recurrent.reader import SequenceReader
from rnnselect.recurrent.steps import StepLayout, refuse_steps
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
    classes : ndarray of shape (n_classes,) or None, default=None
        The class labels, or the numbers of the labels that may hold together.
    flat : bool, default=False
        Whether y had one dimension, so that values are predicted in one.
    steps_in_array : bool or None, default=None
        Whether the targets of all time steps came in one array; None for one target a sequence.
    """

    n_outputs: int
    head: Head
    scaling: Scaling | None = None
    classes: np.ndarray | None = None
    flat: bool = False
    steps_in_array: bool | None = None

    def arranged(self, values: np.ndarray, batch: SequenceBatch) -> np.ndarray:
        """Return what was predicted for a batch in the form that y had in fit."""
        if self.steps_in_array is None:
            return values
        if self.steps_in_array and (batch.lengths == batch.lengths[0]).all():
            return values.reshape(batch.n_samples, -1, *values.shape[1:])
        return StepLayout(batch.lengths).split(values)


class TargetReader(SequenceReader):
    """Base of `BaseRNN`: reads y."""

    _parameter_constraints: ClassVar[dict] = {
        **SequenceReader._parameter_constraints,
        "return_sequences": ["boolean"],
    }

    @abstractmethod
    def _check_target(self, y: Any, name: str) -> np.ndarray:
        """Return y as an array, if this estimator can predict such targets."""

    @abstractmethod
    def _learn_target(
        self, y: np.ndarray, weights: np.ndarray, partial: bool, classes: Any
    ) -> Target:
        """Return what the network is to predict; `classes` are those that y need not hold all."""

    @abstractmethod
    def _target_values(self, y: np.ndarray, target: Target, name: str) -> np.ndarray:
        """Return what the network is trained on."""

    def _class_weights(
        self, values: np.ndarray, weights: np.ndarray, target: Target
    ) -> np.ndarray | float:
        """Return a factor for each target's weight."""
        del values, weights, target
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
        return self._check_target(layout.join(y, name), name), layout
