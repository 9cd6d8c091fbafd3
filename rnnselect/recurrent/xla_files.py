"""Programs of TensorFlow as files: what its compiler writes, kept and put back before it looks.

TensorFlow can read compiled programs from a folder, under names that depend on everything that was
traced before, and it fails on a damaged file instead of compiling. So it gets a folder of this
process alone, in which it finds the one file that was checked, and programs are traced under names
that stay the same. What was traced is kept, too: then neither Keras nor tracing is needed again.
"""

from __future__ import annotations

import atexit
import hashlib
import itertools
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import tensorflow as tf
from tensorflow.python.eager import context
from tensorflow.python.framework import ops

from rnnselect.program_store import tensorflow_has_run

__all__ = ["StoredProgram", "can_keep", "load_or_compile"]

FLAGS_VARIABLE = "TF_XLA_FLAGS"
FLAGS = "--tf_xla_persistent_cache_directory={} --tf_xla_persistent_cache_device_types=CPU"
SECOND_PLACE = Path("/dev/shm")  # where the folder for temporary files cannot be written


@dataclass(frozen=True, slots=True)
class StoredProgram:
    """A program as another process can load it.

    Parameters
    ----------
    graph : bytes
        What was traced, as TensorFlow's GraphDef.
    inputs, outputs : list of str
        Names of its tensors; None for inputs without use.
    structure : nested tuple and list of int
        How the outputs come back, by their positions.
    file_name : str
        Under which TensorFlow looks for what it has compiled.
    content : bytes
        Of that file.
    """

    graph: bytes
    inputs: list[str | None]
    outputs: list[str]
    structure: Any
    file_name: str = ""
    content: bytes = b""


_folder: Path | None = None


def can_keep() -> bool:
    """Whether TensorFlow reads programs from a folder of this process; it can begin only once."""
    global _folder
    if _folder is None and not tensorflow_has_run():
        _folder = Path(tempfile.mkdtemp(prefix="rnnselect-"))
        atexit.register(_remove, _folder, os.getpid())
        _start(_folder)
    return _folder is not None


def load_or_compile(
    write: Callable[[], Callable[..., Any]],
    arguments: tuple[Any, ...],
    name: str,
    stored: StoredProgram | None,
) -> tuple[Callable[..., Any], Any, StoredProgram | None]:
    """Run a stored program, or trace and compile it; see `backend_jax.compiled`."""
    if stored is not None:
        try:
            return _run(stored, arguments, name)
        except Exception:  # whatever is wrong with it: it is compiled again, and replaced
            stored = None
    traced = _traced(write(), arguments, name)
    try:
        return _run(traced, arguments, name)
    except tf.errors.OpError:
        _move_elsewhere()  # the disk may be full
        return _run(traced, arguments, name)


def _run(
    program: StoredProgram, arguments: tuple[Any, ...], name: str
) -> tuple[Callable[..., Any], Any, StoredProgram | None]:
    """Run a program for the first time, and say what is to be kept of it."""
    graph = tf.compat.v1.GraphDef.FromString(program.graph)

    def imported(*arguments: Any) -> Any:
        values = zip(program.inputs, tf.nest.flatten(arguments), strict=True)
        used = {name: value for name, value in values if name is not None}
        outputs = tf.graph_util.import_graph_def(graph, used, program.outputs, name="")
        return tf.nest.map_structure(outputs.__getitem__, program.structure)

    for each in graph.library.function:  # the bodies of loops, which `import_graph_def` leaves out
        if not context.context().has_function(each.signature.name):
            context.context().add_function_def(each)
    imported.__name__ = f"program_{name}"
    with _own_number(program.graph):
        function = tf.function(imported, jit_compile=True, autograph=False)
        function = function.get_concrete_function(*arguments)
    placed = _folder / program.file_name if program.content else None
    try:
        if placed is not None:
            placed.write_bytes(program.content)
        result = function(*arguments)
    finally:
        if placed is not None:
            placed.unlink(missing_ok=True)
    return function, result, _collected(program, name)


def _collected(program: StoredProgram, name: str) -> StoredProgram | None:
    """Return the program with the file that TensorFlow has written for it, None without one."""
    for path in _folder.glob("*.pb"):
        content = path.read_bytes()
        if name.encode() in content:
            path.unlink()
            return replace(program, file_name=path.name, content=content)
    return None


def _traced(body: Callable[..., Any], arguments: tuple[Any, ...], name: str) -> StoredProgram:
    function = tf.function(body, jit_compile=True, autograph=False)
    function = function.get_concrete_function(*arguments)
    graph, inputs = function.graph.as_graph_def(), {each.op.name for each in function.inputs}
    nodes = [node for node in graph.node if node.name not in inputs]
    del graph.node[:]
    graph.node.extend(nodes)
    used = {name.strip("^").partition(":")[0] for node in nodes for name in node.input}
    _rename_functions(graph, name)
    positions = itertools.count()
    return StoredProgram(
        graph=graph.SerializeToString(deterministic=True),
        inputs=[each.name if each.op.name in used else None for each in function.inputs],
        outputs=[each.name for each in function.outputs],
        structure=tf.nest.map_structure(lambda _: next(positions), function.structured_outputs),
    )


def _rename_functions(graph: tf.compat.v1.GraphDef, name: str) -> None:
    """Give the bodies of loops names that no other function of any process has."""
    functions, content = graph.library.function, graph.SerializeToString(deterministic=True)
    mark = f"{name}_{hashlib.sha256(content).hexdigest()[:8]}"
    names = {each.signature.name: f"{mark}_{k}" for k, each in enumerate(functions)}
    for each in functions:
        each.signature.name = names[each.signature.name]
    for node in itertools.chain(graph.node, *(each.node_def for each in functions)):
        node.op = names.get(node.op, node.op)
        for value in node.attr.values():
            if value.HasField("func"):
                value.func.name = names.get(value.func.name, value.func.name)


class _Number(threading.local):
    """What this thread takes for the number in a name; None for TensorFlow's own count."""

    own: int | None = None


_number = _Number()


@contextmanager
def _own_number(graph: bytes) -> Iterator[None]:
    """Let the number in a function's name follow from what it computes, in every process."""
    _number.own = int(hashlib.sha256(graph).hexdigest()[:15], 16)
    try:
        yield
    finally:
        _number.own = None


def _start(folder: Path) -> None:
    """Let TensorFlow read its flags, which it does once, and leave the environment as it was."""
    before = os.environ.get(FLAGS_VARIABLE)
    os.environ[FLAGS_VARIABLE] = " ".join(filter(None, [before, FLAGS.format(folder)]))
    try:
        tf.zeros(())
    finally:
        if before is None:
            del os.environ[FLAGS_VARIABLE]
        else:
            os.environ[FLAGS_VARIABLE] = before
    count = ops.uid
    ops.uid = lambda: count() if _number.own is None else _number.own


def _move_elsewhere() -> None:
    """Let a link to another disk take the place of the folder, whose name TensorFlow keeps."""
    other = tempfile.mkdtemp(
        prefix="rnnselect-", dir=SECOND_PLACE if SECOND_PLACE.is_dir() else None
    )
    _remove(_folder, os.getpid())
    _folder.symlink_to(other)


def _remove(folder: Path, process: int) -> None:
    if os.getpid() != process:  # a fork, whose parent still needs it
        return
    shutil.rmtree(folder.resolve(), ignore_errors=True)
    folder.unlink(missing_ok=True)  # a link
