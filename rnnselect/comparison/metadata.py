"""What comes with X and y, such as weights and groups, and where each of it goes."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn import get_config
from sklearn.metrics import check_scoring
from sklearn.model_selection import GroupKFold
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing

from rnnselect.comparison.candidates import Candidates
from rnnselect.comparison.scoring import Scoring

__all__ = ["Metadata", "make_router", "route_metadata"]


@dataclass(frozen=True, eq=False, slots=True)
class Metadata:
    """Further arguments of the user's, each at its destination.

    Parameters
    ----------
    fit, score, split : dict of str to object
        For the estimator's `fit`, the scorer and the splitter. Arrays with one entry a sample
        are cut to the rows of each call.
    """

    fit: dict[str, Any] = field(default_factory=dict)
    score: dict[str, Any] = field(default_factory=dict)
    split: dict[str, Any] = field(default_factory=dict)

    @property
    def groups(self) -> Any:
        """The groups that the splitter keeps together, or None."""
        return self.split.get("groups")

    @property
    def fit_weights(self) -> Any:
        """The weights of the samples in fit, under whatever prefix, or None."""
        named = (value for name, value in self.fit.items() if name.endswith("sample_weight"))
        return next(named, None)


def route_metadata(
    router: Any, candidates: Candidates, scoring: Scoring, given: dict[str, Any]
) -> Metadata:
    """Send each argument to where it belongs.

    Parameters
    ----------
    router : estimator
        The advisor; asked where scikit-learn's metadata routing is enabled.
    candidates : Candidates
        The two estimators.
    scoring : Scoring
        The scorer.
    given : dict of str to object
        What the user gave beside X and y; None counts as not given.

    Returns
    -------
    Metadata
        With metadata routing, what each part has requested. Without it, as `GridSearchCV`:
        groups to the splitter, weights also to the scorer, all others to `fit`. Beyond that,
        weights and groups find the network in a pipeline, and its own validation part keeps
        groups together.
    """
    given = {name: value for name, value in given.items() if value is not None}
    if get_config()["enable_metadata_routing"]:
        routed = process_routing(router, "fit", **given)
        return Metadata(routed.estimator.fit, routed.scorer.score, routed.splitter.split)
    fit = dict(given)
    split = {"groups": np.asarray(fit.pop("groups"))} if "groups" in given else {}
    score = {}
    if "sample_weight" in given:
        weights = fit.pop("sample_weight")
        fit[candidates.fit_parameter("sample_weight")] = weights
        if scoring.takes_weights:
            score["sample_weight"] = weights
        else:
            warnings.warn(
                f"scoring={scoring.scale.name!r} takes no sample_weight: the fits are weighted, "
                "their scores are not.",
                UserWarning,
                stacklevel=5,
            )
    if split and candidates.trains_one_network:
        fit.setdefault(candidates.fit_parameter("groups"), split["groups"])
    return Metadata(fit, score, split)


def make_router(owner: Any, estimator: Any, scoring: Any, cv: Any) -> MetadataRouter:
    """Say which part of an advisor takes which metadata.

    Parameters
    ----------
    owner : estimator
        The advisor.
    estimator : estimator
        What it wraps.
    scoring : str, callable or None
        Its scorer; None stands for the estimator's own `score`.
    cv : int, splitter or iterable of splits
        Anything but a splitter takes groups, if there are any.

    Returns
    -------
    MetadataRouter
        For scikit-learn's metadata routing.
    """
    fits, scores, splits = (MethodMapping() for _ in range(3))
    router = MetadataRouter(owner=owner)
    router.add(estimator=estimator, method_mapping=fits.add(caller="fit", callee="fit"))
    scores.add(caller="fit", callee="score").add(caller="score", callee="score")
    router.add(scorer=check_scoring(estimator, scoring), method_mapping=scores)
    splitter = cv if hasattr(cv, "split") else GroupKFold()
    router.add(splitter=splitter, method_mapping=splits.add(caller="fit", callee="split"))
    return router
