"""A candidate that runs out of memory: it leaves, and what the others have reached stays."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sklearn.exceptions import FitFailedWarning

from rnnselect.advice.limits import Exclusion, LimitCheck
from rnnselect.advice.recommendation import Recommendation
from rnnselect.cells import shown_name
from rnnselect.comparison.problem import Problem

if TYPE_CHECKING:
    from rnnselect.comparison.comparison import Comparison

__all__ = ["CandidateMemoryError", "excluding", "is_shortage", "with_finished_scores"]

# TensorFlow's, and PyTorch's for estimators of others; JAX has a code in the text alone.
SHORTAGES = {"ResourceExhaustedError", "OutOfMemoryError"}
SHORTAGE_CODE = "RESOURCE_EXHAUSTED"
MESSAGE_LETTERS = 200  # TensorFlow tells where each tensor is


class CandidateMemoryError(MemoryError):
    """A fit has run out of memory; `FinishedFit.shortage` says which and how."""


def is_shortage(error: Exception) -> bool:
    """Whether an error says that there is no memory left."""
    known = isinstance(error, MemoryError) or type(error).__name__ in SHORTAGES
    return known or (isinstance(error, RuntimeError) and SHORTAGE_CODE in str(error))


def excluding(check: LimitCheck, problem: Problem, comparison: Comparison) -> LimitCheck:
    """Leave out the candidates that have run out of memory.

    Parameters
    ----------
    check : LimitCheck
        Who was left out so far.
    problem : Problem
        What is compared.
    comparison : Comparison
        With the fits that tell.

    Returns
    -------
    LimitCheck
        With further exclusions.

    Raises
    ------
    MemoryError
        If no candidate is left.

    Warns
    -----
    FitFailedWarning
        Scikit-learn's; says what to reduce.
    """
    left = check.remaining(problem.cells)
    sentences = {
        name: _sentence(problem, name, k, fit.shortage)
        for (k, name), fit in reversed(comparison.finished.items())
        if fit.shortage and name in left
    }
    out = tuple(Exclusion(name, 0, None, (), sentence) for name, sentence in sentences.items())
    check = replace(check, exclusions=(*check.exclusions, *out))
    said = " ".join(sentences.values())
    if not check.remaining(problem.cells):
        raise MemoryError(f"No candidate is left. {said}")
    without = "it" if len(out) == 1 else "them"
    warnings.warn(
        f"{said} The comparison continues without {without}.", FitFailedWarning, stacklevel=6
    )
    return check


def with_finished_scores(found: Recommendation, comparison: Comparison) -> Recommendation:
    """Return advice without a race with the scores that the fits before its end have reached."""
    scores = {
        name: tuple(
            comparison.finished[k, name].score for k in range(comparison.n_ready(0, [name]))
        )
        for name in found.scores
    }
    return replace(found, scores=scores)


def _sentence(problem: Problem, name: str, k: int, said: str) -> str:
    said = " ".join(said.split())
    said = f"{said[:MESSAGE_LETTERS]} ..." if len(said) > MESSAGE_LETTERS else said.rstrip(".")
    return (
        f"{shown_name(name)} ran out of memory on split {k + 1} ({said}): reduce "
        f"{_what_to_reduce(problem.candidates.network(name))}, or shorten the sequences"
        + (f", or n_jobs ({problem.n_jobs})." if problem.n_jobs > 1 else ".")
    )


def _what_to_reduce(network: Any) -> str:
    sizes = {name: getattr(network, name, None) for name in ("units", "batch_size")}
    return " or ".join(
        f"{name}" + f" ({size})" * (size is not None) for name, size in sizes.items()
    )
