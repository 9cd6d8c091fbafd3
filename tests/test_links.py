"""The check of the documentation's links, on pages made for it."""

import runpy
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "docs" / "link_check.py"
if not SCRIPT.exists():
    pytest.skip("the documentation is not shipped", allow_module_level=True)


@pytest.fixture
def broken(tmp_path):
    """Return a function that says what is wrong with a link on a page, or None."""
    check = runpy.run_path(str(SCRIPT))["broken_links"]
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "other.html").write_text('<h2 id="place">x</h2><a name="old"></a>')
    (tmp_path / "picture one.svg").touch()
    (tmp_path.parent / "outside.html").touch()

    def broken(link, tag="a", attribute="href"):
        page = f'<p id="here"><{tag} {attribute}="{link}"></p>'
        (tmp_path / "page.html").write_text(page)
        found = list(check(tmp_path))
        check.__globals__["_read"].cache_clear()
        assert all(each[:2] == ("page.html", link) for each in found)
        return found[0][2] if found else None

    return broken


@pytest.mark.parametrize(
    "link",
    [
        "#", "#here", "deeper/other.html", "deeper/other.html#place", "deeper/other.html#old",
        "deeper/../page.html?v=1#here", "picture%20one.svg", "https://example.org/a?b#c",
        "http://localhost.example:8000/", "mailto:a@example.org", "data:image/png;base64,AA==",
    ],
)  # fmt: skip
def test_sound_links(broken, link):
    assert broken(link) is None


@pytest.mark.parametrize(
    ("link", "reason"),
    [
        ("missing.html", "no such file"),
        ("#nowhere", "no such place"),
        ("deeper/other.html#here", "no such place"),
        ("../outside.html", "leads out"),
        ("https:/example.org", "well-formed"),
        ("https://example", "well-formed"),
        ("https://exa mple.org", "well-formed"),
        ("https://example.org/a b", "well-formed"),
        ("htps://example.org", "scheme"),
        ("javascript:alert(1)", "scheme"),
    ],
)
def test_broken_links(broken, link, reason):
    assert reason in broken(link)


@pytest.mark.parametrize(
    ("tag", "attribute"), [("img", "src"), ("script", "src"), ("link", "href")]
)
def test_what_a_page_loads_is_looked_at_as_well(broken, tag, attribute):
    assert broken("missing.js", tag, attribute) == "there is no such file"
