"""Labels that may hold together, and the weights of classes."""

import warnings

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.metrics import accuracy_score, log_loss
from sklearn.model_selection import cross_val_score

from rnnselect import RNNClassifier
from rnnselect.recurrent.labels import learn_classes

SMALL = {"units": 3, "batch_size": 16, "epochs": 3, "random_state": 0}


@pytest.fixture(scope="module")
def labels(data):
    """Three labels of each sequence, of which any number may hold."""
    return np.column_stack([data.values > 0, data.values < 0.2, data.panel[:, -1, 1] > 0]).astype(
        int
    )


@pytest.fixture(scope="module")
def fitted(data, labels):
    clf = RNNClassifier(**{**SMALL, "epochs": 60}, learning_rate=0.02)
    return clf.fit(data.panel, labels)


def test_labels_that_hold_together(fitted, data, labels):
    proba, predicted = fitted.predict_proba(data.panel), fitted.predict(data.panel)
    assert proba.shape == predicted.shape == (60, 3)
    assert ((proba >= 0) & (proba <= 1)).all()
    assert not np.allclose(proba.sum(axis=1), 1)
    np.testing.assert_array_equal(predicted, proba > 0.5)
    assert predicted.dtype.kind == "i"
    assert fitted.classes_.tolist() == [0, 1, 2]
    assert (predicted == labels).mean() > 0.8
    assert fitted.score(data.panel, labels) == accuracy_score(labels, predicted)
    np.testing.assert_allclose(fitted.model_.predict(data.panel, verbose=0), proba, atol=1e-5)


def test_the_loss_is_the_mean_over_labels(data, labels):
    hardly = RNNClassifier(
        **{**SMALL, "epochs": 1}, learning_rate=1e-12, validation_fraction=(data.panel, labels)
    )
    hardly.fit(data.panel, labels)
    proba = hardly.predict_proba(data.panel)
    expected = np.mean([log_loss(labels[:, k], proba[:, k]) for k in range(3)])
    assert hardly.history_["val_loss"] == pytest.approx([expected], rel=1e-4)
    without = RNNClassifier(**{**SMALL, "epochs": 1}, learning_rate=1e-12, early_stopping=False)
    assert without.fit(data.panel, labels).history_["loss"] == pytest.approx([expected], rel=1e-4)


@pytest.mark.parametrize("form", [np.ndarray.tolist, csr_array, lambda y: y.astype(bool)])
def test_forms_of_a_matrix_of_labels(data, labels, form):
    expected = RNNClassifier(**SMALL).fit(data.panel, labels).predict_proba(data.panel)
    proba = RNNClassifier(**SMALL).fit(data.panel, form(labels)).predict_proba(data.panel)
    np.testing.assert_array_equal(proba, expected)


def test_engines_agree_on_labels(data, labels):
    proba = [
        RNNClassifier(**SMALL, engine=engine).fit(data.panel, labels).predict_proba(data.panel)
        for engine in ("compiled", "keras")
    ]
    np.testing.assert_allclose(*proba, atol=1e-3)


def test_scores_of_a_matrix_of_labels(data, labels):
    clf = RNNClassifier(**SMALL)
    scores = cross_val_score(clf, data.panel, labels, cv=2, scoring="roc_auc")
    assert np.isfinite(scores).all()


def test_other_matrices_are_refused(data):
    y = np.column_stack([data.classes, data.classes])
    with pytest.raises(ValueError, match=r"y has shape \(60, 2\) and holds 2; .*MultiOutput"):
        RNNClassifier(**SMALL).fit(data.panel, y)
    with pytest.raises(ValueError, match="and holds 2; a matrix says with 0 and 1"):
        RNNClassifier(**SMALL).fit(data.panel, 1 + (y > 1))
    with pytest.raises(ValueError, match="continuous-multioutput"):
        RNNClassifier(**SMALL).fit(data.panel, 0.3 * y)


def test_validation_labels_have_as_many_columns(data, labels):
    clf = RNNClassifier(**SMALL, validation_fraction=(data.panel, labels[:, :2]))
    with pytest.raises(ValueError, match=r"y_val has 2 column\(s\) of labels, y in fit has 3"):
        clf.fit(data.panel, labels)


@pytest.mark.parametrize("class_weight", ["balanced", {0: 2.0}])
def test_labels_that_hold_together_have_no_class_weight(data, labels, class_weight):
    with pytest.raises(ValueError, match=r"class_weight=.* is not defined where several labels"):
        RNNClassifier(**SMALL, class_weight=class_weight).fit(data.panel, labels)


@pytest.mark.parametrize("names", [["blue", "green", "red"], [-3, 7, 100]], ids=["words", "gaps"])
@pytest.mark.parametrize("weights", ["balanced", [1.0, 5.0, 2.0]], ids=["balanced", "dict"])
def test_class_weights_follow_the_labels(data, names, weights):
    y = np.array(names)[data.classes]
    named, plain = weights, weights
    if weights != "balanced":
        named, plain = dict(zip(names, weights, strict=True)), dict(enumerate(weights))
    clf = RNNClassifier(**SMALL, class_weight=named).fit(data.panel, y)
    other = RNNClassifier(**SMALL, class_weight=plain).fit(data.panel, data.classes)
    np.testing.assert_array_equal(clf.predict_proba(data.panel), other.predict_proba(data.panel))
    assert clf.classes_.tolist() == names


def test_one_hot_classes_are_noticed():
    one_hot = np.eye(3)[np.arange(24) % 3]
    with pytest.warns(UserWarning, match=r"row for each sequence that sums to 1.*y\.argmax"):
        assert learn_classes(one_hot, np.ones(24)).tolist() == [0, 1, 2]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        learn_classes(1 - one_hot, np.ones(24))
        learn_classes(one_hot[:3], np.ones(3))  # too few to tell
