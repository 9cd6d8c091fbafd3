"""Races whose cost is known, and what each level of knowledge would have predicted for them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import fmean
from types import SimpleNamespace
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "study"))

import cases
import journal
import schedule
import sets

from rnnselect.advice.cost import EARLY_STOPPING, Interval, forecast_cost
from rnnselect.comparison.work import workloads
from rnnselect.speed import MachineSpeed, TrainingSpeed, Workload

# What the study's files offer, which are scripts that find each other by their short names.
study = SimpleNamespace(
    CELLS=cases.CELLS,
    N_FOLDS=sets.N_FOLDS,
    Case=cases.Case,
    Library=cases.Library,
    Schedule=schedule.Schedule,
    predict_cost=cases.predict_cost,
)


@dataclass(frozen=True, slots=True)
class CostedRace:
    """Pairs of one set, one fit after the other, and what they took.

    Parameters
    ----------
    name, family : str
        Of the set.
    n_samples : int
        Sequences.
    work : dict of str to Workload
        The training of each cell.
    seconds, epochs : dict of str to list of float
        Of each cell's fits, with their scoring.
    probed : dict of str to TrainingSpeed, or None
        What a probe measured before; None where none was run.
    load : float
        Mean number of running threads of the machine meanwhile.
    """

    name: str
    family: str
    n_samples: int
    work: dict[str, Workload]
    seconds: dict[str, list[float]]
    epochs: dict[str, list[int]]
    probed: dict[str, TrainingSpeed] | None
    load: float

    @property
    def n_pairs(self) -> int:
        """Number of pairs."""
        return min(len(each) for each in self.seconds.values())

    def actual(self, first: int = 0) -> float:
        """Return the seconds of the pairs from `first` on."""
        return sum(sum(self.seconds[cell][first : self.n_pairs]) for cell in study.CELLS)

    def stopping_share(self) -> float | None:
        """Return where the fits ended, from the earliest to the last epoch; None if they must."""
        ways = {cell: task.max_epochs - task.min_epochs for cell, task in self.work.items()}
        if 0 in ways.values():
            return None
        done = {
            cell: fmean(self.epochs[cell]) - task.min_epochs for cell, task in self.work.items()
        }
        return max(0.0, fmean(done[cell] / ways[cell] for cell in study.CELLS))

    def forecast(
        self,
        machine: MachineSpeed,
        stopping: Interval = EARLY_STOPPING,
        *,
        probed: bool = False,
        n_finished: int = 0,
        epochs_known: bool = False,
    ) -> Interval:
        """Return what would have been predicted for the pairs after the first `n_finished`."""
        work = self.work
        if epochs_known:
            means = {
                cell: fmean(self.epochs[cell][n_finished : self.n_pairs]) for cell in study.CELLS
            }
            work = {
                cell: replace(task, min_epochs=means[cell], max_epochs=means[cell])
                for cell, task in work.items()
            }
        speeds = self.probed if probed else {c: machine.training(w) for c, w in work.items()}
        finished = {cell: self.seconds[cell][:n_finished] for cell in study.CELLS}
        forecast = forecast_cost(
            work,
            speeds,
            n_samples=self.n_samples,
            n_folds=study.N_FOLDS,
            machine=machine,
            imported=True,
            finished_seconds=finished if n_finished else None,
            stopping=stopping,
        )
        return forecast.pairs(self.n_pairs - n_finished)

    def to_json(self) -> str:
        """Return the race as one line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, line: str) -> CostedRace:
        """Read what `to_json` wrote."""
        record = json.loads(line)
        record["work"] = {cell: Workload(**task) for cell, task in record["work"].items()}
        if record["probed"]:
            record["probed"] = {c: TrainingSpeed(**s) for c, s in record["probed"].items()}
        return cls(**record)


def recorded_races(paths: Sequence[Path], library: study.Library) -> Iterator[CostedRace]:
    """Yield the first repetition of each set in records of the study's part `default`."""
    found: dict[str, list[dict[str, Any]]] = {}
    for record in journal.read_records(paths):
        is_first = record["case"].startswith("default/") and record["repetition"] == 0
        if is_first and all(fit["n_compiled"] == 0 for fit in record["fits"].values()):
            found.setdefault(record["case"].split("/")[1], []).append(record)
    for name, records in found.items():
        if len(records) < 2:
            continue
        fits = {cell: [record["fits"][cell] for record in records] for cell in study.CELLS}
        study_set = library.read(study.Case("default", name))
        yield CostedRace(
            name=name,
            family=records[0]["family"],
            n_samples=len(study_set.used),
            work=set_work(study_set),
            seconds={
                c: [f["fit_seconds"] + f["score_seconds"] for f in fits[c]] for c in study.CELLS
            },
            epochs={c: [f["n_epochs"] for f in fits[c]] for c in study.CELLS},
            probed=None,
            load=fmean(record["load"] for record in records),
        )


def set_work(study_set: Any) -> dict[str, Workload]:
    """Return what training the default networks on a set consists of."""
    profile = study_set.profile()
    both = cases.candidates(study.Case("default", study_set.entry.name), study_set, profile)
    return workloads(both, profile)


def stopping_quantiles(races: Sequence[CostedRace], without: str | None = None) -> Interval:
    """Return the 5, 50 and 95 % quantiles of where the sets' fits ended, one family left out."""
    shares = [race.stopping_share() for race in races if race.family != without]
    return Interval(*np.quantile([s for s in shares if s is not None], [0.05, 0.5, 0.95]))
