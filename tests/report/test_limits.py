import io

import pytest
from rich.console import Console

from rnnselect.report.limits import excess_text, limits_table, quantity_text


@pytest.mark.parametrize(
    ("limit", "value", "text"),
    [
        ("max_parameters", 4738, "4,738"),
        ("max_parameters", 12_345_678, "12,345,678"),
        ("memory", 512, "0.51 kB"),
        ("memory", 452_440_000, "450 MB"),
        ("memory", 999_900_000, "1 GB"),
        ("memory", 2_160_000_000_000, "2.2 TB"),
        ("memory", 2.5e18, "2,500,000 TB"),
        ("max_latency", 4.2e-7, "0.42 µs"),
        ("max_latency", 0.0061, "6.1 ms"),
        ("max_latency", 0.9999, "1 s"),
        ("max_latency", 1234.0, "1,200 s"),
    ],
)
def test_quantities(limit, value, text):
    assert quantity_text(limit, value) == text


@pytest.mark.parametrize(
    ("value", "allowed", "text"),
    [
        (3e9, 2e9, "3 GB"),
        (2.04e9, 2e9, "2.04 GB"),
        (2.12e9, 2.115e9, "2.12 GB"),
        (2.0001e9, 2e9, "2.0001 GB"),
    ],
)
def test_what_exceeds_a_limit_is_seen_to_exceed_it(value, allowed, text):
    assert excess_text("memory", value, allowed) == text


def test_table():
    both = {"gru": 3648, "lstm": 4736}
    limits = [
        {"name": "max_parameters", "allowed": 4000, "values": both, "source": "arithmetic"},
        {"name": "memory", "allowed": 2**31, "source": "arithmetic",
         "values": {"gru": 2.2e8, "lstm": 2.1e8}},
        {"name": "max_latency", "allowed": 0.002, "source": "measured",
         "values": {"gru": 0.0021, "lstm": 0.00204}},
    ]  # fmt: skip
    console = Console(file=io.StringIO(), width=96, color_system=None)
    console.print(limits_table(limits))
    heading, *rows = (line.rstrip() for line in console.file.getvalue().splitlines())
    assert heading.split() == ["limits", "GRU", "LSTM", "at", "most", "kept"]
    assert [row.split("  ")[0] for row in rows] == [
        "parameters",
        "memory of training",
        "latency, measured",
    ]
    assert rows[0].split()[1:] == ["3,648", "4,736", "4,000", "not", "by", "LSTM"]
    assert rows[1].split()[3:] == ["220", "MB", "210", "MB", "2.147484", "GB", "yes"]
    assert " ".join(rows[2].split()[2:]) == "2.1 ms 2.04 ms 2 ms not by GRU and LSTM"
