"""`SequenceTokenizer`: documents become sequences of token ids."""

from __future__ import annotations

import re
import reprlib
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from itertools import chain
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin, _fit_context
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from rnnselect.documentation import DocumentedMixin
from rnnselect.parameters import PlainParametersMixin
from rnnselect.preprocessing.words import warn_of_long_tokens, word_pattern
from rnnselect.sequences.batch import PADDING_TOKEN
from rnnselect.sequences.ragged import ragged
from rnnselect.sequences.validation import read_sequences

__all__ = ["N_SPECIAL_TOKENS", "OOV_TOKEN", "SequenceTokenizer", "check_vocabulary"]

# Ids and names of what is not a word, as keras.layers.TextVectorization has them.
OOV_TOKEN = 1
SPECIAL_NAMES = ("", "[UNK]")  # padding, out of vocabulary
N_SPECIAL_TOKENS = len(SPECIAL_NAMES)
_NOT_SPLIT = (
    'Set analyzer="char" to read it letter by letter, or give a callable that splits a document '
    "into words."
)


class SequenceTokenizer(
    TransformerMixin,
    DocumentedMixin,
    PlainParametersMixin,
    BaseEstimator,
    auto_wrap_output_keys=None,
):
    r"""Turn documents into sequences of token ids, in the order of the words.

    The counterpart of scikit-learn's `CountVectorizer` for networks that read a text from its
    first to its last word: ``make_pipeline(SequenceTokenizer(), RNNClassifier(embedding_dim=32))``
    classifies strings. scikit-learn's own analyzers split the documents.

    Id 0 is padding and never occurs inside a document. Id 1 stands for every token that is not
    in the vocabulary, and alone for a document without any token, because a network needs at
    least one time step. Words have the ids 2, 3, ... from the one in most documents to the one
    in fewest, ties in alphabetical order.

    Parameters
    ----------
    analyzer : {"word", "char"} or callable, default="word"
        What a token is. A callable takes a document and returns its tokens, a list of str.
    lowercase : bool, default=True
        Whether documents are lower-cased before they are split; not with a callable analyzer.
    strip_accents : {"ascii", "unicode"}, callable or None, default=None
        How accents are removed before documents are split, as in `CountVectorizer`; not with a
        callable analyzer.
    token_pattern : str or None, default=None
        Regular expression of a token, with ``analyzer="word"``. None: letters, digits and the
        signs that combine with them in any script, such as the vowel signs of Hindi. Unlike the
        pattern of `CountVectorizer` it keeps words of one letter, such as "I" and "a".
    max_tokens : int or None, default=None
        Number of ids at most, padding and id 1 included; the words in most documents are kept.
        Ignored where `vocabulary` is given.
    min_df : int, default=1
        Number of documents that a word must be in to get an id. With 1, no document of fit has
        an unknown word (id 1), so that a network learns nothing about them; with 2 some have.
        Ignored if `vocabulary` is given.
    max_length : int or None, default=None
        Number of tokens of a document at most. Tokens beyond it do not enter the vocabulary.
    truncate : {"end", "start"}, default="end"
        Where longer documents are cut: "end" keeps their first tokens, "start" their last.
    vocabulary : list of str or None, default=None
        The words with the ids 2, 3, ..., in this order: those of `load_word_vectors`, or
        ``list(tokenizer.vocabulary_)`` of another tokenizer. None: learnt in fit.

    Attributes
    ----------
    vocabulary_ : dict of str to int
        The id of each word; padding and id 1 are not in it.
    vocabulary_size_ : int
        Number of ids, padding and id 1 included; all ids are below it.

    See Also
    --------
    load_word_vectors : Vocabulary and embedding from a file of pre-trained vectors.
    sklearn.feature_extraction.text.CountVectorizer : Counts of words, without their order.

    Notes
    -----
    `set_output` is not available, as for scikit-learn's own text transformers: sequences of
    different lengths have no columns. `min_df` takes no share of documents, so that the words
    of a fold are always among those of all data.

    Examples
    --------
    >>> from rnnselect.preprocessing.tokenizer import SequenceTokenizer
    >>> tokenizer = SequenceTokenizer().fit(["the film was good", "the film was not good"])
    >>> tokenizer.vocabulary_
    {'film': 2, 'good': 3, 'the': 4, 'was': 5, 'not': 6}
    >>> X = tokenizer.transform(["Not good!", "The plot was good."])
    >>> [x.tolist() for x in X]
    [[6, 3], [4, 1, 5, 3]]
    >>> [" ".join(words) for words in tokenizer.inverse_transform(X)]
    ['not good', 'the [UNK] was good']
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "analyzer": [StrOptions({"word", "char"}), callable],
        "lowercase": ["boolean"],
        "strip_accents": [StrOptions({"ascii", "unicode"}), callable, None],
        "token_pattern": [None, str],
        "max_tokens": [None, Interval(Integral, N_SPECIAL_TOKENS + 1, None, closed="left")],
        "min_df": [Interval(Integral, 1, None, closed="left")],
        "max_length": [None, Interval(Integral, 1, None, closed="left")],
        "truncate": [StrOptions({"end", "start"})],
        "vocabulary": [None, list, tuple, np.ndarray],
    }

    def __init__(
        self,
        *,
        analyzer="word",
        lowercase=True,
        strip_accents=None,
        token_pattern=None,
        max_tokens=None,
        min_df=1,
        max_length=None,
        truncate="end",
        vocabulary=None,
    ):
        self.analyzer = analyzer
        self.lowercase = lowercase
        self.strip_accents = strip_accents
        self.token_pattern = token_pattern
        self.max_tokens = max_tokens
        self.min_df = min_df
        self.max_length = max_length
        self.truncate = truncate
        self.vocabulary = vocabulary

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Learn the vocabulary.

        Parameters
        ----------
        X : iterable of str of length n_samples
            Documents: a list, 1-D array, Series or any other iterable.
        y : None
            Ignored.

        Returns
        -------
        self : SequenceTokenizer
            The fitted transformer.

        Raises
        ------
        ValueError
            If X is not a collection of str, or no token is found; the message names the document.
        """
        documents = _check_documents(X)
        tokens = self._tokens(documents)
        if self.analyzer == "word" and self.max_length != 1:
            tokens = warn_of_long_tokens(tokens, _NOT_SPLIT)
        if self.vocabulary is None:
            words = self._learn_words(tokens)
        else:
            words = check_vocabulary(self.vocabulary)
            self._warn_of_upper_case(words)
        self._number(words)
        return self

    def fit_transform(self, X, y=None):
        """Learn the vocabulary, and return the token ids of each document.

        Parameters
        ----------
        X : iterable of str of length n_samples
            Documents; read once.
        y : None
            Ignored.

        Returns
        -------
        ndarray of shape (n_samples,)
            As `transform` returns it.
        """
        documents = _check_documents(X)
        return self.fit(documents, y).transform(documents)

    def transform(self, X):
        """Return the token ids of each document.

        Parameters
        ----------
        X : iterable of str of length n_samples
            Documents.

        Returns
        -------
        ndarray of shape (n_samples,)
            An object array of int32 arrays of shape (n_tokens_i,), each with at least one id.
        """
        check_is_fitted(self)
        documents = _check_documents(X)
        find = self.vocabulary_.get
        return ragged(
            np.array([find(token, OOV_TOKEN) for token in tokens] or [OOV_TOKEN], np.int32)
            for tokens in self._tokens(documents)
        )

    def inverse_transform(self, X):
        """Return the tokens of each sequence; what was unknown is ``"[UNK]"``.

        Parameters
        ----------
        X : array-like
            Token ids: what `transform` returns, a list of lists, or a 2-D array padded with 0.

        Returns
        -------
        list of ndarray of shape (n_tokens_i,)
            The tokens in their order, padding left out.
        """
        names = self.get_feature_names_out()
        batch = read_sequences(X, tokens=True)
        ids = batch.steps[:, 0].astype(np.int64)
        if ids.max() >= len(names):
            raise ValueError(
                f"X holds the token id {ids.max()}, but the vocabulary has {len(names)} ids (0 to "
                f"{len(names) - 1}); give ids that this tokenizer has made."
            )
        sequences = (
            ids[start : start + length]
            for start, length in zip(batch.starts, batch.lengths, strict=True)
        )
        return [names[sequence[sequence != PADDING_TOKEN]] for sequence in sequences]

    def get_feature_names_out(self, input_features=None):
        """Return the name of each id, in the order of the ids.

        A sequence has no columns that could have names; as with `CountVectorizer`, this is the
        vocabulary in the order of its ids, which is that of an embedding's rows.

        Parameters
        ----------
        input_features : None
            Ignored.

        Returns
        -------
        ndarray of shape (vocabulary_size,)
            ``""`` for padding, ``"[UNK]"`` for id 1, and the words.
        """
        check_is_fitted(self)
        return np.array([*SPECIAL_NAMES, *self.vocabulary_], dtype=object)

    def _number(self, words: Sequence[str]) -> None:
        self.vocabulary_ = {word: i for i, word in enumerate(words, start=N_SPECIAL_TOKENS)}
        self.vocabulary_size_ = len(words) + N_SPECIAL_TOKENS

    def _tokens(self, documents: list[str]) -> Iterator[list[str]]:
        """Return the tokens of one document after the other, cut to `max_length`."""
        analyze = self._build_analyzer()
        first = -self.max_length if self.max_length and self.truncate == "start" else None
        last = self.max_length if self.truncate == "end" else None
        if callable(self.analyzer):
            return (_check_tokens(analyze(document))[first:last] for document in documents)
        return (analyze(document)[first:last] for document in documents)

    def splitting(self) -> dict[str, Any]:
        """Return how documents are split, as parameters of scikit-learn's text vectorizers.

        Returns
        -------
        dict of str to object
            ``CountVectorizer(**tokenizer.splitting())`` counts the same tokens.
        """
        return {
            "analyzer": self.analyzer,
            "lowercase": self.lowercase,
            "strip_accents": self.strip_accents,
            "token_pattern": word_pattern() if self.token_pattern is None else self.token_pattern,
        }

    def _build_analyzer(self) -> Callable[[str], list[str]]:
        try:
            return CountVectorizer(**self.splitting()).build_analyzer()
        except (re.error, ValueError) as error:
            raise ValueError(
                f"token_pattern={self.token_pattern!r} is not a regular expression of a token: "
                f"{error}"
            ) from error

    def _learn_words(self, tokens: Iterable[list[str]]) -> list[str]:
        n_documents = Counter(chain.from_iterable(map(set, tokens)))
        if not n_documents:
            raise ValueError(
                f"X holds no token, so that the vocabulary is empty: with "
                f"analyzer={self.analyzer!r} and token_pattern={self.token_pattern!r} no document "
                "has any; give other documents or another pattern."
            )
        frequent = [word for word, n in n_documents.items() if n >= self.min_df]
        if not frequent:
            raise ValueError(
                f"min_df={self.min_df} leaves no word: none is in more than "
                f"{max(n_documents.values())} of the documents; lower min_df."
            )
        limit = None if self.max_tokens is None else self.max_tokens - N_SPECIAL_TOKENS
        return sorted(frequent, key=lambda word: (-n_documents[word], word))[:limit]

    def _warn_of_upper_case(self, words: list[str]) -> None:
        upper = [word for word in words if word != word.lower()]
        if upper and self.lowercase and not callable(self.analyzer):
            warnings.warn(
                f"{len(upper)} word(s) of the vocabulary, such as {upper[0]!r}, have upper-case "
                "letters and will not be found, because lowercase=True; set lowercase=False or "
                "give a vocabulary in lower case.",
                UserWarning,
                stacklevel=4,
            )

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        return tags


