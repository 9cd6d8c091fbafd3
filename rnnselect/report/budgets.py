"""What would have been done with other budgets, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rnnselect.cells import shown_name
from rnnselect.report.pictures.picture import Table
from rnnselect.report.text import duration_text, points_value_text, seconds_text

__all__ = ["budget_rows", "budget_table"]


def budget_rows(alternatives: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Put each alternative into words.

    Parameters
    ----------
    alternatives : sequence of dict
        With ``budget_seconds``, ``action``, ``cell``, ``n_pairs``, ``seconds``,
        ``removed_points``, ``left_points`` and ``own``.

    Returns
    -------
    list of dict of str to str
        ``budget`` names it, ``sentence`` says what would have been done.
    """
    return [{"budget": _budget(each), "sentence": _sentence(each)} for each in alternatives]


def budget_table(alternatives: Sequence[Mapping[str, Any]]) -> Table:
    """Return the same as a table, for paper and for browsers without scripts."""
    return Table(
        ("Budget", "Pairs", "Takes", "Expected loss"),
        tuple(
            (
                _budget(each),
                str(each["n_pairs"] or "none"),
                seconds_text(each["seconds"]) if each["n_pairs"] else "",
                points_value_text(each["left_points"]),
            )
            for each in alternatives
        ),
    )


def _budget(alternative: Mapping[str, Any]) -> str:
    seconds = alternative["budget_seconds"]
    text = "no limit" if seconds is None else duration_text(seconds)
    return f"{text} (yours)" if alternative["own"] else text


def _sentence(alternative: Mapping[str, Any]) -> str:
    n, left = alternative["n_pairs"], points_value_text(alternative["left_points"])
    untested = points_value_text(alternative["left_points"] + alternative["removed_points"])
    if n == 0:
        return (
            f"{shown_name(alternative['cell'])} would have been recommended without a test, which "
            f"loses {left} on average against the better cell."
        )
    return (
        f"{n} pair{'s' * (n != 1)} of fits would have been planned, about "
        f"{seconds_text(alternative['seconds'])}. The choice would then lose {left} on average "
        f"instead of {untested} without a test."
    )
