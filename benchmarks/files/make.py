"""Files as people have them: seeded, small, each with what must be read out of it.

    python benchmarks/files/make.py FOLDER [NAME ...]

Every file has a `Case`: the options that a user must give, and either what is read or the words of
the sentence that the command ends with. `table.py` runs the command on all of them.
"""

from __future__ import annotations

import bz2
import datetime as dt
import gzip
import io
import json
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

__all__ = ["CASES", "Case", "make"]

N_SERIES, N_STEPS = 40, 12
MACHINES = [f"pump {k:02d}" for k in range(N_SERIES)]


@dataclass(frozen=True)
class Case:
    """A file, the options that it takes, and what must come of it.

    `shape` is (sequences, longest, channels) as read, `says` words that the command shows, `fails`
    words of the sentence with which it ends; `pandas` counts the arguments that `read_csv` needs
    for the same table (None: it cannot read it).
    """

    name: str
    content: Callable[[], bytes]
    options: tuple[str, ...] = ()
    shape: tuple[int, int, int] | None = None
    says: tuple[str, ...] = ()
    fails: str = ""
    pandas: int | None = 0

    @property
    def options_beside_target(self) -> tuple[str, ...]:
        """The options that a user must find out about."""
        names = list(self.options)
        if "--target" in names:
            at = names.index("--target")
            del names[at : at + 2]
        return tuple(names)

    @property
    def n_options(self) -> int:
        """How many options these are."""
        return sum(each.startswith("--") for each in self.options_beside_target)


CASES: dict[str, Case] = {}


def case(name: str, **expected: object) -> Callable[[Callable[[], object]], Callable[[], bytes]]:
    """Add a file, whose function returns bytes, text, or a table to write as CSV."""

    def add(make_content: Callable[[], object]) -> Callable[[], bytes]:
        def content() -> bytes:
            made = make_content()
            if isinstance(made, pl.DataFrame):
                made = made.write_csv()
            return made.encode() if isinstance(made, str) else made

        CASES[name] = Case(name, content, **expected)
        return content

    return add


def random() -> np.random.Generator:
    return np.random.default_rng(0)


def steps(n: int = N_SERIES, length: int = N_STEPS) -> np.ndarray:
    return random().normal(size=(n, length)).round(3)


def labels(n: int = N_SERIES) -> np.ndarray:
    return np.where(np.arange(n) % 2 == 0, "ok", "fault")


def long(times: list[str] | None = None, n: int = N_SERIES) -> pl.DataFrame:
    """Sensors of machines, one row a time step."""
    values = random()
    times = times or [str(k) for k in range(N_STEPS)]
    rows = [
        (MACHINES[i], time, round(20 + 5 * values.normal(), 2), round(values.normal(), 3), label)
        for i, label in enumerate(labels(n))
        for time in times
    ]
    return pl.DataFrame(rows, schema=["machine", "when", "temp", "vib", "state"], orient="row")


def wide(prefix: str = "t") -> pl.DataFrame:
    columns = {f"{prefix}{k}": column for k, column in enumerate(steps().T)}
    return pl.DataFrame({**columns, "kind": labels()})


def clock(form: str) -> list[str]:
    start, hours = dt.datetime(2024, 1, 1), 7 if "%H" in form or "%I" in form else 24
    return [(start + dt.timedelta(hours=hours * k)).strftime(form) for k in range(N_STEPS)]


def replaced(frame: pl.DataFrame, column: str, values: dict[int, object]) -> pl.DataFrame:
    """Return a table of which some cells of a column hold something else."""
    cells = [str(each) for each in frame[column]]
    for row, value in values.items():
        cells[row] = value
    return frame.with_columns(pl.Series(column, cells))


LONG = (N_SERIES, N_STEPS, 2)
WIDE = (N_SERIES, N_STEPS, 1)
STATE = ("--target", "state")
KIND = ("--target", "kind")

# --- 1. times as text ---------------------------------------------------------------------------

