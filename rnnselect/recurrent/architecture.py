"""The shape of a network, as a record: whatever two fits must share to share a program."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from rnnselect.cells import find_cell

__all__ = ["Architecture", "Head", "Pooling", "pooling_of"]

Head = Literal["softmax", "sigmoid", "linear"]
Pooling = Literal["avg", "max", "concat"]


def pooling_of(pooling: str | None, return_sequences: bool = False) -> Any:
    """Return how a network reads out its states, which ``"auto"`` leaves open.

    Half of the families of data sets chose ``"concat"``, and the other half judged it: see
    ``benchmarks/readout/RESULTS.md``.
    """
    if pooling != "auto":
        return pooling
    return None if return_sequences else "concat"


@dataclass(frozen=True, slots=True)
class Architecture:
    """Everything that decides the layers of a network, and nothing else.

    Scaling constants, seeds, learning rates and the number of samples are not part of it: they
    enter compiled programs as run-time values.

    Parameters
    ----------
    cell : {"gru", "lstm"}
        The recurrent cell.
    units : int
        Units of each recurrent layer.
    num_layers : int
        Number of recurrent layers.
    bidirectional : bool
        Whether each layer also reads the sequence backwards.
    dropout, recurrent_dropout : float
        Rates of the inputs' and of the recurrent state's dropout.
    n_channels : int
        Values of one time step (1 for token ids).
    n_timesteps : int or None
        Number of time steps where the network takes one length only.
    vocabulary_size : int or None
        Rows of the embedding; None for numeric sequences.
    embedding_dim : int or None
        Size of the embedding vectors; None for numeric sequences.
    mask_missing : bool
        Whether missing values are filled and shown to the network as further channels.
    n_outputs : int
        Width of the output layer.
    head : {"softmax", "sigmoid", "linear"}
        Probabilities of classes of which one holds, of labels that may hold together, or values.
    return_sequences : bool, default=False
        Whether there are outputs for every time step.
    pooling : {"avg", "max", "concat"} or None, default=None
        How the states of all time steps become what the output layer reads: their mean, their
        maximum, or both beside the last state; None: the last state alone.
    """

    cell: str
    units: int
    num_layers: int
    bidirectional: bool
    dropout: float
    recurrent_dropout: float
    n_channels: int
    n_timesteps: int | None
    vocabulary_size: int | None
    embedding_dim: int | None
    mask_missing: bool
    n_outputs: int
    head: Head
    return_sequences: bool = False
    pooling: Pooling | None = None

    @property
    def is_tokens(self) -> bool:
        """Whether the network reads token ids."""
        return self.embedding_dim is not None

    @property
    def masked(self) -> bool:
        """Whether padding may follow a sequence, so that the network must look for it."""
        return self.n_timesteps is None or self.mask_missing

    def unmasked(self, n_timesteps: int) -> Architecture:
        """Return the same network for sequences of one length, without padding.

        The weights are the same, and looking for a mask at every step is saved: up to 1.6 times
        faster (LSTM, 64 units, 100 time steps). Where missing values are shown to the network,
        or tokens may be padding, the network must look all the same.
        """
        if self.mask_missing or self.is_tokens:
            return self
        return replace(self, n_timesteps=n_timesteps)

    @property
    def directions(self) -> int:
        """How many times each layer reads the sequence."""
        return 2 if self.bidirectional else 1

    def layer_inputs(self) -> list[int]:
        """Return the number of channels that each recurrent layer reads."""
        first = self.embedding_dim or self.n_channels * (2 if self.mask_missing else 1)
        return [first] + [self.units * self.directions] * (self.num_layers - 1)

    @property
    def readout_size(self) -> int:
        """Number of values that the output layer reads."""
        return self.units * self.directions * (3 if self.pooling == "concat" else 1)

    def n_parameters(self) -> int:
        """Return the number of trainable parameters."""
        cell = find_cell(self.cell)
        recurrent = sum(cell.n_parameters(self.units, width) for width in self.layer_inputs())
        embedding = (self.vocabulary_size or 0) * (self.embedding_dim or 0)
        dense = (self.readout_size + 1) * self.n_outputs
        return embedding + self.directions * recurrent + dense

    def weight_shapes(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Yield the names and shapes of the trainable weights, in the order of the network's.

        Examples
        --------
        >>> from rnnselect.recurrent.architecture import Architecture
        >>> small = Architecture("gru", 2, 1, False, 0, 0, 3, None, None, None, False, 1, "linear")
        >>> [shape for _, shape in small.weight_shapes()]
        [(3, 6), (2, 6), (2, 6), (2, 1), (1,)]
        """
        if self.is_tokens:
            yield "embedding", (self.vocabulary_size, self.embedding_dim)
        cell = find_cell(self.cell)
        width = cell.n_blocks * self.units
        bias = (width,) if cell.biases_per_block == 1 else (cell.biases_per_block, width)
        directions = ("_forward", "_backward") if self.bidirectional else ("",)
        for depth, n_inputs in enumerate(self.layer_inputs(), start=1):
            for direction in directions:
                layer = f"{self.cell}_{depth}{direction}"
                yield f"{layer}/kernel", (n_inputs, width)
                yield f"{layer}/recurrent_kernel", (self.units, width)
                yield f"{layer}/bias", bias
        yield "output/kernel", (self.readout_size, self.n_outputs)
        yield "output/bias", (self.n_outputs,)

    def flops_per_timestep(self) -> int:
        """Return the operations of one time step of one sequence, forward only."""
        cell = find_cell(self.cell)
        return self.directions * sum(
            cell.flops_per_step(self.units, width) for width in self.layer_inputs()
        )
