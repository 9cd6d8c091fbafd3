import numpy as np
import pytest
from sklearn.model_selection import LeaveOneGroupOut
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from rnnselect.advice.baseline import DUMMY
from rnnselect.advice.baseline_cost import FLATTENED, SUMMARIES, TREES
from rnnselect.comparison.fits import time_one_fit
from rnnselect.comparison.pairs import run_pairs

SIMPLE = (FLATTENED, SUMMARIES, TREES)  # the cheapest first


def test_both_cells_meet_in_alternating_order(stub):
    _, comparison, _ = stub.comparison(stub.Classifier(), *stub.data())
    run_pairs(comparison, range(4), None)
    assert [fit[0] for fit in stub.fits] == ["gru", "lstm", "lstm", "gru"] * 2


def test_both_cells_get_the_same_split_and_seed(stub):
    X, y = stub.data()
    _, comparison, _ = stub.comparison(stub.Classifier(), X, y)
    run_pairs(comparison, range(3), None)
    seeds = []
    for k in range(3):
        (_, seed, rows, _), (_, other_seed, other_rows, _) = stub.fits[2 * k : 2 * k + 2]
        assert seed == other_seed
        np.testing.assert_array_equal(rows, comparison.data.splits.rows[k][0])
        np.testing.assert_array_equal(rows, other_rows)
        seeds.append(seed)
    assert len(set(seeds)) == 3


def test_what_a_pair_records(stub):
    X, y = stub.data()
    estimator = stub.Classifier(errors=(0.1, 0.4), seconds=(2.0, 3.0))
    _, comparison, _ = stub.comparison(estimator, X, y)
    (outcome,) = run_pairs(comparison, [1], None)
    test = comparison.data.splits.rows[1][1]

    hard = X[test, 1]
    assert outcome.scores["gru"] == pytest.approx((hard >= 0.1).mean())
    assert outcome.scores["lstm"] == pytest.approx((hard >= 0.4).mean())
    assert outcome.points["gru"] == pytest.approx(100 * outcome.scores["gru"])
    assert outcome.dummy_points == 50
    assert outcome.difference_points < 0
    assert outcome.noise_variance_points2 > 0
    assert (outcome.cells, outcome.repetition, outcome.fold) == (("gru", "lstm"), 0, 1)
    assert (outcome.n_test, outcome.n_epochs) == (40, {"gru": 7, "lstm": 7})
    assert outcome.seconds == {"gru": 2.0, "lstm": 3.0}


def test_the_floor_is_what_no_learning_scores(stub):
    estimator = stub.Classifier(errors=(1.0, 0.2))
    _, comparison, _ = stub.comparison(estimator, *stub.data())
    (outcome,) = run_pairs(comparison, [0], None)
    assert outcome.scores["gru"] == 0
    assert outcome.points["gru"] == outcome.dummy_points == 50
    assert not outcome.at_floor


@pytest.mark.parametrize("scoring", [None, "neg_root_mean_squared_error"])
def test_regression(stub, scoring):
    X, y = stub.data()
    estimator = stub.Regressor(errors=(0.1, 0.3))
    _, comparison, _ = stub.comparison(estimator, X, y.astype(float), scoring=scoring)
    (outcome,) = run_pairs(comparison, [0], None)
    assert outcome.scores["gru"] > outcome.scores["lstm"]
    assert 100 > outcome.points["gru"] > outcome.points["lstm"] > outcome.dummy_points == 0
    assert outcome.noise_variance_points2 > 0


def test_a_fit_cut_by_its_deadline_drops_the_pair(stub):
    estimator = stub.Classifier(stop_reason="deadline")
    _, comparison, _ = stub.comparison(estimator, *stub.data())
    assert run_pairs(comparison, range(2), None) == []


def test_one_of_two_cut_fits_is_enough(stub):
    class CutOnce(stub.Classifier):
        def fit(self, X, y, sample_weight=None):
            super().fit(X, y, sample_weight)
            self.stop_reason_ = "deadline" if len(self.fits) == 3 else "early_stopping"
            return self

    _, comparison, _ = stub.comparison(CutOnce(), *stub.data())
    outcomes = run_pairs(comparison, range(3), None)
    assert [outcome.fold for outcome in outcomes] == [0]  # not 2, though it is complete


def test_inside_a_pipeline_the_cut_is_seen_as_well(stub):
    estimator = make_pipeline(StandardScaler(), stub.Classifier(stop_reason="deadline"))
    _, comparison, _ = stub.comparison(estimator, *stub.data())
    assert run_pairs(comparison, range(1), None) == []


def test_no_fit_begins_after_the_deadline(stub):
    estimator = stub.Classifier(seconds=(2.0, 2.0))
    _, comparison, _ = stub.comparison(estimator, *stub.data())
    outcomes = run_pairs(comparison, range(5), stub.time.now + 7.0)
    assert len(outcomes) == 2  # the fits end at 2, 4, 6 and 8 s
    assert len(stub.fits) == 4


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_parameters_of_fit_are_cut_to_the_training_rows(stub, n_jobs):
    X, y = stub.data()
    weights = np.arange(200) / 7
    _, comparison, _ = stub.comparison(
        stub.Classifier(), X, y, fit_params={"sample_weight": weights}, n_jobs=n_jobs
    )
    run_pairs(comparison, range(2), None)
    assert len(stub.fits) == 4
    for _, _, rows, sample_weight in stub.fits:
        np.testing.assert_array_equal(sample_weight, weights[rows])


