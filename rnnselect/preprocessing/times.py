"""Times and durations that are written as text: one form is decided for a whole column."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import numpy as np

from rnnselect.budget import seconds_in

__all__ = ["AmbiguousTimesError", "read_durations", "read_times"]

# A column of which fewer cells are times is not a column of times.
MIN_READABLE_SHARE = 0.9
_DATE = r"(?P<a>\d{4}|\d{1,2})(?P<sep>[-/.])(?P<b>\d{1,2})[-/.](?P<c>\d{4}|\d{1,2})"
_CLOCK = (
    r"(?:[T ,]\s*(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:[.,](?P<f>\d{1,9}))?)?"
    r"\s*(?P<half>[AaPp])?\.?(?:[Mm]\.?)?)?"
)
_ZONE = r"\s*(?P<zone>Z|z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?"
_TIME = f"^{_DATE}{_CLOCK}{_ZONE}$"
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
# Rewritten before anything else: weekdays, the compact form of ISO 8601, months without a day.
_REWRITTEN = (
    (r"(?i)^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+", ""),
    (r"^(\d{4})(\d{2})(\d{2})T(\d{2}):?(\d{2}):?(\d{2})", "$1-$2-$3 $4:$5:$6"),
    (r"^(\d{4})[-/](\d{1,2})$", "$1-$2-01"),
    (r"\[[A-Za-z_/+-]+\]$", ""),  # a zone whose offset stands before it
)
# After a clock; where all rows have the same one, the times are in order without it.
_ZONE_NAME = r"\d\s+([A-Z]{3,5}|[A-Z][A-Za-z_]+/[A-Za-z_/+-]+)$"
# Directives of which a format of dates alone consists; clocks are read in any form.
_DATE_FORMAT = re.compile(r"%([dmYy])[-/. ]%([dmYy])[-/. ]%([dmYy])")
_DAY_FIRST, _MONTH_FIRST, _YEAR_FIRST = "dmy", "mdy", "ymd"
_LAST_YEAR_OF_THIS_CENTURY = 68  # of two digits, as POSIX has it


class AmbiguousTimesError(ValueError):
    """Both day and month could come first.

    Attributes
    ----------
    example : str
        One of the values.
    formats : tuple of str
        What could be meant.
    """

    def __init__(self, example: str, formats: tuple[str, ...]) -> None:
        super().__init__(f"{example!r} can be read as {' or as '.join(formats)}")
        self.example, self.formats = example, formats


def read_times(texts: Iterable[str | None], time_format: str | None = None) -> Any:
    """Read a column of times.

    Parameters
    ----------
    texts : iterable of str or None
        The column.
    time_format : str or None, default=None
        Directives of `datetime.strptime`. A format of the date alone, such as ``"%d/%m/%Y"``,
        only says what comes first. None: the form that all values have.

    Returns
    -------
    ndarray of datetime64[us], or None
        NaT for values that are missing or not times; in UTC where the texts have offsets. None
        if the column does not hold times.

    Raises
    ------
    AmbiguousTimesError
        If day and month could be either.
    ValueError
        If some of the times have a time zone and others do not.
    """
    import polars as pl

    column = pl.Series("time", texts, dtype=pl.String).str.strip_chars()
    only_date = _DATE_FORMAT.fullmatch(time_format or "")
    if time_format is None or only_date:
        order = "".join(only_date.groups()).lower() if only_date else None
        found = _by_parts(_rewritten(column), order)
    else:
        found = _by_format(column, time_format)
    n_present = len(column) - column.null_count() - int((column == "").sum() or 0)
    if found is None or not n_present:
        return None
    if len(found) - found.null_count() < MIN_READABLE_SHARE * n_present:
        return None
    return found.to_numpy()


def read_durations(texts: Iterable[str | None]) -> Any:
    """Read a column of durations or times of the day, such as ``1h30m`` and ``1:30:00``.

    Parameters
    ----------
    texts : iterable of str or None
        The column.

    Returns
    -------
    ndarray of float, or None
        Seconds; NaN for values that are missing or not durations. None if the column does not hold
        durations.
    """
    texts = list(texts)
    seconds = {text: _duration(text) for text in set(texts)}
    found = np.array([seconds[text] for text in texts])
    n_present = sum(bool(text and text.strip()) for text in texts)
    readable = n_present and np.isfinite(found).sum() >= MIN_READABLE_SHARE * n_present
    return found if readable else None


def _by_format(column: Any, time_format: str) -> Any:
    import polars as pl

    times: dict[str | None, datetime | None] = dict.fromkeys([None, *column.unique()])
    for text in filter(None, times):
        try:
            time = datetime.strptime(text, time_format)
        except ValueError:
            continue
        times[text] = time if time.tzinfo is None else time.astimezone(UTC).replace(tzinfo=None)
    return pl.Series([times[text] for text in column], dtype=pl.Datetime("us"))


def _duration(text: str | None) -> float:
    if not text or not text.strip():
        return np.nan
    try:
        # Hours and minutes, or minutes and seconds: either way they sort rows alike.
        return seconds_in(re.sub(r"^\s*(\d+:\d{2})\s*$", r"\1:00", text))
    except ValueError:
        return np.nan


def _rewritten(column: Any) -> Any:
    """Return times without weekdays and without names of months."""
    for pattern, replacement in _REWRITTEN:
        column = column.str.replace(pattern, replacement)
    names = column.str.extract(_ZONE_NAME).drop_nulls().unique()
    if len(names) == 1 and names[0] not in ("UTC", "GMT"):
        column = column.str.strip_suffix(names[0]).str.strip_chars()
    if not column.str.contains(r"(?i)(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)").any():
        return column
    for number, month in enumerate(_MONTHS, start=1):
        word = rf"{month}[a-z]*\.?"
        for pattern, replacement in (
            (rf"(?i)^(\d{{1,2}})[\s./-]*{word}[\s.,/-]*(\d{{2,4}})", f"${{1}}.{number}.$2"),
            (
                rf"(?i)^{word}[\s./-]+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})",
                f"${{1}}.{number}.$2",
            ),
            (rf"(?i)^{word}[\s.,/-]+(\d{{4}})$", f"1.{number}.$1"),
        ):
            column = column.str.replace(pattern, replacement)
    return column


def _by_parts(column: Any, order: str | None) -> Any:
    import polars as pl

    parts = column.str.extract_groups(_TIME).struct.unnest()
    has_year = (parts["a"].str.len_chars() > 2) | (parts["c"].str.len_chars() > 1)
    parts = pl.select(
        **{name: pl.when(has_year).then(parts[name]) for name in parts.columns}
    )  # 1.2.3 is a version
    if parts["a"].null_count() == len(parts):
        return None
    days = _days(column, parts, order)
    zones = parts["zone"].is_not_null() & days.is_not_null()
    if zones.any() and not (zones | days.is_null()).all():
        raise ValueError(
            f"some times have a time zone ({column.filter(zones)[0]!r}) and others do not "
            f"({column.filter(~zones & days.is_not_null())[0]!r})"
        )
    number = {name: parts[name].cast(pl.Int64).fill_null(0) for name in "HMS"}
    half = parts["half"].str.to_lowercase()
    hours = pl.select(
        pl.when(half.is_null())
        .then(number["H"])
        .otherwise(number["H"] % 12 + 12 * (half == "p").cast(pl.Int64))
    ).to_series()
    seconds = hours * 3600 + number["M"] * 60 + number["S"] - _offset_seconds(parts["zone"])
    micros = seconds * 1_000_000 + parts["f"].fill_null("0").str.pad_end(6, "0").str.slice(
        0, 6
    ).cast(pl.Int64)
    valid = (hours <= 24) & (number["M"] < 60) & (number["S"] < 61)
    found = days.cast(pl.Datetime("us")) + micros.cast(pl.Duration("us"))
    return pl.select(pl.when(valid).then(found)).to_series()


def _offset_seconds(zone: Any) -> Any:
    """Return how far the clocks of the time zones are ahead of UTC."""
    import polars as pl

    digits = zone.str.extract(r"[+-](\d{2})").cast(pl.Int64).fill_null(0)
    minutes = zone.str.extract(r"[+-]\d{2}:?(\d{2})").cast(pl.Int64).fill_null(0)
    sign = 1 - 2 * zone.str.starts_with("-").fill_null(False).cast(pl.Int64)
    return sign * (digits * 3600 + minutes * 60)


def _days(column: Any, parts: Any, order: str | None) -> Any:
    """Return the dates, in the one order of day, month and year that fits the whole column."""
    orders = [order] if order else _orders(parts)
    found = {each: _dates(parts, each) for each in orders}
    n_read = {each: len(days) - days.null_count() for each, days in found.items()}
    best = max(orders, key=n_read.__getitem__)
    rivals = [each for each in orders if n_read[each] == n_read[best]]
    different = [each for each in rivals if not found[each].equals(found[best])]
    if different:
        differs = (found[best] != found[different[0]]).fill_null(True) & parts["a"].is_not_null()
        example, separator = column.filter(differs)[0], parts["sep"].drop_nulls()[0]
        long_year = (parts["abc"[best.index("y")]].str.len_chars() > 2).any()
        raise AmbiguousTimesError(
            example, tuple(_format(each, separator, long_year) for each in [best, *different])
        )
    return found[best]


def _format(order: str, separator: str, long_year: bool) -> str:
    return separator.join("%Y" if part == "y" and long_year else f"%{part}" for part in order)


def _orders(parts: Any) -> list[str]:
    """Return the orders in which people write such dates."""
    if (parts["a"].str.len_chars() > 2).any():
        return [_YEAR_FIRST]
    if not (parts["c"].str.len_chars() > 2).any():
        dotted = [_DAY_FIRST] if (parts["sep"] == ".").any() else None
        return dotted or [_DAY_FIRST, _MONTH_FIRST, _YEAR_FIRST]
    # Only days come first where points separate them.
    return [_DAY_FIRST] if (parts["sep"] == ".").any() else [_DAY_FIRST, _MONTH_FIRST]


def _dates(parts: Any, order: str) -> Any:
    import polars as pl

    numbers = dict(zip(order, (parts[name].cast(pl.Int64) for name in "abc"), strict=True))
    years = numbers["y"]
    this_century = years <= _LAST_YEAR_OF_THIS_CENTURY
    years = pl.select(
        pl.when(years >= 100)
        .then(years)
        .otherwise(years + 1900 + 100 * this_century.cast(pl.Int64))
    ).to_series()
    texts = [
        years.cast(pl.String).str.zfill(4),
        *(numbers[part].cast(pl.String).str.zfill(2) for part in "md"),
    ]
    joined = pl.select(pl.concat_str(texts, separator="-")).to_series()
    return joined.str.to_date("%Y-%m-%d", strict=False)
