"""The updates of Keras' optimizers as pure functions of tensors.

Keras' own updates act on variables, and ``Optimizer.stateless_apply`` raises on the TensorFlow
backend, so the compiled trainer needs these. Tests hold them against Keras' own, step by step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops

__all__ = ["UpdateRule", "make_optimizer", "update_rule"]

Tensor = Any  # of whichever backend Keras uses


@dataclass(frozen=True, slots=True)
class UpdateRule:
    """How one optimizer changes the weights.

    Parameters
    ----------
    kind : str
        Name of the update; part of a program's key.
    n_slots : int
        Tensors of state for each weight.
    names : tuple of str
        The hyper-parameters that the update reads at run time, after the common ones.
    """

    kind: str
    n_slots: int
    names: tuple[str, ...]

    def hyperparameters(self, optimizer: keras.Optimizer) -> np.ndarray:
        """Return the optimizer's settings as the vector that `apply` takes."""
        clipnorm = np.inf if optimizer.clipnorm is None else optimizer.clipnorm
        common = [float(optimizer.learning_rate), clipnorm, optimizer.weight_decay or 0.0]
        return np.array(common + [getattr(optimizer, name) for name in self.names], np.float32)

    def apply(
        self,
        weights: list[Tensor],
        gradients: list[Tensor],
        slots: list[Tensor],
        step: Tensor,
        hyper: Tensor,
    ) -> tuple[list[Tensor], list[Tensor]]:
        """Return the weights and slots after one step.

        Parameters
        ----------
        weights, gradients : list of tensor
            The weights and the loss' gradients.
        slots : list of tensor
            State of the optimizer: ``n_slots`` tensors for each weight, weight by weight.
        step : tensor
            Number of this step, from 1.
        hyper : tensor of shape (3 + len(names),)
            What `hyperparameters` returned.

        Returns
        -------
        weights, slots : list of tensor
            The new ones.
        """
        rate, clipnorm, decay, *own = ops.unstack(hyper, 3 + len(self.names))
        update = _UPDATES[self.kind]
        new_weights, new_slots = [], []
        for i, (weight, gradient) in enumerate(zip(weights, gradients, strict=True)):
            gradient = _clip(gradient, clipnorm)
            weight = weight - weight * decay * rate
            state = slots[i * self.n_slots : (i + 1) * self.n_slots]
            change, state = update(gradient, state, rate, step, *own)
            new_weights.append(weight + change)
            new_slots += state
        return new_weights, new_slots


def make_optimizer(
    optimizer: str | keras.Optimizer, learning_rate: float, clipnorm: float | None
) -> keras.Optimizer:
    """Return a fresh Keras optimizer.

    Parameters
    ----------
    optimizer : str or keras.Optimizer
        A name that Keras knows, or an optimizer, which is rebuilt from its configuration
        because Keras binds an optimizer to the first network that it trains.
    learning_rate : float
        Used with a name; an optimizer brings its own.
    clipnorm : float or None
        Largest norm of a weight's gradient; used with a name.

    Returns
    -------
    keras.Optimizer
        Not yet bound to a network.

    Raises
    ------
    ValueError
        If the name is unknown.
    """
    if isinstance(optimizer, str):
        # A name of its own, because TensorFlow remembers each name of a variable for ever.
        config = {"learning_rate": learning_rate, "clipnorm": clipnorm, "name": optimizer}
        try:
            return keras.optimizers.get({"class_name": optimizer, "config": config})
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"optimizer={optimizer!r} is not an optimizer that Keras knows; give a name such "
                "as 'adam', 'adamw', 'sgd' or 'rmsprop', or a keras.optimizers.Optimizer."
            ) from error
    return type(optimizer).from_config(optimizer.get_config())


def update_rule(optimizer: keras.Optimizer) -> UpdateRule | None:
    """Return the update of a Keras optimizer, or None where only Keras itself can make it."""
    plain = not (
        optimizer.use_ema
        or optimizer.loss_scale_factor
        or optimizer.gradient_accumulation_steps
        or optimizer.clipvalue
        or optimizer.global_clipnorm
        or isinstance(optimizer._learning_rate, keras.optimizers.schedules.LearningRateSchedule)
    )
    if not plain:
        return None
    kind = type(optimizer)
    if kind in (keras.optimizers.Adam, keras.optimizers.AdamW) and not optimizer.amsgrad:
        return UpdateRule("adam", 2, ("beta_1", "beta_2", "epsilon"))
    if kind is keras.optimizers.SGD:
        if not optimizer.momentum:
            return UpdateRule("sgd", 0, ())
        return UpdateRule("nesterov" if optimizer.nesterov else "momentum", 1, ("momentum",))
    if kind is keras.optimizers.RMSprop and not (optimizer.centered or optimizer.momentum):
        return UpdateRule("rmsprop", 1, ("rho", "epsilon"))
    return None


def _clip(gradient: Tensor, clipnorm: Tensor) -> Tensor:
    norm = ops.sqrt(ops.sum(ops.square(gradient)))
    return gradient * ops.minimum(1.0, clipnorm / norm)


def _adam(gradient, state, rate, step, beta_1, beta_2, epsilon):
    first, second = state
    alpha = rate * ops.sqrt(1.0 - beta_2**step) / (1.0 - beta_1**step)
    first = first + (gradient - first) * (1.0 - beta_1)
    second = second + (ops.square(gradient) - second) * (1.0 - beta_2)
    return -first * alpha / (ops.sqrt(second) + epsilon), [first, second]


def _sgd(gradient, state, rate, step):
    del state, step
    return -gradient * rate, []


def _momentum(gradient, state, rate, step, momentum):
    del step
    velocity = state[0] * momentum - gradient * rate
    return velocity, [velocity]


def _nesterov(gradient, state, rate, step, momentum):
    del step
    velocity = state[0] * momentum - gradient * rate
    return velocity * momentum - gradient * rate, [velocity]


def _rmsprop(gradient, state, rate, step, rho, epsilon):
    del step
    velocity = rho * state[0] + (1.0 - rho) * ops.square(gradient)
    return -rate * gradient / ops.sqrt(velocity + epsilon), [velocity]


_UPDATES: dict[str, Callable[..., tuple[Tensor, list[Tensor]]]] = {
    "adam": _adam,
    "sgd": _sgd,
    "momentum": _momentum,
    "nesterov": _nesterov,
    "rmsprop": _rmsprop,
}
