"""``rnnselect predict``: what a saved network says of new data."""

from __future__ import annotations

import csv
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
import typer

from rnnselect.cli.bad_rows import Losses, n_missing_of
from rnnselect.cli.console import native_logs_hidden, note, short_warnings
from rnnselect.cli.files import Arrays, read_file
from rnnselect.cli.guesses import shown_columns
from rnnselect.cli.options import (
    OUTPUT,
    DataArgument,
    DebugOption,
    ForceOption,
    MissingOption,
    QuietOption,
    option,
)
from rnnselect.cli.outputs import STDOUT, check_output
from rnnselect.cli.reading import Reading, Sequences, read_sequences_of
from rnnselect.cli.tables import Table, suffix_of

__all__ = ["predict_table"]


class Predictions(NamedTuple):
    """What is written: headings, and one line a sequence."""

    header: list[str]
    rows: list[Any]


def predict_table(
    model: Annotated[
        Path,
        typer.Argument(exists=True, help="What 'recommend --save' wrote.", show_default=False),
    ],
    data: DataArgument,
    out: Annotated[
        Path, option("--out", OUTPUT, "Write to this .csv file. Default: standard output.")
    ] = STDOUT,
    missing: MissingOption = None,
    force: ForceOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """Predict with a saved network, on data of the form that it was trained on.

    Writes one line a sequence: what names it, the prediction and, for
    classes, the probability of each; nothing where a sequence cannot be
    used. Where the data have the target as well, the score is told.
    """
    check_output("--out", out, data, model, suffixes=(".csv",), force=force)
    import rnnselect

    with native_logs_hidden(), short_warnings():
        estimator, metadata = rnnselect.load(model, return_metadata=True)
        stored = (metadata or {}).get("reading")
        reading = Reading.from_dict(stored) if stored else Reading()
        found = _without_missing(read_new(data, reading), estimator, missing)
        predictions = table_of_predictions(estimator, found)
        if not quiet:
            _say(found, estimator)
    _write(predictions, out)


def read_new(path: Path, reading: Reading) -> Sequences:
    """Read data in the way that the model's own were read.

    Parameters
    ----------
    path : Path
        The file.
    reading : Reading
        How the training data were read; without a form where nobody knows.

    Returns
    -------
    Sequences
        With targets where the file has them for all sequences.

    Raises
    ------
    ValueError
        If the file has another form.
    """
    if reading.form not in (None, "arrays") and suffix_of(path) in (".npz", ".ts"):
        raise ValueError(f"{path} has arrays, but the model was trained on a table; give a table.")
    content = read_file(path, reading)
    if isinstance(content, Arrays):
        losses = Losses()
        losses.count_masked(content.X, reading)
        n_all = losses.n_all = len(content.X)
        return Sequences(
            content.X, content.y, np.arange(n_all), reading, np.ones(n_all, bool), losses
        )
    if reading.form == "arrays":
        raise ValueError(
            f"{path} is a table, but the model was trained on arrays; give a .npz or .ts file."
        )
    _name_columns(content, reading)
    _check_columns(path, content, reading)
    if reading.form == "series":
        from rnnselect.cli.one_series import last_window

        X, following = last_window(content, reading)
        return Sequences(X, None, np.array(following), reading, losses=Losses(content))
    if not _is_complete(content, reading.target):
        reading = replace(reading, target=None)
    if reading.form is None:
        from rnnselect.cli.guesses import complete

        understood = complete(content, reading, needs_target=False)
        reading = understood.reading
        note(f"The model does not say how its data were read. Read as {understood.form}.")
    return read_sequences_of(content, reading)


def _name_columns(table: Table, reading: Reading) -> None:
    """Give the series of a file without names and without targets the names of the model's."""
    values = list(reading.values)
    if reading.header is False and reading.form == "columns" and len(values) == table.frame.width:
        old = table.frame.columns
        table.columns.frame = table.frame.rename(dict(zip(old, values, strict=True)))
        table.columns.texts.clear()


def _check_columns(path: Path, table: Table, reading: Reading) -> None:
    """Refuse a file without a column that the model was trained on."""
    values = reading.values if reading.form in ("columns", "long", "lists") else ()
    for name in (reading.id, reading.time, reading.text, *values, *reading.categories):
        if name is not None and name not in table.frame.columns:
            raise ValueError(
                f"{path} has no column {name!r}, which the model was trained on; it has "
                f"{shown_columns(table)}."
            )


def _is_complete(table: Table, name: str | None) -> bool:
    if name not in table.frame.columns:
        return False
    column = table.frame[name]
    return not (column.fill_nan(None) if column.dtype.is_float() else column).has_nulls()


def _without_missing(found: Sequences, estimator: Any, missing: str | None) -> Sequences:
    """Leave out sequences with missing cells, if the network has not learnt what they are."""
    network = estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator
    losses = found.losses
    if not losses.n_missing or getattr(network, "missing", "mask") == "mask":
        return found
    if missing is not None:
        raise ValueError(
            f"--missing {missing}: {losses.n_missing} cells are missing, and the model was trained "
            "without missing cells; train it by 'recommend --missing mask', or leave the option "
            "out to have no predictions for such sequences."
        )
    padded = np.ndim(found.X) == 3
    whole = np.array([not n_missing_of(x, padded=padded).any() for x in found.X])
    if found.reading.form == "series":
        raise ValueError(
            "The last window has missing cells, and the model was trained without any."
        )
    kept = found.kept.copy()
    kept[kept] = whole
    bad = np.flatnonzero(found.kept & ~kept)
    losses.left_out.append(
        {"what": "sequence", "why": "with missing cells, which the model was trained without",
         "count": len(bad), "lines": [], "ids": [str(each) for each in found.ids[bad][:3]]}
    )  # fmt: skip
    y = None if found.y is None else found.y[whole]
    return found._replace(X=found.X[whole], y=y, kept=kept)


def table_of_predictions(estimator: Any, found: Sequences) -> Predictions:
    """Return the headings and the rows of what is written."""
    if found.reading.form == "series":
        predicted = np.asarray(estimator.predict(found.X)).ravel()
        header = [found.reading.time or "step", "prediction"]
        return Predictions(header, list(zip(found.ids, predicted, strict=True)))
    header, columns = [], []
    predictions = np.asarray(estimator.predict(found.X)) if len(found.X) else np.empty(0)
    if predictions.ndim == 1:
        header.append("prediction")
        columns.append(predictions)
    else:
        header += [f"prediction_{k}" for k in range(predictions.shape[1])]
        columns += list(predictions.T)
    if predictions.ndim == 1 and hasattr(estimator, "predict_proba"):
        header += [f"probability_{label}" for label in estimator.classes_]
        if len(found.X):
            columns += [[f"{p:.6f}" for p in each] for each in estimator.predict_proba(found.X).T]
    rows = iter(zip(*columns, strict=True))
    empty = ("",) * len(header)
    filled = [
        (each, *(next(rows) if kept else empty))
        for each, kept in zip(found.ids, found.kept, strict=True)
    ]
    return Predictions([found.reading.id or "row", *header], filled)


def _say(found: Sequences, estimator: Any) -> None:
    if left_out := found.losses.said():
        note(f"Without a prediction: {left_out}.")
    if found.y is not None and len(found.X):
        name = "accuracy" if hasattr(estimator, "classes_") else "R2"
        score = estimator.score(found.X, found.y)
        note(f"{name} {score:.3f} on these {len(found.X)} sequences, whose target is known")


def _write(predictions: Predictions, out: Path) -> None:
    lines = [predictions.header, *predictions.rows]
    if out == STDOUT:
        csv.writer(sys.stdout, lineterminator="\n").writerows(lines)
        return
    with out.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(lines)
