"""The compiled engine takes the same steps as Keras' own optimizers."""

import keras
import numpy as np
import pytest

from rnnselect.recurrent.architecture import Architecture
from rnnselect.recurrent.batches import TrainingSet
from rnnselect.recurrent.compiled import CompiledTrainer
from rnnselect.recurrent.network import build_network
from rnnselect.recurrent.optimizers import update_rule
from rnnselect.sequences.validation import read_sequences

N_STEPS, BATCH_SIZE, N_TIMESTEPS, N_CHANNELS = 20, 16, 8, 2
TOLERANCE = 1e-5  # of the relative distance of each tensor after 20 steps

OPTIMIZERS = {
    "adam": lambda: keras.optimizers.Adam(3e-3, clipnorm=1.0),
    "adamw": lambda: keras.optimizers.AdamW(3e-3, weight_decay=0.01, clipnorm=0.1),
    "sgd": lambda: keras.optimizers.SGD(0.05),
    "momentum": lambda: keras.optimizers.SGD(0.02, momentum=0.9, clipnorm=0.5),
    "nesterov": lambda: keras.optimizers.SGD(0.02, momentum=0.9, nesterov=True),
    "rmsprop": lambda: keras.optimizers.RMSprop(1e-3),
}


def make_architecture(cell, *, masked, head="softmax"):
    return Architecture(
        cell=cell,
        units=3,
        num_layers=1,
        bidirectional=False,
        dropout=0.0,
        recurrent_dropout=0.0,
        n_channels=N_CHANNELS,
        n_timesteps=None if masked else N_TIMESTEPS,
        vocabulary_size=None,
        embedding_dim=None,
        mask_missing=False,
        n_outputs=3 if head == "softmax" else 1,
        head=head,
        pooling="concat",
    )


def make_data(*, masked, head="softmax"):
    rng = np.random.default_rng(0)
    n = N_STEPS * BATCH_SIZE
    X = rng.normal(size=(n, N_TIMESTEPS, N_CHANNELS)).astype("float32")
    if masked:
        for row, length in enumerate(rng.integers(7, N_TIMESTEPS + 1, size=n)):
            X[row, length:] = np.nan
        X[0] = rng.normal(size=(N_TIMESTEPS, N_CHANNELS))
    y = rng.integers(0, 3, size=n).astype("int32")
    if head == "linear":
        y = rng.normal(size=(n, 1)).astype("float32")
    return X, y, rng.uniform(0.5, 1.5, size=n).astype("float32")


def steps_of(training):
    chunks = training.epoch(np.random.default_rng(7), BATCH_SIZE, 1)
    return [chunk.steps[0] for chunk in chunks]


def train_with_keras(network, optimizer, X, y, weights, steps, head):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(optimizer, loss if head == "softmax" else keras.losses.MeanSquaredError())
    for rows in steps:
        network.train_on_batch(X[rows], y[rows], sample_weight=weights[rows])
    return [np.asarray(v) for v in network.trainable_variables]


def compare(cell, optimizer, *, masked, head="softmax"):
    X, y, weights = make_data(masked=masked, head=head)
    training = TrainingSet(read_sequences(X), y, weights)
    architecture = make_architecture(cell, masked=masked, head=head)
    network = build_network(architecture, seed=1, head=False)
    initial = [np.asarray(v) for v in network.trainable_variables]
    fresh = type(optimizer).from_config(optimizer.get_config())
    update = update_rule(fresh)
    trainer = CompiledTrainer(
        architecture,
        update,
        update.hyperparameters(fresh),
        BATCH_SIZE,
    )
    trainer.prepare(training, initial, seed=7)
    for chunk in trainer.chunks():
        trainer.run_chunk(chunk)
    ours = [np.asarray(w) for w in trainer.weights()]
    # The trainer shuffles by default_rng(seed): Keras is given the very same steps.
    theirs = train_with_keras(network, optimizer, X, y, weights, steps_of(training), head)
    for before, mine, other in zip(initial, ours, theirs, strict=True):
        assert np.linalg.norm(mine - before) > 0
        assert np.linalg.norm(mine - other) <= TOLERANCE * np.linalg.norm(other)


@pytest.mark.parametrize(("cell", "name"), [("lstm", "adam"), *(("gru", o) for o in OPTIMIZERS)])
def test_twenty_steps_equal_keras(cell, name):
    compare(cell, OPTIMIZERS[name](), masked=False)


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_twenty_steps_with_a_mask_equal_keras(cell):
    compare(cell, OPTIMIZERS["adam"](), masked=True)


def test_twenty_steps_of_a_regression_equal_keras():
    compare("gru", OPTIMIZERS["adam"](), masked=False, head="linear")
