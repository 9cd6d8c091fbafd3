import math

import pytest
from sklearn.metrics import (
    fbeta_score,
    get_scorer,
    get_scorer_names,
    make_scorer,
    mean_squared_error,
    root_mean_squared_error,
)

from rnnselect.advice.points import ScoreScale, rope_points, score_scale

NOT_IN_POINTS = {
    # clustering
    "adjusted_mutual_info_score",
    "adjusted_rand_score",
    "completeness_score",
    "fowlkes_mallows_score",
    "homogeneity_score",
    "mutual_info_score",
    "normalized_mutual_info_score",
    "rand_score",
    "v_measure_score",
    # neither bounded nor an error
    "neg_negative_likelihood_ratio",
    "positive_likelihood_ratio",
}


@pytest.mark.parametrize(
    ("kind", "score", "dummy", "points", "floored"),
    [
        ("bounded", 0.83, 0.5, 83, 83),
        ("bounded", 0.40, 0.5, 40, 50),
        ("bounded", math.nan, 0.5, math.nan, 50),
        ("error", -0.5, -2.0, 75, 75),
        ("error", -3.0, -2.0, -50, 0),
        ("error", -math.inf, -2.0, -math.inf, 0),
        ("error", -1.0, -0.0, -math.inf, 0),
        ("error", 0.0, 0.0, 0, 0),
        ("squared_error", -1.0, -4.0, 50, 50),
        ("r2", 0.75, -0.1, 50, 50),
        ("r2", 1.0, 0.0, 100, 100),
        ("r2", -3.0, -0.1, -100, 0),
        ("r2", -math.inf, -0.1, -math.inf, 0),
        ("raw", 2.5, 1.0, 250, 250),
        ("raw", 0.5, 1.0, 50, 100),
    ],
)
def test_points(kind, score, dummy, points, floored):
    scale = ScoreScale(kind)

    assert scale.points(score, dummy) == pytest.approx(points, nan_ok=True)
    assert scale.floored(score, dummy) == pytest.approx(floored)
    assert scale.floored(score, dummy) >= scale.floor_points(dummy)


@pytest.mark.parametrize("kind", ["bounded", "error", "squared_error", "r2", "raw"])
def test_the_dummy_is_its_own_floor(kind):
    dummy = -0.3 if kind != "bounded" else 0.3

    assert ScoreScale(kind).floored(dummy, dummy) == ScoreScale(kind).floor_points(dummy)


@pytest.mark.parametrize(
    ("scoring", "is_classifier", "kind"),
    [
        (None, True, "bounded"),
        (None, False, "r2"),
        ("accuracy", True, "bounded"),
        ("f1_macro", True, "bounded"),
        ("roc_auc_ovr_weighted", True, "bounded"),
        ("neg_log_loss", True, "error"),
        ("neg_brier_score", True, "squared_error"),
        ("neg_root_mean_squared_error", False, "error"),
        ("neg_mean_squared_error", False, "squared_error"),
        ("explained_variance", False, "r2"),
        ("d2_absolute_error_score", False, "bounded"),
        ("made_up", True, "raw"),
        (make_scorer(fbeta_score, beta=2), True, "bounded"),
        (make_scorer(mean_squared_error, greater_is_better=False), False, "squared_error"),
        (make_scorer(root_mean_squared_error, greater_is_better=False), False, "error"),
        (make_scorer(root_mean_squared_error), False, "raw"),  # maximises an error: a mistake
        (make_scorer(lambda y, p: 0.0), True, "raw"),
        (lambda estimator, X, y: 0.0, True, "raw"),
    ],
)
def test_score_scale(scoring, is_classifier, kind):
    assert score_scale(scoring, is_classifier=is_classifier).kind == kind


@pytest.mark.parametrize("name", sorted(set(get_scorer_names()) - NOT_IN_POINTS))
def test_every_supervised_scorer_is_known_by_name_and_as_an_object(name):
    by_name = score_scale(name, is_classifier=True).kind

    assert by_name != "raw"
    assert score_scale(get_scorer(name), is_classifier=True).kind == by_name


def test_a_hundredth_is_a_point():
    assert rope_points(0.02, ScoreScale("error")) == pytest.approx(2)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: ScoreScale("percent"), "kind='percent'"),
        (lambda: ScoreScale("error").points(0.5, -1.0), "score=0.5.*greater_is_better=False"),
        (lambda: ScoreScale("error").points(-0.5, 1.0), "dummy_score=1"),
        (lambda: ScoreScale("r2").points(1.5, 0.0), "score=1.5"),
        (lambda: rope_points(-1, ScoreScale("raw")), "rope=-1.*'raw'"),
    ],
)
def test_errors_name_argument_and_value(call, named):
    with pytest.raises(ValueError, match=named):
        call()
