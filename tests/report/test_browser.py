"""The report in a real browser: what people see, and what their assistive software does.

Needs a browser (see the fixture) and the package axe-playwright-python. Leaves screenshots and the
print in .ci/artefacts.
"""

import re
from pathlib import Path

import pytest

from rnnselect.advice.evidence import matching_evidence

pytestmark = pytest.mark.slow

ARTEFACTS = Path(__file__).parents[2] / ".ci" / "artefacts"
WIDTHS = (390, 1280)
SCHEMES = ("light", "dark")
MOST_PAGES = 5  # of A4; a cut or a misplaced break would need more
A4_POINTS = (595, 842)


@pytest.fixture(scope="module", params=["race", "untested"])
def report(request, make_recommendation, tmp_path_factory):
    """Return the address of a report."""
    situation = {
        "race": {
            "differences": [1.0, -0.5, 0.3, 2.0, 0.1],
            "budget": 60.0,
            "code": "advisor = RNNAdvisor(budget='60s', random_state=0)",
            "evidence": matching_evidence("forecasting"),
        },
        "untested": {"budget": 5.0},
    }[request.param]
    path = tmp_path_factory.mktemp("report") / f"{request.param}.html"
    return make_recommendation(**situation).report(path)


@pytest.fixture
def opened(browser, report):
    """Return a function that opens the report and watches for errors and requests."""
    pages, troubles = [], []

    def open_page(**options):
        page = browser.new_page(**options)
        pages.append(page)
        page.on("console", lambda message: troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("requestfailed", lambda request: troubles.append(request.url))
        page.on(
            "request",
            lambda request: (
                request.url.startswith(("file:", "data:")) or troubles.append(request.url)
            ),
        )
        page.goto(report.as_uri())
        return page

    yield open_page
    for page in pages:
        page.close()
    assert troubles == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_cut_at_any_width_in_light_and_dark(opened, report, width, scheme):
    page = opened(viewport={"width": width, "height": 900}, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for picture in page.locator("figure svg").all():
        box = picture.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["width"] >= 300
    paper, ink = (
        sum(map(int, re.findall(r"\d+", page.evaluate(f"getComputedStyle(document.body).{each}"))))
        for each in ("backgroundColor", "color")
    )
    assert (paper > ink) is (scheme == "light")
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    name = f"{report.stem}-{width}-{scheme}.png"
    page.screenshot(path=ARTEFACTS / name, full_page=True)


def test_the_slider_answers_to_the_keyboard(opened):
    page = opened()
    slider, answer = page.get_by_label("And with another budget?"), page.locator("#answer")
    own = answer.inner_text()
    assert "(yours)" in own
    slider.focus()
    page.keyboard.press("Home")
    assert "without a test" in answer.inner_text()
    page.keyboard.press("End")
    assert answer.inner_text().startswith("no limit")
    assert slider.get_attribute("aria-valuetext") == "no limit"
    assert "would have been planned" in answer.inner_text()


def test_everything_is_reached_by_the_keyboard(opened):
    page = opened()
    wanted = page.locator("summary, input, [tabindex='0'], a[href]").locator("visible=true").count()
    reached = set()
    for _ in range(wanted + 1):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("[...document.all].indexOf(document.activeElement)"))
    assert len(reached) >= wanted


def test_print_has_all_pictures_whole(opened, report):
    page = opened(color_scheme="dark")
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    path = ARTEFACTS / f"{report.stem}.pdf"
    printed = page.pdf(path=path, format="A4", print_background=True)
    n_pages = len(re.findall(rb"/Type\s*/Page\b", printed))
    assert 1 <= n_pages <= MOST_PAGES
    page.emulate_media(media="print", color_scheme="dark")
    page.set_viewport_size(dict(zip(("width", "height"), A4_POINTS, strict=True)))
    for figure in page.locator("figure").all():
        assert figure.evaluate("element => getComputedStyle(element).breakInside") == "avoid"
        box = figure.locator("svg").bounding_box()
        assert box["width"] <= A4_POINTS[0]
        assert box["height"] <= A4_POINTS[1] / 2
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == "rgb(255, 255, 255)"
    assert not page.locator("#budget").is_visible()
    assert page.get_by_role("table", name="With other budgets").is_visible()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_no_serious_violation(opened, scheme):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    )
    page = opened(viewport={"width": 390, "height": 900}, color_scheme=scheme)
    for summary in page.locator("summary").all():
        summary.click()
    found = axe.Axe().run(page).response["violations"]
    assert [
        (each["id"], each["impact"], [node["html"] for node in each["nodes"]][:3]) for each in found
    ] == []


def test_without_scripts_there_is_a_table(opened):
    page = opened(java_script_enabled=False)
    assert not page.locator("#budget").is_visible()
    assert page.get_by_role("table", name="With other budgets").first.is_visible()
