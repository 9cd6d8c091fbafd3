"""Where the targets of every time step are, when they are stored end to end."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnselect.recurrent.batches import Chunk, TrainingSet
from rnnselect.recurrent.scorers import score_steps, step_accuracy, step_r2
from rnnselect.recurrent.steps import StepLayout, refuse_steps
from rnnselect.sequences.validation import read_sequences

LENGTHS = st.lists(st.integers(1, 9), min_size=1, max_size=20).map(np.array)


@given(LENGTHS, st.booleans())
def test_join_and_split_are_inverse(lengths, as_list):
    y = [np.arange(length) + 100 * i for i, length in enumerate(lengths)]
    layout = StepLayout(lengths)
    joined = layout.join([part.tolist() for part in y] if as_list else y, "y")
    assert joined.shape == (lengths.sum(),)
    parts = layout.split(joined)
    assert parts.dtype == object
    assert [part.tolist() for part in parts] == [part.tolist() for part in y]


@given(LENGTHS, st.randoms())
def test_positions_find_every_target(lengths, random):
    layout = StepLayout(lengths)
    y = layout.join([np.full(length, i) for i, length in enumerate(lengths)], "y")
    rows = np.array(random.sample(range(len(lengths)), random.randint(1, len(lengths))))
    where, present = layout.positions(rows, 10)
    np.testing.assert_array_equal(present.sum(axis=1), lengths[rows])
    for row, positions, real in zip(rows, where, present, strict=True):
        assert (y[positions[real]] == row).all()
    of_rows = np.repeat(rows, lengths[rows])
    np.testing.assert_array_equal(y[layout.positions_of(rows)], of_rows)


def test_targets_with_several_outputs():
    layout = StepLayout(np.array([2, 1]))
    joined = layout.join([[[1, 2], [3, 4]], [[5, 6]]], "y")
    assert joined.tolist() == [[1, 2], [3, 4], [5, 6]]


BAD = {
    "too few": ([[0, 1], [1]], r"y\[1\] has 1 target\(s\), and X\[1\] has 2 time step\(s\)"),
    "one": ([3, 4], r"y\[0\] is one target \(3\), but return_sequences=True asks"),
    "a word": (["ab", "cd"], r"y\[0\] is one target \('ab'\)"),
    "outputs": ([[[0], [1]], [[0, 1], [1, 1]]], r"y\[1\] has shape \(2, 2\) and y\[0\] has \(2, 1"),
    "array": (np.zeros((2, 3)), r"y\[0\] has 3 target\(s\), and X\[0\] has 2"),
}


@pytest.mark.parametrize("name", BAD)
def test_targets_must_fit_the_sequences(name):
    y, message = BAD[name]
    with pytest.raises(ValueError, match=message):
        StepLayout(np.array([2, 2])).join(y, "y")


def test_steps_are_refused_where_a_sequence_has_one_target():
    ragged = [np.zeros(3), np.zeros(4)]
    alike = np.empty(2, object)
    alike[:] = [(1, 2), (3, 4)]
    for y in (ragged, alike):
        with pytest.raises(ValueError, match=r"y holds arrays of the shapes .*return_sequences=Tr"):
            refuse_steps(y, "y")
    for y in ([1, 2], ["a", "bc"], [[1, 2], [3, 4]], np.zeros((2, 3))):
        refuse_steps(y, "y")


def test_a_training_set_of_steps_leaves_padding_out():
    X = [np.full((length, 1), float(length)) for length in (3, 1, 2)]
    batch = read_sequences(X)
    layout = StepLayout(batch.lengths)
    y = layout.join([[1, 2, 3], [4], [5, 6]], "y")
    whole = TrainingSet(batch, y, np.array([1.0, 1, 1, 2, 3, 3]), layout)
    np.testing.assert_array_equal(whole.row_weights, [1, 2, 3])
    part = whole.part(np.array([2, 0]))
    assert part.targets.tolist() == [5, 6, 1, 2, 3]
    np.testing.assert_allclose(part.weights, np.array([3, 3, 1, 1, 1]) / 1.8, rtol=1e-6)
    xs, ys, weights, counts = part.gather(Chunk(4, [np.array([0]), np.array([1])]), 2, 3)
    assert xs.shape == (3, 2, 4, 1)
    assert ys.shape == weights.shape == (3, 2, 4)
    np.testing.assert_allclose(weights[0], [[3 / 1.8, 3 / 1.8, 0, 0], [0] * 4], rtol=1e-6)
    np.testing.assert_array_equal(counts, [2, 3, 0])
    assert ys[1, 0, :3].tolist() == [1, 2, 3]


def test_scores_pool_all_steps():
    y, predicted = [[0, 0, 1], [1]], [[0, 0, 0], [1]]
    assert step_accuracy(y, predicted) == 0.75
    assert step_accuracy(y, predicted, sample_weight=[1, 5]) == 7 / 8
    assert step_accuracy(np.array(y[:1]), np.array(predicted[:1])) == pytest.approx(2 / 3)
    assert step_r2([[1.0, 2.0], [6.0]], [[1.0, 2.0], [3.0]]) == pytest.approx(1 - 9 / 14)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        score_steps(lambda *_, **__: 0.0, y, predicted[:1])
    with pytest.raises(ValueError, match=r"y\[1\] has 2 target\(s\)"):
        step_accuracy([[0], [1, 1]], [[0], [1]])
