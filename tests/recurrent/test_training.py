"""How training starts, stops, weighs, and leaves nothing behind."""

import itertools
import random
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from scipy.special import log_softmax
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GroupKFold, PredefinedSplit, TimeSeriesSplit

from rnnselect import RNNClassifier, RNNRegressor
from rnnselect.recurrent.holdout import hold_out
from rnnselect.recurrent.stopping import StoppingRule, TrainingMonitor

SMALL = {"units": 3, "batch_size": 16, "epochs": 3, "random_state": 0}
# Of 16 rows at most: one batch of the size that all tests share.
FULL_BATCH = {**SMALL, "epochs": 10, "early_stopping": False}


def weights_of(estimator):
    return np.concatenate([np.ravel(v) for v in estimator.model_.trainable_variables])


def cross_entropy(clf, X, y):
    return -np.log(clf.predict_proba(X)[np.arange(len(y)), y]).mean()


# --- early stopping and the validation part -------------------------------------------------------


@pytest.mark.parametrize("engine", ["compiled", pytest.param("keras", marks=pytest.mark.slow)])
def test_best_weights_are_restored(data, engine):
    held_out = (data.panel[40:], data.classes[40:])
    clf = RNNClassifier(
        **{**SMALL, "epochs": 200},
        learning_rate=0.1,
        n_iter_no_change=4,
        validation_fraction=held_out,
        engine=engine,
    )
    clf.fit(data.panel[:40], data.classes[:40])
    losses = clf.history_["val_loss"]
    assert clf.engine_ == engine
    assert clf.stop_reason_ == "early_stopping"
    assert clf.n_epochs_ == len(losses) == len(clf.history_["loss"]) < 200
    assert np.argmin(losses) < len(losses) - 1  # the last weights are not the best
    assert cross_entropy(clf, *held_out) == pytest.approx(min(losses), rel=1e-4)


def test_validation_part_of_a_splitter(data):
    fold = np.where(np.arange(60) < 45, -1, 0)
    by_splitter = RNNClassifier(**SMALL, validation_fraction=PredefinedSplit(fold))
    by_splitter.fit(data.panel, data.classes)
    by_data = RNNClassifier(**SMALL, validation_fraction=(data.panel[45:], data.classes[45:]))
    by_data.fit(data.panel[:45], data.classes[:45])
    np.testing.assert_allclose(weights_of(by_splitter), weights_of(by_data), atol=1e-6)
    assert by_splitter.history_["val_loss"] == pytest.approx(by_data.history_["val_loss"])


def test_last_split_of_a_splitter_is_used():
    training, validation = hold_out(
        np.zeros((60, 1)), TimeSeriesSplit(3), stratify=False, groups=None, seed=0
    )
    assert training.tolist() == list(range(45))
    assert validation.tolist() == list(range(45, 60))


def test_groups_reach_the_splitter(data):
    groups = np.arange(60) // 10
    clf = RNNClassifier(**SMALL, validation_fraction=GroupKFold(3))
    clf.fit(data.panel, data.classes, groups=groups)
    assert len(clf.history_["val_loss"]) == 3


@pytest.mark.parametrize("stratify", [False, True])
def test_groups_are_kept_together(stratify):
    groups = np.repeat(np.arange(15), 4)
    y = np.arange(60) % 3
    for seed in range(5):
        training, validation = hold_out(y, 0.2, stratify=stratify, groups=groups, seed=seed)
        assert set(groups[training]).isdisjoint(groups[validation])
        assert len(training) + len(validation) == 60


def test_classes_keep_their_shares():
    y = np.repeat([0, 1, 2], [100, 50, 10])
    training, validation = hold_out(y, 0.1, stratify=True, groups=None, seed=0)
    assert np.bincount(y[validation]).tolist() == [10, 5, 1]
    assert sorted([*training, *validation]) == list(range(160))


