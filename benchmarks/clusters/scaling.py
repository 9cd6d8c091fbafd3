"""How a race scales: from one worker to two, measured, and to 64, simulated with measured costs.

    python benchmarks/clusters/scaling.py [--pairs 10] [--turns 3]

Measured: all pairs of a race in this process, and on two worker processes of a Dask cluster, in
turns, with programs warm. joblib runs a race on a Dask cluster of a single worker in this process,
so the first is the cluster of one. Each worker has a core of its own, as in a container, since XLA
would else split the steps of a lone one over both. The target is a ratio of at least 1.6 on a
machine with two idle cores (Linux).

Simulated: the same race on more workers. Rounds of half as many pairs as there are workers; a round
ends with its slowest fit, or with the simple models, which this process scores meanwhile; what it
does between rounds, and what a round costs beside its fits, is as measured. Data travel in no time,
because they do so once.
"""

from __future__ import annotations

import argparse
import heapq
import os
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from statistics import median

TARGET = 1.6
WORKERS = (1, 2, 4, 8, 16, 32, 64)
SIMULATED_PAIRS = 160  # enough for five rounds of 64 workers
EARLY = 3  # pairs after which a race that may stop early often does


@dataclass(frozen=True)
class Costs:
    """Seconds that were measured."""

    pairs: list[tuple[float, float]]  # of both fits of each pair, on a worker
    meanwhile: float  # of the simple models of a pair, scored here while its fits run elsewhere
    between: float  # of what is done here for each pair when they have ended
    round_overhead: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=10)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=40)
    options = parser.parse_args()
    turns, costs = measure(options)
    one, two = (median(seconds) for seconds in zip(*turns, strict=True))
    print(f"{options.pairs} pairs on one worker and on two, seconds of each turn:")
    for turn in turns:
        print(f"  {turn[0]:6.1f} {turn[1]:6.1f}   ratio {turn[0] / turn[1]:.2f}")
    verdict = "reached" if one / two >= TARGET else "missed"
    print(f"  median {one:.1f} and {two:.1f}: {one / two:.2f} times as fast, {verdict}: {TARGET}")
    fit = median(seconds for pair in costs.pairs for seconds in pair)
    print(
        f"\nA fit takes {fit:.2f} s (median), its pair's simple models {costs.meanwhile:.3f} s in "
        f"this process\nmeanwhile and {costs.between:.3f} s after it; a round takes "
        f"{costs.round_overhead:.3f} s beside both."
    )
    print_table(costs)


def measure(options: argparse.Namespace) -> tuple[list[tuple[float, float]], Costs]:
    """Run the race in turns here and on two workers."""
    from distributed import Client, LocalCluster
    from joblib import parallel_config
    from sklearn.model_selection import RepeatedKFold

    from rnnselect import RNNAdvisor, RNNClassifier
    from rnnselect.comparison.comparison import Comparison
    from rnnselect.datasets import make_temporal_order

    X, y = make_temporal_order(1000, length=50, random_state=0)
    # Any data would serve: the number of epochs is fixed.
    network = RNNClassifier(embedding_dim=8, epochs=options.epochs, early_stopping=False)
    folds = RepeatedKFold(n_splits=5, n_repeats=max(1, options.pairs // 5), random_state=0)

    score, in_models = Comparison.baseline_scores, []

    def timed(comparison: Comparison, k: int) -> dict[str, float]:
        start = time.perf_counter()
        try:
            return score(comparison, k)
        finally:
            in_models.append(time.perf_counter() - start)

    Comparison.baseline_scores = timed

    def race() -> tuple[float, list[tuple[float, float]]]:
        start = time.perf_counter()
        advisor = RNNAdvisor(network, cv=folds, min_gain=0, random_state=0)
        pairs = advisor.recommend(X, y).pairs
        seconds = time.perf_counter() - start
        return seconds, [tuple(pair.seconds.values()) for pair in pairs]

    cores = sorted(os.sched_getaffinity(0))[:2]
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0")
    turns, all_pairs, meanwhiles, betweens, overheads = [], [], [], [], []
    with cluster, Client(cluster) as client:
        for core, worker in zip(cores, client.scheduler_info()["workers"], strict=True):
            client.run(keep_to, {core}, workers=[worker])
        for turn in range(options.turns + 1):
            in_models.clear()
            keep_to(cores[:1])
            one, pairs_here = race()
            meanwhiles.append(sum(in_models) / len(pairs_here))
            keep_to(cores)
            with parallel_config(backend="dask"):
                two, pairs = race()
            if turn == 0:
                continue  # both compile
            turns.append((one, two))
            all_pairs += pairs
            beside = (one - sum(map(sum, pairs_here))) / len(pairs)
            betweens.append(max(0.0, beside - meanwhiles[-1]))
            overheads.append((two - sum(map(max, pairs))) / len(pairs) - betweens[-1])
    costs = median(meanwhiles[1:]), median(betweens), max(0.0, median(overheads))
    return turns, Costs(all_pairs, *costs)


def keep_to(cores: Iterable[int]) -> None:
    """Run all threads of this process on some cores; those to come inherit it."""
    for thread in os.listdir("/proc/self/task"):
        with suppress(ProcessLookupError):  # it has just ended
            os.sched_setaffinity(int(thread), cores)


def print_table(costs: Costs) -> None:
    print(
        f"\nSimulated: {SIMULATED_PAIRS} pairs to the end, and the pairs that have been started "
        f"when\nthe rules stop after {EARLY}.\n\n"
        "workers  pairs a round  seconds  times as fast  efficiency  started"
    )
    alone = simulate(costs, 1)
    for n_workers in WORKERS:
        seconds, at_once = simulate(costs, n_workers), max(1, n_workers // 2)
        started = -(-EARLY // at_once) * at_once
        print(
            f"{n_workers:7d}  {at_once:13d}  {seconds:7.1f}  {alone / seconds:13.1f}"
            f"  {alone / seconds / n_workers:10.0%}  {started:7d}"
        )


def simulate(costs: Costs, n_workers: int) -> float:
    """Return the seconds of a race to the end."""
    pairs = [costs.pairs[k % len(costs.pairs)] for k in range(SIMULATED_PAIRS)]
    at_once = max(1, n_workers // 2)
    total = 0.0
    for first in range(0, len(pairs), at_once):
        busy_until = [0.0] * n_workers
        for seconds in (each for pair in pairs[first : first + at_once] for each in pair):
            heapq.heappush(busy_until, heapq.heappop(busy_until) + seconds)
        n_pairs = len(pairs[first : first + at_once])
        overhead = costs.round_overhead if n_workers > 1 else 0.0
        here = n_pairs * costs.meanwhile
        rest = overhead + n_pairs * costs.between
        total += rest + (max(*busy_until, here) if n_workers > 1 else here + max(busy_until))
    return total


if __name__ == "__main__":
    main()
