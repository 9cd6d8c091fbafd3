"""What every picture has: data out of a record, words, numbers, and the drawing itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Picture", "Table"]

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """The numbers of a picture, for who cannot see it.

    Parameters
    ----------
    headings : tuple of str
        Of the columns.
    rows : tuple of tuple of str
        One string a column; the first one heads its row.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """One kind of picture of a recommendation.

    Parameters
    ----------
    name : str
        Short, for identifiers.
    title : str
        What it shows.
    select : callable
        Takes a recommendation's dict and returns what the others take, or None where the
        recommendation has nothing to draw.
    describe : callable
        Returns what there is to see, in a sentence or two.
    tabulate : callable
        Returns the numbers as a `Table`.
    draw : callable
        ``draw(ax, data)`` draws on matplotlib axes.
    height_inches : float, default=2.7
        Height at the width of a phone.
    """

    name: str
    title: str
    select: Callable[[Record], dict[str, Any] | None]
    describe: Callable[[Record], str]
    tabulate: Callable[[Record], Table]
    draw: Callable[[Any, Record], object]
    height_inches: float = 2.7
