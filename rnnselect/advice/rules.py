"""The rules of a race, from what the user asks for in units of the scorer."""

from __future__ import annotations

from rnnselect.advice.points import ScoreScale, rope_points
from rnnselect.advice.race import RaceRules

__all__ = ["race_rules"]

# By default further pairs must be expected to gain a twentieth of the ROPE: in a trial on 78
# development data sets this kept 92 % of what five folds gain, with 1.85 pairs on average.
MIN_GAIN_SHARE_OF_ROPE = 1 / 20


def race_rules(
    scale: ScoreScale,
    *,
    n_folds: int,
    max_pairs: int,
    rope: float,
    min_gain: float | None,
    confidence: float,
    regression: bool,
) -> RaceRules:
    """Return the rules of a race in points.

    Parameters
    ----------
    scale : ScoreScale
        How scores become points.
    n_folds, max_pairs : int
        Folds of one repetition, and pairs that there are.
    rope, min_gain, confidence
        As the advisor takes them.
    regression : bool
        Whether values are predicted.

    Returns
    -------
    RaceRules
        With a default for `min_gain`.

    Examples
    --------
    >>> from rnnselect.advice.points import ScoreScale
    >>> rules = race_rules(
    ...     ScoreScale("bounded"),
    ...     n_folds=5,
    ...     max_pairs=5,
    ...     rope=0.01,
    ...     min_gain=None,
    ...     confidence=0.95,
    ...     regression=False,
    ... )
    >>> rules.rope_points, rules.min_gain_points
    (1.0, 0.05)
    """
    rope_in_points = rope_points(rope, scale)
    return RaceRules(
        rope_points=rope_in_points,
        confidence=confidence,
        min_gain_points=MIN_GAIN_SHARE_OF_ROPE * rope_in_points
        if min_gain is None
        else rope_points(min_gain, scale),
        n_folds=n_folds,
        max_pairs=max_pairs,
        regression=regression,
    )
