"""Shows in the gallery what the examples printed and drew when they were last run.

Running them takes minutes. `make gallery` runs those that have changed, and keeps their pages and
pictures in docs/gallery; every other build takes them from there. A kept page counts as long as it
is of the very script that stands in examples, by sphinx-gallery's own checksum.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

DOCS = Path(__file__).parent
SCRIPTS, MADE, KEPT = DOCS.parent / "examples", DOCS / "examples", DOCS / "gallery"
# Notebooks and archives of the scripts are made where a script is run only.
DOWNLOADS = re.compile(
    r" +\.\. container:: sphx-glr-download sphx-glr-download-(jupyter|zip)\n\n.*\n\n?"
)


def kept_files(folder: Path, name: str) -> Iterator[Path]:
    """Yield what sphinx-gallery has made of one example, relative to its folder."""
    for pattern in (
        f"{name}.rst",
        f"{name}.py.md5",
        f"images/sphx_glr_{name}_[0-9]*.*",
        f"images/thumb/sphx_glr_{name}_thumb.*",
    ):
        yield from (path.relative_to(folder) for path in sorted(folder.glob(pattern)))


def is_current(script: Path) -> bool:
    """Whether what is kept of a script is of its present text."""
    checksum = KEPT / f"{script.name}.md5"
    text = script.read_text(encoding="utf-8")
    return checksum.exists() and checksum.read_text() == hashlib.md5(text.encode()).hexdigest()


def take(app) -> None:
    """Put what is kept where sphinx-gallery looks before it runs what has changed."""
    if _runs_examples(app):  # a page without output counts as made, too
        shutil.rmtree(MADE, ignore_errors=True)
    for script in filter(is_current, SCRIPTS.glob("*.py")):
        _copy(KEPT, MADE, script.stem)


def keep(app, error) -> None:
    """Keep what the examples have printed and drawn."""
    if error is None and _runs_examples(app):
        shutil.rmtree(KEPT, ignore_errors=True)
        for script in SCRIPTS.glob("*.py"):
            _copy(MADE, KEPT, script.stem)
            page = KEPT / f"{script.stem}.rst"
            page.write_text(DOWNLOADS.sub("", page.read_text(encoding="utf-8")), encoding="utf-8")


def _runs_examples(app) -> bool:
    return str(app.config.plot_gallery) == "True"


def _copy(source: Path, target: Path, name: str) -> None:
    for path in kept_files(source, name):
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source / path, target / path)


def setup(app) -> dict[str, bool]:
    """Come before sphinx-gallery, whose priority is the usual 500."""
    app.connect("builder-inited", take, priority=100)
    app.connect("build-finished", keep)
    return {"parallel_read_safe": True}
