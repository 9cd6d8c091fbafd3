"""Token ids: the vocabulary, ids that nobody has seen, vectors that others have trained."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline

from rnnselect import RNNClassifier, RNNRegressor, SequenceTokenizer, load_word_vectors

SMALL = {"units": 3, "batch_size": 16, "epochs": 3, "random_state": 0}


def embedding_of(estimator):
    return np.asarray(estimator.model_.get_layer("embedding").get_weights()[0])


# --- the vocabulary -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fitted(data):
    """A classifier that has seen the ids 1 to 5, and chose the size of its embedding itself."""
    return RNNClassifier(**SMALL, embedding_dim=2).fit(data.tokens, data.classes)


def test_inferred_vocabulary_has_a_row_to_spare(fitted):
    assert fitted.vocabulary_size_ == 7
    assert embedding_of(fitted).shape == (7, 2)


def test_unknown_ids_are_one_token(fitted):
    proba = fitted.predict_proba([[1, 6, 2], [1, 7, 2], [1, 2**31 - 1, 2], [1, 3, 2]])
    np.testing.assert_array_equal(proba[1:3], proba[[0, 0]])
    assert not np.allclose(proba[3], proba[0], atol=1e-4)
    of_model = fitted.model_.predict(np.array([[1, 6, 2], [1, 99, 2]], "int32"), verbose=0)
    np.testing.assert_allclose(of_model, proba[:2], atol=1e-5)


def test_the_unknown_token_is_not_trained(fitted, data):
    hardly = RNNClassifier(**SMALL, embedding_dim=2, learning_rate=1e-12)
    initial = embedding_of(hardly.fit(data.tokens, data.classes))
    np.testing.assert_allclose(embedding_of(fitted)[6], initial[6], atol=1e-6)
    assert np.abs(embedding_of(fitted)[1:6] - initial[1:6]).max() > 1e-3


def test_unknown_ids_in_the_validation_part(data):
    reg = RNNRegressor(**SMALL, embedding_dim=2, validation_fraction=([[1, 99]] * 3, [0.0] * 3))
    reg.fit(data.tokens, data.values)
    assert reg.vocabulary_size_ == 7
    assert np.isfinite(reg.history_["val_loss"]).all()


def test_folds_share_a_vocabulary():
    rng = np.random.default_rng(0)
    X = [rng.zipf(1.3, size=20) % 1000 + 1 for _ in range(100)]  # rare ids are in one fold only
    folds = [train for train, _ in KFold(5).split(X)]
    largest = {max(X[i].max() for i in train) for train in folds}
    clf = RNNClassifier(**SMALL, embedding_dim=2)
    sizes = set()
    for train in folds:
        prepared = clf._prepare([X[i] for i in train], train % 2)
        sizes.add(prepared.state.vocabulary.n_rows)
    assert len(largest) > 1
    assert len(sizes) == 1


def test_a_given_vocabulary_is_strict(data):
    clf = RNNClassifier(**SMALL, embedding_dim=2, vocabulary_size=6)
    clf.fit(data.tokens, data.classes)
    assert clf.vocabulary_size_ == 6
    with pytest.raises(ValueError, match=r"token id 6, but the vocabulary has 6 ids \(0 to 5\)"):
        clf.predict([[1, 6]])


# --- vectors that others have trained -------------------------------------------------------------


@pytest.mark.parametrize("engine", ["compiled", "keras"])
def test_given_vectors_are_the_initial_ones(data, engine):
    vectors = np.random.default_rng(0).normal(size=(6, 2))
    hardly = RNNClassifier(**SMALL, embedding_weights=vectors, learning_rate=1e-12, engine=engine)
    hardly.fit(data.tokens, data.classes)
    np.testing.assert_allclose(embedding_of(hardly), vectors, atol=1e-6)
    assert hardly.vocabulary_size_ == 6


def test_given_vectors_are_trained(data):
    vectors = np.random.default_rng(0).normal(size=(6, 2))
    trained = RNNClassifier(**SMALL, embedding_weights=vectors.tolist())
    trained.fit(data.tokens, data.classes)
    assert np.abs(embedding_of(trained)[1:] - vectors[1:]).max() > 1e-3


@pytest.mark.slow
def test_words_of_a_file_in_a_pipeline(tmp_path):
    path = tmp_path / "vectors.txt"
    path.write_text("good 1 0 0\nbad -1 0 0\nfilm 0 1 0\nplot 0 0 1\n", encoding="utf-8")
    words, matrix = load_word_vectors(path)
    texts = ["good film", "bad film", "the plot is good", "a bad plot"] * 15
    y = np.array(["yes", "no", "yes", "no"] * 15)
    clf = RNNClassifier(**{**SMALL, "epochs": 30}, embedding_weights=matrix, learning_rate=0.02)
    pipeline = make_pipeline(SequenceTokenizer(vocabulary=words), clf).fit(texts, y)
    assert pipeline.score(texts, y) == 1
    assert pipeline.predict(["never seen, but good"])[0] == "yes"
    assert clone(pipeline).fit(texts, y).score(texts, y) == 1


BAD_VECTORS = {
    "one dimension": (np.ones(6), {}, r"embedding_weights has shape \(6,\)"),
    "no columns": (np.ones((6, 0)), {}, r"embedding_weights has shape \(6, 0\)"),
    "padding only": (np.ones((1, 3)), {}, r"embedding_weights has shape \(1, 3\)"),
    "words": ([["a", "b"]] * 6, {}, "embedding_weights of type list holds no matrix of numbers"),
    "ragged": ([[1.0], [1.0, 2.0]], {}, "embedding_weights of type list holds no matrix"),
    "NaN": (np.diag([1, 1, 1, np.nan, 1, 1]), {}, r"embedding_weights\[3\] holds NaN"),
    "size": (np.ones((6, 3)), {"vocabulary_size": 7}, r"vocabulary_size=7, but .* shape \(6, 3\)"),
    "width": (np.ones((6, 3)), {"embedding_dim": 2}, r"embedding_dim=2, but .* or give 3"),
    "too few": (np.ones((4, 3)), {}, "token id 5, but the vocabulary has 4 ids .* as many rows"),
}


@pytest.mark.parametrize("name", BAD_VECTORS)
def test_bad_vectors(data, name):
    vectors, parameters, message = BAD_VECTORS[name]
    clf = RNNClassifier(**SMALL, embedding_weights=vectors, **parameters)
    with pytest.raises(ValueError, match=message):
        clf.fit(data.tokens, data.classes)
    assert not hasattr(clf, "model_")


def test_sizes_that_agree_may_be_given(data):
    clf = RNNClassifier(
        **SMALL, embedding_weights=np.ones((6, 2)), vocabulary_size=6, embedding_dim=2
    )
    assert clf.fit(data.tokens, data.classes).predict(data.tokens).shape == (60,)
