"""What a race is held to, from what the user asks for in units of the scorer."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from scipy.sparse import csr_array

from rnnselect.advice.points import ScoreScale, rope_points

__all__ = ["RaceRules", "race_rules"]

# By default further pairs must be expected to gain a twentieth of the ROPE: in a trial on 78
# development data sets this kept 92 % of what five folds gain, with 1.85 pairs on average.
MIN_GAIN_SHARE_OF_ROPE = 1 / 20
ACCURACY = ScoreScale("bounded", "accuracy")


@dataclass(frozen=True, slots=True)
class RaceRules:
    """What a race is held to.

    Parameters
    ----------
    rope_points : float, default=1.0
        Half-width of the region of practical equivalence.
    confidence : float, default=0.95
        Probability that a verdict must reach.
    min_gain_points : float, default=0.05
        Stop when all further pairs together are expected to gain less than this. 0 means full
        cross-validation: never stop for lack of gain.
    n_folds : int, default=5
        Folds of one repetition.
    max_pairs : int, default=5
        Most pairs to run; 0 tests nothing.
    regression : bool, default=False
        Whether the noise is that of a regression.
    min_pairs : int, default=0
        Fewest pairs before lack of gain may end the race.
    confirm_failure : bool, default=True
        Whether a first pair in which one cell learnt nothing must be followed by another before
        lack of gain may end the race.
    covariance : sparse array of shape (max_pairs, max_pairs), default=None
        Of the noise of the pairs, by the rows of their splits, see `covariance_of_splits`; None
        takes them for folds.
    scale : ScoreScale, default=accuracy
        How scores become points.
    """

    rope_points: float = 1.0
    confidence: float = 0.95
    min_gain_points: float = 0.05
    n_folds: int = 5
    max_pairs: int = 5
    regression: bool = False
    min_pairs: int = 0
    confirm_failure: bool = True
    covariance: csr_array | None = field(default=None, repr=False, compare=False)
    scale: ScoreScale = ACCURACY

    def __post_init__(self) -> None:
        for name in ("rope_points", "min_gain_points"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0):
                raise ValueError(f"{name}={value!r}: give a finite number of points, 0 or more")
        if not 0.5 < self.confidence < 1:
            raise ValueError(f"confidence={self.confidence!r}: give a value between 0.5 and 1")
        for name, smallest in (("n_folds", 2), ("max_pairs", 0), ("min_pairs", 0)):
            value = getattr(self, name)
            if value < smallest:
                raise ValueError(f"{name}={value!r}: give {smallest} or more")

    def in_unit(self, scale: ScoreScale) -> RaceRules:
        """Return the same rules on a scale whose unit has become known."""
        factor = self.scale.unit / scale.unit if scale.kind == "raw" else 1.0
        return replace(
            self,
            rope_points=factor * self.rope_points,
            min_gain_points=factor * self.min_gain_points,
            scale=scale,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return all fields but the covariance, which has a value for every two pairs."""
        named = {each.name: getattr(self, each.name) for each in fields(self)}
        del named["covariance"]
        return {**named, "scale": asdict(self.scale)}


def race_rules(
    scale: ScoreScale,
    *,
    n_folds: int,
    max_pairs: int,
    rope: float,
    min_gain: float | None,
    confidence: float,
    regression: bool,
    covariance: csr_array | None = None,
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
    covariance : sparse array of shape (max_pairs, max_pairs), default=None
        Of the noise of the pairs, by the rows of their splits.

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
        covariance=covariance,
        scale=scale,
    )
