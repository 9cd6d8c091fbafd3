import warnings

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_iris
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.metrics import fbeta_score, get_scorer, make_scorer
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from rnnselect import RNNClassifier, RNNRegressor
from rnnselect.comparison.scoring import freeze, make_scoring

ROWS = np.arange(0, 100, 3)


@pytest.fixture(scope="module")
def binary():
    X, y = load_iris(return_X_y=True)
    X, y = X[50:, :2], np.array(["no", "yes"])[y[50:] - 1]
    return X, y, LogisticRegression().fit(X, y), LogisticRegression(C=0.005).fit(X, y)


@pytest.fixture(scope="module")
def values():
    X, y = load_diabetes(return_X_y=True)
    X, y = X[:100], y[:100]
    return X, y, LinearRegression().fit(X, y), LinearRegression().fit(X[:, ::-1] ** 2, y)


@pytest.mark.parametrize(
    "scoring",
    [
        None,
        "accuracy",
        "balanced_accuracy",
        "roc_auc",
        "neg_log_loss",
        "average_precision",
        pytest.param(make_scorer(fbeta_score, beta=2, pos_label="yes"), id="fbeta"),
    ],
)
def test_frozen_classes_score_as_the_classifier_does(binary, scoring):
    X, y, classifier, other = binary
    if scoring == "average_precision":
        scoring = make_scorer(
            get_scorer("average_precision")._score_func,
            response_method="predict_proba",
            pos_label="yes",
        )
    made = make_scoring(scoring, classifier)
    for estimator in (classifier, other):
        frozen = freeze(estimator, X)
        assert made.scorer(frozen, np.arange(100), y) == pytest.approx(
            made.scorer(estimator, X, y), abs=1e-12
        )
        assert made.scorer(frozen, ROWS, y[ROWS]) == pytest.approx(
            made.scorer(estimator, X[ROWS], y[ROWS]), abs=1e-12
        )
    assert made.needs_predictions_only


def test_three_classes():
    X, y = load_iris(return_X_y=True)
    classifier = LogisticRegression(max_iter=500).fit(X, y)
    for scoring in ("accuracy", "roc_auc_ovr", "neg_log_loss", "f1_macro"):
        scorer = make_scoring(scoring, classifier).scorer
        assert scorer(freeze(classifier, X), np.arange(150), y) == pytest.approx(
            scorer(classifier, X, y), abs=1e-12
        )


def test_a_classifier_without_probabilities(binary):
    X, y, *_ = binary
    classifier = RidgeClassifier().fit(X, y)
    frozen = freeze(classifier, X)
    assert make_scoring(None, classifier).scorer(frozen, np.arange(100), y) == classifier.score(
        X, y
    )


@pytest.mark.parametrize(
    "scoring",
    [None, "r2", "neg_root_mean_squared_error", "neg_mean_squared_error", "max_error"],
)
def test_frozen_values_score_as_the_regressor_does(values, scoring):
    X, y, regressor, _ = values
    scoring = "neg_max_error" if scoring == "max_error" else scoring
    made = make_scoring(scoring, regressor)
    frozen = freeze(regressor, X)
    assert made.scorer(frozen, ROWS, y[ROWS]) == pytest.approx(
        made.scorer(regressor, X[ROWS], y[ROWS])
    )
    assert made.needs_predictions_only


def test_several_outputs(values):
    X, y, *_ = values
    Y = np.column_stack([y, y**2])
    regressor = LinearRegression().fit(X, Y)
    scorer = make_scoring(None, regressor).scorer
    assert scorer(freeze(regressor, X), ROWS, Y[ROWS]) == pytest.approx(
        regressor.score(X[ROWS], Y[ROWS])
    )


@pytest.mark.parametrize(
    ("estimator", "kind", "name"),
    [
        (RNNClassifier(), "bounded", "accuracy"),
        (RNNRegressor(), "r2", "r2"),
        (make_pipeline(StandardScaler(), RNNRegressor()), "r2", "r2"),
        (make_pipeline(StandardScaler(), RNNClassifier()), "bounded", "accuracy"),
    ],
)
def test_the_default_follows_the_estimator(estimator, kind, name):
    scale = make_scoring(None, estimator).scale
    assert (scale.kind, scale.name) == (kind, name)


def test_a_callable_of_the_users_own_may_look_at_X(values):
    X, y, regressor, _ = values

    def own(estimator, X, y):
        return float(X[:, 0].sum())

    made = make_scoring(own, regressor)
    assert not made.needs_predictions_only
    assert (made.scale.kind, made.scale.name) == ("raw", "own")
    assert made.scorer(regressor, X, y) == X[:, 0].sum()


def test_unknown_scorer():
    with pytest.raises(ValueError, match="scoring"):
        make_scoring("beauty", RNNClassifier())


def variance_of(scoring, X, y, estimators, dummy, units=None, seed=0):
    noise = [scoring.noise_of_fit(freeze(e, X), y, dummy, units, seed) for e in estimators]
    return scoring.noise_of_pair(*noise, units)


@pytest.mark.parametrize("scoring", [None, "roc_auc", "neg_log_loss", "balanced_accuracy"])
@pytest.mark.parametrize("units", [None, np.arange(100) // 5])
def test_variances_of_classes_are_positive(binary, scoring, units):
    X, y, *both = binary
    dummy = -0.7 if scoring == "neg_log_loss" else 0.5
    variance = variance_of(make_scoring(scoring, both[0]), X, y, both, dummy, units)
    assert 0 < variance < 50**2


@pytest.mark.parametrize("scoring", [None, "neg_root_mean_squared_error"])
@pytest.mark.parametrize("units", [None, np.arange(100) // 5])
def test_variances_of_values_are_positive(values, scoring, units):
    X, y, *both = values
    dummy = -80.0 if scoring else 0.0
    variance = variance_of(make_scoring(scoring, both[0]), X, y, both, dummy, units)
    assert 0 < variance < 50**2


def test_equal_predictions_have_no_variance(binary, values):
    for X, y, estimator, _ in (binary, values):
        assert variance_of(make_scoring(None, estimator), X, y, [estimator] * 2, 0.0) == 0


def test_the_seed_decides_the_bootstrap(values):
    X, y, *both = values
    made = make_scoring(None, both[0])
    first, again, other = (variance_of(made, X, y, both, 0.0, seed=seed) for seed in (1, 1, 2))
    assert first == again != other


def test_labels_are_those_of_predict_not_the_likeliest_class(binary):
    X, y, *_ = binary
    clf = FixedThresholdClassifier(LogisticRegression(), threshold=0.9).fit(X, y)
    frozen = freeze(clf, X)
    np.testing.assert_array_equal(frozen.predict(np.arange(len(X))), clf.predict(X))
    assert (clf.predict(X) != clf.classes_[clf.predict_proba(X).argmax(axis=1)]).any()


@pytest.mark.parametrize(
    "scoring", ["f1", "precision_macro", "f1_macro", "jaccard", "balanced_accuracy"]
)
def test_folds_without_a_class_do_not_warn_once_a_draw(scoring):
    y = np.arange(40) < 2
    never = DummyClassifier().fit(np.zeros((40, 1)), ~y)
    scoring = make_scoring(scoring, never)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert scoring.scorer(never, np.zeros((40, 1)), y) < 1
        scoring.noise_of_fit(freeze(never, np.zeros((40, 1))), y, 0.0, None, 0)
