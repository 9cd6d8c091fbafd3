import pytest

from rnnselect.cells import BYTES_PER_FLOAT, CELLS, LESSON, find_cell, units_with_parameters


@pytest.mark.parametrize(("units", "n_inputs"), [(1, 1), (3, 7), (32, 4), (50, 128)])
@pytest.mark.parametrize("name", ["gru", "lstm"])
def test_parameters_are_those_of_keras(name, units, n_inputs):
    keras = pytest.importorskip("keras")
    cell = CELLS[name]
    layer = getattr(keras.layers, cell.layer_name)(units)
    layer.build((None, 5, n_inputs))

    assert cell.n_parameters(units, n_inputs) == layer.count_params()
    assert cell.weight_bytes(units, n_inputs) == BYTES_PER_FLOAT * layer.count_params()


@pytest.mark.parametrize("name", ["gru", "lstm"])
def test_states_are_those_of_keras(name):
    keras = pytest.importorskip("keras")
    cell = CELLS[name]
    layer = getattr(keras.layers, cell.layer_name)(6)
    sizes = layer.state_size if isinstance(layer.state_size, list | tuple) else [layer.state_size]

    assert len(cell.states) == len(sizes)
    assert cell.state_bytes(6) == BYTES_PER_FLOAT * sum(sizes)


def test_gates_and_blocks_follow_the_textbook():
    assert CELLS["lstm"].gates == ("forget", "input", "output")
    assert CELLS["gru"].gates == ("update", "reset")
    for name, cell in CELLS.items():
        assert cell.name == name
        assert cell.n_blocks == len(cell.gates) + 1


def test_flops_are_the_products_of_the_weights_and_little_more():
    for cell in CELLS.values():
        products = 2 * cell.n_blocks * 64 * (64 + 16)
        assert products < cell.flops_per_step(64, 16) < 1.1 * products
    gru, lstm = (CELLS[name].flops_per_step(64, 16) for name in ("gru", "lstm"))
    assert gru * 4 == lstm * 3


@pytest.mark.parametrize("n_inputs", [1, 4, 60])
@pytest.mark.parametrize("n_parameters", [1, 100, 4736, 50_000])
@pytest.mark.parametrize("name", ["gru", "lstm"])
def test_no_other_number_of_units_comes_closer(name, n_parameters, n_inputs):
    found = units_with_parameters(name, n_parameters, n_inputs)

    def distance(units):
        return abs(CELLS[name].n_parameters(units, n_inputs) - n_parameters)

    assert found >= 1
    assert distance(found) == min(distance(units) for units in range(1, 301))


@pytest.mark.parametrize("name", ["gru", "lstm"])
def test_a_cell_with_its_own_parameters_keeps_its_units(name):
    for units in (1, 7, 32, 200):
        assert units_with_parameters(name, CELLS[name].n_parameters(units, 3), 3) == units


def test_find_cell():
    assert find_cell("lstm") is CELLS["lstm"]


@pytest.mark.parametrize("name", ["LSTMs", "rnn", None, 3, ["gru"]])
def test_unknown_cell(name):
    with pytest.raises(ValueError, match=r"cell=.* is unknown; give 'gru' or 'lstm'") as caught:
        find_cell(name)
    assert repr(name) in str(caught.value)


def test_unknown_cell_in_arithmetic():
    with pytest.raises(ValueError, match="cell='rnn' is unknown"):
        units_with_parameters("rnn", 100, 1)


def test_the_lesson_names_cells():
    assert {row.favours for row in LESSON} == {*CELLS, "neither"}
    assert len({row.task for row in LESSON}) == len(LESSON)
