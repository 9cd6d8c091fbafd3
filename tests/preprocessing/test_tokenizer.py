"""`SequenceTokenizer`: every document becomes ids that the networks take, for known reasons."""

import pickle
import string

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import config_context
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_checks, get_tags

from rnnselect import RNNClassifier
from rnnselect.preprocessing.tokenizer import OOV_TOKEN, SequenceTokenizer
from rnnselect.sequences.validation import read_sequences

DOCUMENTS = ["The film was good.", "The film was not good!", "I like a GOOD film, I do"]
WITH_TOKENS = st.lists(
    st.text(string.ascii_letters + " .é", min_size=1).map(lambda text: f"w {text}"),
    min_size=1,
    max_size=8,
)


def description_lines():
    """Lines of the descriptions of two data sets: real sentences, each with its data set."""
    texts, labels = [], []
    for load in (load_iris, load_breast_cancer):
        lines = [line for line in load().DESCR.splitlines() if len(line.split()) >= 8]
        texts += lines
        labels += [load.__name__] * len(lines)
    return np.array(texts, dtype=object), np.array(labels)


def ids(tokenizer, *documents):
    return [x.tolist() for x in tokenizer.transform(documents)]


@pytest.fixture(scope="module")
def fitted():
    return SequenceTokenizer().fit(DOCUMENTS)


def test_ids_go_by_document_frequency_then_alphabet(fitted):
    words = ["film", "good", "the", "was", "a", "do", "i", "like", "not"]
    assert fitted.vocabulary_ == {word: i for i, word in enumerate(words, start=2)}
    assert fitted.vocabulary_size_ == 11
    assert ids(fitted, *DOCUMENTS) == [
        [4, 2, 5, 3],
        [4, 2, 5, 10, 3],
        [8, 9, 6, 3, 2, 8, 7],
    ]


def test_form_is_what_the_networks_take(fitted):
    X = fitted.transform([*DOCUMENTS, "", "unheard-of"])
    assert X.shape == (5,)
    assert X.dtype == object
    assert {(x.dtype.name, x.ndim) for x in X} == {("int32", 1)}
    batch = read_sequences(X, tokens=True)
    assert batch.kind == "tokens"
    assert batch.lengths.tolist() == [4, 5, 7, 1, 2]


def test_equal_lengths_stay_ragged():
    X = SequenceTokenizer().fit_transform(["one two", "three four"])
    assert X.shape == (2,)
    assert read_sequences(X, tokens=True).kind == "tokens"


def test_unknown_tokens_keep_their_place(fitted):
    assert ids(fitted, "the PLOT was good", "plot twist") == [[4, 1, 5, 3], [1, 1]]


@pytest.mark.parametrize("document", ["", "   ", "?!", "\n"])
def test_document_without_token_is_one_unknown(fitted, document):
    assert ids(fitted, document) == [[OOV_TOKEN]]
    tokenizer = SequenceTokenizer().fit([document, "word"])
    assert tokenizer.vocabulary_ == {"word": 2}


@given(WITH_TOKENS, st.sampled_from(["word", "char"]), st.booleans())
def test_round_trip_is_scikit_learns_own_splitting(documents, analyzer, lowercase):
    tokenizer = SequenceTokenizer(analyzer=analyzer, lowercase=lowercase)
    X = tokenizer.fit_transform(documents)
    analyze = CountVectorizer(**tokenizer.splitting()).build_analyzer()
    assert [list(x) for x in tokenizer.inverse_transform(X)] == [analyze(d) for d in documents]
    # With min_df=1 every token is known, and every id occurs.
    assert set(np.concatenate(X)) == set(range(2, tokenizer.vocabulary_size_))


