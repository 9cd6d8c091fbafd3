import time

import numpy as np
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.metrics import make_scorer
from sklearn.pipeline import make_pipeline

from rnnselect import Budget, RNNAdvisor, RNNClassifier
from rnnselect.comparison import scoring
from rnnselect.comparison.candidates import make_candidates
from rnnselect.comparison.results import search_results

pytestmark = pytest.mark.usefixtures("noise_of_the_trial")
GRID = {"errors": [(0.05, 0.06), (0.3, 0.3)]}


@pytest.fixture
def advisor(stub):
    def make(**parameters):
        return RNNAdvisor(stub.Classifier(), param_grid=GRID, random_state=0, **parameters)

    return make


def test_candidates_are_all_cells_with_all_settings(stub):
    made = make_candidates(stub.Classifier(), ("gru", "lstm"), None, param_grid=GRID)
    assert made.cells == (
        "gru, errors=(0.05, 0.06)", "lstm, errors=(0.05, 0.06)",
        "gru, errors=(0.3, 0.3)", "lstm, errors=(0.3, 0.3)",
    )  # fmt: skip
    assert made.settings[made.cells[3]] == {"cell": "lstm", "errors": (0.3, 0.3)}


@pytest.mark.parametrize("excluded", [False, True])
@pytest.mark.parametrize("min_gain", [0, 50])
def test_one_setting_in_force(stub, min_gain, excluded):
    """Of a grid of one point, and where the others are left out, cell and settings are told."""
    grid = {"units": [4, 64]} if excluded else {"errors": [(0.2, 0.1)], "seconds": [(2.0, 2.0)]}
    if excluded:
        budget = Budget(seconds=1, max_parameters=400)
        advisor = RNNAdvisor(RNNClassifier(), param_grid=grid, budget=budget)
        found = advisor.recommend(*stub.data(300))
        assert (found.cell, found.params) == (found.plan.cell[:4].strip(", "), {"units": 4})
        return
    advisor = RNNAdvisor(stub.Classifier(), param_grid=grid, min_gain=min_gain, random_state=0)
    fitted = advisor.fit(*stub.data(300))
    found = fitted.recommendation_
    params = {name: values[0] for name, values in grid.items()}
    assert found.cell == fitted.best_cell_ in ("gru", "lstm")
    assert found.params == params
    assert found.candidate == f"{found.cell}, errors=(0.2, 0.1), seconds=(2.0, 2.0)"
    assert fitted.best_params_ == {"cell": found.cell, **params}
    assert fitted.best_estimator_.errors == (0.2, 0.1)
    assert found.candidate in found.scores
    assert found.to_dict()["params"] == params
    assert len(fitted.cv_results_["params"]) == 2


def test_units_that_were_matched_are_told(stub):
    params = set()
    for own in ("gru", "lstm"):
        advisor = RNNAdvisor(RNNClassifier(cell=own), match="parameters", budget=1)
        found = advisor.recommend(*stub.data(100))
        units = 32 if found.cell == own else found.params["units"]
        params.add((found.cell, units))
        assert found.candidate == found.cell
    assert len(params) == 2


def test_settings_whose_short_names_are_alike_are_all_run(stub):
    pipeline = make_pipeline(Scaled(), stub.Classifier())
    grid = [{"scaled__seconds": [(2.0, 2.0)]}, {"stubclassifier__seconds": [(2.0, 2.0)]}]
    advisor = RNNAdvisor(pipeline, param_grid=grid, min_gain=0, random_state=0, cv=3)
    found = advisor.fit(*stub.data(300)).recommendation_
    assert len(found.scores) == 4
    assert found.candidate in found.scores
    assert advisor.best_params_.keys() == {"stubclassifier__cell", *found.params}


class Scaled(TransformerMixin, BaseEstimator):
    def __init__(self, seconds=None):
        self.seconds = seconds

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return X


def test_a_tournament_end_to_end(advisor, stub):
    X, y = stub.data(1000)
    fitted = advisor().fit(X, y)
    found = fitted.recommendation_
    assert found.params == {"errors": (0.05, 0.06)}
    assert found.candidate == f"{found.cell}, errors=(0.05, 0.06)"
    assert fitted.best_params_ == {"cell": found.cell, **found.params}
    assert fitted.best_estimator_.errors == (0.05, 0.06)
    assert sum(found.probabilities.values()) == pytest.approx(1.0)
    assert max(found.probabilities, key=found.probabilities.get).endswith("(0.05, 0.06)")
    assert len(found.scores["gru, errors=(0.3, 0.3)"]) == 1  # it left after the first fold
    assert fitted.score(X, y) > 0.9


def test_what_is_printed(advisor, stub):
    found = advisor(baseline=False).recommend(*stub.data(1000))
    text = " ".join(str(found).split())
    assert "the best of 4 candidates" in text
    assert (
        "best: GRU, errors=(0.3, 0.3) after round 1; LSTM, errors=(0.3, 0.3) after round 1" in text
    )
    assert "errors=(0.05, 0.06)" in found.to_json()


