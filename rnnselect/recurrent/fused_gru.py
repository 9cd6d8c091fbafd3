"""A Keras GRU whose recurrence is differentiated by hand, for TensorFlow's training programs.

TensorFlow's own gradient of the loop keeps seven tensors a time step and takes three products in
each step of the way back. Here the way back has one product a step, and everything that does not
depend on the step before it is done for all steps at once. `docs/engine.rst` has the figures.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

__all__ = ["FusedGRU"]

Tensor = Any


@keras.saving.register_keras_serializable(package="rnnselect")  # `Bidirectional` rebuilds it
class FusedGRU(keras.layers.GRU):
    """The same weights and, but for rounding, the same numbers as `keras.layers.GRU`."""

    def inner_loop(self, sequences, initial_state, mask, training=False):
        """Run the recurrence; see `keras.layers.RNN`."""
        if self.recurrent_dropout:  # drops another share of the state for each gate
            return super().inner_loop(sequences, initial_state, mask, training)
        if training and self.dropout:
            sequences = sequences * self.cell.get_dropout_mask(sequences[:, 0])[:, None]
        steps = tf.transpose(sequences, [1, 0, 2])
        real = None if mask is None else tf.transpose(mask)[:, :, None]
        if self.go_backwards:
            steps = tf.reverse(steps, [0])
            real = None if real is None else tf.reverse(real, [0])
        weights = (self.cell.kernel, self.cell.recurrent_kernel, self.cell.bias)
        states = _recurrence(steps, real, *(tf.convert_to_tensor(w) for w in weights))
        outputs = tf.transpose(states, [1, 0, 2]) if self.return_sequences else states[-1:]
        return states[-1], outputs, [states[-1]]


def _recurrence(x: Tensor, real: Tensor | None, *weights: Tensor) -> Tensor:
    """Return the states after each step, of shape (n_timesteps, batch_size, units).

    `real` says which steps are not padding; at the others, the update gate is held at 1, which
    keeps the state as it is and lets no gradient through.
    """

    @tf.custom_gradient
    def run(x, kernel, recurrent_kernel, bias):
        hidden_bias = tf.split(bias[1], 3)
        # The gates apart, because XLA does not vectorise what it reads out of the middle of rows.
        inputs = [
            _times(x, part) + own
            for part, own in zip(tf.split(kernel, 3, axis=1), tf.split(bias[0], 3), strict=True)
        ]

        def gates(inputs, product):
            update, reset, hidden = (
                part + own
                for part, own in zip(tf.split(product, 3, axis=-1), hidden_bias, strict=True)
            )
            update, reset = tf.sigmoid(inputs[0] + update), tf.sigmoid(inputs[1] + reset)
            return update, reset, hidden, tf.tanh(inputs[2] + reset * hidden)

        states, products = _run_forwards(inputs, real, recurrent_kernel, gates)

        def gradient(upstream):
            before = tf.concat([tf.zeros_like(states[:1]), states[:-1]], axis=0)
            update, reset, hidden, candidate = gates(inputs, products)
            update = _hold(update, real)
            into_candidate = (1.0 - update) * (1.0 - tf.square(candidate))
            factors = [
                (before - candidate) * update * (1.0 - update),
                into_candidate * hidden * reset * (1.0 - reset),
                into_candidate * reset,
            ]
            transposed = tf.transpose(recurrent_kernel)
            to_state, to_product = _run_backwards(upstream, update, factors, transposed)
            units = states.shape[-1]
            to_input = tf.concat([to_product[..., : 2 * units], to_state * into_candidate], -1)
            return (
                _times(to_input, tf.transpose(kernel)),
                _transposed_times(x, to_input),
                _transposed_times(before, to_product),
                tf.stack([tf.reduce_sum(to_input, [0, 1]), tf.reduce_sum(to_product, [0, 1])]),
            )

        return states, gradient

    return run(x, *weights)


def _run_forwards(
    inputs: list[Tensor], real: Tensor | None, recurrent_kernel: Tensor, gates: Callable[..., Any]
) -> tuple[Tensor, Tensor]:
    """Return all states, and the products of those before them with the recurrent kernel."""
    n_timesteps, batch_size, units = inputs[0].shape

    def step(t, state, states, products):
        product = tf.matmul(state, recurrent_kernel)
        update, _, _, candidate = gates([gate[t] for gate in inputs], product)
        update = _hold(update, None if real is None else real[t])
        state = update * state + (1.0 - update) * candidate
        return t + 1, state, states.write(t, state), products.write(t, product)

    rooms = (_room(n_timesteps, batch_size, units), _room(n_timesteps, batch_size, 3 * units))
    start = (0, tf.zeros([batch_size, units]), *rooms)
    _, _, states, products = tf.while_loop(lambda t, *_: t < n_timesteps, step, start)
    return states.stack(), products.stack()


def _run_backwards(
    upstream: Tensor, update: Tensor, factors: list[Tensor], transposed_kernel: Tensor
) -> tuple[Tensor, Tensor]:
    """Return the gradients of all states and of all products."""
    n_timesteps, batch_size, units = update.shape

    def step(t, to_state, to_states, to_products):
        to_state = to_state + upstream[t]
        to_product = tf.concat([to_state * factor[t] for factor in factors], axis=1)
        before = to_state * update[t] + tf.matmul(to_product, transposed_kernel)
        return t - 1, before, to_states.write(t, to_state), to_products.write(t, to_product)

    rooms = (_room(n_timesteps, batch_size, units), _room(n_timesteps, batch_size, 3 * units))
    start = (n_timesteps - 1, tf.zeros([batch_size, units]), *rooms)
    _, _, to_states, to_products = tf.while_loop(lambda t, *_: t >= 0, step, start)
    return to_states.stack(), to_products.stack()


def _hold(update: Tensor, real: Tensor | None) -> Tensor:
    return update if real is None else tf.where(real, update, 1.0)


def _room(n_timesteps: int, *shape: int) -> tf.TensorArray:
    return tf.TensorArray(tf.float32, size=n_timesteps, element_shape=shape)


def _times(x: Tensor, matrix: Tensor) -> Tensor:
    """Multiply all time steps at once: one large product is faster than many small ones."""
    flat = tf.matmul(tf.reshape(x, [-1, x.shape[-1]]), matrix)
    return tf.reshape(flat, [*x.shape[:-1], matrix.shape[-1]])


def _transposed_times(x: Tensor, y: Tensor) -> Tensor:
    flat = [tf.reshape(z, [-1, z.shape[-1]]) for z in (x, y)]
    return tf.matmul(*flat, transpose_a=True)
