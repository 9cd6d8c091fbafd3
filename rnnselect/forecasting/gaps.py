"""Where a series ends or has a gap, and its season, as the index of a pandas frame tells."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["GAP_STEPS", "calendar_period", "parts_of_index", "season_of"]

# A step longer than this many usual (median) ones is a gap. Months, quarters and years differ by
# less; one missing step makes it two.
GAP_STEPS = 1.5
# Exchanges close for up to a week of working days (Golden Week, New Year); where no row falls on a
# weekend, only more than that is a gap.
HOLIDAY_STEPS = 5
# The season of a series by its usual step: the next longer cycle of the calendar, as forecasting
# packages pair them. Longest step and cycle, in days.
DAY, WEEK, YEAR, WORKING_DAYS = 1.0, 7.0, 365.25, 5
CALENDAR = ((DAY / 2, DAY), (WEEK / 2, WEEK), (YEAR / 2, YEAR))


def parts_of_index(index: Any, name: str) -> tuple[list[int], list[int]]:
    """Find the parts of a series that are without a gap.

    Parameters
    ----------
    index : pandas.Index or None
        Of the series; None where it has none.
    name : str
        Of the argument, for the errors.

    Returns
    -------
    starts : list of int
        The first row of each part.
    gaps : list of int
        Those of them before which time steps are missing; other parts are other series.

    Raises
    ------
    ValueError
        If times are out of order or come twice, or the rows of a series are apart.

    Examples
    --------
    >>> import pandas as pd
    >>> from rnnselect.forecasting.gaps import parts_of_index
    >>> parts_of_index(pd.to_datetime(["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-09"]), "")
    ([0, 3], [3])
    """
    if index is None or len(index) == 0:
        return [0], []
    series = [0, *_changes(index)] if getattr(index, "nlevels", 1) > 1 else [0]
    times = index.get_level_values(-1) if getattr(index, "nlevels", 1) > 1 else index
    gaps = []
    for start, end in zip(series, [*series[1:], len(index)], strict=True):
        part = times[start:end]
        if not part.is_monotonic_increasing or not part.is_unique:
            raise ValueError(
                f"{name} has an index that is not in ascending order or repeats a time; sort it "
                f"with {name}.sort_index() and drop what is there twice, or give {name}.to_numpy() "
                "if its rows are in time order."
            )
        gaps += [start + row for row in _gaps(part)]
    if len(index[series].droplevel(-1).unique() if len(series) > 1 else series) < len(series):
        raise ValueError(
            f"{name} has an index in which the rows of one series are apart; sort it with "
            f"{name}.sort_index()."
        )
    return sorted({*series, *gaps}), gaps


def calendar_period(index: Any) -> int | None:
    """Return the time steps of a season, None where the index has no times or steps of a year.

    Parameters
    ----------
    index : pandas.Index or None
        Of the series, in time order.

    Returns
    -------
    int or None
        A day of steps of up to half a day, a week of days, a year of weeks, months and quarters.

    Examples
    --------
    >>> import pandas as pd
    >>> from rnnselect.forecasting.gaps import calendar_period
    >>> [
    ...     calendar_period(pd.date_range("2026", periods=9, freq=step))
    ...     for step in ("15min", "D", "W", "MS")
    ... ]
    [96, 7, 52, 12]
    """
    times = index.get_level_values(-1) if getattr(index, "nlevels", 1) > 1 else index
    if hasattr(times, "to_timestamp"):  # periods
        times = times.to_timestamp()
    if not hasattr(times, "tz_localize") or len(times) < 2:
        return None
    return season_of(times.tz_localize(None).to_numpy())


def season_of(times: np.ndarray[Any, Any]) -> int | None:
    """Return the time steps of a season by the calendar, of at least two times in order.

    Examples
    --------
    >>> import numpy as np
    >>> from rnnselect.forecasting.gaps import season_of
    >>> season_of(np.arange("2026-01-01", "2026-01-20", dtype="M8[h]"))
    24
    """
    step = float(np.median(np.abs(np.diff(times) / np.timedelta64(1, "D"))))
    if step == DAY and np.is_busday(times.astype("M8[D]")).all():
        return WORKING_DAYS
    return next((round(cycle / step) for limit, cycle in CALENDAR if 0 < step <= limit), None)


def _changes(index: Any) -> list[int]:
    """Return the rows at which any level but the last, which is time, has another value."""
    codes = np.column_stack([np.asarray(codes) for codes in index.codes[:-1]])
    return (1 + np.flatnonzero((codes[1:] != codes[:-1]).any(axis=1))).tolist()


def _gaps(times: Any) -> list[int]:
    """Return the rows before which time steps are missing."""
    if len(times) < 3:
        return []
    values = np.asarray(getattr(times, "asi8", times))  # of times: whole numbers, in UTC
    if values.dtype.kind not in "iuf":
        return []
    steps, allowed = np.diff(values).astype(np.float64), GAP_STEPS
    if hasattr(times, "tz_localize"):
        days = times.tz_localize(None).to_numpy().astype("M8[D]")
        if np.median(np.diff(days)) == np.timedelta64(1, "D") and np.is_busday(days).all():
            steps, allowed = np.busday_count(days[:-1], days[1:]).astype(float), 1 + HOLIDAY_STEPS
    return (1 + np.flatnonzero(steps > allowed * np.median(steps))).tolist()
