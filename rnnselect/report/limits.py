"""Limits of the network as text: parameters, bytes and seconds, beside what each cell takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rnnselect.cells import shown_name

__all__ = ["allowed_text", "excess_text", "limits_table", "quantity_text"]

_UNITS: dict[str, tuple[tuple[float, str], ...]] = {
    "memory": ((1e3, "kB"), (1e6, "MB"), (1e9, "GB"), (1e12, "TB")),
    "max_latency": ((1e-6, "µs"), (1e-3, "ms"), (1.0, "s")),
}
_ROWS = {"max_parameters": "parameters", "memory": "memory of training", "max_latency": "latency"}
# A prediction deserves two significant digits; what the user asked for is shown as it is.
DIGITS, MAX_DIGITS = 2, 7


def quantity_text(limit: str, value: float, digits: int = DIGITS) -> str:
    """Render a value of what is limited.

    Parameters
    ----------
    limit : {"max_parameters", "memory", "max_latency"}
        Which limit, as `Budget` names it.
    value : float
        Parameters, bytes or seconds.
    digits : int, default=2
        Significant digits of bytes and seconds.

    Returns
    -------
    str
        With its unit, but for parameters.

    Examples
    --------
    >>> quantity_text("max_parameters", 4738), quantity_text("memory", 452_440_000)
    ('4,738', '450 MB')
    >>> quantity_text("max_latency", 0.00999999)
    '10 ms'
    """
    if limit == "max_parameters":
        return f"{value:,.0f}"
    figures = [(float(f"{value / scale:.{digits}g}"), unit) for scale, unit in _UNITS[limit]]
    figure, unit = next((each for each in figures if each[0] < 1000), figures[-1])
    return f"{figure:,.{MAX_DIGITS}g} {unit}"


def allowed_text(limit: str, allowed: float) -> str:
    """Render a limit with all the digits that the user gave.

    Examples
    --------
    >>> allowed_text("memory", 2_147_483_648), allowed_text("max_latency", 0.0125)
    ('2.147484 GB', '12.5 ms')
    """
    return quantity_text(limit, allowed, MAX_DIGITS)


def excess_text(limit: str, value: float, allowed: float) -> str:
    """Render a value above a limit with as many digits as it takes to see that it is.

    Examples
    --------
    >>> excess_text("memory", 2_130_000_000, 2_125_000_000), excess_text("memory", 3e9, 2e9)
    ('2.13 GB', '3 GB')
    """
    digits = DIGITS
    while digits < MAX_DIGITS and float(f"{value:.{digits}g}") <= allowed:
        digits += 1
    return quantity_text(limit, value, digits)


def limits_table(limits: Sequence[Mapping[str, Any]]) -> Any:
    """Return what each cell takes of what is limited, as a table of rich.

    Parameters
    ----------
    limits : sequence of dict
        The fields of `advice.limits.Limit`, at least one.

    Returns
    -------
    rich.table.Table
        One row for each limit.
    """
    from rich.table import Table

    cells = list(limits[0]["values"])
    table = Table(box=None, pad_edge=False, header_style="")
    table.add_column("limits")
    for heading in (*(shown_name(cell) for cell in cells), "at most"):
        table.add_column(heading, justify="right")
    table.add_column("kept")
    for limit in limits:
        name, values, allowed = limit["name"], limit["values"], limit["allowed"]
        breaking = [shown_name(cell) for cell in cells if values[cell] > allowed]
        label = _ROWS[name] + (", measured" if limit["source"] == "measured" else "")
        figures = (
            excess_text(name, values[cell], allowed)
            if values[cell] > allowed
            else quantity_text(name, values[cell])
            for cell in cells
        )
        kept = f"not by {' and '.join(breaking)}" if breaking else "yes"
        table.add_row(label, *figures, allowed_text(name, allowed), kept)
    return table