for name, form, n_pandas in (
    ("times_minutes", "%Y-%m-%d %H:%M", 1),
    ("times_seconds", "%Y-%m-%d %H:%M:%S", 1),
    ("times_iso_zone", "%Y-%m-%dT%H:%M:%SZ", 1),
    ("times_german", "%d.%m.%Y %H:%M", 2),
    ("times_month_names", "%d-%b-%Y %I:%M %p", 2),
    ("times_english", "%B %d, %Y %H:%M", 2),
):
    case(f"{name}.csv", options=STATE, shape=LONG, says=("sorted by 'when'",), pandas=n_pandas)(
        lambda form=form: long(clock(form))
    )


@case("times_day_or_month.csv", options=STATE, fails="--time-format '%d/%m/%Y' or", pandas=2)
def _():
    return long([f"{k + 1}/2/2024" for k in range(N_STEPS)])


@case(
    "times_day_or_month_said.csv",
    options=(*STATE, "--time-format", "%d/%m/%Y"),
    shape=LONG,
    says=("sorted by 'when'",),
    pandas=2,
)
def _():
    return long([f"{k + 1}/2/2024" for k in range(N_STEPS)])


@case("times_day_first_shown.csv", options=STATE, shape=LONG, pandas=2)
def _():
    return long([f"{k + 10}/2/2024" for k in range(N_STEPS)])


@case("times_mixed_offsets.csv", options=STATE, shape=LONG, pandas=2)
def _():
    return long([f"2024-01-{k + 1:02d}T00:00:00+0{k % 3}:00" for k in range(N_STEPS)])


@case(
    "times_epoch_seconds.csv", options=STATE, shape=LONG, says=("sorted by 'timestamp'",), pandas=1
)
def _():
    return long([str(1_700_000_000 + 60 * k * k) for k in range(N_STEPS)]).rename(
        {"when": "timestamp"}
    )


@case(
    "times_epoch_milliseconds.csv", options=STATE, shape=LONG, says=("sorted by 'time'",), pandas=1
)
def _():
    return long([str(1_700_000_000_000 + 60_000 * k) for k in range(N_STEPS)]).rename(
        {"when": "time"}
    )


@case("times_durations.csv", options=(*STATE, "--time", "when"), shape=LONG, pandas=1)
def _():
    return long([f"{k}:30:00" for k in range(1, N_STEPS + 1)])


case("times_zone_name.csv", options=STATE, shape=LONG, says=("sorted by 'when'",), pandas=2)(
    lambda: long([f"{time} CET" for time in clock("%Y-%m-%d %H:%M")])
)


@case("times_date_and_clock.csv", options=STATE, shape=LONG, pandas=2,
      says=("sorted by 'when,clock'", "Channels: temp, vib."))  # fmt: skip
def _():
    days = [f"{1 + k // 4:02d}/01/2024" for k in range(N_STEPS)]
    days[-1] = "13/01/2024"
    hours = [f"{6 * (k % 4):02d}:30" for k in range(N_STEPS)]
    return long(days).insert_column(2, pl.Series("clock", hours * N_SERIES))


@case("times_in_parts.csv", options=STATE, shape=LONG, pandas=2,
      says=("sorted by 'Year,Month,Day,Hour'", "Channels: temp, vib."))  # fmt: skip
