"""A folder of finished fits: whatever ends a race, a later call goes on from there."""

import os

import numpy as np
import pytest
from sklearn.metrics import make_scorer

from rnnselect import RNNAdvisor, RNNClassifier

ERRORS = (0.3, 0.28)
GRID = {"errors": [(0.05, 0.06), (0.3, 0.3)]}


# --- going on ------------------------------------------------------------------------------------


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("grid", [None, GRID])
def test_after_an_interruption_it_goes_on_and_says_the_same(
    keeper, stub, monkeypatch, grid, n_jobs
):
    X, y = stub.data(120)
    undisturbed = keeper(checkpoint=None, param_grid=grid, n_jobs=n_jobs).recommend(X, y)
    n_fits = len(stub.fits)
    stub.fits.clear()
    monkeypatch.setattr(stub.Base, "interrupt_at", 5)
    first = keeper(param_grid=grid, n_jobs=n_jobs)
    first.recommend(X, y)
    assert first.recommendation_.stop_reason == "interrupted"

    monkeypatch.setattr(stub.Base, "interrupt_at", None)
    stub.fits.clear()
    found = keeper(param_grid=grid, n_jobs=n_jobs).recommend(X, y)

    keeper.same(found, undisturbed)
    assert len(stub.fits) <= n_fits - 4  # those of complete rounds at the least


def test_all_is_kept_and_nothing_runs_twice(keeper, stub, tmp_path, capsys):
    X, y = stub.data(120)
    first = keeper().fit(X, y)
    assert len(keeper.files()) == 6
    assert len(stub.fits) == 7  # the last one on all data
    again = keeper(verbose=1).fit(X, y)
    assert len(stub.fits) == 8
    keeper.same(again.recommendation_, first.recommendation_)
    assert f"finished fits found in {tmp_path / 'kept'}: 6" in capsys.readouterr().out
    for name in ("mean_test_score", "mean_fit_time", "std_score_time"):
        assert again.cv_results_[name].tolist() == first.cv_results_[name].tolist()


def test_under_a_budget_kept_pairs_are_free(keeper, stub):
    X, y = stub.data(120)
    slow = stub.Classifier(errors=ERRORS, seconds=(30.0, 30.0))
    found = keeper(slow, budget=130.0, cv=5).recommend(X, y)
    assert (len(found.pairs), found.stop_reason) == (2, "budget")

    found = keeper(slow, budget=130.0, cv=5).recommend(X, y)
    assert len(found.pairs) == 4
    assert found.cell_seconds == {"gru": 30.0, "lstm": 30.0}
    assert found.actual_seconds == 120.0

    n_fits = len(stub.fits)
    assert len(keeper(slow, budget=1.0, cv=5).recommend(X, y).pairs) == 4
    assert len(stub.fits) == n_fits


def test_rounds_of_a_tournament_are_free_as_well(keeper, stub):
    X, y = stub.data(120)
    grid = {"errors": [ERRORS, ERRORS[::-1]]}
    slow = stub.Classifier(seconds=(30.0, 30.0))
    keeper(slow, param_grid=grid, budget=150.0).recommend(X, y)
    assert len(stub.fits) == 4
    found = keeper(slow, param_grid=grid, budget=5.0).recommend(X, y)
    assert len(stub.fits) == 4
    assert len(found.pairs) == 1


def test_a_fit_that_the_deadline_cut_is_not_kept(keeper, stub, tmp_path):
    cut = stub.Classifier(errors=ERRORS, stop_reason="deadline")
    keeper(cut, budget=1000.0).recommend(*stub.data(120))
    assert keeper.files() == []


@pytest.mark.parametrize("dtype", [str, object])
def test_text_labels_and_other_scorers(keeper, stub, dtype):
    X, y = stub.data(120, 3)
    y = np.array(["no", "yes", "perhaps"], dtype=dtype)[y]
    first = keeper(cv=2).recommend(X, y)
    keeper.same(keeper(cv=2).recommend(X, y), first)
    scorer = make_scorer(lambda y, proba: proba.max(axis=1).mean(), response_method="predict_proba")
    other = keeper(cv=2, scoring=scorer).recommend(X, y)  # of the same predictions
    assert len(stub.fits) == 4
    keeper.same(other, keeper(cv=2, scoring=scorer, checkpoint=None).recommend(X, y))


def test_a_regression(keeper, stub):
    X, y = stub.data(100)
    first = keeper(stub.Regressor(errors=ERRORS), cv=2).recommend(X, y + 0.5)
    keeper.same(keeper(stub.Regressor(errors=ERRORS), cv=2).recommend(X, y + 0.5), first)
    assert len(stub.fits) == 4


def test_a_diverged_fit_is_kept_as_any_other(keeper, stub):
    class Diverging(stub.Classifier):
        def predict(self, X):
            return np.full(len(X), np.nan) if self.cell == "gru" else super().predict(X)

    def metric(y, predicted):
        return np.mean(y == predicted) if np.isfinite(predicted).all() else np.nan

    X, y = stub.data(120)
    first, again = (
        keeper(Diverging(errors=ERRORS), scoring=make_scorer(metric)).recommend(X, y) for _ in "12"
    )
    assert len(stub.fits) == 6
    assert np.isnan(first.scores["gru"]).all()
    assert again.scores["lstm"] == first.scores["lstm"]
    assert (again.cell, again.verdict, again.beliefs) == ("lstm", first.verdict, first.beliefs)


# --- what decides a fit --------------------------------------------------------------------------


