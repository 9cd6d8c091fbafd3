import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from rnnselect.sequences import fingerprint as module
from rnnselect.sequences.fingerprint import SKETCH_SIZE, Fingerprint, fingerprint, overlaps
from rnnselect.sequences.validation import read_sequences


def of(X, **kwargs):
    return fingerprint(read_sequences(X, **kwargs))


def overlap(first, second):
    return bool(overlaps([first, second])[0, 1])


def panel(n=900, n_timesteps=12, n_channels=2, seed=0):
    return np.random.default_rng(seed).normal(size=(n, n_timesteps, n_channels)).astype("float32")


def ragged(n=900, seed=0):
    lengths = np.random.default_rng(seed).integers(5, 13, size=n)
    return [x[:length] for x, length in zip(panel(n, seed=seed), lengths, strict=True)]


def padded(sequences, n_timesteps):
    block = np.full((len(sequences), n_timesteps, 2), np.nan)
    for row, x in zip(block, sequences, strict=True):
        row[: len(x)] = x
    return block


def tokens(n=900, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.zipf(1.4, size=length).clip(max=3000) for length in rng.integers(8, 40, size=n)]


@pytest.mark.parametrize(
    ("first", "second", "kwargs"),
    [
        (panel(), panel()[::-1], {}),
        (panel(), panel().astype("float64"), {}),
        (panel(), list(panel()), {}),
        (panel(n_channels=1), panel(n_channels=1)[:, :, 0], {}),
        (padded(ragged(), 12), ragged(), {}),
        (padded(ragged(), 30), padded(ragged(), 12), {}),
        (panel(), np.concatenate([panel(), panel()[:100]]), {}),
        (np.zeros((3, 4)), -np.zeros((3, 4)), {}),
        (tokens(), tokens()[::-1], {"tokens": True}),
        ([[1, 2, 3], [2, 2]], np.array([[1, 2, 3, 0], [2, 2, 0, 0]]), {"tokens": True}),
    ],
    ids=[
        "order", "precision", "list", "one channel", "padding", "more padding", "copies",
        "minus zero", "tokens", "token padding",
    ],
)  # fmt: skip
def test_neither_order_nor_form_matters(first, second, kwargs):
    found = [of(X, **kwargs) for X in (first, second)]

    assert np.array_equal(found[0].contents, found[1].contents)
    if getattr(second, "ndim", 3) != 2 or kwargs:  # the shapes of 2-D arrays are of their own kind
        assert np.array_equal(found[0].shapes, found[1].shapes)
    assert overlap(*found)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (np.ones((1, 3)), np.ones((1, 4))),
        ([np.array([1.0, 0.0])], [np.array([1.0])]),  # a zero is not padding
        (np.ones((1, 4, 1)), np.ones((1, 2, 2))),
        (np.ones((1, 3)), np.ones((1, 3)) + 1e-6),
    ],
)
def test_other_contents(first, second):
    assert not np.array_equal(of(first).contents, of(second).contents)


def test_missing_values_are_one_value():
    X = panel(4)
    X[:, 3] = np.nan
    other = X.copy()
    other.view(np.uint32)[:, 3] = 0xFFC00001  # a NaN as well, with other bits

    assert np.array_equal(of(X, missing="mask").contents, of(other, missing="mask").contents)


@pytest.mark.parametrize("kind", ["panel", "padded", "ragged", "tokens"])
@pytest.mark.parametrize(
    ("share", "expected"), [(1.0, True), (0.9, True), (0.5, True), (0.1, True), (0.0, False)]
)
def test_parts_of_one_data_set(kind, share, expected):
    n = 900
    X = {
        "panel": lambda: panel(2 * n),
        "padded": lambda: padded(ragged(2 * n), 12),
        "ragged": lambda: ragged(2 * n),
        "tokens": lambda: tokens(2 * n),
    }[kind]()
    start = int(n * (1 - share))
    found = [of(part, tokens=kind == "tokens") for part in (X[:n], X[start : start + n])]

    assert overlap(*found) is expected


def test_a_part_of_a_third_of_the_size():
    X = panel(3000)

    assert overlap(of(X), of(X[1200:2200]))
    assert not overlap(of(X[:2000]), of(X[2000:]))


@pytest.mark.parametrize("n_folds", [3, 5, 10])
@pytest.mark.parametrize("scale", ["standard", "to [0, 1]"])
def test_training_parts_of_a_nested_cross_validation_that_a_pipeline_scales(n_folds, scale):
    X = np.cumsum(panel(1500), axis=1) * [1.0, 50.0] + [300.0, 0.0]
    folds = np.random.default_rng(1).permutation(len(X)) % n_folds
    parts = []
    for fold in range(2):
        part = X[folds != fold]
        centre, width = part.mean(axis=(0, 1)), part.std(axis=(0, 1))
        if scale == "to [0, 1]":
            centre, width = part.min(axis=(0, 1)), np.ptp(part, axis=(0, 1))
        parts.append(of((part - centre) / width))

    if scale == "standard":  # two folds may have the same extremes
        assert not set(parts[0].contents) & set(parts[1].contents)
    assert overlap(*parts)
    assert not overlap(parts[0], of(np.cumsum(panel(1500, seed=2), axis=1)))


def walks(seed):
    return np.cumsum(panel(900, 30, 1, seed)[:, :, 0], axis=1)


def waves(seed):
    rng = np.random.default_rng(seed)
    time, phase = np.linspace(0, 9, 60), rng.uniform(0, 6, (900, 1))
    noise = 0.05 * rng.normal(size=(900, 60))
    return np.sin(time * rng.uniform(0.5, 1.5, (900, 1)) + phase) + noise


