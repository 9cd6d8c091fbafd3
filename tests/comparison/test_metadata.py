import numpy as np
import pytest
import sklearn
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import UnsetMetadataPassedError
from sklearn.metrics import accuracy_score, get_scorer, make_scorer
from sklearn.model_selection import GroupKFold, KFold
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from rnnselect import RNNAdvisor, RNNClassifier, RNNRegressor
from rnnselect.comparison.candidates import make_candidates
from rnnselect.comparison.metadata import Metadata, route_metadata
from rnnselect.comparison.scoring import make_scoring

WEIGHTS, GROUPS = np.array([1.0, 2.0, 3.0]), np.array([0, 0, 1])


def route(estimator, given, *, scoring=None, cv=3):
    candidates = make_candidates(estimator, ("gru", "lstm"), None)
    advisor = RNNAdvisor(estimator, scoring=scoring, cv=cv)
    return route_metadata(advisor, candidates, make_scoring(scoring, estimator), given)


def names(metadata):
    return set(metadata.fit), set(metadata.score), set(metadata.split)


def test_nothing_given():
    metadata = route(RNNClassifier(), {"sample_weight": None, "groups": None})
    assert names(metadata) == (set(), set(), set())
    assert metadata.groups is metadata.fit_weights is None


@pytest.mark.parametrize(
    ("estimator", "prefix"),
    [
        (RNNClassifier(), ""),
        (make_pipeline(StandardScaler(), RNNClassifier()), "rnnclassifier__"),
        (TransformedTargetRegressor(RNNRegressor()), ""),
    ],
)
def test_weights_and_groups_find_the_network(estimator, prefix):
    metadata = route(estimator, {"sample_weight": WEIGHTS, "groups": GROUPS, "other": 3})
    fit = {f"{prefix}sample_weight", f"{prefix}groups", "other"}
    assert names(metadata) == (fit, {"sample_weight"}, {"groups"})
    assert metadata.fit_weights is WEIGHTS
    np.testing.assert_array_equal(metadata.groups, GROUPS)


def test_groups_stay_with_the_splitter_where_no_single_network_takes_them():
    metadata = route(MultiOutputClassifier(RNNClassifier()), {"groups": GROUPS})
    assert names(metadata) == (set(), set(), {"groups"})


def test_a_scorer_without_weights_is_warned_of():
    def own(estimator, X, y):
        return 0.0

    with pytest.warns(UserWarning, match="scoring='own' takes no sample_weight: the fits"):
        metadata = route(RNNClassifier(), {"sample_weight": WEIGHTS}, scoring=own)
    assert names(metadata) == ({"sample_weight"}, set(), set())


@pytest.mark.parametrize("scoring", ["accuracy", "neg_log_loss", make_scorer(accuracy_score)])
def test_scorers_that_take_weights(scoring):
    metadata = route(RNNClassifier(), {"sample_weight": WEIGHTS}, scoring=scoring)
    assert metadata.score["sample_weight"] is WEIGHTS


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


@pytest.mark.usefixtures("routing")
@pytest.mark.parametrize("pipeline", [False, True])
@pytest.mark.parametrize("in_fit", [False, True])
@pytest.mark.parametrize("in_score", [False, True])
def test_routed_weights_go_where_they_are_requested(pipeline, in_fit, in_score):
    estimator = RNNClassifier().set_fit_request(sample_weight=in_fit)
    estimator.set_score_request(sample_weight=in_score)
    scoring = None
    if pipeline:
        scaler = StandardScaler().set_fit_request(sample_weight=False)
        estimator = make_pipeline(scaler, estimator)
        # Before scikit-learn 1.8, a pipeline's own score passes nothing on.
        scoring = get_scorer("accuracy").set_score_request(sample_weight=in_score)
    if not (in_fit or in_score):
        with pytest.raises(TypeError, match=r"unexpected argument.*sample_weight"):
            route(estimator, {"sample_weight": WEIGHTS}, scoring=scoring)
        return
    metadata = route(estimator, {"sample_weight": WEIGHTS}, scoring=scoring)
    wanted = {"sample_weight"}
    assert names(metadata) == (wanted if in_fit else set(), wanted if in_score else set(), set())


@pytest.mark.usefixtures("routing")
def test_a_scorer_of_its_own_requests_for_itself():
    scorer = make_scorer(accuracy_score).set_score_request(sample_weight="of_test")
    estimator = RNNClassifier().set_fit_request(sample_weight="of_fit")
    given = {"of_fit": WEIGHTS, "of_test": WEIGHTS + 1}
    metadata = route(estimator, given, scoring=scorer)
    np.testing.assert_array_equal(metadata.fit["sample_weight"], WEIGHTS)
    np.testing.assert_array_equal(metadata.score["sample_weight"], WEIGHTS + 1)


@pytest.mark.usefixtures("routing")
@pytest.mark.parametrize(
    ("cv", "taken"), [(3, True), (GroupKFold(3), True), ([([0], [1])], True), (KFold(3), False)]
)
def test_routed_groups_go_to_the_splitter(cv, taken):
    estimator = RNNClassifier().set_fit_request(groups=True)
    metadata = route(estimator, {"groups": GROUPS}, cv=cv)
    assert names(metadata) == ({"groups"}, set(), {"groups"} if taken else set())


@pytest.mark.usefixtures("routing")
def test_what_nobody_decided_about_is_refused():
    with pytest.raises(UnsetMetadataPassedError, match=r"sample_weight.*RNNClassifier\.fit"):
        route(RNNClassifier(), {"sample_weight": WEIGHTS})


def test_weights_are_found_under_any_prefix():
    assert Metadata(fit={"a__b__sample_weight": 3}).fit_weights == 3
