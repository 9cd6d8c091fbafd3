"""What all recorded pairs of a set together say about its true gap, and how surely.

Test parts of repeated folds and the samples that the cap left unused are two measurements of one
gap. They are combined with the weights of the least variance.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from records import N_FOLDS, RecordedSet, UnusedScore

from rnnselect.advice.overlap import precision_of_pairs
from rnnselect.advice.posterior import Posterior, update
from rnnselect.advice.prior import NoisePrior, Prior, noise_from_pairs

ROPE_POINTS = 1.0
# A fold's standard deviation up to which a gap of the size of the ROPE can be told at all.
RESOLVABLE_POINTS = 4.0
# With all pairs of a set at hand their own spread counts more than what test samples explain: on
# some sets seeds make far more of the noise than samples do.
NOISE_SHAPE = 2.0
# The noise of a mean over all pairs is as good as known: shape of its inverse gamma.
KNOWN = 1000.0
# Training sets and seeds never make no difference at all.
SMALLEST_TRAINING_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Gap:
    """A measured gap, LSTM minus GRU.

    Parameters
    ----------
    points : float
        The estimate, unbiased.
    variance_points2 : float
        Its variance, as a measurement of the gap for new data of the same source.
    """

    points: float
    variance_points2: float


def fold_variance(recorded: RecordedSet, repetitions: Iterable[int]) -> float:
    """Return the variance of one pair's difference, in squared points."""
    pairs = recorded.pairs(repetitions)
    known = [pair for pair in pairs if math.isfinite(pair.noise_variance_points2)]
    if not known:
        return float(np.var([pair.difference_points for pair in pairs], ddof=1))
    noise = noise_from_pairs(
        [pair.noise_variance_points2 for pair in known],
        [pair.n_test for pair in known],
        regression=recorded.is_regression,
    )
    return update(
        Prior(1.0),  # the estimate of the noise does not depend on it
        replace(noise, shape=NOISE_SHAPE),
        [pair.difference_points for pair in pairs],
        n_folds=N_FOLDS,
        rope_points=ROPE_POINTS,
    ).noise_variance_points2


def is_resolvable(recorded: RecordedSet) -> bool:
    """Whether the standard deviation of a fold is small enough, by all pairs of the set."""
    return fold_variance(recorded, recorded.repetitions) <= RESOLVABLE_POINTS**2


def measured_gap(recorded: RecordedSet, repetitions: Iterable[int]) -> Gap:
    """Estimate the gap from some repetitions: their test parts, and the unused samples."""
    repetitions = tuple(repetitions)
    pairs = recorded.pairs(repetitions)
    variance = fold_variance(recorded, repetitions)
    on_tests = Gap(
        float(np.mean([pair.difference_points for pair in pairs])),
        variance / precision_of_pairs(range(len(pairs)), N_FOLDS),
    )
    if not all(repetition in recorded.unused for repetition in repetitions):
        return on_tests
    unused = [score for r in repetitions for score in recorded.unused[r]]
    if not all(math.isfinite(score.variance_points2) for score in unused):
        return on_tests
    tested = np.nanmean([pair.noise_variance_points2 for pair in pairs])
    training = max(variance - tested, SMALLEST_TRAINING_SHARE * variance) / len(pairs)
    on_unused = Gap(
        float(np.mean([score.difference_points for score in unused])),
        sample_variance(unused) + training,
    )
    return combined(on_tests, on_unused, shared_variance=training)


def sample_variance(unused: list[UnusedScore]) -> float:
    """Variance over samples of the mean of several networks' differences on the same samples.

    Networks err on different samples, so the mean varies less than one difference does. Where
    the answers are known sample by sample, the variance of one is scaled by how much less.
    """
    one = float(np.mean([score.variance_points2 for score in unused]))
    if any(score.by_sample is None for score in unused):
        return one
    by_sample = np.stack([score.by_sample for score in unused]).astype(float)
    alone = by_sample.var(axis=1).mean()
    return one * float(by_sample.mean(axis=0).var() / alone) if alone > 0 else one


def combined(first: Gap, second: Gap, *, shared_variance: float) -> Gap:
    """Combine two measurements whose noise has a part in common, with the least variance."""
    apart = first.variance_points2 + second.variance_points2 - 2 * shared_variance
    weight = (second.variance_points2 - shared_variance) / apart if apart > 0 else 1.0
    weight = min(1.0, max(0.0, weight))
    variance = (
        weight**2 * first.variance_points2
        + (1 - weight) ** 2 * second.variance_points2
        + 2 * weight * (1 - weight) * shared_variance
    )
    return Gap(weight * first.points + (1 - weight) * second.points, variance)


def posterior_truth(gap: Gap, prior: Prior) -> Posterior:
    """Return what is known of the true gap, by a measurement of it and a prior."""
    return update(
        prior,
        NoisePrior(max(gap.variance_points2, 1e-6), KNOWN),
        [gap.points],
        n_folds=N_FOLDS,
        rope_points=ROPE_POINTS,
    )
