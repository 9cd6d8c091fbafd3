"""``rnnselect predict``: what a saved network says of new data."""

from __future__ import annotations

import csv
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from rnnselect.cli.console import native_logs_hidden, note, short_warnings
from rnnselect.cli.files import is_table, read_arrays
from rnnselect.cli.options import OUTPUT, DataArgument, DebugOption, QuietOption, option
from rnnselect.cli.outputs import STDOUT, check_output
from rnnselect.cli.reading import Reading, Sequences, read_sequences_of
from rnnselect.cli.tables import read_table

__all__ = ["predict_table"]


def predict_table(
    model: Annotated[
        Path,
        typer.Argument(exists=True, help="What 'recommend --save' wrote.", show_default=False),
    ],
    data: DataArgument,
    out: Annotated[
        Path, option("--out", OUTPUT, "Write to this .csv file. Default: standard output.")
    ] = STDOUT,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """Predict with a saved network, on data of the form that it was trained on.

    Writes one line a sequence: what names it, the prediction and, for
    classes, the probability of each. Where the data have the target as
    well, the score is told.
    """
    check_output("--out", out, data)
    import rnnselect

    with native_logs_hidden(), short_warnings():
        estimator, metadata = rnnselect.load(model, return_metadata=True)
        stored = (metadata or {}).get("reading")
        found = read_new(data, Reading.from_dict(stored) if stored else Reading())
        header, rows = table_of_predictions(estimator, found)
        if found.y is not None and not quiet:
            name = "accuracy" if hasattr(estimator, "classes_") else "R2"
            score = estimator.score(found.X, found.y)
            note(f"{name} {score:.3f} on these {len(found.ids)} sequences, whose target is known")
    _write(header, rows, out)


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
    if not is_table(path):
        if reading.form not in (None, "arrays"):
            raise ValueError(
                f"{path} holds arrays, but the model was trained on a table; give one."
            )
        name = reading.target
        X, y = read_arrays(path) if name is None else read_arrays(path, name)
        return Sequences(X, y, np.arange(len(X)), reading)
    if reading.form == "arrays":
        raise ValueError(
            f"{path} is a table, but the model was trained on arrays; give a .npz or .ts file."
        )
    table = read_table(path)
    if not _is_complete(table, reading.target):
        reading = replace(reading, target=None)
    if reading.form is None:
        from rnnselect.cli.guesses import complete

        reading, described = complete(table, reading, needs_target=False)
        note(f"The model does not say how its data were read. Read as {described}.")
    return read_sequences_of(table, reading)


def table_of_predictions(estimator: Any, found: Sequences) -> tuple[list[str], Any]:
    """Return the headings and the rows of what is written."""
    predictions = np.asarray(estimator.predict(found.X))
    header, columns = [found.reading.id or "row"], [found.ids]
    if predictions.ndim == 1:
        header.append("prediction")
        columns.append(predictions)
    else:
        header += [f"prediction_{k}" for k in range(predictions.shape[1])]
        columns += list(predictions.T)
    if predictions.ndim == 1 and hasattr(estimator, "predict_proba"):
        header += [f"probability_{label}" for label in estimator.classes_]
        columns += [[f"{p:.6f}" for p in each] for each in estimator.predict_proba(found.X).T]
    return header, zip(*columns, strict=True)


def _is_complete(table: Any, name: str | None) -> bool:
    if name not in table.columns:
        return False
    column = table[name]
    return not (column.fill_nan(None) if column.dtype.is_float() else column).has_nulls()


def _write(header: list[str], rows: Any, out: Path) -> None:
    if out == STDOUT:
        csv.writer(sys.stdout, lineterminator="\n").writerows([header, *rows])
        return
    with out.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])
