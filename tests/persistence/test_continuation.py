"""Training goes on after loading as if nothing had happened."""

import numpy as np
import pytest

import rnnselect
from rnnselect import RNNRegressor

SMALL = {"units": 3, "batch_size": 16, "epochs": 3, "random_state": 0}


@pytest.mark.parametrize("engine", ["compiled", pytest.param("keras", marks=pytest.mark.slow)])
def test_partial_fit_goes_on(engine, data, tmp_path):
    network = RNNRegressor(**SMALL, engine=engine).partial_fit(data.panel, data.values)
    network.save(tmp_path / "model")
    loaded = rnnselect.load(tmp_path / "model")
    for _ in range(2):
        network.partial_fit(data.panel, data.values)
        loaded.partial_fit(data.panel, data.values)
    np.testing.assert_array_equal(loaded.predict(data.panel), network.predict(data.panel))
    assert loaded.history_ == network.history_


@pytest.mark.filterwarnings("ignore:max_seconds")
def test_warm_start_goes_on(data, tmp_path):
    idle = {"max_seconds": 1e-9, "early_stopping": False}
    network = RNNRegressor(**SMALL, **idle, warm_start=True).fit(data.panel, data.values)
    network.save(tmp_path / "model")
    loaded = rnnselect.load(tmp_path / "model")
    loaded.fit(data.panel + 5, data.values)
    np.testing.assert_array_equal(loaded.predict(data.panel), network.predict(data.panel))
    with pytest.raises(ValueError, match="made with units=3, and units is 4 now"):
        loaded.set_params(units=4).fit(data.panel, data.values)
