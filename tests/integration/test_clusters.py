"""The advisor and searches on workers in other processes: the same advice, and nothing lost."""

import os
import signal
import sys
import threading

import cloudpickle
import joblib
import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import accuracy_score
from sklearn.model_selection import GridSearchCV, RepeatedStratifiedKFold
from sklearn.neural_network import MLPClassifier

from rnnselect import RNNAdvisor, RNNClassifier
from rnnselect.comparison.progress import watching

distributed = pytest.importorskip("distributed")

# Workers cannot import the tests, so what stands here is sent by value.
cloudpickle.register_pickle_by_value(sys.modules[__name__])

pytestmark = pytest.mark.filterwarnings(
    f"ignore::{ConvergenceWarning.__module__}.ConvergenceWarning"
)


@pytest.fixture(scope="module")
def cluster():
    options = {"threads_per_worker": 1, "dashboard_address": None, "silence_logs": "CRITICAL"}
    with (
        distributed.LocalCluster(n_workers=2, **options) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.fixture
def client(cluster):
    cluster.wait_for_workers(2)  # one that was killed comes back
    return cluster


def problem(n=120):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, 6))
    return X, (X[:, 0] + 0.8 * rng.normal(size=n) > 0).astype(int)


def advisor(before_fit=None, **parameters):
    """Compare two light networks, which need no TensorFlow."""

    class Network(MLPClassifier):
        def fit(self, X, y):
            if before_fit is not None:
                before_fit()
            return super().fit(X, y)

    own = Network(hidden_layer_sizes=4, max_iter=20)
    defaults = {"min_gain": 0, "random_state": 0, "cells": ("tanh", "relu")}
    return RNNAdvisor(own, cell_param="activation", **(defaults | parameters))


def assert_same(found, expected):
    assert found.scores == expected.scores
    assert found.probabilities == expected.probabilities
    assert (found.cell, found.stop_reason) == (expected.cell, expected.stop_reason)


