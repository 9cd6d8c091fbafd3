"""The proof: how good the advice is, beside simpler rules, and whether it knows how sure it is.

    python benchmarks/advice/run.py [FILE.jsonl ...] [--write] [--quick] [--orders N] [--jobs N]
                                    [--live N --datasets FOLDER]

Replays the pairs that benchmarks/study/run.py recorded (by default its newest file of the default
part), and simulates races with known truth. `--live N` first times real calls on N data sets; what
was timed before is shown in any case. `--write` writes docs/advice.md with its picture, and all
figures as JSON into results/.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import costs
import live
import page
import prior_fit
import settings_fit
import simulate
import synthetic
from budgets import BUDGET_SHARES
from joblib import Parallel, delayed
from measures import Judge
from others import complete_pairs_within
from page import Section
from records import RecordedSet, default_files, read_sets
from replay import N_ORDERS, Material, Replay, prepare, replay
from rules import ABLATIONS, COMPARED, advisor
from tables import (
    CHOICE_COLUMNS,
    FIVE,
    OURS,
    RELIABLE_COLUMNS,
    ablation_section,
    budget_section,
    rules_section,
    target_section,
)

HERE = Path(__file__).resolve().parent
DOCS = HERE.parents[1] / "docs"
MIN_SETS = 60
N_SIMULATED, N_FIXED = 2000, 1000
QUICK_SETS, QUICK_ORDERS, QUICK_SIMULATED = 12, 2, 50
BUDGET_RULES = {
    "RNNAdvisor": lambda share: advisor(budget_share=share),
    "RNNAdvisor, no probe": lambda share: advisor(budget_share=share, probe=False),
    "paired folds until it ends": complete_pairs_within,
}


def main() -> None:
    options = parse_options()
    if options.live:
        live.measure(options.live, options.datasets)
    sets = synthetic_sets() if options.quick else read_sets(options.files)
    material = prepare(sets, options.min_repetitions)
    n = len(material.sets)
    if n == 0:
        raise SystemExit(
            f"error: no data set has {options.min_repetitions} complete repetitions of five "
            f"folds yet ({len(sets)} have one); --min-repetitions 1 gives a first impression"
        )
    if n < MIN_SETS and not options.quick:
        print(f"Preliminary: only {n} data sets have {options.min_repetitions} repetitions.")
    replays, within = replay_all(material, options)
    sections = all_sections(sets, material, replays, within, options.simulated)
    page.show(sections)
    if options.write:
        write(material, replays[OURS], sections, options)


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", type=Path, nargs="*", help="records; default: the newest ones")
    parser.add_argument("--write", action="store_true", help="write docs/advice.md")
    parser.add_argument("--quick", action="store_true", help="synthetic sets, to check the harness")
    parser.add_argument("--orders", type=int, default=N_ORDERS, help="of each repetition's folds")
    parser.add_argument("--jobs", type=int, default=1, help="processes that replay")
    parser.add_argument(
        "--min-repetitions", type=int, default=2, metavar="N", help="of the sets that are judged"
    )
    parser.add_argument("--live", type=int, default=0, metavar="N", help="sets to time calls on")
    parser.add_argument("--datasets", type=Path, default=Path("../shared/datasets"))
    options = parser.parse_args()
    options.simulated = (N_SIMULATED, N_FIXED)
    if options.quick:
        options.orders, options.simulated = QUICK_ORDERS, (QUICK_SIMULATED, QUICK_SIMULATED)
        if options.write:
            parser.error("--quick measures nothing that is worth writing; leave out --write")
    options.files = options.files or default_files()
    if not (options.files or options.quick):
        parser.error("there are no records; benchmarks/study/run.py makes them, or name files")
    missing = [path for path in options.files if not path.exists()]
    if missing:
        parser.error(f"{missing[0]}: there is no such file")
    return options


def synthetic_sets() -> list[RecordedSet]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "default-synthetic.jsonl"
        synthetic.write_records(path, QUICK_SETS)
        return read_sets([path])


def replay_all(
    material: Material, options: argparse.Namespace
) -> tuple[dict[str, Replay], dict[tuple[float, str], Replay]]:
    """Replay all rules, and those that keep to a budget within each budget."""
    rules = {**COMPARED, **ABLATIONS}
    within = {
        (share, name): make(share) for share in BUDGET_SHARES for name, make in BUDGET_RULES.items()
    }
    # Rules are built in the process that replays them.
    run = Parallel(options.jobs)
    done = run(delayed(_replay_one)(key, material, options.orders) for key in (*rules, *within))
    results = dict(zip((*rules, *within), done, strict=True))
    return {key: results[key] for key in rules}, {key: results[key] for key in within}


def _replay_one(key: str | tuple[float, str], material: Material, n_orders: int) -> Replay:
    if isinstance(key, tuple):
        rule = BUDGET_RULES[key[1]](key[0])
    else:
        rule = {**COMPARED, **ABLATIONS}[key]
    return replay({"rule": rule}, material, n_orders)["rule"]


def all_sections(
    sets: list[RecordedSet],
    material: Material,
    replays: Mapping[str, Replay],
    within: Mapping[tuple[float, str], Replay],
    n_simulated: tuple[int, int],
) -> list[Section]:
    resolvable = Judge(material, material.resolvable)
    every = Judge(material, material.resolvable | True)
    compared = {name: replays[name] for name in COMPARED} | live.searches(material)
    ablated = {OURS: replays[OURS], **{name: replays[name] for name in ABLATIONS}}
    text = (
        "Extra regret is against five paired folds, in points. Seconds count compilation from "
        "cold. Of the halving search at its best, networks trained on half of the samples were not "
        "recorded, those trained on all of them stand in."
    )
    reliable = (
        "Same choice: of two repetitions with other splits and seeds, where the posterior truth "
        "of the gap exceeds one or two ROPE."
    )
    five = replays[FIVE]
    return [
        target_section(replays, resolvable, every),
        rules_section(
            "Rules compared, resolvable sets", text, CHOICE_COLUMNS, compared, resolvable, five
        ),
        rules_section(
            "How far they can be relied on, resolvable sets",
            reliable,
            RELIABLE_COLUMNS,
            compared,
            resolvable,
            five,
        ),
        rules_section("Rules compared, all sets", text, CHOICE_COLUMNS, compared, every, five),
        rules_section(
            "How far they can be relied on, all sets",
            reliable,
            RELIABLE_COLUMNS,
            compared,
            every,
            five,
        ),
        ablation_section(ablated, resolvable, replays),
        budget_section(within, every, five),
        *prior_fit.sections(sets),
        *settings_fit.sections(sets),
        *simulate.sections(*n_simulated),
        *costs.sections(sets),
        *live.sections(),
    ]


def write(
    material: Material, ours: Replay, sections: list[Section], options: argparse.Namespace
) -> None:
    """Write the page, its picture and the figures."""
    from pictures import draw_calibration  # only this needs matplotlib

    (DOCS / "images").mkdir(exist_ok=True)
    picture = DOCS / "images" / "calibration.svg"
    judge = Judge(material, material.resolvable)
    draw_calibration(judge, ours, picture, n_simulated=options.simulated[0])
    page.write(DOCS / "advice.md", sections, "images/calibration.svg", facts(material, options))
    figures = HERE / "results" / "advice.json"
    figures.parent.mkdir(exist_ok=True)
    figures.write_text(json.dumps([asdict(section) for section in sections], indent=1))
    for path in (DOCS / "advice.md", picture, figures):
        print(f"Wrote {os.path.relpath(path)}.")


def facts(material: Material, options: argparse.Namespace) -> list[str]:
    """Return what the figures rest on."""
    sets = material.sets
    depth = [len(each.repetitions) for each in sets]
    families = {each.family for each in sets}
    rows = [each.facts for each in sets]
    first, last = min(row["when"] for row in rows)[:10], max(row["when"] for row in rows)[:10]
    deep = f"{sum(n > 1 for n in depth)} of them with two repetitions of five folds or more, "
    return [
        f"{len(sets)} data sets of {len(families)} families",
        f"{deep}{sum(n >= 6 for n in depth)} with six (two are replayed, four are truth)",
        f"{options.orders} orders of the folds of each replayed repetition",
        f"pairs recorded from {first} to {last}",
        f"versions: {rows[-1]['versions']}",
    ]


if __name__ == "__main__":
    main()
