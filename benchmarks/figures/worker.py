"""Takes one measurement in this process and prints it as JSON; `run.py` starts it.

python benchmarks/figures/worker.py start.plan '{"n_repeats": 3}'
"""

from __future__ import annotations

import importlib
import json
import sys
import time

import parts  # noqa: F401 -- makes the speed benchmark's files importable


def measure(contender: str, settings: dict) -> dict:
    """Call ``module.function`` and return its record, with the seconds that it took."""
    module, function = contender.split(".")
    start = time.perf_counter()
    record = getattr(importlib.import_module(module), function)(**settings)
    return {"seconds": time.perf_counter() - start, **record}


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], json.loads(sys.argv[2]))))
