import numpy as np
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from rnnselect import RNNClassifier, RNNRegressor
from rnnselect.cells import CELLS
from rnnselect.comparison.candidates import make_candidates, workloads
from rnnselect.sequences.profile import profile_sizes

BOTH = ("gru", "lstm")


def made(estimator, cells=BOTH, cell_param=None, match="units", n_channels=3):
    profile = profile_sizes(n_samples=10, sequence_length=5, n_channels=n_channels)
    return make_candidates(estimator, cells, cell_param, match, profile)


class NoCell(BaseEstimator):
    def __init__(self, units=3):
        self.units = units

    def fit(self, X, y):
        return self


class TwoCells(BaseEstimator):
    def __init__(self, encoder=None, decoder=None):
        self.encoder = encoder
        self.decoder = decoder

    def fit(self, X, y):
        return self


class Kind(BaseEstimator):
    def __init__(self, kind="gru", cell=None):
        self.kind = kind
        self.cell = cell

    def fit(self, X, y):
        return self


def test_plain_estimator():
    own = RNNClassifier(units=5, cell="lstm")
    candidates = made(own)

    assert (candidates.cells, candidates.parameter, candidates.prefix) == (BOTH, "cell", "")
    for cell in BOTH:
        network = candidates.network(cell)
        assert network is candidates.estimators[cell] is not own
        assert (network.cell, network.units) == (cell, 5)
    assert own.cell == "lstm"
    assert candidates.is_recurrent


def test_pipeline():
    pipeline = Pipeline([("scale", StandardScaler()), ("rnn", RNNClassifier(units=4))])
    candidates = made(pipeline)

    assert (candidates.parameter, candidates.prefix) == ("rnn__cell", "rnn__")
    assert candidates.network("lstm") is candidates.estimators["lstm"].named_steps["rnn"]
    assert candidates.network("lstm").cell == "lstm"
    assert pipeline.named_steps["rnn"].cell == "gru"
    X = np.arange(12.0).reshape(4, 3)
    np.testing.assert_allclose(
        candidates.before_network(X, None), StandardScaler().fit_transform(X)
    )
    assert not hasattr(pipeline.named_steps["scale"], "mean_")


def test_nested():
    inner = make_pipeline(StandardScaler(), RNNRegressor(units=4))
    candidates = made(TransformedTargetRegressor(regressor=inner))

    assert candidates.prefix == "regressor__rnnregressor__"
    assert candidates.network("lstm").cell == "lstm"
    assert candidates.is_recurrent


def test_a_pipeline_in_a_pipeline():
    inner = make_pipeline(StandardScaler(), RNNClassifier(units=4))
    candidates = made(make_pipeline(StandardScaler(), inner))
    assert candidates.network("gru").units == 4
    X = np.arange(12.0).reshape(4, 3)
    assert candidates.before_network(X, None).shape == (4, 3)


def test_nothing_stands_before_a_plain_network():
    X = [[1.0, 2.0]]
    assert made(RNNClassifier()).before_network(X, None) is X
    assert made(make_pipeline(RNNClassifier())).before_network(X, None) is X


def test_cell_param():
    candidates = made(Kind(), cells=("a", "b"), cell_param="kind")
    assert [candidates.network(cell).kind for cell in "ab"] == ["a", "b"]
    assert not candidates.is_recurrent

    both = TwoCells(RNNClassifier(units=3), RNNClassifier(units=4))
    candidates = made(both, cell_param="decoder__cell")
    assert candidates.network("lstm").units == 4
    assert candidates.estimators["lstm"].encoder.cell == "gru"


@pytest.mark.parametrize(
    ("estimator", "kwargs", "message"),
    [
        (NoCell(), {}, r"NoCell has 0 parameters called 'cell' .*cell_param"),
        (
            TwoCells(RNNClassifier(), RNNClassifier()),
            {},
            r"2 parameters called 'cell' \(\['decoder__cell', 'encoder__cell'\]\).*cell_param",
        ),
        (NoCell(), {"cell_param": "kind"}, r"cell_param='kind' is not a parameter of NoCell"),
        (RNNClassifier(), {"cells": ("gru", "gru")}, "cells=.* must name two different cells"),
        (RNNClassifier(), {"cells": ("gru",)}, "cells=.* must name two different cells"),
        (RNNClassifier(), {"cells": ["gru", "lstm", "gru"]}, "must name two different cells"),
        (RNNClassifier(), {"cells": "gl"}, "cells='gl' must name two different cells"),
        (RNNClassifier(), {"cells": ("gru", "rnn")}, "cell='rnn' is unknown; give 'gru' or 'lstm'"),
        (Kind(), {"match": "parameters"}, 'match="parameters" needs an RNNClassifier'),
    ],
)
def test_refused(estimator, kwargs, message):
    with pytest.raises(ValueError, match=message):
        made(estimator, **kwargs)


@pytest.mark.parametrize("reference", BOTH)
def test_match_parameters(reference):
    other = "lstm" if reference == "gru" else "gru"
    candidates = made(RNNClassifier(cell=reference, units=32), match="parameters", n_channels=6)
    units = {cell: candidates.network(cell).units for cell in BOTH}

    assert units[reference] == 32
    assert units["gru"] > units["lstm"]
    counts = {cell: CELLS[cell].n_parameters(units[cell], 6) for cell in BOTH}
    assert counts[other] == pytest.approx(counts[reference], rel=0.04)


