"""What `RNNAdvisor` accepts: estimators around the cell, splits, weights and groups."""

from typing import ClassVar

import numpy as np
import pytest
import sklearn
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import accuracy_score, get_scorer, roc_auc_score
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    PredefinedSplit,
    StratifiedKFold,
    TimeSeriesSplit,
    cross_validate,
)
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from rnnselect import RNNAdvisor, RNNClassifier, RNNRegressor

# Tests share programs: every new shape and head compiles for about a second.
BRIEF = {
    "units": 3,
    "epochs": 2,
    "batch_size": 16,
    "learning_rate": 0.05,
    "early_stopping": False,
    "random_state": 0,
}
ALL_PAIRS = {"cv": 2, "baseline": False, "min_gain": 0.0, "random_state": 0}


def brief(**parameters):
    return RNNClassifier(**{**BRIEF, **parameters})


class Recorder(RNNClassifier):
    """Notes what its fits are given beside X and y."""

    given: ClassVar[list] = []

    def fit(self, X, y, sample_weight=None, groups=None):
        self.given.append({"n": len(y), "sample_weight": sample_weight, "groups": groups})
        return super().fit(X, y, sample_weight, groups)


class Rows(ClassifierMixin, BaseEstimator):
    """No network: notes which rows it is trained on, which X says, and predicts one class."""

    trained_on: ClassVar[list] = []

    def __init__(self, kind="gru"):
        self.kind = kind

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.trained_on.append((self.kind, np.asarray(X)[:, 0].astype(int).tolist()))
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])


@pytest.fixture
def recorder(monkeypatch):
    monkeypatch.setattr(Recorder, "given", [])
    return Recorder(**BRIEF)


@pytest.fixture
def rows(monkeypatch):
    monkeypatch.setattr(Rows, "trained_on", [])
    return Rows()


# --- what it wraps -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("estimator", "kind", "target", "parameter"),
    [
        pytest.param(
            make_pipeline(StandardScaler(), make_pipeline(StandardScaler(), brief())),
            "series", "classes", "pipeline__rnnclassifier__cell",
            id="pipeline in a pipeline",
        ),
        pytest.param(
            make_pipeline(ColumnTransformer([("all", StandardScaler(), slice(0, 8))]), brief()),
            "series", "classes", "rnnclassifier__cell",
            id="after a ColumnTransformer",
        ),
        pytest.param(
            TransformedTargetRegressor(RNNRegressor(**BRIEF), transformer=StandardScaler()),
            "panel", "two_values", "regressor__cell",
            id="TransformedTargetRegressor",
        ),
        pytest.param(
            MultiOutputClassifier(brief()), "panel", "two_classes", "estimator__cell",
            id="MultiOutputClassifier", marks=pytest.mark.slow,
        ),
        pytest.param(
            CalibratedClassifierCV(brief(), cv=2), "panel", "classes", "estimator__cell",
            id="CalibratedClassifierCV", marks=pytest.mark.slow,
        ),
        pytest.param(
            VotingClassifier([("rnn", brief()), ("no", DummyClassifier())], voting="soft"),
            "ragged", "classes", "rnn__cell",
            id="VotingClassifier", marks=pytest.mark.slow,
        ),
    ],
)  # fmt: skip
def test_the_cell_sits_anywhere(data, estimator, kind, target, parameter):
    X = getattr(data, kind)
    y = {
        "classes": data.classes,
        "two_values": np.column_stack([data.values, -data.values]),
        "two_classes": np.column_stack([data.classes, data.classes[::-1]]),
    }[target]
    advisor = RNNAdvisor(estimator, **ALL_PAIRS).fit(X, y)

    assert len(advisor.recommendation_.pairs) == 2
    assert advisor.best_estimator_.get_params()[parameter] == advisor.best_cell_
    assert advisor.cv_results_[f"param_{parameter}"].tolist() == ["gru", "lstm"]
    assert np.shape(advisor.predict(X)) == y.shape
    assert np.isfinite(advisor.score(X, y))
    assert estimator.get_params()[parameter] == "gru"


