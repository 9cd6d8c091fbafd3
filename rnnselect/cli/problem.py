"""What is to be learnt from a file, and the network that could learn it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from rnnselect.cli.bad_rows import MAX_SHARE, Losses
from rnnselect.cli.files import Arrays, read_file
from rnnselect.cli.reading import Reading, Sequences, read_sequences_of
from rnnselect.cli.tables import Table, short

__all__ = [
    "Problem",
    "make_estimator",
    "read_problem",
    "sequences_of_arrays",
    "splitter_of",
]

EMBEDDING_DIM = 32  # of words, unless told; as wide as the network by default
# Words beyond these are too rare to be learnt; the size that Keras' own examples of text have.
MAX_TOKENS = 20_000
MAX_CHANNELS_SHOWN = 12
HINT = (
    "Not so? Correct it with --target, --id, --time, --values, --text, --no-header, --regression "
    "or --classification."
)


@dataclass(frozen=True, eq=False, slots=True)
class Problem:
    """Sequences and targets, read from a file.

    Parameters
    ----------
    sequences : Sequences
        What was read, and how.
    regression : bool
        Whether values are to be predicted.
    described : str
        How the file was understood, and what was left out.
    groups : ndarray of shape (n_samples,) or None
        Which sequences belong together.
    record : dict
        The same as plain values, for JSON.
    """

    sequences: Sequences
    regression: bool
    described: str
    groups: Any
    record: dict[str, Any]

    @property
    def majority_share(self) -> float:
        """Share of the sequences that are of the commonest class; 0 where values are predicted."""
        if self.regression:
            return 0.0
        _, counts = np.unique(np.asarray(self.sequences.y).astype(str), return_counts=True)
        return float(counts.max() / counts.sum())

    @property
    def has_missing_cells(self) -> bool:
        """Whether values are missing within sequences."""
        return self.sequences.losses.n_missing > 0


def read_problem(
    path: Path,
    given: Reading,
    regression: bool | None = None,
    groups: str | None = None,
    *,
    target_first: bool | None = None,
    channels_first: bool = False,
    max_bad: float = MAX_SHARE,
) -> Problem:
    """Read sequences and targets from a file, and guess what is not said of them.

    Parameters
    ----------
    path : Path
        The file.
    given : Reading
        What is said of it.
    regression : bool or None, default=None
        Whether values are to be predicted; None guesses it from the targets.
    groups : str or None, default=None
        Column or array that tells which sequences belong together.
    target_first : bool or None, default=None
        Whether the target is the first column, or the last one.
    channels_first : bool, default=False
        Whether the time steps are the last axis of an array.
    max_bad : float, default=0.05
        Share of the sequences that may be left out.

    Returns
    -------
    Problem
        Sequences, targets and groups.

    Raises
    ------
    ValueError
        If the file cannot be read, or does not say what is to be learnt.
    """
    from rnnselect.cli.guesses import is_regression

    content = read_file(path, given, groups)
    if isinstance(content, Arrays):
        sequences, told = sequences_of_arrays(path, given, content, channels_first)
        grouping = content.groups
        if grouping is not None:
            grouping = grouping[sequences.kept]
    else:
        sequences, told, grouping = _read_table(content, given, groups, target_first)
    losses = sequences.losses
    losses.check(max_bad)
    guessed, why = is_regression(np.asarray(sequences.y))
    if regression and sequences.y.dtype.kind not in "iufb":
        raise ValueError(
            f"--regression: {sequences.reading.target!r} has text, such as "
            f"{short(sequences.y[0])!r}; leave the option out, or name a column of numbers by "
            "--target."
        )
    chosen = guessed if regression is None else regression
    if not chosen:
        _refuse_many_classes(sequences)
    target = sequences.reading.target
    what = ("values" if chosen else "classes") + (f" ({why})" if regression is None else "")
    told["task"] = what
    about = f"{target!r} as {what}." if target else f"The target as {what}."
    parts = [*told.pop("lines"), about]
    if left_out := losses.said():
        parts.append(f"Left out: {left_out}.")
    if cells := losses.said_of_cells():
        parts.append(f"Missing cells: {cells}; the networks see that they are missing.")
    if told.pop("unsure"):
        parts.append(HINT)
    record = {
        "file": str(path),
        "reading": sequences.reading.to_dict(),
        **told,
        **losses.to_dict(),
    }
    return Problem(sequences, chosen, " ".join(parts), grouping, record)


def make_estimator(
    problem: Problem,
    units: int,
    epochs: int | None,
    embedding_dim: int | None,
    missing: str | None,
) -> Any:
    """Return an estimator that takes these sequences: a network, for texts after a tokenizer.

    Parameters
    ----------
    problem : Problem
        What is to be learnt.
    units, epochs, embedding_dim, missing
        As the estimators take them; None is their default, or what the data need.

    Returns
    -------
    RNNClassifier, RNNRegressor or Pipeline
        Not fitted.
    """
    from rnnselect import RNNClassifier, RNNRegressor, SequenceTokenizer

    reading = problem.sequences.reading
    if missing is None:
        missing = "mask" if problem.has_missing_cells else "error"
    settings = {"units": units, "embedding_dim": embedding_dim, "missing": missing}
    if epochs is not None:
        settings["epochs"] = epochs
    if reading.form == "text" and embedding_dim is None:
        settings["embedding_dim"] = EMBEDDING_DIM
    if reading.form == "series":
        settings["validation_fraction"] = splitter_of(reading, 5)
    network = (RNNRegressor if problem.regression else RNNClassifier)(**settings)
    if reading.form != "text":
        return network
    from sklearn.pipeline import make_pipeline

    return make_pipeline(SequenceTokenizer(max_tokens=MAX_TOKENS), network)


def splitter_of(reading: Reading, n_splits: int) -> Any:
    """Return the folds: windows of one series that share time steps stay on one side."""
    if reading.form != "series":
        return n_splits
    from rnnselect.forecasting.split import WindowSplit

    return WindowSplit(n_splits, length=reading.window, horizon=reading.horizon)


def _read_table(
    table: Table, given: Reading, groups: str | None, target_first: bool | None
) -> tuple[Sequences, dict[str, Any], Any]:
    """Return the sequences of a table, how it was understood, and the groups of the sequences."""
    from rnnselect.cli.guesses import complete, no_such_column

    if groups is not None:
        if groups not in table.frame.columns:
            raise no_such_column(table, "--groups", groups)
        if groups in (given.target, given.id, given.time, given.text):
            raise ValueError(f"--groups={groups}: name a column that has no other role.")
    found = complete(table, given, target_first=target_first, other=groups)
    reading = replace(
        found.reading,
        header=table.has_header,
        decimal=table.columns.decimal,
    )
    sequences = read_sequences_of(table, reading)
    reading = sequences.reading
    grouping = None
    if groups is not None:
        try:
            grouping = read_sequences_of(table, reading, groups=groups).y
        except ValueError as error:
            raise ValueError(
                f"--groups={groups} cannot tell groups of sequences: {error}"
            ) from error
    said = f" ({', '.join(table.said)})" if table.said else ""
    grouped = f", groups by {groups!r}" if groups else ""
    lines = [f"Read as {found.form}{grouped}{said}."]
    channels = _channels(reading)
    if channels:
        lines.append(f"Channels: {_listed(channels)}.")
    if found.constant:
        lines.append(f"The same at all steps of a sequence: {_listed(found.constant)}.")
    if found.ignored:
        ignored = [f"{name} ({why})" for name, why in found.ignored.items()]
        lines.append(f"Ignored: {_listed(ignored)}.")
    told = {
        "lines": lines,
        "form": found.form,
        "notes": list(table.said),
        "channels": channels,
        "ignored": found.ignored,
        "unsure": found.unsure,
    }
    return sequences, told, grouping


def _channels(reading: Reading) -> list[str]:
    words = [f"{name}={word}" for name, each in reading.categories.items() for word in each]
    if reading.form == "series":
        return [reading.target, *reading.values]
    if reading.form in ("long", "lists") or (reading.form == "wide" and len(reading.values) > 1):
        return [*reading.values, *words]
    return []


def _listed(names: Any) -> str:
    names = list(map(short, names))
    more = len(names) - MAX_CHANNELS_SHOWN
    return ", ".join(names[:MAX_CHANNELS_SHOWN]) + (f" and {more} more" if more > 0 else "")


def sequences_of_arrays(
    path: Path, given: Reading, arrays: Arrays, channels_first: bool = False
) -> tuple[Sequences, dict[str, Any]]:
    """Return what arrays hold, without sequences that have no target.

    Parameters
    ----------
    path : Path
        The file, for errors.
    given : Reading
        What is said of it; nothing of columns.
    arrays : Arrays
        What was read.
    channels_first : bool, default=False
        Whether the time steps are the last axis.

    Returns
    -------
    sequences : Sequences
        Those with a target.
    told : dict
        How the file was understood.
    """
    columns = {
        "--id": given.id, "--time": given.time, "--values": given.values, "--text": given.text,
        "--categories": given.categories, "--forecast": given.window,
    }  # fmt: skip
    useless = [option for option, value in columns.items() if value]
    if useless:
        raise ValueError(f"{', '.join(useless)}: {path} is not a table, and has no named columns.")
    X, y = arrays.X, arrays.y
    if y is None:
        raise ValueError(f"{path} has no targets; write them as the array y, or name it: --target.")
    if len(X) != len(y):
        raise ValueError(f"{path} has {len(X)} sequences and {len(y)} targets; give one for each.")
    said = list(arrays.said)
    if X.ndim == 3:
        X = np.swapaxes(X, 1, 2) if channels_first else X
        _, n_steps, n_channels = X.shape
        if n_steps < n_channels and not channels_first:
            said.append(
                f"{n_steps} time steps of {n_channels} channels; if it is the other way round, say "
                "--channels-first"
            )
        said = said or [f"{n_steps} time steps, {n_channels} channel{'s' * (n_channels != 1)}"]
    losses = Losses()
    losses.n_all = losses.n_rows = len(y)
    kept = np.ones(len(y), dtype=bool)
    if y.dtype.kind == "f":
        kept = ~np.isnan(y.reshape(len(y), -1)).any(axis=1)
        losses.leave_out("sequence", "without a target", np.flatnonzero(~kept))
        losses.n_left_out = int((~kept).sum())
        X, y = X[kept], y[kept]
    losses.count_masked(X, given)
    shown = f" ({', '.join(said)})" if said else ""
    told = {"lines": [f"Read as arrays{shown}."], "form": "arrays", "notes": said, "unsure": False}
    return Sequences(X, y, np.arange(len(kept)), replace(given, form="arrays"), kept, losses), told


def _refuse_many_classes(sequences: Sequences) -> None:
    y = np.asarray(sequences.y)
    n_different = len(np.unique(y.astype(str) if y.dtype == object else y))
    if 2 * n_different > len(y) > 3:
        raise ValueError(
            f"--target={sequences.reading.target}: {n_different} different classes in {len(y)} "
            f"sequences, such as {short(y[0])!r}, are too many to be learnt; name another "
            "target, or say --regression if it has values."
        )
