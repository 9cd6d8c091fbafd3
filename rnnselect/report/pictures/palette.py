"""Colours: the same cell has the same one in every picture."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["EQUIVALENT", "FIRST", "MARKERS", "SECOND", "cell_colours"]

# Blue and vermillion of Okabe and Ito (2008), which people of all kinds of colour vision tell
# apart, and a grey. All three have a contrast of at least 3 to 1 against white and against
# #14171a, so that a picture without a background can be read on either.
FIRST = "#0072b2"
SECOND = "#d55e00"
EQUIVALENT = "#808080"
# Shapes say the same once more, for paper without colours.
MARKERS = ("o", "s")

_OF_CELL = {"gru": FIRST, "lstm": SECOND}


def cell_colours(cells: Sequence[str]) -> dict[str, str]:
    """Return the colour of each of two cells: GRU is always blue and LSTM always vermillion.

    Examples
    --------
    >>> cell_colours(("lstm", "gru")) == {"lstm": SECOND, "gru": FIRST}
    True
    """
    if set(cells) == set(_OF_CELL):
        return {cell: _OF_CELL[cell] for cell in cells}
    return dict(zip(cells, (FIRST, SECOND), strict=True))