def once(path):
    """Whether nobody has asked this before, on any worker."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


@pytest.mark.parametrize(
    ("backend", "parameters"),
    [
        pytest.param("dask", {}, id="dask"),
        pytest.param("dask", {"min_gain": None}, id="dask, may stop early"),
        pytest.param("dask", {"param_grid": {"alpha": [1e-4, 1.0]}}, id="dask, tournament"),
        pytest.param("loky", {}, id="loky"),
    ],
)
def test_the_advice_is_that_of_one_process(client, backend, parameters):
    X, y = problem()
    expected = advisor(**parameters).fit(X, y)
    with joblib.parallel_config(backend=backend, n_jobs=2):
        found = advisor(**parameters).fit(X, y)
    assert_same(found.recommendation_, expected.recommendation_)
    np.testing.assert_array_equal(found.predict_proba(X), expected.predict_proba(X))


class Accuracy:
    """A scorer that counts how often it leaves this process."""

    times_sent = 0

    def __call__(self, estimator, X, y):
        return accuracy_score(y, estimator.predict(X))

    def __reduce__(self):
        self.times_sent += 1
        return Accuracy, ()


def test_what_tasks_share_is_sent_once(client):
    scorer = Accuracy()
    with joblib.parallel_config(backend="dask"):
        found = advisor(scoring=scorer).recommend(*problem())
    assert len(found.pairs) == 5
    assert scorer.times_sent == 2  # to see whether it can be, and with the data


def test_a_killed_workers_pair_is_run_again(client, tmp_path):
    def die():
        if once(tmp_path / "killed"):
            os.kill(os.getpid(), signal.SIGKILL)

    with joblib.parallel_config(backend="dask"):
        found = advisor(die).recommend(*problem())
    assert (tmp_path / "killed").exists()
    assert_same(found, advisor().recommend(*problem()))


@pytest.mark.slow
def test_where_all_workers_go_the_data_are_sent_again(client):
    def restart(progress):
        if progress.stage == "race" and len(progress.pairs) == 1:
            client.restart()

    with joblib.parallel_config(backend="dask"), watching(restart):
        found = advisor().recommend(*problem())
    assert_same(found, advisor().recommend(*problem()))


@pytest.mark.slow
def test_workers_that_join_late_are_used(client, tmp_path):
    def join(progress):
        if progress.stage == "race" and len(progress.pairs) == 1:
            client.cluster.scale(4)
            client.wait_for_workers(4)

    folds = RepeatedStratifiedKFold(n_splits=3, n_repeats=3, random_state=0)
    try:
        with joblib.parallel_config(backend="dask"), watching(join):
            found = advisor(lambda: once(tmp_path / f"{os.getpid()}"), cv=folds).recommend(
                *problem()
            )
    finally:
        client.cluster.scale(2)
    assert len(list(tmp_path.iterdir())) == 4
    assert_same(found, advisor(cv=folds).recommend(*problem()))


@pytest.mark.parametrize("backend", ["dask", "loky"])
def test_what_cannot_be_sent_is_named_before_anything_is_trained(client, backend, tmp_path):
    lock = threading.Lock()

    def scorer(estimator, X, y):
        with lock:
            return 1.0

    tried = advisor(lambda: once(tmp_path / "trained"), scoring=scorer)
    with (
        joblib.parallel_config(backend=backend, n_jobs=2),
        pytest.raises(TypeError, match=r"scoring=.*cannot be sent.*threading"),
    ):
        tried.recommend(*problem())
    assert not (tmp_path / "trained").exists()


@pytest.mark.parametrize("backend", ["dask", "loky"])
def test_an_error_in_a_fit_arrives(client, backend):
    def fail():
        raise FloatingPointError("of the user's own")

    with (
        joblib.parallel_config(backend=backend, n_jobs=2),
        pytest.raises(FloatingPointError, match="of the user's own"),
    ):
        advisor(fail).recommend(*problem())


# --- networks of this package: each worker loads TensorFlow --------------------------------------


def sequences():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 8, 2)).astype("float32")
    return X, (X[:, :, 0].mean(axis=1) > 0).astype(int)


def count_programs():
    from rnnselect.recurrent.programs import program_counts

    return program_counts()["train"]


NETWORK = {"units": 4, "epochs": 2, "random_state": 0}


@pytest.mark.slow
def test_programs_are_compiled_once_a_worker(client):
    X, y = sequences()
    race = RNNAdvisor(RNNClassifier(**NETWORK), min_gain=0, random_state=0)
    expected = race.recommend(X, y)
    compiled_here = count_programs()
    with joblib.parallel_config(backend="dask"):
        found = race.recommend(X, y)
        again = race.recommend(X, y)
    assert_same(found, expected)
    assert_same(again, expected)
    assert set(client.run(count_programs).values()) == {2}  # one for each cell
    assert count_programs() == compiled_here


@pytest.mark.slow
def test_under_a_budget_the_workers_are_timed(client):
    with joblib.parallel_config(backend="dask"):
        found = RNNAdvisor(RNNClassifier(**NETWORK), budget="5min").recommend(*sequences())
    assert len(found.pairs) >= 1
    assert found.plan.forecast.source == "probe"
    assert found.actual_seconds < 300


@pytest.mark.slow
def test_a_grid_search_finds_the_same(client):
    X, y = sequences()
    search = GridSearchCV(RNNClassifier(**NETWORK), {"cell": ["gru", "lstm"]}, cv=3)
    expected = search.fit(X, y).cv_results_
    with joblib.parallel_config(backend="dask", scatter=[X, y]):
        found = search.fit(X, y).cv_results_
    for k in range(3):
        name = f"split{k}_test_score"
        np.testing.assert_array_equal(found[name], expected[name])


@pytest.mark.slow
def test_on_ray():
    ray = pytest.importorskip("ray")
    from ray.util.joblib import register_ray

    register_ray()
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    try:
        scorer = Accuracy()
        with joblib.parallel_config(backend="ray", n_jobs=-1):
            found = advisor(scoring=scorer).recommend(*problem())
    finally:
        ray.shutdown()
    assert_same(found, advisor(scoring=Accuracy()).recommend(*problem()))
    assert scorer.times_sent == 2
