"""The side of Keras without wrappers. Each function prepares, and returns the timed work."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
from keras import layers
from tasks import ADAM_EPSILON, LEARNING_RATE, N_CLASSES, Task, folds
from timing import extrapolated

Work = Callable[[], dict]
LAYERS = {"gru": layers.GRU, "lstm": layers.LSTM}
STEPS_PER_EXECUTION = 32


def build(task: Task, cell: str) -> keras.Model:
    """Return the network of a task as one would write it, not compiled."""
    if task.embedding_dim is None:
        stack = [keras.Input((task.n_timesteps, task.n_channels))]
    else:
        embedding = layers.Embedding(task.vocabulary_size, task.embedding_dim, mask_zero=True)
        stack = [keras.Input((task.n_timesteps,), dtype="int32"), embedding]
    for depth in range(task.num_layers):
        layer = LAYERS[cell](
            task.units,
            recurrent_dropout=task.recurrent_dropout,
            return_sequences=depth < task.num_layers - 1,
        )
        stack.append(layers.Bidirectional(layer) if task.bidirectional else layer)
    stack.append(layers.Dense(N_CLASSES, activation="softmax"))
    return keras.Sequential(stack)


def compiled(task: Task, cell: str, **options) -> keras.Model:
    """Return the network of a task, ready for `fit`."""
    model = build(task, cell)
    model.compile(
        optimizer=keras.optimizers.Adam(LEARNING_RATE, epsilon=ADAM_EPSILON),
        loss="sparse_categorical_crossentropy",
        **options,
    )
    return model


def n_parameters(task: Task) -> list[int]:
    """Count the trainable parameters of each cell's network."""
    return [
        sum(int(np.prod(variable.shape)) for variable in build(task, cell).trainable_variables)
        for cell in task.cells
    ]


def fit(task: Task) -> Work:
    """Fit each cell once, with Keras' defaults."""
    X, y = task.data()

    def work() -> dict:
        seconds, models = 0.0, {}
        for cell in task.cells:

            def train(epochs: int, first: bool, cell: str = cell) -> None:
                if first:
                    models[cell] = compiled(task, cell)
                models[cell].fit(X, y, batch_size=task.batch_size, epochs=epochs, verbose=0)

            seconds += extrapolated(task, train)
        return {"seconds": seconds, "n_parameters": n_parameters(task)}

    return work


def predict(task: Task) -> Work:
    """Predict all sequences with a network of each cell, with Keras' default batch."""
    X, _ = task.data()
    models = [compiled(task, cell) for cell in task.cells]

    def work() -> dict:
        for model in models:
            np.argmax(model.predict(X, verbose=0), axis=1)
        return {"n_parameters": lambda: n_parameters(task)}

    return work


def cv_tuned(task: Task) -> Work:
    """Cross-validate each cell in a loop, XLA and many steps a call, a new model for each fold."""
    return _cross_validation(task, one_model=False)


def cv_tuned_one_model(task: Task) -> Work:
    """Do as `cv_tuned` does, but compile one model a cell and reset its state for each fold."""
    return _cross_validation(task, one_model=True)


def _cross_validation(task: Task, one_model: bool) -> Work:
    X, y = task.data()
    options = {"jit_compile": True, "steps_per_execution": STEPS_PER_EXECUTION}

    def work() -> dict:
        scores = {}
        for cell in task.cells:
            accuracies, model = [], None
            for train, test in folds(task).split(X, y):
                if model is None or not one_model:
                    model = compiled(task, cell, **options)
                else:
                    _reset(model, build(task, cell))
                model.fit(
                    X[train], y[train], batch_size=task.batch_size, epochs=task.epochs, verbose=0
                )
                predicted = np.argmax(model.predict(X[test], verbose=0), axis=1)
                accuracies.append(np.mean(predicted == y[test]))
            scores[cell] = np.mean(accuracies)
        return {"scores": scores, "n_parameters": lambda: n_parameters(task)}

    return work


def _reset(model: keras.Model, fresh: keras.Model) -> None:
    """Give a trained model fresh weights, and its optimizer no memory."""
    model.set_weights(fresh.get_weights())
    for variable in model.optimizer.variables:
        variable.assign(keras.ops.zeros_like(variable))
    model.optimizer.learning_rate = LEARNING_RATE
