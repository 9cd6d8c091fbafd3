"""Each channel gets one scale, whatever the kind of sequences; their form and padding stay."""

import pickle

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from rnnselect.preprocessing.scaler import SequenceScaler

METHODS = ["standard", "robust", "minmax"]


@parametrize_with_checks([SequenceScaler(method) for method in METHODS])
def test_scikit_learn_compatible(estimator, check):
    check(estimator)


def steps_of(X):
    """Return all time steps that are there, end to end."""
    rows = [np.asarray(x, dtype=float).reshape(len(x), -1) for x in X]
    steps = np.concatenate(rows)
    return steps[~np.isnan(steps).all(axis=1)]


def objects(sequences):
    X = np.empty(len(sequences), dtype=object)
    X[:] = sequences
    return X


KINDS = ["series", "panel", "padded", "ragged", "objects"]


def of_kind(data, kind):
    X = objects(data.ragged) if kind == "objects" else getattr(data, kind)
    if kind == "series":
        return 3 * X + 50
    shift, scale = np.array([50, -7], "float32"), np.array([3, 0.01], "float32")
    scaled = [x * scale + shift for x in X]
    return {"ragged": list, "objects": objects}.get(kind, np.array)(scaled)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("method", "location", "spread"),
    [
        ("standard", np.mean, np.std),
        ("robust", np.median, lambda x, axis: np.subtract(*np.quantile(x, [0.75, 0.25], axis))),
        ("minmax", np.min, np.ptp),
    ],
)
def test_every_channel_has_one_scale(data, kind, method, location, spread):
    X = of_kind(data, kind)
    scaler = SequenceScaler(method)
    scaled = steps_of(scaler.fit_transform(X))
    if kind == "series":
        scaled = scaled.reshape(-1, 1)
    np.testing.assert_allclose(location(scaled, axis=0), 0, atol=1e-3)
    np.testing.assert_allclose(spread(scaled, axis=0), 1, rtol=1e-3)
    assert scaler.n_channels_in_ == scaled.shape[1]
    assert scaler.n_features_in_ == (8 if kind == "series" else 2)


@pytest.mark.parametrize("kind", KINDS)
def test_form_stays_and_the_way_back_leads_back(data, kind):
    X = of_kind(data, kind)
    before = pickle.dumps(X)
    scaler = SequenceScaler().fit(X)
    scaled = scaler.transform(X)
    back = scaler.inverse_transform(scaled)
    assert pickle.dumps(X) == before
    for made in (scaled, back):
        assert type(made) is type(X)
        assert np.shape(made) == np.shape(X) if kind != "ragged" else len(made) == len(X)
        assert getattr(made, "dtype", None) == getattr(X, "dtype", None)
    for x, own in zip(X, back, strict=True):
        assert x.shape == own.shape
        assert x.dtype == own.dtype
        np.testing.assert_allclose(own, x, rtol=1e-4)


def test_padding_changes_nothing(data):
    ragged, padded = SequenceScaler().fit(data.ragged), SequenceScaler().fit(data.padded)
    np.testing.assert_allclose(ragged.scaler_.mean_, padded.scaler_.mean_, rtol=1e-6)
    np.testing.assert_allclose(ragged.scaler_.scale_, padded.scaler_.scale_, rtol=1e-6)
    # One scaler for all forms that hold channels.
    for x, own in zip(padded.transform(data.ragged), ragged.transform(data.padded), strict=True):
        np.testing.assert_allclose(x, own[: len(x)], rtol=1e-4, atol=1e-6)
        assert np.isnan(own[len(x) :]).all()


def test_missing_values_do_not_count_and_stay(data):
    X = data.panel.copy()
    X[3, 2, 1] = np.nan
    scaled = SequenceScaler().fit_transform(X)
    np.testing.assert_array_equal(np.isnan(scaled), np.isnan(X))
    np.testing.assert_allclose(np.nanstd(scaled, axis=(0, 1)), 1, rtol=1e-5)


def test_one_dimensional_sequences_stay_so():
    X = [np.array([1.0, 2.0]), np.array([[3.0]]), np.array([4.0, 5.0, 6.0])]
    scaled = SequenceScaler("minmax").fit_transform(X)
    assert [x.shape for x in scaled] == [(2,), (1, 1), (3,)]
    np.testing.assert_allclose(scaled[2], [0.6, 0.8, 1.0])


def test_values_that_single_precision_cannot_tell_apart():
    seconds = 1.7e9 + np.random.default_rng(0).normal(size=(20, 6, 1))
    assert len(np.unique(seconds.astype("float32"))) == 1
    scaled = SequenceScaler().fit_transform(seconds)
    assert scaled.std() == pytest.approx(1, rel=1e-6)


def test_constant_channel_is_only_shifted(data):
    X = data.panel.copy()
    X[:, :, 1] = 4
    assert not SequenceScaler().fit_transform(X)[:, :, 1].any()


