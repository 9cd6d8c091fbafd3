"""``rnnselect cells``: LSTM and GRU side by side."""

from __future__ import annotations

from typing import Annotated, Any

from rnnselect.cells import CELLS, LESSON, shown_name, units_with_parameters
from rnnselect.cli.console import page_width
from rnnselect.cli.options import DATA, DebugOption, JsonOption, UnitsOption, option
from rnnselect.cli.outputs import STDOUT, check_output, write_text

__all__ = ["compare_cells"]


def compare_cells(
    units: UnitsOption = 32,
    channels: Annotated[
        int, option("--channels", DATA, "Values of one time step.", min=1, show_default=True)
    ] = 1,
    json: JsonOption = None,
    debug: DebugOption = False,
) -> None:
    """Show the two cells side by side, and what is commonly said of them."""
    check_output("--json", json)
    facts = cell_facts(units, channels)
    if json is not None:
        from rnnselect.report.text import json_text

        claims = [
            {"task": each.task, "claim": each.claim, "favours": each.favours} for each in LESSON
        ]
        write_text(json_text({**facts, "claims": claims}), json)
    if json != STDOUT:
        _show(facts, units, channels)


def cell_facts(units: int, channels: int) -> dict[str, dict[str, Any]]:
    """Return what is known of each cell without training one.

    Parameters
    ----------
    units, channels : int
        Of one layer.

    Returns
    -------
    dict of str to dict
        Gates, states and figures of each cell; bytes are those of float32.
    """
    n_parameters = {name: cell.n_parameters(units, channels) for name, cell in CELLS.items()}
    return {
        name: {
            "keras_layer": cell.layer_name,
            "gates": cell.gates,
            "states": cell.states,
            "n_parameters": n_parameters[name],
            "flops_per_step": cell.flops_per_step(units, channels),
            "weight_bytes": cell.weight_bytes(units, channels),
            "state_bytes": cell.state_bytes(units),
            "units_with_as_many_parameters": {
                other: units_with_parameters(name, n_parameters[other], channels)
                for other in CELLS
                if other != name
            },
        }
        for name, cell in CELLS.items()
    }


def _show(facts: dict[str, dict[str, Any]], units: int, channels: int) -> None:
    from rich.console import Console

    console = Console(width=page_width(), highlight=False)
    first, second = CELLS
    console.print(
        f"One layer of {units:,} unit{'s' * (units != 1)} that reads {channels:,} "
        f"channel{'s' * (channels != 1)}, as Keras has it"
    )
    console.print(_facts_table(facts))
    console.print("\nWhat is commonly said. Claims, not measurements: they never move the advice.")
    console.print(_claims_table())
    console.print(
        f"\n{shown_name(first)} or {shown_name(second)}? Ask the data: rnnselect recommend --help"
    )


def _facts_table(facts: dict[str, dict[str, Any]]) -> Any:
    from rich.table import Table

    first, second = facts
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="bold")
    for heading in ("", shown_name(first), shown_name(second)):
        table.add_column(heading)
    table.add_column("ratio", justify="right", style="dim")
    for label, key in (("gates", "gates"), ("states, step to step", "states")):
        table.add_row(label, *(", ".join(facts[cell][key]) for cell in facts))
    for label, key in (
        ("parameters", "n_parameters"),
        ("FLOPs of a step, forward", "flops_per_step"),
        ("bytes of the weights", "weight_bytes"),
        ("bytes of the states", "state_bytes"),
    ):
        figures = [facts[cell][key] for cell in facts]
        table.add_row(label, *(f"{n:,}" for n in figures), f"{figures[1] / figures[0]:.2f}")
    equal = [
        f"{n:,} units"
        for cell in facts
        for n in facts[cell]["units_with_as_many_parameters"].values()
    ]
    table.add_row("as large as the other with", *equal)
    return table


def _claims_table() -> Any:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="bold")
    for heading in ("task", "claim", "favours"):
        table.add_column(heading)
    for each in LESSON:
        favoured = shown_name(each.favours) if each.favours in CELLS else each.favours
        table.add_row(each.task, each.claim, favoured)
    return table
