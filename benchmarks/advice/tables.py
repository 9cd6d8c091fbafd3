"""The tables of the proof: what was measured, beside what it should be."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from bootstrap import Estimate
from measures import Judge
from page import Section
from replay import Replay

OURS, ALL_PAIRS, FIVE = "RNNAdvisor", "RNNAdvisor, min_gain=0", "5 paired folds"
PERCENT = 100.0


@dataclass(frozen=True, slots=True)
class Target:
    """What a measure of our advisor should reach on resolvable sets.

    Parameters
    ----------
    measure : str
        Its name in `Judge`.
    words : str
        For the table.
    low, high : float
        Between which the value must lie.
    decimals : int
        Shown.
    factor : float, default=1.0
        100 where the value is shown in per cent.
    high_of_interval : float, default=inf
        What the upper end of the 90 % interval must not exceed.
    why : str, default=""
        What a miss comes from.
    """

    measure: str
    words: str
    low: float
    high: float
    decimals: int
    factor: float = 1.0
    high_of_interval: float = math.inf
    why: str = ""

    def is_met(self, estimate: Estimate) -> bool | None:
        """Whether a measured value is good enough; None where there is none."""
        if not math.isfinite(estimate.value):
            return None
        inside = self.low <= estimate.value <= self.high
        return inside and estimate.high <= self.high_of_interval

    @property
    def goal(self) -> str:
        """The target in words."""
        low, high = (f"{self.factor * end:.{self.decimals}f}" for end in (self.low, self.high))
        text = f"at least {low}" if math.isinf(self.high) else f"at most {high}"
        if math.isfinite(self.low) and math.isfinite(self.high):
            text = f"{low} to {high}"
        if math.isfinite(self.high_of_interval):
            text += f", upper bound {self.factor * self.high_of_interval:.{self.decimals}f}"
        return text

    def shortfall(self, estimate: Estimate) -> str:
        """Say by how much the target is missed, and why."""
        distance = max(self.low - estimate.value, estimate.value - self.high)
        if distance <= 0:
            distance = estimate.high - self.high_of_interval
        amount = f"{self.factor * distance:.{self.decimals}f}"
        return f"{self.words}: missed by {amount}. {self.why}".strip()


NEAR_ZERO = (
    "Where most true gaps are near 0, no probability can be far from one half and right; the last "
    "line of the table is what all recorded pairs together reach."
)
TARGETS = (
    Target("extra regret, held out", "extra regret against five folds, points, held-out splits",
           -math.inf, 0.05, 3, high_of_interval=0.10,
           why="The bound is wide where few sets have splits that no rule used."),
    Target("extra regret, posterior truth", "the same, by posterior truth",
           -math.inf, 0.05, 3, high_of_interval=0.10),
    Target("gain kept, posterior truth", "gain of five folds over a coin that is kept, %",
           0.90, math.inf, 1, PERCENT),
    Target("pairs / 5", "pairs run, share of five", -math.inf, 0.40, 2,
           why="Wider priors and noise of heavier tails than in the trial that set the target make "
           "more pairs worth their seconds; what fits these sets stands below."),
    Target("within ROPE, posterior truth", "chosen cell within the ROPE of the better one, %",
           0.975, math.inf, 1, PERCENT,
           why="Five folds' own figure stands beside it: what they miss is noise of the data."),
    Target("equivalent holds", "'equivalent' verdicts that hold, %", 0.95, math.inf, 1, PERCENT),
    Target("equivalent, rms gap", "their rms true gap, points", -math.inf, 0.5, 2),
    Target("equivalent said", "'equivalent' said, % of sets", 0.20, math.inf, 1, PERCENT,
           why="It takes a fold of less than a point of noise, or a narrow prior."),
    Target("same choice, gap > ROPE", "same choice under another seed where the gap exceeds the "
           "ROPE, %", 0.85, math.inf, 1, PERCENT),
    Target("same choice, gap > 2 ROPE", "the same where it exceeds two ROPE, %",
           0.93, math.inf, 1, PERCENT),
    Target("Brier, prior", "Brier score of P(GRU better): prior", -math.inf, 0.25, 3),
    Target("Brier, one pair", "after one pair", -math.inf, 0.22, 3, why=NEAR_ZERO),
    Target("Brier, stop", "at the stop", -math.inf, 0.205, 3, why=NEAR_ZERO),
    Target("Brier, five pairs", "after five pairs", -math.inf, 0.17, 3, why=NEAR_ZERO),
    Target("calibration slope", "slope of held-out gap on posterior mean", 0.8, 1.6, 2,
           why="Below it the stated gaps are too large, above it too small; held-out splits are "
           "of the same samples as those replayed, which lifts it."),
)  # fmt: skip
RISK = Target("observed - stated", "untested: observed less stated risk, % of sets",
              -0.03, 0.03, 1, PERCENT,
              why="A few sets with large gaps can make most of it.")  # fmt: skip
COST_COLUMNS = {
    "pairs / 5": ("pairs / 5", 2, 1.0),
    "seconds / full": ("seconds / full", 2, 1.0),
}
CHOICE_COLUMNS = {
    "extra regret, held out": ("extra regret, held out", 3, 1.0),
    "extra regret, posterior truth": ("extra regret, truth", 3, 1.0),
    "regret, posterior truth": ("regret, truth", 3, 1.0),
    "regret, raw": ("regret, raw", 3, 1.0),
    "gain kept, posterior truth": ("gain kept %", 1, PERCENT),
    **COST_COLUMNS,
}
RELIABLE_COLUMNS = {
    "within ROPE, posterior truth": ("within ROPE, truth %", 1, PERCENT),
    "within ROPE, raw": ("within ROPE, raw %", 1, PERCENT),
    "same choice, gap > ROPE": ("same choice > ROPE %", 1, PERCENT),
    "same choice, gap > 2 ROPE": ("> 2 ROPE %", 1, PERCENT),
}
ABLATED_COLUMNS = {
    "extra regret, held out": ("extra regret, held out", 3, 1.0),
    "extra regret, posterior truth": ("extra regret, truth", 3, 1.0),
    "pairs / 5": ("pairs / 5", 2, 1.0),
    "within ROPE, posterior truth": ("within ROPE, truth %", 1, PERCENT),
}
SAID_COLUMNS = {
    "Brier, stop": ("Brier at stop", 3, 1.0),
    "Brier raw, stop": ("raw", 3, 1.0),
    "calibration slope": ("slope", 2, 1.0),
    "equivalent said": ("'equivalent' said %", 1, PERCENT),
    "equivalent holds": ("holds %", 1, PERCENT),
}
MET = {True: "yes", False: "no", None: "–"}


def target_section(replays: Mapping[str, Replay], resolvable: Judge, every: Judge) -> Section:
    """Return the table of targets, with five pairs' own figures beside ours."""
    columns = [
        _measured(judge, replays, name)
        for judge, name in ((resolvable, OURS), (resolvable, ALL_PAIRS), (every, OURS))
    ]
    rows, notes = [], []
    for target in (*TARGETS, RISK):
        ours, full, all_sets = (column[target.measure] for column in columns)
        met = target.is_met(ours)
        texts = [each.text(target.decimals, target.factor) for each in (ours, full, all_sets)]
        rows.append([target.words, target.goal, texts[0], MET[met], *texts[1:]])
        if met is False:
            notes.append(target.shortfall(ours))
    floor, floor_all = (columns[i]["Brier, all recorded pairs"].text(3) for i in (0, 2))
    rows.append(["Brier score of all recorded pairs of a set", "–", floor, "–", floor, floor_all])
    n_resolvable, n_held_out = (
        int(resolvable.among.sum()),
        len(
            {
                number
                for number, _ in resolvable.material.held_out_points
                if resolvable.among[number]
            }
        ),
    )
    return Section(
        "Targets",
        f"{n_resolvable} resolvable sets (a fold's standard deviation is at most 4 points) of "
        f"{len(every.among)}; {n_held_out} of them have splits that no rule used. In brackets: "
        "90 % interval from a bootstrap of families. Five pairs are the best that these folds "
        "allow: our rule with none of them saved.",
        ("measure", "target", "RNNAdvisor, resolvable", "met", "all five pairs, resolvable",
         "RNNAdvisor, all sets"),
        rows,
        notes,
    )  # fmt: skip


