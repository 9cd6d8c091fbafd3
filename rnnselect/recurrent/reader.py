"""Reads X, and holds it to the form and the vocabulary that it had in fit."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from typing import Any, ClassVar

from sklearn.base import BaseEstimator
from sklearn.utils._param_validation import Interval, StrOptions

from rnnselect.documentation import DocumentedMixin
from rnnselect.parameters import PlainParametersMixin
from rnnselect.recurrent.inputs import check_vocabulary, embedding_shape
from rnnselect.recurrent.token_ids import (
    refuse_huge_embedding,
    warn_of_ids_as_numbers,
    without_inner_padding,
)
from rnnselect.sequences.batch import SequenceBatch
from rnnselect.sequences.form import InputForm

__all__ = ["SequenceReader", "Vocabulary"]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The token ids of one estimator.

    Parameters
    ----------
    n_known : int or None
        Number of ids that are allowed; None for any.
    n_rows : int
        Rows of the embedding.
    size : int
        Size of an embedding vector.
    labelled : bool
        Whether each id has a target of its own.
    """

    n_known: int | None
    n_rows: int
    size: int
    labelled: bool


class SequenceReader(DocumentedMixin, PlainParametersMixin, BaseEstimator):
    """Base of `BaseRNN`: reads X."""

    _parameter_constraints: ClassVar[dict] = {
        "embedding_dim": [None, Interval(Integral, 1, None, closed="left")],
        "vocabulary_size": [None, Interval(Integral, 2, None, closed="left")],
        "embedding_weights": [None, "array-like"],
        "missing": [StrOptions({"error", "mask"})],
    }

    @property
    def _takes_tokens(self) -> bool:
        return self.embedding_dim is not None or self.embedding_weights is not None

    def _read_first(self, X: Any) -> tuple[SequenceBatch, InputForm, Vocabulary | None]:
        """Check X, and learn its form and, of token ids, the vocabulary."""
        vocabulary = None
        shape = embedding_shape(self) if self._takes_tokens else None
        batch, form = InputForm.learn(X, self, tokens=shape is not None, missing=self.missing)
        if shape is None:
            warn_of_ids_as_numbers(batch)
        else:
            n_known, size = shape
            n_rows = check_vocabulary(batch, n_known)
            refuse_huge_embedding(batch, n_rows, size)
            vocabulary = Vocabulary(n_known, n_rows, size, self.return_sequences)
            batch = without_inner_padding(batch, labelled=self.return_sequences)
        return batch, form, vocabulary

    def _read_again(self, X: Any, form: InputForm, vocabulary: Vocabulary | None) -> SequenceBatch:
        """Check X, and hold it to what was learnt."""
        batch = form.read(X, self)
        if vocabulary is not None:
            check_vocabulary(batch, vocabulary.n_known)
            batch = without_inner_padding(batch, labelled=vocabulary.labelled)
        return batch
