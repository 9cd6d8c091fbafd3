"""The plain trainer hands `keras.Model.fit` what it can take."""

import numpy as np
import pytest

from rnnselect import RNNClassifier

SMALL = {"units": 2, "epochs": 2, "early_stopping": False, "engine": "keras"}


@pytest.fixture(scope="module")
def two_buckets():
    """Many short sequences and few long ones, which are padded to two lengths."""
    rng = np.random.default_rng(0)
    X = [rng.normal(size=(40 if i % 8 == 0 else 5, 1)) for i in range(400)]
    return X, np.array([x.mean() > 0 for x in X])


def test_batches_of_several_lengths(two_buckets):
    X, y = two_buckets
    clf = RNNClassifier(**SMALL, random_state=0).fit(X, y)
    assert len(clf.history_["loss"]) == 2
    assert clf.predict_proba(X).shape == (400, 2)
    prepared = clf._prepare(X, y)
    epoch = prepared.training.epoch(np.random.default_rng(prepared.seed), 32, 1)
    lengths = [chunk.n_timesteps for chunk in epoch]
    assert lengths[0] == lengths[1]  # from which Keras alone would conclude that all are so long
    assert set(lengths) == {8, 64}
