import math

import pytest

from rnnselect.advice.evidence import TASKS, Evidence, literature, matching_evidence, tally


def row(gru, lstm, *, metric="loss", larger_is_better=False):
    return Evidence(
        "study", None, "task", "data", None, None, metric, larger_is_better, gru, lstm, "", ""
    )


@pytest.mark.parametrize(
    ("evidence", "winner", "gap"),
    [
        (row(1.0, 2.0), "gru", 0.5),
        (row(2.0, 1.0), "lstm", 0.5),
        (row(1.0, 1.0), "tie", 0.0),
        (row(0.0, 0.0), "tie", math.nan),
        (row(0.9, 0.8, metric="accuracy", larger_is_better=True), "gru", 0.5),
        (row(80.0, 95.0, metric="accuracy %", larger_is_better=True), "lstm", 0.75),
        (row(22.0, 21.0, metric="BLEU", larger_is_better=True), "gru", math.nan),
    ],
)
def test_winner_and_relative_gap(evidence, winner, gap):
    assert evidence.winner == winner
    assert evidence.relative_gap == pytest.approx(gap, nan_ok=True)


def test_every_row_is_complete_and_speaks_to_a_known_task():
    rows = literature()
    spoken_to = {task for tasks in TASKS.values() for task in tasks}

    assert len(rows) == 38
    assert rows is literature()
    for each in rows:
        assert each.study
        assert each.data
        assert math.isfinite(each.gru + each.lstm)
        assert each.source.startswith("https://") or "practitioner benchmark" in each.study
    assert {each.task for each in rows} - spoken_to == {"pixel row classification"}
    assert spoken_to <= {each.task for each in rows}


@pytest.mark.parametrize("task", sorted(TASKS))
def test_matching_evidence(task):
    rows = matching_evidence(task)

    assert {each.task for each in rows} == set(TASKS[task])
    assert tally(task).startswith(f"{len(rows)} published" if rows else "no published")


def test_unknown_task_lists_the_legal_ones():
    with pytest.raises(ValueError, match=r"task='chess'.*counting.*translation"):
        matching_evidence("chess")
