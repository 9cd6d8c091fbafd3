"""Compiled programs on disk, so that the next process need not compile them again.

What is in the store runs as code. So its folder must belong to the user, nobody else may be able
to write to it or to a folder above it, and it is never shared by two kinds of machine or two
versions of a package. What is damaged, foreign or missing costs the time of a compilation.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import platform
import stat
import sys
import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from numbers import Real
from pathlib import Path
from typing import Any

from rnnselect.calibration_file import cache_folder
from rnnselect.machine import Machine
from rnnselect.whole_file import whole_file

__all__ = [
    "Kept",
    "ProgramStore",
    "contents",
    "empty_store",
    "hide_false_alarms",
    "keep_by_default",
    "keep_programs",
    "program_name",
    "program_store",
    "reason_against",
    "refusal",
    "store_root",
    "tensorflow_has_run",
]

KEEP_VARIABLE = "RNNSELECT_KEEP_PROGRAMS"
# TensorFlow (2.21) writes for each program that it loads that this processor lacks "features" that
# are settings of the compiler; this level hides it.
LOG_LEVEL_VARIABLE = "TF_CPP_MIN_LOG_LEVEL"
# A training program of TensorFlow takes 0.7 MB and a scoring program 0.2 MB, so this is room for
# about 1,000 programs: a third of what TensorFlow itself takes on the disk.
MAX_BYTES = 512_000_000
# Nothing that this package compiles comes close; what is larger is not read.
MAX_PROGRAM_BYTES = 64_000_000
# Releases of TensorFlow in which kept programs were seen to give the same bits. With 2.19 they gave
# wrong numbers without an error, so nothing is kept with a release that nobody has tried.
TENSORFLOW_RELEASES = ("2.21",)
MAGIC = b"rnnselect program 1\n"
ENDING = ".program"
# The modules that decide what a program computes, and how it is kept; a test follows the imports.
WRITERS = (
    "cells",
    "recurrent/architecture",
    "recurrent/backend_jax",
    "recurrent/backend_tensorflow",
    "recurrent/fused_gru",
    "recurrent/network",
    "recurrent/optimizers",
    "recurrent/programs",
    "recurrent/xla_files",
    "sequences/scaling",
)
# Variables that may change what is compiled; those of the log do not.
COMPILER_VARIABLES = ("JAX_", "KERAS_", "TF_", "XLA_")
LOG_VARIABLES = "TF_CPP_"


def keep_programs(folder: str | os.PathLike[str] | None = None) -> None:
    """Keep compiled programs on disk, for later processes and for those that this one starts.

    A first fit of a shape compiles for one to three seconds. With a store, a process that finds the
    program there loads it instead. Results are the same to the last bit. Call it before the first
    fit.

    Parameters
    ----------
    folder : str, path-like or None, default=None
        Where to keep them. None: ``programs`` in the user's cache folder. The folder must belong to
        you, and nobody else may write to it or to a folder above it, because what is in it runs as
        code.

    Warns
    -----
    UserWarning
        If it has no effect: others may write to the folder, or TensorFlow has started already.

    Notes
    -----
    The environment variable ``RNNSELECT_KEEP_PROGRAMS`` does the same where it is ``1`` or a
    folder; this function sets it, so that processes that this one starts keep programs, too. With
    ``0`` nothing is kept, whoever asks for it. The command line and worker processes of the advisor
    keep programs unless it is ``0``. Unless ``TF_CPP_MIN_LOG_LEVEL`` is set it becomes 3, because
    TensorFlow would falsely report, for each loaded program, that the processor lacks features.

    Examples
    --------
    >>> import rnnselect
    >>> rnnselect.keep_programs()  # doctest: +SKIP
    """
    before = os.environ.get(KEEP_VARIABLE)
    if before == "0":
        return
    os.environ[KEEP_VARIABLE] = "1" if folder is None else str(Path(folder).absolute())
    hide_false_alarms()
    reason = reason_against(store_root())
    if not (before or reason) and "tensorflow" in Machine.this().versions and tensorflow_has_run():
        reason = (
            "TensorFlow has run in this process already, and only looks for kept programs when it "
            "starts. Call keep_programs() before the first fit."
        )
    if reason:
        warnings.warn(f"Compiled programs are not kept: {reason}", UserWarning, stacklevel=2)


def keep_by_default() -> None:
    """Keep programs in this process unless the user has said where, or that nothing is kept."""
    os.environ.setdefault(KEEP_VARIABLE, "1")
    hide_false_alarms()


def hide_false_alarms() -> None:
    """Hide that TensorFlow takes settings of its compiler for features that the processor lacks."""
    if store_root() is not None:
        os.environ.setdefault(LOG_LEVEL_VARIABLE, "3")


def store_root() -> Path | None:
    """Return the folder of the store that was asked for; None where none was."""
    wanted = os.environ.get(KEEP_VARIABLE, "0")
    if wanted in ("", "0"):
        return None
    if wanted != "1":
        return Path(wanted).absolute()
    try:
        return cache_folder() / "programs"
    except FileNotFoundError:  # no home folder
        return None


def program_store() -> ProgramStore | None:
    """Return the store of this kind of machine, if one was asked for and its folder is safe."""
    root = store_root()
    return None if root is None or _untried_release() else _opened(root, os.getpid())


@cache
def _opened(root: Path, process: int) -> ProgramStore | None:
    folder = root / _kind_of_machine()
    try:
        for each in (root, folder):
            each.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:  # a read-only disk: all is compiled anew
        return None
    if refusal(folder):
        return None
    _keep_within_bounds(root, process)  # worker processes may end without their last duties
    atexit.register(_keep_within_bounds, root, process)
    return ProgramStore(folder)


@dataclass(frozen=True, slots=True)
class ProgramStore:
    """The programs of one kind of machine and one set of versions.

    Parameters
    ----------
    folder : Path
        Where they are: a file for each.
    """

    folder: Path

    def program(self, name: str, context: str = "") -> Kept:
        """Return the place of a program, whether it is there or not.

        Parameters
        ----------
        name : str
            Of the program: what it computes.
        context : str, default=""
            Settings of this process under which it is compiled.
        """
        return Kept(self.folder / f"{name}-{digest(context)[:8]}{ENDING}")

    def holds(self, name: str) -> bool:
        """Whether a program of that name is there, for some settings."""
        return any(self.folder.glob(f"{name}-*{ENDING}"))


@dataclass(frozen=True, slots=True)
class Kept:
    """The place of one program in the store."""

    path: Path

    def read(self) -> bytes | None:
        """Return what was written, None where it is not there, and not whole, ours and sound."""
        try:
            with open(
                os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb"
            ) as file:
                if not _is_ours(os.fstat(file.fileno())):
                    return None
                content = file.read(MAX_PROGRAM_BYTES + 1)
            os.utime(self.path)  # the least recently used ones leave first
        except OSError:  # not there, gone since, or a link
            return None
        payload = content[len(MAGIC) + hashlib.sha256().digest_size :]
        if content == self._sealed(payload):
            return payload
        with suppress(OSError):
            self.path.unlink()
        return None

    def write(self, payload: bytes) -> None:
        """Store a program, if the disk takes it."""
        # A full disk costs the next process a compilation.
        with suppress(OSError), whole_file(self.path) as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(self._sealed(payload))

    def _sealed(self, payload: bytes) -> bytes:
        """Return what the file holds; a file that was renamed or moved here does not match."""
        place = f"{self.path.parent.name}/{self.path.name}\n".encode()
        return MAGIC + hashlib.sha256(place + payload).digest() + payload


def program_name(
    purpose: str, architecture: Any, update: str | None, shape: tuple[int, ...]
) -> str:
    """Return the name of a program, which can be told before Keras is imported.

    Parameters
    ----------
    purpose : {"train", "score"}
        What it is for.
    architecture : Architecture
        Of the network.
    update : str or None
        Kind of the optimizer's update.
    shape : tuple of int
        ``(n_steps, batch_size, n_timesteps)`` of a chunk.
    """
    # As floats, because 0 and 0.0 or numbers of NumPy give the same program.
    own = {
        key: float(value) if isinstance(value, Real) and not isinstance(value, bool) else value
        for key, value in asdict(architecture).items()
    }
    return digest(repr((purpose, own, update, tuple(map(int, shape)))))[:32]


def digest(text: str) -> str:
    """Return a text of 64 letters that stands for another text."""
    return hashlib.sha256(text.encode()).hexdigest()


def refusal(folder: Path) -> str | None:
    """Say why nothing in a folder may be run as code; None where it may.

    Parameters
    ----------
    folder : Path
        A folder that is there.

    Returns
    -------
    str or None
        A sentence that names the folder or link and the remedy.
    """
    if not hasattr(os, "geteuid"):
        return "this system does not say who may write to a folder."
    try:
        for place in _way_to(folder.absolute()):
            if not _is_safe(place.lstat()):
                return (
                    f"others may write to {place}, but kept programs run as code. Remove that "
                    f"permission (chmod go-w), or name another folder in {KEEP_VARIABLE}."
                )
        if folder.is_symlink() or not _is_ours(folder.lstat()):
            return f"{folder} is not a folder that belongs to you alone; remove it (rm -r)."
    except OSError as error:
        return f"{folder} cannot be used ({error.strerror})."
    return None


def reason_against(root: Path | None) -> str | None:
    """Say why nothing is kept in a store, None where it is."""
    if root is None:
        return "there is no home folder; name a folder."
    release = _untried_release()
    if release:
        known = " and ".join(TENSORFLOW_RELEASES)
        return f"TensorFlow {release} has not been tried with kept programs; install {known}."
    if program_store() is not None:
        return None
    return refusal(root / _kind_of_machine())


def tensorflow_has_run() -> bool:
    """Whether anybody has used TensorFlow; there is no public way to ask without starting it."""
    module = sys.modules.get("tensorflow.python.eager.context")
    return bool(getattr(getattr(module, "_context", None), "_initialized", False))


def empty_store(root: Path) -> None:
    """Remove all programs of all machines and versions from a store."""
    for _, _, path in _programs(root):
        with suppress(OSError):
            path.unlink()


def contents(root: Path) -> tuple[int, int]:
    """Return the number of programs in a store, and their bytes."""
    sizes = [size for _, size, _ in _programs(root)]
    return len(sizes), sum(sizes)


def _untried_release() -> str | None:
    """Return the release of TensorFlow, if nobody has tried to keep its programs."""
    release = Machine.this().versions.get("tensorflow")
    return None if release is None or release.startswith(TENSORFLOW_RELEASES) else release


def _programs(root: Path) -> list[tuple[float, int, Path]]:
    """Return when each program was used last, its bytes and its path."""
    found = []
    for path in root.glob(f"*/*{ENDING}"):
        with suppress(OSError):  # another process has removed it
            status = path.lstat()
            found.append((status.st_mtime, status.st_size, path))
    return found


def _keep_within_bounds(root: Path, process: int) -> None:
    """Remove the programs that were not used for the longest time, if there are too many."""
    if os.getpid() != process:  # a fork
        return
    programs = _programs(root)
    too_much = sum(size for _, size, _ in programs) - MAX_BYTES
    for _, size, path in sorted(programs):
        if too_much <= 0:
            return
        with suppress(OSError):
            path.unlink()
        too_much -= size


def _way_to(path: Path) -> Iterator[Path]:
    """Yield the folders above a path and the path, links as they are met, and where they lead."""
    for place in (*reversed(path.parents), path):
        yield place
        if place.is_symlink():
            yield from _way_to(place.parent / place.readlink())


def _is_safe(status: os.stat_result) -> bool:
    """Whether only this user and the system's can change what a folder or link stands for."""
    if status.st_uid not in (0, os.geteuid()):
        return False
    if stat.S_ISLNK(status.st_mode) or status.st_mode & stat.S_ISVTX:
        return True
    by_group = status.st_mode & stat.S_IWGRP and not _is_private_group(status.st_gid)
    return not (by_group or status.st_mode & stat.S_IWOTH)


