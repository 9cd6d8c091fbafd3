"""Displays follow scikit-learn's conventions; what is drawn is tested with the pictures."""

import sys
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn.exceptions import NotFittedError
from sklearn.metrics import ConfusionMatrixDisplay, PredictionErrorDisplay

import rnnselect
from rnnselect import (
    AdviceCalibrationDisplay,
    CostDisplay,
    DecisionMapDisplay,
    LearningCurvesDisplay,
    PosteriorDisplay,
    PredictionsDisplay,
    RaceDisplay,
    RNNAdvisor,
    RNNClassifier,
)
from rnnselect.advice.predictions import Predictions

OF_RECOMMENDATIONS = [
    RaceDisplay,
    PosteriorDisplay,
    CostDisplay,
    LearningCurvesDisplay,
    PredictionsDisplay,
]


def new_axes():
    return Figure().subplots()


@pytest.fixture(scope="module")
def found(make_recommendation):
    tested = Predictions("gru", 9, ("no", "yes"), ((4, 1), (0, 4)))
    return replace(make_recommendation([1.0, -0.5], budget=60.0), predictions=tested)


def fitted_advisor(found):
    advisor = RNNAdvisor()
    advisor.recommendation_ = found
    return advisor


@pytest.mark.parametrize("display", OF_RECOMMENDATIONS)
def test_drawn_where_it_is_told_and_remembered(display, found):
    ax = new_axes()
    made = display.from_recommendation(found, ax=ax)
    assert made.ax_ is ax
    assert made.figure_ is ax.figure
    again = new_axes()
    assert made.plot(again) is made
    assert made.ax_ is again
    assert vars(display.from_advisor(fitted_advisor(found), ax=ax)).keys() == vars(made).keys()


@pytest.mark.parametrize("display", OF_RECOMMENDATIONS)
def test_an_advisor_that_was_not_fitted(display):
    with pytest.raises(NotFittedError):
        display.from_advisor(RNNAdvisor())


@pytest.mark.parametrize("display", [RaceDisplay, LearningCurvesDisplay, PredictionsDisplay])
def test_nothing_to_draw(display, make_recommendation):
    with pytest.raises(ValueError, match=f"{display.__name__} has nothing to draw: no pair was"):
        display.from_recommendation(make_recommendation(budget=5.0), ax=new_axes())


def test_the_race_has_two_axes(found):
    display = RaceDisplay.from_recommendation(found, ax=new_axes())
    assert all(isinstance(ax, Axes) for ax in display.axes_)


def test_predictions_are_drawn_by_the_displays_of_scikit_learn(found, make_recommendation):
    display = PredictionsDisplay.from_recommendation(found, ax=new_axes())
    assert isinstance(display.display_, ConfusionMatrixDisplay)
    values = Predictions("lstm", 2, true=(1.0, 2.0), predicted=(1.5, 2.0))
    found = replace(found, predictions=values)
    display = PredictionsDisplay.from_recommendation(found, ax=new_axes())
    assert isinstance(display.display_, PredictionErrorDisplay)


def test_a_new_figure_where_no_axes_are_given(found):
    from matplotlib import pyplot

    backend = pyplot.get_backend()
    pyplot.switch_backend("agg")
    try:
        display = PosteriorDisplay.from_recommendation(found)
        assert display.figure_ is pyplot.gcf()
        pyplot.close(display.figure_)
    finally:
        pyplot.switch_backend(backend)


@pytest.mark.parametrize("display", OF_RECOMMENDATIONS)
def test_without_matplotlib_the_remedy_is_named(display, found, monkeypatch):
    for module in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(
        ImportError, match=rf"{display.__name__}.plot needs .*pip install matplotlib"
    ):
        display.from_recommendation(found)


@pytest.mark.parametrize(
    "history", [{"loss": [0.9, 0.5], "val_loss": [1.0, 0.7]}, {"loss": [0.9, 0.5]}]
)
def test_the_curves_of_one_estimator(history):
    network = RNNClassifier(cell="lstm")
    network.history_, network.model_ = {**history, "learning_rate": [1e-3] * 2}, None
    display = LearningCurvesDisplay.from_estimator(network, ax=new_axes())
    curves = {name: tuple(curve) for name, curve in history.items()}
    assert display.histories == {"lstm": [curves]}
    assert sorted(tuple(line.get_ydata()) for line in display.ax_.lines) == sorted(curves.values())
    assert [text.get_text() for text in display.ax_.texts] == ["■ LSTM"]


def test_an_estimator_that_was_not_fitted():
    with pytest.raises(NotFittedError):
        LearningCurvesDisplay.from_estimator(RNNClassifier())


def test_the_decision_map_is_what_plans_say():
    sizes, budgets = [200, 2000], [1.0, 60.0, 3600.0]
    display = DecisionMapDisplay.from_advisor(
        RNNAdvisor(budget="1s"),
        sequence_length=50,
        n_samples=sizes,
        budgets_seconds=budgets,
        ax=new_axes(),
    )
    said = [
        [RNNAdvisor(budget=b).plan(n_samples=n, sequence_length=50).n_pairs for n in sizes]
        for b in budgets
    ]
    assert display.n_pairs.tolist() == said
    assert len(np.unique(display.n_pairs)) > 1


@pytest.mark.parametrize(
    ("argument", "value"),
    [("n_samples", [100]), ("n_samples", [200, 100]), ("budgets_seconds", [0, 1])],
)
def test_a_map_needs_ascending_sizes_and_budgets(argument, value):
    with pytest.raises(ValueError, match=rf"{argument}=.*ascending"):
        DecisionMapDisplay.from_advisor(RNNAdvisor(), sequence_length=50, **{argument: value})


def test_calibration_of_outcomes():
    stated = np.repeat([0.25, 0.75], 40)
    happened = np.concatenate([np.arange(40) < 10, np.arange(40) < 30])
    display = AdviceCalibrationDisplay.from_predictions(happened, stated, ax=new_axes())
    np.testing.assert_allclose(display.stated, [0.25, 0.75])
    np.testing.assert_allclose(display.observed, [0.25, 0.75])
    assert display.counts.tolist() == [40, 40]
    # Wilson's interval of 10 in 40, by its formula.
    np.testing.assert_allclose([display.low[0], display.high[0]], [0.1419, 0.4019], atol=1e-4)


@pytest.mark.parametrize(
    ("y_true", "y_prob", "message"),
    [
        ([], [], "y_true must hold at least one"),
        ([0, 2], [0.1, 0.2], "y_true must hold"),
        ([0, 0.5], [0.1, 0.2], "0 and 1 only"),
        ([0, 1], [0.1, 1.2], "y_prob must hold"),
        ([0, 1], [0.1, float("nan")], "y_prob must hold"),
        ([0, 1, 1], [0.1, 0.2], "inconsistent numbers"),
    ],
)
def test_calibration_of_bad_tables(y_true, y_prob, message):
    with pytest.raises(ValueError, match=message):
        AdviceCalibrationDisplay.from_predictions(y_true, y_prob)


def test_the_front_door_offers_them():
    names = {name for name in rnnselect.__all__ if name.endswith("Display")}
    assert names == {
        "AdviceCalibrationDisplay",
        "CostDisplay",
        "DecisionMapDisplay",
        "LearningCurvesDisplay",
        "PosteriorDisplay",
        "PredictionsDisplay",
        "RaceDisplay",
    }
