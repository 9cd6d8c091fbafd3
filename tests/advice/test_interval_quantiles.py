from itertools import pairwise

import numpy as np
import pytest

from rnnselect.advice.interval_quantiles import count_features, interval_quantiles


def reference(series, n_levels, steps_per_quantile):
    """One channel of one series, interval by interval, as the paper describes them."""
    smoothed = np.convolve(np.pad(np.diff(series), 2, "edge"), np.ones(5) / 5, "valid")
    features = []
    for view in (series, np.abs(np.fft.rfft(series)), smoothed, np.diff(series, 2)):
        size, level = len(view), 0
        while level < n_levels and 2**level <= size:
            edges = np.linspace(0, size, 2**level + 1).astype(int)
            shift = int(np.ceil((size // 2**level) / 2))
            starts = list(pairwise(edges))
            if level and size // 2**level > 1:
                starts += [(a + shift, b + shift) for a, b in starts[:-1]]
            for start, end in starts:
                part = view[start:end]
                n = 1 + (len(part) - 1) // steps_per_quantile
                found = np.quantile(part, np.linspace(0, 1, n) if n > 1 else [0.5])
                found[1::2] -= part.mean()
                features += found.tolist()
            level += 1
    return features


@pytest.mark.parametrize(
    ("n_timesteps", "n_levels", "steps_per_quantile"), [(50, 6, 4), (33, 3, 8), (7, 6, 4)]
)
def test_agrees_with_the_definition(n_timesteps, n_levels, steps_per_quantile):
    x = np.random.default_rng(0).normal(size=(4, 2, n_timesteps)).cumsum(axis=-1)
    found = interval_quantiles(x, n_levels, steps_per_quantile)
    assert found.shape == (4, count_features(n_timesteps, 2, n_levels, steps_per_quantile))
    expected = [
        [reference(channel, n_levels, steps_per_quantile) for channel in series] for series in x
    ]
    ours = np.sort(found, axis=1)
    np.testing.assert_allclose(ours, np.sort(np.reshape(expected, (4, -1)), axis=1), atol=2e-5)


@pytest.mark.parametrize("n_timesteps", [1, 2, 3])
def test_series_of_few_time_steps(n_timesteps):
    found = interval_quantiles(np.ones((2, 1, n_timesteps)))
    assert np.isfinite(found).all()
    assert found.shape == (2, count_features(n_timesteps, 1, 6, 4))
