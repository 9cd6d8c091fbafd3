"""Networks that label every time step."""

import pickle

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    cross_val_predict,
    cross_validate,
    learning_curve,
)
from sklearn.pipeline import make_pipeline

from rnnselect import RNNClassifier, RNNRegressor, SequenceScaler
from rnnselect.recurrent.scorers import (
    per_step_accuracy,
    per_step_f1,
    per_step_neg_mean_squared_error,
    per_step_r2,
)

SMALL = {"units": 3, "batch_size": 16, "epochs": 3, "random_state": 0, "return_sequences": True}
LEARNING = {**SMALL, "epochs": 80, "learning_rate": 0.05}
KINDS = ["series", "panel", "ragged", "padded", "tokens"]


def running_sums(X):
    return [np.cumsum(np.asarray(x, float).reshape(len(x), -1)[:, 0]) for x in X]


def as_objects(parts):
    y = np.empty(len(parts), object)
    for i, part in enumerate(parts):
        y[i] = part
    return y


@pytest.fixture(scope="module")
def targets(data):
    """For each kind of sequences the running sum of the first channel, and whether it is > 0."""
    values = {kind: running_sums(getattr(data, kind)) for kind in KINDS}
    values["padded"] = values["ragged"]
    values["tokens"] = [part - 3 * (1 + np.arange(len(part))) for part in values["tokens"]]
    labels = {
        kind: [np.where(part > 0, "up", "down") for part in parts] for kind, parts in values.items()
    }
    return values, labels


def parameters_of(kind, **parameters):
    return {**SMALL, **parameters, "embedding_dim": 2 if kind == "tokens" else None}


@pytest.mark.parametrize("kind", KINDS)
def test_labels_of_every_kind(data, targets, kind):
    X, y = getattr(data, kind), targets[1][kind]
    clf = RNNClassifier(**parameters_of(kind)).fit(X, y)
    predicted, proba = clf.predict(X), clf.predict_proba(X)
    assert predicted.dtype == proba.dtype == object
    assert clf.classes_.tolist() == ["down", "up"]
    for labels, of_steps, expected in zip(predicted, proba, y, strict=True):
        assert labels.shape == expected.shape
        assert of_steps.shape == (len(expected), 2)
        np.testing.assert_allclose(of_steps.sum(axis=1), 1, atol=1e-12)
        np.testing.assert_array_equal(labels, clf.classes_[of_steps.argmax(axis=1)])
    pooled = accuracy_score(np.concatenate(y), np.concatenate(predicted))
    assert clf.score(X, y) == pytest.approx(pooled)


@pytest.mark.parametrize("engine", ["compiled", pytest.param("keras", marks=pytest.mark.slow)])
def test_learns(data, targets, engine):
    values, labels = targets
    clf = RNNClassifier("lstm", **LEARNING, engine=engine).fit(data.ragged, labels["ragged"])
    assert clf.engine_ == engine
    assert clf.score(data.ragged, labels["ragged"]) > 0.9
    reg = RNNRegressor(**LEARNING, engine=engine).fit(data.ragged, values["ragged"])
    assert reg.score(data.ragged, values["ragged"]) > 0.9


def test_arrays_give_arrays(data):
    y = np.cumsum(data.series, axis=1)
    reg = RNNRegressor(**SMALL).fit(data.panel, y)
    assert reg.predict(data.panel).shape == (60, 8)
    assert reg.score(data.panel, y) == r2_score(y.ravel(), reg.predict(data.panel).ravel())
    two = np.stack([y, -y], axis=2)
    reg = RNNRegressor(**SMALL).fit(data.panel, two)
    assert reg.predict(data.panel).shape == (60, 8, 2)
    assert reg.predict(data.panel[:, :5]).shape == (60, 5, 2)
    assert [part.shape for part in reg.predict(data.padded)] == [(len(x), 2) for x in data.ragged]
    clf = RNNClassifier(**SMALL).fit(data.series, y > 0)
    assert clf.predict(data.series).shape == (60, 8)
    assert clf.predict_proba(data.series).shape == (60, 8, 2)


def test_several_labels_of_each_step(data):
    y = [np.stack([x[:, 0] > 0, x[:, 1] > 0], axis=1).astype(int) for x in data.ragged]
    clf = RNNClassifier(**LEARNING).fit(data.ragged, y)
    assert clf.score(data.ragged, y) > 0.8
    assert clf.predict_proba(data.ragged)[0].shape == y[0].shape


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["panel", "ragged", "tokens"])
def test_engines_agree(data, targets, kind):
    X, y = getattr(data, kind), targets[1][kind]
    weights = 1 + np.arange(60) % 3
    fitted = [
        RNNClassifier(**parameters_of(kind, engine=engine, optimizer="sgd", learning_rate=0.1))
        .fit(X, y, sample_weight=weights)
        for engine in ("compiled", "keras")
    ]  # fmt: skip
    proba = [np.concatenate(list(clf.predict_proba(X))) for clf in fitted]
    np.testing.assert_allclose(*proba, atol=1e-3)
    losses = [clf.history_["val_loss"] for clf in fitted]
    assert losses[0] == pytest.approx(losses[1], rel=1e-3)


