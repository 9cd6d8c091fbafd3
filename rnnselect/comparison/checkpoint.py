"""A folder in which a comparison finds the fits that an earlier, killed one had finished.

One file for each finished fit, named by a digest of everything that decides it. So a file is right
for whoever asks for it, several processes may share a folder without a lock, and what a race kept
serves another one that needs the same fits.
"""

from __future__ import annotations

import os
import tempfile
import warnings
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from rnnselect.comparison.comparison import Comparison
from rnnselect.comparison.finished_fit import FinishedFit
from rnnselect.comparison.fit_file import MAX_FIT_BYTES, fit_bytes, read_fit
from rnnselect.comparison.identity import fit_keys
from rnnselect.exceptions import CheckpointWarning
from rnnselect.whole_file import whole_file

__all__ = ["Checkpoint", "check_checkpoint", "resume"]

SUFFIX = ".fit.json"
# A warning names that many damaged files; there may be thousands.
MAX_NAMED = 3


@dataclass(eq=False, slots=True)
class Checkpoint:
    """The folder, as one comparison sees it.

    Parameters
    ----------
    folder : Path
        Exists, and takes files.
    keys : dict of (int, str) to str
        Digest of each fit, by split and candidate; names its file.
    """

    folder: Path
    keys: dict[tuple[int, str], str]
    _failed: bool = field(default=False, init=False)

    def keep(self, k: int, cell: str, fit: FinishedFit) -> None:
        """Write a finished fit; whoever reads meanwhile finds all of it or nothing.

        Parameters
        ----------
        k : int
            Its split.
        cell : str
            Its candidate.
        fit : FinishedFit
            One that is not complete is not kept.

        Warns
        -----
        CheckpointWarning
            If it cannot be written, once. The comparison goes on, and tries no more.
        """
        if self._failed or not fit.complete:
            return
        key = self.keys[k, cell]
        try:
            content = fit_bytes(key, cell, k, fit)
            _write(self._path(key), content)
        except (MemoryError, OSError, TypeError, ValueError) as error:
            self._failed = True
            reason = error.strerror if isinstance(error, OSError) else error
            warnings.warn(
                f"checkpoint={os.fspath(self.folder)!r}: a finished fit cannot be kept "
                f"({reason}). The comparison continues without; fits kept so far can be used by a "
                "later call.",
                CheckpointWarning,
                stacklevel=12,
            )

    def finished(self, comparison: Comparison) -> dict[tuple[int, str], FinishedFit]:
        """Read the fits of a comparison that are there, and score them.

        Parameters
        ----------
        comparison : Comparison
            The one whose keys these are.

        Returns
        -------
        dict of (int, str) to FinishedFit
            By split and candidate.

        Warns
        -----
        CheckpointWarning
            If files are damaged; they are named, and their fits run again.
        """
        found, refused = {}, []
        for (k, cell), key in self.keys.items():
            path = self._path(key)
            try:
                content = _read(path)
            except FileNotFoundError:
                continue
            except (OSError, ValueError) as error:
                refused.append(f"{path.name} ({error})")
                continue
            try:
                fit = read_fit(content, key, len(comparison.data.splits.rows[k][1]))
                found[k, cell] = _scored(comparison, k, fit)
            # A scorer of the user's own may raise anything, and will be heard in the fit itself.
            except Exception as error:
                refused.append(f"{path.name} ({str(error)[:200] or type(error).__name__})")
        if refused:
            named = "; ".join(refused[:MAX_NAMED]) + ("; ..." if len(refused) > MAX_NAMED else "")
            warnings.warn(
                f"checkpoint={os.fspath(self.folder)!r}: {len(refused)} file(s) cannot be used, "
                f"and their fits run again: {named}.",
                CheckpointWarning,
                stacklevel=7,
            )
        return found

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}{SUFFIX}"


def check_checkpoint(folder: Any, random_state: Any) -> Path:
    """Make the folder of a checkpoint and see whether it takes files, before anything is trained.

    Parameters
    ----------
    folder : str or path-like
        Made where there is none, with those above it.
    random_state : int, RandomState instance or None
        The advisor's.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ValueError
        If the fits could not be found again, because `random_state` is None.
    OSError
        If the folder cannot be made or written to; of the kind that the system gave.
    """
    if random_state is None:
        raise ValueError(
            f"checkpoint={os.fspath(folder)!r} needs a fixed random_state: with "
            "random_state=None every call has other folds and other networks, so that a later call "
            "could not continue. Give random_state=0, or any other number."
        )
    path = Path(folder)
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path) as file:
            file.write(b"?")
    except OSError as error:
        raise type(error)(
            error.errno,
            f"checkpoint: finished fits cannot be kept there ({error.strerror}); give a folder "
            "that may be written to and has room, or None",
            os.fspath(folder),
        ) from error
    return path


def resume(comparison: Comparison, folder: Path) -> Comparison:
    """Return a comparison that has the fits of a folder, and keeps there what it finishes.

    Parameters
    ----------
    comparison : Comparison
        Nothing of it has run.
    folder : Path
        From `check_checkpoint`.

    Returns
    -------
    Comparison
        Ready to run what is missing.
    """
    checkpoint = Checkpoint(folder, fit_keys(comparison))
    return replace(comparison, keep=checkpoint.keep, finished=checkpoint.finished(comparison))


def _scored(comparison: Comparison, k: int, fit: FinishedFit) -> FinishedFit:
    """Return a fit with the score that the comparison's own scorer gives it."""
    if not comparison.scoring.needs_predictions_only:
        return replace(fit, frozen=None)  # the scorer is part of the key
    if fit.frozen is None:
        raise ValueError("it has no predictions")
    test = comparison.data.splits.rows[k][1]
    rows, y = np.arange(len(test)), comparison.data.y[test]
    return replace(fit, score=float(comparison.scorer_on(test)(fit.frozen, rows, y)))


def _read(path: Path) -> bytes:
    if path.exists() and not path.is_file():  # reading a pipe might never end
        raise ValueError("it is not a file")
    with path.open("rb") as file:
        content = file.read(MAX_FIT_BYTES + 1)
    if not content:
        raise ValueError("it is empty")
    return content


def _write(path: Path, content: bytes) -> None:
    if path.is_symlink() or not path.is_file():  # nothing is written through a link or a pipe
        path.unlink(missing_ok=True)
    with whole_file(path) as file:
        file.write(content)
