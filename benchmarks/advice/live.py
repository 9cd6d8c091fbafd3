"""Times real calls, each in a fresh process: budgets kept, costs foreseen, searches as they are.

`run.py --live N` starts it. On each data set the advisor first runs all five pairs without a
budget, and is then called with budgets of a tenth, three tenths, one and three times as many
seconds; and both cells are searched over by successive halving and by three folds. Measurements
are appended to results/; what is there is not taken again.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from budgets import BUDGET_SHARES
from others import Decision, Situation
from page import Section
from records import LSTM
from replay import Material, Replay

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results" / "live.jsonl"
TIMEOUT_SECONDS = 3600.0
SEARCHES = {
    "halving": "HalvingGridSearchCV(factor=2), run live",
    "three_folds": "3 paired folds, run live",
}
# The promises: none later than this share of the budget or this many seconds.
MAX_OVERRUN, MAX_OVERRUN_SECONDS, P99_OVERRUN = 0.05, 0.5, 0.02
MEDIAN_ERROR, P90_ERROR, COVERAGE = 0.08, 0.20, (0.85, 0.95)

Records = Sequence[dict[str, Any]]


def measure(n_sets: int, folder: Path) -> None:
    """Take what is still missing for the first sets of their families, the cheapest first."""
    sys.path.insert(0, str(HERE.parent / "speed"))
    from cases import Library  # of the study
    from run import from_fresh_process  # of the speed benchmark
    from schedule import Schedule  # of the study

    for name in Schedule(Library(folder)).family_first()[:n_sets]:
        done = {_key(row): row for row in read() if row["data"] == name}
        for settings in calls_of(done):
            if (settings["what"], settings.get("share")) in done:
                continue
            task = {key: value for key, value in settings.items() if key != "share"}
            words = json.dumps({**task, "data": name, "folder": str(folder.resolve())})
            title = " ".join(map(str, (name, *settings.values())))
            record = from_fresh_process(["calls.py", words], HERE, title, TIMEOUT_SECONDS)
            if record is None:
                break
            row = {"data": name, **settings, "load": os.getloadavg()[0], **record}
            done[_key(row)] = row
            RESULTS.parent.mkdir(exist_ok=True)
            with RESULTS.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")


def calls_of(done: dict[tuple[str, float | None], dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the calls on one set; budgets follow from what the first one took."""
    yield {"what": "recommend", "share": None, "budget_seconds": None}
    full = done["recommend", None]["seconds"]
    for share in BUDGET_SHARES:
        yield {"what": "recommend", "share": share, "budget_seconds": share * full}
    for what in SEARCHES:
        yield {"what": what}


def read() -> list[dict[str, Any]]:
    """Return all measurements so far."""
    if not RESULTS.exists():
        return []
    return [json.loads(line) for line in RESULTS.read_text(encoding="utf-8").splitlines()]


def searches(material: Material) -> dict[str, Replay]:
    """Return what searches chose on the sets on which they were run."""
    replays = {title: Replay() for title in SEARCHES.values()}
    number_of = {each.name: number for number, each in enumerate(material.sets)}
    for row in read():
        if row["what"] in SEARCHES and row["data"] in number_of:
            number = number_of[row["data"]]
            recorded = material.sets[number]
            pairs = recorded.repetitions[recorded.replayed[0]]
            situation = Situation(recorded, pairs, (), material.priors[number], seed=0)
            decision = Decision(float(row["cell"] == LSTM), row["n_pairs"], row["seconds"])
            replays[SEARCHES[row["what"]]].add(number, situation, decision)
    return replays


def sections() -> list[Section]:
    """Return budgets kept and costs foreseen, as far as they were measured."""
    rows = [row for row in read() if row["what"] == "recommend"]
    loads = [row["load"] for row in rows]
    text = "Not measured yet: `run.py --live N` does."
    if rows:
        text = (
            f"{len(rows)} calls on {len({row['data'] for row in rows})} data sets, each in a fresh "
            f"process, importing TensorFlow included; load {min(loads):.1f} to {max(loads):.1f}. "
            "Costs are foreseen after the probe, for all five pairs."
        )
    heading = ("measure", "measured", "target", "met", "calls")
    return [Section("Live: budgets and costs", text, heading, [*_overrun(rows), *_forecast(rows)])]


def _key(row: dict[str, Any]) -> tuple[str, float | None]:
    return row["what"], row.get("share")


def _overrun(rows: Records) -> Iterable[list[str]]:
    budgets = [(row["seconds"], row["budget_seconds"]) for row in rows if row["budget_seconds"]]
    if not budgets:
        return
    late = np.array([max(0.0, seconds - budget) for seconds, budget in budgets])
    share = late / np.array([budget for _, budget in budgets])
    p99 = float(np.quantile(share, 0.99))
    kept = bool(((share <= MAX_OVERRUN) | (late <= MAX_OVERRUN_SECONDS)).all())
    tested = sum(row["n_pairs"] > 0 for row in rows if row["budget_seconds"])
    largest, n = f"{share.max():.1%} ({late.max():.2f} s)", f"{len(budgets)}, {tested} with pairs"
    yield ["budget overrun, p99", f"{p99:.1%}", "at most 2 %", _yes(p99 <= P99_OVERRUN), n]
    yield ["budget overrun, largest", largest, "at most 5 % or 0.5 s", _yes(kept), n]


def _forecast(rows: Records) -> Iterable[list[str]]:
    full = [row for row in rows if row["share"] is None]
    if not full:
        return
    actual = np.array([row["seconds"] for row in full])
    low, expected, high = (
        np.array([row["predicted"][end] for row in full]) for end in ("low", "expected", "high")
    )
    error = np.abs(expected - actual) / actual
    median, p90 = float(np.median(error)), float(np.quantile(error, 0.9))
    covered = float(np.mean((low <= actual) & (actual <= high)))
    n = str(len(full))
    small = _yes(median <= MEDIAN_ERROR), _yes(p90 <= P90_ERROR)
    within = _yes(COVERAGE[0] <= covered <= COVERAGE[1])
    yield ["cost forecast, median error", f"{median:.1%}", "at most 8 %", small[0], n]
    yield ["cost forecast, p90 of error", f"{p90:.1%}", "at most 20 %", small[1], n]
    yield ["its 90 % interval covers", f"{covered:.1%}", "85 to 95 %", within, n]


def _yes(met: bool) -> str:
    return "yes" if met else "no"
