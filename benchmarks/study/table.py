"""Makes the evidence table that the package ships out of the study's records.

    python benchmarks/study/table.py rnnselect/advice/data/evidence.csv [FILE.jsonl ...]

One row a data set and setting; without files, the newest of each part in results/ are read. Where
the columns mean something that their names do not say, `COLUMNS` says it. `pages.py` makes the
table and the pages that show it.
"""

from __future__ import annotations

import argparse
import csv
import math
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from statistics import fmean, median
from typing import Any

import numpy as np
from cases import CELLS
from journal import newest, read_records
from schedule import PARTS

# What the package may carry.
MAX_BYTES = 300_000
DIGITS, DECIMALS = 5, 9
SHOWN_VERSIONS = ("rnnselect", "tensorflow", "keras")
FACTS = (
    "kind", "topic", "task", "family", "n_samples", "sequence_length", "median_length",
    "n_channels", "n_classes", "majority_share", "vocabulary_size",
)  # fmt: skip
COLUMNS = {
    "part": "of the study: default, variants, sizes, lengths",
    "data": "name of the set",
    "setting": "what differs from the default network, or from the data as they are",
    **dict.fromkeys(FACTS, "of the comparison, before it is split"),
    "n_train": "training samples of a split, the validation part of early stopping included",
    "n_test": "test samples of a split",
    "metric": "accuracy, or r2",
    "n_splits": "pairs",
    "n_repetitions": "of five folds; draws of a learning curve",
    "gru": "mean score",
    "lstm": "mean score",
    "gap": "mean of LSTM minus GRU, in units of the score",
    "gap_se": "its standard error, see `standard_error`; empty where it is not known",
    "gap_points": "the same in points, each score floored at that of the dummy",
    "gap_points_se": "its standard error",
    "noise_points": "standard deviation of one pair's gap that the test samples alone make",
    "n_unused": "samples that the cap left out, on which every network was scored as well",
    "unused_gap_points": "gap in points on those",
    "unused_gap_points_se": "its standard error: spread of the pairs, and noise of the samples",
    "dummy": "mean score of a prediction without learning",
    "baseline": "best simple model",
    "baseline_score": "its mean score on the first five folds",
    "gru_seconds": "median of a fit and its scoring",
    "lstm_seconds": "median of a fit and its scoring",
    "gru_epochs": "mean",
    "lstm_epochs": "mean",
    "time_ratio": "GRU to LSTM, median seconds of an epoch",
    "gru_compile_seconds": "once a process",
    "lstm_compile_seconds": "once a process",
    "gru_parameters": "of the network",
    "lstm_parameters": "of the network",
    "versions": "of what trained",
    "date": "of the last pair",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, help="the table to write")
    parser.add_argument("files", type=Path, nargs="*", help="records; default: the newest ones")
    options = parser.parse_args()
    write_table(options.out, options.files or newest_records())


def newest_records() -> list[Path]:
    """Return the newest file of each part of the study."""
    files = [path for part in PARTS if (path := newest(part))]
    if not files:
        raise SystemExit("error: there are no records in results/; run.py makes them")
    return files


def write_table(out: Path, files: Sequence[Path]) -> None:
    """Write the table of some records."""
    rows = table(read_records(files))
    with out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    n_bytes = out.stat().st_size
    print(f"{len(rows)} rows, {n_bytes} bytes in {out}, from {len(files)} files.")
    if n_bytes > MAX_BYTES:
        raise SystemExit(f"error: more than {MAX_BYTES} bytes, which is too much for the package")


