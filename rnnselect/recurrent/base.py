"""What the classifier and the regressor have in common: parameters and training."""

from __future__ import annotations

import time
import warnings
from copy import deepcopy
from dataclasses import replace
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from rnnselect.cells import CELLS, find_cell
from rnnselect.exceptions import MissingBackendError
from rnnselect.program_store import hide_false_alarms
from rnnselect.recurrent.architecture import Architecture, pooling_of
from rnnselect.recurrent.batches import TrainingSet
from rnnselect.recurrent.continuation import OptimizerMemory, check_unchanged
from rnnselect.recurrent.fit_state import FitState, Prepared
from rnnselect.recurrent.forking import note_use, refuse_where_forked
from rnnselect.recurrent.holdout import hold_out
from rnnselect.recurrent.inputs import (
    check_callbacks,
    check_groups,
    check_length,
    check_weights,
)
from rnnselect.recurrent.keeping import NetworkKeeper
from rnnselect.recurrent.reader import Vocabulary
from rnnselect.recurrent.steps import is_array_of_steps
from rnnselect.recurrent.stopping import StoppingRule, TrainingMonitor, epochs_before_stopping
from rnnselect.recurrent.target import Target, TargetReader
from rnnselect.seeds import draw_seeds
from rnnselect.sequences.batch import SequenceBatch
from rnnselect.sequences.form import InputForm
from rnnselect.sequences.moments import channel_moments
from rnnselect.sequences.scaling import Scaling

__all__ = ["BaseRNN", "load_engine"]