DIGITS = load_digits().data


def digits(seed):
    return DIGITS[900 * seed : 900 * seed + 897]


@pytest.mark.parametrize("n_folds", [3, 5, 10])
@pytest.mark.parametrize("make", [walks, waves, digits])
@pytest.mark.parametrize("scaler", [StandardScaler, MinMaxScaler])
def test_training_parts_whose_time_steps_are_scaled_each_on_its_own(n_folds, make, scaler):
    """As scikit-learn's scalers do it with the columns of a 2-D array."""
    X, other = make(0), make(1)
    folds = np.random.default_rng(1).permutation(len(X)) % n_folds
    parts = [of(scaler().fit_transform(X[folds != fold])) for fold in range(2)]

    assert overlap(*parts)
    assert not overlap(parts[0], of(scaler().fit_transform(other)))


def test_series_with_missing_values_are_scaled_as_well():
    X = walks(0)
    X[::7, 3] = X[:, 11] = np.nan
    X[:, 5] = 2.0
    centred = X - np.nanmean(X[:, :11], axis=1).mean()
    found, other = (of(each, missing="mask") for each in (X[:600], 10 * centred[300:]))

    assert found.shapes.size == SKETCH_SIZE
    assert overlap(found, other)


def test_training_parts_whose_tokens_are_numbered_anew():
    documents = tokens()
    numbers = [0, *(1 + np.random.default_rng(3).permutation(3000))]
    anew = [np.array([numbers[token] for token in row]) for row in documents]
    found, other = of(documents, tokens=True), of(anew, tokens=True)

    assert not set(found.contents) & set(other.contents)
    assert overlap(found, other)
    assert not overlap(found, of(tokens(seed=5), tokens=True))


def test_keys_stand_for_the_contents():
    texts = [f"text number {k}".encode() for k in range(300)]
    short = read_sequences([[1, 2]] * 300, tokens=True)
    renumbered = read_sequences([[2, 1]] * 300, tokens=True)

    assert overlap(fingerprint(short, texts), fingerprint(renumbered, texts[::-1]))
    assert not overlap(fingerprint(short, texts[:100]), fingerprint(short, texts[100:]))


def test_sequences_that_occur_everywhere_make_no_overlap():
    idle = np.zeros((200, 12, 2), "float32")
    first, second = (np.concatenate([idle, panel(300, seed=seed)]) for seed in (1, 2))
    first[0] = second[0] = 1.0

    assert not overlap(of(first), of(second))


def test_short_series_whose_shapes_say_nothing():
    """Four values rise and fall in few ways: unrelated series have all of them in common."""
    first, second = (of(list(panel(600, 4, 1, seed))) for seed in (1, 2))

    assert first.shapes.size == second.shapes.size == 0
    assert not overlap(first, second)


def test_a_sketch_is_small_and_does_not_depend_on_blocks(monkeypatch):
    X = ragged(2000)
    found = of(X)
    monkeypatch.setattr(module, "VALUES_PER_BLOCK", 100)
    again = of(X)

    assert len(found.contents) == len(found.shapes) == SKETCH_SIZE
    assert np.array_equal(found.contents, again.contents)
    assert np.array_equal(found.shapes, again.shapes)


def test_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(module, "VALUES_PER_BLOCK", 2**14)
    batch = read_sequences(panel(8000, 50, 2))
    tracemalloc.start()
    fingerprint(batch)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak_bytes < batch.steps.nbytes / 2


def test_a_sketch_is_the_same_on_every_machine():
    """Sketches in files must stay of use: numbers are as the first version computed them."""
    X = np.arange(24, dtype=float).reshape(2, 6, 2) ** 2 % 7

    assert of(X).contents.tolist() == CONTENTS
    assert of(X).shapes.tolist() == SHAPES


CONTENTS = [1256596614815010321, 13354064840782113311]
SHAPES = [8957574391503009982, 17916287523135706312]

hashes = st.integers(0, 2**64 - 1)


@st.composite
def two_sets(draw):
    """Two sets of hashes of known overlap, their sizes within a factor of three."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    n_small = draw(st.integers(150, 4000))
    n_large = draw(st.integers(n_small, 3 * n_small))
    share = draw(st.sampled_from([0.0, 0.005, 0.2, 0.5, 1.0]))
    n_shared = int(share * n_small)
    known = rng.integers(2**64, size=n_small + n_large - n_shared, dtype=np.uint64)
    return known[:n_small], known[n_small - n_shared :], share


def sketch(hashes):
    return np.unique(hashes)[:SKETCH_SIZE]


@settings(max_examples=60)
@given(two_sets())
def test_sketches_tell_the_share(sets):
    small, large, share = sets
    nothing = np.empty(0, np.uint64)
    contents = [Fingerprint(sketch(each), nothing) for each in (small, large)]

    assert overlap(*contents) == (share >= 0.2)
    assert overlap(*reversed(contents)) == (share >= 0.2)


@settings(max_examples=40)
@given(st.lists(st.lists(hashes, max_size=6, unique=True), min_size=1, max_size=5))
def test_overlaps_of_any_sketches(sketches):
    made = [np.array(sorted(each), dtype=np.uint64) for each in sketches]
    found = overlaps([Fingerprint(each, each[:0]) for each in made])

    assert found.shape == (len(made), len(made))
    assert found.diagonal().all()
    assert np.array_equal(found, found.T)
    for i, j in zip(*np.nonzero(found), strict=True):
        assert i == j or set(sketches[i]) & set(sketches[j])
