"""The steps of pipelines before a network, fitted where it is fitted and on the same rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from typing import Any

import numpy as np
from sklearn import get_config
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.dummy import DummyRegressor
from sklearn.multioutput import MultiOutputClassifier, MultiOutputRegressor
from sklearn.pipeline import Pipeline

from rnnselect.preprocessing.tokenizer import SequenceTokenizer

__all__ = ["Wrapper", "any_steps", "fit_steps", "tokenizer_among"]

# What is around a network, and the name of the part of it that leads to the network.
Wrapper = tuple[Any, str]
NOTHING = (None, "passthrough")  # steps of a pipeline that are left out


def fit_steps(
    wrappers: Iterable[Wrapper],
    X: Any,
    y: Any,
    params: Mapping[str, Any],
    *,
    raw_texts: bool = False,
) -> tuple[Any, Callable[[Any], Any]]:
    """Fit everything that stands before a network.

    Parameters
    ----------
    wrappers : iterable of (estimator, str)
        What is around the network, from the outside in.
    X, y : array-like
        What the outermost estimator is fitted on.
    params : mapping of str to object
        Further arguments of its `fit`; those of the steps reach them.
    raw_texts : bool, default=False
        Whether to stop before a `SequenceTokenizer`.

    Returns
    -------
    seen : array-like
        What the network is fitted on, or the texts.
    transform : callable
        Makes the same of other rows of X.
    """
    fitted = []
    for wrapper, part in wrappers:
        if isinstance(wrapper, TransformedTargetRegressor):
            y = _target_inside(wrapper, X, y)
        elif isinstance(wrapper, MultiOutputClassifier | MultiOutputRegressor) and y is not None:
            y = np.asarray(y)[:, 0]  # each output has steps of its own; those of the first one
        if not isinstance(wrapper, Pipeline):
            continue
        steps, ends_here = _steps_before(wrapper, part), False
        if raw_texts and (cut := _without_tokenizer(steps)) is not None:
            steps, ends_here = cut, True
        if steps.steps:
            steps = clone(steps)
            X = steps.fit_transform(X, y, **_own_params(steps, params))
            # Not `steps.transform`, which refuses a last step that has nothing to learn.
            fitted += [step for _, step in steps.steps if step not in NOTHING]
        if ends_here:
            break
        params = _params_inside(params, part)
    return X, lambda rows: reduce(lambda seen, step: step.transform(seen), fitted, rows)


def tokenizer_among(wrappers: Iterable[Wrapper]) -> SequenceTokenizer | None:
    """Return the tokenizer before a network, None where there is none."""
    return next(filter(None, map(_tokenizer_in, _pipelines_before(wrappers))), None)


def any_steps(wrappers: Iterable[Wrapper]) -> bool:
    """Whether anything stands before a network."""
    return any(pipeline.steps for pipeline in _pipelines_before(wrappers))


def _pipelines_before(wrappers: Iterable[Wrapper]) -> list[Pipeline]:
    return [_steps_before(*each) for each in wrappers if isinstance(each[0], Pipeline)]


def _steps_before(pipeline: Pipeline, part: str) -> Pipeline:
    return pipeline[: list(pipeline.named_steps).index(part)]


def _tokenizer_in(pipeline: Pipeline) -> SequenceTokenizer | None:
    for _, step in pipeline.steps:
        found = _tokenizer_in(step) if isinstance(step, Pipeline) else step
        if isinstance(found, SequenceTokenizer):
            return found
    return None


def _without_tokenizer(pipeline: Pipeline) -> Pipeline | None:
    """Return the steps before a tokenizer, under their own names; None without a tokenizer."""
    for i, (name, step) in enumerate(pipeline.steps):
        last = "passthrough" if isinstance(step, SequenceTokenizer) else None
        if isinstance(step, Pipeline):
            last = _without_tokenizer(step)
        if last is not None:
            return Pipeline([*pipeline.steps[:i], (name, last)], memory=pipeline.memory)
    return None


def _own_params(steps: Pipeline, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the arguments of fit that the steps take."""
    if get_config()["enable_metadata_routing"]:
        taken = steps.get_metadata_routing().consumes("fit_transform", params)
    else:
        fitted = [name for name, step in steps.steps if step not in NOTHING]
        taken = {name for name in params if name.partition("__")[0] in fitted}
    return {name: value for name, value in params.items() if name in taken}


def _params_inside(params: Mapping[str, Any], part: str) -> dict[str, Any]:
    """Return the arguments of fit that a pipeline hands on to one of its parts."""
    if get_config()["enable_metadata_routing"]:  # names are the same everywhere
        return dict(params)
    own = f"{part}__"
    return {k.removeprefix(own): value for k, value in params.items() if k.startswith(own)}


def _target_inside(wrapper: TransformedTargetRegressor, X: Any, y: Any) -> Any:
    """Return the target that a `TransformedTargetRegressor` fits its regressor on."""
    target = clone(wrapper).set_params(regressor=_TargetReader(), check_inverse=False)
    return target.fit(X, np.asarray(y)).regressor_.y_


class _TargetReader(DummyRegressor):
    """Keeps the target that it is fitted on."""

    def fit(self, X: Any, y: Any) -> _TargetReader:
        self.y_ = y
        return self
