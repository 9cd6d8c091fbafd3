import random

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.pipeline import make_pipeline

from rnnselect.seeds import draw_seeds, seeded


class Seedable(BaseEstimator):
    def __init__(self, inner=None, random_state=None):
        self.inner = inner
        self.random_state = random_state


def test_same_int_same_seeds():
    np.testing.assert_array_equal(draw_seeds(3, 5), draw_seeds(3, 5))
    assert (draw_seeds(3, 5) != draw_seeds(4, 5)).any()


def test_a_random_state_moves_on():
    state = np.random.RandomState(0)
    first, second = draw_seeds(state, 4), draw_seeds(state, 4)
    np.testing.assert_array_equal(first, draw_seeds(np.random.RandomState(0), 4))
    assert (first != second).any()


def test_none_draws_anew_each_time():
    assert (draw_seeds(None, 8) != draw_seeds(None, 8)).any()


@pytest.mark.parametrize("random_state", [None, 0, 2**32 - 1])
def test_seeds_suit_every_consumer(random_state):
    seeds = draw_seeds(random_state, 200)
    assert seeds.shape == (200,)
    assert seeds.dtype.kind in "iu"
    assert seeds.min() >= 0
    assert seeds.max() < 2**31


@pytest.mark.parametrize("random_state", ["today", -1, 1.5])
def test_no_random_state(random_state):
    with pytest.raises(ValueError, match=r"cannot be used to seed|Seed must be between"):
        draw_seeds(random_state, 1)


@pytest.mark.parametrize("random_state", [None, 0, np.random.RandomState(1)])
def test_no_global_state_is_touched(random_state):
    before = np.random.get_state(), random.getstate()  # noqa: NPY002 -- what must not change
    draw_seeds(random_state, 10)
    seeded(Seedable(), 1)
    after = np.random.get_state(), random.getstate()  # noqa: NPY002

    assert before[1] == after[1]
    assert before[0][0] == after[0][0]
    np.testing.assert_array_equal(before[0][1], after[0][1])
    assert before[0][2:] == after[0][2:]


def test_every_random_state_gets_its_own_seed():
    def states(seed):
        pipeline = make_pipeline(Seedable(inner=Seedable()), Seedable())
        assert seeded(pipeline, seed) is pipeline
        parameters = pipeline.get_params()
        return [v for n, v in sorted(parameters.items()) if n.endswith("random_state")]

    assert len(set(states(5))) == 3
    assert states(5) == states(5)
    assert not set(states(5)) & set(states(6))
    assert all(type(state) is int and 0 <= state < 2**31 for state in states(5))


def test_an_estimator_without_seeds_stays_as_it_is():
    class Plain(BaseEstimator):
        def __init__(self, alpha=1):
            self.alpha = alpha

    assert seeded(Plain(alpha=2), 0).get_params() == {"alpha": 2}