def test_repetitions_are_counted(stub):
    from sklearn.model_selection import RepeatedKFold

    cv = RepeatedKFold(n_splits=2, n_repeats=2, random_state=0)
    _, comparison, _ = stub.comparison(stub.Classifier(), *stub.data(), cv=cv)
    outcomes = run_pairs(comparison, range(4), None)
    assert [(each.repetition, each.fold) for each in outcomes] == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_where_one_group_is_left_out_the_noise_is_unknown(stub):
    X, y = stub.data()
    groups = np.arange(200) // 50
    _, comparison, _ = stub.comparison(
        stub.Classifier(), X, y, cv=LeaveOneGroupOut(), groups=groups
    )
    outcomes = run_pairs(comparison, range(4), None)
    assert len(outcomes) == 4
    assert all(np.isnan(each.noise_variance_points2) for each in outcomes)


def test_a_scorer_of_the_users_own_sees_X(stub):
    def own(estimator, X, y):
        return float(X[:, -1].sum())

    _, comparison, _ = stub.comparison(stub.Classifier(), *stub.data(), scoring=own)
    comparison.scoring.scale.points(1.0, 0.0)
    X = comparison.data.X
    (outcome,) = run_pairs(comparison, [2], None)
    expected = X[comparison.data.splits.rows[2][1], -1].sum()
    assert outcome.scores == {"gru": expected, "lstm": expected}
    assert np.isnan(outcome.noise_variance_points2)


def test_baselines_are_scored_once_on_each_split(stub, monkeypatch):
    _, comparison, _ = stub.comparison(stub.Classifier(), *stub.data())
    scores = comparison.simple.scores(3)
    assert list(scores) == [DUMMY, *SIMPLE]
    assert scores[DUMMY] == comparison.simple.dummy_scores[3] == 0.5
    assert comparison.simple.scores(3) is scores


def test_a_fit_that_was_timed_is_not_repeated(stub):
    estimator = stub.Classifier(seconds=(2.0, 3.0))
    _, comparison, _ = stub.comparison(estimator, *stub.data())
    assert time_one_fit(comparison, "gru") == 2.0
    assert [fit[0] for fit in stub.fits] == ["gru"]
    (outcome,) = run_pairs(comparison, [0], None)
    assert [fit[0] for fit in stub.fits] == ["gru", "lstm"]
    assert outcome.seconds == {"gru": 2.0, "lstm": 3.0}


def test_weights_reach_the_scores_and_the_floor(stub):
    X, y = stub.data()
    weights = np.where(y == 0, 3.0, 1.0)
    _, comparison, _ = stub.comparison(
        stub.Classifier(errors=(1.0, 0.4)), X, y, fit_params={"sample_weight": weights}
    )
    (outcome,) = run_pairs(comparison, [1], None)
    test = comparison.data.splits.rows[1][1]
    share = np.average(X[test, 1] >= 0.4, weights=weights[test])
    assert outcome.scores["lstm"] == pytest.approx(share)
    of_one_class = weights[test][y[test] == 0].sum() / weights[test].sum()
    assert outcome.dummy_points / 100 in (of_one_class, pytest.approx(1 - of_one_class))
    unweighted = stub.comparison(stub.Classifier(errors=(1.0, 0.4)), X, y)[1]
    (plain,) = run_pairs(unweighted, [1], None)
    assert 0 < outcome.noise_variance_points2 != plain.noise_variance_points2


def test_several_outputs_count_where_all_are_right(stub):
    X, y = stub.data()
    estimator = MultiOutputClassifier(stub.Classifier(errors=(0.1, 0.4)))
    Y = np.column_stack([y, y])
    _, comparison, _ = stub.comparison(estimator, X, Y)
    (outcome,) = run_pairs(comparison, [0], None)
    test = comparison.data.splits.rows[0][1]
    assert outcome.scores["lstm"] == pytest.approx((X[test, 1] >= 0.4).mean())
    assert outcome.noise_variance_points2 > 0
    scores = comparison.simple.scores(0)
    assert list(scores) == [DUMMY, *SIMPLE]
    assert scores["linear model on summary features"] > 0.9  # the answer stands in X


def test_no_simple_model_for_an_output_of_one_class(stub):
    X, y = stub.data()
    rare = np.zeros_like(y)
    rare[0] = 1
    estimator = MultiOutputClassifier(stub.Classifier())
    _, comparison, _ = stub.comparison(estimator, X, np.column_stack([y, rare]))
    assert list(comparison.simple.scores(0)) == [DUMMY]
    assert list(comparison.simple.left_out) == [*SIMPLE]
