"""The candidates of a comparison: one estimator for each cell, or for each cell and setting."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count, product
from typing import Any

from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.model_selection import ParameterGrid
from sklearn.pipeline import Pipeline

from rnnselect.cells import find_cell
from rnnselect.comparison.steps_before import Wrapper, any_steps, fit_steps, tokenizer_among
from rnnselect.comparison.work import planned_architecture
from rnnselect.preprocessing.tokenizer import SequenceTokenizer
from rnnselect.recurrent.base import BaseRNN
from rnnselect.sequences.profile import SequenceProfile

__all__ = ["Candidates", "make_candidates"]


@dataclass(frozen=True, eq=False, slots=True)
class Candidates:
    """Estimators that differ in their cell, and perhaps in a few settings.

    Parameters
    ----------
    cells : tuple of str
        Names of the candidates: the two cells, or each cell with each setting.
    estimators : dict of str to estimator
        One unfitted estimator for each.
    parameter : str
        The parameter that names the cell, e.g. ``"cell"``, or ``"rnn__cell"`` in a pipeline.
    settings : dict of str to dict
        The parameters in which each differs from the others, that of the cell included.
    matched : dict of str to dict
        Units that were changed so that parameters are equal.
    """

    cells: tuple[str, ...]
    estimators: dict[str, Any]
    parameter: str
    settings: dict[str, dict[str, Any]]
    matched: dict[str, dict[str, Any]] = field(default_factory=dict)

    def differ_in_cell_only(self, first: str, second: str) -> bool:
        """Whether two candidates have equal settings beside the cell."""
        own, other = ({**self.settings[name], self.parameter: None} for name in (first, second))
        return own == other

    def params_of(self, name: str) -> dict[str, Any]:
        """Return all parameters to set for a candidate, that of the cell first."""
        return {**self.settings[name], **self.matched.get(name, {})}

    def cell_of(self, name: str) -> str:
        """Return the cell of a candidate."""
        return str(self.settings[name][self.parameter])

    @property
    def prefix(self) -> str:
        """What stands before the network's parameters, e.g. ``"rnn__"`` in a pipeline."""
        return self.parameter.removesuffix(self.parameter.rpartition("__")[2])

    def network(self, cell: str) -> Any:
        """Return the network of one cell, out of whatever it sits in."""
        estimator = self.estimators[cell]
        # Other packages' estimators may have "model__cell" where "model" is a function, or nothing.
        return estimator.get_params().get(self.prefix[:-2]) if self.prefix else estimator

    def fitted_network(self, estimator: Any) -> Any:
        """Return the network inside a fitted estimator, as far as it can be found."""
        for part in self.prefix.split("__")[:-1]:
            # Wrappers such as TransformedTargetRegressor fit a clone with a trailing underscore.
            estimator = getattr(estimator, f"{part}_", _part(estimator, part))
        return estimator

    def was_cut_short(self, cell: str, fitted: Any) -> bool:
        """Whether training ended at a deadline that `limited` set, not the user."""
        if getattr(fitted, "stop_reason_", None) != "deadline":
            return False
        own = getattr(self.network(cell), "max_seconds", None)
        return own is None or fitted.max_seconds != own

    @property
    def is_recurrent(self) -> bool:
        """Whether the networks are this package's own."""
        return all(isinstance(self.network(cell), BaseRNN) for cell in self.cells)

    @property
    def takes_tokens(self) -> bool:
        """Whether the networks read token ids."""
        network = self.network(self.cells[0])
        names = ("embedding_dim", "embedding_weights")
        return any(getattr(network, name, None) is not None for name in names)

    @property
    def trains_one_network(self) -> bool:
        """Whether a fit trains one network of this package, once.

        Then its cost can be predicted, and its training can be stopped in time. Wrappers that
        fit several clones, and other packages' estimators, show their cost when they are fitted.
        """
        through = (Pipeline, TransformedTargetRegressor)
        return self.is_recurrent and all(isinstance(w, through) for w, _ in self._wrappers())

    def fit_parameter(self, name: str) -> str:
        """Return under which name the outermost `fit` takes an argument of the network's."""
        return "".join(f"{p}__" for w, p in self._wrappers() if isinstance(w, Pipeline)) + name

    @property
    def has_steps(self) -> bool:
        """Whether anything stands before the network in a pipeline."""
        return any_steps(self._wrappers())

    @property
    def tokenizer(self) -> SequenceTokenizer | None:
        """The tokenizer in a pipeline around the network, None where there is none."""
        return tokenizer_among(self._wrappers())

    def before_network(self, X: Any, y: Any, params: Mapping[str, Any] | None = None) -> Any:
        """Return X as the network sees it, after the steps of the pipelines around it."""
        return self.fit_before_network(X, y, params or {})[0]

    def fit_before_network(
        self, X: Any, y: Any, params: Mapping[str, Any], *, raw_texts: bool = False
    ) -> tuple[Any, Callable[[Any], Any]]:
        """Fit the steps before the network; see `fit_steps`."""
        return fit_steps(self._wrappers(), X, y, params, raw_texts=raw_texts)

    def limited(self, cell: str, max_seconds: float | None) -> Any:
        """Return a fresh estimator of one cell that stops training after `max_seconds`.

        What trains anything but one network of this package knows no limit.
        """
        estimator = clone(self.estimators[cell])
        if max_seconds is not None and self.trains_one_network:
            own = self.network(cell).max_seconds
            seconds = max_seconds if own is None else min(own, max_seconds)
            # A deadline that has passed still leaves an estimator that can be fitted.
            estimator.set_params(**{f"{self.prefix}max_seconds": max(seconds, 1e-3)})
        return estimator

    def _wrappers(self) -> Iterator[Wrapper]:
        """Yield what is around the network, from the outside in, with the name of its part."""
        estimator = self.estimators[self.cells[0]]
        for part in self.prefix.split("__")[:-1]:
            yield estimator, part
            estimator = _part(estimator, part)


