"""`RNNRegressor` on every kind of sequences, for one and several outputs of any scale."""

import numpy as np
import pytest

from rnnselect import RNNRegressor

SMALL = {"units": 3, "batch_size": 16, "epochs": 3, "random_state": 0}
KINDS = ["series", "panel", "ragged", "padded", "tokens"]


def small_regressor(**parameters):
    return RNNRegressor(**{**SMALL, **parameters})


@pytest.mark.parametrize("kind", KINDS)
def test_fits_every_kind(data, kind):
    X = getattr(data, kind)
    reg = small_regressor(embedding_dim=2 if kind == "tokens" else None).fit(X, data.values)
    predicted = reg.predict(X)
    assert predicted.shape == (60,)
    assert np.isfinite(predicted).all()


def test_learns(data):
    reg = small_regressor(epochs=100, learning_rate=0.02).fit(data.panel, data.values)
    assert reg.score(data.panel, data.values) > 0.8


@pytest.mark.parametrize("n_outputs", [1, 2])
def test_several_outputs(data, n_outputs):
    y = np.column_stack([data.values, -1000 * data.values + 5])[:, :n_outputs]
    reg = small_regressor().fit(data.panel, y)
    assert reg.predict(data.panel).shape == (60, n_outputs)
    assert reg.model_.output_shape == (None, n_outputs)


@pytest.mark.parametrize(("scale", "shift"), [(1e-9, 0.0), (1e6, -3e8), (1e25, 0.0)])
def test_targets_of_any_scale(data, scale, shift):
    plain = small_regressor().fit(data.panel, data.values)
    scaled = small_regressor().fit(data.panel, scale * data.values + shift)
    expected = scale * plain.predict(data.panel) + shift
    tolerance = 1e-3 * scale * data.values.std()
    np.testing.assert_allclose(scaled.predict(data.panel), expected, rtol=0, atol=tolerance)
    of_model = scaled.model_.predict(data.panel, verbose=0)[:, 0]
    rounding = 1e-6 * abs(shift)
    np.testing.assert_allclose(of_model, expected, rtol=0, atol=tolerance + rounding)


def test_unscaled_targets(data):
    scaled = small_regressor(scale_targets=True).fit(data.panel, 100 + data.values)
    unscaled = small_regressor(scale_targets=False).fit(data.panel, 100 + data.values)
    assert abs(scaled.predict(data.panel).mean() - 100) < 1
    assert unscaled.predict(data.panel).mean() < 50  # three epochs do not reach 100
    assert unscaled.history_["loss"][0] > 1000


def test_constant_target(data):
    reg = small_regressor().fit(data.panel, np.full(60, 3.5))
    np.testing.assert_allclose(reg.predict(data.panel), 3.5, atol=2)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_target_must_be_finite(data, bad):
    y = data.values.copy()
    y[5] = bad
    with pytest.raises(ValueError, match=r"Input y contains (NaN|infinity)"):
        small_regressor().fit(data.panel, y)


def test_target_must_fit_into_float32(data):
    with pytest.raises(ValueError, match=r"y holds 1e\+40, which is too large for float32"):
        small_regressor().fit(data.panel, np.where(data.classes == 1, 1e40, 1.0))


def test_target_must_be_numbers(data):
    with pytest.raises(ValueError, match="could not convert string to float"):
        small_regressor().fit(data.panel, np.array(["a", "b", "c"])[data.classes])


def test_validation_targets_have_as_many_outputs(data):
    held_out = (data.panel[:10], np.zeros((10, 2)))
    with pytest.raises(ValueError, match=r"y_val has 2 output\(s\), y in fit has 1"):
        small_regressor(validation_fraction=held_out).fit(data.panel, data.values)
