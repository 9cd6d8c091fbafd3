"""How a recommendation shows itself: as text, as JSON, in a notebook, and as a report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnnselect.advice.alternatives import other_budgets
from rnnselect.report.html import recommendation_html
from rnnselect.report.page import report_html, write_page
from rnnselect.report.text import json_text, recommendation_text

if TYPE_CHECKING:
    from rnnselect.advice.cost import Interval
    from rnnselect.advice.plan import Plan

__all__ = ["Shown"]


class Shown:
    """Renders its host, `Recommendation`, by way of the plain dict of its fields."""

    __slots__ = ()

    if TYPE_CHECKING:
        plan: Plan | None
        predicted_seconds: Interval | None
        budget_seconds: float | None

        def to_dict(self) -> dict[str, Any]:
            """Return all fields as plain values."""
            ...

    def to_json(self) -> str:
        """Return all fields as JSON.

        Returns
        -------
        str
            What `to_dict` returns; nan becomes null.
        """
        return json_text(self.to_dict())

    def report(self, path: str | PathLike[str]) -> Path:
        """Write the recommendation as one HTML file that needs nothing else.

        Parameters
        ----------
        path : str or path-like
            File to write, e.g. ``"advice.html"``; an existing one is replaced at once, when the
            new one is complete.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        OSError
            If the file cannot be written; the recommendation is unchanged, so another path can
            be tried.

        Notes
        -----
        Its pictures are drawn by matplotlib.
        """
        return write_page(report_html(self._report_record()), path)

    def _report_record(self) -> Mapping[str, Any]:
        alternatives = []
        if self.plan is not None and self.predicted_seconds is not None:
            alternatives = other_budgets(self.plan, self.predicted_seconds, self.budget_seconds)
        return {**self.to_dict(), "alternatives": [asdict(each) for each in alternatives]}

    def __str__(self) -> str:
        return recommendation_text(self.to_dict())

    def _repr_html_(self) -> str:
        return recommendation_html(self.to_dict())
