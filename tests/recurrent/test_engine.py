"""The compiled engine: same results as Keras, few programs, whatever the chunks and threads."""

from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from rnnselect import RNNClassifier
from rnnselect.exceptions import ProgramLimitWarning
from rnnselect.recurrent import programs

SMALL = {"units": 3, "batch_size": 16, "epochs": 3, "random_state": 0}


def weights_of(estimator):
    return np.concatenate([np.ravel(v) for v in estimator.model_.trainable_variables])


@pytest.mark.parametrize(
    ("cell", "kind", "parameters"),
    [
        ("gru", "panel", {}),
        ("lstm", "ragged", {}),
        # Keras (3.15) gives Adam each occurrence of a token in a batch apart: it adds their
        # squares, not the square of their sum. So only SGD compares for embeddings.
        ("gru", "tokens", {"embedding_dim": 2, "optimizer": "sgd"}),
    ],
)
def test_keras_engine_gives_nearly_the_same(data, cell, kind, parameters):
    X = getattr(data, kind)
    proba, losses = {}, {}
    for engine in ("compiled", "keras"):
        clf = RNNClassifier(**SMALL, cell=cell, engine=engine, **parameters)
        clf.fit(X, data.classes, sample_weight=1 + data.classes)
        assert clf.engine_ == engine
        proba[engine], losses[engine] = clf.predict_proba(X), clf.history_
    np.testing.assert_allclose(proba["compiled"], proba["keras"], atol=1e-3)
    for name in ("loss", "val_loss"):
        assert losses["compiled"][name] == pytest.approx(losses["keras"][name], rel=1e-3)


# --- dropout --------------------------------------------------------------------------------------


def losses_without_learning(data, seed, epochs=3):
    """Return the losses of one and the same full batch, which differ by dropout only."""
    clf = RNNClassifier(**{**SMALL, "epochs": epochs}, dropout=0.5, recurrent_dropout=0.3)
    prepared = clf._prepare(data.panel[:16], data.classes[:16])
    _, trainer = clf._start(prepared)
    trainer._hyper = trainer._hyper * np.float32([0, 1, 1, 1, 1, 1])  # learning rate 0
    trainer.prepare(prepared.training, trainer.weights(), seed)
    return [trainer.run_chunk(chunk) for _ in range(epochs) for chunk in trainer.chunks()]


def test_dropout_masks_differ_between_steps_and_seeds(data):
    losses = losses_without_learning(data, seed=1)
    assert len(set(np.round(losses, 3))) == 3
    assert losses_without_learning(data, seed=1) == losses
    assert not np.allclose(losses_without_learning(data, seed=2), losses, rtol=1e-3)


# --- few programs ---------------------------------------------------------------------------------


def test_grid_search_compiles_one_training_program_for_each_cell(data, monkeypatch):
    monkeypatch.setattr(programs, "_programs", {})  # earlier tests may have compiled the same
    monkeypatch.setattr(programs, "_compilations", {"train": 0, "score": 0})
    clf = RNNClassifier(**SMALL)
    search = GridSearchCV(clf, {"cell": ["gru", "lstm"]}, cv=5, error_score="raise")
    search.fit(data.panel, data.classes)
    assert programs.program_counts() == {"train": 2, "score": 2}
    clf.set_params(learning_rate=0.1, clipnorm=None, random_state=1, early_stopping=False)
    X, y = data.panel[:37], data.classes[:37]
    clf.fit(X, y, sample_weight=1 + y).predict(data.panel)
    assert programs.program_counts() == {"train": 2, "score": 2}


def test_program_refuses_another_shape(data):
    RNNClassifier(**SMALL).fit(data.panel, data.classes)
    program = next(p for p in programs._programs.values() if p.key.purpose == "score")
    before = programs.program_counts()
    with pytest.raises((TypeError, ValueError)):
        program(*[np.zeros(1)] * 5)
    assert programs.program_counts() == before