def _is_ours(status: os.stat_result) -> bool:
    shared = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    regular = stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)
    return regular and status.st_uid == os.geteuid() and not shared


@cache
def _is_private_group(number: int) -> bool:
    """Whether a group has one member only, this user: many systems give each user such a group."""
    import grp
    import pwd

    if number == 0:
        return True
    try:
        group, user = grp.getgrgid(number), pwd.getpwuid(os.geteuid())
    except KeyError:
        return False
    alone = set(group.gr_mem) <= {user.pw_name}
    return alone and group.gr_name == user.pw_name and number == user.pw_gid


@cache
def _kind_of_machine() -> str:
    """Return a name for all that a compiled program depends on beside its process' settings."""
    machine = Machine.this()
    return digest(repr((machine, _features(), _n_usable_cores(), _code(), _variables())))[:16]


def _n_usable_cores() -> int:
    """Return how many cores this process may use: XLA splits the work of a program by them."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _features() -> tuple[Any, ...]:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines():
            if line.startswith(("flags", "Features")):
                return platform.machine(), tuple(sorted(line.split()[2:]))
    return (platform.machine(), platform.processor())


def _variables() -> list[tuple[str, str]]:
    return sorted(
        (name, value)
        for name, value in os.environ.items()
        if name.startswith(COMPILER_VARIABLES) and not name.startswith(LOG_VARIABLES)
    )


def _code() -> str:
    """Return a digest of the modules that write programs, which change within a version, too."""
    own = Path(__file__).parent
    contents = [(own / f"{name}.py").read_bytes() for name in WRITERS]
    return hashlib.sha256(b"".join(contents)).hexdigest()
