"""The plain trainer: `keras.Model.fit`, for GPUs, other backends, callbacks and optimizers."""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np

from rnnselect.recurrent.architecture import Architecture
from rnnselect.recurrent.batches import Chunk, TrainingSet, score_blocks
from rnnselect.recurrent.network import build_network, current_policy, seed_dtypes, seed_states
from rnnselect.recurrent.stopping import TrainingMonitor
from rnnselect.sequences.batch import SequenceBatch

__all__ = ["KerasTrainer", "plain_outputs"]

SCORING_ROWS = 256
# Tracing a network takes a second or two, as long as many epochs, so traced networks are kept for
# the next fold: so many for training and for scoring, of up to so many parameters.
IDLE_NETWORKS = 8
IDLE_PARAMETERS = 2_000_000
_LOSSES = {
    "softmax": lambda: keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    "sigmoid": lambda: keras.losses.BinaryCrossentropy(from_logits=True),
    "linear": keras.losses.MeanSquaredError,
}


class _IdleNetworks:
    """Keeps traced networks for their next use; whoever takes one has it alone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[tuple[Any, keras.Model]] = []  # the least recently used first

    def take(self, key: Any) -> keras.Model | None:
        with self._lock:
            for i in reversed(range(len(self._idle))):
                if self._idle[i][0] == key:
                    return self._idle.pop(i)[1]
        return None

    def holds(self, key: Any) -> bool:
        with self._lock:
            return any(each == key for each, _ in self._idle)

    def give_back(self, key: Any, network: keras.Model) -> None:
        if network.count_params() > IDLE_PARAMETERS:
            return
        with self._lock:
            self._idle.append((key, network))
            del self._idle[:-IDLE_NETWORKS]


_scoring_networks, _training_networks = _IdleNetworks(), _IdleNetworks()


class KerasTrainer:
    """Trains one network with `keras.Model.fit`; same steps as `compiled.CompiledTrainer`.

    Parameters
    ----------
    architecture : Architecture
        Of the network.
    optimizer : keras.Optimizer
        A fresh optimizer.
    batch_size : int
        Rows of one step.
    callbacks : sequence of keras.callbacks.Callback
        Copied, so that the user's own objects keep no reference to the network.
    """

    name = "keras"

    def __init__(
        self,
        architecture: Architecture,
        optimizer: keras.Optimizer,
        batch_size: int,
        callbacks: Sequence[Any] = (),
    ) -> None:
        self.architecture = architecture
        self.batch_size = batch_size
        self.policy = current_policy()
        self._callbacks = [copy.deepcopy(callback) for callback in callbacks]
        self._optimizer = optimizer
        own = _optimizer_key(optimizer)
        # Keras scales the loss of float16 by an optimizer of its own, whose state it hides.
        sharable = own is not None and self.policy != "mixed_float16"
        self._key = (architecture, self.policy, own) if sharable else None

    def prepare(
        self,
        training: TrainingSet,
        weights: list[Any],
        seed: int,
        optimizer_state: list[np.ndarray] | None = None,
    ) -> None:
        """Take the training part and the initial weights; `seed` drives order and dropout."""
        self._training = training
        self._order = np.random.default_rng(seed)
        traced = _training_networks.take(self._key) if self._key else None
        self._network = self._compiled_network() if traced is None else traced
        variables = self._network.trainable_variables
        self._loss, self._shapes = self._network.loss, [v.shape for v in variables]
        if traced is not None:
            fresh, self._optimizer = self._optimizer, traced.optimizer
            fresh.build(variables)
            _assign(self._optimizer.variables, [v.value for v in fresh.variables])
        _assign(variables, weights)
        seeds = seed_states(seed_dtypes(self._network), seed)
        _assign(self._network.non_trainable_variables, seeds)
        if optimizer_state is not None:
            if traced is None:
                self._optimizer.build(variables)
            _assign(self._optimizer_variables(), optimizer_state)

    def _compiled_network(self) -> keras.Model:
        network = build_network(self.architecture, head=False, policy=self.policy)
        # An operation hides the mask of the time steps, by which Keras would weigh the loss again.
        network = keras.Model(network.input, keras.ops.add(network.output, 0.0))
        network.compile(optimizer=self._optimizer, loss=_LOSSES[self.architecture.head]())
        return network

    def is_compiled(self) -> bool:
        """Whether a traced network is there, for the next `prepare`."""
        return self._key is not None and _training_networks.holds(self._key)

    def release(self) -> None:
        """Leave the traced network to the next fit; nothing can be asked of this trainer then."""
        network = self._network
        as_it_was = (  # or a callback has made something else of it
            network.optimizer is self._optimizer
            and network.loss is self._loss
            and network.train_function is not None
            and [v.shape for v in network.trainable_variables] == self._shapes
        )
        if self._key and as_it_was:
            _training_networks.give_back(self._key, network)

    def run_steps(self, n_steps: int, n_epochs: int = 1) -> None:
        """Take some steps as a fit takes them, to time a fit."""
        self._network.fit(
            self._feed(), steps_per_epoch=n_steps, epochs=n_epochs, shuffle=False, verbose=0
        )

    def run_until(self, monitor: TrainingMonitor) -> None:
        """Train until the monitor says stop."""
        monitor.start(self.weights())
        if monitor.time_is_up():
            return
        self._network.fit(
            self._feed(),
            steps_per_epoch=self.n_steps(),
            epochs=monitor.rule.max_epochs,
            callbacks=[_MonitorCallback(self, monitor), *self._callbacks],
            shuffle=False,  # the batches come shuffled
            verbose=0,
        )
        if monitor.stop_reason == "max_epochs" and monitor.n_epochs < monitor.rule.max_epochs:
            monitor.stop_reason = "callback"

    def n_steps(self) -> int:
        """Return the number of training steps of one epoch."""
        return self._training.n_steps(self.batch_size)

    def chunks(self) -> Iterator[Chunk]:
        """Yield the steps of one epoch, in a fresh random order."""
        return self._training.epoch(self._order, self.batch_size, 1)

    def run_chunk(self, chunk: Chunk) -> float:
        """Take one step and return its summed loss."""
        self._network.reset_metrics()  # or Keras would return the mean loss of all steps so far
        xs, ys, weights = self._step(chunk)
        loss = self._network.train_on_batch(xs, ys, sample_weight=weights)
        return float(np.asarray(loss)) * self._training.count(chunk.steps[0])

    def weights(self) -> list[Any]:
        """Return the current trainable weights."""
        return [np.array(np.asarray(v)) for v in self._network.trainable_variables]

    def optimizer_state(self) -> list[np.ndarray]:
        """Return what the optimizer remembers of its steps, for a later `prepare`."""
        return [np.array(np.asarray(v)) for v in self._optimizer_variables()]

    def outputs(self, batch: SequenceBatch, weights: list[Any]) -> np.ndarray:
        """Return the network's outputs before its head; `weights` must be the current ones."""
        del weights
        return _score(self._network, batch, self._training.padded_lengths)

    def callbacks(self, model: keras.Model) -> list[Any]:
        """Return the callbacks that have followed the training; theirs is `model` from now on."""
        for callback in self._callbacks:
            callback._model = model  # `set_model` may do more, such as write a log
        return self._callbacks

    def _optimizer_variables(self) -> list[keras.Variable]:
        # The learning rate is a variable as well, but no memory: the user may change it.
        rate = getattr(self._optimizer, "_learning_rate", None)
        return [variable for variable in self._optimizer.variables if variable is not rate]

    def _feed(self) -> Any:
        """Return the batches of all epochs in a form that leaves their lengths open.

        On TensorFlow, Keras (3.15) infers the shape of a generator's batches from the first two,
        and refuses every other length where these happen to have the same.
        """
        if keras.backend.backend() != "tensorflow":
            return self._endless_batches()
        import tensorflow as tf

        def spec(array: np.ndarray, n_open: int) -> tf.TensorSpec:
            return tf.TensorSpec([None] * n_open + list(array.shape[n_open:]), array.dtype)

        lengths = self._training.padded_lengths
        xs, ys, weights = self._step(Chunk(lengths[-1], [np.arange(1)]))
        n_open = 1 if len(lengths) == 1 else 2
        n_open_targets = min(n_open, weights.ndim)
        signature = (spec(xs, n_open), spec(ys, n_open_targets), spec(weights, n_open_targets))
        return tf.data.Dataset.from_generator(self._endless_batches, output_signature=signature)

    def _endless_batches(self) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        while True:
            for chunk in self.chunks():
                yield self._step(chunk)

    def _step(self, chunk: Chunk) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        rows = chunk.steps[0]
        xs, ys, weights = self._training.block(rows, chunk.n_timesteps)
        # Keras divides by the number of all targets of the batch, padding included.
        return xs, ys, weights * np.float32(weights.size / self._training.count(rows))


