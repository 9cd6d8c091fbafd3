"""Lets Atheris look for files of one kind that reach new code; stops at the first failure.

    pip install atheris     # 3.0; Linux, CPython 3.11 to 3.13
    python benchmarks/fuzz/coverage_guided.py KIND [-runs=100000] [-max_total_time=60]

Options are those of libFuzzer. What is found is kept in results/, and tried first the next time.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["rnnselect"]):
    from targets import TARGETS

RESULTS = Path(__file__).resolve().parent / "results"


def main() -> None:
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(f"error: name a kind of files: {', '.join(TARGETS)}")
    kind = sys.argv.pop(1)
    target = TARGETS[kind]
    corpus = RESULTS / f"corpus, {kind}"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, content in enumerate(target.originals()):
        (corpus / f"original-{number}").write_bytes(content)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"input{target.suffix}"

        def read_one(content: bytes) -> None:
            path.write_bytes(content)
            with suppress(target.documented):
                target.read(path)

        atheris.Setup([*sys.argv, f"-artifact_prefix={RESULTS}/", str(corpus)], read_one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