def with_first(values, value):
    values = np.array(values)
    values[0] = value
    return values


OTHERS = {
    "a value": lambda X, y: {"X": with_first(X, [0, 0.5, 0])},
    "a target": lambda X, y: {"y": with_first(y, 1 - y[0])},
    "the order": lambda X, y: {"X": X[::-1], "y": y[::-1]},
    "weights": lambda X, y: {"sample_weight": np.ones(len(y))},
    "the seed": lambda X, y: {"random_state": 1},
    "the folds": lambda X, y: {"cv": 4},
    "a parameter": lambda X, y: {"seconds": (1.0, 2.0)},
}


@pytest.mark.parametrize("other", OTHERS)
def test_of_anything_else_nothing_is_taken(keeper, stub, other):
    X, y = stub.data(120)
    keeper().recommend(X, y)
    stub.fits.clear()
    changed = OTHERS[other](X, y)
    data = {name: changed.pop(name) for name in ("X", "y", "sample_weight") if name in changed}
    parameters = {name: changed.pop(name) for name in ("seconds",) if name in changed}
    advisor = keeper(stub.Classifier(errors=ERRORS, **parameters), **changed)
    advisor.recommend(**{"X": X, "y": y, **data})
    assert len(stub.fits) == 2 * advisor.recommendation_.rules.max_pairs


@pytest.mark.parametrize(
    "parameters",
    [{"n_jobs": 2}, {"rope": 0.5}, {"confidence": 0.6}, {"baseline": False}, {"budget": 1e6}],
)
def test_what_decides_no_fit_may_change(keeper, stub, parameters):
    X, y = stub.data(120)
    keeper().recommend(X, y)
    keeper(**parameters).recommend(X, y)
    assert len(stub.fits) == 6


def test_further_candidates_take_what_is_there(keeper, stub):
    X, y = stub.data(120)
    keeper(param_grid={"errors": [(0.05, 0.06)]}).recommend(X, y)
    keeper(param_grid=GRID).recommend(X, y)
    assert [cell for cell, *_ in stub.fits].count("gru") == 6


def test_without_a_fixed_seed_there_is_nothing_to_go_on_from(keeper, stub, tmp_path):
    with pytest.raises(ValueError, match=r"needs a fixed random_state.*Give random_state=0"):
        keeper(random_state=None).recommend(*stub.data(100))
    assert stub.fits == []
    assert not (tmp_path / "kept").exists()


def test_what_cannot_be_recognised_is_refused(keeper, stub):
    X, y = stub.data(100)

    class Scorer:
        def __init__(self):
            self.log = open(os.devnull)  # noqa: SIM115

        def __call__(self, estimator, X, y):
            return estimator.score(X, y)

    scorer = Scorer()
    with scorer.log, pytest.raises(ValueError, match=r"same scoring: .* cannot be pickled"):
        keeper(scoring=scorer).recommend(X, y)
    assert stub.fits == []


# --- scorers that fail ---------------------------------------------------------------------------


def test_a_mended_scorer_goes_on_with_kept_predictions(keeper, stub, tmp_path):
    """It fails in the second pair; fits that had finished are scored anew."""
    X, y = stub.data(100)

    def metric(y, predicted):
        if len(stub.fits) > 3:
            raise RuntimeError("mine")
        return np.mean(y == predicted)

    with pytest.raises(RuntimeError, match="mine") as caught:
        keeper(scoring=make_scorer(metric)).recommend(X, y)
    assert caught.value.__notes__ == [
        "In the fit of GRU on split 2 of 3.",
        "`recommendation_` has the advice from 1 complete pair.",
    ]
    assert len(keeper.files()) == 3

    def metric(y, predicted):
        return np.mean(y != predicted)

    mended = make_scorer(metric)
    stub.fits.clear()
    found = keeper(scoring=mended).recommend(X, y)
    assert len(stub.fits) == 3
    keeper.same(found, keeper(scoring=mended, checkpoint=None).recommend(X, y))


def test_a_callable_may_look_at_more_than_predictions(keeper, stub):
    X, y = stub.data(120)
    keeper(scoring=lambda estimator, X, y: estimator.score(X, y)).recommend(X, y)
    keeper(scoring=lambda estimator, X, y: estimator.score(X, y)).recommend(X, y)
    assert len(stub.fits) == 6
    found = keeper(scoring=lambda estimator, X, y: -estimator.score(X, y)).recommend(X, y)
    assert len(stub.fits) == 12
    assert all(score < 0 for score in found.scores["gru"])


# --- with real networks --------------------------------------------------------------------------


@pytest.mark.slow
def test_networks_go_on_to_the_same_bits(keeper, data, tmp_path, monkeypatch):
    fit, fits = RNNClassifier.fit, []

    def fit_and_count(self, *args, **kwargs):
        fits.append(self.cell)
        if len(fits) == interrupted_at:
            raise KeyboardInterrupt
        return fit(self, *args, **kwargs)

    def recommend(folder):
        advisor = RNNAdvisor(RNNClassifier(units=4, epochs=2), checkpoint=folder, **keeper.settled)
        return advisor.recommend(data.panel, data.classes)

    monkeypatch.setattr(RNNClassifier, "fit", fit_and_count)
    interrupted_at = None
    undisturbed = recommend(None)
    fits.clear()
    interrupted_at = 4
    assert len(recommend(tmp_path).pairs) == 1
    fits.clear()
    keeper.same(recommend(tmp_path), undisturbed)
    assert len(fits) == 3
