"""Padded lengths are few, long enough, and waste little."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnselect.sequences.lengths import (
    MAX_BUCKETS,
    MIN_SAVING,
    assign_buckets,
    bucket_lengths,
    grid_length,
    padded_lengths,
)

LENGTHS = st.lists(st.integers(1, 2000), min_size=1, max_size=60).map(np.array)
no_deadline = settings(max_examples=60)


def padded_steps(lengths, buckets):
    return np.asarray(buckets)[assign_buckets(lengths, buckets)].sum()


@no_deadline
@given(st.integers(1, 100_000))
def test_grid_is_close_above(length):
    padded = grid_length(length)
    assert length <= padded <= 1.125 * length
    assert grid_length(padded) == padded


def test_grid_has_few_points():
    assert len({grid_length(length) for length in range(256, 512)}) <= 9


@no_deadline
@given(LENGTHS)
def test_buckets_hold_every_length(lengths):
    buckets = bucket_lengths(lengths)
    assert 1 <= len(buckets) <= MAX_BUCKETS
    assert list(buckets) == sorted(set(buckets))
    assert len(buckets) == 1 or all(bucket.bit_count() == 1 for bucket in buckets)
    assert lengths.max() <= buckets[-1] < 2 * lengths.max()
    chosen = np.asarray(buckets)[assign_buckets(lengths, buckets)]
    assert (chosen >= lengths).all()


def test_lengths_close_together_take_one_bucket_close_above():
    assert bucket_lengths(np.array([51, 100])) == (104,)
    assert bucket_lengths(np.array([40, 100])) == (64, 128)
    assert bucket_lengths(np.array([40] + [99] * 19)) == (104,)


def test_folds_share_buckets():
    random = np.random.default_rng(0)
    lengths = np.clip(random.lognormal(3.0, 0.8, 800), 2, 300).astype(int)
    folds = [bucket_lengths(random.permutation(lengths)[:640]) for _ in range(20)]
    assert len(set(folds)) == 1


@no_deadline
@given(LENGTHS)
def test_every_further_bucket_saves_its_compilation(lengths):
    buckets = bucket_lengths(lengths)
    steps = padded_steps(lengths, buckets)
    assert steps <= (1 - MIN_SAVING) ** (len(buckets) - 1) * padded_steps(lengths, buckets[-1:])


@no_deadline
@given(LENGTHS, st.randoms())
def test_order_of_samples_does_not_matter(lengths, random):
    shuffled = lengths.tolist()
    random.shuffle(shuffled)
    assert bucket_lengths(np.array(shuffled)) == bucket_lengths(lengths)


@no_deadline
@given(LENGTHS)
def test_each_length_gets_the_shortest_bucket_that_holds_it(lengths):
    buckets = bucket_lengths(lengths)
    for length, index in zip(lengths, assign_buckets(lengths, buckets), strict=True):
        assert buckets[index] == min(bucket for bucket in buckets if bucket >= length)


def test_longer_than_all_goes_to_the_last():
    assert assign_buckets(np.array([3, 99]), (4, 8)).tolist() == [0, 1]


def test_arrays_without_padding_keep_their_length():
    assert padded_lengths(np.full(4, 17), stride=17) == (17,)
    assert padded_lengths(np.array([17, 17, 17, 16]), stride=17) == (18,)
    assert padded_lengths(np.full(4, 17), stride=None) == (18,)
