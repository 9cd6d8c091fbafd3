"""How good cost forecasts are: predicted against actual seconds of races over real data sets.

    python benchmarks/advice/cost.py --datasets FOLDER [--sets N] [--clock processor]
                                     [--records FILE ...]

Runs five folds of both cells on N sets, one fit after the other, with a probe before, and adds
them to results/; with --records it also reads what the study has recorded (its part `default`).
Then prints, for each level of knowledge, the error of the forecast of all seconds of the fits, and
how many of its 90 % intervals held the truth: as it would have been, and with the epochs known,
which nothing knows before. Where early stopping ends fits is taken from the recorded sets without
the family at hand. "Calibrated" is there once `rnnselect.calibrate` has been run on this machine.

On a machine that is busy with other work, --clock processor counts the processor's seconds in
place of those of the wall, which are then about what the races would take without that work.
"""

from __future__ import annotations

import argparse
import os
import time
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from cost_races import CostedRace, recorded_races, stopping_quantiles, study
from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_limits

from rnnselect import RNNAdvisor
from rnnselect.advice.cost import EARLY_STOPPING, Interval
from rnnselect.calibration_file import known_speed
from rnnselect.comparison import fits as fits_module
from rnnselect.comparison.comparison import make_comparison
from rnnselect.comparison.metadata import Metadata
from rnnselect.comparison.pairs import run_pairs
from rnnselect.comparison.probe import probe
from rnnselect.comparison.scoring import make_scoring
from rnnselect.comparison.work import workloads
from rnnselect.recurrent import probe as probe_module
from rnnselect.speed import NOMINAL, MachineSpeed

RESULTS = Path(__file__).with_name("results")
DEFAULT_SETS = 12
# Compiled programs stay in the process.
MAX_SETS = 60
# Predicted seconds of a pair; longer races would say no more about forecasts.
MAX_PAIR_SECONDS = 4.0

# Takes a race, where early stopping ends fits, and whether epochs are known.
Forecast = Callable[..., Interval]


def main() -> None:
    options = parse_options()
    library = study.Library(options.datasets)
    known = known_speed()
    print(known.sentence)
    warnings.simplefilter("ignore")  # overlapping windows, rare classes: they cost the same
    path = RESULTS / f"cost-{options.clock}.jsonl"
    with threadpool_limits(1):
        run_races(library, options.sets, path, options.clock)
    recorded = list(recorded_races(options.records, library))
    if recorded:
        share = stopping_quantiles(recorded)
        print(
            f"\nEarly stopping, {len(recorded)} recorded sets: half end before "
            f"{share.expected:.2f} of the way from the earliest to the last epoch, 90 % between "
            f"{share.low:.2f} and {share.high:.2f}."
        )
    calibrated = known.speed if known.speed.source == "calibration" else None
    for title, races in (
        (f"races run here ({options.clock} clock)", raced(path)),
        ("races of the study", recorded),
    ):
        if races:
            print_table(title, races, recorded, calibrated)


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--datasets", type=Path, default=Path("../shared/datasets"))
    parser.add_argument("--sets", type=int, default=DEFAULT_SETS, help="races to run; 0: none")
    parser.add_argument("--clock", choices=["wall", "processor"], default="wall")
    parser.add_argument("--records", type=Path, nargs="*", default=[], help="of the study")
    options = parser.parse_args()
    if not (options.datasets / "index.csv").exists():
        parser.error(f"--datasets {options.datasets}: there is no index.csv in it")
    if not 0 <= options.sets <= MAX_SETS:
        parser.error(f"--sets {options.sets}: give 0 to {MAX_SETS}")
    return options


def raced(path: Path) -> list[CostedRace]:
    """Return the races that were run so far."""
    if not path.exists():
        return []
    return [CostedRace.from_json(line) for line in path.read_text(encoding="utf-8").splitlines()]


def run_races(library: study.Library, n_sets: int, path: Path, clock: str) -> None:
    """Race on sets that were not raced before, evenly from the cheapest to the dearest."""
    if not n_sets:
        return
    if clock == "processor":  # all that is timed: the probe, fits and their scoring
        probe_module.time = fits_module.time = SimpleNamespace(perf_counter=time.process_time)
    path.parent.mkdir(exist_ok=True)
    done = {race.name for race in raced(path)}
    names = [name for name in study.Schedule(library).family_first() if name not in done]
    names = [name for name in names if pair_seconds(library, name) <= MAX_PAIR_SECONDS]
    for i in np.unique(np.linspace(0, len(names) - 1, min(n_sets, len(names))).astype(int)):
        race = run_race(library, names[i])
        with path.open("a", encoding="utf-8") as file:
            file.write(race.to_json() + "\n")
        print(f"  {race.name}: {race.actual():.1f} s", flush=True)


