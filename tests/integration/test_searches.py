"""scikit-learn's searches over cells and settings, on sequences of every kind."""

import numpy as np
import pytest
import sklearn
from joblib import parallel_config
from scipy.stats import loguniform
from sklearn.base import clone
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.metrics import accuracy_score, balanced_accuracy_score
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    HalvingGridSearchCV,
    RandomizedSearchCV,
    StratifiedKFold,
    cross_validate,
)
from sklearn.pipeline import make_pipeline

from rnnselect import SequenceScaler

KINDS = ["panel", "ragged", "listed"]
CELLS = ["gru", "lstm"]
FOLDS = StratifiedKFold(3)


def rows_of(X, rows):
    return [X[i] for i in rows] if isinstance(X, list) else X[rows]


def scores_of(search):
    """Return the scores of all candidates on all splits."""
    results, n_splits = search.cv_results_, search.n_splits_
    return np.array([results[f"split{k}_test_score"] for k in range(n_splits)])


# --- the searches --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_grid_over_cells(digits, tiny, kind):
    X, y = getattr(digits, kind), digits.names
    search = GridSearchCV(tiny.classifier(), {"cell": CELLS}, cv=FOLDS).fit(X, y)
    by_hand = [
        [
            tiny.classifier(cell=cell)
            .fit(rows_of(X, train), y[train])
            .score(rows_of(X, test), y[test])
            for cell in CELLS
        ]
        for train, test in FOLDS.split(X, y)
    ]
    np.testing.assert_array_equal(scores_of(search), by_hand)
    layers = {type(layer).__name__ for layer in search.best_estimator_.model_.layers}
    assert search.best_params_["cell"].upper() in layers
    np.testing.assert_array_equal(
        search.predict_proba(X),
        tiny.classifier(**search.best_params_).fit(X, y).predict_proba(X),
    )


def test_grid_over_a_pipeline(digits, tiny):
    pipeline = make_pipeline(SequenceScaler(), tiny.classifier())
    grid = {
        "sequencescaler__method": ["standard", "minmax"],
        "rnnclassifier__class_weight": [None, "balanced", {"zero": 9.0, "one": 1.0, "two": 1.0}],
    }
    search = GridSearchCV(pipeline, grid, cv=FOLDS, scoring="balanced_accuracy")
    search.fit(digits.ragged, digits.names)
    assert len(search.cv_results_["params"]) == 6
    assert len(np.unique(scores_of(search).mean(axis=0))) > 1
    predicted = search.predict(digits.ragged)
    assert search.score(digits.ragged, digits.names) == pytest.approx(
        balanced_accuracy_score(digits.names, predicted)
    )


def test_random_settings(digits, tiny):
    X, y = digits.listed, digits.ink
    settings = {"learning_rate": loguniform(1e-3, 0.3), "clipnorm": [None, 0.1, 1.0]}
    search = RandomizedSearchCV(tiny.regressor(), settings, n_iter=4, cv=3, random_state=0)
    search.fit(X, y)
    rates = [params["learning_rate"] for params in search.cv_results_["params"]]
    assert len(set(rates)) == 4
    assert np.isfinite(scores_of(search)).all()
    assert search.best_score_ == max(search.cv_results_["mean_test_score"])
    assert search.best_estimator_.learning_rate in rates


@pytest.mark.parametrize(
    ("kind", "resource", "first", "last"),
    [
        ("ragged", "n_samples", 60, 120),
        ("listed", "epochs", 1, 2),
    ],
)
def test_halving(digits, tiny, kind, resource, first, last):
    """More samples, or more epochs, for the better half."""
    search = HalvingGridSearchCV(
        tiny.classifier(),
        {"cell": CELLS, "learning_rate": [0.1, 1e-5]},
        cv=FOLDS,
        factor=2,
        resource=resource,
        min_resources=first,
        max_resources=last,
        random_state=0,
    ).fit(getattr(digits, kind), digits.names)
    assert search.n_resources_ == [first, last]
    assert search.n_candidates_ == [4, 2]
    assert search.best_params_["learning_rate"] == 0.1


# --- what is passed through ----------------------------------------------------------------------


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


@pytest.fixture
def weights():
    return np.random.default_rng(0).uniform(0.1, 5, size=120)


@pytest.mark.usefixtures("routing")
@pytest.mark.parametrize("inside", [False, True], ids=["plain", "in a pipeline"])
def test_routed_weights_and_groups(digits, tiny, weights, inside):
    X, y, groups = digits.ragged, digits.names, digits.writers
    splitter = GroupKFold(3)
    network = tiny.classifier().set_fit_request(sample_weight=True, groups=False)
    scorer = sklearn.metrics.get_scorer("accuracy").set_score_request(sample_weight=True)
    found = cross_validate(
        make_pipeline(SequenceScaler(), network) if inside else network,
        X,
        y,
        cv=splitter,
        scoring=scorer,
        params={"sample_weight": weights, "groups": groups},
    )
    expected = []
    for train, test in splitter.split(X, y, groups):
        scaler = SequenceScaler().fit(X[train]) if inside else None
        seen = scaler.transform(X) if inside else X
        alone = tiny.classifier().fit(seen[train], y[train], sample_weight=weights[train])
        right = alone.predict(seen[test]) == y[test]
        expected.append(np.average(right, weights=weights[test]))
    np.testing.assert_allclose(found["test_score"], expected)


@pytest.mark.usefixtures("routing")
def test_searches_route_weights_and_groups(digits, tiny, weights):
    """Weights that silence one class: nothing but routing can tell the search so."""
    silenced = np.where(digits.names == "two", 0.0, weights)
    network = tiny.classifier().set_fit_request(sample_weight=True, groups=True)
    network.set_score_request(sample_weight=False)
    search = GridSearchCV(network, {"learning_rate": [0.1, 0.2]}, cv=GroupKFold(3))
    search.fit(digits.panel, digits.names, sample_weight=silenced, groups=digits.writers)
    assert "two" not in search.predict(digits.panel)
    test_parts = [test for _, test in GroupKFold(3).split(digits.panel, groups=digits.writers)]
    at_most = [(digits.names[test] != "two").mean() for test in test_parts]
    assert (scores_of(search) <= np.array(at_most)[:, None]).all()


def test_weights_without_routing(digits, tiny, weights):
    search = GridSearchCV(tiny.classifier(), {"learning_rate": [0.1]}, cv=3)
    search.fit(digits.ragged, digits.names, sample_weight=weights)
    alone = tiny.classifier().fit(digits.ragged, digits.names, sample_weight=weights)
    np.testing.assert_array_equal(
        search.predict_proba(digits.ragged), alone.predict_proba(digits.ragged)
    )
    assert search.score(digits.ragged, digits.names) == accuracy_score(
        digits.names, alone.predict(digits.ragged)
    )


def test_workers_change_nothing(digits, tiny):
    """In threads; processes, which each import TensorFlow, have a test of the engine."""
    grid = {"cell": CELLS, "learning_rate": [0.1, 0.01]}
    search = GridSearchCV(tiny.classifier(), grid, cv=3)
    alone = clone(search).fit(digits.listed, digits.names)
    with parallel_config("threading", n_jobs=2):
        together = clone(search).fit(digits.listed, digits.names)
    np.testing.assert_array_equal(scores_of(together), scores_of(alone))
    assert together.best_params_ == alone.best_params_