def _check_documents(X: Any) -> list[str]:
    """Return the documents of `X`, all of which are str."""
    if isinstance(X, str | bytes):
        raise ValueError(
            "Iterable over raw text documents expected, string object received; for a single "
            "document give a list of it: [X]."
        )
    shape = getattr(X, "shape", (0,))
    if not isinstance(X, Iterable) or isinstance(X, Mapping | Set) or len(shape) != 1:
        raise ValueError(
            f"X is of type {type(X).__name__}{'' if len(shape) == 1 else f' and shape {shape}'}; "
            "give a list, 1-D array or Series of str, such as one column of a table."
        )
    documents = list(X)
    if not documents:
        raise ValueError("X is empty: found 0 sample(s); give at least one document.")
    for i, document in enumerate(documents):
        if not isinstance(document, str):
            raise ValueError(
                f"X[{i}]={reprlib.repr(document)} is of type {type(document).__name__}, and "
                'documents are str: decode bytes, drop missing values or replace them by "", and '
                "turn anything else into str."
            )
    return documents


def _check_tokens(tokens: Any) -> Sequence[str]:
    """Return what an analyzer of the user's own made of a document, if these are tokens."""
    if not isinstance(tokens, list | tuple) or not all(isinstance(token, str) for token in tokens):
        raise ValueError(
            f"analyzer makes {reprlib.repr(tokens)} of a document; it must return a list of str, "
            "e.g. analyzer=str.split."
        )
    return tokens


def check_vocabulary(vocabulary: Sequence[str]) -> list[str]:
    """Return the parameter `vocabulary` as a list of different words."""
    words = list(vocabulary)
    if not words:
        raise ValueError("vocabulary is empty; give at least one word, or None to learn it.")
    for i, word in enumerate(words):
        if not isinstance(word, str):
            raise ValueError(
                f"vocabulary[{i}]={reprlib.repr(word)} is of type {type(word).__name__}, and words "
                "are str."
            )
    if len(set(words)) < len(words):
        word, n = Counter(words).most_common(1)[0]
        raise ValueError(f"vocabulary holds {word!r} {n} times; give every word once.")
    return words
