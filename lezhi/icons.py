"""The style sheet of the icons in use, extracted from Bootstrap Icons (MIT licence).

The whole icon font has 130 KB; the hundred icons in use have a tenth of it. `icons.txt` lists their names,
`manage.py build_icons` writes `icons.css`, and both are committed.
"""

import re
from pathlib import Path

STATIC = Path(__file__).parent / "static" / "lezhi"
NAMES = STATIC / "icons.txt"
STYLES = STATIC / "icons.css"

HEAD = """/* Written by `manage.py build_icons` from icons.txt; do not edit.
   Drawings: Bootstrap Icons, https://icons.getbootstrap.com, MIT licence, (c) The Bootstrap Authors. */
.bi::before { content: ""; display: inline-block; width: 1em; height: 1em; vertical-align: -.125em;
  background: currentColor; -webkit-mask: var(--bi) center / contain no-repeat;
  mask: var(--bi) center / contain no-repeat; }
@media (forced-colors: active) { .bi::before { background: CanvasText; forced-color-adjust: none; } }
"""


def names():
    """The names of the icons in use, sorted."""
    return sorted(set(NAMES.read_text(encoding="utf-8").split()))


def sheet(drawings):
    """Returns the style sheet for `drawings`, pairs of a name and the text of its SVG file."""
    return HEAD + "".join(rule(name, svg) for name, svg in drawings)


def rule(name, svg):
    return f'.bi-{name} {{ --bi: url("data:image/svg+xml,{data_uri_tail(svg)}"); }}\n'


def data_uri_tail(svg):
    """An SVG file as the end of a data URI: no line breaks, no class, single quotes, `<>#%` escaped."""
    body = re.sub(r"\s+", " ", re.search(r"<svg[^>]*>(.*)</svg>", svg, re.S)[1]).strip().replace("> <", "><")
    text = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">{body}</svg>'
    return re.sub(r"[<>#%]", lambda hit: f"%{ord(hit[0]):02X}", text.replace('"', "'"))