def test_two_cells_must_be_told_apart(data):
    both = VotingClassifier([("a", brief()), ("b", brief(cell="lstm"))])
    with pytest.raises(ValueError, match=r"2 parameters called 'cell' \(\['a__cell', 'b__cell'\]"):
        RNNAdvisor(both).recommend(data.panel, data.classes)
    advisor = RNNAdvisor(both, cell_param="a__cell", **ALL_PAIRS).fit(data.panel, data.classes)
    assert advisor.best_estimator_.get_params()["b__cell"] == "lstm"


def test_any_estimator_whose_parameter_is_named(data, rows):
    with pytest.raises(ValueError, match="Rows has 0 parameters called 'cell'"):
        RNNAdvisor(rows).recommend(data.series, data.classes)
    advisor = RNNAdvisor(rows, cell_param="kind", cells=("a", "b"), **ALL_PAIRS)
    advisor.fit(data.series, data.classes)
    assert {kind for kind, _ in rows.trained_on} == {"a", "b"}
    assert advisor.best_estimator_.kind == advisor.best_cell_
    assert advisor.recommendation_.plan.reasons[-1].code == "cost_unknown"
    assert not hasattr(advisor, "predict_proba")


@pytest.mark.parametrize("budget", [None, 60])
def test_decision_values(data, budget):
    y = data.classes > 0
    advisor = RNNAdvisor(
        SGDClassifier(random_state=0),
        cell_param="loss",
        cells=("hinge", "perceptron"),
        scoring="roc_auc",
        budget=budget,
        **ALL_PAIRS,
    ).fit(data.series, y)
    values = advisor.decision_function(data.series)
    assert advisor.score(data.series, y) == pytest.approx(roc_auc_score(y, values))
    source = "arithmetic" if budget is None else "finished fits"
    assert advisor.plan_.forecast.source == source
    assert len(advisor.recommendation_.pairs) == 2


# --- splits --------------------------------------------------------------------------------------

N = 24
NUMBERED = np.column_stack([np.arange(N, dtype=float), np.zeros(N)])
ALTERNATING = np.arange(N) % 2


def trained_on(rows, cv, **metadata):
    """Return the rows that the first cell was trained on, pair by pair."""
    Rows.trained_on.clear()
    advisor = RNNAdvisor(rows, cell_param="kind", **{**ALL_PAIRS, "cv": cv}, refit=False)
    advisor.fit(NUMBERED, ALTERNATING, **metadata)
    return [numbers for kind, numbers in rows.trained_on if kind == "gru"]


def test_an_int_means_shuffled_stratified_folds(rows):
    for numbers in trained_on(rows, 3):
        assert np.bincount(ALTERNATING[numbers]).tolist() == [8, 8]
        assert numbers != list(range(min(numbers), max(numbers) + 1))


