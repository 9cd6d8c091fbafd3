"""How well costs are foreseen where the speed of an epoch is known: what is left are the epochs.

The package's forecast of the five pairs of every recorded repetition, before the first pair and of
the other four after it, beside what they took.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from bootstrap import Bootstrap
from budgets import Purse
from numpy.typing import NDArray
from page import Section
from records import CELLS, N_FOLDS, RecordedSet

PERCENT = 100.0


def sections(sets: Sequence[RecordedSet]) -> list[Section]:
    """Return errors of the forecast, and where early stopping ends fits."""
    bootstrap = Bootstrap([each.family for each in sets])
    rows = []
    for n_known, words in (
        (0, "all five pairs, before the first"),
        (1, "the other four, after it"),
    ):
        foreseen = [_foreseen(each, n_known) for each in sets]
        errors = np.concatenate([own[0] for own in foreseen])
        covered = bootstrap.mean([own[1].mean() for own in foreseen])
        rows.append(
            [
                words,
                f"{np.median(np.exp(errors)):.2f}",
                f"{np.median(np.abs(np.expm1(errors))):.1%}",
                f"{np.quantile(np.abs(np.expm1(errors)), 0.9):.1%}",
                covered.text(1, PERCENT),
            ]
        )
    shares = np.concatenate([_share_of_way(each) for each in sets])
    low, median, high = np.quantile(shares, (0.05, 0.5, 0.95))
    return [
        Section(
            "Costs foreseen",
            "The forecast that the advisor makes after its probe, if the probe finds exactly the "
            "median speed on record: how long early stopping lets a fit train is what it cannot "
            f"know. A fit ends at a share of {shares.mean():.2f} of the way from its earliest "
            f"possible epoch to its last (median {median:.2f}, 90 % between {low:.2f} and "
            f"{high:.2f}). Covered: by the 90 % interval.",
            ("what", "foreseen / taken, median", "median error", "p90 of error", "covered %"),
            rows,
        )
    ]  # fmt: skip


def _foreseen(recorded: RecordedSet, n_known: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the logarithms of foreseen over taken seconds, and whether the interval held."""
    errors, covered = [], []
    for pairs in recorded.repetitions.values():
        purse = Purse(recorded, pairs, budget_seconds=None)
        purse.run_round(0, n_known)
        purse.is_compiled = True
        interval = purse.forecast(pairs[:n_known]).pairs(N_FOLDS - n_known)
        taken = sum(sum(pair.seconds.values()) for pair in pairs[n_known:])
        errors.append(np.log(interval.expected / taken))
        covered.append(interval.low <= taken <= interval.high)
    return np.array(errors), np.array(covered)


def _share_of_way(recorded: RecordedSet) -> NDArray[np.float64]:
    """Return where fits ended between their earliest and their last epoch."""
    ends = []
    for cell in CELLS:
        work = recorded.work[cell]
        way = work.max_epochs - work.min_epochs
        pairs = recorded.pairs(recorded.repetitions)
        if way:
            ends += [(pair.n_epochs[cell] - work.min_epochs) / way for pair in pairs]
    return np.array(ends)