def rules_section(
    title: str,
    text: str,
    columns: Mapping[str, tuple],
    replays: Mapping[str, Replay],
    judge: Judge,
    full: Replay,
) -> Section:
    """Return what the choices of rules gained and cost."""
    rows = [
        [name, *_texts(judge.choices(replay, full), columns)]
        for name, replay in replays.items()
        if judge.among[np.array(replay.number, int)].any()
    ]
    heading = ("rule", *(name for name, *_ in columns.values()))
    return Section(title, text, heading, rows)


def ablation_section(
    replays: Mapping[str, Replay], judge: Judge, full: Mapping[str, Replay]
) -> Section:
    """Return choices and statements of our rule with something taken away."""
    rows = [
        [
            name,
            *_texts(judge.choices(replay, full[FIVE]), ABLATED_COLUMNS),
            *_texts(judge.statements(replay, full[ALL_PAIRS]), SAID_COLUMNS),
        ]
        for name, replay in replays.items()
        if replay.number
    ]
    names = [name for name, *_ in (*ABLATED_COLUMNS.values(), *SAID_COLUMNS.values())]
    return Section(
        "Ablations",
        "Resolvable sets. The rule itself does without the variance of Nadeau and Bengio; the line "
        "shows what it would do. Unpaired: LSTM from the other replayed repetition, on sets whose "
        "truth is none of the two. Without a ROPE the stop rule is kept, and nothing can be "
        "called equivalent.",
        ("rule", *names),
        rows,
    )


def budget_section(
    replays: Mapping[tuple[float, str], Replay], judge: Judge, full: Replay
) -> Section:
    """Return what rules do within budgets, as shares of the cost of all five pairs."""
    rows = []
    for (share, name), replay in replays.items():
        choices = judge.choices(replay, full)
        untested = judge.untested_share(replay)
        rows.append(
            [f"{share:g}", name, untested.text(1, PERCENT), *_texts(choices, CHOICE_COLUMNS)]
        )
    return Section(
        "Budgets",
        "All sets. The budget is a share of the seconds of all five pairs from cold (compilation "
        "counts, importing TensorFlow does not). A pair that the budget cuts off is lost, and its "
        "seconds are spent.",
        ("budget", "rule", "not tested %", *(name for name, *_ in CHOICE_COLUMNS.values())),
        rows,
    )


def _measured(judge: Judge, replays: Mapping[str, Replay], name: str) -> dict[str, Estimate]:
    replay, full = replays[name], replays[ALL_PAIRS]
    return {
        **judge.choices(replay, replays[FIVE]),
        **judge.statements(replay, full),
        **judge.untested(),
    }


def _texts(measured: Mapping[str, Estimate], columns: Mapping[str, tuple]) -> list[str]:
    return [measured[name].text(*form) for name, (_, *form) in columns.items()]
