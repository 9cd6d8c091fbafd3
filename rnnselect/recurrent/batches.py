"""Which rows make which training step: shuffling, length buckets, weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rnnselect.recurrent.steps import StepLayout
from rnnselect.sequences.batch import SequenceBatch
from rnnselect.sequences.lengths import assign_buckets, padded_lengths

__all__ = ["Chunk", "TrainingSet", "score_blocks", "scoring_blocks"]

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
    targets : ndarray of shape (n_targets,) or (n_targets, n_outputs)
        Class numbers (int32), or standardised values or labels (float32): one for each sequence,
        or one for each of its time steps, end to end.
    weights : ndarray of shape (n_targets,)
        Weights of the targets, of mean 1 (float32).
    layout : StepLayout or None, default=None
        Where each sequence's targets are; None where it has one only.
    earlier_lengths : tuple of int, default=()
        Padded lengths at which programs are there already; they are kept if they are enough.
    """

    batch: SequenceBatch
    targets: np.ndarray
    weights: np.ndarray
    layout: StepLayout | None = None
    earlier_lengths: tuple[int, ...] = ()

    @property
    def n_targets(self) -> int:
        """Number of targets: sequences, or time steps."""
        return len(self.targets)

    @property
    def row_weights(self) -> np.ndarray:
        """Mean weight of each sequence's targets, of shape (n_samples,)."""
        if self.layout is None:
            return self.weights
        return np.add.reduceat(self.weights, self.layout.starts) / self.layout.lengths

    def part(self, rows: np.ndarray, earlier_lengths: tuple[int, ...] = ()) -> TrainingSet | None:
        """Return some of the sequences, their weights brought to the mean 1; None for none."""
        if len(rows) == 0:
            return None
        batch, layout, where = self.batch.rows(rows), self.layout, rows
        if layout is not None:
            layout, where = StepLayout(batch.lengths), layout.positions_of(rows)
        own = self.weights[where]
        weights = (own / own.mean()).astype(np.float32)
        return TrainingSet(batch, self.targets[where], weights, layout, earlier_lengths)

    @cached_property
    def padded_lengths(self) -> tuple[int, ...]:
        """The padded lengths at which this set is trained, ascending."""
        earlier = self.earlier_lengths
        if earlier and not self.batch.fills_its_array and self.batch.max_length <= earlier[-1]:
            return earlier
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

    def block(
        self, rows: np.ndarray, n_timesteps: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return some sequences, padded, with their targets and weights.

        Returns
        -------
        xs : ndarray of shape (n_rows, n_timesteps[, n_channels])
            Sequences.
        ys : ndarray of shape (n_rows[, n_timesteps][, n_outputs])
            Targets.
        weights : ndarray of shape (n_rows[, n_timesteps])
            Their weights; 0 where a time step is padding.
        """
        xs = self.batch.padded(rows, n_timesteps)
        if self.layout is None:
            return xs, self.targets[rows], self.weights[rows]
        where, present = self.layout.positions(rows, n_timesteps)
        return xs, self.targets[where], self.weights[where] * present

    def count(self, rows: np.ndarray) -> int:
        """Return the number of targets of some sequences."""
        return len(rows) if self.layout is None else int(self.layout.lengths[rows].sum())

    def gather(
        self, chunk: Chunk, batch_size: int, n_steps: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return a chunk's data, padded to full steps, with empty ones up to `n_steps`.

        Returns
        -------
        xs : ndarray of shape (n_steps, batch_size, n_timesteps[, n_channels])
            Sequences; rows that only fill up repeat another row.
        ys : ndarray of shape (n_steps, batch_size[, n_timesteps][, n_outputs])
            Targets.
        weights : ndarray of shape (n_steps, batch_size[, n_timesteps])
            Their weights; 0 for rows that only fill up, and for padding.
        counts : ndarray of shape (n_steps,)
            Real targets of each step.
        """
        shape = len(chunk.steps), batch_size
        rows, filled = np.full(shape, chunk.steps[0][0]), np.zeros(shape, bool)
        counts = np.ones(len(chunk.steps), np.float32)
        for i, step in enumerate(chunk.steps):
            rows[i, : len(step)] = step
            filled[i, : len(step)] = True
            counts[i] = self.count(step)
        xs, ys, weights = self.block(rows.ravel(), chunk.n_timesteps)
        xs, ys, weights = (a.reshape(*shape, *a.shape[1:]) for a in (xs, ys, weights))
        weights[~filled] = 0
        xs, ys, weights, counts = (_lengthened(a, n_steps) for a in (xs, ys, weights, counts))
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


def _lengthened(array: np.ndarray, length: int) -> np.ndarray:
    """Return an array with zeros after its last row, if it is shorter than `length`."""
    if len(array) == length:
        return array
    longer = np.zeros((length, *array.shape[1:]), array.dtype)
    longer[: len(array)] = array
    return longer


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
        Which sequences the block starts with; the rest of it is zeros.
    xs : ndarray of shape (rows_per_block, n_timesteps[, n_channels])
        The block.
    """
    if batch.max_length > lengths[-1]:
        lengths = (*lengths, 2 ** (batch.max_length - 1).bit_length())
    bucket_of_row = assign_buckets(batch.lengths, lengths)
    for bucket, n_timesteps in enumerate(lengths):
        rows = np.flatnonzero(bucket_of_row == bucket)
        size = rows_per_block(n_timesteps)
        for start in range(0, len(rows), size):
            part = rows[start : start + size]
            yield part, _lengthened(batch.padded(part, n_timesteps), size)


def score_blocks(
    batch: SequenceBatch,
    lengths: tuple[int, ...],
    rows_per_block: Callable[[int], int],
    run: Callable[[np.ndarray, int], np.ndarray],
) -> np.ndarray:
    """Compute the outputs of sequences block by block.

    Parameters
    ----------
    batch, lengths, rows_per_block
        As for `scoring_blocks`.
    run : callable
        Takes a block and the number of its rows that count, and returns their outputs, of shape
        ``(n_rows[, n_timesteps], n_outputs)``; further rows are left out.

    Returns
    -------
    ndarray of shape (n_targets, n_outputs)
        Outputs of all sequences, or of all their time steps, end to end (float32).
    """
    layout, outputs = StepLayout(batch.lengths), np.empty(0, np.float32)
    for rows, xs in scoring_blocks(batch, lengths, rows_per_block):
        result = run(xs, len(rows))[: len(rows)]
        where, per_step = rows, result.ndim == 3
        if per_step:
            where, present = layout.positions(rows, xs.shape[1])
            where, result = where[present], result[present]
        if not outputs.size:
            n_targets = int(layout.lengths.sum()) if per_step else batch.n_samples
            outputs = np.empty((n_targets, result.shape[-1]), np.float32)
        outputs[where] = result
    return outputs
