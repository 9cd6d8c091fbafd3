import math
import re
import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STUDY = ROOT / "benchmarks" / "study"
if not STUDY.exists():
    pytest.skip("the benchmarks are not shipped", allow_module_level=True)
sys.path.append(str(STUDY))

from atlas import count, page, points_of, signed  # noqa: E402
from claims import gaps  # noqa: E402
from effects import Effect  # noqa: E402

HOSTILE = "</td><script>alert(1)</script>\n``````\n\n# `<b>"


def row(data, gap, error="1", n_splits="5", **other):
    return {
        "data": data, "family": data, "part": "default", "setting": "default", "kind": "text",
        "topic": "next_event", "n_samples": "300", "median_length": "12", "n_channels": "1",
        "gap_points": gap, "gap_points_se": error, "n_splits": n_splits, "date": "2026-01-02",
        "versions": "rnnselect 0.1.0", **other,
    }  # fmt: skip


ROWS = [
    row("even", "0", "0"),
    row("lstm", "9", "2", kind="univariate", n_samples="3000", median_length="250"),
    row("gru", "-1.5", "2.5", n_channels="6"),
    row("once", "4", "", n_splits="1", n_samples="40"),
    row("unknown", "", ""),
]


@pytest.mark.parametrize(("degrees", "factor"), [(math.inf, 1.96), (4, 2.776), (29, 2.045)])
def test_intervals_are_those_of_student(degrees, factor):
    effect = Effect("a", "a", 1.0, 2.0, degrees=degrees)
    assert effect.half_width == pytest.approx(2 * factor, rel=1e-3)


def test_the_spread_of_few_pairs_tells_little_of_an_error():
    folds, curve = gaps([row("a", "1"), row("a", "1", setting="default/n=50")])
    assert (folds.degrees, curve.degrees) == (4, math.inf)


def test_a_point_for_each_gap_gru_first():
    points = points_of(ROWS)
    assert [point.effect.data for point in points] == ["gru", "even", "once", "lstm"]
    assert [point.is_clear for point in points] == [False, False, False, True]
    assert points[2].interval is None
    assert points[3].interval == pytest.approx((9 - 5.553, 9 + 5.553), abs=1e-3)
    assert count(points) == {"n": 4, "gru": 1, "gru_clear": 0, "lstm": 2, "lstm_clear": 1}


@pytest.mark.parametrize(
    ("value", "text"), [(-1.26, "−1.3"), (0.04, "0.0"), (-0.04, "0.0"), (2.0, "+2.0")]
)
def test_signs(value, text):
    assert signed(value) == text


def test_the_table_and_the_map_hold_every_point():
    text = page(points_of(ROWS), ROWS)
    for k in range(4):
        assert text.count(f'<tr id="atlas-{k}">') == text.count(f'id="atlas-map-{k}"') == 1
    assert "4 data sets" in text
    assert "<td>one pair</td>" in text
    assert "unknown" not in text
    assert not re.search(r"(src|href)=\"(?!_static/|#)", text)  # nothing from elsewhere
    assert "<style" not in text  # of the picture; it would be the whole page's


def test_names_are_escaped():
    text = page(points_of(rows := [row(HOSTILE, "1", topic=HOSTILE, kind=HOSTILE)]), rows)
    assert "<script>alert" not in text
    assert "<b>" not in text
    assert text.count("``````") == 6  # three blocks of HTML; a name ends none


@pytest.fixture
def opened(browser, tmp_path):
    """Return the atlas in a browser; ends with a check that nothing went wrong there."""
    text = page(points_of(ROWS), ROWS)
    blocks = re.findall(r"^`{6}\{raw\} html\n(.*?)^`{6}$", text, re.DOTALL | re.MULTILINE)
    path = tmp_path / "atlas.html"
    path.write_text(f'<!doctype html><html lang="en"><title>Atlas</title>{"".join(blocks)}</html>')
    shutil.copytree(ROOT / "docs" / "_static", tmp_path / "_static")
    opened, troubles = browser.new_page(), []
    opened.on("console", lambda message: troubles.append(message.text))
    opened.on("pageerror", lambda error: troubles.append(str(error)))
    opened.goto(path.as_uri())
    yield opened
    opened.close()
    assert troubles == []


def names(opened):
    rows = opened.locator("#atlas-table tbody tr:visible th")
    return rows.all_inner_texts()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("field", "value", "left"),
    [
        ("name", "U", ["gru"]),
        ("samples-from", "1000", ["lstm"]),
        ("samples-to", "40", ["once"]),
        ("steps-to", "12", ["gru", "even", "once"]),
        ("channels-from", "2", ["gru"]),
    ],
)
def test_filters(opened, field, value, left):
    opened.fill(f"[name={field}]", value)
    assert names(opened) == left
    assert opened.inner_text("#atlas-shown").startswith(f"{len(left)} of 4 data sets")
    assert opened.locator("svg .atlas-out").count() == 4 - len(left)  # the map follows
    opened.get_by_role("button", name="Show all").click()
    opened.wait_for_function("!document.querySelector('tr[hidden]')")


@pytest.mark.slow
def test_sorts_with_the_keyboard(opened):
    opened.select_option("[name=kind]", "text")
    assert names(opened) == ["gru", "even", "once"]
    header = opened.get_by_role("columnheader", name="n", exact=True)
    header.get_by_role("button").focus()
    opened.keyboard.press("Enter")
    assert names(opened) == ["once", "gru", "even"]
    opened.keyboard.press("Enter")
    assert names(opened)[-1] == "once"
    assert header.get_attribute("aria-sort") == "descending"


@pytest.mark.slow
def test_no_barriers(opened):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = axe.run(opened, options={"preload": False}).response["violations"]
    serious = [each["id"] for each in found if each["impact"] in ("serious", "critical")]
    assert serious == []
