"""`RNNAdvisor` end to end, with tiny networks that share their compiled programs."""

import json
import re
import time
from dataclasses import fields, replace

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from rnnselect import Budget, RNNAdvisor, RNNClassifier, RNNRegressor
from rnnselect.advice.verdict import StopReason, Verdict
from rnnselect.comparison import timing
from rnnselect.exceptions import BudgetTooSmallError, OverlappingWindowsWarning
from rnnselect.recurrent import probe, programs

CELLS = ("gru", "lstm")
SMALL = {"units": 3, "batch_size": 16, "epochs": 4}
MEASURED = {
    "predicted_seconds", "actual_seconds", "cell_seconds", "baseline_seconds", "plan", "pairs",
}  # fmt: skip
HEAVY = "{'tensorflow', 'keras', 'jax', 'torch'}"


@pytest.fixture(scope="module")
def panel(data):
    return data.panel, data.classes


def small_advisor(**parameters):
    return RNNAdvisor(RNNClassifier(**SMALL), **{"random_state": 0, "cv": 3, **parameters})


@pytest.fixture(scope="module")
def fitted(panel):
    return small_advisor().fit(*panel)


class Twin(ClassifierMixin, BaseEstimator):
    """Both cells predict the same, but one of them takes its time."""

    def __init__(self, cell="gru", slow="gru"):
        self.cell = cell
        self.slow = slow

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        time.sleep(0.25 if self.cell == self.slow else 0.01)
        return self

    def predict(self, X):
        return self.classes_[(X[:, 0] > 0).astype(int)]


# --- the three situations that the advisor is for -------------------------------------------------


def test_situation_1_the_budget_allows_the_race_and_it_settles_early():
    """One cell is bound to learn nothing, which the first pairs show."""
    rng = np.random.default_rng(0)
    y = np.arange(3000) % 2
    X = np.column_stack([2.0 * y - 1, rng.normal(size=3000)])

    class OneLearns(Twin):
        def predict(self, X):
            return super().predict(X) if self.cell == "lstm" else np.zeros(len(X), int)

    found = RNNAdvisor(OneLearns(), budget=60, random_state=0).recommend(X, y)

    assert (found.action, found.cell) == ("cross_validate", "lstm")
    assert found.verdict is Verdict.CLEARLY_BETTER
    assert found.stop_reason is StopReason.NOTHING_MORE_TO_GAIN
    assert 1 <= len(found.pairs) < 5
    assert found.actual_seconds < 60


def test_situation_1_with_real_networks():
    """Five pairs there are; the budget allows them; the advice is settled before."""
    X, y = load_digits(return_X_y=True)
    network = RNNClassifier(units=8, epochs=8, learning_rate=0.01)
    advisor = RNNAdvisor(network, budget=300, random_state=0)
    found = advisor.recommend(X.reshape(-1, 8, 8), y)

    assert found.action == "cross_validate"
    assert found.stop_reason is StopReason.NOTHING_MORE_TO_GAIN
    assert 1 <= len(found.pairs) < 5
    assert found.actual_seconds < 300
    assert "Stopped after" in str(found)


@pytest.fixture(scope="module")
def before_keras(run_script):
    """What a fresh interpreter prints of plans and of budgets too small for a pair."""
    printed = run_script(
        "import sys\n"
        "from sklearn.datasets import load_digits\n"
        "from rnnselect import RNNAdvisor, RNNRegressor\n"
        "from rnnselect.exceptions import BudgetTooSmallError\n"
        "X, y = load_digits(return_X_y=True)\n"
        "plan = RNNAdvisor(budget='5min').plan(X.reshape(-1, 8, 8), y)\n"
        "assert plan.action == 'cross_validate', plan\n"
        "str(plan), plan.to_json()\n"
        "RNNAdvisor(RNNRegressor()).plan(X, y.astype(float))\n"
        "RNNAdvisor(task='sentiment').plan(n_samples=50_000, sequence_length=400)\n"
        "found = RNNAdvisor(budget=1, random_state=0).recommend(X.reshape(-1, 8, 8), y)\n"
        "print(found.to_json(), found, sep='---\\n', end='---\\n')\n"
        "try:\n"
        "    RNNAdvisor(budget=1, random_state=0).fit(X.reshape(-1, 8, 8), y)\n"
        "except BudgetTooSmallError as error:\n"
        "    print(error.smallest_useful_seconds, error, sep='---\\n')\n"
        f"assert not {HEAVY} & set(sys.modules)\n"
    )
    return printed.split("---\n")


