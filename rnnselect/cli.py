"""The command ``rnnselect``."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator

import typer

__all__ = ["app"]

app = typer.Typer(
    help="LSTM or GRU? Compares both within a compute budget and says why.",
    no_args_is_help=True,
    add_completion=False,
)

DEMO_BUDGET_SECONDS = 60
DEMO_TEST_SHARE = 0.25


@app.callback()
def main() -> None:
    """LSTM or GRU? Compares both within a compute budget and says why."""


def checked_budget(seconds: float) -> float:
    """Refuse what is no budget as other options are refused: in one line, with exit code 2."""
    from rnnselect import Budget

    try:
        Budget.parse(seconds)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    return seconds


@app.command()
def demo(
    budget: float = typer.Option(
        DEMO_BUDGET_SECONDS, help="Seconds that the advice may take.", callback=checked_budget
    ),
    seed: int = typer.Option(0, help="Seed of the folds and of the networks."),
) -> None:
    """Compare LSTM and GRU on scikit-learn's handwritten digits, read row by row."""
    from sklearn.model_selection import train_test_split

    from rnnselect import RNNAdvisor
    from rnnselect.datasets import load_digits_sequences
    from rnnselect.exceptions import BudgetTooSmallError
    from rnnselect.report.text import profile_text

    sequences, y = load_digits_sequences()
    X_train, X_test, y_train, y_test = train_test_split(
        sequences, y, test_size=DEMO_TEST_SHARE, stratify=y, random_state=0
    )
    advisor = RNNAdvisor(budget=budget, random_state=seed, verbose=1)
    say("LSTM or GRU? Handwritten digits, each image a sequence of 8 rows of 8 pixels.")
    plan = advisor.plan(X_train, y_train)
    say(profile_text(plan.profile.to_dict()))
    say(f"{len(y_test)} of {len(y)} images are held out and not shown to the advisor.\n")
    say(f"{plan}\n")
    with native_logs_hidden():
        try:
            advisor.fit(X_train, y_train)
        except BudgetTooSmallError as error:
            say(f"Error: {error}")
            raise typer.Exit(2) from error
        accuracy = advisor.score(X_test, y_test)
    recommendation = advisor.recommend()
    say(f"\n{recommendation}\n")
    say(
        f"{advisor.best_cell_.upper()} fitted on all {len(y_train)} training images in "
        f"{advisor.refit_seconds_:.1f} s."
    )
    name, baseline = held_out_baseline(recommendation, X_train, y_train, X_test, y_test)
    say(f"Held-out images: {advisor.best_cell_.upper()} {accuracy:.3f}, {name} {baseline:.3f}.")


def held_out_baseline(recommendation, X_train, y_train, X_test, y_test) -> tuple[str, float]:
    """Return the best baseline of the race, or the strongest kind untested, and its test score."""
    import numpy as np
    from sklearn.metrics import get_scorer

    from rnnselect.advice.baseline import make_baselines, score_baseline
    from rnnselect.sequences.validation import read_sequences

    y = np.concatenate([y_train, y_test])
    batch = read_sequences(np.concatenate([X_train, X_test]))
    train, test = np.split(np.arange(len(y)), [len(y_train)])
    scores = {
        baseline.name: score_baseline(baseline, y, train, test, get_scorer("accuracy"))
        for baseline in make_baselines(batch, recommendation.plan.profile)
    }
    name = recommendation.best_baseline or list(scores)[-1]
    return name, scores[name]


@contextlib.contextmanager
def native_logs_hidden() -> Iterator[None]:
    """Hide what TensorFlow's native code writes to the terminal; Python's own messages stay."""
    sys.stderr.flush()
    original, python_stderr = os.dup(2), sys.stderr
    try:
        with open(os.devnull, "w") as nowhere, os.fdopen(os.dup(original), "w") as terminal:
            os.dup2(nowhere.fileno(), 2)
            sys.stderr = terminal
            yield
    finally:
        sys.stderr = python_stderr
        os.dup2(original, 2)
        os.close(original)


def say(text: str) -> None:
    """Write a line at once, so that progress is seen where output is piped."""
    typer.echo(text)
    sys.stdout.flush()
