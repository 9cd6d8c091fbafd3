"""Takes one measurement in this process and prints it as JSON; `run.py` starts it.

    python benchmarks/speed/measure.py ours.fit '{"cells": ["gru"]}'

Importing the libraries and making the data come before the clock; tracing and compiling count.
"""

from __future__ import annotations

import importlib
import json
import sys
import time

from tasks import Task


def measure(contender: str, task: Task) -> dict:
    """Time one piece of work.

    Parameters
    ----------
    contender : str
        ``module.function`` of a function that takes the task and returns the work: a function
        without arguments that returns what else is to be recorded. Values in that record which
        are functions are called after the clock has stopped.
    task : Task
        What to train.

    Returns
    -------
    dict
        ``wall_seconds``, ``cpu_seconds``, and what the work returned. What it returns as
        ``seconds`` is what counts; by default that is the wall-clock time.
    """
    module, function = contender.split(".")
    work = getattr(importlib.import_module(module), function)(task)
    start, start_cpu = time.perf_counter(), time.process_time()
    record = work()
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - start_cpu
    record = {key: value() if callable(value) else value for key, value in record.items()}
    times = {"seconds": seconds, "wall_seconds": seconds, "cpu_seconds": cpu_seconds}
    return {**times, **record}


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], Task.from_dict(json.loads(sys.argv[2])))))
