"""Makes all that is published of the study: the evidence table, the lesson and the atlas.

    python benchmarks/study/pages.py [--table FILE] [--docs FOLDER] [--keep-table]

The table is made of the newest records in results/ (see table.py), unless it is to be kept as it
is; the pages are made of the table.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from atlas import write_atlas
from claims import read_rows
from lesson import write_lesson
from table import newest_records, write_table

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--table", type=Path, default=ROOT / "rnnselect/advice/data/evidence.csv")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs")
    parser.add_argument("--keep-table", action="store_true", help="make the pages of it as it is")
    options = parser.parse_args()
    if not options.keep_table:
        write_table(options.table, newest_records())
    rows = read_rows(options.table)
    write_lesson(rows, options.docs)
    write_atlas(rows, options.docs)


if __name__ == "__main__":
    main()