def test_its_report_shows_all_candidates(advisor, stub, tmp_path):
    found = advisor(baseline=False).recommend(*stub.data(1000))
    found.report(tmp_path / "advice.html")
    page = (tmp_path / "advice.html").read_text()
    assert all(name in page for name in ("LSTM, errors=(0.3, 0.3)", "GRU, errors=(0.05, 0.06)"))


def test_cv_results_have_all_candidates(advisor, stub):
    fitted = advisor().fit(*stub.data(1000))
    results = fitted.cv_results_
    assert len(results["params"]) == 4 == len(results["rank_test_score"])
    assert list(results["param_cell"]) == ["gru", "lstm"] * 2
    assert np.isnan(results["split1_test_score"][2:]).all()
    assert np.isfinite(results["mean_test_score"]).all()
    assert results["std_test_score"][2] == 0  # of a single fold


def test_params_of_a_list_of_grids_are_masked_where_not_set(stub):
    grids = [{"errors": [(0.1, 0.1)]}, {"seconds": [(2.0, 2.0)]}]
    advisor = RNNAdvisor(stub.Classifier(), param_grid=grids, random_state=0, refit=False)
    results = advisor.fit(*stub.data(300)).cv_results_
    assert results["param_errors"].mask.tolist() == [False, False, True, True]


def test_a_budget_ends_the_tournament(advisor, stub):
    found = advisor(budget=7.5, min_gain=0).recommend(*stub.data(400))
    assert found.stop_reason == "budget"
    assert found.clock_decided
    assert {len(scores) for scores in found.scores.values()} == {1}


def test_untested_all_are_as_likely_to_be_the_best(advisor):
    plan = advisor(budget=1).plan(n_samples=100, sequence_length=5)
    assert plan.action == "recommend"
    assert set(plan.probabilities.values()) == {0.25}
    assert "GRU, errors=(0.05, 0.06)" in str(plan)


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        ({"unit": [1]}, "'unit' does not belong to the estimator"),
        ({"cell": ["gru"]}, "'cell' is named by cells"),
    ],
)
def test_malformed_grids(stub, grid, message):
    with pytest.raises(ValueError, match=message):
        RNNAdvisor(stub.Classifier(), param_grid=grid).fit(*stub.data(100))


def test_nothing_depends_on_n_jobs(advisor, stub):
    X, y = stub.data(600)
    one, four = (advisor(n_jobs=n).recommend(X, y) for n in (1, 4))
    assert one.probabilities == four.probabilities
    assert one.scores == four.scores


def test_results_without_any_round(stub):
    problem, comparison, _ = stub.comparison(stub.Classifier(), *stub.data(100))
    results = search_results(comparison, 0)
    assert np.isnan(results["mean_test_score"]).all()
    assert len(results["params"]) == len(problem.cells)


def test_the_noise_of_every_fit_is_drawn_once(stub, monkeypatch):
    """Eight candidates make 28 pairs a round, each of which is looked at again and again."""
    calls, before = [], scoring.bootstrap_scores

    def counting(score, *args, **kwargs):
        calls.append(kwargs["seed"])
        return before(score, *args, n_draws=20, **kwargs)

    monkeypatch.setattr(scoring, "bootstrap_scores", counting)
    grid = {"errors": [(0.3, 0.31), (0.32, 0.33), (0.34, 0.35), (0.36, 0.37)]}
    advisor = RNNAdvisor(
        stub.Classifier(), param_grid=grid, scoring="roc_auc", min_gain=0, random_state=0
    )
    found = advisor.recommend(*stub.data(300))
    n_fits = sum(map(len, found.scores.values()))
    assert 0 < len(calls) <= n_fits == 40


def test_the_noise_is_in_the_forecast(stub):
    X, y = stub.data(1000)

    def plan(scoring, **kwargs):
        return RNNAdvisor(stub.Classifier(), scoring=scoring, **kwargs).plan(X, y)

    alone, with_noise = plan(None), plan("roc_auc")
    per_fit = with_noise.forecast.noise_seconds
    assert alone.forecast.noise_seconds == 0.0
    assert 0.1 < per_fit < 1.0
    for pairs in (1, 5):
        more = with_noise.forecast.pairs(pairs).expected - alone.forecast.pairs(pairs).expected
        assert more == pytest.approx(2 * pairs * per_fit)
    four = plan("roc_auc", param_grid=GRID).forecast
    assert four.beside_fits - four.baseline_seconds == pytest.approx(4 * per_fit)


def test_a_slow_scorer_is_measured_before_anything_is_trained(stub):
    def slow(y, predicted):
        time.sleep(0.01)
        return float((y == predicted).mean())

    X, y = stub.data(200)
    _, comparison, _ = stub.comparison(stub.Classifier(), X, y, scoring=make_scorer(slow))
    assert 2.0 < comparison.noise_seconds < 8.0
    assert not stub.fits
    assert stub.comparison(stub.Classifier(), X, y)[1].noise_seconds == 0.0
