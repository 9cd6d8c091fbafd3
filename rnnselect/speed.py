"""How much work a training is, and how fast a machine does it: what costs are predicted from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

__all__ = ["NOMINAL", "SCORING_ROWS", "CellSpeed", "MachineSpeed", "TrainingSpeed", "Workload"]

# Backward costs about twice forward.
TRAINING_TO_FORWARD = 3
# Rows of one scoring step: enough for good matrix products, few enough to waste little on a
# small validation part.
SCORING_ROWS = 64


# A first fit with a prediction took 11 to 19 % of the processor time where its programs were kept
# (TensorFlow 2.21, both cells, 16 units, 300 sequences); the rest is for a busy disk.
LOADING_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Workload:
    """What training one cell consists of, in quantities that no machine enters.

    Parameters
    ----------
    cell : {"gru", "lstm"}
        The recurrent cell.
    flops_per_timestep : int
        Operations of one time step of one sequence, forward.
    n_parameters : int
        Trainable parameters.
    n_passes : int
        Recurrent layers times directions: how often a sequence is run through.
    batch_size : int
        Sequences of one step.
    padded_length : float
        Mean time steps of a sequence as trained.
    min_epochs, max_epochs : int
        Epochs at the earliest stop, and at most.
    validation_fraction : float
        Share of the training part on which each epoch is scored.
    n_lengths : int, default=1
        Different padded lengths: each has its own programs.
    """

    cell: str
    flops_per_timestep: int
    n_parameters: int
    n_passes: int
    batch_size: int
    padded_length: float
    min_epochs: int
    max_epochs: int
    validation_fraction: float
    n_lengths: int = 1


@dataclass(frozen=True, slots=True)
class TrainingSpeed:
    """How fast one cell trains on one machine.

    Parameters
    ----------
    step_seconds : float
        One training step of ``batch_size`` sequences.
    epoch_seconds : float
        What an epoch costs beside its steps and its scoring.
    scoring_seconds : float
        Scoring of up to `SCORING_ROWS` sequences.
    compile_seconds : float
        Compilation that is still to come; 0 once it is done.
    source : {"arithmetic", "calibration", "probe"}
        Whether it follows from the speed of a typical machine or from that of this one, or was
        measured on the very programs that will run.
    predict_seconds : float or None, default=None
        One call of `predict` on one sequence; None where it was not measured.
    fit_seconds : float or None, default=None
        What a fit costs beside its epochs; None for as much as the machine's calibration says.
    """

    step_seconds: float
    epoch_seconds: float
    scoring_seconds: float
    compile_seconds: float
    source: str
    predict_seconds: float | None = None
    fit_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class CellSpeed:
    """How fast a machine trains one kind of cell.

    Parameters
    ----------
    step_seconds : float
        What a training step costs beside its time steps (updates, copies).
    timestep_seconds : float
        What a time step of one layer in one direction costs beside its arithmetic.
    flops_per_second : float
        Speed of the arithmetic.
    scoring_share : float
        Scoring of a sequence, as a share of training on it.
    compile_seconds : float
        Compiling the training and the scoring program of one layer in one direction.
    loading_share : float, default=0.25
        Loading these programs from a store, as a share of compiling them.
    """

    step_seconds: float
    timestep_seconds: float
    flops_per_second: float
    scoring_share: float
    compile_seconds: float
    loading_share: float = LOADING_SHARE


@dataclass(frozen=True, slots=True)
class MachineSpeed:
    """How fast a machine trains recurrent networks.

    Parameters
    ----------
    cells : mapping of str to CellSpeed
        For each cell; LSTM and GRU run through different programs.
    epoch_seconds : float
        What an epoch costs beside its steps: calling programs, looking at the weights.
    fit_seconds : float
        What a fit costs beside its epochs: checking the data, building the network.
    import_seconds : float
        Importing TensorFlow and Keras.
    source : {"arithmetic", "calibration"}
        Whether this is a typical machine, or one that was measured.

    Examples
    --------
    >>> from rnnselect.speed import NOMINAL
    >>> NOMINAL.source
    'arithmetic'
    """

    cells: Mapping[str, CellSpeed]
    epoch_seconds: float
    fit_seconds: float
    import_seconds: float
    source: str

    def slowed(self, factor: float) -> MachineSpeed:
        """Return the speed of this machine while everything takes `factor` times as long."""
        cells = {
            name: replace(
                cell,
                step_seconds=factor * cell.step_seconds,
                timestep_seconds=factor * cell.timestep_seconds,
                flops_per_second=cell.flops_per_second / factor,
                compile_seconds=factor * cell.compile_seconds,
            )
            for name, cell in self.cells.items()
        }
        return MachineSpeed(
            cells=cells,
            epoch_seconds=factor * self.epoch_seconds,
            fit_seconds=factor * self.fit_seconds,
            import_seconds=factor * self.import_seconds,
            source=self.source,
        )

    def training(self, work: Workload) -> TrainingSpeed:
        """Predict how fast a network of known sizes trains on this machine.

        Parameters
        ----------
        work : Workload
            What is to be trained.

        Returns
        -------
        TrainingSpeed
            Nothing of it is compiled yet.
        """
        cell = self.cells[work.cell]
        arithmetic = work.batch_size * work.flops_per_timestep / cell.flops_per_second
        timestep = cell.timestep_seconds * work.n_passes + TRAINING_TO_FORWARD * arithmetic
        step_seconds = cell.step_seconds + work.padded_length * timestep
        return TrainingSpeed(
            step_seconds=step_seconds,
            epoch_seconds=self.epoch_seconds,
            scoring_seconds=step_seconds * cell.scoring_share * SCORING_ROWS / work.batch_size,
            compile_seconds=cell.compile_seconds * work.n_passes * work.n_lengths,
            source=self.source,
        )


# One core of a 2-core cloud machine (AMD EPYC, 2.6 GHz) without other work, TensorFlow 2.21 and
# Keras 3.15: a training step of 32 sequences takes 1.2 ms (LSTM, 32 units, 50 time steps) and
# 6.1 ms (64 units, 100 time steps). GRU's time step costs half as much, its products as much.
NOMINAL = MachineSpeed(
    cells={
        "gru": CellSpeed(
            step_seconds=0.1e-3,
            timestep_seconds=5e-6,
            flops_per_second=70e9,
            scoring_share=0.3,
            compile_seconds=1.6,
        ),
        "lstm": CellSpeed(
            step_seconds=0.1e-3,
            timestep_seconds=10e-6,
            flops_per_second=70e9,
            scoring_share=0.3,
            compile_seconds=1.6,
        ),
    },
    epoch_seconds=2.5e-3,
    fit_seconds=0.1,
    import_seconds=6.0,
    source="arithmetic",
)
