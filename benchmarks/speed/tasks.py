"""What is trained: sizes, network and data, the same for every side of a row."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

import numpy as np

# Settings that all sides share; no clipping, no early stopping, inputs of mean 0 and scale 1.
LEARNING_RATE = 1e-3
ADAM_EPSILON = 1e-7
N_CLASSES = 2
# Units among which a grid search chooses, for each cell.
SEARCH_UNITS = (16, 32, 64)
SEED = 0
# What `--quick` trains: only to see that the harness works.
QUICK_SAMPLES = 256
QUICK_EPOCHS = 2


@dataclass(frozen=True)
class Task:
    """Sizes of the data, and the network: recurrent layers and a dense head.

    Parameters
    ----------
    n_samples, n_timesteps, n_channels : int
        Sizes of the data; token ids have no channels.
    cells : tuple of str
        The cells to train, one after the other.
    units, num_layers, bidirectional, recurrent_dropout
        As `rnnselect.RNNClassifier` takes them.
    vocabulary_size, embedding_dim : int or None
        For token ids (0 is padding, of which the data have none).
    batch_size, epochs : int
        As in training.
    timed_epochs : int or None
        How many of the epochs a fit is timed for; see `timing.extrapolated`. None: all of them.
    n_folds : int
        Of a cross-validation.
    has_documents : bool
        Whether X are real documents of mixed length; `n_timesteps` is the longest.
    """

    n_samples: int = 1024
    n_timesteps: int = 50
    n_channels: int = 4
    cells: tuple[str, ...] = ("gru", "lstm")
    units: int = 32
    num_layers: int = 1
    bidirectional: bool = False
    recurrent_dropout: float = 0.0
    vocabulary_size: int | None = None
    embedding_dim: int | None = None
    batch_size: int = 32
    epochs: int = 20
    timed_epochs: int | None = None
    n_folds: int = 5
    has_documents: bool = False

    @classmethod
    def from_dict(cls, values: dict) -> Task:
        """Make a task again from what `to_dict` returned, or from its JSON."""
        return cls(**{**values, "cells": tuple(values["cells"])})

    def to_dict(self) -> dict:
        """Return the fields, for JSON."""
        return asdict(self)

    def quick(self) -> Task:
        """Return a small version that only shows whether the harness works."""
        return replace(
            self,
            n_samples=min(self.n_samples, QUICK_SAMPLES),
            epochs=min(self.epochs, QUICK_EPOCHS),
            timed_epochs=None if self.timed_epochs is None else 1,
        )

    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """Return X and y; where they are made here, the classes are balanced and can be learnt."""
        if self.has_documents:
            from documents import load_documents

            return load_documents(self.n_samples, self.vocabulary_size, SEED)
        rng = np.random.default_rng(SEED)
        if self.vocabulary_size is not None:
            shape = (self.n_samples, self.n_timesteps)
            X = rng.integers(1, self.vocabulary_size, size=shape, dtype=np.int32)
            even = (X % 2 == 0).mean(axis=1)
            return X, (even > np.median(even)).astype(np.int64)
        shape = (self.n_samples, self.n_timesteps, self.n_channels)
        X = rng.normal(size=shape).astype(np.float32)
        return X, (X[:, :, 0].sum(axis=1) > 0).astype(np.int64)


def folds(task: Task):
    """Return the splitter of a task's cross-validations.

    It is given to each side as an object, because scikit-learn 1.9 does not know SciKeras'
    classifier as one and would not stratify.
    """
    from sklearn.model_selection import StratifiedKFold

    return StratifiedKFold(task.n_folds, shuffle=True, random_state=SEED)