def test_situation_2_the_budget_is_too_small_for_any_pair(before_keras):
    """The advice comes untested, says so, names a better budget, and does not load TensorFlow."""
    record, text, *_ = before_keras
    found = json.loads(record)

    assert (found["action"], found["verdict"]) == ("recommend", "not_tested")
    assert found["stop_reason"] == "budget"
    assert found["cell"] in CELLS
    assert found["clock_decided"] is True
    assert "not tested" in text.lower()
    (seconds,) = re.findall(r"budget of (\d+) s, a first pair would be run", text)
    assert int(seconds) > 1
    assert found["actual_seconds"] < 1.5


@pytest.mark.parametrize("fast", CELLS)
def test_situation_3_of_equivalent_cells_the_measured_cheaper_one_is_taken(fast):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2000, 3))
    y = (X[:, 0] + 0.1 * rng.normal(size=2000) > 0).astype(int)
    slow = CELLS[1 - CELLS.index(fast)]
    found = RNNAdvisor(Twin(slow=slow), budget=90, random_state=0).recommend(X, y)

    assert found.verdict is Verdict.EQUIVALENT
    assert found.cell == fast
    assert found.cell_seconds[slow] > found.cell_seconds[fast]
    assert found.clock_decided
    assert "the cheaper cell is taken" in str(found)


# --- plan ----------------------------------------------------------------------------------------


def test_plan_from_data(panel):
    advisor = small_advisor(budget="10min")
    plan = advisor.plan(*panel)

    assert plan.action == "cross_validate"
    assert plan.profile.n_samples == 60
    assert (plan.profile.sequence_length, plan.profile.n_channels) == (8, 2)
    assert plan.profile.n_outputs == 3
    assert plan.budget_seconds == 600
    assert plan.cells == CELLS
    assert {3} <= {row.n_pairs for row in plan.rows}
    assert not hasattr(advisor, "plan_")
    assert advisor.plan(*panel).to_dict() == plan.to_dict()


def test_plan_from_sizes(panel):
    X, y = panel
    advisor = small_advisor()
    from_sizes = advisor.plan(n_samples=60, sequence_length=8, n_channels=2, n_outputs=3)
    from_data = advisor.plan(X, y)
    assert from_sizes.forecast.fits == from_data.forecast.fits
    assert from_sizes.n_pairs == from_data.n_pairs


def test_longer_sequences_cost_more():
    advisor = RNNAdvisor()
    short, long = (advisor.plan(n_samples=5000, sequence_length=n) for n in (50, 500))
    assert short.seconds.expected < long.seconds.expected


def test_plan_of_a_regression_and_of_tokens():
    plan = RNNAdvisor(RNNRegressor()).plan(n_samples=5000, sequence_length=50, n_outputs=1)
    assert plan.profile.target == "regression"
    plan = RNNAdvisor(RNNClassifier(embedding_dim=8)).plan(
        n_samples=5000, sequence_length=50, vocabulary_size=1000, task="sentiment"
    )
    assert plan.profile.kind == "tokens"
    assert plan.evidence


@pytest.mark.parametrize(
    "sizes", [{}, {"n_samples": 10}, {"sequence_length": 10}, {"n_samples": None}]
)
def test_plan_needs_data_or_both_sizes(sizes):
    with pytest.raises(ValueError, match="give X and y, or both sizes"):
        RNNAdvisor().plan(**sizes)


@pytest.mark.parametrize("size", [0, -5, 2.5, "many"])
def test_plan_with_an_impossible_size(size):
    with pytest.raises(ValueError, match=r"n_samples=.* must be a whole number of at least 1"):
        RNNAdvisor().plan(n_samples=size, sequence_length=10)


# --- fit -----------------------------------------------------------------------------------------


