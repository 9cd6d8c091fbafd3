"""The output layer reads the states of all time steps, and padding never counts."""

import keras
import numpy as np
import pytest
from sklearn.base import clone

from rnnselect import RNNClassifier, RNNRegressor, load, save

RNG = np.random.default_rng(0)
RAGGED = [RNG.normal(size=(length, 2)) for length in RNG.choice([3, 6], size=24)]
PANEL = RNG.normal(size=(24, 6, 2))
Y = np.arange(24) % 3


def network(pooling, **parameters):
    settings = {"units": 3, "epochs": 2, "random_state": 0, "early_stopping": False, **parameters}
    return RNNClassifier(pooling=pooling, **settings)


def states(model, X):
    """Return what the last recurrent layer gives for all time steps, by Keras alone."""
    layer = next(each for each in reversed(model.layers) if "_1" in each.name)
    return np.asarray(keras.Model(model.input, layer.output)(X.astype("float32")))


@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize(
    ("pooling", "pool"), [("avg", lambda y: y.mean(axis=1)), ("max", lambda y: y.max(axis=1))]
)
def test_states_of_all_time_steps_are_pooled(cell, pooling, pool):
    fitted = network(pooling, cell=cell).fit(PANEL, Y)
    kernel, bias = (np.asarray(w) for w in fitted.model_.get_layer("output").get_weights())
    logits = pool(states(fitted.model_, PANEL)) @ kernel + bias
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)

    np.testing.assert_allclose(fitted.predict_proba(PANEL), shares, atol=1e-5)


@pytest.mark.parametrize(("cell", "bidirectional"), [("gru", True), ("lstm", False)])
def test_concat_begins_with_the_last_state(cell, bidirectional):
    """With the rows for mean and maximum at zero it is the network without pooling."""
    shape = {"cell": cell, "bidirectional": bidirectional, "num_layers": 1 + bidirectional}
    plain, pooled = (network(pooling, **shape).fit(RAGGED, Y) for pooling in (None, "concat"))
    size = 3 * (1 + bidirectional)
    *recurrent, kernel, bias = plain.model_.get_weights()
    pooled.model_.set_weights([*recurrent, np.concatenate([kernel, 0 * kernel, 0 * kernel]), bias])

    assert kernel.shape[0] == size
    np.testing.assert_allclose(pooled.predict_proba(RAGGED), plain.predict_proba(RAGGED), atol=1e-6)


@pytest.mark.parametrize("kind", ["ragged", "tokens"])
def test_padding_and_other_rows_change_nothing(kind):
    X, parameters = RAGGED, {}
    if kind == "tokens":
        X, parameters = [RNG.integers(1, 9, size=len(x)) for x in RAGGED], {"embedding_dim": 2}
    fitted = network("concat", **parameters).fit(X, Y)
    together = fitted.predict_proba(X)
    longer = [*X, np.concatenate([X[0]] * 9)]

    np.testing.assert_allclose(fitted.predict_proba(longer)[:-1], together, atol=1e-6)
    np.testing.assert_allclose(
        np.concatenate([fitted.predict_proba([x]) for x in X[:5]]), together[:5], atol=1e-6
    )


def test_both_engines_train_the_same_network():
    compiled, plain = (
        network("concat", engine=engine).fit(RAGGED, Y) for engine in ("compiled", "keras")
    )
    assert (compiled.engine_, plain.engine_) == ("compiled", "keras")
    np.testing.assert_allclose(
        compiled.predict_proba(RAGGED), plain.predict_proba(RAGGED), atol=1e-4
    )


def test_files_and_clones(tmp_path):
    fitted = network("concat").fit(RAGGED, Y)
    save(fitted, tmp_path / "model.rnnselect")
    again = load(tmp_path / "model.rnnselect")

    assert again.pooling == clone(fitted).pooling == "concat"
    np.testing.assert_array_equal(again.predict_proba(RAGGED), fitted.predict_proba(RAGGED))
    fitted.model_.save(tmp_path / "model.keras")
    reloaded = keras.models.load_model(tmp_path / "model.keras")
    assert reloaded.count_params() == fitted.model_.count_params()


def test_unknown_or_impossible_pooling():
    with pytest.raises(ValueError, match=r"'pooling' parameter.*'avg'"):
        network("mean").fit(PANEL, Y)
    per_step = [np.zeros(len(x)) for x in RAGGED]
    with pytest.raises(ValueError, match=r"one vector of all time steps.*set pooling=None"):
        RNNRegressor(pooling="avg", return_sequences=True).fit(RAGGED, per_step)


def test_the_default_is_concat_unless_each_step_is_predicted(tmp_path):
    fitted = RNNRegressor(units=3, epochs=1).fit(PANEL, PANEL[:, 0, 0])
    assert fitted.model_.get_layer("output").kernel.shape[0] == 3 * 3
    steps = RNNRegressor(units=3, epochs=1, return_sequences=True).fit(PANEL, PANEL[:, :, 0])
    assert steps.model_.get_layer("output").kernel.shape[0] == 3
    for i, each in enumerate((fitted, steps)):
        save(each, tmp_path / f"{i}.rnnselect")
        again = load(tmp_path / f"{i}.rnnselect")
        assert again.pooling == "auto"
        np.testing.assert_array_equal(again.predict(PANEL), each.predict(PANEL))
