"""What the compiled engine needs of TensorFlow; `backend_jax` is the same for JAX."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import tensorflow as tf

from rnnselect.recurrent.fused_gru import FusedGRU
from rnnselect.recurrent.xla_files import StoredProgram, can_keep, load_or_compile

__all__ = [
    "BEYOND_THE_LIMIT",
    "MAPPINGS_PER_PROGRAM",
    "TRAINING_LAYERS",
    "accelerated",
    "can_keep",
    "compiled",
    "differentiated",
    "free_programs",
    "settings",
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


def settings() -> str:
    """Return all settings under which programs are compiled."""
    threads = tf.config.threading
    return repr(
        (
            tf.__version__,
            threads.get_intra_op_parallelism_threads(),
            threads.get_inter_op_parallelism_threads(),
        )
    )


def compiled(
    write: Callable[[], Callable[..., Any]],
    arguments: tuple[Any, ...],
    name: str | None = None,
    stored: StoredProgram | None = None,
) -> tuple[Callable[..., Any], Any, StoredProgram | None]:
    """Compile for tensors of these very shapes, and run once; see `backend_jax.compiled`."""
    if name is not None:
        return load_or_compile(write, arguments, name, stored)
    function = tf.function(write(), jit_compile=True, autograph=False)
    function = function.get_concrete_function(*arguments)
    return function, function(*arguments), None


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
