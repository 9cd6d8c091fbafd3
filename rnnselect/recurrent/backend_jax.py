"""What the compiled engine needs of JAX; `backend_tensorflow` is the same for TensorFlow."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import jax
import jax.numpy as jnp
import jaxlib
from jax.experimental import serialize_executable

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

# Memory mappings of the process for each program: a training and a scoring program of one network,
# with the operations that draw its initial weights, took 336 to 356 (JAX 0.10).
MAPPINGS_PER_PROGRAM = 180
TRAINING_LAYERS: dict[str, Any] = {}  # Keras' own layers
BEYOND_THE_LIMIT = "all are dropped, and compiled again when they are needed"


def accelerated() -> bool:
    """Return whether networks run on something faster than the processor."""
    return jax.default_backend() != "cpu"


def can_keep() -> bool:
    """Return that programs can be kept at any time."""
    return True


def settings() -> str:
    """Return all settings under which programs are compiled."""
    return repr((jax.__version__, jaxlib.__version__, sorted(jax.config.values.items())))


def compiled(
    write: Callable[[], Callable[..., Any]],
    arguments: tuple[Any, ...],
    name: str | None = None,
    stored: Any = None,
) -> tuple[Callable[..., Any], Any, Any]:
    """Compile ahead of time for arrays of these very shapes, and run once.

    Parameters
    ----------
    write : callable
        Returns the function of arrays to compile; not called where a stored program serves.
    arguments : tuple
        Of the function.
    name : str or None, default=None
        Of the program, where it is to be kept.
    stored : tuple or None, default=None
        What an earlier process returned for keeping.

    Returns
    -------
    function : callable
        The compiled one.
    result : nested list of array
        What it returned.
    to_keep : tuple or None
        What another process may load; None where nothing is to be kept, or it is kept already.
    """
    if stored is not None:
        try:
            function = serialize_executable.deserialize_and_load(*stored)
            return function, function(*arguments), None
        except Exception:  # whatever is wrong with it: it is compiled again, and replaced
            stored = None
    function = jax.jit(write()).lower(*arguments).compile()
    to_keep = None if name is None else serialize_executable.serialize(function)
    return function, function(*arguments), to_keep


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
