import math

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from rnnselect import RNNAdvisor, RNNClassifier
from rnnselect.advice.cost import EARLY_STOPPING
from rnnselect.advice.verdict import StopReason
from rnnselect.comparison import truncation
from rnnselect.comparison.finished_fit import FinishedFit
from rnnselect.recurrent.stopping import TrainingMonitor


def words(text):
    return " ".join(str(text).split())


def cut_after(monkeypatch, n_epochs):
    """Let the clock of trainings with a deadline run out after some epochs."""

    def time_is_up(self):
        if self.rule.deadline is None or self.n_epochs < n_epochs:
            return False
        self.stop_reason = "deadline"
        return True

    monkeypatch.setattr(TrainingMonitor, "time_is_up", time_is_up)


@pytest.mark.parametrize("n_epochs", [0, 1, 3])
@pytest.mark.parametrize("steps", [[], [StandardScaler()]])
def test_a_fit_on_all_data_that_the_budget_ends_is_told(data, monkeypatch, n_epochs, steps):
    cut_after(monkeypatch, n_epochs)
    network = RNNClassifier(units=3, batch_size=16, epochs=5)
    estimator, X = (make_pipeline(*steps, network), data.series) if steps else (network, data.panel)
    advisor = RNNAdvisor(estimator, budget=300, min_gain=50, random_state=0)
    if n_epochs:
        advisor.fit(X, data.classes)
    else:
        with pytest.warns(ConvergenceWarning):
            advisor.fit(X, data.classes)
    found = advisor.recommend()
    epochs = f"{n_epochs} epoch" + "s" * (n_epochs != 1)
    assert f"on all data was ended by the budget after {epochs} of at most 5" in words(found)
    score = advisor.score(X, data.classes)
    assert f"its training score is {score:.3f} (accuracy)" in words(found)
    assert found.reasons[1].code == "refit_cut_short"
    (change,) = (each for each in found.what_would_change_this if "on all data" in each)
    assert "With a budget of about" in change
    assert found.headline == found.reasons[0].sentence
    assert not any("on all data" in each for each in advisor.plan_.what_would_change_this)


def test_what_ended_by_itself_is_not_called_cut(data):
    advisor = RNNAdvisor(
        RNNClassifier(units=3, batch_size=16, epochs=2), budget=300, min_gain=50, random_state=0
    ).fit(data.panel, data.classes)
    assert "cut_short" not in {each.code for each in advisor.recommendation_.reasons}
    assert "was ended by" not in words(advisor.recommendation_)


def test_the_users_own_limit_is_told_as_such(data, monkeypatch):
    cut_after(monkeypatch, 1)
    network = RNNClassifier(units=3, batch_size=16, epochs=5, max_seconds=20)
    advisor = RNNAdvisor(network, min_gain=50, random_state=0).fit(data.panel, data.classes)
    text = words(advisor.recommendation_)
    assert "on all data was ended by max_seconds=20 after 1 epoch of at most 5" in text
    assert "With max_seconds=" in text
    assert "a budget of about" not in text


def test_the_budget_that_would_do_follows_from_the_epochs_of_the_folds(stub):
    X, y = stub.data(200)
    network = RNNClassifier(epochs=50)
    problem, comparison, _ = stub.comparison(network, X, y)
    fitted = RNNClassifier(epochs=50, max_seconds=1.0)
    fitted.n_epochs_, fitted.stop_reason_ = 10, "deadline"

    def needed(seconds):
        return truncation._needed_seconds(problem, comparison, "gru", fitted, seconds)

    work = problem.work()["gru"]
    late = work.min_epochs + EARLY_STOPPING.high * (50 - work.min_epochs)
    assert needed(100.0) == pytest.approx(10 * math.ceil(late))  # where early stopping comes late
    for k, n_epochs in enumerate((20, 30)):
        comparison.finish(k, "gru", FinishedFit(0.9, None, 60.0, 1.0, n_epochs, complete=True))
    comparison.finish(2, "gru", FinishedFit(0.9, None, 60.0, 1.0, 45, complete=False))
    assert needed(100.0) == pytest.approx(300.0)
    fitted.n_epochs_ = 40  # already more than on any fold
    assert needed(1000.0) == pytest.approx(1025.0)
    fitted.n_epochs_ = 0
    assert needed(1000.0) == pytest.approx(2000.0)


@pytest.mark.parametrize("cut_at", [0, 3])
def test_fits_of_the_race_that_the_budget_ends_are_told(stub, monkeypatch, cut_at):
    class Cut(stub.Classifier):
        def fit(self, X, y, sample_weight=None):
            super().fit(X, y, sample_weight)
            if len(self.fits) > cut_at:
                self.stop_reason_ = "deadline"
            return self

    X, y = stub.data(300)
    found = RNNAdvisor(Cut(), budget=1e4, min_gain=0, random_state=0).recommend(X, y)
    assert found.stop_reason is StopReason.BUDGET
    (reason,) = (each for each in found.reasons if each.code == "cut_short")
    name = "GRU on split 1" if cut_at == 0 else "GRU on split 2"
    assert f"{name} after 7 epochs" in reason.sentence
    assert reason.sentence in words(found)
    assert len(found.pairs) == cut_at // 2


def test_fits_that_the_users_own_limit_ends_count_and_are_told(stub, tmp_path):
    """Also where they come from a checkpoint."""

    class Limited(stub.Classifier):
        max_seconds = 3.0
        stopped = 0

        def fit(self, X, y, sample_weight=None):
            super().fit(X, y, sample_weight)
            if self.cell == "lstm":
                self.stop_reason_ = "deadline"
            return self

    X, y = stub.data(300)
    advisor = RNNAdvisor(Limited(), cv=3, min_gain=0, random_state=0, checkpoint=tmp_path)
    for _ in range(2):
        found = advisor.recommend(X, y)
        assert len(found.pairs) == 3
        (reason,) = (each for each in found.reasons if each.code == "cut_short")
        assert reason.sentence.startswith("max_seconds ended 3 of 6 fits")
    assert len(stub.fits) == 6


def test_few_rows_are_scored_where_scoring_is_slow(stub, monkeypatch):
    X, y = stub.data(5000)
    problem, comparison, _ = stub.comparison(RNNClassifier(), X, y)
    scored = []

    class Answer(RNNClassifier):
        classes_ = np.arange(2)

        def predict(self, X):
            scored.append(len(X))
            return np.zeros(len(X), int)

    for scored_seconds, n_rows in [(1e9, 1024), (1e-9, 64)]:
        monkeypatch.setattr(truncation, "SCORED_SECONDS", scored_seconds)
        text = truncation._result(problem, comparison, Answer(), "gru")
        assert scored.pop() == n_rows
        assert text.startswith("its training score is 0.5")


def test_without_anything_compiled_the_loss_is_told(stub):
    problem, comparison, _ = stub.comparison(RNNClassifier(), *stub.data(100))
    network = RNNClassifier(early_stopping=False)
    network.history_ = {"loss": [0.7, 0.612]}
    assert truncation._result(problem, comparison, network, "gru") == "its training loss is 0.612"
    network.history_ = {}
    assert truncation._result(problem, comparison, network, "gru") == "it is hardly trained"
