"""Builds the `keras.Model` of an architecture from ordinary Keras layers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import keras
import numpy as np
from keras import layers, ops
from keras.src.backend.common import global_state

from rnnselect.cells import find_cell
from rnnselect.recurrent.architecture import Architecture
from rnnselect.sequences.scaling import Scaling

__all__ = ["build_network", "current_policy", "seed_dtypes", "seed_states"]

BELOW_STATES = -2.0  # the states of both cells lie between -1 and 1


@contextmanager
def _own_settings(policy: str) -> Iterator[None]:
    """Let Keras build with this dtype policy, and with names that are the same every time.

    TensorFlow (2.21) keeps 36 kB for each name that a variable ever had, and Keras (3.15) numbers
    the variables that we cannot name: a process that fits for hours would grow without end.
    """
    own = {"object_name_uids": defaultdict(int), "dtype_policy": keras.dtype_policies.get(policy)}
    before = {name: global_state.get_global_attribute(name) for name in own}
    for name, value in own.items():
        global_state.set_global_attribute(name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            global_state.set_global_attribute(name, value)


def build_network(
    architecture: Architecture,
    *,
    seed: int = 0,
    inputs: Scaling | None = None,
    outputs: Scaling | None = None,
    head: bool = True,
    policy: str = "float32",
    layer_classes: Mapping[str, type[layers.Layer]] | None = None,
) -> keras.Model:
    """Build the network, with fresh weights.

    Parameters
    ----------
    architecture : Architecture
        Its shape.
    seed : int, default=0
        Seed of the initial weights and of dropout.
    inputs : Scaling or None, default=None
        Standardisation of the channels, as a first layer. None: the network takes
        standardised channels. In double precision where the scaling asks for it, except on JAX
        without ``jax_enable_x64``, which has single precision only.
    outputs : Scaling or None, default=None
        The scale to which a linear head's outputs are brought back. None: none.
    head : bool, default=True
        Whether the network ends in probabilities where it predicts any; False ends in logits.
    policy : str, default="float32"
        Name of the dtype policy of its layers, whatever Keras is set to in this thread.
    layer_classes : dict of str to type or None, default=None
        By cell, layers that take the place of Keras' own of the same weights.

    Returns
    -------
    keras.Model
        Takes ``(batch, n_timesteps, n_channels)`` floats with NaN as padding, or
        ``(batch, n_timesteps)`` token ids with 0 as padding; ids beyond the embedding share its
        last row. The trainable weights come in the same order whatever the options.
    """
    with _own_settings(policy):
        return _build(architecture, seed, inputs, outputs, head, layer_classes or {})


def _build(
    architecture: Architecture,
    seed: int,
    inputs: Scaling | None,
    outputs: Scaling | None,
    head: bool,
    layer_classes: Mapping[str, type[layers.Layer]],
) -> keras.Model:
    seeds = iter(np.random.SeedSequence(seed).generate_state(2 + 6 * architecture.num_layers))
    entry = _entry(architecture, "float32" if inputs is None else _precision(inputs))
    x, mask = entry, None
    if architecture.is_tokens:
        x = layers.Embedding(
            architecture.vocabulary_size,
            architecture.embedding_dim,
            embeddings_initializer=keras.initializers.RandomUniform(seed=int(next(seeds))),
            name="embedding",
        )(ops.minimum(entry, architecture.vocabulary_size - 1))
        mask = ops.not_equal(entry, 0)
    else:
        if inputs is not None:
            x = _in_single(ops.divide(ops.subtract(x, inputs.center), inputs.scale))
        if architecture.masked:
            x, mask = _hide_missing(x, architecture.mask_missing)
    own_class = getattr(layers, find_cell(architecture.cell).layer_name)
    layer_class = layer_classes.get(architecture.cell, own_class)
    for depth in range(architecture.num_layers):
        x = _recurrent_layer(architecture, depth, layer_class, seeds)(x, mask=mask)
    if architecture.pooling is not None:
        x = _pooled(architecture, x, mask)
    x = layers.Dense(
        architecture.n_outputs,
        kernel_initializer=keras.initializers.GlorotUniform(seed=int(next(seeds))),
        name="output",
    )(x)
    if head and architecture.head != "linear":
        x = layers.Activation(architecture.head, name="probabilities")(x)
    if outputs is not None:
        if _precision(outputs) == "float64":
            x = ops.cast(x, "float64")
        x = ops.add(ops.multiply(x, outputs.scale), outputs.center)
    return keras.Model(entry, x, name=architecture.cell)


def current_policy() -> str:
    """Return the name of Keras' dtype policy in this thread; Keras' own look would fix it."""
    policy = global_state.get_global_attribute("dtype_policy")
    return keras.config.floatx() if policy is None else policy.name


def seed_dtypes(model: keras.Model) -> tuple[str, ...]:
    """Return the dtypes of the model's non-trainable state, which is dropout's seeds only.

    Parameters
    ----------
    model : keras.Model
        A network without its scaling layers.
    """
    variables = model.non_trainable_variables
    return tuple(keras.backend.standardize_dtype(variable.dtype) for variable in variables)


def seed_states(dtypes: tuple[str, ...], seed: int) -> list[np.ndarray]:
    """Return values for the non-trainable state of a model.

    Parameters
    ----------
    dtypes : tuple of str
        As `seed_dtypes` returns them.
    seed : int
        Seed of this fit's dropout masks.

    Returns
    -------
    list of ndarray of shape (2,)
        One seed and counter for each random layer.
    """
    states = np.random.SeedSequence(seed).generate_state(len(dtypes))
    # Half of the range of uint32, because the states are signed on some backends.
    return [
        np.array([state // 2, 0], dtype=dtype) for state, dtype in zip(states, dtypes, strict=True)
    ]


def _precision(scaling: Scaling) -> str:
    """Return the precision in which a layer can compute a scaling."""
    if keras.backend.backend() == "jax":
        import jax

        return scaling.dtype.name if jax.config.jax_enable_x64 else "float32"
    return scaling.dtype.name


def _in_single(x: keras.KerasTensor) -> keras.KerasTensor:
    return ops.cast(x, "float32") if x.dtype == "float64" else x


def _entry(architecture: Architecture, dtype: str) -> keras.KerasTensor:
    shape: tuple[int | None, ...] = (architecture.n_timesteps,)
    if architecture.is_tokens:
        return keras.Input(shape, dtype="int32", name="tokens")
    return keras.Input((*shape, architecture.n_channels), dtype=dtype, name="channels")


def _hide_missing(
    x: keras.KerasTensor, mask_missing: bool
) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """Fill NaN by the channel's mean (0 here), and say which time steps are real."""
    seen = ops.logical_not(ops.isnan(x))
    filled = ops.where(seen, x, 0.0)
    real_step = ops.any(seen, axis=-1)
    if not mask_missing:
        return filled, real_step
    # A step without any value is missing, not padding, where a later step has values.
    backwards = ops.flip(ops.cast(real_step, "int32"), axis=1)
    real_step = ops.flip(ops.cumsum(backwards, axis=1), axis=1) > 0
    missing = ops.cast(ops.logical_not(seen), filled.dtype)
    return ops.concatenate([filled, missing], axis=-1), real_step


