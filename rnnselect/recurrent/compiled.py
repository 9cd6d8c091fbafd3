"""The compiled trainer: whole chunks of training steps in one XLA program."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from rnnselect.recurrent.architecture import Architecture
from rnnselect.recurrent.batches import Chunk, TrainingSet, scoring_blocks
from rnnselect.recurrent.network import seed_states
from rnnselect.recurrent.optimizers import UpdateRule
from rnnselect.recurrent.programs import scoring_program, training_program
from rnnselect.recurrent.stopping import TrainingMonitor
from rnnselect.sequences.batch import SequenceBatch
from rnnselect.sequences.scaling import Scaling

__all__ = ["CompiledTrainer", "compiled_outputs", "steps_per_chunk"]

# A chunk should last about a quarter of a second, so that deadlines are kept, and be long enough
# that the few milliseconds of calling a program do not count. Its size must not depend on a
# clock (it is part of a program's shape), so it follows from the arithmetic at a nominal speed.
CHUNK_SECONDS = 0.25
NOMINAL_FLOPS_PER_SECOND = 20e9
MAX_STEPS_PER_CHUNK = 32
# Rows of one scoring step: enough for good matrix products, few enough to waste little on a
# small validation part.
SCORING_ROWS = 64
SCORING_STEPS = 16


class CompiledTrainer:
    """Trains one network with a compiled program; see `plain.KerasTrainer` for the other one.

    Parameters
    ----------
    architecture : Architecture
        Of the network.
    update : UpdateRule
        Of the optimizer.
    hyperparameters : ndarray
        The optimizer's settings, as `UpdateRule.hyperparameters` returns them.
    scaling : Scaling
        Standardisation of the channels.
    batch_size : int
        Rows of one step.
    """

    name = "compiled"

    def __init__(
        self,
        architecture: Architecture,
        update: UpdateRule,
        hyperparameters: np.ndarray,
        scaling: Scaling,
        batch_size: int,
    ) -> None:
        self.architecture = architecture
        self.update = update
        self.scaling = scaling
        self.batch_size = batch_size
        self._hyper = tf.constant(hyperparameters)
        self._affine = (tf.constant(scaling.center), tf.constant(scaling.scale))

    def prepare(self, training: TrainingSet, weights: list[Any], seed: int) -> None:
        """Take the training part and the initial weights; `seed` drives order and dropout."""
        self._training = training
        longest = training.padded_lengths[-1]
        # Scoring keeps the mask: its last bits must not depend on which rows come together.
        full = training.batch.fills_its_array
        self._traced = self.architecture.unmasked(longest) if full else self.architecture
        self._steps_per_chunk = steps_per_chunk(self.architecture, self.batch_size, longest)
        self._order = np.random.default_rng(seed)
        self._weights = [tf.convert_to_tensor(weight) for weight in weights]
        self._slots = [tf.zeros_like(w) for w in self._weights for _ in range(self.update.n_slots)]
        self._done = tf.constant(0.0)
        self._seeds: list[Any] | None = None
        self._dropout_seed = seed

    def run_until(self, monitor: TrainingMonitor) -> None:
        """Train until the monitor says stop."""
        monitor.start(self._weights)
        while not monitor.time_is_up():
            loss_sum = 0.0
            for chunk in self.chunks():
                loss_sum += self.run_chunk(chunk)
                if monitor.time_is_up():
                    return
            if monitor.epoch_done(loss_sum / self._training.batch.n_samples, self._weights):
                return

    def n_steps(self) -> int:
        """Return the number of training steps of one epoch."""
        return self._training.n_steps(self.batch_size)

    def chunks(self) -> Iterator[Chunk]:
        """Yield the chunks of one epoch, in a fresh random order."""
        return self._training.epoch(self._order, self.batch_size, self._steps_per_chunk)

    def run_chunk(self, chunk: Chunk) -> float:
        """Take the steps of a chunk and return their summed loss."""
        n_steps = self._steps_per_chunk
        shape = (n_steps, self.batch_size, chunk.n_timesteps)
        program = training_program(self._traced, self.update, shape)
        if self._seeds is None:
            states = seed_states(program.network, self._dropout_seed)
            self._seeds = [tf.constant(state) for state in states]
        xs, ys, weights, counts = self._training.gather(chunk, self.batch_size, n_steps)
        self._weights, self._seeds, self._slots, self._done, loss_sum = program(
            self._weights, self._seeds, self._slots, self._done, self._hyper, *self._affine,
            tf.constant(len(chunk.steps)), tf.constant(xs), tf.constant(ys),
            tf.constant(weights), tf.constant(counts),
        )  # fmt: skip
        return float(loss_sum)

    def weights(self) -> list[Any]:
        """Return the current trainable weights."""
        return self._weights

    def outputs(self, batch: SequenceBatch, weights: list[Any]) -> np.ndarray:
        """Return the network's outputs before its head, for other weights or sequences."""
        lengths = self._training.padded_lengths
        return compiled_outputs(self.architecture, weights, self.scaling, batch, lengths)


def compiled_outputs(
    architecture: Architecture,
    weights: list[Any],
    scaling: Scaling,
    batch: SequenceBatch,
    lengths: tuple[int, ...],
) -> np.ndarray:
    """Compute a network's outputs before its head, in blocks of one fixed shape.

    Parameters
    ----------
    architecture : Architecture
        Of the network.
    weights : list of array
        Its trainable weights.
    scaling : Scaling
        Standardisation of the channels.
    batch : SequenceBatch
        The sequences.
    lengths : tuple of int
        Padded lengths at which the network was trained.

    Returns
    -------
    ndarray of shape (n_samples, n_outputs)
        Logits or standardised values (float32).
    """
    outputs = np.empty((batch.n_samples, architecture.n_outputs), np.float32)
    weights = [tf.convert_to_tensor(weight) for weight in weights]
    affine = (tf.constant(scaling.center), tf.constant(scaling.scale))

    def rows_per_block(n_timesteps: int) -> int:
        steps = steps_per_chunk(architecture, SCORING_ROWS, n_timesteps)
        return SCORING_ROWS * min(SCORING_STEPS, steps)

    for rows, xs in scoring_blocks(batch, lengths, rows_per_block):
        shape = (len(xs) // SCORING_ROWS, SCORING_ROWS, xs.shape[1])
        program = scoring_program(architecture, shape)
        seeds = [tf.constant(state) for state in seed_states(program.network, 0)]
        n_steps = tf.constant(-(-len(rows) // SCORING_ROWS))
        xs = tf.constant(xs.reshape(*shape[:2], *xs.shape[1:]))
        result = program(weights, seeds, *affine, n_steps, xs).numpy()
        outputs[rows] = result.reshape(-1, architecture.n_outputs)[: len(rows)]
    return outputs


def steps_per_chunk(architecture: Architecture, batch_size: int, n_timesteps: int) -> int:
    """Return how many steps one call of a program runs at most: a power of two.

    Parameters
    ----------
    architecture : Architecture
        Of the network.
    batch_size, n_timesteps : int
        Rows and padded length of one step.

    Returns
    -------
    int
        Between 1 and `MAX_STEPS_PER_CHUNK`.
    """
    flops = 3 * batch_size * n_timesteps * architecture.flops_per_timestep()
    steps = CHUNK_SECONDS * NOMINAL_FLOPS_PER_SECOND / flops
    return int(2 ** np.clip(np.floor(np.log2(steps)), 0, np.log2(MAX_STEPS_PER_CHUNK)))
