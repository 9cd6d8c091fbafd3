"""What a fit has decided and learnt: one record, which an estimator takes over as a whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rnnselect.recurrent.architecture import Architecture
from rnnselect.recurrent.batches import TrainingSet
from rnnselect.recurrent.continuation import OptimizerMemory
from rnnselect.recurrent.reader import Vocabulary
from rnnselect.recurrent.target import Target
from rnnselect.sequences.form import InputForm
from rnnselect.sequences.scaling import Scaling

__all__ = ["FitState", "Prepared"]


@dataclass(frozen=True, eq=False, slots=True)
class FitState:
    """Everything that `predict` and a later `partial_fit` need, beside the weights.

    Parameters
    ----------
    form : InputForm
        Of X.
    n_timesteps : int
        Time steps of the longest sequence.
    vocabulary : Vocabulary or None
        Of X, where it holds token ids.
    target : Target
        What is predicted.
    shaped_by : dict of str to object
        The parameters that shaped the network, as they were.
    architecture : Architecture
        Of the network.
    inputs : Scaling
        Standardisation of the channels.
    lengths : tuple of int
        Padded lengths at which the network is trained.
    seeds : RandomState or None
        Where the next call of `partial_fit` gets its seeds; None for fresh ones.
    memory : OptimizerMemory or None, default=None
        What the optimizer remembers between calls of `partial_fit`.
    history : dict of str to list of float, default={}
        Losses of each epoch.
    stop_reason, engine : str, default=""
        What ended the training, and what trained; not known before.
    policy : str, default="float32"
        Keras' dtype policy of the network.
    """

    form: InputForm
    n_timesteps: int
    vocabulary: Vocabulary | None
    target: Target
    shaped_by: dict[str, Any]
    architecture: Architecture
    inputs: Scaling
    lengths: tuple[int, ...]
    seeds: np.random.RandomState | None
    memory: OptimizerMemory | None = None
    history: dict[str, list[float]] = field(default_factory=dict)
    stop_reason: str = ""
    engine: str = ""
    policy: str = "float32"

    def attributes(self) -> dict[str, Any]:
        """Return the public fitted attributes, except for the network."""
        optional = {
            "classes_": self.target.classes,
            "vocabulary_size_": self.vocabulary and self.vocabulary.n_rows,
        }
        return {
            **self.form.attributes(),
            **{name: value for name, value in optional.items() if value is not None},
            "n_timesteps_in_": self.n_timesteps,
            "history_": self.history,
            "n_epochs_": len(self.history.get("loss", ())),
            "stop_reason_": self.stop_reason,
            "engine_": self.engine,
        }


@dataclass(frozen=True, eq=False, slots=True)
class Prepared:
    """What is known once all input has been checked; nothing has been trained.

    Parameters
    ----------
    state : FitState
        As far as it is decided before training.
    training : TrainingSet
        The training part.
    validation : TrainingSet or None
        The validation part.
    seed : int
        Of the initial weights, the order of samples and dropout.
    """

    state: FitState
    training: TrainingSet
    validation: TrainingSet | None
    seed: int