class _MonitorCallback(keras.callbacks.Callback):
    """Lets the monitor, which both trainers share, end `keras.Model.fit`."""

    def __init__(self, trainer: KerasTrainer, monitor: TrainingMonitor) -> None:
        super().__init__()
        self._trainer = trainer
        self._monitor = monitor

    def on_train_batch_end(self, batch, logs=None) -> None:
        del batch, logs
        if self._monitor.time_is_up():
            self.model.stop_training = True

    def on_epoch_end(self, epoch, logs=None) -> None:
        del epoch
        if self._monitor.stop_reason == "deadline":
            return
        if self._monitor.epoch_done(float(logs["loss"]), self._trainer.weights()):
            self.model.stop_training = True
        for name, losses in self._monitor.history.items():
            logs[name] = losses[-1]  # the user's callbacks come later and find val_loss too


def plain_outputs(
    architecture: Architecture,
    policy: str,
    weights: list[Any],
    batch: SequenceBatch,
    lengths: tuple[int, ...],
) -> np.ndarray:
    """Compute a network's outputs before its head with Keras' own call, in blocks of one shape.

    Parameters
    ----------
    architecture : Architecture
        Of the network.
    policy : str
        Its dtype policy.
    weights : list of array
        Its trainable weights.
    batch : SequenceBatch
        The sequences, standardised.
    lengths : tuple of int
        Padded lengths at which the network was trained.

    Returns
    -------
    ndarray of shape (n_targets, n_outputs)
        The outputs (float32) of all sequences, or of all their time steps end to end.
    """
    key = (architecture, policy)
    network = _scoring_networks.take(key)
    if network is None:
        network = build_network(architecture, head=False, policy=policy)
    _assign(network.trainable_variables, weights)
    outputs = _score(network, batch, lengths)
    _scoring_networks.give_back(key, network)
    return outputs


def _score(network: keras.Model, batch: SequenceBatch, lengths: tuple[int, ...]) -> np.ndarray:
    return score_blocks(
        batch, lengths, lambda _: SCORING_ROWS, lambda xs, _: network.predict_on_batch(xs)
    )


def _optimizer_key(optimizer: keras.Optimizer) -> Any:
    """Return what fits that share a traced network must have in common in their optimizers."""
    if not type(optimizer).__module__.startswith("keras."):
        return None  # may keep more than its variables
    config = optimizer.get_config()
    if isinstance(config["learning_rate"], float):
        del config["learning_rate"]  # a variable
    return type(optimizer).__name__, repr(sorted(config.items()))


def _assign(variables: list[keras.Variable], values: list[Any]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(np.array(value))  # a copy: training on JAX deletes the arrays that it takes