def test_fit_predict_score(fitted, panel):
    X, y = panel

    assert fitted.best_cell_ == fitted.recommendation_.cell == fitted.best_estimator_.cell
    assert type(fitted.best_estimator_) is RNNClassifier
    proba = fitted.predict_proba(X)
    assert proba.shape == (60, 3)
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    np.testing.assert_array_equal(fitted.predict(X), fitted.classes_[proba.argmax(axis=1)])
    assert fitted.score(X, y) == pytest.approx((fitted.predict(X) == y).mean())
    np.testing.assert_array_equal(fitted.classes_, np.arange(3))
    assert fitted.n_features_in_ == 2
    assert fitted.refit_seconds_ > 0
    assert fitted.plan_ is fitted.recommendation_.plan


def test_fit_leaves_the_estimator_alone(fitted):
    assert not hasattr(fitted.estimator, "model_")
    assert fitted.estimator.get_params() == RNNClassifier(**SMALL).get_params()


def test_recommend_after_fit_returns_the_same(fitted):
    assert fitted.recommend() is fitted.recommendation_


def test_the_recommendation_is_complete(fitted):
    found = fitted.recommendation_
    n_pairs = len(found.pairs)

    assert found.action == "cross_validate"
    assert 1 <= n_pairs <= 3
    assert found.scoring == "accuracy"
    for cell in CELLS:
        assert len(found.scores[cell]) == n_pairs
        assert all(pair.n_epochs[cell] == 4 for pair in found.pairs)
    assert found.plan.forecast.source == "probe"
    assert found.best_baseline in found.baseline_seconds
    best = np.mean(found.baseline_scores[found.best_baseline])
    assert found.worth_it == (np.mean(found.scores[found.cell]) > best)
    assert sum(found.probabilities.values()) == pytest.approx(1)
    assert not found.clock_decided
    assert json.loads(found.to_json())["cell"] == found.cell
    for line in str(found).splitlines():
        assert len(line) <= 100


def test_the_recommendation_can_be_drawn_and_reported(fitted, tmp_path):
    found = fitted.recommend()
    for pair in found.pairs:
        assert {cell: len(pair.histories[cell]["val_loss"]) for cell in CELLS} == pair.n_epochs
    assert len(found.beliefs) == len(found.pairs) + 1
    assert found.beliefs[-1].probabilities == found.probabilities
    page = found.report(tmp_path / "advice.html").read_text(encoding="utf-8")
    assert "estimator=RNNClassifier(units=3, batch_size=16, epochs=4)" in page
    counts = np.array(found.predictions.confusion)
    rows = len(found.pairs) * 20  # of three folds of 60 sequences
    assert counts.sum() == found.predictions.n_tested == rows
    assert counts.trace() / rows == pytest.approx(np.mean(found.scores[found.cell]))
    assert "advisor.fit(X, y).recommend()" in page


def test_results_in_the_form_of_grid_search(fitted):
    results = fitted.cv_results_
    assert results["params"] == [{"cell": "gru"}, {"cell": "lstm"}]
    pairs = fitted.recommendation_.pairs
    assert [results["split0_test_score"][i] for i in (0, 1)] == [
        pairs[0].scores["gru"],
        pairs[0].scores["lstm"],
    ]
    for k in range(3):
        assert np.isnan(results[f"split{k}_test_score"]).all() == (k >= len(pairs))
    assert (results["mean_score_time"] > 0).all()
    assert (results["mean_fit_time"] > results["mean_score_time"]).all()


def assert_same_but_for_seconds(first, second):
    for field in fields(first):
        if field.compare and field.name not in MEASURED:
            assert getattr(first, field.name) == getattr(second, field.name), field.name
    zero = dict.fromkeys(CELLS, 0.0)
    assert [replace(pair, seconds=zero) for pair in first.pairs] == [
        replace(pair, seconds=zero) for pair in second.pairs
    ]


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_without_a_budget_the_same_seed_gives_the_same_advice(fitted, panel, n_jobs):
    again = small_advisor(n_jobs=n_jobs).recommend(*panel)
    assert_same_but_for_seconds(fitted.recommendation_, again)


def test_another_seed_gives_other_folds(fitted, panel):
    other = small_advisor(random_state=1).recommend(*panel)
    assert other.scores != fitted.recommendation_.scores