class BaseRNN(NetworkKeeper, TargetReader):
    """Base of the recurrent estimators; see `RNNClassifier` and `RNNRegressor`."""

    _parameter_constraints: ClassVar[dict] = {
        **TargetReader._parameter_constraints,
        "cell": [StrOptions({*CELLS, *map(str.upper, CELLS)})],
        "units": [Interval(Integral, 1, None, closed="left")],
        "num_layers": [Interval(Integral, 1, None, closed="left")],
        "bidirectional": ["boolean"],
        "pooling": [None, StrOptions({"auto", "avg", "max", "concat"})],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "recurrent_dropout": [Interval(Real, 0, 1, closed="left")],
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
        "engine": [StrOptions({"auto", "compiled", "keras"})],
        "callbacks": [None, list, tuple],
        "warm_start": ["boolean"],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    # What a network keeps for as long as it is trained on.
    _shaping = (
        "cell", "units", "num_layers", "bidirectional", "pooling", "return_sequences",
        "embedding_dim", "vocabulary_size", "scale_inputs", "missing",
    )  # fmt: skip

    def _fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        groups: Any = None,
        *,
        partial: bool = False,
        classes: Any = None,
    ) -> BaseRNN:
        start = time.perf_counter()
        earlier = self.model_ if self._goes_on(partial) else None
        prepared = self._prepare(X, y, sample_weight, groups, partial=partial, classes=classes)
        model, trainer = self._start(prepared, earlier)
        deadline = None if self.max_seconds is None else start + self.max_seconds
        monitor = self._train(model, trainer, prepared, deadline, partial)
        losses = self.history_["loss"] if partial and earlier is not None else []
        remembers = partial and monitor.stop_reason != "diverged"
        state = replace(
            prepared.state,
            history={**monitor.history, "loss": losses + monitor.history.get("loss", [])},
            stop_reason=monitor.stop_reason,
            engine=trainer.name,
            policy=trainer.policy,
            memory=OptimizerMemory.of(trainer, self.optimizer) if remembers else None,
        )
        callbacks = {"callbacks_": trainer.callbacks(model)} if self.callbacks else {}
        trainer.release()
        self._keep(state, model_=model, **callbacks)
        return self

    def _goes_on(self, partial: bool) -> bool:
        """Whether training goes on with the network that is there."""
        return self.__sklearn_is_fitted__() and (partial or self.warm_start)

    def _prepare(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        groups: Any = None,
        *,
        partial: bool = False,
        classes: Any = None,
    ) -> Prepared:
        """Check all input; the estimator stays as it is.

        Everything that can be wrong with the input is found here, before Keras is imported.
        """
        check_callbacks(self.callbacks)
        if self.pooling not in (None, "auto") and self.return_sequences:
            raise ValueError(
                f"pooling={self.pooling!r} makes one vector of all time steps, and "
                "return_sequences=True asks for an output at each of them; set pooling=None."
            )
        earlier = self._state if self._goes_on(partial) else None
        if earlier is None:
            batch, form, vocabulary = self._read_first(X)
        else:
            how = "partial_fit" if partial else "warm_start=True"
            check_unchanged(self._shaping_parameters(), earlier.shaped_by, how)
            form, vocabulary = earlier.form, earlier.vocabulary
            batch = self._read_again(X, form, vocabulary)
        y, steps_in_array = check_length(y, batch.n_samples, type(self).__name__), None
        if self.return_sequences:
            steps_in_array = is_array_of_steps(y)
        y, layout = self._read_target(y, batch, "y")
        weights = check_weights(sample_weight, batch.n_samples)
        if layout is not None:
            weights = np.repeat(weights, layout.lengths)
        target = earlier.target if earlier else self._learn_target(y, weights, partial, classes)
        if earlier is None and layout is None:
            _warn_of_labels_of_steps(target, batch)
        target = replace(target, steps_in_array=steps_in_array)
        values = self._target_values(y, target, "y")
        weights = weights * self._class_weights(values, weights, target)
        row_weights = TrainingSet(batch, values, weights, layout).row_weights
        one_stream = partial and earlier is not None  # of seeds, for all calls of partial_fit
        # Copied, so that a call that fails takes none of the seeds of the next one.
        seeds = deepcopy(earlier.seeds) if one_stream else _source_of_seeds(self.random_state)
        split_seed, seed = draw_seeds(seeds, 2)
        rows, validation_rows = np.flatnonzero(row_weights > 0), ()
        validates = self.early_stopping and not partial
        with_data = isinstance(self.validation_fraction, tuple)
        if validates and not with_data:
            y = values if layout is None else np.arange(batch.n_samples)
            stratify = target.head == "softmax" and layout is None
            rows, validation_rows = self._split(rows, y, stratify, groups, int(split_seed))
        if earlier is not None:
            inputs = earlier.inputs
        else:
            inputs = self._input_scaling(batch.rows(rows), row_weights[rows])
        everything = TrainingSet(replace(batch, scaling=inputs), values, weights, layout)
        training = everything.part(rows, earlier.lengths if one_stream else ())
        held_out = everything.part(validation_rows)
        if validates and with_data:
            held_out = self._read_validation_data(form, vocabulary, target, inputs)
        state = FitState(
            form=form,
            n_timesteps=earlier.n_timesteps if earlier else _longest(batch),
            vocabulary=vocabulary,
            target=target,
            shaped_by=self._shaping_parameters(),
            architecture=self._make_architecture(batch, vocabulary, target),
            inputs=inputs,
            lengths=training.padded_lengths,
            seeds=deepcopy(seeds),
            memory=earlier.memory if one_stream else None,
        )
        return Prepared(state, training, held_out, int(seed))

    def _shaping_parameters(self) -> dict[str, Any]:
        shaping = {name: getattr(self, name) for name in self._shaping}
        return {**shaping, "cell": find_cell(self.cell).name}

    def _build_network(self, state: FitState, seed: int) -> Any:
        return load_engine().build_network(
            state.architecture,
            seed=seed,
            inputs=state.inputs if state.shaped_by["scale_inputs"] else None,
            outputs=state.target.scaling,
            policy=state.policy,
        )

    def _start(self, prepared: Prepared, earlier: Any = None) -> tuple[Any, Any]:
        """Build the network and a trainer that is ready to train it."""
        trainer = self._make_trainer(prepared.state)
        state, seed = replace(prepared.state, policy=trainer.policy), prepared.seed
        model = self._build_network(state, seed)
        if earlier is not None:
            model.set_weights(earlier.get_weights())
        elif self.embedding_weights is not None:
            vectors = np.asarray(self.embedding_weights, np.float32)
            model.get_layer("embedding").set_weights([vectors])
        weights = [np.asarray(variable) for variable in model.trainable_variables]
        options = state.memory.recall(trainer, self.optimizer) if state.memory else {}
        trainer.prepare(prepared.training, weights, seed, **options)
        return model, trainer

    def _make_trainer(self, state: FitState) -> Any:
        return load_engine().make_trainer(
            self.engine,
            state.architecture,
            optimizer=self.optimizer,
            learning_rate=self.learning_rate,
            clipnorm=self.clipnorm,
            batch_size=self.batch_size,
            callbacks=self.callbacks,
        )

    def _train(
        self,
        model: Any,
        trainer: Any,
        prepared: Prepared,
        deadline: float | None,
        partial: bool,
    ) -> TrainingMonitor:
        mean_loss, head = load_engine().mean_loss, prepared.state.target.head
        validation = prepared.validation

        def validation_loss(weights: list[Any]) -> float:
            raw = trainer.outputs(validation.batch, weights)
            return mean_loss(head, raw, validation.targets, validation.weights)

        epochs = 1 if partial else self.epochs
        monitor = TrainingMonitor(
            StoppingRule(
                max_epochs=epochs,
                early_stopping=self.early_stopping and not partial,
                n_iter_no_change=self.n_iter_no_change,
                tol=self.tol,
                min_epochs=epochs_before_stopping(trainer.n_steps(), epochs),
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
        return monitor

    def _network_outputs(self, X: Any) -> tuple[np.ndarray, SequenceBatch]:
        """Return probabilities or values of shape (n_targets, n_outputs), and the sequences."""
        check_is_fitted(self)
        state = self._state
        batch = self._read_again(X, state.form, state.vocabulary)
        outputs = load_engine().model_outputs(
            state.engine,
            state.architecture,
            state.policy,
            self.model_,
            state.target.scaling,
            replace(batch, scaling=state.inputs),
            state.lengths,
        )
        return outputs, batch

    def _split(
        self, kept: np.ndarray, y: np.ndarray, stratify: bool, groups: Any, seed: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows of the training part and of the validation part."""
        groups = None if groups is None else check_groups(groups, len(y))
        part = self.validation_fraction
        if hasattr(part, "split"):  # knows all rows, perhaps each by its number
            parts = hold_out(y, part, stratify=False, groups=groups, seed=seed)
            training, validation = (rows[np.isin(rows, kept)] for rows in parts)
            if len(training) == 0:
                raise ValueError(
                    f"validation_fraction={part!r} leaves no sample with a weight above 0 to train "
                    "on; give another splitter, a share, or (X_val, y_val)."
                )
            return training, validation
        groups = None if groups is None else groups[kept]
        training, validation = hold_out(y[kept], part, stratify=stratify, groups=groups, seed=seed)
        return kept[training], kept[validation]

    def _read_validation_data(
        self, form: InputForm, vocabulary: Vocabulary | None, target: Target, inputs: Scaling
    ) -> TrainingSet:
        if len(self.validation_fraction) != 2:
            raise ValueError(
                f"validation_fraction is a tuple of {len(self.validation_fraction)}; give a "
                "share, a splitter, or (X_val, y_val)."
            )
        X_val, y_val = self.validation_fraction
        batch = self._read_again(X_val, form, vocabulary)
        y, layout = self._read_target(y_val, batch, "validation_fraction: y_val")
        values = self._target_values(y, target, "validation_fraction: y_val")
        weights = np.ones(len(values), np.float32)
        return TrainingSet(replace(batch, scaling=inputs), values, weights, layout)

    def _input_scaling(self, batch: SequenceBatch, weights: np.ndarray) -> Scaling:
        if batch.is_tokens:
            return Scaling.identity(1)
        moments = channel_moments(batch, weights)
        moments.warn_where_lost(
            "X",
            "channel",
            single=not self.scale_inputs,
            remedy="Set scale_inputs=True: channels are then centred in double precision.",
        )
        return moments.scaling() if self.scale_inputs else Scaling.identity(batch.n_channels)

    def _make_architecture(
        self, batch: SequenceBatch, vocabulary: Vocabulary | None, target: Target
    ) -> Architecture:
        return Architecture(
            cell=find_cell(self.cell).name,
            units=int(self.units),
            num_layers=int(self.num_layers),
            bidirectional=bool(self.bidirectional),
            dropout=float(self.dropout),
            recurrent_dropout=float(self.recurrent_dropout),
            n_channels=batch.n_channels,
            n_timesteps=batch.stride if batch.fixed_length else None,
            vocabulary_size=vocabulary and vocabulary.n_rows,
            embedding_dim=vocabulary and vocabulary.size,
            mask_missing=self.missing == "mask" and not batch.is_tokens,
            n_outputs=target.n_outputs,
            head=target.head,
            return_sequences=bool(self.return_sequences),
            pooling=pooling_of(self.pooling, self.return_sequences),
        )

    def _print(self, line: str) -> None:
        print(f"[{type(self).__name__}] {line}")  # noqa: T201 -- what verbose means

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.allow_nan = self.missing == "mask"
        tags.non_deterministic = self.random_state is None
        return tags


def _warn_of_labels_of_steps(target: Target, batch: SequenceBatch) -> None:
    """Warn where labels that may hold together are as many as each sequence has time steps."""
    n_labels = target.n_outputs
    if target.head == "sigmoid" and n_labels > 1 and (batch.lengths == n_labels).all():
        warnings.warn(
            f"y has {n_labels} columns of 0 and 1, and each sequence of X has {n_labels} time "
            "steps: the columns are taken for labels of the whole sequence that may hold together. "
            "To give each time step one label, set return_sequences=True.",
            UserWarning,
            stacklevel=2,
        )


def _longest(batch: SequenceBatch) -> int:
    return batch.max_length if batch.stride is None else batch.stride


def _source_of_seeds(random_state: Any) -> Any:
    # None is kept, because scikit-learn would take NumPy's global state for it.
    return None if random_state is None else check_random_state(random_state)


def load_engine() -> Any:
    """Import Keras when it is first needed, and say what is missing, or why it cannot run."""
    refuse_where_forked()
    note_use()
    hide_false_alarms()
    try:
        from rnnselect.recurrent import engine
    except ModuleNotFoundError as error:
        raise MissingBackendError(
            f"Keras cannot start: the module {error.name!r} is missing. Install it, or set the "
            "environment variable KERAS_BACKEND to a backend that is installed."
        ) from error
    return engine
