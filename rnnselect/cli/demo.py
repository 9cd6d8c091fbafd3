"""``rnnselect demo``: both cells on data that come with scikit-learn."""

from __future__ import annotations

from typing import Annotated

from rnnselect.cli.console import native_logs_hidden, page_width, say
from rnnselect.cli.options import ADVICE, DebugOption, checked_budget, option

__all__ = ["run_demo"]

DEMO_BUDGET_SECONDS = 60
DEMO_TEST_SHARE = 0.25


def run_demo(
    budget: Annotated[
        str,
        option(
            "--budget",
            ADVICE,
            "Wall-clock time that the advice may take.",
            callback=checked_budget,
            show_default=True,
        ),
    ] = f"{DEMO_BUDGET_SECONDS}s",
    seed: Annotated[
        int, option("--seed", ADVICE, "Of the folds and of the networks.", show_default=True)
    ] = 0,
    debug: DebugOption = False,
) -> None:
    """Compare LSTM and GRU on scikit-learn's handwritten digits, read row by row."""
    from sklearn.model_selection import train_test_split

    from rnnselect import RNNAdvisor
    from rnnselect.datasets import load_digits_sequences
    from rnnselect.report.text import plan_text, profile_text, recommendation_text

    sequences, y = load_digits_sequences()
    X_train, X_test, y_train, y_test = train_test_split(
        sequences, y, test_size=DEMO_TEST_SHARE, stratify=y, random_state=0
    )
    advisor = RNNAdvisor(budget=budget, random_state=seed, verbose=1)
    say("LSTM or GRU? Handwritten digits, each image a sequence of 8 rows of 8 pixels.")
    plan = advisor.plan(X_train, y_train)
    width = page_width()
    say(profile_text(plan.profile.to_dict(), width))
    say(f"{len(y_test)} of {len(y)} images are held out and not shown to the advisor.\n")
    say(f"{plan_text(plan.to_dict(), width)}\n")
    with native_logs_hidden():
        try:
            advisor.fit(X_train, y_train)
        except KeyboardInterrupt:
            if hasattr(advisor, "recommendation_"):
                say(f"\n{recommendation_text(advisor.recommend().to_dict(), width)}")
            raise
        accuracy = advisor.score(X_test, y_test)
    recommendation = advisor.recommend()
    say(f"\n{recommendation_text(recommendation.to_dict(), width)}\n")
    say(
        f"{advisor.best_cell_.upper()} fitted on all {len(y_train)} training images in "
        f"{advisor.refit_seconds_:.1f} s."
    )
    name, baseline = held_out_baseline(recommendation, X_train, y_train, X_test, y_test)
    say(f"Held-out images: {advisor.best_cell_.upper()} {accuracy:.3f}, {name} {baseline:.3f}.")


def held_out_baseline(recommendation, X_train, y_train, X_test, y_test) -> tuple[str, float]:
    """Return the best baseline of the race, or the strongest kind untested, and its test score."""
    from sklearn.metrics import get_scorer

    from rnnselect.advice.baseline import make_baselines, score_baseline
    from rnnselect.sequences.validation import read_sequences

    train, test = ((read_sequences(X), y) for X, y in ((X_train, y_train), (X_test, y_test)))
    scores = {
        baseline.name: score_baseline(baseline, train, test, get_scorer("accuracy"))
        for baseline in make_baselines(recommendation.plan.profile)
    }
    name = recommendation.best_baseline or list(scores)[-1]
    return name, scores[name]
