"""Makes one real call on a data set of the study and prints what it took; `live.py` starts it.

    python benchmarks/advice/calls.py '{"what": "halving", "data": "digits", "folder": "..."}'

Each call has a process of its own. Importing TensorFlow counts for the advisor, which foresees it;
searches find it imported.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import records  # noqa: F401 -- makes the study's files importable
from cases import Case, Library
from sets import StudySet
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    StratifiedGroupKFold,
    StratifiedKFold,
)

from rnnselect import RNNAdvisor


def recommend(study_set: StudySet, budget_seconds: float | None) -> dict[str, Any]:
    """Call the advisor on the study's first five folds.

    Without a budget all pairs are run, so that the forecast is of what is then measured.
    """
    X, y, groups = rows_of(study_set)
    used = study_set.used
    splits = [tuple(np.searchsorted(used, rows) for rows in split) for split in study_set.splits(0)]
    own = {"min_gain": 0} if budget_seconds is None else {"budget": budget_seconds}
    advisor = RNNAdvisor(study_set.estimator(), cv=splits, random_state=0, **own)
    start = time.perf_counter()
    advice = advisor.recommend(X, y, groups=groups)
    seconds = time.perf_counter() - start
    predicted = advice.predicted_seconds
    return {
        "seconds": seconds,
        "predicted": None if predicted is None else predicted.to_dict(),
        "n_pairs": len(advice.pairs),
        "cell": advice.cell,
        "stop_reason": advice.stop_reason.value,
    }


def halving(study_set: StudySet) -> dict[str, Any]:
    """Search over the cells with scikit-learn's successive halving, factor 2, five folds."""
    from sklearn.experimental import enable_halving_search_cv  # noqa: F401
    from sklearn.model_selection import HalvingGridSearchCV

    return _search(study_set, HalvingGridSearchCV, 5, factor=2, random_state=0)


def three_folds(study_set: StudySet) -> dict[str, Any]:
    """Search over the cells with three folds; both share split and seed."""
    return _search(study_set, GridSearchCV, 3)


def _search(study_set: StudySet, kind: Any, n_folds: int, **options: Any) -> dict[str, Any]:
    import keras  # noqa: F401

    X, y, groups = rows_of(study_set)
    estimator = study_set.estimator(random_state=0)
    search = kind(
        estimator,
        {"cell": ["gru", "lstm"]},
        cv=splitter(study_set, n_folds),
        refit=False,
        **options,
    )
    start = time.perf_counter()
    search.fit(X, y, groups=groups)
    seconds = time.perf_counter() - start
    # The number of fits on whole training parts that would have trained on as many samples.
    resources = search.cv_results_.get("n_resources", np.full(2, len(y)))
    return {
        "seconds": seconds,
        "n_pairs": float(n_folds * np.sum(resources) / len(y) / 2),
        "cell": search.best_params_["cell"],
    }


def rows_of(study_set: StudySet) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Return the rows of the comparison, their targets and groups."""
    used = study_set.used
    groups = None if study_set.groups is None else study_set.groups[used]
    return study_set.X[used], study_set.y[used], groups


def splitter(study_set: StudySet, n_folds: int) -> Any:
    """Return what a careful user would split such data with."""
    if study_set.entry.window_gap is not None:
        return KFold(n_folds)  # contiguous: neighbours overlap
    if study_set.groups is not None:
        kind = StratifiedGroupKFold if study_set.is_classification else GroupKFold
    else:
        kind = StratifiedKFold if study_set.is_classification else KFold
    return kind(n_folds, shuffle=True, random_state=0)


WHATS = {"recommend": recommend, "halving": halving, "three_folds": three_folds}


def call(what: str, data: str, folder: str, **settings: Any) -> dict[str, Any]:
    """Make a call by its name."""
    study_set = Library(Path(folder)).read(Case("default", data))
    return WHATS[what](study_set, **settings)


if __name__ == "__main__":
    print(json.dumps(call(**json.loads(sys.argv[1]))))
