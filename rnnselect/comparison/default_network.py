"""A default network as plain values, for plans that are made without scikit-learn.

An estimator cannot be made without importing scikit-learn, which takes longer than the plan itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["DefaultCandidates", "DefaultNetwork"]


@dataclass(frozen=True, slots=True)
class DefaultNetwork:
    """What `RNNClassifier` and `RNNRegressor` have as defaults, as far as costs depend on it."""

    cell: str = "gru"
    units: int = 32
    num_layers: int = 1
    bidirectional: bool = False
    pooling: str | None = "auto"
    dropout: float = 0.0
    recurrent_dropout: float = 0.0
    embedding_dim: int | None = None
    vocabulary_size: int | None = None
    embedding_weights: Any = None
    batch_size: int = 32
    epochs: int = 200
    early_stopping: bool = True
    validation_fraction: float = 0.1
    n_iter_no_change: int = 20
    missing: str = "error"


@dataclass(frozen=True, slots=True)
class DefaultCandidates:
    """Two default networks that differ in their cell; takes the place of `Candidates` in a plan.

    Parameters
    ----------
    units : int
        Units of both.
    embedding_dim : int or None, default=None
        Size of the token vectors, where the sequences are tokens.
    """

    units: int
    embedding_dim: int | None = None
    cells: tuple[str, str] = ("gru", "lstm")
    parameter: str = "cell"
    is_recurrent: bool = True
    trains_one_network: bool = True

    @property
    def settings(self) -> dict[str, dict[str, str]]:
        """What each of them sets."""
        return {cell: {self.parameter: cell} for cell in self.cells}

    def differ_in_cell_only(self, first: str, second: str) -> bool:
        """Whether two of them have the same settings."""
        return True

    def network(self, cell: str) -> DefaultNetwork:
        """Return the network of one cell."""
        return DefaultNetwork(cell=cell, units=self.units, embedding_dim=self.embedding_dim)
