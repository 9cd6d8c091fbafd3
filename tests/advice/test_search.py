"""Searches over a stub whose folds score what they are told."""

import json
import re

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.exceptions import NotFittedError
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    KFold,
    RandomizedSearchCV,
    RepeatedKFold,
    ShuffleSplit,
)

from rnnselect import Recommendation
from rnnselect.advice.baseline import DUMMY
from rnnselect.advice.posterior import update
from rnnselect.advice.prior import NoisePrior, noise_before_pairs
from rnnselect.advice.search import read_search
from rnnselect.advice.study import prior_for
from rnnselect.advice.verdict import StopReason, Verdict

CELLS = ("gru", "lstm")
BOTH = {"cell": list(CELLS)}
N = 400
ANSWERS = np.random.default_rng(0).permutation(np.arange(N) % 2)
# Column 0: the answer; 1: how hard the sample is.
X = np.column_stack([ANSWERS, np.random.default_rng(1).random(N)])
FOLDS = KFold(5, shuffle=True, random_state=0)


class Erring(BaseEstimator):
    """Knows the answer, and errs as often as its cell and units make it."""

    def __init__(self, cell="gru", units=8, errors=(0.1, 0.1), fails=None):
        self.cell = cell
        self.units = units
        self.errors = errors
        self.fails = fails

    def fit(self, X, y):
        if self.fails == self.cell:
            raise ValueError("no convergence")
        self.is_fitted_ = True
        return self

    def error(self):
        return self.errors[CELLS.index(self.cell)] * 8 / self.units


class Classifier(ClassifierMixin, Erring):
    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return super().fit(X, y)

    def predict(self, X):
        return np.where(X[:, 1] < self.error(), 1 - X[:, 0], X[:, 0]).astype(int)


class Regressor(RegressorMixin, Erring):
    def predict(self, X):
        return X[:, 0] + self.error() * (X[:, 1] - 0.5)


def search(estimator=None, grid=BOTH, *, errors=(0.1, 0.1), cv=FOLDS, y=ANSWERS, **kwargs):
    estimator = estimator or Classifier(errors=errors)
    return GridSearchCV(estimator, grid, cv=cv, **kwargs).fit(X, y)


def codes(found):
    return [reason.code for reason in found.reasons]


def test_the_folds_become_pairs():
    done = search(errors=(0.05, 0.3))
    found = Recommendation.from_search(done, ANSWERS)

    assert found.action == "cross_validate"
    assert found.cells == CELLS
    assert (found.cell, found.verdict) == ("gru", Verdict.CLEARLY_BETTER)
    assert found.stop_reason is StopReason.ALL_PAIRS_RUN
    assert found.scoring == "accuracy"
    for i, cell in enumerate(CELLS):
        folds = [done.cv_results_[f"split{k}_test_score"][i] for k in range(5)]
        assert found.scores[cell] == tuple(folds)
        seconds = done.cv_results_["mean_fit_time"] + done.cv_results_["mean_score_time"]
        assert found.cell_seconds[cell] == pytest.approx(seconds[i])
    assert [(pair.repetition, pair.fold) for pair in found.pairs] == [(0, k) for k in range(5)]
    assert [pair.n_test for pair in found.pairs] == [80] * 5
    assert sum(found.probabilities.values()) == pytest.approx(1)
    assert found.plan is found.predicted_seconds is found.budget_seconds is None
    assert not found.clock_decided
    assert found.actual_seconds == pytest.approx(5 * seconds.sum())


def test_the_posterior_is_the_advisors():
    done = search(errors=(0.1, 0.12))
    found = read_search(done, ANSWERS)
    points = {cell: 100 * np.array(scores) for cell, scores in found.scores.items()}
    level = np.mean([*found.scores["gru"], *found.scores["lstm"]])
    expected = update(
        prior_for(n_samples=len(ANSWERS)),
        noise_before_pairs(level, 80),
        points["lstm"] - points["gru"],
        n_folds=5,
        rope_points=1.0,
    )
    assert found.gap_points == pytest.approx(expected.mean_points)
    assert found.probabilities["equivalent"] == pytest.approx(expected.q_equivalent)


