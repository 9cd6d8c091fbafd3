"""Predictions for sequences that the chosen cell was not trained on: classes, or values."""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnselect.cells import shown_name
from rnnselect.report.pictures.canvas import SMALL, tidy
from rnnselect.report.pictures.palette import EQUIVALENT, FIRST, cell_colours
from rnnselect.report.pictures.picture import Picture, Record, Table

__all__ = ["PREDICTIONS", "draw_predictions"]

MAX_NUMBERED = 12  # classes whose counts fit into the fields of a small picture
MAX_LABEL = 14  # characters of a class that fit beside it
MAX_LEVEL = 36  # characters of all classes that fit beside each other
DARKEST = 0.6  # opacity, so that counts in the text's colour can be read on it
MOST_TICKS = 4
SHARES = (0.5, 0.9)  # of the predictions, for which the largest error is said


def select_predictions(recommendation: Record) -> dict[str, Any] | None:
    """Return what the picture needs out of a recommendation's dict; None without predictions."""
    found = recommendation["predictions"]
    if not found or not (found["confusion"] or found["true"]):
        return None
    cells = recommendation["cells"]
    colour = cell_colours(cells).get(found["candidate"], FIRST)
    return {**found, "colour": colour}


def describe_predictions(data: Record) -> str:
    """Return what there is to see."""
    name, n = shown_name(data["candidate"]), data["n_tested"]
    if not data["labels"]:
        errors = _errors(data)
        unit = " standard deviations" if data["standardised"] else ""
        return (
            f"{n:,} sequences that {name} was not trained on: half of its predictions are within "
            f"{errors[SHARES[0]]:.3g}{unit} of the true value. On the line they are right."
        )
    counts = np.array(data["confusion"])
    right, totals = counts.diagonal(), counts.sum(axis=1)
    text = f"{name} is right on {right.sum():,} of {n:,} sequences that it was not trained on."
    shares = np.where(totals > 0, right / np.maximum(totals, 1), np.inf)
    worst = int(shares.argmin())
    if right[worst] == totals[worst]:
        return text
    others = counts[worst].copy()
    others[worst] = 0
    return (
        f"{text} Least often right: {data['labels'][worst]} ({right[worst]:,} of "
        f"{totals[worst]:,}), most often taken for {data['labels'][int(others.argmax())]}. Darker: "
        "a larger share of the true class."
    )


def tabulate_predictions(data: Record) -> Table:
    """Return the counts, or how large errors are."""
    if data["labels"]:
        rows = zip(data["labels"], data["confusion"], strict=True)
        return Table(
            ("True class", *(f"predicted {label}" for label in data["labels"])),
            tuple((label, *(f"{count:,}" for count in counts)) for label, counts in rows),
        )
    return Table(
        ("Share of the predictions", "Error at most"),
        tuple((f"{100 * share:.0f} %", f"{error:.4g}") for share, error in _errors(data).items()),
    )


def draw_predictions(ax: Any, data: Record) -> Any:
    """Draw by scikit-learn's own display, and return it.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where.
    data : dict
        What `select_predictions` returns.
    """
    return _draw_classes(ax, data) if data["labels"] else _draw_values(ax, data)


def _draw_classes(ax: Any, data: Record) -> Any:
    from matplotlib.colors import LinearSegmentedColormap, to_rgba
    from sklearn.metrics import ConfusionMatrixDisplay

    counts, n = np.array(data["confusion"]), len(data["labels"])
    labels = [f"{x[: MAX_LABEL - 1]}…" if len(x) > MAX_LABEL else x for x in data["labels"]]
    ends = [to_rgba(data["colour"], opacity) for opacity in (0.0, DARKEST)]
    level = n * max(map(len, labels)) <= MAX_LEVEL
    display = ConfusionMatrixDisplay(counts, display_labels=labels).plot(
        ax=ax,
        cmap=LinearSegmentedColormap.from_list("shares", ends),
        colorbar=False,
        include_values=n <= MAX_NUMBERED,
        text_kw={"color": ax.xaxis.label.get_color(), "fontsize": SMALL if n <= 6 else "x-small"},
        xticks_rotation="horizontal" if level else "vertical",
        values_format="d",
    )
    for label in (*ax.get_xticklabels(), *ax.get_yticklabels()):
        label.set_parse_math(False)  # a name with a dollar sign is a name
    # Colours are shares of the true class, so that a rare class is seen as well as a common one.
    display.im_.set_data(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1))
    display.im_.set_clim(0, 1)
    ax.set_xlabel("predicted class", fontsize=SMALL)
    ax.set_ylabel("true class", fontsize=SMALL)
    tidy(ax)
    return display


def _draw_values(ax: Any, data: Record) -> Any:
    from matplotlib.ticker import MaxNLocator, ScalarFormatter
    from sklearn.metrics import PredictionErrorDisplay

    true, predicted = np.array(data["true"]), np.array(data["predicted"])
    display = PredictionErrorDisplay(y_true=true, y_pred=predicted).plot(
        ax=ax,
        kind="actual_vs_predicted",
        scatter_kwargs={"color": data["colour"], "s": 12, "alpha": 0.5, "linewidth": 0},
        line_kwargs={"color": EQUIVALENT, "linewidth": 1.2, "alpha": 1, "linestyle": (0, (3, 3))},
    )
    unit = " (standard deviations)" if data["standardised"] else ""
    ax.set_xlabel(f"predicted value{unit}", fontsize=SMALL)
    ax.set_ylabel(f"true value{unit}", fontsize=SMALL)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(MOST_TICKS))
        axis.set_major_formatter(ScalarFormatter(useOffset=False))
    tidy(ax, grid="both")
    return display


def _errors(data: Record) -> dict[float, float]:
    """Return the largest error of some shares of the predictions, the smallest errors first."""
    errors = np.abs(np.array(data["true"]) - np.array(data["predicted"]))
    return {share: float(np.quantile(errors, share)) for share in (*SHARES, 1.0)}


PREDICTIONS = Picture(
    "predictions",
    "Predictions of the chosen cell",
    select_predictions,
    describe_predictions,
    tabulate_predictions,
    draw_predictions,
    3.2,
)
