"""`RNNClassifier`: an LSTM or GRU network that classifies sequences."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from sklearn.base import ClassifierMixin, _fit_context
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_y, column_or_1d

from rnnselect.recurrent.base import BaseRNN
from rnnselect.recurrent.target import Target

__all__ = ["RNNClassifier"]


class RNNClassifier(ClassifierMixin, BaseRNN):
    """Classify sequences with an LSTM or GRU network.

    A scikit-learn classifier around a real Keras network, with the recurrent cell as a
    parameter, so that ``GridSearchCV(RNNClassifier(), {"cell": ["gru", "lstm"]})`` compares
    the cells.

    Parameters
    ----------
    cell : {"gru", "lstm"}, default="gru"
        The recurrent cell.
    units : int, default=32
        Units of each recurrent layer.
    num_layers : int, default=1
        Number of recurrent layers on top of each other.
    bidirectional : bool, default=False
        Whether each layer also reads the sequence backwards.
    dropout : float, default=0.0
        Share of each layer's inputs that is dropped in training, in [0, 1).
    recurrent_dropout : float, default=0.0
        Share of the recurrent state that is dropped in training, in [0, 1).
    embedding_dim : int or None, default=None
        An int makes X token ids (0 is padding) that are embedded in vectors of this size.
    vocabulary_size : int or None, default=None
        Number of token ids, padding included. None: one more than the largest id in fit.
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
    class_weight : dict, "balanced" or None, default=None
        Weights of the classes, multiplied with the samples' own.
    scale_inputs : bool, default=True
        Whether each channel is standardised, by a layer of the network.
    missing : {"error", "mask"}, default="error"
        Missing values (NaN) inside a sequence are an error, or are filled with the channel's
        mean and shown to the network in a further channel.
    engine : {"auto", "compiled", "keras"}, default="auto"
        What trains the network: chunks of steps compiled into one program, or
        `keras.Model.fit`. "auto" takes the compiled engine where it can serve (TensorFlow on a
        CPU; Adam, AdamW, SGD, RMSprop; no callbacks).
    callbacks : list of keras.callbacks.Callback or None, default=None
        Copied for each fit; they need `keras.Model.fit`.
    random_state : int, RandomState instance or None, default=None
        Seed of the initial weights, the order of samples, dropout and the validation part.
    verbose : int, default=0
        1 prints a line for each epoch.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The class labels.
    model_ : keras.Model
        The fitted network. It takes raw channels (NaN rows are padding) and returns what
        `predict_proba` returns.
    history_ : dict of list of float
        Training loss (``"loss"``) and, with a validation part, ``"val_loss"`` of each epoch.
    n_epochs_ : int
        Number of complete epochs.
    stop_reason_ : {"early_stopping", "max_epochs", "deadline", "diverged", "callback"}
        What ended the training.
    engine_ : {"compiled", "keras"}
        What trained the network.
    n_timesteps_in_ : int
        Time steps of the longest sequence seen in fit.
    n_channels_in_ : int
        Channels of a time step (1 for token ids).
    n_features_in_ : int
        Number of time steps of 2-D input; otherwise number of channels.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, where X was a data frame with string names.
    vocabulary_size_ : int
        Number of token ids; only with `embedding_dim`.

    See Also
    --------
    RNNRegressor : The same network for real-valued targets.
    RNNAdvisor : Decides between LSTM and GRU.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from rnnselect import RNNClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> X = X.reshape(-1, 8, 8)  # each image is a sequence of 8 rows of 8 pixels
    >>> clf = RNNClassifier(cell="gru", epochs=10, random_state=0).fit(X[:1000], y[:1000])
    >>> bool(clf.score(X[1000:], y[1000:]) > 0.8)
    True
    """

    _parameter_constraints: ClassVar[dict] = {
        **BaseRNN._parameter_constraints,
        "class_weight": [dict, StrOptions({"balanced"}), None],
    }

    def __init__(
        self,
        cell="gru",
        *,
        units=32,
        num_layers=1,
        bidirectional=False,
        dropout=0.0,
        recurrent_dropout=0.0,
        embedding_dim=None,
        vocabulary_size=None,
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
        class_weight=None,
        scale_inputs=True,
        missing="error",
        engine="auto",
        callbacks=None,
        random_state=None,
        verbose=0,
    ):
        self.cell = cell
        self.units = units
        self.num_layers = num_layers
        self.bidirectional = bidirectional
        self.dropout = dropout
        self.recurrent_dropout = recurrent_dropout
        self.embedding_dim = embedding_dim
        self.vocabulary_size = vocabulary_size
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
        self.class_weight = class_weight
        self.scale_inputs = scale_inputs
        self.missing = missing
        self.engine = engine
        self.callbacks = callbacks
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
        y : array-like of shape (n_samples,)
            Class labels: numbers or strings, at least two different ones.
        sample_weight : array-like of shape (n_samples,) or None, default=None
            Weights of the samples; those of weight 0 are left out.
        groups : array-like of shape (n_samples,) or None, default=None
            Samples of one group are not split between training and validation part.

        Returns
        -------
        self : RNNClassifier
            The fitted estimator.
        """
        return self._fit(X, y, sample_weight, groups)

    def predict_proba(self, X):
        """Return the probabilities of the classes.

        Parameters
        ----------
        X : array-like
            Sequences in the form given to `fit`; of any length, except for 2-D input.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            In the order of `classes_`.
        """
        return self._network_outputs(X)

    def predict(self, X):
        """Return the likeliest class of each sequence.

        Parameters
        ----------
        X : array-like
            Sequences in the form given to `fit`; of any length, except for 2-D input.

        Returns
        -------
        ndarray of shape (n_samples,)
            Class labels.
        """
        probabilities = self.predict_proba(X)  # says that it is not fitted, where it is not
        return self.classes_[np.argmax(probabilities, axis=1)]

    def _read_target(self, y: Any, sample_weight: np.ndarray) -> Target:
        y = _check_y(column_or_1d(y, warn=True), y_numeric=False, estimator=self)
        check_classification_targets(y)
        self.classes_, numbers = np.unique(y, return_inverse=True)
        n_classes = len(np.unique(numbers[sample_weight > 0]))
        if n_classes < 2:
            raise ValueError(
                f"y holds {n_classes} class only ({self.classes_[:1].tolist()}, counting samples "
                "with a weight above 0); a classifier needs at least two classes."
            )
        return Target(numbers.astype(np.int32), len(self.classes_), "softmax", None)

    def _read_validation_target(self, y: Any) -> np.ndarray:
        y = column_or_1d(y, warn=True)
        unknown = np.setdiff1d(y, self.classes_)
        if len(unknown):
            raise ValueError(
                f"validation_fraction: y_val holds the labels {unknown[:5].tolist()}, which y in "
                f"fit does not; its classes are {self.classes_[:10].tolist()}."
            )
        return np.searchsorted(self.classes_, y).astype(np.int32)

    def _class_weights(self, target: Target, weights: np.ndarray) -> np.ndarray | float:
        if self.class_weight is None:
            return 1.0
        if self.class_weight == "balanced":  # by total weight: 2 is the same as twice
            totals = np.bincount(target.values, weights, minlength=target.n_outputs)
            return 1.0 / np.where(totals > 0, totals, 1.0)[target.values]
        factors = compute_sample_weight(self.class_weight, self.classes_[target.values])
        if not (factors >= 0).all() or not (factors * weights).any():
            raise ValueError(
                f"class_weight={self.class_weight} gives a negative weight, or all samples the "
                "weight 0; give each class a number of at least 0."
            )
        return factors
