"""Fits the prior of the gap to the recorded sets, and asks what it should be conditioned on.

    python benchmarks/advice/prior_fit.py [FILE.jsonl ...]

Every set is judged by parameters that were fitted without its family. Also fits the noise of a
pair: how much more two folds differ than their test samples explain.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from bootstrap import Bootstrap, Estimate
from numpy.typing import NDArray
from page import Section, show
from prior_model import (
    BASE,
    SIMPLEST,
    Candidate,
    Fit,
    PriorFit,
    has_words,
    is_small,
    log_likelihood,
    p_positive,
)
from records import N_FOLDS, RecordedSet, default_files, read_sets
from scipy import stats
from truth import measured_gap, posterior_truth

from rnnselect.advice.prior import (
    NOISE_FACTOR_CLASSIFICATION,
    NOISE_FACTOR_REGRESSION,
    NOISE_SHAPE_CLASSIFICATION,
    NOISE_SHAPE_REGRESSION,
    Prior,
)
from rnnselect.advice.study import SMALL_SAMPLES, TEXT_VOCABULARY

LONG, MANY_CLASSES = 150, 20


def _all(each: RecordedSet) -> object:
    return "all"


def _split(name: str, has: Callable[[RecordedSet], bool]) -> Callable[[RecordedSet], object]:
    return lambda each: f"{'' if has(each) else 'not '}{name}"


def _is_long(each: RecordedSet) -> bool:
    return each.facts["median_length"] > LONG


def _has_many_classes(each: RecordedSet) -> bool:
    return (each.facts["n_classes"] or 0) > MANY_CLASSES


def _log(fact: str) -> Callable[[RecordedSet], float]:
    return lambda each: math.log(each.facts[fact] or 1)


def _is(fact: str, *values: str) -> Callable[[RecordedSet], float]:
    return lambda each: float(each.facts[fact] in values)


def _reads_tokens(each: RecordedSet) -> bool:
    return bool(each.facts["vocabulary_size"])


_many_classes = _split(f"more than {MANY_CLASSES} classes", _has_many_classes)
CANDIDATES = (
    Candidate(f"scale by more than {MANY_CLASSES} classes", _many_classes),
    Candidate("scale by regression", _split("regression", lambda e: e.is_regression)),
    Candidate("scale by token ids", _split("tokens", _reads_tokens)),
    Candidate(f"scale by fewer than {SMALL_SAMPLES} samples", _split("small", is_small)),
    Candidate(f"scale by over {LONG} steps", _split("long", _is_long)),
    Candidate("centre: constant", _all, lambda each: 1.0),
    Candidate(f"centre: more than {MANY_CLASSES} classes", _all, _has_many_classes),
    Candidate("centre: log number of classes", _all, _log("n_classes")),
    Candidate("centre: regression", _all, lambda each: each.is_regression),
    Candidate("centre: token ids (embedding)", _all, _reads_tokens),
    Candidate(f"centre: more than {TEXT_VOCABULARY} tokens", _all, has_words),
    Candidate("centre: text", _all, _is("kind", "text")),
    Candidate("centre: symbols", _all, _is("kind", "symbolic")),
    Candidate("centre: forecasting", _all, _is("topic", "forecasting")),
    Candidate("centre: log channels", _all, _log("n_channels")),
    Candidate("centre: log length", _all, _log("median_length")),
    Candidate("centre: log samples", _all, _log("n_samples")),
    BASE,
)  # fmt: skip


def compare(sets: Sequence[RecordedSet]) -> list[tuple[str, Fit, dict[str, Estimate]]]:
    """Return the parameters of each candidate, and its held-out measures."""
    gaps = [measured_gap(each, each.repetitions) for each in sets]
    bootstrap = Bootstrap([each.family for each in sets])
    priors = PriorFit(BASE, sets, gaps).left_out()
    p_second = np.array(
        [posterior_truth(gap, p).p_second_better for gap, p in zip(gaps, priors, strict=True)]
    )
    learns = np.array([not each.learns_nothing for each in sets])
    signs = np.array([np.sign(gap.points) for gap in gaps])

    def judged(priors: list[Prior]) -> dict[str, NDArray[np.float64]]:
        p = np.array([p_positive(prior) for prior in priors])
        columns = {
            "log likelihood": np.array(list(map(log_likelihood, gaps, priors))),
            "Brier, truth": p_second * (1 - p) ** 2 + (1 - p_second) * p**2,
            "Brier, raw sign": np.where(signs == 0, np.nan, (p - (signs > 0)) ** 2),
        }
        return {name: np.where(learns, own, np.nan) for name, own in columns.items()}

    reference = judged(PriorFit(SIMPLEST, sets, gaps).left_out())
    rows = []
    for candidate in (SIMPLEST, *CANDIDATES):
        fitted = PriorFit(candidate, sets, gaps)
        own = judged(fitted.left_out())
        estimates = {
            "log likelihood": bootstrap.mean(own["log likelihood"] - reference["log likelihood"]),
            "Brier, truth": bootstrap.mean(own["Brier, truth"]),
            "Brier, raw sign": bootstrap.mean(own["Brier, raw sign"]),
        }
        rows.append((candidate.name, fitted.without(None), estimates))
    return rows


def fit_noise(sets: Sequence[RecordedSet]) -> tuple[float, float, int]:
    """Fit ``variance of folds / variance from test samples ~ factor * F(df, 2 * shape)``.

    Repetitions in which a cell learnt nothing are left out: the floor hides their noise, and a race
    confirms a first failure. Returns factor, shape and the number of repetitions.
    """
    ratios = []
    for each in sets:
        for pairs in each.repetitions.values():
            if any(pair.failed for pair in pairs):
                continue
            explained = np.mean([pair.noise_variance_points2 for pair in pairs])
            if np.isfinite(explained) and explained > 0:
                ratios.append(np.var([p.difference_points for p in pairs], ddof=1) / explained)
    ratio = np.maximum(ratios, 1e-3)
    freedom = N_FOLDS - 1
    factors, shapes = np.geomspace(0.5, 8, 57), np.geomspace(0.5, 50, 41)
    grid = [
        [stats.f.logpdf(ratio / f, freedom, 2 * a).sum() - ratio.size * math.log(f) for a in shapes]
        for f in factors
    ]
    row, column = np.unravel_index(np.argmax(grid), np.shape(grid))
    return float(factors[row]), float(shapes[column]), len(ratio)


def sections(sets: Sequence[RecordedSet]) -> list[Section]:
    """Return what the prior could rest on, and the noise of a pair."""
    prior_rows = []
    for name, fit, estimates in compare(sets):
        scales = ", ".join(f"{g} {s:.2f}" for g, s in sorted(fit.scales_points.items(), key=str))
        centre = f"; centre {fit.centre_points:+.2f}" if "centre:" in name else ""
        prior_rows.append([name, scales + centre, *(e.text(3) for e in estimates.values())])
    noise_rows = []
    for regression, name in ((False, "classification"), (True, "regression")):
        own = [each for each in sets if each.is_regression == regression]
        factor, shape, n = fit_noise(own)
        if n:
            noise_rows.append([name, f"{factor:.2f}", f"{shape:.1f}", str(n)])
    learning = [each for each in sets if not each.learns_nothing]
    families = len({each.family for each in learning})
    return [
        Section(
            "What the prior rests on",
            f"{len(learning)} sets of {families} families, without {len(sets) - len(learning)} on "
            "which no network learns anything; the gap is a t with 3 degrees of freedom, "
            "its parameters found by maximum likelihood, scales of groups drawn towards that of "
            "all. Likelihood and Brier score are of sets whose family was left out: a prior is "
            "better where the difference of the log likelihood is positive with its interval, or "
            "the Brier score of the sign below 0.25. A centre is the shift in points for having "
            "the property, or for one standard deviation of the number; positive: LSTM is ahead.",
            ("prior", "fitted to all sets, points", "log likelihood of a set, less the first's",
             "Brier of the sign, truth", "raw sign"),
            prior_rows,
        ),
        Section(
            "The noise of a pair",
            "Variance between five folds over the variance that their test samples explain, as "
            "factor * F(4, 2 * shape). The package believes "
            f"{NOISE_FACTOR_CLASSIFICATION:g} and {NOISE_SHAPE_CLASSIFICATION:g} for "
            f"classification, {NOISE_FACTOR_REGRESSION:g} and {NOISE_SHAPE_REGRESSION:g} for "
            "regression.",
            ("task", "factor", "shape", "repetitions of five folds"),
            noise_rows,
        ),
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", type=Path, nargs="*", help="records; default: the newest ones")
    sets = read_sets(parser.parse_args().files or default_files())
    if not sets:
        parser.error("there are no complete repetitions; benchmarks/study/run.py makes them")
    show(sections(sets))


if __name__ == "__main__":
    main()
