"""Malformed tables, collections, texts and files: said by name, with a value and a remedy.

The tables have the columns: what is wrong, the call, the error, and what its text must hold of the
argument, of its value and of the remedy. Nothing here needs Keras, which `refuse` makes sure of.
"""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.sparse import csr_array
from sklearn.exceptions import NotFittedError

from rnnselect import (
    SequenceScaler,
    SequenceTokenizer,
    load_word_vectors,
    sequences_from_collection,
    sequences_from_frame,
    sequences_from_wide_frame,
)
from rnnselect.datasets import load_ts

VISITS = pd.DataFrame(
    {
        "id": [1, 1, 2, 2],
        "day": [0, 1, 0, 1],
        "pulse": [70.0, 71.0, 80.0, 82.0],
        "ill": [0, 0, 1, 1],
        "ward": list("abca"),
    }
)
WIDE = pd.DataFrame({"t0": [1.0, 2.0], "t1": [3.0, 4.0], "u0": [5.0, 6.0], "kind": ["a", "b"]})
PANEL = np.random.default_rng(0).normal(size=(5, 6, 2))


def visits(changed=None, *, by="id", **arguments):
    sequences_from_frame(VISITS.assign(**(changed or {})), by=by, **arguments)


def wide(changed=None, **arguments):
    sequences_from_wide_frame(WIDE.assign(**(changed or {})), **arguments)


def indexed(*index):
    levels = pd.MultiIndex.from_tuples(index)
    sequences_from_collection(pd.DataFrame({"pulse": [1.0, 2.0]}, index=levels))


def nested(**columns):
    cells = {name: [pd.Series(series) for series in column] for name, column in columns.items()}
    sequences_from_collection(pd.DataFrame(cells))