def make_candidates(
    estimator: Any,
    cells: Sequence[str],
    cell_param: str | None,
    match: str = "units",
    profile: SequenceProfile | None = None,
    param_grid: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
) -> Candidates:
    """Make one estimator for each cell and setting.

    Parameters
    ----------
    estimator : estimator
        Has a parameter that names the cell, itself or in a pipeline.
    cells : sequence of two str
        Values of that parameter.
    cell_param : str or None
        Its name; None finds the one parameter called ``cell``.
    match : {"units", "parameters"}, default="units"
        Whether the cells have equal units, or about equal numbers of parameters.
    profile : SequenceProfile or None, default=None
        What the networks see; needed to match parameters.
    param_grid : dict or list of dict, default=None
        Further settings to compare each cell with, as `GridSearchCV` takes them.

    Returns
    -------
    Candidates
        Clones of `estimator`.

    Raises
    ------
    ValueError
        If there are not two different cells, a parameter is not found, or a network of this
        package has a parameter that it cannot be fitted with.
    """
    if isinstance(estimator, type):
        raise ValueError(
            f"estimator={estimator.__name__} is a class; give an estimator: {estimator.__name__}()."
        )
    if isinstance(cells, str) or len(cells) != 2 or cells[0] == cells[1]:
        raise ValueError(f"cells={cells!r} must name two different cells, e.g. ('gru', 'lstm').")
    name = _find_cell_param(estimator, cell_param)
    points = _grid_points(estimator, name, param_grid)
    settings = _named(name, [{name: cell, **point} for point, cell in product(points, cells)])
    made = {each: clone(estimator).set_params(**own) for each, own in settings.items()}
    candidates = Candidates(tuple(settings), made, name, settings)
    if candidates.is_recurrent:
        found = tuple(find_cell(cell).name for cell in cells)
        if found != tuple(cells):  # such as "GRU"
            return make_candidates(estimator, found, cell_param, match, profile, param_grid)
        for each in candidates.cells:
            candidates.network(each)._validate_params()
        if candidates.network(candidates.cells[0]).return_sequences:
            raise ValueError(
                "return_sequences=True: RNNAdvisor compares networks with one target for each "
                "sequence only; compare them by GridSearchCV with scoring=per_step_accuracy."
            )
    if match == "parameters" and profile is not None:
        own = str(estimator.get_params()[name]).lower()
        reference = cells.index(own) if own in cells else 0
        for k in range(0, len(candidates.cells), 2):  # both cells of each setting in turn
            pair = candidates.cells[k : k + 2]
            _match_parameters(candidates, pair[reference], pair[1 - reference], profile)
    return candidates


