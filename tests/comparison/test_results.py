import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV, RepeatedStratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from rnnselect.comparison.pairs import run_pairs
from rnnselect.comparison.results import search_results


def results_of(stub, n_pairs=3, estimator=None, **kwargs):
    estimator = estimator or stub.Classifier(errors=(0.3, 0.1), seconds=(2.0, 4.0))
    _, comparison, _ = stub.comparison(estimator, *stub.data(), **{"cv": 3, **kwargs})
    return search_results(comparison, len(run_pairs(comparison, range(n_pairs), None)))


@pytest.mark.parametrize("cv", [3, RepeatedStratifiedKFold(n_splits=2, n_repeats=2)])
def test_the_form_is_that_of_grid_search(stub, cv):
    X, y = stub.data()
    n_splits = cv if isinstance(cv, int) else 4
    results = results_of(stub, n_splits, cv=cv)
    grid = GridSearchCV(stub.Classifier(errors=(0.3, 0.1)), {"cell": ["gru", "lstm"]}, cv=cv)
    expected = grid.fit(X, y).cv_results_

    assert list(results) == list(expected)
    assert results["params"] == expected["params"]
    for name in set(results) - {"params"}:
        assert type(results[name]) is type(expected[name]), name
        assert results[name].shape == expected[name].shape == (2,)
        assert results[name].dtype == expected[name].dtype
    np.testing.assert_array_equal(results["param_cell"], expected["param_cell"])
    np.testing.assert_array_equal(results["rank_test_score"], expected["rank_test_score"])
    assert results["rank_test_score"].tolist() == [2, 1]
    assert results["mean_fit_time"].tolist() == [2.0, 4.0]
    for name in ("std_fit_time", "mean_score_time", "std_score_time"):
        assert results[name].tolist() == [0.0, 0.0]
    scores = [results[f"split{k}_test_score"] for k in range(n_splits)]
    np.testing.assert_allclose(results["mean_test_score"], np.mean(scores, axis=0))
    np.testing.assert_allclose(results["std_test_score"], np.std(scores, axis=0))


def test_seconds_of_fits_and_of_scores(stub):
    class SlowToAnswer(stub.Classifier):
        def predict_proba(self, X):
            stub.time.now += 0.5 if self.cell == "lstm" else 0.25
            return super().predict_proba(X)

    results = results_of(stub, estimator=SlowToAnswer(seconds=(2.0, 4.0)))
    np.testing.assert_allclose(results["mean_fit_time"], [2.0, 4.0])
    np.testing.assert_allclose(results["mean_score_time"], [0.5, 1.0])  # predict asks for both


def test_splits_that_were_not_needed(stub):
    results = results_of(stub, n_pairs=2, cv=5)
    for k in range(5):
        assert np.isnan(results[f"split{k}_test_score"]).all() == (k >= 2)
    means = np.mean([results[f"split{k}_test_score"] for k in range(2)], axis=0)
    np.testing.assert_allclose(results["mean_test_score"], means)
    assert np.isfinite(results["std_test_score"]).all()


def test_no_pair(stub):
    results = results_of(stub, n_pairs=0)
    for name in ("mean_test_score", "std_test_score", "mean_fit_time", "split2_test_score"):
        assert np.isnan(results[name]).all()
    assert results["rank_test_score"].tolist() == [1, 1]


def test_a_pipeline_names_its_parameter(stub):
    results = results_of(stub, 0, make_pipeline(StandardScaler(), stub.Classifier()))
    assert results["params"][1] == {"stubclassifier__cell": "lstm"}
    assert results["param_stubclassifier__cell"].tolist() == ["gru", "lstm"]


def worst_for_gru(estimator, X, y):
    return float("nan") if getattr(estimator, "cell", "") == "gru" else 0.5


def test_a_diverged_cell_ranks_last(stub):
    results = results_of(stub, 2, stub.Regressor(), scoring=worst_for_gru)
    assert np.isnan(results["mean_test_score"][0])
    assert results["rank_test_score"].tolist() == [2, 1]
