"""What an estimator learns of the form of X in `fit`, and holds later calls to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnselect.sequences.batch import Kind, SequenceBatch
from rnnselect.sequences.lazy import within_reach
from rnnselect.sequences.validation import read_sequences, sequence_kind

__all__ = ["InputForm"]


@dataclass(frozen=True, eq=False, slots=True)
class InputForm:
    """The form that X had in `fit`.

    Parameters
    ----------
    kind : {"series", "panel", "ragged", "tokens"}
        As `sequence_kind` tells it.
    n_features : int
        Number of time steps of 2-D input; otherwise number of channels.
    n_channels : int
        Values of one time step (1 for token ids).
    missing : {"error", "mask"}
        As for `read_sequences`.
    feature_names : ndarray of shape (n_features,) or None, default=None
        Names of the columns, where X was a data frame with string names.
    """

    kind: Kind
    n_features: int
    n_channels: int
    missing: str
    feature_names: np.ndarray[Any, Any] | None = None

    @classmethod
    def learn(
        cls, X: Any, estimator: Any, *, tokens: bool = False, missing: str = "error"
    ) -> tuple[SequenceBatch, InputForm]:
        """Read X and learn its form; the estimator, which errors name, stays as it is.

        Parameters
        ----------
        X : array-like
            Sequences in any accepted form.
        estimator : estimator
            What is being fitted.
        tokens, missing
            As for `read_sequences`.

        Returns
        -------
        batch : SequenceBatch
            The sequences.
        form : InputForm
            Their form.
        """
        X = within_reach(X)
        kind = sequence_kind(X, tokens=tokens)
        names = None
        if kind == "series":
            X, names = _check_table(X, estimator)
        batch = read_sequences(X, tokens=tokens, missing=missing)
        n_features = X.shape[1] if kind == "series" else batch.n_channels
        return batch, cls(kind, n_features, batch.n_channels, missing, names)

    def read(self, X: Any, estimator: Any) -> SequenceBatch:
        """Return X as a batch, if it has this form.

        Raises
        ------
        ValueError
            If X has another form, or holds no sequences.
        """
        X = within_reach(X)
        name = type(estimator).__name__
        kind = sequence_kind(X, tokens=self.kind == "tokens")
        if (kind == "series") != (self.kind == "series"):
            raise ValueError(
                f"X is a {kind} input, but {name} was fitted on a {self.kind} input ('series' is a "
                "2-D array, 'panel' a 3-D array, 'ragged' a list of arrays): give X in the same "
                "form, e.g. X[:, :, None] for one channel."
            )
        if kind == "series":
            X, _ = _check_table(X, estimator, self.attributes())
        batch = read_sequences(X, tokens=self.kind == "tokens", missing=self.missing)
        if batch.n_channels != self.n_channels:
            raise ValueError(
                f"X has {batch.n_channels} channel(s), but {name} is expecting {self.n_channels} "
                "channel(s) as input, as many as in fit."
            )
        return batch

    def attributes(self) -> dict[str, Any]:
        """Return the fitted attributes that tell this form."""
        names = {} if self.feature_names is None else {"feature_names_in_": self.feature_names}
        return {"n_features_in_": self.n_features, "n_channels_in_": self.n_channels, **names}


def _check_table(X: Any, estimator: Any, learnt: dict[str, Any] | None = None) -> tuple[Any, Any]:
    """Return a 2-D array and the names of its columns, checked against what was learnt."""
    from sklearn.utils.validation import validate_data  # planning does without scikit-learn

    # scikit-learn writes what it learns on the estimator: it gets one that nobody else has.
    stand_in = object.__new__(type(estimator))
    vars(stand_in).update(estimator.get_params(deep=False), **(learnt or {}))
    # Missing and infinite values are found later, with the sample and time step named.
    X = validate_data(stand_in, X, reset=learnt is None, dtype="numeric", ensure_all_finite=False)
    return X, vars(stand_in).get("feature_names_in_")
