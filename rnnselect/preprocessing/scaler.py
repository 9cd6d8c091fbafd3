"""`SequenceScaler`: every channel on one scale, over all sequences and time steps."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin, _fit_context
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from rnnselect.documentation import DocumentedMixin
from rnnselect.parameters import PlainParametersMixin
from rnnselect.sequences.batch import SequenceBatch
from rnnselect.sequences.carried import carrying
from rnnselect.sequences.form import InputForm
from rnnselect.sequences.ragged import ragged

__all__ = ["SequenceScaler", "make_scaler"]

_SCALERS = {"standard": StandardScaler, "robust": RobustScaler, "minmax": MinMaxScaler}


def _has_columns(scaler: SequenceScaler) -> bool:
    """Whether the output is a table: then, and only then, `set_output` applies to it."""
    return not hasattr(scaler, "_form") or scaler._form.kind == "series"


class SequenceScaler(
    OneToOneFeatureMixin, TransformerMixin, DocumentedMixin, PlainParametersMixin, BaseEstimator
):
    """Scale each channel by its values in all sequences and time steps.

    scikit-learn's own scalers treat the columns of a table one by one, which for sequences would
    be the time steps: a level or a trend common to all sequences would vanish, and 3-D or ragged
    input is refused. Here all time steps of a channel share one scale. `RNNClassifier` and
    `RNNRegressor` standardise their input themselves; use this scaler for other estimators in a
    pipeline, for scales that outliers hardly change, and for values whose differences are lost
    in single precision (such as seconds since 1970).

    Parameters
    ----------
    method : {"standard", "robust", "minmax"}, default="standard"
        Mean 0 and variance 1; median 0 and interquartile range 1, which outliers hardly change;
        or the interval from 0 to 1. The work is done by scikit-learn's `StandardScaler`,
        `RobustScaler` or `MinMaxScaler`.

    Attributes
    ----------
    scaler_ : StandardScaler, RobustScaler or MinMaxScaler
        Fitted on all time steps, one feature for each channel; a channel that is constant is
        only shifted.
    n_channels_in_ : int
        Values of one time step.
    n_features_in_ : int
        Number of time steps of 2-D input; otherwise number of channels.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the columns, where X was a data frame with string names or a list of frames.
    windows_ : Windows
        Length, horizon and targets of the windows, where `make_windows` has made X.

    Notes
    -----
    Missing values and padding (NaN) do not count and stay NaN. `get_feature_names_out` and
    `set_output` are for 2-D input; output of other kinds has no columns.

    Examples
    --------
    Sequences of different lengths, with two channels:

    >>> import numpy as np
    >>> from rnnselect.preprocessing.scaler import SequenceScaler
    >>> X = [np.array([[1.0, 500.0], [3.0, 700.0]]), np.array([[2.0, 600.0]])]
    >>> scaler = SequenceScaler("minmax").fit(X)
    >>> [x.tolist() for x in scaler.transform(X)]
    [[[0.0, 0.0], [1.0, 1.0]], [[0.5, 0.5]]]

    A 2-D array holds sequences of one channel, so that all its columns share one scale:

    >>> SequenceScaler("minmax").fit_transform([[0.0, 5.0], [5.0, 10.0]])
    array([[0. , 0.5], [0.5, 1. ]])
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {"method": [StrOptions(set(_SCALERS))]}

    def __init__(self, method="standard"):
        self.method = method

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Learn the scale of each channel.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps[, n_channels]) or list of arrays
            Sequences of numbers, of any kind that the networks take; not token ids.
        y : None
            Ignored.

        Returns
        -------
        self : SequenceScaler
            The fitted transformer.

        Raises
        ------
        ValueError
            If X holds no sequences of numbers; the message names the sample and the remedy.
        """
        _refuse_token_ids(X)
        batch, form = InputForm.learn(X, self, missing="mask")
        unknown = np.isnan(batch.steps).all(axis=0)
        if unknown.any():
            raise ValueError(
                f"X holds only missing values (NaN) in channel {np.argmax(unknown)}, so that it "
                "has no scale; drop the channel."
            )
        self._keep(form, make_scaler(self.method).fit(batch.steps))
        return self

    def _keep(self, form: InputForm, scaler: Any) -> None:
        """Take over what fit has learnt."""
        for name in ("feature_names_in_", "windows_"):  # of an earlier fit
            vars(self).pop(name, None)
        vars(self).update(form.attributes(), _form=form, scaler_=scaler)

    def _read(self, X: Any) -> SequenceBatch:
        check_is_fitted(self)
        _refuse_token_ids(X)
        batch: SequenceBatch = self._form.read(X, self)
        return batch

    def transform(self, X):
        """Return the sequences with scaled values.

        Parameters
        ----------
        X : array-like
            Sequences in the form given to `fit`; of any length, except for 2-D input.

        Returns
        -------
        ndarray or list of ndarray
            Of the same form as X, and of its precision, if that is float32 or float64.
        """
        batch = self._read(X)
        return _in_the_form_of(X, batch, self.scaler_.transform(batch.steps))

    def inverse_transform(self, X):
        """Return scaled sequences with their values as they were before.

        Parameters
        ----------
        X : array-like
            Sequences as `transform` returns them.

        Returns
        -------
        ndarray or list of ndarray
            Of the same form as X.
        """
        batch = self._read(X)
        return _in_the_form_of(X, batch, self.scaler_.inverse_transform(batch.steps))

    @available_if(_has_columns)
    def get_feature_names_out(self, input_features=None):
        """Return the names of the columns of 2-D input; they stay as they are.

        Parameters
        ----------
        input_features : array-like of str or None, default=None
            Names to use where X in `fit` had none.

        Returns
        -------
        ndarray of shape (n_features,)
            The names.
        """
        return super().get_feature_names_out(input_features)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


def make_scaler(method: str) -> Any:
    """Return scikit-learn's scaler of a method, not fitted."""
    # Time steps are not table of the user's, whatever output scikit-learn is set to.
    return _SCALERS[method]().set_output(transform="default")


