"""Endless shapes: what becomes of a process, and of workers, that meet ever new lengths."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import numpy as np
from parts import HERE, Part, Records, Row

N_SAMPLES = 16
UNITS = 2
SHORTEST = 2
# "No slower without a warning": the median of this many fits, against the first ones.
WINDOW = 50
# A fit may be slower by this factor before it counts; single fits vary more on a busy machine.
NOTICEABLE = 1.5
FITS = Part("shapes.fits", {"n_fits": 1000}, {"n_fits": 6})
WORKERS = {
    with_psutil: Part("shapes.workers", {"n_fits": 240, "with_psutil": with_psutil}, {"n_fits": 4})
    for with_psutil in (False, True)
}
PARTS = [FITS, *WORKERS.values()]


def fits(n_fits: int) -> dict:
    """Fit ever new lengths in one process, which may die of it."""
    child = subprocess.run(
        [sys.executable, "shapes.py", str(n_fits)], cwd=HERE, capture_output=True, text=True
    )
    taken = [json.loads(line) for line in child.stdout.splitlines()]
    if not taken:
        raise RuntimeError(f"not one fit was made: {child.stderr}")
    return {"exit_code": child.returncode, "fits": taken, "n_asked": n_fits}


def lengths(n_fits: int) -> list[int]:
    """Return different sequence lengths in a random order."""
    return np.random.default_rng(0).permutation(SHORTEST + np.arange(n_fits)).tolist()


def fit_once(n_timesteps: int) -> dict:
    """Fit one length in this process, and say what it cost and what the process has become."""
    from rnnselect import RNNClassifier

    X = np.random.default_rng(n_timesteps).standard_normal((N_SAMPLES, n_timesteps, 1))
    y = np.arange(N_SAMPLES) % 2
    start = time.perf_counter()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fitted = RNNClassifier(units=UNITS, epochs=1, early_stopping=False).fit(X, y)
    return {
        "n_timesteps": n_timesteps,
        "seconds": time.perf_counter() - start,
        "engine": fitted.engine_,
        "warnings": [f"{w.category.__name__}: {w.message}" for w in caught],
        **_process(),
    }


def _process() -> dict:
    from memory import status

    return {
        "pid": os.getpid(),
        "n_mappings": Path("/proc/self/maps").read_bytes().count(b"\n"),
        "resident_bytes": status("VmRSS"),
    }


def workers(n_fits: int, with_psutil: bool) -> dict:
    """Fit ever new lengths in joblib's worker processes.

    joblib ends a worker whose memory has grown by 300 MB, if psutil is installed.
    """
    from joblib import Parallel, delayed

    with psutil_hidden(not with_psutil), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        run = Parallel(n_jobs=2, backend="loky", batch_size=1)
        taken = run(delayed(fit_once)(length) for length in lengths(n_fits))
    return {"fits": taken, "warnings": sorted({str(w.message) for w in caught})}


@contextmanager
def psutil_hidden(hidden: bool) -> Iterator[None]:
    """Start child processes that find no psutil."""
    before = os.environ.get("PYTHONPATH")
    with tempfile.TemporaryDirectory() as folder:
        if hidden:
            (Path(folder) / "psutil.py").write_text("raise ImportError('hidden')\n")
            os.environ["PYTHONPATH"] = os.pathsep.join([folder, *([before] if before else [])])
        try:
            yield
        finally:
            if hidden and before is None:
                del os.environ["PYTHONPATH"]
            elif hidden:
                os.environ["PYTHONPATH"] = before


def rows(records: Records) -> Iterator[Row]:
    """Judge what has been measured."""
    for record in FITS.found(records)[-1:]:
        taken = record["fits"]
        crashed = record["exit_code"] != 0 or len(taken) < record["n_asked"]
        warned = next((i for i, fit in enumerate(taken, 1) if fit["warnings"]), None)
        slower = first_slower(taken)
        plain = next((i for i, fit in enumerate(taken, 1) if fit["engine"] == "keras"), None)
        unwarned = slower is not None and (warned is None or slower < warned)
        yield Row(
            f"{record['n_asked']:,} fits with as many shapes in one process",
            "no crash; no slowing down without a warning",
            f"{'exit code ' + str(record['exit_code']) if crashed else 'no crash'}; "
            f"warning at fit {warned}, model.fit from fit {plain}, "
            f"{'never slower' if slower is None else f'slower from fit {slower}'}; "
            f"{phases(taken)}",
            not crashed and not unwarned,
        )
    for with_psutil, part in WORKERS.items():
        for record in part.found(records)[-1:]:
            pids = [fit["pid"] for fit in record["fits"]]
            most = max(pids.count(pid) for pid in pids)
            yield Row(
                f"{len(pids)} fits with as many shapes in two loky workers, psutil "
                f"{'installed' if with_psutil else 'absent'}",
                "",
                f"{len(set(pids))} processes, at most {most} fits and "
                f"{max(fit['n_mappings'] for fit in record['fits']):,} mappings each",
            )


def first_slower(taken: list[dict]) -> int | None:
    """Return the first fit from which on the median of a window is noticeably higher, or None."""
    seconds = [fit["seconds"] for fit in taken]
    usual = median(seconds[1 : WINDOW + 1])  # the very first one imports TensorFlow
    for start in range(1, len(seconds) - WINDOW + 1):
        if median(seconds[start : start + WINDOW]) > NOTICEABLE * usual:
            return start + 1
    return None


def phases(taken: list[dict]) -> str:
    """Say what a fit costs by each engine, and what the process has become by its end."""
    texts = []
    for engine in dict.fromkeys(fit["engine"] for fit in taken):
        of_engine = [fit for fit in taken if fit["engine"] == engine]
        seconds = median(fit["seconds"] for fit in of_engine)
        last = of_engine[-1]
        texts.append(
            f"{engine}: {seconds:.2f} s a fit, at its end {last['n_mappings']:,} mappings and "
            f"{last['resident_bytes'] / 2**20:,.0f} MiB"
        )
    return "; ".join(texts)


if __name__ == "__main__":
    for n_timesteps in lengths(int(sys.argv[1])):
        print(json.dumps(fit_once(n_timesteps)), flush=True)