@pytest.mark.parametrize("part", [0.05, 0.1, 0.5, 0.95])
@pytest.mark.parametrize(
    "counts", [[19, 1], [1] * 20, [1] * 18 + [2], [2] * 10, [1, 1, 58]], ids=str
)
def test_rare_classes_can_be_learnt(counts, part):
    y = np.repeat(np.arange(len(counts)), counts)
    training, validation = hold_out(y, part, stratify=True, groups=None, seed=0)
    assert sorted([*training, *validation]) == list(range(len(y)))
    single = np.flatnonzero(np.array(counts) == 1)
    assert set(single) <= set(y[training])


def test_few_samples_are_all_trained_on(data):
    clf = RNNClassifier(**{**SMALL, "epochs": 2}).fit(data.panel[:19], data.classes[:19])
    assert list(clf.history_) == ["loss"]


# --- deadlines and divergence ---------------------------------------------------------------------


@pytest.mark.parametrize("engine", ["compiled", pytest.param("keras", marks=pytest.mark.slow)])
def test_deadline_stops(data, engine, monkeypatch):
    readings = itertools.count(step=0.01)  # a clock that moves on by 10 ms at each look
    clock = SimpleNamespace(perf_counter=lambda: next(readings))
    monkeypatch.setattr("rnnselect.recurrent.base.time", clock)
    monkeypatch.setattr("rnnselect.recurrent.stopping.time", clock)
    clf = RNNClassifier(
        **{**SMALL, "epochs": 1_000_000}, early_stopping=False, max_seconds=1.5, engine=engine
    )
    clf.fit(data.panel, data.classes)
    assert clf.stop_reason_ == "deadline"
    assert 1 <= clf.n_epochs_ <= 150
    assert np.isfinite(weights_of(clf)).all()


def test_deadline_before_the_first_epoch(data):
    clf = RNNClassifier(**SMALL, max_seconds=1e-6)
    with pytest.warns(ConvergenceWarning, match=r"max_seconds=1e-06 passed before the first"):
        clf.fit(data.panel, data.classes)
    assert (clf.stop_reason_, clf.n_epochs_) == ("deadline", 0)
    assert clf.predict(data.panel).shape == (60,)


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("engine", ["compiled", pytest.param("keras", marks=pytest.mark.slow)])
def test_divergence_leaves_finite_weights(data, engine, early_stopping):
    reg = RNNRegressor(**SMALL, scale_targets=False, early_stopping=early_stopping, engine=engine)
    with pytest.warns(ConvergenceWarning, match="Training diverged in epoch 1"):
        reg.fit(data.panel, 1e30 * data.values)
    assert reg.stop_reason_ == "diverged"
    assert np.isfinite(weights_of(reg)).all()
    assert np.isfinite(reg.predict(data.panel)).all()


def monitor_of(**rule):
    rule = {"max_epochs": 9, "early_stopping": False, "n_iter_no_change": 2, "tol": 0.0, **rule}
    return TrainingMonitor(StoppingRule(**rule))


def test_monitor_never_returns_weights_that_are_not_finite():
    good, bad = [np.ones(2)], [np.array([1.0, np.nan])]
    monitor = monitor_of()
    monitor.start(good)
    assert monitor.final_weights(bad) is good  # cut short by a deadline within an epoch
    with pytest.warns(ConvergenceWarning, match="diverged"):
        assert monitor.epoch_done(0.5, bad)  # the loss was measured before the last step
    assert monitor.final_weights(bad) is good


def test_monitor_counts_epochs_without_change():
    monitor = monitor_of(early_stopping=True, tol=0.1)
    losses = [1.0, 0.95, 0.8, 0.75, 0.74]
    stops = [monitor.epoch_done(loss, [np.array(loss)]) for loss in losses]
    assert stops == [False, False, False, False, True]
    assert monitor.stop_reason == "early_stopping"
    assert monitor.final_weights([np.array(9.0)])[0] == 0.74  # the best, however little better


