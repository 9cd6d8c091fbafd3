"""Training that goes on: what must be as it was, and what the optimizer remembers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["OptimizerMemory", "check_unchanged"]


def check_unchanged(present: dict[str, Any], shape: dict[str, Any], how: str) -> None:
    """Refuse to go on with a network that other parameters have made.

    Parameters
    ----------
    present : dict of str to object
        The parameters as they are now.
    shape : dict of str to object
        The parameters by which its network was made.
    how : str
        What asks to go on, for the error.

    Raises
    ------
    ValueError
        If one of these parameters is another one now.
    """
    for name, value in shape.items():
        if present[name] != value:
            raise ValueError(
                f"{how} goes on with the network of the previous fit, which was made with {name}="
                f"{value!r}, and {name} is {present[name]!r} now; set it back, or fit with "
                "warm_start=False to begin anew."
            )


@dataclass(frozen=True, eq=False, slots=True)
class OptimizerMemory:
    """What an optimizer remembers of its steps, as plain arrays that can be pickled.

    Parameters
    ----------
    owner : tuple of str
        The engine and the optimizer that can go on with it.
    arrays : list of ndarray
        Number of steps and moments of the gradients.
    """

    owner: tuple[str, str]
    arrays: list[np.ndarray]

    @classmethod
    def of(cls, trainer: Any, optimizer: Any) -> OptimizerMemory:
        """Return what the optimizer of a trainer remembers now."""
        return cls(_owner(trainer, optimizer), trainer.optimizer_state())

    def recall(self, trainer: Any, optimizer: Any) -> dict[str, list[np.ndarray]]:
        """Return what a trainer's `prepare` takes; nothing, if engine or optimizer has changed."""
        fits = self.owner == _owner(trainer, optimizer)
        return {"optimizer_state": self.arrays} if fits else {}


def _owner(trainer: Any, optimizer: Any) -> tuple[str, str]:
    settings = optimizer if isinstance(optimizer, str) else optimizer.get_config()
    return trainer.name, f"{type(optimizer).__name__} {settings}".lower()
