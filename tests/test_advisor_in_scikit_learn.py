"""`RNNAdvisor` keeps scikit-learn's promises to every tool that takes an estimator."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import estimator_html_repr
from sklearn.utils.estimator_checks import parametrize_with_checks

from rnnselect import Recommendation, RNNAdvisor, RNNClassifier

# As scikit-learn itself says of its own estimators that learn from shuffled batches.
EXPECTED_FAILURES = {
    "check_sample_weight_equivalence_on_dense_data": (
        "sample_weight is not equivalent to removing/repeating samples: batches are shuffled"
    ),
}
# Large steps, so that few of them learn what the checks ask for.
SMALL = {
    "units": 8,
    "epochs": 20,
    "batch_size": 16,
    "learning_rate": 0.05,
    "early_stopping": False,
    "random_state": 0,
}
QUICK = {"cv": 2, "baseline": False, "random_state": 0}


class LightClassifier(LogisticRegression):
    """Takes a cell, and fits in a millisecond."""

    def __init__(self, cell="gru"):
        super().__init__()
        self.cell = cell


class LightRegressor(LinearRegression):
    """Takes a cell, and fits in a millisecond."""

    def __init__(self, cell="gru"):
        super().__init__()
        self.cell = cell


@parametrize_with_checks(
    [RNNAdvisor(LightClassifier(), **QUICK), RNNAdvisor(LightRegressor(), **QUICK)]
)
def test_scikit_learn_compatible(estimator, check):
    check(estimator)


@pytest.mark.slow
@parametrize_with_checks(
    [RNNAdvisor(RNNClassifier(**SMALL), **QUICK)],
    expected_failed_checks=lambda advisor: EXPECTED_FAILURES,
)
def test_scikit_learn_compatible_with_networks(estimator, check):
    check(estimator)


BRIEF = {**SMALL, "units": 3, "epochs": 2}
ALL_PAIRS = {**QUICK, "min_gain": 0.0}


def brief(**parameters):
    return RNNClassifier(**{**BRIEF, **parameters})


@pytest.fixture(scope="module")
def fitted(data):
    return RNNAdvisor(brief(), **ALL_PAIRS).fit(data.panel, data.classes)


def test_in_a_pipeline(data):
    pipeline = make_pipeline(StandardScaler(), RNNAdvisor(brief(), **ALL_PAIRS))
    pipeline.set_output(transform="pandas")
    X = pd.DataFrame(data.series, columns=[f"t{i}" for i in range(8)])
    pipeline.fit(X, data.classes)
    assert pipeline.predict(X).shape == (60,)
    assert pipeline.predict_proba(X).shape == (60, 3)
    assert pipeline[-1].feature_names_in_.tolist() == X.columns.tolist()
    assert pipeline[-1].n_features_in_ == 8


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["panel", "ragged"])
def test_nested_cross_validation(data, kind):
    found = cross_validate(
        RNNAdvisor(brief(), **ALL_PAIRS),
        getattr(data, kind),
        data.classes,
        cv=2,
        scoring=["accuracy", "roc_auc_ovr"],
        return_estimator=True,
    )
    assert np.isfinite(found["test_roc_auc_ovr"]).all()
    assert all(each.best_cell_ in ("gru", "lstm") for each in found["estimator"])


def test_clones_and_parameters(fitted):
    copied = clone(fitted)
    assert not hasattr(copied, "best_estimator_")
    assert copied.get_params()["estimator__units"] == 3
    copied.set_params(estimator__units=5, cv=4)
    assert (copied.estimator.units, copied.cv) == (5, 4)
    assert fitted.estimator.units == 3


@pytest.mark.slow
def test_a_fresh_process_predicts_the_same(data, fitted, tmp_path, run_script):
    with open(tmp_path / "advisor.pickle", "wb") as file:
        pickle.dump((fitted, data.panel), file)
    run_script(
        "import pickle, sys\n"
        "import numpy as np\n"
        "advisor, X = pickle.load(open(sys.argv[1], 'rb'))\n"
        "np.save(sys.argv[2], advisor.predict_proba(X))\n"
        "assert str(advisor.recommend()) == sys.argv[3]\n",
        tmp_path / "advisor.pickle",
        tmp_path / "probabilities.npy",
        str(fitted.recommendation_),
    )
    np.testing.assert_allclose(
        np.load(tmp_path / "probabilities.npy"), fitted.predict_proba(data.panel), atol=1e-6
    )


def test_html_shows_the_estimator_inside(fitted):
    html = estimator_html_repr(RNNAdvisor(make_pipeline(StandardScaler(), brief())))
    for name in ("RNNAdvisor", "StandardScaler", "RNNClassifier"):
        assert name in html
    assert "RNNClassifier" in estimator_html_repr(fitted)
    assert fitted._get_doc_link().rpartition("/")[0] == brief()._get_doc_link().rpartition("/")[0]


def test_what_a_fit_without_refit_lacks(data, fitted):
    assert fitted.classes_.tolist() == [0, 1, 2]
    advisor = clone(fitted).fit(data.panel, data.classes)
    advisor.set_params(refit=False).fit(data.panel, data.classes)
    for name in ("best_estimator_", "classes_", "n_features_in_", "feature_names_in_"):
        assert not hasattr(advisor, name)


def test_the_search_that_it_replaces_says_the_same(data):
    """The same folds, seeds aside: a search over cells is read as the advisor reads its race."""
    folds = list(StratifiedKFold(3, shuffle=True, random_state=0).split(data.panel, data.classes))
    advisor = RNNAdvisor(brief(), **{**ALL_PAIRS, "cv": folds}).fit(data.panel, data.classes)
    search = GridSearchCV(brief(), {"cell": ["gru", "lstm"]}, cv=folds)
    found = Recommendation.from_search(search.fit(data.panel, data.classes), data.classes)
    assert list(advisor.cv_results_) == list(search.cv_results_)
    assert len(found.pairs) == len(advisor.recommendation_.pairs) == 3
    assert found.cells == advisor.recommendation_.cells
    assert [pair.n_test for pair in found.pairs] == [20] * 3
