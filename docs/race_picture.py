"""Runs the race of README's first picture, and draws it: python docs/race_picture.py."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

PICTURE = Path(__file__).parent / "images" / "race.svg"
SIZE_INCHES = (7.2, 4.4)
# The same race, the same file; and no reader's fonts can move a label.
STYLE = {"svg.fonttype": "path", "svg.hashsalt": "rnnselect", "font.family": "DejaVu Sans"}


def main() -> None:
    """Race on README's data, all five folds, so that there is something to see."""
    from rnnselect import RNNAdvisor
    from rnnselect.datasets import load_digits_sequences

    X, y = load_digits_sequences()
    PICTURE.write_text(drawn(RNNAdvisor(min_gain=0, random_state=0).recommend(X, y)))


def drawn(recommendation: Any) -> str:
    """Return a race as SVG, on white paper: README has no colours of its own."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    from rnnselect import RaceDisplay

    with rc_context(STYLE):
        figure = Figure(SIZE_INCHES, layout="constrained", facecolor="white")
        RaceDisplay.from_recommendation(recommendation, ax=figure.subplots())
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None})
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines()) + "\n"


if __name__ == "__main__":
    main()
