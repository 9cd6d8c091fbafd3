"""One candidate runs out of memory: the others' results survive, and what to reduce is said."""

import numpy as np
import pytest
from sklearn.exceptions import FitFailedWarning

from rnnselect import RNNAdvisor, RNNClassifier
from rnnselect.advice.prior import Prior
from rnnselect.advice.verdict import StopReason, Verdict
from rnnselect.comparison import problem
from rnnselect.comparison.shortage import is_shortage
from rnnselect.recurrent import compiled


class ResourceExhaustedError(Exception):
    """Called like TensorFlow's, which need not be imported to be recognised."""


@pytest.fixture
def greedy(stub):
    """Return an advisor whose LSTM raises `error` in the fits from number `at` on."""

    class Greedy(stub.Classifier):
        shortage = MemoryError("no room for 12 GB")
        at = 0

        def fit(self, X, y, sample_weight=None):
            if self.cell == "lstm" and len(self.fits) >= self.at:
                raise self.shortage
            return super().fit(X, y, sample_weight)

    def make(error=None, at=0, errors=(0.1, 0.1), **parameters):
        Greedy.shortage, Greedy.at = error or Greedy.shortage, at
        return RNNAdvisor(
            Greedy(errors=errors), **{"random_state": 0, "min_gain": 0.0, "cv": 3, **parameters}
        )

    return make


@pytest.mark.parametrize(
    "error", [MemoryError(), ResourceExhaustedError("OOM"), RuntimeError("RESOURCE_EXHAUSTED: 1")]
)
def test_the_other_cell_is_recommended_with_its_scores(greedy, stub, error):
    X, y = stub.data(300)
    advisor = greedy(error)
    with pytest.warns(FitFailedWarning, match="LSTM ran out of memory on split 1 .*reduce units"):
        advisor.fit(X, y)

    found = advisor.recommendation_
    assert (found.cell, found.verdict) == ("gru", Verdict.NOT_TESTED)
    assert found.stop_reason is StopReason.OUT_OF_MEMORY
    assert found.scores == {"gru": (pytest.approx(0.9, abs=0.05),), "lstm": ()}
    assert advisor.cv_results_["split0_test_score"][0] == found.scores["gru"][0]
    assert np.isnan(advisor.cv_results_["split0_test_score"][1])
    assert advisor.predict(X).shape == (300,)


def test_what_is_shown(greedy, stub, tmp_path):
    with pytest.warns(FitFailedWarning):
        found = greedy().recommend(*stub.data(300))
    text = " ".join(str(found).split())
    assert "LSTM ran out of memory on split 1 (no room for 12 GB)" in text
    assert "a smaller batch_size or shorter sequences, LSTM would be considered as well" in text
    page = found.report(tmp_path / "advice.html").read_text()
    assert "ran out of memory" in page
    assert '"out_of_memory"' in found.to_json()


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_after_complete_pairs_all_scores_survive(greedy, stub, n_jobs):
    with pytest.warns(FitFailedWarning, match="ran out of memory on split 2"):
        found = greedy(at=2, n_jobs=n_jobs).recommend(*stub.data(300))
    assert found.cell == "gru"
    assert [len(found.scores[cell]) for cell in ("gru", "lstm")] == [2, 1]


@pytest.mark.parametrize("at", [0, 2, 4])
@pytest.mark.parametrize("gap", [-9.0, 9.0])
@pytest.mark.parametrize("cells", [("gru", "lstm"), ("lstm", "gru")])
def test_the_cell_that_is_left_is_recommended_whatever_the_prior_says(
    greedy, stub, monkeypatch, at, gap, cells
):
    monkeypatch.setattr(problem, "prior_for", lambda **_: Prior(1.0, centre_points=gap))
    advisor = greedy(at=at, cells=cells, errors=(0.4, 0.1), refit=True)
    X, y = stub.data(300)
    with pytest.warns(FitFailedWarning):
        advisor.fit(X, y)
    assert advisor.recommendation_.cell == advisor.recommendation_.plan.cell == "gru"
    assert advisor.best_cell_ == advisor.best_estimator_.cell == "gru"


def test_under_a_budget_with_the_fit_that_is_timed(greedy, stub):
    with pytest.warns(FitFailedWarning):
        found = greedy(cells=("lstm", "gru"), budget=1000.0).recommend(*stub.data(300))
    assert found.cell == "gru"


def test_several_candidates_go_on_without_it(greedy, stub):
    grid = {"errors": [(0.05, 0.06), (0.3, 0.3)]}
    with pytest.warns(FitFailedWarning) as caught:
        found = greedy(param_grid=grid, at=7).recommend(*stub.data(600))
    texts = " ".join(str(each.message) for each in caught)
    assert texts.count("LSTM, errors=(0.05, 0.06) ran out of memory") == 1
    assert texts.count("LSTM, errors=(0.3, 0.3) ran out of memory") == 1
    assert found.candidate == "gru, errors=(0.05, 0.06)"
    assert len(found.scores[found.candidate]) >= 2


def test_none_is_left(greedy, stub, monkeypatch):
    advisor = greedy()

    def fit(self, X, y, sample_weight=None):
        raise MemoryError("none")

    monkeypatch.setattr(type(advisor.estimator), "fit", fit)
    with pytest.raises(MemoryError, match=r"No candidate is left\. .* reduce units or batch_size"):
        advisor.recommend(*stub.data(300))


def test_a_network_that_is_refused_for_its_size(data, monkeypatch):
    """The compiled engine refuses what would not fit, first in the probe."""
    refuse = compiled.refuse_beyond_memory

    def refuse_lstm(architecture, **sizes):
        if architecture.cell == "lstm":
            raise MemoryError("training this LSTM takes about 90 GB")
        refuse(architecture, **sizes)

    monkeypatch.setattr(compiled, "refuse_beyond_memory", refuse_lstm)
    network = RNNClassifier(units=3, batch_size=16, epochs=2)
    advisor = RNNAdvisor(network, cv=3, min_gain=0.0, random_state=0)
    with pytest.warns(FitFailedWarning, match=r"reduce units \(3\) or batch_size \(16\)"):
        found = advisor.recommend(data.panel, data.classes)
    assert found.cell == "gru"
    assert len(found.scores["gru"]) == 1


def test_other_errors_name_the_fit(greedy, stub):
    with pytest.raises(ValueError, match="mine") as caught:
        greedy(ValueError("mine")).recommend(*stub.data(300))
    assert caught.value.__notes__ == ["In the fit of LSTM on split 1 of 3."]
    assert not is_shortage(caught.value)
