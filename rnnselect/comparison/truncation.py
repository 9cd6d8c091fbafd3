"""What a deadline has cut short, and what would let it finish."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.utils import _safe_indexing

from rnnselect.advice.cost import EARLY_STOPPING
from rnnselect.advice.plan import Reason
from rnnselect.advice.recommendation import Recommendation
from rnnselect.cells import shown_name
from rnnselect.comparison.comparison import Comparison
from rnnselect.comparison.problem import Problem
from rnnselect.report.text import score_text
from rnnselect.speed import SCORING_ROWS

__all__ = ["with_cut_fits", "with_cut_refit"]

# A budget may be exceeded by half a second; scoring a network whose time is up takes less.
SCORED_SECONDS = 0.2
MAX_SCORED_BLOCKS = 16  # about 1,000 rows: a standard error of 1.6 points of accuracy at most
# Without a complete epoch nobody knows how long one takes; it is longer than what was there.
LONGER = 2.0


def with_cut_fits(found: Recommendation, comparison: Comparison) -> Recommendation:
    """Return advice that names the fits of the race which a deadline ended before their time."""
    cut = {
        task: fit
        for task, fit in sorted(comparison.finished.items())
        if not (fit.complete or fit.shortage) and fit.seconds > 0
    }
    sentences = []
    if cut:
        named = "; ".join(
            f"{shown_name(cell)} on split {k + 1} after {_epochs(fit.n_epochs)}"
            for (k, cell), fit in cut.items()
        )
        sentences.append(
            f"The budget ended fits before they were finished, and they do not count: {named}."
        )
    counted = [
        comparison.finished[k, name]
        for name, scores in found.scores.items()
        for k in range(len(scores))
    ]
    n_own = sum(fit.stop_reason == "deadline" for fit in counted)
    if n_own:  # by a limit that is the user's, so that they count
        sentences.append(
            f"max_seconds ended {n_own} of {len(counted)} fits before they were finished: more "
            "seconds may change their scores, and the advice."
        )
    reasons = (Reason("cut_short", sentence, "measured") for sentence in sentences)
    return replace(found, reasons=(*found.reasons, *reasons))


def with_cut_refit(
    found: Recommendation,
    problem: Problem,
    comparison: Comparison,
    estimator: Any,
    *,
    seconds_before: float,
    seconds: float,
) -> Recommendation:
    """Say in a recommendation that the fit on all data was ended by a deadline, if it was.

    Parameters
    ----------
    found : Recommendation
        The advice.
    problem : Problem
        What was compared.
    comparison : Comparison
        With the finished fits.
    estimator : estimator
        Fitted on all data.
    seconds_before : float
        Seconds of the call before that fit began.
    seconds : float
        Seconds of that fit.

    Returns
    -------
    Recommendation
        With the training score, and what would let the fit finish.
    """
    network = problem.candidates.fitted_network(estimator)
    if getattr(network, "stop_reason_", None) != "deadline" or not problem.candidates.is_recurrent:
        return found
    name = found.candidate
    own = not problem.candidates.was_cut_short(name, network)
    by = f"max_seconds={network.max_seconds:g}" if own else "the budget"
    sentence = (
        f"The fit of {shown_name(name)} on all data was ended by {by} after "
        f"{_epochs(network.n_epochs_)} of at most {network.epochs}; "
        f"{_result(problem, comparison, estimator, name)}."
    )
    needed = _needed_seconds(problem, comparison, name, network, seconds)
    change = f"With max_seconds={math.ceil(needed)} the fit on all data would probably finish."
    if not own:
        budget = math.ceil(seconds_before + needed)
        change = f"With a budget of about {budget} s the fit on all data would probably finish."
    reasons = list(found.reasons)
    reasons.insert(1, Reason("refit_cut_short", sentence, "measured"))
    return replace(
        found,
        reasons=tuple(reasons),
        what_would_change_this=(*found.what_would_change_this, change),
    )


def _result(problem: Problem, comparison: Comparison, estimator: Any, name: str) -> str:
    """Return the score on training rows, or the loss where scoring would need compiling."""
    network = problem.candidates.fitted_network(estimator)
    scored_before = network.early_stopping or any(cell == name for _, cell in comparison.finished)
    if not scored_before:
        losses = network.history_.get("loss", ())
        return f"its training loss is {losses[-1]:.3g}" if losses else "it is hardly trained"
    data, scale = comparison.data, comparison.scoring.scale
    seconds = problem.machine.speed.training(problem.work()[name]).scoring_seconds
    n_rows = SCORING_ROWS * int(np.clip(SCORED_SECONDS / seconds, 1, MAX_SCORED_BLOCKS))
    rows = np.unique(np.linspace(0, len(data.y) - 1, min(n_rows, len(data.y))).astype(int))
    score = comparison.scorer_on(rows)(estimator, _safe_indexing(data.X, rows), data.y[rows])
    return f"its training score is {score_text(score)} ({scale.name})"


def _needed_seconds(
    problem: Problem, comparison: Comparison, name: str, network: Any, seconds: float
) -> float:
    """Return what the fit would have taken, by its own epochs and by those of the folds."""
    finished = comparison.complete_fits(name)
    known = {name: [fit.seconds for fit in finished]} if finished else None
    by_forecast = problem.forecast(finished_seconds=known).refits[name].high
    if not network.n_epochs_:
        return max(LONGER * seconds, by_forecast)
    task = problem.work()[name]
    late = task.min_epochs + EARLY_STOPPING.high * (task.max_epochs - task.min_epochs)
    n_epochs = max((fit.n_epochs for fit in finished), default=math.ceil(late))
    n_epochs = max(n_epochs, network.n_epochs_ + 1)
    return max(by_forecast, n_epochs * seconds / network.n_epochs_)


def _epochs(n: int) -> str:
    return "1 epoch" if n == 1 else f"{n} epochs"
