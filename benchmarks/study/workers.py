"""The processes that run the study's pairs: each on a core of its own, and replaced when full."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from schedule import Batch

WORKER = Path(__file__).with_name("worker.py")
# Each compiled program keeps 100 memory mappings; far below the number at which a process dies.
MAX_PROGRAMS = 150
MESSAGE_LINES = 8
# Takes a record, and the batch that it belongs to.
Keep = Callable[[dict[str, Any], Batch], None]


def run_here(
    batches: Iterable[Batch], folder: Path | None, n_workers: int, keep: Keep, end: float
) -> None:
    """Run batches on the cores of this machine, each worker one at a time.

    Parameters
    ----------
    batches : iterable of Batch
        What to run.
    folder : Path or None
        The data sets.
    n_workers : int
        Processes.
    keep : callable
        Takes each record as soon as there is one, and its batch; never called twice at a time.
    end : float
        On the monotonic clock; no pair is begun after it.
    """
    workers = [Worker(core, folder) for core in range(n_workers)]
    queue = iter(batches)  # shared: each worker takes the next one when it is free
    lock = threading.Lock()

    def work_off(worker: Worker) -> None:
        with closing(worker):
            for record, batch in ((r, b) for b in queue for r in worker.records(b)):
                with lock:
                    keep(record, batch)
                if time.monotonic() >= end:
                    return

    with ThreadPoolExecutor(n_workers) as threads:
        try:
            for running in [threads.submit(work_off, worker) for worker in workers]:
                running.result()
        finally:
            for worker in workers:
                worker.stop()


class Worker:
    """Runs batches on one core, in one process after the other.

    Parameters
    ----------
    core : int
        Which of the cores that this process may use.
    folder : Path or None
        The data sets.
    """

    def __init__(self, core: int, folder: Path | None) -> None:
        self.command = [sys.executable, str(WORKER), str(core), *([str(folder)] if folder else [])]
        self.is_closed = False
        self._process: subprocess.Popen[str] | None = None
        self._errors = TemporaryFile("w+")  # noqa: SIM115 (closed with the worker)

    def records(self, batch: Batch) -> Iterator[dict[str, Any]]:
        """Yield a record for each pair; where the process dies of one, its record says so."""
        folds = list(batch.folds)
        while folds and not self.is_closed:
            process = self._started()
            for record in _answers(process, {"case": asdict(batch.case), "folds": folds}):
                folds.pop(0)
                if not folds and record["n_programs"] >= MAX_PROGRAMS:
                    self._end()
                yield record
                if not folds:
                    return
            words = self._end()
            if not self.is_closed:
                repetition, fold = folds.pop(0)
                error = f"the worker died: {words}"
                yield {"case": batch.case.key, "repetition": repetition, "fold": fold,
                       "error": error}  # fmt: skip

    def stop(self) -> None:
        """End the process, whatever it does, from any thread; no further one is started."""
        self.is_closed = True
        process = self._process
        if process is not None:
            process.terminate()

    def close(self) -> None:
        """Free what the worker has."""
        self.stop()
        self._end()
        self._errors.close()

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None:
            self._errors.truncate(0)
            self._process = subprocess.Popen(
                self.command, env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors,
            )  # fmt: skip
        return self._process

    def _end(self) -> str:
        """End the process and return its last words."""
        if self._process is not None:
            self._process.terminate()
            with self._process:  # waits, and closes its pipes
                self._process = None
        self._errors.seek(0)
        return "\n".join(self._errors.read().splitlines()[-MESSAGE_LINES:])


def _answers(process: subprocess.Popen[str], batch: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Send a batch, and yield what comes back until it is over or the process is dead."""
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(f"{json.dumps(batch)}\n")
        process.stdin.flush()
    except BrokenPipeError:
        return
    for line in process.stdout:
        if line.startswith("{"):  # no library's message
            yield json.loads(line)
