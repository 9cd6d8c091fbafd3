"""Ways to damage data: texts by lines and fields, arrays by their headers, databases by SQL."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from typing import Any

import numpy as np
from mutations import (
    Random,
    archive_of,
    change_bytes,
    change_document,
    choose,
    members_of,
    truncate,
)

from rnnselect.advice.record import COLUMNS, _checksum

__all__ = ["DATABASE", "DOCUMENT", "NPZ", "PACKED", "PLAIN", "TEXT", "Executed"]

Mutators = dict[str, Callable[[bytes, Random], bytes]]

FIELDS = (
    "", " ", "nan", "-inf", "1e999", "1e-400", "-1", "0", "1_0", "0x1p3", "?", "NA", "null",
    "true", "\0", "\ufeff", "\u00b2", "\u0663", "\u2028", "\x85", "\x1f", "\udcff", '"', '""', "'",
    ";", ",", ":", "|", "\t", "\r", "#", "%", "@data", "@classLabel true", "@classLabel false",
    "@dimensions 0", "@dimensions 99999999999", "@targetLabel true", "@equalLength true",
    "@timestamps true", "a" * 999, "9" * 5000, "999999999999", "2", "t0", "t1", "t00", "id",
    "time", "y", "2024-01-01", "3.5", "=1+1", "1 999999999", "99999999 4", "9" * 5000 + " 3",
    "a 1 2 3", "<script>", "\x1b[2J",
)  # fmt: skip
DESCRIPTIONS = (
    "'<f8'", "'<f4'", "'>i2'", "'|b1'", "'<U9'", "'<U0'", "'<U99999999'", "'|S1'", "'|O'", "'<c16'",
    "'<M8[s]'", "'<m8'", "'|V8'", "'<g'", "''", "3", "None", "[('a', '<f8')]", "[('a', '|O')]",
    "('<f8', (2, 2))", "{}", "'<f8" + "(" * 200, "[" * 900, "(" * 5000,
)  # fmt: skip
SHAPES = (
    "()", "(4,)", "(4, 5)", "(20,)", "(-1,)", "(0, 5)", "(10**12,)", "(99999999999999,)",
    "(2**70,)", "(4, 5, 1)", "(True, 20)", "(4.0,)", "('a',)", "4", "(1,) * 99", f"({'1, ' * 70})",
    "(0, 10**18)",
)  # fmt: skip
SCHEMAS = (
    "CREATE TABLE more (a)", "CREATE VIEW v AS SELECT * FROM races", "DROP TABLE races",
    "CREATE TRIGGER t AFTER INSERT ON races BEGIN DELETE FROM races; END",
    "CREATE INDEX i ON races (verdict)", "ALTER TABLE races ADD COLUMN a", "DELETE FROM races",
    "PRAGMA user_version = 0", "PRAGMA user_version = 99", "PRAGMA application_id = 0",
    "PRAGMA user_version = -1", "UPDATE races SET id = -id", "UPDATE races SET id = id + 1000000",
    "ALTER TABLE races RENAME TO cases", "UPDATE races SET contents = zeroblob(2000000)",
    "PRAGMA writable_schema = 1; UPDATE sqlite_master SET sql = 'CREATE TABLE races (a)'",
    "PRAGMA writable_schema = 1; UPDATE sqlite_master SET rootpage = 9",
    "PRAGMA encoding = 'UTF-16'", "PRAGMA page_size = 512; VACUUM",
)  # fmt: skip
VALUES = (
    None, 0, -1, 1, 2**31, 2**63 - 1, 0.0, -1.0, 1e-320, 1e308, -1e308, float("inf"), 0.5, "", "a",
    "x" * 5000, "gru", "lstm", "\0", "2030-01-02T03:04:05", "9999-12-31T23:59:59+14:00", b"", b"\0",
    b"\xff" * 8, bytes(8) + b"\1" * 8, b"\1" * 4104,
)  # fmt: skip


class Executed(BaseException):
    """A pickle has run; nothing may catch it."""


class _Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return _explode, ()


def _explode() -> None:
    raise Executed


def _lines(content: bytes, random: Random) -> bytes:
    """Delete, repeat, join, exchange or invent lines."""
    lines = content.split(b"\n")
    for _ in range(random.integers(1, 4)):
        first, second = (int(random.integers(len(lines))) for _ in range(2))
        match random.integers(5):
            case 0:
                del lines[first]
            case 1:
                lines.insert(second, lines[first])
            case 2:
                lines[first] += lines[second]
            case 3:
                lines[first], lines[second] = lines[second], lines[first]
            case _:
                lines.insert(first, _field(random))
        lines = lines or [b""]
    return b"\n".join(lines)


def _fields(content: bytes, random: Random) -> bytes:
    """Replace, delete or repeat what stands between separators."""
    pieces = re.split(rb"([,:;|\t\n ])", content)
    for _ in range(random.integers(1, 5)):
        where = int(random.integers(len(pieces)))
        match random.integers(4):
            case 0:
                pieces[where] = b""
            case 1:
                pieces[where] = choose(pieces, random)
            case _:
                pieces[where] = _field(random)
    return b"".join(pieces)


def _field(random: Random) -> bytes:
    return choose(FIELDS, random).encode("utf-8", "surrogateescape")


def _headers(content: bytes, random: Random) -> bytes:
    """Put another header before the values of an array; the archive itself is valid."""
    members = members_of(content)
    name = choose(sorted(members), random)
    description, shape = choose(DESCRIPTIONS, random), choose(SHAPES, random)
    order = choose(("False", "True", "0", "None"), random)
    text = f"{{'descr': {description}, 'fortran_order': {order}, 'shape': {shape}, }}".encode()
    version = choose((b"\1\0", b"\2\0", b"\3\0", b"\x09\0"), random)
    width = 2 if version == b"\1\0" else 4
    length = len(text) if random.random() < 0.9 else int(random.integers(2**16))
    values = members[name][128:]
    members[name] = b"\x93NUMPY" + version + length.to_bytes(width, "little") + text + values
    return archive_of(members, random)


def _arrays(content: bytes, random: Random) -> bytes:
    """Put another array in the place of one, or damage its bytes; the checksums are right."""
    members = members_of(content)
    name = choose(sorted(members), random)
    if random.random() < 0.4:
        members[name] = change_bytes(members[name], random)
    else:
        array = choose(
            (np.array(3.0), np.arange(20), np.full((4, 5), np.nan), np.array([["a"] * 5] * 4),
             np.array([_Bomb()], dtype=object), np.zeros((4, 5), "M8[s]"), np.zeros((0, 3)),
             np.zeros((4, 5), [("a", "f8")]), np.zeros((4, 5), complex),
             np.asfortranarray([[1.0]])),
            random,
        )  # fmt: skip
        buffer = io.BytesIO()
        np.save(buffer, array)
        members[name] = buffer.getvalue()
    return archive_of(members, random)


def _names(content: bytes, random: Random) -> bytes:
    """Rename, drop or add members."""
    members = members_of(content)
    name = choose(sorted(members), random)
    new = choose(
        ("X", "X.npy", "y.npy", "../X.npy", "/X.npy", "x" * 999, "\1\n.npy", "\x1b"), random
    )
    member = members[name] if random.random() < 0.5 else members.pop(name)
    members[new] = member if random.random() < 0.8 else pickle.dumps(_Bomb())
    return archive_of(members, random)


def _rows(content: bytes, random: Random) -> bytes:
    """Change values of a race, mostly with the checksum that belongs to them."""
    with _database(content) as connection:
        (row,) = connection.execute("SELECT * FROM races ORDER BY random() LIMIT 1").fetchall()
        number, *values = row
        for _ in range(random.integers(1, 4)):
            column = int(random.integers(len(values)))
            old = values[column]
            values[column] = choose(VALUES, random)
            if isinstance(old, float | int) and random.random() < 0.5:
                values[column] = old * choose((-1, 0, 2, 1000, 10**6), random)
        if random.random() < 0.8:
            values[-1] = _checksum(values[:-1])
        changes = ", ".join(f"{name} = ?" for name in COLUMNS)
        with suppress(sqlite3.Error, OverflowError):
            connection.execute(f"UPDATE races SET {changes} WHERE id = ?", (*values, number))
        return connection.serialize()


def _schema(content: bytes, random: Random) -> bytes:
    with _database(content) as connection:
        with suppress(sqlite3.Error):
            connection.executescript(choose(SCHEMAS, random))
        return connection.serialize()


def _database(content: bytes) -> closing[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.deserialize(content)
    return closing(connection)


def _pages(content: bytes, random: Random) -> bytes:
    """Change few bytes where a database keeps its structure: at the beginning of pages."""
    data = bytearray(content)
    for _ in range(random.integers(1, 6)):
        page = 4096 * int(random.integers(len(data) // 4096))
        data[page + int(random.integers(120))] = int(random.choice([0, 1, 2, 5, 13, 127, 255]))
    return bytes(data)


def _document(content: bytes, random: Random) -> bytes:
    return json.dumps(change_document(json.loads(content), random)).encode()


def _within(change: Callable[[bytes, Random], bytes]) -> Callable[[bytes, Random], bytes]:
    """Return the same damage to what is compressed."""
    return lambda content, random: gzip.compress(change(gzip.decompress(content), random), 1)


PLAIN: Mutators = {"bytes": change_bytes, "truncated": truncate}
TEXT: Mutators = {**PLAIN, "lines": _lines, "fields": _fields}
PACKED: Mutators = {**PLAIN, **{name: _within(change) for name, change in TEXT.items()}}
NPZ: Mutators = {**PLAIN, "headers": _headers, "arrays": _arrays, "members": _names}
DATABASE: Mutators = {**PLAIN, "pages": _pages, "rows": _rows, "schema": _schema}
DOCUMENT: Mutators = {**PLAIN, "values": _document}