def test_rope_and_confidence_count():
    done = search(errors=(0.1, 0.12))
    wide = read_search(done, ANSWERS, rope=0.2)
    assert (wide.verdict, wide.cell) == (Verdict.EQUIVALENT, "gru")
    assert wide.probabilities["equivalent"] > read_search(done, ANSWERS).probabilities["equivalent"]
    cautious = read_search(search(errors=(0.1, 0.13)), ANSWERS, confidence=0.999)
    assert cautious.verdict in (Verdict.UNDECIDED, Verdict.BETTER_SIZE_OPEN)


def test_what_the_targets_tell():
    useless = search(errors=(0.5, 0.5))
    with_y, without = read_search(useless, 1 - ANSWERS), read_search(useless)
    assert with_y.best_baseline == DUMMY
    assert with_y.baseline_scores == {DUMMY: (0.5,) * 5}
    assert without.baseline_scores == {}
    assert without.worth_it is None
    assert "noise" in codes(without)
    assert "noise" not in codes(with_y)
    assert all(pair.n_test == 0 for pair in without.pairs)

    learnt_nothing = read_search(search(errors=(0.9, 0.9)), ANSWERS)
    assert learnt_nothing.verdict is Verdict.NEITHER
    assert learnt_nothing.headline.startswith("Neither cell learnt anything")
    assert read_search(search(errors=(0.0, 0.0)), ANSWERS).worth_it


def test_without_targets_the_spread_of_the_folds_is_the_noise():
    done = search(errors=(0.1, 0.13))
    found = read_search(done)
    gaps = [pair.difference_points for pair in found.pairs]
    noise = NoisePrior(max(np.var(gaps, ddof=1), 1.8**2), 1.0)
    expected = update(prior_for(n_samples=1000), noise, gaps, n_folds=5, rope_points=1.0)
    assert found.gap_points == pytest.approx(expected.mean_points)


def test_undecided_for_lack_of_samples():
    found = read_search(search(errors=(0.3, 0.32)), ANSWERS, confidence=0.999)
    assert any(
        "With 400 samples, gaps below about" in line for line in found.what_would_change_this
    )


@pytest.mark.parametrize("scoring", ["r2", None, "neg_root_mean_squared_error"])
def test_a_regression(scoring):
    y = ANSWERS.astype(float)
    done = search(Regressor(errors=(0.1, 0.9)), y=y, scoring=scoring)
    found = read_search(done, y)
    assert found.cell == "gru"
    assert found.scoring == scoring or scoring is None
    assert all(pair.dummy_points == 0 for pair in found.pairs)
    assert 0 < found.pairs[0].points["lstm"] < found.pairs[0].points["gru"] < 100


def test_an_error_has_no_unit_without_targets():
    done = search(Regressor(), scoring="neg_mean_squared_error")
    with pytest.raises(ValueError, match=r"'neg_mean_squared_error' is an error, and y=None: give"):
        read_search(done)
    assert read_search(search(Regressor())).scoring == "r2"


def test_repetitions():
    cv = RepeatedKFold(n_splits=3, n_repeats=2, random_state=0)
    found = read_search(search(cv=cv), ANSWERS)
    assert [(pair.repetition, pair.fold) for pair in found.pairs] == [
        (0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2),
    ]  # fmt: skip
    assert [pair.n_test for pair in found.pairs] == [134, 133, 133] * 2


def test_a_single_split():
    found = read_search(search(cv=[(np.arange(300), np.arange(300, 400))]))
    assert len(found.pairs) == 1


def test_the_best_candidate_of_each_cell_stands_for_it():
    grid = {"cell": ["lstm", "gru"], "units": [4, 16]}
    done = search(Classifier(errors=(0.05, 0.2)), grid)
    found = read_search(done, ANSWERS)
    (row,) = (
        i
        for i, params in enumerate(done.cv_results_["params"])
        if params == {"cell": "lstm", "units": 16}
    )
    assert np.mean(found.scores["lstm"]) == pytest.approx(done.cv_results_["mean_test_score"][row])
    (reason,) = (each for each in found.reasons if each.code == "selection")
    assert "(GRU 2, LSTM 2 tried)" in reason.sentence
    assert "less certain than it says" in reason.sentence
    assert "favours" not in reason.sentence
    assert "selection" not in codes(read_search(search()))


def test_unequal_numbers_of_candidates_favour_a_cell():
    grid = [{"cell": ["gru"], "units": [4, 8, 16]}, {"cell": ["lstm"]}]
    (reason,) = (
        each for each in read_search(search(grid=grid)).reasons if each.code == "selection"
    )
    assert "(GRU 3, LSTM 1 tried)" in reason.sentence
    assert "favours GRU" in reason.sentence