def test_match_parameters_counts_what_the_layer_reads():
    tokens = made(RNNClassifier(units=20, embedding_dim=50), match="parameters", n_channels=1)
    channels = made(RNNClassifier(units=20), match="parameters", n_channels=50)
    assert tokens.network("lstm").units == channels.network("lstm").units


@pytest.mark.parametrize(
    ("own", "limit", "expected"),
    [(None, None, None), (None, 5.0, 5.0), (3.0, 5.0, 3.0), (9.0, 5.0, 5.0), (9.0, None, 9.0)],
)
def test_limited(own, limit, expected):
    candidates = made(make_pipeline(StandardScaler(), RNNClassifier(max_seconds=own)))
    limited = candidates.limited("lstm", limit)
    assert limited.named_steps["rnnclassifier"].max_seconds == expected
    assert limited.named_steps["rnnclassifier"].cell == "lstm"
    assert candidates.network("lstm").max_seconds == own


@pytest.mark.parametrize("seconds", [0.0, -4.0])
def test_a_deadline_that_has_passed_is_still_a_parameter(seconds):
    limited = made(RNNClassifier()).limited("gru", seconds)
    assert 0 < limited.max_seconds <= 0.01


def test_other_estimators_know_no_limit():
    assert made(Kind(), cells=("a", "b"), cell_param="kind").limited("a", 5.0).kind == "a"


def test_workloads():
    network = RNNClassifier(
        units=8, num_layers=2, bidirectional=True, batch_size=16, epochs=40, n_iter_no_change=5
    )
    profile = profile_sizes(n_samples=100_000, sequence_length=30, n_channels=4, n_outputs=3)
    work = workloads(made(network), profile)

    assert list(work) == list(BOTH)
    for cell in BOTH:
        assert work[cell].n_passes == 4
        assert (work[cell].batch_size, work[cell].padded_length) == (16, 30.0)
        assert (work[cell].min_epochs, work[cell].max_epochs) == (6, 40)
        assert work[cell].validation_fraction == 0.1
    assert work["gru"].n_parameters < work["lstm"].n_parameters
    one_layer = RNNClassifier(units=8)
    lstm = workloads(made(one_layer), profile)["lstm"]
    assert lstm.n_parameters == CELLS["lstm"].n_parameters(8, 4) + 3 * (8 + 1)


@pytest.mark.parametrize(
    ("parameters", "epochs", "fraction"),
    [
        ({"early_stopping": False, "epochs": 12}, (12, 12), 0.0),
        ({"epochs": 4, "n_iter_no_change": 9}, (4, 4), 0.1),
        ({"validation_fraction": 0.3, "epochs": 50, "n_iter_no_change": 3}, (4, 50), 0.3),
        ({"validation_fraction": ([[1.0]], [0]), "epochs": 8}, (8, 8), 0.1),
    ],
)
def test_epochs_of_a_workload(parameters, epochs, fraction):
    profile = profile_sizes(n_samples=100_000, sequence_length=30)
    work = workloads(made(RNNClassifier(**parameters)), profile)["gru"]
    assert (work.min_epochs, work.max_epochs) == epochs
    assert work.validation_fraction == fraction


def test_few_samples_are_trained_on_for_longer():
    """Early stopping waits for a number of steps, which few samples reach late."""
    few, many = (
        workloads(made(RNNClassifier(epochs=50)), profile_sizes(n_samples=n, sequence_length=9))
        for n in (100, 100_000)
    )
    assert many["gru"].min_epochs < few["gru"].min_epochs <= 50


def test_a_default_network_stands_in_for_unknown_ones():
    profile = profile_sizes(n_samples=100, sequence_length=30)
    unknown = workloads(made(Kind(), cells=("gru", "b"), cell_param="kind"), profile)
    known = workloads(made(RNNClassifier()), profile)
    assert unknown == {"gru": known["gru"], "b": known["lstm"]}


def test_the_network_inside_a_fitted_wrapper_is_found():
    inner = RNNRegressor()
    wrapped = TransformedTargetRegressor(regressor=inner)
    candidates = made(wrapped)
    fitted = clone(candidates.estimators["gru"])
    fitted.regressor_ = RNNRegressor(units=7)  # as fit leaves it: a clone of the parameter
    assert candidates.fitted_network(fitted) is fitted.regressor_
    assert made(inner).fitted_network(inner) is inner


@pytest.mark.parametrize(
    ("own", "limit", "cut"), [(None, 5.0, True), (2.0, 5.0, False), (5.0, 2.0, True)]
)
def test_a_deadline_of_the_users_own_completes_a_fit(own, limit, cut):
    candidates = made(RNNClassifier(max_seconds=own))
    fitted = candidates.limited("gru", limit)
    assert not candidates.was_cut_short("gru", fitted)
    fitted.stop_reason_ = "deadline"
    assert candidates.was_cut_short("gru", fitted) is cut


def test_groups_reach_the_networks_own_validation_part():
    groups = np.array([0, 0, 1, 1])
    plain, piped = made(RNNClassifier()), made(make_pipeline(StandardScaler(), RNNClassifier()))
    assert list(plain.group_parameters(groups)) == ["groups"]
    assert list(piped.group_parameters(groups)) == ["rnnclassifier__groups"]
    assert plain.group_parameters(None) == {}
    assert made(TransformedTargetRegressor(RNNRegressor())).group_parameters(groups) == {}