def _pooled(
    architecture: Architecture,
    outputs: keras.KerasTensor | list[keras.KerasTensor],
    mask: keras.KerasTensor | None,
) -> keras.KerasTensor:
    """Return what the output layer reads of the states of all real time steps."""
    last = []
    if architecture.pooling == "concat":  # with the states after the last step of each direction
        outputs, *states = outputs
        last = states[:: len(states) // architecture.directions]
    zeros = least = outputs
    n_real = outputs.shape[1]
    if mask is not None:
        real = ops.expand_dims(mask, -1)
        zeros, least = ops.where(real, outputs, 0.0), ops.where(real, outputs, BELOW_STATES)
        n_real = ops.sum(ops.cast(real, outputs.dtype), axis=1)
    mean, largest = ops.sum(zeros, axis=1) / n_real, ops.max(least, axis=1)
    if architecture.pooling == "concat":
        return ops.concatenate([*last, mean, largest], axis=-1)
    return mean if architecture.pooling == "avg" else largest


def _recurrent_layer(
    architecture: Architecture, depth: int, layer_class: type[layers.Layer], seeds
) -> layers.Layer:
    last = depth == architecture.num_layers - 1
    pooled = last and architecture.pooling is not None
    name = f"{architecture.cell}_{depth + 1}"

    def one_direction(**options) -> layers.Layer:
        return layer_class(
            architecture.units,
            dropout=architecture.dropout,
            recurrent_dropout=architecture.recurrent_dropout,
            kernel_initializer=keras.initializers.GlorotUniform(seed=int(next(seeds))),
            recurrent_initializer=keras.initializers.Orthogonal(seed=int(next(seeds))),
            seed=int(next(seeds)) // 2,
            return_sequences=architecture.return_sequences or pooled or not last,
            return_state=last and architecture.pooling == "concat",
            **options,
        )

    if not architecture.bidirectional:
        return one_direction(name=name)
    return layers.Bidirectional(
        one_direction(name=f"{name}_forward"),
        backward_layer=one_direction(name=f"{name}_backward", go_backwards=True),
        name=name,
    )