def test_equal_scores_the_candidate_with_fewer_parameters_is_taken():
    assert read_search(search(), ANSWERS).cell == "gru"
    grid = [{"cell": ["gru"], "units": [800]}, {"cell": ["lstm"], "units": [8]}]
    found = read_search(search(errors=(0.0, 0.0), grid=grid), ANSWERS)
    assert found.cell == "lstm"
    assert "cheaper" in codes(found)


def test_a_randomized_search():
    done = RandomizedSearchCV(
        Classifier(errors=(0.1, 0.4)), {**BOTH, "units": [8, 16]}, n_iter=4, cv=FOLDS
    ).fit(X, ANSWERS)
    assert read_search(done, ANSWERS).cell == "gru"


def test_other_names():
    class Kinds(Classifier):
        def __init__(self, kind="a", errors=0.1):
            self.kind = kind
            self.errors = errors

        fails, cell = "", None

        def error(self):
            return self.errors if self.kind == "a" else self.errors / 10

    done = search(Kinds(), {"kind": ["a", "b", "c"]})
    found = read_search(done, ANSWERS, cell_param="kind", cells=("a", "b"))
    assert found.cells == ("a", "b")
    assert found.cell == "b"
    with pytest.raises(ValueError, match=r"tried kind=\['a', 'b', 'c'\].*choose two of more"):
        read_search(done, cell_param="kind")


def test_several_scorers():
    several = {"right": "accuracy", "f": "f1"}
    done = search(errors=(0.1, 0.4), scoring=several, refit="right")
    assert read_search(done, ANSWERS).scoring == "right"
    assert read_search(done, ANSWERS, scoring="f").scores["gru"] == tuple(
        done.cv_results_[f"split{k}_test_f"][0] for k in range(5)
    )
    by_list = search(scoring=["accuracy", "f1"], refit=False)
    assert read_search(by_list, scoring="f1").scoring == "f1"
    with pytest.raises(ValueError, match=r"scored \['accuracy', 'f1'\] and scoring=None; name"):
        read_search(by_list)
    with pytest.raises(ValueError, match="scoring='recall'; name one of them"):
        read_search(by_list, scoring="recall")

    def own(estimator, X, y):
        return {"mine": 0.5, "yours": 1.0}

    found = read_search(search(scoring=own, refit="mine"), ANSWERS)
    assert (found.scoring, found.best_baseline) == ("mine", None)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: 3, TypeError, "search=3 is not a search; give a fitted GridSearchCV"),
        (lambda: GridSearchCV(Classifier(), BOTH), NotFittedError, "not fitted"),
        (lambda: search(grid={"units": [4, 8]}), ValueError,
         r"varied \['units'\], of which 0 parameters are called 'cell'; name .* with cell_param"),
        (lambda: search(grid={"cell": ["gru"]}), ValueError,
         r"tried cell=\['gru'\].*search over both"),
        (lambda: search(grid={"cell": ["gru"], "units": [4, 8]}), ValueError, "search over both"),
        (lambda: HalvingGridSearchCV(Classifier(), BOTH, cv=FOLDS).fit(X, ANSWERS), ValueError,
         "HalvingGridSearchCV scores candidates on different samples"),
    ],
    ids=["no search", "not fitted", "no cell", "one cell", "one cell, two units", "halving"],
)  # fmt: skip
def test_searches_that_compare_no_cells(make, error, message):
    with pytest.raises(error, match=message):
        read_search(make())


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning", "ignore:One or more of")
def test_a_fold_without_a_score():
    done = search(Classifier(fails="lstm"))
    with pytest.raises(
        ValueError, match=r"no score of cell='lstm' on the splits \[0, 1, 2, 3, 4\]"
    ):
        read_search(done, ANSWERS)


def test_a_parameter_that_names_no_cell():
    done = search(grid={"errors": [(0.1, 0.1), (0.2, 0.2)]})
    with pytest.raises(ValueError, match=r"varied errors over \(0\.1, 0\.1\), which is not a name"):
        read_search(done, cell_param="errors")


