import json

import pytest

from rnnselect.cells import CELLS, LESSON


def test_the_cells_side_by_side(run):
    page = run("cells", "--units", "64", "--channels", "3").stdout
    for cell in CELLS.values():
        assert cell.layer_name in page
        assert ", ".join(cell.gates) in page
        for figure in (cell.n_parameters(64, 3), cell.flops_per_step(64, 3)):
            assert f"{figure:,}" in page
    assert "Claims, not measurements" in page
    for each in LESSON:
        assert each.task in page
        assert each.claim in page


@pytest.mark.parametrize("columns", ["80", "120"])
def test_no_line_is_wider_than_the_terminal(run, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    lines = run("cells", "--units", "4096").stdout.splitlines()
    assert max(map(len, lines)) <= int(columns)


def test_json(run):
    facts = json.loads(run("cells", "--units", "8", "--json").stdout)
    assert facts["lstm"]["n_parameters"] == CELLS["lstm"].n_parameters(8, 1)
    assert facts["gru"]["state_bytes"] == 32
    assert facts["gru"]["units_with_as_many_parameters"].keys() == {"lstm"}
    assert len(facts["claims"]) == len(LESSON)
