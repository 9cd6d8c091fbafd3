"""The lesson's claims, and the rows of the evidence table that speak to each."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from effects import Effect

Row = dict[str, str]

# Half of the usual region of practical equivalence: a mean gap below that matters to nobody.
MARGIN_POINTS = 0.5
# A tenth, as the advisor counts a saving.
MARGIN_RATIO = math.log(1.1)
SMALL, LARGE = 150, 4000  # training samples
LONG = 200  # time steps
TEXT = {"text_classification", "sentiment"}
SERIES = {"forecasting", "series_classification", "series_regression"}
NEXT_SYMBOL = {"language_modelling", "next_event"}


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim of the lesson.

    Parameters
    ----------
    key : str
        Name of its picture.
    title : str
        The claim.
    measure : str
        What was measured to judge it.
    effects : callable
        Takes all rows and returns what they say.
    favoured : {-1, 0, 1}
        What it favours: GRU, neither, LSTM.
    is_ratio : bool, default=False
        Whether effects are logarithms of GRU's share of LSTM's cost, not gaps in points.
    over : str, default=""
        What the effects are drawn over, where that matters.
    """

    key: str
    title: str
    measure: str
    effects: Callable[[list[Row]], list[Effect]]
    favoured: int
    is_ratio: bool = False
    over: str = ""

    @property
    def margin(self) -> float:
        """Effect that would matter."""
        return MARGIN_RATIO if self.is_ratio else MARGIN_POINTS


def read_rows(table: Path) -> list[Row]:
    """Return the rows of the evidence table."""
    with table.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def default_rows(rows: Iterable[Row], topics: set[str] | None = None) -> list[Row]:
    """Return the rows of the default network on whole data sets."""
    found = [row for row in rows if row["part"] == "default"]
    return [row for row in found if topics is None or row["topic"] in topics]


def gaps(rows: Iterable[Row], over: str = "") -> list[Effect]:
    """Return gaps in points, LSTM minus GRU."""
    return [
        Effect(
            row["data"], row["family"], number(row["gap_points"]), number(row["gap_points_se"]),
            number(row[over]) if over else math.nan, _degrees(row),
        )
        for row in rows
    ]  # fmt: skip


def ratios(rows: Iterable[Row], column: str) -> list[Effect]:
    """Return logarithms of GRU's share of LSTM's cost."""
    effects = []
    for row in rows:
        if column == "time_ratio":
            ratio = number(row[column])
        else:
            ratio = number(row[f"gru_{column}"]) / number(row[f"lstm_{column}"])
        effects.append(Effect(row["data"], row["family"], math.log(ratio), math.nan))
    return effects


def _degrees(row: Row) -> float:
    """Return the degrees of freedom of a gap's error.

    That of folds is told by their spread (Bouckaert and Frank, 2004, Evaluating the replicability
    of significance tests, PAKDD); that of a learning curve is mostly the noise of its one test
    part, which is known.
    """
    return math.inf if "n=" in row["setting"] else max(1, int(row["n_splits"]) - 1)


def number(text: str) -> float:
    """Return the number in a cell of the table, NaN where it is empty."""
    return float(text) if text else math.nan


def _sized(rows: list[Row], low: int, high: float) -> list[Row]:
    return [r for r in rows if r["part"] == "sizes" and low <= int(r["n_train"]) <= high]


def _long(rows: list[Row]) -> list[Row]:
    whole = [row for row in default_rows(rows) if number(row["median_length"]) >= LONG]
    made = [r for r in rows if r["part"] == "lengths" and "made=" in r["setting"]]
    return whole + [row for row in made if number(row["median_length"]) >= LONG]


CLAIMS = (
    Claim(
        "faster", "GRU trains faster",
        "seconds of an epoch with its scoring, GRU's share of LSTM's; default network, all sets",
        lambda rows: ratios(default_rows(rows), "time_ratio"), -1, is_ratio=True,
    ),
    Claim(
        "memory", "GRU needs less memory",
        "trainable parameters of the network, embedding included, GRU's share of LSTM's; all sets",
        lambda rows: ratios(default_rows(rows), "parameters"), -1, is_ratio=True,
    ),
    Claim(
        "small", "GRU generalises better on small data",
        f"gap after training on at most {SMALL} samples, the same test part for all sizes",
        lambda rows: gaps(_sized(rows, 0, SMALL), over="n_train"), -1, over="training samples",
    ),
    Claim(
        "sentiment", "Short sentiment: GRU can be better",
        "gap on texts and reviews labelled by sentiment",
        lambda rows: gaps(default_rows(rows, {"sentiment"})), -1,
    ),
    Claim(
        "text", "Text classification: about the same",
        "gap on all classified texts, sentiment included",
        lambda rows: gaps(default_rows(rows, TEXT)), 0,
    ),
    Claim(
        "series", "Time series: GRU slightly faster",
        "seconds of an epoch with its scoring, GRU's share of LSTM's; forecasting and series sets",
        lambda rows: ratios(default_rows(rows, SERIES), "time_ratio"), -1, is_ratio=True,
    ),
    Claim(
        "long", "Long sequences with nuance: LSTM may edge ahead",
        f"gap where sequences have {LONG} time steps or more: whole data sets, and problems made "
        "so that what decides stands near the beginning",
        lambda rows: gaps(_long(rows), over="median_length"), 1, over="time steps",
    ),
    Claim(
        "language", "Language modelling (next symbol): LSTM often better",
        "gap in the accuracy of the next symbol or event",
        lambda rows: gaps(default_rows(rows, NEXT_SYMBOL)), 1,
    ),
    Claim(
        "large", "Large data: LSTM",
        f"gap after training on {LARGE:,} samples or more, the same test part for all sizes",
        lambda rows: gaps(_sized(rows, LARGE, math.inf), over="n_train"), 1,
        over="training samples",
    ),
)  # fmt: skip
