"""Measures how long each malformed input of the tests takes to be refused.

python benchmarks/bad_input/measure.py

It should be less than 100 ms, and without Keras. Prints the slowest ones.
"""

from __future__ import annotations

import importlib.util
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

TESTS = Path(__file__).parents[2] / "tests" / "integration"
LIMIT_SECONDS = 0.1
N_REPEATS = 3
N_SHOWN = 10


def refusals() -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield the name and the call of each malformed input in the tests' tables."""
    for path in sorted(TESTS.glob("test_malformed_*.py")):
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for constant, table in vars(module).items():
            if constant.isupper() and isinstance(table, dict):
                for name, row in table.items():
                    yield f"{path.stem}: {name}", row[0]


def seconds_to_refuse(call: Callable[[], object]) -> float:
    """Return the least seconds until the call raises."""
    best = float("inf")
    for _ in range(N_REPEATS):
        start = time.perf_counter()
        try:
            call()
        except Exception:
            best = min(best, time.perf_counter() - start)
        else:
            raise AssertionError("was not refused")
    return best


def main() -> None:
    warnings.simplefilter("ignore")
    measured = sorted(((seconds_to_refuse(call), name) for name, call in refusals()), reverse=True)
    late = sum(seconds > LIMIT_SECONDS for seconds, _ in measured)
    print(f"{len(measured)} malformed inputs, {late} refused after more than {LIMIT_SECONDS} s.")
    for seconds, name in measured[:N_SHOWN]:
        print(f"  {seconds:.3f} s  {name}")
    print(f"Keras was {'' if 'keras' in sys.modules else 'not '}imported.")


if __name__ == "__main__":
    main()
