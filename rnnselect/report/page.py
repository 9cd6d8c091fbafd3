"""The report: a recommendation as one page that needs no network, and how it gets on disk."""

from __future__ import annotations

import os
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from rnnselect.report.budgets import budget_rows, budget_table
from rnnselect.report.html import rendered
from rnnselect.report.pictures.canvas import matplotlib_is_installed
from rnnselect.report.pictures.cost import COST
from rnnselect.report.pictures.learning_curves import LEARNING_CURVES
from rnnselect.report.pictures.picture import Picture
from rnnselect.report.pictures.posterior import POSTERIOR
from rnnselect.report.pictures.predictions import PREDICTIONS
from rnnselect.report.pictures.race import RACE
from rnnselect.report.svg import inline_svg
from rnnselect.report.text import WHY_ALIKE_DO_NOT_COUNT
from rnnselect.whole_file import whole_file

__all__ = ["report_html", "write_page"]


def report_html(record: Mapping[str, Any]) -> str:
    """Render a recommendation as a page.

    Parameters
    ----------
    record : dict
        What `Recommendation.to_dict` returns, and ``alternatives``, what would have been done
        with other budgets.

    Returns
    -------
    str
        A whole HTML document. Without matplotlib it has tables in place of pictures, and says so.
    """
    drawn = matplotlib_is_installed()
    return rendered(
        "report.html",
        found=record,
        drawn=drawn,
        why_alike_do_not_count=WHY_ALIKE_DO_NOT_COUNT,
        sure=_figure(POSTERIOR, record, drawn),
        race=_figure(RACE, record, drawn),
        curves=_figure(LEARNING_CURVES, record, drawn),
        predictions=_figure(PREDICTIONS, record, drawn),
        cost=_figure(COST, record, drawn),
        budgets=budget_rows(record["alternatives"]),
        budget_table=budget_table(record["alternatives"]),
        own=next((k for k, each in enumerate(record["alternatives"]) if each["own"]), 0),
    )


def _figure(picture: Picture, record: Mapping[str, Any], drawn: bool) -> dict[str, Any] | None:
    data = picture.select(record)
    if data is None:
        return None
    return {
        "name": picture.name,
        "title": picture.title,
        "words": picture.describe(data),
        "table": picture.tabulate(data),
        "svg": inline_svg(picture, data) if drawn else None,
    }


def write_page(page: str, path: str | PathLike[str]) -> Path:
    """Write a page at once: whoever opens the file sees the old one or the whole new one.

    Parameters
    ----------
    page : str
        Its text.
    path : str or path-like
        The file.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    OSError
        If it cannot be written, of the kind that the system gave; nothing is left behind.
    """
    target = Path(path)
    try:
        if target.is_dir():
            raise IsADirectoryError(f"it is a folder; add a file name: {target / 'advice.html'}")
        with whole_file(target) as file:
            file.write(page.encode())
    except OSError as error:
        reason = error.strerror or str(error)
        raise type(error)(
            f"path={os.fspath(path)!r} cannot be written: {reason}. The recommendation is kept: "
            "call report again with a file in a folder that exists, has room and may be written to."
        ) from error
    return target