@given(WITH_TOKENS, st.randoms(use_true_random=False), st.integers(3, 6), st.integers(1, 3))
def test_vocabulary_depends_on_no_order_and_grows_with_the_data(documents, random, size, length):
    tokenizer = SequenceTokenizer(max_tokens=size, max_length=length).fit(documents)
    shuffled = random.sample(documents, len(documents))
    assert clone(tokenizer).fit(shuffled).vocabulary_ == tokenizer.vocabulary_
    fold = clone(tokenizer).fit(documents[: 1 + len(documents) // 2])
    assert fold.vocabulary_size_ <= tokenizer.vocabulary_size_ <= size
    lengths = [len(x) for x in tokenizer.transform(documents)]
    assert max(lengths) <= length


def test_words_are_those_of_the_count_vectorizer():
    texts, _ = description_lines()
    pattern = CountVectorizer().token_pattern
    counts = CountVectorizer().fit(texts)
    tokenizer = SequenceTokenizer(token_pattern=pattern).fit(texts)
    assert set(tokenizer.vocabulary_) == set(counts.vocabulary_)
    frequency = (counts.transform(texts) > 0).sum(axis=0)
    by_id = np.ravel(frequency)[[counts.vocabulary_[word] for word in tokenizer.vocabulary_]]
    assert (np.diff(by_id) <= 0).all()


@pytest.mark.parametrize(
    ("parameters", "document", "tokens"),
    [
        ({}, "I saw a naïve film: 7/10", ["i", "saw", "a", "naïve", "film", "7", "10"]),
        ({"lowercase": False}, "So GOOD", ["So", "GOOD"]),
        ({"strip_accents": "unicode"}, "Très naïve", ["tres", "naive"]),
        ({"strip_accents": str.swapcase}, "ab", ["AB"]),
        ({"token_pattern": r"[a-z]+|[!?]"}, "good, really?!", ["good", "really", "?", "!"]),
        ({"analyzer": "char"}, "A  b.", ["a", " ", "b", "."]),
        ({"analyzer": str.split}, "Good, e-mail", ["Good,", "e-mail"]),
        ({"max_length": 2}, "one two three", ["one", "two"]),
        ({"max_length": 2, "truncate": "start"}, "one two three", ["two", "three"]),
        ({"max_length": 9, "truncate": "start"}, "one two three", ["one", "two", "three"]),
        ({"truncate": "start"}, "one two", ["one", "two"]),
    ],
    ids=str,
)
def test_splitting(parameters, document, tokens):
    tokenizer = SequenceTokenizer(**parameters)
    X = tokenizer.fit_transform([document])
    assert tokenizer.inverse_transform(X)[0].tolist() == tokens
    assert set(tokenizer.vocabulary_) == set(tokens)  # what is cut off has no id


def test_max_tokens_keeps_the_words_of_most_documents():
    tokenizer = SequenceTokenizer(max_tokens=4).fit(DOCUMENTS)
    assert tokenizer.vocabulary_ == {"film": 2, "good": 3}
    assert tokenizer.vocabulary_size_ == 4
    assert ids(tokenizer, "the film") == [[1, 2]]
    assert SequenceTokenizer(max_tokens=99).fit(DOCUMENTS).vocabulary_size_ == 11


def test_min_df_counts_documents_and_not_words():
    tokenizer = SequenceTokenizer(min_df=2).fit(DOCUMENTS)
    assert list(tokenizer.vocabulary_) == ["film", "good", "the", "was"]  # "i" is twice in one
    assert ids(tokenizer, DOCUMENTS[2]) == [[1, 1, 1, 3, 2, 1, 1]]


@pytest.mark.parametrize("form", [list, tuple, np.array])
def test_given_vocabulary_fixes_the_ids(form):
    words = form(["good", "bad", "ugly"])
    tokenizer = SequenceTokenizer(vocabulary=words, max_tokens=3, min_df=9).fit(["bad weather"])
    assert tokenizer.vocabulary_ == {"good": 2, "bad": 3, "ugly": 4}
    assert ids(tokenizer, "good and bad") == [[2, 1, 3]]


def test_vocabulary_of_another_tokenizer(fitted):
    again = SequenceTokenizer(vocabulary=list(fitted.vocabulary_)).fit(["something else"])
    assert again.vocabulary_ == fitted.vocabulary_


def test_upper_case_words_that_cannot_be_found():
    vocabulary = ["paris", "Paris"]
    with pytest.warns(UserWarning, match=r"1 word\(s\).*'Paris'.*lowercase=False"):
        SequenceTokenizer(vocabulary=vocabulary).fit(["Paris"])
    tokenizer = SequenceTokenizer(vocabulary=vocabulary, lowercase=False).fit(["Paris"])
    assert ids(tokenizer, "Paris") == [[3]]
    SequenceTokenizer(vocabulary=vocabulary, analyzer=str.split).fit(["Paris"])


@pytest.mark.parametrize(
    "form",
    [list, tuple, np.array, lambda d: np.array(d, object), pd.Series, iter, lambda d: pd.Index(d)],
    ids=["list", "tuple", "array", "objects", "Series", "iterator", "Index"],
)
def test_collections_of_documents(fitted, form):
    assert clone(fitted).fit(form(DOCUMENTS)).vocabulary_ == fitted.vocabulary_
    X = fitted.transform(form(DOCUMENTS))
    assert isinstance(X, np.ndarray)
    assert [x.tolist() for x in X] == ids(fitted, *DOCUMENTS)


BAD_DOCUMENTS = {
    "a string": ("one document", r"Iterable over raw text documents expected.*\[X\]"),
    "bytes": (b"one document", "Iterable over raw text documents expected"),
    "nothing": (None, "X is of type NoneType; give a list"),
    "a number": (3, "X is of type int"),
    "an array of no dimension": (np.array("text"), r"type ndarray and shape \(\)"),
    "a column": (np.array([["a"], ["b"]]), r"type ndarray and shape \(2, 1\).*one column"),
    "a table": (pd.DataFrame({"text": ["a"]}), r"type DataFrame and shape \(1, 1\)"),
    "a dict": ({"text": ["a"]}, "X is of type dict"),
    "a set": ({"a", "b"}, "X is of type set"),
    "empty": ([], r"found 0 sample\(s\)"),
    "None among them": (["a", None], r"X\[1\]=None is of type NoneType.*drop missing values"),
    "NaN among them": (pd.Series(["a", "b", np.nan], dtype=object), r"X\[2\]=nan is of type float"),
    "NA among them": (pd.Series(["a", pd.NA], dtype=object), r"X\[1\]=<NA> is of type NAType"),
    "bytes among them": (["a", b"b"], r"X\[1\]=b'b' is of type bytes.*decode"),
    "numbers": (np.arange(3), r"X\[0\]=.*0.* is of type int64.*turn anything else into str"),
    "lists of words": ([["a", "b"]], r"X\[0\]=\['a', 'b'\] is of type list"),
}


@pytest.mark.parametrize(("X", "message"), BAD_DOCUMENTS.values(), ids=BAD_DOCUMENTS)
def test_no_documents(fitted, X, message):
    for method in (SequenceTokenizer().fit, SequenceTokenizer().fit_transform, fitted.transform):
        with pytest.raises(ValueError, match=message):
            method(X)
    with pytest.raises(ValueError, match=message):
        SequenceTokenizer(vocabulary=["a"]).fit(X)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"analyzer": "words"}, "'analyzer' parameter of SequenceTokenizer"),
        ({"max_tokens": 2}, "'max_tokens' parameter"),
        ({"min_df": 0.5}, "'min_df' parameter"),
        ({"max_length": 0}, "'max_length' parameter"),
        ({"truncate": "middle"}, "'truncate' parameter"),
        ({"strip_accents": "latin"}, "'strip_accents' parameter"),
        ({"token_pattern": "("}, r"token_pattern='\(' is not a regular expression"),
        ({"token_pattern": "(a)(b)"}, "More than 1 capturing group"),
        ({"token_pattern": "xyz"}, "holds no token.*token_pattern='xyz'"),
        ({"min_df": 4}, "min_df=4 leaves no word: none is in more than 3"),
        ({"vocabulary": "words"}, "'vocabulary' parameter"),
        ({"vocabulary": {"a": 2}}, "'vocabulary' parameter"),
        ({"vocabulary": []}, "vocabulary is empty"),
        ({"vocabulary": ["a", 3]}, r"vocabulary\[1\]=3 is of type int"),
        ({"vocabulary": ["a", "b", "a"]}, "holds 'a' 2 times"),
    ],
    ids=str,
)
def test_bad_parameters(parameters, message):
    with pytest.raises(ValueError, match=message):
        SequenceTokenizer(**parameters).fit(DOCUMENTS)