def _named(cell_param: str, settings: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return settings by names of their own: as short as they can be without being mistaken."""
    parameters = {each for own in settings for each in own} - {cell_param}
    n_called = Counter(each.rpartition("__")[2] for each in parameters)
    named: dict[str, dict[str, Any]] = {}
    for own in settings:
        texts = [str(own[cell_param])]
        for each, value in own.items():
            short = each.rpartition("__")[2]
            if each != cell_param:
                text = f"{short if n_called[short] == 1 else each}={value}"
                texts.append(" ".join(text.split()))
        name = ", ".join(texts)
        if name in named:  # values that look alike, such as 1 and "1"
            name = next(each for n in count(2) if (each := f"{name} ({n})") not in named)
        named[name] = own
    return named


def _grid_points(estimator: Any, cell_param: str, param_grid: Any) -> list[dict[str, Any]]:
    """Return the settings of a grid; a single empty one where there is no grid."""
    if param_grid is None:
        return [{}]
    points = list(ParameterGrid(param_grid))
    legal = estimator.get_params().keys() - {cell_param}
    unknown = sorted({name for point in points for name in point} - legal)
    if unknown:
        why = (
            "is named by cells" if unknown[0] == cell_param else "does not belong to the estimator"
        )
        raise ValueError(
            f"param_grid={param_grid!r}: the parameter {unknown[0]!r} {why}; "
            f"choose from {', '.join(sorted(legal)[:12])} ..."
        )
    return points


def _find_cell_param(estimator: Any, cell_param: str | None) -> str:
    parameters = estimator.get_params()
    if cell_param is not None:
        if cell_param not in parameters:
            raise ValueError(
                f"cell_param={cell_param!r} is not a parameter of {type(estimator).__name__}; "
                f"it has {sorted(parameters)[:12]} ..."
            )
        return cell_param
    found = [name for name in parameters if name.rpartition("__")[2] == "cell"]
    if len(found) != 1:
        raise ValueError(
            f"{type(estimator).__name__} has {len(found)} parameters called 'cell' ({found}); "
            "name the one that chooses the cell with cell_param."
        )
    return found[0]


def _part(estimator: Any, name: str) -> Any:
    """Return a nested estimator by its name, None where there is none."""
    return estimator.get_params().get(name) if hasattr(estimator, "get_params") else None


def _match_parameters(
    candidates: Candidates, reference: str, other: str, profile: SequenceProfile
) -> None:
    """Give a candidate as many units as come closest to the parameters of the reference."""
    if not candidates.is_recurrent:
        raise ValueError('match="parameters" needs an RNNClassifier or RNNRegressor.')
    like = planned_architecture(candidates.network(reference), profile)
    own = planned_architecture(candidates.network(other), profile)
    wanted = like.n_parameters()

    def missing(units: int) -> int:
        return wanted - replace(own, units=units).n_parameters()

    # An LSTM has a third more parameters than a GRU, in the whole network less.
    larger = bisect_left(range(2 * like.units), True, lo=1, key=lambda n: missing(n) <= 0)
    units = min((max(larger - 1, 1), larger), key=lambda n: abs(missing(n)))
    if units != own.units:
        candidates.matched[other] = {f"{candidates.prefix}units": units}
        candidates.estimators[other].set_params(**candidates.matched[other])
