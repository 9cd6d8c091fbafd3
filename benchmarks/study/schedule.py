"""Which pairs the study runs, in which order, and what that is predicted to cost.

Part `default` first runs one repetition of every set, then, set by set, the others: five more of
the deep sets, one more of the rest. So whenever it is stopped, what there is can be used. Parts
`variants`, `sizes` and `lengths` finish one set after the other, each family's first one first.
All choices rest on arithmetic at a nominal machine's speed, so that they are the same everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product

from builtin import LAG_PROBLEMS
from cases import VARIANTS, Case, Cost, Library, predict_cost
from sets import MAX_TEST, N_FOLDS, TEST_SHARE, StudySet, shortened

PARTS = ("default", "variants", "sizes", "lengths")
REPETITIONS, DEEP_REPETITIONS = 2, 6
# Four repetitions of these are the truth against which two are replayed.
N_DEEP = 60
# With fewer samples and none left over by the cap, the fold's noise drowns every gap.
DEEP_MIN_SAMPLES = 200
# Core seconds of a pair; six repetitions of longer ones would leave no time for the others.
DEEP_MAX_SECONDS = 8.0
# Core seconds by arithmetic. Together two hours on two cores.
BUDGETS = {"variants": 4300.0, "sizes": 3600.0, "lengths": 4300.0}
SIZES = (50, 150, 450, 1350, 4050, 12150)
# A last size so close to the one before says nothing new.
SIZE_RATIO = 1.4
# Small training sets are cheap, and differ much.
DRAWS = {50: 5, 150: 5, 450: 4}
DEFAULT_DRAWS = 3
MIN_SIZE_SAMPLES = 1000
# The first sets of their families whose curve reaches so far come before all others.
LARGE_POOL = 4050
MAX_PAIR_SECONDS = 60.0
LAGS = (10, 20, 50, 100, 200, 500, 1000)
# From 500 steps on a pair takes minutes.
LAG_TRAIN, LAG_DRAWS = 2000, {500: 2, 1000: 2}
VIEW_LENGTHS = (25, 50, 100, 200)
VIEW_MIN_LENGTH, VIEW_SAMPLES = 250, (200, 1000)
VARIANT_MIN_SAMPLES = 300
# No setting, size or length can matter there.
WITHOUT_SIGNAL = {"no_signal"}


@dataclass(frozen=True, eq=False, slots=True)
class Batch:
    """Pairs of one case that are run one after the other.

    Parameters
    ----------
    case : Case
        What is compared.
    folds : tuple of (int, int)
        Repetition and fold of each pair.
    cost : Cost
        Predicted.
    """

    case: Case
    folds: tuple[tuple[int, int], ...]
    cost: Cost

    @property
    def seconds(self) -> float:
        """Predicted core seconds."""
        return self.cost.of(len(self.folds)) if self.folds else 0.0


class Schedule:
    """All batches of the study, part by part.

    Parameters
    ----------
    library : Library
        The data sets.
    names : set of str or None
        Only these sets; None: all.
    """

    def __init__(self, library: Library, names: set[str] | None = None) -> None:
        self.library = library
        entries = [entry for entry in library.entries.values() if not entry.left_out]
        self.entries = [entry for entry in entries if names is None or entry.name in names]

    def batches(self, part: str) -> list[Batch]:
        """Return the batches of a part in the order in which they are run."""
        return list(getattr(self, f"_{part}")())

    def family_first(self) -> list[str]:
        """Return names, the cheapest of each family first, then the second ones, and so on."""
        rank: dict[str, int] = {}
        ranked = []
        for entry in sorted(self.entries, key=lambda entry: self._cost(entry.name).pair_seconds):
            rank[entry.family] = rank.get(entry.family, -1) + 1
            ranked.append((rank[entry.family], len(ranked), entry.name))
        return [name for *_, name in sorted(ranked)]

    def deep(self) -> list[str]:
        """Return the sets of six repetitions: large enough to tell, one of each family first."""
        names = [
            name
            for name in self.family_first()
            if self._cost(name).pair_seconds <= DEEP_MAX_SECONDS
            and (len(self._set(name).used) >= DEEP_MIN_SAMPLES or len(self._set(name).unused))
        ]
        return names[:N_DEEP]

    def _default(self) -> Iterator[Batch]:
        names = self.family_first()
        deep = set(self.deep())
        for name in names:
            yield self._batch(Case("default", name), repeated(range(1)))
        for name in sorted(names, key=lambda name: name not in deep):
            last = DEEP_REPETITIONS if name in deep else REPETITIONS
            yield self._batch(Case("default", name), repeated(range(1, last)))

    def _variants(self) -> Iterator[Batch]:
        fitting = (n for n in self._telling() if len(self._set(n).used) >= VARIANT_MIN_SAMPLES)
        groups = (
            [
                self._batch(Case("variants", name, setting), repeated(range(1)))
                for setting in VARIANTS
            ]
            for name in fitting
        )
        return within(groups, BUDGETS["variants"])

    def _sizes(self) -> Iterator[Batch]:
        names = self._telling()
        families = {self.library.entries[name].family for name in names}
        large = [n for n in names[: len(families)] if self._n_pool(n) >= LARGE_POOL]
        names = [*large, *(name for name in names if name not in large)]
        groups = (self._size_curve(name) for name in names)
        return within((group for group in groups if group), BUDGETS["sizes"])

    def _size_curve(self, name: str) -> list[Batch]:
        study_set = self._set(name)
        if len(study_set.y) < MIN_SIZE_SAMPLES or study_set.groups is not None:
            return []
        pool = self._n_pool(name)
        sizes = [size for size in SIZES if size * SIZE_RATIO <= pool]
        sizes += [min(pool, SIZES[-1])] if pool < SIZES[-1] * SIZE_RATIO else []
        batches = []
        for size in sizes:
            draws = range(DRAWS.get(size, DEFAULT_DRAWS))
            batch = self._batch(Case("sizes", name, n_train=size), [(draw, 0) for draw in draws])
            batches += [batch] if batch.cost.pair_seconds <= MAX_PAIR_SECONDS else []
        return batches

    def _n_pool(self, name: str) -> int:
        study_set = self._set(name)
        n_test = min(MAX_TEST, round(TEST_SHARE * len(study_set.y)))
        return len(study_set.y) - n_test - (study_set.entry.window_gap or 0)

    def _telling(self) -> list[str]:
        return [name for name in self.family_first() if name not in WITHOUT_SIGNAL]

    def _lengths(self) -> Iterator[Batch]:
        lags = [
            self._batch(
                Case("lengths", name, n_train=LAG_TRAIN, length=length, view="made"),
                [(draw, 0) for draw in range(LAG_DRAWS.get(length, DEFAULT_DRAWS))],
            )
            for length, name in product(LAGS, LAG_PROBLEMS)
            if any(entry.name == name for entry in self.entries)
        ]
        yield from lags
        views = (
            [
                self._batch(Case("lengths", name, length=length, view=view), repeated(range(1)))
                for length, view in product(VIEW_LENGTHS, ("first", "pooled"))
            ]
            for name in self.family_first()
            if self._can_be_shortened(name)
        )
        spent = sum(batch.seconds for batch in lags)
        yield from within(views, BUDGETS["lengths"] - spent)

    def _can_be_shortened(self, name: str) -> bool:
        X, low_high = self._set(name).X, VIEW_SAMPLES
        is_long = X.ndim == 3 and X.shape[1] >= VIEW_MIN_LENGTH
        return is_long and low_high[0] <= len(self._set(name).used) <= low_high[1]

    def _batch(self, case: Case, folds: Iterable[tuple[int, int]]) -> Batch:
        return Batch(case, tuple(folds), self._case_cost(case))

    def _cost(self, name: str) -> Cost:
        return self._case_cost(Case("default", name))

    @cache  # noqa: B019 -- there is one schedule a process
    def _case_cost(self, case: Case) -> Cost:
        study_set = self._set(case.data)
        if case.view == "made":
            study_set = self.library.read(case)
        elif case.length is not None:
            study_set = shortened(study_set, case.length, case.view)
        return predict_cost(case, study_set, study_set.profile())

    @cache  # noqa: B019
    def _set(self, name: str) -> StudySet:
        return self.library.read(Case("default", name))


def repeated(repetitions: Iterable[int]) -> list[tuple[int, int]]:
    """Return the pairs of whole repetitions of five folds."""
    return list(product(repetitions, range(N_FOLDS)))


def within(groups: Iterable[list[Batch]], seconds: float) -> Iterator[Batch]:
    """Yield groups as long as they fit into the seconds; one that does not is passed over."""
    for group in groups:
        needed = sum(batch.seconds for batch in group)
        if needed <= seconds:
            seconds -= needed
            yield from group
