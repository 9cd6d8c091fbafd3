"""What is to be learnt from a file, and the network that could learn it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from rnnselect.cli.files import is_table, read_arrays
from rnnselect.cli.reading import Reading, Sequences, read_sequences_of
from rnnselect.cli.tables import read_table

__all__ = ["Problem", "make_estimator", "read_problem"]

EMBEDDING_DIM = 32  # of words, unless told; as wide as the network by default
# Words beyond these are too rare to be learnt; the size that Keras' own examples of text have.
MAX_TOKENS = 20_000


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
        How the file was understood, in one line.
    groups : ndarray of shape (n_samples,) or None
        Which sequences belong together.
    """

    sequences: Sequences
    regression: bool
    described: str
    groups: Any


def read_problem(
    path: Path, given: Reading, regression: bool | None, groups: str | None = None
) -> Problem:
    """Read sequences and targets from a file, and guess what is not said of them.

    Parameters
    ----------
    path : Path
        The file.
    given : Reading
        What is said of a table.
    regression : bool or None
        Whether values are to be predicted; None guesses it from the targets.
    groups : str or None, default=None
        Column or array that tells which sequences belong together.

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

    if is_table(path):
        sequences, form, grouping = _read_table(path, given, groups)
        target, remedy = f"{sequences.reading.target!r}", "--id, --time, --values, --text, "
    else:
        sequences, form = _arrays(path, given), "arrays"
        grouping = None if groups is None else _group_array(path, groups)
        target, remedy = "the target", ""
    guessed, why = is_regression(np.asarray(sequences.y))
    chosen = guessed if regression is None else regression
    why = f" ({why})" if regression is None else ""
    kind = "values" if chosen else "classes"
    return Problem(
        sequences,
        chosen,
        f"Read as {form}; {target} as {kind}{why}. Not so? {remedy}"
        "--regression or --classification say otherwise.",
        grouping,
    )


def make_estimator(
    problem: Problem, units: int, epochs: int | None, embedding_dim: int | None, missing: str
) -> Any:
    """Return an estimator that takes these sequences: a network, for texts after a tokenizer.

    Parameters
    ----------
    problem : Problem
        What is to be learnt.
    units, epochs, embedding_dim, missing
        As the estimators take them; None is their default, or that of the commands.

    Returns
    -------
    RNNClassifier, RNNRegressor or Pipeline
        Not fitted.
    """
    from rnnselect import RNNClassifier, RNNRegressor, SequenceTokenizer

    is_text = problem.sequences.reading.form == "text"
    settings = {"units": units, "embedding_dim": embedding_dim, "missing": missing}
    if epochs is not None:
        settings["epochs"] = epochs
    if is_text and embedding_dim is None:
        settings["embedding_dim"] = EMBEDDING_DIM
    network = (RNNRegressor if problem.regression else RNNClassifier)(**settings)
    if not is_text:
        return network
    from sklearn.pipeline import make_pipeline

    return make_pipeline(SequenceTokenizer(max_tokens=MAX_TOKENS), network)


def _read_table(path: Path, given: Reading, groups: str | None) -> tuple[Sequences, str, Any]:
    """Return the sequences of a table, how it was understood, and the groups of the sequences."""
    from rnnselect.cli.guesses import complete

    table = read_table(path)
    if groups is None:
        reading, form = complete(table, given)
        return read_sequences_of(table, reading), form, None
    if groups not in table.columns or groups in (given.target, given.id, given.time, given.text):
        raise ValueError(
            f"--groups={groups}: name a column that has no other role, of "
            f"{', '.join(table.columns)}."
        )
    others = table.drop(groups)
    reading, form = complete(others, given)
    sequences = read_sequences_of(others, reading)
    try:  # read like a target: one value a sequence
        grouping = read_sequences_of(table, replace(reading, target=groups)).y
    except ValueError as error:
        raise ValueError(f"--groups={groups} cannot tell groups of sequences: {error}") from error
    return sequences, f"{form}, groups by {groups!r}", grouping


def _group_array(path: Path, groups: str) -> np.ndarray:
    try:
        return read_arrays(path, groups)[1]
    except ValueError as error:
        raise ValueError(str(error).replace("--target", "--groups")) from error


def _arrays(path: Path, given: Reading) -> Sequences:
    columns = {
        "--id": given.id, "--time": given.time, "--values": given.values, "--text": given.text
    }  # fmt: skip
    useless = [option for option, value in columns.items() if value]
    if useless:
        raise ValueError(f"{', '.join(useless)}: {path} is no table, and has no named columns.")
    X, y = read_arrays(path, given.target)
    if y is None:
        raise ValueError(f"{path} has no targets; write them as the array y, or name it: --target.")
    return Sequences(X, y, np.arange(len(X)), replace(given, form="arrays"))
