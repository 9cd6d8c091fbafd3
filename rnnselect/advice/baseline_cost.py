"""What simple models cost, before any of them is fitted: arithmetic, without scikit-learn."""

from __future__ import annotations

from rnnselect.sequences.profile import SequenceProfile

__all__ = ["MAX_SECONDS", "seconds_of_all", "seconds_on"]

# Seconds of one fit with one thread of BLAS, by the numbers that the model reads: medians of seven
# sizes from 500 x 2,000 to 16,000 x 200 on the machine of `speed`. The logistic regression takes
# about 1 ns for each value, class and iteration, and about a third of its iterations.
LOGISTIC_SECONDS_PER_VALUE = 70e-9
RIDGE_SECONDS_PER_VALUE_AND_RANK = 0.6e-9
READING_SECONDS_PER_VALUE = 50e-9
# What takes longer on one fold is left out even where time is not limited: the comparison is about
# the networks.
MAX_SECONDS = 5.0


def seconds_on(
    profile: SequenceProfile, *, equal_lengths: bool = True, texts: bool = False
) -> dict[str, float]:
    """Predict the seconds of a linear model on one fold, for all features that suit the data.

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
        By what the model reads.

    Examples
    --------
    >>> from rnnselect.sequences.profile import profile_sizes
    >>> found = seconds_on(profile_sizes(n_samples=1000, sequence_length=50))
    >>> {features: round(seconds, 4) for features, seconds in found.items()}
    {'summary features': 0.0017, 'the flattened series': 0.0095}
    """
    if texts or profile.kind == "tokens":
        features = "TF-IDF of the texts" if texts else "token counts"
        n_stored = profile.n_samples * profile.median_length
        return {features: _seconds(profile, profile.vocabulary_size or 1, n_stored)}
    found = {"summary features": _seconds(profile, 8 * profile.n_channels + 1)}
    if equal_lengths:
        n_flat = profile.sequence_length * profile.n_channels
        found["the flattened series"] = _seconds(profile, n_flat)
    return found


def seconds_of_all(profile: SequenceProfile, *, texts: bool = False) -> float:
    """Return the seconds on one fold of all that would be fitted without a limit."""
    return sum(each for each in seconds_on(profile, texts=texts).values() if each <= MAX_SECONDS)


def _seconds(profile: SequenceProfile, n_features: int, n_stored: float | None = None) -> float:
    """Predict the seconds of one model; most features are 0 where `n_stored` values are stored."""
    rank = min(profile.n_samples, n_features)
    n_values = profile.n_samples * n_features if n_stored is None else n_stored
    reading = READING_SECONDS_PER_VALUE * n_values
    if profile.target == "classification":
        return reading + LOGISTIC_SECONDS_PER_VALUE * n_values * profile.n_outputs
    squares = n_values if n_stored is None else rank**2
    return reading + RIDGE_SECONDS_PER_VALUE_AND_RANK * squares * rank
