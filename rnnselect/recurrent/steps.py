"""Targets of every time step: stored end to end, found again for each sequence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from rnnselect.sequences.masks import without_mask

__all__ = ["StepLayout", "is_array_of_steps", "refuse_steps"]


def is_array_of_steps(y: Any) -> bool:
    """Whether y holds the targets of all time steps in one array, and not in a list of arrays."""
    return len(getattr(y, "shape", ())) > 1


def refuse_steps(y: Any, name: str) -> None:
    """Raise an error that says so, if y seems to hold the targets of every time step.

    Parameters
    ----------
    y : array-like
        What was given where each sequence has one target.
    name : str
        Of y, for the error.

    Raises
    ------
    ValueError
        If y is a list or an array of arrays of several lengths.
    """
    parts = [part for part in y if hasattr(part, "__len__") and not isinstance(part, str)]
    shapes = {np.shape(part) for part in parts}
    if len(shapes) > 1 or (shapes and len(getattr(y, "shape", ())) == 1):
        raise ValueError(
            f"{name} holds arrays of the shapes {sorted(shapes)[:3]}, and not one target for each "
            "sequence; to label every time step, set return_sequences=True."
        )


@dataclass(frozen=True, eq=False)
class StepLayout:
    """Where each sequence's targets are, when those of all sequences are stored end to end.

    Parameters
    ----------
    lengths : ndarray of shape (n_samples,)
        Number of time steps of each sequence, padding at its end not counted.
    """

    lengths: np.ndarray

    @cached_property
    def starts(self) -> np.ndarray:
        """The position of each sequence's first target."""
        return np.cumsum(self.lengths) - self.lengths

    def join(self, y: Any, name: str) -> np.ndarray:
        """Return the targets of all time steps end to end.

        Parameters
        ----------
        y : list of array-like, or array-like of shape (n_samples, n_timesteps[, n_outputs])
            The targets of each sequence.
        name : str
            Of y, for the errors.

        Returns
        -------
        ndarray of shape (n_targets,) or (n_targets, n_outputs)
            As many targets as there are time steps.

        Raises
        ------
        ValueError
            If a sequence has more or fewer targets than time steps.
        """
        y = without_mask(y, name)
        parts = [np.asarray(part) for part in (np.asarray(y) if is_array_of_steps(y) else y)]
        for i, (part, length) in enumerate(zip(parts, self.lengths, strict=True)):
            if part.ndim == 0:
                raise ValueError(
                    f"{name}[{i}] is one target ({part.item()!r}), but return_sequences=True asks "
                    "for one at each time step: give a list of arrays of shape (n_timesteps_i,), "
                    "or set return_sequences=False."
                )
            if len(part) != length:
                raise ValueError(
                    f"{name}[{i}] has {len(part)} target(s), and X[{i}] has {length} time step(s), "
                    "padding at the end not counted; give one target for each time step."
                )
            if part.shape[1:] != parts[0].shape[1:]:
                raise ValueError(
                    f"{name}[{i}] has shape {part.shape} and {name}[0] has {parts[0].shape}; all "
                    "time steps must have the same number of outputs."
                )
        return np.concatenate(parts)

    def split(self, values: np.ndarray) -> np.ndarray:
        """Return values that are stored end to end as one array for each sequence.

        Parameters
        ----------
        values : ndarray of shape (n_targets, ...)
            Labels, values or probabilities of all time steps.

        Returns
        -------
        ndarray of shape (n_samples,), of dtype object
            Arrays of shape (n_timesteps_i, ...).
        """
        parts = np.empty(len(self.lengths), object)
        for i, part in enumerate(np.split(values, self.starts[1:])):
            parts[i] = part
        return parts

    def positions(self, rows: np.ndarray, n_timesteps: int) -> tuple[np.ndarray, np.ndarray]:
        """Find the targets of a padded block of sequences.

        Parameters
        ----------
        rows : ndarray of shape (n_rows,)
            Which sequences.
        n_timesteps : int
            Padded length of the block.

        Returns
        -------
        where : ndarray of shape (n_rows, n_timesteps)
            Positions of the targets; any, where there is none.
        present : ndarray of bool of shape (n_rows, n_timesteps)
            Whether there is one.
        """
        step = np.arange(n_timesteps)
        present = step < self.lengths[rows][:, None]
        return np.where(present, self.starts[rows][:, None] + step, 0), present

    def positions_of(self, rows: np.ndarray) -> np.ndarray:
        """Return the positions of all targets of some sequences, one after the other."""
        lengths = self.lengths[rows]
        first = np.repeat(self.starts[rows] - (np.cumsum(lengths) - lengths), lengths)
        return first + np.arange(lengths.sum())
