"""The candidates of a comparison: one estimator for each cell, and what training it consists of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from rnnselect.cells import CELLS, find_cell, units_with_parameters
from rnnselect.recurrent.architecture import Architecture
from rnnselect.recurrent.base import BaseRNN
from rnnselect.recurrent.stopping import epochs_before_stopping
from rnnselect.sequences.profile import SequenceProfile
from rnnselect.speed import Workload

__all__ = ["Candidates", "make_candidates", "workloads"]

# Of all samples, a fit trains on about these: four of five folds, less a tenth to validate on.
TRAINED_SHARE = 0.72


@dataclass(frozen=True, eq=False, slots=True)
class Candidates:
    """Two estimators that differ in their cell.

    Parameters
    ----------
    cells : tuple of two str
        The first and the second cell.
    estimators : dict of str to estimator
        One unfitted estimator for each cell.
    parameter : str
        The parameter that names the cell, e.g. ``"cell"``, or ``"rnn__cell"`` in a pipeline.
    """

    cells: tuple[str, str]
    estimators: dict[str, Any]
    parameter: str

    @property
    def prefix(self) -> str:
        """What stands before the network's parameters, e.g. ``"rnn__"`` in a pipeline."""
        return self.parameter.removesuffix(self.parameter.rpartition("__")[2])

    def network(self, cell: str) -> Any:
        """Return the network of one cell, out of whatever pipeline it sits in."""
        estimator = self.estimators[cell]
        return estimator.get_params()[self.prefix[:-2]] if self.prefix else estimator

    def fitted_network(self, estimator: Any) -> Any:
        """Return the network inside a fitted estimator, as far as it can be found."""
        for part in self.prefix.split("__")[:-1]:
            # Wrappers such as TransformedTargetRegressor fit a clone with a trailing underscore.
            inner = estimator.get_params().get(part)
            estimator = getattr(estimator, f"{part}_", inner)
        return estimator

    def was_cut_short(self, cell: str, fitted: Any) -> bool:
        """Whether training ended at a deadline that `limited` set, not the user."""
        if getattr(fitted, "stop_reason_", None) != "deadline":
            return False
        own = getattr(self.network(cell), "max_seconds", None)
        return own is None or fitted.max_seconds != own

    def group_parameters(self, groups: Any) -> dict[str, Any]:
        """Return what passes the groups on to the network's own validation part."""
        direct = not self.prefix or isinstance(self.estimators[self.cells[0]], Pipeline)
        if groups is None or not (direct and self.is_recurrent):
            return {}
        return {f"{self.prefix}groups": np.asarray(groups)}

    @property
    def is_recurrent(self) -> bool:
        """Whether the networks are this package's own, whose cost can be predicted."""
        return all(isinstance(self.network(cell), BaseRNN) for cell in self.cells)

    def before_network(self, X: Any, y: Any) -> Any:
        """Return X as the network sees it, after the steps of the pipeline before it."""
        estimator = self.estimators[self.cells[0]]
        if not (isinstance(estimator, Pipeline) and self.prefix):
            return X
        position = list(estimator.named_steps).index(self.prefix[:-2].split("__")[0])
        return clone(estimator[:position]).fit_transform(X, y) if position else X

    def limited(self, cell: str, max_seconds: float | None) -> Any:
        """Return a fresh estimator of one cell that stops training after `max_seconds`."""
        estimator = clone(self.estimators[cell])
        if max_seconds is not None and self.is_recurrent:
            own = self.network(cell).max_seconds
            seconds = max_seconds if own is None else min(own, max_seconds)
            # A deadline that has passed still leaves an estimator that can be fitted.
            estimator.set_params(**{f"{self.prefix}max_seconds": max(seconds, 1e-3)})
        return estimator


