"""Chooses what trains a network: the compiled programs, or `keras.Model.fit`.

The only door from the estimators to Keras: they import this module when they first need it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import keras
import numpy as np
from scipy.special import expit, log_softmax

from rnnselect.recurrent.architecture import Architecture
from rnnselect.recurrent.batches import Chunk, TrainingSet
from rnnselect.recurrent.network import build_network, current_policy
from rnnselect.recurrent.optimizers import make_optimizer, update_rule
from rnnselect.recurrent.plain import KerasTrainer, plain_outputs
from rnnselect.recurrent.stopping import TrainingMonitor
from rnnselect.sequences.batch import SequenceBatch
from rnnselect.sequences.scaling import Scaling

__all__ = ["Trainer", "build_network", "make_trainer", "mean_loss", "model_outputs"]

COMPILING_BACKENDS = ("jax", "tensorflow")  # of Keras; each has its file, `backend_...`

if keras.backend.backend() in COMPILING_BACKENDS:
    from rnnselect.recurrent.programs import begin_keeping

    begin_keeping()


class Trainer(Protocol):
    """What both trainers do."""

    name: str
    policy: str  # the dtype policy of its network

    def prepare(
        self,
        training: TrainingSet,
        weights: list[Any],
        seed: int,
        optimizer_state: list[np.ndarray] | None = None,
    ) -> None:
        """Take the training part, the initial weights, and what an optimizer remembered."""

    def is_compiled(self) -> bool:
        """Whether training need not compile or trace first."""

    def release(self) -> None:
        """Leave to other fits what can be shared; the trainer is not used any more."""

    def run_until(self, monitor: TrainingMonitor) -> None:
        """Train until the monitor says stop."""

    def n_steps(self) -> int:
        """Return the number of training steps of one epoch."""

    def chunks(self) -> Iterator[Chunk]:
        """Yield the chunks of one epoch, in a fresh random order."""

    def run_chunk(self, chunk: Chunk) -> float:
        """Take the steps of a chunk and return their summed loss."""

    def weights(self) -> list[Any]:
        """Return the current trainable weights."""

    def optimizer_state(self) -> list[np.ndarray]:
        """Return what the optimizer remembers of its steps."""

    def outputs(self, batch: SequenceBatch, weights: list[Any]) -> np.ndarray:
        """Return the outputs before the head."""


def make_trainer(
    engine: str,
    architecture: Architecture,
    *,
    optimizer: str | keras.Optimizer,
    learning_rate: float,
    clipnorm: float | None,
    batch_size: int,
    callbacks: Sequence[Any] | None,
) -> Trainer:
    """Return the trainer that `engine` asks for.

    Parameters
    ----------
    engine : {"auto", "compiled", "keras"}
        "auto" takes the compiled one wherever it gives what `keras.Model.fit` would give.
    architecture : Architecture
        Of the network.
    optimizer, learning_rate, clipnorm, batch_size, callbacks
        As the estimators take them.

    Returns
    -------
    Trainer
        Ready for `prepare`.

    Raises
    ------
    ValueError
        If the compiled engine is asked for and cannot serve; the message says why.
    """
    fresh = make_optimizer(optimizer, learning_rate, clipnorm)
    update = update_rule(fresh)
    obstacle = None if engine == "keras" else _obstacle(fresh, update, callbacks)
    if engine == "compiled" and obstacle:
        raise ValueError(f'engine="compiled" cannot be used: {obstacle}; set engine="auto".')
    if engine == "keras" or obstacle:
        return KerasTrainer(architecture, fresh, batch_size, callbacks or ())
    from rnnselect.recurrent.compiled import CompiledTrainer  # not on every backend

    assert update is not None
    hyper = update.hyperparameters(fresh)
    return CompiledTrainer(architecture, update, hyper, batch_size)


def model_outputs(
    engine: str,
    architecture: Architecture,
    policy: str,
    model: keras.Model,
    outputs: Scaling | None,
    batch: SequenceBatch,
    lengths: tuple[int, ...],
) -> np.ndarray:
    """Return what the fitted `model` returns for a batch, by the engine that trained it.

    Parameters
    ----------
    engine : {"compiled", "keras"}
        Which engine.
    architecture : Architecture
        Of the network.
    policy : str
        Dtype policy of the network, where Keras itself computes.
    model : keras.Model
        The network with its weights.
    outputs : Scaling or None
        The scale to which a linear head's outputs are brought back.
    batch : SequenceBatch
        The sequences, standardised.
    lengths : tuple of int
        Padded lengths at which the network was trained.

    Returns
    -------
    ndarray of shape (n_targets, n_outputs)
        Probabilities or values (float64) of all sequences, or of all their time steps.
    """
    weights = [variable.value for variable in model.trainable_variables]
    if engine == "keras" or not _programs_serve():
        raw = plain_outputs(architecture, policy, weights, batch, lengths)
    else:
        from rnnselect.recurrent.compiled import compiled_outputs

        raw = compiled_outputs(architecture, weights, batch, lengths)
    raw = raw.astype(np.float64)
    if architecture.head == "softmax":
        return np.exp(log_softmax(raw, axis=1))
    if architecture.head == "sigmoid":
        return expit(raw)
    return raw if outputs is None else raw * outputs.scale + outputs.center


def mean_loss(head: str, raw: np.ndarray, targets: np.ndarray, weights: np.ndarray) -> float:
    """Return the weighted mean loss of outputs before the head.

    Parameters
    ----------
    head : {"softmax", "sigmoid", "linear"}
        Cross-entropy, or binary cross-entropy or squared error averaged over outputs.
    raw : ndarray of shape (n_targets, n_outputs)
        Outputs before the head.
    targets : ndarray of shape (n_targets,) or (n_targets, n_outputs)
        Class numbers, or labels or standardised values.
    weights : ndarray of shape (n_targets,)
        Weights of the targets, not all zero.

    Returns
    -------
    float
        NaN or infinite where training diverged.
    """
    raw = raw.astype(np.float64)
    with np.errstate(all="ignore"):  # a diverged network is reported by the caller, once
        if head == "softmax":
            losses = -np.take_along_axis(log_softmax(raw, axis=1), targets[:, None], axis=1)[:, 0]
        elif head == "sigmoid":
            losses = (np.logaddexp(0.0, raw) - targets * raw).mean(axis=1)
        else:
            losses = np.square(raw - targets).mean(axis=1)
        return float(np.average(losses, weights=weights))


def _obstacle(optimizer: keras.Optimizer, update: Any, callbacks: Any) -> str | None:
    """Say why the compiled engine cannot serve, or None where it can."""
    if keras.backend.backend() not in COMPILING_BACKENDS:
        return f"Keras runs on the backend {keras.backend.backend()!r}"
    if update is None:
        return f"{type(optimizer).__name__} with these settings has no compiled update"
    if callbacks:
        return "callbacks need keras.Model.fit"
    if current_policy() != "float32":
        return f"the dtype policy is {current_policy()!r}, not 'float32'"
    from rnnselect.recurrent.programs import backend

    if backend.accelerated():
        return "there is a GPU or TPU, whose own kernels are faster"
    if not _programs_serve():
        return "this process holds as many compiled programs as it safely can"
    return None


def _programs_serve() -> bool:
    """Whether this process can run programs: its backend, and its room for more of them."""
    if keras.backend.backend() not in COMPILING_BACKENDS:
        return False
    from rnnselect.recurrent.programs import room_for_programs

    return room_for_programs()
