"""Runs the study's pairs on the workers of a Dask cluster, through joblib.

The workers must find this folder and the package (`PYTHONPATH`), and the data sets under the same
path. Each runs its batches in a process of its own beside it, as the study does on one machine; a
batch whose worker is lost is run again on another.
"""

from __future__ import annotations

import atexit
import os
import time
from functools import cache
from pathlib import Path
from typing import Any

import joblib
from schedule import Batch
from workers import Keep, Worker


def run_there(
    batches: list[Batch], folder: Path | None, scheduler: str, keep: Keep, end: float
) -> None:
    """Run batches on a cluster, and hand over the records of each when it is complete.

    Parameters
    ----------
    batches : list of Batch
        What to run.
    folder : Path or None
        The data sets, as the workers see them.
    scheduler : str
        Address of the cluster's scheduler.
    keep : callable
        Takes each record, and the batch that it belongs to.
    end : float
        On this machine's monotonic clock; what is not complete by then is given up.
    """
    from distributed import Client

    with Client(scheduler), joblib.parallel_config(backend="dask"):
        parallel = joblib.Parallel(return_as="generator_unordered")
        finished = parallel(joblib.delayed(_records)(i, b, folder) for i, b in enumerate(batches))
        for i, records in finished:
            for record in records:
                keep(record, batches[i])
            if time.monotonic() >= end:
                finished.close()
                return


def _records(i: int, batch: Batch, folder: Path | None) -> tuple[int, list[dict[str, Any]]]:
    return i, list(_process_beside(folder).records(batch))


@cache
def _process_beside(folder: Path | None) -> Worker:
    """Return what runs the batches of this process; workers of one machine get several cores."""
    worker = Worker(os.getpid(), folder)
    atexit.register(worker.close)
    return worker