# --- weights of samples ---------------------------------------------------------------------------


def test_weight_of_two_is_repetition(data):
    counts = np.where(np.arange(12) % 3 == 0, 2, 1)
    X, y = data.panel[:12], data.classes[:12]
    weighted = RNNClassifier(**FULL_BATCH).fit(X, y, sample_weight=counts)
    repeated = RNNClassifier(**FULL_BATCH).fit(np.repeat(X, counts, axis=0), np.repeat(y, counts))
    np.testing.assert_allclose(weights_of(weighted), weights_of(repeated), atol=1e-4)
    plain = RNNClassifier(**FULL_BATCH).fit(X, y)
    assert np.abs(weights_of(plain) - weights_of(weighted)).max() > 1e-3


@pytest.mark.parametrize("estimator_class", [RNNClassifier, RNNRegressor])
def test_weight_of_zero_is_absence(data, estimator_class):
    y = data.classes if estimator_class is RNNClassifier else data.values
    kept = np.arange(60) % 4 != 0
    weighted = estimator_class(**SMALL).fit(data.panel, y, sample_weight=kept)
    absent = estimator_class(**SMALL).fit(data.panel[kept], y[kept])
    np.testing.assert_allclose(weights_of(weighted), weights_of(absent), atol=1e-6)


def test_only_proportions_of_weights_matter(data):
    weights = np.random.default_rng(0).uniform(1, 2, size=60)
    small = RNNClassifier(**SMALL).fit(data.panel, data.classes, sample_weight=weights)
    large = RNNClassifier(**SMALL).fit(data.panel, data.classes, sample_weight=1e6 * weights)
    np.testing.assert_allclose(weights_of(small), weights_of(large), atol=1e-4)


# --- seeds and purity -----------------------------------------------------------------------------


def test_random_state_decides(data):
    def fit(random_state):
        clf = RNNClassifier(**{**SMALL, "random_state": random_state})
        return weights_of(clf.fit(data.panel, data.classes))

    np.testing.assert_array_equal(fit(0), fit(0))
    np.testing.assert_array_equal(fit(np.random.RandomState(5)), fit(np.random.RandomState(5)))
    assert not np.allclose(fit(0), fit(1))
    assert not np.allclose(fit(None), fit(None))


@pytest.mark.parametrize("engine", ["compiled", pytest.param("keras", marks=pytest.mark.slow)])
def test_global_random_state_is_left_alone(data, engine):
    numpy_before, python_before = np.random.get_state(), random.getstate()  # noqa: NPY002
    clf = RNNClassifier(**{**SMALL, "random_state": None}, dropout=0.1, engine=engine)
    clf.fit(data.panel, data.classes).predict(data.panel)
    numpy_after = np.random.get_state()  # noqa: NPY002
    np.testing.assert_array_equal(numpy_after[1], numpy_before[1])
    assert numpy_after[2:] == numpy_before[2:]
    assert random.getstate() == python_before


def test_clone_keeps_every_parameter():
    parameters = {
        "cell": "lstm", "units": 5, "num_layers": 2, "bidirectional": True, "pooling": "max",
        "dropout": 0.1, "recurrent_dropout": 0.2, "return_sequences": True, "embedding_dim": 3,
        "vocabulary_size": 9, "embedding_weights": [[0.5] * 3] * 9, "optimizer": "sgd",
        "learning_rate": 0.1, "clipnorm": None, "batch_size": 7, "epochs": 4, "max_seconds": 9.0,
        "early_stopping": False, "validation_fraction": 0.3, "n_iter_no_change": 3, "tol": 0.5,
        "scale_inputs": False, "missing": "mask", "engine": "keras", "callbacks": [],
        "warm_start": True, "random_state": 3, "verbose": 1,
    }  # fmt: skip
    for estimator in (
        RNNClassifier(**parameters, class_weight="balanced"),
        RNNRegressor(**parameters, scale_targets=False),
    ):
        defaults = type(estimator)().get_params()
        assert clone(estimator).get_params() == estimator.get_params()
        unchanged = [name for name in defaults if estimator.get_params()[name] == defaults[name]]
        assert unchanged == []


