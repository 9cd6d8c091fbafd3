"""Which rows make which training step: shuffling, length buckets, weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rnnselect.sequences.batch import SequenceBatch
from rnnselect.sequences.lengths import assign_buckets, grid_length, padded_lengths

__all__ = ["Chunk", "TrainingSet", "scoring_blocks"]

# Steps of one length bucket that follow each other before the next bucket may come. It is
# independent of the chunk size, so that the chunk size never changes a result.
STEPS_PER_RUN = 16


@dataclass(frozen=True, eq=False, slots=True)
class Chunk:
    """Some training steps of one padded length.

    Parameters
    ----------
    n_timesteps : int
        Padded length.
    steps : list of ndarray of shape (n_rows,)
        The rows of each step; at most ``batch_size`` each.
    """

    n_timesteps: int
    steps: list[np.ndarray]


@dataclass(frozen=True, eq=False)
class TrainingSet:
    """The training part: sequences, targets and weights.

    Parameters
    ----------
    batch : SequenceBatch
        The sequences.
    targets : ndarray of shape (n_samples,) or (n_samples, n_outputs)
        Class numbers (int32) or standardised values (float32).
    weights : ndarray of shape (n_samples,)
        Sample weights of mean 1 (float32).
    """

    batch: SequenceBatch
    targets: np.ndarray
    weights: np.ndarray

    @cached_property
    def padded_lengths(self) -> tuple[int, ...]:
        """The padded lengths at which this set is trained, ascending."""
        return padded_lengths(self.batch.lengths, self.batch.stride)

    def n_steps(self, batch_size: int) -> int:
        """Return the number of steps of one epoch."""
        counts = np.bincount(self._bucket_of_row, minlength=len(self.padded_lengths))
        return int((-(-counts // batch_size)).sum())

    def epoch(
        self, order: np.random.Generator, batch_size: int, steps_per_chunk: int
    ) -> Iterator[Chunk]:
        """Yield the chunks of one epoch, in a fresh random order.

        Parameters
        ----------
        order : numpy.random.Generator
            Source of the order; moves on by one epoch.
        batch_size : int
            Rows of one step.
        steps_per_chunk : int
            Steps of one chunk at most; does not change which rows meet in a step, nor the
            order of the steps.

        Yields
        ------
        Chunk
            The next steps, all of one padded length.
        """
        for bucket, run in self._runs(order, batch_size):
            for start in range(0, len(run), steps_per_chunk):
                yield Chunk(self.padded_lengths[bucket], run[start : start + steps_per_chunk])

    def gather(
        self, chunk: Chunk, batch_size: int, n_steps: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return a chunk's data, padded to full steps and to `n_steps` of them.

        Returns
        -------
        xs : ndarray of shape (n_steps, batch_size, n_timesteps[, n_channels])
            Sequences; rows that only fill up repeat another row.
        ys : ndarray of shape (n_steps, batch_size[, n_outputs])
            Targets.
        weights : ndarray of shape (n_steps, batch_size)
            Sample weights; 0 for rows that only fill up.
        counts : ndarray of shape (n_steps,)
            Real rows of each step.
        """
        rows = np.full((n_steps, batch_size), chunk.steps[0][0])
        weights = np.zeros((n_steps, batch_size), np.float32)
        counts = np.ones(n_steps, np.float32)
        for i, step in enumerate(chunk.steps):
            rows[i, : len(step)] = step
            weights[i, : len(step)] = self.weights[step]
            counts[i] = len(step)
        flat = rows.ravel()
        xs = self.batch.padded(flat, chunk.n_timesteps)
        xs = xs.reshape(n_steps, batch_size, *xs.shape[1:])
        ys = self.targets[flat].reshape(n_steps, batch_size, *self.targets.shape[1:])
        return xs, ys, weights, counts

    def _runs(
        self, order: np.random.Generator, batch_size: int
    ) -> list[tuple[int, list[np.ndarray]]]:
        runs = []
        for bucket in range(len(self.padded_lengths)):
            rows = order.permutation(np.flatnonzero(self._bucket_of_row == bucket))
            steps = [rows[i : i + batch_size] for i in range(0, len(rows), batch_size)]
            if len(self.padded_lengths) == 1:
                return [(bucket, steps)]
            runs += [
                (bucket, steps[i : i + STEPS_PER_RUN]) for i in range(0, len(steps), STEPS_PER_RUN)
            ]
        return [runs[i] for i in order.permutation(len(runs))]

    @cached_property
    def _bucket_of_row(self) -> np.ndarray:
        return assign_buckets(self.batch.lengths, self.padded_lengths)


def scoring_blocks(
    batch: SequenceBatch, lengths: tuple[int, ...], rows_per_block: Callable[[int], int]
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Cut sequences into full blocks, so that no row's score depends on how many others there are.

    Parameters
    ----------
    batch : SequenceBatch
        The sequences.
    lengths : tuple of int
        Padded lengths that are compiled already, ascending; a further one is added where a
        sequence is longer than all of them.
    rows_per_block : callable
        Takes a padded length, returns the number of rows of a block of that length.

    Yields
    ------
    rows : ndarray of shape (n_rows,)
        Which sequences the block starts with; the rest of it repeats them.
    xs : ndarray of shape (rows_per_block, n_timesteps[, n_channels])
        The block.
    """
    if batch.max_length > lengths[-1]:
        lengths = (*lengths, grid_length(batch.max_length))
    bucket_of_row = assign_buckets(batch.lengths, lengths)
    for bucket, n_timesteps in enumerate(lengths):
        rows = np.flatnonzero(bucket_of_row == bucket)
        size = rows_per_block(n_timesteps)
        for start in range(0, len(rows), size):
            part = rows[start : start + size]
            yield part, batch.padded(np.resize(part, size), n_timesteps)
