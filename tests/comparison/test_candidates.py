from dataclasses import replace

import numpy as np
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import VotingClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from rnnselect import RNNClassifier, RNNRegressor
from rnnselect.cells import CELLS
from rnnselect.comparison.candidates import make_candidates
from rnnselect.comparison.work import planned_architecture
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
    "network",
    [
        RNNClassifier(units=20),
        RNNClassifier(units=20, num_layers=3),
        RNNRegressor(units=20, bidirectional=True),
        RNNClassifier(units=64, num_layers=2, bidirectional=True, embedding_dim=8),
        RNNClassifier(units=1),
    ],
    ids=["one layer", "layers", "bidirectional", "tokens", "one unit"],
)
@pytest.mark.parametrize("reference", BOTH)
@pytest.mark.parametrize("nested", [False, True])
def test_whole_networks_are_matched(network, reference, nested):
    """No other number of units comes closer, in whatever the network sits."""
    tokens = network.embedding_dim is not None
    profile = profile_sizes(
        n_samples=100, sequence_length=9, n_channels=1 if tokens else 5,
        n_outputs=4, vocabulary_size=300 if tokens else None,
        target="regression" if isinstance(network, RNNRegressor) else "classification",
    )  # fmt: skip
    network = clone(network).set_params(cell=reference)
    estimator = make_pipeline(StandardScaler(), make_pipeline(network)) if nested else network
    candidates = make_candidates(estimator, BOTH, None, "parameters", profile)
    other = "lstm" if reference == "gru" else "gru"
    assert candidates.network(reference).units == network.units

    def n_parameters(cell, units):
        architecture = planned_architecture(candidates.network(cell), profile)
        return replace(architecture, units=units).n_parameters()

    wanted = n_parameters(reference, network.units)
    found = candidates.network(other).units
    errors = {u: abs(n_parameters(other, u) - wanted) for u in (found - 1, found, found + 1) if u}
    assert min(errors, key=errors.get) == found


def test_each_setting_is_matched_to_its_own(data):
    grid = {"units": [8, 32], "num_layers": [2]}
    profile = profile_sizes(n_samples=100, sequence_length=9, n_channels=3)
    network = RNNClassifier(cell="lstm")
    candidates = make_candidates(network, BOTH, None, "parameters", profile, grid)
    for name in candidates.cells:
        assert candidates.params_of(name)["units"] == candidates.network(name).units
    units = [candidates.network(name).units for name in candidates.cells]
    assert units[1::2] == [8, 32]
    for gru, lstm in (units[:2], units[2:]):
        assert lstm < gru < 1.3 * lstm


def named(grid, **parts):
    return make_candidates(Parts(RNNClassifier(), **parts), BOTH, "net__cell", param_grid=grid)


class Parts(BaseEstimator):
    def __init__(self, net=None, units=1, other=None):
        self.net = net
        self.units = units
        self.other = other

    def fit(self, X, y):
        return self


@pytest.mark.parametrize(
    ("grid", "names"),
    [
        ({"net__units": [16]}, ["units=16"]),
        ({"net__units": [1, 2], "units": [2, 1]}, [
            "net__units=1, units=2", "net__units=1, units=1",
            "net__units=2, units=2", "net__units=2, units=1",
        ]),
        ([{"net__units": [16]}, {"units": [16]}], ["net__units=16", "units=16"]),
        ({"units": [1, "1"]}, ["units=1", "units=1 (2)"]),
        ({"other": [np.arange(3), np.arange(3), None]}, [
            "other=[0 1 2]", "other=[0 1 2] (2)", "other=None"
        ]),
        ({"other": [StandardScaler(), StandardScaler(with_mean=False)]}, [
            "other=StandardScaler()", "other=StandardScaler(with_mean=False)"
        ]),
    ],
    ids=["short", "two of one name", "grids", "values", "arrays", "estimators"],
)  # fmt: skip
def test_every_setting_has_a_name_of_its_own(grid, names):
    candidates = named(grid)
    expected = [f"{cell}, {name}" for name in names for cell in BOTH]
    assert sorted(candidates.cells) == sorted(expected)
    assert len(candidates.estimators) == len(expected)
    for name in candidates.cells:
        assert candidates.cell_of(name) == name.partition(",")[0]


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


@pytest.mark.parametrize(
    ("estimator", "name", "single"),
    [
        (RNNClassifier(), "groups", True),
        (make_pipeline(StandardScaler(), RNNClassifier()), "rnnclassifier__groups", True),
        (
            make_pipeline(make_pipeline(StandardScaler(), RNNClassifier())),
            "pipeline__rnnclassifier__groups",
            True,
        ),
        (TransformedTargetRegressor(RNNRegressor()), "groups", True),
        (
            TransformedTargetRegressor(make_pipeline(StandardScaler(), RNNRegressor())),
            "rnnregressor__groups",
            True,
        ),
        (MultiOutputClassifier(RNNClassifier()), "groups", False),
        (VotingClassifier([("rnn", RNNClassifier())]), "groups", False),
        (make_pipeline(VotingClassifier([("rnn", RNNClassifier())])), "votingclassifier__groups",
         False),
    ],
    ids=["plain", "pipeline", "pipelines", "target", "target and pipeline", "multi-output",
         "voting", "voting in a pipeline"],
)  # fmt: skip
def test_what_is_around_the_network(estimator, name, single):
    """What fits one network can be predicted and stopped; arguments of fit find it."""
    candidates = made(estimator)
    assert candidates.is_recurrent
    assert candidates.trains_one_network is single
    assert candidates.fit_parameter("groups") == name
    limited = candidates.limited("lstm", 5.0)
    assert limited.get_params()[f"{candidates.prefix}max_seconds"] == (5.0 if single else None)


def test_steps_before_the_network_in_every_pipeline_around_it():
    X = np.arange(12.0).reshape(4, 3)
    scaled = StandardScaler().fit_transform(X)
    inner = make_pipeline(FunctionTransformer(np.square), RNNClassifier())
    for wrapper in (lambda e: e, MultiOutputClassifier, make_pipeline):
        candidates = made(make_pipeline(StandardScaler(), wrapper(inner)))
        np.testing.assert_allclose(candidates.before_network(X, None), scaled**2)
    columns = ColumnTransformer([("keep", "passthrough", [0, 2])])
    candidates = made(make_pipeline(columns, RNNClassifier()))
    np.testing.assert_array_equal(candidates.before_network(X, None), X[:, [0, 2]])


class Routed(BaseEstimator):
    """Has a parameter of a part that is not an estimator, as Keras wrappers have."""

    def __init__(self, model=None, model__cell="gru"):
        self.model = model
        self.model__cell = model__cell

    def get_params(self, deep=True):
        return {"model": self.model, "model__cell": self.model__cell}

    def set_params(self, **params):
        for name, value in params.items():
            setattr(self, name, value)
        return self

    def fit(self, X, y):
        return self


@pytest.mark.parametrize("model", [None, dict], ids=["nothing", "a function"])
def test_a_part_that_is_no_estimator(model):
    candidates = made(make_pipeline(StandardScaler(), Routed(model)))
    assert candidates.parameter == "routed__model__cell"
    assert candidates.network("lstm") is model
    assert not candidates.is_recurrent
    assert not candidates.trains_one_network
    assert candidates.limited("lstm", 5.0)[-1].model__cell == "lstm"
    assert candidates.fitted_network(candidates.estimators["lstm"]) is model
    assert candidates.fit_parameter("sample_weight") == "routed__sample_weight"
