"""What a word is in any script, and whether documents are split into words at all."""

from __future__ import annotations

import unicodedata
import warnings
from collections.abc import Iterable, Iterator
from functools import cache

__all__ = ["warn_of_long_tokens", "word_pattern"]

# Beyond these planes there are no signs that combine with letters, but for variants of ideographs.
_LAST_SIGN = 0x1FFFF
# Stand within words of Persian, Hindi and others and say how letters are joined.
_JOINERS = "\u200c\u200d"
# Letters of languages that put no spaces between words: Thai and Lao; Myanmar; Khmer; kana;
# ideographs, also the extended ones.
_UNSPACED = ((0xE00, 0xEFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3040, 0x30FF), (0x3400, 0x9FFF),
             (0x20000, 0x3FFFF))  # fmt: skip
# Words of such languages have 2 to 4 letters on average (signs not counted), what stands between
# two signs of punctuation 10 and more.
LONG_UNSPACED_MEAN = 7
# Nearly all documents are one token with more letters than a word of such a language, or, in other
# scripts, than names and labels.
NEARLY_ALL = 0.9
LONG_UNSPACED, LONG = 5, 20
LETTERS_LOOKED_AT = 100_000


@cache
def word_pattern() -> str:
    r"""Return the regular expression of a word: letters, digits and signs that combine with them.

    ``\w`` alone leaves out the vowel signs of Hindi, Thai and many others, and accents that are
    characters of their own, so that words would be cut there.

    Examples
    --------
    >>> import re
    >>> from rnnselect.preprocessing.words import word_pattern
    >>> len(re.findall(word_pattern(), "हिन्दी, ไม่"))
    2
    """
    signs = [c for c in range(_LAST_SIGN + 1) if unicodedata.category(chr(c))[0] == "M"]
    starts = [c for c, before in zip(signs, [-1, *signs], strict=False) if c != before + 1]
    ends = [c for c, after in zip(signs, [*signs[1:], -1], strict=True) if c + 1 != after]
    ranges = [f"\\U{start:08x}-\\U{end:08x}" for start, end in zip(starts, ends, strict=True)]
    return f"\\w[\\w{_JOINERS}{''.join(ranges)}]*"


def warn_of_long_tokens(tokens: Iterable[list[str]], remedy: str) -> Iterator[list[str]]:
    """Hand on the tokens of documents, and warn at the end if these are hardly split into words.

    Parameters
    ----------
    tokens : iterable of list of str
        Those of each document.
    remedy : str
        What to do then.

    Yields
    ------
    list of str
        The same.

    Warns
    -----
    UserWarning
        If nearly all documents are one long token, or tokens are long in a script that puts no
        spaces between words.
    """
    n_documents = n_whole = n_letters = n_unspaced = n_unspaced_tokens = 0
    for words in tokens:
        yield words
        n_documents += 1
        if len(words) == 1:
            n_whole += _length(words[0]) >= (LONG_UNSPACED if _is_unspaced(words[0]) else LONG)
        for word in words if n_letters < LETTERS_LOOKED_AT else ():
            length = _length(word)
            n_letters += length
            if _is_unspaced(word):
                n_unspaced_tokens += 1
                n_unspaced += length
    whole = n_documents > 1 and n_whole >= NEARLY_ALL * n_documents
    long = n_unspaced > LONG_UNSPACED_MEAN * n_unspaced_tokens and 2 * n_unspaced > n_letters
    if whole or long:
        what = "nearly every document is a single token"
        if not whole:
            what = f"tokens have {n_unspaced / n_unspaced_tokens:.0f} letters on average"
        warnings.warn(
            f"X seems not to be split into words: {what}, as in languages without spaces between "
            f"words. {remedy}",
            UserWarning,
            stacklevel=5,
        )


def _is_unspaced(word: str) -> bool:
    return any(first <= ord(word[0]) <= last for first, last in _UNSPACED)


def _length(word: str) -> int:
    """Return the number of letters, signs that combine with them not counted."""
    return sum(unicodedata.category(letter)[0] != "M" for letter in word)
