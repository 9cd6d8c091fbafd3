"""What is believed before the pairs: of the true gap, and of the noise of one pair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["NoisePrior", "Prior", "noise_before_pairs", "noise_from_pairs"]

# Variance between the folds of a repetition over the variance that their test samples explain:
# factor * F(4, 2 * shape), by maximum likelihood on the study (docs/advice.md), without repetitions
# in which a cell failed: those a race confirms. The rest is seed and training sample. Rounded but
# for classification, where 1.7 and 2 are likelier by 3.5 log units over 253 repetitions: with these
# an accident of 25 points in one fold would be believed sooner than a gap of so many.
NOISE_FACTOR_CLASSIFICATION = 1.8
NOISE_SHAPE_CLASSIFICATION = 3.0
NOISE_FACTOR_REGRESSION = 2.5
NOISE_SHAPE_REGRESSION = 3.0
# Before any pair: variance of the difference of two networks of accuracy p is about 0.8 p(1-p)
# per sample. Independent errors would give 2 p(1-p), but both fail largely on the same samples.
DISAGREEMENT_FACTOR = 0.8
NOISE_SHAPE_BEFORE_PAIRS = 2.0
# Half of one test sample, in points times samples: no score is known more finely than that.
HALF_SAMPLE_POINTS = 50.0


@dataclass(frozen=True, slots=True)
class Prior:
    """What is believed of the true gap before any pair: a shifted, scaled Student t.

    Parameters
    ----------
    scale_points : float
        Scale of the t distribution, in points; about the size of a typical gap.
    centre_points : float, default=0.0
        Positive when the second cell is expected to be ahead.
    degrees_of_freedom : float, default=3.0
        Heaviness of the tails; 2 to 4 fitted the development data alike.
    sources : tuple of str, default=()
        Sentences that say what the prior rests on, for display.
    """

    scale_points: float
    centre_points: float = 0.0
    degrees_of_freedom: float = 3.0
    sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not (np.isfinite(self.scale_points) and self.scale_points > 0):
            raise ValueError(
                f"scale_points={self.scale_points!r}: give a positive number of points"
            )
        if not np.isfinite(self.centre_points):
            raise ValueError(f"centre_points={self.centre_points!r}: give a finite number")
        if not self.degrees_of_freedom > 1:
            raise ValueError(
                f"degrees_of_freedom={self.degrees_of_freedom!r}: "
                "give a number above 1, or the expected gap does not exist"
            )


@dataclass(frozen=True, slots=True)
class NoisePrior:
    """What is believed of the variance of one pair: inverse gamma.

    Parameters
    ----------
    variance_points2 : float
        Typical variance of one pair's difference, in squared points.
    shape : float
        How firmly it is believed: as firmly as ``2 * shape`` observed pairs would say it.
    """

    variance_points2: float
    shape: float

    def __post_init__(self) -> None:
        for name in ("variance_points2", "shape"):
            value = getattr(self, name)
            if not (np.isfinite(value) and value > 0):
                raise ValueError(f"{name}={value!r}: give a positive finite number")


def noise_before_pairs(expected_accuracy: float, n_test: int) -> NoisePrior:
    """Guess the noise of a pair when none has been run.

    Parameters
    ----------
    expected_accuracy : float in [0, 1]
        Accuracy that either cell may reach.
    n_test : int
        Test samples of one pair.

    Returns
    -------
    NoisePrior
        Loosely held (shape 2).

    Examples
    --------
    >>> round(noise_before_pairs(0.8, 400).variance_points2, 2)
    3.2
    """
    if not 0 <= expected_accuracy <= 1:
        raise ValueError(f"expected_accuracy={expected_accuracy!r}: give a share in [0, 1]")
    spread = expected_accuracy * (1 - expected_accuracy)
    variance = 100.0**2 * DISAGREEMENT_FACTOR * spread / _checked_n_test(n_test)
    floor = _noise_floor_points2((n_test,))
    return NoisePrior(max(variance, floor), NOISE_SHAPE_BEFORE_PAIRS)


def noise_from_pairs(
    variances: Sequence[float], n_tests: Sequence[int], *, regression: bool
) -> NoisePrior:
    """Noise of a pair, from the test samples of the pairs that were run.

    Parameters
    ----------
    variances : sequence of float, length n_pairs
        Variance of each pair's difference over its test samples, in squared points
        (`rnnselect.advice.noise`).
    n_tests : sequence of int, length n_pairs
        Test samples of each pair.
    regression : bool
        True takes the wider guess for regression.

    Returns
    -------
    NoisePrior
        Never below half a test sample.

    Examples
    --------
    >>> noise_from_pairs([4.0, 2.0], [400, 400], regression=False)
    NoisePrior(variance_points2=5.4, shape=3.0)
    """
    if len(variances) == 0 or len(variances) != len(n_tests):
        raise ValueError(
            f"variances has {len(variances)} values and n_tests {len(n_tests)}: "
            "give one of each for every pair, and at least one pair"
        )
    mean_variance = float(np.mean(variances))
    if not (np.isfinite(mean_variance) and min(variances) >= 0):
        raise ValueError(f"variances={variances!r}: give finite numbers, none negative")
    factor = NOISE_FACTOR_REGRESSION if regression else NOISE_FACTOR_CLASSIFICATION
    shape = NOISE_SHAPE_REGRESSION if regression else NOISE_SHAPE_CLASSIFICATION
    return NoisePrior(max(factor * mean_variance, _noise_floor_points2(n_tests)), shape)


def _noise_floor_points2(n_tests: Sequence[int]) -> float:
    return float(np.mean([(HALF_SAMPLE_POINTS / _checked_n_test(n)) ** 2 for n in n_tests]))


def _checked_n_test(n_test: int) -> int:
    if n_test < 1:
        raise ValueError(f"n_test={n_test!r}: a pair needs at least one test sample")
    return n_test
