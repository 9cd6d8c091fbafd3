"""What the estimators say of themselves: tags, names of columns, and how they are shown."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import is_classifier, is_regressor
from sklearn.utils import get_tags
from sklearn.utils.multiclass import type_of_target

from rnnselect import RNNClassifier, RNNRegressor

SMALL = {"units": 3, "batch_size": 16, "epochs": 1, "random_state": 0}


def test_tags():
    clf, reg = get_tags(RNNClassifier(random_state=0)), get_tags(RNNRegressor())
    assert (clf.estimator_type, reg.estimator_type) == ("classifier", "regressor")
    assert is_classifier(RNNClassifier())
    assert is_regressor(RNNRegressor())
    assert clf.classifier_tags.multi_class
    assert clf.classifier_tags.multi_label
    assert reg.target_tags.multi_output
    assert clf.target_tags.required
    assert reg.target_tags.required
    for tags in (clf, reg):
        assert tags.input_tags.two_d_array
        assert tags.input_tags.three_d_array
        assert not tags.input_tags.sparse
        assert not tags.input_tags.allow_nan
    assert not clf.non_deterministic
    assert reg.non_deterministic
    assert get_tags(RNNClassifier(missing="mask")).input_tags.allow_nan


@pytest.fixture(scope="module")
def frame(data):
    return pd.DataFrame(data.series, columns=[f"t{step}" for step in range(8)])


@pytest.mark.parametrize("how", ["fit", "partial_fit"])
def test_names_of_columns(data, frame, how):
    reg = getattr(RNNRegressor(**SMALL), how)(frame, data.values)
    assert reg.feature_names_in_.tolist() == frame.columns.tolist()
    assert reg.predict(frame).shape == (60,)
    with pytest.raises(ValueError, match="feature names should match"):
        reg.predict(frame.rename(columns={"t0": "first"}))
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        reg.predict(data.series)


def test_other_forms_have_no_names_of_columns(data, frame):
    for X in (data.panel, data.ragged):
        reg = RNNRegressor(**SMALL).fit(frame, data.values)
        assert not hasattr(reg.fit(X, data.values), "feature_names_in_")


def test_a_column_of_a_frame_as_target(data, frame):
    y = pd.Series(np.where(data.classes > 0, "up", "down"))
    assert type_of_target(y) == "binary"
    clf = RNNClassifier(**SMALL).fit(frame, y)
    assert set(clf.predict(frame)) <= {"up", "down"}


@pytest.mark.parametrize("estimator_class", [RNNClassifier, RNNRegressor])
def test_shown_as_html(data, estimator_class):
    estimator = estimator_class(cell="lstm", **SMALL)
    for state in ("Not fitted", "Fitted"):
        html = estimator._repr_html_()
        assert estimator_class.__name__ in html
        assert "lstm" in html
        assert f"<span>{state}</span>" in html
        estimator.fit(data.series, data.classes)
    assert repr(estimator).startswith(f"{estimator_class.__name__}(batch_size=16, cell='lstm'")


def test_large_vectors_are_shown_in_short():
    clf = RNNClassifier(embedding_weights=np.zeros((5000, 50)))
    assert len(repr(clf)) < 700
    assert "embedding_weights" in clf._repr_html_()
