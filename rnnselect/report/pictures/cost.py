"""The cost: what was forecast, and what it took."""

from __future__ import annotations

from typing import Any

from rnnselect.cells import shown_name
from rnnselect.report.pictures.canvas import SMALL, seconds_axis, tidy, write
from rnnselect.report.pictures.palette import EQUIVALENT, cell_colours
from rnnselect.report.pictures.picture import Picture, Record, Table
from rnnselect.report.text import seconds_text

__all__ = ["COST", "draw_cost"]


def select_cost(recommendation: Record) -> dict[str, Any] | None:
    """Return what the picture needs out of a recommendation's dict; None where nothing is known.

    The rows are one fit of each cell, and everything. Where other pairs were run than planned,
    the forecast of everything is that of the plan, and the row's label says so.
    """
    plan, pairs = recommendation["plan"], recommendation["pairs"]
    if plan is None or recommendation["predicted_seconds"] is None:
        return None
    rows, fits = [], plan["forecast"]["fits"]
    for cell in recommendation["cells"]:
        if cell not in fits:  # it was left out
            continue
        took = tuple(pair["seconds"][cell] for pair in pairs)
        forecast = dict(fits[cell])
        rows.append({"name": f"{shown_name(cell)}, one fit", "forecast": forecast, "took": took})
    n_planned, n_run = plan["n_pairs"], len(pairs)
    rows.append(
        {
            "name": f"all, {n_run} pair{'s' * (n_run != 1)}",
            "forecast": dict(recommendation["predicted_seconds"]),
            "took": (recommendation["actual_seconds"],),
            "note": "" if n_planned == n_run else f"{n_planned} planned",
        }
    )
    return {
        "cells": tuple(recommendation["cells"]),
        "rows": rows,
        "budget_seconds": recommendation["budget_seconds"],
    }


def describe_cost(data: Record) -> str:
    """Return what there is to see."""
    *_, total = data["rows"]
    note = f" ({total['note']})" if total.get("note") else ""
    budget = data["budget_seconds"]
    rest = "." if budget is None else f", of a budget of {budget:.0f} s."
    return (
        f"Forecast {seconds_text(total['forecast'])}{note}, 90 % interval in brackets; "
        f"it took {total['took'][0]:.1f} s{rest}"
    )


def tabulate_cost(data: Record) -> Table:
    """Return the numbers."""
    return Table(
        ("What", "Forecast (90 % interval)", "Took"),
        tuple(
            (
                row["name"] + (f" ({row['note']})" if row.get("note") else ""),
                seconds_text(row["forecast"]),
                ", ".join(f"{seconds:.1f} s" for seconds in row["took"]) or "not run",
            )
            for row in data["rows"]
        ),
    )


def draw_cost(ax: Any, data: Record) -> None:
    """Draw an interval for each forecast and a dot for each measurement.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where.
    data : dict
        What `select_cost` returns.
    """
    colours = list(cell_colours(data["cells"]).values())
    ink = ax.xaxis.label.get_color()
    labels = []
    for y, row in enumerate(data["rows"]):
        colour = colours[y] if y < len(colours) else ink
        forecast = row["forecast"]
        ax.plot(
            [forecast["low"], forecast["high"]], [y, y], color=colour, alpha=0.35, linewidth=9,
            solid_capstyle="butt",
        )  # fmt: skip
        ax.plot([forecast["expected"]] * 2, [y - 0.2, y + 0.2], color=colour, linewidth=2)
        ax.scatter(row["took"], [y] * len(row["took"]), s=26, color=colour, zorder=3,
                   edgecolor="#ffffff", linewidth=0.6)  # fmt: skip
        labels.append(row["name"] + (f"\n{row['note']}" if row.get("note") else ""))
    if data["budget_seconds"] is not None:
        ax.axvline(data["budget_seconds"], color=EQUIVALENT, linestyle=(0, (3, 3)), linewidth=1.2)
        ax.annotate(
            "budget", (data["budget_seconds"], 1.0), xycoords=("data", "axes fraction"),
            ha="center", va="bottom", fontsize=SMALL, color=EQUIVALENT,
        )  # fmt: skip
    ax.set_xscale("log")
    ax.margins(x=0.08)
    ax.set_ylim(len(labels) - 0.5, -0.5)
    ax.set_yticks(range(len(labels)), labels)
    seconds_axis(ax.xaxis)
    ax.set_xlabel("wall-clock time, logarithmic", fontsize=SMALL)
    tidy(ax, grid="x", rows=True)
    write(ax, 1.0, 1.1, "bar: forecast, 90 %   |: expected   ●: took", ha="right", va="bottom")


COST = Picture(
    "cost", "Forecast and actual cost", select_cost, describe_cost, tabulate_cost, draw_cost, 2.5
)