def test_recommend_fits_nothing_for_good(panel):
    advisor = small_advisor()
    found = advisor.recommend(*panel)
    assert advisor.recommendation_ is found
    assert not hasattr(advisor, "best_estimator_")
    assert not hasattr(advisor, "cv_results_")
    with pytest.raises(NotFittedError):
        advisor.predict(panel[0])


def test_without_refit(panel):
    advisor = small_advisor(refit=False).fit(*panel)
    assert advisor.best_cell_ in CELLS
    assert not hasattr(advisor, "best_estimator_")
    with pytest.raises(NotFittedError):
        advisor.score(*panel)


def test_a_refused_fit_keeps_the_choice(fitted, panel):
    before = dict(vars(fitted))
    for X, y in ((panel[0], panel[1][:-1]), (None, panel[1]), (panel[0] * np.nan, panel[1])):
        with pytest.raises(ValueError, match=r"[Xy]"):
            fitted.fit(X, y)
    assert dict(vars(fitted)) == before


def test_fit_within_a_budget(panel):
    start = time.perf_counter()
    advisor = small_advisor(budget="60s").fit(*panel)
    assert time.perf_counter() - start < 60
    assert advisor.recommendation_.budget_seconds == 60
    assert advisor.predict(panel[0][:3]).shape == (3,)


@pytest.mark.parametrize("advisor", [RNNAdvisor(), small_advisor()])
def test_not_fitted(advisor):
    for method in (advisor.recommend, lambda: advisor.predict([[1.0]])):
        with pytest.raises(NotFittedError):
            method()


def test_verbose_prints_the_plan_and_the_pairs(panel, capsys):
    found = small_advisor(verbose=1).recommend(*panel)
    printed = capsys.readouterr().out
    assert printed.count("[RNNAdvisor] pair ") == len(found.pairs)
    assert "[RNNAdvisor] plan: " in printed
    small_advisor().recommend(*panel)
    assert capsys.readouterr().out == ""


# --- other data ----------------------------------------------------------------------------------


def test_a_regression(panel):
    X, _ = panel
    y = X.mean(axis=(1, 2))
    advisor = RNNAdvisor(RNNRegressor(**SMALL), cv=3, random_state=0).fit(X, y)
    assert advisor.recommendation_.scoring == "r2"
    assert advisor.predict(X).shape == (60,)
    assert advisor.score(X, y) == pytest.approx(advisor.best_estimator_.score(X, y))
    assert not hasattr(advisor, "predict_proba")
    assert not hasattr(advisor, "classes_")
    tested = advisor.recommendation_.predictions
    assert len(tested.predicted) == tested.n_tested == len(set(tested.true))


def test_text_as_token_ids(data):
    network = RNNClassifier(**SMALL, embedding_dim=2)
    advisor = RNNAdvisor(network, cv=3, random_state=0, task="sentiment")
    advisor.fit(data.tokens, data.classes)
    assert advisor.recommendation_.plan.profile.kind == "tokens"
    assert "linear model on token counts" in advisor.recommendation_.baseline_scores
    assert advisor.predict(data.tokens[:5]).shape == (5,)


@pytest.mark.slow
def test_a_token_that_only_one_fold_holds():
    texts = [[1 + i % 2, 3, 4] for i in range(60)]
    texts[7][2] = 50  # the largest id of all stands in one document
    advisor = RNNAdvisor(RNNClassifier(**SMALL, embedding_dim=4), cv=3, min_gain=0, random_state=0)
    assert len(advisor.recommend(texts, np.arange(60) % 2).pairs) == 3


def test_a_pipeline(panel):
    X, y = panel[0].mean(axis=2), panel[1]
    pipeline = make_pipeline(StandardScaler(), RNNClassifier(**SMALL))
    advisor = RNNAdvisor(pipeline, cv=3, random_state=0).fit(X, y)
    assert advisor.best_estimator_[-1].cell == advisor.best_cell_
    assert advisor.predict_proba(X).shape == (60, 3)
    assert "param_rnnclassifier__cell" in advisor.cv_results_
    assert advisor.n_features_in_ == 8


