"""`RNNClassifier` on every kind of sequences and labels."""

import numpy as np
import pytest

from rnnselect import RNNClassifier

SMALL = {"units": 3, "batch_size": 16, "epochs": 3, "random_state": 0}
KINDS = ["series", "panel", "ragged", "padded", "tokens"]


def small_classifier(**parameters):
    return RNNClassifier(**{**SMALL, **parameters})


def weights_of(estimator):
    return np.concatenate([np.ravel(v) for v in estimator.model_.trainable_variables])


@pytest.mark.parametrize(
    ("kind", "cell"), [*((kind, "gru") for kind in KINDS), ("series", "lstm"), ("ragged", "lstm")]
)
def test_fits_every_kind(data, kind, cell):
    X = getattr(data, kind)
    embedding_dim = 2 if kind == "tokens" else None
    clf = small_classifier(cell=cell, embedding_dim=embedding_dim).fit(X, data.classes)
    proba = clf.predict_proba(X)
    assert proba.shape == (60, 3)
    assert (proba >= 0).all()
    np.testing.assert_allclose(proba.sum(axis=1), 1, atol=1e-12)
    np.testing.assert_array_equal(clf.predict(X), clf.classes_[proba.argmax(axis=1)])
    assert clf.n_timesteps_in_ == 8
    assert clf.n_channels_in_ == (1 if kind in ("series", "tokens") else 2)
    assert clf.n_features_in_ == (8 if kind == "series" else clf.n_channels_in_)
    assert [layer.__class__.__name__ for layer in clf.model_.layers].count(cell.upper()) == 1


def test_learns(data):
    clf = small_classifier(epochs=60, learning_rate=0.02).fit(data.panel, data.classes)
    assert clf.engine_ == "compiled"
    assert clf.score(data.panel, data.classes) > 0.8
    assert clf.history_["loss"][-1] < 0.7 * clf.history_["loss"][0]


@pytest.mark.parametrize(
    "labels",
    [
        np.array([7, -3, 100]),
        np.array(["red", "green", "blue"]),
        np.array(["red", "green", "blue"], dtype=object),
        np.array([0.0, 2.0, 5.0]),
    ],
    ids=["gapped", "strings", "objects", "floats"],
)
def test_labels_of_any_kind(data, labels):
    y = labels[data.classes]
    clf = small_classifier().fit(data.panel, y)
    np.testing.assert_array_equal(clf.classes_, np.unique(y))
    assert set(clf.predict(data.panel)) <= set(labels.tolist())
    # The names of the classes do not matter to the network, only their order.
    order = np.argsort(np.argsort(labels))
    plain = small_classifier().fit(data.panel, order[data.classes])
    np.testing.assert_array_equal(clf.predict_proba(data.panel), plain.predict_proba(data.panel))


def test_two_classes_of_a_list(data):
    clf = small_classifier().fit(data.panel, (data.classes > 0).tolist())
    assert clf.classes_.tolist() == [False, True]
    assert clf.predict_proba(data.panel).shape == (60, 2)


@pytest.mark.parametrize("early_stopping", [False, True])
def test_class_weight_equals_sample_weight(data, early_stopping):
    y = np.where(data.classes == 2, 1, 0)
    by_class = {0: 1.0, 1: 5.0}
    weights = np.vectorize(by_class.get)(y)
    clf = small_classifier(class_weight=by_class, early_stopping=early_stopping)
    clf.fit(data.panel, y)
    other = small_classifier(early_stopping=early_stopping)
    other.fit(data.panel, y, sample_weight=weights)
    np.testing.assert_allclose(weights_of(clf), weights_of(other), atol=1e-6)
    assert not np.allclose(weights_of(clf), weights_of(small_classifier().fit(data.panel, y)))


def test_balanced_equals_sample_weight(data):
    y = np.where(data.classes == 2, "rare", "common")
    balanced = small_classifier(class_weight="balanced").fit(data.panel, y)
    weights = np.where(y == "rare", 60 / (2 * 20), 60 / (2 * 40))
    other = small_classifier().fit(data.panel, y, sample_weight=weights)
    np.testing.assert_allclose(weights_of(balanced), weights_of(other), atol=1e-6)


def test_balanced_counts_samples_by_their_weight(data):
    weights = np.ones(60)
    weights[np.flatnonzero(data.classes == 1)[:15]] = 0
    clf = small_classifier(class_weight="balanced")
    clf.fit(data.panel, data.classes, sample_weight=weights)
    kept = weights > 0
    other = small_classifier(class_weight="balanced")
    other.fit(data.panel[kept], data.classes[kept])
    np.testing.assert_allclose(weights_of(clf), weights_of(other), atol=1e-6)


@pytest.mark.parametrize("bad", [{0: -1.0}, {0: 0.0, 1: 0.0, 2: 0.0}, {0: np.nan}])
def test_bad_class_weight(data, bad):
    with pytest.raises(ValueError, match="class_weight="):
        small_classifier(class_weight=bad).fit(data.panel, data.classes)


def test_one_class_only(data):
    with pytest.raises(ValueError, match=r"1 class only \(\[7\].*at least two classes"):
        small_classifier().fit(data.panel, np.full(60, 7))


def test_one_class_only_with_a_weight(data):
    with pytest.raises(ValueError, match="1 class only"):
        small_classifier().fit(data.panel, data.classes, sample_weight=data.classes == 1)


def test_real_values_are_no_classes(data):
    with pytest.raises(ValueError, match="continuous"):
        small_classifier().fit(data.panel, data.values)


def test_every_class_once(data):
    prepared = small_classifier()._prepare(data.panel[:20], np.arange(20))
    assert prepared.validation is None  # no class can spare a sample
    assert prepared.state.target.n_outputs == 20
