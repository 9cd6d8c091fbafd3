"""scikit-learn's scorers, splitters and curves see an ordinary classifier or regressor."""

import numpy as np
import pytest
from sklearn.base import is_classifier
from sklearn.inspection import permutation_importance
from sklearn.metrics import log_loss, mean_absolute_error, roc_auc_score
from sklearn.model_selection import (
    GroupKFold,
    StratifiedKFold,
    TimeSeriesSplit,
    check_cv,
    cross_val_predict,
    cross_val_score,
    cross_validate,
    learning_curve,
    train_test_split,
    validation_curve,
)

# Each function of scikit-learn meets ragged sequences, in an array of objects or in a list.
# An array of three dimensions is the easier case.
KINDS = ["panel", "ragged", "listed"]
LEARNT = 0.6  # accuracy; a guess has 0.34


def rows_of(X, rows):
    return [X[i] for i in rows] if isinstance(X, list) else X[rows]


# --- scorers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_several_scorers_at_once(digits, tiny, kind):
    X, y = getattr(digits, kind), digits.names
    scorers = ["accuracy", "roc_auc_ovr", "neg_log_loss", "f1_macro"]
    found = cross_validate(
        tiny.classifier(),
        X,
        y,
        cv=3,
        scoring=scorers,
        return_estimator=True,
        return_indices=True,
        return_train_score=True,
    )
    for fold, clf in enumerate(found["estimator"]):
        test = found["indices"]["test"][fold]
        probabilities = clf.predict_proba(rows_of(X, test))
        assert found["test_accuracy"][fold] == clf.score(rows_of(X, test), y[test])
        assert found["test_neg_log_loss"][fold] == pytest.approx(-log_loss(y[test], probabilities))
        auc = roc_auc_score(y[test], probabilities, multi_class="ovr")
        assert found["test_roc_auc_ovr"][fold] == pytest.approx(auc)
    assert found["train_accuracy"].mean() > LEARNT
    assert found["test_f1_macro"].min() > 0


def test_roc_auc_of_two_classes(digits, tiny):
    X, y = digits.ragged, digits.is_zero
    scores = cross_val_score(tiny.classifier(), X, y, cv=3, scoring="roc_auc")
    probabilities = cross_val_predict(tiny.classifier(), X, y, cv=3, method="predict_proba")
    assert probabilities.shape == (120, 2)
    for score, (_, test) in zip(scores, StratifiedKFold(3).split(X, y), strict=True):
        assert score == pytest.approx(roc_auc_score(y[test] == "zero", probabilities[test, 1]))
    assert scores.min() > 0.8


def test_several_scorers_of_a_regression(digits, tiny):
    X, y = digits.ragged, digits.ink
    scorers = {"mae": "neg_mean_absolute_error", "r2": "r2"}
    found = cross_validate(tiny.regressor(), X, y, cv=3, scoring=scorers)
    predicted = cross_val_predict(tiny.regressor(), X, y, cv=3)
    assert -found["test_mae"].mean() == pytest.approx(mean_absolute_error(y, predicted))
    assert found["test_r2"].mean() > 0.2


# --- splitters -----------------------------------------------------------------------------------


def test_folds_are_stratified_without_being_told(digits, tiny):
    """A class after the other: plain folds would train on two classes and test on the third."""
    order = np.argsort(digits.names)
    X, y = rows_of(digits.listed, order), digits.names[order]
    clf = tiny.classifier()
    assert isinstance(check_cv(3, y, classifier=is_classifier(clf)), StratifiedKFold)
    found = cross_validate(clf, X, y, cv=3, return_estimator=True)
    assert all(each.classes_.tolist() == ["one", "two", "zero"] for each in found["estimator"])
    assert found["test_score"].mean() > LEARNT


def test_groups_stay_on_one_side(digits, tiny):
    found = cross_validate(
        tiny.classifier(),
        digits.listed,
        digits.names,
        groups=digits.writers,
        cv=GroupKFold(4),
        return_indices=True,
    )
    for train, test in zip(found["indices"]["train"], found["indices"]["test"], strict=True):
        assert set(digits.writers[train]).isdisjoint(digits.writers[test])
    assert found["test_score"].mean() > LEARNT


def test_time_goes_on(digits, tiny):
    """Each network is trained on what came before, also where it holds out a part itself."""
    reg = tiny.regressor(early_stopping=True, validation_fraction=TimeSeriesSplit(2))
    found = cross_validate(
        reg,
        digits.ragged,
        digits.ink,
        cv=TimeSeriesSplit(3, test_size=20),
        return_estimator=True,
        return_indices=True,
    )
    assert [len(train) for train in found["indices"]["train"]] == [60, 80, 100]
    assert all(len(each.history_["val_loss"]) == 3 for each in found["estimator"])
    assert np.isfinite(found["test_score"]).all()


def test_train_and_test_part(digits, tiny):
    X, y = digits.listed, digits.names
    X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
    assert len(X_test) == len(y_test) == 30
    assert tiny.classifier().fit(X_train, y_train).score(X_test, y_test) > LEARNT


# --- curves and importances ----------------------------------------------------------------------


def test_learning_curve(digits, tiny):
    X, y = digits.listed, digits.names
    sizes, train, test = learning_curve(
        tiny.classifier(), X, y, cv=3, train_sizes=[16, 80], shuffle=True, random_state=0
    )
    assert sizes.tolist() == [16, 80]
    assert train.shape == test.shape == (2, 3)
    assert test[1].mean() > test[0].mean()


def test_validation_curve(digits, tiny):
    X, y = digits.ragged, digits.names
    _, test = validation_curve(
        tiny.classifier(), X, y, param_name="learning_rate", param_range=[1e-6, 0.1], cv=3
    )
    assert test[1].mean() > test[0].mean()


def test_permutation_importance(digits, tiny):
    """The time steps of 2-D input are its features; one that never varies has no importance."""
    X = digits.series.copy()
    X[:, 2] = 3.0
    clf = tiny.classifier().fit(X, digits.names)
    found = permutation_importance(clf, X, digits.names, n_repeats=3, random_state=0)
    assert found.importances.shape == (8, 3)
    assert (found.importances[2] == 0).all()
    assert found.importances_mean.max() > 0.02