class CountEpochs(keras.callbacks.Callback):
    """Counts in a list outside, because every fit works on a copy of its callbacks."""

    seen = []  # noqa: RUF012

    def on_epoch_end(self, epoch, logs=None):
        self.seen.append(epoch)


def test_fit_changes_no_parameter(data):
    optimizer = keras.optimizers.Adam(0.01)
    callbacks = [CountEpochs()]
    clf = RNNClassifier(**SMALL, optimizer=optimizer, callbacks=callbacks)
    before = {**clf.get_params()}
    config = optimizer.get_config()
    clf.fit(data.panel, data.classes)
    after = clf.get_params()
    assert all(after[name] is before[name] for name in before)
    assert optimizer.get_config() == config
    assert not optimizer.built
    assert clf.callbacks == callbacks
    assert not hasattr(callbacks[0], "_model") or callbacks[0]._model is None


def test_callbacks_run(data):
    CountEpochs.seen.clear()
    clf = RNNClassifier(**SMALL, callbacks=[CountEpochs()]).fit(data.panel, data.classes)
    assert clf.engine_ == "keras"
    assert CountEpochs.seen == [0, 1, 2]


def test_callbacks_see_the_validation_loss_and_may_stop(data):
    stop = keras.callbacks.EarlyStopping(monitor="val_loss", min_delta=100.0, patience=1)
    clf = RNNClassifier(**{**SMALL, "epochs": 9}, callbacks=[stop])
    clf.fit(data.panel, data.classes)
    assert clf.n_epochs_ == 2
    assert clf.stop_reason_ == "callback"


def test_set_params_then_fit_changes_the_layer(data):
    clf = RNNClassifier(**SMALL).fit(data.panel, data.classes)
    clf.set_params(cell="lstm").fit(data.panel, data.classes)
    assert "LSTM" in {type(layer).__name__ for layer in clf.model_.layers}


def test_verbose_prints_each_epoch(data, capsys):
    RNNClassifier(**SMALL, verbose=1).fit(data.panel, data.classes)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("[RNNClassifier] epoch 1/3  loss ")
    RNNClassifier(**SMALL).fit(data.panel, data.classes)
    assert capsys.readouterr().out == ""


def test_units_of_measurement_do_not_matter(data):
    X = data.panel.astype("float64")
    other_units = X * [1e4, 1e-9] + [5e5, 0.0]
    proba = RNNClassifier(**SMALL).fit(X, data.classes).predict_proba(X)
    clf = RNNClassifier(**SMALL).fit(other_units, data.classes)
    np.testing.assert_allclose(clf.predict_proba(other_units), proba, atol=1e-3)
    of_model = clf.model_.predict(other_units.astype("float32"), verbose=0)
    np.testing.assert_allclose(of_model, proba, atol=1e-3)
    unscaled = RNNClassifier(**SMALL, scale_inputs=False).fit(other_units, data.classes)
    assert not np.allclose(unscaled.predict_proba(other_units), proba, atol=1e-3)


def test_training_loss_is_the_mean_over_samples(data):
    X, y = data.panel[:16], data.classes[:16]
    clf = RNNClassifier(**{**FULL_BATCH, "epochs": 1}).fit(X, y)
    model = RNNClassifier(**{**FULL_BATCH, "epochs": 1}, learning_rate=1e-12)
    model.fit(X, y)  # its weights are still the initial ones
    logits = np.log(model.predict_proba(X))
    losses = -log_softmax(logits, axis=1)[np.arange(16), y]
    assert clf.history_["loss"] == pytest.approx([losses.mean()], rel=1e-4)
