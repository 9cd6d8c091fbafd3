"""Random damage to model files: an estimator or the one documented error, never anything else."""

import copy
import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rnnselect import load, save
from rnnselect.exceptions import ModelFileError

NAMES = sorted(path.stem for path in (Path(__file__).parent / "files" / "version_1").glob("*.rnn*"))
QUICK = settings(
    max_examples=60,
    derandomize=True,  # benchmarks/fuzz/model_files.py looks further
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
FRACTIONS = st.floats(0, 1, exclude_max=True)
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(-2, 9), st.floats(), st.text(max_size=9),
    st.sampled_from(["series", "ragged", "tokens", "lstm", "softmax", "linear", "float64", "U1"]),
)  # fmt: skip
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=4,
)


def places(value, way=()):
    """Yield the way to every value in a JSON document."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        yield (*way, key)
        if isinstance(item, dict | list):
            yield from places(item, (*way, key))


def load_or_refuse(path):
    with suppress(ModelFileError):
        save(load(path), path)  # all of it is there


@pytest.fixture(scope="module")
def originals(parts, tmp_path_factory):
    path = tmp_path_factory.mktemp("originals") / "original"
    return {name: parts(name).write(path).read_bytes() for name in NAMES}


@QUICK
@given(
    name=st.sampled_from(NAMES),
    edits=st.lists(st.tuples(FRACTIONS, FRACTIONS, st.binary(max_size=4)), min_size=1, max_size=3),
)
def test_bytes(originals, tmp_path, name, edits):
    content = originals[name]
    for start, length, replacement in edits:
        first = int(start * len(content))
        last = first + int(length**8 * len(content))
        content = content[:first] + replacement + content[last:]
    path = tmp_path / "mutant"
    path.write_bytes(content)
    load_or_refuse(path)


@QUICK
@given(name=st.sampled_from(NAMES), where=FRACTIONS, what=st.sampled_from("rdi"), value=VALUES)
def test_json(parts, tmp_path, name, where, what, value):
    members = parts(name)
    document = copy.deepcopy(members.estimator)
    ways = list(places(document))
    *way, last = ways[int(where * len(ways))]
    place = document
    for key in way:
        place = place[key]
    if what == "d":
        del place[last]
    elif what == "i" and isinstance(place, list):
        place.insert(last, value)
    else:
        place[last] = value
    members["estimator.json"] = json.dumps(document).encode()
    load_or_refuse(members.write(tmp_path / "mutant"))
