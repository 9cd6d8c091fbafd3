"""What the compiled engine needs of JAX; `backend_tensorflow` is the same for TensorFlow."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import jax
import jax.numpy as jnp

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

# Memory mappings of the process for each program: a training and a scoring program of one network,
# with the operations that draw its initial weights, took 336 to 356 (JAX 0.10).
MAPPINGS_PER_PROGRAM = 180
TRAINING_LAYERS: dict[str, Any] = {}  # Keras' own layers
BEYOND_THE_LIMIT = "all are dropped, and compiled again when they are needed"


def accelerated() -> bool:
    """Return whether networks run on something faster than the processor."""
    return jax.default_backend() != "cpu"


def compiled(body: Callable[..., Any], arguments: tuple[Any, ...]) -> Callable[..., Any]:
    """Return `body` as a function of arrays of these very shapes, compiled ahead of time."""
    return jax.jit(body).lower(*arguments).compile()


def differentiated(
    loss: Callable[[list[Any]], tuple[Any, Any]], weights: list[Any]
) -> tuple[Any, list[Any]]:
    """Return what `loss` returns beside the loss, and the loss' gradients by `weights`."""
    gradients, rest = jax.grad(loss, has_aux=True)(weights)
    return rest, gradients


def free_programs() -> bool:
    """Free all that JAX has compiled, except programs that somebody still holds.

    That includes every single operation that was run on arrays of a new shape: to drop the
    programs alone would not be enough. Whatever is needed again is compiled again.
    """
    jax.clear_caches()
    return True


def tensors(arrays: Iterable[Any]) -> list[Any]:
    """Return arrays or Keras' values as JAX's arrays."""
    return [jnp.asarray(array) for array in arrays]
