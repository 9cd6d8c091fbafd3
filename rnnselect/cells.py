"""LSTM and GRU as data: gates, states, parameters and arithmetic of one time step.

Pure arithmetic, no training library: the advisor predicts costs from it without loading one. The
figures are those of ``keras.layers.LSTM`` and ``keras.layers.GRU(reset_after=True)``.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "CELLS",
    "LESSON",
    "Cell",
    "Tendency",
    "find_cell",
    "shown_name",
    "units_with_parameters",
]

BYTES_PER_FLOAT = 4  # Keras trains in float32 by default


@dataclass(frozen=True, slots=True)
class Cell:
    """One kind of recurrent cell.

    Parameters
    ----------
    name : str
        The value of the estimators' ``cell`` parameter.
    layer_name : str
        Name of the layer class in ``keras.layers``.
    gates : tuple of str
        The gates, each a sigmoid between 0 and 1.
    states : tuple of str
        What the cell hands from one time step to the next.
    n_blocks : int
        Blocks of weights: the gates and the candidate.
    biases_per_block : int
        Bias vectors of each block (Keras' GRU has one for the input and one for the recurrence).

    Examples
    --------
    >>> from rnnselect.cells import CELLS
    >>> CELLS["lstm"].n_parameters(units=32, n_inputs=4)
    4736
    >>> CELLS["gru"].n_parameters(units=32, n_inputs=4)
    3648
    """

    name: str
    layer_name: str
    gates: tuple[str, ...]
    states: tuple[str, ...]
    n_blocks: int
    biases_per_block: int

    def n_parameters(self, units: int, n_inputs: int) -> int:
        """Return the number of trainable parameters of one layer."""
        return self.n_blocks * units * (units + n_inputs + self.biases_per_block)

    def flops_per_step(self, units: int, n_inputs: int) -> int:
        """Return the floating-point operations of one time step of one sequence, forward only.

        A multiply-add counts as two operations; the activations and the element-wise
        products, about ten a unit and block, are included.
        """
        return self.n_blocks * units * (2 * (units + n_inputs) + 10)

    def state_bytes(self, units: int) -> int:
        """Return the bytes that one sequence's state takes."""
        return BYTES_PER_FLOAT * units * len(self.states)

    def weight_bytes(self, units: int, n_inputs: int) -> int:
        """Return the bytes that the weights of one layer take."""
        return BYTES_PER_FLOAT * self.n_parameters(units, n_inputs)


CELLS: dict[str, Cell] = {
    "gru": Cell("gru", "GRU", ("update", "reset"), ("hidden",), 3, 2),
    "lstm": Cell("lstm", "LSTM", ("forget", "input", "output"), ("cell", "hidden"), 4, 1),
}


@dataclass(frozen=True, slots=True)
class Tendency:
    """One row of the textbook table: what is said to hold for a kind of task."""

    task: str
    claim: str
    favours: str  # "gru", "lstm" or "neither"


# The lesson that this project started from. It is shown as a claim beside measurements, and it
# never moves the advice by itself.
LESSON: tuple[Tendency, ...] = (
    Tendency("text classification", "about the same", "neither"),
    Tendency("short sentiment", "GRU can be better", "gru"),
    Tendency("translation", "LSTM often better", "lstm"),
    Tendency("language modelling", "LSTM often better", "lstm"),
    Tendency("time series", "GRU slightly faster", "gru"),
    Tendency("long sequences with nuance", "LSTM may edge ahead", "lstm"),
    Tendency("limited data or compute, prototypes, baselines", "GRU", "gru"),
    Tendency("large data, long-range dependencies, complex pipelines", "LSTM", "lstm"),
)


def find_cell(name: object) -> Cell:
    """Return the cell called `name`, in small or capital letters.

    Raises
    ------
    ValueError
        If there is no such cell.
    """
    if not isinstance(name, str) or name.lower() not in CELLS:
        legal = " or ".join(repr(known) for known in CELLS)
        raise ValueError(f"cell={name!r} is unknown; give {legal}.")
    return CELLS[name.lower()]


def shown_name(candidate: str) -> str:
    """Return a cell's or a candidate's name as people write it.

    Examples
    --------
    >>> shown_name("gru"), shown_name("lstm, units=16")
    ('GRU', 'LSTM, units=16')
    """
    cell, comma, settings = candidate.partition(",")
    return cell.upper() + comma + settings


def units_with_parameters(cell: str, n_parameters: int, n_inputs: int) -> int:
    """Return the number of units with which a layer comes closest to `n_parameters`.

    Equal parameter counts are how Chung et al. (2014, arXiv:1412.3555) compare the cells.

    Parameters
    ----------
    cell : {"gru", "lstm"}
        The cell.
    n_parameters : int
        The wanted number of trainable parameters of one layer.
    n_inputs : int
        Channels that the layer reads.

    Returns
    -------
    int
        Units, at least 1.

    Examples
    --------
    >>> from rnnselect.cells import units_with_parameters
    >>> units_with_parameters("gru", n_parameters=4736, n_inputs=4)
    37
    """
    kind = find_cell(cell)
    # The root of n_blocks * u * (u + b) = n_parameters, then its better integer neighbour.
    half = (n_inputs + kind.biases_per_block) / 2
    root = (half**2 + n_parameters / kind.n_blocks) ** 0.5 - half
    neighbours = (max(1, int(root)), max(1, int(root) + 1))
    return min(neighbours, key=lambda u: abs(kind.n_parameters(u, n_inputs) - n_parameters))
