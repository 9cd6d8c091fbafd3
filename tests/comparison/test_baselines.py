import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import TransformedTargetRegressor
from sklearn.decomposition import PCA
from sklearn.feature_selection import SelectKBest, f_regression
from sklearn.metrics import make_scorer
from sklearn.model_selection import GridSearchCV, KFold, ShuffleSplit
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler, TargetEncoder

from rnnselect import RNNAdvisor, RNNClassifier
from rnnselect.advice import baseline, baseline_cost
from rnnselect.advice.baseline import DUMMY, LAST_VALUE, SEASONAL_NAIVE
from rnnselect.advice.baseline_cost import FLATTENED, SUMMARIES, TF_IDF, TREES
from rnnselect.comparison.timing import Timing
from rnnselect.forecasting.split import WindowSplit
from rnnselect.forecasting.windows import make_windows
from rnnselect.preprocessing.tokenizer import SequenceTokenizer
from rnnselect.report.text import points_value_text


class Recording(TransformerMixin, BaseEstimator):
    """Keeps what it was fitted on, in one list for all clones."""

    fitted = []  # noqa: RUF012 -- shared by all clones on purpose

    def fit(self, X, y=None, sample_weight=None):
        self.fitted.append((X[:, -1].astype(int).tolist(), list(y), sample_weight))
        return self

    def transform(self, X):
        return X


@pytest.fixture
def recorded(monkeypatch):
    monkeypatch.setattr(Recording, "fitted", [])
    return Recording.fitted


