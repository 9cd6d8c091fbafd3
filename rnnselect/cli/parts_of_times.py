"""Times whose date and clock, or whose year, month and day, stand in columns of their own."""

from __future__ import annotations

from typing import Any

__all__ = ["join_times"]

# A time of the day, as it stands beside a column of dates.
CLOCK = r"^\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s?[AaPp]\.?[Mm]\.?)?$"
# Columns that are called so hold one time together.
PARTS = ("year", "month", "day", "hour", "minute", "second")
N_PARTS_NEEDED = 3  # year, month and day


def join_times(columns: Any, given: Any, groups: str | None) -> None:
    """Make one column of those that hold a time together; its name is theirs, ``date,clock``.

    Parameters
    ----------
    columns : TypedColumns
        The columns of a table, which are changed.
    given : Reading
        What the columns are used for; one that is named is left alone.
    groups : str or None
        Another column that is used.
    """
    used = {groups, given.target, given.id, given.text, *given.values, *given.categories}
    free = [name for name in columns.frame.columns if name not in used]
    if given.time is not None:
        parts = given.time.split(",")
        if given.time in columns.frame.columns or not set(parts) <= set(free):
            return
        found = _date_and_clock(columns, parts, given.time_format) or _numbers(columns, parts)
    else:
        found = _date_and_clock(columns, free, None) or _numbers(columns, free)
    if found is not None:
        parts, times = found
        columns.frame = columns.frame.drop(parts).insert_column(0, times.rename(",".join(parts)))


def _date_and_clock(columns: Any, names: list[str], time_format: str | None) -> Any:
    """Return the only column of dates with the only one of clocks, and the times of both."""
    import polars as pl

    from rnnselect.preprocessing.times import read_times

    frame = columns.frame
    dates = [
        name for name in names if frame[name].dtype.is_temporal() and _is_midnight(frame[name])
    ]
    clocks = [name for name in names if frame[name].dtype == pl.Time or _is_clock(frame[name])]
    if len(dates) != 1 or len(clocks) != 1:
        return None
    (date,), (clock,) = dates, clocks
    if frame[clock].dtype == pl.Time:
        times = frame.select(pl.col(date).cast(pl.Date).dt.combine(pl.col(clock))).to_series()
    else:
        days = columns.texts.get(date, frame[date].cast(pl.Date).cast(pl.String))
        days = days.str.replace(r"[T ]0?0:00(:00)?(\.0*)?$", "")
        texts = frame.select(
            pl.concat_str([days, columns.texts.get(clock, frame[clock])], separator=" ")
        )
        found = read_times(texts.to_series(), time_format)
        if found is None:
            return None
        times = pl.Series(found)
    return [date, clock], times


def _is_midnight(column: Any) -> bool:
    import polars as pl

    if column.dtype == pl.Time or column.dtype == pl.Duration:
        return False
    return column.dtype == pl.Date or bool(
        (column.drop_nulls() == column.drop_nulls().dt.truncate("1d")).all()
    )


def _is_clock(column: Any) -> bool:
    import polars as pl

    return column.dtype == pl.String and bool(column.drop_nulls().str.contains(CLOCK).all())


def _numbers(columns: Any, names: list[str]) -> Any:
    """Return the columns that are called year, month, day and so on, and their times."""
    import polars as pl

    called = {name.lower(): name for name in names if columns.frame[name].dtype.is_integer()}
    parts = [called[part] for part in PARTS if part in called]
    if [name.lower() for name in parts[:N_PARTS_NEEDED]] != list(PARTS[:N_PARTS_NEEDED]):
        return None
    cells = columns.frame.select(pl.col(parts).cast(pl.Int64))
    texts = cells.select(
        pl.concat_str(
            [pl.col(name).cast(pl.String) for name in parts[:N_PARTS_NEEDED]], separator="-"
        )
    ).to_series()
    days = texts.str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("us"))
    if days.null_count():
        return None
    for name, unit in zip(PARTS[N_PARTS_NEEDED:], ("hours", "minutes", "seconds"), strict=True):
        if name in called:
            days = days + pl.select(pl.duration(**{unit: cells[called[name]]})).to_series()
    return parts, days