@pytest.mark.parametrize(
    "cv",
    [
        KFold(3),
        StratifiedKFold(4),
        TimeSeriesSplit(3),
        PredefinedSplit(np.arange(N) // 8),
        list(KFold(2).split(NUMBERED)),
        pytest.param([(np.arange(N) < 12, np.arange(N) >= 12)], id="masks"),
    ],
    ids=lambda cv: type(cv).__name__,
)
def test_splitters_and_ready_made_splits(rows, cv):
    splits = list(cv.split(NUMBERED, ALTERNATING)) if hasattr(cv, "split") else cv
    expected = [np.arange(N)[train].tolist() for train, _ in splits]
    assert trained_on(rows, cv) == expected


def test_a_generator_of_splits(rows):
    folds = list(KFold(2).split(NUMBERED))
    assert trained_on(rows, iter(folds)) == [train.tolist() for train, _ in folds]


@pytest.mark.parametrize("cv", [3, GroupKFold(3)])
def test_groups_stay_together(rows, cv):
    groups = np.arange(N) // 4
    for numbers in trained_on(rows, cv, groups=groups):
        assert len(numbers) == 4 * len(np.unique(groups[numbers]))


def test_every_training_part_needs_two_classes(data):
    in_order = np.sort(data.classes)
    with pytest.raises(ValueError, match="split 0 trains on one class only"):
        RNNAdvisor(cv=TimeSeriesSplit(3)).fit(data.panel, in_order)


# --- weights and groups --------------------------------------------------------------------------

WEIGHTS = np.linspace(0.5, 2.0, 60)  # each row has a weight of its own
GROUPS = np.arange(60) // 5


def check_arrived(given, n_fits):
    """Every fit was given the weights and groups of its own rows, the refit those of all."""
    assert len(given) == n_fits
    for call in given:
        rows = np.searchsorted(WEIGHTS, call["sample_weight"])
        np.testing.assert_array_equal(WEIGHTS[rows], call["sample_weight"])
        np.testing.assert_array_equal(GROUPS[rows], call["groups"])
        assert call["n"] == len(rows) == 5 * len(np.unique(call["groups"]))
    assert given[-1]["n"] == 60


@pytest.mark.parametrize("inside", [False, True], ids=["plain", "in a pipeline"])
def test_weights_and_groups_without_routing(data, recorder, inside):
    X = data.series if inside else data.panel
    estimator = make_pipeline(StandardScaler(), recorder) if inside else recorder
    advisor = RNNAdvisor(estimator, **ALL_PAIRS)
    advisor.fit(X, data.classes, sample_weight=WEIGHTS, groups=GROUPS)
    check_arrived(recorder.given, n_fits=5)
    assert advisor.score(X, data.classes, sample_weight=WEIGHTS) == pytest.approx(
        accuracy_score(data.classes, advisor.predict(X), sample_weight=WEIGHTS)
    )


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


def requesting(recorder):
    recorder.set_fit_request(sample_weight=True, groups=True)
    return recorder.set_score_request(sample_weight=True)


@pytest.mark.usefixtures("routing")
@pytest.mark.parametrize("cv", [2, GroupKFold(2)])
def test_routed_weights_and_groups(data, recorder, cv):
    advisor = RNNAdvisor(requesting(recorder), **{**ALL_PAIRS, "cv": cv})
    advisor.fit(data.panel, data.classes, sample_weight=WEIGHTS, groups=GROUPS)
    check_arrived(recorder.given, n_fits=5)
    assert advisor.score(data.panel, data.classes, sample_weight=WEIGHTS) == pytest.approx(
        accuracy_score(data.classes, advisor.predict(data.panel), sample_weight=WEIGHTS)
    )


@pytest.mark.usefixtures("routing")
@pytest.mark.slow
def test_routed_through_a_pipeline_and_an_outer_cross_validation(data, recorder):
    scaler = StandardScaler().set_fit_request(sample_weight=False)
    scorer = get_scorer("accuracy").set_score_request(sample_weight=True)
    pipeline = make_pipeline(scaler, requesting(recorder))
    found = cross_validate(
        RNNAdvisor(pipeline, **ALL_PAIRS, scoring=scorer),
        data.series,
        data.classes,
        cv=GroupKFold(2),
        scoring=scorer,
        params={"sample_weight": WEIGHTS, "groups": GROUPS},
        return_estimator=True,
    )
    assert len(recorder.given) == 10
    for call in recorder.given:
        rows = np.searchsorted(WEIGHTS, call["sample_weight"])
        np.testing.assert_array_equal(GROUPS[rows], call["groups"])
    predicted = found["estimator"][0].predict(data.series)
    _, test = next(GroupKFold(2).split(data.series, data.classes, GROUPS))
    right = predicted[test] == data.classes[test]
    assert found["test_score"][0] == pytest.approx(np.average(right, weights=WEIGHTS[test]))


@pytest.mark.usefixtures("routing")
def test_a_search_routes_to_the_networks(data, recorder):
    search = GridSearchCV(requesting(recorder), {"cell": ["gru", "lstm"]}, cv=GroupKFold(2))
    search.fit(data.panel, data.classes, sample_weight=WEIGHTS, groups=GROUPS)
    check_arrived(recorder.given, n_fits=5)