def noise(n=80, n_columns=400, n_levels=None, seed=0):
    """Columns that know nothing of the classes."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, n_columns))
    if n_levels:
        X = rng.integers(n_levels, size=(n, n_columns)).astype(float)
    return X, rng.permutation(np.arange(n) % 2)


def in_a_search(pipeline):
    return GridSearchCV(pipeline, {"stubclassifier__errors": [(0.1, 0.1)]}, cv=2)


SELECT = SelectKBest(k=10)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda net: make_pipeline(SELECT, net),
        lambda net: make_pipeline(StandardScaler(), PCA(60, random_state=0), SELECT, net),
        lambda net: make_pipeline("passthrough", FunctionTransformer(), make_pipeline(SELECT, net)),
        lambda net: make_pipeline(make_pipeline(StandardScaler(), SELECT), "passthrough", net),
        lambda net: in_a_search(make_pipeline(SELECT, net)),
    ],
    ids=["select", "scaler and PCA", "nested", "steps in a step", "in a search"],
)
def test_noise_stays_noise_whatever_stands_before_the_network(stub, wrap):
    """Selected on all rows, noise lets a linear model be right on nine of ten."""
    X, y = noise()
    _, comparison, _ = stub.comparison(wrap(stub.Classifier()), X, y)
    scores = [comparison.simple.scores(k) for k in range(5)]
    for name in set(scores[0]) - {DUMMY}:
        assert np.mean([each[name] for each in scores]) < 0.7, name


def test_targets_of_test_rows_are_not_encoded(stub):
    X, y = noise(200, 30, n_levels=60)
    estimator = make_pipeline(TargetEncoder(), stub.Classifier())
    _, comparison, _ = stub.comparison(estimator, X, y)
    scores = [comparison.simple.scores(k)[FLATTENED] for k in range(5)]
    assert np.mean(scores) < 0.65


def test_what_the_steps_find_out_is_used(stub):
    """The signal stands in one column of many, and only its sign tells the class."""
    X, y = noise(400, 200)
    X[:, 7] = np.where(y, 1, -1) * np.abs(X[:, 7]) + 0.01
    estimator = make_pipeline(SelectKBest(k=1), stub.Classifier())
    _, comparison, _ = stub.comparison(estimator, X, y)
    scores = comparison.simple.scores(0)
    assert min(score for name, score in scores.items() if name != DUMMY) > 0.9


@pytest.mark.parametrize("routing", [False, True])
@pytest.mark.parametrize("nested", [False, True])
def test_steps_are_fitted_once_a_fold_on_its_rows_with_their_weights(
    stub, recorded, routing, nested
):
    X, y = stub.data(60)
    weights = np.linspace(1.0, 2.0, 60)
    with config_context(enable_metadata_routing=routing):
        step, net, given = Recording(), stub.Classifier(), {"step__sample_weight": weights}
        if nested:
            given = {"inner__step__sample_weight": weights}
        if routing:
            step.set_fit_request(sample_weight="of_the_step")
            net.set_fit_request(sample_weight=False)
            given = {"of_the_step": weights}
        estimator = Pipeline([("step", step), ("net", net)])
        if nested:
            estimator = Pipeline([("first", StandardScaler()), ("inner", estimator)])
            X = np.column_stack([X, X[:, -1]])
            estimator.set_params(first=FunctionTransformer())
        advisor = RNNAdvisor(estimator, cv=3, min_gain=0, random_state=0)
        advisor.recommend(X, y, **given)
    of_the_fold = [fit for fit in recorded if len(fit[0]) == 40]
    assert len(of_the_fold) == 3 * (2 + 1)  # both cells, and once for all simple models
    rows = {tuple(sorted(fit[0])) for fit in of_the_fold}
    assert len(rows) == 3
    for numbers, targets, weight in recorded:
        assert targets == y[numbers].tolist()
        np.testing.assert_allclose(weight, weights[numbers])


def test_the_target_is_the_one_that_the_steps_see(stub, recorded):
    X, y = stub.data(60)
    inner = make_pipeline(Recording(), stub.Regressor())
    estimator = TransformedTargetRegressor(inner, func=np.exp, inverse_func=np.log)
    _, comparison, _ = stub.comparison(estimator, X, y + np.linspace(0, 1, 60))
    recorded.clear()
    comparison.simple.scores(0)
    ((numbers, targets, _),) = recorded
    np.testing.assert_allclose(targets, np.exp(y + np.linspace(0, 1, 60))[numbers])


def test_of_several_networks_the_first_sees_its_own_output(stub, recorded):
    X, y = stub.data(60)
    estimator = MultiOutputClassifier(make_pipeline(Recording(), stub.Classifier()))
    _, comparison, _ = stub.comparison(estimator, X, np.column_stack([y, 1 - y]))
    recorded.clear()
    comparison.simple.scores(0)
    ((numbers, targets, _),) = recorded
    assert targets == y[numbers].tolist()


def test_a_supervised_step_of_a_regression(stub):
    X, _ = noise(80)
    y = np.random.default_rng(1).normal(size=80)
    estimator = make_pipeline(SelectKBest(f_regression, k=10), stub.Regressor())
    _, comparison, _ = stub.comparison(estimator, X, y)
    scores = [comparison.simple.scores(k)[FLATTENED] for k in range(5)]
    assert np.mean(scores) < 0.2


POSITIVE, NEGATIVE = ["a truly fine film", "fine, I say"], ["a dreary film", "dreary, I say"]


@pytest.mark.parametrize(
    "steps",
    [
        [SequenceTokenizer(max_tokens=3)],
        [FunctionTransformer(list), SequenceTokenizer(max_tokens=3)],
        [make_pipeline(FunctionTransformer(list), SequenceTokenizer(max_tokens=3))],
    ],
    ids=["alone", "after a step", "in a step"],
)
def test_behind_a_tokenizer_the_texts_are_read(stub, steps):
    """Of the ids too few are left to tell the classes apart."""
    texts, y = np.array((POSITIVE + NEGATIVE) * 10, dtype=object), np.array([1, 1, 0, 0] * 10)
    estimator = make_pipeline(*steps, RNNClassifier(embedding_dim=2))
    _, comparison, _ = stub.comparison(estimator, texts, y)
    scores = comparison.simple.scores(0)
    assert scores == {DUMMY: 0.5, TF_IDF: 1.0}


def test_words_of_test_rows_are_not_known(stub):
    """Each text has a word of its own, and no other."""
    texts, y = np.array([f"word{i}" for i in range(40)], dtype=object), np.arange(40) % 2
    estimator = make_pipeline(SequenceTokenizer(), RNNClassifier(embedding_dim=2))
    _, comparison, _ = stub.comparison(estimator, texts, y)
    assert comparison.simple.scores(0)[TF_IDF] == 0.5


def test_without_baselines_nothing_is_made_for_them(stub, recorded, monkeypatch):
    def never(train, test):
        raise AssertionError("features in vain")

    monkeypatch.setattr(baseline, "scaled_summaries", never)
    X, y = stub.data(60)
    advisor = RNNAdvisor(
        make_pipeline(Recording(), stub.Classifier()), cv=3, min_gain=0, baseline=False
    )
    found = advisor.recommend(X, y)
    assert list(found.baseline_scores) == [DUMMY]
    assert len([fit for fit in recorded if len(fit[0]) == 40]) == 2 * len(found.pairs)


@pytest.mark.parametrize(("budget", "n_folds"), [(None, 3), (1e4, 3), (1.0, 3)])
def test_without_a_pair_the_simple_models_are_run(stub, tmp_path, budget, n_folds):
    X, y = stub.data(60)
    advisor = RNNAdvisor(stub.Classifier(seconds=(1e3, 1e3)), cv=3, budget=budget, min_gain=50)
    found = advisor.recommend(X, y)
    assert not found.pairs
    assert {len(scores) for scores in found.baseline_scores.values()} == {n_folds}
    best = found.best_baseline
    assert best in (FLATTENED, SUMMARIES, TREES)
    assert found.worth_it is None
    assert f"The best simple model ({best}) scores accuracy" in " ".join(str(found).split())
    assert f"{best}  " in str(found)  # in the table
    page = found.report(tmp_path / "advice.html").read_text()
    assert f"No network was tested. The best simple model is the {best}" in page


def test_what_does_not_fit_is_named(stub, monkeypatch):
    monkeypatch.setattr(baseline_cost, "LOGISTIC_SECONDS_PER_VALUE", 1.0)
    X, y = stub.data(60)
    found = RNNAdvisor(stub.Classifier(seconds=(1e3, 1e3)), cv=3, budget=1.0).recommend(X, y)
    assert list(found.baseline_scores) == [DUMMY]
    (reason,) = (each for each in found.reasons if each.code == "simple_models_left_out")
    assert "linear model on summary features (a fit takes about" in reason.sentence
    assert "are left" in reason.sentence
    assert "A prediction without learning scores accuracy 0.500 on 1 fold" in str(found)


def test_a_regression_is_in_closed_form_and_always_run(stub):
    X, y = stub.data(60)
    advisor = RNNAdvisor(stub.Regressor(seconds=(1e3, 1e3)), cv=3, budget=1e-6)
    found = advisor.recommend(X, y + np.linspace(0, 1, 60))
    assert not found.pairs
    assert list(found.baseline_scores) == [DUMMY, FLATTENED, SUMMARIES]
    (left_out,) = (each for each in found.reasons if each.code == "simple_models_left_out")
    assert TREES in left_out.sentence
    assert "linear" not in left_out.sentence


def test_simple_models_count_in_the_forecast_before_they_start(stub, monkeypatch):
    def seconds(**kwargs):
        advisor = RNNAdvisor(RNNClassifier(), **kwargs)
        return advisor.plan(n_samples=1000, sequence_length=50).forecast.baseline_seconds

    before = seconds()
    assert 0.001 < before < 1
    assert seconds(baseline=False) == 0.0
    monkeypatch.setattr(baseline_cost, "LOGISTIC_SECONDS_PER_VALUE", 1e-5)
    assert seconds() > before + 0.1


def test_a_model_that_takes_what_a_pair_needs_is_left_out(stub):
    X, y = stub.data(400)
    network = RNNClassifier(epochs=2000, early_stopping=False)  # start-up is short beside it
    problem, _, _ = stub.comparison(network, X, y, refit=True)
    needed = problem.forecast().total(1, refit=True).expected
    for seconds_more, n_left_out in [(10.0, 0), (1e-2, 1), (1e-6, 3)]:
        problem, comparison, clock = stub.comparison(
            network, X, y, refit=True, budget=needed + seconds_more
        )
        comparison.simple.keep(Timing(problem, clock).for_simple_models(beside_a_pair=True))
        assert len(comparison.simple.left_out) == n_left_out


def test_an_output_of_one_class_is_named(stub):
    X, y = stub.data(60)
    rare = np.zeros_like(y)
    rare[0] = 1
    advisor = RNNAdvisor(MultiOutputClassifier(stub.Classifier()), cv=3, min_gain=50)
    found = advisor.recommend(X, np.column_stack([y, rare]))
    assert "(an output has one class only in the training part" in " ".join(str(found).split())


def fails(y, predicted):
    raise RuntimeError("no such column")


def is_nan(y, predicted):
    return float("nan")


@pytest.mark.parametrize(
    ("scoring", "what"),
    [
        ("neg_log_loss", r"scoring='neg_log_loss' fails \(ValueError: y_true contains only one"),
        (make_scorer(fails), r"scoring='fails' fails \(RuntimeError: no such column\)"),
        (make_scorer(is_nan), "scoring='is_nan' gives nan"),
    ],
)
def test_a_scorer_that_cannot_score_is_found_before_anything_is_trained(stub, scoring, what):
    X, y = stub.data(60, n_classes=3)
    advisor = RNNAdvisor(stub.Classifier(), scoring=scoring, cv=KFold(3))
    with pytest.raises(ValueError, match=f"{what}.* of split 1. A scorer must give a number"):
        advisor.recommend(X, np.sort(y))
    assert not stub.fits


def test_a_single_split_gives_a_single_pair(stub):
    advisor = RNNAdvisor(stub.Classifier(), cv=ShuffleSplit(1, random_state=0), min_gain=0)
    X, y = stub.data(60)
    found = advisor.recommend(X, y)
    assert len(found.pairs) == 1
    assert found.stop_reason == "all_pairs_run"
    assert "the one pair would be run" in str(advisor.set_params(min_gain=0.05).plan(X, y))


IN_ORDER = WindowSplit(3, length=8)


def test_naive_forecasts_read_the_values_before_any_step(stub):
    series = np.tile([1.0, 5.0, 2.0, 8.0], 30)
    X, y = make_windows(series, 8, period=4)
    scaled = make_pipeline(StandardScaler(), stub.Regressor())
    _, comparison, _ = stub.comparison(scaled, X, y, cv=IN_ORDER)
    assert comparison.simple.scores(0)[SEASONAL_NAIVE] == 1.0
    # Rows that merely look like windows may have been changed by the steps.
    _, comparison, _ = stub.comparison(scaled, np.asarray(X), y, cv=IN_ORDER)
    assert SEASONAL_NAIVE not in comparison.simple.scores(0)
    _, comparison, _ = stub.comparison(stub.Regressor(), np.asarray(X), y, cv=IN_ORDER)
    assert comparison.simple.scores(0)[SEASONAL_NAIVE] == 1.0


def test_a_season_longer_than_a_window_is_named(stub):
    X, y = make_windows(np.sin(np.arange(90.0)), 8, period=24)
    found = RNNAdvisor(stub.Regressor(), cv=IN_ORDER, min_gain=0).recommend(X, y)
    why = "seasonal naive (a season of 24 steps is longer than a window of 8)"
    assert why in " ".join(str(found).split())
    assert LAST_VALUE in found.baseline_scores
    assert found.baseline_seconds.keys() == found.baseline_scores.keys() - {DUMMY}


def test_the_advice_begins_with_the_best_and_its_distance(stub):
    X, y = stub.data(60)
    found = RNNAdvisor(stub.Classifier(errors=(0.2, 0.2)), cv=3, min_gain=0).recommend(X, y)
    best, own = found.best_baseline, np.mean(found.scores[found.cell])
    points = 100 * (np.mean(found.baseline_scores[best]) - own)
    lead = points_value_text(points)
    assert f"the best simple model ({best}) leads by {lead}, " in found.headline
