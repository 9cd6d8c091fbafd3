"""What simple models cost, before any of them is fitted: arithmetic, without scikit-learn."""

from __future__ import annotations

import math

from rnnselect.advice.interval_quantiles import count_features
from rnnselect.sequences.profile import SequenceProfile

__all__ = [
    "COUNTS",
    "FLATTENED",
    "MAX_GRAMS",
    "MAX_SECONDS",
    "N_TREES",
    "SUMMARIES",
    "TF_IDF",
    "TREES",
    "TREE_FEATURE_SHARE",
    "quantile_detail",
    "seconds_of_all",
    "seconds_on",
]

COUNTS = "linear model on token counts"
TF_IDF = "linear model on TF-IDF of 1- and 2-grams"
SUMMARIES = "linear model on summary features"
FLATTENED = "linear model on the flattened series"
TREES = "trees on interval quantiles"

# Seconds of one fit with one thread of BLAS, by the numbers that the model reads: medians of seven
# sizes from 500 x 2,000 to 16,000 x 200 on the machine of `speed`. The logistic regression takes
# about 1 ns for each value, class and iteration, and about a third of its iterations.
LOGISTIC_SECONDS_PER_VALUE = 70e-9
RIDGE_SECONDS_PER_VALUE_AND_RANK = 0.6e-9
READING_SECONDS_PER_VALUE = 50e-9
# Of a logistic regression on sparse features with a coefficient for each of them and each class.
COEFFICIENT_SECONDS = 3e-6
MAX_GRAMS = 20_000  # the commonest tokens and pairs; all of them on 10 of 14 sets of tokens
GRAM_SECONDS = 0.7e-6  # for each token or pair of tokens that is counted
# What takes longer on one fold is left out even where time is not limited: the comparison is about
# the networks.
MAX_SECONDS = 5.0

# Of the choosing half of the families (benchmarks/readout), 200 trees as in the reference scored
# .883 on 15 sets of classes and half as many .884. The share of features is the reference's; its
# square root was tried and scored .861.
N_TREES = 100
TREE_FEATURE_SHARE = 0.1
# For each sample, level of a tree, tree and feature that it looks at: 3 to 22 ns on 30 sets, the
# most where labels are random and trees grow deep.
SPLIT_SECONDS = 10e-9
QUANTILE_SECONDS = 70e-9  # for each value and level
# Levels and time steps for each quantile, from the reference's on to coarser ones; the first that
# takes less than the seconds is taken.
QUANTILE_DETAILS = ((6, 4), (5, 4), (4, 4), (3, 8), (2, 16), (1, 32), (1, 128))
TREES_SECONDS = 3.0


def seconds_on(
    profile: SequenceProfile, *, equal_lengths: bool = True, texts: bool = False
) -> dict[str, float]:
    """Predict the seconds of the simple models that suit the data on one fold.

    Parameters
    ----------
    profile : SequenceProfile
        The data as the networks see them.
    equal_lengths : bool, default=True
        Whether all sequences are equally long, so that they can be flattened.
    texts : bool, default=False
        Whether the token ids were texts.

    Returns
    -------
    dict of str to float
        By the name of the model, without those that take no time.

    Examples
    --------
    >>> from rnnselect.sequences.profile import profile_sizes
    >>> found = seconds_on(profile_sizes(n_samples=1000, sequence_length=50))
    >>> {name: round(seconds, 4) for name, seconds in found.items()}
    {'linear model on summary features': 0.0017, 'linear model on the flattened series': 0.0095, \
'trees on interval quantiles': 0.5253}
    """
    if texts or profile.kind == "tokens":
        n_tokens = profile.n_samples * profile.median_length
        vocabulary = profile.vocabulary_size or 1
        n_grams = min(vocabulary + min(vocabulary**2, round(n_tokens)), MAX_GRAMS)
        tf_idf = _linear_seconds(profile, n_grams, 2 * n_tokens)
        found = {TF_IDF: tf_idf + 2 * n_tokens * GRAM_SECONDS}
        if not texts:
            counts = _linear_seconds(profile, vocabulary, n_tokens)
            found = {COUNTS: counts + n_tokens * GRAM_SECONDS, **found}
        return found
    found = {SUMMARIES: _linear_seconds(profile, 8 * profile.n_channels + 1)}
    if equal_lengths:
        n_flat = profile.sequence_length * profile.n_channels
        found[FLATTENED] = _linear_seconds(profile, n_flat)
    found[TREES] = _tree_seconds(profile, *quantile_detail(profile))
    return found


def seconds_of_all(profile: SequenceProfile, *, texts: bool = False) -> float:
    """Return the seconds on one fold of all that would be fitted without a limit."""
    return sum(each for each in seconds_on(profile, texts=texts).values() if each <= MAX_SECONDS)


def quantile_detail(profile: SequenceProfile) -> tuple[int, int]:
    """Return how many levels of intervals trees look at, and time steps for each quantile."""
    for detail in QUANTILE_DETAILS:
        if _tree_seconds(profile, *detail) <= TREES_SECONDS:
            return detail
    return QUANTILE_DETAILS[-1]


def _tree_seconds(profile: SequenceProfile, n_levels: int, steps_per_quantile: int) -> float:
    n_timesteps, n_channels = round(profile.median_length), profile.n_channels
    n_features = count_features(n_timesteps, n_channels, n_levels, steps_per_quantile)
    looked_at = profile.n_samples * math.log2(profile.n_samples + 1) * n_features * N_TREES
    n_values = profile.n_samples * n_timesteps * n_channels
    return SPLIT_SECONDS * looked_at * TREE_FEATURE_SHARE + QUANTILE_SECONDS * n_values * n_levels


def _linear_seconds(
    profile: SequenceProfile, n_features: int, n_stored: float | None = None
) -> float:
    """Predict the seconds of one model; most features are 0 where `n_stored` values are stored."""
    rank = min(profile.n_samples, n_features)
    n_values = profile.n_samples * n_features if n_stored is None else n_stored
    reading = READING_SECONDS_PER_VALUE * n_values
    if profile.target == "classification":
        each = LOGISTIC_SECONDS_PER_VALUE * n_values
        if n_stored is not None:
            each += COEFFICIENT_SECONDS * n_features
        return reading + each * profile.n_outputs
    squares = n_values if n_stored is None else rank**2
    return reading + RIDGE_SECONDS_PER_VALUE_AND_RANK * squares * rank
