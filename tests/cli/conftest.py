import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

import rnnselect
from rnnselect.cli import app

N_SERIES, N_STEPS = 40, 6


@pytest.fixture
def run(monkeypatch):
    # Colours would stand between the words of the help, and its width is the terminal's.
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "100")
    return lambda *arguments: CliRunner().invoke(
        app, [str(each) for each in arguments], prog_name="rnnselect"
    )


@pytest.fixture
def tables(tmp_path):
    """The same problem as files of every form, by name."""
    rng = np.random.default_rng(0)
    steps = rng.normal(size=(N_SERIES, N_STEPS)).round(3)
    kinds = np.where(steps.mean(axis=1) > np.median(steps.mean(axis=1)), "up", "down")
    files = {
        name: tmp_path / name
        for name in ("wide.csv", "long.parquet", "texts.tsv", "arrays.npz", "rows.csv", "two.ts")
    }
    wide = {f"t{k}": steps[:, k] for k in range(N_STEPS)}
    pl.DataFrame({"id": np.arange(N_SERIES), **wide, "kind": kinds}).write_csv(files["wide.csv"])
    pl.DataFrame(
        [
            (f"s{i}", k, steps[i, k], -steps[i, k], kinds[i])
            for i in range(N_SERIES)
            for k in range(N_STEPS)
        ],
        schema=["case", "time", "a", "b", "label"],
        orient="row",
    ).write_parquet(files["long.parquet"])
    texts = [" ".join(["the film was", "good" if k == "up" else "bad"]) for k in kinds]
    pl.DataFrame({"review": texts, "label": kinds}).write_csv(files["texts.tsv"], separator="\t")
    np.savez(files["arrays.npz"], X=steps, y=steps.mean(axis=1))
    pl.DataFrame({**{name: steps[:, k] for k, name in enumerate("abcdef")}, "y": kinds}).write_csv(
        files["rows.csv"]
    )
    lines = [f"{','.join(map(str, row))}:{kind}" for row, kind in zip(steps, kinds, strict=True)]
    files["two.ts"].write_text("\n".join(["@classLabel true up down", "@data", *lines]))
    return files


@pytest.fixture
def kept(monkeypatch):
    """Models of any kind by their paths, where `load` finds them."""
    kept = {}

    monkeypatch.setattr(rnnselect, "load", lambda path, return_metadata: kept[path])
    return kept