@pytest.mark.parametrize("y", [None, ANSWERS])
def test_as_text_and_plain_values(y):
    found = read_search(search(errors=(0.05, 0.3)), y)
    text = " ".join(str(found).split())
    assert text.startswith("Recommendation: GRU. GRU is clearly better")
    assert re.search(rf"GRU +{np.mean(found.scores['gru']):.3f}", text)
    assert "predicted" not in text
    assert max(len(line) for line in str(found).splitlines()) <= 100
    record = json.loads(found.to_json())
    assert (record["plan"], record["cell"], len(record["pairs"])) == (None, "gru", 5)


def rmse(estimator, X, y):
    """In the unit of the targets."""
    return -float(np.sqrt(np.mean((estimator.predict(X) - y) ** 2)))


def in_units(factor, *, rope, with_y=True, errors=(0.9, 0.1)):
    y = ANSWERS.astype(float)

    def scorer(estimator, X, y):
        return factor * rmse(estimator, X, y)

    done = GridSearchCV(Regressor(errors=errors), BOTH, cv=FOLDS, scoring=scorer).fit(X, y)
    return read_search(done, y if with_y else None, rope=factor * rope)


@pytest.mark.parametrize("with_y", [True, False])
@pytest.mark.parametrize("errors", [(0.9, 0.1), (0.3, 0.29), (0.2, 0.2)])
def test_scores_in_their_own_unit(with_y, errors):
    """A constant factor of all scores and of the ROPE changes no probability."""
    found = [
        in_units(factor, rope=0.02, with_y=with_y, errors=errors) for factor in (1.0, 1e-6, 2500.0)
    ]
    for each in found[1:]:
        assert each.verdict is found[0].verdict
        assert each.probabilities == pytest.approx(found[0].probabilities, abs=1e-9)
    if errors == (0.9, 0.1):
        assert found[0].verdict is Verdict.CLEARLY_BETTER
        assert found[0].cell == "lstm"
        assert "of scorer in favour of LSTM" in " ".join(str(found[0]).split())


def test_a_perfect_cell_against_one_that_learns_nothing():
    """Beyond 60 points, where the usual grid ends."""
    y = ANSWERS + 0.001 * np.arange(N)
    done = GridSearchCV(Regressor(errors=(3.0, 0.0)), BOTH, cv=FOLDS).fit(X, y)
    assert done.cv_results_["mean_test_score"][0] < 0.0
    found = read_search(done, y)

    assert (found.cell, found.verdict) == ("lstm", Verdict.CLEARLY_BETTER)
    assert found.probabilities["lstm"] > 0.99


@pytest.mark.parametrize("with_y", [True, False])
def test_scores_below_the_floor_give_a_sentence(with_y):
    y = ANSWERS.astype(float)
    done = GridSearchCV(Regressor(errors=(3.0, 4.0)), BOTH, cv=FOLDS, scoring="r2").fit(X, y)
    assert (done.cv_results_["mean_test_score"] < 0).all()
    found = read_search(done, y if with_y else None)

    assert found.verdict is Verdict.NEITHER
    assert found.headline.startswith("Neither cell learnt anything")
    assert found.worth_it is (False if with_y else None)
    assert "simple_models" in codes(found)
    assert found.to_json()


@pytest.mark.parametrize("of_dummy", [float("nan"), None])
def test_a_scorer_that_cannot_judge_the_dummy(of_dummy):
    def scorer(estimator, X, y):
        if not hasattr(estimator, "error"):
            return float(of_dummy)  # None is not a number
        return rmse(estimator, X, y)

    y = ANSWERS.astype(float)
    done = GridSearchCV(Regressor(errors=(0.9, 0.1)), BOTH, cv=FOLDS, scoring=scorer).fit(X, y)
    found = read_search(done, y, rope=0.02)

    assert (found.cell, found.worth_it) == ("lstm", None)
    assert sum(found.probabilities.values()) == pytest.approx(1)
    assert "floor_unknown" in codes(found)
    assert "floor_unknown" not in codes(read_search(search(), ANSWERS))


def test_overlapping_splits_of_a_search():
    halves = ShuffleSplit(40, test_size=0.5, random_state=0)
    found = read_search(search(errors=(0.1, 0.12), cv=halves), ANSWERS)

    assert [pair.n_test for pair in found.pairs] == [200] * 40
    assert found.rules.n_folds == 2
    assert found.rules.covariance.shape == (40, 40)
    folds = read_search(search(errors=(0.1, 0.12), cv=40), ANSWERS)
    assert folds.rules.covariance is None
