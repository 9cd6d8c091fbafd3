"""Pictures are made of plain dicts; what they show is read back from the axes."""

import itertools
import json

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from rnnselect.report.pictures.calibration import draw_calibration
from rnnselect.report.pictures.cost import COST
from rnnselect.report.pictures.decision_map import draw_decision_map
from rnnselect.report.pictures.learning_curves import LEARNING_CURVES
from rnnselect.report.pictures.palette import FIRST, SECOND
from rnnselect.report.pictures.posterior import POSTERIOR
from rnnselect.report.pictures.predictions import PREDICTIONS
from rnnselect.report.pictures.race import RACE
from rnnselect.report.svg import FONT_POINTS, WIDTH_INCHES

PICTURES = {each.name: each for each in (RACE, POSTERIOR, COST, LEARNING_CURVES)}
RACES = {
    "one pair": {"differences": [2.0], "budget": 60.0},
    "five pairs": {"differences": [1.0, -0.5, 0.2, 0.0, 0.9]},
    "clear": {"differences": [9.0, 8.0, 8.5]},
    "many pairs": {"differences": list(np.linspace(-3, 3, 30)), "variance": 30.0},
    "diverged": {"differences": [-30.0, -30.0], "variance": float("nan")},
}


@pytest.fixture(autouse=True)
def at_the_size_of_a_phone():
    import matplotlib as mpl

    with mpl.rc_context({"font.size": FONT_POINTS}):
        yield


def drawn(draw, data, height=2.7):
    figure = Figure((WIDTH_INCHES, height), layout="constrained")
    FigureCanvasAgg(figure)
    ax = figure.subplots()
    draw(ax, data)
    figure.draw_without_rendering()
    return figure, [ax, *ax.child_axes]


def texts_of(axes):
    """Return the visible texts that lie within the limits of their axes."""
    for ax in axes:
        if not ax.axison:
            continue
        for axis in (ax.xaxis, ax.yaxis):
            low, high = sorted(axis.get_view_interval())
            yield axis.label
            for tick in axis.get_major_ticks():
                if low <= tick.get_loc() <= high:
                    yield tick.label1
        yield from ax.texts


def check_labels(figure, axes):
    """Nothing is cut off, and no two texts overlap."""
    boxes = [
        (text.get_text(), text.get_window_extent())
        for text in texts_of(axes)
        if text.get_visible() and text.get_text()
    ]
    width, height = figure.canvas.get_width_height()
    for label, box in boxes:
        inside = box.x0 >= -1 and box.y0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + 1
        assert inside, f"{label!r} is cut"
    for (one, a), (other, b) in itertools.combinations(boxes, 2):
        apart = a.x1 <= b.x0 + 1 or b.x1 <= a.x0 + 1 or a.y1 <= b.y0 + 1 or b.y1 <= a.y0 + 1
        assert apart, f"{one!r} and {other!r} overlap"


@pytest.mark.parametrize("race", RACES.values(), ids=RACES)
@pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES)
def test_every_picture_of_every_race_is_legible_on_a_phone(picture, race, make_recommendation):
    record = make_recommendation(**race).to_dict()
    data = picture.select(record)
    figure, axes = drawn(picture.draw, data, picture.height_inches)
    check_labels(figure, axes)
    shown = [ax for ax in axes if ax.axison]
    assert all(ax.get_xlabel() for ax in shown)
    table = picture.tabulate(data)
    assert {len(row) for row in table.rows} == {len(table.headings)}
    assert "nan" not in picture.describe(data)


def test_untested_only_what_is_known_is_drawn(make_recommendation):
    record = make_recommendation(budget=5.0).to_dict()
    data = {name: picture.select(record) for name, picture in PICTURES.items()}
    assert data["race"] is None
    assert data["learning-curves"] is None
    assert POSTERIOR.describe(data["posterior"]).startswith("Before the first fold: GRU better 7 %")
    assert COST.tabulate(data["cost"]).rows[0][-1] == "not run"
    for name in ("posterior", "cost"):
        picture = PICTURES[name]
        check_labels(*drawn(picture.draw, data[name], picture.height_inches))


