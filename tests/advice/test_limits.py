import pickle

import pytest

from rnnselect import Budget
from rnnselect.advice.limits import Footprint, argument_text, check_limits
from rnnselect.cells import CELLS
from rnnselect.exceptions import NoCellFitsError

UNITS = {"gru": 32, "lstm": 32}
N_CHANNELS = 4
BREACH = "it has 4,736 parameters, more than max_parameters=4,000"


def footprint(cell):
    """A GRU of 32 units: 3,648 parameters, 36 MB, 3.6 ms; an LSTM: 4,736, 47 MB, 4.7 ms."""

    def of_units(units):
        n = CELLS[cell].n_parameters(units, N_CHANNELS)
        return Footprint(n, 1e4 * n, 1e-6 * n)

    return of_units


def check(units=UNITS, footprints=None, measured=(), **allowed):
    footprints = footprints or {cell: footprint(cell) for cell in units}
    return check_limits(allowed, footprints, units, measured=measured)


@pytest.mark.parametrize(
    ("allowed", "excluded"),
    [
        ({}, ()),
        ({"max_parameters": 4736, "memory": 47.36e6, "max_latency": 0.01}, ()),
        ({"max_parameters": 4735}, ("lstm",)),
        ({"memory": 40e6}, ("lstm",)),
        ({"max_latency": 0.004}, ("lstm",)),
        ({"max_parameters": 10_000, "max_latency": 0.004}, ("lstm",)),
    ],
)
def test_who_is_excluded(allowed, excluded):
    found = check(**allowed)
    assert tuple(each.cell for each in found.exclusions) == excluded
    assert found.remaining(("gru", "lstm")) == tuple(c for c in UNITS if c not in excluded)
    assert [limit.name for limit in found.limits] == list(allowed)
    for limit in found.limits:
        assert limit.allowed == allowed[limit.name]
        assert limit.values == {c: footprint(c)(32).of(limit.name) for c in UNITS}


@pytest.mark.parametrize(
    ("units", "most"),
    [(2, 50), (3, 60), (7, 300), (32, 60), (33, 4735), (100, 4735), (1000, 10**5)],
)
def test_the_largest_number_of_units_that_fits(units, most):
    lstm = footprint("lstm")
    (exclusion,) = check({"gru": 1, "lstm": units}, max_parameters=most).exclusions
    assert exclusion.units == units
    assert exclusion.units_that_fit == max(
        n for n in range(1, units) if lstm(n).n_parameters <= most
    )


def test_units_must_keep_all_limits():
    by_parameters, by_latency = (
        check(**each).exclusions[0].units_that_fit
        for each in ({"max_parameters": 4000}, {"max_latency": 3.7e-3})
    )
    (both,) = check(max_parameters=4000, max_latency=3.7e-3).exclusions
    assert by_latency < by_parameters
    assert both.units_that_fit == by_latency


def test_memory_that_does_not_grow_with_every_unit():
    """Fewer units make longer chunks, and these may take more than the network."""

    def chunks(units):
        return Footprint(1, 100.0 if units < 4 or units > 20 else 10.0, 0.0)

    units = {"gru": 10, "lstm": 32}
    (exclusion,) = check(units, dict.fromkeys(units, chunks), memory=50).exclusions
    assert exclusion.units_that_fit == 20


@pytest.mark.parametrize(
    ("allowed", "measured", "why", "units"),
    [
        (
            {"max_parameters": 4000},
            (),
            "it has 4,736 parameters, more than max_parameters=4,000",
            29,
        ),
        ({"memory": 40e6}, (), "training it takes about 47 MB, more than memory=40 MB", 29),
        (
            {"max_latency": 0.0047},
            (),
            "predicting one sequence takes about 4.74 ms, more than max_latency=4.7 ms",
            31,
        ),
        (
            {"max_latency": 0.004},
            ("max_latency",),
            "predicting one sequence took 4.7 ms, more than max_latency=4 ms",
            29,
        ),
        (
            {"max_parameters": 4000, "memory": 40e6},
            (),
            f"{BREACH}, and training it takes about 47 MB, more than memory=40 MB",
            29,
        ),
    ],
)
def test_sentences(allowed, measured, why, units):
    tiny = {"gru": footprint("gru"), "lstm": footprint("lstm")}
    found = check({"gru": 8, "lstm": 32}, tiny, measured, **allowed)
    assert [each.sentence for each in found.exclusions] == [
        f"LSTM is excluded: {why}; with {units} units in place of 32 it would fit."
    ]


def test_not_even_one_unit():
    def large(units):
        return Footprint(1000 + units, 0.0, 0.0)

    footprints = {"gru": footprint("gru"), "lstm": large}
    (exclusion,) = check({"gru": 2, "lstm": 32}, footprints, max_parameters=1000).exclusions
    assert exclusion.units_that_fit is None
    assert exclusion.sentence.endswith("max_parameters=1,000; not even 1 unit would fit.")


def test_nothing_fits():
    with pytest.raises(NoCellFitsError) as caught:
        check(max_parameters=3000, memory=1e9)
    error = caught.value
    assert error.units_that_fit == {"gru": 28, "lstm": 25}
    assert str(error) == (
        "Neither cell keeps the limits. GRU is excluded: it has 3,648 parameters, more than "
        "max_parameters=3,000; with 28 units in place of 32 it would fit. LSTM is excluded: it has "
        "4,736 parameters, more than max_parameters=3,000; with 25 units in place of 32 it would "
        "fit. For both, set units=25, or give Budget(max_parameters=4736)."
    )
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.units_that_fit) == (str(error), error.units_that_fit)


@pytest.mark.parametrize(
    "allowed", [{"max_parameters": 3000}, {"memory": 1.1e7}, {"max_latency": 0.00123}]
)
def test_the_remedies_are_right(allowed):
    """With the units or the limits that are proposed, nothing is excluded any more."""
    with pytest.raises(NoCellFitsError) as caught:
        check(**allowed)
    units = min(caught.value.units_that_fit.values())
    assert not check(dict.fromkeys(UNITS, units), **allowed).exclusions
    with pytest.raises(NoCellFitsError):
        check(dict.fromkeys(UNITS, max(caught.value.units_that_fit.values()) + 1), **allowed)
    proposed = eval(str(caught.value).partition("or give ")[2].removesuffix("."))
    assert isinstance(proposed, Budget)
    assert not check(**proposed.network_limits).exclusions


def test_an_argument_is_a_limit_that_the_cell_keeps():
    limits = check(max_parameters=10_000, memory=1e9, max_latency=1.0).limits
    assert [argument_text(limit, "lstm") for limit in limits] == [
        "max_parameters=4736",
        "memory='48MB'",
        "max_latency='4.8ms'",
    ]
