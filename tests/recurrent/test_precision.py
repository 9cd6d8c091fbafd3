"""Values far from zero, or tiny, train as well as their standardised selves, in `model_` too."""

import keras
import numpy as np
import pytest

import rnnselect
from rnnselect import RNNClassifier, RNNRegressor
from rnnselect.sequences.moments import channel_moments
from rnnselect.sequences.scaling import Scaling
from rnnselect.sequences.validation import read_sequences

SMALL = {"units": 3, "batch_size": 16, "epochs": 3, "random_state": 0}
SIGMAS = 1e-3  # of what is predicted: how much may be rounded on the way


@pytest.fixture(scope="module")
def plain(data):
    reg = RNNRegressor(**SMALL).fit(data.panel, data.values)
    return reg.predict(data.panel)


def whole_numbers(X):
    return np.round(X * 1e6).astype(np.int64)


CHANNELS = {
    "far": lambda X: X.astype(float) + 1e8,
    "far below zero": lambda X: [-1e12, 1e9] + X.astype(float) * [1, 1e-3],
    "whole numbers": lambda X: whole_numbers(X) + 1_700_000_000_000,
    "tiny": lambda X: X.astype(float) * 1e-40,
    "a list": lambda X: [x.astype(float) + 1e8 for x in X],
}


@pytest.mark.parametrize("engine", ["compiled", "keras"])
@pytest.mark.parametrize("name", CHANNELS)
def test_channels(data, plain, name, engine):
    X = CHANNELS[name](data.panel)
    reg = RNNRegressor(**SMALL, engine=engine).fit(X, data.values)
    tolerance = SIGMAS * plain.std() if engine == "compiled" else 0.1 * plain.std()
    np.testing.assert_allclose(reg.predict(X), plain, rtol=0, atol=tolerance)
    of_model = reg.model_.predict_on_batch(np.asarray(X, float))[:, 0]
    np.testing.assert_allclose(of_model, reg.predict(X), rtol=0, atol=1e-5)


def test_lazily_sliced_channels(data, plain, tmp_path):
    np.save(tmp_path / "X.npy", data.panel.astype(float) + 1e8)
    X = np.load(tmp_path / "X.npy", mmap_mode="r")
    predicted = RNNRegressor(**SMALL).fit(X, data.values).predict(X)
    np.testing.assert_allclose(predicted, plain, rtol=0, atol=SIGMAS * plain.std())


@pytest.mark.parametrize("n_outputs", [1, 2])
def test_targets(data, plain, n_outputs):
    shift, scale = np.array([1.7e9, -3.0])[:n_outputs], np.array([50.0, 1e-3])[:n_outputs]
    y = shift + scale * np.repeat(data.values[:, None], n_outputs, axis=1)
    reg = RNNRegressor(**SMALL).fit(data.panel, y)
    predicted = reg.predict(data.panel)
    relative = (predicted - shift) / scale
    if n_outputs == 1:
        np.testing.assert_allclose(relative[:, 0], plain, rtol=0, atol=SIGMAS * plain.std())
    of_model = (reg.model_.predict_on_batch(data.panel) - shift) / scale
    np.testing.assert_allclose(of_model, relative, rtol=0, atol=1e-5)


def test_validation_data_and_weights_are_centred_alike(data):
    def fit(X, shift):
        held_out = (X[40:], data.values[40:] + shift)
        reg = RNNRegressor(**SMALL, validation_fraction=held_out)
        return reg.fit(X[:40], data.values[:40] + shift, sample_weight=1 + data.classes[:40])

    near, far = fit(data.panel, 0.0), fit(data.panel.astype(float) + 1e8, 1e9)
    assert far.history_["val_loss"] == pytest.approx(near.history_["val_loss"], rel=1e-3)


def test_files_keep_double_precision(data, tmp_path):
    X = data.panel.astype(float) + 1e8
    reg = RNNRegressor(**SMALL).fit(X, 1.7e9 + data.values)
    predicted = reg.predict(X)
    reg.save(tmp_path / "model.rnnselect")
    loaded = rnnselect.load(tmp_path / "model.rnnselect")
    np.testing.assert_array_equal(loaded.predict(X), predicted)
    reg.model_.save(tmp_path / "model.keras")
    of_model = keras.models.load_model(tmp_path / "model.keras").predict_on_batch(X)
    np.testing.assert_allclose(of_model[:, 0], predicted, rtol=0, atol=1e-5)


def test_near_values_stay_in_single_precision(data):
    clf = RNNClassifier(**{**SMALL, "epochs": 1}).fit(data.panel.astype(float) + 100, data.classes)
    assert clf.model_.input.dtype == "float32"
    assert clf._state.inputs.dtype == np.float32


# --- what cannot be held --------------------------------------------------------------------------

LOST = {
    "float32 targets": (lambda d: (d.panel, (1.7e9 + 500 * d.values).astype("f4")), "y: output 0"),
    "float32 channel": (
        lambda d: ((d.panel * [1, 10] + [0, 1e8]).astype("f4"), d.values),
        "X: channel 1 lies around 1e.08 .* Give X as float64 from the start",
    ),
    "half precision": (lambda d: (d.series.astype("f2") + 1000, d.values), "in steps of 0.5 only"),
}


@pytest.mark.parametrize("name", LOST)
def test_a_lost_signal_is_told_before_training(data, name, monkeypatch):
    make, message = LOST[name]
    reg = RNNRegressor(**SMALL)
    monkeypatch.setattr(reg, "_start", lambda *_: pytest.fail("training has started"))
    with pytest.raises(UserWarning, match=message):  # here, warnings are errors
        reg.fit(*make(data))


def test_unscaled_values_that_single_precision_cannot_hold(data):
    X = data.panel.astype(float) + 1e8
    with pytest.warns(UserWarning, match="X: channel 0 .* Set scale_inputs=True"):
        RNNRegressor(**SMALL, scale_inputs=False)._prepare(X, data.values)
    with pytest.warns(UserWarning, match="y: output 0 .* Set scale_targets=True"):
        RNNRegressor(**SMALL, scale_targets=False)._prepare(data.panel, data.values + 1e9)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64"])
def test_no_warning_without_a_reason(dtype):
    X = np.random.default_rng(0).normal(0, 100, size=(30, 5, 2))
    X[:, :, 1] = 1e9  # constant
    moments = channel_moments(read_sequences(X.astype(dtype)), np.ones(30))
    moments.warn_where_lost("X", "channel", single=False, remedy="")
    assert moments.scaling().scale[1] == 1


def test_the_map_is_computed_in_its_own_precision():
    raw = np.array([[1e8 + 1.0, 1e8 - 1.0, np.nan]]).T
    double = Scaling(np.array([1e8]), np.array([0.5]))
    assert double.standardised(raw.copy())[:2, 0].tolist() == [2.0, -2.0]
    assert np.isnan(double.standardised(raw)[2, 0])
