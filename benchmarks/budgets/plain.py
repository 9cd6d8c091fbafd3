"""Holds races by `keras.Model.fit` (engine="keras") to their forecast and to their budgets.

    python benchmarks/budgets/plain.py [--budgets 20 40] [--n-jobs 1 2]

Prints, for each call of `RNNAdvisor.fit` on made-up data, what the forecast after the probe said,
what was needed, and how late the call came back. The promise: at most 5 % or half a second.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from rnnselect import RNNAdvisor, RNNClassifier

N_SAMPLES, N_TIMESTEPS = 400, 30
ALLOWED_SHARE, ALLOWED_SECONDS = 0.05, 0.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--budgets", type=float, nargs="*", default=[20.0, 40.0])
    parser.add_argument("--n-jobs", type=int, nargs="*", default=[1, 2])
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    X = rng.normal(size=(N_SAMPLES, N_TIMESTEPS, 3)).astype("float32")
    y = X[:, :, 0].sum(axis=1) + rng.normal(size=N_SAMPLES) > 0
    network = RNNClassifier(units=16, epochs=20, engine="keras")
    for n_jobs in options.n_jobs:
        for budget in [None, *options.budgets]:
            run(RNNAdvisor(network, budget=budget, n_jobs=n_jobs, random_state=0), X, y)


def run(advisor: RNNAdvisor, X: np.ndarray, y: np.ndarray) -> None:
    start = time.perf_counter()
    advisor.fit(X, y)
    seconds = time.perf_counter() - start
    found = advisor.recommendation_
    predicted = found.predicted_seconds
    line = f"n_jobs={advisor.n_jobs}, budget={advisor.budget}: {len(found.pairs)} pairs, "
    line += f"{seconds:.1f} s, predicted {predicted.expected:.1f} "
    line += f"({predicted.low:.1f} to {predicted.high:.1f})"
    if advisor.budget is not None:
        late = seconds - advisor.budget
        kept = late <= max(ALLOWED_SECONDS, ALLOWED_SHARE * advisor.budget)
        line += f", {'kept' if kept else f'LATE by {late:.1f} s'}"
    print(line, flush=True)


if __name__ == "__main__":
    main()
