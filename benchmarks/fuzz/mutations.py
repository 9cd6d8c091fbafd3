"""Ways to damage a file: its bytes, what its JSON says; of a model file its members and arrays."""

from __future__ import annotations

import copy
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

__all__ = [
    "Random", "archive_of", "change_bytes", "change_document", "choose", "members_of",
    "mutate", "truncate",
]  # fmt: skip

Members = dict[str, bytes]
Random = np.random.Generator

INTERESTING_BYTES = (
    b"\0", b"\xff", b"\xff\xff\xff\xff", b"PK\1\2", b"PK\3\4", b"PK\5\6", b"PK\6\7", b"\x80\4",
    b"[", b"{", b'"', b"\\u", b"1e999", b"NaN", b"\x93NUMPY", b"|O", b"../", b"\n",
)  # fmt: skip
INTERESTING_VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 3, 7, 8, 255, 2**31, 2**63, 10**30, 0.0, -0.0, 1e-320, 0.5,
    1e308, "", "a", "\0", "\ud800", "../x", "U1", "U99999999", "O", "float32", "float64", "int64",
    "object", "gru", "lstm", "softmax", "sigmoid", "linear", "series", "panel", "ragged", "tokens",
    "Pipeline", "RNNClassifier", "RNNRegressor", "SequenceScaler", "SequenceTokenizer",
    "passthrough", "keras", "compiled", "adam", "sgd", "(a+)+$", "(", "[" * 50, "mask", [], [[]],
    [0], [1, 2], [8, 4], {},
    {"tuple": []}, {"dict": [[1, 2]]}, {"float": "nan"}, {"class": "SGD", "config": {}},
    {"array": 0, "dtype": "float32", "shape": [2]}, {"kind": "Pipeline"},
)  # fmt: skip
INTERESTING_FLOATS = (np.nan, np.inf, -np.inf, 0.0, -1.0, 1e38, 1e-45)


def mutate(content: bytes, random: Random) -> tuple[str, bytes]:
    """Return the name of a kind of damage, and the damaged file."""
    kind = str(random.choice([*MUTATORS, "JSON values", "JSON values"]))  # where most checks are
    return kind, MUTATORS[kind](content, random)


def change_bytes(content: bytes, random: Random) -> bytes:
    """Overwrite, delete, insert or repeat a few pieces, as if nothing was known of the format."""
    data = bytearray(content)
    for _ in range(random.integers(1, 5)):
        where = int(random.integers(len(data) + 1))
        length = int(random.choice([1, 2, 4, 16, 200]))
        match random.integers(5):
            case 0:
                data[where : where + 1] = random.bytes(1)
            case 1:
                piece = choose(INTERESTING_BYTES, random)
                data[where : where + len(piece)] = piece
            case 2:
                del data[where : where + length]
            case 3:
                data[where:where] = data[where : where + length]
            case _:
                data[where:where] = random.bytes(length)
    return bytes(data)


def _end(content: bytes, random: Random) -> bytes:
    """Change the directory of the archive, where sizes and offsets are."""
    directory = content.find(b"PK\1\2")
    tail = change_bytes(content[directory:], random)
    return content[:directory] + tail


def truncate(content: bytes, random: Random) -> bytes:
    return content[: random.integers(len(content))]


def _json(content: bytes, random: Random) -> bytes:
    """Change values in a JSON document; the archive itself is valid."""
    members = members_of(content)
    name = "estimator.json" if random.random() < 0.95 else choose(sorted(members)[-2:], random)
    document = change_document(json.loads(members[name]), random)
    members[name] = json.dumps(document).encode()
    return archive_of(members, random)


def change_document(document: Any, random: Random) -> Any:
    """Replace, delete or move values in a JSON document, in place."""
    for _ in range(random.integers(1, 4)):
        ways = list(_places(document))
        if not ways:
            break
        place, last = choose(ways, random)
        match random.integers(6):
            case 0:
                del place[last]
            case 1:
                place[last] = copy.deepcopy(choose([p[k] for p, k in ways], random))
            case 2 if isinstance(place, list):
                place.insert(last, _value(random))
            case 3 if isinstance(place, dict):
                place[str(choose(INTERESTING_VALUES, random))[:9]] = place[last]
            case 4 if isinstance(place[last], int | float):
                place[last] = place[last] + choose((-1, 1, 0.5, 2**31), random)
            case _:
                place[last] = _value(random)
    return document


def _text(content: bytes, random: Random) -> bytes:
    """Damage the text of a JSON document; the archive itself is valid."""
    members = members_of(content)
    name = choose([name for name in members if name.endswith(".json")], random)
    members[name] = change_bytes(members[name], random)
    return archive_of(members, random)


def _array(content: bytes, random: Random) -> bytes:
    """Damage an array, or put another one in its place; the checksums are right."""
    members = members_of(content)
    name = choose([name for name in members if name.endswith(".npy")], random)
    if random.random() < 0.5:
        members[name] = change_bytes(members[name], random)
    else:
        array = np.load(io.BytesIO(members[name]))
        if array.dtype.kind == "f" and array.size:
            array.flat[random.integers(array.size)] = choose(INTERESTING_FLOATS, random)
        buffer = io.BytesIO()
        np.save(buffer, array.astype(choose(["f2", "f4", "f8", ">f4", "i8", "U3"], random)))
        members[name] = buffer.getvalue()
    return archive_of(members, random)


def _names(content: bytes, random: Random) -> bytes:
    """Rename, drop, add or swap members."""
    members = members_of(content)
    first, second = choose(sorted(members), random), choose(sorted(members), random)
    match random.integers(4):
        case 0:
            names = ("../x", "/x", "arrays/x.npy", "arrays/0.npy", "x" * 300, "\1", "ü")
            members[choose(names, random)] = members.pop(first)
        case 1:
            del members[first]
        case 2:
            members[f"arrays/{random.integers(5000)}.npy"] = members[first]
        case _:
            members[first], members[second] = members[second], members[first]
    return archive_of(members, random)


MUTATORS: dict[str, Callable[[bytes, Random], bytes]] = {
    "bytes": change_bytes,
    "directory": _end,
    "truncated": truncate,
    "JSON values": _json,
    "JSON text": _text,
    "arrays": _array,
    "members": _names,
}


def choose(options: Any, random: Random) -> Any:
    return options[int(random.integers(len(options)))]


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in list(items):
            yield value, key
            yield from _places(item)


def members_of(content: bytes) -> Members:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def archive_of(members: Members, random: Random) -> bytes:
    compression = zipfile.ZIP_DEFLATED if random.random() < 0.02 else zipfile.ZIP_STORED
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _value(random: Random) -> Any:
    return copy.deepcopy(choose(INTERESTING_VALUES, random))