def test_a_cell_has_its_colour_in_every_picture(make_recommendation):
    record = make_recommendation([1.0, 2.0]).to_dict()
    for picture in (RACE, LEARNING_CURVES):
        _, axes = drawn(picture.draw, picture.select(record), picture.height_inches)
        labels = {
            text.get_text().split()[1].strip(","): to_hex(text.get_color())
            for ax in axes
            for text in ax.texts
            if text.get_text()[0] in "●■"
        }
        assert labels == {"GRU": FIRST, "LSTM": SECOND}
    _, (ax,) = drawn(COST.draw, COST.select(record))
    assert [to_hex(line.get_color()) for line in ax.lines[:3:2]] == [FIRST, SECOND]


def test_other_cells_have_colours_too(make_recommendation):
    record = make_recommendation([1.0]).to_dict()
    data = RACE.select(record)
    scores = {"simple": data["scores"]["gru"], "minimal": data["scores"]["lstm"]}
    _, axes = drawn(RACE.draw, {**data, "cells": ("simple", "minimal"), "scores": scores})
    assert any("MINIMAL better" in text.get_text() for ax in axes for text in ax.texts)


def test_the_race_shows_differences_interval_and_rope(make_recommendation):
    found = make_recommendation([1.0, -0.5, 0.2])
    _, (_, scores, differences) = drawn(RACE.draw, RACE.select(found.to_dict()), 3.9)
    gru, lstm = scores.collections
    np.testing.assert_allclose(gru.get_offsets()[:, 0], found.scores["gru"])
    np.testing.assert_allclose(lstm.get_offsets()[:, 0], found.scores["lstm"])
    np.testing.assert_allclose(differences.collections[0].get_offsets()[:, 0], [1.0, -0.5, 0.2])
    (interval,) = (line for line in differences.lines if len(set(line.get_xdata())) == 2)
    belief = found.beliefs[-1]
    np.testing.assert_allclose(interval.get_xdata(), [belief.low_points, belief.high_points])
    (band,) = differences.patches
    assert (band.get_x(), band.get_width()) == (-1.0, 2.0)


@pytest.mark.parametrize(
    ("differences", "words"),
    [
        ([1.0], "LSTM scored higher on the only fold."),
        ([0.0], "Both cells scored the same on the only fold."),
        ([0.0, 0.0], "Both cells scored the same on all 2 folds."),
        ([-1.0, -2.0], "GRU scored higher on all 2 folds."),
        ([1.0, -2.0, 0.5], "Of 3 folds, GRU on 1 and LSTM on 2 scored higher."),
        ([1.0, 0.0, -0.5], "Of 3 folds, GRU on 1 and LSTM on 1 scored higher, 1 was a tie."),
        ([-100.0, -81.0], "GRU scored higher on all 2 folds."),
        ([-1.0, 0.0, 0.0], "Of 3 folds, GRU on 1 scored higher, 2 were ties."),
    ],
)
def test_who_scored_higher_is_true_in_every_case(differences, words, make_recommendation):
    data = RACE.select(make_recommendation(differences).to_dict())
    assert RACE.describe(data).startswith(f"{words} LSTM minus GRU is expected to be ")


def test_without_a_margin_nothing_is_called_equivalent(make_recommendation):
    record = make_recommendation([1.0]).to_dict()
    for picture in (RACE, POSTERIOR):
        data = picture.select(record)
        assert "equivalent" in picture.describe(data)
        data = {**data, "rope_points": 0.0}
        assert "equivalent" not in picture.describe(data)
        _, axes = drawn(picture.draw, data, picture.height_inches)
        assert not any("equivalent" in text.get_text() for text in texts_of(axes))


def test_both_markers_of_a_tie_are_seen(make_recommendation):
    data = RACE.select(make_recommendation([0.0, 0.0]).to_dict())
    _, (_, scores, _) = drawn(RACE.draw, data, RACE.height_inches)
    gru, lstm = (markers.get_offsets() for markers in scores.collections)
    np.testing.assert_allclose(gru[:, 0], lstm[:, 0])
    assert (gru[:, 1] < lstm[:, 1]).all()


