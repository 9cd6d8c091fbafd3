"""Pictures as SVG inside a page: in its colours, as wide as it, and described in words."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup, escape

from rnnselect.report.pictures.palette import EQUIVALENT, FIRST, SECOND
from rnnselect.report.pictures.picture import Picture

__all__ = ["inline_svg"]

# The width of a telephone of 390 px within the page's margins: there, 10 pt print as 13 px.
WIDTH_INCHES = 3.7
FONT_POINTS = 10
# What the page's own text colour takes the place of; no picture uses it for anything else.
INK = "#010203"
# The page sets these for light and for dark; the colour after the comma is for viewers that
# know no variables.
_VARIABLES = {
    INK: "currentColor",
    FIRST: f"var(--first, {FIRST})",
    SECOND: f"var(--second, {SECOND})",
    EQUIVALENT: f"var(--equivalent, {EQUIVALENT})",
    "#ffffff": "var(--paper, #ffffff)",
}
_STYLE = {
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "font.family": "DejaVu Sans",  # comes with matplotlib, so every machine draws the same
    "font.size": FONT_POINTS,
    "svg.fonttype": "path",  # no reader's fonts can move or cut a label
    "svg.hashsalt": "rnnselect",  # the same data, the same file
    "text.color": INK,
    "text.parse_math": False,  # a name with a dollar sign is a name
    "xtick.color": INK,
    "ytick.color": INK,
}


def inline_svg(picture: Picture, data: Mapping[str, Any]) -> Markup:
    """Draw a picture as an ``<svg>`` element.

    Parameters
    ----------
    picture : Picture
        What to draw.
    data : dict
        What its `select` returned.

    Returns
    -------
    Markup
        Without background, as wide as its place, all identifiers beginning with the picture's
        name.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    """
    from matplotlib import style
    from matplotlib.figure import Figure

    with style.context(["default", _STYLE]):
        figure = Figure((WIDTH_INCHES, picture.height_inches), layout="constrained")
        picture.draw(figure.subplots(), data)
        file = io.StringIO()
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    return _embedded(file.getvalue(), picture, data)


def _embedded(svg: str, picture: Picture, data: Mapping[str, Any]) -> Markup:
    body = svg[svg.index(">", svg.index("<svg")) + 1 :]
    # Comments repeat the labels, which may be anything that users call their scorers.
    body = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", body, flags=re.DOTALL)
    name = picture.name
    body = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", body)
    for colour, variable in _VARIABLES.items():
        body = body.replace(colour, variable)
    box = re.search(r'viewBox="([^"]+)"', svg)
    assert box is not None, "matplotlib gives every SVG a viewBox"
    title, description = escape(picture.title), escape(picture.describe(data))
    return Markup(
        f'<svg xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="{box[1]}" role="img" '
        f'aria-labelledby="{name}-title {name}-words"><title id="{name}-title">{title}</title>'
        f'<desc id="{name}-words">{description}</desc>{body}'
    )
