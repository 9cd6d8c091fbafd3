"""`RNNClassifier`: an LSTM or GRU network that classifies sequences."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from sklearn.base import ClassifierMixin, _fit_context
from sklearn.metrics import accuracy_score
from sklearn.utils._param_validation import StrOptions

from rnnselect.recurrent.base import BaseRNN
from rnnselect.recurrent.labels import (
    check_announced,
    check_labels,
    class_factors,
    label_values,
    learn_classes,
)
from rnnselect.recurrent.scorers import step_accuracy
from rnnselect.recurrent.target import Target
from rnnselect.sequences.masks import without_mask

__all__ = ["RNNClassifier"]


class RNNClassifier(ClassifierMixin, BaseRNN):
    """Classify sequences, or each of their time steps, with an LSTM or GRU network.

    A scikit-learn classifier around a real Keras network, with the recurrent cell as a
    parameter, so that ``GridSearchCV(RNNClassifier(), {"cell": ["gru", "lstm"]})`` compares
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
    class_weight : dict, "balanced" or None, default=None
        Weights of the classes, multiplied with the samples' own.
    scale_inputs : bool, default=True
        Whether each channel is standardised, by a layer of the network.
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
    classes_ : ndarray of shape (n_classes,)
        The class labels.
    model_ : keras.Model
        The fitted network. It takes raw channels (NaN rows are padding) and returns what
        `predict_proba` returns.
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
        class_weight=None,
        scale_inputs=True,
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
        self.class_weight = class_weight
        self.scale_inputs = scale_inputs
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
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Class labels: numbers or strings, at least two different ones; or a matrix that says
            with 0 and 1 which labels hold. With `return_sequences`, those of every time step.
        sample_weight : array-like of shape (n_samples,) or None, default=None
            Weights of the samples; those of weight 0 are left out.
        groups : array-like of shape (n_samples,) or None, default=None
            Samples of one group are not split between training and validation part.

        Returns
        -------
        self : RNNClassifier
            The fitted estimator.

        Raises
        ------
        ValueError
            If a parameter or the data cannot be used; nothing has been trained then.
        """
        return self._fit(X, y, sample_weight, groups)

    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X, y, classes=None, sample_weight=None):
        """Train for one epoch on these sequences, going on from the calls before.

        The first call fixes the classes, the scaling, the vocabulary and the network; the
        optimizer remembers its steps between calls, also through pickling, as long as engine and
        optimizer stay the same. All samples are trained on, and only `max_seconds` stops early.
        After `fit`, training goes on from its weights with a fresh optimizer.

        Parameters
        ----------
        X : array-like
            Sequences in the form given to `fit`.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Class labels.
        classes : array-like of shape (n_classes,), default=None
            All classes that will ever come; needed in the first call, unless y is a matrix.
        sample_weight : array-like of shape (n_samples,) or None, default=None
            Weights of the samples; those of weight 0 are left out.

        Returns
        -------
        self : RNNClassifier
            The fitted estimator.
        """
        known = self.classes_ if self.__sklearn_is_fitted__() else None
        check_announced(classes, known, self.class_weight)
        return self._fit(X, y, sample_weight, partial=True, classes=classes)

    def predict_proba(self, X):
        """Return the probabilities of the classes.

        Parameters
        ----------
        X : array-like
            Sequences in the form given to `fit`; of any length, except for 2-D input.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            In the order of `classes_`. Rows sum to 1, unless several labels may hold together.
            With `return_sequences`, there is such an array for each sequence.
        """
        outputs = self._network_outputs(X)  # says that it is not fitted, if so
        return self._state.target.arranged(*outputs)

    def predict(self, X):
        """Return the likeliest class of each sequence.

        Parameters
        ----------
        X : array-like
            Sequences in the form given to `fit`; of any length, except for 2-D input.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_labels)
            Class labels; or 1 for each label of a probability above 0.5. With
            `return_sequences`, those of every time step.
        """
        probabilities, batch = self._network_outputs(X)
        target = self._state.target
        if target.head == "sigmoid":
            return target.arranged((probabilities > 0.5).astype(int), batch)
        return target.arranged(target.classes[np.argmax(probabilities, axis=1)], batch)

    def score(self, X, y, sample_weight=None):
        """Return the accuracy of `predict`; with `return_sequences` that of all time steps.

        Parameters
        ----------
        X : array-like
            Sequences.
        y : array-like
            True labels.
        sample_weight : array-like of shape (n_samples,) or None, default=None
            Weights of the samples.

        Returns
        -------
        float
            Share of the targets that are right, of rows where y is a matrix of labels.
        """
        predicted = self.predict(X)
        per_step = self._state.architecture.return_sequences
        metric = step_accuracy if per_step else accuracy_score
        sample_weight = without_mask(sample_weight, "sample_weight")
        return float(metric(without_mask(y, "y"), predicted, sample_weight=sample_weight))

    def _check_target(self, y: Any, name: str) -> np.ndarray:
        del name
        return check_labels(y, self)

    def _learn_target(
        self, y: np.ndarray, weights: np.ndarray, partial: bool, classes: Any
    ) -> Target:
        if partial and y.ndim == 1 and classes is None:
            raise ValueError("classes must be passed on the first call to partial_fit.")
        learnt = learn_classes(y, weights, classes)
        return Target(len(learnt), "softmax" if y.ndim == 1 else "sigmoid", classes=learnt)

    def _target_values(self, y: np.ndarray, target: Target, name: str) -> np.ndarray:
        return label_values(y, target.classes, target.head, name)

    def _class_weights(
        self, values: np.ndarray, weights: np.ndarray, target: Target
    ) -> np.ndarray | float:
        return class_factors(self.class_weight, values, target.classes, weights)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
