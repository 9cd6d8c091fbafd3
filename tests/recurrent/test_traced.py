"""Fits by `keras.Model.fit` share traced networks, and nothing else."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from sklearn.base import clone

from rnnselect import RNNClassifier
from rnnselect.recurrent import plain
from rnnselect.recurrent.probe import measure_speeds, without_compiling

SMALL = {"units": 3, "batch_size": 16, "epochs": 2, "random_state": 0, "engine": "keras"}


@pytest.fixture
def pool(monkeypatch):
    """Traced networks of this test alone."""
    for name in ("_training_networks", "_scoring_networks"):
        monkeypatch.setattr(plain, name, plain._IdleNetworks())
    return plain._training_networks


def weights_of(clf):
    return np.concatenate([np.ravel(v) for v in clf.model_.trainable_variables])


OPTIMIZERS = {
    "adagrad": {"optimizer": "adagrad"},  # its slots do not begin at zero
    "an average": {"optimizer": keras.optimizers.SGD(0.1, momentum=0.9, use_ema=True)},
    "a schedule": {
        "optimizer": keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(0.1, 3, 0.5))
    },
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_fit_leaves_nothing_in_the_next(data, pool, name):
    clf = RNNClassifier(**SMALL, **OPTIMIZERS[name], dropout=0.2)
    fresh = weights_of(clf.fit(data.panel, data.classes))
    ((_, network),) = pool._idle
    traced = network.train_function
    clone(clf).set_params(random_state=1, learning_rate=0.3, clipnorm=1.0).fit(
        data.panel[:50], data.classes[:50]
    )
    assert [each for _, each in pool._idle] == [network]
    again = clone(clf).fit(data.panel, data.classes)
    np.testing.assert_array_equal(weights_of(again), fresh)
    assert again.model_ is not network
    assert network.train_function is traced


class Meddles(keras.callbacks.Callback):
    """Makes another network of the one that is trained."""

    def __init__(self, how):
        super().__init__()
        self.how = how

    def on_train_end(self, logs=None):
        if self.how == "freeze":
            self.model.get_layer("output").trainable = False
        elif self.how == "compile":
            self.model.compile(self.model.optimizer, "mse")
        elif self.how == "rate":
            self.model.optimizer.learning_rate = 7.0


def test_callbacks_spoil_no_other_fit(data, pool):
    """What a callback has made another network of is not kept; another rate does no harm."""

    def fit(**parameters):
        return RNNClassifier(**{**SMALL, **parameters}).fit(data.panel, data.classes)

    expected = weights_of(fit())
    ((_, network),) = pool._idle
    fit(callbacks=[Meddles("rate")])
    np.testing.assert_array_equal(weights_of(fit()), expected)
    assert [each for _, each in pool._idle] == [network]
    fit(callbacks=[Meddles("freeze")])
    assert pool._idle == []
    np.testing.assert_array_equal(weights_of(fit()), expected)
    fit(clipnorm=None)  # a constant of the step
    assert len(pool._idle) == 2
    fit(callbacks=[Meddles("compile")])
    assert [each for _, each in pool._idle] != [network]
    assert len(pool._idle) == 1


def test_threads_have_networks_of_their_own(data, pool):
    estimators = [RNNClassifier(**{**SMALL, "random_state": i}) for i in range(4)]
    with ThreadPoolExecutor(2) as threads:
        fitted = list(threads.map(lambda each: each.fit(data.panel, data.classes), estimators))
    for each, clf in zip(estimators, fitted, strict=True):
        alone = clone(each).fit(data.panel, data.classes)
        np.testing.assert_array_equal(weights_of(alone), weights_of(clf))
    assert 1 <= len(pool._idle) <= 2


def test_idle_networks_are_few_and_small(monkeypatch):
    monkeypatch.setattr(plain, "IDLE_NETWORKS", 2)
    monkeypatch.setattr(plain, "IDLE_PARAMETERS", 10)
    pool = plain._IdleNetworks()
    small, large = (SimpleNamespace(count_params=lambda n=n: n) for n in (10, 11))
    for key, network in (("first", small), ("second", small), ("large", large), ("third", small)):
        pool.give_back(key, network)
    assert [key for key, _ in pool._idle] == ["second", "third"]
    assert pool.take("second") is small
    assert pool.take("second") is None
    assert pool.holds("third")


def test_the_probe_times_what_a_fit_costs_and_leaves_the_network(data, pool):
    clf = RNNClassifier(**SMALL)
    assert without_compiling({"gru": clf}, data.panel, data.classes) == ()
    speed = measure_speeds({"gru": clf}, data.panel, data.classes, n_jobs=1)["gru"]
    assert without_compiling({"gru": clf}, data.panel, data.classes) == ("gru",)
    assert speed.fit_seconds > 0
    assert speed.step_seconds < speed.fit_seconds
