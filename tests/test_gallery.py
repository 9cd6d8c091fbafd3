"""The gallery shows what the examples of this very text have printed and drawn."""

import re
import runpy
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
if not DOCS.exists():
    pytest.skip("the documentation is not shipped", allow_module_level=True)
SCRIPTS = sorted((ROOT / "examples").glob("*.py"))
KEPT = runpy.run_path(str(DOCS / "kept_gallery.py"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_what_is_kept_of_an_example_is_whole_and_of_its_present_text(script):
    assert KEPT["is_current"](script), f"{script.name} has changed: run make gallery"
    page = (DOCS / "gallery" / f"{script.stem}.rst").read_text(encoding="utf-8")
    assert ".. code-block:: none" in page  # what was printed
    pictures = re.findall(r"image-sg:: /examples/(images/\S+)", page)
    assert bool(pictures) is bool(re.search(r"Display|pyplot", script.read_text(encoding="utf-8")))
    kept = set(map(str, KEPT["kept_files"](DOCS / "gallery", script.stem)))
    assert kept >= set(pictures)
    downloads = re.findall(r":download:`[^<]*<(.*?)>`", page)
    assert downloads == [script.name]


def test_nothing_is_kept_of_examples_that_are_gone():
    kept = {
        path for script in SCRIPTS for path in KEPT["kept_files"](DOCS / "gallery", script.stem)
    }
    files = {p.relative_to(DOCS / "gallery") for p in (DOCS / "gallery").rglob("*") if p.is_file()}
    assert files == kept


@pytest.fixture
def gallery(tmp_path, monkeypatch):
    """Folders of a gallery of one script, known to the extension."""
    folders = {name: tmp_path / name.lower() for name in ("SCRIPTS", "MADE", "KEPT")}
    for name, folder in folders.items():
        folder.mkdir()
        monkeypatch.setitem(KEPT["take"].__globals__, name, folder)
    shutil.copy(SCRIPTS[0], folders["SCRIPTS"] / "one.py")
    shutil.copy(DOCS / "gallery" / f"{SCRIPTS[0].stem}.rst", folders["KEPT"] / "one.rst")
    checksum = DOCS / "gallery" / f"{SCRIPTS[0].name}.md5"
    shutil.copy(checksum, folders["KEPT"] / "one.py.md5")
    return SimpleNamespace(**folders)


def builder(plot):
    return SimpleNamespace(config=SimpleNamespace(plot_gallery=plot))


def test_a_build_takes_what_is_kept_unless_the_script_has_changed(gallery):
    KEPT["take"](builder("False"))
    assert (gallery.MADE / "one.rst").read_bytes() == (gallery.KEPT / "one.rst").read_bytes()
    (gallery.MADE / "one.rst").unlink()
    (gallery.SCRIPTS / "one.py").write_text("print('other')")
    KEPT["take"](builder("False"))
    assert not (gallery.MADE / "one.rst").exists()


def test_a_run_forgets_what_is_made_and_keeps_what_comes_of_it(gallery):
    (gallery.MADE / "old.rst").touch()
    KEPT["take"](builder("True"))
    assert {path.name for path in gallery.MADE.iterdir()} == {"one.rst", "one.py.md5"}
    (gallery.MADE / "one.rst").write_text("new")
    KEPT["keep"](builder("True"), error=RuntimeError())
    KEPT["keep"](builder("False"), error=None)
    assert (gallery.KEPT / "one.rst").read_text() != "new"
    KEPT["keep"](builder("True"), error=None)
    assert {path.name for path in gallery.KEPT.iterdir()} == {"one.rst", "one.py.md5"}
    assert (gallery.KEPT / "one.rst").read_text() == "new"


@pytest.mark.parametrize("page", ["README.md", "docs/index.rst"])
def test_the_first_thing_to_see_is_a_race(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    assert (
        0 < text.index("images/race.svg") < text.index("```" if page == "README.md" else "literal")
    )


def test_the_picture_of_the_race_is_what_its_script_draws(make_recommendation):
    script = runpy.run_path(str(DOCS / "race_picture.py"))
    found = make_recommendation([1.0, -0.5, 0.3, 0.2, 0.1])
    svg = script["drawn"](found)
    assert svg == script["drawn"](found)
    kept = script["PICTURE"].read_text(encoding="utf-8")
    # The same kind of picture, of other numbers: as many groups of marks, labels and axes.
    assert re.findall(r'<svg [^>]*width="\S+"', kept) == re.findall(r'<svg [^>]*width="\S+"', svg)
    assert "#0072b2" in kept
    assert "#d55e00" in kept
