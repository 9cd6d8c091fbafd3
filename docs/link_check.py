"""Checks the links of the built pages without a network; what is broken is a warning of the build.

python docs/link_check.py docs/_build/html
"""

import re
import sys
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LINKING = {"href", "src", "data"}
HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}(:\d+)?", re.IGNORECASE)
OTHER_SCHEMES = {"data", "mailto"}


class Page(HTMLParser):
    """What a page links to, and where it can be linked to."""

    def __init__(self):
        super().__init__()
        self.links, self.anchors = [], set()

    def handle_starttag(self, tag, attrs):
        """Take the links and the anchors of an element."""
        for name, value in attrs:
            if name == "id" or (name == "name" and tag == "a"):
                self.anchors.add(value)
            elif name in LINKING:
                self.links.append(value or "")


def broken_links(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yield page, link and what is wrong with it, for all pages of a folder.

    Links within the folder must lead to a file, and to an anchor of it where they name one. Of
    others only the form is looked at.
    """
    for path in sorted(folder.rglob("*.html")):
        if "_static" in path.relative_to(folder).parts:
            continue  # the theme's
        for link in dict.fromkeys(_read(path).links):
            if wrong := _wrong(link, path, folder):
                yield path.relative_to(folder).as_posix(), link, wrong


def _wrong(link: str, path: Path, folder: Path) -> str:
    """Return what is wrong with a link, or nothing."""
    try:
        url = urlsplit(link)
    except ValueError as error:
        return str(error)
    if url.scheme in OTHER_SCHEMES:
        return ""
    if url.scheme or url.netloc:
        if url.scheme not in ("http", "https"):
            return f"its scheme is {url.scheme!r}, not https"
        is_sound = HOST.fullmatch(url.netloc) and not re.search(r"\s", link)
        return "" if is_sound else "it is not a well-formed address"
    target = (path.parent / unquote(url.path)).resolve() if url.path else path
    if target.is_dir():
        target /= "index.html"
    if not target.is_file():
        return "there is no such file"
    if not target.is_relative_to(folder.resolve()):
        return "it leads out of the pages"
    is_anchored = url.fragment and target.suffix == ".html"
    if is_anchored and unquote(url.fragment) not in _read(target).anchors:
        return "there is no such place on the page"
    return ""


@cache
def _read(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def _warn(app, exception):
    """Warn of each broken link of a build that has succeeded."""
    from sphinx.util import logging

    if exception is None and app.builder.format == "html":
        _read.cache_clear()
        for page, link, wrong in broken_links(Path(app.outdir)):
            logging.getLogger(__name__).warning(
                "link to %r: %s", link, wrong, location=page.removesuffix(".html")
            )


def setup(app):
    """Check after each build, when all other extensions have written."""
    app.connect("build-finished", _warn, priority=900)
    return {"version": "1", "parallel_read_safe": True}


if __name__ == "__main__":
    found = list(broken_links(Path(sys.argv[1])))
    sys.exit("\n".join(map(": ".join, found)) or 0)