def _refuse_token_ids(X: Any) -> None:
    """Refuse sequences of whole numbers in rows of their own, as `SequenceTokenizer` makes them.

    A 2-D array of whole numbers is let through: it may as well hold counts.
    """
    is_collection = isinstance(X, list | tuple) or getattr(X, "dtype", None) == np.dtype(object)
    if not is_collection or not all(map(_is_whole_numbers, X)):
        return
    if any(hasattr(row, "__array__") for row in X) or len({len(row) for row in X}) > 1:
        raise ValueError(
            "X holds sequences of whole numbers, which look like token ids: these are names and "
            "have no scale. Leave SequenceScaler out and set embedding_dim of the network; if the "
            "numbers are amounts, give X = [np.asarray(x, float) for x in X]."
        )


def _is_whole_numbers(row: Any) -> bool:
    if not hasattr(row, "__array__"):
        return isinstance(row, list | tuple) and all(
            isinstance(value, int | np.integer) for value in row
        )
    values = np.asarray(row)
    return values.ndim == 1 and values.dtype.kind in "iu"


def _in_the_form_of(X: Any, batch: SequenceBatch, steps: np.ndarray) -> Any:
    """Return `steps`, the scaled ones of `batch`, as the user gave them in `X`."""
    if batch.stride is not None:
        shape = (
            (batch.n_samples, -1)
            if batch.kind == "series"
            else (batch.n_samples, -1, batch.n_channels)
        )
        columns = None if batch.kind == "series" else batch.columns
        return carrying(steps.reshape(shape), columns, getattr(X, "windows", None))
    rows = np.split(steps, batch.starts[1:])
    if isinstance(X, list | tuple | np.ndarray):
        rows = [row.reshape(np.shape(x)) for row, x in zip(rows, X, strict=True)]
    elif batch.n_channels == 1 and batch.columns is None:  # cells of a column, ragged tensors
        rows = [row[:, 0] for row in rows]
    return rows if isinstance(X, list | tuple) else ragged(rows, batch.columns)
