"""What an estimator learns of the form of X in `fit`, and holds later calls to."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnselect.sequences.batch import Kind, SequenceBatch
from rnnselect.sequences.carried import SequenceArray, Windows
from rnnselect.sequences.validation import read_sequences

__all__ = ["InputForm"]


@dataclass(frozen=True, eq=False, slots=True)
class InputForm:
    """The form that X had in `fit`.

    Parameters
    ----------
    kind : {"series", "panel", "ragged", "tokens"}
        Of the `SequenceBatch` that was read.
    n_features : int
        Number of time steps of 2-D input; otherwise number of channels.
    n_channels : int
        Values of one time step (1 for token ids).
    missing : {"error", "mask"}
        As for `read_sequences`.
    feature_names : ndarray or None, default=None
        Names of the columns, where X was a data frame with string names or a collection of
        frames: of the time steps of a table, of the channels of a collection.
    windows : Windows or None, default=None
        What X was, where `make_windows` has made it.
    """

    kind: Kind
    n_features: int
    n_channels: int
    missing: str
    feature_names: np.ndarray[Any, Any] | None = None
    windows: Windows | None = None

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
        batch = read_sequences(X, tokens=tokens, missing=missing)
        n_features = batch.n_channels
        names = None if batch.columns is None else np.array(batch.columns, dtype=object)
        if batch.kind == "series":
            n_features = batch.max_length
            names = _check_table(X, estimator)
        windows = X.windows if isinstance(X, SequenceArray) else None
        return batch, cls(batch.kind, n_features, batch.n_channels, missing, names, windows)

    def read(self, X: Any, estimator: Any) -> SequenceBatch:
        """Return X as a batch, if it has this form.

        Raises
        ------
        ValueError
            If X has another form, or holds no sequences.
        """
        name = type(estimator).__name__
        names = None if self.feature_names is None else tuple(self.feature_names)
        batch = read_sequences(X, tokens=self.kind == "tokens", missing=self.missing, columns=names)
        if (batch.kind == "series") != (self.kind == "series"):
            if batch.kind == "series" and batch.max_length == self.n_channels:
                shape = batch.n_samples, batch.max_length
                raise ValueError(
                    f"X has shape {shape}, which looks like one sequence of {self.n_channels} "
                    f"channel(s), and {name} takes several: give X[:1] in place of X[0], or [x] "
                    "for a single sequence x."
                )
            raise ValueError(
                f"X is a {batch.kind} input, but {name} was fitted on a {self.kind} input "
                "('series' is a 2-D array, 'panel' a 3-D array, 'ragged' a list of arrays): give X "
                "in the same form, e.g. X[:, :, None] for one channel."
            )
        if batch.kind == "series":
            _check_table(X, estimator, self.attributes())
        else:
            self._check_names(batch, name)
        if batch.n_channels != self.n_channels:
            raise ValueError(
                f"X has {batch.n_channels} channel(s), but {name} is expecting {self.n_channels} "
                "channel(s) as input, as many as in fit."
            )
        return batch

    def attributes(self) -> dict[str, Any]:
        """Return the fitted attributes that tell this form."""
        names: dict[str, Any] = {}
        if self.feature_names is not None:
            names["feature_names_in_"] = self.feature_names
        if self.kind == "tokens":  # time steps of a table, whose number is free
            names = {}
        if self.windows is not None:
            names["windows_"] = self.windows
        return {"n_features_in_": self.n_features, "n_channels_in_": self.n_channels, **names}

    def _check_names(self, batch: SequenceBatch, name: str) -> None:
        """Hold names of channels, or time steps of token ids, to those in fit, as scikit-learn."""
        fitted = () if self.feature_names is None else tuple(self.feature_names)
        given = batch.columns or ()
        if self.kind == "tokens":  # a table may have more or fewer time steps than the one in fit
            fitted, given = (
                tuple(column for column in these if column in those)
                for these, those in ((fitted, given), (given, fitted))
            )
        if given == fitted:
            return
        if given and fitted:
            raise ValueError(
                "The feature names should match those that were passed during fit, and be in their "
                f"order: X has the columns {list(given)[:10]}, and {name} was fitted on "
                f"{list(fitted)[:10]}."
            )
        what = "X has feature names, but {} was fitted without feature names"
        if fitted:
            what = "X does not have valid feature names, but {} was fitted with feature names"
        warnings.warn(what.format(name), UserWarning, stacklevel=5)


def _check_table(X: Any, estimator: Any, learnt: dict[str, Any] | None = None) -> Any:
    """Return the names of the columns of 2-D input, checked against what was learnt."""
    from sklearn.utils.validation import validate_data  # planning does without scikit-learn

    # scikit-learn writes what it learns on the estimator: it gets one that nobody else has.
    stand_in = object.__new__(type(estimator))
    vars(stand_in).update(estimator.get_params(deep=False), **(learnt or {}))
    validate_data(stand_in, X, reset=learnt is None, skip_check_array=True)
    return vars(stand_in).get("feature_names_in_")
