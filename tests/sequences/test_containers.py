"""Every container gives the same numbers as a plain array, or is refused with a remedy."""

import datetime as dt
import time
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pytest

from rnnselect.sequences.containers import row_access
from rnnselect.sequences.validation import read_sequences

NAN = np.nan
ROWS = [np.array([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]]), np.array([[4.0, 40.0]])]
DAY = dt.date(2026, 1, 1)


def values(X, **options):
    """Return all steps of all sequences as lists, NaN where missing."""
    batch = read_sequences(X, **{"missing": "mask", **options})
    return [
        batch.steps[start : start + length].tolist()
        for start, length in zip(batch.starts, batch.lengths, strict=True)
    ]


def frames(make, *orders):
    return [
        make({name: row[:, "ab".index(name)] for name in order})
        for row, order in zip(ROWS, orders, strict=True)
    ]


class RaggedTensor:
    """What is used of tf.RaggedTensor."""

    ragged_rank = 1

    def __init__(self, flat_values, row_splits):
        self.flat_values, self.row_splits = flat_values, row_splits
        self.shape = (len(row_splits) - 1, None)


class Nested(list):
    """What is used of a nested tensor of PyTorch."""

    is_nested = True

    def unbind(self):
        return tuple(self)


class Awkward:
    """What is used of an array of the package awkward."""

    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return self.rows[i]

    def to_list(self):
        return [np.asarray(row).tolist() for row in self.rows]


class Variable:
    """An array-like that answers with masked arrays, and unpacks them, as netCDF4's variables."""

    dtype = np.dtype("int16")  # as packed

    def __init__(self, values):
        self.values = values
        self.shape = values.shape

    def __getitem__(self, index):
        return self.values[index]

    def __array__(self, dtype=None, copy=None):
        return self.values