# --- what is a property of every network ----------------------------------------------------------


@pytest.fixture(scope="module", params=["one direction", "bidirectional"])
def fitted(request, data, targets):
    options = {"bidirectional": True, "num_layers": 2} if request.param == "bidirectional" else {}
    return RNNClassifier(**SMALL, **options).fit(data.padded, targets[1]["ragged"])


def test_longer_padding_changes_nothing(fitted, data):
    longer = np.pad(data.padded, ((0, 0), (0, 4), (0, 0)), constant_values=np.nan)
    expected = fitted.predict_proba(data.padded)
    for X in (longer, data.ragged):
        for part, own in zip(fitted.predict_proba(X), expected, strict=True):
            np.testing.assert_allclose(part, own, atol=1e-6)


def test_other_rows_and_their_order_do_not_matter(fitted, data):
    proba, order = fitted.predict_proba(data.padded), np.random.default_rng(0).permutation(60)
    for part, own in zip(fitted.predict_proba(data.padded[order]), proba[order], strict=True):
        np.testing.assert_array_equal(part, own)
    np.testing.assert_array_equal(fitted.predict_proba(data.padded[7:8])[0], proba[7])


def test_model_and_pickle_label_the_same(fitted, data):
    proba = fitted.predict_proba(data.padded)
    of_model = fitted.model_.predict(data.padded, verbose=0)
    assert of_model.shape == (60, 8, 2)
    again = pickle.loads(pickle.dumps(fitted)).predict_proba(data.padded)
    for part, whole, own in zip(again, of_model, proba, strict=True):
        np.testing.assert_array_equal(part, own)
        np.testing.assert_allclose(whole[: len(own)], own, atol=1e-5)


def test_a_network_in_one_direction_does_not_look_ahead(data, targets):
    reg = RNNRegressor(**SMALL).fit(data.ragged, targets[0]["ragged"])
    whole = reg.predict(data.ragged)
    for part, own in zip(reg.predict([x[:4] for x in data.ragged]), whole, strict=True):
        np.testing.assert_allclose(part, own[:4], atol=1e-6)


# --- weights --------------------------------------------------------------------------------------


def weights_of(estimator):
    return np.concatenate([np.ravel(v) for v in estimator.model_.trainable_variables])


def test_sample_weight_is_repetition(data, targets):
    full = {**SMALL, "early_stopping": False}  # one batch of 12 or 16 rows
    counts = 1 + (np.arange(12) % 3 == 0)
    X, y = data.padded[:12], as_objects(targets[0]["padded"][:12])
    weighted = RNNRegressor(**full).fit(X, y, sample_weight=counts)
    repeated = RNNRegressor(**full).fit(np.repeat(X, counts, axis=0), np.repeat(y, counts))
    np.testing.assert_allclose(weights_of(weighted), weights_of(repeated), atol=1e-4)


def test_weight_of_zero_is_absence(data, targets):
    kept = np.arange(60) % 4 != 0
    y = as_objects(targets[0]["padded"])
    weighted = RNNRegressor(**SMALL).fit(data.padded, y, sample_weight=kept)
    absent = RNNRegressor(**SMALL).fit(data.padded[kept], y[kept])
    np.testing.assert_allclose(weights_of(weighted), weights_of(absent), atol=1e-6)


def test_class_weight_counts_time_steps(data, targets):
    y = targets[1]["ragged"]
    steps = np.concatenate(y)
    shares = {label: len(steps) / (2 * np.sum(steps == label)) for label in ("down", "up")}
    balanced = RNNClassifier(**SMALL, class_weight="balanced").fit(data.ragged, y)
    by_hand = RNNClassifier(**SMALL, class_weight=shares).fit(data.ragged, y)
    np.testing.assert_allclose(weights_of(balanced), weights_of(by_hand), atol=1e-5)


def test_loss_is_the_mean_over_steps(data, targets):
    X, y = data.ragged[:16], targets[0]["ragged"][:16]
    hardly = {**SMALL, "epochs": 1, "learning_rate": 1e-12, "early_stopping": False}
    reg = RNNRegressor(**hardly, scale_targets=False).fit(X, y)
    squares = (np.concatenate(list(reg.predict(X))) - np.concatenate(y)) ** 2
    assert reg.history_["loss"] == pytest.approx([squares.mean()], rel=1e-4)