# fmt: off
TABLES = {
    "no frame": (lambda: sequences_from_frame(None, by="id"), TypeError,
        "^df", "NoneType", "give a pandas or polars frame"),
    "dict": (lambda: sequences_from_frame({"id": [1]}, by="id"), TypeError,
        "^df", "type dict", r"pandas\.DataFrame\(df\)"),
    "array": (lambda: sequences_from_frame(PANEL, by="id"), TypeError,
        "^df", "ndarray", r"pandas\.DataFrame\(df\)"),
    "column": (lambda: sequences_from_frame(VISITS["id"], by="id"), TypeError,
        "^df", "Series", "give a pandas or polars frame"),
    "empty": (lambda: sequences_from_frame(VISITS[:0], by="id"), ValueError,
        "^df", r"\(0, 5\)", "at least one row"),
    "no columns": (lambda: sequences_from_frame(pd.DataFrame(index=[0]), by="id"), ValueError,
        "^df", r"\(1, 0\)", "one column"),
    "names that are not text": (lambda: sequences_from_frame(VISITS.rename(columns={"id": 0}),
        by=0), ValueError, "^df", "column 0", r"df\.columns = "),
    "two columns of one name": (lambda: sequences_from_frame(VISITS[["id", "id"]], by="id"),
        ValueError, "^df", "'id' 2 times", "rename"),
    "id in the index": (lambda: sequences_from_frame(VISITS.set_index("id"), by="id"), ValueError,
        "^by", "'id'", r"df\.reset_index\(\)"),
    "no such id": (lambda: visits(by="ID"), ValueError, "^by", "'ID'", "it has 'id', 'day'"),
    "id None": (lambda: visits(by=None), ValueError, "^by", "None", "it has 'id', 'day'"),
    "no id": (lambda: visits(by=[]), ValueError, "^by", r"\[\]", "at least one column"),
    "id twice": (lambda: visits(by=["id", "id"]), ValueError,
        "^by", r"\['id', 'id'\]", "none of them twice"),
    "missing id": (lambda: visits({"id": [1, None, 2, 2]}), ValueError,
        "^by", r"1 row\(s\) of df, first in row 1", "fill or drop"),
    "missing id, polars": (lambda: sequences_from_frame(
        pl.DataFrame({"id": [1, None], "pulse": [1.0, 2.0]}), by="id"), ValueError,
        "^by", r"1 row\(s\) of df, first in row 1", "fill or drop"),
    "lists as ids": (lambda: visits({"id": [[1], [1], [2], [2]]}), ValueError,
        "^by", r"\['id'\].*unhashable", "numbers, text or times"),
    "no such time": (lambda: visits(order="hour"), ValueError, "^order", "'hour'", "it has 'id'"),
    "times as text": (lambda: visits(order="ward"), ValueError,
        "^order", "'ward' holds times as text", "time_format="),
    "missing time": (lambda: visits({"day": [0, None, 0, 1]}, order="day"), ValueError,
        "^order", "first in row 1", "fill or drop"),
    "time twice": (lambda: visits({"day": [3, 3, 0, 1]}, order="day"), ValueError,
        "^order", "value 3 more than once in the sequence 1", "drop or merge"),
    "times of two types": (lambda: visits({"day": [0, "a", 0, 1]}, order="day"), ValueError,
        "^order", "int, str", "convert them to one type"),
    "no such channel": (lambda: visits(values=["x"]), ValueError, "^values", "'x'", "it has 'id'"),
    "no channel": (lambda: visits(values=[]), ValueError, "^values", r"\[\]", "at least one"),
    "text as channel": (lambda: visits(values=["ward"]), ValueError,
        "^values", "'ward' of type String", "OneHotEncoder"),
    "date as channel": (lambda: visits({"at": pd.Timestamp("2020-01-01")}, values=["at"]),
        ValueError, "^values", "'at' of type Datetime", "time that has passed"),
    "objects as channel": (lambda: visits({"o": [{}, [], 3, None]}, values=["o"]), ValueError,
        "^values", "'o' of type Object", "convert it to numbers"),
    "target as channel": (lambda: visits(values=["pulse", "ill"], target="ill"), ValueError,
        "^values", "'ill'", "take it out"),
    "changing target": (lambda: visits({"ill": [0, 1, 1, 1]}, target="ill"), ValueError,
        "^target", "both 0 and 1 in the sequence 1", "step_target"),
    "missing target": (lambda: visits({"ill": [0, None, 1, 1]}, target="ill"), ValueError,
        "^target", "first in row 1", "fill or drop"),
    "two targets": (lambda: visits(target="ill", step_target="ward"), ValueError,
        "^target", "'ill' and step_target='ward'", "only one of them"),
    "wide, nothing named": (lambda: wide(), ValueError,
        "^prefix", "None and values=None", "give one of them"),
    "wide, no such prefix": (lambda: wide(prefix="x"), ValueError,
        "^prefix", "'x0', 'x1'", "it has 't0'"),
    "wide, number as prefix": (lambda: wide(prefix=3), ValueError,
        "^prefix", "=3:", "give at least one text"),
    "wide, prefix twice": (lambda: wide(prefix=["t", "t"]), ValueError,
        "^prefix", r"\['t', 't'\]", "none of them twice"),
    "wide, unequal channels": (lambda: wide(prefix=["t", "u"]), ValueError,
        "^prefix", "time step 1", "filled with NaN"),
    "wide, text among numbers": (lambda: wide({"t1": ["a", "b"]}, prefix="t"), ValueError,
        "^values", "'t1' of type String", "OneHotEncoder"),
    "wide, row without values": (lambda: wide({"t0": [1, None], "t1": [1, None]}, prefix="t"),
        ValueError, "of df", "^row 1", "drop such rows"),
    "wide, missing target": (lambda: wide({"kind": ["a", None]}, prefix="t", target="kind"),
        ValueError, "^target", "first in row 1", "fill or drop"),
    "collection None": (lambda: sequences_from_collection(None), TypeError,
        "^collection", "NoneType", "give an array"),
    "collection of nothing": (lambda: sequences_from_collection([]), ValueError,
        "^collection", r"0 sample\(s\)", "at least one series"),
    "collection of numbers": (lambda: sequences_from_collection(np.ones(5)), ValueError,
        r"^collection\[0\]", r"0 dimension\(s\)", "give an array"),
    "collection of objects": (lambda: sequences_from_collection([object()]), ValueError,
        r"^collection\[0\]", "dtype object", "sequences hold real numbers"),
    "collection of texts": (lambda: sequences_from_collection(["a", "b"]), ValueError,
        r"^collection\[0\]", "dtype <U1", "Encode text and categories"),
    "collection of mixed channels": (lambda: sequences_from_collection(
        [np.ones((2, 5)), np.ones((3, 5))]), ValueError,
        r"^collection\[1\]", r"3 channel\(s\)", "the same channels"),
    "frames without names": (lambda: sequences_from_collection([pd.DataFrame(np.ones((2, 3)))]),
        ValueError, r"^collection\[0\]", "not named", "channels_first=False for sktime"),
    "channels somewhere": (lambda: sequences_from_collection(PANEL, channels_first="last"),
        ValueError, "^channels_first", "'last'", "must be True, False or None"),
    "flat frame": (lambda: sequences_from_collection(WIDE), ValueError,
        "^collection", "type DataFrame", "sequences_from_frame"),
    "nested, unequal": (lambda: nested(a=[[1.0, 2.0]], b=[[1.0]]), ValueError,
        "of collection", "^row 0, column 1 .* has 1 time steps", "fill with NaN"),
    "indexed, time twice": (lambda: indexed((0, 5), (0, 5)), ValueError,
        "second level of the index", "value 5 more than once", "drop or merge"),
    "indexed, missing time": (lambda: indexed((0, 0), (0, None)), ValueError,
        "second level of the index", "first in row 1", "fill or drop"),
}