def _():
    step = pl.Series(np.tile(np.arange(N_STEPS), N_SERIES))
    parts = {"Year": 2024 + 0 * step, "Month": 1 + step // 8, "Day": 1 + step % 8 // 4}
    return long().drop("when").with_columns(**parts, Hour=6 * (step % 4)).reverse()


# --- 2. no header ---------------------------------------------------------------------------------


def archive(separator: str, first: bool = True) -> str:
    rows = []
    for row, label in zip(steps(), labels(), strict=True):
        cells = [f"{value:.4f}" for value in row]
        number = "1" if label == "ok" else "2"
        rows.append(separator.join([number, *cells] if first else [*cells, number]))
    return "\n".join(rows) + "\n"


case("ucr.tsv", shape=WIDE, says=("'c1' as classes (2: 1, 2)", "Not so?"), pandas=2)(
    lambda: archive("\t")
)
case("ucr.txt", shape=WIDE, says=("'c1' as classes",), pandas=2)(lambda: archive(","))
case("ucr_spaces.txt", shape=WIDE, says=("'c1' as classes",), pandas=2)(
    lambda: "  " + archive("   ").replace("\n", "\n  ").rstrip(" ")
)
case("label_last.csv", shape=WIDE, says=("'c13' as classes",), pandas=1)(
    lambda: archive(",", first=False)
)


@case("ucr_words.csv", shape=WIDE, says=("'c1' as classes (2: fault, ok)",), pandas=1)
def _():
    lines = archive(",").splitlines()
    return "\n".join(f"{label},{line[2:]}" for label, line in zip(labels(), lines, strict=True))


@case("both_ends_fit.csv", fails="--target-first or --target-last", pandas=1)
def _():
    cells = random().integers(0, 9, size=(N_SERIES, N_STEPS + 1))
    return "\n".join(",".join(map(str, row)) for row in cells)


@case("both_ends_said.csv", options=("--target-first",), shape=WIDE, pandas=1)
def _():
    cells = random().integers(0, 9, size=(N_SERIES, N_STEPS + 1))
    cells[:, 0] %= 2
    return "\n".join(",".join(map(str, row)) for row in cells)


@case("numbered_header.csv", options=("--target", "label"), shape=WIDE)
def _():
    return pl.DataFrame({"label": labels(), **{str(k): c for k, c in enumerate(steps().T)}})


@case("numbered_header_and_label.csv", shape=WIDE, says=("'0' as classes",))
def _():
    table = pl.DataFrame({str(k + 1): c for k, c in enumerate(steps().T)})
    return table.insert_column(0, pl.Series("0", np.arange(N_SERIES) % 3))


@case("lengths_differ.csv", shape=WIDE, says=("'c1' as classes",), pandas=None)
def _():
    lines = archive(",").splitlines()
    return "\n".join(line.rsplit(",", k % 4)[0] for k, line in enumerate(lines)) + "\n"


# --- 3. numbers -----------------------------------------------------------------------------------


def german(frame: pl.DataFrame) -> str:
    return frame.write_csv().replace(",", ";").replace(".", ",")


case("semicolons.csv", options=KIND, shape=WIDE, says=("decimal comma",), pandas=2)(
    lambda: german(wide())
)
case(
    "cp1252.csv",
    options=("--target", "Zustand für heute"),
    shape=WIDE,
    says=("Windows-1252",),
    pandas=3,
)(lambda: german(wide().rename({"kind": "Zustand für heute"})).encode("cp1252"))
case("utf16.csv", options=KIND, shape=WIDE, says=("UTF-16",), pandas=3)(
    lambda: german(wide()).encode("utf-16")
)
case("bom.csv", options=KIND, shape=WIDE)(lambda: wide().write_csv().encode("utf-8-sig"))


@case("thousands.csv", options=STATE, shape=LONG, pandas=1)
def _():
    frame = long()
    return frame.with_columns(
        pl.Series("temp", [f"{1000 + 2000 * k:,}.5" for k in range(len(frame))])
    )


@case("thousands_or_decimals.csv", options=STATE, fails="--decimal , or --decimal .", pandas=2)
def _():
    frame = long().drop("vib")
    temp = pl.Series("temp", [f"{k % 9 + 1},{k % 900 + 100}" for k in range(len(frame))])
    return frame.with_columns(temp).write_csv(separator=";")


@case(
    "thousands_or_decimals_said.csv",
    options=(*STATE, "--decimal", ","),
    shape=(40, 12, 1),
    pandas=2,
)
def _():
    frame = long().drop("vib")
    temp = pl.Series("temp", [f"{k % 9 + 1},{k % 900 + 100}" for k in range(len(frame))])
    return frame.with_columns(temp).write_csv(separator=";")


@case("units.csv", options=STATE, shape=LONG, says=("Channels: temp, vib",), pandas=None)
def _():
    frame = long()
    return frame.with_columns(
        pl.Series("temp", [f"{each} °C" for each in frame["temp"]]),
        pl.Series("vib", [f"{100 * each:.1f}%" for each in frame["vib"]]),
    )


@case("currency.csv", options=STATE, shape=LONG, says=("Channels: temp, vib",), pandas=None)
def _():
    frame = long()
    return frame.with_columns(
        pl.Series("temp", [f"$1,2{k % 90 + 10}.50" for k in range(len(frame))])
    )


@case(
    "odd_cells.csv",
    options=STATE,
    shape=LONG,
    says=("Channels: temp, vib", "Missing cells: 7 in 'temp'", "'hot' (line 9)"),
    pandas=1,
)
def _():
    cells = {0: "-", 3: "?", 5: "n/a", 7: "hot", 100: "null", 200: "None", 301: "", 302: "21.5 °C"}
    return replaced(long(), "temp", cells)


@case(
    "target_with_na.csv",
    options=("--target", "wear"),
    shape=(38, 12, 1),
    says=("as values", "2 rows without a target (lines 5, 9)"),
    pandas=1,
)
def _():
    frame = wide().rename({"kind": "wear"})
    values = frame.with_columns(pl.Series("wear", random().normal(size=N_SERIES).round(3)))
    return replaced(values, "wear", {3: "n/a", 7: "?"})


@case("ids_with_zeros.csv", options=STATE, shape=(80, 6, 2), pandas=1)
def _():
    frame = long()
    ids = [("001" if k % 2 else "1") + f"{k // 12:02d}" for k in range(len(frame))]
    return frame.with_columns(pl.Series("machine", ids))


@case("comments.csv", options=KIND, shape=WIDE, pandas=1)
def _():
    head, *rows = wide().write_csv().splitlines()
    return "\n".join(["# made by a logger", "# version 2", head, *rows[:5], "", *rows[5:], "# end"])


@case("titles.csv", options=KIND, shape=WIDE, says=("2 lines before the table left out",), pandas=1)
def _():
    return "Export of 2024-01-01\nStation;North\n\n" + wide().write_csv()


case(
    "brackets_below_zero.csv", options=STATE, shape=LONG, says=("Channels: temp, vib.",), pandas=1
)(
    lambda: long().with_columns(
        vib=pl.Series([f"({-v})" if v < 0 else str(v) for v in long()["vib"]])
    )
)
case(
    "exponents_of_fortran.csv", options=STATE, shape=LONG, says=("Channels: temp, vib.",), pandas=1
)(lambda: long().with_columns(vib=pl.Series([f"{v:.5E}".replace("E", "D") for v in long()["vib"]])))


# --- 4. what is used ------------------------------------------------------------------------------


@case(
    "pandas_index.csv",
    options=STATE,
    shape=LONG,
    says=(
        "Channels: temp, vib.",
        "Unnamed: 0 (row number)",
        "mode (text; --categories would use it)",
    ),
)
def _():
    frame = long().with_columns(pl.Series("mode", ["slow", "fast"] * (6 * N_SERIES)))
    return frame.with_row_index("Unnamed: 0")


@case(
    "categories.csv",
    options=(*STATE, "--categories", "mode"),
    shape=(40, 12, 4),
    says=("mode=fast, mode=slow",),
)
def _():
    return long().with_columns(pl.Series("mode", ["slow", "fast"] * (6 * N_SERIES)))


@case(
    "clock_as_number.csv",
    options=(*STATE, "--id", "machine"),
    shape=LONG,
    says=("sorted by 'seconds'",),
)
def _():
    return long([f"{0.5 * k}" for k in range(N_STEPS)]).rename({"when": "seconds"})


@case(
    "static.csv",
    options=STATE,
    shape=(40, 12, 3),
    says=("The same at all steps of a sequence: age",),
)
def _():
    frame = long()
    return frame.with_columns(pl.Series("age", random().integers(1, 9, N_SERIES).repeat(N_STEPS)))


@case("variables.csv", options=("--target", "ill"), fails="--values age,income,height,...")
def _():
    draw = random()
    return pl.DataFrame(
        {
            "age": draw.integers(20, 80, N_SERIES),
            "income": draw.integers(1000, 9000, N_SERIES),
            "height": draw.normal(1.7, 0.1, N_SERIES).round(2),
            "ill": np.arange(N_SERIES) % 2,
        }
    )


@case(
    "shuffled_index.csv",
    options=STATE,
    shape=LONG,
    says=("Channels: temp, vib.", "Unnamed: 0 (row number), number (names the sequence)"),
)
def _():
    frame = long().with_columns(number=random().permutation(N_SERIES).repeat(N_STEPS))
    return frame.with_row_index("").sample(fraction=1.0, shuffle=True, seed=0)


@case("label_twice.csv", options=STATE, shape=LONG, says=("state_code (tells the target)",))
def _():
    frame = long()
    return frame.with_columns((frame["state"] == "ok").cast(int).alias("state_code"))


@case("weekdays.csv", options=KIND, shape=(40, 7, 1), says=("Monday to Sunday",))
def _():
    days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    return pl.DataFrame({**dict(zip(days, steps(length=7).T, strict=True)), "kind": labels()})


@case("months_of_two_years.csv", options=KIND, shape=WIDE, says=("2023-07 to 2024-06",))
def _():
    names = [f"{2023 + (k > 5)}-{(k + 6) % 12 + 1:02d}" for k in range(N_STEPS)]
    return pl.DataFrame({**dict(zip(names, steps().T, strict=True)), "kind": labels()})


# --- 5. bad rows ----------------------------------------------------------------------------------


@case(
    "empty_texts.csv",
    options=("--target", "stars"),
    shape=(58, 0, 0),
    says=("2 rows without a text (lines 5, 6)",),
)
def _():
    texts = ["the film was really good", "not at all my kind of film"] * 30
    texts[3] = texts[4] = ""
    return pl.DataFrame({"review": texts, "stars": [5, 1] * 30})


@case(
    "missing_target_long.csv",
    options=STATE,
    shape=(39, 12, 2),
    says=("1 sequence without a target (pump 02; line 26)",),
)
def _():
    return replaced(long(), "state", dict.fromkeys(range(24, 36), ""))


@case("target_in_last_row.csv", options=STATE, shape=LONG)
def _():
    return replaced(long(), "state", {k: "" for k in range(480) if k % 12 != 11})


@case("too_many_bad.csv", options=KIND, fails="4 of 40 sequences cannot be used")
def _():
    return replaced(wide(), "kind", dict.fromkeys(range(4), ""))


@case(
    "too_many_bad_allowed.csv",
    options=(*KIND, "--max-bad", "0.2"),
    shape=(36, 12, 1),
    says=("4 rows without a target",),
)
def _():
    return replaced(wide(), "kind", dict.fromkeys(range(4), ""))


@case(
    "long_lines.csv",
    options=KIND,
    shape=(39, 12, 1),
    says=("1 line with more cells than columns (line 4)",),
    pandas=1,
)
def _():
    lines = wide().write_csv().splitlines()
    return "\n".join([*lines[:3], lines[3] + ",extra,cells", *lines[4:]])


@case("rows_twice.csv", options=STATE, shape=LONG, says=("2 rows identical to an earlier row",))
def _():
    frame = long()
    return pl.concat([frame, frame[5:7]])


@case("bad_times.csv", options=STATE, shape=(39, 12, 2), says=("with a time that cannot be read",))
def _():
    return replaced(long(clock("%Y-%m-%d %H:%M")), "when", {15: "later"})


case(
    "strict_cells.csv",
    options=(*STATE, "--strict"),
    fails="'hot' on line 9; mend the file",
    pandas=1,
)(lambda: replaced(long(), "temp", {7: "hot"}))


@case("strict.csv", options=(*KIND, "--strict"), fails="1 of 40 sequences cannot be used")
def _():
    return replaced(wide(), "kind", {7: ""})


# --- 6. forms -------------------------------------------------------------------------------------

case("clean_wide.csv", options=KIND, shape=WIDE, says=("t0 to t11",))(wide)
case("clean_long.csv", options=STATE, shape=LONG, says=("sequences by 'machine'",))(
    lambda: long(clock("%Y-%m-%d"))
)


@case(
    "two_ids.csv",
    options=(*STATE, "--id", "site,run"),
    shape=LONG,
    says=("sequences by 'site,run'", "Channels: temp, vib."),
)
def _():
    frame = long(clock("%Y-%m-%d")).drop("machine")
    run = np.arange(N_SERIES).repeat(N_STEPS)
    return frame.with_columns(pl.Series("site", [f"s{k % 4}" for k in run]), run=run // 4)


@case("two_text_columns.csv", options=STATE, fails="say which one, by --id")
def _():
    frame = long(clock("%Y-%m-%d"))
    return frame.with_columns(pl.Series("station", frame["machine"].str.to_uppercase()))


def daily(n: int = 120) -> pl.DataFrame:
    start = np.datetime64("2024-01-01")
    days = start + np.arange(n)
    sales = (100 + 10 * (np.arange(n) % 7) + random().normal(size=n)).round(1)
    return pl.DataFrame(
        {"date": days.astype(str), "sales": sales, "temp": random().normal(size=n).round(1)}
    )


FORECAST = ("--forecast", "sales", "--window", "14", "--horizon", "3")
case(
    "one_series.csv",
    options=FORECAST,
    shape=(104, 14, 4),
    says=("14 steps predict the next 3 of 'sales'", "Channels: sales, temp, calendar: week"),
    pandas=1,
)(daily)
case(
    "one_series_unsaid.csv",
    options=("--target", "sales", "--time", "date"),
    fails="--forecast",
    pandas=1,
)(daily)
case("one_series_target.csv", options=("--target", "sales"), fails="--forecast sales", pandas=1)(
    daily
)
case("one_series_gap.csv", options=FORECAST, shape=(84, 14, 4), pandas=1)(
    lambda: pl.concat([daily()[:60], daily()[64:]])
)


@case("lines.jsonl", options=KIND, shape=WIDE, pandas=None)
def _():
    return wide().write_ndjson()


@case(
    "lists.jsonl",
    options=KIND,
    shape=(40, 12, 2),
    says=("one list a series", "Channels: x, z"),
    pandas=None,
)
def _():
    rows = [
        json.dumps({"x": row.tolist(), "z": (-row).tolist(), "kind": label})
        for row, label in zip(steps(), labels(), strict=True)
    ]
    return "\n".join(rows)


@case("records.json", options=KIND, shape=WIDE, pandas=None)
def _():
    return json.dumps(wide().to_dicts())


@case("sheet.xlsx", options=KIND, shape=WIDE, pandas=None)
def _():
    from openpyxl import Workbook

    book, buffer = Workbook(), io.BytesIO()
    for row in (wide().columns, *wide().rows()):
        book.active.append(row)
    book.save(buffer)
    return buffer.getvalue()


@case("sheet_with_title.xlsx", options=STATE, shape=LONG, pandas=None,
      says=("1 line before the table left out", "sorted by 'when'"))  # fmt: skip
def _():
    from openpyxl import Workbook

    table, book, buffer = long(), Workbook(), io.BytesIO()
    times = [dt.datetime(2024, 1, 1) + dt.timedelta(hours=k) for k in range(N_STEPS)]
    table = table.with_columns(when=pl.Series(times * N_SERIES))
    for row in (["Pumps, north\nhall"], [], table.columns, *table.rows()):
        book.active.append(row)
    book.save(buffer)
    return buffer.getvalue()


for orient in ("columns", "list", "split", "table"):

    @case(f"pandas_{orient}.json", options=KIND, shape=WIDE, pandas=0)
    def _(orient=orient):
        table = wide()
        if orient == "columns":
            made = {name: dict(enumerate(table[name])) for name in table.columns}
        elif orient == "list":
            made = table.to_dict(as_series=False)
        elif orient == "split":
            made = {"columns": table.columns, "index": [], "data": [list(r) for r in table.rows()]}
        else:
            made = {"schema": {"fields": []}, "data": table.rows(named=True)}
        return json.dumps(made)


def parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


case("clean.parquet", options=STATE, shape=LONG, pandas=None)(
    lambda: parquet(long(clock("%Y-%m-%d %H:%M")))
)
case("lists.parquet", options=KIND, shape=WIDE, says=("one list a series",), pandas=None)(
    lambda: parquet(pl.DataFrame({"x": steps().tolist(), "kind": labels()}))
)
case("damaged.parquet", options=KIND, fails="cannot be read", pandas=None)(
    lambda: parquet(wide())[:-200]
)


def npz(**arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


case("arrays.npz", shape=WIDE, pandas=None)(lambda: npz(X=steps(), y=labels()))
case("keras.npz", shape=WIDE, says=("x_train and y_train", "x_test not used"), pandas=None)(
    lambda: npz(x_train=steps(), y_train=labels(), x_test=steps(5), y_test=labels(5))
)
case("unnamed.npz", shape=WIDE, says=("arr_0 and arr_1",), pandas=None)(
    lambda: npz(arr_0=steps(), arr_1=labels())
)
case("objects.npz", fails="only pickle can read", pandas=None)(
    lambda: npz(X=steps(), y=labels().astype(object))
)
case("channels_first.npz", shape=(40, 3, 12), says=("--channels-first",), pandas=None)(
    lambda: npz(X=random().normal(size=(40, 3, 12)), y=labels())
)
case("channels_first_said.npz", options=("--channels-first",), shape=(40, 12, 3), pandas=None)(
    lambda: npz(X=random().normal(size=(40, 3, 12)), y=labels())
)
case("matrix.npy", shape=WIDE, says=("'c1' as classes",), pandas=None)(
    lambda: npy(np.column_stack([np.arange(N_SERIES) % 2, steps()]))
)


@case("two.ts", shape=WIDE, pandas=None)
def _():
    rows = [
        f"{','.join(map(str, row))}:{label}" for row, label in zip(steps(), labels(), strict=True)
    ]
    return "\n".join(["@problemName Two", "@classLabel true fault ok", "@data", *rows])


@case("weka.arff", options=("--target", "kind"), shape=WIDE, pandas=None)
def _():
    head = [f"@attribute t{k} numeric" for k in range(N_STEPS)]
    rows = [
        f"{','.join(map(str, row))},{label}" for row, label in zip(steps(), labels(), strict=True)
    ]
    return "\n".join(["@relation two", *head, "@attribute kind {fault,ok}", "@data", *rows])


for suffix, pack in (("gz", gzip.compress), ("bz2", bz2.compress)):
    case(f"packed.csv.{suffix}", options=KIND, shape=WIDE)(
        lambda pack=pack: pack(wide().write_csv().encode())
    )


@case("packed.csv.zip", options=KIND, shape=WIDE)
def _():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive_file:
        archive_file.writestr("data.csv", wide().write_csv())
    return buffer.getvalue()


# --- 9. integer labels ----------------------------------------------------------------------------

case("digits.csv", options=KIND, shape=WIDE, says=("as classes (4: 0, 1, 2, 3)",))(
    lambda: wide().with_columns(pl.Series("kind", np.arange(N_SERIES) % 4))
)
case("counts.csv", options=KIND, shape=WIDE, says=("as values (40 different whole numbers)",))(
    lambda: wide().with_columns(pl.Series("kind", np.arange(N_SERIES) * 3))
)
case("capitals.csv", options=KIND, shape=WIDE, says=("; some differ only in capital letters",))(
    lambda: wide().with_columns(pl.Series("kind", ["Yes", "no", "NO", "yes"] * (N_SERIES // 4)))
)
case(
    "digits_as_values.csv", options=(*KIND, "--task", "regression"), shape=WIDE, says=("as values",)
)(lambda: wide().with_columns(pl.Series("kind", np.arange(N_SERIES) % 4)))


def make(folder: Path, name: str) -> Path:
    """Write a file and return where it is."""
    path = folder / name
    path.write_bytes(CASES[name].content())
    return path


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    for each in sys.argv[2:] or CASES:
        print(make(target, each))