@pytest.mark.parametrize(
    ("kind", "level", "highest"),
    [("bounded", 0.99, 1.0), ("r2", 0.995, 1.0), ("error", -0.01, 0.0), ("raw", 0.99, None)],
)
def test_the_axis_ends_at_the_highest_possible_score(kind, level, highest, make_recommendation):
    record = make_recommendation([0.5, 0.2]).to_dict()
    record["rules"]["scale"]["kind"] = kind
    data = RACE.select(record)
    scores = {"gru": (level, level - 0.2), "lstm": (level - 0.1, level - 0.1)}
    _, (_, ax, _) = drawn(RACE.draw, {**data, "scores": scores, "simple_scores": {}}, 4.2)
    assert data["highest_score"] == highest
    end = ax.get_xlim()[1]
    assert end == highest if highest is not None else end > 1.0


def test_simple_models_are_lines_and_the_best_is_named(make_recommendation):
    record = make_recommendation([1.0, 0.5, 0.7], baseline="trees " * 20).to_dict()
    figure, axes = drawn(RACE.draw, RACE.select(record), RACE.height_inches)
    check_labels(figure, axes)
    lines = [tuple(line.get_xdata()) for line in axes[1].lines]
    for name, scores in record["baseline_scores"].items():
        assert scores in lines, name
    assert axes[1].get_xlabel().startswith("accuracy\n┆ trees trees")
    low, _ = axes[1].get_xlim()
    assert 0.5 < low < 0.6  # a prediction without learning would press the others together


def test_the_regions_of_the_posterior_have_the_areas_that_are_written(make_recommendation):
    found = make_recommendation([1.0, 0.5, 1.5])
    _, (ax,) = drawn(POSTERIOR.draw, POSTERIOR.select(found.to_dict()))
    areas = []
    for region in ax.collections:
        x, y = region.get_paths()[0].vertices.T
        areas.append(abs(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))) / 2)
    wanted = [found.probabilities[name] for name in ("gru", "equivalent", "lstm")]
    np.testing.assert_allclose(areas, wanted, atol=0.02)


@pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES)
def test_names_with_settings_are_legible_on_a_phone(picture, make_recommendation):
    record = make_recommendation([1.0, -0.5]).to_dict()
    text = (
        json.dumps(record).replace('"gru"', '"gru, units=16"').replace('"lstm"', '"lstm, units=8"')
    )
    data = picture.select(json.loads(text))
    check_labels(*drawn(picture.draw, data, picture.height_inches))


def test_both_losses_are_drawn_and_the_lowest_validation_loss_is_marked(make_recommendation):
    data = LEARNING_CURVES.select(make_recommendation([1.0]).to_dict())
    _, (ax,) = drawn(LEARNING_CURVES.draw, data)
    drawn_losses = {tuple(line.get_ydata()) for line in ax.lines}
    assert drawn_losses == {(0.9, 0.4, 0.2), (1.0, 0.5, 0.6), (0.9, 0.5, 0.3), (1.1, 0.7, 0.05)}
    marked = [tuple(markers.get_offsets()[0]) for markers in ax.collections]
    assert marked == [(2, 0.5), (3, 0.05)]
    assert LEARNING_CURVES.tabulate(data).rows[0] == ("GRU", "3", "2", "0.5", "0.4")


def test_without_a_validation_part_the_training_loss_is_judged(make_recommendation):
    data = LEARNING_CURVES.select(make_recommendation([1.0]).to_dict())
    histories = {cell: ({"loss": each["loss"]},) for cell, (each,) in data["histories"].items()}
    data = {**data, "histories": histories}
    _, (ax,) = drawn(LEARNING_CURVES.draw, data)
    assert len(ax.lines) == 2
    assert LEARNING_CURVES.describe(data).startswith("Loss on the training part: GRU reached 0.2")


def predictions_of(*labels, **fields):
    rng = np.random.default_rng(0)
    if labels:
        counts = rng.integers(0, 1500, size=(len(labels), len(labels)))
        fields["confusion"] = tuple(map(tuple, counts.tolist()))
    return {"candidate": "gru", "n_tested": 999, "labels": labels, "confusion": (), "true": (),
            "predicted": (), "standardised": False, **fields}  # fmt: skip


