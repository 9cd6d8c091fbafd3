"""scikit-learn's meta-estimators around the networks: their parts learn, and their rules hold.

On ragged sequences where any kind would do: an array is the easier case for whoever indexes X.
"""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import (
    BaggingRegressor,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.utils import estimator_html_repr, get_tags

from rnnselect import RNNAdvisor, SequenceScaler, SequenceTokenizer

LEARNT = 0.6  # accuracy; a guess has 0.34


@pytest.fixture
def both(tiny):
    return [("gru", tiny.classifier()), ("lstm", tiny.classifier(cell="lstm"))]


# --- ensembles of classifiers --------------------------------------------------------------------


def test_voting(digits, both):
    X, y = digits.ragged, digits.names
    voting = VotingClassifier(both, voting="soft", weights=[1, 3]).fit(X, y)
    gru, lstm = (part.predict_proba(X) for part in voting.estimators_)
    np.testing.assert_allclose(voting.predict_proba(X), (gru + 3 * lstm) / 4)
    assert voting.classes_.tolist() == ["one", "two", "zero"]
    assert voting.score(X, y) > LEARNT


def test_stacking(digits, both):
    X, y = digits.ragged, digits.names
    stacking = StackingClassifier(both, LogisticRegression(), cv=3).fit(X, y)
    assert stacking.transform(X).shape == (120, 6)  # the probabilities that each part gives
    assert stacking.score(X, y) > LEARNT


def test_stacking_of_words_in_order_and_words_counted(digits, tiny):
    """Raw text goes to a network and to a linear model, whose answers are put together."""
    words = np.array(["", "blank", "light", "grey", "dark", "black"])[digits.tokens]
    texts = [" ".join(row) for row in words]
    network = tiny.classifier(embedding_dim=2, vocabulary_size=6, pooling=None)
    parts = [
        ("order", make_pipeline(SequenceTokenizer(), network)),
        ("counts", make_pipeline(CountVectorizer(), LogisticRegression())),
    ]
    stacking = StackingClassifier(parts, LogisticRegression(), cv=3).fit(texts, digits.names)
    assert stacking.score(texts, digits.names) > LEARNT
    tokenizer = stacking.named_estimators_["order"][0]
    assert tokenizer.vocabulary_size_ == 2 + len(np.unique(words)) == 6


def test_calibrated(digits, tiny):
    X, y = digits.ragged, digits.names
    calibrated = CalibratedClassifierCV(tiny.classifier(), cv=3).fit(X, y)
    assert len(calibrated.calibrated_classifiers_) == 3
    probabilities = calibrated.predict_proba(X)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert calibrated.score(X, y) > LEARNT
    for each in calibrated.calibrated_classifiers_:
        assert not np.allclose(each.estimator.predict_proba(X), probabilities)


def test_several_outputs(digits, tiny):
    X, y = digits.ragged, digits.names
    shifted = np.roll(np.unique(y), 1)[np.unique(y, return_inverse=True)[1]]
    outputs = np.column_stack([y, shifted])
    multi = MultiOutputClassifier(tiny.classifier()).fit(X, outputs)
    predicted, alone = multi.predict(X), tiny.classifier().fit(X, y)
    np.testing.assert_array_equal(predicted[:, 0], alone.predict(X))
    assert [p.shape for p in multi.predict_proba(X)] == [(120, 3)] * 2
    assert (predicted[:, 1] == shifted).mean() > LEARNT


# --- regression ----------------------------------------------------------------------------------


def test_transformed_target(digits, tiny):
    X, y = digits.ragged, digits.ink
    wrapped = TransformedTargetRegressor(tiny.regressor(), func=np.log, inverse_func=np.exp)
    predicted = wrapped.fit(X, y).predict(X)
    by_hand = np.exp(tiny.regressor().fit(X, np.log(y)).predict(X))
    np.testing.assert_allclose(predicted, by_hand, rtol=1e-5)
    assert predicted.shape == (120,)


def test_votes_and_stacks_of_regressors(digits, tiny):
    X, y = digits.ragged, digits.ink
    parts = [("a", tiny.regressor()), ("b", tiny.regressor(random_state=1))]
    voting = VotingRegressor(parts).fit(X, y)
    mean = np.mean([part.predict(X) for part in voting.estimators_], axis=0)
    np.testing.assert_allclose(voting.predict(X), mean)
    stacking = StackingRegressor(parts, RidgeCV(), cv=3).fit(X, y)
    assert stacking.score(X, y) > 0.3


def test_bagging(digits, tiny):
    bagging = BaggingRegressor(tiny.regressor(), n_estimators=3, random_state=0)
    predicted = bagging.fit(digits.series, digits.ink).predict(digits.series)
    members = [member.predict(digits.series) for member in bagging.estimators_]
    np.testing.assert_allclose(predicted, np.mean(members, axis=0), rtol=1e-6)
    assert np.ptp(members, axis=0).max() > 0  # each saw samples of its own, with seeds of its own
    assert bagging.score(digits.series, digits.ink) > 0.3


# --- tables --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def table(digits):
    """Return columns in another order, and one that is not for the network."""
    frame = digits.frame[[f"row{i}" for i in (3, 0, 1, 2, 7, 6, 5, 4)]]
    return frame.assign(scanner=np.where(digits.writers % 2, "old", "new"))


@pytest.fixture(scope="module")
def of_table(table, digits, tiny):
    """Columns are put into the order of time, scaled by two scalers, and go to a network."""
    columns = ColumnTransformer(
        [
            ("top", StandardScaler(), [f"row{i}" for i in range(4)]),
            ("bottom", MinMaxScaler(), [f"row{i}" for i in range(4, 8)]),
        ],
        verbose_feature_names_out=False,
    )
    pipeline = make_pipeline(columns, tiny.classifier()).set_output(transform="pandas")
    return pipeline.fit(table, digits.names)


def test_after_a_column_transformer(of_table, table, digits):
    assert of_table.score(table, digits.names) > 0.4
    shuffled = table[table.columns[::-1]]
    np.testing.assert_array_equal(of_table.predict_proba(shuffled), of_table.predict_proba(table))


def test_names_of_columns_reach_the_network(of_table, table):
    names = [f"row{i}" for i in range(8)]
    network = of_table[-1]
    assert network.feature_names_in_.tolist() == names
    assert network.n_features_in_ == network.n_timesteps_in_ == 8
    assert of_table[0].get_feature_names_out().tolist() == names
    assert of_table.feature_names_in_.tolist() == table.columns.tolist()
    with pytest.raises(ValueError, match="feature names should match"):
        network.predict(of_table[0].transform(table)[names[::-1]])


def test_output_of_a_scaler_is_a_table_as_well(digits, tiny):
    pipeline = make_pipeline(SequenceScaler("robust"), tiny.classifier())
    pipeline.set_output(transform="pandas").fit(digits.frame, digits.names)
    assert isinstance(pipeline[0].transform(digits.frame), pd.DataFrame)
    assert pipeline[-1].feature_names_in_.tolist() == digits.frame.columns.tolist()
    assert not hasattr(tiny.classifier().fit(digits.series, digits.names), "feature_names_in_")
    assert not hasattr(pipeline[0].fit(digits.panel), "feature_names_in_")


# --- what meta-estimators ask for ----------------------------------------------------------------


def test_tags(tiny):
    clf, reg = tiny.classifier(), tiny.regressor()
    for estimator in (clf, clone(clf), make_pipeline(SequenceScaler(), clf), RNNAdvisor(clf)):
        assert is_classifier(estimator)
        assert get_tags(estimator).estimator_type == "classifier"
    for estimator in (reg, make_pipeline(SequenceScaler(), reg), RNNAdvisor(reg)):
        assert is_regressor(estimator)
    for estimator in (clf, reg, SequenceScaler()):
        assert get_tags(estimator).input_tags.three_d_array
    assert get_tags(reg).target_tags.multi_output
    assert get_tags(clf).target_tags.required
    assert get_tags(SequenceTokenizer()).input_tags.string
    assert not get_tags(clf).input_tags.allow_nan
    assert get_tags(tiny.classifier(missing="mask")).input_tags.allow_nan
    assert not get_tags(clf).non_deterministic  # it has a random_state
    assert get_tags(tiny.classifier(random_state=None)).non_deterministic


def test_html_shows_parts_and_parameters(of_table, tiny):
    unfitted = estimator_html_repr(make_pipeline(SequenceScaler(), tiny.classifier(units=4)))
    fitted = estimator_html_repr(of_table)
    for text, names in (
        (unfitted, ["SequenceScaler", "RNNClassifier", "units", "Not fitted"]),
        (fitted, ["ColumnTransformer", "MinMaxScaler", "RNNClassifier", "Fitted"]),
    ):
        assert [name for name in names if name not in text] == []
