import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import BaggingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from rnnselect import Budget, RNNAdvisor, RNNClassifier, RNNRegressor
from rnnselect.comparison.candidates import make_candidates
from rnnselect.comparison.footprint import footprints_of_units, refuse_uncountable
from rnnselect.recurrent.network import build_network
from rnnselect.sequences.profile import profile_sizes
from rnnselect.speed import NOMINAL, SCORING_ROWS

CELLS = ("gru", "lstm")
EVERYTHING = Budget(max_parameters=10**9, memory="1TB", max_latency="100s")


def footprints(network=None, latencies=None, **sizes):
    sizes = {"n_samples": 1000, "sequence_length": 100, **sizes}
    candidates = make_candidates(network or RNNClassifier(), CELLS, None)
    return footprints_of_units(candidates, profile_sizes(**sizes), NOMINAL, latencies)


class Alien(ClassifierMixin, BaseEstimator):
    def __init__(self, cell="gru"):
        self.cell = cell

    def fit(self, X, y):
        return self


@pytest.mark.parametrize(
    ("estimator", "X", "y"),
    [
        (RNNClassifier(units=5), "panel", "classes"),
        (RNNClassifier(units=5, num_layers=2, bidirectional=True), "series", "classes"),
        (RNNClassifier(units=5, missing="mask"), "padded", "classes"),
        (RNNClassifier(units=5), "panel", "labels"),
        (RNNClassifier(units=5, embedding_dim=4), "tokens", "classes"),
        (RNNClassifier(units=5, embedding_dim=4, vocabulary_size=50), "tokens", "classes"),
        (RNNClassifier(units=5, embedding_weights=np.ones((9, 3))), "tokens", "classes"),
        (RNNRegressor(units=5), "ragged", "values"),
        (RNNRegressor(units=5), "ragged", "two values"),
    ],
)
def test_parameters_are_those_of_the_keras_model(data, estimator, X, y):
    X = getattr(data, X)
    targets = {
        "classes": data.classes,
        "values": data.values,
        "labels": np.column_stack([data.classes > 0, data.classes > 1]).astype(int),
        "two values": np.column_stack([data.values, -data.values]),
    }
    plan = RNNAdvisor(estimator, budget=EVERYTHING).plan(X, targets[y])
    for cell, n_parameters in plan.limits[0].values.items():
        network = estimator.set_params(cell=cell)
        architecture = network._prepare(X, targets[y]).state.architecture
        assert n_parameters == build_network(architecture).count_params()


@pytest.mark.parametrize(
    "more",
    [
        {"network": RNNClassifier(units=64)},
        {"network": RNNClassifier(num_layers=2)},
        {"network": RNNClassifier(bidirectional=True)},
        {"network": RNNClassifier(batch_size=128)},
        {"sequence_length": 800},
        {"n_samples": 10**6},
        {"n_channels": 200},
    ],
)
def test_what_takes_more_memory(more):
    usual, larger = footprints(), footprints(**more)
    for cell in CELLS:
        units = 64 if getattr(more.get("network"), "units", 32) == 64 else 32
        assert larger[cell](units).peak_bytes > usual[cell](32).peak_bytes


def test_memory_counts_a_copy_of_the_data(data):
    advisor = RNNAdvisor(budget=Budget(memory="1TB"))
    peaks = [
        advisor.plan(X, data.classes).limits[0].values["gru"]
        for X in (data.panel, data.panel.astype("float64"))
    ]
    assert data.panel.nbytes <= peaks[1] - peaks[0] < 2 * data.panel.nbytes


def test_latency_grows_with_the_work():
    usual = footprints()
    for more in (
        footprints(sequence_length=800),
        footprints(RNNClassifier(num_layers=3)),
        footprints(RNNClassifier(bidirectional=True)),
    ):
        for cell in CELLS:
            assert more[cell](32).latency_seconds > usual[cell](32).latency_seconds
            assert usual[cell](512).latency_seconds > 2 * usual[cell](32).latency_seconds
    assert SCORING_ROWS > 1  # of which each prediction is one


def test_a_measured_latency_replaces_the_predicted_one():
    predicted, measured = footprints(), footprints(latencies={"gru": 0.5, "lstm": None})
    assert measured["gru"](32).latency_seconds == pytest.approx(0.5)
    assert measured["gru"](16).latency_seconds < 0.5
    assert measured["lstm"](32) == predicted["lstm"](32)


# --- estimators of which nothing is known --------------------------------------------------------


def test_other_packages_networks_cannot_be_counted():
    candidates = make_candidates(Alien(), CELLS, None)
    refuse_uncountable(candidates, {})
    with pytest.raises(ValueError, match=r"Budget\(memory\): what Alien takes is not known"):
        refuse_uncountable(candidates, {"memory": 1e9})
    for call in (
        lambda advisor: advisor.plan(n_samples=100, sequence_length=10),
        lambda advisor: advisor.fit(np.zeros((20, 3)), np.arange(20) % 2),
    ):
        with pytest.raises(ValueError, match="need an RNNClassifier or RNNRegressor"):
            call(RNNAdvisor(Alien(), budget=Budget(max_parameters=5000)))


def test_networks_in_other_estimators():
    bag = make_candidates(BaggingClassifier(RNNClassifier()), CELLS, None)
    refuse_uncountable(bag, {"max_parameters": 5000.0, "memory": 1e9})
    with pytest.raises(ValueError, match=r"BaggingClassifier may ask several networks"):
        refuse_uncountable(bag, {"max_latency": 0.1})
    pipeline = make_pipeline(FunctionTransformer(), RNNClassifier())
    refuse_uncountable(make_candidates(pipeline, CELLS, None), EVERYTHING.network_limits)
