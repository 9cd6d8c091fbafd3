"""What the classifier and the regressor have in common: parameters, reading X, training."""

from __future__ import annotations

import time
import warnings
from abc import abstractmethod
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.validation import (
    check_is_fitted,
    validate_data,
)

from rnnselect.cells import CELLS
from rnnselect.exceptions import MissingBackendError
from rnnselect.recurrent.architecture import Architecture
from rnnselect.recurrent.batches import TrainingSet
from rnnselect.recurrent.holdout import hold_out
from rnnselect.recurrent.inputs import (
    check_groups,
    check_length,
    check_vocabulary,
    check_weights,
)
from rnnselect.recurrent.stopping import StoppingRule, TrainingMonitor, epochs_before_stopping
from rnnselect.recurrent.target import Target
from rnnselect.seeds import draw_seeds
from rnnselect.sequences.batch import SequenceBatch
from rnnselect.sequences.scaling import Scaling, channel_scaling
from rnnselect.sequences.validation import read_sequences, sequence_kind

__all__ = ["BaseRNN"]


class BaseRNN(BaseEstimator):
    """Base of the recurrent estimators; see `RNNClassifier` and `RNNRegressor`."""

    _parameter_constraints: ClassVar[dict] = {
        "cell": [StrOptions(set(CELLS))],
        "units": [Interval(Integral, 1, None, closed="left")],
        "num_layers": [Interval(Integral, 1, None, closed="left")],
        "bidirectional": ["boolean"],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "recurrent_dropout": [Interval(Real, 0, 1, closed="left")],
        "embedding_dim": [None, Interval(Integral, 1, None, closed="left")],
        "vocabulary_size": [None, Interval(Integral, 2, None, closed="left")],
        "optimizer": [str, HasMethods(["get_config", "apply"])],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "clipnorm": [None, Interval(Real, 0, None, closed="neither")],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "epochs": [Interval(Integral, 1, None, closed="left")],
        "max_seconds": [None, Interval(Real, 0, None, closed="neither")],
        "early_stopping": ["boolean"],
        "validation_fraction": [
            Interval(Real, 0, 1, closed="neither"),
            HasMethods(["split"]),
            tuple,
        ],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "scale_inputs": ["boolean"],
        "missing": [StrOptions({"error", "mask"})],
        "engine": [StrOptions({"auto", "compiled", "keras"})],
        "callbacks": [None, list, tuple],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    @abstractmethod
    def _read_target(self, y: Any, sample_weight: np.ndarray) -> Target:
        """Check y and return what the network is to predict; sets fitted attributes of y."""

    @abstractmethod
    def _read_validation_target(self, y: Any) -> np.ndarray:
        """Return the values of a validation part's y, by what `_read_target` learnt."""

    def _class_weights(self, target: Target, weights: np.ndarray) -> np.ndarray | float:
        """Return a factor for each sample's weight."""
        del target, weights
        return 1.0

    def _fit(self, X: Any, y: Any, sample_weight: Any, groups: Any) -> BaseRNN:
        start = time.perf_counter()
        training, validation, seed = self._prepare(X, y, sample_weight, groups)
        model, trainer = self._start(training, seed)
        deadline = None if self.max_seconds is None else start + self.max_seconds
        self._train(model, trainer, validation, deadline)
        return self

    def _prepare(
        self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None
    ) -> tuple[TrainingSet, TrainingSet | None, int]:
        """Check all input and return the training part, the validation part and a seed.

        Everything that can be wrong with the input is found here, before Keras is imported.
        """
        batch = self._read(X, reset=True)
        y = check_length(y, batch.n_samples, type(self).__name__)
        weights = check_weights(sample_weight, batch.n_samples)
        target = self._read_target(y, weights)
        weights = weights * self._class_weights(target, weights)
        split_seed, seed = draw_seeds(self.random_state, 2)
        rows, held_out = self._split(batch, target, np.flatnonzero(weights > 0), groups, split_seed)
        self._inputs = self._input_scaling(batch.rows(rows), weights[rows])
        self._outputs = target.scaling
        self._architecture = self._make_architecture(batch, target)
        training = _training_set(batch, target.values, weights, rows)
        if not isinstance(held_out, TrainingSet):
            held_out = _training_set(batch, target.values, weights, held_out)
        self._lengths = training.padded_lengths
        return training, held_out, int(seed)

    def _start(self, training: TrainingSet, seed: int) -> tuple[Any, Any]:
        """Build the network and a trainer that is ready to train it."""
        engine = _load_engine()
        model = engine.build_network(
            self._architecture,
            seed=seed,
            inputs=self._inputs if self.scale_inputs else None,
            outputs=self._outputs,
        )
        trainer = engine.make_trainer(
            self.engine,
            self._architecture,
            self._inputs,
            optimizer=self.optimizer,
            learning_rate=self.learning_rate,
            clipnorm=self.clipnorm,
            batch_size=self.batch_size,
            callbacks=self.callbacks,
        )
        trainer.prepare(training, [v.value for v in model.trainable_variables], seed)
        return model, trainer

    def _train(
        self, model: Any, trainer: Any, validation: TrainingSet | None, deadline: float | None
    ) -> None:
        mean_loss, head = _load_engine().mean_loss, self._architecture.head

        def validation_loss(weights: list[Any]) -> float:
            raw = trainer.outputs(validation.batch, weights)
            return mean_loss(head, raw, validation.targets, validation.weights)

        monitor = TrainingMonitor(
            StoppingRule(
                max_epochs=self.epochs,
                early_stopping=self.early_stopping,
                n_iter_no_change=self.n_iter_no_change,
                tol=self.tol,
                min_epochs=epochs_before_stopping(trainer.n_steps(), self.epochs),
                deadline=deadline,
            ),
            validation_loss if validation is not None else None,
            self._print if self.verbose else None,
        )
        trainer.run_until(monitor)
        if monitor.stop_reason == "deadline" and monitor.n_epochs == 0:
            warnings.warn(
                f"max_seconds={self.max_seconds} passed before the first epoch was complete; the "
                "network is hardly trained. Give more seconds or less data.",
                ConvergenceWarning,
                stacklevel=4,
            )
        for variable, weight in zip(
            model.trainable_variables, monitor.final_weights(trainer.weights()), strict=True
        ):
            variable.assign(weight)
        self.model_ = model
        self.engine_ = trainer.name
        self.history_ = monitor.history
        self.n_epochs_ = monitor.n_epochs
        self.stop_reason_ = monitor.stop_reason

    def _network_outputs(self, X: Any) -> np.ndarray:
        """Return probabilities or values, of shape (n_samples, n_outputs)."""
        check_is_fitted(self, "model_")
        batch = self._read(X, reset=False)
        return _load_engine().model_outputs(
            self.engine_,
            self._architecture,
            self.model_,
            self._inputs,
            self._outputs,
            batch,
            self._lengths,
        )

    def _read(self, X: Any, *, reset: bool) -> SequenceBatch:
        tokens = self.embedding_dim is not None
        kind = sequence_kind(X, tokens=tokens)
        if not reset:
            self._check_kind(kind)
        if kind == "series":
            # Missing and infinite values are found below, with the sample and time step named.
            X = validate_data(self, X, reset=reset, dtype="numeric", ensure_all_finite=False)
        batch = read_sequences(X, tokens=tokens, missing=self.missing)
        if reset:
            self._kind = kind
            self.n_channels_in_ = batch.n_channels
            self.n_timesteps_in_ = batch.max_length if batch.stride is None else batch.stride
            if kind != "series":
                self.n_features_in_ = batch.n_channels
            if tokens:
                self.vocabulary_size_ = check_vocabulary(batch, self.vocabulary_size)
        elif batch.n_channels != self.n_channels_in_:
            raise ValueError(
                f"X has {batch.n_channels} channel(s), but {type(self).__name__} is expecting "
                f"{self.n_channels_in_} channel(s) as input, as many as in fit."
            )
        elif tokens:
            check_vocabulary(batch, self.vocabulary_size_)
        return batch

    def _check_kind(self, kind: str) -> None:
        if (kind == "series") != (self._kind == "series"):
            raise ValueError(
                f"X is a {kind} input, but {type(self).__name__} was fitted on a {self._kind} "
                "input ('series' is a 2-D array, 'panel' a 3-D array, 'ragged' a list of arrays): "
                "give X in the same form, e.g. X[:, :, None] for one channel."
            )

    def _split(
        self, batch: SequenceBatch, target: Target, kept: np.ndarray, groups: Any, seed: int
    ) -> tuple[np.ndarray, Any]:
        """Return the rows of the training part, and the rows (or the data) to validate on."""
        if not self.early_stopping:
            return kept, kept[:0]
        if isinstance(self.validation_fraction, tuple):
            if len(self.validation_fraction) != 2:
                raise ValueError(
                    f"validation_fraction is a tuple of {len(self.validation_fraction)}; give a "
                    "share, a splitter, or (X_val, y_val)."
                )
            X_val, y_val = self.validation_fraction
            held_out = self._read(X_val, reset=False)
            values = self._read_validation_target(
                check_length(y_val, held_out.n_samples, type(self).__name__)
            )
            ones = np.ones(held_out.n_samples, np.float32)
            return kept, TrainingSet(held_out, values, ones)
        training, validation = hold_out(
            target.values[kept],
            self.validation_fraction,
            stratify=target.head == "softmax",
            groups=None if groups is None else check_groups(groups, batch.n_samples)[kept],
            seed=int(seed),
        )
        return kept[training], kept[validation]

    def _input_scaling(self, batch: SequenceBatch, weights: np.ndarray) -> Scaling:
        if batch.is_tokens or not self.scale_inputs:
            return Scaling.identity(batch.n_channels)
        return channel_scaling(batch, weights)

    def _make_architecture(self, batch: SequenceBatch, target: Target) -> Architecture:
        return Architecture(
            cell=self.cell,
            units=int(self.units),
            num_layers=int(self.num_layers),
            bidirectional=bool(self.bidirectional),
            dropout=float(self.dropout),
            recurrent_dropout=float(self.recurrent_dropout),
            n_channels=batch.n_channels,
            n_timesteps=batch.stride if batch.fixed_length else None,
            vocabulary_size=self.vocabulary_size_ if batch.is_tokens else None,
            embedding_dim=self.embedding_dim,
            mask_missing=self.missing == "mask" and not batch.is_tokens,
            n_outputs=target.n_outputs,
            head=target.head,
        )

    def _print(self, line: str) -> None:
        print(f"[{type(self).__name__}] {line}")  # noqa: T201 -- what verbose means

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.allow_nan = self.missing == "mask"
        tags.non_deterministic = self.random_state is None
        return tags


def _training_set(
    batch: SequenceBatch, values: np.ndarray, weights: np.ndarray, rows: np.ndarray
) -> TrainingSet | None:
    if len(rows) == 0:
        return None
    own = weights[rows]
    return TrainingSet(batch.rows(rows), values[rows], (own / own.mean()).astype(np.float32))


def _load_engine() -> Any:
    """Import Keras when it is first needed, and say what is missing if it cannot be."""
    try:
        from rnnselect.recurrent import engine
    except ModuleNotFoundError as error:
        raise MissingBackendError(
            f"Keras cannot start: the module {error.name!r} is missing. Install it, or set the "
            "environment variable KERAS_BACKEND to a backend that is installed."
        ) from error
    return engine