# --- in scikit-learn ------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [list, as_objects], ids=["list", "object array"])
def test_cross_validation(data, targets, form):
    values, labels = targets
    scoring = {"accuracy": per_step_accuracy, "f1": per_step_f1}
    clf = RNNClassifier(**SMALL)
    y = form(labels["ragged"])
    scores = cross_validate(clf, data.ragged, y, cv=3, scoring=scoring, error_score="raise")
    default = cross_validate(clf, data.ragged, y, cv=3, error_score="raise")
    np.testing.assert_array_equal(default["test_score"], scores["test_accuracy"])
    assert ((scores["test_f1"] > 0) & (scores["test_f1"] <= 1)).all()
    scoring = {"r2": per_step_r2, "error": per_step_neg_mean_squared_error}
    scores = cross_validate(
        RNNRegressor(**SMALL), data.ragged, form(values["ragged"]), cv=3, scoring=scoring,
        error_score="raise",
    )  # fmt: skip
    assert (scores["test_error"] < 0).all()


def test_grid_search_in_a_pipeline(data, targets):
    y, groups = as_objects(targets[1]["ragged"]), np.arange(60) // 10
    pipeline = make_pipeline(SequenceScaler(), RNNClassifier(**SMALL))
    grid = {"rnnclassifier__cell": ["gru", "lstm"]}
    search = GridSearchCV(
        pipeline, grid, cv=GroupKFold(2), scoring=per_step_accuracy, error_score="raise"
    )
    search.fit(data.ragged, y, groups=groups)
    assert search.score(data.ragged, y) == per_step_accuracy(search, data.ragged, y)
    assert [len(part) for part in search.predict(data.ragged)] == [len(part) for part in y]


def test_cross_val_predict_gives_labels_only(data, targets):
    y = as_objects(targets[1]["ragged"])
    predicted = cross_val_predict(RNNClassifier(**SMALL), data.ragged, y, cv=3)
    assert [len(part) for part in predicted] == [len(part) for part in y]
    with pytest.raises(TypeError, match="uniformly strings or numbers"):  # as `scorers` says
        cross_val_predict(RNNClassifier(**SMALL), data.ragged, y, cv=3, method="predict_proba")


@pytest.mark.slow
def test_learning_curve(data, targets):
    _, _, scores = learning_curve(
        RNNRegressor(**SMALL), data.ragged, as_objects(targets[0]["ragged"]), cv=2,
        train_sizes=[0.5, 1.0], scoring=per_step_r2, error_score="raise",
    )  # fmt: skip
    assert np.isfinite(scores).all()


def test_warm_start_and_partial_fit(data, targets):
    y = targets[0]["ragged"]
    reg = RNNRegressor(**SMALL, warm_start=True).fit(data.ragged, y).fit(data.ragged, y)
    assert reg.partial_fit(data.ragged, y).n_epochs_ == 4
    clf = RNNClassifier(**SMALL)
    clf.partial_fit(data.ragged, targets[1]["ragged"], classes=["down", "up"])
    assert len(clf.predict(data.ragged)) == 60


def test_validation_data_of_steps(data, targets):
    y = targets[0]["ragged"]
    reg = RNNRegressor(**SMALL, validation_fraction=(data.ragged[40:], y[40:]))
    assert len(reg.fit(data.ragged[:40], y[:40]).history_["val_loss"]) == 3
    reg.set_params(validation_fraction=(data.ragged[40:], y[:20]))
    with pytest.raises(ValueError, match=r"validation_fraction: y_val\[\d+\] has \d target"):
        reg.fit(data.ragged[:40], y[:40])


BAD = {
    "one for a sequence": (lambda y: [part[0] for part in y], r"y\[0\] is one target"),
    "too few": (lambda y: [*y[:3], y[3][1:], *y[4:]], r"y\[3\] has \d target\(s\), and X\[3\] has"),
    "too many": (lambda y: np.zeros((60, 9)), r"y\[0\] has 9 target\(s\), and X\[0\] has 7"),
    "sequences": (lambda y: y[:59], r"y has 59 sample\(s\) and X has 60"),
    "None": (lambda y: None, "y is None"),
    "NaN": (lambda y: [part * np.nan for part in y], "y contains NaN"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_targets_of_steps(data, targets, name):
    make, message = BAD[name]
    with pytest.raises(ValueError, match=message):
        RNNRegressor(**SMALL).fit(data.ragged, make(targets[0]["ragged"]))


@pytest.mark.parametrize("form", [list, as_objects], ids=["list", "object array"])
@pytest.mark.parametrize("estimator_class", [RNNClassifier, RNNRegressor])
def test_steps_are_never_inferred(data, targets, estimator_class, form):
    estimator = estimator_class(**{**SMALL, "return_sequences": False})
    with pytest.raises(ValueError, match=r"to label every time step, set return_sequences=True"):
        estimator.fit(data.ragged, form(targets[0]["ragged"]))
