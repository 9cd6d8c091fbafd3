"""What the estimators know of X: reads it, and holds it to the form that it had in fit."""

from __future__ import annotations

from numbers import Integral
from typing import Any, ClassVar

from sklearn.base import BaseEstimator
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import validate_data

from rnnselect.documentation import DocumentedMixin
from rnnselect.recurrent.inputs import check_vocabulary, embedding_shape
from rnnselect.sequences.batch import SequenceBatch
from rnnselect.sequences.lazy import within_reach
from rnnselect.sequences.validation import read_sequences, sequence_kind

__all__ = ["SequenceReader"]


class SequenceReader(DocumentedMixin, BaseEstimator):
    """Base of `BaseRNN`: the parameters that say what X is, and what fit has seen of it."""

    _parameter_constraints: ClassVar[dict] = {
        "embedding_dim": [None, Interval(Integral, 1, None, closed="left")],
        "vocabulary_size": [None, Interval(Integral, 2, None, closed="left")],
        "embedding_weights": [None, "array-like"],
        "missing": [StrOptions({"error", "mask"})],
    }

    @property
    def _takes_tokens(self) -> bool:
        return self.embedding_dim is not None or self.embedding_weights is not None

    def _read(self, X: Any, *, reset: bool) -> SequenceBatch:
        """Check X; with `reset`, remember its form, otherwise compare it with the form in fit."""
        tokens = self._takes_tokens if reset else self._kind == "tokens"
        if reset and tokens:
            self._n_known_ids, self._embedding_dim = embedding_shape(self)
        X = within_reach(X)
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
                vars(self).pop("feature_names_in_", None)  # of a table in an earlier fit
            vars(self).pop("vocabulary_size_", None)
            if tokens:
                self.vocabulary_size_ = check_vocabulary(batch, self._n_known_ids)
        elif batch.n_channels != self.n_channels_in_:
            raise ValueError(
                f"X has {batch.n_channels} channel(s), but {type(self).__name__} is expecting "
                f"{self.n_channels_in_} channel(s) as input, as many as in fit."
            )
        elif tokens:
            check_vocabulary(batch, self._n_known_ids)
        return batch

    def _check_kind(self, kind: str) -> None:
        if (kind == "series") != (self._kind == "series"):
            raise ValueError(
                f"X is a {kind} input, but {type(self).__name__} was fitted on a {self._kind} "
                "input ('series' is a 2-D array, 'panel' a 3-D array, 'ragged' a list of arrays): "
                "give X in the same form, e.g. X[:, :, None] for one channel."
            )