def make_candidates(
    estimator: Any,
    cells: Sequence[str],
    cell_param: str | None,
    match: str = "units",
    profile: SequenceProfile | None = None,
) -> Candidates:
    """Make one estimator for each cell.

    Parameters
    ----------
    estimator : estimator
        Has a parameter that names the cell, itself or in a pipeline.
    cells : sequence of two str
        Values of that parameter.
    cell_param : str or None
        Its name; None finds the one parameter called ``cell``.
    match : {"units", "parameters"}, default="units"
        Whether the cells have equal units, or about equal numbers of parameters.
    profile : SequenceProfile or None, default=None
        What the networks see. They take the number of token ids from it unless they have one,
        because the rarest ids may be missing from the training part of a fold.

    Returns
    -------
    Candidates
        Clones of `estimator`.

    Raises
    ------
    ValueError
        If there are not two different cells, or the parameter is not found.
    """
    if isinstance(cells, str) or len(cells) != 2 or cells[0] == cells[1]:
        raise ValueError(f"cells={cells!r} must name two different cells, e.g. ('gru', 'lstm').")
    name = _find_cell_param(estimator, cell_param)
    made = {cell: clone(estimator).set_params(**{name: cell}) for cell in cells}
    candidates = Candidates((cells[0], cells[1]), made, name)
    if candidates.is_recurrent:
        for cell in cells:
            find_cell(cell)
        if profile is not None and candidates.network(cells[0]).vocabulary_size is None:
            for each in made.values():
                each.set_params(**{f"{candidates.prefix}vocabulary_size": profile.vocabulary_size})
    if match == "parameters" and profile is not None:
        own = estimator.get_params()[name]
        _match_parameters(candidates, own if own in cells else cells[0], profile)
    return candidates


def workloads(candidates: Candidates, profile: SequenceProfile) -> dict[str, Workload]:
    """Return what training each cell consists of.

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
        One for each cell.
    """
    return {
        cell: _workload(candidates.network(cell), cell, profile, candidates.is_recurrent)
        for cell in candidates.cells
    }


def _workload(network: Any, cell: str, profile: SequenceProfile, known: bool) -> Workload:
    if not known:
        from rnnselect.recurrent.classifier import RNNClassifier

        network = RNNClassifier(cell=cell if cell in CELLS else "lstm")
    architecture = Architecture(
        cell=network.cell,
        units=network.units,
        num_layers=network.num_layers,
        bidirectional=network.bidirectional,
        dropout=network.dropout,
        recurrent_dropout=network.recurrent_dropout,
        n_channels=profile.n_channels,
        n_timesteps=None,
        vocabulary_size=profile.vocabulary_size,
        embedding_dim=network.embedding_dim,
        mask_missing=network.missing == "mask",
        n_outputs=profile.n_outputs,
        head="softmax" if profile.target == "classification" else "linear",
    )
    stops_early = network.early_stopping
    min_epochs = network.epochs
    if stops_early:
        steps = max(1, round(TRAINED_SHARE * profile.n_samples / network.batch_size))
        patience = network.n_iter_no_change + 1
        min_epochs = max(patience, epochs_before_stopping(steps, network.epochs))
    fraction = network.validation_fraction if stops_early else 0.0
    return Workload(
        flops_per_timestep=architecture.flops_per_timestep(),
        n_parameters=architecture.n_parameters(),
        n_passes=network.num_layers * architecture.directions,
        batch_size=network.batch_size,
        padded_length=profile.padded_length,
        min_epochs=min(min_epochs, network.epochs),
        max_epochs=network.epochs,
        validation_fraction=fraction if isinstance(fraction, float) else 0.1,
    )


def _find_cell_param(estimator: Any, cell_param: str | None) -> str:
    parameters = estimator.get_params()
    if cell_param is not None:
        if cell_param not in parameters:
            raise ValueError(
                f"cell_param={cell_param!r} is not a parameter of {type(estimator).__name__}; "
                f"it has {sorted(parameters)[:12]} ..."
            )
        return cell_param
    found = [name for name in parameters if name.rpartition("__")[2] == "cell"]
    if len(found) != 1:
        raise ValueError(
            f"{type(estimator).__name__} has {len(found)} parameters called 'cell' ({found}); "
            "name the one that chooses the cell with cell_param."
        )
    return found[0]


def _match_parameters(candidates: Candidates, reference: str, profile: SequenceProfile) -> None:
    """Give the other cell as many units as come closest to the reference's parameters."""
    if not candidates.is_recurrent:
        raise ValueError('match="parameters" needs an RNNClassifier or RNNRegressor.')
    network = candidates.network(reference)
    width = network.embedding_dim or profile.n_channels
    wanted = CELLS[reference].n_parameters(network.units, width)
    for cell in candidates.cells:
        units = units_with_parameters(cell, wanted, width)
        candidates.estimators[cell].set_params(**{f"{candidates.prefix}units": units})