def pair_seconds(library: study.Library, name: str) -> float:
    case = study.Case("default", name)
    study_set = library.read(case)
    return study.predict_cost(case, study_set, study_set.profile()).pair_seconds


def run_race(library: study.Library, name: str) -> CostedRace:
    """Probe both cells on a set, then run all folds."""
    study_set = library.read(study.Case("default", name))
    network = study_set.estimator()
    X, y = study_set.X[study_set.used], study_set.y[study_set.used]
    advisor = RNNAdvisor(network, random_state=0)
    candidates, metadata = advisor._candidates(), Metadata()
    data = advisor._read(candidates, X, y, metadata, seed=0)
    comparison = make_comparison(
        candidates, data, make_scoring(None, network), with_simple=False, metadata=metadata,
        n_jobs=1, seed=0,
    )  # fmt: skip
    probed = probe(
        comparison,
        cells=study.CELLS,
        first=study.CELLS[0],
        predict=False,
        may_compile=lambda seconds: True,
    )
    outcomes = run_pairs(comparison, range(study.N_FOLDS), deadline=None)
    return CostedRace(
        name=name,
        family=study_set.entry.family,
        n_samples=len(y),
        work=workloads(candidates, data.profile),
        seconds={cell: [pair.seconds[cell] for pair in outcomes] for cell in study.CELLS},
        epochs={cell: [pair.n_epochs[cell] for pair in outcomes] for cell in study.CELLS},
        probed=probed,
        load=os.getloadavg()[0],
    )


def levels(races: Sequence[CostedRace], calibrated: MachineSpeed | None) -> dict[str, Forecast]:
    """Return what forecasts of these races may rest on, with the least knowledge first."""
    machine = NOMINAL if calibrated is None else calibrated
    is_probed = all(race.probed for race in races)
    found = {"typical machine": partial(CostedRace.forecast, machine=NOMINAL)}
    if calibrated is not None:
        found["this machine, calibrated"] = partial(CostedRace.forecast, machine=calibrated)
    if is_probed:
        found["probe"] = partial(CostedRace.forecast, machine=machine, probed=True)
    for n in (1, 2):
        name = f"... and {n} finished pair{'s' * (n > 1)}"
        found[name] = partial(CostedRace.forecast, machine=machine, probed=is_probed, n_finished=n)
    return found


def print_table(
    title: str,
    races: Sequence[CostedRace],
    recorded: Sequence[CostedRace],
    calibrated: MachineSpeed | None,
) -> None:
    """Print errors and coverage for each level of knowledge."""
    load = np.mean([race.load for race in races])
    table = Table(title=f"\n{len(races)} {title}; mean load of the machine {load:.1f}", box=None)
    table.add_column("forecast from")
    for heading in ("epochs", "median error", "90 % within", "actual/forecast", "covered"):
        table.add_column(heading, justify="right")
    stopping = {
        race.family: stopping_quantiles(recorded, race.family) if recorded else EARLY_STOPPING
        for race in races
    }
    known = levels(races, calibrated)
    for (name, forecast), epochs_known in product(known.items(), (False, True)):
        n_finished = forecast.keywords.get("n_finished", 0)
        if epochs_known and n_finished:
            continue  # the finished fits bring in epochs of their own
        pairs = [
            (
                forecast(race, stopping=stopping[race.family], epochs_known=epochs_known),
                race.actual(n_finished),
            )
            for race in races
            if race.n_pairs > n_finished
        ]
        table.add_row(name, "known" if epochs_known else "open", *figures(pairs))
    Console(width=110).print(table)


def figures(pairs: Sequence[tuple[Interval, float]]) -> list[str]:
    """Return the figures of a line of the table from forecasts and actual seconds."""
    ratios = np.array([actual / forecast.expected for forecast, actual in pairs])
    errors = np.abs(1 / ratios - 1)
    covered = np.mean([forecast.low <= actual <= forecast.high for forecast, actual in pairs])
    return [
        f"{100 * np.median(errors):.0f} %",
        f"{100 * np.quantile(errors, 0.9):.0f} %",
        f"{np.exp(np.log(ratios).mean()):.2f}",
        f"{100 * covered:.0f} %",
    ]


if __name__ == "__main__":
    main()
