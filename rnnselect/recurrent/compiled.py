"""The compiled trainer: whole chunks of training steps in one XLA program."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from keras import ops

from rnnselect.recurrent.architecture import Architecture
from rnnselect.recurrent.batches import Chunk, TrainingSet, score_blocks
from rnnselect.recurrent.chunks import rows_per_step, scoring_steps, steps_per_chunk
from rnnselect.recurrent.memory import refuse_beyond_memory
from rnnselect.recurrent.optimizers import UpdateRule
from rnnselect.recurrent.programs import (
    backend,
    has_training_program,
    scoring_program,
    training_program,
)
from rnnselect.recurrent.stopping import TrainingMonitor
from rnnselect.sequences.batch import SequenceBatch
from rnnselect.speed import SCORING_ROWS

__all__ = ["CompiledTrainer", "compiled_outputs"]


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
    batch_size : int
        Rows of one step, if there are as many samples.
    """

    name = "compiled"
    policy = "float32"

    def __init__(
        self,
        architecture: Architecture,
        update: UpdateRule,
        hyperparameters: np.ndarray,
        batch_size: int,
    ) -> None:
        self.architecture = architecture
        self.update = update
        self.batch_size = batch_size
        self._hyper = ops.convert_to_tensor(hyperparameters)

    def prepare(
        self,
        training: TrainingSet,
        weights: list[Any],
        seed: int,
        optimizer_state: list[np.ndarray] | None = None,
    ) -> None:
        """Take the training part and the initial weights; `seed` drives order and dropout."""
        self._training = training
        longest = training.padded_lengths[-1]
        self._rows = rows_per_step(self.batch_size, training.batch.n_samples)
        refuse_beyond_memory(
            self.architecture,
            batch_size=self._rows,
            n_timesteps=longest,
            n_lengths=len(training.padded_lengths),
        )
        # Scoring keeps the mask: its last bits must not depend on which rows come together.
        full = training.batch.fills_its_array
        self._traced = self.architecture.unmasked(longest) if full else self.architecture
        self._steps_per_chunk = steps_per_chunk(self.architecture, self._rows, longest)
        self._order = np.random.default_rng(seed)
        self._weights = backend.tensors(weights)
        self._slots = [ops.zeros_like(w) for w in self._weights for _ in range(self.update.n_slots)]
        self._done = ops.zeros((), "float32")
        if optimizer_state is not None:
            self._done, *self._slots = backend.tensors(optimizer_state)
        self._seeds: list[Any] | None = None
        self._dropout_seed = seed

    def is_compiled(self) -> bool:
        """Whether this process has all programs for what was prepared."""
        return all(
            has_training_program(
                self._traced, self.update, (self._steps_per_chunk, self._rows, length)
            )
            for length in self._training.padded_lengths
        )

    def release(self) -> None:
        """Do nothing: programs are shared as they are."""

    def run_until(self, monitor: TrainingMonitor) -> None:
        """Train until the monitor says stop."""
        monitor.start(self._weights)
        while not monitor.time_is_up():
            loss_sum = 0.0
            for chunk in self.chunks():
                loss_sum += self.run_chunk(chunk)
                if monitor.time_is_up():
                    return
            if monitor.epoch_done(loss_sum / self._training.n_targets, self._weights):
                return

    def n_steps(self) -> int:
        """Return the number of training steps of one epoch."""
        return self._training.n_steps(self._rows)

    def chunks(self) -> Iterator[Chunk]:
        """Yield the chunks of one epoch, in a fresh random order."""
        return self._training.epoch(self._order, self._rows, self._steps_per_chunk)

    def run_chunk(self, chunk: Chunk) -> float:
        """Take the steps of a chunk and return their summed loss."""
        n_steps = self._steps_per_chunk
        shape = (n_steps, self._rows, chunk.n_timesteps)
        program = training_program(self._traced, self.update, shape)
        if self._seeds is None:
            self._seeds = program.seed_states(self._dropout_seed)
        data = self._training.gather(chunk, self._rows, n_steps)
        self._weights, self._seeds, self._slots, self._done, loss_sum = program(
            self._weights, self._seeds, self._slots, self._done, self._hyper,
            *backend.tensors((np.int32(len(chunk.steps)), *data)),
        )  # fmt: skip
        return float(loss_sum)

    def weights(self) -> list[Any]:
        """Return the current trainable weights."""
        return self._weights

    def optimizer_state(self) -> list[np.ndarray]:
        """Return what the optimizer remembers of its steps, for a later `prepare`."""
        return [ops.convert_to_numpy(value) for value in (self._done, *self._slots)]

    def outputs(self, batch: SequenceBatch, weights: list[Any]) -> np.ndarray:
        """Return the network's outputs before its head, for other weights or sequences."""
        return compiled_outputs(self.architecture, weights, batch, self._training.padded_lengths)


def compiled_outputs(
    architecture: Architecture,
    weights: list[Any],
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
    batch : SequenceBatch
        The sequences.
    lengths : tuple of int
        Padded lengths at which the network was trained.

    Returns
    -------
    ndarray of shape (n_targets, n_outputs)
        Logits or standardised values (float32) of all sequences, or of all their time steps.
    """
    weights = backend.tensors(weights)

    def rows_per_block(n_timesteps: int) -> int:
        return SCORING_ROWS * scoring_steps(architecture, n_timesteps)

    def run(xs: np.ndarray, n_rows: int) -> np.ndarray:
        shape = (len(xs) // SCORING_ROWS, SCORING_ROWS, xs.shape[1])
        program = scoring_program(architecture, shape)
        n_steps = np.int32(-(-n_rows // SCORING_ROWS))
        data = backend.tensors((n_steps, xs.reshape(*shape[:2], *xs.shape[1:])))
        result = ops.convert_to_numpy(program(weights, program.seed_states(0), *data))
        return result.reshape(-1, *result.shape[2:])

    return score_blocks(batch, lengths, rows_per_block, run)
