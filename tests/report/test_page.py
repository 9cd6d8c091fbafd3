"""The report and the notebooks' representations: what is in them, and how they get on disk."""

import itertools
import re
import sys
from html.parser import HTMLParser

import pytest

from rnnselect.advice.evidence import matching_evidence
from rnnselect.report import html, page

HOSTILE = "<script>alert('x')</script><img src=x onerror=alert(1)>\"' -->  $\\frac{$ & co"
VOID = {"meta", "link", "br", "hr", "img", "input"}


class Outline(HTMLParser):
    """Collects elements, identifiers, headings and scripts, and sees that all is closed."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.ids, self.addresses = [], [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        given = dict(attrs)
        if "id" in given:
            self.ids.append(given["id"])
        self.addresses += [given[key] for key in ("src", "href", "xlink:href") if key in given]
        assert not any(key.startswith("on") for key in given)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


SITUATIONS = {
    "a race": {"differences": [1.0, -0.5, 0.3], "budget": 60.0},
    "untested": {"budget": 5.0},
    "no limit": {"differences": [9.0, 8.0]},
    "worse than nothing": {"differences": [-30.0, -30.0]},
    "published comparisons": {"evidence": matching_evidence("forecasting")},
}


@pytest.fixture
def undrawn(monkeypatch):
    """Leave the pictures out, where they are not what is tested: each takes a tenth of a second."""
    monkeypatch.setattr(page, "matplotlib_is_installed", lambda: False)


@pytest.mark.parametrize("situation", SITUATIONS.values(), ids=SITUATIONS)
def test_one_file_that_is_well_formed_and_asks_for_nothing(
    situation, make_recommendation, tmp_path
):
    found = make_recommendation(**situation)
    text = found.report(tmp_path / "advice.html").read_text(encoding="utf-8")
    outline = Outline(text)

    assert len(outline.ids) == len(set(outline.ids))
    links = [each for each in outline.addresses if not each.startswith(("#", "data:"))]
    assert set(links) <= {row.source for row in situation.get("evidence", ())}
    assert not re.search(r"url\((?!#)|@import", text)
    headings = [int(each[1]) for each in outline.elements if re.fullmatch("h[1-6]", each)]
    assert headings[0] == 1
    assert headings.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(headings))
    for landmark in ("header", "main", "footer"):
        assert outline.elements.count(landmark) == 1
    assert found.headline in re.sub(r"\s+", " ", text).replace("&#39;", "'")


def test_every_picture_has_words(make_recommendation, tmp_path):
    text = make_recommendation([1.0, 2.0]).report(tmp_path / "a.html").read_text(encoding="utf-8")
    pictures = re.findall(r'<svg[^>]*role="img"[^>]*aria-labelledby="([^"]+)"', text)
    assert len(pictures) == text.count("<svg") == 4
    for names in pictures:
        for name in names.split():
            assert re.search(rf'id="{name}">[^<]+<', text)


def test_it_says_what_a_reader_wants_to_know(make_recommendation, tmp_path, undrawn):
    found = make_recommendation([1.0, -0.5], budget=60.0, code="advisor = RNNAdvisor()")
    text = found.report(tmp_path / "a.html").read_text(encoding="utf-8")
    words = re.sub(r"<[^>]+>", "", text.replace("&#39;", "'"))
    for wanted in (
        *(reason.sentence for reason in found.reasons),
        *found.what_would_change_this,
        *(reason.sentence for reason in found.plan.reasons),
        "Known from: a trial.",
        "took 12.5 s",
        "linear",
        "advisor = RNNAdvisor()",
        found.provenance.date,
        *(f"{name} {version}" for name, version in found.provenance.versions.items()),
    ):
        assert wanted in words


def test_hostile_names_do_not_become_markup(make_recommendation, tmp_path):
    found = make_recommendation(
        [1.0, 2.0], scoring=HOSTILE, baseline=HOSTILE, code=HOSTILE, sources=(HOSTILE,)
    )
    for text in (
        found.report(tmp_path / "a.html").read_text(encoding="utf-8"),
        found._repr_html_(),
        found.plan._repr_html_(),
    ):
        outline = Outline(text)
        assert "img" not in outline.elements
        assert not re.search(r"<script>\s*alert|<!--(?!\s*doctype)", text)


def test_a_hostile_address_is_no_link(make_recommendation, tmp_path, undrawn):
    from dataclasses import replace

    row = replace(matching_evidence("forecasting")[0], source="javascript:alert(1)", study=HOSTILE)
    found = make_recommendation([1.0], evidence=(row,))
    outline = Outline(found.report(tmp_path / "a.html").read_text(encoding="utf-8"))
    assert not any(each.startswith("javascript") for each in outline.addresses)


def test_without_matplotlib_there_are_tables_and_a_line_that_says_why(
    make_recommendation, tmp_path, monkeypatch
):
    monkeypatch.setattr(page, "matplotlib_is_installed", lambda: False)
    for module in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.setitem(sys.modules, module, None)
    found = make_recommendation([1.0, -0.5])
    text = found.report(tmp_path / "a.html").read_text(encoding="utf-8")
    Outline(text)
    assert "<svg" not in text
    assert "pip install matplotlib" in text
    assert '<th scope="row">1</th><td>0.800</td><td>0.810</td><td>0.500</td><td>0.600</td>' in text


def test_the_same_recommendation_is_the_same_file(make_recommendation, tmp_path):
    first, second = (
        make_recommendation([1.0]).report(tmp_path / name).read_bytes() for name in ("a", "b")
    )
    assert first == second


def test_probabilities_are_drawn_where_they_were_measured(make_recommendation):
    bars = [
        '<div class="bar"' in found._repr_html_()
        for found in (make_recommendation(budget=5.0), make_recommendation([1.0]))
    ]
    assert bars == [False, True]


def test_without_a_margin_there_are_two_outcomes(make_recommendation):
    record = make_recommendation([1.0]).to_dict()
    record["rules"]["rope_points"] = 0.0
    assert [each["words"] for each in html.outcomes(record)] == ["GRU better", "LSTM better"]


def test_a_cell_keeps_its_colour_whichever_comes_first(make_recommendation):
    record = make_recommendation([1.0]).to_dict()
    usual = {each["words"]: each["colour"] for each in html.outcomes(record)}
    swapped = html.outcomes({**record, "cells": ("lstm", "gru")})
    assert [each["words"] for each in swapped] == ["LSTM better", "equivalent", "GRU better"]
    assert {each["words"]: each["colour"] for each in swapped} == usual
    assert [each["kind"] for each in swapped] == ["second", "equivalent", "first"]


def test_all_models_are_in_the_table_and_the_best_is_marked(make_recommendation, undrawn, tmp_path):
    found = make_recommendation([1.0, -0.5], baseline="trees", level=59.5)
    rows = html.score_rows(found.to_dict())
    assert [row["name"] for row in rows] == ["GRU", "LSTM", "prediction without learning", "trees"]
    assert [row["name"] for row in rows if row["best"]] == ["trees"]
    for text in (found._repr_html_(), found.report(tmp_path / "a.html").read_text("utf-8")):
        assert re.findall(r'scope="row">(.*?) \(best\)<', text) == ["trees"]


@pytest.mark.parametrize(
    ("scores", "baselines", "best"),
    [
        ({"gru": (0.8, 0.9), "lstm": (0.9, 0.8)}, {"trees": (0.5, 0.5)}, ["GRU", "LSTM"]),
        ({"gru": (0.8, 0.9), "lstm": (0.95,)}, {}, ["GRU"]),  # left the race early
        ({"gru": (float("nan"),), "lstm": (float("nan"),)}, {"trees": (0.5,)}, ["trees"]),
        ({"gru": (), "lstm": ()}, {"trees": (0.5,)}, ["trees"]),
        ({"gru": (), "lstm": ()}, {}, []),
    ],
)
def test_the_best_model_ran_all_folds(scores, baselines, best, make_recommendation):
    record = make_recommendation([1.0]).to_dict()
    rows = html.score_rows({**record, "scores": scores, "baseline_scores": baselines})
    assert [row["name"] for row in rows if row["best"]] == best


def test_a_finished_search_has_a_report(make_recommendation, tmp_path, undrawn):
    from dataclasses import replace

    found = replace(make_recommendation([1.0, 2.0]), plan=None, predicted_seconds=None)
    text = found.report(tmp_path / "a.html").read_text(encoding="utf-8")
    Outline(text)
    assert 'type="range"' not in text


def test_an_old_report_is_replaced_at_once(tmp_path, monkeypatch):
    path = tmp_path / "advice.html"
    path.write_text("old")

    def full_disk(self, *args, **kwargs):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full_disk)
        with pytest.raises(OSError, match="No space left"):
            page.write_page("new", path)
    assert path.read_text() == "old"
    assert page.write_page("new", str(path)) == path
    assert path.read_text() == "new"
    assert [each.name for each in tmp_path.iterdir()] == ["advice.html"]


def test_a_full_disk(make_recommendation, tmp_path, undrawn, full_disk):
    found = make_recommendation([1.0, 2.0])
    path = tmp_path / "advice.html"
    with full_disk(), pytest.raises(OSError, match=r"File too large.*is kept: .* has room"):
        found.report(path)
    assert list(tmp_path.iterdir()) == []
    assert found.report(path).stat().st_size > 10_000


def test_paths_that_cannot_be_written(tmp_path):
    missing = tmp_path / "missing" / "advice.html"
    for path, kind in ((missing, FileNotFoundError), (tmp_path, IsADirectoryError)):
        with pytest.raises(kind, match=r"path='.*' cannot be written: .*recommendation is kept"):
            page.write_page("new", path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("situation", SITUATIONS.values(), ids=SITUATIONS)
def test_notebooks_show_a_fragment(situation, make_recommendation):
    found = make_recommendation(**situation)
    for shown in (found, found.plan):
        outline = Outline(shown._repr_html_())
        assert outline.elements[0] == "div"
        assert not {"script", "html", "link"} & set(outline.elements)
    assert found.headline in found._repr_html_().replace("&#39;", "'")
