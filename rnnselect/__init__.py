"""LSTM or GRU? Recurrent networks for scikit-learn, and an advisor that chooses the cell.

A map of the package, in the order in which data flows through it:

- `sequences`: what the data is (checks, one form for all kinds of sequences, its profile)
- `cells`, `budget`: LSTM and GRU as data; what the user is willing to spend
- `advice`: what is decided (costs, prior, plan, race, verdict); never trains anything
- `recurrent`: what is trained (the estimators and the engine under them); never decides
- `speed`, `machine`, `calibration_file`: how fast a machine trains, and what is known of this one
- `program_store`: compiled programs on disk, for the next process
- `report`: how results are shown
- `preprocessing`, `forecasting`, `datasets`: text, tables and collections as sequences; windows of
  one long series; built-in problems
- `archive`, `persistence`: files of fitted models, without pickle
- `advisor`: `RNNAdvisor`, the flow from X and y to a recommendation
- `displays`: pictures as scikit-learn's Display objects
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnnselect.advice.plan import Plan
    from rnnselect.advice.recommendation import Recommendation
    from rnnselect.advisor import RNNAdvisor
    from rnnselect.budget import Budget
    from rnnselect.displays.calibration import AdviceCalibrationDisplay
    from rnnselect.displays.cost import CostDisplay
    from rnnselect.displays.decision_map import DecisionMapDisplay
    from rnnselect.displays.learning_curves import LearningCurvesDisplay
    from rnnselect.displays.posterior import PosteriorDisplay
    from rnnselect.displays.predictions import PredictionsDisplay
    from rnnselect.displays.race import RaceDisplay
    from rnnselect.forecasting.forecast import forecast
    from rnnselect.forecasting.split import WindowSplit
    from rnnselect.forecasting.windows import make_windows
    from rnnselect.persistence.loading import load
    from rnnselect.persistence.saving import save
    from rnnselect.preprocessing.collections import sequences_from_collection
    from rnnselect.preprocessing.frames import sequences_from_frame
    from rnnselect.preprocessing.scaler import SequenceScaler
    from rnnselect.preprocessing.tokenizer import SequenceTokenizer
    from rnnselect.preprocessing.wide_frames import sequences_from_wide_frame
    from rnnselect.preprocessing.word_vectors import load_word_vectors
    from rnnselect.program_store import keep_programs
    from rnnselect.recurrent.calibration import calibrate
    from rnnselect.recurrent.classifier import RNNClassifier
    from rnnselect.recurrent.regressor import RNNRegressor
    from rnnselect.recurrent.scorers import (
        per_step_accuracy,
        per_step_f1,
        per_step_neg_mean_squared_error,
        per_step_r2,
        score_steps,
    )

__version__ = "0.1.0"

__all__ = [
    "AdviceCalibrationDisplay",
    "Budget",
    "CostDisplay",
    "DecisionMapDisplay",
    "LearningCurvesDisplay",
    "Plan",
    "PosteriorDisplay",
    "PredictionsDisplay",
    "RNNAdvisor",
    "RNNClassifier",
    "RNNRegressor",
    "RaceDisplay",
    "Recommendation",
    "SequenceScaler",
    "SequenceTokenizer",
    "WindowSplit",
    "calibrate",
    "forecast",
    "keep_programs",
    "load",
    "load_word_vectors",
    "make_windows",
    "per_step_accuracy",
    "per_step_f1",
    "per_step_neg_mean_squared_error",
    "per_step_r2",
    "save",
    "score_steps",
    "sequences_from_collection",
    "sequences_from_frame",
    "sequences_from_wide_frame",
]

_HOMES = {
    "AdviceCalibrationDisplay": "displays.calibration",
    "Budget": "budget",
    "CostDisplay": "displays.cost",
    "DecisionMapDisplay": "displays.decision_map",
    "LearningCurvesDisplay": "displays.learning_curves",
    "Plan": "advice.plan",
    "PosteriorDisplay": "displays.posterior",
    "PredictionsDisplay": "displays.predictions",
    "RNNAdvisor": "advisor",
    "RNNClassifier": "recurrent.classifier",
    "RNNRegressor": "recurrent.regressor",
    "RaceDisplay": "displays.race",
    "Recommendation": "advice.recommendation",
    "SequenceScaler": "preprocessing.scaler",
    "SequenceTokenizer": "preprocessing.tokenizer",
    "WindowSplit": "forecasting.split",
    "calibrate": "recurrent.calibration",
    "forecast": "forecasting.forecast",
    "keep_programs": "program_store",
    "load": "persistence.loading",
    "load_word_vectors": "preprocessing.word_vectors",
    "make_windows": "forecasting.windows",
    "per_step_accuracy": "recurrent.scorers",
    "per_step_f1": "recurrent.scorers",
    "per_step_neg_mean_squared_error": "recurrent.scorers",
    "per_step_r2": "recurrent.scorers",
    "save": "persistence.saving",
    "score_steps": "recurrent.scorers",
    "sequences_from_collection": "preprocessing.collections",
    "sequences_from_frame": "preprocessing.frames",
    "sequences_from_wide_frame": "preprocessing.wide_frames",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
