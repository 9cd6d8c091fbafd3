"""What each cell's network takes of what a budget may limit, as a function of its units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rnnselect.advice.limits import Footprint, FootprintOfUnits
from rnnselect.cells import BYTES_PER_FLOAT
from rnnselect.comparison.work import planned_architecture
from rnnselect.recurrent.architecture import Architecture
from rnnselect.recurrent.chunks import rows_per_step
from rnnselect.recurrent.memory import peak_training_bytes
from rnnselect.sequences.lengths import MAX_BUCKETS, grid_length
from rnnselect.sequences.profile import SequenceProfile
from rnnselect.speed import SCORING_ROWS, MachineSpeed, Workload

if TYPE_CHECKING:  # planning does without scikit-learn
    from rnnselect.comparison.candidates import Candidates

__all__ = ["footprints_of_units", "longest_padded_length", "refuse_uncountable"]

# One call of `predict` beside its arithmetic: checking the input, calling the program. Medians of
# 1.5 to 2 ms on the machine of `speed`, at 8 time steps.
PREDICT_CALL_SECONDS = 1.5e-3


def footprints_of_units(
    candidates: Candidates,
    profile: SequenceProfile,
    machine: MachineSpeed,
    latencies: Mapping[str, float | None] | None = None,
) -> dict[str, FootprintOfUnits]:
    """Return for each cell a function that says what its network takes.

    Parameters
    ----------
    candidates : Candidates
        Networks of this package.
    profile : SequenceProfile
        What they see.
    machine : MachineSpeed
        What a latency is predicted from.
    latencies : mapping of str to float or None, default=None
        Measured seconds of predicting one sequence, for each cell; arithmetic then only says how
        they change with the units.

    Returns
    -------
    dict of str to callable
        Takes a number of units, returns a `Footprint`.
    """
    return {
        cell: _of_units(candidates.network(cell), profile, machine, (latencies or {}).get(cell))
        for cell in candidates.cells
    }


def refuse_uncountable(candidates: Candidates, limits: Mapping[str, float]) -> None:
    """Raise where limits are asked for that nobody can check on these estimators.

    Parameters
    ----------
    candidates : Candidates
        The candidates.
    limits : mapping of str to float
        The limits by name.

    Raises
    ------
    ValueError
        If there are limits, and the networks are not this package's; or a latency is limited, and
        an estimator asks several networks for a prediction.
    """
    if not limits:
        return
    estimator = candidates.estimators[candidates.cells[0]]
    kind = type(estimator).__name__
    if not candidates.is_recurrent:
        raise ValueError(
            f"Budget({', '.join(limits)}): what {kind} takes is not known before it is fitted; "
            "these limits need an RNNClassifier or RNNRegressor, itself or inside other "
            "estimators. Leave them out, or limit seconds alone."
        )
    if "max_latency" in limits and not candidates.trains_one_network:
        raise ValueError(
            f"Budget(max_latency): {kind} may ask several networks for one prediction; give an "
            "RNNClassifier or RNNRegressor, itself or in a pipeline, or leave max_latency out."
        )


def _of_units(
    network: Any, profile: SequenceProfile, machine: MachineSpeed, latency: float | None
) -> FootprintOfUnits:
    own = planned_architecture(network, profile)
    longest, n_lengths = _padded_lengths(profile)
    by_arithmetic = _predict_seconds(own, longest, machine)
    data_bytes = profile.data_bytes
    if data_bytes is None:
        n_values = profile.n_samples * profile.median_length * profile.n_channels
        data_bytes = round(BYTES_PER_FLOAT * n_values)

    def footprint(units: int) -> Footprint:
        architecture = replace(own, units=units)
        seconds = _predict_seconds(architecture, longest, machine)
        return Footprint(
            n_parameters=architecture.n_parameters(),
            peak_bytes=peak_training_bytes(
                architecture,
                batch_size=rows_per_step(network.batch_size, profile.n_samples),
                n_timesteps=longest,
                n_lengths=n_lengths,
                data_bytes=data_bytes,
            ),
            latency_seconds=seconds if latency is None else seconds * latency / by_arithmetic,
        )

    return footprint


def _padded_lengths(profile: SequenceProfile) -> tuple[int, int]:
    """Return the longest padded length and how many lengths there are, as far as one can tell."""
    if profile.padded_lengths:
        return profile.padded_lengths[-1], profile.n_lengths
    one = grid_length(profile.sequence_length)
    if profile.padded_length in (profile.sequence_length, one):
        return int(profile.padded_length), 1
    return 2 ** (profile.sequence_length - 1).bit_length(), MAX_BUCKETS


def longest_padded_length(profile: SequenceProfile) -> int:
    """Return the longest padded length, as far as one can tell."""
    return _padded_lengths(profile)[0]


def _predict_seconds(architecture: Architecture, n_timesteps: int, machine: MachineSpeed) -> float:
    """Return the seconds of predicting one sequence.

    `predict` scores a block of `SCORING_ROWS` sequences, however few of them count.
    """
    work = Workload(
        cell=architecture.cell,
        flops_per_timestep=architecture.flops_per_timestep(),
        n_parameters=architecture.n_parameters(),
        n_passes=architecture.num_layers * architecture.directions,
        batch_size=SCORING_ROWS,
        padded_length=n_timesteps,
        min_epochs=0,
        max_epochs=0,
        validation_fraction=0.0,
    )
    return PREDICT_CALL_SECONDS + machine.training(work).scoring_seconds
