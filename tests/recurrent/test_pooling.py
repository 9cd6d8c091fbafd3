"""The output layer reads the states of all time steps, and padding never counts."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from sklearn.base import clone

from rnnselect import RNNClassifier, RNNRegressor, load, save
from rnnselect.recurrent.network import build_network

SMALL = {"units": 3, "batch_size": 16, "epochs": 2, "random_state": 0, "early_stopping": False}


def network(pooling, **parameters):
    return RNNClassifier(pooling=pooling, **{**SMALL, **parameters})


@pytest.fixture(scope="module")
def lengths():
    """Sequences that are padded to two lengths."""
    rng = np.random.default_rng(0)
    return [rng.normal(size=(length, 2)) for length in rng.choice([3, 6], size=24)]


@pytest.fixture(scope="module")
def fitted(lengths):
    return network("concat").fit(lengths, np.arange(24) % 3)


def states(model, X):
    """Return what the last recurrent layer gives for all time steps, by Keras alone."""
    layer = next(each for each in reversed(model.layers) if "_1" in each.name)
    return np.asarray(keras.Model(model.input, layer.output)(X.astype("float32")))


@pytest.mark.parametrize(
    ("cell", "pooling", "pool"),
    [("gru", "avg", lambda y: y.mean(axis=1)), ("lstm", "max", lambda y: y.max(axis=1))],
)
def test_states_of_all_time_steps_are_pooled(data, cell, pooling, pool):
    clf = network(pooling, cell=cell).fit(data.panel, data.classes)
    kernel, bias = (np.asarray(w) for w in clf.model_.get_layer("output").get_weights())
    logits = pool(states(clf.model_, data.panel)) @ kernel + bias
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)

    np.testing.assert_allclose(clf.predict_proba(data.panel), shares, atol=1e-5)


@pytest.mark.parametrize(("cell", "bidirectional"), [("gru", True), ("lstm", False)])
def test_concat_begins_with_the_last_state(data, fitted, cell, bidirectional):
    """With the rows for mean and maximum at zero it is the network without pooling."""
    shape = replace(
        fitted._state.architecture,
        cell=cell, bidirectional=bidirectional, num_layers=1 + bidirectional,
    )  # fmt: skip
    plain, pooled = (build_network(replace(shape, pooling=how)) for how in (None, "concat"))
    *recurrent, kernel, bias = plain.get_weights()
    pooled.set_weights([*recurrent, np.concatenate([kernel, 0 * kernel, 0 * kernel]), bias])

    assert kernel.shape[0] == 3 * (1 + bidirectional)
    np.testing.assert_allclose(pooled(data.padded), plain(data.padded), atol=1e-6)


def test_both_engines_train_the_same_network(fitted, lengths):
    plain = clone(fitted).set_params(engine="keras").fit(lengths, np.arange(24) % 3)
    assert (fitted.engine_, plain.engine_) == ("compiled", "keras")
    np.testing.assert_allclose(
        fitted.predict_proba(lengths), plain.predict_proba(lengths), atol=1e-4
    )


def test_files_and_clones(fitted, lengths, tmp_path):
    save(fitted, tmp_path / "model.rnnselect")
    again = load(tmp_path / "model.rnnselect")

    assert again.pooling == clone(fitted).pooling == "concat"
    np.testing.assert_array_equal(again.predict_proba(lengths), fitted.predict_proba(lengths))
    fitted.model_.save(tmp_path / "model.keras")
    reloaded = keras.models.load_model(tmp_path / "model.keras")
    assert reloaded.count_params() == fitted.model_.count_params()


def test_unknown_or_impossible_pooling(data):
    with pytest.raises(ValueError, match=r"'pooling' parameter.*'avg'"):
        network("mean").fit(data.panel, data.classes)
    per_step = [np.zeros(len(x)) for x in data.ragged]
    with pytest.raises(ValueError, match=r"one vector of all time steps.*set pooling=None"):
        RNNRegressor(pooling="avg", return_sequences=True).fit(data.ragged, per_step)


def test_the_default_is_concat_unless_each_step_is_predicted(data, tmp_path):
    values = RNNRegressor(**SMALL).fit(data.panel, data.values)
    assert values.model_.get_layer("output").kernel.shape[0] == 3 * 3
    steps = RNNRegressor(**SMALL, return_sequences=True).fit(data.panel, data.panel[:, :, 0])
    assert steps.model_.get_layer("output").kernel.shape[0] == 3
    for i, each in enumerate((values, steps)):
        save(each, tmp_path / f"{i}.rnnselect")
        again = load(tmp_path / f"{i}.rnnselect")
        assert again.pooling == "auto"
        np.testing.assert_array_equal(again.predict(data.panel), each.predict(data.panel))