GOOD = ["a good film", "a bad film"]
TEXTS = {
    "one text": (lambda: SequenceTokenizer().fit("a film"), ValueError,
        "raw text documents", "string object", r"a list of it: \[X\]"),
    "None": (lambda: SequenceTokenizer().fit(None), ValueError, "^X", "NoneType", "give a list"),
    "numbers": (lambda: SequenceTokenizer().fit([1, 2]), ValueError,
        r"^X\[0\]", "=1 is of type int", "into str"),
    "None among texts": (lambda: SequenceTokenizer().fit(["a", None]), ValueError,
        r"^X\[1\]", "NoneType", "drop missing values"),
    "bytes": (lambda: SequenceTokenizer().fit([b"a"]), ValueError, r"^X\[0\]", "b'a'", "decode"),
    "lists of words": (lambda: SequenceTokenizer().fit([["a"]]), ValueError,
        r"^X\[0\]", "type list", "into str"),
    "frame": (lambda: SequenceTokenizer().fit(WIDE[["kind"]]), ValueError,
        "^X", r"DataFrame and shape \(2, 1\)", "one column"),
    "no texts": (lambda: SequenceTokenizer().fit([]), ValueError,
        "^X", r"0 sample\(s\)", "at least one document"),
    "texts without tokens": (lambda: SequenceTokenizer().fit(["?!", "..."]), ValueError,
        "^X", "no token", "give other documents or another pattern"),
    "no expression": (lambda: SequenceTokenizer(token_pattern="(").fit(GOOD), ValueError,
        "^token_pattern", r"'\('", "unterminated"),
    "two groups": (lambda: SequenceTokenizer(token_pattern="(a)(b)").fit(GOOD), ValueError,
        "^token_pattern", r"'\(a\)\(b\)'", "Only a single group"),
    "analyzer without a list": (lambda: SequenceTokenizer(analyzer=len).fit(GOOD), ValueError,
        "^analyzer", "makes 11", "must return a list of str"),
    "analyzer of numbers": (lambda: SequenceTokenizer(analyzer=lambda text: [1]).fit(GOOD),
        ValueError, "^analyzer", r"makes \[1\]", r"analyzer=str\.split"),
    "too rare": (lambda: SequenceTokenizer(min_df=9).fit(GOOD), ValueError,
        "^min_df", "=9", "lower min_df"),
    "no room for words": (lambda: SequenceTokenizer(max_tokens=2).fit(GOOD), ValueError,
        "'max_tokens'", "Got 2", r"range \[3, inf\)"),
    "vocabulary of nothing": (lambda: SequenceTokenizer(vocabulary=[]).fit(GOOD), ValueError,
        "^vocabulary", "empty", "at least one word"),
    "vocabulary of numbers": (lambda: SequenceTokenizer(vocabulary=[3]).fit(GOOD), ValueError,
        "^vocabulary", "=3 is of type int", "words are str"),
    "word twice": (lambda: SequenceTokenizer(vocabulary=["a", "a"]).fit(GOOD), ValueError,
        "^vocabulary", "'a' 2 times", "every word once"),
    "tokenizer not fitted": (lambda: SequenceTokenizer().transform(GOOD), NotFittedError,
        "SequenceTokenizer", "not fitted", "Call 'fit'"),
    "ids of another": (lambda: SequenceTokenizer().fit(GOOD).inverse_transform([[99]]), ValueError,
        "^X", "token id 99", "ids that this tokenizer has made"),
    "scaler, tokens": (lambda: SequenceScaler().fit([[4, 9], [7]]), ValueError,
        "^X", "whole numbers", "set embedding_dim"),
    "scaler, texts": (lambda: SequenceScaler().fit(np.full((3, 4), "a")), ValueError,
        "^X", "dtype <U1", "Encode text"),
    "scaler, sparse": (lambda: SequenceScaler().fit(csr_array(np.eye(3))), ValueError,
        "^X", "csr_array", r"X\.toarray\(\)"),
    "scaler, infinity": (lambda: SequenceScaler().fit([[1.0, np.inf]]), ValueError,
        r"^X\[0\]", "infinity", "clip or remove"),
    "scaler, channel of nothing": (lambda: SequenceScaler().fit(PANEL * [1, np.nan]), ValueError,
        "^X", "channel 1", "drop the channel"),
    "scaler, other channels": (lambda: SequenceScaler().fit(PANEL).transform(PANEL[:, :, :1]),
        ValueError, "^X", r"1 channel\(s\)", r"expecting 2 channel\(s\)"),
}
# fmt: on


