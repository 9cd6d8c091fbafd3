"""What we say, and why: the result of a comparison as one record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import mean
from typing import Any

from rnnselect.advice.alone import judged_by_clock, reasons_alone
from rnnselect.advice.baseline import best_baseline
from rnnselect.advice.belief import Belief, GapDensity, read_belief, thin_density
from rnnselect.advice.changes import what_would_change
from rnnselect.advice.cost import Interval
from rnnselect.advice.plan import Plan, Reason
from rnnselect.advice.posterior import three_way
from rnnselect.advice.predictions import Predictions
from rnnselect.advice.provenance import Provenance
from rnnselect.advice.race import PairOutcome, Race
from rnnselect.advice.reasons import cost_decided, first_reasons, further_reasons, mean_score
from rnnselect.advice.rules import RaceRules
from rnnselect.advice.shown import Shown
from rnnselect.advice.verdict import StopReason, Verdict, choose_cell, expected_loss

__all__ = ["Recommendation", "conclude", "untested_cells"]


@dataclass(frozen=True, slots=True)
class Recommendation(Shown):
    """Which cell to take, how sure that is, what it rests on and what it cost.

    Parameters
    ----------
    action : {"recommend", "cross_validate"}
        What was done: recommended outright, or pairs were run.
    cell : str
        The cell to take.
    candidate : str
        Name of what to take: the cell, with its settings where `param_grid` gives any.
    verdict : Verdict
        What the pairs found, apart from the choice.
    stop_reason : StopReason
        Why no more pairs were run.
    cells : tuple of two str
        The two cells; of several candidates, the two that were in question last.
    probabilities : dict of str to float
        Of each cell being better by more than the ROPE, and of ``"equivalent"``; of several
        candidates, of each being the best.
    gap_points : float
        Expected advantage of the second cell over the first, in points.
    expected_regret_points : float
        What taking `cell` loses on average against the better cell.
    scoring : str
        Name of the scorer.
    scores : dict of str to tuple of float
        Score of each candidate on each fold that it ran, as measured; the mean of the chosen
        candidate is a little too high, because it was picked.
    baseline_scores : dict of str to tuple of float
        Scores of simple models on the same folds; without pairs, on the first ones.
    baseline_seconds : dict of str to float
        Measured seconds of each simple model on one fold.
    best_baseline : str or None
        The best simple model.
    worth_it : bool or None
        Whether the chosen cell's mean score exceeds the best baseline's; None untested.
    predicted_seconds : Interval or None
        Cost as planned before the race, refit not included; None where nothing was planned.
    actual_seconds : float
        Wall-clock seconds until the recommendation; of a search, the sum over its fits.
    cell_seconds : dict of str to float
        Measured seconds of one fit of each cell; empty untested.
    budget_seconds : float or None
        The budget.
    clock_decided : bool
        Whether measured seconds influenced the result, so that it may differ on another machine.
    reasons : tuple of Reason
        Why, the most important first.
    what_would_change_this : tuple of str
        Budgets and data with which the advice could differ.
    pairs : tuple of PairOutcome
        All complete pairs that the advice rests on.
    plan : Plan or None
        The plan that was carried out; None for a finished search.
    rules : RaceRules
        Rules of the race.
    beliefs : tuple of Belief
        What was known of the gap before the first pair, and after each pair.
    gap_density : GapDensity
        What is known of the gap in the end, as a curve.
    params : dict, default={}
        Settings to take beside the cell, where `param_grid` or `match` gives any.
    predictions : Predictions or None, default=None
        What the candidate predicted for sequences that it was not trained on.
    provenance : Provenance
        Code and versions that it came from; the same advice may come from others.
    """

    action: str
    cell: str
    candidate: str
    verdict: Verdict
    stop_reason: StopReason
    cells: tuple[str, str]
    probabilities: dict[str, float]
    gap_points: float
    expected_regret_points: float
    scoring: str
    scores: dict[str, tuple[float, ...]]
    baseline_scores: dict[str, tuple[float, ...]]
    baseline_seconds: dict[str, float]
    best_baseline: str | None
    worth_it: bool | None
    predicted_seconds: Interval | None
    actual_seconds: float
    cell_seconds: dict[str, float]
    budget_seconds: float | None
    clock_decided: bool
    reasons: tuple[Reason, ...]
    what_would_change_this: tuple[str, ...]
    pairs: tuple[PairOutcome, ...]
    plan: Plan | None
    rules: RaceRules
    beliefs: tuple[Belief, ...]
    gap_density: GapDensity
    params: dict[str, Any] = field(default_factory=dict)
    predictions: Predictions | None = None
    provenance: Provenance = field(default_factory=Provenance, compare=False)

    @property
    def headline(self) -> str:
        """The advice in one sentence."""
        return self.reasons[0].sentence

    @classmethod
    def from_search(cls, search: Any, y: Any = None, **options: Any) -> Recommendation:
        """Read the verdict out of a finished `GridSearchCV` or `RandomizedSearchCV` over cells.

        Parameters
        ----------
        search : GridSearchCV or RandomizedSearchCV
            Fitted; one of its parameters is the cell.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
            The targets of the search. They give the number of test samples and the score of a
            prediction without learning, which is the unit of scores that are errors.
        **options : dict
            See `rnnselect.advice.search.read_search`: `cells`, `cell_param`, `scoring`, `rope`,
            `confidence`, `min_gain`.

        Returns
        -------
        Recommendation
            What the advisor says of these folds; without baselines and `plan`.

        Examples
        --------
        >>> from sklearn.datasets import load_digits
        >>> from sklearn.model_selection import GridSearchCV
        >>> from rnnselect import Recommendation, RNNClassifier
        >>> X, y = load_digits(n_class=3, return_X_y=True)
        >>> network = RNNClassifier(units=4, epochs=3, random_state=0)
        >>> search = GridSearchCV(network, {"cell": ["gru", "lstm"]}, cv=3)
        >>> search = search.fit(X.reshape(-1, 8, 8), y)
        >>> found = Recommendation.from_search(search, y)
        >>> found.cell in ("gru", "lstm"), len(found.pairs)
        (True, 3)
        """
        from rnnselect.advice.search import read_search

        return read_search(search, y, **options)

    def to_dict(self) -> dict[str, Any]:
        """Return all fields as plain values.

        Returns
        -------
        dict
            Numbers, texts, lists and dicts of them.
        """
        plan = None if self.plan is None else self.plan.to_dict()
        limits = {name: plan[name] if plan else () for name in ("limits", "exclusions")}
        derived = {"rules": self.rules.to_dict(), "headline": self.headline}
        return {**asdict(self), **limits, "plan": plan, **derived}


def conclude(
    race: Race,
    plan: Plan | None,
    *,
    scoring: str,
    baseline_scores: Sequence[Mapping[str, float]],
    cheaper: str,
    actual_seconds: float,
    budget_seconds: float | None,
    predicted_seconds: Interval | None,
    n_parameters: Mapping[str, int] | None = None,
    baseline_seconds: Mapping[str, float] | None = None,
) -> Recommendation:
    """Turn a finished race into advice.

    Parameters
    ----------
    race : Race
        The pairs and what they found.
    plan : Plan or None
        The plan that was carried out; a race without one has pairs.
    scoring : str
        Name of the scorer.
    baseline_scores : sequence of dict of str to float
        Scores of simple models, by name, on each of the race's folds.
    cheaper : str
        The cell to take where scores do not decide.
    actual_seconds : float
        Wall-clock seconds since the call.
    budget_seconds : float or None
        The budget of the call.
    predicted_seconds : Interval or None
        Cost as first planned.
    n_parameters : mapping of str to int, or None, default=None
        Parameters of each candidate; None if they are not known.
    baseline_seconds : mapping of str to float, or None, default=None
        Seconds of each simple model on one fold.

    Returns
    -------
    Recommendation
        The advice.
    """
    cells = race.outcomes[0].cells if race.outcomes else untested_cells(plan, cheaper)
    posterior = race.posteriors[-1]
    first_or_second = choose_cell(
        posterior,
        race.verdict,
        min_gain_points=race.rules.min_gain_points,
        cheaper="first" if cheaper == cells[0] else "second",
    )
    untested = plan is not None and not race.outcomes
    if plan is not None and (plan.is_for_one or (untested and len(plan.cells) > 2)):
        # Whatever the prior says of those that are left out, or of two out of several.
        first_or_second = "first" if plan.cell == cells[0] else "second"
    cell = cells[0] if first_or_second == "first" else cells[1]
    scores = {c: tuple(pair.scores[c] for pair in race.outcomes) for c in cells}
    baselines = {
        name: tuple(scores[name] for scores in baseline_scores)
        for name in (baseline_scores[0] if baseline_scores else ())
    }
    best = best_baseline(baselines)
    worth_it = None
    if best is not None and race.outcomes:
        worth_it = mean_score(scores[cell]) > mean_score(baselines[best])
    seconds = {c: mean(pair.seconds[c] for pair in race.outcomes) for c in cells if race.outcomes}
    known = n_parameters or dict.fromkeys(cells, 0)
    smaller = known[cheaper] < max(known[each] for each in cells)
    # Under a budget, the seconds of networks that are known have chosen.
    costs_less = smaller or (budget_seconds is not None and n_parameters is not None)
    several = plan is not None and len(plan.cells) > 2
    if plan is not None and plan.is_for_one:
        reasons = reasons_alone(plan, posterior, cells, first_or_second)
    else:
        reasons = [
            *first_reasons(
                cell, cells, race, best, worth_it, scores, baselines, scoring, costs_less=costs_less
            ),
            *further_reasons(
                race,
                posterior,
                cell,
                cells,
                seconds,
                cheaper,
                budget_seconds,
                None if plan is None else plan.profile.majority_share,
                _n_samples(race, plan),
                smaller=smaller,
                several=several,
            ),
        ]
    return Recommendation(
        action="cross_validate" if race.outcomes else "recommend",
        cell=cell,
        candidate=cell,
        verdict=race.verdict,
        stop_reason=race.stop_reason,
        cells=cells,
        probabilities=three_way(posterior, cells),
        gap_points=posterior.mean_points,
        expected_regret_points=expected_loss(posterior, first_or_second),
        scoring=scoring,
        scores=scores,
        baseline_scores=baselines,
        baseline_seconds=dict(baseline_seconds or {}),
        best_baseline=best,
        worth_it=worth_it,
        predicted_seconds=predicted_seconds,
        actual_seconds=actual_seconds,
        cell_seconds=seconds,
        budget_seconds=budget_seconds,
        clock_decided=judged_by_clock(plan)
        or (
            budget_seconds is not None
            and (race.stop_reason is StopReason.BUDGET or cost_decided(race))
        ),
        reasons=tuple(reasons),
        what_would_change_this=tuple(what_would_change(race, plan, budget_seconds)),
        pairs=race.outcomes,
        plan=plan,
        rules=race.rules,
        beliefs=tuple(read_belief(p, cells, race.rules.confidence) for p in race.posteriors),
        gap_density=thin_density(posterior),
    )


def _n_samples(race: Race, plan: Plan | None) -> int:
    if plan is not None:
        return plan.profile.n_samples
    return race.rules.n_folds * max(pair.n_test for pair in race.outcomes)


def untested_cells(plan: Plan | None, cheaper: str) -> tuple[str, str]:
    """Return the candidate to take untested and one that it could be compared with."""
    assert plan is not None
    rival = next(name for name in plan.cells if name != cheaper)
    first, second = (name for name in plan.cells if name in (cheaper, rival))
    return first, second
