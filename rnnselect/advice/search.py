"""A finished search over cells, read as a race whose pairs someone else has run."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.model_selection import check_cv
from sklearn.utils.validation import check_is_fitted

from rnnselect.advice.baseline import DUMMY
from rnnselect.advice.cost import cheaper_cell
from rnnselect.advice.overlap import covariance_of_splits, folds_of_a_repetition
from rnnselect.advice.plan import Reason
from rnnselect.advice.points import POINTS_PER_UNIT, ScoreScale, score_scale
from rnnselect.advice.prior import NoisePrior, noise_before_pairs
from rnnselect.advice.race import PairOutcome, Race, run_race
from rnnselect.advice.recommendation import Recommendation, conclude
from rnnselect.advice.rules import RaceRules, race_rules
from rnnselect.advice.study import SMALL_SAMPLES, prior_for
from rnnselect.cells import CELLS, shown_name

__all__ = ["read_search"]

# Where nothing but the scores is known, a pair is taken to be at least as noisy as it usually is:
# the deviation at which the prior and the stop rule were set, held as firmly as two pairs say it.
USUAL_NOISE_POINTS = 1.8
NOISE_SHAPE_WITHOUT_SAMPLES = 1.0
# How many points the deviation of a pair between folds makes: the median of the study's 179 data
# sets. Of scores in their own unit without y, it says what a point is.
FOLD_SPREAD_POINTS = 3.0
# Scores other than accuracies are given the noise of this accuracy, as before any race.
LIKE_ACCURACY = 0.8


def read_search(
    search: Any,
    y: Any = None,
    *,
    cells: Sequence[str] | None = None,
    cell_param: str | None = None,
    scoring: str | None = None,
    rope: float = 0.01,
    confidence: float = 0.95,
    min_gain: float | None = None,
) -> Recommendation:
    """Say what the advisor would say of the folds of a finished search.

    Parameters
    ----------
    search : GridSearchCV or RandomizedSearchCV
        Fitted; one of its parameters is the cell.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
        The targets of the search. They tell how many samples were tested and what a prediction
        without learning scores.
    cells : sequence of two str, default=None
        The cells to compare, where the search tried more than two.
    cell_param : str, default=None
        The parameter that names the cell; None finds the one called ``cell``.
    scoring : str, default=None
        One of several scorers; None takes the one of `refit`.
    rope, confidence, min_gain
        As `RNNAdvisor` takes them.

    Returns
    -------
    Recommendation
        Its pairs are the folds. Where the search varied other parameters too, the best candidate
        of each cell stands for it, and a reason says what that does to the comparison.

    Raises
    ------
    ValueError
        If no parameter names the cell, only one cell was tried, a fold has no score, it is open
        which of several scorers counts, or an error has no unit without y.
    """
    if not hasattr(search, "get_params"):
        raise TypeError(f"search={search!r} is not a search; give a fitted GridSearchCV.")
    check_is_fitted(search, "cv_results_")
    results = search.cv_results_
    if "n_resources" in results:
        raise ValueError(
            f"{type(search).__name__} scores candidates on different samples, which are not pairs; "
            "give a GridSearchCV or a RandomizedSearchCV."
        )
    name = _cell_parameter(results["params"], cell_param)
    of_cell = _candidates_of_cells(results["params"], name, cells)
    metric, scale = _metric(search, results, scoring, rope)
    n_splits = sum(key.startswith("split") and key.endswith(f"_test_{metric}") for key in results)
    columns = [results[f"split{k}_test_{metric}"] for k in range(n_splits)]
    best = {cell: max(rows, key=_mean_of(columns)) for cell, rows in of_cell.items()}
    scores = {cell: _scores_of(columns, row, name, cell) for cell, row in best.items()}
    dummy = _dummy_score(search, y, metric, scale)
    scale = scale.measured([dummy])
    if scale.kind == "raw" and math.isinf(dummy):
        spread = math.sqrt(np.mean([np.var(each) for each in scores.values()]))
        scale = scale.measured([POINTS_PER_UNIT * spread / FOLD_SPREAD_POINTS])
    splits = _splits(search, y, len(columns))
    n_samples = SMALL_SAMPLES if y is None else len(y)
    n_tests = [len(test) for _, test in splits]
    rules = race_rules(
        scale,
        n_folds=_n_folds(search, n_tests, n_samples),
        max_pairs=len(columns),
        rope=rope,
        min_gain=min_gain,
        confidence=confidence,
        regression=not is_classifier(search.estimator),
        covariance=covariance_of_splits(splits, n_samples) if splits else None,
    )
    times = results["mean_fit_time"] + results["mean_score_time"]
    outcomes = _outcomes(
        scores,
        {cell: float(times[row]) for cell, row in best.items()},
        lambda score: scale.floored(score, dummy),
        floor=scale.floor_points(dummy),
        n_folds=rules.n_folds,
        n_tests=n_tests or [0] * len(columns),
    )
    sizes = _sizes(search, results["params"], best, name)
    found = conclude(
        _race(outcomes, rules, scale, n_samples),
        None,
        scoring=scale.name,
        baseline_scores=[] if y is None or math.isinf(dummy) else [{DUMMY: dummy}] * len(outcomes),
        cheaper=cheaper_cell(tuple(best), sizes or dict.fromkeys(best, 0), None),
        actual_seconds=float(times.sum()) * len(outcomes),
        budget_seconds=None,
        predicted_seconds=None,
        n_parameters=sizes,
    )
    return replace(found, reasons=(*found.reasons, *_reasons(of_cell, y, dummy)))


def _race(
    outcomes: Sequence[PairOutcome], rules: RaceRules, scale: ScoreScale, n_samples: int
) -> Race:
    """Judge all folds, since they have been paid for."""
    race = run_race(
        lambda first, n: outcomes[first : first + n],
        prior=prior_for(n_samples=n_samples),
        noise_before=_noise(outcomes, scale),
        rules=replace(rules, min_gain_points=0.0),
        affordable=lambda judged: len(outcomes),
    )
    return replace(race, rules=rules)


def _outcomes(
    scores: Mapping[str, tuple[float, ...]],
    seconds: dict[str, float],
    points: Callable[[float], float],
    *,
    floor: float,
    n_folds: int,
    n_tests: Sequence[int],
) -> list[PairOutcome]:
    """Return the folds as pairs, as far as a search tells: 0 test samples are unknown ones."""
    first, second = scores
    return [
        PairOutcome(
            cells=(first, second),
            repetition=k // n_folds,
            fold=k % n_folds,
            scores={cell: of_cell[k] for cell, of_cell in scores.items()},
            points={cell: points(of_cell[k]) for cell, of_cell in scores.items()},
            dummy_points=floor,
            noise_variance_points2=math.nan,
            n_test=n_tests[k],
            seconds=seconds,
            n_epochs=dict.fromkeys(scores, 0),
        )
        for k in range(len(scores[first]))
    ]


def _splits(search: Any, y: Any, n_splits: int) -> list[tuple[Any, Any]]:
    """Return splits like those of the search; none where only the data that it had tell them."""
    if y is None:
        return []
    cv = check_cv(search.cv, y, classifier=is_classifier(search.estimator))
    try:
        splits = list(cv.split(np.zeros((len(y), 1)), y))
    except (TypeError, ValueError):  # it splits by groups, or by what is in X
        return []
    return splits if len(splits) == n_splits else []


def _n_folds(search: Any, n_tests: Sequence[int], n_samples: int) -> int:
    if n_tests:
        return folds_of_a_repetition(np.array(n_tests), n_samples)
    return max(2, int(search.n_splits_) // max(1, getattr(search.cv, "n_repeats", 1)))


def _cell_parameter(candidates: Sequence[Mapping[str, Any]], cell_param: str | None) -> str:
    varied = sorted({name for params in candidates for name in params})
    found = [name for name in varied if name.rpartition("__")[2] == "cell"]
    if cell_param is not None:
        found = [name for name in varied if name == cell_param]
    if len(found) != 1:
        called = "'cell'" if cell_param is None else repr(cell_param)
        raise ValueError(
            f"search varied {varied}, of which {len(found)} parameters are called {called}; name "
            "the one that chooses the cell with cell_param."
        )
    return found[0]


def _candidates_of_cells(
    candidates: Sequence[Mapping[str, Any]], name: str, cells: Sequence[str] | None
) -> dict[str, list[int]]:
    """Return the rows of each of the two cells, the cells in their usual order."""
    rows: dict[str, list[int]] = {}
    for row, params in enumerate(candidates):
        cell = params.get(name)
        if not isinstance(cell, str | None):
            raise ValueError(f"search varied {name} over {cell!r}, which is not a name of a cell.")
        if cell is not None:
            rows.setdefault(str(cell), []).append(row)
    wanted = tuple(rows) if cells is None else tuple(cells)
    if set(wanted) == set(CELLS):
        wanted = tuple(sorted(wanted))
    if len(wanted) != 2 or not set(wanted) <= set(rows):
        raise ValueError(
            f"search tried {name}={sorted(rows)}, and cells={cells!r}: two cells are compared, on "
            "the same folds; search over both, or choose two of more with cells=('gru', 'lstm')."
        )
    return {cell: rows[cell] for cell in wanted}


def _metric(
    search: Any, results: Mapping[str, Any], scoring: str | None, rope: float
) -> tuple[str, ScoreScale]:
    """Return what the scores are called in the results, and their scale."""
    classifier = is_classifier(search.estimator)
    prefix = "split0_test_"
    metrics = [key.removeprefix(prefix) for key in results if key.startswith(prefix)]
    if metrics == ["score"] and scoring is None:
        return "score", score_scale(search.scoring, is_classifier=classifier, rope=rope)
    metric = search.refit if scoring is None else scoring
    if not isinstance(metric, str) or metric not in metrics:
        raise ValueError(
            f"search scored {metrics} and scoring={scoring!r}; name one of them with scoring."
        )
    given = search.scoring
    if isinstance(given, Mapping):
        given = given[metric]
    elif callable(given):  # returns several scores, of which only the names are known
        return metric, replace(score_scale(given, is_classifier=classifier, rope=rope), name=metric)
    else:
        given = metric
    scale = score_scale(given, is_classifier=classifier, rope=rope)
    return metric, replace(scale, name=metric)


def _mean_of(columns: Sequence[Any]) -> Any:
    def mean_score(row: int) -> float:
        mean = float(np.mean([column[row] for column in columns]))
        return -math.inf if math.isnan(mean) else mean

    return mean_score


def _scores_of(columns: Sequence[Any], row: int, name: str, cell: str) -> tuple[float, ...]:
    scores = tuple(float(column[row]) for column in columns)
    failed = [k for k, score in enumerate(scores) if math.isnan(score)]
    if failed:
        raise ValueError(
            f"search has no score of {name}={cell!r} on the splits {failed} (NaN), so their pairs "
            "are incomplete: see why with error_score='raise', and search again."
        )
    return scores


def _dummy_score(search: Any, y: Any, metric: str, scale: ScoreScale) -> float:
    """Return what a prediction without learning scores; -inf where that is not known."""
    if y is not None:
        scorer = search.scorer_[metric] if isinstance(search.scorer_, dict) else search.scorer_
        nothing = np.zeros((len(y), 1))
        dummy = DummyClassifier() if is_classifier(search.estimator) else DummyRegressor()
        try:
            score = float(scorer(dummy.fit(nothing, y), nothing, np.asarray(y)))
        except Exception:  # whatever a scorer of the user's own asks of the estimator or of X
            if scale.kind != "raw":
                raise
            return -math.inf  # `_reasons` says so
        return score if math.isfinite(score) else -math.inf
    if scale.kind in ("error", "squared_error"):
        raise ValueError(
            f"scoring={scale.name!r} is an error, and y=None: give y, the targets of the search, "
            "so that its scores can be compared with a prediction without learning."
        )
    return 0.0 if scale.kind == "r2" else -math.inf


def _noise(outcomes: Sequence[PairOutcome], scale: ScoreScale) -> NoisePrior:
    if outcomes[0].n_test:
        accuracy = LIKE_ACCURACY
        if scale.kind == "bounded":
            level = np.mean([list(pair.scores.values()) for pair in outcomes])
            accuracy = float(np.clip(level, 0.0, 1.0))
        return noise_before_pairs(accuracy, outcomes[0].n_test)
    spread = float(np.var([pair.difference_points for pair in outcomes], ddof=len(outcomes) > 1))
    return NoisePrior(max(spread, USUAL_NOISE_POINTS**2), NOISE_SHAPE_WITHOUT_SAMPLES)


def _sizes(
    search: Any, candidates: Sequence[Mapping[str, Any]], best: Mapping[str, int], name: str
) -> dict[str, int] | None:
    """Return the parameters of a layer of each cell; None where no units tell."""
    units = f"{name.removesuffix('cell')}units"
    own = search.estimator.get_params()
    if units not in own or not set(best) <= set(CELLS):
        return None
    return {
        cell: CELLS[cell].n_parameters(int(candidates[row].get(units, own[units])), 1)
        for cell, row in best.items()
    }


def _reasons(of_cell: Mapping[str, list[int]], y: Any, dummy: float) -> list[Reason]:
    """Say what reading it from a search leaves open."""
    reasons = []
    counts = {cell: len(rows) for cell, rows in of_cell.items()}
    if max(counts.values()) > 1:
        tried = ", ".join(f"{shown_name(cell)} {n}" for cell, n in counts.items())
        favoured = ""
        if len(set(counts.values())) > 1:
            favoured = f", and favours {shown_name(max(counts, key=lambda c: counts[c]))}"
        reasons.append(
            Reason(
                "selection",
                f"Each cell is represented by its best candidate ({tried} tried), chosen on the "
                f"same folds: so both scores are too good{favoured}, and the comparison is less "
                "certain than it says.",
                "cv_results_",
            )
        )
    if y is None:
        reasons.append(
            Reason(
                "noise",
                "The noise is judged by the spread of the folds alone, and it is not known whether "
                "the cells have learnt anything: give y, the targets of the search.",
                "cv_results_",
            )
        )
    elif math.isinf(dummy):
        reasons.append(
            Reason(
                "floor_unknown",
                "It is not known whether the cells have learnt anything, because the scorer cannot "
                "score a prediction without learning, which has neither X nor a network.",
                "cv_results_",
            )
        )
    reasons.append(
        Reason(
            "simple_models",
            "It is not known whether a simple model does as well, because the search has not run "
            "any: score one on the same folds, or let RNNAdvisor compare.",
            "cv_results_",
        )
    )
    return reasons
