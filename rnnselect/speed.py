"""How much work a training is, and how fast a machine does it: what costs are predicted from."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["TrainingSpeed", "Workload", "nominal_speed"]

# Measured on one core of a 2-core cloud machine with TensorFlow 2.21, batches of 32 and 32 to 64
# units: a time step costs a fixed 20 microseconds, and its arithmetic runs at about 90 GFLOP/s.
NOMINAL_TIMESTEP_SECONDS = 20e-6
NOMINAL_FLOPS_PER_SECOND = 90e9
# The same machine: one training step costs this much beside its time steps (updates, copies).
NOMINAL_STEP_SECONDS = 0.2e-3
# Compiling the training and the scoring program of one layer in one direction.
NOMINAL_COMPILE_SECONDS = 1.6
# Importing TensorFlow and Keras.
NOMINAL_IMPORT_SECONDS = 6.0
# Backward costs about twice forward.
TRAINING_TO_FORWARD = 3


@dataclass(frozen=True, slots=True)
class Workload:
    """What training one cell consists of, in quantities that no machine enters.

    Parameters
    ----------
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
    """

    flops_per_timestep: int
    n_parameters: int
    n_passes: int
    batch_size: int
    padded_length: float
    min_epochs: int
    max_epochs: int
    validation_fraction: float


@dataclass(frozen=True, slots=True)
class TrainingSpeed:
    """How fast one cell trains on one machine.

    Parameters
    ----------
    step_seconds : float
        One training step of ``batch_size`` sequences.
    scored_row_seconds : float
        Scoring of one sequence.
    compile_seconds : float
        Compilation that is still to come; 0 once it is done.
    measured : bool
        Whether it was measured on the programs that will run, or follows from arithmetic.
    predict_seconds : float or None, default=None
        One call of `predict` on one sequence; None where it was not measured.
    """

    step_seconds: float
    scored_row_seconds: float
    compile_seconds: float
    measured: bool
    predict_seconds: float | None = None


def nominal_speed(work: Workload) -> TrainingSpeed:
    """Predict the speed of a typical machine from the arithmetic alone.

    Parameters
    ----------
    work : Workload
        What is to be trained.

    Returns
    -------
    TrainingSpeed
        Good to about a factor of two.
    """
    arithmetic = work.batch_size * work.flops_per_timestep / NOMINAL_FLOPS_PER_SECOND
    timestep = NOMINAL_TIMESTEP_SECONDS * work.n_passes + TRAINING_TO_FORWARD * arithmetic
    step_seconds = NOMINAL_STEP_SECONDS + work.padded_length * timestep
    return TrainingSpeed(
        step_seconds=step_seconds,
        scored_row_seconds=step_seconds / TRAINING_TO_FORWARD / work.batch_size,
        compile_seconds=NOMINAL_COMPILE_SECONDS * work.n_passes,
        measured=False,
    )
