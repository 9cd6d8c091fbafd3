"""The hand-written gradient is that of Keras' own GRU."""

import keras
import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")
from rnnselect.recurrent.fused_gru import FusedGRU  # noqa: E402 -- needs TensorFlow

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="Keras runs on another backend"
)

N_SAMPLES, N_TIMESTEPS, N_CHANNELS, UNITS = 5, 7, 3, 4
TOLERANCE = {"rtol": 1e-5, "atol": 1e-6}  # of single precision, over seven steps


def run(layer_class, weights, x, mask, training=False, **options):
    """Return a layer's outputs, and the gradients of their weighted sum."""
    layer = layer_class(UNITS, seed=3, **options)
    layer.build(x.shape)
    layer.set_weights(weights)
    x = tf.constant(x)

    @tf.function(autograph=False)
    def outputs_and_gradients():
        with tf.GradientTape() as tape:
            tape.watch(x)
            outputs = layer(x, mask=mask, training=training)
            importance = tf.reshape(tf.range(tf.size(outputs), dtype=tf.float32), outputs.shape)
            total = tf.reduce_sum(outputs * importance)
        return outputs, tape.gradient(total, [x, *(w.value for w in layer.trainable_variables)])

    return outputs_and_gradients()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"return_sequences": True},
        {"go_backwards": True},
        {"go_backwards": True, "return_sequences": True},
        {"training": True, "dropout": 0.5},
        {"training": True, "recurrent_dropout": 0.5},
    ],
    ids=str,
)
@pytest.mark.parametrize("lengths", [None, [7, 3, 1, 7, 5]], ids=["full", "masked"])
def test_outputs_and_gradients(options, lengths):
    random = np.random.default_rng(0)
    x = random.normal(size=(N_SAMPLES, N_TIMESTEPS, N_CHANNELS)).astype("float32")
    mask = None if lengths is None else np.arange(N_TIMESTEPS) < np.array(lengths)[:, None]
    shapes = [(N_CHANNELS, 3 * UNITS), (UNITS, 3 * UNITS), (2, 3 * UNITS)]
    weights = [random.normal(scale=0.5, size=shape) for shape in shapes]
    expected, expected_gradients = run(keras.layers.GRU, weights, x, mask, **options)
    outputs, gradients = run(FusedGRU, weights, x, mask, **options)
    np.testing.assert_allclose(outputs, expected, **TOLERANCE)
    for ours, keras_own in zip(gradients, expected_gradients, strict=True):
        scale = np.abs(keras_own).max()
        np.testing.assert_allclose(ours / scale, keras_own / scale, **TOLERANCE)
