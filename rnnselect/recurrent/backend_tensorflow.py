"""What the compiled engine needs of TensorFlow; `backend_jax` is the same for JAX."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import tensorflow as tf

from rnnselect.recurrent.fused_gru import FusedGRU

__all__ = [
    "BEYOND_THE_LIMIT",
    "MAPPINGS_PER_PROGRAM",
    "TRAINING_LAYERS",
    "accelerated",
    "compiled",
    "differentiated",
    "free_programs",
    "tensors",
]

# Memory mappings of the process for each program: a training and a scoring program of one network
# took 178 and 60 (TensorFlow 2.21).
MAPPINGS_PER_PROGRAM = 120
TRAINING_LAYERS = {"gru": FusedGRU}  # of the same weights as Keras' own, and faster
BEYOND_THE_LIMIT = "training falls back to the slower keras.Model.fit"


def accelerated() -> bool:
    """Return whether networks run on something faster than the processor."""
    return bool(tf.config.list_physical_devices("GPU"))


def compiled(body: Callable[..., Any], arguments: tuple[Any, ...]) -> Callable[..., Any]:
    """Return `body` as a function of tensors of these very shapes; its first call compiles it."""
    function = tf.function(body, jit_compile=True, autograph=False)
    return function.get_concrete_function(*arguments)


def differentiated(
    loss: Callable[[list[Any]], tuple[Any, Any]], weights: list[Any]
) -> tuple[Any, list[Any]]:
    """Return what `loss` returns beside the loss, and the loss' gradients by `weights`."""
    with tf.GradientTape() as tape:
        tape.watch(weights)
        value, rest = loss(weights)
    # An embedding's gradient arrives as slices of rows; the exact updates touch all rows.
    return rest, [tf.convert_to_tensor(gradient) for gradient in tape.gradient(value, weights)]


def free_programs() -> bool:
    """Return that nothing can be freed: a program of TensorFlow stays until the process ends."""
    return False


def tensors(arrays: Iterable[Any]) -> list[Any]:
    """Return arrays or Keras' values as tensors, which no later change of a variable reaches."""
    return [tf.convert_to_tensor(array) for array in arrays]
