"""One long series as windows, and what follows each of them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnselect.cli.bad_rows import Losses, sortable
from rnnselect.forecasting.gaps import GAP_STEPS, season_of

if TYPE_CHECKING:
    from rnnselect.cli.reading import Reading, Sequences
    from rnnselect.cli.tables import Table

__all__ = ["last_window", "windows_of"]

CALENDAR = "calendar: "  # what channels are called that stand for the clock
DAY_SECONDS = 86_400
WEEK_SECONDS = 7 * DAY_SECONDS
YEAR_DAYS = 365.2425


def windows_of(table: Table, reading: Reading) -> Sequences:
    """Cut one long series into windows.

    Parameters
    ----------
    table : Table
        One row a time step.
    reading : Reading
        Of the form ``"series"``.

    Returns
    -------
    Sequences
        Windows and what follows each of them.

    Raises
    ------
    ValueError
        If the series is too short without gaps, or times are there twice.
    """
    from rnnselect.cli.reading import Sequences
    from rnnselect.forecasting.windows import make_windows
    from rnnselect.sequences.carried import Windows, carrying

    losses, window, horizon = Losses(table), reading.window, reading.horizon
    times, order = _times(table, reading, losses)
    period = None
    if times is not None and times.dtype.kind == "M" and len(times) > 1:
        period = season_of(times)
        reading = replace(reading, values=(*reading.values, *_calendar(times)))
    series, names = _channels(table, reading, times, order)
    parts = [part for part in _parts(series, times) if len(part) >= window + horizon]
    if not parts:
        raise ValueError(
            f"The series has {len(series)} time steps, and --window {window} with --horizon "
            f"{horizon} takes {window + horizon} of them without a gap; choose smaller ones."
        )
    made = [make_windows(part, window, horizon, targets=0) for part in parts]
    X = np.concatenate([np.asarray(X) for X, _ in made])
    y = np.concatenate([y for _, y in made])
    losses.n_all = len(X)
    losses.count_masked(X, reading)
    X = carrying(X, names, Windows(window, horizon, (0,), period))
    return Sequences(X, y, np.arange(len(X)), reading, None, losses)


def last_window(table: Table, reading: Reading) -> tuple[Any, list[Any]]:
    """Return the last time steps of a series, and the times (or numbers) of those that follow."""
    from rnnselect.sequences.carried import carrying

    times, order = _times(table, reading, Losses(table))
    series, names = _channels(table, reading, times, order)
    if len(series) < reading.window:
        raise ValueError(
            f"The series has {len(series)} time steps, and the model takes {reading.window}; "
            "give a longer series."
        )
    steps = np.arange(1, reading.horizon + 1)
    following = steps.tolist() if times is None else _following(times, steps)
    return carrying(series[None, -reading.window :].copy(), names), following


def _following(times: np.ndarray, steps: np.ndarray) -> list[Any]:
    """Continue times by their usual step, or by months where they keep the day of the month."""
    if times.dtype.kind != "M":
        return list(times[-1] + steps * np.median(np.diff(times)).astype(times.dtype))
    months = times.astype("M8[M]")
    in_month, between = times - months, np.diff(months).astype(int)
    if (in_month == in_month[0]).all() and (between == between[:1]).all():
        found = months[-1] + steps * between[0] + in_month[0]
    else:
        found = times[-1] + steps * np.median(np.diff(times).astype(int)).astype(int)
    unit = next(
        unit for unit in ("D", "m", "s", "us") if (found.astype(f"M8[{unit}]") == found).all()
    )
    return [each.replace("T", " ") for each in np.datetime_as_string(found, unit=unit)]


def _rounds(times: np.ndarray) -> dict[str, np.ndarray]:
    """Return where in the day, the week and the year times are, as shares of a round."""
    seconds = times.astype("M8[s]").astype(np.int64)
    in_year = times.astype("M8[D]") - times.astype("M8[Y]").astype("M8[D]")
    return {
        "day": (seconds % DAY_SECONDS) / DAY_SECONDS,
        "week": (seconds % WEEK_SECONDS) / WEEK_SECONDS,
        "year": in_year.astype(np.int64) / YEAR_DAYS,
    }


def _calendar(times: np.ndarray) -> tuple[str, ...]:
    """Return which rounds have several steps, and were gone round."""
    seconds = times.astype("M8[s]").astype(np.int64)
    step, span = float(np.median(np.diff(seconds))), float(seconds[-1] - seconds[0])
    lengths = {"day": DAY_SECONDS, "week": WEEK_SECONDS, "year": YEAR_DAYS * DAY_SECONDS}
    used = [name for name, length in lengths.items() if step < length / 2 and span >= length]
    return tuple(f"{CALENDAR}{name}" for name in used)


def _times(table: Table, reading: Reading, losses: Losses) -> tuple[Any, np.ndarray]:
    """Return the times in ascending order, and the rows in that order."""
    if reading.time is None:
        return None, np.arange(len(table.frame))
    column = sortable(table, reading.time)
    times, missing = column.to_numpy(), column.is_null().to_numpy()
    losses.leave_out("row", "without a time", np.flatnonzero(missing))
    rows = np.flatnonzero(~missing)
    rows = rows[np.argsort(times[rows], kind="stable")]
    times = times[rows]
    again = times[1:] == times[:-1]
    if again.any():
        raise ValueError(
            f"--time={reading.time}: the time {_shown(times[1:][again][0])} is there more than "
            "once. If the "
            "table has several series, name the column that tells them apart, --id, instead of "
            "--forecast."
        )
    return times, rows


def _shown(time: Any) -> str:
    """Return a time without the zeros at its end."""
    return re.sub(r"(T00:00)?(:00)?\.0+$", "", str(time)).replace("T", " ")


def _channels(
    table: Table, reading: Reading, times: Any, rows: np.ndarray
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return the series with the target in its first column, and the names of all columns."""
    circles = {} if times is None or times.dtype.kind != "M" else _rounds(times)
    columns, names = [], []
    for name in (reading.target, *reading.values):
        if name.startswith(CALENDAR) and name not in table.frame.columns:
            part = 2 * np.pi * circles[name.removeprefix(CALENDAR)]
            columns += [np.sin(part), np.cos(part)]
            names += [f"{name}, sine", f"{name}, cosine"]
            continue
        column = table.frame[name]
        if not (column.dtype.is_numeric() or str(column.dtype) == "Boolean"):
            raise ValueError(
                f"--forecast={name}: the column does not have numbers; name another column."
            )
        columns.append(column.cast(float).fill_null(np.nan).to_numpy()[rows])
        names.append(name)
    return np.column_stack(columns), tuple(names)


def _parts(series: np.ndarray, times: Any) -> list[np.ndarray]:
    """Return the parts without a gap in time, and without a missing target."""
    missing = np.isnan(series[:, 0])
    breaks = missing[1:] != missing[:-1]
    if times is not None and len(times) > 2:
        steps = np.diff(times).astype(float)
        breaks |= steps > GAP_STEPS * np.median(steps)
    parts = np.split(series, 1 + np.flatnonzero(breaks))
    return [part for part in parts if not np.isnan(part[0, 0])]
