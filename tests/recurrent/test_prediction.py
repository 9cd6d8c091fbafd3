"""A prediction depends on its own sequence only, and is what the plain Keras model says."""

import json
import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from rnnselect import RNNClassifier, RNNRegressor, SequenceScaler
from rnnselect.recurrent.network import build_network
from rnnselect.sequences.batch import SequenceBatch

SMALL = {"units": 3, "batch_size": 16, "epochs": 3, "random_state": 0}
KINDS = ["series", "panel", "ragged", "padded", "tokens"]


@pytest.fixture(scope="module")
def fitted(data):
    """One fitted classifier for each kind of sequences."""
    estimators = {}
    for kind in KINDS:
        clf = RNNClassifier(**SMALL, embedding_dim=2 if kind == "tokens" else None)
        estimators[kind] = clf.fit(getattr(data, kind), data.classes)
    return estimators


def raw_input(data, kind):
    if kind == "ragged":
        return data.padded
    if kind == "tokens":
        return np.array([row + [0] * (8 - len(row)) for row in data.tokens], "int32")
    return data.series[:, :, None] if kind == "series" else getattr(data, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_model_takes_raw_sequences(fitted, data, kind):
    proba = fitted[kind].predict_proba(getattr(data, kind))
    of_model = fitted[kind].model_.predict(raw_input(data, kind), verbose=0)
    np.testing.assert_allclose(of_model, proba, atol=1e-5)


@pytest.mark.parametrize("kind", ["panel", "ragged", "tokens"])
def test_one_row_takes_no_other_rows(fitted, data, kind, monkeypatch):
    X, padded, gathered = getattr(data, kind), SequenceBatch.padded, []

    def counting(self, rows, n_timesteps):
        gathered.append(len(rows))
        return padded(self, rows, n_timesteps)

    expected = fitted[kind].predict_proba(X)[:1]
    monkeypatch.setattr(SequenceBatch, "padded", counting)
    np.testing.assert_array_equal(fitted[kind].predict_proba(X[:1]), expected)
    assert set(gathered) == {1}  # for the check of the input, and for the block


ELSEWHERE = """
import json, os, pickle, random, sys
import keras, numpy as np
folder = sys.argv[1]
os.mkdir(f"{folder}/empty")
os.chdir(f"{folder}/empty")
for kind in sys.argv[2:]:
    model = keras.saving.load_model(f"{folder}/{kind}.keras")
    X = np.load(f"{folder}/{kind}_X.npy")
    np.save(f"{folder}/{kind}_outputs.npy", np.asarray(model(X)))
assert not any(name.startswith("rnnselect") for name in sys.modules)
with open(f"{folder}/pickled.pickle", "rb") as file:
    estimators, inputs, search, y = pickle.load(file)
import rnnselect
for kind, X in inputs.items():
    np.save(f"{folder}/{kind}_proba.npy", estimators[kind].predict_proba(X))
    loaded = rnnselect.load(f"{folder}/{kind}.rnnselect")
    np.save(f"{folder}/{kind}_loaded.npy", loaded.predict_proba(X))
np.save(f"{folder}/search_proba.npy", search.predict_proba(inputs["ragged"]))

import tensorflow as tf
from sklearn.base import clone

def draw():
    drawn = [random.random(), np.random.rand(), keras.random.uniform(()), tf.random.uniform(())]
    return [float(value) for value in drawn]

def seed():
    keras.utils.clear_session()  # Keras 3.10 does not seed the generator that is there already
    keras.utils.set_random_seed(7)

seed()
expected = draw()
seed()
network = clone(search.best_estimator_[-1]).set_params(random_state=None, dropout=0.1)
network.fit(inputs["panel"], y).predict(inputs["panel"])
report = {
    "expected": expected,
    "drawn": draw(),
    "files": os.listdir(),
    "best": search.best_params_,
    "classes": search.classes_.tolist(),
}
print(json.dumps(report))
"""


@pytest.fixture(scope="module")
def search(data):
    pipeline = make_pipeline(SequenceScaler("minmax"), RNNClassifier(**SMALL))
    search = GridSearchCV(pipeline, {"rnnclassifier__learning_rate": [0.1, 0.2]}, cv=2)
    return search.fit(data.ragged, np.array(["zero", "one", "two"])[data.classes])


@pytest.fixture(scope="module")
def report():
    """What the fresh process says, once it has run."""
    return {}


@pytest.fixture(scope="module")
def elsewhere(fitted, search, report, data, run_script, tmp_path_factory):
    """The folder of what a fresh process predicts, by saved models, pickles and model files."""
    folder = tmp_path_factory.mktemp("elsewhere")
    reg = RNNRegressor(**{**SMALL, "epochs": 1}, missing="mask")
    reg.fit(data.panel, 1e8 + 1e-3 * data.values)
    models = {"mask": (reg.model_, data.panel, reg.predict(data.panel)[:, None])}
    for kind in KINDS:
        proba = fitted[kind].predict_proba(getattr(data, kind))
        models[kind] = (fitted[kind].model_, raw_input(data, kind), proba)
        fitted[kind].save(folder / f"{kind}.rnnselect")
    for kind, (model, X, expected) in models.items():
        model.save(folder / f"{kind}.keras")
        np.save(folder / f"{kind}_X.npy", X)
        np.save(folder / f"{kind}_expected.npy", expected)
    inputs = {kind: getattr(data, kind) for kind in KINDS}
    pickled = fitted, inputs, search, data.classes
    (folder / "pickled.pickle").write_bytes(pickle.dumps(pickled))
    report.update(json.loads(run_script(ELSEWHERE, folder, *models)))
    return folder


def test_a_search_predicts_the_same_elsewhere(elsewhere, report, search, data):
    proba = np.load(elsewhere / "search_proba.npy")
    np.testing.assert_allclose(proba, search.predict_proba(data.ragged), atol=1e-6)
    assert report["best"] == search.best_params_
    assert report["classes"] == ["one", "two", "zero"]


@pytest.mark.usefixtures("elsewhere")
def test_global_seeds_are_left_alone(report):
    """Those of Python, NumPy, Keras and TensorFlow, by a fit with dropout and without a seed."""
    assert report["drawn"] == report["expected"]


@pytest.mark.usefixtures("elsewhere")
def test_a_fresh_process_leaves_no_file(report):
    assert report["files"] == []


@pytest.mark.parametrize("kind", [*KINDS, "mask"])
def test_saved_model_needs_only_keras(elsewhere, kind):
    outputs, expected = elsewhere / f"{kind}_outputs.npy", elsewhere / f"{kind}_expected.npy"
    np.testing.assert_allclose(np.load(outputs), np.load(expected), rtol=1e-6, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_pickle_predicts_the_same_elsewhere(elsewhere, kind):
    proba, expected = elsewhere / f"{kind}_proba.npy", elsewhere / f"{kind}_expected.npy"
    np.testing.assert_allclose(np.load(proba), np.load(expected), atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_model_file_predicts_the_same_bits_elsewhere(elsewhere, kind):
    proba, expected = elsewhere / f"{kind}_loaded.npy", elsewhere / f"{kind}_expected.npy"
    np.testing.assert_array_equal(np.load(proba), np.load(expected))


@pytest.mark.parametrize("kind", KINDS)
def test_other_rows_and_their_order_do_not_matter(fitted, data, kind):
    X = getattr(data, kind)
    clf = fitted[kind]
    proba = clf.predict_proba(X)
    order = np.random.default_rng(0).permutation(60)
    shuffled = [X[i] for i in order] if isinstance(X, list) else X[order]
    np.testing.assert_array_equal(clf.predict_proba(shuffled), proba[order])
    np.testing.assert_array_equal(clf.predict_proba(X[7:8]), proba[7:8])


@pytest.mark.parametrize("engine", ["compiled", "keras"])
def test_threads_predict_with_one_estimator(fitted, data, engine):
    clf = fitted["panel"]
    if engine == "keras":
        clf = clone(clf).set_params(engine=engine, epochs=1).fit(data.panel, data.classes)
    rows = [np.arange(k, 60, 1 + k % 3) for k in range(16)]
    alone = [clf.predict_proba(data.panel[some]) for some in rows]
    shared = pickle.loads(pickle.dumps(clf))  # its network is not built yet
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda some: shared.predict_proba(data.panel[some]), rows))
    for expected, found in zip(alone, together, strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("kind", ["ragged", "padded"])
def test_longer_padding_changes_nothing(fitted, data, kind):
    clf = fitted[kind]
    longer = np.pad(data.padded, ((0, 0), (0, 4), (0, 0)), constant_values=np.nan)
    proba = clf.predict_proba(data.padded)
    np.testing.assert_allclose(clf.predict_proba(longer), proba, atol=1e-6)
    np.testing.assert_allclose(clf.predict_proba(data.ragged), proba, atol=1e-6)
    np.testing.assert_allclose(clf.model_.predict(longer, verbose=0), proba, atol=1e-5)


@pytest.mark.parametrize("bidirectional", [False, True], ids=["forwards", "bidirectional"])
@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_longer_padding_changes_nothing_in_deeper_networks(fitted, data, cell, bidirectional):
    architecture = replace(
        fitted["padded"]._state.architecture, cell=cell, num_layers=2, bidirectional=bidirectional
    )
    network = build_network(architecture)
    longer = np.pad(data.padded, ((0, 0), (0, 4), (0, 0)), constant_values=np.nan)
    np.testing.assert_allclose(network(longer), network(data.padded), atol=1e-6)


def test_dropout_is_for_training_only(data):
    clf = RNNClassifier(**{**SMALL, "epochs": 1}, dropout=0.5, recurrent_dropout=0.3)
    proba = clf.fit(data.panel, data.classes).predict_proba(data.panel)
    np.testing.assert_array_equal(clf.predict_proba(data.panel), proba)
    np.testing.assert_allclose(clf.model_.predict(data.panel, verbose=0), proba, atol=1e-5)


def test_many_layers_in_both_directions(fitted):
    architecture = replace(fitted["padded"]._state.architecture, num_layers=5, bidirectional=True)
    weights = build_network(architecture).trainable_variables
    assert sum(np.size(weight) for weight in weights) == architecture.n_parameters()


@pytest.mark.parametrize("kind", ["panel", "ragged", "tokens"])
def test_other_lengths_than_in_fit(fitted, data, kind):
    clf = fitted[kind]
    if kind == "tokens":
        short, long = [[1, 2], [3]], [list(range(1, 6)) * 4]
    else:
        short, long = [np.ones((2, 2)), np.ones((1, 2))], [np.ones((20, 2))]
    separate = np.concatenate([clf.predict_proba(short), clf.predict_proba(long)])
    np.testing.assert_allclose(clf.predict_proba(short + long), separate, atol=1e-6)
    assert not np.allclose(separate[0], separate[2], atol=1e-4)


def test_more_rows_than_a_block(fitted, data):
    clf = fitted["panel"]
    many = np.tile(data.panel, (20, 1, 1))
    np.testing.assert_array_equal(
        clf.predict_proba(many), np.tile(clf.predict_proba(data.panel), (20, 1))
    )


@pytest.mark.parametrize("engine", ["compiled", pytest.param("keras", marks=pytest.mark.slow)])
def test_missing_values_can_be_masked(data, engine):
    X = data.panel.copy()
    holes = np.random.default_rng(0).uniform(size=X.shape) < 0.2
    holes[:, -1] = False
    X[holes] = np.nan
    X[3, 2] = np.nan  # a whole time step
    clf = RNNClassifier(**SMALL, missing="mask", engine=engine).fit(X, data.classes)
    proba = clf.predict_proba(X)
    assert np.isfinite(proba).all()
    np.testing.assert_allclose(clf.model_.predict(X, verbose=0), proba, atol=1e-5)
    longer = np.pad(X, ((0, 0), (0, 4), (0, 0)), constant_values=np.nan)
    np.testing.assert_allclose(clf.model_.predict(longer, verbose=0), proba, atol=1e-5)
    filled = np.where(np.isnan(X), np.nanmean(X, axis=(0, 1)), X)  # missing is not the mean
    assert not np.allclose(clf.predict_proba(filled), proba, atol=1e-4)


WRONG_INPUT = {
    "channels": ("panel", np.ones((2, 8, 3)), r"3 channel\(s\), but RNNClassifier is expecting 2"),
    "ragged channels": ("ragged", [np.ones((8, 1))], r"1 channel\(s\), but .* expecting 2"),
    "time steps of series": ("series", np.ones((2, 9)), "9 features, but RNNClassifier is exp"),
    "panel for series": ("series", np.ones((2, 8, 1)), "panel input, but .* on a series input"),
    "series for panel": ("panel", np.ones((2, 8)), "series input, but .* on a panel input"),
    "series for ragged": ("ragged", np.ones((2, 8)), "series input, but .* on a ragged input"),
    "missing": ("panel", np.full((1, 8, 2), np.nan), r"X\[0\] holds only missing values"),
    "infinity": ("series", np.full((1, 8), np.inf), r"X\[0\] holds infinity"),
    "empty": ("panel", np.ones((0, 8, 2)), "at least one sequence"),
}


@pytest.mark.parametrize("name", WRONG_INPUT)
def test_wrong_input_is_refused(fitted, name):
    kind, X, message = WRONG_INPUT[name]
    with pytest.raises(ValueError, match=message):
        fitted[kind].predict(X)


def test_prediction_needs_a_fit(data):
    with pytest.raises(NotFittedError):
        RNNClassifier().predict(data.panel)


def test_a_failed_fit_is_no_fit(data):
    clf = RNNClassifier(**SMALL)
    with pytest.raises(ValueError, match="y has 5"):
        clf.fit(data.panel, data.classes[:5])
    with pytest.raises(NotFittedError):
        clf.predict(data.panel)


def test_clone_of_a_fitted_estimator_is_not_fitted(fitted, data):
    with pytest.raises(NotFittedError):
        clone(fitted["panel"]).predict(data.panel)
