"""Pre-trained word vectors, read from a word2vec or GloVe text file."""

from __future__ import annotations

import gzip
import reprlib
import zlib
from array import array
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from numbers import Integral
from os import PathLike
from pathlib import Path
from typing import Any, TextIO, cast

import numpy as np
from sklearn.utils._param_validation import Interval

from rnnselect.parameters import validated
from rnnselect.preprocessing.tokenizer import N_SPECIAL_TOKENS, OOV_TOKEN

__all__ = ["load_word_vectors"]

# A word and 4096 numbers, more than any published vector has, take 50,000 letters.
MAX_LINE_LETTERS = 2**20
MAX_COUNT_LETTERS = 10  # of the number of words
MESSAGE_LETTERS = 200


@validated(
    path=[str, PathLike],
    max_tokens=[None, Interval(Integral, N_SPECIAL_TOKENS + 1, None, closed="left")],
    encoding=[str],
)
def load_word_vectors(
    path: str | PathLike[str], max_tokens: int | None = None, encoding: str = "utf-8"
) -> tuple[list[str], np.ndarray[Any, Any]]:
    r"""Read pre-trained word vectors: the words for a tokenizer, the matrix for an embedding.

    Every line of the file is a word and its vector, separated by single spaces. A word2vec file
    has a first line with the number of words and the size of the vectors, a GloVe file has none.

    Parameters
    ----------
    path : str or path-like
        A text file; read through gzip where its name ends in ``.gz``.
    max_tokens : int or None, default=None
        Rows of the matrix at most, as in `SequenceTokenizer`; the first words of the file are
        kept, which are the most frequent ones in all common files. None: all.
    encoding : str, default="utf-8"
        Encoding of the file.

    Returns
    -------
    words : list of str
        For ``SequenceTokenizer(vocabulary=words)``.
    matrix : ndarray of shape (len(words) + 2, n_values)
        Row ``i`` (float32) belongs to the tokenizer's id ``i``: zeros for padding, the mean of
        all vectors for words that are not in the vocabulary, then one row for each word.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is empty, incomplete or malformed, or has a line of more than a million letters;
        the message names the line.

    References
    ----------
    .. [1] T. Mikolov, K. Chen, G. Corrado, J. Dean (2013). "Efficient estimation of word
       representations in vector space". arXiv:1301.3781.
    .. [2] J. Pennington, R. Socher, C. Manning (2014). "GloVe: Global vectors for word
       representation". EMNLP, 1532-1543. (The mean for unknown words is its first author's
       advice in the project's discussion group.)

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from rnnselect.preprocessing.tokenizer import SequenceTokenizer
    >>> from rnnselect.preprocessing.word_vectors import load_word_vectors
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "vectors.txt")
    ...     n_characters = path.write_text("good 1 0\nbad -1 0.5\n")
    ...     words, matrix = load_word_vectors(path)
    >>> matrix.tolist()
    [[0.0, 0.0], [0.0, 0.25], [1.0, 0.0], [-1.0, 0.5]]
    >>> SequenceTokenizer(vocabulary=words).fit_transform(["bad and good"])[0].tolist()
    [3, 1, 2]
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(
            f"path={str(path)!r} is not a file; give a word2vec or GloVe text file, which may be "
            "compressed by gzip."
        )
    limit = None if max_tokens is None else max_tokens - N_SPECIAL_TOKENS
    try:
        with _open(path, encoding) as file:
            return _read(_lines(file), path, limit)
    except (UnicodeError, LookupError, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(
            f"path={str(path)!r} cannot be read as text in encoding={encoding!r} ({error}); give "
            "the encoding it has. Files in word2vec's binary form must be saved as text first, "
            "and incomplete .gz files fetched again."
        ) from error


def _open(path: Path, encoding: str) -> TextIO:
    # Only "\n" ends a line: words of real files hold other kinds of line ends.
    if path.suffix == ".gz":
        return cast(TextIO, gzip.open(path, "rt", encoding=encoding, newline="\n"))
    return path.open(encoding=encoding, newline="\n")


def _lines(file: TextIO) -> Iterator[str]:
    """Return the lines of a file, what goes beyond the limit in pieces, which `_parse` refuses."""
    return iter(lambda: file.readline(MAX_LINE_LETTERS + 1), "")


def _read(
    lines: Iterable[str], path: Path, limit: int | None
) -> tuple[list[str], np.ndarray[Any, Any]]:
    n_words, n_values, numbered = _read_header(lines, path)
    line_of: dict[str, int] = {}
    values = array("f")  # grows in place, so that a large file is not held twice
    for number, line in islice(numbered, limit):
        try:
            word, vector = _parse(line, n_values)
        except ValueError as error:
            raise ValueError(
                f"path={str(path)!r}, line {number}: {str(error)[:MESSAGE_LETTERS]}; mend or "
                "remove the line."
            ) from error
        if word in line_of:
            raise ValueError(
                f"path={str(path)!r}, line {number}: the word {reprlib.repr(word)} is already in "
                f"line {line_of[word]}; remove one of them."
            )
        if not line_of:  # now it is sure that vectors are as large as the first line says
            values.frombytes(bytes(4 * n_values * N_SPECIAL_TOKENS))
        line_of[word] = number
        values.frombytes(vector.tobytes())
    if n_words is not None and len(line_of) != min(n_words, limit or n_words):
        raise ValueError(
            f"path={str(path)!r} has {len(line_of)} word(s), but its first line says {n_words}; "
            "it seems incomplete: fetch it again."
        )
    matrix = np.frombuffer(values, np.float32).reshape(-1, n_values)
    matrix[OOV_TOKEN] = matrix[N_SPECIAL_TOKENS:].mean(axis=0, dtype=np.float64)
    return list(line_of), matrix


def _read_header(
    lines: Iterable[str], path: Path
) -> tuple[int | None, int, Iterator[tuple[int, str]]]:
    """Return the number of words (None: not said), the values of each, and the numbered lines."""
    numbered = iter(enumerate(lines, start=1))
    _, first = next(numbered, (1, ""))
    fields = _fields(first)
    counts = all(text.isdecimal() and len(text) < MAX_COUNT_LETTERS for text in fields)
    if len(fields) == 2 and counts:
        n_words, n_values = int(fields[0]), int(fields[1])
        if n_words and n_values:
            return n_words, n_values, numbered
    elif len(fields) > 1:
        return None, len(fields) - 1, chain([(1, first)], numbered)
    raise ValueError(
        f"path={str(path)!r} holds no word vectors: its first line is {first[:80]!r}; give a file "
        "whose lines are a word and its numbers, separated by single spaces."
    )


def _parse(line: str, n_values: int) -> tuple[str, np.ndarray[Any, Any]]:
    if len(line) > MAX_LINE_LETTERS:
        raise ValueError(f"it has more than {MAX_LINE_LETTERS:,} letters")
    word, *numbers = _fields(line)
    if len(numbers) != n_values:
        raise ValueError(
            f"{reprlib.repr(word)} has {len(numbers)} value(s), and not {n_values} as above"
        )
    with np.errstate(over="ignore"):  # becomes infinite, which is reported below
        vector = np.array(numbers, np.float32)
    if not np.isfinite(vector).all():
        raise ValueError(f"{reprlib.repr(word)} has values that are not finite float32 numbers")
    return word, vector


def _fields(line: str) -> list[str]:
    # Not `split()`: words of GloVe files hold other kinds of spaces, such as the no-break space.
    return line.rstrip(" \r\n").split(" ")
