"""Estimators match channels by name, and take what is masked for missing."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline

from rnnselect import RNNAdvisor, RNNClassifier, RNNRegressor, SequenceScaler, load, make_windows
from rnnselect.recurrent.scorers import step_r2
from rnnselect.sequences.carried import SequenceArray

PANEL = np.random.default_rng(0).normal(size=(24, 8, 2))
VALUES = PANEL[:, :, 0].mean(axis=1)
TINY = {"units": 3, "batch_size": 16, "epochs": 1, "early_stopping": False, "random_state": 0}


def frames(order, make=pd.DataFrame):
    return [make({name: x[:, "ab".index(name)] for name in order}) for x in PANEL]


AB, BA = frames("ab"), frames("ba")


@pytest.fixture(scope="module")
def fitted():
    return RNNRegressor(**TINY).fit(AB, VALUES)


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame])
def test_frames_are_matched_by_name_after_fit(fitted, make):
    assert fitted.feature_names_in_.tolist() == ["a", "b"]
    expected = fitted.predict(AB)
    np.testing.assert_array_equal(fitted.predict(frames("ba", make)), expected)
    np.testing.assert_array_equal(fitted.predict([AB[0], BA[1], *AB[2:]]), expected)
    mixed = RNNRegressor(**TINY).fit([AB[0], *frames("ba", make)[1:]], VALUES)
    np.testing.assert_array_equal(mixed.predict(BA), expected)


def test_other_names_are_refused_and_none_are_warned_of(fitted):
    other = [x.rename(columns={"b": "c"}) for x in AB]
    with pytest.raises(ValueError, match=r"feature names should match.*\['a', 'c'\].*\['a', 'b'\]"):
        fitted.predict(other)
    with pytest.warns(UserWarning, match="X does not have valid feature names, but RNNRegressor"):
        fitted.predict(list(PANEL))
    unnamed = RNNRegressor(**TINY).fit(list(PANEL), VALUES)
    assert not hasattr(unnamed, "feature_names_in_")
    with pytest.warns(
        UserWarning, match="X has feature names, but RNNRegressor was fitted without"
    ):
        unnamed.predict(AB)


def test_names_are_kept_in_files_and_pickles_and_dropped_by_another_fit(fitted, tmp_path):
    fitted.save(tmp_path / "model.rnnselect")
    for kept in (load(tmp_path / "model.rnnselect"), pickle.loads(pickle.dumps(fitted))):
        assert kept.feature_names_in_.tolist() == ["a", "b"]
        np.testing.assert_allclose(kept.predict(BA), fitted.predict(AB), rtol=1e-6)
    again = clone(fitted).fit(AB, VALUES).fit(PANEL, VALUES)
    assert not hasattr(again, "feature_names_in_")


def test_in_pipelines_searches_and_the_advisor(fitted):
    expected = make_pipeline(SequenceScaler(), clone(fitted)).fit(AB, VALUES)
    np.testing.assert_array_equal(expected.predict(BA), expected.predict(AB))
    mixed = [AB[0], *BA[1:12], AB[12], *BA[13:]]
    np.testing.assert_array_equal(
        cross_val_predict(clone(fitted), mixed, VALUES, cv=2),
        cross_val_predict(clone(fitted), AB, VALUES, cv=2),
    )
    advisor = RNNAdvisor(clone(fitted), random_state=0)
    assert advisor.plan(mixed, VALUES).to_dict() == advisor.plan(AB, VALUES).to_dict()


def test_a_scaler_matches_and_hands_on_names():
    scaler = SequenceScaler().fit(AB)
    assert scaler.feature_names_in_.tolist() == ["a", "b"]
    np.testing.assert_array_equal(scaler.transform(BA), scaler.transform(AB))
    nested = pl.DataFrame({name: [x[name].to_list() for x in AB] for name in "ba"})
    made = scaler.transform(nested)
    np.testing.assert_array_equal(list(made), scaler.transform(AB))
    assert made.columns == ("a", "b")


def test_time_steps_of_token_tables_keep_their_order():
    names = [f"t{k}" for k in range(7)]
    ids = pd.DataFrame(np.arange(84).reshape(12, 7) % 5 + 1, columns=names)
    clf = RNNClassifier(embedding_dim=2, **TINY).fit(ids, np.arange(12) % 3)
    longer = ids.assign(t7=1)
    assert clf.predict(longer).shape == (12,)
    with pytest.raises(ValueError, match=r"be in their order: X has the columns \['t1', 't0'"):
        clf.predict(ids[["t1", "t0", *names[2:]]])


def test_arrays_carry_names_as_long_as_they_hold():
    frame = pd.DataFrame(np.arange(40.0).reshape(20, 2), columns=["a", "b"])
    X, _ = make_windows(frame, 4)
    rows = [X[2:5], X[[0, 3]], X[np.arange(16) > 3], X[[0, 1], ...], X.copy(), X.astype("f4")]
    rows += [pickle.loads(pickle.dumps(X)), X[1:][2:]]
    assert all(each.columns == ("a", "b") and each.windows == X.windows for each in rows)
    parts = [X[0], X[:, 1:], X[:, :, ::-1], X[..., [1, 0]], X[:, :, 0], X[None], X * 2, -X, X.T]
    parts += [np.flip(X, 2), np.take(X, [1, 0], axis=2), np.concatenate([X, X]), X.reshape(16, -1)]
    assert all(getattr(each, "columns", None) is None for each in parts)
    assert not isinstance(X[:, :, ::-1], SequenceArray)
    assert repr(X[:1]) == repr(np.asarray(X[:1]))


# --- masks ---------------------------------------------------------------------------------------


def test_masked_values_are_missing_values():
    hidden = np.random.default_rng(1).random(PANEL.shape) < 0.1
    hidden[:, -1] = False
    X = np.ma.array(np.where(hidden, 1e20, PANEL), mask=hidden)
    reg = RNNRegressor(missing="mask", **TINY)
    expected = reg.fit(np.where(hidden, np.nan, PANEL), VALUES).predict(PANEL)
    np.testing.assert_array_equal(reg.fit(X, VALUES).predict(PANEL), expected)
    with pytest.raises(ValueError, match=r'is missing \(NaN\).*set missing="mask"'):
        RNNRegressor(**TINY).fit(X, VALUES)
    scaled = SequenceScaler().fit_transform(X)
    assert np.nanmax(np.abs(scaled)) < 10
    assert (np.isnan(scaled) == hidden).all()


MASK = np.arange(24) == 7
LABELS = np.array(["x", "y"] * 12)


@pytest.mark.parametrize(
    ("estimator", "y", "message"),
    [
        (RNNRegressor, np.ma.array(VALUES, mask=MASK), "y.*NaN"),
        (RNNRegressor, np.ma.array(np.arange(24), mask=MASK), "y.*NaN"),
        (RNNClassifier, np.ma.array(np.arange(24) % 3, mask=MASK), "y.*NaN"),
        (RNNClassifier, np.ma.array(LABELS, mask=MASK), "y.*NaN"),
        (RNNRegressor, VALUES.astype("M8[s]"), "y has dtype datetime64.*time that has passed"),
        (RNNRegressor, pl.Series(VALUES).cast(pl.Duration), "y has dtype timedelta64"),
        (RNNClassifier, pd.Series(pd.to_datetime(["2026"] * 24)), "y has dtype datetime64"),
        (RNNClassifier, [b"x", b"y"] * 12, "bytes.*decode"),
        (RNNClassifier, np.array([b"x", b"y"] * 12), "bytes.*decode"),
    ],
)
def test_masked_and_odd_targets_are_refused(estimator, y, message):
    with pytest.raises(ValueError, match=message):
        estimator(**TINY).fit(PANEL, y)
    with pytest.raises(ValueError, match=message):
        RNNAdvisor(estimator(**TINY), random_state=0).plan(PANEL, y)


def test_masked_weights_and_groups_are_refused():
    weights = np.ma.array(np.ones(24), mask=MASK)
    with pytest.raises(ValueError, match=r"sample_weight.*NaN"):
        RNNRegressor(**TINY).fit(PANEL, VALUES, sample_weight=weights)
    groups = np.ma.array(LABELS, mask=MASK)
    with pytest.raises(ValueError, match=r"groups.*none of them missing"):
        RNNRegressor(**{**TINY, "early_stopping": True}).fit(PANEL, VALUES, groups=groups)


def test_masked_targets_of_time_steps_are_refused():
    y = [np.ma.array(x[:, 0], mask=i == 3) for i, x in enumerate(PANEL)]
    for targets in (y, np.ma.stack(y)):
        with pytest.raises(ValueError, match=r"y.*NaN"):
            RNNRegressor(return_sequences=True, **TINY).fit(PANEL, targets)


def test_masked_targets_are_refused_in_scores(fitted):
    y = np.ma.array(VALUES, mask=MASK)
    with pytest.raises(ValueError, match=r"contains NaN"):
        fitted.score(AB, y)
    with pytest.raises(ValueError, match=r"contains NaN"):
        fitted.score(AB, VALUES, sample_weight=np.ma.array(np.ones(24), mask=MASK))
    steps = np.ma.masked_less(PANEL[:, :, 0], 0)
    with pytest.raises(ValueError, match=r"contains NaN"):
        step_r2(steps, PANEL[:, :, 0])


@pytest.mark.parametrize("make", [pd.Series, pl.Series, pd.array])
def test_missing_targets_of_nullable_types_are_refused(make):
    y = make([None, *range(23)], dtype=pl.Int64 if make is pl.Series else "Int64")
    for estimator in (RNNRegressor, RNNClassifier):
        with pytest.raises(ValueError, match=r"^y"):
            estimator(**TINY).fit(PANEL, y)


def test_masks_without_anything_masked_change_nothing():
    reg = RNNRegressor(**TINY)
    expected = reg.fit(PANEL, VALUES).predict(PANEL)
    got = reg.fit(np.ma.array(PANEL), np.ma.array(VALUES)).predict(np.ma.array(PANEL))
    np.testing.assert_array_equal(got, expected)
