"""Real documents of mixed length: what the installed libraries say about their own functions."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from rnnselect import SequenceTokenizer

# Of which library a docstring is; its own name gives it away less often than its vocabulary.
LIBRARIES = ("numpy", "sklearn")
SHORTEST, LONGEST = 5, 400


def load_documents(
    n_samples: int, vocabulary_size: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return documents as token ids, and which library each is from.

    Parameters
    ----------
    n_samples : int
        Number of documents, drawn at random among those of at least `SHORTEST` tokens.
    vocabulary_size : int
        Number of token ids; rarer words share one.
    seed : int
        Seed of the draw.

    Returns
    -------
    X : ndarray of shape (n_samples,)
        Arrays of 5 to 400 token ids; longer documents are cut.
    y : ndarray of shape (n_samples,)
        0 or 1.
    """
    texts, labels = [], []
    for label, library in enumerate(LIBRARIES):
        found = sorted(set(docstrings(library)))
        texts += found
        labels += [label] * len(found)
    tokenizer = SequenceTokenizer(max_tokens=vocabulary_size, max_length=LONGEST)
    X, y = tokenizer.fit_transform(texts), np.array(labels)
    long_enough = np.flatnonzero([len(document) >= SHORTEST for document in X])
    if len(long_enough) < n_samples:
        raise RuntimeError(f"there are {len(long_enough)} documents, not {n_samples}")
    rows = np.random.default_rng(seed).choice(long_enough, n_samples, replace=False)
    return X[rows], y[rows]


def docstrings(library: str) -> Iterator[str]:
    """Yield the docstrings of a library's source files, in an order that never changes."""
    folder = Path(importlib.util.find_spec(library).origin).parent
    documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            text = ast.get_docstring(node) if isinstance(node, documented) else None
            if text:
                yield text


def padded(X: np.ndarray, n_timesteps: int) -> np.ndarray:
    """Return documents as one array, padded behind by zeros."""
    array = np.zeros((len(X), n_timesteps), np.int32)
    for row, document in zip(array, X, strict=True):
        row[: len(document)] = document
    return array
