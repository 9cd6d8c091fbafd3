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
    """

    sequences: Sequences
    regression: bool
    described: str


def read_problem(path: Path, given: Reading, regression: bool | None) -> Problem:
    """Read sequences and targets from a file, and guess what is not said of them.

    Parameters
    ----------
    path : Path
        The file.
    given : Reading
        What is said of a table.
    regression : bool or None
        Whether values are to be predicted; None guesses it from the targets.

    Returns
    -------
    Problem
        Sequences and targets.

    Raises
    ------
    ValueError
        If the file cannot be read, or does not say what is to be learnt.
    """
    from rnnselect.cli.guesses import complete, is_regression

    if is_table(path):
        table = read_table(path)
        reading, form = complete(table, given)
        sequences = read_sequences_of(table, reading)
        target, remedy = f"{reading.target!r}", "--id, --time, --values, --text, "
    else:
        sequences, form = _arrays(path, given), "arrays"
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
