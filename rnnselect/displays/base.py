"""What all displays share: where they draw, and what they remember of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Self

from rnnselect.report.pictures.canvas import new_axes

__all__ = ["DisplayMixin", "selected"]


class DisplayMixin:
    """Draws its host's attributes by one function of `rnnselect.report.pictures`."""

    _draw: ClassVar[Callable[[Any, dict[str, Any]], Any]]

    def plot(self, ax: Any = None) -> Self:
        """Draw.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or None, default=None
            Where; None makes a new figure.

        Returns
        -------
        self : object
            With ``ax_`` and ``figure_``.

        Raises
        ------
        ImportError
            If matplotlib is not installed; it is the extra ``rnnselect[plot]``.
        """
        data = {name: each for name, each in vars(self).items() if not name.endswith("_")}
        self.ax_ = new_axes(ax, f"{type(self).__name__}.plot")
        self.figure_ = self.ax_.figure
        self._drawn(type(self)._draw(self.ax_, data))
        return self

    def _drawn(self, result: Any) -> None:
        """Take what the drawing returned; most return nothing."""


def selected(data: dict[str, Any] | None, display: str, remedy: str) -> dict[str, Any]:
    """Return `data`, or say why there is nothing to draw.

    Raises
    ------
    ValueError
        If there is nothing.
    """
    if data is None:
        raise ValueError(f"{display} has nothing to draw: {remedy}")
    return data
