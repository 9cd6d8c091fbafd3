"""Compiled programs: each is made once a process, and every fold, seed and thread shares it.

A program takes all state (weights, optimizer slots, dropout seeds) as tensors and returns the new
state, so nothing in it belongs to one fit. It computes in single precision, whatever dtype policy
Keras is set to.
"""

from __future__ import annotations

import pickle
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import keras
from keras import ops

from rnnselect.exceptions import ProgramLimitWarning
from rnnselect.program_store import Kept, program_name, program_store
from rnnselect.recurrent.architecture import Architecture
from rnnselect.recurrent.network import build_network, seed_dtypes, seed_states
from rnnselect.recurrent.optimizers import UpdateRule

if keras.backend.backend() == "jax":
    from rnnselect.recurrent import backend_jax as backend
else:
    from rnnselect.recurrent import backend_tensorflow as backend

__all__ = [
    "Program",
    "begin_keeping",
    "has_training_program",
    "program_counts",
    "room_for_programs",
    "scoring_program",
    "training_program",
]

# Each compiled program keeps memory mappings, and at Linux's default limit of 65,530 a process died
# after 500 to 620 programs of TensorFlow (seen twice). The warning comes early; beyond the limit
# training takes the plain path, or room is made where the backend can free programs.
WARN_AT_PROGRAMS = 30_000 // backend.MAPPINGS_PER_PROGRAM
MAX_PROGRAMS = 48_000 // backend.MAPPINGS_PER_PROGRAM

Tensor = Any


@dataclass(frozen=True, slots=True)
class ProgramKey:
    """What two uses must have in common to share a program."""

    purpose: str
    architecture: Architecture
    update: UpdateRule | None
    shape: tuple[int, ...]  # (n_steps, batch_size, n_timesteps)

    @property
    def name(self) -> str:
        """The program's name in a store."""
        update = self.update and self.update.kind
        return program_name(self.purpose, self.architecture, update, self.shape)


class Program:
    """A compiled function; its compilation is counted, also where it is loaded from a store.

    Parameters
    ----------
    key : ProgramKey
        What it is for.
    make_body : callable
        Takes the key and the network (layers and shapes only, its own weights are unused), and
        returns the function of tensors to compile.
    """

    def __init__(self, key: ProgramKey, make_body: Callable[..., Callable[..., Any]]) -> None:
        self.key = key
        self._make_body = make_body
        self._lock = threading.RLock()
        self._compiled: Callable[..., Any] | None = None

    def __call__(self, *arguments: Any) -> Any:
        """Run the program, compiling it first where this is the first call.

        Arguments of another shape raise, so that no second compilation can go unnoticed.
        """
        if self._compiled is None:
            with self._lock:  # a second thread waits rather than compile the same again
                if self._compiled is None:
                    return self._compile_and_run(arguments)
        return self._compiled(*arguments)

    @property
    def is_compiled(self) -> bool:
        """Whether the next call need not compile."""
        return self._compiled is not None

    def seed_states(self, seed: int) -> list[Any]:
        """Return the program's non-trainable state, which is dropout's seeds only."""
        with self._lock:
            return backend.tensors(seed_states(self._seed_dtypes, seed))

    @cached_property
    def _seed_dtypes(self) -> tuple[str, ...]:
        return seed_dtypes(self._network) if self._stored is None else self._stored[0]

    @cached_property
    def _network(self) -> keras.Model:
        fused = backend.TRAINING_LAYERS if self.key.purpose == "train" else None
        return build_network(self.key.architecture, head=False, layer_classes=fused)

    @cached_property
    def _kept(self) -> Kept | None:
        """Where the program is kept for other processes; None where it is not."""
        store = program_store()
        if store is None or not backend.can_keep():
            return None
        return store.program(self.key.name, f"{backend.settings()} {keras.config.epsilon()}")

    @cached_property
    def _stored(self) -> tuple[tuple[str, ...], Any] | None:
        """What another process has kept: dtypes of the seeds, and what the backend loads."""
        content = self._kept and self._kept.read()
        if content is None:
            return None
        try:
            dtypes, stored = pickle.loads(content)
        except Exception:  # something else of the same name; what is kept next replaces it
            return None
        return dtypes, stored

    def _compile_and_run(self, arguments: tuple[Any, ...]) -> Any:
        kept, stored, dtypes = self._kept, self._stored, self._seed_dtypes
        try:
            compiled, result, to_keep = backend.compiled(
                lambda: self._make_body(self.key, self._network),
                arguments,
                None if kept is None else self.key.name,
                None if stored is None else stored[1],
            )
        except BaseException:
            with _lock:  # what has failed once is made anew the next time
                if _programs.get(self.key) is self:
                    del _programs[self.key]
            raise
        if to_keep is not None:
            kept.write(pickle.dumps((dtypes, to_keep)))
        for done in ("_network", "_stored"):  # they hold memory
            self.__dict__.pop(done, None)
        with _lock:
            _compilations[self.key.purpose] += 1
        self._compiled = compiled
        return result


def begin_keeping() -> None:
    """Let the backend take what it needs to keep programs before anything runs on it."""
    if program_store() is not None:
        backend.can_keep()


