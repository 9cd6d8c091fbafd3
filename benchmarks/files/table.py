"""Runs the command on files as people have them, and prints what comes of it.

    python benchmarks/files/table.py [--markdown] [NAME ...]

One row a file: the options that a user must give beside ``--target`` (``read_csv`` of pandas: the
arguments that it needs for the same table, a dash where it cannot read it), what was read, and
whether that is right. Nothing is trained.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from make import CASES, Case, make
from typer.testing import CliRunner

from rnnselect.cli import app, recommend

MAX_WORDS_LETTERS = 110


class ReadError(Exception):
    """Ends the command when the file has been read."""


def run(case: Case, folder: Path) -> tuple[str, bool]:
    """Return what was read, or the sentence in its place, and whether it is what it should be."""
    problems = []

    def read_only(*args: object, **kwargs: object) -> None:
        problems.append(read_problem(*args, **kwargs))
        raise ReadError

    read_problem, recommend.read_problem = recommend.read_problem, read_only
    try:
        result = CliRunner().invoke(app, ["recommend", str(make(folder, case.name)), *case.options])
    finally:
        recommend.read_problem = read_problem
    if not problems:
        sentence = result.stderr.strip().replace(f"{folder}/", "")
        return sentence, bool(case.fails) and case.fails in sentence
    X, record = problems[0].sequences.X, problems[0].record
    shape = (len(X), 0, 0)
    if record["reading"]["form"] != "text":
        shape = len(X), max(map(len, X)), np.reshape(X[0], (len(X[0]), -1)).shape[1]
    right = not case.fails and shape == case.shape
    right &= all(words in problems[0].described for words in case.says)
    return f"{shape[0]} × {shape[1]} × {shape[2]}. {problems[0].described}", right


def main() -> None:
    """Print the table and the medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--markdown", action="store_true", help="as a table of a document")
    options = parser.parse_args()
    cases = [CASES[name] for name in options.names or CASES]
    rows, n_wrong = [], 0
    with TemporaryDirectory() as folder:
        for case in cases:
            what, right = run(case, Path(folder))
            n_wrong += not right
            shown = what if len(what) <= MAX_WORDS_LETTERS else f"{what[:MAX_WORDS_LETTERS]}..."
            pandas = "-" if case.pandas is None else str(case.pandas)
            verdict = "asks" if case.fails else "reads"
            beside = " ".join(case.options_beside_target)
            rows.append((case.name, beside, pandas, verdict if right else "WRONG", shown))
    form = "| {} | {} | {} | {} | {} |" if options.markdown else "{:28} {:38} {:>6} {:6} {}"
    print(form.format("file", "options beside --target", "pandas", "", "what was read"))
    if options.markdown:
        print("|---|---|---|---|---|")
    for row in rows:
        print(form.format(*row))
    ours = [case.n_options for case in cases]
    theirs = [case.pandas for case in cases if case.pandas is not None]
    print(
        f"\n{len(cases)} files, {n_wrong} wrong. Options beside --target: median "
        f"{statistics.median(ours):g}, mean {statistics.mean(ours):.2f}. Arguments of read_csv, "
        f"for the {len(theirs)} that it reads: median {statistics.median(theirs):g}, mean "
        f"{statistics.mean(theirs):.2f}."
    )
    sys.exit(bool(n_wrong))


if __name__ == "__main__":
    main()
