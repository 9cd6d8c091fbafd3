"""What all displays share: drawing, and the attributes with axes and figure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Self

from rnnselect.report.pictures.canvas import new_axes

__all__ = ["DisplayMixin", "RecommendationDisplay"]


class DisplayMixin:
    """Draws its host's attributes by one function of `rnnselect.report.pictures`."""

    _draw: ClassVar[Callable[[Any, dict[str, Any]], Any]]

    def plot(self, ax: Any = None) -> Self:
        """Draw.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or None, default=None
            Axes to draw in; None makes a new figure.

        Returns
        -------
        self : object
            With ``ax_`` and ``figure_``.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        data = {name: each for name, each in vars(self).items() if not name.endswith("_")}
        self.ax_ = new_axes(ax, f"{type(self).__name__}.plot")
        self.figure_ = self.ax_.figure
        self._drawn(type(self)._draw(self.ax_, data))
        return self

    def _drawn(self, result: Any) -> None:
        """Take what the drawing returned; most return nothing."""


class RecommendationDisplay(DisplayMixin):
    """A display of what a recommendation knows."""

    _select: ClassVar[Callable[[dict[str, Any]], dict[str, Any] | None]]
    # Why there may be nothing to draw, and what to do then.
    _remedy: ClassVar[str]

    @classmethod
    def from_recommendation(cls, recommendation: Any, *, ax: Any = None) -> Self:
        """Draw what a recommendation knows.

        Parameters
        ----------
        recommendation : Recommendation
            What `RNNAdvisor.recommend` or `Recommendation.from_search` returned.
        ax : matplotlib.axes.Axes or None, default=None
            Axes to draw in; None makes a new figure.

        Returns
        -------
        display : object
            Drawn.

        Raises
        ------
        ValueError
            If the recommendation lacks this: no pair was run, or it is that of a finished search,
            which has no forecasts and no losses.
        """
        data = cls._select(recommendation.to_dict())
        if data is None:
            raise ValueError(f"{cls.__name__} has nothing to draw: {cls._remedy}")
        return cls(**data).plot(ax)

    @classmethod
    def from_advisor(cls, advisor: Any, *, ax: Any = None) -> Self:
        """Draw what the recommendation of a fitted advisor knows.

        Parameters
        ----------
        advisor : RNNAdvisor
            After `fit` or `recommend`.
        ax : matplotlib.axes.Axes or None, default=None
            Axes to draw in; None makes a new figure.

        Returns
        -------
        display : object
            Drawn.

        Raises
        ------
        ValueError
            As `from_recommendation`.
        """
        return cls.from_recommendation(advisor.recommend(), ax=ax)
