"""Keras' dtype policy and floatx, whenever they are set, break no program and no prediction."""

import pickle

import keras
import numpy as np
import pytest
from keras.src.backend.common import global_state

import rnnselect
from rnnselect import RNNClassifier
from rnnselect.recurrent import programs

SMALL = {"units": 3, "batch_size": 16, "epochs": 2, "random_state": 0}


@pytest.fixture
def fresh_programs(monkeypatch):
    """Programs are compiled in this test, whatever earlier tests have left."""
    monkeypatch.setattr(programs, "_programs", {})


@pytest.fixture
def policy():
    """Set a dtype policy as users do; "floatx" sets the default type of the whole process."""
    before = global_state.get_global_attribute("dtype_policy"), keras.config.floatx()

    def set_policy(name):
        if name == "floatx":
            keras.config.set_floatx("float64")
        else:
            keras.config.set_dtype_policy(name)

    yield set_policy
    global_state.set_global_attribute("dtype_policy", before[0])
    keras.config.set_floatx(before[1])


POLICIES = ["mixed_float16", "mixed_bfloat16", "float64", "floatx"]


@pytest.mark.parametrize("name", POLICIES)
def test_predictions_do_not_change(data, fresh_programs, policy, name):
    clf = RNNClassifier(**SMALL).fit(data.panel, data.classes)
    proba = clf.predict_proba(data.panel)
    stored = pickle.dumps(clf)
    policy(name)
    programs._programs.clear()
    np.testing.assert_array_equal(clf.predict_proba(data.panel), proba)
    loaded = pickle.loads(stored)  # builds its network under the other policy
    np.testing.assert_array_equal(loaded.predict_proba(data.panel), proba)
    assert {layer.compute_dtype for layer in loaded.model_.layers} == {"float32"}
    np.testing.assert_allclose(loaded.model_(data.panel), proba, atol=1e-6)


@pytest.mark.parametrize("name", POLICIES)
def test_training_goes_on(data, fresh_programs, policy, name):
    clf = RNNClassifier(**SMALL, warm_start=True).fit(data.panel, data.classes)
    expected = clf.predict_proba(data.panel)
    policy(name)
    clf.fit(data.panel, data.classes)
    assert np.isfinite(clf.predict_proba(data.panel)).all()
    policy("float32")
    keras.config.set_floatx("float32")
    again = RNNClassifier(**SMALL).fit(data.panel, data.classes)
    np.testing.assert_array_equal(again.predict_proba(data.panel), expected)


def test_floatx_does_not_change_the_compiled_engine(data, fresh_programs, policy):
    expected = RNNClassifier(**SMALL, engine="compiled").fit(data.panel, data.classes)
    programs._programs.clear()
    keras.config.set_dtype_policy("float32")  # as the first layer of any network does
    policy("floatx")
    clf = RNNClassifier(**SMALL, engine="compiled").fit(data.panel, data.classes)
    np.testing.assert_array_equal(clf.predict_proba(data.panel), expected.predict_proba(data.panel))


@pytest.mark.parametrize("name", ["mixed_bfloat16", "float64"])
def test_the_plain_path_keeps_the_policy_of_fit(data, policy, name, tmp_path):
    policy(name)
    clf = RNNClassifier(**SMALL).fit(data.panel, data.classes)
    proba = clf.predict_proba(data.panel)
    assert clf.engine_ == "keras"
    policy("float32")
    copied = pickle.loads(pickle.dumps(clf))
    for each in (clf, copied):
        assert each.model_.get_layer("output").dtype_policy.name == name
        np.testing.assert_array_equal(each.predict_proba(data.panel), proba)
    with pytest.raises(ValueError, match="in single precision"):
        rnnselect.save(clf, tmp_path / "model")


def test_policies_stay_as_they_were(data, policy):
    global_state.set_global_attribute("dtype_policy", None)
    RNNClassifier(**SMALL).fit(data.panel, data.classes).predict(data.panel)
    assert global_state.get_global_attribute("dtype_policy") is None


def test_a_program_that_could_not_be_built_is_forgotten(data, fresh_programs, monkeypatch):
    clf = RNNClassifier(**SMALL).fit(data.panel, data.classes)
    proba = clf.predict_proba(data.panel)
    programs._programs.clear()
    compiled = programs.backend.compiled

    def fails(*arguments):
        raise RuntimeError("no compiler today")

    monkeypatch.setattr(programs.backend, "compiled", fails)
    for method in (lambda: clf.fit(data.panel, data.classes), lambda: clf.predict(data.panel)):
        with pytest.raises(RuntimeError, match="no compiler today"):
            method()
        assert programs._programs == {}
    monkeypatch.setattr(programs.backend, "compiled", compiled)
    np.testing.assert_array_equal(clf.predict_proba(data.panel), proba)