@pytest.mark.parametrize("name", TABLES)
def test_tables_and_collections(refuse, name):
    refuse(*TABLES[name])


@pytest.mark.parametrize("name", TEXTS)
def test_texts_and_scales(refuse, name):
    refuse(*TEXTS[name])


# --- files ---------------------------------------------------------------------------------------

HEADER = "@problemName Two\n@classLabel true a b\n@data\n"
# Columns: what is wrong, the reader, what the file holds, argument (and place), value, remedy.
# fmt: off
FILES = {
    "ts, nothing": (load_ts, "", "file.ts", "no line '@data'", "complete"),
    "ts, no series": (load_ts, HEADER, "file.ts", "no series after @data", "complete"),
    "ts, another format": (load_ts, "1,2,3\n", "line 1", "'1,2,3'", "is this a .ts file"),
    "ts, unknown label": (load_ts, HEADER + "1,2:c\n", "line 4", "label 'c'", "correct one"),
    "ts, no number": (load_ts, HEADER + "1,x:a\n", "line 4", "'1,x'", "such as '1.5,"),
    "ts, no channel": (load_ts, HEADER + "a\n", "line 4", "'a' has no channel", "by a colon"),
    "ts, other channels": (load_ts, HEADER + "1,2:3,4:a\n1,2:a\n", "line 5", r"1 channel\(s\)",
        "the same channels"),
    "ts, unequal channels": (load_ts, HEADER + "1,2:3:a\n", "line 4", r"\[2, 1\] time steps",
        "fill with '\\?'"),
    "ts, unequal series": (load_ts, "@equalLength true\n" + HEADER + "1,2:a\n1:a\n", "line 6",
        "1 time steps", "'@equalLength false'"),
    "ts, time stamps": (load_ts, "@timestamps true\n", "line 1", "'@timestamps true'",
        "plain values"),
    "ts, no dimension": (load_ts, "@dimensions 0\n", "line 1", "'@dimensions 0'", "whole number"),
    "ts, neither nor": (load_ts, "@data\n1,2\n", "line 1", "neither '@classLabel'", "add e.g."),
    "ts, target is not a number": (load_ts, "@targetLabel true\n@data\n1:a\n", "line 3",
        "target 'a'", "'@targetLabel true' says"),
    "vectors, nothing": (load_word_vectors, "", "^path", "''", "give a file"),
    "vectors, no number": (load_word_vectors, "a 1 x\n", "line 1", "'x'", "mend or remove"),
    "vectors, unequal": (load_word_vectors, "a 1 2\nb 1\n", "line 2", r"1 value\(s\)",
        "mend or remove"),
    "vectors, infinity": (load_word_vectors, "a inf\n", "line 1", "not finite", "mend or remove"),
    "vectors, word twice": (load_word_vectors, "a 1\na 2\n", "line 2", "'a' is already in line 1",
        "remove one"),
    "vectors, cut short": (load_word_vectors, "3 1\na 1\n", "^path", r"1 word\(s\).* says 3",
        "fetch it again"),
}
PATHS = {
    "ts, None": (lambda: load_ts(None), ValueError, "'path'", "None", "instance of 'str'"),
    "ts, number": (lambda: load_ts(0), ValueError, "'path'", "Got 0", "instance of 'str'"),
    "ts, no file": (lambda: load_ts("no such.ts"), OSError, "no such.ts", "No such file", ""),
    "vectors, None": (lambda: load_word_vectors(None), ValueError,
        "'path'", "None", "instance of 'str'"),
    "vectors, no file": (lambda: load_word_vectors("no such.txt"), OSError,
        "^path", "'no such.txt'", "give a word2vec or GloVe"),
    "vectors, no room": (lambda: load_word_vectors("x", max_tokens=2), ValueError,
        "'max_tokens'", "Got 2", r"range \[3, inf\)"),
}
# fmt: on


@pytest.mark.parametrize("name", FILES)
def test_files(refuse, tmp_path, name):
    read, text, *expected = FILES[name]
    path = tmp_path / "file.ts"
    path.write_text(text)
    refuse(lambda: read(path), ValueError, *expected)


@pytest.mark.parametrize("name", PATHS)
def test_paths(refuse, name):
    refuse(*PATHS[name])