def test_names_of_the_ids(fitted):
    names = fitted.get_feature_names_out()
    assert names[:4].tolist() == ["", "[UNK]", "film", "good"]
    assert len(names) == fitted.vocabulary_size_
    assert names[fitted.vocabulary_["not"]] == "not"


@pytest.mark.parametrize(
    "X", [[[4, 2, 1]], np.array([[4, 2, 1, 0, 0]]), np.array([[0, 4, 2, 1]]), [[4.0, 2.0, 1.0]]]
)
def test_inverse_of_other_forms(fitted, X):
    assert [x.tolist() for x in fitted.inverse_transform(X)] == [["the", "film", "[UNK]"]]


def test_inverse_of_what_no_tokenizer_made(fitted):
    with pytest.raises(ValueError, match=r"token id 11, but the vocabulary has 11 ids \(0 to 10\)"):
        fitted.inverse_transform([[2, 11]])
    with pytest.raises(ValueError, match="token id -1"):
        fitted.inverse_transform([[-1]])


def test_not_fitted():
    for method in ("transform", "inverse_transform"):
        with pytest.raises(NotFittedError):
            getattr(SequenceTokenizer(), method)(["a"])
    with pytest.raises(NotFittedError):
        SequenceTokenizer().get_feature_names_out()


def test_pickle_and_clone(fitted):
    again = pickle.loads(pickle.dumps(fitted))
    assert ids(again, *DOCUMENTS) == ids(fitted, *DOCUMENTS)
    parameters = {"analyzer": "char", "max_length": 3, "vocabulary": ["a"]}
    copy = clone(SequenceTokenizer(**parameters))
    assert parameters.items() <= copy.get_params().items()
    assert not hasattr(copy, "vocabulary_")