@pytest.mark.parametrize(
    "predictions",
    [
        predictions_of("False", "True"),
        predictions_of("a class with a very long name", "another class with one", "$\\frac$"),
        predictions_of(*map(str, range(10))),
        predictions_of(*(f"class number {k}" for k in range(30))),
        predictions_of(true=(1e6, 2e6, 5e6), predicted=(1.1e6, 2e6, 2.5e6)),
        predictions_of(true=(-0.001, 0.002), predicted=(0.0, 0.0), standardised=True),
    ],
    ids=["two", "long names", "ten", "thirty", "large values", "outputs"],
)
def test_predictions_are_legible_on_a_phone(predictions, make_recommendation):
    record = make_recommendation([1.0]).to_dict()
    assert PREDICTIONS.select(record) is None
    data = PREDICTIONS.select({**record, "predictions": predictions})
    figure, axes = drawn(PREDICTIONS.draw, data, PREDICTIONS.height_inches)
    if len(predictions["labels"]) < 30:
        check_labels(figure, axes)
    table = PREDICTIONS.tabulate(data)
    assert {len(row) for row in table.rows} == {len(table.headings)}
    assert "999 sequences that" in PREDICTIONS.describe(data)


@pytest.mark.parametrize(
    ("confusion", "words"),
    [
        (((5, 0), (0, 4)), "GRU is right on 9 of 9 sequences that it was not trained on."),
        (((90, 0), (3, 6)), "Least often right: yes (6 of 9), most often taken for no."),
        (((0, 0), (1, 4)), "Least often right: yes (4 of 5), most often taken for no."),
    ],
)
def test_the_class_that_is_least_often_right_is_named(confusion, words, make_recommendation):
    n = sum(map(sum, confusion))
    predictions = {**predictions_of("no", "yes"), "confusion": confusion, "n_tested": n}
    record = {**make_recommendation([1.0]).to_dict(), "predictions": predictions}
    data = PREDICTIONS.select(record)
    assert words in PREDICTIONS.describe(data)
    assert ("Least" in PREDICTIONS.describe(data)) is ("Least" in words)
    _, (ax,) = drawn(PREDICTIONS.draw, data)
    assert [text.get_text() for text in ax.texts] == [
        str(each) for row in confusion for each in row
    ]
    assert ax.images[0].get_array().max() == max(
        each / sum(row) for row in confusion for each in row if sum(row)
    )


def test_an_empty_loss_and_a_diverged_one(make_recommendation):
    data = LEARNING_CURVES.select(make_recommendation([1.0]).to_dict())
    nan = float("nan")
    histories = {"gru": [{"loss": (0.5, nan)}], "lstm": [{"loss": (nan,) * 2}]}
    data = {**data, "histories": histories}
    figure, axes = drawn(LEARNING_CURVES.draw, data)
    check_labels(figure, axes)
    assert LEARNING_CURVES.tabulate(data).rows == (
        ("GRU", "2", "1", "0.5"),
        ("LSTM", "2", "2", "nan"),
    )
    assert "LSTM reached no number" in LEARNING_CURVES.describe(data)


def test_calibration():
    data = {
        "stated": [0.1, 0.9], "observed": [0.0, 1.0], "low": [0.0, 0.7], "high": [0.3, 1.0],
        "counts": [5, 500], "event": "GRU is better",
    }  # fmt: skip
    figure, axes = drawn(draw_calibration, data, WIDTH_INCHES)
    check_labels(figure, axes)
    (ax,) = axes
    assert ax.get_xlabel() == "stated probability that GRU is better"
    small, large = ax.collections[1].get_sizes()
    assert small < large


@pytest.mark.parametrize(
    ("n_pairs", "labels"),
    [
        pytest.param([[0] * 12] * 12, ["recommend\noutright"], id="nothing else"),
        pytest.param([[0] * 12] * 6 + [[2] * 12] * 6, ["recommend\noutright", "2 pairs"], id="two"),
        pytest.param([[0] * 20] * 19 + [[5] * 20], ["recommend\noutright", "5"], id="a narrow one"),
    ],
)
def test_the_regions_of_the_decision_map_are_named(n_pairs, labels):
    data = {
        "n_samples": np.geomspace(100, 100_000, len(n_pairs[0])),
        "budgets_seconds": np.geomspace(5, 15_000, len(n_pairs)),
        "n_pairs": n_pairs,
        "title": "sequences of 50 time steps",
    }
    figure, axes = drawn(draw_decision_map, data, WIDTH_INCHES)
    check_labels(figure, axes)
    assert [text.get_text() for text in axes[0].texts] == [*labels, data["title"]]
