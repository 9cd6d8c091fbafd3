"""Four threads fit, race, search and predict for a long time, and must come to the same results.

    python benchmarks/soak/run.py [--minutes 15] [--threads 4] [--seed S] [--keras-fits]

First every job is done once by a single thread: that is what it must come to. Then the threads
take jobs at random. It fails where a result differs or a job raises, where a job takes so long
that it must be waiting for another one, and where memory still grows after the warm-up.
"""

from __future__ import annotations

import argparse
import faulthandler
import os
import sys
import threading
import time
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from jobs import jobs

# The share of the time after which memory must not grow, and by how much it may: allocators of
# several threads take a while to find their size.
WARM_UP_SHARE = 0.3
ALLOWED_GROWTH = 0.05
# Memory before and after is the median over this share of the time.
WINDOW_SHARE = 0.1
SAMPLE_SECONDS = 2.0
# A job that takes this many times what it took alone, and as many seconds more, hangs.
HANG_FACTOR = 20
HANG_SECONDS = 120.0
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Soak:
    """What the threads share; only appended to, and read at the end."""

    expected: dict[str, Any]
    alone_seconds: dict[str, float]
    stop_at: float
    done: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    running: dict[int, tuple[str, float]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


def main() -> None:
    options = parse_options()
    warnings.simplefilter("ignore")
    work = jobs(options.keras_fits)
    print(f"Each of {len(work)} jobs alone ...", flush=True)
    expected = {name: job() for name, job in work.items()}  # compiles
    alone = {name: _seconds(job) for name, job in work.items()}
    start = time.monotonic()
    soak = Soak(expected, alone, start + 60 * options.minutes)
    threads = [
        threading.Thread(target=one_thread, args=(soak, work, [options.seed, k]), daemon=True)
        for k in range(options.threads)
    ]
    print(f"{options.threads} threads, {options.minutes:g} minutes ...", flush=True)
    for thread in threads:
        thread.start()
    memory = watch(soak, threads, start)
    report(soak, memory, options)


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=15, help="how long (15)")
    parser.add_argument("--threads", type=int, default=4, help="how many (4)")
    parser.add_argument("--seed", type=int, default=0, help="of the order of the jobs (0)")
    parser.add_argument(
        "--keras-fits", action="store_true",
        help="fit by keras.Model.fit as well, which keeps memory itself: growth is not judged",
    )  # fmt: skip
    return parser.parse_args()


def one_thread(soak: Soak, work: dict[str, Any], seed: list[int]) -> None:
    """Do random jobs until the time is over; long ones are drawn less often."""
    random = np.random.default_rng(seed)
    weights = np.array([1 / max(soak.alone_seconds[name], 0.01) ** 0.5 for name in work])
    while time.monotonic() < soak.stop_at and not soak.failures:
        name = str(random.choice(list(work), p=weights / weights.sum()))
        soak.running[threading.get_ident()] = (name, time.monotonic())
        try:
            np.testing.assert_array_equal(work[name](), soak.expected[name])
        except Exception as error:
            soak.failures.append(f"{name}: {type(error).__name__}: {error}")
        with soak.lock:
            soak.done[name] += 1
    soak.running.pop(threading.get_ident(), None)


def watch(soak: Soak, threads: list[threading.Thread], start: float) -> list[tuple[float, int]]:
    """Note the resident memory until all threads have ended or one hangs."""
    memory = []
    while any(thread.is_alive() for thread in threads):
        time.sleep(SAMPLE_SECONDS)
        now = time.monotonic()
        if now < soak.stop_at:
            memory.append((now - start, resident_bytes()))
        for name, since in list(soak.running.values()):
            limit = HANG_SECONDS + HANG_FACTOR * soak.alone_seconds[name]
            if now - since > limit:
                faulthandler.dump_traceback(all_threads=True)
                soak.failures.append(f"{name}: has not ended within {limit:.0f} s")
                return memory
    return memory


def resident_bytes() -> int:
    return PAGE_BYTES * int(Path("/proc/self/statm").read_text().split()[1])


def report(soak: Soak, memory: list[tuple[float, int]], options: argparse.Namespace) -> None:
    print(f"{'job':20}{'done':>7}{'alone':>10}")
    for name, seconds in soak.alone_seconds.items():
        print(f"{name:20}{soak.done[name]:7}{seconds:8.2f} s")
    print(f"{soak.done.total()} jobs in {options.minutes:g} minutes by {options.threads} threads")
    before, after = growth(memory, 60 * options.minutes)
    print(f"resident memory: {before / 2**20:.0f} MiB after the warm-up, {after / 2**20:.0f} MiB "
          f"in the end ({100 * (after / before - 1):+.1f} %)")  # fmt: skip
    if after > (1 + ALLOWED_GROWTH) * before and not options.keras_fits:
        soak.failures.append(f"memory grows by more than {100 * ALLOWED_GROWTH:.0f} %")
    if soak.failures:
        sys.stdout.flush()
        print("\n".join(f"error: {failure}" for failure in soak.failures), file=sys.stderr)
        sys.stderr.flush()
        os._exit(1)  # a thread that hangs would keep the process alive
    print("No result differs, and nothing hangs.")


def growth(memory: list[tuple[float, int]], seconds: float) -> tuple[float, float]:
    """Return the memory after the warm-up and in the end, each the median over a window."""
    medians = []
    for begin in (WARM_UP_SHARE * seconds, (1 - WINDOW_SHARE) * seconds):
        window = [b for at, b in memory if begin <= at <= begin + WINDOW_SHARE * seconds]
        medians.append(median(window or [b for _, b in memory[-1:]] or [resident_bytes()]))
    return medians[0], medians[1]


def _seconds(job: Any) -> float:
    start = time.monotonic()
    job()
    return time.monotonic() - start


if __name__ == "__main__":
    main()