def test_whole_numbers_of_a_table_become_floats():
    X = np.arange(12).reshape(3, 4)
    assert SequenceScaler("minmax").fit_transform(X).dtype == "float64"
    assert SequenceScaler("minmax").fit_transform(X[:, :, None]).max() == 1


def test_names_and_data_frames(data):
    frame = pd.DataFrame(data.series, columns=[f"t{i}" for i in range(8)])
    scaler = SequenceScaler().set_output(transform="pandas").fit(frame)
    assert scaler.get_feature_names_out().tolist() == list(frame.columns)
    made = scaler.transform(frame)
    assert list(made.columns) == list(frame.columns)
    np.testing.assert_allclose(made, SequenceScaler().fit_transform(data.series), rtol=1e-6)


@pytest.mark.parametrize("kind", ["panel", "ragged"])
def test_what_has_no_columns_has_no_names(data, kind):
    X = getattr(data, kind)
    with sklearn.config_context(transform_output="pandas"):
        scaler = SequenceScaler()
        assert type(scaler.fit_transform(X)) is type(X)
    assert not hasattr(scaler, "get_feature_names_out")
    assert hasattr(scaler.fit(data.series), "get_feature_names_out")


def test_in_a_pipeline_and_a_search(data):
    def flat(X):
        return X.reshape(len(X), -1)

    flatten = sklearn.preprocessing.FunctionTransformer(flat)
    pipeline = make_pipeline(SequenceScaler(), flatten, RidgeClassifier())
    grid = {"sequencescaler__method": METHODS}
    search = GridSearchCV(pipeline, grid, cv=3).fit(data.panel, data.classes)
    assert search.best_score_ > 0.7
    assert clone(pipeline).get_params()["sequencescaler__method"] == "standard"


TOKENS = [[4, 9], [7, 2, 2]]
ROW = np.zeros((3, 2))


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (TOKENS, "look like token ids: .* Leave SequenceScaler out and set embedding_dim"),
        ([np.array(x) for x in TOKENS], "look like token ids"),
        (objects([np.array(x, "int32") for x in TOKENS]), "look like token ids"),
        ([], "X=.* is empty"),
        (np.zeros((0, 4)), r"0 sample\(s\)"),
        (np.zeros(5), r"X has 1 dimension\(s\), which holds no sequences"),
        (np.zeros((2, 3, 2, 2)), r"X has 4 dimension\(s\)"),
        (["some", "text"], "X has dtype <U4; sequences hold real numbers"),
        ([ROW, np.zeros((3, 4))], r"X\[1\] has 4 channel\(s\) and X\[0\] has 2"),
        ([ROW, np.full((3, 2), np.nan)], r"X\[1\] holds only missing values"),
        ([ROW, np.full((3, 2), np.inf)], r"X\[1\] holds infinity .* time step 0, channel 0"),
        (np.full((2, 3, 2), [0, np.nan]), r"only missing values \(NaN\) in channel 1.*drop the"),
    ],
)
def test_what_is_wrong_is_said(X, message):
    with pytest.raises(ValueError, match=message):
        SequenceScaler().fit(X)


def test_parameter():
    with pytest.raises(ValueError, match=r"The 'method' parameter of SequenceScaler .* 'max'"):
        SequenceScaler("max").fit(np.zeros((2, 3)))


@pytest.mark.parametrize("method", ["transform", "inverse_transform"])
def test_only_what_was_fitted(data, method):
    with pytest.raises(ValueError, match=r"X has 3 channel\(s\), .* expecting 2 channel"):
        getattr(SequenceScaler().fit(data.panel), method)(np.zeros((2, 8, 3)))
    with pytest.raises(ValueError, match=r"X is a panel input, but .* fitted on a series input"):
        getattr(SequenceScaler().fit(data.series), method)(data.panel)
    with pytest.raises(ValueError, match="X has 7 features, but SequenceScaler is expecting 8"):
        getattr(SequenceScaler().fit(data.series), method)(data.series[:, :7])
    with pytest.raises(sklearn.exceptions.NotFittedError):
        getattr(SequenceScaler(), method)(data.panel)


def test_a_refused_fit_changes_nothing():
    X = pd.DataFrame([[1.0, 2.0], [3.0, 4.0]], columns=["a", "b"])
    scaler = SequenceScaler().fit(X)
    before, scaled = dict(vars(scaler)), scaler.transform(X)
    for bad in (np.full((2, 3), np.nan), np.full((2, 3, 2), np.nan), [[1, 2], "a"], None):
        with pytest.raises(ValueError, match="X"):
            scaler.fit(bad)
        assert all(vars(scaler)[name] is value for name, value in before.items())
        np.testing.assert_array_equal(scaler.transform(X), scaled)
    scaler.fit(np.ones((2, 3, 2)))
    assert not hasattr(scaler, "feature_names_in_")
