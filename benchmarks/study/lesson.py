"""Writes the page that holds the lesson against the study, claim by claim; see `pages.py`."""

from __future__ import annotations

import math
from itertools import groupby
from pathlib import Path

from claims import CLAIMS, MARGIN_POINTS, Claim, Row, default_rows, gaps, number
from effects import CONFIDENCE, Finding, Summary, judged, summarised
from strips import draw_strip

PICTURES = "images/lesson"
HEAD = """# The lesson, claim by claim

The textbook comparison of the two cells is a table of tendencies. Each of its claims stands here
beside what our own study measured: {n_sets} data sets of {n_families} families (a family is a
source: near-copies count once), networks with default settings unless said otherwise, both cells
on the same splits with the same seeds. Gaps are LSTM minus GRU in points (hundredths of accuracy,
or of the share of the dummy's error that is removed), so negative ones speak for GRU.

A claim *holds* if the {confidence} interval of the mean over families lies on its side of
zero, and *does not hold here* if the interval stays below what would matter ({margin:g} points, or
a tenth of the cost) on that side. In between it is *not decidable* from these data; so it is with
fewer than three families. Measured with {versions}, {dates}.

"""
SETTINGS_HEAD = """## Other settings

The same five folds of the same data sets, with one thing changed. The mean gap over families:

| setting | gap (points) | 95 % interval | sets | families |
|---|---|---|---|---|
"""


def write_lesson(rows: list[Row], docs: Path) -> None:
    """Write the page and its pictures."""
    (docs / PICTURES).mkdir(parents=True, exist_ok=True)
    sections = [section(claim, rows, docs) for claim in CLAIMS]
    text = head(rows) + overview(rows) + "".join(sections) + settings(rows)
    (docs / "lesson.md").write_text(text, encoding="utf-8")
    n_pictures = sum("{image}" in text for text in sections)
    print(f"Wrote {docs / 'lesson.md'} and {n_pictures} pictures.")


def head(rows: list[Row]) -> str:
    whole = default_rows(rows)
    dates = sorted(row["date"] for row in rows)
    return HEAD.format(
        n_sets=len({row["data"] for row in whole}),
        n_families=len({row["family"] for row in whole}),
        confidence=f"{CONFIDENCE * 100:g} %",
        margin=MARGIN_POINTS,
        versions="; ".join(sorted({row["versions"] for row in rows})),
        dates=dates[0] if dates[0] == dates[-1] else f"{dates[0]} to {dates[-1]}",
    )


def overview(rows: list[Row]) -> str:
    lines = ["| claim | measured | verdict |", "|---|---|---|"]
    for claim in CLAIMS:
        summary = summarised(claim.effects(rows))
        finding = judged(summary, claim.favoured, claim.margin)
        lines.append(f"| {claim.title} | {measured(claim, summary)} | {finding} |")
    return "\n".join(lines) + "\n\n"


def section(claim: Claim, rows: list[Row], docs: Path) -> str:
    """Return the section of one claim, and draw its picture."""
    effects = claim.effects(rows)
    summary = summarised(effects)
    finding = judged(summary, claim.favoured, claim.margin)
    parts = [f"## {claim.title}", f"Measured: {claim.measure}."]
    if effects:
        picture = f"{PICTURES}/{claim.key}.svg"
        draw_strip(docs / picture, effects, summary, is_ratio=claim.is_ratio, over=claim.over)
        parts.append(f"```{{image}} {picture}\n:alt: {alternative(claim, summary)}\n```")
    parts.append(
        f"**{finding.capitalize()}**: {measured(claim, summary)}{because(finding, summary)}."
    )
    parts += by_kind(claim, rows)
    return "\n\n".join(parts) + "\n\n"


def by_kind(claim: Claim, rows: list[Row]) -> list[str]:
    """Return a sentence on each kind of data, where there are several with an interval."""
    kinds = sorted({row["kind"] for row in rows})
    summaries = {k: summarised(claim.effects([r for r in rows if r["kind"] == k])) for k in kinds}
    found = [
        f"{kind} {mean_and_interval(claim, summary)}"
        for kind, summary in summaries.items()
        if not math.isnan(summary.low)
    ]
    return [f"By kind of data: {'; '.join(found)}."] if len(found) > 1 else []


def measured(claim: Claim, summary: Summary) -> str:
    """Return the mean effect, its interval and what it rests on."""
    if not summary.n_sets:
        return "nothing was measured"
    n_sets, n_families = counted(summary.n_sets, "set"), counted(summary.n_families, "family")
    return f"{mean_and_interval(claim, summary)}; {n_sets} of {n_families}"


def mean_and_interval(claim: Claim, summary: Summary) -> str:
    def shown(value: float) -> str:
        return f"{math.exp(value):.2f}" if claim.is_ratio else f"{value:+.2f}"

    unit = "times LSTM's" if claim.is_ratio else "points"
    mean = f"{shown(summary.mean)} {unit}"
    if math.isnan(summary.low):
        return mean
    return f"{mean} ({shown(summary.low)} to {shown(summary.high)})"


def because(finding: Finding, summary: Summary) -> str:
    if summary.n_sets and finding is Finding.NOT_DECIDABLE and math.isnan(summary.low):
        return "; too few families for an interval"
    return ""


def alternative(claim: Claim, summary: Summary) -> str:
    what = "cost ratio" if claim.is_ratio else "gap"
    return f"The {what} of each set with its interval, and the mean: {measured(claim, summary)}."


def settings(rows: list[Row]) -> str:
    """Return the table of the variants, beside the default on the same sets."""
    variants = sorted(
        (row for row in rows if row["part"] == "variants"), key=lambda row: row["setting"]
    )
    if not variants:
        return ""
    used = {row["data"] for row in variants}
    same = [row for row in default_rows(rows) if row["data"] in used]
    groups = [("default", same)]
    groups += [(name, list(own)) for name, own in groupby(variants, lambda row: row["setting"])]
    lines = []
    for name, own in groups:
        found = summarised(gaps([row for row in own if math.isfinite(number(row["gap_points"]))]))
        lines.append(
            f"| {name.replace('_', ' ')} | {found.mean:+.2f} | {found.low:+.2f} to "
            f"{found.high:+.2f} | {found.n_sets} | {found.n_families} |"
        )
    return SETTINGS_HEAD + "\n".join(lines) + "\n"


def counted(number: int, noun: str) -> str:
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"
