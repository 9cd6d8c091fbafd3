"""The memory of one fit: what a plan predicts, beside what the fit takes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
from memory import status
from parts import Part, Records, Row

MEGABYTE = 1e6
LARGEST_ERROR = 0.25
N_SAMPLES, N_CHANNELS, VOCABULARY = 512, 4, 5000
TRAINED_SHARE = 0.8
BOTH = ("gru", "lstm")
QUICK = {"units": 8, "n_timesteps": 10, "n_samples": 100}
USUAL = {"units": 64, "n_timesteps": 250, "batch_size": 32}
# The arithmetic was fitted to these,
SEEN = [
    {"units": units, "n_timesteps": n_timesteps, "batch_size": batch_size, "cell": cell}
    for units, n_timesteps, batch_size in product((16, 64, 256), (50, 250, 1000), (32, 128))
    for cell in BOTH
] + [
    {**USUAL, **changes, "cell": cell}
    for changes in (
        {"embedding_dim": 32},
        {"embedding_dim": 300, "n_timesteps": 50},
        {"bidirectional": True},
        {"num_layers": 2},
        {"n_channels": 100},
        {"n_samples": 50_000, "n_timesteps": 100, "n_channels": 8},
        {"ragged": True},
        {"dropout": 0.2},
        {"optimizer": "sgd", "units": 256, "n_timesteps": 50},
        {"units": 96, "n_timesteps": 300, "batch_size": 128, "num_layers": 3},
        {
            "bidirectional": True,
            "num_layers": 2,
            "units": 128,
            "n_timesteps": 500,
            "batch_size": 64,
        },
        {"units": 200, "n_timesteps": 400, "batch_size": 256, "n_channels": 1},
        {"units": 128, "n_timesteps": 400, "batch_size": 64, "embedding_dim": 100},
        {"units": 32, "n_timesteps": 200, "n_channels": 10, "n_samples": 40_000},
        {"units": 32, "n_timesteps": 400, "n_channels": 6, "n_samples": 20_000, "ragged": True},
    )
    for cell in BOTH
]
# and never saw these.
UNSEEN = [
    {**USUAL, **changes, "cell": cell}
    for changes in (
        {"units": 100, "n_timesteps": 600, "batch_size": 64, "num_layers": 2},
        {"units": 48, "n_timesteps": 150, "batch_size": 256, "bidirectional": True},
        {"units": 200, "n_timesteps": 120, "batch_size": 64, "embedding_dim": 50},
        {"units": 24, "n_timesteps": 300, "n_channels": 12, "n_samples": 30_000},
        {"units": 400, "n_timesteps": 200, "batch_size": 100, "n_channels": 20},
    )
    for cell in BOTH
]
PARTS = [Part("footprint.fit", settings, QUICK) for settings in (*SEEN, *UNSEEN)]


def fit(
    cell: str,
    units: int,
    n_timesteps: int,
    batch_size: int,
    n_samples: int = N_SAMPLES,
    n_channels: int = N_CHANNELS,
    embedding_dim: int | None = None,
    ragged: bool = False,
    **network,
) -> dict:
    """Return the most memory that one fit of a race and its scoring add, and the prediction."""
    import rnnselect.recurrent.compiled  # noqa: F401 -- in the memory before the fit
    from rnnselect import Budget, RNNAdvisor, RNNClassifier

    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, n_samples)
    if embedding_dim is not None:
        X = rng.integers(1, VOCABULARY, (n_samples, n_timesteps))
        network |= {"embedding_dim": embedding_dim, "vocabulary_size": VOCABULARY}
    else:
        X = rng.standard_normal((n_samples, n_timesteps, n_channels), dtype=np.float32)
    if ragged:
        X = [x[: rng.integers(n_timesteps // 8, n_timesteps + 1)] for x in X]
    common = {"units": units, "batch_size": batch_size, "epochs": 2, "random_state": 0}
    estimator = RNNClassifier(cell=cell, **common, **network)
    plan = RNNAdvisor(estimator, budget=Budget(memory="1TB")).plan(X, y)
    rows = np.split(rng.permutation(n_samples), [int(TRAINED_SHARE * n_samples)])
    forget_peak()
    before = status("VmRSS")
    (X_train, y_train), (X_test, y_test) = (taken(X, y, part) for part in rows)
    estimator.fit(X_train, y_train).score(X_test, y_test)
    return {
        "predicted_bytes": plan.limits[0].values[cell],
        "added_bytes": status("VmHWM") - before,
    }


def taken(X, y: np.ndarray, rows: np.ndarray):
    """Return some of the sequences, copied as cross-validation copies them."""
    return ([X[i] for i in rows] if isinstance(X, list) else X[rows]), y[rows]


def forget_peak() -> None:
    """Let the process's peak start anew from what it takes now."""
    Path("/proc/self/clear_refs").write_text("5")


def rows(records: Records) -> Iterator[Row]:
    """Judge the predictions: the worst that the arithmetic was fitted to, and all others."""
    seen = [
        (part, record)
        for part in PARTS
        if part.settings in SEEN
        for record in newest(part, records)
    ]
    if seen:
        part, record = max(seen, key=lambda each: abs(error(each[1])))
        yield _row(f"the worst of {len(seen)} fits that the arithmetic was fitted to", part, record)
    for part in PARTS:
        if part.settings in UNSEEN:
            for record in newest(part, records):
                yield _row("not fitted to", part, record)


def newest(part: Part, records: Records) -> list[dict]:
    """Return the newest measurement of a part, if there is any."""
    return part.found(records)[-1:]


def error(record: dict) -> float:
    """Return the relative error of a prediction."""
    return record["predicted_bytes"] / record["added_bytes"] - 1


def _row(kind: str, part: Part, record: dict) -> Row:
    shape = ", ".join(f"{name} {value}" for name, value in part.settings.items())
    predicted, added = (_megabytes(record[f"{name}_bytes"]) for name in ("predicted", "added"))
    return Row(
        f"predicted peak memory of a fit, over measured; {kind} ({shape})",
        f"within {LARGEST_ERROR:.0%}",
        f"{error(record):+.0%} ({predicted} over {added})",
        abs(error(record)) <= LARGEST_ERROR,
    )


def _megabytes(n_bytes: float) -> str:
    return f"{n_bytes / MEGABYTE:,.0f} MB"
