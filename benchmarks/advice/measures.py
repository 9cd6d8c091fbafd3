"""What is measured of a rule: by splits that it never saw, and by posterior truth.

Held out: the gap on repetitions that no rule used, so that differences between rules are unbiased
(a maximum of noisy scores is not). Posterior truth: all that is known of the set's gap by all of
its pairs, for absolute figures; the raw reading of the held-out gap stands beside it.
"""

from __future__ import annotations

import math

import numpy as np
from bootstrap import Bootstrap, Estimate
from numpy.typing import NDArray
from prior_model import p_positive
from replay import Material, Replay
from truth import ROPE_POINTS

from rnnselect.advice.posterior import update
from rnnselect.advice.prior import NoisePrior
from rnnselect.advice.verdict import Verdict

COIN = 0.5
Floats = NDArray[np.float64]


class Judge:
    """Measures rules on some of the sets.

    Parameters
    ----------
    material : Material
        The sets.
    among : ndarray of bool of shape (n_sets,)
        Which of them count.
    """

    def __init__(self, material: Material, among: NDArray[np.bool_]) -> None:
        truths = material.truths
        self.material, self.among = material, among
        self.bootstrap = Bootstrap([each.family for each in material.sets])
        # What each cell loses if it is taken, by posterior truth.
        self.loss = np.array([[t.gain_of_second, t.gain_of_first] for t in truths])
        # Chance that the other one is better by more than the ROPE.
        self.risk = np.array([[t.q_second_better, t.q_first_better] for t in truths])
        self.p_second = np.array([t.p_second_better for t in truths])
        self.p_second_before = np.array([p_positive(each) for each in material.priors])
        self.gap = np.array([t.mean_points for t in truths])
        self.q_equivalent = np.array([t.q_equivalent for t in truths])
        self.square_gap = np.array([float(t.density @ t.gaps_points**2) for t in truths])

    def choices(self, replay: Replay, full: Replay) -> dict[str, Estimate]:
        """Return what the choices of a rule gained and cost; `full` is that of five folds."""
        number, choice = np.array(replay.number), np.array(replay.choice)
        gap = self.held_out(replay)
        lost = self._expected(self.loss, number, choice)
        raw = np.maximum(gap, 0) * (1 - choice) + np.maximum(-gap, 0) * choice
        regret_full = self._over(full, self._expected(self.loss, full.number, full.choice))
        gain_full = self._over(full, (np.array(full.choice) - COIN) * self.held_out(full))
        coin = self.loss.mean(axis=1)
        own, gain = self._over(replay, lost), self._over(replay, (choice - COIN) * gap)
        missed = self._expected(self.risk, number, choice)
        raw_missed = raw > ROPE_POINTS
        return {
            "extra regret, held out": self._mean(gain_full - gain),
            "extra regret, posterior truth": self._mean(own - regret_full),
            "regret, posterior truth": self._mean(own),
            "regret, raw": self._mean(self._over(replay, raw)),
            "gain kept, posterior truth": self._ratio(coin - own, coin - regret_full),
            "gain kept, held out": self._ratio(gain, gain_full),
            "pairs / 5": self._mean(self._over(replay, np.array(replay.n_pairs) / 5)),
            "seconds / full": self._mean(self._over(replay, np.array(replay.seconds_share))),
            "within ROPE, posterior truth": self._mean(1 - self._over(replay, missed)),
            "within ROPE, raw": self._mean(
                1 - self._over(replay, np.where(np.isnan(raw), np.nan, raw_missed))
            ),
            "same choice, gap > ROPE": self._same(replay, ROPE_POINTS),
            "same choice, gap > 2 ROPE": self._same(replay, 2 * ROPE_POINTS),
        }

    def statements(self, replay: Replay, full: Replay) -> dict[str, Estimate]:
        """Return how true it is what our rule says; `full` is our rule with all five pairs."""
        number = np.array(replay.number)
        equivalent = np.array(replay.verdict) == Verdict.EQUIVALENT
        said = self._sums(replay, equivalent)
        gap, mean = self.held_out(replay), np.array(replay.mean_points)
        use = np.isfinite(gap)
        slope_top = self._sums(replay, np.where(use, gap * mean, 0))
        slope_bottom = self._sums(replay, np.where(use, mean**2, 0))
        at_stop = replay.p_second
        return {
            "Brier, prior": self._brier(replay, self.p_second_before[number]),
            "Brier, one pair": self._brier(full, full.p_second_after_one),
            "Brier, stop": self._brier(replay, at_stop),
            "Brier, five pairs": self._brier(full, full.p_second),
            "Brier, all recorded pairs": self._mean(self.p_second * (1 - self.p_second)),
            "Brier raw, one pair": self._brier(full, full.p_second_after_one, raw=True),
            "Brier raw, stop": self._brier(replay, at_stop, raw=True),
            "Brier raw, five pairs": self._brier(full, full.p_second, raw=True),
            "calibration slope": self._ratio(slope_top, slope_bottom),
            "equivalent said": self._mean(self._over(replay, equivalent.astype(float))),
            "equivalent holds": self._ratio(said * self.q_equivalent, said),
            "equivalent, rms gap": self._ratio(said * self.square_gap, said, root=True),
            "equivalent holds, raw": self._ratio(
                self._sums(replay, equivalent & (np.abs(gap) <= ROPE_POINTS)),
                self._sums(replay, equivalent & use),
            ),
        }

    def untested_share(self, replay: Replay) -> Estimate:
        """Return the share of races without a complete pair."""
        return self._mean(self._over(replay, (np.array(replay.n_pairs) == 0).astype(float)))

    def untested(self) -> dict[str, Estimate]:
        """Return stated and observed risk of recommending the smaller cell without a test."""
        sets = self.material.sets
        nothing = NoisePrior(1.0, 1.0)  # without pairs it does not enter
        before = [
            update(prior, nothing, [], n_folds=5, rope_points=ROPE_POINTS)
            for prior in self.material.priors
        ]
        takes_second = np.array([each.smaller_cell == "lstm" for each in sets]).astype(int)
        stated = np.array([max(each.q_first_better, each.q_second_better) for each in before])
        observed = self.risk[np.arange(len(sets)), takes_second]
        return {
            "risk stated": self._mean(stated),
            "risk observed": self._mean(observed),
            "observed - stated": self._mean(observed - stated),
        }

    def held_out(self, replay: Replay) -> Floats:
        """Gap of each race on splits that no rule saw; nan where there are none."""
        known = self.material.held_out_points
        races = zip(replay.number, replay.repetition, strict=True)
        return np.array([known.get(race, math.nan) for race in races])

    def _same(self, replay: Replay, more_than_points: float) -> Estimate:
        """Chance that two replayed repetitions of a set lead to the same choice."""
        number, repetition = np.array(replay.number), np.array(replay.repetition)
        choice = np.array(replay.choice)
        same = np.full(len(self.material.sets), math.nan)
        for i, each in enumerate(self.material.sets):
            if len(each.replayed) < 2 or abs(self.gap[i]) <= more_than_points:
                continue
            choices = [choice[(number == i) & (repetition == r)] for r in each.replayed]
            if not all(map(len, choices)):
                continue
            first, second = (own.mean() for own in choices)
            same[i] = first * second + (1 - first) * (1 - second)
        return self._mean(same)

    def _brier(
        self, replay: Replay, p_second: list[float] | Floats, *, raw: bool = False
    ) -> Estimate:
        """Return the expected squared error of a probability; `raw` takes held-out signs."""
        p = np.array(p_second)
        p_true = self.p_second[np.array(replay.number)]
        if raw:
            gap = self.held_out(replay)
            p_true = np.where(np.isnan(gap), math.nan, (np.sign(gap) + 1) / 2)
        return self._mean(self._over(replay, p_true * (1 - p) ** 2 + (1 - p_true) * p**2))

    @staticmethod
    def _expected(
        table: Floats, number: list[int] | Floats, choice: list[float] | Floats
    ) -> Floats:
        """Weigh a table of (set, cell) by the probability of each choice."""
        rows, choice = table[np.asarray(number, int)], np.asarray(choice)
        return rows[:, 0] * (1 - choice) + rows[:, 1] * choice

    def _sums(self, replay: Replay, values: Floats) -> Floats:
        n_sets = len(self.material.sets)
        return np.bincount(np.array(replay.number, int), np.asarray(values, float), n_sets)

    def _over(self, replay: Replay, values: Floats) -> Floats:
        """Return the mean over the races of each set; nan where there is none."""
        with np.errstate(invalid="ignore"):
            return self._sums(replay, values) / self._sums(replay, np.ones(len(values)))

    def _mean(self, values: Floats) -> Estimate:
        return self._ratio(values, np.ones(len(values)))

    def _ratio(self, tops: Floats, bottoms: Floats, *, root: bool = False) -> Estimate:
        tops = np.where(self.among, tops, math.nan)
        return self.bootstrap.ratio(tops, bottoms, root=root)