def test_beyond_the_limit_training_takes_the_plain_path(data, monkeypatch):
    monkeypatch.setattr(programs.backend, "free_programs", lambda: False)  # JAX can: test_jax
    monkeypatch.setattr(programs, "_programs", {})  # earlier tests may have compiled the same
    monkeypatch.setattr(programs, "WARN_AT_PROGRAMS", 1)
    monkeypatch.setattr(programs, "MAX_PROGRAMS", 2)
    clf = RNNClassifier(**{**SMALL, "epochs": 1}, early_stopping=False)
    with pytest.warns(ProgramLimitWarning, match="fresh worker processes"):
        clf.fit(data.panel, data.classes)
    proba = clf.predict_proba(data.panel)  # the last program that there is room for
    assert len(programs._programs) == 2
    beyond = clone(clf).set_params(units=5).fit(data.panel, data.classes)
    assert (clf.engine_, beyond.engine_) == ("compiled", "keras")
    np.testing.assert_allclose(clf.predict_proba(data.panel), proba, atol=1e-6)
    clf.predict_proba(np.tile(data.panel, (1, 4, 1)))
    assert len(programs._programs) == 2
    with pytest.raises(ValueError, match="as many compiled programs as it safely can"):
        beyond.set_params(engine="compiled").fit(data.panel, data.classes)


# --- what the engine leaves to Keras --------------------------------------------------------------


def refuses(data, reason):
    """Whether "auto" takes Keras' own training, and "compiled" says that it cannot serve."""
    clf = RNNClassifier(**{**SMALL, "epochs": 1}).fit(data.panel, data.classes)
    with pytest.raises(ValueError, match=reason):
        clone(clf).set_params(engine="compiled").fit(data.panel, data.classes)
    return clf.engine_ == "keras"


def test_accelerators_are_left_to_keras(data, monkeypatch):
    monkeypatch.setattr(programs.backend, "accelerated", lambda: True)
    assert refuses(data, "there is a GPU or TPU, whose own kernels are faster")


def test_other_backends_are_left_to_keras(data, monkeypatch):
    monkeypatch.setattr("rnnselect.recurrent.engine.COMPILING_BACKENDS", ())
    assert refuses(data, f"Keras runs on the backend {keras.backend.backend()!r}")


# --- chunks, threads, processes -------------------------------------------------------------------


def test_chunk_size_changes_nothing(data, monkeypatch):
    expected = RNNClassifier(**SMALL).fit(data.panel, data.classes)
    monkeypatch.setattr("rnnselect.recurrent.chunks.MAX_STEPS_PER_CHUNK", 2)
    clf = RNNClassifier(**SMALL).fit(data.panel, data.classes)
    np.testing.assert_allclose(weights_of(clf), weights_of(expected), atol=1e-6)
    assert clf.history_["loss"] == pytest.approx(expected.history_["loss"], rel=1e-5)


def test_threads_equal_a_loop(data):
    estimators = [
        RNNClassifier(**{**SMALL, "random_state": seed}, cell=cell, dropout=0.1)
        for seed in range(3)
        for cell in ("gru", "lstm")
    ]

    def fit(estimator):
        return weights_of(clone(estimator).fit(data.panel, data.classes))

    with ThreadPoolExecutor(4) as pool:  # several compile at once, and wait for the same program
        in_threads = list(pool.map(fit, estimators))
    for estimator, weights in zip(estimators, in_threads, strict=True):
        np.testing.assert_array_equal(fit(estimator), weights)


@pytest.mark.slow
def test_processes_equal_one_process(data):
    def search(n_jobs):
        found = GridSearchCV(RNNClassifier(**SMALL), {"cell": ["gru", "lstm"]}, cv=3, n_jobs=n_jobs)
        found.fit(data.panel, data.classes)
        scores = [found.cv_results_[f"split{i}_test_score"] for i in range(3)]
        return np.array(scores), found.best_estimator_.predict_proba(data.panel)

    for alone, together in zip(search(1), search(2), strict=True):
        np.testing.assert_array_equal(alone, together)


def test_folds_of_fewer_rows_than_a_batch_share_one_program(data):
    clf = RNNClassifier(**{**SMALL, "batch_size": 500}, early_stopping=False)
    clf.fit(data.panel[:16], data.classes[:16])
    before = programs.program_counts()
    clf.fit(data.panel[:9], data.classes[:9])
    assert programs.program_counts() == before


def test_a_batch_of_more_rows_than_there_are_computes_no_more(data):
    def fit(batch_size):
        clf = RNNClassifier(**{**SMALL, "batch_size": batch_size}, early_stopping=False)
        return weights_of(clf.fit(data.panel[:16], data.classes[:16]))

    all_rows = fit(16)
    before = programs.program_counts()
    np.testing.assert_array_equal(fit(10_000), all_rows)
    assert programs.program_counts() == before  # so the steps have the same shape
