"""How an estimator keeps its network: as a `keras.Model`, or as weights until one is needed."""

from __future__ import annotations

import threading
from os import PathLike
from typing import Any

import numpy as np

from rnnselect.recurrent.fit_state import FitState
from rnnselect.recurrent.record import save_network

__all__ = ["NetworkKeeper"]

# What not every fit leaves behind.
_OPTIONAL = (
    "model_",
    "_weights",
    "classes_",
    "feature_names_in_",
    "windows_",
    "vocabulary_size_",
    "callbacks_",
)

_building = threading.Lock()  # an estimator's own could not be pickled


class NetworkKeeper:
    """Holds the fitted state, and builds ``model_`` when it is first used.

    Its host has ``_build_network``. Estimators that were loaded, unpickled or copied have only the
    weights of their network, plain arrays. So loading imports no Keras, and what stores estimators
    need not know Keras' objects.
    """

    def __sklearn_is_fitted__(self) -> bool:
        """Return whether there is a fitted state."""
        return "_state" in vars(self)

    def _keep(self, state: FitState, **network: Any) -> None:
        """Take over what a fit has made: its state and ``model_``, or ``_weights`` of one."""
        for name in _OPTIONAL:
            vars(self).pop(name, None)
        vars(self).update(state.attributes(), _state=state, **network)

    def __getattr__(self, name: str) -> Any:
        """Build the network; called where an attribute is not there."""
        if name == "model_":
            with _building:
                if name not in vars(self) and "_weights" in vars(self):
                    model = self._build_network(self._state, seed=0)
                    for variable, weight in zip(
                        model.trainable_variables, self._weights, strict=True
                    ):
                        variable.assign(weight)
                    vars(self)["model_"] = model
                    del self._weights
                if name in vars(self):
                    return vars(self)[name]
        raise AttributeError(
            f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self
        )

    def __getstate__(self) -> dict[str, Any]:
        """Return what is pickled and copied: weights in place of the network."""
        state = dict(super().__getstate__())
        state.pop("callbacks_", None)  # may hold files and networks
        if state.pop("model_", None) is not None:
            state["_weights"] = self._weight_arrays()
        return state

    def _weight_arrays(self) -> list[np.ndarray]:
        """Return the trainable weights, without building a network."""
        with _building:
            if "model_" not in vars(self):
                return self._weights
            return [np.array(np.asarray(v)) for v in self.model_.trainable_variables]

    def save(self, path: str | PathLike[str], *, metadata: dict[str, Any] | None = None) -> None:
        """Write the fitted estimator to a file, without pickle; see `rnnselect.save`.

        Parameters
        ----------
        path : path-like
            The file, such as ``"model.rnnselect"``; an existing one is replaced.
        metadata : dict or None, default=None
            What else the file is to say; anything that JSON gives back as it is.
        """
        save_network(self, path, metadata)
