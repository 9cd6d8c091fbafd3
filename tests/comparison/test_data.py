import numpy as np
import pytest
from sklearn.exceptions import DataConversionWarning
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from rnnselect import RNNAdvisor, RNNClassifier, RNNRegressor
from rnnselect.comparison.candidates import make_candidates
from rnnselect.comparison.data import read_data
from rnnselect.comparison.metadata import Metadata

X = np.random.default_rng(0).normal(size=(24, 5))
LABELS = np.arange(24) % 2


def read(X=X, y=LABELS, *, estimator=None, weights=None, cv=3, classification=True, groups=None):
    candidates = make_candidates(estimator or RNNClassifier(), ("gru", "lstm"), None)
    metadata = Metadata(
        fit={} if weights is None else {"sample_weight": weights},
        split={} if groups is None else {"groups": groups},
    )
    return read_data(candidates, X, y, metadata, cv=cv, classification=classification, seed=0)


def test_what_the_networks_read():
    data = read(estimator=make_pipeline(StandardScaler(), RNNClassifier()))
    assert data.X is X
    np.testing.assert_allclose(data.seen, StandardScaler().fit_transform(X))
    np.testing.assert_allclose(data.batch.steps[:5, 0], data.seen[0])


@pytest.mark.parametrize("convert", [lambda X: X.tolist(), lambda X: X.astype(object)])
def test_numbers_in_any_form(convert):
    data = read(convert(X))
    np.testing.assert_allclose(data.batch.padded(np.arange(24), 5)[:, :, 0], X.astype("float32"))


class OnlyAnArrayInDisguise:
    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return self.values


def test_rows_can_be_taken_from_anything():
    data = read(OnlyAnArrayInDisguise(X), OnlyAnArrayInDisguise(LABELS))
    np.testing.assert_array_equal(data.X[3:5], X[3:5])
    np.testing.assert_array_equal(data.y, LABELS)


def test_labels_of_any_kind():
    for labels in (np.array(["no", "yes"])[LABELS], np.array(["a", "b"], dtype=object)[LABELS]):
        data = read(y=labels)
        assert (data.profile.n_outputs, data.profile.majority_share) == (2, 0.5)
        np.testing.assert_array_equal(data.y, labels)


def test_a_column_of_labels_becomes_a_vector():
    with pytest.warns(DataConversionWarning, match="column-vector y"):
        assert read(y=LABELS[:, None]).y.shape == (24,)
    values = read(y=X[:, :1], estimator=RNNRegressor(), classification=False)
    assert values.y.shape == (24, 1)


def test_several_class_outputs_are_profiled_by_their_rows():
    y = np.column_stack([LABELS, np.arange(24) % 3, LABELS])
    profile = read(y=y).profile
    assert profile.n_outputs == 3
    assert profile.majority_share == pytest.approx(1 / 6)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"y": None}, "requires y to be passed, but the target y is None: give one"),
        ({"y": LABELS[:-1]}, r"y has 23 sample\(s\) and X has 24"),
        ({"y": X[:, 0]}, "Unknown label type: continuous"),
        ({"y": np.where(LABELS, np.nan, 1.0)}, "Input y contains NaN"),
        ({"y": np.ones(24)}, "y holds one class only"),
        ({"y": np.ones((24, 2))}, "y holds one class only"),
        ({"weights": 1.0 - LABELS}, "one class only .* weight above 0"),
        ({"weights": -np.ones(24)}, "sample_weight holds -1.0"),
        ({"weights": np.ones(23)}, "sample_weight"),
        ({"X": X[:, :0]}, r"0 feature\(s\) \(shape=\(24, 0\)\) while a minimum of 1 is required"),
        ({"X": np.where(X > 2, np.inf, X)}, r"X\[\d+\] holds infinity"),
        ({"X": X[0]}, "X has 1 dimension"),
        ({"groups": np.zeros(23)}, r"groups has shape \(23,\) and X has 24"),
        ({"cv": 25}, "cv=25 folds cannot be made of 24 samples"),
    ],
)
def test_refused(kwargs, message):
    with pytest.raises(ValueError, match=message):
        read(**kwargs)


def test_a_lazy_array_is_read_once_by_all_of_a_fit():
    class Lazy:
        def __init__(self, values):
            self.values, self.n_read = values, 0
            self.shape, self.dtype = values.shape, values.dtype

        def __getitem__(self, rows):
            part = self.values[rows]
            self.n_read += len(part)
            return part

        def __array__(self, dtype=None, copy=None):
            raise AssertionError("all of it was asked for at once")

    rng = np.random.default_rng(0)
    values = rng.normal(size=(60, 4))
    X, y = Lazy(values), (values[:, 0] > 0).astype(int)
    network = MLPClassifier(hidden_layer_sizes=4, solver="lbfgs", max_iter=500)
    advisor = RNNAdvisor(
        network, cells=("relu", "tanh"), cell_param="activation", cv=3, random_state=0
    )
    expected = advisor.fit(values, y).recommendation_
    assert advisor.fit(X, y).recommendation_.scores == expected.scores
    assert X.n_read == 60
