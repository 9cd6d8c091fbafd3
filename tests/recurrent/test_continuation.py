"""Training that goes on: `warm_start` and `partial_fit`."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone

from rnnselect import RNNClassifier, RNNRegressor

SMALL = {"units": 3, "batch_size": 16, "epochs": 3, "random_state": 0}
FULL_BATCH = {**SMALL, "early_stopping": False}  # of 16 rows


def weights_of(estimator):
    return np.concatenate([np.ravel(v) for v in estimator.model_.trainable_variables])


# --- warm_start -----------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ["compiled", pytest.param("keras", marks=pytest.mark.slow)])
def test_warm_start_goes_on(data, engine):
    clf = RNNClassifier(**SMALL, warm_start=True, engine=engine).fit(data.panel, data.classes)
    first, weights = clf.history_["val_loss"][-1], weights_of(clf)
    clf.set_params(learning_rate=1e-12).fit(data.panel, data.classes)
    np.testing.assert_allclose(weights_of(clf), weights, atol=1e-6)
    assert clf.history_["val_loss"] == pytest.approx([first] * 3, rel=1e-4)  # the same part
    assert clf.n_epochs_ == 3


def test_without_warm_start_training_begins_anew(data):
    clf = RNNClassifier(**SMALL).fit(data.panel, data.classes)
    weights = weights_of(clf)
    np.testing.assert_array_equal(weights_of(clf.fit(data.panel, data.classes)), weights)


@pytest.mark.slow
def test_warm_start_keeps_scaling_classes_and_vocabulary(data):
    reg = RNNRegressor(**SMALL, warm_start=True, learning_rate=1e-12)
    predicted = reg.fit(data.panel, data.values).predict(data.panel)
    reg.fit(7 + 3 * data.panel, 100 * data.values - 5)
    np.testing.assert_allclose(reg.predict(data.panel), predicted, atol=1e-4)
    clf = RNNClassifier(**SMALL, warm_start=True, embedding_dim=2)
    clf.fit(data.tokens, data.classes)
    some = data.classes > 0
    clf.fit([[9]] * int(some.sum()), data.classes[some])  # no class 0, and an unknown id
    assert clf.classes_.tolist() == [0, 1, 2]
    assert clf.vocabulary_size_ == 7


def test_dropout_may_change(data):
    clf = RNNClassifier(**SMALL, warm_start=True).fit(data.panel, data.classes)
    weights = weights_of(clf)
    clf.set_params(dropout=0.1, learning_rate=1e-12).fit(data.panel, data.classes)
    np.testing.assert_allclose(weights_of(clf), weights, atol=1e-6)
    assert clf.model_.get_layer("gru_1").dropout == 0.1


def test_the_network_of_an_earlier_fit_is_left_alone(data):
    clf = RNNClassifier(**SMALL, warm_start=True).fit(data.panel, data.classes)
    earlier, weights = clf.model_, weights_of(clf)
    clf.fit(data.panel, data.classes)
    assert np.abs(weights_of(clf) - weights).max() > 1e-3
    clf.model_ = earlier
    np.testing.assert_array_equal(weights_of(clf), weights)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("units", 4), ("cell", "lstm"), ("num_layers", 2), ("bidirectional", True),
        ("embedding_dim", 2), ("missing", "mask"), ("return_sequences", True),
        ("scale_inputs", False),
    ],
)  # fmt: skip
def test_the_shape_of_the_network_must_not_change(data, name, value):
    clf = RNNClassifier(**SMALL, warm_start=True).fit(data.panel, data.classes)
    before = clf.predict_proba(data.panel)
    old = clf.get_params()[name]
    clf.set_params(**{name: value})
    message = f"warm_start=True goes on .* made with {name}={old!r}, and {name} is {value!r} now"
    with pytest.raises(ValueError, match=message):
        clf.fit(data.panel, data.classes)
    clf.set_params(**{name: old})
    np.testing.assert_array_equal(clf.predict_proba(data.panel), before)
    clf.set_params(**{name: value}, warm_start=False)
    assert clf._state.shaped_by[name] == old


def test_scale_targets_must_not_change(data):
    reg = RNNRegressor(**SMALL, warm_start=True).fit(data.panel, data.values)
    with pytest.raises(ValueError, match="scale_targets=True, and scale_targets is False now"):
        reg.set_params(scale_targets=False).fit(data.panel, data.values)


WRONG = {
    "label": (lambda d: (d.panel, d.classes + 1), r"y holds the labels \[3\], which y in fit"),
    "channels": (lambda d: (d.panel[:, :, :1], d.classes), r"1 channel\(s\), but .* expecting 2"),
    "kind": (lambda d: (d.series, d.classes), "series input, but .* on a panel input"),
    "labels": (lambda d: (d.panel, np.eye(3)[d.classes]), r"y has 3 column\(s\) of labels"),
}


@pytest.mark.parametrize("how", ["fit", "partial_fit"])
@pytest.mark.parametrize("name", WRONG)
def test_other_data_are_refused(data, name, how):
    clf = RNNClassifier(**SMALL, warm_start=True).fit(data.panel, data.classes)
    make, message = WRONG[name]
    with pytest.raises(ValueError, match=message):
        getattr(clf, how)(*make(data))
    assert clf.predict(data.panel).shape == (60,)


def test_clone_begins_anew(data):
    clf = RNNClassifier(**SMALL, warm_start=True).fit(data.panel, data.classes)
    weights = weights_of(clf)
    clf.fit(data.panel, data.classes)
    again = clone(clf).fit(data.panel, data.classes)
    np.testing.assert_array_equal(weights_of(again), weights)


# --- partial_fit ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("engine", "optimizer"),
    [
        ("compiled", "adam"),
        ("compiled", "sgd"),
        ("compiled", "rmsprop"),
        pytest.param("keras", "adam", marks=pytest.mark.slow),
    ],
)
def test_calls_equal_epochs(data, engine, optimizer):
    parameters = {**FULL_BATCH, "engine": engine, "optimizer": optimizer}
    X, y = data.panel[:16], data.classes[:16]
    whole = RNNClassifier(**parameters).fit(X, y)
    clf = RNNClassifier(**parameters)
    for _ in range(3):  # one batch an epoch: their order does not matter
        assert clf.partial_fit(X, y, classes=[0, 1, 2]) is clf
        clf = pickle.loads(pickle.dumps(clf))  # the optimizer remembers
    np.testing.assert_allclose(weights_of(clf), weights_of(whole), atol=1e-5)
    assert clf.history_["loss"] == pytest.approx(whole.history_["loss"], rel=1e-4)
    assert clf.n_epochs_ == 3


def test_calls_of_a_regressor_equal_epochs(data):
    X, y = data.panel[:16], data.values[:16]
    whole = RNNRegressor(**FULL_BATCH).fit(X, y)
    reg = RNNRegressor(**FULL_BATCH)
    for _ in range(3):
        reg.partial_fit(X, y)
    np.testing.assert_allclose(reg.predict(X), whole.predict(X), atol=1e-4)


def test_learns_from_parts(data):
    clf = RNNClassifier(**SMALL, learning_rate=0.02)
    for epoch in range(40):
        rows = slice(30 * (epoch % 2), 30 * (epoch % 2) + 30)
        clf.partial_fit(data.panel[rows], data.classes[rows], classes=[0, 1, 2])
    assert clf.score(data.panel, data.classes) > 0.8
    assert list(clf.history_) == ["loss"]


def test_the_first_call_fixes_the_scaling(data):
    reg = RNNRegressor(**SMALL, learning_rate=1e-12)
    reg.partial_fit(data.panel, data.values)
    predicted = reg.predict(data.panel)
    reg.partial_fit(5 * data.panel, 9 + data.values)
    np.testing.assert_allclose(reg.predict(data.panel), predicted, atol=1e-5)


def test_each_call_shuffles_anew_and_repeatably(data):
    def fit(random_state):
        clf = RNNClassifier(**{**SMALL, "random_state": random_state}, dropout=0.1)
        for _ in range(2):
            clf.partial_fit(data.panel, data.classes, classes=[0, 1, 2])
        return clf

    np.testing.assert_array_equal(weights_of(fit(0)), weights_of(fit(0)))
    assert not np.allclose(weights_of(fit(None)), weights_of(fit(None)))
    clf = RNNClassifier(**SMALL)
    clf.partial_fit(data.panel, data.classes, classes=[0, 1, 2])
    first = clf._prepare(data.panel, data.classes, partial=True).seed
    clf.partial_fit(data.panel, data.classes)
    assert clf._prepare(data.panel, data.classes, partial=True).seed != first


def test_partial_fit_goes_on_from_fit(data):
    clf = RNNClassifier(**SMALL).fit(data.panel, data.classes)
    weights = weights_of(clf)
    clf.set_params(learning_rate=1e-12).partial_fit(data.panel, data.classes)
    np.testing.assert_allclose(weights_of(clf), weights, atol=1e-6)
    assert len(clf.history_["loss"]) == 4


def test_fit_begins_anew_after_partial_fit(data):
    expected = weights_of(RNNClassifier(**SMALL).fit(data.panel, data.classes))
    clf = RNNClassifier(**SMALL).partial_fit(data.panel, data.classes, classes=[0, 1, 2])
    np.testing.assert_array_equal(weights_of(clf.fit(data.panel, data.classes)), expected)


def test_another_optimizer_remembers_nothing(data):
    clf = RNNClassifier(**SMALL)
    clf.partial_fit(data.panel, data.classes, classes=[0, 1, 2])
    for parameters in ({"optimizer": "sgd"}, {"engine": "keras"}):
        clf.set_params(**parameters).partial_fit(data.panel, data.classes)
    assert np.isfinite(weights_of(clf)).all()


def test_classes_that_come_later(data):
    clf = RNNClassifier(**SMALL)
    first = data.classes == 1
    clf.partial_fit(data.panel[first], data.classes[first], classes=[2, 0, 1])
    assert clf.classes_.tolist() == [0, 1, 2]
    clf.partial_fit(data.panel, data.classes)
    clf.partial_fit(data.panel, data.classes, classes=[0, 1, 2])
    with pytest.raises(ValueError, match=r"classes=\[0, 1\] is not the same as on the first call"):
        clf.partial_fit(data.panel, data.classes, classes=[0, 1])


def test_classes_are_needed_first(data):
    clf = RNNClassifier(**SMALL)
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        clf.partial_fit(data.panel, data.classes)
    with pytest.raises(ValueError, match=r"classes=\[1\] names 1 class"):
        clf.partial_fit(data.panel, data.classes, classes=[1])
    with pytest.raises(ValueError, match=r"y holds the labels \[2\]"):
        clf.partial_fit(data.panel, data.classes, classes=[0, 1])
    assert not hasattr(clf, "model_")


def test_labels_that_hold_together_need_no_classes(data):
    y = 1 - np.eye(3, dtype=int)[data.classes]
    clf = RNNClassifier(**SMALL).partial_fit(data.panel, y).partial_fit(data.panel, y)
    assert clf.predict(data.panel).shape == (60, 3)


def test_balanced_classes_need_all_data(data):
    clf = RNNClassifier(**SMALL, class_weight="balanced")
    with pytest.raises(ValueError, match='class_weight="balanced" cannot be known from a part'):
        clf.partial_fit(data.panel, data.classes, classes=[0, 1, 2])


def test_parts_of_other_lengths_share_programs(data):
    reg = RNNRegressor(**SMALL).partial_fit(data.ragged, data.values)
    assert reg._state.lengths == (8,)
    shorter = [x[:5] for x in data.ragged]
    training = reg._prepare(shorter, data.values, partial=True).training
    assert training.padded_lengths == (8,)
    longer = [np.concatenate([x, x]) for x in data.ragged]
    training = reg._prepare(longer, data.values, partial=True).training
    assert training.padded_lengths == (16,)
