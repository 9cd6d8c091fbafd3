"""What training each cell consists of."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from rnnselect.cells import CELLS, find_cell
from rnnselect.recurrent.architecture import Architecture, pooling_of
from rnnselect.recurrent.inputs import embedding_shape
from rnnselect.recurrent.stopping import epochs_before_stopping
from rnnselect.sequences.lengths import grid_length
from rnnselect.sequences.profile import SequenceProfile
from rnnselect.speed import Workload

if TYPE_CHECKING:  # planning does without scikit-learn
    from rnnselect.comparison.candidates import Candidates

__all__ = ["planned_architecture", "workloads"]

# Of all samples, a fit trains on about these: four of five folds, less a tenth to validate on.
TRAINED_SHARE = 0.72


def workloads(candidates: Candidates, profile: SequenceProfile) -> dict[str, Workload]:
    """Return what training each candidate consists of.

    Parameters
    ----------
    candidates : Candidates
        The candidates. Where they are other packages' networks, those of a default
        `RNNClassifier` stand in until fits have been timed.
    profile : SequenceProfile
        What the networks see.

    Returns
    -------
    dict of str to Workload
        One for each candidate.
    """
    known, parameter = candidates.is_recurrent, candidates.parameter
    return {
        name: _workload(candidates.network(name), settings[parameter], profile, known)
        for name, settings in candidates.settings.items()
    }


def planned_architecture(network: Any, profile: SequenceProfile) -> Architecture:
    """Return the architecture that a network would have if it were fitted.

    Parameters
    ----------
    network : RNNClassifier or RNNRegressor
        Not fitted.
    profile : SequenceProfile
        What it would be fitted on.

    Returns
    -------
    Architecture
        With padding looked for where any sequence is padded.
    """
    n_ids, embedding_dim = embedding_shape(network)
    if n_ids is None and profile.vocabulary_size is not None:
        n_ids = grid_length(profile.vocabulary_size + 1)  # as `check_vocabulary` counts
    return Architecture(
        cell=find_cell(network.cell).name,
        units=network.units,
        num_layers=network.num_layers,
        bidirectional=network.bidirectional,
        dropout=network.dropout,
        recurrent_dropout=network.recurrent_dropout,
        n_channels=profile.n_channels,
        n_timesteps=profile.sequence_length if profile.is_filled else None,
        vocabulary_size=n_ids,
        embedding_dim=embedding_dim,
        mask_missing=network.missing == "mask",
        n_outputs=profile.n_outputs,
        head="softmax" if profile.target == "classification" else "linear",
        pooling=pooling_of(network.pooling, getattr(network, "return_sequences", False)),
    )


def _workload(network: Any, cell: str, profile: SequenceProfile, known: bool) -> Workload:
    if not known:
        from rnnselect.recurrent.classifier import RNNClassifier

        network = RNNClassifier(cell=cell if cell in CELLS else "lstm")
    architecture = planned_architecture(network, profile)
    stops_early = network.early_stopping
    min_epochs = network.epochs
    if stops_early:
        steps = math.ceil(TRAINED_SHARE * profile.n_samples / network.batch_size)
        patience = network.n_iter_no_change + 1
        min_epochs = max(patience, epochs_before_stopping(steps, network.epochs))
    fraction = network.validation_fraction if stops_early else 0.0
    return Workload(
        cell=architecture.cell,
        flops_per_timestep=architecture.flops_per_timestep(),
        n_parameters=architecture.n_parameters(),
        n_passes=network.num_layers * architecture.directions,
        batch_size=network.batch_size,
        padded_length=profile.padded_length,
        min_epochs=min(min_epochs, network.epochs),
        max_epochs=network.epochs,
        validation_fraction=fraction if isinstance(fraction, float) else 0.1,
        n_lengths=profile.n_lengths,
    )