def test_groups_are_kept_together(panel):
    X, y = panel
    groups = np.arange(60) // 5
    found = small_advisor().recommend(X, y, groups=groups)
    assert found.action == "cross_validate"
    plain = small_advisor().recommend(X, y)
    assert found.scores != plain.scores


def test_sample_weights_reach_the_fits(panel):
    X, y = panel
    weights = np.where(y < 1, 1.0, 1e-3)
    advisor = small_advisor().fit(X, y, sample_weight=weights)
    assert advisor.score(X[y < 1], y[y < 1]) > advisor.score(X[y >= 1], y[y >= 1])


# --- scikit-learn's conventions ------------------------------------------------------------------


def test_parameters_round_trip():
    given = {
        "estimator": RNNClassifier(units=3),
        "cells": ("lstm", "gru"),
        "cell_param": "cell",
        "param_grid": {"units": [2, 3]},
        "budget": "2min",
        "cv": 4,
        "scoring": "roc_auc",
        "rope": 0.02,
        "confidence": 0.9,
        "min_gain": 0.0,
        "task": "sentiment",
        "match": "parameters",
        "baseline": False,
        "refit": False,
        "checkpoint": "kept",
        "evidence_path": "races.db",
        "n_jobs": 2,
        "random_state": 3,
        "verbose": 1,
    }
    advisor = RNNAdvisor(**given)
    shallow = advisor.get_params(deep=False)
    assert shallow == given
    copied = clone(advisor)
    for name, value in given.items():
        if name != "estimator":
            assert copied.get_params()[name] == value
    assert copied.estimator is not advisor.estimator
    assert copied.set_params(estimator__units=5).estimator.units == 5
    assert advisor.estimator.units == 3
    assert repr(advisor).startswith("RNNAdvisor(")


def test_it_counts_as_what_it_wraps():
    from sklearn.base import is_classifier, is_regressor

    assert is_classifier(RNNAdvisor())
    assert is_regressor(RNNAdvisor(RNNRegressor()))
    assert hasattr(RNNAdvisor(), "predict_proba")
    assert not hasattr(RNNAdvisor(RNNRegressor()), "predict_proba")


# --- bad input -----------------------------------------------------------------------------------

PANEL = np.random.default_rng(5).normal(size=(30, 6, 2))
LABELS = np.arange(30) % 2


@pytest.mark.parametrize(
    ("parameters", "X", "y", "message"),
    [
        pytest.param({"cells": ("gru", "rnn")}, PANEL, LABELS, "cell='rnn' is unknown; give 'gru'"),
        pytest.param({"cells": ("gru",)}, PANEL, LABELS, r"cells=\('gru',\) must name two"),
        pytest.param({"cells": ("gru", "gru")}, PANEL, LABELS, "must name two different cells"),
        pytest.param({"cell_param": "kind"}, PANEL, LABELS, "cell_param='kind' is not a parameter"),
        pytest.param({"cv": 31}, PANEL, LABELS, "cv=31 folds cannot be made of 30 samples; give"),
        pytest.param(
            {"cv": 1}, PANEL, LABELS, "'cv' parameter of RNNAdvisor must be an int.*Got 1"
        ),
        pytest.param({}, PANEL, LABELS[:-1], r"y has 29 sample\(s\) and X has 30.*give one target"),
        pytest.param({}, PANEL, None, "RNNAdvisor requires y to be.*is None: give one"),
        pytest.param({}, PANEL, np.ones(30), "y holds one class only"),
        pytest.param({"budget": "soon"}, PANEL, LABELS, "budget='soon' is not a duration; write"),
        pytest.param({"budget": -1}, PANEL, LABELS, "budget=-1.* must be a positive.*give e.g."),
        pytest.param({"budget": Budget}, PANEL, LABELS, "budget=.*has type.*give seconds"),
        pytest.param({}, PANEL[:, 0, 0], LABELS, r"X has 1 dimension.*X.reshape\(1, -1\)"),
        pytest.param({}, PANEL[:0], LABELS[:0], "X .*(empty|0 sample)"),
        pytest.param({}, np.full((30, 6, 2), np.inf), LABELS, "X.*inf"),
        pytest.param({}, np.full((30, 6, 2), np.nan), LABELS, "X.*NaN"),
        pytest.param({"task": "chess"}, PANEL, LABELS, "'task' parameter.*'chess'"),
        pytest.param({"scoring": "beauty"}, PANEL, LABELS, "scoring.*beauty"),
        pytest.param({"rope": -0.1}, PANEL, LABELS, "'rope' parameter of RNNAdvisor.*Got -0.1"),
        pytest.param({"confidence": 0.5}, PANEL, LABELS, "'confidence' parameter.*Got 0.5"),
        pytest.param({"match": "flops"}, PANEL, LABELS, "'match' parameter.*'parameters'.*'flops'"),
        pytest.param({"estimator": 3}, PANEL, LABELS, "'estimator' parameter of RNNAdvisor"),
        pytest.param({"estimator": StandardScaler()}, PANEL, LABELS, "0 parameters called 'cell'"),
    ],
)
@pytest.mark.parametrize("method", ["plan", "recommend", "fit"])
def test_bad_input(monkeypatch, method, parameters, X, y, message):
    def never(self, X, y):
        raise AssertionError("training has begun")

    monkeypatch.setattr(RNNClassifier, "fit", never)
    advisor = RNNAdvisor(**parameters)
    if "scoring" in parameters:  # a plan runs no scorer
        method = "recommend"
    with pytest.raises((ValueError, TypeError), match=f"(?s){message}"):
        getattr(advisor, method)(X, y)
    assert not hasattr(advisor, "recommendation_")