_programs: dict[ProgramKey, Program] = {}
_compilations = {"train": 0, "score": 0}
_lock = threading.Lock()


def training_program(
    architecture: Architecture, update: UpdateRule, shape: tuple[int, int, int]
) -> Program:
    """Return the program that runs a chunk of training steps.

    Parameters
    ----------
    architecture : Architecture
        Of the network.
    update : UpdateRule
        Of the optimizer.
    shape : tuple of int
        ``(n_steps, batch_size, n_timesteps)`` of a chunk.

    Returns
    -------
    Program
        Called as ``(weights, seeds, slots, done, hyper, n_steps, xs, ys, sample_weights,
        counts)``; returns ``(weights, seeds, slots, done, loss_sum)``.
    """
    return _find(ProgramKey("train", architecture, update, shape), _training_body)


def has_training_program(
    architecture: Architecture, update: UpdateRule, shape: tuple[int, int, int]
) -> bool:
    """Whether this process has compiled that program; see `training_program`."""
    program = _programs.get(ProgramKey("train", architecture, update, shape))
    return program is not None and program.is_compiled


def scoring_program(architecture: Architecture, shape: tuple[int, int, int]) -> Program:
    """Return the program that computes the outputs of a block of sequences.

    Called as ``(weights, seeds, n_steps, xs)`` with ``xs`` of shape ``(n_steps, batch_size,
    n_timesteps[, n_channels])``; returns outputs before the head, of shape ``(n_steps,
    batch_size[, n_timesteps], n_outputs)``.
    """
    return _find(ProgramKey("score", architecture, None, shape), _scoring_body)


def program_counts() -> dict[str, int]:
    """Return how many compilations this process has made, by purpose."""
    return dict(_compilations)


def room_for_programs() -> bool:
    """Whether this process can hold further compiled programs.

    Where the backend can free programs all are dropped, so that there is; a thread that runs one
    still holds it.
    """
    with _lock:
        if len(_programs) >= MAX_PROGRAMS and backend.free_programs():
            _programs.clear()
        return len(_programs) < MAX_PROGRAMS


def _find(key: ProgramKey, make_body: Callable[..., Callable[..., Any]]) -> Program:
    with _lock:
        program = _programs.get(key)
        if program is None:
            program = _programs[key] = Program(key, make_body)
            if len(_programs) == WARN_AT_PROGRAMS:
                warnings.warn(
                    f"This process holds {WARN_AT_PROGRAMS} compiled programs of different "
                    f"shapes; from {MAX_PROGRAMS} on {backend.BEYOND_THE_LIMIT}. Run long "
                    "searches in fresh worker processes.",
                    ProgramLimitWarning,
                    stacklevel=4,
                )
        return program


def _training_body(key: ProgramKey, network: keras.Model) -> Callable[..., Any]:
    per_sample_loss = _LOSSES[key.architecture.head]
    update = key.update
    assert update is not None

    def chunk(weights, seeds, slots, done, hyper, n_steps, xs, ys, sample_weights, counts):
        def one_step(i, weights, seeds, slots, done, total):
            def loss(weights):
                outputs, new_seeds = network.stateless_call(weights, seeds, xs[i], training=True)
                loss_sum = ops.sum(per_sample_loss(ys[i], outputs) * sample_weights[i])
                return loss_sum / counts[i], (loss_sum, new_seeds)

            (loss_sum, new_seeds), gradients = backend.differentiated(loss, weights)
            done = done + 1.0
            weights, slots = update.apply(weights, gradients, slots, done, hyper)
            return i + 1, weights, new_seeds, slots, done, total + loss_sum

        state = (0, weights, seeds, slots, done, 0.0)
        return ops.while_loop(lambda i, *_: i < n_steps, one_step, state)[1:]

    return chunk


def _scoring_body(key: ProgramKey, network: keras.Model) -> Callable[..., Any]:
    n_steps_at_most, batch_size, n_timesteps = key.shape
    per_step = (n_timesteps,) if key.architecture.return_sequences else ()
    shape = (n_steps_at_most, batch_size, *per_step, key.architecture.n_outputs)

    def block(weights, seeds, n_steps, xs):
        def one_step(i, outputs):
            result, _ = network.stateless_call(weights, seeds, xs[i], training=False)
            return i + 1, ops.slice_update(outputs, (i, *[0] * result.ndim), result[None])

        start = (0, ops.zeros(shape, "float32"))
        return ops.while_loop(lambda i, _: i < n_steps, one_step, start)[1]

    return block


def _cross_entropy(y: Tensor, logits: Tensor) -> Tensor:
    return ops.sparse_categorical_crossentropy(y, logits, from_logits=True)


def _squared_error(y: Tensor, outputs: Tensor) -> Tensor:
    return ops.mean(ops.square(y - outputs), axis=-1)


def _binary_cross_entropy(y: Tensor, logits: Tensor) -> Tensor:
    return ops.mean(ops.binary_crossentropy(y, logits, from_logits=True), axis=-1)


_LOSSES = {
    "softmax": _cross_entropy,
    "sigmoid": _binary_cross_entropy,
    "linear": _squared_error,
}