def table(records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one row for each case, in the order in which they were begun."""
    cases: dict[str, dict[tuple[int, int], dict[str, Any]]] = {}
    for record in records:
        if "error" not in record:  # the last record of a pair counts
            key = record["repetition"], record["fold"]
            cases.setdefault(record["case"], {})[key] = record
    return [_rounded(row_of(key, list(pairs.values()))) for key, pairs in cases.items()]


def row_of(key: str, pairs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the row of one case."""
    part, data, setting = key.split("/", maxsplit=2)
    is_curve = "n=" in setting
    last = max(pairs, key=lambda pair: pair["when"])
    is_classification = last["task"] == "classification"
    unit = 100.0 if is_classification else math.nan
    error = standard_error(_gaps(pairs, "points"), pairs, shared_test=is_curve)
    row = {
        "part": part, "data": data, "setting": setting, **{fact: last[fact] for fact in FACTS},
        "n_train": round(fmean(pair["n_fit"] for pair in pairs)),
        "n_test": round(fmean(pair["n_test"] for pair in pairs)),
        "metric": "accuracy" if is_classification else "r2",
        "n_splits": len(pairs), "n_repetitions": len({pair["repetition"] for pair in pairs}),
        **{cell: _mean(pair["scores"][cell] for pair in pairs) for cell in CELLS},
        "gap": _mean(_gaps(pairs, "scores")),
        "gap_se": error / unit if is_curve else standard_error(_gaps(pairs, "scores"), pairs),
        "gap_points": _mean(_gaps(pairs, "points")), "gap_points_se": error,
        "noise_points": math.sqrt(_mean(p["noise_variance_points2"] for p in pairs)),
        **_unused(pairs), **_baseline(pairs),
        "time_ratio": median(
            _epoch_seconds(pair, "gru") / _epoch_seconds(pair, "lstm")
            for pair in _without_compilation(pairs)
        ),
        "versions": "; ".join(
            text for text in last["versions"].split("; ") if text.startswith(SHOWN_VERSIONS)
        ),
        "date": last["when"][:10],
    }  # fmt: skip
    for cell in CELLS:
        fits = [pair["fits"][cell] for pair in pairs]
        timed = [pair["fits"][cell] for pair in _without_compilation(pairs)]
        row |= {
            f"{cell}_seconds": median(fit["fit_seconds"] + fit["score_seconds"] for fit in timed),
            f"{cell}_epochs": fmean(fit["n_epochs"] for fit in fits),
            f"{cell}_compile_seconds": median(p["compile_seconds"][cell] for p in pairs),
            f"{cell}_parameters": fits[0]["n_parameters"],
        }
    return row


def standard_error(
    gaps: list[float], pairs: list[dict[str, Any]], *, shared_test: bool = False
) -> float:
    """Return the standard error of a mean gap; NaN for fewer than two pairs.

    Folds: the variance of the pairs times 1/J + n_test/n_train, because their training parts
    overlap (Nadeau and Bengio, 2003, Inference for the generalization error, Machine Learning
    52(3)). Draws that share a test part: the variance of the pairs over J, and the noise of the
    one test part, which more draws do not lower (both in points).
    """
    finite = [gap for gap in gaps if math.isfinite(gap)]
    if len(finite) < 2:
        return math.nan
    variance = float(np.var(finite, ddof=1))
    if shared_test:
        noise = _mean(pair["noise_variance_points2"] for pair in pairs)
        return math.sqrt(variance / len(finite) + noise)
    overlap = fmean(pair["n_test"] / pair["n_fit"] for pair in pairs)
    return math.sqrt(variance * (1 / len(finite) + overlap))


def _unused(pairs: list[dict[str, Any]]) -> dict[str, Any]:
    unused = [pair["unused"] for pair in pairs if "unused" in pair]
    if not unused:
        return {"n_unused": 0}
    gaps = _gaps(unused, "points")
    return {
        "n_unused": unused[0]["n"],
        "unused_gap_points": _mean(gaps),
        "unused_gap_points_se": standard_error(gaps, unused, shared_test=True),
    }


def _baseline(pairs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the dummy's score, and the linear model that is best where it was fitted."""
    first = [pair["baselines"] for pair in pairs if len(pair["baselines"]) > 1]
    row = {"dummy": _mean(pair["baselines"]["dummy"] for pair in pairs)}
    names = set(chain.from_iterable(first)) - {"dummy"}
    if names:
        best = max(names, key=lambda name: _mean(scores[name] for scores in first))
        row |= {"baseline": best, "baseline_score": _mean(scores[best] for scores in first)}
    return row


def _gaps(pairs: list[dict[str, Any]], unit: str) -> list[float]:
    first, second = CELLS
    return [pair[unit][second] - pair[unit][first] for pair in pairs]


def _without_compilation(pairs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the pairs whose fits compiled nothing, or all where there is none."""
    clean = [p for p in pairs if not any(fit["n_compiled"] for fit in p["fits"].values())]
    return clean or pairs


def _epoch_seconds(pair: dict[str, Any], cell: str) -> float:
    fit = pair["fits"][cell]
    return fit["fit_seconds"] / max(1, fit["n_epochs"])


def _mean(values: Iterable[float | None]) -> float:
    """Return the mean of what is known: training that diverged has no score."""
    known = [value for value in values if value is not None and math.isfinite(value)]
    return fmean(known) if known else math.nan


def _rounded(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row for the file: few digits, nothing where nothing is known."""
    floats = {name: value for name, value in row.items() if isinstance(value, float)}
    texts = {
        name: f"{round(value, DECIMALS) + 0:.{DIGITS}g}" if math.isfinite(value) else ""
        for name, value in floats.items()
    }
    return {**row, **texts}


if __name__ == "__main__":
    main()
