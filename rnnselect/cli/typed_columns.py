"""Columns of text become numbers or times, each column as a whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from rnnselect.preprocessing.times import AmbiguousTimesError, read_times

__all__ = ["COMMA", "POINT", "TypedColumns", "typed_columns"]

POINT, COMMA = ".", ","
# In a column of numbers or times these mean that a value is missing, in any case of letters.
MISSING = (
    "", "-", "--", "---", ".", "..", "?", "na", "n/a", "n.a.", "#n/a", "#na", "nan", "<na>", "nil",
    "null", "none", "missing", "unknown", "nat", "#value!", "#div/0!",
)  # fmt: skip
# In a column of words only these: "none" and "-" may be names of classes.
MISSING_WORDS = ("", "na", "n/a", "#n/a", "nan", "<na>", "null")
# A column is one of numbers where this share of what it holds can be read as numbers.
MIN_NUMBERS = 0.9
_GROUPED = r"[1-9]\d{0,2}(?:[%s '\x{2019}\x{a0}\x{202f}]\d{3})+"
_PLAIN = r"^[+-]?(?:(?:%s|\d+)(?:%s\d*)?|%s\d+)(?:[eE][+-]?\d+)?$"
_FORMS = {
    POINT: _PLAIN % (_GROUPED % ",", r"\.", r"\."),
    COMMA: _PLAIN % (_GROUPED % r"\.", ",", ","),
}
_CURRENCY = r"[$€£¥₹]|USD|EUR|GBP|CHF|JPY"
# A unit stands apart, or is a sign or one of the usual abbreviations: 12A is rather a code.
_UNIT = (
    r"\s+[^\d\s]{1,10}|%|‰|°[CF]?|[$€£¥₹]|mmHg|bpm|kg|mg|km|cm|mm|ms|Hz|kHz|kW|kWh|mV|hPa|kPa|ml"
)
_CELL = (
    rf"^(?:{_CURRENCY})?\s*"
    r"(?P<number>[+-]?(?:\d[\d.,'\x{2019} \x{a0}\x{202f}]*?|[.,]\d+)(?:[eE][+-]?\d+)?)"
    rf"(?P<unit>{_UNIT})?$"
)
# Signs of accountants, typesetters and Fortran.
_REWRITTEN = (
    ("−", "-"),
    (r"^\((.*\d.*)\)$", "-$1"),
    (r"^([+-]?\d*\.\d+)[dD]([+-]\d{2,3})$", "${1}e$2"),
)
MAX_EXAMPLE_LETTERS = 30
SHARES = ("%", "‰")  # a number without the sign would be another value


@dataclass(slots=True, eq=False)
class TypedColumns:
    """What the columns of a table hold.

    Parameters
    ----------
    frame : polars.DataFrame
        The table, with columns of numbers and times where texts can be read as such.
    texts : dict of str to polars.Series
        What was read as something else, as it stands in the file.
    codes : set of str
        Columns of numbers that begin with zeros, such as ``001``.
    unreadable : dict of str to ndarray of int
        Rows of columns of numbers and times that hold something else.
    unclear : dict of str to AmbiguousTimesError or ValueError
        Columns of times that can be read in two ways.
    decimal : str
        What stands before the decimals.
    said : tuple of str
        What is not common.
    """

    frame: Any
    texts: dict[str, Any] = field(default_factory=dict)
    codes: set[str] = field(default_factory=set)
    unreadable: dict[str, np.ndarray] = field(default_factory=dict)
    unclear: dict[str, ValueError] = field(default_factory=dict)
    decimal: str = POINT
    said: tuple[str, ...] = ()


def typed_columns(
    frame: Any,
    decimal: str | None = None,
    time: str | None = None,
    time_format: str | None = None,
    separator: str = COMMA,
) -> TypedColumns:
    """Read the columns of text in a table as what they hold.

    Parameters
    ----------
    frame : polars.DataFrame
        The table; columns of other types stay.
    decimal : {".", ","} or None, default=None
        What stands before decimals; None tells it from the cells.
    time : str or None, default=None
        The column of times, to which `time_format` applies; None: all that fit.
    time_format : str or None, default=None
        How times are written.
    separator : str, default=","
        What stands between the cells of the file.

    Returns
    -------
    TypedColumns
        The table, and what was found on the way.

    Raises
    ------
    ValueError
        If a column of numbers can be read in two ways.
    """
    import polars as pl

    raw = {
        name: frame[name].cast(pl.String).str.strip_chars()
        for name, dtype in frame.schema.items()
        if dtype in (pl.String, pl.Categorical, pl.Enum)
    }
    found = TypedColumns(frame)
    columns = {name: _Column(name, texts) for name, texts in raw.items()}
    styles = _styles(columns, decimal, separator)
    found.decimal = COMMA if COMMA in styles.values() else POINT
    if found.decimal == COMMA and decimal is None:
        found.said += ("decimal comma",)
    replaced = {}
    for name, column in columns.items():
        found.texts[name] = column.texts
        if name not in styles:
            replaced[name] = _times_or_words(
                column, found, time_format if time in (name, None) else None
            )
            continue
        numbers, units = column.numbers(styles[name])
        replaced[name] = numbers
        if column.has_leading_zeros:
            found.codes.add(name)
        _note_unreadable(column, numbers, found)
        if units:
            found.said += (f"{units} in {name!r} left out",)
    found.frame = frame.with_columns(**replaced)
    return found


class _Column:
    """One column of text, and how it could be read as numbers."""

    def __init__(self, name: str, texts: Any) -> None:
        self.name, self.texts = name, texts
        lower = texts.str.to_lowercase()
        self.present = ~(lower.is_in(list(MISSING)) | texts.is_null())
        self.n_present = int(self.present.sum())
        self.plain = self._plain_numbers()
        if self.plain is not None:
            both = not self.plain.dtype.is_float() or self._number.str.contains(_FORMS[COMMA]).all()
            self.n_fitting = {POINT: self.n_present, COMMA: self.n_present if both else 0}
        else:
            self.n_fitting = {
                style: int(self._number.str.contains(form).sum() or 0)
                for style, form in _FORMS.items()
            }
        self.styles = [
            style
            for style, n in self.n_fitting.items()
            if n == max(self.n_fitting.values()) and n >= MIN_NUMBERS * self.n_present > 0
        ]

    @property
    def has_leading_zeros(self) -> bool:
        return bool(self.texts.str.contains(r"^0\d+$").any())

    @property
    def is_open(self) -> bool:
        """Whether the numbers differ between the styles."""
        return len(self.styles) == 2 and bool(self._number.str.contains(r"[.,]").any())

    def numbers(self, style: str) -> tuple[Any, str]:
        """Return the numbers, and what is left out of the cells."""
        import polars as pl

        if self.plain is not None and (style == POINT or not self.plain.dtype.is_float()):
            return self.plain, ""
        fitting = self._number.str.contains(_FORMS[style])
        unit = self._parts["unit"].str.strip_chars()
        units = unit.filter(fitting & unit.is_not_null()).value_counts(sort=True)
        common = units[units.columns[0]][0] if len(units) else None
        if common is not None:
            fitting &= unit.is_null() | (unit == common)
            n_bare = int((fitting & unit.is_null()).sum())
            if common in SHARES and n_bare:
                fitting &= unit.is_null() if n_bare > units["count"][0] else unit.is_not_null()
        plain = self._number.str.replace_all(r"['\x{2019} \x{a0}\x{202f}]", "")
        plain = plain.str.replace_all(COMMA if style == POINT else POINT, "", literal=True)
        plain = plain.str.replace(COMMA, POINT, literal=True)
        numbers = _only(fitting, plain).cast(pl.Float64, strict=False)
        whole = _only(fitting, plain).cast(pl.Int64, strict=False)
        if whole.null_count() == numbers.null_count():
            numbers = whole
        signs = self.texts.str.extract(rf"^({_CURRENCY})").drop_nulls().unique().sort().to_list()
        return numbers.rename(self.name), " and ".join(signs + ([common] if common else []))

    def numbers_with_marks(self) -> Any:
        """Return the numbers that have a mark of decimals or thousands, as texts."""
        return self._number.filter(self._number.str.contains(r"[.,]"))

    @cached_property
    def _parts(self) -> Any:
        values = _only(self.present, self.texts)
        for pattern, replacement in _REWRITTEN:
            values = values.str.replace(pattern, replacement)
        return values.str.extract_groups(_CELL).struct.unnest()

    @cached_property
    def _number(self) -> Any:
        if self.plain is not None:
            return _only(self.present, self.texts)
        return self._parts["number"].str.strip_chars()

    def _plain_numbers(self) -> Any:
        """Return the column as Python reads numbers, if it can read all of them."""
        import polars as pl

        present = _only(self.present, self.texts)
        for dtype in (pl.Int64, pl.Float64):
            numbers = present.cast(dtype, strict=False)
            if len(numbers) - numbers.null_count() == self.n_present > 0:
                return numbers
        return None


def _only(where: Any, column: Any) -> Any:
    """Return a column that is empty elsewhere."""
    import polars as pl

    return pl.select(pl.when(where).then(column)).to_series().rename(column.name)


def _styles(columns: dict[str, _Column], decimal: str | None, separator: str) -> dict[str, str]:
    """Return what stands before decimals, for each column of numbers."""
    numbers = {name: column for name, column in columns.items() if column.styles}
    sure = {column.styles[0] for column in numbers.values() if len(column.styles) == 1}
    default = decimal or (sure.pop() if len(sure) == 1 else None)
    styles = {}
    for name, column in numbers.items():
        if len(column.styles) == 1 and decimal is None:
            styles[name] = column.styles[0]
        elif default is not None or not column.is_open:
            styles[name] = default or POINT
        elif not sure and _is_point(column, separator):
            styles[name] = POINT
        else:
            example = column.numbers_with_marks()[0]
            raise ValueError(
                f"Column {name!r} has {example[:MAX_EXAMPLE_LETTERS]}, which may have decimals "
                "or thousands separators: name the decimal mark, --decimal , or --decimal ."
            )
    return {
        name: style
        for name, style in styles.items()
        if columns[name].n_present
        and columns[name].n_fitting[style] >= MIN_NUMBERS * columns[name].n_present
    }


def _is_point(column: _Column, separator: str) -> bool:
    """Whether such a file has decimal points, where nothing else tells.

    Commas between cells go with points; where cells are separated by semicolons, ``1.234`` could
    be a thousand and more.
    """
    return separator == COMMA or (
        separator != ";" and not column.numbers_with_marks().str.contains(",", literal=True).any()
    )


def _times_or_words(column: _Column, found: TypedColumns, time_format: str | None) -> Any:
    """Return a column as times where they are written in one form, otherwise as words."""
    import polars as pl

    values = _only(column.present, column.texts)
    times = None
    if column.n_present and (time_format or values.drop_nulls()[0][:1].isalnum()):
        try:
            times = read_times(values, time_format) if time_format else None
            times = read_times(values) if times is None else times
        except AmbiguousTimesError as error:
            found.unclear[column.name] = error
        except ValueError as error:  # some have a time zone, some do not
            found.unclear[column.name] = error
    if times is not None:
        series = pl.Series(column.name, times)
        _note_unreadable(column, series, found)
        return series
    if not column.n_present:
        return pl.Series(column.name, [None] * len(column.texts), dtype=pl.Float64)
    lower = column.texts.str.to_lowercase()
    words = _only(~lower.is_in(list(MISSING_WORDS)), column.texts)
    truth = lower.filter(words.is_not_null()).unique()
    if len(truth) == 2 and set(truth) == {"true", "false"}:
        return _only(words.is_not_null(), lower == "true").rename(column.name)
    return words


def _note_unreadable(column: _Column, series: Any, found: TypedColumns) -> None:
    rows = np.flatnonzero((column.present & series.is_null()).to_numpy())
    if len(rows):
        found.unreadable[column.name] = rows