def test_output_has_no_columns(fitted):
    assert not hasattr(fitted, "set_output")
    with config_context(transform_output="pandas"):
        assert isinstance(fitted.transform(DOCUMENTS), np.ndarray)
        assert isinstance(clone(fitted).fit_transform(DOCUMENTS), np.ndarray)


# scikit-learn skips the checks that fit numeric tables, as for its own text transformers.
@pytest.mark.filterwarnings("ignore:Can't test estimator:sklearn.exceptions.SkipTestWarning")
def test_scikit_learn_compatible():
    estimator_checks.check_estimator(SequenceTokenizer())
    tags = get_tags(SequenceTokenizer())
    assert tags.input_tags.string
    assert not tags.input_tags.two_d_array
    assert tags.requires_fit


@pytest.mark.parametrize(
    "check",
    [
        estimator_checks.check_estimator_repr,
        estimator_checks.check_estimator_tags_renamed,
        estimator_checks.check_get_params_invariance,
        estimator_checks.check_mixin_order,
        estimator_checks.check_no_attributes_set_in_init,
        estimator_checks.check_parameters_default_constructible,
        estimator_checks.check_set_params,
        estimator_checks.check_valid_tag_types,
    ],
)
def test_checks_that_need_no_data(check):
    check("SequenceTokenizer", SequenceTokenizer())


@pytest.mark.slow
def test_search_over_vocabulary_and_cell():
    X, y = description_lines()
    network = RNNClassifier(
        units=4,
        embedding_dim=4,
        vocabulary_size=60,  # one program serves both values of max_tokens
        epochs=2,
        early_stopping=False,
        random_state=0,
    )
    grid = {"sequencetokenizer__max_tokens": [20, 60], "rnnclassifier__cell": ["gru", "lstm"]}
    pipeline = make_pipeline(SequenceTokenizer(max_length=8), network)
    search = GridSearchCV(pipeline, grid, cv=2, error_score="raise").fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    best = search.best_params_["sequencetokenizer__max_tokens"]
    tokenizer, classifier = search.best_estimator_
    assert tokenizer.vocabulary_size_ == best
    assert classifier.cell == search.best_params_["rnnclassifier__cell"]
    assert set(search.predict(["Petals of the flower.", "", "unheard-of"])) <= set(y)


def test_pipeline_learns_from_strings():
    X, y = description_lines()
    network = RNNClassifier(
        units=4,
        embedding_dim=4,
        vocabulary_size=60,
        epochs=60,
        learning_rate=0.02,
        early_stopping=False,
        random_state=0,
    )
    pipeline = make_pipeline(SequenceTokenizer(max_tokens=60, max_length=8), network)
    pipeline.fit(pd.Series(X, index=np.arange(len(X))[::-1]), y)
    assert pipeline.score(X, y) > 0.9
    # A network that infers its vocabulary has a row for each id, and one for the unknown.
    tokenizer = SequenceTokenizer(max_length=8).fit(X[::2])
    inferring = clone(network).set_params(vocabulary_size=None)
    prepared = inferring._prepare(tokenizer.transform(X[::2]), y[::2])
    assert prepared.state.vocabulary.n_rows > tokenizer.vocabulary_size_