class Answer:
    """An array-like that can do nothing but answer."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return self.values


def cells(series_of=list):
    return [series_of(row[:, 0]) for row in ROWS]


# --- columns -------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame])
def test_columns_are_matched_by_name(make):
    expected = [row.tolist() for row in ROWS]
    assert values(frames(make, "ab", "ba")) == expected
    assert values(frames(make, "ba", "ab"), columns=("a", "b")) == expected
    assert values(frames(make, "ba", "ab")) == [row[:, ::-1].tolist() for row in ROWS]
    assert read_sequences(frames(make, "ba", "ab")).columns == ("b", "a")


def test_frames_of_several_libraries_are_matched_too():
    X = [frames(pd.DataFrame, "ab", "ab")[0], frames(pl.DataFrame, "ba", "ba")[1]]
    assert values(X) == values(pd.Series(X)) == [row.tolist() for row in ROWS]


def test_columns_that_are_numbers_are_put_in_order():
    X = [pd.DataFrame(row) for row in ROWS]
    assert values([X[0], X[1][[1, 0]]]) == values([X[0][[1, 0]], X[1]]) == values(ROWS)
    assert values([X[0], ROWS[1]]) == values(ROWS)  # no names that could be matched
    assert read_sequences(X).columns is None


AB = frames(pd.DataFrame, "ab", "ab")


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ([AB[0], AB[1][["a"]]], r"X\[1\] has no column 'b', and X\[0\] has"),
        ([AB[0][["a"]], AB[1]], r"X\[0\] has no column 'b', and X\[1\] has"),
        ([AB[0], AB[1].set_axis(["a", "c"], axis=1)], r"X\[1\] has no column 'b'.*to_numpy"),
        ([AB[0], AB[1].set_axis(["a", "a"], axis=1)], r"X\[1\] has several columns of one name"),
        (AB[0].set_axis(["a", "a"], axis=1), "X has several columns of one name"),
        ([AB[0], ROWS[1]], r"X\[1\] has no column names and X\[0\] has 'a', 'b'.*as arrays"),
        ([ROWS[0], AB[1]], r"X\[0\] has no column names and X\[1\] has 'a', 'b'"),
        (pl.LazyFrame({"a": [1.0]}), r"X is a lazy frame \(LazyFrame\).*X\.collect\(\)"),
        (pl.DataFrame({"s": [[1, 2]], "id": [7]}), r"X has the column 'id' beside .* X\[\['s'\]\]"),
        (
            pl.DataFrame({"s": [[1, 2]], "t": [[1, 2, 3]]}),
            r"X\[0\] has cells of the shapes \[\(2,\), \(3,\)\]",
        ),
    ],
)
def test_columns_that_cannot_be_matched_are_refused(X, message):
    with pytest.raises(ValueError, match=message):
        read_sequences(X)


# --- masks ---------------------------------------------------------------------------------------

MASKED = np.ma.masked_equal(np.array([[1.0, 9.0, 3.0], [4.0, 5.0, 6.0]]), 9.0)
OF_MASKED = [[[1.0], [NAN], [3.0]], [[4.0], [5.0], [6.0]]]


@pytest.mark.parametrize(
    "X",
    [
        MASKED,
        MASKED.astype("int16"),
        MASKED.astype("uint64"),
        MASKED.astype(object),
        list(MASKED),
        [[*MASKED[i].reshape(3, 1)] for i in range(2)],
        MASKED[:, :, None],
        Answer(MASKED),
        Answer(MASKED.astype("int32")),
        [Answer(row) for row in MASKED],
        Variable(MASKED),
        Variable(MASKED.astype("int16")),
        pd.DataFrame(
            {i: pd.array(row.filled(-1), "Int64") for i, row in enumerate(MASKED.T)}
        ).where(lambda frame: frame > 0),
    ],
)
def test_what_is_masked_is_missing(X):
    np.testing.assert_equal(values(X), OF_MASKED)
    with pytest.raises(ValueError, match=r"X\[0\] is missing \(NaN\) at time step 1"):
        read_sequences(X)


def test_a_variable_is_unpacked():
    packed = Variable(np.ma.masked_greater(np.array([[0.25, 0.5], [0.75, 9.0]]), 5))
    np.testing.assert_equal(values(packed)[0], [[0.25], [0.5]])


def test_a_mask_that_comes_late_is_seen_on_disk_as_well(monkeypatch):
    monkeypatch.setattr("rnnselect.sequences.lazy.IN_MEMORY_BYTES", 0)
    monkeypatch.setattr("rnnselect.sequences.lazy.BLOCK_BYTES", 1)

    class Late(Variable):
        def __getitem__(self, index):
            block = self.values[index]
            return block if np.ma.is_masked(block) else np.asarray(block)

    X = Late(np.ma.masked_equal(np.arange(12).reshape(4, 3), 10))
    np.testing.assert_equal(values(X)[3], [[9.0], [NAN], [11.0]])


@pytest.mark.parametrize("dtype", ["uint8", "int64", "float32"])
def test_masked_token_ids_are_padding_at_the_end_only(dtype):
    ids = np.ma.masked_equal(np.array([[1, 2, 99], [3, 99, 99]], dtype), 99)
    assert values(ids, tokens=True) == values(list(ids), tokens=True) == [[[1], [2]], [[3]]]
    with pytest.raises(ValueError, match=r"X\[0\] is missing \(NaN\) at time step 0.*padding"):
        read_sequences(ids[:, ::-1], tokens=True)


# --- types ---------------------------------------------------------------------------------------

MIXED = {"a": [1, 2], "b": [True, False], "c": [0.5, None]}
OF_MIXED = [[1.0, 1.0, 0.5], [2.0, 0.0, NAN]]
NUMBERS = {
    "mixed frame": [pd.DataFrame(MIXED)],
    "mixed frame of polars": [pl.DataFrame(MIXED)],
    "frame of nullable types": [
        pd.DataFrame(MIXED).astype({"a": "Int64", "b": "boolean", "c": "Float64"})
    ],
    "frame of objects": [pd.DataFrame(MIXED, dtype=object)],
    "frame of decimals": [pl.DataFrame({**MIXED, "c": [Decimal("0.5"), None]})],
    "frame of categories": [pd.DataFrame(MIXED).astype({"a": "category"})],
    "array of objects": [
        np.array([[1, True, Decimal("0.5")], [np.float32(2), Fraction(0), pd.NA]], object)
    ],
    "lists with None": [[1, True, 0.5], [2, False, None]],
}


@pytest.mark.parametrize("name", NUMBERS)
def test_real_numbers_of_any_type(name):
    X = NUMBERS[name]
    expected = [OF_MIXED] if len(X) == 1 else [[[v] for v in row] for row in OF_MIXED]
    np.testing.assert_equal(values(X), expected)


@pytest.mark.parametrize(
    "X",
    [
        pd.Series(cells(np.asarray)),
        pd.Series(cells()),
        pd.DataFrame({"s": cells(np.asarray)}),
        pd.DataFrame({"s": cells(pd.Series)}),
        pl.Series(cells()),
        pl.DataFrame({"s": cells()}),
        cells(pl.Series),
        RaggedTensor(np.concatenate(cells()), np.array([0, 3, 4])),
        Nested(cells(np.asarray)),
        Awkward(cells()),
    ],
    ids=lambda X: type(X).__name__,
)
def test_sequences_in_cells(X):
    expected = [row[:, :1].tolist() for row in ROWS]
    assert values(X) == expected
    assert read_sequences(X).kind == "ragged"
    whole = [row[:, :1].astype(int).tolist() for row in ROWS]
    assert values(X, tokens=True) == whole
    rows = row_access(X)
    if not isinstance(rows, list):
        assert values(rows.iloc[[1]] if hasattr(rows, "iloc") else rows[[1]]) == expected[1:]


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame])
def test_columns_of_cells_are_channels(make):
    X = make({name: [row[:, i].tolist() for row in ROWS] for i, name in enumerate("ab")})
    assert values(X) == [row.tolist() for row in ROWS]
    assert read_sequences(X).columns == ("a", "b")
    assert values(X[["b", "a"]], columns=("a", "b")) == [row.tolist() for row in ROWS]


def test_cells_of_several_channels():
    X = pl.Series([row.tolist() for row in ROWS])
    assert values(X) == [row.tolist() for row in ROWS]
    fixed = pl.Series([[1, 2], [3, 4]], dtype=pl.Array(pl.Int64, 2))
    assert values(fixed) == [[[1], [2]], [[3], [4]]]


def test_arrow():
    pa = pytest.importorskip("pyarrow")
    expected = [row[:, :1].tolist() for row in ROWS]
    lists = pa.array(cells())
    for X in (
        lists,
        pa.chunked_array([lists]),
        pa.table({"s": lists}),
        [pa.array(c) for c in cells()],
    ):
        assert values(X) == expected
    assert values(row_access(lists)[[1]]) == expected[1:]
    both = [pa.table({"b": row[:, 1], "a": row[:, 0]}) for row in ROWS]
    assert values([both[0], pa.record_batch({"a": ROWS[1][:, 0], "b": ROWS[1][:, 1]})]) == [
        row[:, ::-1].tolist() for row in ROWS
    ]
    with pytest.raises(ValueError, match=r"datetime64.* column 'a'"):
        read_sequences(pa.table({"a": [DAY], "b": [1.0]}))


TIMES = {
    "dates": [DAY],
    "datetimes": [dt.datetime(2026, 1, 1)],
    "durations": [dt.timedelta(1)],
    "times of day": [dt.time(1)],
}


@pytest.mark.parametrize("kind", TIMES)
@pytest.mark.parametrize(
    "make",
    [
        lambda times: pl.DataFrame({"a": times, "b": [1.0]}),
        lambda times: pl.DataFrame({"a": times, "b": times}),
        lambda times: [pl.DataFrame({"a": times, "b": [1.0]})],
        lambda times: [pl.Series(times)],
        lambda times: pd.DataFrame({"a": pl.Series(times).to_numpy(), "b": [1.0]}),
        lambda times: np.array([[*times, 1.0]], object),
        lambda times: [[*times, 1.0]],
    ],
)
def test_times_are_refused(kind, make):
    with pytest.raises(
        ValueError, match=r"sequences hold real numbers. Give the time that has pass"
    ):
        read_sequences(make(TIMES[kind]))


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        (pl.DataFrame({"a": ["x"], "b": [1.0]}), ValueError, "dtype .* column 'a'.*Encode text"),
        (pd.DataFrame({"a": pd.Categorical(["x"]), "b": [1.0]}), ValueError, "'x' in its column"),
        (pl.DataFrame({"a": pl.Series(["x"], dtype=pl.Categorical)}), ValueError, "Encode text"),
        (np.array([["1.5", 2.0]], object), ValueError, "holds '1.5', which is text"),
        (np.array([[1j, 2.0]], object), TypeError, "holds 1j .*sequences hold real"),
        (np.array([[{}, 2.0]], object), TypeError, r"holds \{\} .*Put NaN where"),
        ([np.ones(2), None], ValueError, r"X\[1\] is None"),
        (pl.Series([[1.0], None]), ValueError, r"X\[1\] has no time steps.*drop"),
        ((x for x in ROWS), ValueError, r"generator, which cannot be indexed; give list\(X\)"),
        (RaggedTensor(ROWS[0], [0, 3]), ValueError, "ragged in 2 dimensions"),
    ],
)
def test_what_holds_no_numbers_is_refused(X, error, message):
    if isinstance(X, RaggedTensor):
        X.ragged_rank = 2
    with pytest.raises(error, match=message):
        read_sequences(X)


def test_views_stay_views():
    for X in (np.ones((3, 4)), np.ma.masked_equal(np.ones((3, 4)), 9)):
        assert np.shares_memory(read_sequences(X).steps, X)


def test_tables_of_thousands_of_columns_are_read_in_linear_time():
    wide = pd.DataFrame({f"t{i}": np.ones(3, ["f4", "i8", "?"][i % 3]) for i in range(3000)})
    start = time.perf_counter()
    for X in (wide, pl.DataFrame({name: wide[name].to_numpy() for name in wide})):
        assert read_sequences(X).max_length == 3000
    assert time.perf_counter() - start < 5  # it was minutes where each column asked for the schema


class Tensor:
    """A tensor that takes no array as an index, as TensorFlow's."""

    def __init__(self, values):
        self.values, self.shape = values, values.shape

    def __getitem__(self, index):
        if isinstance(index, np.ndarray | list):
            raise TypeError("Only integers are valid indices")
        return self.values[index]

    def __array__(self, dtype=None, copy=None):
        return self.values


@pytest.mark.parametrize("X", [Tensor(ROWS[0]), Answer(ROWS[0]), np.ma.array(ROWS[0])])
def test_rows_can_be_taken_from_anything(X):
    np.testing.assert_array_equal(row_access(X)[[2, 0]], ROWS[0][[2, 0]])
    assert not isinstance(row_access(X), np.ma.MaskedArray)
    np.testing.assert_array_equal(row_access([np.ma.masked_equal([1, 2], 2)])[0], [1, NAN])
    with pytest.raises(ValueError, match=r"give list\(X\)"):
        row_access(iter(ROWS))
