"""`RNNRegressor`: an LSTM or GRU network that predicts values from sequences."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from sklearn.base import RegressorMixin, _fit_context
from sklearn.metrics import r2_score
from sklearn.utils.validation import check_array

from rnnselect.recurrent.base import BaseRNN
from rnnselect.recurrent.inputs import named
from rnnselect.recurrent.scorers import step_r2
from rnnselect.recurrent.target import Target
from rnnselect.sequences.masks import without_mask
from rnnselect.sequences.moments import target_moments
from rnnselect.sequences.scaling import Scaling

__all__ = ["RNNRegressor"]


class RNNRegressor(RegressorMixin, BaseRNN):
    """Predict values from each sequence, or each time step, with an LSTM or GRU network.

    A scikit-learn regressor around a real Keras network, with the recurrent cell as a
    parameter, so that ``GridSearchCV(RNNRegressor(), {"cell": ["gru", "lstm"]})`` compares
    the cells.

    Parameters
    ----------
    cell : {"gru", "lstm"}, default="gru"
        The recurrent cell; capital letters work as well.
    units : int, default=32
        Units of each recurrent layer.
    num_layers : int, default=1
        Number of recurrent layers on top of each other.
    bidirectional : bool, default=False
        Whether each layer also reads the sequence backwards.
    pooling : {"auto", "avg", "max", "concat"} or None, default="auto"
        What the output layer reads of the states of all time steps: None takes the last state,
        ``"avg"`` the mean over time, ``"max"`` the maximum, ``"concat"`` all three side by side.
        Padding never counts. ``"auto"`` is ``"concat"``; with `return_sequences`, which needs
        None, it is None.
    dropout : float, default=0.0
        Share of each layer's inputs that is dropped in training, in [0, 1).
    recurrent_dropout : float, default=0.0
        Share of the recurrent state that is dropped in training, in [0, 1).
    return_sequences : bool, default=False
        Whether each time step has a target, and a prediction: y is a list of arrays as long as
        the sequences, or an array (n_samples, n_timesteps). `per_step_accuracy` and others score.
    embedding_dim : int or None, default=None
        An int makes X token ids (0 is padding) that are embedded in vectors of this size.
    vocabulary_size : int or None, default=None
        Number of token ids, padding included; other ids are an error. None: enough for the ids
        in fit, and other ids in `predict` share the vector of an unknown token, which is never
        trained.
    embedding_weights : array-like of shape (vocabulary_size, embedding_dim), default=None
        Initial vectors of the token ids, such as `load_word_vectors` returns. Training changes
        them; the two sizes follow from them and may be None.
    optimizer : str or keras.Optimizer, default="adam"
        Name of a Keras optimizer, or an optimizer, which is rebuilt from its configuration in
        each fit and brings its own learning rate and clipping.
    learning_rate : float, default=0.005
        Step size, with a named optimizer.
    clipnorm : float or None, default=1.0
        Largest norm of the gradient of each weight, with a named optimizer.
    batch_size : int, default=32
        Sequences of one training step.
    epochs : int, default=200
        Passes over the training part at most.
    max_seconds : float or None, default=None
        Seconds after which training stops, counted from the call of fit; the best weights so
        far are kept.
    early_stopping : bool, default=True
        Whether to hold out a validation part, to stop when its loss no longer improves, and to
        restore the best weights. With fewer than 20 samples the training loss is followed.
    validation_fraction : float, splitter or (X_val, y_val), default=0.1
        The validation part: a share (stratified for classes, whole groups where `groups` is
        given), a splitter whose last split is used, or the data itself.
    n_iter_no_change : int, default=20
        Epochs without improvement after which training stops, but not before 300 steps.
    tol : float, default=1e-4
        Smallest decrease of the loss that counts as an improvement.
    scale_inputs : bool, default=True
        Whether each channel is standardised, by a layer of the network.
    scale_targets : bool, default=True
        Whether the network is trained on standardised targets; predictions always have the
        scale of y.
    missing : {"error", "mask"}, default="error"
        Missing values (NaN) inside a sequence are an error, or are filled with the channel's
        mean and shown to the network in a further channel.
    engine : {"auto", "compiled", "keras"}, default="auto"
        What trains the network: chunks of steps compiled into one program, or
        `keras.Model.fit`. "auto" takes the compiled engine where it can be used (TensorFlow on a
        CPU; Adam, AdamW, SGD, RMSprop; no callbacks).
    callbacks : list of keras.callbacks.Callback or None, default=None
        They need `keras.Model.fit`. Each fit uses copies, which it leaves in `callbacks_`. The
        network that they see takes standardised channels, and has no layer for probabilities.
    warm_start : bool, default=False
        Whether `fit` continues with the weights, the scaling and the classes of the previous call
        (with a fresh optimizer), instead of starting anew. Parameters that shape the network
        must not change in between.
    random_state : int, RandomState instance or None, default=None
        Seed of the initial weights, the order of samples, dropout and the validation part.
    verbose : int, default=0
        1 prints a line for each epoch.

    Attributes
    ----------
    model_ : keras.Model
        The fitted network. It takes raw channels (NaN rows are padding) and returns what
        `predict` returns.
    history_ : dict of list of float
        Training loss (``"loss"``) and, with a validation part, ``"val_loss"`` of each epoch.
    n_epochs_ : int
        Number of complete epochs, of all calls of `partial_fit` together.
    stop_reason_ : {"early_stopping", "max_epochs", "deadline", "diverged", "callback"}
        What ended the training.
    engine_ : {"compiled", "keras"}
        What trained the network.
    callbacks_ : list of keras.callbacks.Callback
        The copies of `callbacks` that the training used, such as a ``History``; only if there
        are any. They are not pickled.
    n_timesteps_in_ : int
        Time steps of the longest sequence seen in fit.
    n_channels_in_ : int
        Channels of a time step (1 for token ids).
    n_features_in_ : int
        Number of time steps of 2-D input; otherwise number of channels.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the columns, where X was a data frame with string names or a list of frames.
    windows_ : Windows
        Length, horizon and targets of the windows, where `make_windows` has made X.
    vocabulary_size_ : int
        Rows of the embedding; only for token ids. Where inferred, it is rounded up, so
        that folds of one data set share a compiled program, and its last row is the unknown
        token.

    See Also
    --------
    RNNClassifier : The same network for class labels.
    RNNAdvisor : Decides between LSTM and GRU.

    Examples
    --------
    >>> import numpy as np
    >>> from rnnselect import RNNRegressor
    >>> X = np.random.default_rng(0).normal(size=(300, 10, 2))
    >>> y = X[:, :, 0].mean(axis=1) - X[:, -1, 1]
    >>> reg = RNNRegressor(cell="lstm", epochs=20, random_state=0).fit(X[:200], y[:200])
    >>> bool(reg.score(X[200:], y[200:]) > 0.7)
    True
    """

    _parameter_constraints: ClassVar[dict] = {
        **BaseRNN._parameter_constraints,
        "scale_targets": ["boolean"],
    }
    _shaping = (*BaseRNN._shaping, "scale_targets")

    def __init__(
        self,
        cell="gru",
        *,
        units=32,
        num_layers=1,
        bidirectional=False,
        pooling="auto",
        dropout=0.0,
        recurrent_dropout=0.0,
        return_sequences=False,
        embedding_dim=None,
        vocabulary_size=None,
        embedding_weights=None,
        optimizer="adam",
        learning_rate=0.005,
        clipnorm=1.0,
        batch_size=32,
        epochs=200,
        max_seconds=None,
        early_stopping=True,
        validation_fraction=0.1,
        n_iter_no_change=20,
        tol=1e-4,
        scale_inputs=True,
        scale_targets=True,
        missing="error",
        engine="auto",
        callbacks=None,
        warm_start=False,
        random_state=None,
        verbose=0,
    ):
        self.cell = cell
        self.units = units
        self.num_layers = num_layers
        self.bidirectional = bidirectional
        self.pooling = pooling
        self.dropout = dropout
        self.recurrent_dropout = recurrent_dropout
        self.return_sequences = return_sequences
        self.embedding_dim = embedding_dim
        self.vocabulary_size = vocabulary_size
        self.embedding_weights = embedding_weights
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.clipnorm = clipnorm
        self.batch_size = batch_size
        self.epochs = epochs
        self.max_seconds = max_seconds
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.scale_inputs = scale_inputs
        self.scale_targets = scale_targets
        self.missing = missing
        self.engine = engine
        self.callbacks = callbacks
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y, sample_weight=None, groups=None):
        """Fit the network.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps[, n_channels]) or list of arrays
            Sequences: a 2-D array of univariate series, a 3-D array (NaN rows at the end of a
            series are padding), a list of arrays of shape ``(n_timesteps_i, n_channels)``, or
            token ids.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets. With `return_sequences`, those of every time step.
        sample_weight : array-like of shape (n_samples,) or None, default=None
            Weights of the samples; those of weight 0 are left out.
        groups : array-like of shape (n_samples,) or None, default=None
            Samples of one group are not split between training and validation part.

        Returns
        -------
        self : RNNRegressor
            The fitted estimator.

        Raises
        ------
        ValueError
            If a parameter or the data cannot be used; nothing has been trained then.
        """
        return self._fit(X, y, sample_weight, groups)

    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X, y, sample_weight=None):
        """Train for one epoch on these sequences, going on from the calls before.

        The first call fixes the scaling (so its data should be typical), the vocabulary and the
        network; the optimizer remembers its steps between calls, also through pickling, as long
        as engine and optimizer stay the same. All samples are trained on, and only `max_seconds`
        stops early. After `fit`, training goes on from its weights with a fresh optimizer.

        Parameters
        ----------
        X : array-like
            Sequences in the form given to `fit`.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets.
        sample_weight : array-like of shape (n_samples,) or None, default=None
            Weights of the samples; those of weight 0 are left out.

        Returns
        -------
        self : RNNRegressor
            The fitted estimator.
        """
        return self._fit(X, y, sample_weight, partial=True)

    def predict(self, X):
        """Return the predicted values.

        Parameters
        ----------
        X : array-like
            Sequences in the form given to `fit`; of any length, except for 2-D input.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs)
            On the scale, and of the shape, of y. With `return_sequences`, those of every time step.
        """
        values, batch = self._network_outputs(X)
        target = self._state.target
        return target.arranged(values[:, 0] if target.flat else values, batch)

    def score(self, X, y, sample_weight=None):
        """Return the coefficient of determination, with `return_sequences` of all time steps.

        Parameters
        ----------
        X : array-like
            Sequences.
        y : array-like
            True targets.
        sample_weight : array-like of shape (n_samples,) or None, default=None
            Weights of the samples.

        Returns
        -------
        float
            R² of `predict`, the mean over outputs.
        """
        predicted = self.predict(X)
        per_step = self._state.architecture.return_sequences
        metric = step_r2 if per_step else r2_score
        sample_weight = without_mask(sample_weight, "sample_weight")
        return float(metric(without_mask(y, "y"), predicted, sample_weight=sample_weight))

    def _check_target(self, y: Any, name: str) -> np.ndarray:
        with named(name, "give finite numbers, one or one row of them for each sequence"):
            kinds = [np.float64, np.float32, np.float16]  # kept, to know what has been rounded
            y = check_array(y, ensure_2d=False, dtype=kinds, input_name=name, estimator=self)
        if np.abs(y).max() > np.finfo(np.float32).max:
            raise ValueError(
                f"{name} holds {y.flat[np.abs(y).argmax()]}, which is too large for float32; "
                "divide the targets by a constant."
            )
        return y

    def _learn_target(
        self, y: np.ndarray, weights: np.ndarray, partial: bool, classes: Any
    ) -> Target:
        del partial, classes
        columns = y.reshape(len(y), -1)
        moments = target_moments(columns, weights)
        moments.warn_where_lost(
            "y",
            "output",
            single=not self.scale_targets,
            remedy="Set scale_targets=True: targets are then centred in double precision.",
        )
        # Predictions are put back on their scale in double precision, however the targets came.
        scaling = replace(moments, dtype=np.dtype(np.float64)).scaling()
        scaling = scaling if self.scale_targets else Scaling.identity(columns.shape[1])
        return Target(columns.shape[1], "linear", scaling, flat=y.ndim == 1)

    def _target_values(self, y: np.ndarray, target: Target, name: str) -> np.ndarray:
        columns, scaling = y.reshape(len(y), -1).astype(np.float64), target.scaling
        if columns.shape[1] != target.n_outputs:
            raise ValueError(
                f"{name} has {columns.shape[1]} output(s), y in fit has {target.n_outputs}."
            )
        return ((columns - scaling.center) / scaling.scale).astype(np.float32)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
