"""LSTM or GRU? Recurrent networks for scikit-learn, and an advisor that chooses the cell.

A map of the package, in the order in which data flows through it:

- `sequences`: what the data is (checks, one form for all kinds of sequences, its profile)
- `cells`, `budget`: LSTM and GRU as data; what the user is willing to spend
- `advice`: what is decided (costs, prior, plan, race, verdict); never trains anything
- `recurrent`: what is trained (the estimators and the engine under them); never decides
- `report`: how results are shown
- `advisor`: `RNNAdvisor`, the flow from X and y to a recommendation
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnnselect.advice.plan import Plan
    from rnnselect.advice.recommendation import Recommendation
    from rnnselect.advisor import RNNAdvisor
    from rnnselect.budget import Budget
    from rnnselect.recurrent.classifier import RNNClassifier
    from rnnselect.recurrent.regressor import RNNRegressor

__version__ = "0.1.0"

__all__ = [
    "Budget",
    "Plan",
    "RNNAdvisor",
    "RNNClassifier",
    "RNNRegressor",
    "Recommendation",
]

_HOMES = {
    "Budget": "budget",
    "Plan": "advice.plan",
    "RNNAdvisor": "advisor",
    "RNNClassifier": "recurrent.classifier",
    "RNNRegressor": "recurrent.regressor",
    "Recommendation": "advice.recommendation",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
