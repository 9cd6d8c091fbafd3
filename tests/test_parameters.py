"""Parameters as people make them: NumPy's numbers of every width, whole ones for real ones."""

import json

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LinearRegression

from rnnselect import (
    Budget,
    RNNAdvisor,
    RNNClassifier,
    RNNRegressor,
    SequenceTokenizer,
    WindowSplit,
    datasets,
    forecast,
    make_windows,
)
from rnnselect.parameters import plain_value

INTEGERS = [np.int8, np.uint8, np.int16, np.int32, np.uint64]
PANEL = np.random.default_rng(0).normal(size=(24, 5, 2))
LABELS = np.arange(24) % 2
IDS = PANEL[:, :, 0].argsort(axis=1).astype("uint8") + 1
LINE = np.arange(300.0)


def types(values):
    return {type(value) for value in values}


@pytest.mark.parametrize("make", INTEGERS)
def test_whole_numbers_of_any_width(make):
    splits = [part.tolist() for parts in _splits(int) for part in parts]
    assert [part.tolist() for parts in _splits(make) for part in parts] == splits
    for got, expected in zip(_windows(make), _windows(int), strict=True):
        np.testing.assert_array_equal(got, expected)
    made = SequenceTokenizer(max_tokens=make(100), min_df=make(1), max_length=make(2))
    assert made.fit_transform(["a b c"])[0].tolist() == [2, 3]
    budget = Budget(seconds=make(60), memory=make(100), max_parameters=make(100))
    assert budget == Budget(60, 100, 100)
    assert types(budget.network_limits.values()) == {int}
    assert repr(budget) == repr(Budget(60, 100, 100))
    lengths = {len(x) for x in datasets.make_parity(make(5), length=(make(100), make(120)))[0]}
    assert lengths <= set(range(100, 121))
    assert datasets.make_mackey_glass(make(100), length=make(100))[0].shape == (100, 100)


def _splits(make):
    split = WindowSplit(make(2), length=make(100), horizon=make(60), stride=make(1))
    return list(split.split(np.zeros((700, 100))))


def _windows(make):
    return make_windows(LINE, make(100), make(120), make(70))


@pytest.mark.parametrize("make", [np.int8, np.uint8, np.uint64])
def test_whole_numbers_of_networks_and_plans(make):
    parameters = {"units": 100, "num_layers": 1, "epochs": 2, "batch_size": 100, "random_state": 3}
    wide = {name: make(value) for name, value in parameters.items()}
    plans = [
        RNNAdvisor(RNNClassifier(**given), cv=make(2), random_state=make(0), budget=make(100)).plan(
            PANEL, LABELS
        )
        for given in (parameters, wide)
    ]
    assert plans[0].to_json() == plans[1].to_json()
    sizes = {"n_samples": 100, "sequence_length": 120, "n_channels": 3}
    plan = RNNAdvisor().plan(**{name: make(size) for name, size in sizes.items()})
    assert json.loads(plan.to_json()) == json.loads(RNNAdvisor().plan(**sizes).to_json())


def test_sizes_come_from_data():
    clf = RNNClassifier(
        embedding_dim=np.uint8(2),
        vocabulary_size=IDS.max() + 1,  # a uint8
        units=np.int16(2),
        epochs=np.uint8(1),
        early_stopping=np.bool_(False),
        bidirectional=np.bool_(False),
        learning_rate=np.float32(0.25),
        cell=np.str_("lstm"),
    ).fit(IDS, LABELS)
    assert clf.vocabulary_size_ == 6
    given = clf.get_params()
    assert types(given.values()) <= {int, float, str, bool, type(None)}
    assert (given["learning_rate"], given["cell"]) == (0.25, "lstm")


@pytest.mark.parametrize(
    ("engine", "make"),
    [("compiled", int), ("compiled", np.float16), ("compiled", np.longdouble)],
)
def test_real_numbers_of_any_kind(engine, make):
    reg = RNNRegressor(
        units=3, batch_size=16, epochs=1, learning_rate=make(1), clipnorm=make(1), dropout=make(0),
        engine=engine, early_stopping=False, random_state=0, max_seconds=make(100) or None,
    )  # fmt: skip
    same = clone(reg).set_params(learning_rate=1.0, clipnorm=1.0, dropout=0.0)
    expected = same.fit(PANEL, PANEL[:, 0, 0]).predict(PANEL)
    np.testing.assert_array_equal(reg.fit(PANEL, PANEL[:, 0, 0]).predict(PANEL), expected)
    assert types([reg.learning_rate, reg.clipnorm, reg.dropout, reg.max_seconds]) == {float}


def test_parameters_of_grids_and_forecasts():
    reg = RNNRegressor(units=2, random_state=0)
    plans = [
        RNNAdvisor(reg, param_grid={"units": units}, random_state=0).plan(PANEL, PANEL[:, 0, 0])
        for units in ([2, 100], np.array([2, 100], "uint8"))
    ]
    assert plans[0].to_json() == plans[1].to_json()
    model = LinearRegression().fit(*make_windows(LINE[:150], 100))
    expected = forecast(model, LINE, 60)
    got = forecast(model, LINE, np.uint8(60), length=np.uint8(100), horizon=np.int8(1))
    np.testing.assert_array_equal(got, expected)


def test_other_values_stay_themselves():
    for value in ("balanced", {"a": 1}, [1], (PANEL, LABELS), PANEL, None, True, 2**70):
        assert plain_value(value) is value or plain_value(value) == 2**70
