"""An estimator keeps its network: as a Keras model, or as weights until one is needed."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import keras
import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from rnnselect import RNNClassifier
from rnnselect.recurrent.architecture import Architecture
from rnnselect.recurrent.network import build_network


@pytest.fixture(scope="module")
def fitted(data):
    idle = {"early_stopping": False, "max_seconds": 1e-9}  # the initial weights are as good
    clf = RNNClassifier(units=3, batch_size=16, random_state=0, **idle)
    with pytest.warns(ConvergenceWarning):
        return clf.fit(data.panel, data.classes)


@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, lambda e: pickle.loads(pickle.dumps(e))])
def test_copies_hold_weights_until_the_network_is_needed(fitted, data, way):
    copied = way(fitted)
    assert "model_" not in vars(copied)
    np.testing.assert_array_equal(
        copied.predict_proba(data.panel), fitted.predict_proba(data.panel)
    )
    assert "model_" in vars(copied)
    assert "_weights" not in vars(copied)
    assert copied.model_ is not fitted.model_


def test_pickles_hold_nothing_of_keras(fitted):
    assert b"keras.src" not in pickle.dumps(fitted)


def test_threads_share_one_network(fitted):
    copied = copy.deepcopy(fitted)
    with ThreadPoolExecutor(4) as threads:
        networks = list(threads.map(lambda _: copied.model_, range(4)))
    assert {id(network) for network in networks} == {id(copied.model_)}


def names_in(clf):
    network = clf.model_
    return [each.path for each in network.variables] + [layer.name for layer in network.layers]


def test_every_fit_gives_its_variables_the_same_names(data, monkeypatch):
    """TensorFlow keeps memory for each name that a variable ever had."""
    built = []
    add = keras.Variable.__init__

    def noted(variable, *args, **kwargs):
        add(variable, *args, **kwargs)
        built.append(variable.path)

    monkeypatch.setattr(keras.Variable, "__init__", noted)
    clf = RNNClassifier("lstm", units=3, dropout=0.1, epochs=1, batch_size=16, random_state=0)
    found = []
    for _ in range(3):  # the first one may build networks for its programs as well
        built.clear()
        names = names_in(clf.fit(data.panel, data.classes))
        found.append((names, list(built)))
    assert found[1] == found[2]
    assert any("seed_generator" in path for path in found[1][1])


def test_names_outside_go_on_as_they_were(fitted):
    first = keras.random.SeedGenerator().name
    build_network(fitted._state.architecture)
    second = keras.random.SeedGenerator().name
    assert len({first, second}) == 2


def test_other_attributes_are_missing_as_usual(fitted):
    with pytest.raises(AttributeError, match=r"'RNNClassifier' object has no attribute 'modle_'"):
        _ = copy.copy(fitted).modle_
    assert not hasattr(RNNClassifier(), "model_")


@pytest.mark.parametrize(
    ("cell", "bidirectional", "tokens"), [*product(["gru", "lstm"], [False, True], [False, True])]
)
def test_shapes_of_the_weights_are_those_of_the_network(cell, bidirectional, tokens):
    architecture = Architecture(
        cell, 3, 1 + bidirectional, bidirectional, 0.0, 0.0, 1 if tokens else 2, None,
        7 if tokens else None, 4 if tokens else None, not tokens, 5, "softmax",
    )  # fmt: skip
    names, shapes = zip(*architecture.weight_shapes(), strict=True)
    weights = build_network(architecture).trainable_variables
    assert [tuple(weight.shape) for weight in weights] == list(shapes)
    assert [name.rpartition("/")[2] for name in names[tokens:]] == [
        weight.name for weight in weights[tokens:]
    ]
    assert sum(int(np.prod(shape)) for shape in shapes) == architecture.n_parameters()