@pytest.mark.parametrize("method", ["plan", "recommend", "fit"])
def test_groups_of_another_length(method):
    with pytest.raises(
        ValueError, match=r"groups has shape \(29,\) and X has 30 samples; give one"
    ):
        getattr(RNNAdvisor(), method)(PANEL, LABELS, groups=np.arange(29))


def test_overlapping_windows():
    series = np.random.default_rng(0).normal(size=200)
    X = np.lib.stride_tricks.sliding_window_view(series, 20)[:-1]
    y = series[20:]
    advisor = RNNAdvisor(RNNRegressor())
    with pytest.warns(OverlappingWindowsWarning, match=r"groups, or cv=WindowSplit"):
        advisor.plan(X, y)


def test_a_hopeless_budget_is_refused_before_tensorflow_is_imported(before_keras):
    *_, smallest, message = before_keras
    assert float(smallest) > 1
    assert "budget=1 s is too small" in message
    assert f"Give budget={float(smallest):.0f} or more" in message
    assert "recommend" in message


@pytest.mark.parametrize(("task", "cell"), [("sentiment", "lstm"), (None, "gru")])
def test_the_cell_to_fall_back_on_is_compiled_first(panel, monkeypatch, task, cell):
    """Where time runs out meanwhile it is fitted, and must not need compiling then."""
    monkeypatch.setattr(timing.Timing, "may_compile", lambda timing, seconds: seconds == 0.0)
    compiled = []
    compile_one = probe._compile
    monkeypatch.setattr(
        probe, "_compile", lambda own, *rest: compiled.append(own.cell) or compile_one(own, *rest)
    )
    network = RNNClassifier(**SMALL, pooling=None)  # texts speak for LSTM then
    advisor = RNNAdvisor(network, task=task, budget=600, random_state=0).fit(*panel)
    assert compiled == [cell] == [advisor.best_cell_]
    assert advisor.recommendation_.stop_reason == "budget"


def test_programs_that_are_there_leave_a_small_budget_for_pairs(panel, monkeypatch):
    monkeypatch.setattr(programs, "_programs", {})  # as in a process that has compiled nothing
    monkeypatch.setattr(timing, "measure_load", lambda: 1.0)

    def n_pairs(budget, units):
        network = RNNClassifier(**{**SMALL, "units": units})
        advisor = RNNAdvisor(network, budget=budget, cv=2, min_gain=0, random_state=0)
        return len(advisor.recommend(*panel).pairs)

    assert [n_pairs(None, 3), n_pairs(4, 3), n_pairs(4, 5)] == [2, 2, 0]


def test_the_error_survives_pickling():
    import pickle

    error = pickle.loads(pickle.dumps(BudgetTooSmallError("too small", 12.0)))
    assert str(error) == "too small"
    assert error.smallest_useful_seconds == 12.0
